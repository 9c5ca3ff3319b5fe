"""What is in force, derived from the journal and the decisions each time it is asked for.

An entry of the journal is in force unless the newest undo or redo about it is an undo. A source and a
decision are in force with their entry; of several decisions of one reviewer on one example the newest
is. A decision leaves its example with a content (`decisions.result`): a relabel or an edit with the
revision it made, any other verdict with what the reviewer saw. An example shows the revision that the
newest decision in force left it with, and the imported content where none left it with a revision.

A vote in a round leaves the example as it is. Of a reviewer's votes on an item the one with the latest time stands, ids
deciding between equals, so that it makes no difference in which order votes arrive.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, FromClause, Select, and_, func, or_, select

from curator.model import Kind, Role
from curator.store.schema import decisions, examples, journal, reviewers, revisions, rounds, sources

T = TypeVar("T")

IDS_PER_QUERY = 500
"""Databases limit the values in one query."""

_newest = select(func.max(journal.c.id)).where(journal.c.entry.is_not(None)).group_by(journal.c.entry)
undone = select(journal.c.entry).where(journal.c.id.in_(_newest), journal.c.action == "undo")
"""Ids of the journal entries that are not in force."""

source_in_force: ColumnElement[bool] = sources.c.journal_id.not_in(undone)
round_in_force: ColumnElement[bool] = rounds.c.journal_id.not_in(undone)

VOTES = (Kind.VOTE, Kind.WITHDRAWAL)
no_vote: ColumnElement[bool] = decisions.c.kind.not_in(VOTES)
_gone = select(rounds.c.id).where(rounds.c.journal_id.in_(undone))
of_no_gone_round: ColumnElement[bool] = or_(decisions.c.round_id.is_(None), decisions.c.round_id.not_in(_gone))
"""What settled the votes of a round goes with the round where that is undone."""


def standing(only: Collection[int] | Select[Any] | None = None) -> FromClause:
    """The decisions in force but for votes, those of undone imports included; `only` narrows them to these examples."""
    order = func.row_number().over(
        partition_by=(decisions.c.example_id, decisions.c.reviewer_id), order_by=decisions.c.seq.desc()
    )
    query = select(decisions, order.label("rank")).where(
        decisions.c.journal_id.not_in(undone), no_vote, of_no_gone_round
    )
    if only is not None:
        query = query.where(decisions.c.example_id.in_(only))
    ranked = query.subquery()
    return select(ranked).where(ranked.c.rank == 1).subquery()


ever_revised: Select[Any] = select(revisions.c.example_id)
"""Ids of the examples that ever had a revision: for `shown`, which then need not rank every decision there is."""


def shown(only: Collection[int] | Select[Any] | None = None) -> FromClause:
    """`example_id`, `revision` (its id), `content_key` and `content` of the examples that show a revision."""
    stands = standing(only)
    made = decisions.alias("made")
    order = func.row_number().over(
        partition_by=stands.c.example_id, order_by=(stands.c.seq.desc(), revisions.c.id.desc())
    )
    left_with = and_(revisions.c.example_id == stands.c.example_id, revisions.c.content_key == stands.c.result)
    ranked = (
        select(
            revisions.c.example_id,
            revisions.c.id.label("revision"),
            revisions.c.content_key,
            revisions.c.content,
            order.label("rank"),
        )
        .select_from(stands.join(revisions, left_with).join(made, made.c.id == revisions.c.decision_id))
        .where(made.c.journal_id.not_in(undone))
        .subquery()
    )
    return select(ranked).where(ranked.c.rank == 1).subquery()


def current_examples(role: Role | None = None) -> Select[Any]:
    """The examples in force with the content they show, by id."""
    query = _with_content(shown()).where(source_in_force).order_by(examples.c.id)
    return query if role is None else query.where(sources.c.role == str(role))


def examples_by_id(ids: Collection[int]) -> Select[Any]:
    """These examples with the content they show, whether or not their source is in force."""
    return _with_content(shown(ids)).where(examples.c.id.in_(ids))


def _with_content(revised: FromClause) -> Select[Any]:
    return select(
        examples.c.id,
        sources.c.path,
        examples.c.record,
        examples.c.line,
        sources.c.role,
        func.coalesce(revised.c.content, examples.c.content).label("content"),
        func.coalesce(revised.c.content_key, examples.c.content_key).label("content_key"),
        source_in_force.label("in_force"),
    ).select_from(examples.join(sources).outerjoin(revised, revised.c.example_id == examples.c.id))


def decisions_in_force(only: Collection[int] | None = None) -> Select[Any]:
    """The decisions in force on examples in force, in the order they were committed; no votes."""
    stands = standing(only)
    return _named(stands).where(source_in_force).order_by(stands.c.seq)


def all_decisions() -> Select[Any]:
    """Every decision ever committed, in that order; no votes."""
    return _named(decisions).where(no_vote).order_by(decisions.c.seq)


def votes_cast(round: str | None = None) -> Select[Any]:
    """The votes and withdrawals of one round or of all, undone ones left out, in the order of their times."""
    query = _named(decisions).where(decisions.c.kind.in_(VOTES), decisions.c.journal_id.not_in(undone), round_in_force)
    query = query.order_by(decisions.c.at, decisions.c.id)
    return query if round is None else query.where(rounds.c.uuid == round)


def votes_ever(round: str) -> Select[Any]:
    """The votes and withdrawals of a round, undone ones too, in the order they were committed."""
    return _named(decisions).where(decisions.c.kind.in_(VOTES), rounds.c.uuid == round).order_by(decisions.c.seq)


def votes_standing(
    round: str | None = None, only: Collection[int] | None = None, reviewer: str | None = None
) -> Select[Any]:
    """The votes in force of one round or of all, by example, reviewer and showing; `only` narrows them to these examples,
    `reviewer` to theirs."""
    place = (decisions.c.round_id, decisions.c.example_id, decisions.c.reviewer_id, decisions.c.repeat)
    order = func.row_number().over(partition_by=place, order_by=(decisions.c.at.desc(), decisions.c.id.desc()))
    cast = select(decisions, order.label("rank")).where(
        decisions.c.kind.in_(VOTES), decisions.c.journal_id.not_in(undone)
    )
    if only is not None:
        cast = cast.where(decisions.c.example_id.in_(only))
    if reviewer is not None:
        cast = cast.where(decisions.c.reviewer_id.in_(select(reviewers.c.id).where(reviewers.c.name == reviewer)))
    if round is not None:
        cast = cast.where(decisions.c.round_id.in_(select(rounds.c.id).where(rounds.c.uuid == round)))
    ranked = cast.subquery()
    query = _named(ranked).where(ranked.c.rank == 1, ranked.c.kind == Kind.VOTE, round_in_force)
    return query.order_by(ranked.c.round_id, ranked.c.example_id, ranked.c.reviewer_id, ranked.c.repeat)


def _named(chosen: FromClause) -> Select[Any]:
    """Decisions with the name of their reviewer, the uuid of their round, and whether they came with a file."""
    return select(
        chosen,
        reviewers.c.name.label("reviewer"),
        rounds.c.uuid.label("round"),
        (chosen.c.journal_id == sources.c.journal_id).label("imported"),
    ).select_from(
        chosen.join(reviewers, reviewers.c.id == chosen.c.reviewer_id)
        .join(examples, examples.c.id == chosen.c.example_id)
        .join(sources, sources.c.id == examples.c.source_id)
        .outerjoin(rounds, rounds.c.id == chosen.c.round_id)
    )


def chunks(ids: Sequence[T]) -> Iterator[Sequence[T]]:
    """`ids` in parts that fit into one query."""
    return (ids[start : start + IDS_PER_QUERY] for start in range(0, len(ids), IDS_PER_QUERY))
