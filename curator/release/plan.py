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
from curator.release.place import Assigned, assign
from curator.release.plan_parts import (
    Below,
    Count,
    FilePlan,
    Left,
    Named,
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
from curator.targets import base_models, fixes
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

    `memory`: the split of each question that was released before. `told` hears what is known of the targets that are wanted:
    first without the splits, then with them; the other targets are asked after that.
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

    about = _About(data, selection, acceptances, wanted, preferences or {})

    def made(assigned: Assigned | None, asked: Collection[str]) -> Plan:
        need = NEEDS[data.task]
        split = assigned.split if assigned else {}
        count, remembered = Counter(split.values()), assigned.remembered if assigned else 0
        rows = _by_split(selection, split, wanted)
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
            tuple(about.target(name, rows) if name in asked else _unasked(name, wanted) for name in targets.names()),
            assigned.together.count() if assigned else 0,
            remembered,
            _below(data, selection),
            notes(data, selection, wanted, remembered) if selection.chosen else (),
            review,
            budget.length_plans(budget.lengths(selection, split, wanted)) if wanted.targets else (),
            tuple(Named(fix.name, fix.title, fix.loses) for fix in fixes.FIXES.values()),
            tuple(Named(model.name, model.title) for model in base_models.every()),
        )

    assigned = None
    if told is not None:
        told(made(None, wanted.targets))
    if selection.chosen:
        assigned = _assigned(data, selection, wanted, memory, progress, acceptances)
        if told is not None:
            told(made(assigned, wanted.targets))
    return made(assigned, targets.names())


def _assigned(
    data: Data,
    selection: Selection,
    wanted: Wanted,
    memory: Mapping[str, str],
    progress: Progress,
    acceptances: Acceptances,
) -> Assigned:
    """The splits; those of the last plan where all is the same that they depend on, as after another format is ticked."""
    key = (selection.chosen, wanted.shares, wanted.seed_or(data.seed), wanted.stratify, dict(memory))
    if acceptances.assigned is None or acceptances.assigned[0] != key:
        acceptances.assigned = (key, assign(data, selection, wanted, memory, progress))
    return acceptances.assigned[1]


def _by_split(selection: Selection, split: Mapping[int, str], wanted: Wanted) -> dict[str, np.ndarray]:
    """The chosen candidates (indices) of each split, none where it is not known yet."""
    if not split:
        return {}
    chosen = np.array(selection.chosen, dtype=np.int64)
    where = np.array([split[index] for index in selection.chosen], dtype=object)
    return {name: chosen[where == name] for name in wanted.shares.names}


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


def _unasked(name: str, wanted: Wanted) -> TargetPlan:
    """A target of which is told who it is, and nothing that it would say."""
    target = targets.get(name)
    rules, no = target.rules, ()
    return TargetPlan(
        name, target.title, name in wanted.targets, 0, 0, 0, no, no, no, no, 0, "", "", no, rules.told(), rules.notes,
        rules.as_of, rules.source, preference=target.preference, group=rules.group, base_models=rules.base_models,
        asked=False,
    )  # fmt: skip


class _About:
    """What targets say of a selection."""

    def __init__(
        self,
        data: Data,
        selection: Selection,
        acceptances: Acceptances,
        wanted: Wanted,
        preferences: Preferences,
    ):
        self._data, self._wanted = data, wanted
        self._acceptances, self._preferences = acceptances, preferences
        self._chosen = np.array(selection.chosen, dtype=np.int64)
        # What all the wanted targets refuse is out for that alone: for a provider it is refused, and nothing more.
        out = [i for i, exclusion in selection.out.items() if not exclusion.rule.startswith("target:")]
        self._stays = np.ones(len(data.candidates), dtype=bool)
        self._stays[out] = False

    def target(self, name: str, split: Mapping[str, np.ndarray]) -> TargetPlan:
        """`split`: the candidates (indices) of each, none where that is not known yet."""
        data = self._data
        acceptance = self._acceptances.of(name, self._wanted, self._preferences)
        target, rules = acceptance.target, acceptance.target.rules
        taken = self._chosen[~acceptance.out[self._chosen]]
        files, limits, bills = self._files(acceptance, taken, split)
        rows = taken.tolist()
        return TargetPlan(
            target.name,
            target.title,
            target.name in self._wanted.targets,
            len(taken),
            int(acceptance.out.sum()),
            int((acceptance.out & self._stays).sum()),
            matrix.of_refused(data, acceptance),
            matrix.refusals(data, acceptance, rows, refused=False),
            matrix.caught(data, acceptance, taken),
            files,
            int(acceptance.tokens[taken].sum()),
            str(target.counter.basis),
            target.counter.name,
            limits,
            rules.told(),
            rules.notes,
            rules.as_of,
            rules.source,
            matrix.applied(data, acceptance, rows),
            target.preference,
            bills.billed_line if bills else "",
            budget.cost_plans(bills) if bills else (),
            rules.group,
            rules.base_models,
            int(self._warned(acceptance)[taken].sum()),
        )

    def _warned(self, acceptance: Acceptance) -> np.ndarray:
        """Which candidates have something said of them, (n,) of bool."""
        found = np.zeros(len(acceptance.examples), dtype=bool)
        found[list(acceptance.problems)] = True
        for caught in acceptance.trapped.values():
            found |= caught
        return found

    def _files(
        self, acceptance: Acceptance, taken: np.ndarray, split: Mapping[str, np.ndarray]
    ) -> tuple[tuple[FilePlan, ...], tuple[str, ...], costs.TargetCost | None]:
        """The files, what is wrong with them, and what training on them costs."""
        if not split:
            return (), (), None
        target, rules, files, limits = acceptance.target, acceptance.target.rules, [], []
        most = [size for size in (rules.max_bytes, rules.max_validation_bytes) if size is not None]
        by_split = {name: rows[~acceptance.out[rows]] for name, rows in split.items()}
        for name, rows in by_split.items():
            size = acceptance.size(rows, taken, min(most)) if most else 0
            files.append(FilePlan(name, len(rows), int(acceptance.tokens[rows].sum())))
            limits += [f"{name}: {problem}" for problem in errors(target.file_problems(len(rows), size, name))]
        limits += map(str, errors(target.release_problems({file.split: file.rows for file in files})))
        if not len(taken):
            return tuple(files), tuple(limits), None
        counts = {name: acceptance.tokens[rows].tolist() for name, rows in by_split.items()}
        return tuple(files), tuple(limits), costs.of_counts(target, counts, self._wanted.epochs)


def _below(data: Data, selection: Selection) -> Below | None:
    need, chosen = NEEDS[data.task], len(selection.chosen)
    if chosen >= need.minimum:
        return None
    return Below(need.minimum, chosen, selection.clean >= need.minimum, BELOW_MINIMUM)
