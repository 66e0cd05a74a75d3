"""Links of documents lead somewhere, on GitHub and in the book that mdBook makes of `docs/`.

The book has the files below `docs/` alone, so that a page there links to anything else by its address on GitHub. Nothing is asked of
the network: addresses of other sites are not looked at. `python -m unittest test_links` runs it alone.
"""

import os
import re
import subprocess
import tomllib
import unittest
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
HOME = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]["repository"]


def files() -> set[str]:
    """Paths of the repository, without what git ignores: GitHub has no others."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {path for path in listed.split("\0") if (ROOT / path).is_file()}


FILES = files()
DIRECTORIES = {str(parent) for path in FILES for parent in Path(path).parents}
PAGES = sorted(path for path in FILES if path.endswith(".md") and not path.startswith("tests/cases/"))


def prose(text: str) -> str:
    """A page without its blocks and spans of code, in which nothing is a link."""
    text = re.sub(r"^( *)(`{3,}|~{3,}).*?^\1\2[`~]*$", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)", lambda span: "`" * len(span.group(0)), text)


def links(text: str) -> list[str]:
    """Where the links of a page lead: inline ones, images, definitions and those of HTML."""
    text = prose(text)
    found = re.findall(r"\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)", text)
    found += re.findall(r"^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)", text, re.MULTILINE)
    found += re.findall(r"<(https?://[^>\s]+)>", text)
    return found + re.findall(r"(?:href|src)=\"([^\"]+)\"", text)


def labels(text: str) -> tuple[set[str], set[str]]:
    """Labels that links of a page use, `[text][label]`, and those that it defines."""
    text = prose(text)
    used = {label or name for name, label in re.findall(r"(?<!!)\[([^\]\[]+)\]\[([^\]]*)\]", text)}
    return {label.lower() for label in used}, {label.lower() for label in re.findall(r"^ {0,3}\[([^\]]+)\]:", text, re.MULTILINE)}


def anchors(text: str) -> set[str]:
    """What GitHub and mdBook make of headings; of equal ones the second ends in `-1`."""
    found: set[str] = set()
    text = re.sub(r"^( *)(`{3,}|~{3,}).*?^\1\2[`~]*$", "", text, flags=re.MULTILINE | re.DOTALL)
    for heading in re.findall(r"^#{1,6} (.+?)(?: #+)?$", text, re.MULTILINE):
        heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        name = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        number = 1
        unique = name
        while unique in found:
            unique = f"{name}-{number}"
            number += 1
        found.add(unique)
    return found


def problem(page: str, text: str, target: str) -> str | None:
    """What is wrong with a link of a page, if anything is."""
    own = re.fullmatch(re.escape(HOME) + r"(?:/(?:(blob|tree|raw|edit)/main(?:/(.*))?|.*))?", target)
    if own and own.group(1):
        path, _, anchor = unquote(own.group(2) or "").partition("#")
        path = path.rstrip("/") or "."
        if path.startswith("docs/") and page.startswith("docs/"):
            return "pages of the book link to one another by relative paths"
        if own.group(1) == "tree":
            return None if path in DIRECTORIES else "no such directory"
    elif re.match(r"[a-z][a-z0-9+.-]*:|//", target):
        return None
    else:
        path, _, anchor = unquote(target).partition("#")
        if path.startswith("/"):
            return "GitHub and the book take an absolute path for different things"
        path = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page
        if page.startswith("docs/") and not path.startswith("docs/"):
            return f"not in the book: {HOME}/blob/main/{path}"
    if path in DIRECTORIES and not page.startswith("docs/"):
        return "a directory has no headings" if anchor else None
    if path not in FILES:
        return "no such file"
    if anchor and path.endswith(".md"):
        to_text = text if path == page else (ROOT / path).read_text()
        return None if anchor in anchors(to_text) else "no such heading"
    if anchor and not re.fullmatch(r"L\d+(-L\d+)?", anchor):
        return "no such heading"
    return None


class Links(unittest.TestCase):
    def test_they_lead_somewhere(self):
        tried = 0
        for page in PAGES:
            text = (ROOT / page).read_text()
            for target in links(text):
                with self.subTest(page=page, link=target):
                    self.assertIsNone(problem(page, text, target))
                    tried += 1
            used, defined = labels(text)
            with self.subTest(page=page):
                self.assertEqual(used - defined, set(), "labels without a definition")
        self.assertGreater(tried, 200)

    def test_each_page_is_in_the_book_once(self):
        linked = links((DOCS / "SUMMARY.md").read_text())
        pages = sorted(page.removeprefix("docs/") for page in PAGES if page.startswith("docs/") and page != "docs/SUMMARY.md")
        self.assertEqual(sorted(linked), pages, "docs/SUMMARY.md")
        book = tomllib.loads((ROOT / "book.toml").read_text())
        self.assertEqual((book["book"]["src"], book["output"]["html"]["git-repository-url"]), ("docs", HOME))

    def test_each_page_begins_with_its_title(self):
        for page in PAGES:
            with self.subTest(page=page):
                self.assertRegex((ROOT / page).read_text(), r"\A# \S")


class Itself(unittest.TestCase):
    """That the checks above can fail."""

    def test_what_is_wrong_is_told(self):
        text = "# A page\n\n## With `code`, and more\n\n## Twice\n\n## Twice\n"
        for target, expected in {
            "cli.md": None,
            "reports.md#exit-codes": None,
            "facts/vault.md": None,
            "#with-code-and-more": None,
            "#twice-1": None,
            f"{HOME}/blob/main/README.md": None,
            f"{HOME}/blob/main/CONTRIBUTING.md#rules": None,
            f"{HOME}/tree/main/policies/vault": None,
            f"{HOME}/releases": None,
            "https://example.org/nothing": None,
            "none.md": "no such file",
            "cli.md#nowhere": "no such heading",
            "#twice-2": "no such heading",
            "facts": "no such file",
            "/docs/cli.md": "GitHub and the book take an absolute path for different things",
            "../README.md": f"not in the book: {HOME}/blob/main/README.md",
            f"{HOME}/blob/main/docs/cli.md": "pages of the book link to one another by relative paths",
            f"{HOME}/blob/main/NONE.md": "no such file",
            f"{HOME}/blob/main/CONTRIBUTING.md#nowhere": "no such heading",
            f"{HOME}/tree/main/nowhere": "no such directory",
        }.items():
            with self.subTest(link=target):
                self.assertEqual(problem("docs/accuracy.md", text, target), expected)
        self.assertIsNone(problem("README.md", text, "docs/reports.md#exit-codes"))
        self.assertIsNone(problem("docs/facts/gcp.md", text, "../policies.md#facts"))

    def test_links_are_found_in_all_their_forms_and_not_in_code(self):
        text = "[a](one.md) ![b](two.png \"title\") [c][three] <https://four.example>\n\n[three]: five.md\n\n`[x](six.md)`\n\n```sh\n[y](seven.md)\n```\n"
        self.assertEqual(links(text), ["one.md", "two.png", "five.md", "https://four.example"])
        self.assertEqual(labels(text), ({"three"}, {"three"}))


if __name__ == "__main__":
    unittest.main()
