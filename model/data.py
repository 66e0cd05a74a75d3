"""Labelled lines to texts, candidates and features.

A row holds `repo`, `path`, `line_start`, `label` (T, F or X), `category`, `value_start`, `value_end`, and the
lines `before`, `lines` and `after`. See docs/accuracy.md for where such rows come from.
"""

import hashlib
import json
import random
import subprocess
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import resample
import syntax

ROOT = Path(__file__).parent.parent
# No secret by themselves: left out on both sides.
NEUTRAL = {"UUID", "Nonce", "Salt", "AWS S3 Bucket", "Firebase Domain", "AWS Client ID", "AWS Multi"}
# Rules know these by their structure, which another value would not have.
STRUCTURED = {
    "PEM Private Key", "JSON Web Token", "NKEY Seed", "Basic Authorization", "Twilio Credentials", "Google API Key",
    "Grafana Service Account Token", "Grafana Provisioned API Key", "Azure Access Token", "BASE64 Private Key",
}


@dataclass
class Text:
    """A row as a text of its own, with what is labelled in it."""

    path: str
    repo: str
    text: str
    # Of the labelled lines, in bytes.
    start: int
    end: int
    value: tuple[int, int] | None
    label: int
    weight: float
    # Identity of the line, for scores by line.
    line: tuple[str, int]
    category: str
    quiet: list[tuple[int, int]] = field(default_factory=list)


def load(path: Path, leave_out: set[str]) -> list[dict]:
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    return [row for row in rows if row["repo"] not in leave_out]


def is_validation(repo: str) -> bool:
    """One repository in five, by a hash of its name."""
    return hashlib.sha256(repo.encode()).digest()[0] % 5 == 0


def is_neutral(row: dict) -> bool:
    return set(row["category"].split(":")) <= NEUTRAL


def make(row: dict, value: str | None = None, weight: float = 1.0) -> Text:
    """The row as a text, with another value where one is given."""
    lines = list(row["lines"])
    start, end = row["value_start"], row["value_end"]
    known = start >= 0 and row["line_start"] == row["line_end"]
    if value is not None:
        lines[0] = lines[0][:start] + value + lines[0][end:]
        end = start + len(value)
    before = "".join(line + "\n" for line in row["before"])
    inner = "\n".join(lines)
    text = before + inner + "\n" + "".join(line + "\n" for line in row["after"])
    at = len(before.encode())
    span = (at + len(lines[0][:start].encode()), at + len(lines[0][:end].encode())) if known else None
    label = int(row["label"] == "T")
    stop = at + len(inner.encode())
    line = (row["path"], row["line_start"])
    return Text(row["path"], row["repo"], text, at, stop, span, label, weight, line, row["category"])


def pools(rows: list[dict]) -> dict[tuple[str, str], list[str]]:
    """The false values of each label and kind."""
    found = defaultdict(list)
    for row in rows:
        if row["label"] != "T" and row["value_start"] >= 0 and row["line_start"] == row["line_end"]:
            value = row["lines"][0][row["value_start"] : row["value_end"]]
            found[row["label"], resample.kind(value)].append(value)
    return found


def other_value(row: dict, rng: random.Random, false: dict[tuple[str, str], list[str]]) -> str | None:
    """Another value for the row; none where its value is not known, or is known by its structure."""
    known = row["value_start"] >= 0 and row["line_start"] == row["line_end"]
    value = row["lines"][0][row["value_start"] : row["value_end"]]
    if not known or not value or set(row["category"].split(":")) & STRUCTURED or is_neutral(row):
        return None
    if row["label"] == "T":
        return resample.secret(rng, value)
    if row["label"] == "X" and rng.random() < 0.4:
        return resample.placeholder(rng)
    return rng.choice(false[row["label"], resample.kind(value)])


def resampled(rows: list[dict], times: int, seed: int) -> list[Text]:
    """Every row with other values: true ones several times, at a share of the weight."""
    rng = random.Random(seed)
    false = pools(rows)
    made = []
    for row in rows:
        count = times if row["label"] == "T" else 1
        made += [make(row, other_value(row, rng, false), 1.0 / count) for _ in range(count)]
    return made


def rewritten(rows: list[dict], found: list[list], times: int, seed: int) -> list[Text]:
    """Every row whose name and value are known, in other syntaxes and with other values."""
    rng = random.Random(seed)
    false = pools(rows)
    made = []
    for row, candidates in zip(rows, found):
        text = make(row)
        bytes_ = text.text.encode()
        for start, end, name_start, name_end, _ in candidates:
            if not text.value or not (start < text.value[1] and end > text.value[0]):
                continue
            name = bytes_[name_start:name_end].decode(errors="replace").split(".")[-1]
            for _ in range(times):
                value = other_value(row, rng, false)
                done = value and syntax.rewrite(rng, row["path"], name, value)
                if not done:
                    continue
                path, line, at = done
                at = len(line[:at].encode())
                span = (at, at + len(value.encode()))
                made.append(
                    Text(path, row["repo"], line + "\n", 0, len(line.encode()), span, text.label, 0.6 / times,
                         (f"{row['path']}#{len(made)}", row["line_start"]), row["category"])
                )
            break
    return made


def features(texts: list[Text], binary: Path) -> tuple[list[str], list[list]]:
    """The names of the features, and the candidates of every text."""
    lines = "".join(json.dumps({"path": t.path, "text": t.text}) + "\n" for t in texts)
    done = subprocess.run([binary], input=lines.encode(), stdout=subprocess.PIPE, check=True)
    names, *found = done.stdout.decode().splitlines()
    return json.loads(names), [json.loads(line) for line in found]


@dataclass
class Table:
    """Candidates with what is known of them."""

    x: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    repo: np.ndarray
    line: list[tuple[str, int]]


def table(texts: list[Text], found: list[list], labelled: set[tuple[str, int]], strays: float = 0.3) -> Table:
    """Candidates on labelled lines, and, at the weight `strays`, those on lines that nobody labelled."""
    positives = {text.line for text in texts if text.label}
    x, y, weight, repo, line = [], [], [], [], []
    seen = set()
    for text, candidates in zip(texts, found):
        first = text.line[1] - text.text.encode()[: text.start].count(b"\n")
        for start, end, _, _, values in candidates:
            if text.start <= start < text.end:
                inside = text.value is None or (start < text.value[1] and end > text.value[0])
                # Beside a true value another may be true as well.
                if not inside and (text.label or text.line in positives):
                    continue
                label, heavy = text.label, text.weight
                at = text.line
            else:
                number = first + text.text.encode()[:start].count(b"\n")
                at = (text.path, number)
                if at in labelled or (at, start - text.start) in seen or not strays:
                    continue
                seen.add((at, start - text.start))
                label, heavy = 0, strays
            x.append(values)
            y.append(label)
            weight.append(heavy)
            repo.append(text.repo)
            line.append(at)
    return Table(np.array(x, np.float32), np.array(y), np.array(weight), np.array(repo), line)
