"""How fast is a comparison with its intervals against the stock way, in the same run? A ratio; nothing here is a test.

The stock way: scikit-learn's accuracy, F1 by label and balanced accuracy of both systems on each of 1,000 resamples, of which a few
are run. Processor time, so that what else runs on the machine does not count.

usage: bench_compare.py [--examples N] [--labels N]
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score

from curator.comparison.compare import Wanted, compared
from curator.comparison.evalset import EvalSet
from curator.comparison.matching import Matched
from curator.model import Example, Message, Ref, Role
from curator.progress import Silent
from curator.tasks import Task

RESAMPLES, RUN = 1_000, 3


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--examples", type=int, default=100_000)
    parser.add_argument("--labels", type=int, default=77)
    args = parser.parse_args()
    dice = np.random.default_rng(0)
    names = [f"label {n:03d}" for n in range(args.labels)]
    gold = dice.integers(0, args.labels, args.examples)
    sides = [np.where(dice.random(args.examples) < right, gold, dice.integers(0, args.labels, args.examples)) for right in (0.80, 0.81)]  # fmt: skip
    evals = EvalSet("eval", "made", tuple(_example(n, names[label]) for n, label in enumerate(gold)))
    matched = [_matched([names[label] for label in side]) for side in sides]
    wanted = Wanted(task=Task.CLASSIFICATION, resamples=RESAMPLES)
    began = time.process_time()
    found = compared(evals, matched[0], matched[1], wanted, Silent())
    ours = time.process_time() - began
    began = time.process_time()
    for _ in range(RUN):
        drawn = dice.integers(0, args.examples, args.examples)
        for side in sides:
            accuracy_score(gold[drawn], side[drawn])
            f1_score(gold[drawn], side[drawn], average=None, zero_division=0)
            balanced_accuracy_score(gold[drawn], side[drawn])
    stock = (time.process_time() - began) / RUN * RESAMPLES
    print(f"{args.examples:,} examples, {args.labels} labels, {RESAMPLES:,} resamples; verdict: {found.outcome}")
    print(
        f"ours {ours:.1f} s, all measures and labels; stock {stock:.0f} s ({RUN} resamples were run); ratio {stock / ours:.0f}"
    )


def _example(number: int, label: str) -> Example:
    ref = Ref("eval", number, number + 1, Role.EVAL)
    return Example(ref, (Message("user", f"question {number}"), Message("assistant", label)))


def _matched(answers: list[str]) -> Matched:
    return Matched("made", "made", "order", tuple(answers), (None,) * len(answers), ())


if __name__ == "__main__":
    main()
