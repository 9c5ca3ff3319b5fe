"""The tables of the page: by label, by reviewer, by pair of reviewers; and agreement as the work went on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from curator.review.agreement.estimates import Estimate
from ui.i18n import language, number, share, tr, trn
from ui.presenters.agreement_matrix import label_text
from ui.presenters.agreement_view import Cell, Column, Line, Point, Table, span_text
from ui.presenters.agreement_words import Kind, why

if TYPE_CHECKING:
    from curator.review.agreement.estimates import Share
    from curator.review.agreement.fields import FieldAgreement
    from curator.review.agreement.measures import Agreement, ReviewerAgreement
    from curator.review.agreement.over_time import PeriodAgreement
    from curator.review.agreement.sets import PartAgreement


DAYS = 4
"""Days from which on agreement is shown by day."""


def by_label(found: Agreement, kind: Kind) -> Table:
    """Labels with the least agreement first; where votes are sets of labels, each label on its own."""
    if found.sets is not None:
        return _by_part(found.sets.by_label)
    columns = (
        Column(tr("Verdict") if kind == "texts" else tr("Label")),
        Column(tr("Votes"), "number", tr("How many votes name it")),
        Column(
            tr("Agreement"),
            "share",
            tr("Of the other votes on items with a vote for it, the share that name it too"),
            True,
        ),
        Column(tr("Most confused with"), "text", tr("The label that it is most often paired with instead")),
    )
    ordered = sorted(found.by_label, key=lambda one: (_or_one(one.agreement), -one.votes, one.label))
    lines = []
    for one in ordered:
        other = "" if one.confused_with is None else label_text(one.confused_with)
        said = f"{other} ({share(one.confused_share)})" if other else None
        name = label_text(one.label)
        lines.append(Line((name, other) if other else (name,), (name, one.votes, worded(one.agreement), said)))
    return Table(tr("By verdict") if kind == "texts" else tr("By label"), columns, tuple(lines))


def _by_part(parts: Sequence[PartAgreement]) -> Table:
    columns = (
        Column(tr("Label")),
        Column(tr("Votes"), "number", tr("How many votes name it")),
        Column(tr("Agree"), "share", tr("How often two reviewers agree on whether it is among the labels"), True),
        Column(
            tr("Krippendorff's α"), "coefficient", tr("Agreement beyond chance on whether it is among the labels"), True
        ),
    )
    ordered = sorted(parts, key=lambda one: (_or_one(one.krippendorff_alpha), -one.votes, one.label))
    lines = [
        Line(
            (one.label,),
            (label_text(one.label), one.votes, worded(one.percent_agreement), worded(one.krippendorff_alpha)),
        )
        for one in ordered
    ]
    return Table(tr("By label"), columns, tuple(lines))


def by_field(fields: Sequence[FieldAgreement]) -> Table:
    """The fields of JSON outputs, those with the least agreement first."""
    columns = (
        Column(tr("Field")),
        Column(tr("Items"), "number", tr("Items where a reviewer at least has it")),
        Column(tr("Values"), "number", tr("How many different values it has")),
        Column(tr("Agree"), "share", tr("How often two reviewers leave the same value, or none"), True),
        Column(tr("Krippendorff's α"), "coefficient", tr("Agreement on the value beyond chance"), True),
    )
    ordered = sorted(fields, key=lambda one: (_or_one(one.percent_agreement), one.path))
    lines = [
        Line(
            (one.path,),
            (one.path, one.items, one.values, worded(one.percent_agreement), worded(one.krippendorff_alpha)),
        )
        for one in ordered
    ]
    return Table(tr("By field"), columns, tuple(lines))


def by_reviewer(found: Agreement) -> Table:
    """Reviewers, those who are right most often first."""
    columns = [
        Column(tr("Reviewer")),
        Column(tr("Votes"), "number"),
        Column(tr("Agree"), "share", tr("How many of the others' votes on the same items say the same")),
        Column(
            tr("Quality"),
            "share",
            tr("How often they are right, judged by what the others say of the same items"),
            True,
        ),
    ]
    extra = [
        (Column(tr("Gold"), "share", tr("How often they are right where the answer is known")), "gold"),
        (Column(tr("Attention"), "share", tr("How often they notice a label that was made wrong")), "attention"),
        (Column(tr("Repeats"), "share", tr("How often they say the same of an item seen again")), "repeats"),
    ]
    asked = [(column, name) for column, name in extra if any(_asked(one, name) for one in found.by_reviewer)]
    columns += [column for column, _ in asked]
    ordered = sorted(found.by_reviewer, key=lambda one: (-(one.accuracy.value or 0), one.reviewer))
    lines = []
    for one in ordered:
        agree = None if one.agreement is None else Estimate(one.agreement)
        cells: list[Cell] = [one.reviewer, one.votes, agree, worded(one.accuracy)]
        cells += [_share(one, name) for _, name in asked]
        lines.append(Line((one.reviewer,), tuple(cells)))
    return Table(tr("By reviewer"), tuple(columns), tuple(lines))


def _asked(one: ReviewerAgreement, name: str) -> bool:
    found: Share | None = getattr(one, name)
    return found is not None and found.asked > 0


def _share(one: ReviewerAgreement, name: str) -> Estimate | None:
    found: Share | None = getattr(one, name)
    return None if found is None else worded(found.share)


def pairs(found: Agreement) -> Table:
    """Cohen's κ of each pair, those who agree least first."""
    columns = (
        Column(tr("Reviewers")),
        Column(tr("Items"), "number", tr("Items that both voted on")),
        Column(tr("Cohen's κ"), "coefficient", tr("Agreement of the two beyond chance"), True),
    )
    ordered = sorted(found.cohen_kappa, key=lambda one: (_or_one(one.kappa), one.a, one.b))
    lines = tuple(Line((one.a, one.b), (f"{one.a} – {one.b}", one.items, worded(one.kappa))) for one in ordered)
    note = ""
    if found.pairs > len(found.cohen_kappa):
        note = tr(
            "The {shown} of {all} pairs with the most items in common.",
            shown=number(len(found.cohen_kappa)),
            all=number(found.pairs),
        )
    return Table(tr("Pairs of reviewers"), columns, lines if len(found.by_reviewer) > 1 else (), note)


