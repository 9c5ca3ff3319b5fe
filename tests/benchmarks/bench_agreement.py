"""How fast are agreement and consensus against other implementations, in the same run? Figures are ratios; nothing here is a test.

Votes are made: reviewers of different accuracy on items with labels that are not equally common. The stock way is the package
`krippendorff` for α, and for a bootstrap interval the same call on resampled items; statsmodels for Fleiss' κ.

usage: bench_agreement.py [--items N] [--reviewers N] [--labels N] [--votes N]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np

from curator.review.agreement.measures import measure_agreement
from curator.review.consensus.choosing import find_consensus
from curator.review.votes.arrays import make_votes

RESAMPLES = 1_000


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--reviewers", type=int, default=12)
    parser.add_argument("--labels", type=int, default=10)
    parser.add_argument("--votes", type=int, default=3, help="for each item")
    args = parser.parse_args()
    table = made(args.items, args.reviewers, args.labels, args.votes)
    item, reviewer = np.nonzero(table >= 0)
    rows = [(f"{i:07d}", f"r{r:03d}", f"l{table[i, r]:03d}") for i, r in zip(item, reviewer, strict=True)]
    votes = make_votes(rows)
    print(f"{len(rows):,} votes of {args.reviewers} reviewers on {args.items:,} items, {args.labels} labels")
    agreed = find_consensus(votes, "majority")
    ours = seconds(lambda: measure_agreement(votes, agreed))
    stock, alpha = stock_alpha(table)
    print(
        f"all figures with intervals: {ours:.1f} s; stock α with an interval: {stock:.0f} s (of which 1 in 50 was run)"
    )
    print(
        f"ratio: {stock / ours:.0f} times as fast, for all figures instead of one; α differs by {difference(votes, alpha):.1e}"
    )
    for method in ("majority", "dawid-skene", "mace", "auto"):
        print(f"consensus, {method}: {seconds(lambda method=method: find_consensus(votes, method)):.1f} s")


def made(items: int, reviewers: int, labels: int, votes: int) -> np.ndarray:
    """items × reviewers: the code of a label, -1 where there is no vote."""
    chance = np.random.default_rng(0)
    shares = 1 / np.arange(1, labels + 1)
    right = chance.choice(labels, items, p=shares / shares.sum())
    accuracy = chance.uniform(0.6, 0.95, reviewers)
    table = np.full((items, reviewers), -1)
    for i in range(items):
        who = chance.choice(reviewers, votes, replace=False)
        said = np.where(chance.random(votes) < accuracy[who], right[i], chance.integers(0, labels, votes))
        table[i, who] = said
    return table


def stock_alpha(table: np.ndarray) -> tuple[float, float]:
    """Seconds that α with an interval takes, from one call for each of a fiftieth of the resamples, and α."""
    import krippendorff

    data = np.where(table < 0, np.nan, table).T
    found = krippendorff.alpha(reliability_data=data, level_of_measurement="nominal")
    chance = np.random.default_rng(0)
    some = RESAMPLES // 50
    began = time.perf_counter()
    for _ in range(some):
        drawn = chance.integers(0, len(table), len(table))
        krippendorff.alpha(reliability_data=data[:, drawn], level_of_measurement="nominal")
    return (time.perf_counter() - began) * 50, float(found)


def difference(votes: object, alpha: float) -> float:
    found = measure_agreement(votes, find_consensus(votes, "majority"))  # type: ignore[arg-type]
    return abs((found.krippendorff_alpha.value or 0.0) - alpha)


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
