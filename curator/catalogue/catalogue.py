"""The catalogue: loaded once, then brought up to date by what changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

import numpy as np

from curator.catalogue import reading
from curator.catalogue.filtering import Filter, matching, ordered
from curator.model import Role
from curator.progress import Progress, Silent
from curator.store import Change, Mark, Project
from curator.store.columns_text import KEY


@dataclass(frozen=True, slots=True)
class SourceName:
    """A source as examples name it by its place."""

    id: int
    path: str
    role: Role


@dataclass(frozen=True, slots=True)
class Ranked:
    """`order` (n,): places from the first text to the last; `ranks` (n,): its rank for each place, equal texts sharing one."""

    order: np.ndarray
    ranks: np.ndarray


@dataclass(frozen=True)
class Catalogue:
    """Columns over the examples in force, by id. A row is a *place*; all arrays are (n,) unless said otherwise.

    `source` indexes `sources`; `label` indexes `labels` and is -1 where the output is none; `length` counts the characters
    of input and output; `status` indexes STATUSES: what the decisions in force come to; `deciders` (n, words) holds a bit
    for each of `reviewers`; `findings` a bit for each of `checks`, dismissed findings left out; `severity` indexes
    SEVERITIES, the worst; `scores` are NaN where there is none; `group` is -1 outside a duplicate group; `split` indexes
    SPLITS, of the newest release. `inputs` and `outputs` are how the texts begin, as they are sorted.
    """

    mark: Mark
    ids: np.ndarray
    source: np.ndarray
    label: np.ndarray
    length: np.ndarray
    status: np.ndarray
    deciders: np.ndarray
    findings: np.ndarray
    severity: np.ndarray
    group: np.ndarray
    split: np.ndarray
    inputs: np.ndarray
    outputs: np.ndarray
    scores: Mapping[str, np.ndarray]
    sources: tuple[SourceName, ...]
    labels: tuple[str, ...]
    reviewers: tuple[str, ...]
    checks: tuple[str, ...]
    known: reading.Known = field(repr=False)

    @classmethod
    def load(cls, project: Project, progress: Progress | None = None) -> Self:
        """Read everything. What others decided meanwhile is read after it. Raises Cancelled."""
        return reading.updated(reading.load(cls, project, progress or Silent()), project, reload=False)

    def updated(self, project: Project, change: Change | None = None) -> Self:
        """The catalogue as the project is now: itself where nothing changed. Which examples changed is asked from the
        project, since the time of this catalogue; `change` only says that it is worth asking."""
        return reading.updated(self, project)

    def __len__(self) -> int:
        return len(self.ids)

    def view(self, wanted: Filter | None = None, sort: str = "id", descending: bool = False) -> np.ndarray:
        """Ids of the wanted examples in order. `sort` is one of SORTS; ties go by id."""
        found: np.ndarray = self.ids[self.order(wanted, sort, descending)]
        return found

    def order(self, wanted: Filter | None = None, sort: str = "id", descending: bool = False) -> np.ndarray:
        """Places of the wanted examples, as `view` orders them."""
        keep = np.ones(len(self), bool) if wanted is None or wanted.empty else matching(self, wanted)
        return ordered(self, keep, sort, descending)

    def matches(self, wanted: Filter) -> np.ndarray:
        """(n,) of bool: which rows are wanted."""
        return matching(self, wanted)

    def places(self, ids: Sequence[int] | np.ndarray) -> np.ndarray:
        """Places of those of the ids that are here, in their order."""
        wanted = np.asarray(ids, np.int64)
        if not len(self):
            return np.empty(0, np.int64)
        at = np.minimum(np.searchsorted(self.ids, wanted), len(self) - 1)
        found: np.ndarray = at[self.ids[at] == wanted]
        return found

    def decided_by(self, names: Collection[str]) -> np.ndarray:
        """(n,) of bool: decided by one of these reviewers."""
        bits = np.zeros(self.deciders.shape[1], np.uint64)
        for at, name in enumerate(self.reviewers):
            if name in names:
                bits[at // 64] |= np.uint64(1 << at % 64)
        found: np.ndarray = np.any(self.deciders & bits, axis=1)
        return found

    def reviewers_at(self, place: int) -> tuple[str, ...]:
        """Who decided on the example of a row."""
        words = [int(word) for word in self.deciders[place]]
        return tuple(name for at, name in enumerate(self.reviewers) if words[at // 64] >> at % 64 & 1)

    def checks_at(self, place: int) -> tuple[str, ...]:
        """The checks that found something about the example of a row."""
        bits = int(self.findings[place])
        return tuple(name for at, name in enumerate(self.checks) if bits >> at & 1)

    def tally(self, column: np.ndarray, size: int, keep: np.ndarray | None = None) -> np.ndarray:
        """(size,): how many rows have each code of a column of codes; -1 is not counted."""
        chosen = column if keep is None else column[keep]
        counts: np.ndarray = np.bincount(chosen[chosen >= 0], minlength=size)
        return counts

    def check_counts(self, keep: np.ndarray | None = None) -> dict[str, int]:
        """How many rows have a finding of each check."""
        bits = self.findings if keep is None else self.findings[keep]
        return {name: int(np.count_nonzero(bits & np.uint32(1 << at))) for at, name in enumerate(self.checks)}

    @cached_property
    def gravity(self) -> np.ndarray:
        """(n,): what findings sort by: the worst severity, then how many checks found something; -1 without findings."""
        counts = np.zeros(len(self), np.int16)
        for at in range(len(self.checks)):
            counts += (self.findings >> np.uint32(at) & np.uint32(1)).astype(np.int16)
        return np.where(counts == 0, -1, self.severity * np.int16(64) + counts).astype(np.int16)

    @cached_property
    def label_rank(self) -> np.ndarray:
        """(n,): labels by the alphabet, -1 without one."""
        rank = np.full(len(self.labels) + 1, -1, np.int32)
        rank[np.argsort(np.array([*map(str.casefold, self.labels)], dtype=object), kind="stable")] = np.arange(
            len(self.labels)
        )
        found: np.ndarray = rank[self.label]
        return found

    @cached_property
    def by_input(self) -> Ranked:
        """Inputs by how they begin."""
        return _ranked(self.inputs)

    @cached_property
    def by_output(self) -> Ranked:
        return _ranked(self.outputs)


def _ranked(keys: np.ndarray) -> Ranked:
    """Texts of bytes in order: as a few big numbers each they sort several times as fast."""
    words = np.ascontiguousarray(keys.view(">u8").reshape(-1, KEY // 8).T.astype(np.uint64))
    order = np.lexsort(words[::-1])
    new = np.zeros(len(keys), bool)
    for word in words:
        ranked = word[order]
        new[1:] |= ranked[1:] != ranked[:-1]
    ranks = np.empty(len(keys), np.int32)
    ranks[order] = np.cumsum(new, dtype=np.int32)
    return Ranked(order.astype(np.int32), ranks)
