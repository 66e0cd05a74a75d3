"""Trains the model of the context detector and writes src/detect/data/context.bin.

    python -m venv venv && venv/bin/pip install -r model/requirements.txt
    cargo build --release --example features
    venv/bin/python model/train.py ROWS.jsonl [--leave-out REPO] [--check]

Prints scores by line on the repositories that are held out, with values as labelled and resampled.
"""

import argparse
import struct
from pathlib import Path

import data
import lightgbm
import numpy as np

OUT = data.ROOT / "src/detect/data/context.bin"
PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.08,
    "num_leaves": 24,
    "min_data_in_leaf": 30,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "cat_smooth": 20,
    "verbosity": -1,
    "num_threads": 2,
    "seed": 1,
    "deterministic": True,
}
ROUNDS = 160
MAGIC = b"KSTM\x01"


def scores(table: data.Table, probability: np.ndarray, threshold: float, missed: int = 0) -> tuple[float, ...]:
    """Precision, recall and F1 by line: several candidates on a line count once."""
    truth, found = {}, {}
    for line, y, p in zip(table.line, table.y, probability):
        truth[line] = max(truth.get(line, 0), y)
        found[line] = max(found.get(line, 0.0), p)
    tp = sum(truth[line] and found[line] >= threshold for line in truth)
    fp = sum(not truth[line] and found[line] >= threshold for line in truth)
    positives = sum(truth.values()) + missed
    precision, recall = tp / max(1, tp + fp), tp / max(1, positives)
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def balance(table: data.Table) -> np.ndarray:
    """Weights in which no repository speaks for all."""
    repos, index, counts = np.unique(table.repo, return_inverse=True, return_counts=True)
    return table.weight * np.minimum(1.0, np.sqrt(150.0 / counts))[index]


def join(tables: list[data.Table]) -> data.Table:
    return data.Table(
        np.concatenate([t.x for t in tables]),
        np.concatenate([t.y for t in tables]),
        np.concatenate([t.weight for t in tables]),
        np.concatenate([t.repo for t in tables]),
        sum((t.line for t in tables), []),
    )


def export(booster: lightgbm.Booster, scale: float, shift: float) -> bytes:
    """The trees as the detector reads them; see src/detect/context/trees.rs."""
    out = bytearray(MAGIC)
    trees = booster.dump_model()["tree_info"]
    out += struct.pack("<Hff", len(trees), scale, shift)
    for tree in trees:
        nodes = []

        def walk(node: dict) -> int:
            at = len(nodes)
            nodes.append(None)
            if "leaf_value" in node:
                nodes[at] = struct.pack("<BxHff", 255, 0, 0.0, node["leaf_value"])
                return at
            # The left child follows its parent; its value is the mean below it, for explanations.
            threshold = np.float32(node["threshold"])
            if float(threshold) > node["threshold"]:
                threshold = np.nextafter(threshold, np.float32(-np.inf))
            walk(node["left_child"])
            right = walk(node["right_child"])
            nodes[at] = struct.pack("<BxHff", node["split_feature"], right, threshold, node["internal_value"])
            return at

        walk(tree["tree_structure"])
        out += struct.pack("<H", len(nodes)) + b"".join(nodes)
    return bytes(out)


def calibrate(raw: np.ndarray, y: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Platt's scale and shift of raw scores."""
    from sklearn.linear_model import LogisticRegression

    fit = LogisticRegression(C=1e6).fit(raw.reshape(-1, 1), y, sample_weight=weight)
    return float(fit.coef_[0, 0]), float(fit.intercept_[0])


def folds(table: data.Table, count: int = 4) -> np.ndarray:
    """Raw scores for every candidate by models that saw nothing of its repository."""
    repos = np.unique(table.repo)
    fold = {repo: int.from_bytes(repo.encode()[:4], "big") % 97 % count for repo in repos}
    at = np.array([fold[repo] for repo in table.repo])
    raw = np.zeros(len(table.y))
    weight = balance(table)
    for held in range(count):
        train, test = at != held, at == held
        set_ = lightgbm.Dataset(table.x[train], table.y[train], weight=weight[train])
        raw[test] = lightgbm.train(PARAMETERS, set_, ROUNDS).predict(table.x[test], raw_score=True)
    return raw


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("rows", type=Path)
    arguments.add_argument("--leave-out", action="append", default=[])
    arguments.add_argument("--binary", type=Path, default=data.ROOT / "target/release/examples/features")
    arguments.add_argument("--dump", type=Path, help="write held-out candidates and scores for a look")
    given = arguments.parse_args()
    rows = data.load(given.rows, set(given.leave_out))
    labelled = {(row["path"], n) for row in rows for n in range(row["line_start"], row["line_end"] + 1)}
    parts = {}
    for name, held in (("train", False), ("validation", True)):
        own = [row for row in rows if data.is_validation(row["repo"]) == held]
        for kind in ("raw", "resampled"):
            neutral = [row for row in own if not (row["label"] == "T" and data.is_neutral(row))]
            texts = (
                [data.make(row) for row in neutral]
                if kind == "raw"
                else data.resampled(neutral, 3 if name == "train" else 1, 7 if held else 8)
            )
            names, found = data.features(texts, given.binary)
            if kind == "raw":
                again = data.rewritten(neutral, found, 3 if name == "train" else 1, 9)
                _, found_again = data.features(again, given.binary)
                parts[name, "rewritten"] = data.table(again, found_again, set(), 0.0)
            parts[name, kind] = data.table(texts, found, labelled, 0.3 if kind == "raw" else 0.0)
            parts[name, kind, "texts"] = texts
    for key, table in parts.items():
        if len(key) == 2:
            print(*key, table.x.shape, "positive", int(table.y.sum()))
    train = join([parts["train", kind] for kind in ("raw", "resampled", "rewritten")])
    raw = folds(train)
    scale, shift = calibrate(raw, train.y, balance(train))
    booster = lightgbm.train(PARAMETERS, lightgbm.Dataset(train.x, train.y, weight=balance(train)), ROUNDS)
    OUT.write_bytes(export(booster, scale, shift))
    print(f"{OUT.name}: {OUT.stat().st_size} bytes, {ROUNDS} trees, scale {scale:.3f}, shift {shift:.3f}")
    for kind in ("raw", "resampled", "rewritten"):
        table = parts["validation", kind]
        probability = 1 / (1 + np.exp(-(booster.predict(table.x, raw_score=True) * scale + shift)))
        print(kind)
        for threshold in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95):
            precision, recall, f1 = scores(table, probability, threshold)
            print(f"  {threshold:.2f}  precision {precision:.3f}  recall {recall:.3f}  F1 {f1:.3f}")
        if given.dump and kind == "raw":
            np.savez(given.dump, p=probability, y=table.y, line=np.array([f"{a}:{b}" for a, b in table.line]))
    gain = booster.feature_importance("gain")
    for index in np.argsort(-gain)[:25]:
        print(f"  {names[index]:24} {gain[index] / gain.sum():.3f}")


if __name__ == "__main__":
    main()
