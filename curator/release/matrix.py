"""Who takes what: for every example and target whether it is accepted, which rule it breaks, and which fix there is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from curator import sensitive, targets
from curator.checks.data import Data
from curator.release.acceptance import Acceptance
from curator.release.plan_parts import Applied, Caught, Refusal, Row
from curator.release.select import Selection
from curator.reports import data as reports
from curator.targets import fixes
from curator.text import json_bytes

ROWS = 20
"""Examples of a refusal that are told one by one; the others by their ids."""


def refusals(data: Data, acceptance: Acceptance, rows: Iterable[int], *, refused: bool) -> tuple[Refusal, ...]:
    """What is said of these candidates, by rule and fix: what they are left out for, or all else; the most frequent first."""
    said = acceptance.problems
    by_list: dict[int, list[int]] = defaultdict(list)  # many examples share one list of problems
    for index in rows:
        if index in said:
            by_list[id(said[index])].append(index)
    found: dict[tuple[str, str], dict[int, targets.Problem]] = defaultdict(dict)
    for indices in by_list.values():
        seen = set()
        for problem in said[indices[0]]:
            key = (problem.rule, problem.mend or "")
            if key not in seen and acceptance.refuses(problem) is refused:
                found[key].update(dict.fromkeys(indices, problem))
                seen.add(key)
    told = (_refusal(data, acceptance, rule, by_index) for (rule, _), by_index in found.items())
    return tuple(sorted(told, key=lambda refusal: (-refusal.count, refusal.rule, refusal.mend or "")))


def of_refused(data: Data, acceptance: Acceptance) -> tuple[Refusal, ...]:
    """What the refused ones of all candidates are refused for: the same in every plan, so it is kept."""
    if acceptance.said_of_refused is None:
        rows = np.flatnonzero(acceptance.out).tolist()
        acceptance.said_of_refused = refusals(data, acceptance, rows, refused=True)
    return acceptance.said_of_refused


def _refusal(data: Data, acceptance: Acceptance, rule: str, by_index: Mapping[int, targets.Problem]) -> Refusal:
    """`by_index`: what is said of each of them."""
    ids = data.candidates.ids[np.fromiter(by_index, dtype=np.int64, count=len(by_index))]
    indices = list(by_index)
    order = np.argsort(ids, kind="stable").tolist()
    first = by_index[indices[order[0]]]
    rows = tuple(
        Row(data.id_of(i), str(data.candidates.examples[i].ref), by_index[i].message)
        for i in (indices[at] for at in order[:ROWS])
    )
    mends = (
        [indices[at] for at in order if acceptance.mended_by(indices[at], by_index[indices[at]])] if first.mend else []
    )
    mended = tuple(data.id_of(i) for i in mends)
    mend = first.mend if mended else None
    told = tuple(np.sort(ids).tolist())
    return Refusal(rule, str(first.severity), first.message, first.fix, told, rows, mend, mended)


def caught(data: Data, acceptance: Acceptance, rows: Sequence[int] | np.ndarray) -> tuple[Caught, ...]:
    """Which of these candidates the chat templates of open models fail on, or change."""
    asked = np.asarray(rows, dtype=np.int64)
    return tuple(
        Caught(model.title, trap.effect, trap.fix, ids, trap.mend, model.name)
        for (model, trap), found in acceptance.trapped.items()
        if (ids := tuple(np.sort(data.candidates.ids[asked[found[asked]]]).tolist()))
    )


def applied(data: Data, acceptance: Acceptance, rows: Iterable[int]) -> tuple[Applied, ...]:
    """Which of these candidates each fix changes."""
    by_fix: dict[str, list[int]] = defaultdict(list)
    for index in sorted((index for index in rows if index in acceptance.applied), key=data.id_of):
        for name in acceptance.applied[index]:
            by_fix[name].append(data.id_of(index))
    return tuple(Applied(name, fixes.FIXES[name].title, tuple(ids)) for name, ids in by_fix.items())


def lines(data: Data, selection: Selection) -> tuple[reports.TargetLine, ...]:
    """A line for each target that was asked: what it takes of the chosen examples, and refuses of all candidates."""

    def line(name: str, acceptance: Acceptance) -> reports.TargetLine:
        taken = [index for index in selection.chosen if index not in acceptance.refused]
        return reports.TargetLine(
            name,
            acceptance.target.title,
            len(taken),
            len(acceptance.refused),
            tuple(map(_rule, refusals(data, acceptance, acceptance.refused, refused=True))),
            tuple(map(_rule, refusals(data, acceptance, taken, refused=False))),
            tuple((one.fix, len(one.ids)) for one in applied(data, acceptance, taken)),
            tuple(_trap(one) for one in caught(data, acceptance, taken)),
            acceptance.target.rules.as_of,
        )

    return tuple(line(name, acceptance) for name, acceptance in selection.acceptances.items())


def _rule(one: Refusal) -> reports.RuleLine:
    message = sensitive.mask(one.message)
    return reports.RuleLine(one.rule, one.count, message, one.fix or "", one.mend or "", len(one.mended))


def _trap(one: Caught) -> reports.RuleLine:
    return reports.RuleLine(one.model, one.count, f"{one.models}: {one.effect}", one.fix, one.mend or "", one.count)


def by_example(data: Data, selection: Selection, split: Mapping[int, str]) -> bytes:
    """The lines of acceptance.jsonl, one for each candidate: the targets that take it, and what breaks a rule of the others."""

    def said(acceptance: Acceptance, index: int) -> list[dict[str, Any]]:
        return [
            {"rule": problem.rule, "message": sensitive.mask(problem.message), "fix": problem.fix}
            | {"mend": acceptance.mended_by(index, problem)}
            for problem in acceptance.problems[index]
            if acceptance.refuses(problem)
        ]

    def line(index: int) -> bytes:
        asked = selection.acceptances
        return json_bytes(
            {
                "from": data.candidates.examples[index].ref.as_json(),
                "split": split.get(index),
                "accepted": [name for name, one in asked.items() if index not in one.refused],
                "refused": {name: said(one, index) for name, one in asked.items() if index in one.refused},
                "fixed": {name: list(one.applied[index]) for name, one in asked.items() if index in one.applied},
            }
        )

    return b"".join(line(index) for index in sorted(range(len(data.candidates)), key=data.id_of))
