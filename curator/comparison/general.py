"""Forgetting: what the tuned model lost on general tasks, held against what may be lost."""

from __future__ import annotations

from dataclasses import dataclass

from curator.comparison import verdict
from curator.comparison.compare import Comparison
from curator.comparison.verdict import Kept


@dataclass(frozen=True, slots=True)
class Forgetting:
    """A second comparison, on general tasks, and the `margin` (a share of 1) that the tuned model may lose there."""

    comparison: Comparison
    margin: float
    kept: Kept


def forgetting(comparison: Comparison, margin: float) -> Forgetting:
    """Judge a comparison on general tasks as non-inferiority at `margin`, a share of 1."""
    return Forgetting(comparison, margin, verdict.kept(comparison.main.difference, margin))
