"""What is in force, derived from the journal and the decisions each time it is asked for.

An entry of the journal is in force unless the newest undo or redo about it is an undo. A source and a
decision are in force with their entry; of several decisions of one reviewer on one example the newest
is. A decision leaves its example with a content (`decisions.result`): a relabel or an edit with the
revision it made, any other verdict with what the reviewer saw. An example shows the revision that the
newest decision in force left it with, and the imported content where none left it with a revision.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, FromClause, Select, and_, func, select

from curator.model import Role
from curator.store.schema import decisions, examples, journal, reviewers, revisions, sources

T = TypeVar("T")

IDS_PER_QUERY = 500
"""Databases limit the values in one query."""

_newest = select(func.max(journal.c.id)).where(journal.c.entry.is_not(None)).group_by(journal.c.entry)
undone = select(journal.c.entry).where(journal.c.id.in_(_newest), journal.c.action == "undo")
"""Ids of the journal entries that are not in force."""

source_in_force: ColumnElement[bool] = sources.c.journal_id.not_in(undone)


def standing(only: Collection[int] | Select[Any] | None = None) -> FromClause:
    """The decisions in force, those of undone imports included; `only` narrows them to these examples."""
    order = func.row_number().over(
        partition_by=(decisions.c.example_id, decisions.c.reviewer_id), order_by=decisions.c.seq.desc()
    )
    query = select(decisions, order.label("rank")).where(decisions.c.journal_id.not_in(undone))
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
    """The decisions in force on examples in force, in the order they were committed."""
    stands = standing(only)
    return (
        select(
            stands,
            reviewers.c.name.label("reviewer"),
            (stands.c.journal_id == sources.c.journal_id).label("imported"),
        )
        .select_from(
            stands.join(reviewers, reviewers.c.id == stands.c.reviewer_id)
            .join(examples, examples.c.id == stands.c.example_id)
            .join(sources)
        )
        .where(source_in_force)
        .order_by(stands.c.seq)
    )


def all_decisions() -> Select[Any]:
    """Every decision ever committed, in that order."""
    return (
        select(
            decisions,
            reviewers.c.name.label("reviewer"),
            (decisions.c.journal_id == sources.c.journal_id).label("imported"),
        )
        .select_from(decisions.join(reviewers).join(examples).join(sources))
        .order_by(decisions.c.seq)
    )


def chunks(ids: Sequence[T]) -> Iterator[Sequence[T]]:
    """`ids` in parts that fit into one query."""
    return (ids[start : start + IDS_PER_QUERY] for start in range(0, len(ids), IDS_PER_QUERY))
