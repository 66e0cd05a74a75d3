"""The steps of action.yml, for events of every kind, on repositories of every depth."""

import json
import os
import tempfile
import unittest
from pathlib import Path

import events
import runner
from repos import ZERO, Origin, git, token


class Case(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name)
        self.origin = Origin(self.root)
        self.tokens = [token(seed) for seed in range(10)]

    def job(self, event_name, event, workspace, **more):
        inputs = {"binary": runner.binary()} | {name.replace("_", "-"): v for name, v in more.pop("inputs", {}).items()}
        job = runner.run(event_name, event, workspace, inputs, more.get("env"))
        everything = job.log + job.summary + json.dumps(job.outputs)
        for text in self.tokens:
            self.assertNotIn(text[8:], everything, "a value was told")
        return job

    def found(self, job):
        return sorted({finding["path"] for finding in json.loads(job.outputs["json-file text"])["findings"]})


class Push(Case):
    def setUp(self):
        super().setUp()
        self.old = self.origin.leak("old.py", 1)
        self.origin.push("origin", "HEAD:main")

    def test_what_was_pushed_is_scanned_and_nothing_else(self):
        self.origin.leak("one.py", 2)
        head = self.origin.leak("two.py", 3)
        self.origin.push("origin", "HEAD:main")
        for depth in (1, 2, None):
            with self.subTest(depth=depth):
                at = self.origin.checkout("main", depth=depth)
                job = self.job("push", events.push("refs/heads/main", self.old, head), at)
                self.assertEqual(job.outputs["range"], f"{self.old}..{head}", job.log)
                self.assertEqual(self.found(job), ["one.py", "two.py"])
                self.assertEqual((job.code, job.outputs["exit-code"], job.outputs["findings"]), (1, "1", "2"))
                self.assertEqual(job.outputs["commits"], "2")

    def test_a_clean_push_passes(self):
        head = self.origin.commit("plain", "x\n")
        self.origin.push("origin", "HEAD:main")
        job = self.job("push", events.push("refs/heads/main", self.old, head), self.origin.checkout("main"))
        self.assertEqual((job.code, job.outputs["exit-code"], job.outputs["findings"], job.outputs["complete"]), (0, "0", "0", "true"), job.log)
        self.assertIn("nothing found", job.summary)

    def test_a_new_branch_is_what_the_default_branch_has_not(self):
        git(self.origin.work, "switch", "-q", "-c", "topic")
        head = self.origin.leak("topic.py", 4)
        self.origin.push("origin", "topic")
        for depth in (1, None):
            with self.subTest(depth=depth):
                job = self.job("push", events.push("refs/heads/topic", ZERO, head), self.origin.checkout("topic", depth=depth))
                self.assertEqual(job.outputs["range"], f"{self.old}..{head}", job.log)
                self.assertEqual(self.found(job), ["topic.py"])

    def test_a_new_branch_without_commits_has_nothing_to_scan(self):
        self.origin.push("origin", "HEAD:topic")
        job = self.job("push", events.push("refs/heads/topic", ZERO, self.old), self.origin.checkout("topic"))
        self.assertEqual((job.code, job.outputs["mode"], job.outputs["findings"]), (0, "nothing", "0"), job.log)
        self.assertNotIn("install", job.steps)

    def test_the_first_push_of_the_default_branch_is_scanned_whole(self):
        job = self.job("push", events.push("refs/heads/main", ZERO, self.old), self.origin.checkout("main"))
        self.assertEqual(job.outputs["mode"], "full", job.log)
        self.assertEqual(self.found(job), ["old.py"])

    def test_a_force_push_that_the_server_still_knows_is_a_range(self):
        gone = self.origin.leak("gone.py", 5)
        self.origin.push("origin", "HEAD:main")
        git(self.origin.work, "reset", "-q", "--hard", self.old)
        head = self.origin.leak("new.py", 6)
        self.origin.push("-f", "origin", "HEAD:main")
        for depth in (1, None):
            with self.subTest(depth=depth):
                event = events.push("refs/heads/main", gone, head, forced=True)
                job = self.job("push", event, self.origin.checkout("main", depth=depth))
                self.assertEqual(job.outputs["range"], f"{gone}..{head}", job.log)
                self.assertEqual(self.found(job), ["new.py"])

    def test_a_force_push_of_what_nobody_has_falls_back_to_more(self):
        git(self.origin.work, "switch", "-q", "-c", "topic")
        head = self.origin.leak("topic.py", 4)
        self.origin.push("origin", "topic")
        event = events.push("refs/heads/topic", "1" * 40, head, forced=True)
        job = self.job("push", event, self.origin.checkout("topic"))
        self.assertEqual(job.outputs["range"], f"{self.old}..{head}", job.log)
        self.assertEqual(self.found(job), ["topic.py"])
        self.assertIn("no longer has", job.log)
        git(self.origin.work, "switch", "-q", "-C", "main", head)
        self.origin.push("origin", "HEAD:main")
        event = events.push("refs/heads/main", "1" * 40, head, forced=True)
        job = self.job("push", event, self.origin.checkout("main"))
        self.assertEqual((job.outputs["mode"], self.found(job)), ("full", ["old.py", "topic.py"]), job.log)

    def test_a_deleted_branch_has_nothing_to_scan(self):
        job = self.job("push", events.push("refs/heads/topic", self.old, ZERO), self.origin.checkout("main"))
        self.assertEqual((job.code, job.outputs["mode"]), (0, "nothing"), job.log)

    def test_the_message_of_an_annotated_tag_is_scanned(self):
        git(self.origin.work, "tag", "-a", "v1", "-m", f"release {self.tokens[7]}")
        self.origin.push("origin", "v1")
        event = events.push("refs/tags/v1", ZERO, self.origin.head("v1"))
        for depth in (1, None):
            with self.subTest(depth=depth):
                job = self.job("push", event, self.origin.checkout("main", depth=depth))
                self.assertEqual((job.code, job.outputs["mode"], job.outputs["findings"]), (1, "tag", "1"), job.log)

    def test_a_tag_with_commits_of_its_own_is_a_range_with_its_message(self):
        head = self.origin.leak("release.py", 4)
        git(self.origin.work, "tag", "-a", "v1", "-m", f"release {self.tokens[7]}")
        self.origin.push("origin", "v1")
        event = events.push("refs/tags/v1", ZERO, self.origin.head("v1"))
        job = self.job("push", event, self.origin.checkout("refs/tags/v1"))
        self.assertEqual(job.outputs["mode"], "range", job.log)
        self.assertIn(head[:12], job.summary)
        self.assertEqual(job.outputs["findings"], "2")

    def test_a_plain_tag_on_what_is_there_has_nothing_to_scan(self):
        git(self.origin.work, "tag", "v1")
        self.origin.push("origin", "v1")
        job = self.job("push", events.push("refs/tags/v1", ZERO, self.old), self.origin.checkout("refs/tags/v1"))
        self.assertEqual((job.code, job.outputs["mode"]), (0, "nothing"), job.log)

    def test_a_merge_brings_in_what_its_branch_has(self):
        git(self.origin.work, "switch", "-q", "-c", "topic")
        self.origin.leak("topic.py", 4)
        git(self.origin.work, "switch", "-q", "-C", "main", self.old)
        before = self.origin.commit("plain", "x\n")
        self.origin.push("origin", "HEAD:main")
        git(self.origin.work, "merge", "-q", "--no-ff", "topic", "-m", "merge")
        head = self.origin.head()
        self.origin.push("origin", "HEAD:main")
        job = self.job("push", events.push("refs/heads/main", before, head), self.origin.checkout("main"))
        self.assertEqual(self.found(job), ["topic.py"], job.log)


