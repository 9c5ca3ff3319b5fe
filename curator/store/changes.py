"""What happened to a project since one looked last: for views that stay open while others work on it, too."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from curator.store import journal as entries
from curator.store.entries import JournalEntry
from curator.store.schema import decisions, journal, rounds, run_checks, runs, sources
from curator.store.state import chunks


@dataclass(frozen=True, slots=True)
class Mark:
    """A point in the life of a project: the newest entry, run and finished check, and how many records were read."""

    journal: int = 0
    run: int = 0
    check: int = 0
    records: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """What is different since an earlier mark: `examples` are those whose decisions or votes changed, by id.

    `findings`: a check of a run finished, or a run began or ended. `cuts`: a calibration was made, forgotten or undone.
    `rounds`: a round began or changed, or somebody voted in one.
    """

    mark: Mark
    entries: tuple[JournalEntry, ...] = ()
    examples: frozenset[int] = frozenset()
    sources: bool = False
    settings: bool = False
    findings: bool = False
    cuts: bool = False
    rounds: bool = False


def mark(connection: Connection) -> Mark:
    """Where the project stands now."""
    row = connection.execute(
        select(
            select(func.coalesce(func.max(journal.c.id), 0)).scalar_subquery().label("journal"),
            select(func.coalesce(func.max(runs.c.id), 0)).scalar_subquery().label("run"),
            select(func.coalesce(func.max(run_checks.c.id), 0)).scalar_subquery().label("check"),
            select(func.coalesce(func.sum(sources.c.records), 0)).scalar_subquery().label("records"),
        )
    ).one()
    return Mark(row.journal, row.run, row.check, int(row.records))


def since(connection: Connection, before: Mark) -> Change | None:
    """What happened since `before`, None if nothing did."""
    now = mark(connection)
    if now == before:
        return None
    ids = connection.scalars(select(journal.c.id).where(journal.c.id > before.journal).order_by(journal.c.id)).all()
    new = tuple(entries.get(connection, id) for id in ids)
    # An undo or redo is about an earlier entry: what that one did changes again.
    about = [entry if entry.entry is None else entries.get(connection, entry.entry) for entry in new]
    did = {entry.action for entry in about}
    touched: set[int] = set()
    for some in chunks([entry.id for entry in about if entry.action in ("decide", "vote", "merge", "judge")]):
        touched.update(connection.scalars(select(decisions.c.example_id).where(decisions.c.journal_id.in_(some))))
    turned = [entry.round for entry in about if entry.action == "round"]
    if turned:  # what settled their votes comes and goes with rounds
        settled = select(decisions.c.example_id).join(rounds, rounds.c.id == decisions.c.round_id)
        touched.update(connection.scalars(settled.where(rounds.c.uuid.in_(turned))))
    return Change(
        now,
        new,
        frozenset(touched),
        sources="import" in did or now.records != before.records,
        settings=bool(did & {"settings", "create"}),
        findings=now.run != before.run or now.check != before.check or bool(did & {"check", "ask"}),
        cuts="calibrate" in did,
        rounds=any(entry.round is not None for entry in about),
    )
