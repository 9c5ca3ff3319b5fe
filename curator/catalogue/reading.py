"""Reading a catalogue from a project, whole or only what changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from curator.errors import Cancelled
from curator.model import Role, Verdict
from curator.progress import Progress
from curator.store import Project
from curator.store.columns import NUMBERS, SCORED, VERDICTS, Columns, Links, Votes
from curator.store.columns_text import KEY, Texts
from curator.tasks import Task

if TYPE_CHECKING:
    from curator.catalogue.catalogue import Catalogue

C = TypeVar("C", bound="Catalogue")
MOST_LABELS = 5_000
"""Outputs of more kinds are no labels."""
COMMON = 3
"""Without a task outputs are labels where each is used so often on average."""
_SKIP = VERDICTS.index(str(Verdict.SKIP))


@dataclass(frozen=True, slots=True)
class Known:
    """What a catalogue needs to know to be brought up to date: the task; whether outputs are labels; numbers of the
    reviewers, of the saved checks and of the newest release; and which findings decisions on an example dismiss."""

    task: str | None
    labelled: bool
    reviewers: Mapping[int, int]
    checks: Mapping[str, int]
    release: int
    dismissed: Mapping[int, frozenset[str]]


def load(kind: type[C], project: Project, progress: Progress) -> C:
    from curator.catalogue.catalogue import SourceName

    mark, columns = project.mark(), project.columns()
    sources = tuple(SourceName(row.id, row.path, Role(row.role)) for row in columns.sources())
    texts = _imported(columns, sources, sum(row.examples for row in columns.sources()), progress)
    task = project.settings().get("task")
    labelled = texts.labels is not None and _are_labels(texts, task)
    _put(texts, columns.revised(), labelled)
    rows = len(texts.ids)
    empty = kind(
        mark,
        texts.ids,
        texts.source,
        texts.label if labelled else np.full(rows, -1, np.int32),
        texts.length,
        status=np.zeros(rows, np.int8),
        deciders=np.zeros((rows, 1), np.uint64),
        findings=np.zeros(rows, np.uint32),
        severity=np.zeros(rows, np.int8),
        group=np.full(rows, -1, np.int32),
        split=np.zeros(rows, np.int8),
        inputs=texts.inputs,
        outputs=texts.outputs,
        scores={},
        sources=sources,
        labels=tuple(texts.labels) if labelled and texts.labels is not None else (),
        reviewers=(),
        checks=(),
        known=Known(task, labelled, {}, {}, 0, {}),
    )
    _stop(progress)
    decided = _with_votes(empty, columns, columns.votes(), None)
    _stop(progress)
    made = _with_splits(_with_findings(decided, columns), columns, columns.release())
    made.by_input, made.by_output  # noqa: B018  sorted here, not when somebody waits for it
    return made


def updated(old: C, project: Project, *, reload: bool = True) -> C:
    """`old` as the project is now; without `reload` new sources are left for the next time."""
    change = project.changes_since(old.mark)
    if change is None:
        return old
    columns = project.columns()
    if change.sources or (change.settings and project.settings().get("task") != old.known.task):
        return type(old).load(project) if reload else old
    new = replace(old, mark=change.mark)
    texts = False
    touched = [int(old.ids[at]) for at in old.places(sorted(change.examples))]
    if touched:
        new = _with_votes(new, columns, columns.votes(touched), touched)
        rewritten = columns.rewritten(touched)
        texts = len(rewritten.ids) > 0
        new = _with_texts(new, rewritten)
    if change.findings:
        new = _with_findings(new, columns)
    elif touched:
        new = _with_dismissals(new, columns, old.known.dismissed, touched)
    release = columns.release()
    if release != old.known.release:
        new = _with_splits(new, columns, release)
    elif touched and release:
        ids, codes = columns.splits_of(release, touched)
        split = new.split.copy()
        split[new.places(ids)] = codes
        new = replace(new, split=split)
    return new if texts else _with_order_of(old, new)


def _with_order_of(old: C, new: C) -> C:
    """What sorting the texts took long to find still holds."""
    for name in ("by_input", "by_output"):
        if name in old.__dict__:
            new.__dict__[name] = old.__dict__[name]
    return new


# Texts


@dataclass(slots=True)
class _Texts:
    """Columns while they are filled. `labels`: each once, None once there are too many."""

    ids: np.ndarray
    source: np.ndarray
    label: np.ndarray
    length: np.ndarray
    inputs: np.ndarray
    outputs: np.ndarray
    labels: dict[str, int] | None


def _imported(columns: Columns, sources: Collection[Any], number: int, progress: Progress) -> _Texts:
    place = {source.id: at for at, source in enumerate(sources)}
    known = np.array(sorted(place), np.int32)
    code = np.array([place[id] for id in sorted(place)], np.int16)
    ids, label, length = (np.empty(number, np.int32) for _ in range(3))
    inputs, outputs = (np.empty(number, f"S{KEY}") for _ in range(2))
    made = _Texts(ids, np.empty(number, np.int16), label, length, inputs, outputs, {})
    at = 0
    for part in columns.imported() if number else ():
        here = np.isin(part.sources, known)
        end = min(at + int(here.sum()), number)  # an import that goes on may have brought more meanwhile
        rows = np.flatnonzero(here)[: end - at]
        made.ids[at:end], made.length[at:end] = part.ids[rows], part.lengths[rows]
        made.source[at:end] = code[np.searchsorted(known, part.sources[rows])]
        made.inputs[at:end], made.outputs[at:end] = part.inputs[rows], part.outputs[rows]
        made.label[at:end] = _codes(made, [part.labels[row] for row in rows.tolist()])
        at = end
        progress.report(at, number, "Reading examples")
        _stop(progress)
    for name in ("ids", "source", "label", "length", "inputs", "outputs"):
        setattr(made, name, getattr(made, name)[:at])
    return made


def _codes(made: _Texts, said: list[str | None]) -> list[int] | int:
    """Codes of labels, new ones added; -1 for all once there are too many."""
    numbers = made.labels
    if numbers is None:
        return -1
    codes = [-1 if label is None else numbers.setdefault(label, len(numbers)) for label in said]
    if len(numbers) > MOST_LABELS:
        made.labels = None
    return codes


def _are_labels(texts: _Texts, task: str | None) -> bool:
    if task is not None:
        return task == Task.CLASSIFICATION
    assert texts.labels is not None
    short = np.count_nonzero(texts.label >= 0)
    return bool(short and short >= 0.95 * len(texts.label) and short >= COMMON * len(texts.labels))


def _put(texts: _Texts, now: Texts, labelled: bool) -> None:
    """Put revisions in the place of what was imported."""
    at, here = _placed(texts.ids, now.ids)
    texts.length[at], texts.inputs[at], texts.outputs[at] = now.lengths[here], now.inputs[here], now.outputs[here]
    if labelled:
        texts.label[at] = _codes(texts, [now.labels[row] for row in here.tolist()])


def _with_texts(old: C, now: Texts) -> C:
    if not len(now.ids):
        return old
    at = old.places(now.ids)
    length, label = old.length.copy(), old.label.copy()
    length[at] = now.lengths
    names = {name: code for code, name in enumerate(old.labels)}
    if old.known.labelled:
        label[at] = [-1 if said is None else names.setdefault(said, len(names)) for said in now.labels]
    # In place: copies of these two would take longer than all the rest, and ranks are made anew from them anyway.
    old.inputs[at], old.outputs[at] = now.inputs, now.outputs
    return replace(old, length=length, label=label, labels=tuple(names))


# Decisions


def _with_votes(old: C, columns: Columns, votes: Votes, only: Collection[int] | None) -> C:
    """With the decisions on all examples, or on some, as they are now."""
    numbers, names = dict(old.known.reviewers), old.reviewers
    if unknown := {int(id) for id in np.unique(votes.reviewers)} - set(numbers):
        called = columns.reviewers()
        for id in sorted(unknown):
            numbers[id] = len(names)
            names = (*names, called[id])
    status, deciders = old.status.copy(), _with_room(old.deciders, len(names))
    if only is not None:
        cleared = old.places(sorted(only))
        status[cleared], deciders[cleared] = 0, 0
    at, here = _placed(old.ids, votes.examples)
    examples, verdicts = votes.examples[here], votes.verdicts[here]
    counts = votes.counts[here]
    decided, settled = settle(examples[counts], verdicts[counts])
    status[old.places(decided)] = settled
    bits = np.array([numbers[int(id)] for id in votes.reviewers[here]], np.int64)
    np.bitwise_or.at(deciders, (at, bits // 64), np.uint64(1) << (bits % 64).astype(np.uint64))
    dismissed = dict(votes.dismissed) if only is None else {**old.known.dismissed}
    if only is not None:
        for example in only:
            dismissed.pop(example, None)
        dismissed |= votes.dismissed
    known = replace(old.known, reviewers=numbers, dismissed=dismissed)
    return replace(old, status=status, deciders=deciders, reviewers=names, known=known)


def _placed(ids: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Places among `ids`, and which of `wanted` these are."""
    if not len(ids):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    at = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
    here = np.flatnonzero(ids[at] == wanted)
    return at[here], here


