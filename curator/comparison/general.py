"""Forgetting: what the tuned model lost on general tasks, held against what may be lost."""

from __future__ import annotations

from dataclasses import dataclass

from curator.comparison import verdict
from curator.comparison.compare import Comparison
from curator.comparison.verdict import Kept, Outcome
from curator.review.agreement.estimates import Estimate


@dataclass(frozen=True, slots=True)
class Forgetting:
    """A second comparison, on general tasks, and the `margin` (a share of 1) that the tuned model may lose there.

    `change`: what it gained or lost, with an interval that is no shorter than so few examples allow; `needed`: how many
    would tell, None where these do.
    """

    comparison: Comparison
    margin: float
    kept: Kept
    change: Estimate
    needed: int | None = None


def forgetting(comparison: Comparison, margin: float) -> Forgetting:
    """Judge a comparison on general tasks as non-inferiority at `margin`, a share of 1."""
    main, examples = comparison.main, comparison.examples
    change = _change(comparison)
    kept = verdict.kept(change.low or 0.0, main.outcome, margin)
    needed = None
    if kept is Kept.UNCLEAR:
        error = (main.smallest or 0.0) / verdict.REACH
        needed = verdict.needed_to_keep(examples, error, change.value or 0.0, margin)
    return Forgetting(comparison, margin, kept, change, needed)


def _change(comparison: Comparison) -> Estimate:
    """The difference with an interval that holds for few examples too, and where none of them turned."""
    found, examples = comparison.main.difference, comparison.examples
    if (turned := comparison.turned) is not None:
        return Estimate(found.value, *verdict.paired(turned.better, turned.worse, examples))
    if comparison.main.outcome is Outcome.BETTER:
        return found
    room = verdict.hidden(examples)
    return Estimate(found.value, min(found.low or 0.0, -room), found.high)