def trend(found: Agreement, kind: Kind) -> tuple[Point, ...]:
    """Agreement by day where the work took some days, else by batch: α, or on what is to be done with texts the share."""
    periods, by_day = _periods(found)
    return tuple(_point(one, kind, by_day=by_day) for one in periods)


def trend_note(found: Agreement, kind: Kind) -> str:
    """What the points are."""
    by_day = _periods(found)[1]
    if kind == "texts":
        if by_day:
            return tr("How often verdicts agree by day, with its 95% interval.")
        return tr(
            "How often verdicts agree by batch of items in the order in which they were done, with its 95% interval."
        )
    if by_day:
        return tr("Krippendorff's α by day, with its 95% interval.")
    return tr("Krippendorff's α by batch of items in the order in which they were done, with its 95% interval.")


def _periods(found: Agreement) -> tuple[tuple[PeriodAgreement, ...], bool]:
    by_day = len(found.by_day) >= DAYS or not found.by_batch
    return (found.by_day, True) if by_day else (found.by_batch, False)


def _point(one: PeriodAgreement, kind: Kind, *, by_day: bool) -> Point:
    start, end = (datetime.fromisoformat(text).astimezone() for text in (one.start, one.end))
    day = "%d.%m." if language() == "de" else "%d %b"
    name = start.strftime(day) if by_day or start.date() != end.date() else start.strftime(f"{day} %H:%M")
    alpha, percent = worded(one.krippendorff_alpha), one.percent_agreement
    agree = "" if percent.value is None else tr("{share} agree", share=share(percent.value))
    said = [f"α {number(alpha.value, 2)}" + _span(alpha) if alpha.value is not None else alpha.why or ""]
    said = [agree + _span(percent, "share")] if kind == "texts" else [*said, agree]
    text = f"{name}: " + ", ".join(part for part in (*said, trn("{n} item", "{n} items", one.items)) if part)
    return Point(name, percent, text, "share") if kind == "texts" else Point(name, alpha, text)


def _span(estimate: Estimate, unit: Literal["share", "coefficient"] = "coefficient") -> str:
    span = span_text(estimate, unit)
    return f" ({span})" if span else ""


def worded(estimate: Estimate) -> Estimate:
    """With the reason in the words of the window."""
    return estimate if estimate.why is None else replace(estimate, why=why(estimate.why))


def _or_one(estimate: Estimate) -> float:
    return 1.0 if estimate.value is None else estimate.value
