"""A project as it once was, copied into a temporary project file: from SQLite and PostgreSQL alike, rows as they are kept.

What the journal and the decisions say is append-only, so that a number tells how far it was. What is changed in place was
kept with the release: whose looks were owed, and which imports were unfinished. Findings and scores are copied where they
are asked for: what depends on nothing but examples, decisions and settings can be computed again.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from sqlalchemy import Connection, MetaData, Select, Text, func, insert, select, update

from curator.store import schema
from curator.store.database import ROWS_PER_PAGE, Database
from curator.store.entries import Snapshot
from curator.store.schema import Json

_plain = MetaData()
_TABLES = {name: table.to_metadata(_plain) for name, table in schema.metadata.tables.items()}
for _table in _TABLES.values():
    for _column in _table.columns:
        if isinstance(_column.type, Json):
            _column.type = Text()  # copied as it stands, and not read and written again


def copy(source: Database, target: Database, until: Snapshot, releases: int, run: int | None = None) -> None:
    """Copy what `source` held at a snapshot into the empty `target`, with its releases up to the id `releases`.

    `run`: a run whose findings are copied, too.
    """
    with source.read() as reading, target.write() as writing:
        for name, query in _queries(until, releases, run).items():
            _insert(writing, name, _read(reading, query))
        _correct_sources(writing, until)
        _owe(writing, until)


def _queries(until: Snapshot, releases: int, run: int | None) -> dict[str, Select[Any]]:
    """By table, in the order in which they refer to each other, the rows that were there."""
    t = _TABLES
    journal, sources, decisions = (t[name] for name in ("journal", "sources", "decisions"))
    there = select(sources.c.id).where(sources.c.journal_id <= until.journal)
    rounds = select(t["rounds"].c.id).where(t["rounds"].c.journal_id <= until.journal)
    made = (decisions.c.journal_id <= until.journal, decisions.c.seq <= until.decisions)

    def by_entry(name: str) -> Select[Any]:
        return select(t[name]).where(t[name].c.journal_id <= until.journal).order_by(t[name].c.id)

    def of_rounds(name: str) -> Select[Any]:
        table = t[name]
        return select(table).where(table.c.round_id.in_(rounds)).order_by(table.c.round_id, table.c.example_id)

    def read(name: str, most: int) -> Select[Any]:
        table = t[name]
        return select(table).where(table.c.source_id.in_(there), table.c.id <= most).order_by(table.c.id)

    found = {
        "journal": select(journal).where(journal.c.id <= until.journal).order_by(journal.c.id),
        "settings": by_entry("settings"),
        "sources": by_entry("sources"),
        "examples": read("examples", until.examples),
        "rejected": read("rejected", until.rejected),
        "reviewers": select(t["reviewers"]).order_by(t["reviewers"].c.id),
        "rounds": by_entry("rounds"),
        "round_items": of_rounds("round_items"),
        "round_answers": of_rounds("round_answers"),
        "decisions": select(decisions).where(*made).order_by(decisions.c.seq),
        "revisions": select(t["revisions"])
        .where(t["revisions"].c.decision_id.in_(select(decisions.c.id).where(*made)))
        .order_by(t["revisions"].c.id),
        "finding_verdicts": by_entry("finding_verdicts"),
        "calibrations": by_entry("calibrations"),
        "releases": select(t["releases"]).where(t["releases"].c.id <= releases).order_by(t["releases"].c.id),
        "release_rows": select(t["release_rows"]).where(t["release_rows"].c.release_id <= releases),
        # Of the last one alone: it is what the next is compared with.
        "release_contents": select(t["release_contents"]).where(t["release_contents"].c.release_id == releases),
    }
    return found | (_of_run(run) if run is not None else {})


def _of_run(run: int) -> dict[str, Select[Any]]:
    runs, checks, findings, about = (_TABLES[n] for n in ("runs", "run_checks", "findings", "finding_examples"))
    mine = select(checks.c.id).where(checks.c.run_id == run)
    return {
        "runs": select(runs).where(runs.c.id == run),
        "run_checks": select(checks).where(checks.c.run_id == run),
        "findings": select(findings).where(findings.c.run_check_id.in_(mine)),
        "finding_examples": select(about).where(about.c.run_check_id.in_(mine)),
    }


def _read(connection: Connection, query: Select[Any]) -> Iterator[dict[str, Any]]:
    with connection.execution_options(yield_per=ROWS_PER_PAGE).execute(query) as rows:
        for row in rows.mappings():
            yield dict(row)


def _insert(connection: Connection, name: str, rows: Iterator[dict[str, Any]]) -> None:
    while some := list(islice(rows, ROWS_PER_PAGE)):
        connection.execute(insert(_TABLES[name]), some)


def _correct_sources(connection: Connection, until: Snapshot) -> None:
    """The counts of a source grow while it is imported: they are those of the rows that were there."""
    sources, examples, rejected = schema.sources, schema.examples, schema.rejected

    def counted(table: Any) -> dict[int, int]:
        rows = connection.execute(select(table.c.source_id, func.count()).group_by(table.c.source_id))
        return {int(id): int(number) for id, number in rows}

    good, bad = counted(examples), counted(rejected)
    for id in list(connection.scalars(select(sources.c.id))):
        values = {"examples": good.get(id, 0), "rejected": bad.get(id, 0)}
        values |= {"records": sum(values.values())}
        done = {"complete": id not in until.unfinished} if until.unfinished else {}
        connection.execute(update(sources).where(sources.c.id == id).values(**values, **done))


def _owe(connection: Connection, until: Snapshot) -> None:
    """The looks that were owed then, those on items with votes: no other counts for what is made of the votes."""
    ids = dict(connection.execute(select(schema.rounds.c.uuid, schema.rounds.c.id)).tuples().all())
    who = dict(connection.execute(select(schema.reviewers.c.name, schema.reviewers.c.id)).tuples().all())
    rows = []
    for round, looks in until.looks.items():
        for place, (example, reviewer) in enumerate(looks):
            row = {"round_id": ids[round], "example_id": example, "slot": place, "place": place, "repeat": False}
            rows.append(row | {"reviewer_id": None if reviewer is None else who[reviewer], "until": None})
    if rows:
        connection.execute(insert(schema.round_slots), rows)
