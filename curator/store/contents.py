"""What a project holds told without reading every example whole: ids, outputs, and whether it is what a run saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, exists, or_, select

from curator.model import Role, Verdict
from curator.store.schema import decisions, examples, journal, sources
from curator.store.state import current_examples, source_in_force

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
