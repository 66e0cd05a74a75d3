"""Packages: what can be tried of them without their registries."""

import fnmatch
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import unittest
from pathlib import Path

import runner
from ruamel.yaml import YAML

ROOT = runner.ROOT
VERSION = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]["version"]
INVENTORY = ROOT / "tests/cases/audit/fails/in/inventory.json"


def run(*command, cwd=ROOT, **more):
    done = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True, check=False, **more)
    return done.returncode, done.stdout + done.stderr


class Case(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name)

    def stub(self, name: str = "keystrel") -> Path:
        """A binary for packages: leads to the keystrel that is tested, which is large."""
        path = self.root / "stub" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'#!/bin/sh\nexec "{runner.binary()}" "$@"\n')
        path.chmod(0o755)
        return path

    def ok(self, *command, **more) -> str:
        code, told = run(*command, **more)
        self.assertEqual(code, 0, f"{command}: {told}")
        return told


class Npm(Case):
    def test_it_installs_and_passes_on_arguments_and_exit_codes(self):
        out = self.root / "out"
        binaries = [f"{platform}={self.stub()}" for platform in ("linux-x64", "linux-arm64", "darwin-arm64")]
        self.ok("node", "packages/npm/assemble.mjs", VERSION, out, *binaries)
        packages = [f"./{path.relative_to(out)}" for path in (out / "keystrel", *sorted((out / "@keystrel").iterdir()))]
        self.ok("npm", "pack", "--silent", *packages, cwd=out)
        use = self.root / "use"
        use.mkdir()
        (use / "package.json").write_text('{"name": "use", "private": true}')
        platform = {"x86_64": "linux-x64", "aarch64": "linux-arm64"}[os.uname().machine]
        archives = [out / f"keystrel-{VERSION}.tgz", out / f"keystrel-{platform}-{VERSION}.tgz"]
        self.ok("npm", "install", "--offline", "--no-audit", "--no-fund", "--ignore-scripts", *archives, cwd=use)
        binary = use / "node_modules/.bin/keystrel"
        self.assertEqual(self.ok(binary, "--version"), f"keystrel {VERSION}\n")
        code, told = run(binary, "audit", "--from", INVENTORY, "--control", "vault-audit-log-raw")
        self.assertEqual(code, 1, told)
        shutil.rmtree(use / "node_modules/@keystrel")
        code, told = run(binary, "--version")
        self.assertEqual(code, 3)
        self.assertIn("optional", told)

    def test_packages_are_for_one_platform_and_run_nothing(self):
        out = self.root / "out"
        self.ok("node", "packages/npm/assemble.mjs", VERSION, out, f"win32-x64={self.stub('keystrel.exe')}")
        fields = json.loads((out / "@keystrel/win32-x64/package.json").read_text())
        self.assertEqual((fields["os"], fields["cpu"], fields["version"]), (["win32"], ["x64"], VERSION))
        for path in out.glob("**/package.json"):
            self.assertNotIn("scripts", json.loads(path.read_text()))
        self.assertEqual(run("node", "packages/npm/assemble.mjs", VERSION, out, "plan9-x64=x")[0], 2)


