"""What the page Agreement shows of a round's votes, or of all: read and measured off the main thread. Without Qt.

`read` gives what takes a moment: the votes, and the figures without intervals. `agreed` adds the consensus, `measured` the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np

from curator.store import Project
from ui.i18n import tr, trn
from ui.presenters import agreement_tables as tables
from ui.presenters import agreement_words as words
from ui.presenters.agreement_view import Figure, Point, Table
from ui.presenters.agreement_votes import ALL, Held, Scope, hold

if TYPE_CHECKING:
    from curator.review.agreement.estimates import Estimate
    from curator.review.agreement.fields import FieldAgreement
    from curator.review.agreement.measures import Agreement
    from curator.review.consensus.choosing import Consensus
    from curator.review.votes.arrays import Votes

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
    kind: words.Kind = "labels"
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
    kind = _kind(held)
    if kind != "labels":  # what their figures are is known once all is measured
        return View(held, "ready", kind, summary, tr("Measuring how far reviewers agree …"), waiting=True)
    alpha, figures = _quick(votes, counts)
    title, tone = words.headline(alpha, kind)
    return View(held, "ready", kind, summary, title, tone, figures=figures, waiting=True)


def agreed(view: View) -> View:
    """With the consensus, which the matrix goes by."""
    from curator.review.consensus.choosing import find_consensus

    assert view.votes is not None, "a consensus is asked for only where there are votes"
    return replace(view, consensus=find_consensus(view.votes))


def measured(project: Project, view: View) -> View:
    """With intervals, tables and what is disputed, given the consensus."""
    from curator.review.agreement.measures import measure_agreement
    from curator.review.votes.of_rounds import reviewer_checks

    held, kind = view.held, view.kind
    votes, consensus = held.votes, view.consensus
    assert votes is not None, "measured is asked only where there are votes"
    assert consensus is not None, "measured is asked only where there is a consensus"
    found = measure_agreement(votes, consensus, checks=reviewer_checks(project, held.scope or None))
    alpha, figures = found.krippendorff_alpha, words.figures(found)
    fields: tuple[FieldAgreement, ...] = ()
    if kind == "texts":
        alpha, figures, fields = _texts(project, held, found)
    elif found.sets is not None:
        alpha = found.sets.masi_alpha
    title, tone = words.headline(alpha, kind)
    disputed = _disputed(project, held.scope)
    return replace(
        view,
        headline=title,
        tone=tone,
        advice=(*words.advice(found, alpha, kind), *words.weakest_field(fields)),
        more=words.more(alpha, found.double),
        prevalence=words.prevalence(found, kind),
        figures=figures,
        waiting=False,
        consensus_view=_consensus_view(consensus, len(disputed)),
        labels=tables.by_label(found, kind),
        reviewers=tables.by_reviewer(found),
        pairs=tables.pairs(found),
        fields=tables.by_field(fields) if fields else None,
        trend=tables.trend(found, kind),
        trend_note=tables.trend_note(found, kind),
        disputed=disputed,
    )


def _kind(held: Held) -> words.Kind:
    from curator.review.agreement.sets import label_sets

    if not held.by_label:
        return "texts"
    assert held.votes is not None
    return "labels" if label_sets(held.votes.labels) is None else "sets"


def _texts(
    project: Project, held: Held, found: Agreement
) -> tuple[Estimate, tuple[Figure, ...], tuple[FieldAgreement, ...]]:
    """The α of texts where there are texts to compare, the figures on them, and agreement on the fields of JSON."""
    from curator.review.agreement.fields import measure_fields
    from curator.review.agreement.texts import measure_texts
    from curator.review.votes.of_rounds import outputs_of

    outputs = outputs_of(project, held.scope or None)
    texts, fields = measure_texts(outputs), measure_fields(outputs)
    alpha = found.krippendorff_alpha if texts is None else texts.alpha
    return alpha, words.figures_of_texts(found, texts), fields


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
    more = tr("A new round can share its items among reviewers.")
    return View(held, "alone", summary=summary, headline=title, tone="warn", advice=(said,), more=more)


def _summary(votes: Votes, double: int) -> str:
    parts = [
        trn("{n} reviewer", "{n} reviewers", len(votes.reviewers)),
        trn("{n} item", "{n} items", len(votes.items)),
        trn("{n} with two votes or more", "{n} with two votes or more", double),
        trn("{n} vote", "{n} votes", len(votes)),
    ]
    return " · ".join(parts)


def _quick(votes: Votes, counts: np.ndarray) -> tuple[Estimate, tuple[Figure, ...]]:
    """α, and all of the usual figures, without intervals."""
    from curator.review.agreement import statistics
    from curator.review.agreement.estimates import estimate
    from curator.review.agreement.measures import alpha_alone

    alpha = alpha_alone(votes)
    kinds, times = np.unique(counts, axis=0, return_counts=True)

    def figure(statistic: Callable[..., np.ndarray]) -> Estimate:
        return estimate(partial(statistic, kinds), times, alpha.why or "", 0, intervals=False)

    others = (statistics.percent_agreement, statistics.fleiss_kappa, statistics.gwet_ac1)
    return alpha, words.usual(alpha, *(figure(one) for one in others))


def _disputed(project: Project, scope: str) -> frozenset[int]:
    """The examples on which somebody has still to decide."""
    from curator.review.adjudication.disputes import disputes

    round = None if scope == ALL else project.rounds.get(scope)
    return frozenset(one.example for one in disputes(project, round))


def _consensus_view(consensus: Consensus, disputes: int) -> ConsensusView:
    sure = int((consensus.confidence >= SURE).sum())
    likely = int((consensus.confidence >= LIKELY).sum()) - sure
    method, why = words.method(consensus.method, consensus.why)
    return ConsensusView(method, why, sure, likely, len(consensus.confidence) - sure - likely, disputes)
