"""What happens when the system fails: nothing is ever green that was not looked at, and nothing is left half written."""

import errno
import json
import os
import resource
import signal
import socket
import subprocess
import time
import unittest
from pathlib import Path

import runner
from faults import Case, Done
from repos import git, token

# Which errors each call is made to fail with. `random` and `thread` are asked for by libraries that give up, which is
# `test_without_random_numbers_or_threads_nothing_is_green`.
ERRORS = {
    "open": (errno.EMFILE,),
    "opendir": (errno.EIO,),
    "readdir": (errno.EIO,),
    "read": (errno.EIO,),
    "stat": (errno.EIO,),
    "seek": (errno.EIO,),
    "map": (errno.ENOMEM,),
}
KNOWN = (0, 1, 2, 3, 4)
# How many calls of a kind are made to fail in a test; with EVERY_CALL in the environment, as each week, all of them.
MOST = 10**9 if os.environ.get("EVERY_CALL") else 20


def values(report: dict) -> list:
    """What was found and nobody accepted: by rule, path, object and line."""
    found = [finding for finding in report["findings"] if finding["status"]["state"] == "open"]
    return sorted((f["rule"], f["path"] or "", *f["members"], f["revision"] or "", f["start"]["line"]) for f in found)


class Sweep(Case):
    """Each call that a scan makes fails, or calls at even distances do, one in each run."""

    # gix takes a directory that it cannot look at once for one that is not there. One that stays so is told.
    KNOWN = ("stat! ./.git/refs/tags/",)

    def sweep(self, *arguments: str, least: int, env: dict | None = None):
        self.fill()
        command = (*arguments, "--format", "json", "--threads", "1")
        whole = self.run_with(*command, env=env)
        self.assertEqual(whole.code, 1, whole.err)
        self.assertTrue(whole.calls, "faults.c was not loaded: is the binary a static one?")
        self.assertTrue(whole.report["complete"])
        wanted = values(whole.report)
        self.assertGreaterEqual(len(wanted), least, wanted)
        bad = []
        runs = 0
        for call, errors in ERRORS.items():
            for error in errors:
                count = whole.calls[call]
                # From the last one on: what is read first is read in every kind of scan.
                for at in range(count, 0, -max(1, -(-count // MOST))):
                    done = self.run_with(*command, env=env, call=call, at=at, errno=error)
                    runs += 1
                    wrong = self.wrong(done, wanted)
                    if wrong:
                        bad.append(f"{call} {at} of {whole.calls[call]} with {errno.errorcode[error]} ({done.failed}): {wrong}")
        self.assertEqual(bad, [], "\n" + "\n".join(bad))
        self.assertGreater(runs, 50)

    def wrong(self, done: Done, wanted: list) -> str:
        """Why this must not be, if so."""
        if done.code not in KNOWN:
            return f"ended with {done.code}: {done.err[-300:]}"
        report = done.report
        if report is None:
            return "" if done.code in (2, 3) and done.err else f"no report, {done.code}, {done.err[-300:]}"
        missing = [value for value in wanted if value not in values(report)]
        if not missing or done.failed in self.KNOWN:
            return ""
        if done.code == 0:
            return f"green without {missing}"
        if report["complete"]:
            return f"complete without {missing}"
        lost = [skipped for skipped in report["skipped"] if skipped.get("lost", True)]
        return "" if lost else f"nothing is named, without {missing}"

    def test_of_a_tree(self):
        self.sweep("scan", "--no-history", ".", least=4)

    def test_of_a_history(self):
        self.sweep("scan", ".", least=6)

    def test_of_what_is_staged(self):
        self.sweep("scan", "--staged", least=1)

    def test_of_a_range(self):
        self.sweep("scan", "--range", "HEAD~3..HEAD", least=2)


class Interrupted(Case):
    def test_calls_that_are_interrupted_or_cut_short_change_nothing(self):
        self.fill()
        command = ("scan", ".", "--format", "json")
        wanted = values(self.run_with(*command).report)
        for faults in (
            {"call": "read", "every": 2, "errno": errno.EINTR},
            {"call": "open", "every": 2, "errno": errno.EINTR},
            {"call": "write", "every": 2, "errno": errno.EINTR},
            {"short": 7},
        ):
            done = self.run_with(*command, **faults)
            self.assertEqual((done.code, done.err), (1, ""), faults)
            self.assertTrue(done.report["complete"], faults)
            self.assertEqual(values(done.report), wanted, faults)

    def test_files_that_are_written_in_pieces_are_whole(self):
        self.fill()
        for faults in ({"short": 5}, {"call": "write", "every": 2, "errno": errno.EINTR}):
            for name in ("report", "baseline", "ledger"):
                (self.root / name).unlink(missing_ok=True)
            files = ("--report", f"json={self.root}/report", "--write-baseline", f"{self.root}/baseline", "--ledger", f"{self.root}/ledger")
            done = self.run_with("scan", ".", *files, **faults)
            self.assertEqual(done.code, 1, done.err)
            self.assertTrue(json.loads((self.root / "report").read_text())["complete"])
            done = self.run_with("scan", ".", "--baseline", f"{self.root}/baseline", "--ledger", f"{self.root}/ledger", "--format", "json")
            self.assertEqual((done.code, done.report["complete"], values(done.report)), (0, True, []), done.err)
            self.assertGreater(done.report["counts"]["known"], 0)

    def test_a_scan_that_is_stopped_and_told_of_windows_goes_on(self):
        self.fill()
        (self.work / "large.txt").write_text("plain words\n" * 2_000_000)
        variables = {"PATH": os.environ["PATH"], "HOME": str(self.home)}
        scan = subprocess.Popen([runner.binary(), "scan", ".", "--format", "json"], cwd=self.work, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(100):
            if scan.poll() is not None:
                break
            for number in (signal.SIGWINCH, signal.SIGSTOP, signal.SIGCONT, signal.SIGCHLD, signal.SIGURG):
                scan.send_signal(number)
            time.sleep(0.002)
        out, err = scan.communicate(timeout=120)
        self.assertEqual((scan.returncode, err), (1, ""))
        self.assertTrue(json.loads(out)["complete"])


class Writing(Case):
    """Reports, baselines, ledgers, inventories, configurations and hooks: whole or not at all."""

    def outputs(self) -> dict:
        """By name of the file, the command that writes it."""
        inventory = runner.ROOT / "tests/cases/audit/fails/in/inventory.json"
        return {
            "report.json": ("scan", ".", "--report", f"json={self.root}/out/report.json"),
            "report.sarif": ("scan", ".", "--report", f"sarif={self.root}/out/report.sarif"),
            "baseline": ("scan", ".", "--write-baseline", f"{self.root}/out/baseline"),
            "ledger": ("scan", ".", "--ledger", f"{self.root}/out/ledger"),
            "audit.html": ("audit", "--from", inventory, "--report", f"html={self.root}/out/audit.html"),
        }

    def setUp(self):
        super().setUp()
        self.fill()
        self.out = self.root / "out"
        self.out.mkdir()

    def test_where_writing_fails_what_was_there_stays_and_nothing_is_left(self):
        for name, command in self.outputs().items():
            path = self.out / name
            for call, error in (("write", errno.ENOSPC), ("sync", errno.EIO), ("rename", errno.EIO), ("open", errno.EACCES)):
                path.unlink(missing_ok=True)
                done = self.run_with(*command, call=call, **{"from": 1}, errno=error, under=self.out)
                self.told(done, path, (name, call))
                self.assertEqual(list(self.out.iterdir()), [], (name, call))
                path.write_text("what was there\n")
                done = self.run_with(*command, call=call, **{"from": 1}, errno=error, under=self.out)
                if name != "ledger" or call != "open":
                    self.told(done, path, (name, call))
                self.assertEqual([path.read_text(), *self.out.iterdir()], ["what was there\n", path], (name, call))
            path.unlink()

    def told(self, done: Done, path: Path, what):
        self.assertIn(done.code, (1, 3, 4), (what, done.err))
        self.assertIn(path.name, done.out + done.err, what)

    def test_a_limit_on_the_size_of_files_is_told(self):
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))

        for name, command in self.outputs().items():
            done = subprocess.run([runner.binary(), *map(str, command)], cwd=self.work, env={"PATH": os.environ["PATH"], "HOME": str(self.home)}, capture_output=True, text=True, check=False, preexec_fn=limit)
            self.assertIn(done.returncode, (1, 3, 4), (name, done.stderr))
            self.assertIn(name, done.stdout + done.stderr)
            self.assertEqual(list(self.out.iterdir()), [], name)

    def test_init_and_hooks_leave_no_half_of_anything(self):
        hook = self.work / ".git/hooks/pre-commit"
        hook.unlink(missing_ok=True)
        (self.work / ".keystrel.toml").unlink()
        self.assertEqual(self.run_with("init", ".", call="write", **{"from": 1}, errno=errno.ENOSPC, under=self.work).code, 3)
        self.assertFalse((self.work / ".keystrel.toml").exists())
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\nexit 1\n")
        hook.chmod(0o755)
        before = sorted(hook.parent.iterdir())
        done = self.run_with("hook", "install", "--force", call="write", at=1, errno=errno.ENOSPC, under=hook.parent)
        self.assertEqual(done.code, 3, done.err)
        self.assertEqual((hook.read_text(), sorted(hook.parent.iterdir())), ("#!/bin/sh\nexit 1\n", before))

    def test_one_that_is_killed_while_it_writes_leaves_the_old_file_whole(self):
        for name, command in self.outputs().items():
            path = self.out / name
            path.write_text("what was there\n")
            # A file that takes a quarter of a second for each of its pieces would be seen half written.
            slow = subprocess.Popen([runner.binary(), *map(str, command)], cwd=self.work, env={"PATH": os.environ["PATH"], "HOME": str(self.home), "LD_PRELOAD": str(self.library), "FAULTS_UNDER": str(self.out), "FAULTS_SHORT": "16", "FAULTS_PAUSE": "50"}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            deadline = time.monotonic() + 60
            while not any(other != path and other.stat().st_size for other in self.out.iterdir()):
                self.assertIsNone(slow.poll(), name)
                self.assertLess(time.monotonic(), deadline, name)
                time.sleep(0.005)
            slow.send_signal(signal.SIGKILL if name != "baseline" else signal.SIGTERM)
            slow.wait()
            self.assertEqual(path.read_text(), "what was there\n", name)
            for other in self.out.iterdir():
                for seed in range(1, 8):
                    self.assertNotIn(token(seed).encode(), other.read_bytes(), other)
            # What it left is in nobody's way.
            done = self.run_with(*command)
            self.assertEqual(done.code, 1, (name, done.err))
            self.assertNotEqual(path.read_bytes(), b"what was there\n")
            for other in self.out.iterdir():
                other.unlink()

    def test_a_directory_that_cannot_be_written_is_told(self):
        for name, command in self.outputs().items():
            done = self.run_with(*command, call="open", **{"from": 1}, errno=errno.EROFS, under=self.out)
            self.told(done, self.out / name, name)


class Channels(Case):
    """Standard output and standard error that are closed, full, or nobody reads any more."""

    def setUp(self):
        super().setUp()
        (self.work / "many.py").write_text("".join(f'T{n} = "{token(n)}"\n' for n in range(2000)))

    def shell(self, script: str):
        done = subprocess.run(["bash", "-c", script, runner.binary()], cwd=self.work, env={"PATH": os.environ["PATH"], "HOME": str(self.home)}, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def test_a_reader_that_stops_does_not_make_findings_go_away(self):
        for form in ("text", "json", "csv", "github"):
            code, out, err = self.shell(f'set -o pipefail; "$0" scan --no-history --format {form} . | head -n 1')
            self.assertEqual((code, err), (1, ""), form)
            self.assertTrue(out, form)
        self.assertEqual(self.shell('set -o pipefail; "$0" rules list | head -n 1')[0], 0)

    def test_closed_or_full_ones_change_no_exit_code(self):
        for redirection in (">&-", "2>&-", ">&- 2>&-", ">/dev/null 2>/dev/full"):
            self.assertEqual(self.shell(f'"$0" scan --no-history . {redirection}')[0], 1, redirection)
            self.assertEqual(self.shell(f'"$0" scan --no-history nowhere {redirection}')[0], 3, redirection)
            self.assertEqual(self.shell(f'"$0" scan --no-history --rule none . {redirection}')[0], 2, redirection)
        code, _, err = self.shell('"$0" scan --no-history . > /dev/full')
        self.assertEqual(code, 3)
        self.assertIn("standard output", err)


class Scarcity(Case):
    def test_with_few_files_to_open_nothing_is_passed_over(self):
        self.fill()
        for n in range(60):
            directory = self.work / f"many/{n}/a/b/c"
            directory.mkdir(parents=True)
            (directory / ".env").write_text(self.leak(100 + n))
            (directory / "x.py").write_text(self.leak(200 + n))
        wanted = values(self.run_with("scan", "--no-history", ".", "--format", "json").report)
        self.assertGreaterEqual(len(wanted), 120)
        partial = 0
        for most in range(4, 40):
            done = self.limited(resource.RLIMIT_NOFILE, most, "scan", "--no-history", ".", "--format", "json", "--threads", "4")
            if done.report is None:
                self.assertEqual((done.code in (1, 3, 4, 127), done.out), (True, ""), (most, done.err))
                continue
            missing = [value for value in wanted if value not in values(done.report)]
            self.assertEqual(bool(missing) and done.report["complete"], False, (most, missing))
            self.assertIn(done.code, (1, 3, 4), most)
            partial += not done.report["complete"]
        self.assertGreater(partial, 0, "no limit was met")

    def limited(self, what: int, most: int, *arguments) -> Done:
        limits = lambda: resource.setrlimit(what, (most, most))  # noqa: E731
        done = subprocess.run([runner.binary(), *arguments], cwd=self.work, env={"PATH": os.environ["PATH"], "HOME": str(self.home)}, capture_output=True, text=True, check=False, preexec_fn=limits)
        return Done(done.returncode, done.stdout, done.stderr, {})

    def test_without_memory_nothing_is_green(self):
        self.fill()
        (self.work / "app.py").write_text(("x" * 70 + "\n") * 400_000 + self.leak(1))
        ended = set()
        for megabytes in (30, 60, 90, 120, 160, 200, 300, 2000):
            done = self.limited(resource.RLIMIT_AS, megabytes << 20, "scan", ".")
            ended.add(done.code)
            self.assertNotEqual(done.code, 0, megabytes)
            self.assertTrue(done.out or done.err or done.code < 0, megabytes)
        self.assertIn(1, ended)

    def test_without_random_numbers_nothing_is_green(self):
        self.fill()
        calls = self.run_with("scan", ".").calls["random"]
        self.assertGreater(calls, 0)
        for at in range(1, calls + 1):
            done = self.run_with("scan", ".", call="random", at=at, errno=errno.ENOSYS)
            self.assertNotEqual(done.code, 0, at)
            self.assertTrue(done.err or done.code == 1, at)
        # Where even the fallbacks of libraries have none, that is said.
        done = self.run_with("scan", ".", call="random", errno=errno.EIO, **{"from": 1})
        self.assertEqual((done.code, done.out), (3, ""))
        self.assertIn("the system gives no random numbers", done.err)

    def test_without_threads_all_is_found(self):
        self.fill()
        (self.work / "Dockerfile").write_text("FROM debian:12\nARG API_TOKEN\nRUN curl -u $API_TOKEN https://x.example/\n")
        command = ("scan", ".", "--format", "json", "--threads", "3")
        wanted = self.run_with(*command)
        self.assertTrue(any(finding["subject"] == "misuse" for finding in wanted.report["findings"]))
        self.assertGreater(wanted.calls["thread"], 3)
        for most in range(5):
            done = self.run_with(*command, threads=most)
            self.assertEqual((done.code, done.err), (1, ""), most)
            self.assertTrue(done.report["complete"], most)
            self.assertEqual(values(done.report), values(wanted.report), most)


class Clock(Case):
    def test_a_clock_that_is_wrong_changes_what_has_a_date_alone(self):
        self.fill()
        (self.work / ".keystrelignore").write_text("[[ignore]]\npath = 'loose.py'\nreason = 'being rotated'\nexpires = '2026-06-30'\n")
        wanted = values(self.run_with("scan", ".", "--format", "json", clock=1_800_000_000).report)
        for seconds in (1, 1_700_000_000, 1_790_000_000, 4_102_444_800, 32_503_680_000):
            done = self.run_with("scan", ".", "--format", "json", clock=seconds)
            self.assertEqual((done.code, done.report["complete"]), (1, True), (seconds, done.err))
            accepted = [value for value in wanted if value not in values(done.report)]
            # The last day is 30 June 2026.
            self.assertEqual(bool(accepted), seconds < 1_782_864_000, (seconds, accepted))
            self.assertTrue(all("loose.py" in value for value in accepted))


class Trees(Case):
    """What lies in a tree and is no file, or no good one."""

    def scan(self, *more):
        return self.run_with("scan", "--no-history", ".", "--format", "json", *more)

    def test_what_is_no_file_is_named_and_nobody_waits_for_it(self):
        git(self.work, "init", "-q", ".")
        os.mkfifo(self.work / "fifo")
        os.mkfifo(self.work / ".env")
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(str(self.work / "socket"))
        (self.work / "full").symlink_to("/dev/full")
        (self.work / "loop").symlink_to("loop")
        (self.work / "up").symlink_to("..")
        (self.work / "leak.py").write_text(self.leak(1))
        done = self.scan()
        self.assertEqual((done.code, len(done.report["findings"])), (1, 1), done.err)
        named = {skipped["what"] for skipped in done.report["skipped"]}
        self.assertTrue({"fifo", ".env", "socket", "full", "loop", "up"} <= named, named)
        self.assertTrue(done.report["complete"])
        for name in ("loop", "socket"):
            alone = self.run_with("scan", name)
            self.assertEqual(alone.code, 3, name)
            self.assertIn(name, alone.out + alone.err)

    def test_names_of_any_bytes_and_any_length_are_scanned(self):
        names = [b"n" * 255, b"\xff\xfe.py", b"new\nline.py", b"-rf", b"`id`", b"\x1b[31m.py", b" ", b"a\\b.py"]
        deep = b"d" * 200
        for n, name in enumerate(names):
            with open(os.path.join(os.fsencode(self.work), name), "w") as file:
                file.write(self.leak(n))
        # Deeper than the system's limit of a path: made and entered step by step.
        here = os.getcwd()
        try:
            os.chdir(self.work)
            for _ in range(30):
                os.mkdir(deep)
                os.chdir(deep)
            Path("leak.py").write_text(self.leak(99))
        finally:
            os.chdir(here)
        self.addCleanup(subprocess.run, ["rm", "-rf", str(self.work)], check=False)
        done = self.scan()
        self.assertEqual(done.code, 1, done.err)
        self.assertEqual(len(done.report["findings"]), len(names))
        # What has no path that the system takes cannot be opened; it is named.
        self.assertFalse(done.report["complete"])
        self.assertIn("too long", json.dumps(done.report["skipped"]))

    def test_directories_that_cannot_be_read_are_named(self):
        closed = self.work / "closed"
        closed.mkdir()
        (closed / ".env").write_text(self.leak(1))
        (self.work / "plain").write_text("x\n")
        done = self.run_with("scan", "--no-history", ".", "--format", "json", call="opendir", **{"from": 1}, errno=errno.EACCES, under=closed)
        self.assertEqual((done.code, done.report["complete"]), (4, False), done.err)
        self.assertEqual([s["what"] for s in done.report["skipped"] if "denied" in s["why"]], ["closed"])

    def test_files_that_vanish_shrink_and_grow_end_no_scan_and_are_not_passed_over(self):
        (self.work / "plain").write_text("x\n")
        (self.work / "leak.py").write_text(self.leak(1))
        done = self.run_with("scan", "--no-history", ".", "--format", "json", call="open", at=1, errno=errno.ENOENT, under=self.work / "leak.py")
        self.assertEqual((done.code, done.report["complete"]), (4, False), done.err)
        self.assertEqual([skipped["what"] for skipped in done.report["skipped"]], ["leak.py"])
        # A file whose size is not told, and is more than is read at once: it is read to its end.
        (self.work / "leak.py").write_bytes(b"x" * (17 << 20) + b"\n" + self.leak(1).encode())
        done = self.run_with("scan", "--no-history", ".", "--format", "json", under=self.work / "leak.py", size=1)
        self.assertEqual((done.code, len(done.report["findings"]), done.report["complete"]), (1, 1, True), done.err)
        # And one that is said to be larger than it is.
        (self.work / "leak.py").write_text(self.leak(1))
        done = self.run_with("scan", "--no-history", ".", "--format", "json", under=self.work / "leak.py", size=20 << 20)
        self.assertEqual((done.code, len(done.report["findings"])), (1, 1), done.err)


class Repositories(Case):
    def test_objects_that_go_while_they_are_read_are_named(self):
        """A history is read twice; `git gc` may run between."""
        self.fill()
        head = git(self.work, "rev-parse", "HEAD:loose.py")
        path = self.work / ".git/objects" / head[:2] / head[2:]
        calls = self.run_with("scan", ".", under=path).calls["open"]
        self.assertGreater(calls, 1, "it is read once alone")
        for at in range(1, calls + 1):
            done = self.run_with("scan", ".", "--format", "json", call="open", **{"from": at}, errno=errno.ENOENT, under=path)
            self.assertFalse(done.report["complete"], at)
            self.assertIn(head, json.dumps(done.report["skipped"]), at)

    def test_a_ledger_does_not_keep_that_something_could_not_be_read(self):
        self.fill()
        ledger = ("scan", ".", "--ledger", self.root / "ledger", "--format", "json")
        wanted = values(self.run_with("scan", ".", "--format", "json").report)
        head = git(self.work, "rev-parse", "HEAD:loose.py")
        path = self.work / ".git/objects" / head[:2] / head[2:]
        calls = self.run_with("scan", ".", under=path).calls["open"]
        for at in range(1, calls + 1):
            (self.root / "ledger").unlink(missing_ok=True)
            done = self.run_with(*ledger, call="open", **{"from": at}, errno=errno.EIO, under=path)
            self.assertFalse(done.report["complete"], at)
            for _ in range(2):
                done = self.run_with(*ledger)
                self.assertTrue(done.report["complete"], (at, done.report["skipped"]))
                self.assertEqual(values(done.report), wanted, at)

    def test_an_index_that_cannot_be_looked_at_is_not_an_empty_one(self):
        self.fill()
        index = self.work / ".git/index"
        for call in ("stat", "open", "read", "map"):
            done = self.run_with("hook", "pre-commit", call=call, at=1, errno=errno.EACCES, under=index)
            self.assertNotEqual(done.code, 0, (call, done.failed))


if __name__ == "__main__":
    unittest.main()
