"""What a fine-tuning job would be billed: tokens per example and target, times the prices that are known.

for cost in costs(read(["train.csv"]), ["openai"], epochs=3):
    print("\n".join(cost.lines()))
"""

from curator.costs.estimate import EPOCHS, LOOK, Bill, Over, Spread, TargetCost, count, of_counts, refuse_epochs
from curator.costs.prices import Price, prices, prices_of
from curator.costs.reading import Counted, Part, Read, counted, is_release, read, read_project, read_release
from curator.costs.whole import ALL, costs, names

__all__ = [
    "ALL",
    "EPOCHS",
    "LOOK",
    "Bill",
    "Counted",
    "Over",
    "Part",
    "Price",
    "Read",
    "Spread",
    "TargetCost",
    "costs",
    "count",
    "counted",
    "is_release",
    "names",
    "of_counts",
    "prices",
    "prices_of",
    "read",
    "read_project",
    "read_release",
    "refuse_epochs",
]
