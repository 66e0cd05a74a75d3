"""Documents: what they name is there. Their links: test_links.py."""

import json
import os
import re
import subprocess
import tempfile
import tomllib
import unittest
from pathlib import Path

import commands
import runner
from repos import Origin, token
from ruamel.yaml import YAML

ROOT = runner.ROOT
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.glob("**/*.md"), *ROOT.glob("*.md")])


def blocks(text: str, *languages: str) -> list[str]:
    return [body for name, body in re.findall(r"^```(\w+)\n(.*?)^```", text, re.MULTILINE | re.DOTALL) if name in languages]


class Names(unittest.TestCase):
    def test_each_test_that_security_names_is_there(self):
        rows = re.findall(r"((?:`\w+`(?:, )?)+) in \[[^\]]+\]\(([^)]+)\)", (ROOT / "SECURITY.md").read_text())
        self.assertGreater(len(rows), 20)
        for names, path in rows:
            text = (ROOT / path).read_text()
            for name in re.findall(r"`(\w+)`", names):
                with self.subTest(test=name, file=path):
                    self.assertRegex(text, rf"(fn {name}|def test_{name})\(" if path != "Cargo.toml" else name)

    def test_each_option_that_a_document_shows_is_one(self):
        known = {}

        def options(words):
            if words not in known:
                done = subprocess.run([runner.binary(), *words, "--help"], capture_output=True, text=True, check=False)
                known[words] = set(re.findall(r"--[a-z][a-z-]*", done.stdout)) if done.returncode == 0 else None
            return known[words]

        checked = 0
        for page in [*PAGES, *ROOT.glob("packages/**/*.y*ml")]:
            if page.name == "CHANGELOG.md":
                continue
            text = page.read_text()
            lines = "\n".join(blocks(text, "sh", "console", "yaml")) if page.suffix == ".md" else text
            code = re.findall(r"`(keystrel [^`]+)`", text) + re.findall(r"(?<!-n )(?:^|[\s|$(])(?<!-n )(keystrel [^|\n#;)]+)", lines.replace("\\\n", " "))
            for line in code:
                words = line.split()[1:]
                command = tuple(w for w in words[:1] if re.fullmatch(r"[a-z]+", w))
                if command and options((*command, *words[1:2])) is not None and words[1:2] and re.fullmatch(r"[a-z-]+", words[1]):
                    command = (*command, words[1]) if command[0] in ("rules", "policy", "hook") else command
                for option in re.findall(r"(?<!\S)--[a-z][a-z-]+", line.split("| ")[0]):
                    with self.subTest(page=page.name, line=line):
                        self.assertIsNotNone(options(command), command)
                        self.assertIn(option, options(command) | {"--help", "--version"})
                        checked += 1
        self.assertGreater(checked, 60)

    def test_each_control_that_a_document_asks_for_is_one(self):
        listed = subprocess.run([runner.binary(), "policy", "list"], capture_output=True, text=True, check=True).stdout
        known = set(re.findall(r"^\S+", listed, re.MULTILINE))
        for page in PAGES:
            for ids in re.findall(r"--control ([a-z][a-z0-9,-]+)", page.read_text()):
                for name in ids.split(","):
                    self.assertIn(name, known, page.name)

    def test_counts_of_rules_controls_and_requirements_are_those_of_the_binary(self):
        def ask(*words):
            return subprocess.run([runner.binary(), *words], capture_output=True, text=True, check=True).stdout

        def numbers(pattern):
            found = re.search(pattern, re.sub(r"\s+", " ", (ROOT / "README.md").read_text()))
            self.assertIsNotNone(found, pattern)
            return [int(number.replace(",", "")) for number in found.groups()]

        rules = [int(number) for number in re.search(r"(\d+) kinds of (\d+) providers", ask("rules", "list", "--format", "markdown")).groups()]
        self.assertEqual(numbers(r"([\d,]+) rules for tokens of ([\d,]+) providers"), rules)
        ids = ask("policy", "list").split("\n")[:-1]
        self.assertEqual(numbers(r"([\d,]+) controls in Rego"), [len(ids)])
        listed = re.findall(r"^\| `([a-z0-9-]+)` \| [^|]+ \| (\d+) \|$", (DOCS / "compliance.md").read_text(), re.MULTILINE)
        files = {path.stem: path.read_text() for path in (ROOT / "policies/frameworks").glob("*.toml")}
        made = {tomllib.loads(text)["name"]: len(tomllib.loads(text)["requirement"]) for text in files.values()}
        self.assertEqual({name: int(count) for name, count in listed}, made)

    def test_controls_of_the_estate_are_all_told_with_their_titles(self):
        listed = subprocess.run([runner.binary(), "policy", "list", "--format", "json"], capture_output=True, text=True, check=True).stdout
        made = {row["id"]: row["title"] for row in json.loads(listed) if row["id"].startswith("x-")}
        told = {}
        for names, titles in re.findall(r"^\| ((?:`x-[a-z0-9-]+`(?:, )?)+) \| ([^|]+) \|", (DOCS / "join.md").read_text(), re.MULTILINE):
            told |= dict(zip(re.findall(r"`([^`]+)`", names), titles.split("; "), strict=True))
        self.assertEqual(told, made)

    def test_the_example_of_a_policy_passes_its_tests(self):
        page = (DOCS / "policies.md").read_text()
        policy, tests = blocks(page, "rego")
        with tempfile.TemporaryDirectory() as directory:
            (Path(directory) / "policies").mkdir()
            (Path(directory) / "policies/shop.rego").write_text(policy)
            (Path(directory) / "policies/shop_test.rego").write_text(tests)
            shown = next(body for body in blocks(page, "console") if "policy check" in body)
            for command, expected in re.findall(r"^\$ keystrel (.+)\n((?:(?!\$).+\n)+)", shown, re.MULTILINE):
                done = subprocess.run([runner.binary(), *command.split()], capture_output=True, text=True, check=False, cwd=directory)
                self.assertEqual((done.returncode, done.stdout), (0, expected), command)

    def test_the_examples_of_rules_pass_and_give_what_is_shown(self):
        page = re.sub("^   ", "", (DOCS / "writing-rules.md").read_text(), flags=re.MULTILINE)
        rules = [body for body in blocks(page, "toml") if "match = " in body]
        self.assertEqual(len(rules), 3)
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / ".keystrel.toml"

            def ask(*words):
                done = subprocess.run([runner.binary(), *words], capture_output=True, text=True, check=False, cwd=directory)
                return done.returncode, done.stdout + done.stderr

            for body in reversed(rules):
                path.write_text(body)
                code, told = ask("rules", "test", path.name)
                self.assertEqual(code, 0, told)
            shown = next(body for body in blocks(page, "console"))
            for command, expected in re.findall(r"^\$ keystrel (.+)\n((?:(?!\$).+\n)+)", shown, re.MULTILINE):
                self.assertEqual(ask(*command.split()), (0, expected), command)

    def test_inputs_and_outputs_of_the_action_are_all_told(self):
        text = (DOCS / "action.md").read_text()
        inputs, outputs = (re.findall(r"^\| `([a-z0-9-]+)` \|", part, re.MULTILINE) for part in re.split("^## ", text, flags=re.MULTILINE) if part.startswith(("Inputs", "Outputs")))
        self.assertEqual(inputs, list(runner.ACTION["inputs"]))
        self.assertEqual(outputs, list(runner.ACTION["outputs"]))

    def test_hooks_that_a_document_shows_are_there(self):
        ids = {hook["id"] for hook in YAML(typ="safe").load((ROOT / ".pre-commit-hooks.yaml").read_text())}
        shown = set()
        for page in PAGES:
            shown |= set(re.findall(r"^\s+- id: ([\w-]+)", page.read_text(), re.MULTILINE))
        self.assertLessEqual({name for name in shown if name.startswith("keystrel")}, ids)
        self.assertIn("keystrel-src", shown)

    def test_workflows_are_sound(self):
        shown = [body for page in PAGES for body in blocks(page.read_text(), "yaml") if re.search("^on:", body, re.MULTILINE)]
        self.assertGreater(len(shown), 0)
        for body in shown:
            done = subprocess.run(["actionlint", "-color=false", "-"], input=body, capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + body)

    def test_configurations_load_and_nothing_in_them_is_unknown(self):
        tried = set()
        for page in PAGES:
            for body in blocks(page.read_text(), "toml"):
                tables = set(re.findall(r"^\[+([a-z]+)", body, re.MULTILINE))
                is_ignore = "ignore" in tables
                if not (is_ignore or tables & {"scan", "extend", "rules", "allowlists", "policy"}) or "provider" in tomllib.loads(body):
                    continue
                with self.subTest(page=page.name, body=body), tempfile.TemporaryDirectory() as directory:
                    (Path(directory) / ("." + ("keystrelignore" if is_ignore else "keystrel.toml"))).write_text(body)
                    (Path(directory) / "plain").write_text("x\n")
                    done = subprocess.run([runner.binary(), "scan", directory, "--format", "json"], capture_output=True, text=True, check=False)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertEqual(json.loads(done.stdout)["warnings"], [])
                    tried |= tables
        self.assertLessEqual({"scan", "extend", "rules", "allowlists", "policy", "ignore"}, tried)

    def test_each_key_of_the_scan_table_is_documented(self):
        """Those that the code has."""
        code = (ROOT / "src/config/load.rs").read_text()
        fields = re.findall(r"^    pub (\w+): Option<", re.search(r"^pub struct Scan \{(.*?)^\}", code, re.MULTILINE | re.DOTALL).group(1), re.MULTILINE)
        self.assertGreater(len(fields), 5)
        shown = tomllib.loads(blocks((DOCS / "configuration.md").read_text(), "toml")[0])["scan"]
        self.assertEqual(sorted(shown), sorted(field.replace("_", "-") for field in fields))

    def test_each_key_of_rules_and_allowlists_is_documented(self):
        """Those that the code reads, which are in lower case there."""
        code = (ROOT / "src/config/rules.rs").read_text()
        read = set(re.findall(r'\b(?:table|part|within)\.(?:string|strings|string_at|number|float|boolean|table|tables|ignore)\("(\w+)"\)', code))
        self.assertGreater(len(read), 30)
        text = "".join((DOCS / name).read_text() for name in ("configuration.md", "writing-rules.md"))
        text = re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL)
        told = {word.lower() for span in re.findall("`([^`]+)`", text) for word in re.findall(r"\w+", span)}
        self.assertEqual(read - told, set())

    def test_blocks_are_what_they_say(self):
        for page in PAGES:
            for body in blocks(page.read_text(), "yaml"):
                with self.subTest(page=page.name, body=body):
                    list(YAML(typ="safe").load_all(body))
            for body in blocks(page.read_text(), "toml"):
                with self.subTest(page=page.name, body=body):
                    tomllib.loads(body)


