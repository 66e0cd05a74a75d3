"""Writes src/detect/data/grams.bin: how often three bytes stand in texts, by their hash.

    python3 model/grams.py DIRECTORY...

A byte for each hash: eighths of the binary logarithm of how many times in 2^32 it stands there. Each directory counts the
same, whatever its size. It holds texts of one sort: the sources of Rust crates, of Python packages, of JavaScript packages, the
documents and settings of a Debian system. What the table tells steers speed alone, never what is found.
"""

import math
import sys
from pathlib import Path

import numpy

DATA = Path(__file__).parent.parent / "src/detect/data"
BITS = 15
LARGEST = 1 << 20


def hashes(text: bytes) -> numpy.ndarray:
    """As `prefilter/grams.rs` has them."""
    folded = numpy.frombuffer(text, numpy.uint8).astype(numpy.uint32) | 0x20
    grams = folded[:-2] | folded[1:-1] << 8 | folded[2:] << 16
    return (grams * numpy.uint32(0x9E3779B1)) >> (32 - BITS)


def main() -> None:
    shares = numpy.zeros(1 << BITS)
    for directory in sys.argv[1:]:
        counts = numpy.zeros(1 << BITS)
        for path in sorted(Path(directory).rglob("*")):
            if path.is_symlink() or not path.is_file() or not 3 <= path.stat().st_size <= LARGEST:
                continue
            text = path.read_bytes()
            if 0 not in text:
                counts += numpy.bincount(hashes(text), minlength=1 << BITS)
        shares += counts / counts.sum() / (len(sys.argv) - 1)
    table = bytes(min(255, round(8 * math.log2(max(1, share * 2**32)))) for share in shares)
    (DATA / "grams.bin").write_bytes(table)


if __name__ == "__main__":
    main()
