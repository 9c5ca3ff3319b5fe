"""Importing a source: committed every few thousand records, and taken up again where it stopped."""

from __future__ import annotations

import hashlib
import itertools
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from curator.errors import Cancelled, EnvironmentFailure
from curator.model import Example, Rejected, Role, Source, Vote, as_json, content_key
from curator.progress import Progress
from curator.store import journal
from curator.store.database import Database
from curator.store.decisions import reviewer_ids
from curator.store.entries import now
from curator.store.schema import decisions, dumps, examples, rejected, sources

RECORDS_PER_COMMIT = 2_000
CHARACTERS_PER_COMMIT = 16_000_000


@dataclass(slots=True)
class _Batch:
    """Rows that go into one commit. `votes` has what other tools' annotators said, by record."""

    examples: list[dict[str, Any]] = field(default_factory=list)
    rejected: list[dict[str, Any]] = field(default_factory=list)
    votes: dict[int, tuple[Vote, ...]] = field(default_factory=dict)
    characters: int = 0

    def __len__(self) -> int:
        return len(self.examples) + len(self.rejected)

    @property
    def full(self) -> bool:
        return len(self) >= RECORDS_PER_COMMIT or self.characters >= CHARACTERS_PER_COMMIT

    def add(self, record: Example | Rejected, source_id: int) -> None:
        where = {"source_id": source_id, "record": record.ref.record, "line": record.ref.line}
        if isinstance(record, Rejected):
            self.rejected.append({**where, "reason": record.reason, "raw": record.raw})
            self.characters += len(record.raw)
            return
        content = dumps(as_json(record))
        self.examples.append({**where, "content_key": content_key(record), "content": content})
        self.characters += len(content)
        if record.votes:
            self.votes[record.ref.record] = record.votes


def import_source(
    database: Database,
    wanted: Source,
    records: Iterable[Example | Rejected],
    progress: Progress,
    actor: str,
) -> Source:
    """Import `records`, all of `wanted` from its first one on; returns the source with its counts.

    What is already there is not imported twice: a complete import is returned as it is, an unfinished one goes on
    behind its last commit, an undone one is brought back.
    """
    source = _begin(database, wanted, actor)
    if source.complete:
        return source
    text = f"Importing {PurePath(source.path).name}"
    progress.report(source.records, None, text)
    for batch, last in _batches(itertools.islice(records, source.records, None), source.id):
        source = _commit(database, source, batch, last)
        progress.report(source.records, source.records if last else None, text)
        if progress.cancelled() and not last:
            raise Cancelled
    return source


def sources_where(connection: Connection, *conditions: Any) -> list[Source]:
    """The sources that meet the conditions, in the order of their import."""
    return [_source(row) for row in connection.execute(select(sources).where(*conditions).order_by(sources.c.id))]


def _begin(database: Database, wanted: Source, actor: str) -> Source:
    same = [wanted.path, wanted.sha256, wanted.format, str(wanted.role), sorted(wanted.mapping.items())]
    identity = hashlib.blake2b(dumps(same).encode(), digest_size=16).hexdigest()
    found = select(sources).where(sources.c.identity == identity)
    with database.write() as connection:
        row = connection.execute(found).first()
        if row is not None:
            journal.bring_back(connection, actor, row.journal_id)
            return _source(row)
        purpose = "to protect" if wanted.role is Role.EVAL else "to train on"
        entry = journal.append(connection, actor, "import", f"Imported {wanted.path} {purpose}")
        values = {
            "journal_id": entry,
            "identity": identity,
            "path": wanted.path,
            "sha256": wanted.sha256,
            "format": wanted.format,
            "role": str(wanted.role),
            "mapping": dict(wanted.mapping),
            "records": 0,
            "examples": 0,
            "rejected": 0,
            "complete": False,
        }
        connection.execute(insert(sources).values(values))
        return _source(connection.execute(found).one())


def _batches(records: Iterator[Example | Rejected], source_id: int) -> Iterator[tuple[_Batch, bool]]:
    """The records in batches, and whether each is the last; there is always a last one, if an empty one."""
    batch = _Batch()
    for record in records:
        batch.add(record, source_id)
        if batch.full:
            yield batch, False
            batch = _Batch()
    yield batch, True


def _commit(database: Database, source: Source, batch: _Batch, last: bool) -> Source:
    with database.write() as connection:
        counted = (
            update(sources)
            .where(sources.c.id == source.id, sources.c.records == source.records, sources.c.complete.is_(False))
            .values(
                records=source.records + len(batch),
                examples=source.examples + len(batch.examples),
                rejected=source.rejected + len(batch.rejected),
                complete=last,
            )
        )
        if connection.execute(counted).rowcount != 1:
            raise EnvironmentFailure(f"Another program is importing {source.path} into this project; wait for it.")
        if batch.examples:
            connection.execute(insert(examples), batch.examples)
        if batch.rejected:
            connection.execute(insert(rejected), batch.rejected)
        if batch.votes:
            _save_votes(connection, source.id, batch.votes)
        return sources_where(connection, sources.c.id == source.id)[0]


def _save_votes(connection: Connection, source_id: int, votes: Mapping[int, tuple[Vote, ...]]) -> None:
    """Keep other tools' votes as decisions of those reviewers.

    They leave the examples as imported, for the importer chose among them; a label they name is in their value.
    """
    names = {vote.reviewer for said in votes.values() for vote in said}
    reviewer_id = reviewer_ids(connection, names)
    source = connection.execute(select(sources).where(sources.c.id == source_id)).one()
    stored = select(examples.c.id, examples.c.record, examples.c.content_key).where(
        examples.c.source_id == source_id, examples.c.record.between(min(votes), max(votes))
    )
    at = now()
    rows: list[dict[str, Any]] = []
    for example in connection.execute(stored):
        previous: dict[str, str] = {}
        for place, vote in enumerate(votes.get(example.record, ())):
            id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"curator:{source.identity}/{example.record}/{place}"))
            rows.append(
                {
                    "id": id,
                    "journal_id": source.journal_id,
                    "example_id": example.id,
                    "reviewer_id": reviewer_id[vote.reviewer],
                    "verdict": str(vote.verdict),
                    "seen": example.content_key,
                    "result": example.content_key,
                    "value": vote.value,
                    "note": vote.note,
                    "at": vote.at or at,
                    "supersedes": previous.get(vote.reviewer),
                }
            )
            previous[vote.reviewer] = id
    connection.execute(insert(decisions), rows)


def _source(row: Row[Any]) -> Source:
    return Source(
        path=row.path,
        sha256=row.sha256,
        format=row.format,
        role=Role(row.role),
        records=row.records,
        examples=row.examples,
        rejected=row.rejected,
        id=row.id,
        mapping=row.mapping,
        complete=row.complete,
    )