class PullRequest(Case):
    def setUp(self):
        super().setUp()
        self.start = self.origin.commit("plain", "x\n")
        self.origin.push("origin", "HEAD:main")
        git(self.origin.work, "switch", "-q", "-c", "topic")
        self.origin.commit("more", "y\n")
        self.head = self.origin.leak("topic.py", 1)
        # The base moves on, with a leak that is not the branch's.
        git(self.origin.work, "switch", "-q", "-C", "main", self.start)
        self.base = self.origin.leak("base.py", 2)
        self.origin.push("origin", "main", "topic", "topic:refs/pull/7/head")
        git(self.origin.work, "switch", "-q", "--detach", "main")
        git(self.origin.work, "merge", "-q", "--no-ff", "topic", "-m", "merge")
        self.origin.push("origin", "HEAD:refs/pull/7/merge")

    def test_it_is_what_the_branch_brings_in(self):
        for depth in (1, 2, None):
            with self.subTest(depth=depth):
                at = self.origin.checkout("refs/pull/7/merge", depth=depth)
                job = self.job("pull_request", events.pull_request(self.base, self.head), at)
                self.assertEqual(job.outputs["range"], f"{self.base}..{self.head}", job.log)
                self.assertEqual((job.code, self.found(job)), (1, ["topic.py"]))
                self.assertEqual(job.outputs["commits"], "2")

    def test_a_long_branch_is_deepened_until_it_is_whole(self):
        git(self.origin.work, "switch", "-q", "topic")
        for number in range(80):
            self.origin.commit("more", f"{number}\n")
        head = self.origin.head()
        self.origin.push("origin", "topic", "topic:refs/pull/7/head")
        at = self.origin.checkout("refs/pull/7/head")
        job = self.job("pull_request", events.pull_request(self.base, head), at)
        self.assertEqual((job.outputs["commits"], self.found(job)), ("82", ["topic.py"]), job.log)

    def test_a_long_branch_that_took_its_base_in_is_whole_too(self):
        git(self.origin.work, "switch", "-q", "topic")
        for number in range(80):
            self.origin.commit("more", f"{number}\n")
        git(self.origin.work, "merge", "-q", "main", "-m", "takes in main")
        head = self.origin.head()
        self.origin.push("origin", "topic", "topic:refs/pull/7/head")
        at = self.origin.checkout("refs/pull/7/head")
        job = self.job("pull_request", events.pull_request(self.base, head), at)
        self.assertEqual((job.outputs["commits"], self.found(job)), ("83", ["topic.py"]), job.log)

    def test_a_shallow_checkout_that_may_not_be_deepened_fails(self):
        at = self.origin.checkout("refs/pull/7/merge")
        job = self.job("pull_request", events.pull_request(self.base, self.head), at, inputs={"deepen": "false"})
        self.assertEqual(job.code, 3)
        self.assertIn("fetch-depth: 0", job.log)
        self.assertNotIn("run", job.steps)

    def test_a_shallow_checkout_whose_server_is_gone_fails(self):
        at = self.origin.checkout("refs/pull/7/merge")
        git(at, "remote", "set-url", "origin", f"file://{self.root}/gone.git")
        job = self.job("pull_request", events.pull_request(self.base, self.head), at)
        self.assertEqual(job.code, 3)
        self.assertIn("fetch-depth: 0", job.log)
        self.assertIn("git said", job.log)

    def test_a_whole_checkout_needs_no_server(self):
        at = self.origin.checkout("refs/pull/7/merge", depth=None)
        git(at, "remote", "set-url", "origin", f"file://{self.root}/gone.git")
        job = self.job("pull_request", events.pull_request(self.base, self.head), at, inputs={"deepen": "false"})
        self.assertEqual(self.found(job), ["topic.py"], job.log)

    def test_sarif_is_uploaded_but_not_from_a_fork(self):
        at = self.origin.checkout("refs/pull/7/merge")
        event = events.pull_request(self.base, self.head)
        job = self.job("pull_request", event, at, inputs={"upload-sarif": "true", "category": "mine"})
        self.assertEqual([u["category"] for u in job.uploads], ["mine"], job.log)
        self.assertEqual(job.uploads[0]["sarif_file"], job.outputs["sarif-file"])
        sarif = json.loads(job.outputs["sarif-file text"])
        self.assertEqual(sarif["version"], "2.1.0")
        self.assertEqual([r["ruleId"] for r in sarif["runs"][0]["results"]], ["github-pat"])
        at = self.origin.checkout("refs/pull/7/merge")
        event = events.pull_request(self.base, self.head, fork="mallory/shop")
        job = self.job("pull_request", event, at, inputs={"upload-sarif": "true"})
        self.assertEqual((job.uploads, job.code), ([], 1), job.log)
        self.assertIn("from a fork", job.log)

    def test_pull_request_target_is_refused(self):
        at = self.origin.checkout("main")
        for command in ("scan", "audit"):
            job = self.job("pull_request_target", events.pull_request(self.base, self.head), at, inputs={"command": command, "mode": "worktree"})
            self.assertEqual(job.code, 2)
            self.assertIn("refuses pull_request_target", job.log)
            self.assertNotIn("install", job.steps)

    def test_an_id_of_the_event_that_is_none_goes_nowhere(self):
        at = self.origin.checkout("main")
        for bad in ("--upload-pack=touch pwned", "main", "", "$(touch pwned)"):
            job = self.job("pull_request", events.pull_request(bad, self.head), at)
            self.assertEqual(job.code, 3, bad)
            self.assertFalse((at / "pwned").exists())

    def test_a_merge_group_is_what_it_brings_in(self):
        merged = self.origin.head()
        self.origin.push("origin", "HEAD:refs/heads/gh-readonly-queue/main/pr-7")
        at = self.origin.checkout("refs/heads/gh-readonly-queue/main/pr-7")
        job = self.job("merge_group", events.merge_group(self.base, merged), at)
        self.assertEqual((job.code, self.found(job)), (1, ["topic.py"]), job.log)


