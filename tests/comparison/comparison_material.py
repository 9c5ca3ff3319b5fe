"""Eval sets and predictions as files."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any


def write_lines(path: Path, records: Iterable[Any]) -> Path:
    """A JSONL file."""
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records), encoding="utf-8")
    return path


def labelled(
    folder: Path, gold: Sequence[str], baseline: Sequence[str], tuned: Sequence[str]
) -> tuple[Path, Path, Path]:
    """An eval set of labels with an id each, and two files of predictions by id."""
    return (
        write_lines(
            folder / "eval.jsonl", [{"id": n, "input": f"question {n}", "output": y} for n, y in enumerate(gold)]
        ),
        write_lines(folder / "before.jsonl", [{"id": n, "prediction": y} for n, y in enumerate(baseline)]),
        write_lines(folder / "after.jsonl", [{"id": n, "prediction": y} for n, y in enumerate(tuned)]),
    )


def answered(gold: Sequence[str], right: float, seed: int, others: Sequence[str] | None = None) -> list[str]:
    """Labels of which a share is right, the others drawn at random."""
    dice = random.Random(seed)
    pool = list(others or sorted(set(gold)))
    return [label if dice.random() < right else dice.choice(pool) for label in gold]


def colours(number: int, seed: int = 0) -> list[str]:
    """Labels at random."""
    return random.Random(seed).choices(["red", "green", "blue"], k=number)