class Wheel(Case):
    def test_a_wheel_of_a_binary_installs(self):
        tag = "py3-none-manylinux_2_17_x86_64.musllinux_1_2_x86_64"
        if os.uname().machine == "aarch64":
            tag = tag.replace("x86_64", "aarch64")
        for out in ("one", "two"):
            self.ok(sys.executable, "packages/python/wheel.py", self.root / out, f"{tag}={self.stub()}")
        one, two = (next((self.root / out).iterdir()) for out in ("one", "two"))
        self.assertEqual(one.read_bytes(), two.read_bytes())
        self.ok(sys.executable, "-m", "venv", self.root / "venv")
        pip = ("-m", "pip", "install", "--quiet", "--no-index", "--disable-pip-version-check")
        self.ok(self.root / "venv/bin/python", *pip, one)
        self.assertEqual(self.ok(self.root / "venv/bin/keystrel", "--version"), f"keystrel {VERSION}\n")
        read = "import importlib.metadata as m; print(m.metadata('keystrel')['License-Expression'], len(m.files('keystrel')))"
        self.assertEqual(self.ok(self.root / "venv/bin/python", "-c", read).split()[:3], ["Apache-2.0", "OR", "MIT"])
        page = self.ok(self.root / "venv/bin/python", "-c", "import importlib.metadata as m; print(m.metadata('keystrel').get_payload())")
        led = re.findall(r"\]\(([^)\s]+)\)", page)
        self.assertIn(f"https://github.com/keystrel/keystrel/blob/v{VERSION}/docs/cli.md", led)
        self.assertEqual([target for target in led if not target.startswith("https://")], [])

    def test_maturin_reads_the_project(self):
        self.ok("maturin", "pep517", "write-dist-info", "--metadata-directory", self.root, cwd=ROOT / "packages/python")
        told = (self.root / f"keystrel-{VERSION}.dist-info/METADATA").read_text()
        self.assertIn(f"Name: keystrel\nVersion: {VERSION}\n", told)


class Homebrew(Case):
    def test_a_formula_has_the_digests_of_its_archives(self):
        targets = ("aarch64-apple-darwin", "x86_64-apple-darwin", "aarch64-unknown-linux-musl", "x86_64-unknown-linux-musl")
        digests = {target: hashlib.sha256(target.encode()).hexdigest() for target in targets}
        sums = self.root / "SHA256SUMS"
        sums.write_text("".join(f"{digest}  keystrel-{VERSION}-{target}.tar.gz\n" for target, digest in digests.items()))
        formula = self.ok("packages/homebrew/fill.sh", VERSION, sums)
        self.assertNotIn("@", re.sub(r"@\d", "", formula))
        pairs = re.findall(rf'/v{VERSION}/keystrel-{VERSION}-(\S+)\.tar\.gz"\n\s+sha256 "([0-9a-f]+)"', formula)
        self.assertEqual(dict(pairs), digests)
        self.reads_and_installs(formula, digests)
        sums.write_text(sums.read_text().splitlines(keepends=True)[0])
        self.assertEqual(run("packages/homebrew/fill.sh", VERSION, sums)[0], 3)

    def reads_and_installs(self, formula: str, digests: dict):
        """By Ruby, on each platform, with what formula.rb has of Homebrew."""
        path = self.root / "keystrel.rb"
        path.write_text(formula)
        self.ok("ruby", "-wc", path)
        build = self.root / "brew/build"
        build.mkdir(parents=True)
        shutil.copy(self.stub(), build / "keystrel")
        told = self.ok("ruby", "-W0", "tests/ship/formula.rb", path, self.root / "brew")
        systems = {"macos": "apple-darwin", "linux": "unknown-linux-musl"}
        kinds = {"arm": "aarch64", "intel": "x86_64"}
        wanted = []
        for system, kind in (("macos", "arm"), ("macos", "intel"), ("linux", "arm"), ("linux", "intel")):
            target = f"{kinds[kind]}-{systems[system]}"
            url = f"https://github.com/keystrel/keystrel/releases/download/v{VERSION}/keystrel-{VERSION}-{target}.tar.gz"
            wanted.append(f"{system} {kind} {url} {digests[target]}")
        self.assertEqual(told.splitlines(), wanted)
        prefix = self.root / "brew/prefix"
        self.assertIn("keystrel-scan", (prefix / "share/man/man1/keystrel.1").read_text().replace("\\-", "-"))
        self.assertTrue((prefix / "share/man/man1/keystrel-scan.1").is_file())
        self.assertIn("keystrel", (prefix / "etc/bash_completion.d/keystrel").read_text())


class Debian(Case):
    def test_what_the_package_takes_is_there(self):
        self.ok("packages/assets.sh", self.stub())
        assets = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]["metadata"]["deb"]["assets"]
        for source, to, mode in assets:
            if source != "target/release/keystrel":
                self.assertTrue(any(path.stat().st_size for path in ROOT.glob(source)), source)
        pages = {path.name for path in ROOT.glob("target/assets/man/*.1")}
        self.assertLessEqual({"keystrel.1", "keystrel-scan.1", "keystrel-hook-install.1"}, pages)
        for shell, path in (("bash", "keystrel.bash"), ("zsh", "_keystrel"), ("fish", "keystrel.fish")):
            text = (ROOT / "target/assets" / path).read_text()
            self.assertIn("critical", text, f"{shell} knows the values of --fail-on")


