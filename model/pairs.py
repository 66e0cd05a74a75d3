"""Writes src/detect/data/pairs.bin: how surprising each pair of letters is in English words.

27 x 27 bytes, row by first letter, column by second, `z` before the edge of a word; sixteenths of a bit.
"""

import math
from collections import Counter
from pathlib import Path

DATA = Path(__file__).parent.parent / "src/detect/data"


def main() -> None:
    pairs = Counter()
    for word in (DATA / "words.txt").read_text().split():
        if word.isalpha():
            letters = [26, *(ord(c) - 97 for c in word), 26]
            pairs.update(zip(letters, letters[1:]))
    table = bytearray()
    for first in range(27):
        row = [pairs[first, second] + 0.5 for second in range(27)]
        total = sum(row)
        table += bytes(min(255, round(-math.log2(count / total) * 16)) for count in row)
    (DATA / "pairs.bin").write_bytes(table)


if __name__ == "__main__":
    main()
