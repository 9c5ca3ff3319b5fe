"""What differs between two states: rows added, removed, relabelled, edited or moved, each with the reason that is known.

Rows are the same where they come from the same record of the same file and say the same; then where they say the same; then
where they come from the same record; then where they ask the same question. So an example that was edited is one that
changed, not one that went and another that came. What reviewers, checks and providers left out is looked up by where it
came from, or by what it says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from curator import sensitive
from curator.model import Verdict
from curator.store import ReleaseRow
from curator.versions.states import TAKEN, File, Said, State


class Kind(StrEnum):
    """What became of a row. One that says something else may have moved, too."""

    ADDED = "added"
    REMOVED = "removed"
    RELABELLED = "relabelled"
    EDITED = "edited"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Change:
    """One row that differs. `before` and `after`: as it stands on both sides, None where it is not there at all; what is left
    out on a side stands there with its reason. `was`, `now`: what it says, personal data masked, None where it is not known
    or did not change. `why`: the reason in a sentence, "" where nothing tells; `entry`: of the journal."""

    kind: Kind
    before: ReleaseRow | None
    after: ReleaseRow | None
    moved: bool = False
    was: Said | None = None
    now: Said | None = None
    why: str = ""
    entry: int | None = None

    @property
    def row(self) -> ReleaseRow:
        """The row on the side where it is, the later one where it is on both."""
        found = self.before if self.kind is Kind.REMOVED else self.after
        assert found is not None
        return found


@dataclass(frozen=True, slots=True)
class Fact:
    """A setting, an encoder or a version that is not the same on both sides; None: it is not there."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Diff:
    """Everything that differs. `counts`: rows by kind, then `unchanged`, and those on each side as `before` and `after`; a row
    that says something else and moved counts as both. `came`, `went`: files that only one side read."""

    before: State
    after: State
    changes: Sequence[Change]
    counts: Mapping[str, int]
    facts: Sequence[Fact] = ()
    came: Sequence[File] = ()
    went: Sequence[File] = ()

    @property
    def same(self) -> bool:
        """Whether both sides say the same, in the same splits."""
        return not self.changes


@dataclass(slots=True)
class _Pairs:
    """Which written rows of both sides are the same, by place; what is not yet paired."""

    a: State
    b: State
    pairs: list[tuple[int, int]] = field(default_factory=list)
    left_a: set[int] = field(default_factory=set)
    left_b: set[int] = field(default_factory=set)

    def pair(self, key: Callable[[ReleaseRow], Hashable | None]) -> None:
        """Pair what is left where a key is the same, in the order of the rows."""
        there: dict[Hashable, list[int]] = defaultdict(list)
        for at in sorted(self.left_b, reverse=True):
            if (found := key(self.b.rows[at])) is not None:
                there[found].append(at)
        for at in sorted(self.left_a):
            found = key(self.a.rows[at])
            if found is not None and there.get(found):
                self._join(at, there[found].pop())

    def _join(self, a: int, b: int) -> None:
        self.pairs.append((a, b))
        self.left_a.discard(a)
        self.left_b.discard(b)


def compare(a: State, b: State) -> Diff:
    """What is different in `b`, the later state, from `a`. Quick: texts are read of what changed alone."""
    pairs = paired(a, b)
    counts = counted(a, b, pairs.pairs, len(pairs.left_a), len(pairs.left_b))
    told = _Reasons(a, b, pairs)
    changes = [*told.changed(), *told.removed(), *told.added()]
    names = sorted({*a.facts, *b.facts}) if a.is_release and b.is_release else sorted({*a.facts} & {*b.facts})
    facts = [Fact(n, a.facts.get(n), b.facts.get(n)) for n in names if a.facts.get(n) != b.facts.get(n)]
    before, after = ({(f.sha256, f.role): f for f in state.files} for state in (a, b))
    came = [after[key] for key in after.keys() - before.keys()]
    went = [before[key] for key in before.keys() - after.keys()]
    return Diff(a, b, _numbered(changes, a, b), counts, facts, *(sorted(x, key=_by_path) for x in (came, went)))


def paired(a: State, b: State) -> _Pairs:
    """Which written rows of two states are the same."""
    pairs = _Pairs(a, b)
    pairs.left_a = {at for at, row in enumerate(a.rows) if row.written}
    pairs.left_b = {at for at, row in enumerate(b.rows) if row.written}
    pairs.pair(lambda row: (*row.ref, row.key))
    pairs.pair(lambda row: row.key or None)
    pairs.pair(lambda row: row.ref if row.sha256 else None)
    pairs.pair(lambda row: row.question or None)
    return pairs


