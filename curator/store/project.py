"""The project: sources, examples, findings, decisions and releases in one database.

Every method that changes something is one transaction (an import: one for every few thousand records) and is
on disk when it returns. Every method may raise EnvironmentFailure (locked, disk full, server gone) or
InputError (a damaged database).
"""

from __future__ import annotations

import getpass
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from sqlalchemy import Row, select

from curator.errors import InputError
from curator.model import Decision, Example, Finding, Ref, Rejected, Role, Source, from_json
from curator.progress import Progress
from curator.store import (
    changes,
    contents,
    copying,
    imports,
    journal,
    opening,
    runs,
    schema,
    search,
    state,
    verdicts,
)
from curator.store import decisions as reviewing
from curator.store.changes import Change, Mark
from curator.store.columns import Columns
from curator.store.contents import Since
from curator.store.database import Database
from curator.store.entries import (
    Calibration,
    Counts,
    FindingVerdict,
    Identity,
    JournalEntry,
    Run,
    Snapshot,
)
from curator.store.releases import Releases
from curator.store.roles import Accounts
from curator.store.rounds import Rounds
from curator.store.search import Indexed
from curator.tasks import Task


class Project:
    """An open project; a context manager. Safe to use from several threads.

    `where` names it in messages, `address` opens it again: for PostgreSQL only the latter has the password.
    `actor` is who the journal names where no reviewer is at work. `backup` is where the project was copied
    to before it was migrated, None where it was not.
    """

    def __init__(self, database: Database, actor: str | None = None, backup: str | None = None):
        self._database = database
        self._temporary: Path | None = None
        self.actor = actor or _user()
        self.backup = backup

    @classmethod
    def create(
        cls,
        where: str | Path,
        *,
        task: Task | None = None,
        settings: Mapping[str, Any] | None = None,
        actor: str | None = None,
    ) -> Self:
        """Make a new project. Raises InputError where there is one, or a file, already."""
        database = opening.make(where)
        with opening.closed_on_error(database):
            project = cls(database, actor)
            values = {**({} if task is None else {"task": str(task)}), **(settings or {})}
            with database.write() as connection:
                entry = journal.append(connection, project.actor, "create", "Made the project")
                journal.set_settings(connection, values, entry)
        return project

    @classmethod
    def open(cls, where: str | Path, *, actor: str | None = None) -> Self:
        """Open a project; one of an older format is backed up, then migrated.

        Raises InputError where there is none, where it is damaged, on a network folder, or made by a newer Curator,
        which leaves it untouched; and for an account in PostgreSQL that has no part in it.
        """
        database, backup = opening.existing(where)
        if database.account is not None:
            actor = database.account.name
        return cls(database, actor, backup)

    @classmethod
    def temporary(cls) -> Self:
        """A new project in a temporary folder, which `close` removes."""
        folder = Path(tempfile.mkdtemp(prefix="curator-"))
        try:
            project = cls.create(folder / "temporary.curator")
        except BaseException:
            shutil.rmtree(folder)
            raise
        project._temporary = folder
        return project

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections, and remove a temporary project."""
        self._database.close()
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def me(self) -> str | None:
        """The reviewer in whose name alone this account decides; None for an owner, and in SQLite."""
        account = self._database.account
        return None if account is None else account.name

    @property
    def adjudicates(self) -> bool:
        """Whether this account may settle votes, and sees those of others while a blind round is open."""
        account = self._database.account
        return account is None or account.adjudicates

    @property
    def accounts(self) -> Accounts:
        """Who may review in a project in PostgreSQL."""
        return Accounts(self._database, self.actor)

    @property
    def is_temporary(self) -> bool:
        """Whether nothing of it is kept."""
        return self._temporary is not None

    @property
    def where(self) -> str:
        return self._database.where

    @property
    def address(self) -> str:
        return self._database.address

    # Settings and the journal

    def settings(self) -> dict[str, Any]:
        """Task, encoder, seed and whatever else was set."""
        with self._database.read() as connection:
            return journal.get_settings(connection)

    def set_settings(self, **values: Any) -> JournalEntry:
        """Set JSON values; None takes a setting away."""
        with self._database.write() as connection:
            said = ", ".join(f"{key} to {schema.dumps(value).strip()}" for key, value in values.items())
            entry = journal.append(connection, self.actor, "settings", f"Set {said}")
            journal.set_settings(connection, values, entry)
            return journal.get(connection, entry)

    def setting_values(self, key: str) -> list[Any]:
        """Every value that a setting has had, undone ones left out, the oldest first; None where it was taken away."""
        with self._database.read() as connection:
            return journal.setting_values(connection, key)

    def log(self, limit: int | None = 50) -> list[JournalEntry]:
        """What was done, newest first."""
        with self._database.read() as connection:
            return journal.entries(connection, limit)

    def undo(self, entry: int | None = None, *, actor: str | None = None, by: str | None = None) -> JournalEntry:
        """Undo an entry of the journal: without a number the newest in force that can be (of the actor `by`, if given).

        Undoing an undo does the thing again. Nothing is deleted: the examples of an undone import are only out of
        sight. Raises InputError where there is nothing to undo.
        """
        with self._database.write() as connection:
            return journal.undo(connection, actor or self.actor, entry, by or self.me())

    def redo(self, *, actor: str | None = None, by: str | None = None) -> JournalEntry:
        """Take back the newest undo (of the actor `by`, if given).

        Raises InputError where there is none, or something was done since: with `by`, by that actor.
        """
        with self._database.write() as connection:
            return journal.redo(connection, actor or self.actor, by or self.me())

    def mark(self) -> Mark:
        """Where the project stands now; `changes_since` says what was done after it."""
        with self._database.read() as connection:
            return changes.mark(connection)

    def changes_since(self, before: Mark) -> Change | None:
        """What anybody did since `before`, None if nothing."""
        with self._database.read() as connection:
            return changes.since(connection, before)

    # Sources and examples

    def import_source(
        self,
        path: str,
        sha256: str,
        format: str,
        role: Role,
        mapping: Mapping[str, Any],
        records: Iterable[Example | Rejected],
        progress: Progress,
    ) -> Source:
        """Import the records of a file, all of them from the first on, each with its own record number.

        Committed every few thousand records. The same file with the same role and mapping is not imported twice; an
        import that was stopped goes on where it was. Votes of the examples become decisions.
        Raises Cancelled where the user stops it.
        """
        wanted = Source(path, sha256, format, role, 0, 0, 0, mapping=mapping)
        return imports.import_source(self._database, wanted, records, progress, self.actor)

    def sources(self) -> list[Source]:
        """The sources in force, the unfinished ones too, in the order of their import."""
        with self._database.read() as connection:
            return imports.sources_where(connection, state.source_in_force)

    def examples(self, role: Role | None = None) -> Iterator[Example]:
        """The examples in force, by id, as the decisions left them. Read in pages: any number fits in memory."""
        return map(_example, self._database.stream(state.current_examples(role)))

    def get_examples(self, ids: Iterable[int]) -> list[Example]:
        """These examples in this order, those of an undone import too. Raises InputError for an unknown id."""
        wanted = list(ids)
        found: dict[int, Example] = {}
        with self._database.read() as connection:
            for some in state.chunks(sorted(set(wanted))):
                found.update((row.id, _example(row)) for row in connection.execute(state.examples_by_id(some)))
        if missing := set(wanted) - set(found):
            raise InputError(f"There is no example {min(missing)} in this project.")
        return [found[id] for id in wanted]

    def rewritten(self, role: Role = Role.CANDIDATE) -> Iterator[tuple[Example, Example]]:
        """The examples in force that reviewers rewrote, by id: each as its source has it, and as it is now."""
        for row in self._database.stream(contents.rewritten_query(role)):
            ref = Ref(row.path, row.record, row.line, Role(row.role))
            yield from_json(schema.loads(row.imported), ref, row.id), _example(row)

    def ids(self, role: Role | None = None) -> list[int]:
        """Ids of the examples in force, in that order."""
        with self._database.read() as connection:
            return list(connection.scalars(contents.ids_query(role)))

    def outputs(self, role: Role | None = None) -> Iterator[tuple[int, str]]:
        """Id and output of the examples in force, as the decisions left them: cheaper than `examples` by far."""
        for row in self._database.stream(contents.content_query(role)):
            yield row.id, contents.output_of(schema.loads(row.content))

    def keys(self, role: Role | None = None) -> dict[int, str]:
        """The content key of each example in force, as the decisions left it."""
        return {row.id: row.content_key for row in self._database.stream(contents.keys_query(role))}

    def sources_of(self, role: Role | None = None) -> dict[int, int]:
        """The source (id) of each example in force."""
        return {row.id: row.source_id for row in self._database.stream(contents.sources_query(role))}

    def said(self, keys: Collection[str]) -> dict[str, Example]:
        """What these content keys name, of all that examples ever said; without where it came from."""
        rows = (row for query in contents.everything() for row in self._database.stream(query))
        nowhere = Ref("", 0, None)
        return {
            row.content_key: from_json(schema.loads(row.content), nowhere) for row in rows if row.content_key in keys
        }

    def changed_since(self, at: str) -> Since:
        """What is no longer as it was at a time (ISO 8601, UTC), such as when a run began."""
        with self._database.read() as connection:
            return contents.changed_since(connection, at)

    def rejected(self, source_id: int | None = None) -> Iterator[Rejected]:
        """The records that could not be read, of the sources in force or of one source."""
        table, sources = schema.rejected, schema.sources
        query = select(table, sources.c.path, sources.c.role).join(sources).order_by(table.c.id)
        query = query.where(state.source_in_force if source_id is None else sources.c.id == source_id)
        for row in self._database.stream(query):
            yield Rejected(Ref(row.path, row.record, row.line, Role(row.role)), row.reason, bytes(row.raw))

    # Runs and findings

    def begin_run(self, kind: str, settings: Mapping[str, Any]) -> int:
        """Begin a run, such as a "check"; returns its number."""
        with self._database.write() as connection:
            return runs.begin(connection, kind, settings)

    def save_findings(self, run: int, check: str, findings: Iterable[Finding]) -> None:
        """Keep what a check found, also if it is nothing: one commit. Saved again, it takes the place of the first."""
        listed = list(findings)
        with self._database.write(bulk=True) as connection:
            runs.save_findings(connection, run, check, listed)

    def save_scores(self, run: int, scores: Mapping[str, Any], ids: Sequence[int]) -> None:
        """Keep columns of scores (`SCORE_COLUMNS`), each with one value for each of `ids`; None or NaN: not applicable.

        Columns may come one after the other; one that is saved again is replaced for these examples.
        """
        with self._database.write(bulk=True) as connection:
            runs.save_scores(connection, run, scores, ids)

    def finish_run(self, run: int, summary: Mapping[str, Any], text: str = "") -> None:
        """Mark a run as finished; `text` is the sentence for the journal."""
        with self._database.write() as connection:
            runs.finish(connection, run, summary)
            (done,) = runs.select_runs(connection, schema.runs.c.id == run)
            said = text or f"Finished {done.kind} run {run}: {sum(done.checks.values()):,} findings"
            journal.append(connection, self.actor, done.kind, said)

    def runs(self, kind: str | None = None) -> list[Run]:
        """The runs, newest first, also those that were stopped."""
        with self._database.read() as connection:
            return runs.select_runs(connection, *([] if kind is None else [schema.runs.c.kind == kind]))

    def latest_run(self, kind: str) -> Run | None:
        """The newest run of this kind that finished."""
        finished = (schema.runs.c.kind == kind, schema.runs.c.finished.is_not(None))
        with self._database.read() as connection:
            return next(iter(runs.select_runs(connection, *finished, limit=1)), None)

    def findings(
        self, run: int, check: str | None = None, *, example: int | None = None, evidence: bool = True
    ) -> Iterator[Finding]:
        """The findings of a run as they were saved, of one check or about one example where that is given.

        Without their `evidence`, which is then empty, many are read in a fraction of the time.
        """
        return runs.findings_of(self._database.stream(runs.findings_query(run, check, example, evidence)))

    def scores(self, run: int) -> dict[str, list[Any]]:
        """Columns `example_id` and `SCORE_COLUMNS`, one value for each scored example, by id."""
        with self._database.read() as connection:
            return runs.select_scores(connection, run)

    # Decisions

    def decide(self, decisions: Sequence[Decision]) -> JournalEntry:
        """Commit decisions, together. See `curator.store.decisions.decide`, and for votes `curator.store.votes.cast`."""
        if any(decision.kind in state.VOTES for decision in decisions):
            return self.rounds.vote(decisions)
        with self._database.write() as connection:
            return reviewing.decide(connection, decisions, self.actor)

    def decisions(self, example: int | None = None, history: bool = False) -> Iterator[Decision]:
        """The decisions in force, the newest of each reviewer on each example; all that were ever made with `history`.

        In the order they were committed.
        """
        if history:
            query = state.all_decisions()
            if example is not None:
                query = query.where(schema.decisions.c.example_id == example)
        else:
            query = state.decisions_in_force(None if example is None else [example])
        return map(reviewing.decision_of, self._database.stream(query))

    def entries_of(self, decisions: Sequence[str]) -> dict[str, int]:
        """The number in the journal of each of these decisions (ids) that is there."""
        with self._database.read() as connection:
            return reviewing.known_ids(connection, decisions)

    @property
    def rounds(self) -> Rounds:
        """The rounds of review, and the votes in them."""
        return Rounds(self._database, self.actor)

    def identity(self) -> Identity:
        """What names this project among all, and the secret that signs its packets."""
        with self._database.read() as connection:
            row = connection.execute(select(schema.identity)).one()
            return Identity(row.project, bytes.fromhex(row.secret))

    def reviewers(self) -> list[str]:
        """Everyone who ever decided or was asked to, by name."""
        with self._database.read() as connection:
            return sorted(connection.scalars(select(schema.reviewers.c.name)))

    # Verdicts on findings, and cuts

    def judge(
        self,
        said: Sequence[FindingVerdict],
        decisions: Sequence[Decision] = (),
        text: str = "",
        actor: str | None = None,
    ) -> JournalEntry:
        """Commit what was said of findings, and the decisions that follow from it, under one entry of the journal.

        Raises InputError as `decide` does, and where there is nothing to keep.
        """
        if not said and not decisions:
            raise InputError("There is no verdict to save.")
        with self._database.write() as connection:
            if decisions:
                entry = reviewing.decide(connection, decisions, actor or self.actor, text)
            else:
                names = {verdict.reviewer for verdict in said}
                actor = min(names) if len(names) == 1 else self.actor
                entry = journal.get(connection, journal.append(connection, actor, "judge", text or "Judged findings"))
            if said:
                verdicts.add_verdicts(connection, entry.id, said)
            return entry

    def finding_verdicts(self, check: str) -> list[FindingVerdict]:
        """The newest verdict of each reviewer on each finding of a check, in force and not forgotten."""
        with self._database.read() as connection:
            return verdicts.verdicts_in_force(connection, check)

    def calibrate(self, new: Calibration, text: str, actor: str | None = None) -> JournalEntry:
        """Keep the score from which a check is to report; the newest for the check and its encoder counts."""
        with self._database.write() as connection:
            entry = journal.append(connection, actor or self.actor, "calibrate", text)
            verdicts.add_calibration(connection, entry, new)
            return journal.get(connection, entry)

    def forget_calibration(self, check: str) -> JournalEntry:
        """Let the check use its own cut again, and the verdicts so far count no longer (`undo` brings both back)."""
        with self._database.write() as connection:
            entry = journal.append(connection, self.actor, "calibrate", f"Forgot the verdicts on {check} and its cut")
            verdicts.forget(connection, entry, check)
            return journal.get(connection, entry)

    def calibrations(self) -> list[Calibration]:
        """The calibration in force of each check and encoder, by check."""
        with self._database.read() as connection:
            return verdicts.calibrations_in_force(connection)

    def index_texts(self, progress: Progress, seconds: float | None = None) -> bool:
        """Make the index that `search` goes by, or bring it up to date; for at most so many seconds where that is given.

        Others can write meanwhile. True once it is complete; False where there can be none. Raises Cancelled.
        """
        return search.index_texts(self._database, progress, seconds)

    def indexed(self) -> Indexed:
        """How much of the texts is in the index."""
        return search.indexed(self._database)

    def search(self, text: str) -> np.ndarray:
        """Ids of the examples in force that show all words typed, ascending. See `curator.store.search.search`."""
        return search.search(self._database, text)

    def searches_by_words(self, text: str) -> bool:
        """Whether `search` would look this up in its index of words; else it looks for it anywhere in the texts."""
        return search.by_words(self._database, text)

    def columns(self) -> Columns:
        """Reads the examples in force as columns of numbers, for tables of any size."""
        return Columns(self._database)

    # Releases

    @property
    def releases(self) -> Releases:
        """What was exported, and what it takes to write it again."""
        return Releases(self._database, self.actor)

    def snapshot(self) -> Snapshot:
        """How far the project is now: what a release rests on that is made of it."""
        looks = self.rounds.looks_owed()
        return replace(self.releases.where_it_stands(), looks=looks)

    def as_of(self, until: Snapshot, release: int = 0, run: int | None = None) -> Project:
        """A temporary project that holds what this one held at a snapshot, with its releases up to the id `release`, and
        the findings of a run where one is named."""
        folder = Path(tempfile.mkdtemp(prefix="curator-"))
        try:
            database = opening.make(folder / "temporary.curator")
            with opening.closed_on_error(database):
                copying.copy(self._database, database, until, release, run)
        except BaseException:
            shutil.rmtree(folder)
            raise
        project = Project(database, self.actor)
        project._temporary = folder
        return project

    def counts(self) -> Counts:
        """How much the project holds, all of one moment."""
        with self._database.read() as connection:
            return contents.counts(connection, self._database.size())


def _example(row: Row[Any]) -> Example:
    return from_json(schema.loads(row.content), Ref(row.path, row.record, row.line, Role(row.role)), row.id)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no name for this user id, as in some containers
        return "unknown"
