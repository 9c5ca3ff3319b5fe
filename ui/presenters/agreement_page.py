"""What the page Agreement shows of a round's votes, or of all: read and measured off the main thread. Without Qt.

`read` gives what takes a moment: the votes, and the figures without intervals. `measured` adds the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from curator.store import Project
from ui.i18n import tr, trn
from ui.presenters import agreement_tables as tables
from ui.presenters import agreement_words as words
from ui.presenters.agreement_view import Figure, Point, Table
from ui.presenters.agreement_votes import ALL, Held, Scope, hold

if TYPE_CHECKING:
    from curator.review.consensus import Consensus
    from curator.review.votes import Votes

SURE, LIKELY = 0.9, 0.7
State = Literal["empty", "alone", "ready"]


@dataclass(frozen=True, slots=True)
class ConsensusView:
    """How the consensus was found, on how many items it is sure, and how many disagreements wait for a person."""

    method: str
    why: str
    sure: int
    likely: int
    unsure: int
    disputes: int


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """All of the page. `state`: there is nothing to measure yet, nothing to compare yet, or figures; `waiting`: intervals
    and what stands below the figures are still to come."""

    held: Held
    state: State
    summary: str = ""
    headline: str = ""
    tone: str = ""
    advice: tuple[str, ...] = ()
    more: str = ""
    prevalence: str = ""
    figures: tuple[Figure, ...] = ()
    waiting: bool = False
    consensus: Consensus | None = None
    consensus_view: ConsensusView | None = None
    labels: Table | None = None
    reviewers: Table | None = None
    pairs: Table | None = None
    fields: Table | None = None
    trend: tuple[Point, ...] = ()
    trend_note: str = ""
    disputed: frozenset[int] = field(default_factory=frozenset)

    @property
    def scope(self) -> str:
        return self.held.scope

    @property
    def scopes(self) -> tuple[Scope, ...]:
        return self.held.scopes

    @property
    def votes(self) -> Votes | None:
        return self.held.votes

    @property
    def with_matrix(self) -> bool:
        """Whether there is something to confuse."""
        return self.votes is not None and self.consensus is not None and len(self.votes.labels) > 1


def read(project: Project, scope: str | None, reviewer: str) -> View:
    """The votes of a scope, and the figures without intervals."""
    held = hold(project, scope, reviewer)
    votes = held.votes
    if votes is None:
        return _nothing(held)
    counts = votes.counts()
    double = int((counts.sum(axis=1) > 1).sum())
    summary = _summary(votes, double)
    if not double:
        return _alone(held, summary)
    from curator.review.agreement import alpha_alone

    alpha = alpha_alone(votes)
    title, tone = words.headline(alpha)
    return View(held, "ready", summary, title, tone, figures=_quick(votes, counts, alpha), waiting=True)


def measured(project: Project, view: View) -> View:
    """With intervals, tables, the consensus and what is disputed."""
    from curator.review.agreement import measure_agreement
    from curator.review.consensus import find_consensus
    from curator.review.round_votes import reviewer_checks

    held = view.held
    votes = held.votes
    assert votes is not None, "measured is asked only where there are votes"
    consensus = find_consensus(votes)
    found = measure_agreement(votes, consensus, checks=reviewer_checks(project, held.scope or None))
    disputed = _disputed(project, held.scope)
    return replace(
        view,
        advice=tuple(words.advice(found)),
        more=words.more(found),
        prevalence=words.prevalence(found),
        figures=words.figures(found),
        waiting=False,
        consensus=consensus,
        consensus_view=_consensus_view(consensus, len(disputed)),
        labels=tables.by_label(found),
        reviewers=tables.by_reviewer(found),
        pairs=tables.pairs(found),
        trend=tables.trend(found),
        trend_note=tables.trend_note(found),
        disputed=disputed,
    )


def _nothing(held: Held) -> View:
    said = (
        tr("When two people label the same examples, how often they agree tells how far the labels can be relied on."),
        tr("Begin a round in which reviewers share some fifty examples; everything is measured here as they vote."),
    )
    return View(held, "empty", headline=tr("No votes to compare yet"), advice=said)


def _alone(held: Held, summary: str) -> View:
    votes = held.votes
    assert votes is not None
    if len(votes.reviewers) < 2:
        title = tr("Only {name} has voted so far", name=votes.reviewers[0])
        said = tr("Agreement is measured once a second reviewer has voted on some of the same items.")
    else:
        title = tr("No item has votes of two reviewers yet")
        said = tr("Let reviewers share items: an overlap of two on some fifty of them is enough to begin with.")
    return View(
        held, "alone", summary, title, "warn", (said,), more=tr("A new round can share its items among reviewers.")
    )


def _summary(votes: Votes, double: int) -> str:
    parts = [
        trn("{n} reviewer", "{n} reviewers", len(votes.reviewers)),
        trn("{n} item", "{n} items", len(votes.items)),
        trn("{n} with two votes or more", "{n} with two votes or more", double),
        trn("{n} vote", "{n} votes", len(votes)),
    ]
    return " · ".join(parts)


def _quick(votes: Votes, counts: np.ndarray, alpha: object) -> tuple[Figure, ...]:
    """The usual figures without intervals."""
    from functools import partial

    from curator.review import agreement_statistics as statistics
    from curator.review.estimates import Estimate, estimate

    assert isinstance(alpha, Estimate)
    kinds, times = np.unique(counts, axis=0, return_counts=True)

    def figure(statistic: object) -> Estimate:
        return estimate(partial(statistic, kinds), times, alpha.why or "", 0, intervals=False)  # type: ignore[arg-type]

    return words.usual(
        alpha, figure(statistics.percent_agreement), figure(statistics.fleiss_kappa), figure(statistics.gwet_ac1)
    )


def _disputed(project: Project, scope: str) -> frozenset[int]:
    """The examples on which somebody has still to decide."""
    from curator.review.disputes import disputes

    round = None if scope == ALL else project.rounds.get(scope)
    return frozenset(one.example for one in disputes(project, round))


def _consensus_view(consensus: Consensus, disputes: int) -> ConsensusView:
    sure = int((consensus.confidence >= SURE).sum())
    likely = int((consensus.confidence >= LIKELY).sum()) - sure
    method, why = words.method(consensus.method, consensus.why)
    return ConsensusView(method, why, sure, likely, len(consensus.confidence) - sure - likely, disputes)