class Archive(Case):
    def test_archives_are_the_same_bytes_for_the_same_files(self):
        for ending in ("tar.gz", "zip"):
            self.pack(ending)

    def pack(self, ending: str):
        made = []
        for name in (f"{ending}-one", f"{ending}-two"):
            at = self.root / name / "keystrel-x"
            at.mkdir(parents=True)
            for file in ("keystrel", "README.md"):
                (at / file).write_text(file)
            os.utime(at / "keystrel", (len(made), len(made)))
            archive = self.root / f"{name}.{ending}"
            self.ok(sys.executable, "packages/pack.py", self.root / name, "keystrel-x", archive, env=os.environ | {"SOURCE_DATE_EPOCH": "1700000000"})
            made.append(archive.read_bytes())
        self.assertEqual(made[0], made[1])


    def test_a_build_maps_paths_away_and_packs_what_it_built(self):
        """With a cargo that builds nothing: what it is told and what becomes of what it made."""
        cargo = self.root / "bin/cargo"
        cargo.parent.mkdir()
        cargo.write_text(
            f'#!/bin/sh\nprintf "%s\\n" "$*" "$CARGO_ENCODED_RUSTFLAGS" "$CFLAGS" "$(env | grep ^CC_)" > "{self.root}/told"\n'
            'mkdir -p "$CARGO_TARGET_DIR/$TARGET/release"\necho binary > "$CARGO_TARGET_DIR/$TARGET/release/keystrel"\n'
        )
        cargo.chmod(0o755)
        (cargo.parent / "musl-gcc").write_text("#!/bin/sh\n")
        (cargo.parent / "musl-gcc").chmod(0o755)
        machine = os.uname().machine
        target = f"{machine}-unknown-linux-musl"
        env = os.environ | {"PATH": f"{cargo.parent}:{os.environ['PATH']}", "CARGO_TARGET_DIR": str(self.root / "target"), "TARGET": target}
        self.ok("packages/build.sh", target, self.root / "dist", env=env)
        arguments, flags, cflags, compiler = (self.root / "told").read_text().splitlines()
        self.assertEqual(arguments, f"build --release --locked --target {target}")
        self.assertEqual(compiler, f"CC_{machine}_unknown_linux_musl=musl-gcc")
        self.assertIn(f"--remap-path-prefix={ROOT}=/keystrel", flags.split("\x1f"))
        self.assertIn("-Ctarget-feature=+crt-static", flags.split("\x1f"))
        self.assertIn(f"-ffile-prefix-map={ROOT}=/keystrel", cflags)
        with tarfile.open(self.root / f"dist/keystrel-{VERSION}-{target}.tar.gz") as tar:
            entries = {entry.name: (entry.mode & 0o777, entry.uid, entry.uname) for entry in tar if entry.isfile()}
            name = f"keystrel-{VERSION}-{target}"
            self.assertEqual(entries[f"{name}/keystrel"], (0o755, 0, "root"))
            self.assertEqual(sorted(entries), [f"{name}/{file}" for file in ("LICENSE-APACHE", "LICENSE-MIT", "README.md", "keystrel")])