def counts_between(a: Sequence[ReleaseRow], b: Sequence[ReleaseRow]) -> dict[str, int]:
    """The counts of `compare` alone, for two lists of rows."""
    pairs = paired(State("", a, ()), State("", b, ()))
    return counted(pairs.a, pairs.b, pairs.pairs, len(pairs.left_a), len(pairs.left_b))


def counted(a: State, b: State, pairs: Iterable[tuple[int, int]], removed: int, added: int) -> dict[str, int]:
    """Rows by what became of them."""
    counts = {str(kind): 0 for kind in Kind} | {"unchanged": 0}
    for x, y in pairs:
        before, after = a.rows[x], b.rows[y]
        moved, kind = _moved(before, after), _rewritten(before, after)
        counts[Kind.MOVED] += moved
        if kind is not None:
            counts[kind] += 1
        elif not moved:
            counts["unchanged"] += 1
    counts |= {str(Kind.ADDED): added, str(Kind.REMOVED): removed}
    written = [sum(row.written for row in state.rows) for state in (a, b)]
    return counts | {"before": written[0], "after": written[1]}


def _moved(before: ReleaseRow, after: ReleaseRow) -> bool:
    return before.split != after.split and TAKEN not in (before.split, after.split)


def _rewritten(before: ReleaseRow, after: ReleaseRow) -> Kind | None:
    """How what a row says differs, None where it does not: by the verdict, else by whether the question is the same."""
    if before.key == after.key:
        return None
    for row, other in ((after, before), (before, after)):
        if row.decision != other.decision and row.verdict in (Verdict.RELABEL, Verdict.EDIT):
            return Kind.RELABELLED if row.verdict == Verdict.RELABEL else Kind.EDITED
    same = before.question == after.question != ""
    return Kind.RELABELLED if same else Kind.EDITED


