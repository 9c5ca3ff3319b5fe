"""Votes: who said what of which item, as arrays of codes, from a table or from the decisions of a project.

The order of rows never matters: items, reviewers and labels are sorted, and votes are kept by item, then reviewer.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator.errors import InputError
from curator.model import Decision, Example, Verdict, content_key
from curator.review.vote_tables import Table, read_table

Ints = NDArray[np.intp]
Floats = NDArray[np.float64]

MAX_COUNTS = 20_000_000
"""Items × labels above which counts and probabilities would not fit in memory."""

DROP = "(drop)"
KEEP = "(keep)"
CHANGE = "(change)"

_ITEM = tuple("item example id task unit record question text_id document key".split())
_REVIEWER = tuple("reviewer annotator worker rater coder judge labeler labeller observer user username".split())
_LABEL = tuple("label answer vote category class annotation rating code value response verdict".split())


@dataclass(frozen=True, slots=True, eq=False)
class Votes:
    """`item`, `reviewer` and `label`, one code per vote, point into the sorted names of each kind.

    A reviewer has at most one vote per item, and every item at least one. `notes` are sentences on what was
    left out or assumed.
    """

    items: tuple[str, ...]
    reviewers: tuple[str, ...]
    labels: tuple[str, ...]
    item: Ints
    reviewer: Ints
    label: Ints
    notes: tuple[str, ...] = ()

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
    Wide: a row per item and a column per reviewer. Raises InputError for what cannot be read so.
    """
    table = read_table(Path(path))
    names = {
        "item": _find(table, item, "--item", _ITEM),
        "reviewer": _find(table, reviewer, "--reviewer", _REVIEWER),
        "label": _find(table, label, "--label", _LABEL),
    }
    if reviewer is not None or label is not None or None not in names.values():
        votes = _long(table, names)
    else:
        votes = _wide(table, names["item"])
    if not len(votes):
        raise InputError("has no votes: every cell that should hold a label is empty.", path=table.path)
    return votes


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
        raise InputError("This project has no decisions yet that vote for a label; review some examples first.")
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


def _find(table: Table, name: str | None, option: str, usual: Sequence[str]) -> str | None:
    """The column that the user named, or the first that has a usual name."""
    if name is not None:
        if name not in table.columns:
            columns = ", ".join(table.columns)
            raise InputError(f"has no column {name!r} for {option}; its columns are {columns}.", path=table.path)
        return name
    plain = {column.strip().lower().replace(" ", "_").replace("-", "_"): column for column in table.columns}
    return next((plain[word] for name in usual for word in (name, f"{name}_id") if word in plain), None)


def _long(table: Table, names: Mapping[str, str | None]) -> Votes:
    for kind, column in names.items():
        if column is None:
            columns = ", ".join(table.columns)
            raise InputError(f"no column looks like the {kind}; name it with --{kind} ({columns}).", path=table.path)
    chosen = {kind: str(column) for kind, column in names.items()}
    if len(set(chosen.values())) < 3:
        raise InputError("--item, --reviewer and --label must name three different columns.", path=table.path)
    item, reviewer, label = (table.columns[chosen[kind]] for kind in ("item", "reviewer", "label"))
    rows = []
    unnamed = 0
    for i, r, value, line in zip(item, reviewer, label, table.lines, strict=True):
        if not value.strip():
            unnamed += 1
            continue
        if not i.strip() or not r.strip():
            kind = "item" if not i.strip() else "reviewer"
            raise InputError(f"the {kind} of this vote is empty; fill in {chosen[kind]!r}.", path=table.path, line=line)
        rows.append((i, r.strip(), value.strip()))
    notes = [*table.notes]
    if unnamed:
        notes.append(f"{unnamed:,} rows have an empty label and are no votes.")
    return make_votes(rows, notes)


def _wide(table: Table, item: str | None) -> Votes:
    names = [*table.columns]
    item = names[0] if item is None else item
    notes = [*table.notes]
    reviewers = []
    for name in names:
        if name == item:
            continue
        filled = [value for value in table.columns[name] if value.strip()]
        # A column of texts or of notes is not a reviewer's: labels repeat.
        if len(filled) >= 20 and len(set(filled)) > len(filled) / 2:
            notes.append(f"Column {name!r} was not taken for a reviewer: its values hardly repeat.")
        else:
            reviewers.append(name)
    if not reviewers:
        columns = ", ".join(names)
        raise InputError(
            f"needs a row per vote (columns for item, reviewer and label) or a column per reviewer; it has {columns}.",
            path=table.path,
        )
    _need_new_items(table, item)
    notes.append(f"Read as one row per item ({item!r}) and one column per reviewer ({len(reviewers):,}).")
    rows = [
        (i, name, value.strip())
        for name in reviewers
        for i, value in zip(table.columns[item], table.columns[name], strict=True)
        if value.strip()
    ]
    votes = make_votes(rows, notes)
    if silent := len(table.lines) - len(votes.items):
        notes.append(f"{silent:,} items have no vote and are left out.")
        return make_votes(rows, notes)
    return votes


def _need_new_items(table: Table, item: str) -> None:
    seen: set[str] = set()
    for name, line in zip(table.columns[item], table.lines, strict=True):
        if not name.strip():
            raise InputError(f"the item is empty; fill in {item!r}.", path=table.path, line=line)
        if name in seen:
            raise InputError(
                f"the item {name!r} is here twice; for one row per vote name the columns with --item, --reviewer, --label.",
                path=table.path,
                line=line,
            )
        seen.add(name)


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