class Whole(Case):
    def setUp(self):
        super().setUp()
        self.origin.leak("removed.py", 1)
        git(self.origin.work, "rm", "-q", "removed.py")
        git(self.origin.work, "commit", "-q", "-m", "removes it")
        self.origin.push("origin", "HEAD:main")
        git(self.origin.work, "switch", "-q", "-c", "topic")
        self.origin.leak("topic.py", 2)
        self.origin.push("origin", "topic")

    def test_schedules_and_dispatches_scan_all_branches_and_all_history(self):
        for name, event in (("schedule", events.schedule()), ("workflow_dispatch", events.workflow_dispatch()), ("release", events.schedule())):
            with self.subTest(event=name):
                job = self.job(name, event, self.origin.checkout("main"))
                self.assertEqual((job.code, job.outputs["mode"]), (1, "full"), job.log)
                self.assertEqual(self.found(job), ["removed.py", "topic.py"])

    def test_a_whole_scan_of_a_shallow_checkout_that_stays_so_fails(self):
        job = self.job("schedule", events.schedule(), self.origin.checkout("main"), inputs={"deepen": "false"})
        self.assertEqual(job.code, 3)
        self.assertIn("this checkout is shallow", job.log)

    def test_the_work_tree_needs_no_history(self):
        at = self.origin.checkout("topic")
        job = self.job("schedule", events.schedule(), at, inputs={"mode": "worktree", "deepen": "false"})
        self.assertEqual((job.code, self.found(job)), (1, ["topic.py"]), job.log)

    def test_what_a_checkout_left_with_the_server_is_fetched(self):
        git(self.origin.server, "config", "uploadpack.allowFilter", "true")
        # On top of a value that is there already, in a file that changes.
        self.origin.commit("topic.py", f"# more\nTOKEN = \"{self.tokens[2]}\"\n")
        base = self.origin.commit("else", "x\n")
        self.origin.leak("gone.py", 3)
        self.origin.commit("gone.py", "T = ''\n")
        head = self.origin.commit("topic.py", f"# and more\nTOKEN = \"{self.tokens[2]}\"\n")
        self.origin.push("origin", "topic")
        for event, found in ((events.push("refs/heads/topic", base, head), ["gone.py"]), (events.schedule(), ["gone.py", "removed.py", "topic.py"])):
            for deepen in ("true", "false"):
                at = self.root / f"partial-{deepen}-{len(found)}"
                git(self.root, "clone", "-q", "--filter=blob:none", "--branch=topic", f"file://{self.origin.server}", str(at))
                name = "push" if len(found) == 1 else "schedule"
                job = self.job(name, event, at, inputs={"deepen": deepen})
                if deepen == "false":
                    self.assertEqual(job.code, 3, job.log)
                    self.assertIn("left with the server", job.log)
                    continue
                self.assertEqual(job.outputs["complete"], "true", job.log)
                report = json.loads(job.outputs["json-file text"])["findings"]
                self.assertEqual(sorted({f["path"] for f in report if f["status"]["state"] == "open"}), found)

    def test_a_named_range_wins_over_the_event(self):
        at = self.origin.checkout("topic", depth=None)
        head = self.origin.head()
        job = self.job("schedule", events.schedule(), at, inputs={"range": f"{head}~1..{head}"})
        self.assertEqual(self.found(job), ["topic.py"], job.log)
        job = self.job("schedule", events.schedule(), at, inputs={"range": "nope..HEAD"})
        self.assertEqual((job.code, job.outputs["exit-code"]), (3, "3"), job.log)

    def test_a_ledger_makes_the_next_scan_short(self):
        at = self.origin.checkout("main", depth=None)
        ledger = {"ledger": str(self.root / "ledger")}
        first = self.job("schedule", events.schedule(), at, inputs=ledger)
        second = self.job("schedule", events.schedule(), at, inputs=ledger)
        self.assertEqual(self.found(first), self.found(second))
        self.assertLess(int(second.outputs["bytes"]), int(first.outputs["bytes"]))

    @unittest.skipUnless(os.geteuid() == 0, "only root can give a directory away")
    def test_a_checkout_of_another_user_as_in_containers(self):
        at = self.origin.checkout("main")
        for path in (at, *at.rglob("*")):
            os.chown(path, 12345, 12345, follow_symlinks=False)
        job = self.job("schedule", events.schedule(), at)
        self.assertEqual((job.outputs["mode"], self.found(job)), ("full", ["removed.py", "topic.py"]), job.log)

    def test_a_hook_of_the_checkout_does_not_run(self):
        at = self.origin.checkout("main")
        for name in ("reference-transaction", "post-checkout"):
            hook = at / ".git/hooks" / name
            hook.parent.mkdir(exist_ok=True)
            hook.write_text(f"#!/bin/sh\ntouch {self.root}/pwned\n")
            hook.chmod(0o755)
        self.job("schedule", events.schedule(), at)
        self.assertFalse((self.root / "pwned").exists())

    def test_no_checkout_is_not_green(self):
        empty = self.root / "empty"
        empty.mkdir()
        job = self.job("schedule", events.schedule(), empty)
        self.assertEqual(job.code, 3)
        self.assertIn("actions/checkout", job.log)

    def test_a_push_uploads_only_what_is_whole(self):
        head = self.origin.head("main")
        event = events.push("refs/heads/main", self.origin.head("main~1"), head)
        job = self.job("push", event, self.origin.checkout("main"), inputs={"upload-sarif": "true"})
        self.assertEqual(job.uploads, [], job.log)
        job = self.job("push", event, self.origin.checkout("main"), inputs={"upload-sarif": "true", "mode": "full"})
        self.assertEqual(len(job.uploads), 1, job.log)


