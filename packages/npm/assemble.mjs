// assemble.mjs VERSION OUT PLATFORM=BINARY...: lays out the packages that are published, `keystrel` and one for each binary.
//
//   node packages/npm/assemble.mjs 0.1.0 dist/npm linux-x64=dist/x86_64/keystrel darwin-arm64=dist/aarch64-apple/keystrel
//   for package in dist/npm/@keystrel/* dist/npm/keystrel; do npm publish --provenance --access public "$package"; done
//
// Platforms are those of Node: https://nodejs.org/api/process.html#processplatform, #processarch.
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const [version, out, ...binaries] = process.argv.slice(2);
if (!/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version ?? "") || !out || binaries.length === 0) {
  console.error("usage: assemble.mjs VERSION OUT PLATFORM=BINARY...");
  process.exit(2);
}
const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const template = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));

function lay(name, fields, files) {
  const at = join(out, name);
  rmSync(at, { recursive: true, force: true });
  mkdirSync(at, { recursive: true });
  for (const [to, from] of files) copyFileSync(from, join(at, to));
  for (const licence of ["LICENSE-APACHE", "LICENSE-MIT"]) copyFileSync(join(root, licence), join(at, licence));
  writeFileSync(join(at, "package.json"), JSON.stringify({ ...template, ...fields, name, version }, null, 2) + "\n");
  return at;
}

const optionalDependencies = {};
for (const row of binaries) {
  const [platform, binary] = row.split("=", 2);
  const match = /^(linux|darwin|win32)-(x64|arm64)$/.exec(platform);
  if (!match || !binary) {
    console.error(`assemble.mjs: \`${row}\` is no PLATFORM=BINARY`);
    process.exit(2);
  }
  const [, os, cpu] = match;
  const file = os === "win32" ? "keystrel.exe" : "keystrel";
  const name = `@keystrel/${platform}`;
  const description = `${template.description}: the binary for ${platform}`;
  const at = lay(name, { description, os: [os], cpu: [cpu], bin: undefined, files: [file, "LICENSE-APACHE", "LICENSE-MIT"] }, [[file, binary]]);
  chmodSync(join(at, file), 0o755);
  optionalDependencies[name] = version;
}
lay("keystrel", { optionalDependencies }, [["keystrel.js", join(here, "keystrel.js")], ["README.md", join(root, "README.md")]]);
chmodSync(join(out, "keystrel", "keystrel.js"), 0o755);
