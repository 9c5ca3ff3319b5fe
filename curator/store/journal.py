"""The journal: what was done, by whom, and what of it is in force. Rows are only ever added."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select, true

from curator.errors import InputError
from curator.store.database import ACCOUNT, insert_row
from curator.store.entries import UNDOABLE, Account, JournalEntry, now
from curator.store.failures import owners_part
from curator.store.schema import journal, settings, sources
from curator.store.state import undone

_TURNS = ("undo", "redo")
_REVIEWERS = ("decide", "vote", "judge", *_TURNS)


def append(
    connection: Connection, actor: str, action: str, text: str, entry: int | None = None, round: str | None = None
) -> int:
    """Add a row; returns its id. `round`: the round (uuid) that it is about.

    Raises InputError for what an account of a reviewer may not do; the database would refuse it too.
    """
    account: Account | None = connection.get_execution_options().get(ACCOUNT)
    if account is not None and action not in _REVIEWERS:
        raise owners_part(account, action)
    if account is not None and actor != account.name:
        raise InputError(f"This account ({account.role}) reviews as {account.name}, and decides in no other name.")
    row = {"at": now(), "actor": actor, "action": action, "text": text, "entry": entry, "round": round}
    return insert_row(connection, journal, row)


def entries(connection: Connection, limit: int | None) -> list[JournalEntry]:
    """The newest `limit` entries (None: all), newest first."""
    return [_entry(row) for row in connection.execute(_select().order_by(journal.c.id.desc()).limit(limit))]


def get(connection: Connection, id: int) -> JournalEntry:
    """Raises InputError where there is no such entry."""
    row = connection.execute(_select().where(journal.c.id == id)).first()
    if row is None:
        raise InputError(f"The journal has no entry {id}; `curator log` lists them.")
    return _entry(row)


def undo(connection: Connection, actor: str, id: int | None = None, by: str | None = None) -> JournalEntry:
    """Undo entry `id`; without one the newest that is in force and can be undone, of the actor `by` if given.

    Undoing an undo is a redo. Raises InputError where there is nothing to undo.
    """
    if id is not None:
        return _turn(connection, actor, get(connection, id))
    candidates = _select().where(journal.c.action.in_(UNDOABLE), journal.c.id.not_in(undone))
    if by is not None:
        candidates = candidates.where(journal.c.actor == by)
    row = connection.execute(candidates.order_by(journal.c.id.desc()).limit(1)).first()
    if row is None:
        raise InputError("There is nothing to undo.")
    return _turn(connection, actor, _entry(row))


def redo(connection: Connection, actor: str, by: str | None = None) -> JournalEntry:
    """Bring back what the newest undo in force took away, unless something else was done since; of `by` alone if given.

    Raises InputError where there is nothing to redo.
    """
    mine = journal.c.actor == by if by is not None else true()
    newest = select(func.max(journal.c.id)).where(journal.c.entry.is_not(None)).group_by(journal.c.entry)
    undos = _select().where(journal.c.id.in_(newest), journal.c.action == "undo", mine)
    undos = undos.order_by(journal.c.id.desc()).limit(1)
    row = connection.execute(undos).first()
    done_since = select(func.max(journal.c.id)).where(journal.c.action.in_(UNDOABLE), mine)
    if row is None or row.id < (connection.scalar(done_since) or 0):
        raise InputError("There is nothing to redo.")
    return _turn(connection, actor, _entry(row))


def bring_back(connection: Connection, actor: str, id: int) -> None:
    """Make entry `id` in force again if it is undone."""
    entry = get(connection, id)
    if not entry.in_force:
        append(connection, actor, "redo", f"Did again: {entry.text}", entry.id)


def set_settings(connection: Connection, values: Mapping[str, Any], journal_id: int) -> None:
    """Add values that hold while entry `journal_id` is in force."""
    if values:
        rows = [{"journal_id": journal_id, "key": key, "value": value} for key, value in values.items()]
        connection.execute(insert(settings), rows)


def get_settings(connection: Connection) -> dict[str, Any]:
    """The newest value in force of each setting; one that was set to None is absent."""
    query = select(settings.c.key, settings.c.value).where(settings.c.journal_id.not_in(undone)).order_by(settings.c.id)
    values = {row.key: row.value for row in connection.execute(query)}
    return {key: value for key, value in sorted(values.items()) if value is not None}


def setting_values(connection: Connection, key: str) -> list[Any]:
    """The values in force that a setting has had, the oldest first."""
    query = select(settings.c.value).where(settings.c.key == key, settings.c.journal_id.not_in(undone))
    return list(connection.scalars(query.order_by(settings.c.id)))


def _turn(connection: Connection, actor: str, chosen: JournalEntry) -> JournalEntry:
    """Undo what `chosen` did, or redo it where `chosen` is the undo."""
    if chosen.action not in (*UNDOABLE, *_TURNS):
        raise InputError(f"Entry {chosen.id} ({chosen.action}) cannot be undone.")
    if not chosen.in_force:
        raise InputError(f"Entry {chosen.id} is undone already.")
    target = chosen if chosen.entry is None else get(connection, chosen.entry)
    if chosen.action == "undo":
        return get(connection, append(connection, actor, "redo", f"Did again: {target.text}", target.id, target.round))
    return get(connection, append(connection, actor, "undo", f"Undid: {target.text}", target.id, target.round))


def _select() -> Select[Any]:
    """Entries with whether each is in force; an undo or redo is while it is the newest about its entry."""
    about = journal.alias("about")
    newest = select(func.max(about.c.id)).where(about.c.entry == journal.c.entry).scalar_subquery()
    columns = (newest.label("newest"), journal.c.id.in_(undone).label("undone"))
    counted = (sources.c.examples, sources.c.rejected, sources.c.complete)
    return select(journal, *columns, *counted).select_from(
        journal.outerjoin(sources, sources.c.journal_id == journal.c.id)
    )


def _entry(row: Row[Any]) -> JournalEntry:
    in_force = not row.undone if row.entry is None else row.id == row.newest
    text = row.text
    if row.examples is not None:  # an import: the counts grow while it goes on, the entry stays
        unfinished = "" if row.complete else "; not finished, import it again to go on"
        text += f" ({row.examples:,} examples, {row.rejected:,} rejected{unfinished})"
    return JournalEntry(row.id, row.at, row.actor, row.action, text, row.entry, in_force, row.round)