class Results(Case):
    def setUp(self):
        super().setUp()
        self.name = "a|b `c`<b>/::error::x_*y*.py"
        self.before = self.origin.commit("plain", "x\n")
        self.head = self.origin.leak(self.name, 1)
        self.origin.push("origin", "HEAD:main")
        self.event = events.push("refs/heads/main", self.before, self.head)

    def push(self, **inputs):
        return self.job("push", self.event, self.origin.checkout("main"), inputs=inputs)

    def test_never_reports_and_passes(self):
        job = self.push(fail_on="never")
        self.assertEqual((job.code, job.outputs["exit-code"], job.outputs["findings"]), (0, "1", "1"), job.log)

    def test_a_threshold_is_keystrels(self):
        self.assertEqual(self.push(fail_on="critical").code, 1)
        self.assertEqual(self.push(fail_on="nope").code, 2)

    def test_the_summary_is_a_table_in_which_file_names_are_text(self):
        job = self.push()
        rows = [line for line in job.summary.splitlines() if line.startswith("| critical")]
        self.assertEqual(len(rows), 1, job.summary)
        self.assertEqual(rows[0].count("|"), 7, rows[0])
        self.assertNotIn("<b>", rows[0])
        self.assertNotIn("`c`", rows[0])
        self.assertIn(f"https://github.com/acme/shop/blob/{self.head}/a%7Cb%20%60c%60%3Cb%3E/%3A%3Aerror%3A%3Ax_*y*.py#L1", rows[0].replace("%2A", "*"))

    def test_the_log_gives_no_commands_but_annotations(self):
        job = self.push()
        stopped, _, after = job.log.partition("::stop-commands::")[2].partition("\n")
        quoted, _, free = after.partition(f"::{stopped}::\n")
        self.assertIn("github-pat", quoted)
        commands = [line for line in free.splitlines() if line.startswith("::error file")]
        self.assertEqual(len(commands), 1, free)
        self.assertIn("%3A%3Aerror", commands[0])
        self.assertNotIn("::error file", self.push(annotations="false").log)

    def test_reports_and_arguments_are_lines(self):
        at = self.origin.checkout("main")
        inputs = {"reports": "csv=one.csv\n  junit=two words.xml \n", "extra-args": "--rule\ngithub-pat\n--min-confidence\nhigh", "sarif-file": "out.sarif"}
        job = self.job("push", self.event, at, inputs=inputs)
        self.assertEqual(job.code, 1, job.log)
        for name in ("one.csv", "two words.xml", "out.sarif"):
            self.assertTrue((at / name).stat().st_size > 0, name)

    def test_an_input_is_never_code(self):
        at = self.origin.checkout("main")
        for name in ("range", "config", "baseline", "profile", "ledger", "extra-args", "fail-on", "targets", "mode", "reports", "policies"):
            job = self.job("push", self.event, at, inputs={name: "$(touch pwned)`touch pwned`; touch pwned"})
            self.assertNotEqual(job.code, 0, name)
            self.assertFalse((at / "pwned").exists(), name)

    def test_a_switch_is_true_or_false(self):
        self.assertEqual(self.push(upload_sarif="yes").code, 2)

    def test_a_repository_elsewhere_in_the_workspace(self):
        at = self.origin.checkout("main")
        job = self.job("push", self.event, at.parent, inputs={"working-directory": at.name, "upload-sarif": "true", "mode": "worktree"})
        self.assertEqual(self.found(job), [self.name], job.log)
        self.assertEqual(job.uploads[0]["checkout_path"], str(at))

    def test_what_could_not_be_read_fails_unless_that_is_allowed(self):
        at = self.origin.checkout("main")
        (at / "broken.tar.gz").write_bytes(bytes.fromhex("1f8b0800000000000003") + b"\xff" * 64)
        (at / self.name).unlink()
        job = self.job("push", self.event, at, inputs={"mode": "worktree"})
        self.assertEqual((job.code, job.outputs["complete"]), (4, "false"), job.log)
        self.assertIn("broken.tar.gz", job.summary)
        job = self.job("push", self.event, at, inputs={"mode": "worktree", "fail-on-partial": "false"})
        self.assertEqual((job.code, job.outputs["exit-code"]), (0, "4"), job.log)

    def test_never_does_not_hide_what_could_not_be_read(self):
        at = self.origin.checkout("main")
        (at / "broken.tar.gz").write_bytes(bytes.fromhex("1f8b0800000000000003") + b"\xff" * 64)
        job = self.job("push", self.event, at, inputs={"mode": "worktree", "fail-on": "never"})
        self.assertEqual((job.outputs["exit-code"], job.code), ("1", 4), job.log)


