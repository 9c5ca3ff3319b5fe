"""What a project holds told without reading every example whole: ids, outputs, and whether it is what a run saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, case, exists, func, or_, select

from curator.model import Kind, Role, Verdict
from curator.store import runs, schema
from curator.store.entries import Counts
from curator.store.schema import decisions, examples, journal, revisions, rounds, sources
from curator.store.state import (
    current_examples,
    decisions_in_force,
    ever_revised,
    round_in_force,
    shown,
    source_in_force,
    votes_standing,
)

_REWRITES = (str(Verdict.RELABEL), str(Verdict.EDIT))


@dataclass(frozen=True, slots=True)
class Since:
    """What is no longer as it was at a time: `sources` came or went, `texts` were rewritten, `cuts` or `settings` moved."""

    sources: bool = False
    texts: bool = False
    cuts: bool = False
    settings: bool = False


def ids_query(role: Role | None) -> Select[Any]:
    """Ids of the examples in force, in that order."""
    query = select(examples.c.id).select_from(examples.join(sources)).where(source_in_force).order_by(examples.c.id)
    return query if role is None else query.where(sources.c.role == str(role))


def keys_query(role: Role | None) -> Select[Any]:
    """Id and content key of the examples in force, as the decisions left them."""
    whole = current_examples(role)
    return whole.with_only_columns(whole.selected_columns.id, whole.selected_columns.content_key)


def sources_query(role: Role | None) -> Select[Any]:
    """Id and source of the examples in force."""
    query = select(examples.c.id, examples.c.source_id).select_from(examples.join(sources)).where(source_in_force)
    return query if role is None else query.where(sources.c.role == str(role))


def rewritten_query(role: Role) -> Select[Any]:
    """The examples in force that reviewers rewrote: as `content` has them now, and as `imported`, what their source says."""
    now = shown(ever_revised)
    whole = (examples.c.id, sources.c.path, examples.c.record, examples.c.line, sources.c.role)
    return (
        select(*whole, now.c.content, examples.c.content.label("imported"))
        .select_from(examples.join(sources).join(now, now.c.example_id == examples.c.id))
        .where(source_in_force, sources.c.role == str(role), now.c.content_key != examples.c.content_key)
        .order_by(examples.c.id)
    )


def everything() -> tuple[Select[Any], ...]:
    """Content key and content of all that examples ever said, as imported and as revised."""
    return tuple(select(table.c.content_key, table.c.content) for table in (examples, revisions))


def content_query(role: Role | None) -> Select[Any]:
    """Id and content of the examples in force, as the decisions left them."""
    whole = current_examples(role)
    return whole.with_only_columns(whole.selected_columns.id, whole.selected_columns.content)


def output_of(record: Mapping[str, Any]) -> str:
    """The output of an example in the form in which it is kept, as `Example.output` gives it."""
    turn = next((m for m in reversed(record["messages"]) if m["role"] == "assistant"), None)
    if turn is None:
        return ""
    return turn_text(turn)


def turn_text(turn: Mapping[str, Any]) -> str:
    """A turn in the form in which it is kept as plain text, as `Message.text` gives it."""
    content: str | None = turn["content"]
    calls = [f"{call['name']}({call['arguments']})" for call in turn.get("tool_calls", ())]
    return "\n".join([content, *calls] if content else calls)


def changed_since(connection: Connection, at: str) -> Since:
    """What changed after `at`, an ISO 8601 time in UTC, as entries of the journal have it; an undo counts as what it undoes."""
    about = journal.alias("about")
    new = select(journal.c.id).where(journal.c.at > at, journal.c.entry.is_(None))
    turned = select(about.c.id).where(about.c.id.in_(select(journal.c.entry).where(journal.c.at > at)))
    touched = or_(journal.c.id.in_(new), journal.c.id.in_(turned))
    did = set(connection.scalars(select(journal.c.action).where(touched).distinct()))
    rewritten = exists().where(
        decisions.c.verdict.in_(_REWRITES),
        decisions.c.journal_id != sources.c.journal_id,
        or_(decisions.c.journal_id.in_(new), decisions.c.journal_id.in_(turned)),
        examples.c.id == decisions.c.example_id,
        sources.c.id == examples.c.source_id,
    )
    texts = bool(did & {"decide", "judge"}) and bool(connection.scalar(select(rewritten)))
    return Since("import" in did, texts, "calibrate" in did, "settings" in did)


def counts(connection: Connection, size: int) -> Counts:
    """How much a project holds, all of one moment; `size` in bytes."""
    by_role = select(
        sources.c.role, func.count().label("sources"), func.sum(sources.c.examples), func.sum(sources.c.rejected)
    ).where(source_in_force)
    in_force = decisions_in_force().order_by(None).subquery()
    person = case((in_force.c.kind != Kind.CONSENSUS, in_force.c.reviewer_id))
    decided = select(func.count(), func.count(person.distinct())).select_from(in_force)
    rows = connection.execute(by_role.group_by(sources.c.role)).all()
    made, reviewers = connection.execute(decided).one()
    votes = select(func.count()).select_from(votes_standing().order_by(None).subquery())
    newest = runs.select_runs(connection, schema.runs.c.finished.is_not(None), limit=1)
    of_role = {Role(role): int(number) for role, _, number, _ in rows}
    return Counts(
        sources=sum(row.sources for row in rows),
        examples={role: of_role.get(role, 0) for role in Role},
        rejected=sum(int(row[3]) for row in rows),
        decisions=made,
        reviewers=reviewers,
        findings=newest[0].checks if newest else {},
        size=size,
        rounds=connection.scalar(select(func.count()).select_from(rounds).where(round_in_force)) or 0,
        votes=connection.scalar(votes) or 0,
    )
