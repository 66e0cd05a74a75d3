"""Writes the rows of the repositories that are held out, as labelled or with other values.

    python model/split.py ROWS.jsonl [--leave-out REPO] [--resampled] > validation.jsonl
    keystrel eval validation.jsonl --neutral "$(python model/split.py --neutral)"
"""

import argparse
import json
import random
import sys
from collections import defaultdict
from pathlib import Path

import data
import resample


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("rows", type=Path, nargs="?")
    arguments.add_argument("--leave-out", action="append", default=[])
    arguments.add_argument("--resampled", action="store_true")
    arguments.add_argument("--neutral", action="store_true", help="print the categories that are no secrets")
    given = arguments.parse_args()
    if given.neutral:
        print(",".join(sorted(data.NEUTRAL)))
        return
    rows = [row for row in data.load(given.rows, set(given.leave_out)) if data.is_validation(row["repo"])]
    rng = random.Random(7)
    pools = data.pools(rows)
    for row in rows:
        value = data.other_value(row, rng, pools) if given.resampled else None
        if value is not None:
            line = row["lines"][0]
            row["lines"][0] = line[: row["value_start"]] + value + line[row["value_end"] :]
        json.dump(row, sys.stdout)
        print()


if __name__ == "__main__":
    main()