class Shown(unittest.TestCase):
    def test_the_scan_that_the_readme_shows_gives_what_it_shows(self):
        page = (ROOT / "README.md").read_text()
        shown = next(body for body in blocks(page, "console") if body.startswith("$ keystrel scan .\n"))
        with tempfile.TemporaryDirectory() as directory:
            origin = Origin(Path(directory))
            (origin.work / "README.md").write_text("# Shop\n")
            origin.commit("app.py", "import os\n", "first")
            origin.commit("app.py", f'import os\n\nTOKEN = "{token(1)}"\n', "use the API")
            origin.commit("app.py", 'import os\n\nTOKEN = os.environ["TOKEN"]\n', "token from the environment")
            done = subprocess.run([runner.binary(), "scan", "."], cwd=origin.work, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1, done.stderr)

        def plain(text):
            for pattern in (r"\b[0-9a-f]{12}\b", r"\d{4}-\d\d-\d\d", r"entropy \d\.\d", r", [\d.]+ k?B in [\d.]+ m?s \([^)]+\)"):
                text, count = re.subn(pattern, "X", text)
                self.assertEqual(count, 1, pattern)
            return text

        self.assertEqual(plain(shown.removeprefix("$ keystrel scan .\n")), plain(done.stdout))


class Made(unittest.TestCase):
    def test_the_page_of_commands_is_that_of_the_binary(self):
        path, made = DOCS / "commands.md", commands.page(runner.binary())
        if os.environ.get("UPDATE_DOCS"):
            path.write_text(made)
        self.assertEqual(path.read_text(), made, "docs/commands.md: UPDATE_DOCS=1 tests/ship.sh")


if __name__ == "__main__":
    unittest.main()