class Reproduce(Case):
    def reproduce(self, content: str) -> tuple[int, str]:
        """With a cargo that writes this content as its binary."""
        cargo = self.root / "bin/cargo"
        cargo.parent.mkdir(exist_ok=True)
        cargo.write_text(
            '#!/bin/sh\n[ "$1" = build ] || exit 0\n'
            f'to=${{CARGO_TARGET_DIR:-target}}/$TARGET/release\nmkdir -p "$to"\necho "{content}" > "$to/keystrel"\n'
        )
        cargo.chmod(0o755)
        home = self.root / "cargo"
        (home / "registry").mkdir(parents=True, exist_ok=True)
        target = "x86_64-unknown-linux-gnu"
        env = os.environ | {"PATH": f"{cargo.parent}:{os.environ['PATH']}", "CARGO_HOME": str(home), "TARGET": target, "TMPDIR": str(self.root)}
        return run("packages/reproduce.sh", target, "--no-default-features", env=env)

    def test_what_differs_by_where_it_is_built_is_told(self):
        code, told = self.reproduce("binary $*")
        self.assertEqual(code, 0, told)
        self.assertIn("the same: keystrel-", told)
        for content in ("$PWD", "$CARGO_HOME", "${CARGO_TARGET_DIR:-none}", "$(umask)"):
            code, told = self.reproduce(content)
            self.assertEqual(code, 1, told)
            self.assertRegex(told, "Files .*/keystrel and .*/keystrel differ")


class Systemd(Case):
    def test_units_are_sound_and_the_service_has_few_rights(self):
        for name in ("keystrel-audit.service", "keystrel-audit.timer"):
            text = (ROOT / "packages/systemd" / name).read_text()
            # The binary is not installed here.
            (self.root / name).write_text(text.replace("/usr/bin/keystrel", "/bin/true"))
        self.assertEqual(self.ok("systemd-analyze", "verify", "--man=no", "./keystrel-audit.service", "./keystrel-audit.timer", cwd=self.root), "")
        self.ok("systemd-analyze", "security", "--offline=true", "--threshold=15", "./keystrel-audit.service", cwd=self.root)
        calendar = re.search("OnCalendar=(.*)", (self.root / "keystrel-audit.timer").read_text()).group(1)
        self.ok("systemd-analyze", "calendar", calendar)

    def test_its_command_line_writes_both_reports(self):
        text = (ROOT / "packages/systemd/keystrel-audit.service").read_text()
        line = re.search("ExecStart=(.*)", text).group(1)
        line = line.replace("${STATE_DIRECTORY}", str(self.root)).replace("$STORES", f"--from {INVENTORY}").replace("$OPTIONS", "--framework pci-dss-4")
        code, told = run(runner.binary(), *shlex.split(line)[1:])
        self.assertEqual(code, 1, told)
        self.assertIn("<html", (self.root / "audit.html").read_text())
        self.assertEqual(json.loads((self.root / "audit.json").read_text())["schema"], "keystrel.audit/v1")


class Image(Case):
    def test_all_that_the_build_includes_is_in_its_context(self):
        rules = [line for line in (ROOT / ".dockerignore").read_text().split()]
        self.assertEqual(rules[0], "*")
        kept = [rule.removeprefix("!") for rule in rules[1:]]
        needed = set()
        for path in (*ROOT.glob("src/**/*.rs"), ROOT / "build.rs"):
            if "tests" in path.stem or "tests" in path.parts:
                continue
            text = path.read_text()
            for name in re.findall(r'include_(?:str|bytes)!\("([^"]+)"\)', text):
                needed.add((path.parent / name).resolve().relative_to(ROOT))
            if path.name == "build.rs":
                needed |= {Path(name) for name in re.findall(r'"((?:rules|policies|docs|templates|schemas)(?:/[^"]*)?)"', text)}
        manifest = tomllib.loads((ROOT / "Cargo.toml").read_text())
        needed |= {Path(f"benches/{bench['name']}.rs") for bench in manifest["bench"]}
        needed |= {Path(path).relative_to(ROOT) for path in ROOT.glob("templates/*")}
        self.assertGreater(len(needed), 20)
        for path in needed:
            inside = any(str(path) == rule or str(path).startswith(f"{rule}/") or fnmatch.fnmatch(str(path), rule) for rule in kept)
            self.assertTrue(inside, f"{path} is not in the context of the Dockerfile")