class Audit(Case):
    INVENTORY = runner.ROOT / "tests/cases/audit/fails/in/inventory.json"
    CONTROLS = "--control\nvault-audit-none,vault-audit-single-device,vault-audit-log-raw"

    def audit(self, **inputs):
        given = {"command": "audit", "inventory": str(self.INVENTORY), "extra-args": self.CONTROLS}
        return self.job("schedule", events.schedule(), self.root, inputs=given | {k.replace("_", "-"): v for k, v in inputs.items()})

    def test_an_audit_is_a_table_of_controls(self):
        job = self.audit(reports="html=audit.html\ncsv=audit.csv", upload_sarif="true")
        self.assertEqual((job.code, job.outputs["exit-code"], job.outputs["findings"], job.outputs["mode"]), (1, "1", "2", "audit"), job.log)
        self.assertEqual(len([r for r in job.summary.splitlines() if r.startswith(("| critical", "| high"))]), 2, job.summary)
        self.assertIn("title=vault-audit-log-raw", job.log)
        self.assertIn("<html", (self.root / "audit.html").read_text())
        self.assertEqual(len(job.uploads), 1)
        self.assertEqual(len(json.loads(job.outputs["sarif-file text"])["runs"][0]["results"]), 2)

    def test_frameworks_have_their_requirements_counted(self):
        job = self.audit(frameworks="soc2\npci-dss-4")
        self.assertEqual(job.code, 1, job.log)
        rows = [[cell.strip() for cell in line.split("|")[2:6]] for line in job.summary.splitlines() if line.startswith(("| SOC 2", "| PCI"))]
        self.assertEqual(rows, [["0", "2", "0", "0"], ["2", "1", "0", "0"]], job.summary)

    def test_what_could_not_be_read_is_never_a_pass(self):
        job = self.audit(inventory=str(runner.ROOT / "tests/cases/audit/gap/in/inventory.json"))
        self.assertEqual((job.code, job.outputs["exit-code"], job.outputs["complete"]), (4, "4", "false"), job.log)
        self.assertIn("could not tell", job.summary)

    def test_a_store_that_is_not_there_fails(self):
        given = {"command": "audit", "targets": "vault:https://127.0.0.1:1"}
        job = self.job("schedule", events.schedule(), self.root, inputs=given)
        self.assertEqual(job.code, 3, job.log)


if __name__ == "__main__":
    unittest.main()
