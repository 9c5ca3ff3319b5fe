"""Small files to run commands on."""

from __future__ import annotations

import csv
import random
from pathlib import Path

from curator.resources import resource

WORDS = (
    "invoice refund parcel lamp sofa desk login password email courier voucher kettle window garden blue heavy late "
    "broken missing early return gift exchange warranty delivery basket checkout address account newsletter"
).split()


def sample_rows(count: int | None = None) -> list[tuple[str, str]]:
    """Text and label of the first `count` rows of the bundled support sample."""
    with (resource("samples/support") / "pairs.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["text"], row["intent"]) for row in csv.DictReader(file)]
    return rows[:count]


def made_rows(count: int, labels: int = 4, seed: int = 1) -> list[tuple[str, str]]:
    """Texts of random words, all different, with a word that foretells the label."""
    dice = random.Random(seed)
    rows = []
    for number in range(count):
        label = number % labels
        rows.append((f"{WORDS[label]} {WORDS[label]} {' '.join(dice.sample(WORDS, 6))} {number}", f"label {label}"))
    return rows


def write_rows(path: Path, rows: list[tuple[str, str]]) -> Path:
    """A CSV file with the columns text and intent."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("text", "intent"))
        writer.writerows(rows)
    return path
