"""Claims: looks of a round without lists, taken as they come and held by a lease."""

from __future__ import annotations

import time
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, and_, bindparam, exists, or_, select, text, update

from curator.store.schema import decisions, examples, reviewers, round_slots, sources
from curator.store.state import source_in_force

_slot = round_slots.c
_HOLD = update(round_slots).where(
    _slot.round_id == bindparam("of_round"),
    _slot.example_id == bindparam("of_example"),
    _slot.slot == bindparam("of_slot"),
)


def take(connection: Connection, round: int, me: int, lease: int, number: int) -> list[tuple[int, int]]:
    """Hold the next `number` looks for a reviewer, those first that they hold already; example and slot of each."""
    now = _now(connection)
    there = in_force(gone(connection))
    held = (
        select(_slot.example_id, _slot.slot)
        .where(_slot.round_id == round, _slot.reviewer_id == me, _slot.until.is_not(None), *there)
        .order_by(_slot.place, _slot.example_id, _slot.slot)
        .limit(number)
    )
    taken = [(row.example_id, row.slot) for row in connection.execute(held)]
    taken += _free(connection, round, me, now, number - len(taken), there)
    if taken:
        keys = [{"of_round": round, "of_example": example, "of_slot": slot} for example, slot in taken]
        connection.execute(_HOLD.values(reviewer_id=me, until=now + lease), keys)
    return taken


def give_back(connection: Connection, round: int, reviewer: str) -> int:
    """Let go of what a reviewer holds and did not vote on; returns how many looks."""
    me = select(reviewers.c.id).where(reviewers.c.name == reviewer).scalar_subquery()
    held = (_slot.round_id == round, _slot.reviewer_id == me, _slot.until.is_not(None))
    freed = connection.execute(update(round_slots).where(*held).values(reviewer_id=None, until=None))
    return int(freed.rowcount)


def _free(
    connection: Connection, round: int, me: int, now: float, number: int, there: Sequence[ColumnElement[bool]]
) -> list[tuple[int, int]]:
    """Looks that nobody holds, at most one at each example, none at an example that this reviewer has had."""
    other = round_slots.alias("other")
    same = (other.c.round_id == _slot.round_id, other.c.example_id == _slot.example_id)
    lower = (other.c.slot < _slot.slot, or_(other.c.reviewer_id.is_(None), other.c.until < now))
    voted = (
        decisions.c.example_id == _slot.example_id,
        decisions.c.reviewer_id == me,
        decisions.c.round_id == round,
    )
    query = (
        select(_slot.place, _slot.example_id, _slot.slot)
        .where(_slot.round_id == round, *there)
        .where(~exists().where(*same, or_(other.c.reviewer_id == me, and_(*lower))))
        .where(~exists().where(*voted))
        .order_by(_slot.place, _slot.example_id, _slot.slot)
        .limit(number)
    )
    # Two queries, for each has an index of its own and stops at the first few.
    free = [tuple(row) for row in connection.execute(query.where(_slot.reviewer_id.is_(None)))]
    free += [tuple(row) for row in connection.execute(query.where(_slot.until < now))]
    return [(example, slot) for _, example, slot in sorted(free)[:number]]


def gone(connection: Connection) -> list[int]:
    """The sources whose import was undone."""
    return list(connection.scalars(select(sources.c.id).where(~source_in_force)))


def in_force(gone: Sequence[int]) -> list[ColumnElement[bool]]:
    """Conditions on slots: nobody can vote on what came with an import that was undone."""
    return [_slot.example_id.not_in(select(examples.c.id).where(examples.c.source_id.in_(gone)))] if gone else []


def _now(connection: Connection) -> float:
    """Seconds since 1970 by the clock that all who share the project go by."""
    if connection.dialect.name == "postgresql":
        return float(connection.scalar(text("SELECT extract(epoch FROM clock_timestamp())")) or 0)
    return time.time()