class Kubernetes(Case):
    DIRECTORY = ROOT / "packages/kubernetes"

    def test_the_role_is_what_the_binary_prints(self):
        printed = self.ok(runner.binary(), "audit", "k8s:", "--explain-permissions")
        path = self.DIRECTORY / "clusterrole.yaml"
        if os.environ.get("UPDATE_DOCS"):
            path.write_text(printed)
        self.assertEqual(path.read_text(), printed, "packages/kubernetes/clusterrole.yaml: UPDATE_DOCS=1 tests/ship.sh")

    def test_the_overlay_that_is_documented_audits_a_second_store(self):
        kubectl = self.ok("tests/servers/kubernetes/build.sh").strip() + "/kubectl"
        page = (ROOT / "docs/nightly.md").read_text()
        overlay = next(body for body in re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL) if "Kustomization" in body)
        self.assertIn("https://github.com/keystrel/keystrel//packages/kubernetes?ref=v", overlay)
        base = os.path.relpath(self.DIRECTORY, self.root.resolve())
        (self.root / "kustomization.yaml").write_text(re.sub(r"https://github\S+", base, overlay))
        made = YAML(typ="safe").load_all(self.ok(kubectl, "kustomize", self.root))
        job = next(row for row in made if row["kind"] == "CronJob")
        container = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
        self.assertEqual(container["args"][:4], ["audit", "k8s:", "vault:https://vault.example:8200", "--config"])
        self.assertEqual(container["env"][0], {"name": "VAULT_AUTH_METHOD", "value": "kubernetes"})

    def test_a_server_takes_it_and_its_pod_is_restricted_and_its_rights_suffice(self):
        tools = self.ok("tests/servers/kubernetes/build.sh").strip()
        kubectl = f"{tools}/kubectl"
        directory = self.root / "cluster"
        config = self.ok("tests/servers/kubernetes/start.sh", directory).strip().splitlines()[-1]
        self.addCleanup(run, "tests/servers/kubernetes/stop.sh", directory)
        admin = (kubectl, "--kubeconfig", config, "--context", "admin")
        self.ok(*admin, "apply", "-k", self.DIRECTORY)
        # What the CronJob starts, past admission: of the namespace the standard `restricted` is enforced.
        job = YAML(typ="safe").load(self.ok(*admin, "get", "cronjob", "keystrel-audit", "-n", "keystrel", "-o", "yaml"))
        template = job["spec"]["jobTemplate"]["spec"]["template"]
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "try", "namespace": "keystrel", "labels": template["metadata"]["labels"]}, "spec": template["spec"]}
        create = (*admin, "create", "--dry-run=server", "-f", "-")
        self.assertIn("pod/try created", self.ok(*create, input=json.dumps(pod)))
        container = pod["spec"]["containers"][0]
        self.assertEqual(container["image"], f"ghcr.io/keystrel/keystrel:{VERSION}")
        del container["securityContext"]["capabilities"]
        code, told = run(*create, input=json.dumps(pod))
        self.assertNotEqual(code, 0)
        self.assertIn('violates PodSecurity "restricted', told)
        # Its arguments, with the token of its account.
        token = self.ok(*admin, "create", "token", "keystrel-audit", "-n", "keystrel").strip()
        kube = YAML(typ="safe").load(Path(config).read_text())
        cluster = next(c["context"]["cluster"] for c in kube["contexts"] if c["name"] == "admin")
        kube["users"] = [{"name": "account", "user": {"token": token}}]
        kube["contexts"] = [{"name": "account", "context": {"cluster": cluster, "user": "account"}}]
        kube["current-context"] = "account"
        (self.root / "kubeconfig").write_text(json.dumps(kube))
        words = [word.replace("/reports", str(self.root)).replace("/etc/keystrel/keystrel.toml", str(self.DIRECTORY / "keystrel.toml")) for word in container["args"]]
        code, told = run(runner.binary(), *words, env={"KUBECONFIG": str(self.root / "kubeconfig"), "PATH": os.environ["PATH"]})
        report = json.loads((self.root / "audit.json").read_text())
        self.assertEqual(report["lost"], [], told)
        denied = [gap for store in report["stores"] for gap in store["gaps"] if "forbidden" in gap["why"].lower()]
        self.assertEqual(denied, [], told)
        self.assertGreater(sum(report["stores"][0]["facts"].values()), 50)
        self.assertIn(code, (1, 4), told)


if __name__ == "__main__":
    unittest.main()