def _with_room(deciders: np.ndarray, reviewers: int) -> np.ndarray:
    """A copy with a bit for each reviewer."""
    more = max(1, -(-reviewers // 64)) - deciders.shape[1]
    return np.pad(deciders, ((0, 0), (0, max(0, more))))


def settle(examples: np.ndarray, verdicts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What decisions that count, in the order of their times, come to, as `splits.policy.resolve` says: of each example the verdict that
    most share, of equals the newest; skip where there is nothing else."""
    time = np.arange(len(examples))
    said = verdicts != _SKIP
    kinds = examples.astype(np.int64) * len(VERDICTS) + verdicts
    _, kind, counts = np.unique(kinds, return_inverse=True, return_counts=True)
    weight = np.where(said, counts[kind] if len(kinds) else 0, 0)
    order = np.lexsort((time, weight, examples))
    ranked = examples[order]
    last = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True)) if len(ranked) else np.empty(0, np.int64)
    return ranked[last], verdicts[order][last]


# Findings, scores and splits


def _with_findings(old: C, columns: Columns) -> C:
    """With the findings and scores of the newest check."""
    checks = columns.checks()
    known = replace(old.known, checks=checks)
    findings, severity = np.zeros(len(old), np.uint32), np.zeros(len(old), np.int8)
    _mark(old, columns.links(checks, _all(known.dismissed)), findings, severity)
    scores = {name: np.full(len(old), np.nan, np.float32) for name in SCORED}
    for run in columns.scored():
        fresh = {name: np.full(len(old), np.nan, np.float32) for name in SCORED}
        for ids, part in columns.scores(run):
            at, here = _placed(old.ids, ids)
            for name, values in part.items():
                fresh[name][at] = values[here]
        # A column that a run has not come to yet is still that of the run before.
        scores |= {name: column for name, column in fresh.items() if not np.isnan(column).all()}
    groups = scores.pop("duplicate_group")
    group = np.where(np.isnan(groups), -1, groups).astype(np.int32)
    assert set(scores) == set(NUMBERS)
    return replace(
        old, findings=findings, severity=severity, checks=tuple(checks), scores=scores, group=group, known=known
    )


def _with_dismissals(old: C, columns: Columns, before: Mapping[int, frozenset[str]], touched: Collection[int]) -> C:
    """With those findings counted that decisions on these examples dismiss no longer, and the others not."""
    now, none = old.known.dismissed, frozenset[str]()
    moved = {id for example in touched for id in before.get(example, none) ^ now.get(example, none)}
    if not moved:
        return old
    named, members = columns.sharing(old.known.checks, touched)
    everywhere = not moved <= named
    if everywhere:  # a decision may name a finding about other examples
        return _with_findings(old, columns)
    findings, severity = old.findings.copy(), old.severity.copy()
    about = old.places(sorted(members))
    findings[about], severity[about] = 0, 0
    _mark(old, columns.links(old.known.checks, _all(now), sorted(members)), findings, severity)
    return replace(old, findings=findings, severity=severity)


def _mark(rows: Catalogue, links: Links, findings: np.ndarray, severity: np.ndarray) -> None:
    at, here = _placed(rows.ids, links.examples)
    np.bitwise_or.at(findings, at, np.uint32(1) << links.checks[here].astype(np.uint32))
    np.maximum.at(severity, at, links.severities[here].astype(np.int8))


def _all(dismissed: Mapping[int, frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*dismissed.values())


def _with_splits(old: C, columns: Columns, release: int) -> C:
    split = np.zeros(len(old), np.int8)
    for ids, codes in columns.splits(release) if release else ():
        at, here = _placed(old.ids, ids)
        split[at] = codes[here]
    return replace(old, split=split, known=replace(old.known, release=release))


def _stop(progress: Progress) -> None:
    if progress.cancelled():
        raise Cancelled
