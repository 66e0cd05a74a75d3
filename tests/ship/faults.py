"""A keystrel to which the system is unkind: calls that fail, are cut short or interrupted, by faults.c."""

import json
import os
import subprocess
import tempfile
import unittest
from dataclasses import dataclass
from pathlib import Path

import runner
from repos import Origin, git, token

# Of a file with a token on its only line.
LEAK = 'T = "{}"\n'


@dataclass
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str
    calls: dict
    failed: str = ""

    @property
    def report(self) -> dict | None:
        try:
            return json.loads(self.out)
        except ValueError:
            return None


def build(directory: Path) -> Path:
    library = directory / "faults.so"
    source = Path(__file__).with_name("faults.c")
    command = [os.environ.get("CC", "cc"), "-O1", "-Wall", "-Wextra", "-Werror", "-Wno-nonnull-compare", "-shared", "-fPIC", "-o", library, source]
    subprocess.run(command, check=True)
    return library


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        made = tempfile.TemporaryDirectory()
        cls.addClassCleanup(made.cleanup)
        cls.library = build(Path(made.name))

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name).resolve()
        self.home = self.root / "home"
        self.home.mkdir()
        self.origin = Origin(self.root)
        self.work = self.origin.work

    def leak(self, seed: int) -> str:
        return LEAK.format(token(seed))

    def fill(self):
        """A leak in each place that is read in a way of its own."""
        self.origin.commit("app.py", self.leak(1), f"uses {token(2)}")
        self.origin.commit(".gitignore", ".env\n")
        self.origin.commit("sub/deep/old.txt", self.leak(3))
        self.origin.commit("sub/deep/old.txt", "gone\n")
        subprocess.run(["tar", "-czf", "app.tar.gz", "app.py"], cwd=self.work, check=True)
        git(self.work, "add", "-A")
        git(self.work, "commit", "-q", "-m", "archive")
        # Some objects in a pack, some loose.
        git(self.work, "gc", "-q")
        self.origin.commit("loose.py", self.leak(4))
        git(self.work, "tag", "-a", "v1", "-m", f"was {token(5)}")
        (self.work / ".env").write_text(self.leak(6))
        (self.work / "staged.py").write_text(self.leak(7))
        git(self.work, "add", "staged.py")
        (self.work / ".keystrel.toml").write_text("[scan]\nmin-confidence = 'low'\n")

    def run_with(self, *arguments, cwd: Path | None = None, env: dict | None = None, binary: str | None = None, stdin: str | None = None, **faults) -> Done:
        """Runs keystrel with FAULTS_ variables: `call="read"`, `at=3`, `errno=errno.EIO`..."""
        log = self.root / "faults.log"
        log.unlink(missing_ok=True)
        variables = {"PATH": os.environ["PATH"], "HOME": str(self.home), "TMPDIR": str(self.home), "LD_PRELOAD": str(self.library), "FAULTS_LOG": str(log)}
        variables |= {f"FAULTS_{name.upper()}": str(value) for name, value in faults.items()} | (env or {})
        done = subprocess.run(
            [binary or runner.binary(), *map(str, arguments)], cwd=cwd or self.work, env=variables, capture_output=True, text=True, input=stdin, check=False, timeout=120
        )
        calls, failed = {}, ""
        if log.exists():
            for line in log.read_text().splitlines():
                name, value = line.split(" ", 1)
                if name.endswith("!"):
                    failed = line
                else:
                    calls[name] = int(value)
        return Done(done.returncode, done.stdout, done.stderr, calls, failed)