class _Reasons:
    """The changes and why each came about, as far as both states tell."""

    def __init__(self, a: State, b: State, pairs: _Pairs):
        self._a, self._b, self._pairs = a, b, pairs
        self._out = [self._left_out(state) for state in (a, b)]
        self._files = [{file.sha256 for file in state.files} for state in (a, b)]
        self._paths = [{file.path for file in state.files} for state in (a, b)]
        self._groups: Mapping[str, list[tuple[ReleaseRow, str]]] | None = None

    @staticmethod
    def _left_out(state: State) -> dict[tuple[str, int], ReleaseRow]:
        return {row.ref: row for row in state.rows if not row.written}

    def changed(self) -> Iterable[Change]:
        """Rows that say something else, or moved."""
        found = []
        for x, y in sorted(self._pairs.pairs, key=lambda pair: pair[1]):
            before, after = self._a.rows[x], self._b.rows[y]
            kind, moved = _rewritten(before, after), _moved(before, after)
            if kind is not None or moved:
                found.append((x, y, kind or Kind.MOVED, moved))
        was = self._a.texts([x for x, _, kind, _ in found if kind is not Kind.MOVED])
        now = self._b.texts([y for _, y, kind, _ in found if kind is not Kind.MOVED])
        for x, y, kind, moved in found:
            before, after = self._a.rows[x], self._b.rows[y]
            why = "" if kind is Kind.MOVED else self._why_rewritten(before, after)
            if moved:
                why = "; ".join(part for part in (why, self._why_moved(x, before, after)) if part)
            yield Change(kind, before, after, moved, _masked(was.get(x)), _masked(now.get(y)), why)

    def removed(self) -> Iterable[Change]:
        """Rows that `b` does not write, with what left them out there."""
        places = sorted(self._pairs.left_a)
        said = self._a.texts(places)
        found = {place: self._out[1].get(self._a.rows[place].ref) for place in places}
        self._by_texts(self._b, found, said)
        for place in places:
            before, after = self._a.rows[place], found[place]
            yield Change(
                Kind.REMOVED, before, after, False, _masked(said.get(place)), None, self._why_gone(before, after)
            )

    def added(self) -> Iterable[Change]:
        """Rows that `a` did not write, with what left them out there."""
        places = sorted(self._pairs.left_b)
        said = self._b.texts(places)
        found = {place: self._out[0].get(self._b.rows[place].ref) for place in places}
        self._by_texts(self._a, found, said)
        for place in places:
            before, after = found[place], self._b.rows[place]
            yield Change(Kind.ADDED, before, after, False, None, _masked(said.get(place)), self._why_new(before, after))

    @staticmethod
    def _by_texts(state: State, found: dict[int, ReleaseRow | None], said: Mapping[int, Said]) -> None:
        """Where a file was read anew, its records are others: what was left out is known by what it says."""
        missing = [place for place, row in found.items() if row is None and place in said]
        left = [place for place, row in enumerate(state.rows) if not row.written] if missing else []
        if not left:
            return
        there = {_masked(text): state.rows[place] for place, text in state.texts(left).items()}
        for place in missing:
            found[place] = there.get(_masked(said[place]))

    def _why_gone(self, before: ReleaseRow, after: ReleaseRow | None) -> str:
        if after is not None:
            return sensitive.mask(_left(after))
        return self._file_says(before, 1, "is no longer among what was read") or "its record is no candidate any more"

    def _why_new(self, before: ReleaseRow | None, after: ReleaseRow) -> str:
        if before is not None:
            decided = after.reviewer if after.decision != before.decision and after.verdict is not None else None
            now = f"; {decided} decided to {after.verdict} it" if decided else ""
            return sensitive.mask(f"was left out before: {_left(before)}{now}")
        return self._file_says(after, 0, "was not read before") or "its record was no candidate before"

    def _file_says(self, row: ReleaseRow, side: int, gone: str) -> str:
        if not row.sha256 or row.sha256 in self._files[side]:
            return ""
        if row.source in self._paths[side]:
            return f"{row.source} had other bytes" if side == 0 else f"{row.source} has other bytes now"
        return f"{row.source} {gone}"

    def _why_rewritten(self, before: ReleaseRow, after: ReleaseRow) -> str:
        if after.decision is not None and after.decision != before.decision:
            return f"{after.reviewer} decided to {after.verdict} it" if after.reviewer else "it was decided"
        if before.decision is not None and after.decision is None:
            return f"what {before.reviewer or 'a reviewer'} decided ({before.verdict}) is no longer in force"
        if before.sha256 != after.sha256:
            return self._file_says(after, 0, "was not read before") or "it comes from another file"
        return ""

    def _why_moved(self, place: int, before: ReleaseRow, after: ReleaseRow) -> str:
        joined = self._joined(before, after)
        if joined is not None:
            return f"near duplicates stay together: it belongs to {joined.source}, record {joined.record}, of {after.split}"
        if before.question != after.question and before.question and after.question:
            return "its split is drawn by what it says, and that is something else now"
        if after.remembered:
            return f"an earlier release had it, or what it belongs to, in {after.split}"
        names = ("settings.seed", "settings.shares", "settings.stratify")
        told = [f"{name.partition('.')[2]} {self._a.facts.get(name)} → {self._b.facts.get(name)}" for name in names]
        other = [
            said for name, said in zip(names, told, strict=True) if self._a.facts.get(name) != self._b.facts.get(name)
        ]
        if other:
            return f"other settings: {', '.join(other)}"
        return "its label needed one there" if before.group == after.group else "its near duplicates are others now"

    def _joined(self, before: ReleaseRow, after: ReleaseRow) -> ReleaseRow | None:
        """A row that is in the group of `after` now, and was in that split without it before."""
        if not after.group:
            return None
        if self._groups is None:
            groups: dict[str, list[tuple[ReleaseRow, str]]] = defaultdict(list)
            old = {y: self._a.rows[x] for x, y in self._pairs.pairs}
            for place, row in enumerate(self._b.rows):
                if row.group and place in old:
                    groups[row.group].append((row, old[place].split))
            self._groups = groups
        apart = (row for row, split in self._groups[after.group] if split == after.split and row is not after)
        return next(apart, None)


def _left(row: ReleaseRow) -> str:
    by = "" if row.reason == "decision" else f"{row.reason}: "
    return f"{by}{row.message}"


def _masked(said: Said | None) -> Said | None:
    return None if said is None else Said(sensitive.mask(said.input), sensitive.mask(said.output))


def _numbered(changes: Sequence[Change], a: State, b: State) -> list[Change]:
    """The changes with the entries of the journal in which they were decided."""
    ids = {one.decision for change in changes for one in (change.before, change.after) if one and one.decision}
    known = {**a.entries(sorted(ids)), **b.entries(sorted(ids))} if ids else {}
    return [replace(change, entry=known.get(_decision(change) or "")) for change in changes]


def _decision(change: Change) -> str | None:
    """The decision that made the difference."""
    before, after = (row.decision if row is not None else None for row in (change.before, change.after))
    return after if after != before and after is not None else (before if after is None else None)


def _by_path(file: File) -> tuple[str, str]:
    return file.path, file.sha256
