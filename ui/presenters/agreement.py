"""How far reviewers agree so far, or what it would take to tell. Without Qt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from curator.model import Decision, Verdict
from curator.store import Project
from curator.tasks import Task
from ui.i18n import tr


@dataclass(frozen=True, slots=True)
class AgreementLine:
    """How far reviewers agree on the `shared` examples that two or more decided; without figures `text` says what is needed."""

    reviewers: int
    decided: int
    shared: int
    percent: float | None
    alpha: float | None
    low: float | None
    high: float | None
    text: str


def agreement(project: Project, decisions: Sequence[Decision], task: Task) -> AgreementLine:
    """How far reviewers agree, by the votes on examples that at least two of them decided."""
    voters: dict[int, set[str]] = defaultdict(set)
    for decision in decisions:
        if decision.verdict not in (Verdict.SKIP, Verdict.FLAG):
            voters[decision.example].add(decision.reviewer)
    shared = sorted(example for example, names in voters.items() if len(names) > 1)
    names = {name for who in voters.values() for name in who}
    if not shared:
        return AgreementLine(len(names), len(voters), 0, None, None, None, None, _needed(len(names)))
    from curator.errors import InputError
    from curator.review.agreement import measure_agreement
    from curator.review.consensus import find_consensus
    from curator.review.votes import votes_from_decisions

    about = set(shared)
    try:
        votes = votes_from_decisions(
            [d for d in decisions if d.example in about], project.get_examples(shared), task is Task.CLASSIFICATION
        )
    except InputError:  # all of them are edits, which vote for no label
        return AgreementLine(len(names), len(voters), 0, None, None, None, None, _needed(len(names)))
    measured = measure_agreement(votes, find_consensus(votes, "majority"))
    alpha, percent = measured.krippendorff_alpha, measured.percent_agreement
    return AgreementLine(
        len(names),
        len(voters),
        measured.double,
        percent.value,
        alpha.value,
        alpha.low,
        alpha.high,
        _reliable(alpha.value),
    )


def _needed(reviewers: int) -> str:
    if reviewers < 2:
        return tr("Agreement is measured once a second reviewer has decided some of the same examples.")
    return tr("No example was decided by two reviewers yet: let them share some thirty.")


def _reliable(alpha: float | None) -> str:
    """How far conclusions may rest on these decisions, by Krippendorff's own bounds."""
    if alpha is None:
        return tr("All votes are for one and the same: there is nothing to tell chance by.")
    if alpha >= 0.8:
        return tr("Reliable: reviewers understand the task alike.")
    if alpha >= 0.667:
        return tr("Good for tentative conclusions: talk about where you differ.")
    return tr("Too low to rely on: write a clearer guideline and decide some together.")
