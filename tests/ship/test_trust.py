"""What SECURITY.md promises, tried on the binary from outside."""

import hashlib
import json
import os
import re
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import runner
from repos import Origin, git, token

FORMATS = ("text", "json", "jsonl", "sarif", "csv", "html", "junit", "github")


def state(directory: Path) -> dict:
    """Every file below, by content and time of its last change."""
    found = {}
    for path in sorted(directory.rglob("*")):
        if path.is_file() and not path.is_symlink():
            found[str(path)] = (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        else:
            found[str(path)] = None
    return found


class Case(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name)
        self.home = self.root / "home"
        self.home.mkdir()
        self.origin = Origin(self.root)
        self.work = self.origin.work
        self.token = token(1)
        self.password = "-".join(["Tr0ub", "4dor&3", "xKq9"])
        self.values = (self.token, self.password)

    def leaks(self):
        """Values in a file, a message, a tag, an archive of it, a stash and an unreachable commit."""
        self.origin.commit("plain", "x\n")
        self.origin.commit("app.py", f'TOKEN = "{self.token}"\nDB_PASSWORD = "{self.password}"\n', f"uses {self.token}")
        self.origin.commit("Dockerfile", f"FROM scratch\nENV DB_PASSWORD={self.password}\nRUN curl -u ci:{self.password} https://x.example/\n")
        git(self.work, "tag", "-a", "v1", "-m", f"was {self.token}")
        subprocess.run(["tar", "-czf", "app.tar.gz", "app.py"], cwd=self.work, check=True)
        git(self.work, "add", "-A")
        git(self.work, "commit", "-q", "-m", "archive")
        (self.work / "stashed").write_text(f"T = '{self.token}'\n")
        git(self.work, "stash", "push", "-q", "--include-untracked")

    def keystrel(self, *arguments, cwd=None, **env):
        variables = {"PATH": os.environ["PATH"], "HOME": str(self.home), "TMPDIR": str(self.home), "XDG_CACHE_HOME": str(self.home / "cache")} | env
        done = subprocess.run([runner.binary(), *map(str, arguments)], cwd=cwd or self.work, env=variables, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr


class Values(Case):
    def test_no_report_and_no_file_holds_a_value(self):
        self.leaks()
        out = self.root / "out"
        out.mkdir()
        reports = [word for name in FORMATS for word in ("--report", f"{name}={out}/{name}")]
        extra = ("--ledger", out / "ledger", "--write-baseline", out / "baseline", "--show-suppressed", "--no-inline")
        code, stdout, stderr = self.keystrel("scan", ".", *reports, *extra)
        self.assertEqual(code, 1, stderr)
        found = json.loads((out / "json").read_text())["findings"]
        self.assertGreaterEqual(len(found), 5)
        self.assertTrue({"github-pat", "generic-password"} <= {finding["rule"] for finding in found}, {f["rule"] for f in found})
        written = [path for path in (*out.rglob("*"), *self.home.rglob("*")) if path.is_file()]
        self.assertEqual(len([path for path in written if path.parent == out]), len(FORMATS) + 2)
        texts = {str(path): path.read_bytes() for path in written} | {"stdout": stdout.encode(), "stderr": stderr.encode()}
        for name, text in texts.items():
            for value in self.values:
                self.assertNotIn(value.encode(), text, name)
                # Nor half of it: a token shows four letters, a password none.
                self.assertNotIn(value[-6:].encode(), text, name)
                self.assertNotIn(value[4:12].encode(), text, name)

    def test_values_are_shown_to_a_terminal_alone(self):
        self.leaks()
        for more in ((), ("--report", "json=-"), ("--report", f"text={self.root}/x")):
            code, stdout, stderr = self.keystrel("scan", ".", "--show-secrets", *more)
            self.assertEqual(code, 2, stderr)
            self.assertNotIn(self.token, stdout + stderr)

    def test_explain_masks_too(self):
        self.leaks()
        code, stdout, stderr = self.keystrel("explain", "app.py:1")
        self.assertIn("github-pat", stdout + stderr)
        self.assertNotIn(self.token[4:], stdout + stderr)


class Repositories(Case):
    def test_a_scan_writes_nothing_and_runs_nothing_of_the_repository(self):
        self.leaks()
        (self.work / "staged").write_text(f"T = '{self.token}'\n")
        git(self.work, "add", "staged")
        mark = self.root / "pwned"
        run = f"touch {mark}"
        for key in ("core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "credential.helper", "diff.x.textconv", "filter.x.smudge", "filter.x.clean", "filter.x.process", "uploadpack.packObjectsHook", "core.askPass", "gpg.program"):
            git(self.work, "config", key, f"!{run}" if key == "credential.helper" else run)
        (self.work / ".git/info/attributes").write_text("* filter=x diff=x\n")
        for name in ("post-checkout", "pre-commit", "post-index-change", "reference-transaction", "fsmonitor-watchman"):
            hook = self.work / ".git/hooks" / name
            hook.parent.mkdir(exist_ok=True)
            hook.write_text(f"#!/bin/sh\n{run}\n")
            hook.chmod(0o755)
        mark.unlink(missing_ok=True)
        before = state(self.work)
        for arguments in (("scan", "."), ("scan", "--staged"), ("scan", "--range", "HEAD~1..HEAD"), ("scan", "--no-history", "."), ("hook", "pre-commit")):
            code, _, stderr = self.keystrel(*arguments)
            self.assertIn(code, (0, 1), stderr)
        self.assertEqual(state(self.work), before)
        self.assertFalse(mark.exists())

    def test_a_repository_that_cannot_be_written_is_scanned(self):
        self.leaks()
        command = ["unshare", "--mount", "sh", "-ec", f'mount --bind "{self.work}" "{self.work}"; mount -o remount,ro,bind "{self.work}"; cd "{self.work}"; ! touch x 2>&-; exec "$0" scan .', runner.binary()]
        if os.geteuid() != 0:
            command.insert(1, "--map-root-user")
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("github-pat", done.stdout)

    def test_without_a_network_a_scan_is_the_same(self):
        self.leaks()
        whole = self.keystrel("scan", ".", "--format", "csv")
        command = ["unshare", "--net"] + ([] if os.geteuid() == 0 else ["--map-root-user"])
        done = subprocess.run([*command, runner.binary(), "scan", ".", "--format", "csv"], cwd=self.work, capture_output=True, text=True, check=False)
        plain = lambda text: re.sub(r"[0-9a-f]{64}", "", text)  # noqa: E731 identities are under a key of the run
        self.assertEqual((done.returncode, plain(done.stdout)), (whole[0], plain(whole[1])))


class Findings(Case):
    def test_they_are_the_same_for_any_number_of_threads(self):
        self.leaks()
        reports = set()
        for threads in ("1", "2", "7"):
            for _ in range(3):
                code, stdout, stderr = self.keystrel("scan", ".", "--threads", threads, "--format", "json")
                self.assertEqual(code, 1, stderr)
                report = json.loads(stdout)
                for name in ("started", "elapsed_ms"):
                    del report[name]
                for finding in report["findings"]:
                    del finding["identity"]
                reports.add(json.dumps(report))
        self.assertEqual(len(reports), 1)

    def test_no_escape_sequence_of_a_file_reaches_the_terminal(self):
        self.origin.commit("a\x1b]0;owned\x07b.py", f'T = "{self.token}" # \x1b[2J\x1b[31m\u202e\n', "m\x1b[2J")
        code, stdout, _ = self.keystrel("scan", ".", "--color", "never")
        self.assertEqual(code, 1)
        for bad in "\x1b\x07\u202e":
            self.assertNotIn(bad, stdout)


class Faults(Case):
    def test_a_full_disk_is_never_green(self):
        self.origin.commit("plain", "x\n")
        self.assertEqual(self.keystrel("scan", ".")[0], 0)
        for name in FORMATS:
            code, _, stderr = self.keystrel("scan", ".", "--report", f"{name}=/dev/full")
            self.assertEqual(code, 3, name)
            self.assertIn("/dev/full", stderr)

    def test_a_ledger_that_cannot_be_written_is_told_and_hides_nothing(self):
        self.leaks()
        code, stdout, stderr = self.keystrel("scan", ".", "--ledger", "/proc/nowhere/ledger")
        self.assertIn(code, (1, 3))
        self.assertIn("github-pat", stdout + stderr)
        self.assertIn("/proc/nowhere/ledger", stdout + stderr)

    def test_one_that_is_killed_half_way_leaves_nothing_behind(self):
        self.leaks()
        for number in range(40):
            (self.work / f"big{number}").write_bytes(os.urandom(1 << 20))
        git(self.work, "add", "-A")
        git(self.work, "commit", "-q", "-m", "big")
        before = state(self.work)
        ledger = self.root / "ledger"
        variables = {"PATH": os.environ["PATH"], "HOME": str(self.home), "TMPDIR": str(self.home)}
        killed = 0
        for after in (0.02, 0.05, 0.1, 0.2, 0.4):
            scan = subprocess.Popen([runner.binary(), "scan", ".", "--ledger", str(ledger)], cwd=self.work, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(after)
            scan.send_signal(signal.SIGKILL)
            killed += scan.wait() == -signal.SIGKILL
            self.assertEqual(state(self.work), before)
            for path in (*self.home.rglob("*"), *self.root.glob("ledger*")):
                if path.is_file():
                    self.assertNotIn(self.token.encode(), path.read_bytes())
        self.assertGreater(killed, 0)
        # What it left, if anything, is in nobody's way.
        self.assertEqual(self.keystrel("scan", ".", "--ledger", ledger)[0], 1)
        self.assertEqual(self.keystrel("scan", ".", "--ledger", ledger)[0], 1)

    def test_a_limit_of_memory_ends_in_an_error_and_not_in_green(self):
        self.leaks()
        for kilobytes in (60_000, 120_000, 200_000):
            done = subprocess.run(["sh", "-c", f'ulimit -v {kilobytes}; exec "$0" scan .', runner.binary()], cwd=self.work, capture_output=True, text=True, check=False)
            self.assertNotEqual(done.returncode, 0, kilobytes)


class Code(unittest.TestCase):
    def test_the_slim_build_has_no_network_code(self):
        command = ["cargo", "tree", "--locked", "--offline", "--no-default-features", "--edges", "normal", "--prefix", "none", "--format", "{p}"]
        done = subprocess.run(command, cwd=runner.ROOT, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        crates = {line.split()[0] for line in done.stdout.splitlines() if line}
        self.assertIn("gix", crates)
        self.assertEqual(crates & {"reqwest", "hyper", "tokio", "rustls", "socket2", "ureq", "curl", "native-tls", "h2", "mio"}, set())

    def test_no_code_of_ours_is_unsafe(self):
        self.assertIn('unsafe_code = "forbid"', (runner.ROOT / "Cargo.toml").read_text())
        for path in (*runner.ROOT.glob("src/**/*.rs"), runner.ROOT / "build.rs"):
            self.assertIsNone(re.search(r"\bunsafe\s*(\{|fn|impl|extern)", path.read_text()), path)


if __name__ == "__main__":
    unittest.main()
