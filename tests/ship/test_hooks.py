"""Hooks, run by the real pre-commit and by git."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest
import zipfile
from pathlib import Path

import runner
from repos import Origin, git, token

HOOKS = runner.ROOT / ".pre-commit-hooks.yaml"


class Case(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name)
        self.bin = self.root / "bin"
        self.bin.mkdir()
        self.origin = Origin(self.root)
        self.work = self.origin.work
        self.token = token(1)

    def link_keystrel(self):
        (self.bin / "keystrel").symlink_to(runner.binary())

    def env(self, **more):
        return {
            "PATH": f"{self.bin}:{os.environ['PATH']}", "HOME": str(self.root), "PRE_COMMIT_HOME": str(self.root / "cache"),
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org", "GIT_COMMITTER_NAME": "Ada",
            "GIT_COMMITTER_EMAIL": "ada@example.org", "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        } | more

    def run_in(self, directory, *command, **env):
        done = subprocess.run(command, cwd=directory, env=self.env(**env), capture_output=True, text=True, check=False)
        told = done.stdout + done.stderr
        self.assertNotIn(self.token[8:], told, "a value was told")
        return done.returncode, told

    def write(self, name: str, text: str, directory: Path | None = None):
        path = (directory or self.work) / name
        path.write_text(text)
        return path

    def stops(self, result, rule="github-pat"):
        code, told = result
        self.assertNotEqual(code, 0, told)
        self.assertIn(rule, told)

    def passes(self, result):
        code, told = result
        self.assertEqual(code, 0, told)


class PreCommit(Case):
    """In a repository that uses the hooks as they are installed from one."""

    IDS = ("keystrel-system", "keystrel-system-push", "keystrel-system-msg")

    def setUp(self):
        super().setUp()
        self.link_keystrel()
        self.hooks = self.root / "hooks"
        self.hooks.mkdir()
        for name in (".pre-commit-hooks.yaml", "setup.py", "Cargo.toml"):
            shutil.copy(runner.ROOT / name, self.hooks)
        git(self.hooks, "init", "-q", ".")
        git(self.hooks, "add", "-A")
        git(self.hooks, "commit", "-q", "-m", "hooks")
        self.configure(self.IDS)
        self.first = self.origin.commit("plain", "x\n")
        for stage in ("pre-commit", "pre-push", "commit-msg"):
            self.passes(self.run_in(self.work, "pre-commit", "install", "--hook-type", stage))

    def configure(self, ids):
        rev = git(self.hooks, "rev-parse", "HEAD")
        rows = "".join(f"      - id: {name}\n" for name in ids)
        self.write(".pre-commit-config.yaml", f"repos:\n  - repo: file://{self.hooks}\n    rev: {rev}\n    hooks:\n{rows}")

    def commit(self, *arguments, directory=None):
        return self.run_in(directory or self.work, "git", "commit", "-q", *(arguments or ("-m", "change")))

    def sneak(self, name: str, text: str) -> str:
        """Commits without the hooks."""
        self.write(name, text)
        git(self.work, "add", "-A")
        git(self.work, "commit", "-q", "--no-verify", "-m", "change")
        return self.origin.head()

    def test_a_commit_is_judged_by_what_is_staged(self):
        self.write("app.py", f"T = '{self.token}'\n")
        git(self.work, "add", "app.py")
        self.stops(self.commit())
        # What is not staged does not count, and what is does, whatever the file says meanwhile.
        self.write("app.py", "T = ''\n")
        self.stops(self.commit())
        git(self.work, "add", "app.py")
        self.write("app.py", f"T = '{self.token}'\n")
        self.passes(self.commit())

    def test_all_files_are_the_files(self):
        self.sneak("app.py", f"T = '{self.token}'\n")
        self.stops(self.run_in(self.work, "pre-commit", "run", "--all-files"))
        self.sneak("app.py", "T = ''\n")
        self.passes(self.run_in(self.work, "pre-commit", "run", "--all-files"))

    def test_a_value_that_is_there_already_does_not_block_again(self):
        self.sneak("app.py", f"T = '{self.token}'\n")
        self.write("app.py", f"# more\nT = '{self.token}'\n")
        git(self.work, "add", "app.py")
        self.passes(self.commit())

    def test_two_refs_are_a_range(self):
        leak = self.sneak("app.py", f"T = '{self.token}'\n")
        clean = self.sneak("app.py", "T = ''\n")
        run = ("pre-commit", "run", "--from-ref", self.first, "--to-ref", clean)
        # The range holds it although neither of its ends does.
        self.stops(self.run_in(self.work, *run))
        self.passes(self.run_in(self.work, *run[:3], leak, *run[4:]))

    def test_a_linked_work_tree_has_its_own_index(self):
        linked = self.root / "linked"
        git(self.work, "worktree", "add", "-q", str(linked))
        self.write("app.py", f"T = '{self.token}'\n", linked)
        git(linked, "add", "app.py")
        self.stops(self.commit(directory=linked))
        self.write("fine", "x\n")
        git(self.work, "add", "fine")
        self.passes(self.commit())

    def test_a_push_is_judged_by_all_of_its_commits(self):
        # Nothing is on the server: pre-commit names no range, and all of it is new.
        self.sneak("app.py", f"T = '{self.token}'\n")
        self.sneak("app.py", "T = ''\n")
        push = ("git", "push", "-q", "origin", "HEAD:main")
        self.stops(self.run_in(self.work, *push))
        self.passes(self.run_in(self.work, *push, "--no-verify"))
        git(self.work, "fetch", "-q", "origin")
        self.sneak("fine", "x\n")
        self.passes(self.run_in(self.work, *push))
        self.sneak("other.py", f"T = '{token(2)}'\n")
        git(self.work, "rm", "-q", "other.py")
        git(self.work, "commit", "-q", "--no-verify", "-m", "removes it")
        self.stops(self.run_in(self.work, *push))
        self.stops(self.run_in(self.work, "git", "push", "-q", "origin", "HEAD:topic"))

    def test_a_message_is_judged(self):
        self.write("plain", "y\n")
        git(self.work, "add", "plain")
        self.stops(self.commit("-m", f"uses {self.token}"))
        self.passes(self.commit("-m", "uses none"))

    def test_the_stage_of_pushes_by_hand_looks_at_the_files(self):
        self.sneak("app.py", f"T = '{self.token}'\n")
        self.stops(self.run_in(self.work, "pre-commit", "run", "--all-files", "--hook-stage", "pre-push"))

    def test_they_can_be_tried_without_a_configuration(self):
        self.sneak("app.py", f"T = '{self.token}'\n")
        self.stops(self.run_in(self.work, "pre-commit", "try-repo", str(self.hooks), "keystrel-system", "--all-files"))

    def test_the_wheel_of_this_version_is_what_the_default_hook_installs(self):
        wheels = self.root / "wheels"
        wheels.mkdir()
        version = next(line.split('"')[1] for line in (self.hooks / "Cargo.toml").read_text().splitlines() if line.startswith("version"))
        info = f"keystrel-{version}.dist-info"
        with zipfile.ZipFile(wheels / f"keystrel-{version}-py3-none-any.whl", "w") as wheel:
            script = zipfile.ZipInfo(f"keystrel-{version}.data/scripts/keystrel")
            script.external_attr = 0o100755 << 16
            wheel.writestr(script, f'#!/bin/sh\nexec "{runner.binary()}" "$@"\n')
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: keystrel\nVersion: {version}\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")
        (self.bin / "keystrel").unlink()
        self.configure(("keystrel", "keystrel-push", "keystrel-msg"))
        self.write("app.py", f"T = '{self.token}'\n")
        git(self.work, "add", "-A")
        code, told = self.run_in(self.work, "git", "commit", "-q", "-m", "change", PIP_FIND_LINKS=str(wheels))
        self.stops((code, told))


class PreReceive(Case):
    """On a server, by git itself."""

    def setUp(self):
        super().setUp()
        self.link_keystrel()
        self.first = self.origin.commit("plain", "x\n")
        self.origin.push("origin", "HEAD:main")
        hook = self.origin.server / "hooks/pre-receive"
        hook.parent.mkdir(exist_ok=True)
        hook.symlink_to(runner.ROOT / "packages/hooks/pre-receive")

    def push(self, *what, **env):
        return self.run_in(self.work, "git", "push", "-q", "origin", *what, **env)

    def server_has(self, ref: str) -> bool:
        return bool(git(self.origin.server, "for-each-ref", ref))

    def test_a_leak_in_any_commit_is_refused(self):
        self.origin.leak("app.py", 1)
        self.origin.commit("app.py", "T = ''\n")
        for ref in ("main", "topic"):
            self.stops(self.push(f"HEAD:refs/heads/{ref}"))
        self.assertEqual(git(self.origin.server, "rev-parse", "main"), self.first)
        self.assertFalse(self.server_has("refs/heads/topic"))

    def test_what_is_clean_or_known_is_taken(self):
        self.origin.commit("more", "y\n")
        self.passes(self.push("HEAD:main"))
        self.passes(self.push("HEAD:refs/heads/topic"))
        self.passes(self.push(":refs/heads/topic"))

    def test_a_leak_that_the_server_has_does_not_block_again(self):
        self.origin.leak("app.py", 1)
        hook = self.origin.server / "hooks/pre-receive"
        kept = hook.readlink()
        hook.unlink()
        self.passes(self.push("HEAD:main"))
        hook.symlink_to(kept)
        self.origin.commit("more", "y\n")
        self.passes(self.push("HEAD:refs/heads/topic", "HEAD:main"))

    def test_messages_of_commits_and_tags_are_read(self):
        git(self.work, "commit", "-q", "--allow-empty", "-m", f"uses {self.token}")
        self.stops(self.push("HEAD:main"))
        git(self.work, "reset", "-q", "--hard", self.first)
        git(self.work, "tag", "-a", "bad", "-m", f"uses {self.token}")
        git(self.work, "tag", "-a", "good", "-m", "uses none")
        git(self.work, "tag", "plain")
        self.stops(self.push("bad"))
        self.passes(self.push("good", "plain"))

    def test_a_push_cannot_allow_itself(self):
        self.origin.commit(".keystrel.toml", "[[allowlists]]\npaths = ['.*']\n")
        self.origin.commit(".keystrelignore", "path: **\n")
        self.origin.commit("app.py", f"T = '{self.token}' # keystrel:allow\n")
        self.stops(self.push("HEAD:main"))
        self.passes(self.push("HEAD:main", KEYSTREL_OPTIONS=""))

    def test_misuses_are_refused_where_the_server_says_so(self):
        pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: app}\nspec:\n  containers: [{name: app, image: app, envFrom: [{secretRef: {name: app}}]}]\n"
        self.origin.commit("pod.yaml", pod)
        self.stops(self.push("HEAD:main", KEYSTREL_OPTIONS="--no-inline --fail-on medium"), "env-from-whole-secret")
        self.passes(self.push("HEAD:main", KEYSTREL_OPTIONS="--no-inline --fail-on high"))
        self.origin.commit("pod.yaml", pod.replace("name: app}\nspec", "name: other}\nspec"))
        self.passes(self.push("HEAD:main"))

    def test_what_cannot_be_scanned_is_refused(self):
        blob = subprocess.run(["git", "hash-object", "-w", "--stdin"], cwd=self.work, input="x", capture_output=True, text=True, check=True).stdout.strip()
        code, told = self.push(f"{blob}:refs/tags/blob")
        self.assertNotEqual(code, 0)
        self.assertIn("is a blob", told)
        self.origin.commit("more", "y\n")
        code, told = self.push("HEAD:main", KEYSTREL="/not/there")
        self.assertNotEqual(code, 0)
        self.assertIn("could not be scanned", told)

    def test_the_settings_of_the_server_count(self):
        config = self.root / "config.toml"
        config.write_text("[extend]\nuseDefault = true\n[[allowlists]]\npaths = ['^app']\n")
        self.origin.leak("app.py", 1)
        self.stops(self.push("HEAD:main"))
        self.passes(self.push("HEAD:main", KEYSTREL_CONFIG=str(config)))


class Managers(Case):
    """What docs/hooks.md says for other tools, with those tools."""

    def setUp(self):
        super().setUp()
        self.link_keystrel()
        self.page = (runner.ROOT / "docs/hooks.md").read_text()
        self.write("package.json", '{"name": "use", "private": true}')
        self.write(".gitignore", "node_modules\n")
        self.first = self.origin.commit("plain", "x\n")

    def npm(self, package: str):
        self.passes(self.run_in(self.work, "npm", "install", "--save-dev", "--save-exact", "--no-audit", "--no-fund", "--ignore-scripts", package))

    def hooks_hold(self):
        git(self.work, "add", "-A")
        self.passes(self.run_in(self.work, "git", "commit", "-q", "-m", "set up"))
        self.write("app.py", f"T = '{self.token}'\n")
        git(self.work, "add", "-A")
        commit = ("git", "commit", "-q", "-m")
        self.stops(self.run_in(self.work, *commit, "change"))
        self.passes(self.run_in(self.work, *commit, "change", "--no-verify"))
        git(self.work, "rm", "-q", "app.py")
        self.stops(self.run_in(self.work, *commit, f"removes {self.token}"))
        self.passes(self.run_in(self.work, *commit, "removes it"))
        self.stops(self.run_in(self.work, "git", "push", "origin", "HEAD:main"))
        git(self.work, "reset", "-q", "--hard", "HEAD~2")
        self.passes(self.run_in(self.work, "git", "push", "origin", "HEAD:main"))

    def test_husky(self):
        self.npm("husky@9.1.7")
        self.passes(self.run_in(self.work, "npx", "--no-install", "husky"))
        part = self.page[self.page.index("**husky**"):self.page.index("**lefthook**")]
        names = re.findall(r"`\.husky/([a-z-]+)`", part)
        lines = re.findall(r"^```sh\n(.*?)^```", part, re.MULTILINE | re.DOTALL)
        self.assertEqual((len(names), len(lines)), (3, 3))
        for name, line in zip(names, lines):
            self.write(f".husky/{name}", line)
        self.hooks_hold()

    def test_lefthook(self):
        self.npm("lefthook@2.2.1")
        part = self.page[self.page.index("**lefthook**"):]
        self.write("lefthook.yml", re.search(r"^```yaml\n(.*?)^```", part, re.MULTILINE | re.DOTALL).group(1))
        self.passes(self.run_in(self.work, "npx", "--no-install", "lefthook", "install"))
        self.hooks_hold()

    def test_git_itself(self):
        git(self.work, "config", "core.hooksPath", ".hooks")
        self.passes(self.run_in(self.work, "keystrel", "hook", "install", "--type", "pre-commit,pre-push,commit-msg"))
        self.hooks_hold()


if __name__ == "__main__":
    unittest.main()
