"""What was exported: the split of each content key, so that none moves later, and all it takes to write a release again."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select, update

from curator.errors import EnvironmentFailure, InputError
from curator.store import journal
from curator.store.database import Database, insert_row
from curator.store.entries import Release, Snapshot
from curator.store.release_contents import ReleaseRow, unpack
from curator.store.schema import decisions as decided
from curator.store.schema import examples, release_contents, release_rows, releases, sources
from curator.store.schema import journal as entries
from curator.store.schema import rejected as refused

LONGEST = 60
UNNAMED = "release"
_SAFE = re.compile(r"[^\W_](?:[\w .-]*[\w-])?")
_UNSAFE = re.compile(r"[^\w.-]+")
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}


def checked_name(name: str) -> str:
    """The name of a dataset without the white space around it. Raises InputError where it cannot be that of a file, too."""
    name = name.strip()
    if not _SAFE.fullmatch(name) or len(name) > LONGEST or name.split(".")[0].casefold() in _DEVICES:
        raise InputError(
            f"--name {name!r} cannot name a release: take letters, digits, spaces and . _ -, beginning with a letter or "
            f"digit, at most {LONGEST} of them"
        )
    return name


def name_from(text: str) -> str:
    """A name that `checked_name` takes, as near to `text` (a file's name without its ending) as can be."""
    found = _UNSAFE.sub("-", text).lstrip("._-")[:LONGEST].rstrip("._- ")
    try:
        return checked_name(found)
    except InputError:
        return UNNAMED


def next_number(connection: Connection) -> int:
    """The number of the release that comes next."""
    return 1 + int(connection.scalar(select(func.max(releases.c.number))) or 0)


def add(
    connection: Connection,
    actor: str,
    folder: str,
    settings: Mapping[str, Any],
    splits: Mapping[str, str],
    *,
    name: str = UNNAMED,
    number: int | None = None,
    manifest: str | None = None,
    snapshot: Snapshot | None = None,
    summary: Mapping[str, Any] | None = None,
    content: bytes | None = None,
) -> int:
    """Remember a release; returns its id. `number`: what its manifest says, None: the next.

    Raises EnvironmentFailure where another release took that number meanwhile.
    """
    free = next_number(connection)
    if number not in (None, free):
        raise EnvironmentFailure(
            f"Another program wrote release {free - 1} of this project meanwhile; export once more, nothing was written."
        )
    said = f"Exported {name} {free}: {len(splits):,} examples to {folder}"
    entry = journal.append(connection, actor, "export", said)
    values = {"journal_id": entry, "folder": folder, "settings": dict(settings), "number": free, "name": name}
    values |= {"manifest": manifest, "snapshot": None if snapshot is None else snapshot.as_json()}
    values |= {"summary": None if summary is None else dict(summary)}
    id = insert_row(connection, releases, values)
    if rows := [{"release_id": id, "content_key": key, "split": split} for key, split in splits.items()]:
        connection.execute(insert(release_rows), rows)
    if content is not None:
        connection.execute(insert(release_contents).values(release_id=id, content=content))
    return id


def splits(connection: Connection, before: int | None = None) -> dict[str, str]:
    """For each content key that was ever exported the split of the newest release that has it; of those `before` an id."""
    rows = release_rows
    newest = select(rows.c.content_key, func.max(rows.c.release_id).label("id")).group_by(rows.c.content_key)
    if before is not None:
        newest = newest.where(rows.c.release_id < before)
    last = newest.subquery()
    query = select(rows.c.content_key, rows.c.split).join(
        last, (rows.c.content_key == last.c.content_key) & (rows.c.release_id == last.c.id)
    )
    return dict(connection.execute(query.order_by(rows.c.content_key)).tuples().all())


def listed(connection: Connection) -> list[Release]:
    """All releases, the oldest first."""
    return [_release(row) for row in connection.execute(_select())]


def content(connection: Connection, id: int) -> bytes | None:
    """What became of each candidate (`release_contents.unpack`); None for a release of before that was kept."""
    found = connection.scalar(select(release_contents.c.content).where(release_contents.c.release_id == id))
    return None if found is None else bytes(found)


def where_it_stands(connection: Connection) -> Snapshot:
    """What a release rests on that is made now, but for its settings and open looks."""

    def most(column: Any) -> int:
        return int(connection.scalar(select(func.coalesce(func.max(column), 0))) or 0)

    unfinished = connection.scalars(select(sources.c.id).where(sources.c.complete.is_(False)).order_by(sources.c.id))
    return Snapshot(
        most(entries.c.id), most(examples.c.id), most(refused.c.id), most(decided.c.seq), tuple(unfinished.all())
    )


def touched_since(connection: Connection, before: Snapshot, harmless: Collection[str]) -> bool:
    """Whether something was done since `before` other than by the `harmless` actions, or an import went on."""
    now = where_it_stands(connection)
    newer = select(func.count()).select_from(entries).where(entries.c.id > before.journal)
    did = connection.scalar(newer.where(entries.c.action.not_in(harmless))) or 0
    return bool(did) or (now.examples, now.rejected) != (before.examples, before.rejected)


class Releases:
    """The releases of a project. `actor` is who the journal names."""

    def __init__(self, database: Database, actor: str):
        self._database = database
        self._actor = actor

    def add(
        self,
        folder: str,
        settings: Mapping[str, Any],
        splits: Mapping[str, str],
        harmless: Collection[str] = (),
        **kept: Any,
    ) -> int:
        """Remember what was exported: the split of each content key, and what `add` above takes besides; returns its id.

        `harmless`: actions that change nothing of a release: after others the project has moved since its snapshot.
        Raises EnvironmentFailure where another release took its number meanwhile.
        """
        with self._database.write() as connection:
            before: Snapshot | None = kept.get("snapshot")
            if before is not None and touched_since(connection, before, harmless):
                kept["snapshot"] = replace(before, moved=True)
            return add(connection, self._actor, folder, settings, splits, **kept)

    def moved(self, before: Snapshot, harmless: Collection[str]) -> bool:
        """Whether something was done to the project since `before` other than by the `harmless` actions."""
        with self._database.read() as connection:
            return touched_since(connection, before, harmless)

    def all(self) -> list[Release]:
        """What was exported, the oldest first."""
        with self._database.read() as connection:
            return listed(connection)

    def get(self, which: str | int) -> Release:
        """A release by its number, its name and number ("shop 3" or "shop-3"), or its name where that is of one alone.

        Raises InputError where there is none, or several.
        """
        wanted, there = str(which).strip(), self.all()
        for same in (
            lambda one: str(one.number) == wanted,
            lambda one: wanted in (f"{one.name} {one.number}", f"{one.name}-{one.number}", f"release-{one.number}"),
            lambda one: one.name == wanted,
        ):
            found = [one for one in there if same(one)]
            if len(found) == 1:
                return found[0]
            if found:
                numbers = ", ".join(str(one.number) for one in found)
                raise InputError(f"There are {len(found)} releases named {wanted}; name one by its number: {numbers}.")
        known = ", ".join(one.title for one in there)
        raise InputError(
            f"There is no release {wanted!r} in this project; "
            + (f"its releases are {known}." if known else "`curator export` makes one.")
        )

    def next_number(self) -> int:
        """The number of the release that comes next."""
        with self._database.read() as connection:
            return next_number(connection)

    def rows(self, release: int) -> list[ReleaseRow] | None:
        """What became of each candidate in a release (its id); None where an older Curator wrote it."""
        with self._database.read() as connection:
            block = content(connection, release)
        return None if block is None else unpack(block)

    def add_again(self, release: Release, folder: str) -> None:
        """Note that a release was written once more, to this folder."""
        with self._database.write() as connection:
            journal.append(connection, self._actor, "export", f"Exported {release.title} again, to {folder}")
            connection.execute(update(releases).where(releases.c.id == release.id).values(folder=folder))

    def splits(self, before: int | None = None) -> dict[str, str]:
        """For each content key that was ever exported the split of the newest release that has it; of those `before` an id."""
        with self._database.read() as connection:
            return splits(connection, before)

    def where_it_stands(self) -> Snapshot:
        """How far the project is, but for the looks that are owed."""
        with self._database.read() as connection:
            return where_it_stands(connection)


def _select() -> Select[Any]:
    return select(releases, entries.c.at, entries.c.actor).select_from(releases.join(entries)).order_by(releases.c.id)


def _release(row: Row[Any]) -> Release:
    return Release(
        id=row.id,
        number=row.number,
        name=row.name,
        at=row.at,
        actor=row.actor,
        entry=row.journal_id,
        folder=row.folder,
        settings=row.settings,
        manifest=row.manifest,
        snapshot=None if row.snapshot is None else Snapshot.from_json(row.snapshot),
        summary=row.summary or {},
    )
