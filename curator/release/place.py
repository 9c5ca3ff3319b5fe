"""Which split each chosen example goes to, measured so that none leaks into another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from curator import splits
from curator.checks.data import Data
from curator.embedding import nearest
from curator.errors import Cancelled
from curator.progress import Progress
from curator.release.select import Selection
from curator.release.wanted import Wanted
from curator.splits import Across, Certificate


@dataclass(frozen=True, slots=True)
class Placement:
    """The split of each chosen candidate index, in writing order, and the certificate. `groups`: duplicate groups kept
    together; `lead`: of each index in one of these an index that stands for the group; `known`: the examples whose split an
    earlier release decided."""

    order: list[int]
    split: dict[int, str]
    nearest: dict[int, tuple[int, float]]
    certificate: Certificate
    groups: int
    lead: dict[int, int]
    known: frozenset[int]

    @property
    def remembered(self) -> int:
        """How many examples an earlier release decided the split of."""
        return len(self.known)

    def by_key(self, data: Data) -> dict[str, str]:
        """The split of each `question_key`, for later releases to remember."""
        return {data.candidates.question_keys[i]: self.split[i] for i in self.order}


@dataclass(frozen=True, slots=True)
class Assigned:
    """The split of each chosen candidate index, not yet measured; `together`: the groups that were kept whole; `known`: the
    examples whose split an earlier release decided."""

    split: dict[int, str]
    together: Groups
    known: frozenset[int]

    @property
    def remembered(self) -> int:
        """How many examples an earlier release decided the split of."""
        return len(self.known)


def place(data: Data, selection: Selection, wanted: Wanted, memory: Mapping[str, str], progress: Progress) -> Placement:
    """Split what was chosen and measure that nothing leaks."""
    return _measured(data, selection.chosen, assign(data, selection, wanted, memory, progress), wanted)


def assign(data: Data, selection: Selection, wanted: Wanted, memory: Mapping[str, str], progress: Progress) -> Assigned:
    """Split what was chosen; near pairs that neighbour lists missed are joined first."""
    c, chosen = data.candidates, selection.chosen
    progress.report(0, 1, "Splitting")
    group = Groups(len(chosen))
    where = {index: at for at, index in enumerate(chosen)}
    for edge in data.pairs.edges:
        rows = [where[i] for node in (edge.a, edge.b) for i in data.pairs.members[node] if i in where]
        group.join(rows)
    for members in data.pairs.members:
        group.join([where[i] for i in members if i in where])
    keys = [c.question_keys[i] for i in chosen]
    labels = [c.outputs[i] for i in chosen] if wanted.stratify and data.short_labels else None
    memory = _inherited(data, c.question_keys, memory)
    vectors = data.input_vectors[chosen] if chosen else np.zeros((0, 1), dtype=np.float32)
    seed = wanted.seed_or(data.seed)
    while True:
        if progress.cancelled():
            raise Cancelled
        found = splits.assign(keys, group.numbers(), wanted.shares, seed, labels=labels, remembered=memory)
        straddling = list(_straddling(data, chosen, vectors, found))
        if not straddling:
            break
        for pair in straddling:
            group.join(pair)
    known = frozenset(i for i, key in zip(chosen, keys, strict=True) if key in memory)
    return Assigned(dict(zip(chosen, found, strict=True)), group, known)


def _inherited(data: Data, keys: Sequence[str], memory: Mapping[str, str]) -> dict[str, str]:
    """`memory`, and for each near duplicate of a remembered example the best protected split of those: of a duplicate
    group another member than last time may be the one that is released."""
    if not memory:
        return {}
    pairs = data.pairs
    own = [{memory[keys[i]] for i in members if keys[i] in memory} for members in pairs.members]
    near = [set(names) for names in own]
    for edge in pairs.edges:
        near[edge.a] |= own[edge.b]
        near[edge.b] |= own[edge.a]
    known = dict(memory)
    for members, names in zip(pairs.members, near, strict=True):
        if names:
            best = max(names, key=splits.NAMES.index)
            known |= {keys[i]: best for i in members if keys[i] not in memory}
    return known


def _straddling(data: Data, chosen: list[int], vectors: np.ndarray, found: Sequence[str]) -> Iterable[tuple[int, int]]:
    """Pairs (positions in `chosen`) in different splits that are near duplicates all the same."""
    names = np.asarray(found, dtype=object)
    for name in sorted(set(found)):
        here, there = np.flatnonzero(names == name), np.flatnonzero(names != name)
        if name == "train" or not len(there):
            continue
        near = nearest(vectors[here], vectors[there], 8)
        for row, column in zip(*np.nonzero(near.cosine >= data.pairs.threshold), strict=True):
            a, b = int(here[row]), int(there[near.index[row, column]])
            if data.pairs.same_said(data.candidates.inputs[chosen[a]], data.candidates.inputs[chosen[b]]):
                yield a, b


def _measured(data: Data, chosen: list[int], assigned: Assigned, wanted: Wanted) -> Placement:
    c, split, group, seed = data.candidates, assigned.split, assigned.together, wanted.seed_or(data.seed)
    order = sorted(chosen, key=lambda i: (splits.NAMES.index(split[i]), splits.place(c.keys[i] + "/order", seed), i))
    vectors = data.input_vectors[order] if order else np.zeros((0, 1), dtype=np.float32)
    names = [split[i] for i in order]
    across: Across = splits.across(vectors, names)
    straddling = group.straddling([split[i] for i in chosen]) + len(list(_straddling(data, order, vectors, names)))
    near_eval = None
    if len(data.evals) and order:
        near_eval = round(float(nearest(vectors, data.eval_vectors, 1).cosine.max()), 4)
    best = int(np.nanargmax(across.cosine)) if len(order) and not np.all(np.isnan(across.cosine)) else None
    certificate = Certificate(
        None if best is None else round(float(across.cosine[best]), 4),
        straddling,
        near_eval,
        None if best is None else (c.examples[order[best]].id, c.examples[order[int(across.index[best])]].id),
        data.pairs.threshold,
    )
    near = {
        order[i]: (order[int(j)], round(float(v), 4))
        for i, (j, v) in enumerate(zip(across.index, across.cosine, strict=True))
        if j >= 0
    }
    lead = {chosen[at]: chosen[first] for at, first in group.shared().items()}
    return Placement(order, {i: split[i] for i in order}, near, certificate, group.count(), lead, assigned.known)


class Groups:
    """Positions that must stay together (union-find)."""

    def __init__(self, count: int):
        self._parent = list(range(count))

    def join(self, rows: Sequence[int]) -> None:
        for a in rows[1:]:
            x, y = self._root(a), self._root(rows[0])
            self._parent[max(x, y)] = min(x, y)

    def numbers(self) -> list[int]:
        return [self._root(x) for x in range(len(self._parent))]

    def count(self) -> int:
        """Groups of more than one."""
        return sum(n > 1 for n in Counter(self.numbers()).values())

    def shared(self) -> dict[int, int]:
        """For each position in a group of more than one, the first of the group."""
        numbers = self.numbers()
        count = Counter(numbers)
        return {at: number for at, number in enumerate(numbers) if count[number] > 1}

    def straddling(self, names: Sequence[str]) -> int:
        """Groups whose members (`names`: the split of each position) are in more than one split."""
        found: dict[int, set[str]] = {}
        for number, name in zip(self.numbers(), names, strict=True):
            found.setdefault(number, set()).add(name)
        return sum(len(splits_of) > 1 for splits_of in found.values())

    def _root(self, x: int) -> int:
        while self._parent[x] != x:
            self._parent[x] = self._parent[self._parent[x]]
            x = self._parent[x]
        return x
