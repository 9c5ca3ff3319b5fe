"""What of a catalogue is to be shown, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from curator.model import Role, Verdict
from curator.store.columns import NUMBERS, SPLITS

if TYPE_CHECKING:
    from curator.catalogue.catalogue import Catalogue

UNDECIDED = "undecided"
STATUSES = (UNDECIDED, *(str(verdict) for verdict in Verdict))
Range = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Filter:
    """Which examples: those that meet every condition; of several words for one condition any will do. Without words, all.

    `ids`: among these; `found`: among those that a search for `text` found. `checks`: with a finding of one of them.
    `reviewers`: decided by one of them. `scores`: by name, the lowest and the highest value; examples without the score do
    not match. `length`: of input and output together, in characters. `splits`: "" is none.
    """

    ids: np.ndarray | None = None
    text: str = ""
    found: np.ndarray | None = None
    role: Role | None = None
    checks: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    sources: tuple[int, ...] = ()
    reviewers: tuple[str, ...] = ()
    scores: Mapping[str, Range] | None = None
    length: Range | None = None
    splits: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """True where everything matches."""
        plain = (self.role, self.length, self.ids, self.found)
        return not any(value is not None for value in plain) and not any(
            (self.checks, self.labels, self.statuses, self.sources, self.reviewers, self.scores, self.splits)
        )


def matching(rows: Catalogue, wanted: Filter) -> np.ndarray:
    """(n,) of bool: which rows of the catalogue are wanted."""
    keep = np.ones(len(rows), bool)
    for chosen in (wanted.ids, wanted.found):
        if chosen is not None:
            among = np.zeros(len(rows), bool)
            among[rows.places(chosen)] = True
            keep &= among
    if wanted.role is not None:
        keep &= _one_of(rows.source, [source.role is wanted.role for source in rows.sources])
    if wanted.sources:
        keep &= _one_of(rows.source, [source.id in wanted.sources for source in rows.sources])
    if wanted.statuses:
        keep &= _one_of(rows.status, [name in wanted.statuses for name in STATUSES])
    if wanted.splits:
        keep &= _one_of(rows.split, [name in wanted.splits for name in SPLITS])
    if wanted.labels:
        keep &= _one_of(rows.label, [*(name in wanted.labels for name in rows.labels), False])
    if wanted.checks:
        bits = sum(1 << at for at, name in enumerate(rows.checks) if name in wanted.checks)
        keep &= (rows.findings & np.uint32(bits)) != 0
    if wanted.reviewers:
        keep &= rows.decided_by(wanted.reviewers)
    for name, (low, high) in (wanted.scores or {}).items():
        column = rows.scores[name]
        keep &= (column >= np.float32(low)) & (column <= np.float32(high))
    if wanted.length is not None:
        keep &= (rows.length >= wanted.length[0]) & (rows.length <= wanted.length[1])
    return keep


def _one_of(codes: np.ndarray, wanted: list[bool]) -> np.ndarray:
    """Whether each code is wanted; code -1 reads the last entry."""
    found: np.ndarray = np.array(wanted or [False], bool)[codes]
    return found


SORTS: dict[str, Callable[[Catalogue], np.ndarray]] = {
    "id": lambda rows: rows.ids,
    "input": lambda rows: rows.by_input.ranks,
    "output": lambda rows: rows.by_output.ranks,
    "label": lambda rows: rows.label_rank,
    "status": lambda rows: rows.status,
    "findings": lambda rows: rows.gravity,
    "length": lambda rows: rows.length,
    "source": lambda rows: rows.source,
    "group": lambda rows: np.where(rows.group < 0, np.nan, rows.group.astype(np.float32)),
    "split": lambda rows: rows.split,
    **{name: (lambda rows, name=name: rows.scores[name]) for name in NUMBERS},  # type: ignore[misc]
}
"""By what a catalogue can be sorted. What has no score, no group or no label comes last in either direction."""


def ordered(rows: Catalogue, keep: np.ndarray, sort: str, descending: bool) -> np.ndarray:
    """Places of the rows that are kept, sorted; of equal ones the lower id first."""
    if sort in ("input", "output") and not descending:
        order = (rows.by_input if sort == "input" else rows.by_output).order
        kept: np.ndarray = order[keep[order]]
        return kept
    places = np.flatnonzero(keep)
    if sort == "id":
        return places[::-1] if descending else places
    column = SORTS[sort](rows)[places]
    if np.issubdtype(column.dtype, np.floating):
        last = np.isnan(column)
        column = np.where(last, np.inf, -column if descending else column)
    else:
        column = column.astype(np.int32 if column.dtype.itemsize > 2 else np.int16)
        last = column < 0
        if descending:
            column = -column
        column[last] = np.iinfo(column.dtype).max
    return places[np.argsort(column, kind="stable")]
