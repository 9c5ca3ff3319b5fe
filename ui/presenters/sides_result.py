"""What judging side by side came to, in the window's words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from curator.comparison.sides import BASELINE, BOTH_BAD, EQUAL, TUNED
from curator.model import Round
from curator.store import Project
from ui.i18n import number, share, tr, trn
from ui.presenters.sides import is_side_by_side

if TYPE_CHECKING:
    from curator.comparison.sides_preference import Judge, Preference, Waiting
    from curator.review.agreement.estimates import Estimate

SPLITS = 6
"""Items that judges see differently which are listed."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the bar: what it is called, how many items, and the name of its colour."""

    name: str
    count: int
    tone: str


@dataclass(frozen=True, slots=True)
class Result:
    """`title` and `tone` say who is preferred, or why nothing is told yet (then there are no `parts`). `rows` is a line per
    judge: name, for the tuned system, for the baseline, neither, the same again; `heads` their headings."""

    title: str
    tone: str
    parts: tuple[Part, ...] = ()
    lines: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    splits: tuple[str, ...] = ()


def read(project: Project, round: Round) -> Result | None:
    """What a round came to; None for a round of another kind."""
    if not is_side_by_side(round):
        return None
    from curator.comparison.sides_preference import is_kept, preference, waiting

    left = waiting(project, round)
    if left:
        return Result(_waiting(left), "")
    if is_kept(project, round):
        said = tr("Which system is which is kept from you until the owner of the project has closed the round.")
        return Result(said, "")
    return told(preference(project, round))


def told(found: Preference) -> Result:
    """The result in words."""
    parts = (
        Part(tr("for {name}", name=found.tuned), found.wins, "accent"),
        Part(tr("for neither"), found.ties, "line"),
        Part(tr("for {name}", name=found.baseline), found.losses, "muted"),
    )
    heads = (tr("Judge"), found.tuned, found.baseline, tr("neither"), tr("the same twice"))
    return Result(
        _title(found),
        {"better": "good", "worse": "bad"}.get(str(found.verdict), ""),
        parts,
        tuple(_lines(found)),
        heads,
        tuple(map(_row, found.judges)),
        tuple(_splits(found)),
    )


def _waiting(left: Waiting) -> str:
    if left.judgements:
        return trn(
            "{n} judgement is still to come. The result is told when all are in: who watches it stops when it suits.",
            "{n} judgements are still to come. The result is told when all are in: who watches it stops when it suits.",
            left.judgements,
        )
    return trn(
        "{n} item waits for somebody to decide, who is not to know either which system is which. Then the result is told.",
        "{n} items wait for somebody to decide, who is not to know either which system is which. Then the result is told.",
        left.disputes,
    )


def _title(found: Preference) -> str:
    if str(found.verdict) == "better":
        return tr("People prefer {better} to {worse}", better=found.tuned, worse=found.baseline)
    if str(found.verdict) == "worse":
        return tr("People prefer {better} to {worse}", better=found.baseline, worse=found.tuned)
    return tr("No difference is shown")


def _lines(found: Preference) -> list[str]:
    said = [
        tr("Win rate of {name}, ties as half a win: {rate}.", name=found.tuned, rate=_span(found.rate)),
    ]
    if found.p is not None:
        said.append(
            tr("Were the systems level, a lead at least this large would come in {chance}.", chance=_chance(found.p))
        )
    if str(found.verdict) == "noise":
        said.append(_reach(found))
    if found.same:
        said.append(
            trn(
                "On {n} more both say the same: with those as ties it is {rate}.",
                "On {n} more both say the same: with those as ties it is {rate}.",
                found.same,
                rate=_span(found.overall),
            )
        )
    if found.open:
        said.append(trn("{n} item nobody judged.", "{n} items nobody judged.", found.open))
    said.append(_leaning(found))
    if found.alpha.value is not None:
        said.append(tr("Krippendorff's α of the judges: {value}.", value=number(found.alpha.value, 2)))
    return said


def _reach(found: Preference) -> str:
    decided = found.wins + found.losses
    if found.shows is None:
        return trn(
            "{n} item that somebody won is too few to show any difference.",
            "{n} items that somebody won are too few to show any difference.",
            decided,
        )
    return trn(
        "{n} item that somebody won shows a win rate of {share} or more in four rounds of five; less needs more items.",
        "{n} items that somebody won show a win rate of {share} or more in four rounds of five; less needs more items.",
        decided,
        share=share(found.shows),
    )


def _leaning(found: Preference) -> str:
    lean = found.leaning
    if lean.share.value is None or lean.p is None:
        return tr("Whether judges lean to a side cannot be said.")
    if not lean.leans:
        return tr(
            "No leaning to a side is seen: {share} of the preferences are for the first answer.",
            share=share(lean.share.value),
        )
    return tr(
        "Judges lean to a side: {share} of the preferences are for the first answer. Each system stood first as often, so it "
        "favours neither, but it hides differences.",
        share=share(lean.share.value),
    )


def _span(found: Estimate) -> str:
    if found.value is None or found.low is None or found.high is None:
        return tr("unknown")
    return tr("{value} (95%: {low} to {high})", value=share(found.value), low=share(found.low), high=share(found.high))


def _chance(p: float) -> str:
    if p < 0.001:
        return tr("fewer than 1 of 1,000 such rounds")
    if p < 0.1:
        return tr("{n} of 1,000 such rounds", n=number(round(p * 1000)))
    return tr("{n} of 100 such rounds", n=number(round(p * 100)))


def _row(one: Judge) -> tuple[str, ...]:
    again = "–" if one.repeats is None else f"{number(one.repeats.right)}/{number(one.repeats.asked)}"
    return (one.name, number(one.tuned), number(one.baseline), number(one.equal + one.both_bad), again)


def _splits(found: Preference) -> list[str]:
    called = {
        TUNED: found.tuned,
        BASELINE: found.baseline,
        EQUAL: tr("equally good"),
        BOTH_BAD: tr("both bad"),
    }
    listed = []
    for one in found.splits[:SPLITS]:
        place = one.ref.record + 1 if one.ref.line is None else one.ref.line
        said = ", ".join(f"{name} {called.get(which, which)}" for name, which in one.said.items())
        listed.append(tr("Line {n}: {said}", n=number(place), said=said))
    if len(found.splits) > SPLITS:
        more = len(found.splits) - SPLITS
        listed.append(trn("and {n} more", "and {n} more", more))
    return listed
