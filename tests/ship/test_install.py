"""How action.yml comes by its keystrel: a release by its digest, its own source, or one that is there."""

import hashlib
import shutil
import subprocess
import tarfile
import tempfile
import unittest
from pathlib import Path

import events
import runner
from repos import Origin

VERSION = "0.1.0"
ARCHIVE = f"keystrel-{VERSION}-x86_64-unknown-linux-musl.tar.gz"


class Install(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name)
        origin = Origin(self.root)
        origin.leak("app.py", 1)
        origin.push("origin", "HEAD:main")
        self.at = origin.checkout("main")
        self.tools = self.root / "tools"
        # What is in the archive leads to the keystrel that is tested, and leaves a mark.
        script = self.executable("keystrel", f'echo ran >> "{self.root}/ran"\nexec "{runner.binary()}" "$@"\n')
        self.archive = self.root / "releases" / f"v{VERSION}" / ARCHIVE
        self.archive.parent.mkdir(parents=True)
        with tarfile.open(self.archive, "w:gz") as tar:
            tar.add(script, f"{ARCHIVE.removesuffix('.tar.gz')}/keystrel")
        self.digest = hashlib.sha256(self.archive.read_bytes()).hexdigest()
        # The action as a checkout of its own.
        self.action = self.root / "action-checkout"
        self.action.mkdir()
        shutil.copytree(runner.ROOT / "action", self.action / "action")
        shutil.copy(runner.ROOT / "Cargo.toml", self.action)

    def executable(self, name: str, text: str) -> Path:
        path = self.root / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{text}")
        path.chmod(0o755)
        return path

    def job(self, inputs, **env):
        inputs = {"mode": "worktree", "release-url": f"file://{self.root}/releases"} | inputs
        env = {"RUNNER_TOOL_CACHE": str(self.tools)} | env
        return runner.run("schedule", events.schedule(), self.at, inputs, env, self.action)

    def list(self, digest: str, name: str = ARCHIVE):
        with (self.action / "action/releases.txt").open("a") as file:
            file.write(f"{digest}  {name}\n")

    def ran(self) -> bool:
        return (self.root / "ran").exists()

    def test_a_release_that_is_listed_is_used(self):
        self.list(self.digest)
        for inputs in ({}, {"version": VERSION}, {"version": f"v{VERSION}"}):
            job = self.job(inputs)
            self.assertEqual((job.code, job.outputs["version"], job.outputs["findings"]), (1, VERSION, "1"), job.log)
            self.assertTrue(self.ran())

    def test_one_that_is_not_what_was_released_never_runs(self):
        self.list("0" * 64)
        job = self.job({})
        self.assertEqual(job.code, 3)
        self.assertIn("is not what was released", job.log)
        self.assertFalse(self.ran())

    def test_one_that_nobody_knows_is_refused(self):
        job = self.job({"version": VERSION})
        self.assertEqual(job.code, 2)
        self.assertIn("knows no digest", job.log)
        job = self.job({"version": VERSION, "sha256": self.digest})
        self.assertEqual(job.code, 1, job.log)

    def test_what_is_kept_is_compared_each_time(self):
        self.list(self.digest)
        self.job({})
        kept = self.tools / "keystrel" / VERSION / ARCHIVE
        kept.write_bytes(b"else")
        job = self.job({})
        self.assertEqual((job.code, hashlib.sha256(kept.read_bytes()).hexdigest()), (1, self.digest), job.log)
        shutil.rmtree(self.archive.parent)
        self.assertEqual(self.job({}).code, 1)
        kept.write_bytes(b"else")
        self.assertEqual(self.job({}).code, 3)

    def test_no_version_is_a_path(self):
        for version in ("../../x", "latest", "1", "0.1.0/../x", "$(id)"):
            job = self.job({"version": version})
            self.assertEqual(job.code, 2, version)

    def test_a_platform_without_a_release_says_so(self):
        job = self.job({"version": VERSION}, RUNNER_ARCH="S390X")
        self.assertEqual(job.code, 3)
        self.assertIn("version: source", job.log)

    def test_source_is_built_once_and_anew_when_it_changes(self):
        """With a cargo that builds nothing: what it is told and what is kept."""
        built = self.root / "built"
        self.executable(
            "cargo",
            f'echo "$@" >> "{built}"\nwhile [ $# -gt 0 ]; do [ "$1" != --root ] || root=$2; shift; done\n'
            f'mkdir -p "$root/bin"\ncp "{self.root}/bin/keystrel" "$root/bin/"\n',
        )
        path = f"{self.root}/bin:/usr/bin:/bin"
        for version in ("source", ""):
            self.assertEqual(self.job({"version": version}, PATH=path).code, 1)
        calls = built.read_text().splitlines()
        self.assertEqual(len(calls), 1)
        self.assertIn(f"install --quiet --locked --no-track --path {self.action} ", calls[0])
        (self.action / "Cargo.toml").write_text("# else\n")
        self.assertEqual(self.job({"version": "source"}, PATH=path).code, 1)
        self.assertEqual(len(built.read_text().splitlines()), 2)

    def pin(self, sums: str, verified: bool = True):
        self.executable("gh", f'echo "$@" > "{self.root}/gh-said"\nexit {0 if verified else 1}\n')
        path = self.root / "SHA256SUMS"
        path.write_text(sums)
        environment = {"PATH": f"{self.root}/bin:/usr/bin:/bin"}
        command = ["bash", str(self.action / "action/pin.sh"), VERSION, str(path)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def test_a_release_is_pinned_once_its_provenance_is_verified(self):
        """With a gh that verifies nothing: what it is asked, and what becomes of its answer."""
        sums = f"{self.digest}  {ARCHIVE}\n{self.digest}  keystrel_0.1.0_amd64.deb\n"
        self.assertNotEqual(self.pin(sums, verified=False).returncode, 0)
        self.assertEqual(self.job({"version": VERSION}).code, 2)
        self.assertEqual(self.pin(sums).stdout.split()[0], "1")
        said = (self.root / "gh-said").read_text()
        self.assertIn(f"--source-ref refs/tags/v{VERSION}", said)
        self.assertEqual(self.job({"version": VERSION}).code, 1)
        self.assertEqual(self.pin(sums).stdout.split()[0], "0")
        self.assertNotEqual(self.pin(sums.replace(self.digest, "0" * 64)).returncode, 0)

    def test_a_binary_that_does_not_run_is_not_green(self):
        job = self.job({"binary": str(self.executable("broken", "exit 1\n"))})
        self.assertEqual(job.code, 3, job.log)
        job = self.job({"binary": "not/there"})
        self.assertEqual(job.code, 3, job.log)


if __name__ == "__main__":
    unittest.main()
