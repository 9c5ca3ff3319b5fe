"""What was exported: the split of each content key, so that none moves later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, func, insert, select

from curator.store import journal
from curator.store.database import insert_row
from curator.store.schema import release_rows, releases


def add(connection: Connection, actor: str, folder: str, settings: Mapping[str, Any], splits: Mapping[str, str]) -> int:
    """Remember a release; returns its number."""
    entry = journal.append(connection, actor, "export", f"Exported {len(splits):,} examples to {folder}")
    id = insert_row(connection, releases, {"journal_id": entry, "folder": folder, "settings": dict(settings)})
    if rows := [{"release_id": id, "content_key": key, "split": split} for key, split in splits.items()]:
        connection.execute(insert(release_rows), rows)
    return id


def splits(connection: Connection) -> dict[str, str]:
    """For each content key that was ever exported the split of the newest release that has it."""
    rows = release_rows
    newest = select(rows.c.content_key, func.max(rows.c.release_id).label("id")).group_by(rows.c.content_key)
    last = newest.subquery()
    query = select(rows.c.content_key, rows.c.split).join(
        last, (rows.c.content_key == last.c.content_key) & (rows.c.release_id == last.c.id)
    )
    return dict(connection.execute(query.order_by(rows.c.content_key)).tuples().all())
