"""The tokens of a release, or of one that is planned: how long its examples are, and what training on them would cost."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from curator import costs, targets
from curator.costs import TargetCost
from curator.release.acceptance import Acceptance
from curator.release.place import Placement
from curator.release.plan_parts import CostPlan, LengthBin, LengthPlan, LimitPlan
from curator.release.select import Selection
from curator.release.wanted import Wanted
from curator.reports import data as reports
from curator.targets.tokens import Basis


def by_split(
    acceptance: Acceptance, rows: Iterable[int], split: Mapping[int, str], names: Sequence[str]
) -> dict[str, list[int]]:
    """Tokens of each of these candidates, as their target counts them, by split."""
    counts: dict[str, list[int]] = {name: [] for name in names}
    for index in rows:
        counts[split[index]].append(int(acceptance.tokens[index]))
    return counts


def of_release(
    selection: Selection, placement: Placement, wanted: Wanted, written: Collection[str]
) -> tuple[TargetCost, ...]:
    """What training costs for each target that files were `written` for."""
    found = []
    for name in (name for name in wanted.targets if name in written):
        acceptance, refused = selection.acceptances[name], selection.refused[name]
        taken = [i for i in placement.order if i not in refused]
        counts = by_split(acceptance, taken, placement.split, wanted.shares.names)
        found.append(costs.of_counts(acceptance.target, counts, wanted.epochs))
    return tuple(found)


def lengths(selection: Selection, split: Mapping[int, str], wanted: Wanted) -> tuple[reports.Lengths, ...]:
    """How long the chosen examples are, by split, with the limits of all targets that are wanted; in the tokens of the first
    of these that counts exactly.

    `split`: by candidate (index); empty where it is not known yet: then of all together.
    """
    asked = [selection.acceptances[name] for name in wanted.targets]
    exact = (one for one in asked if one.target.counter.basis is Basis.EXACT)
    acceptance = next(exact, asked[0])
    limits = {name: most for name, most in targets.limits().items() if name in wanted.targets}
    unit = f"tokens, {acceptance.target.counter}"
    if not split:
        return reports.Lengths.by({"": [int(acceptance.tokens[i]) for i in selection.chosen]}, unit, limits)
    rows = [i for i in selection.chosen if i in split]
    return reports.Lengths.by(by_split(acceptance, rows, split, wanted.shares.names), unit, limits)


def length_plans(found: Iterable[reports.Lengths]) -> tuple[LengthPlan, ...]:
    """The same as plain values."""
    return tuple(
        LengthPlan(
            one.name,
            one.unit,
            tuple(LengthBin(b.low, b.high, b.count) for b in one.bins),
            one.median,
            one.longest,
            tuple(LimitPlan(limit.targets, limit.most, limit.over) for limit in one.limits),
        )
        for one in found
    )


def told(cost: TargetCost) -> reports.TargetCosts:
    """A cost as a report says it."""
    lines = tuple(
        reports.CostLine(
            bill.name, bill.cost, bill.price.rate, "" if bill.price.per_million is not None else bill.price.note
        )
        for bill in cost.bills
    )
    alone = () if cost.bills else cost.cost_lines
    notes = (*alone, *cost.notes, *((f"Stand-in: {cost.note}.",) if cost.note else ()))
    return reports.TargetCosts(cost.target, cost.counted, cost.billed_line, cost.limit_line, cost.summary, lines, notes)


def cost_plans(cost: TargetCost) -> tuple[CostPlan, ...]:
    """What each model would cost, as plain values."""
    return tuple(CostPlan(bill.name, bill.cost, bill.price.rate) for bill in cost.bills)
