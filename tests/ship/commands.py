"""commands.py KEYSTREL: prints docs/commands.md, the help of every command."""

import re
import subprocess
import sys

HEAD = "# Commands\n\nWhat `keystrel help COMMAND` prints; `keystrel man COMMAND` prints it as a manual page, `keystrel completions SHELL` completions.\n"


def help_of(binary: str, words: list[str]) -> str:
    # By its own name, whatever the file is called.
    command = ["keystrel", *words, "--help"]
    return subprocess.run(command, executable=binary, capture_output=True, text=True, check=True).stdout.rstrip()


def children(text: str) -> list[str]:
    block = re.search(r"^Commands:\n((?:  .*\n|\n)+)", text + "\n", re.MULTILINE)
    names = re.findall(r"^  ([a-z-]+)", block.group(1), re.MULTILINE) if block else []
    return [name for name in names if name != "help"]


def page(binary: str) -> str:
    parts = [HEAD]

    def add(words: list[str]) -> None:
        text = help_of(binary, words)
        if words:
            parts.append(f"\n{'#' * min(3, 1 + len(words))} keystrel {' '.join(words)}\n")
        parts.append(f"\n```text\n{text}\n```\n")
        for name in children(text):
            add([*words, name])

    add([])
    return re.sub(r" +$", "", "".join(parts), flags=re.MULTILINE)


if __name__ == "__main__":
    print(page(sys.argv[1]), end="")
