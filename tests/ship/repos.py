"""Repositories that are made on the spot, with tokens that are nobody's."""

import os
import random
import subprocess
import zlib
from pathlib import Path

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ZERO = "0" * 40


def token(seed: int) -> str:
    """A token with the right form and checksum: base 62 of the CRC-32, which no server gave out."""
    body = "".join(random.Random(seed).choices(DIGITS, k=30))
    rest, check = zlib.crc32(body.encode()), ""
    while rest:
        rest, digit = divmod(rest, 62)
        check = DIGITS[digit] + check
    return "gh" + "p_" + body + check.rjust(6, "0")


def git(directory: Path, *arguments: str) -> str:
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(directory), "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "Ada",
        "GIT_AUTHOR_EMAIL": "ada@example.org", "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.org",
    }
    command = ["git", "-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always", *arguments]
    done = subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"git {arguments}: {done.stderr}"
    return done.stdout.strip()


class Origin:
    """A server's repository, and the clone somebody works in."""

    def __init__(self, root: Path):
        self.root = root
        self.server = root / "server.git"
        self.work = root / "work"
        self.server.mkdir()
        git(self.server, "init", "-q", "--bare", ".")
        # As GitHub does: any commit can be asked for by its id.
        git(self.server, "config", "uploadpack.allowAnySHA1InWant", "true")
        self.work.mkdir()
        git(self.work, "init", "-q", ".")
        git(self.work, "remote", "add", "origin", f"file://{self.server}")

    def commit(self, name: str, text: str, message: str = "change") -> str:
        path = self.work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        git(self.work, "add", "-A")
        git(self.work, "commit", "-q", "-m", message)
        return self.head()

    def leak(self, name: str, seed: int) -> str:
        return self.commit(name, f'TOKEN = "{token(seed)}"\n', f"adds {name}")

    def head(self, what: str = "HEAD") -> str:
        return git(self.work, "rev-parse", what)

    def push(self, *arguments: str) -> None:
        git(self.work, "push", "-q", *(arguments or ("origin", "HEAD")))

    def checkout(self, what: str, *arguments: str, depth: int | None = 1) -> Path:
        """The checkout of a job, as actions/checkout makes it: one commit of one ref unless `fetch-depth` says more."""
        at = self.root / f"job-{len(list(self.root.iterdir()))}"
        at.mkdir()
        git(at, "init", "-q", ".")
        git(at, "remote", "add", "origin", f"file://{self.server}")
        if depth:
            git(at, "fetch", "-q", "--no-tags", f"--depth={depth}", *arguments, "origin", what)
        else:
            git(at, "fetch", "-q", "origin", "+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*", what)
        git(at, "checkout", "-q", "--detach", "FETCH_HEAD")
        return at
