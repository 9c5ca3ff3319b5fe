"""How far reviewers agree so far, or what it would take to tell: a line on the overview. Without Qt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from curator.errors import InputError
from curator.model import Decision, Verdict
from curator.store import Project
from curator.tasks import Task
from ui.i18n import tr

if TYPE_CHECKING:
    from curator.review.agreement.estimates import Estimate
    from curator.review.votes.arrays import Votes


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
    """How far reviewers agree: by the votes of the rounds, or where there is none by what was decided outright."""
    if project.rounds.all():
        return _of_rounds(project)
    voters: dict[int, set[str]] = defaultdict(set)
    for decision in decisions:
        if decision.verdict not in (Verdict.SKIP, Verdict.FLAG):
            voters[decision.example].add(decision.reviewer)
    shared = sorted(example for example, names in voters.items() if len(names) > 1)
    names = {name for who in voters.values() for name in who}
    if not shared:
        return _unknown(len(names), len(voters))
    from curator.review.votes.arrays import votes_from_decisions

    about = set(shared)
    try:
        votes = votes_from_decisions(
            [d for d in decisions if d.example in about], project.get_examples(shared), task is Task.CLASSIFICATION
        )
    except InputError:  # all of them are edits, which vote for no label
        return _unknown(len(names), len(voters))
    return _line(votes, None, len(names), len(voters))


def _of_rounds(project: Project) -> AgreementLine:
    from curator.review.agreement.texts import measure_texts
    from curator.review.votes.of_rounds import outputs_of, votes_of_project

    try:
        votes = votes_of_project(project)
    except InputError:  # nobody has voted yet
        return _unknown(0, 0)
    by_label = bool(project.rounds.all()[-1].labels)
    texts = None if by_label else measure_texts(outputs_of(project))
    return _line(votes, None if texts is None else texts.alpha, len(votes.reviewers), len(votes.items))


def _line(votes: Votes, alpha: Estimate | None, reviewers: int, decided: int) -> AgreementLine:
    """`alpha`: the one to go by, that of the votes where it is None."""
    import numpy as np

    from curator.review.agreement import statistics
    from curator.review.agreement.estimates import estimate

    counts = votes.counts()
    double = int((counts.sum(axis=1) > 1).sum())
    if not double:
        return _unknown(reviewers, decided)
    kinds, times = np.unique(counts, axis=0, return_counts=True)
    percent = estimate(partial(statistics.percent_agreement, kinds), times, "", 0, intervals=False)
    alpha = alpha or estimate(partial(statistics.krippendorff_alpha, kinds), times, "", 0)
    text = _reliable(alpha.value)
    return AgreementLine(reviewers, decided, double, percent.value, alpha.value, alpha.low, alpha.high, text)


def _unknown(reviewers: int, decided: int) -> AgreementLine:
    return AgreementLine(reviewers, decided, 0, None, None, None, None, _needed(reviewers))


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
