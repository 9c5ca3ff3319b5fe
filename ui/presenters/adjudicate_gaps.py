"""The gaps of the guideline that adjudications name, in words, and into the guideline."""

from __future__ import annotations

from collections.abc import Sequence

from curator.review.adjudication.gaps import Case
from curator.review.adjudication.rulings import Gap, gaps_markdown
from curator.review.votes.arrays import CHANGE, DROP, KEEP
from ui.i18n import tr
from ui.presenters.words import label_title

QUOTED = 160
"""Characters of an example that the list of gaps quotes."""


def with_gaps(guideline: str, found: Sequence[Gap]) -> str | None:
    """The guideline with the gaps at its end, those that it has already left out; None where nothing is new."""
    lines = set(guideline.splitlines())
    fresh: list[Gap] = []
    for gap in found:
        cases = tuple(case for case in gap.cases if _case_line(Gap(gap.labels, (case,))) not in lines)
        if cases:
            fresh.append(Gap(gap.labels, cases))
    if not fresh:
        return None
    return "\n\n".join(part for part in (guideline.strip(), gaps_markdown(fresh).strip()) if part)


def _case_line(gap: Gap) -> str:
    return gaps_markdown([gap]).splitlines()[-1]


def gap_title(gap: Gap) -> str:
    """The labels that the guideline does not tell apart."""
    return tr(" or ").join(answer_word(label) for label in gap.labels) or tr("Unclear")


def said_of(case: Case) -> tuple[str, str]:
    """The text of a case, and what was decided on it and why."""
    text = " ".join(case.text.split())
    text = text if len(text) <= QUOTED else text[: QUOTED - 1].rstrip() + "…"
    decided = tr("Decided: {answer}", answer=answer_word(case.decided))
    return f"“{text}”", f"{decided}. {case.note}" if case.note else decided


def answer_word(label: str) -> str:
    """A label, or the verdict in its stead."""
    return {KEEP: tr("As it was shown"), DROP: tr("Drop it"), CHANGE: tr("Edited")}.get(label, label_title(label))
