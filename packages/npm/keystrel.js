#!/usr/bin/env node
// Runs the binary of this platform, which is a package of its own: nothing is downloaded when this is installed, and no script runs then.
"use strict";
const { spawnSync } = require("node:child_process");

const name = `@keystrel/${process.platform}-${process.arch}`;
const file = process.platform === "win32" ? "keystrel.exe" : "keystrel";
let binary;
try {
  binary = require.resolve(`${name}/${file}`);
} catch {
  console.error(
    `keystrel: ${name} is not installed. Either there is no binary for this platform (build it: cargo install keystrel), ` +
      "or optional dependencies were left out (npm install --include=optional).",
  );
  process.exit(3);
}
const done = spawnSync(binary, process.argv.slice(2), { stdio: "inherit" });
if (done.error) {
  console.error(`keystrel: ${done.error.message}`);
  process.exit(3);
}
// Ended by a signal: as a shell tells it.
process.exit(done.status ?? 128 + (require("node:os").constants.signals[done.signal] ?? 0));
