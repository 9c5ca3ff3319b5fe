"""What an export would do, in numbers, without writing anything.

It goes the way of the export (`select`, `assign`), so that what it says is what is then written.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from curator import costs, splits, targets
from curator.checks.data import Data
from curator.errors import Cancelled
from curator.model import Decision, Severity
from curator.progress import Progress
from curator.release import budget, matrix
from curator.release.acceptance import Acceptance, Acceptances, Preferences
from curator.release.files import notes
from curator.release.place import assign
from curator.release.plan_parts import (
    Below,
    Count,
    FilePlan,
    Left,
    Plan,
    ReviewPlan,
    RoundPlan,
    RuleState,
    TargetPlan,
)
from curator.release.select import Selection, exclusions, select
from curator.release.wanted import Wanted
from curator.reports import data as reports
from curator.review.provenance import NOBODY, Reviewed
from curator.splits import policy
from curator.targets.problem import errors
from curator.tasks import BELOW_MINIMUM, NEEDS


def plan(
    data: Data,
    report: reports.CheckReport,
    decisions: Mapping[int, Decision],
    scores: Mapping[str, Sequence[Any] | np.ndarray],
    wanted: Wanted,
    memory: Mapping[str, str],
    progress: Progress,
    *,
    dismissed: Collection[str] = (),
    acceptances: Acceptances | None = None,
    reviewed: Reviewed = NOBODY,
    preferences: Preferences | None = None,
    told: Callable[[Plan], None] | None = None,
) -> Plan:
    """What `select`, `place` and `write` would do with the same arguments; none is left, or too few, is no error here.

    `memory`: the split of each question that was released before. `told` hears all that is known before the splits are,
    which take longest: there they are empty.
    """
    acceptances = acceptances or Acceptances(data)
    selection = select(
        data,
        report,
        decisions,
        scores,
        wanted,
        dismissed,
        acceptances,
        reviewed=reviewed,
        preferences=preferences,
        guarded=False,
    )
    rules = _rules(data, report, decisions, wanted, dismissed, selection, progress)
    review = _review(data, reviewed, wanted, selection)
    if progress.cancelled():
        raise Cancelled

    def made(split: Mapping[int, str], groups: int, remembered: int) -> Plan:
        need, count = NEEDS[data.task], Counter(split.values())
        return Plan(
            str(data.task),
            need.minimum,
            need.ideal,
            wanted.size,
            wanted.seed_or(data.seed),
            wanted.stratify and data.short_labels,
            sum(source.records for source in report.sources if source.role == "candidate"),
            len(data.candidates),
            report.effective,
            selection.clean,
            len(selection.chosen),
            tuple(Count(name, count[name]) for name in wanted.shares.names) if split else (),
            _left(data, selection),
            rules,
            tuple(
                _target(data, acceptances.of(name, wanted, preferences or {}), selection, split, wanted)
                for name in targets.names()
            ),
            groups,
            remembered,
            _below(data, selection),
            notes(data, selection, wanted, remembered) if selection.chosen else (),
            review,
            budget.length_plans(budget.lengths(selection, split, wanted)),
        )

    if told is not None:
        told(made({}, 0, 0))
    if not selection.chosen:
        return made({}, 0, 0)
    assigned = assign(data, selection, wanted, memory, progress)
    return made(assigned.split, assigned.together.count(), assigned.remembered)


def _left(data: Data, selection: Selection) -> tuple[Left, ...]:
    """The reasons, those that keep most out first."""
    by_rule: dict[str, list[int]] = defaultdict(list)
    for index in sorted(selection.out, key=data.id_of):
        by_rule[selection.out[index].rule].append(index)
    found = [
        Left(rule, tuple(data.id_of(i) for i in rows), selection.out[rows[0]].message) for rule, rows in by_rule.items()
    ]
    return tuple(sorted(found, key=lambda left: (-left.count, left.rule)))


def _rules(
    data: Data,
    report: reports.CheckReport,
    decisions: Mapping[int, Decision],
    wanted: Wanted,
    dismissed: Collection[str],
    selection: Selection,
    progress: Progress,
) -> tuple[RuleState, ...]:
    """Every rule in the order of the policy. What one that is off would keep out is tried."""
    in_force = splits.rules(wanted.include, wanted.exclude)
    by_rule: dict[str, list[int]] = defaultdict(list)
    for index in sorted(selection.out, key=data.id_of):
        by_rule[selection.out[index].rule].append(data.id_of(index))

    found_by = {finding.check for finding in report.findings}
    every = [example.id for example in data.candidates.examples]

    def tried(*more: str) -> list[int]:
        if more[0] not in found_by:
            return []
        with_it, barred = in_force | set(more), selection.barred
        if more[0] == "near_duplicate":
            out = exclusions(data, report.findings, decisions, with_it, dismissed=dismissed, barred=barred)
        else:
            # What is near what changes nothing for the rules before it.
            out = splits.decide(every, report.findings, decisions, with_it, dismissed=dismissed, barred=barred)
        return sorted(id for id, exclusion in out.items() if exclusion.rule == more[0])

    found = []
    for name in splits.RULES:
        if progress.cancelled():
            raise Cancelled
        on = name in in_force
        ids = by_rule[name] if on else tried(name)
        strict = policy.strict(name)
        if strict is None:
            found.append(RuleState(name, on, name in splits.DEFAULT, tuple(ids)))
            continue
        everything = ids if strict in in_force else tried(name, strict)
        errors = _with_errors(report, name, dismissed, everything)
        warned = tuple(id for id in everything if id not in errors)
        usual = name in splits.DEFAULT
        found += [RuleState(name, on, usual, tuple(errors)), RuleState(strict, strict in in_force, False, warned)]
    return tuple(found)


def _review(data: Data, reviewed: Reviewed, wanted: Wanted, selection: Selection) -> ReviewPlan | None:
    if not reviewed.by_several and not wanted.require:
        return None
    ids = [example.id for example in data.candidates.examples]
    by_rule = {left.rule: left for left in _left(data, selection)}
    on = splits.DISAGREEMENT in splits.rules(wanted.include, wanted.exclude)
    held = by_rule.get(splits.DISAGREEMENT)
    disputed = held.ids if held else tuple(sorted(id for id in ids if reviewed.of(id).dispute)) if not on else ()
    return ReviewPlan(
        tuple(Count(how, n) for how, n in reviewed.counts(data.id_of(i) for i in selection.chosen).items()),
        tuple(RoundPlan(one.number, one.name, one.alpha, one.why) for one in reviewed.rounds),
        RuleState(splits.DISAGREEMENT, on, True, disputed),
        tuple(by_rule.get(name, Left(name, (), "")) for name in wanted.required.names),
    )


def _with_errors(report: reports.CheckReport, rule: str, dismissed: Collection[str], ids: Iterable[int]) -> list[int]:
    """Of these examples the ones that a check finds errors in, not warnings alone."""
    found = [f for f in report.findings if f.check == rule and f.severity is Severity.ERROR and f.id not in dismissed]
    errors = {id for finding in found for id in finding.examples}
    return [id for id in ids if id in errors]


def _target(
    data: Data, acceptance: Acceptance, selection: Selection, split: Mapping[int, str], wanted: Wanted
) -> TargetPlan:
    target, rules = acceptance.target, acceptance.target.rules
    # What all the wanted targets refuse is out for that alone: for a provider it is refused, and nothing more.
    barred = {i for i, exclusion in selection.out.items() if exclusion.rule.startswith("target:")}
    missing = [i for i in acceptance.refused if i not in selection.out or i in barred]
    taken = [i for i in selection.chosen if i not in acceptance.refused]
    fitted = target.fitted([acceptance.examples[i] for i in taken]) if rules.max_bytes is not None else target
    files, limits = [], []
    for name in wanted.shares.names if split else ():
        rows = [i for i in taken if split[i] == name]
        size = acceptance.size(rows, fitted) if rules.max_bytes is not None else 0
        files.append(FilePlan(name, len(rows), int(acceptance.tokens[rows].sum())))
        limits += [f"{name}: {problem}" for problem in errors(target.file_problems(len(rows), size, name))]
    cost = None
    if split and taken:
        counts = budget.by_split(acceptance, taken, split, wanted.shares.names)
        cost = costs.of_counts(target, counts, wanted.epochs)
    if split:
        limits += map(str, errors(target.release_problems({file.split: file.rows for file in files})))
    return TargetPlan(
        target.name,
        target.title,
        target.name in wanted.targets,
        len(taken),
        len(acceptance.refused),
        len(missing),
        matrix.refusals(data, acceptance, acceptance.refused, refused=True),
        matrix.refusals(data, acceptance, taken, refused=False),
        matrix.caught(data, acceptance, taken),
        tuple(files),
        int(acceptance.tokens[taken].sum()),
        str(target.counter.basis),
        target.counter.name,
        tuple(limits),
        rules.told(),
        rules.notes,
        rules.as_of,
        rules.source,
        matrix.applied(data, acceptance, taken),
        target.preference,
        cost.billed_line if cost else "",
        budget.cost_plans(cost) if cost else (),
    )


def _below(data: Data, selection: Selection) -> Below | None:
    need, chosen = NEEDS[data.task], len(selection.chosen)
    if chosen >= need.minimum:
        return None
    return Below(need.minimum, chosen, selection.clean >= need.minimum, BELOW_MINIMUM)
