"""Votes: who said what of which item, as arrays of codes, from a table or from the decisions of a project.

The order of rows never matters: items, reviewers and labels are sorted, and votes are kept by item, then reviewer.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator.errors import InputError
from curator.model import Decision, Example, Verdict, content_key
from curator.review.votes.files import DROP as DROP
from curator.review.votes.files import KEEP as KEEP
from curator.review.votes.files import read_vote_file

Ints = NDArray[np.intp]
Floats = NDArray[np.float64]

MAX_COUNTS = 20_000_000
"""Items × labels above which counts and probabilities would not fit in memory."""

CHANGE = "(change)"
VERDICTS = frozenset({KEEP, DROP, CHANGE})
"""What votes on texts say."""


@dataclass(frozen=True, slots=True, eq=False)
class Votes:
    """`item`, `reviewer` and `label`, one code per vote, point into the sorted names of each kind.

    A reviewer has at most one vote per item, and every item at least one. `notes` are sentences on what was
    left out or assumed. `at`: when each vote was cast, in seconds since 1970, NaN or None where that is unknown.
    """

    items: tuple[str, ...]
    reviewers: tuple[str, ...]
    labels: tuple[str, ...]
    item: Ints
    reviewer: Ints
    label: Ints
    notes: tuple[str, ...] = ()
    at: Floats | None = None

    def __len__(self) -> int:
        return len(self.item)

    def counts(self) -> Floats:
        """How many votes each label got on each item: items × labels. Raises InputError where that is too large."""
        shape = len(self.items), len(self.labels)
        if shape[0] * shape[1] > MAX_COUNTS:
            raise InputError(
                f"There are {shape[1]:,} different labels on {shape[0]:,} items, more than can be compared; "
                "check that the label column holds labels."
            )
        flat = np.bincount(self.item * shape[1] + self.label, minlength=shape[0] * shape[1])
        return flat.reshape(shape).astype(np.float64)

    def label_values(self) -> Floats | None:
        """The labels as numbers, None where one is not a number."""
        values = [_number(label) for label in self.labels]
        return None if any(math.isnan(value) for value in values) else np.array(values)


def make_votes(rows: Iterable[tuple[str, str, str]], notes: Sequence[str] = ()) -> Votes:
    """Votes from (item, reviewer, label) rows. Where a reviewer votes twice on an item the last row counts."""
    last: dict[tuple[str, str], str] = {}
    repeated = 0
    for item, reviewer, label in rows:
        repeated += (item, reviewer) in last
        last[item, reviewer] = label
    said = [*notes]
    if repeated:
        said.append(f"{repeated:,} votes repeat a reviewer's vote on the same item; the last of each counts.")
    items = sorted({item for item, _ in last})
    reviewers = sorted({reviewer for _, reviewer in last})
    labels = _sorted_labels(set(last.values()))
    item_at, reviewer_at, label_at = (
        {name: at for at, name in enumerate(names)} for names in (items, reviewers, labels)
    )
    codes = sorted((item_at[item], reviewer_at[reviewer], label_at[label]) for (item, reviewer), label in last.items())
    columns = np.array(codes, dtype=np.intp).reshape(-1, 3).T
    return Votes(tuple(items), tuple(reviewers), tuple(labels), columns[0], columns[1], columns[2], tuple(said))


def read_votes(
    path: str | Path, item: str | None = None, reviewer: str | None = None, label: str | None = None
) -> Votes:
    """Votes from a CSV, TSV, XLSX, Parquet or JSON Lines table, long or wide; an empty cell is no vote.

    Long: a row per vote, its columns named by `item`, `reviewer` and `label` or guessed by their usual names.
    Wide: a row per item and a column per reviewer. Or from the export of an annotation tool, a folder or an archive of
    them: what its annotators said, on the question `label` where there are several. Raises InputError for what cannot be
    read so.
    """
    found = read_vote_file(Path(path), item, reviewer, label)
    votes = make_votes(found.votes, found.notes)
    if not len(votes):
        raise InputError("has no votes: every cell that should hold a label is empty.", path=found.path)
    times = {(one.item, one.reviewer): one.at for one in found.said if one.label is not None}
    return with_times(votes, times) if any(times.values()) else votes


def with_times(votes: Votes, times: Mapping[tuple[str, str], str]) -> Votes:
    """The votes with when they were cast: `times` by item and reviewer, ISO 8601, "" where that is unknown."""
    at = [
        _seconds(times.get((votes.items[item], votes.reviewers[reviewer]), ""))
        for item, reviewer in zip(votes.item, votes.reviewer, strict=True)
    ]
    return replace(votes, at=np.array(at, dtype=np.float64))


def votes_from_decisions(decisions: Iterable[Decision], examples: Iterable[Example], by_label: bool = True) -> Votes:
    """The decisions in force as votes; the items are the examples' numbers.

    A relabel votes for its label, a keep for the label that the reviewer saw, a drop for "(drop)". Skips and
    flags are no votes, nor is an edit, which says nothing of the label. With `by_label` false, where outputs are
    texts and not labels, the votes are "(keep)", "(drop)" and "(change)". Raises InputError where there is none.
    """
    shown = {example.id: example for example in examples}
    made = [decision for decision in decisions if decision.example in shown]
    known = {e.output for e in shown.values()} | {d.value for d in made if d.verdict is Verdict.RELABEL and d.value}
    labels = sorted(known) if by_label else []
    rows = []
    for decision in made:
        if by_label:
            vote = _label_vote(decision, shown[decision.example], labels)
        else:
            vote = _VERDICT_VOTES.get(decision.verdict)
        if vote is not None:
            rows.append((str(decision.example), decision.reviewer, vote))
    if not rows:
        raise InputError(
            "This project has no decisions yet that vote for a label; review some examples, or begin a round with `curator assign`."
        )
    return make_votes(rows)


_VERDICT_VOTES = {
    Verdict.KEEP: KEEP,
    Verdict.DROP: DROP,
    Verdict.RELABEL: CHANGE,
    Verdict.EDIT: CHANGE,
}


def _label_vote(decision: Decision, example: Example, labels: Sequence[str]) -> str | None:
    if decision.verdict is Verdict.RELABEL:
        return decision.value
    if decision.verdict is Verdict.DROP:
        return DROP
    if decision.verdict is not Verdict.KEEP:
        return None
    # The example may have been relabelled since: the key of what was seen tells which label was kept.
    if content_key(example) == decision.seen:
        return example.output
    return next((label for label in labels if content_key(example.with_output(label)) == decision.seen), example.output)


def _sorted_labels(labels: set[str]) -> list[str]:
    """By value where all are numbers (2 before 10), else by name."""
    values: dict[str, Any] = {label: _number(label) for label in labels}
    if any(math.isnan(value) for value in values.values()):
        return sorted(labels)
    return sorted(labels, key=lambda label: (values[label], label))


def _number(label: str) -> float:
    """The label as a finite number, else NaN."""
    try:
        value = float(label)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def _seconds(iso: str) -> float:
    try:
        return datetime.fromisoformat(iso).timestamp()
    except ValueError:
        return math.nan
