"""The examples in force as columns of numbers, read in parts: what a table of a million rows is sorted and filtered by."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

import numpy as np
import orjson
from sqlalchemy import Connection, FromClause, Row, Select, Text, bindparam, case, cast, func, select

from curator.model import Kind, Ref, Role, Verdict
from curator.store.columns_text import PART, Texts, joined, numbers, read, said_of, texts_of, told
from curator.store.contents import ids_query
from curator.store.database import Database
from curator.store.schema import (
    examples,
    finding_examples,
    findings,
    loads,
    release_rows,
    releases,
    reviewers,
    revisions,
    run_checks,
    runs,
    scores,
    sources,
)
from curator.store.state import chunks, decisions_in_force, ever_revised, examples_by_id, shown, source_in_force

VERDICTS = ("", *(str(verdict) for verdict in Verdict))
SEVERITIES = ("", "info", "warning", "error")
NUMBERS = ("duplicate_similarity", "leakage", "label_quality", "pair_quality", "outlier")
SCORED = (*NUMBERS, "duplicate_group")
SPLITS = ("", "train", "validation", "test")
_SETTLE = (Kind.CONSENSUS, Kind.ADJUDICATION)
_FINDINGS_PART = 20_000
_SPLITS_PART = 20_000


@dataclass(frozen=True, slots=True)
class Votes:
    """Decisions in force, in the order of their times: `examples`, `reviewers` (ids), `verdicts` (indices into VERDICTS),
    whether each `counts` towards what its example comes to, and by the example, the ids of the findings that decisions on it
    dismiss."""

    examples: np.ndarray
    reviewers: np.ndarray
    verdicts: np.ndarray
    counts: np.ndarray
    dismissed: Mapping[int, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Links:
    """Which findings are about which examples: `checks` indexes the names asked for, `severities` SEVERITIES."""

    examples: np.ndarray
    checks: np.ndarray
    severities: np.ndarray


class Columns:
    """Reads columns of one project. Each part is a transaction of its own: see what changed meanwhile, and read it again."""

    def __init__(self, database: Database):
        self._database = database
        self._own_json = database.path is not None

    def sources(self) -> list[Row[Any]]:
        """Id, path, role and number of examples of the sources in force."""
        query = select(sources.c.id, sources.c.path, sources.c.role, sources.c.examples)
        with self._database.read() as connection:
            return list(connection.execute(query.where(source_in_force).order_by(sources.c.id)))

    def first(self, number: int) -> np.ndarray:
        """Ids of the first examples in force: told long before everything is read."""
        with self._database.read() as connection:
            return np.array(list(connection.scalars(ids_query(None).limit(number))), np.int32)

    def reviewers(self) -> dict[int, str]:
        with self._database.read() as connection:
            return {row.id: row.name for row in connection.execute(select(reviewers).order_by(reviewers.c.id))}

    def release(self) -> int:
        """Number of the newest release, 0 without one."""
        with self._database.read() as connection:
            return connection.scalar(select(func.max(releases.c.id))) or 0

    # Texts

    def imported(self) -> Iterator[Texts]:
        """All examples with what was imported, by id, those of undone imports too."""
        last = 0
        while True:
            with self._database.read() as connection:
                part = told(connection, last) if self._own_json else read(connection, last)
            if part is None:
                return
            yield part
            last = int(part.ids[-1])

    def revised(self) -> Texts:
        """The examples that show a revision."""
        stands = shown(ever_revised)
        query = select(examples.c.id, examples.c.source_id, stands.c.content)
        query = query.select_from(examples.join(stands, stands.c.example_id == examples.c.id)).order_by(examples.c.id)
        rows = iter(self._database.stream(query))
        return joined([texts_of(some) for some in iter(lambda: list(islice(rows, PART)), [])])

    def rewritten(self, ids: Sequence[int]) -> Texts:
        """Those of these examples that ever had a revision, with what they show now; by id."""
        parts = []
        with self._database.read() as connection:
            for some in chunks(sorted(ids)):
                ever = select(revisions.c.example_id).where(revisions.c.example_id.in_(some)).distinct()
                changed = sorted(connection.scalars(ever))
                if changed:  # of most there is none, and to make this query takes longer than all the rest
                    query = examples_by_id(changed).add_columns(examples.c.source_id).order_by(examples.c.id)
                    parts.append(texts_of(connection.execute(query).all()))
        return joined(parts)

    def said(self, ids: Sequence[int]) -> Iterator[tuple[int, Ref, str, str]]:
        """Id, place, input and output of these examples as they show them: quicker than to make whole examples."""
        with self._database.read() as connection:
            for some in chunks(list(ids)):
                for row in connection.execute(_said_query(), {"only": some}):
                    ref = Ref(row.path, row.record, row.line, Role(row.role))
                    yield row.id, ref, *said_of(loads(row.content))

    # Splits

    def splits(self, release: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Ids and splits (indices into SPLITS) of the examples that a release has, by what was imported; at last those of the
        examples that show a revision, by that one."""
        with self._database.read() as connection:
            end = connection.scalar(select(func.max(examples.c.id))) or 0
        for first in range(1, end + 1, _SPLITS_PART):
            query = _split(release, examples.c.id, examples, examples.c.content_key, outer=False)
            with self._database.read() as connection:
                yield _coded(connection, query.where(examples.c.id.between(first, first + _SPLITS_PART - 1)))
        stands = shown(ever_revised)
        with self._database.read() as connection:
            yield _coded(connection, _split(release, stands.c.example_id, stands, stands.c.content_key, outer=True))

    def splits_of(self, release: int, ids: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """Ids and splits of these examples."""
        parts = []
        with self._database.read() as connection:
            for some in chunks(sorted(ids)):
                now = examples_by_id(some).subquery()
                parts.append(_coded(connection, _split(release, now.c.id, now, now.c.content_key, outer=True)))
        empty = np.empty(0, np.int32)
        return (
            np.concatenate([those for those, _ in parts] or [empty]),
            np.concatenate([codes for _, codes in parts] or [empty]),
        )

    # Decisions

    def votes(self, only: Collection[int] | None = None) -> Votes:
        """The decisions in force on all examples, or on some."""
        rows: list[tuple[Any, ...]] = []
        with self._database.read() as connection:
            for some in [None] if only is None else chunks(sorted(only)):
                query, values = _votes_query(some is not None), {} if some is None else {"only": some}
                for page in connection.execute(query, values).partitions(PART):
                    rows += [tuple(row) for row in page]
        rows.sort(key=lambda row: row[:2])
        dismissed: dict[int, frozenset[str]] = {}
        for _, _, example, _, verdict, value, imported, _ in rows:
            if value and verdict == Verdict.KEEP and not imported:
                dismissed[example] = dismissed.get(example, frozenset()) | set(value.split())
        number = {verdict: at for at, verdict in enumerate(VERDICTS)}
        return Votes(
            np.array([row[2] for row in rows], np.int32),
            np.array([row[3] for row in rows], np.int32),
            np.array([number[row[4]] for row in rows], np.int8),
            np.array(_counting(rows), bool),
            dismissed,
        )

    # Findings and scores

    def checks(self) -> dict[str, int]:
        """The rows of `run_checks` that count, by check: of the newest run, and while that goes on, of the newest finished
        one for what it has not come to."""
        query = select(run_checks).order_by(run_checks.c.id)
        with self._database.read() as connection:
            found: dict[str, int] = {}
            for run in reversed(_newest_runs(connection)):
                found |= {row.name: row.id for row in connection.execute(query.where(run_checks.c.run_id == run))}
            return found

    def links(
        self, checks: Mapping[str, int], dismissed: Collection[str], only: Collection[int] | None = None
    ) -> Links:
        """The findings of these checks, but those that are dismissed (ids): about all examples, or about some."""
        number = {id: at for at, id in enumerate(checks.values())}
        grave = {name: at for at, name in enumerate(SEVERITIES)}
        parts = []
        with self._database.read() as connection:
            if only is None:
                for id, at in number.items():
                    skip = _positions(connection, id, dismissed) if dismissed else set()
                    parts += list(_whole_check(connection, id, at, skip))
            else:
                for some in chunks(sorted(only)):
                    rows = connection.execute(_about(some, number)).all()
                    rows = [row for row in rows if row.id not in dismissed]
                    told = [(row.example_id, number[row.run_check_id], grave[row.severity]) for row in rows]
                    parts.append(np.array(told, np.int32).reshape(-1, 3))
        table = np.concatenate(parts) if parts else np.empty((0, 3), np.int32)
        return Links(table[:, 0], table[:, 1], table[:, 2])

    def sharing(self, checks: Mapping[str, int], ids: Collection[int]) -> tuple[set[str], set[int]]:
        """The findings (ids) about any of these examples, and all examples that they are about."""
        named: set[str] = set()
        found: set[int] = set()
        other = finding_examples.alias("other")
        with self._database.read() as connection:
            for some in chunks(sorted(ids)):
                query = _about(some, checks.values()).add_columns(other.c.example_id.label("beside"))
                same = (other.c.run_check_id == finding_examples.c.run_check_id) & (
                    other.c.position == finding_examples.c.position
                )
                for row in connection.execute(query.where(same)):
                    named.add(row.id)
                    found.add(row.beside)
        return named, found

    def scored(self) -> list[int]:
        """The runs whose scores count: the newest finished check, and after it one that goes on."""
        with self._database.read() as connection:
            return _newest_runs(connection)[::-1]

    def scores(self, run: int) -> Iterator[tuple[np.ndarray, dict[str, np.ndarray]]]:
        """Ids, and for each of SCORED the values of these examples, NaN where there is none."""
        last = 0
        while True:
            with self._database.read() as connection:
                part = _score_part(connection, run, last)
            if part is None:
                return
            yield part
            last = int(part[0][-1])


@cache
def _said_query() -> Select[Any]:
    """Made once, as the one below."""
    only: Any = bindparam("only", expanding=True)
    return examples_by_id(only)


def _counting(rows: Sequence[tuple[Any, ...]]) -> list[bool]:
    """Which decisions count: all, or where votes were settled what settled them last, or what was decided outright after it."""
    settled = {row[2]: at for at, row in enumerate(rows) if row[7] in _SETTLE and row[4] != Verdict.SKIP}
    if not settled:
        return [True] * len(rows)
    outright = [row[7] == Kind.DECISION and not row[6] and at > settled.get(row[2], at) for at, row in enumerate(rows)]
    overruled = {row[2] for row, after in zip(rows, outright, strict=True) if after and row[4] != Verdict.SKIP}
    return [
        row[2] not in settled or outright[at] or (at == settled[row[2]] and row[2] not in overruled)
        for at, row in enumerate(rows)
    ]


@cache
def _votes_query(narrowed: bool) -> Select[Any]:
    """Made once: this takes longer than to ask for one example."""
    only: Any = bindparam("only", expanding=True) if narrowed else None
    stands = decisions_in_force(only).order_by(None).subquery()
    columns = ("at", "id", "example_id", "reviewer_id", "verdict", "value", "imported", "kind")
    return select(*(stands.c[name] for name in columns))


def _split(release: int, id: Any, table: FromClause, key: Any, *, outer: bool) -> Select[Any]:
    """Id and split of the examples of `table` in a release; with `outer` also of those that it lacks."""
    here = (release_rows.c.release_id == release) & (release_rows.c.content_key == key)
    code = case({name: at for at, name in enumerate(SPLITS)}, value=release_rows.c.split, else_=0)
    return select(id.label("id"), code.label("code")).select_from(table.join(release_rows, here, isouter=outer))


def _coded(connection: Connection, query: Select[Any]) -> tuple[np.ndarray, np.ndarray]:
    part = query.subquery()
    ids, codes = connection.execute(select(_array(connection, part.c.id), _array(connection, part.c.code))).one()
    return numbers(ids or "[]"), numbers(codes or "[]")


def _newest_runs(connection: Connection) -> list[int]:
    """The newest check run; before it the newest finished one, where it has not finished."""
    rows = connection.execute(
        select(runs.c.id, runs.c.finished).where(runs.c.kind == "check").order_by(runs.c.id.desc())
    )
    found: list[int] = []
    for row in rows:
        if row.finished is not None:
            return [*found, row.id]
        if not found:
            found.append(row.id)
    return found


def _array(connection: Connection, column: Any) -> Any:
    """All values of a column as the text of one JSON array."""
    if connection.dialect.name == "sqlite":
        return func.json_group_array(column)
    return cast(func.json_agg(column), Text)


def _positions(connection: Connection, check: int, wanted: Collection[str]) -> set[int]:
    """Where the findings with these ids stand."""
    found: set[int] = set()
    for some in chunks(sorted(wanted)):
        query = select(findings.c.position).where(findings.c.run_check_id == check, findings.c.id.in_(some))
        found.update(connection.scalars(query))
    return found


def _whole_check(connection: Connection, check: int, number: int, skip: Collection[int]) -> Iterator[np.ndarray]:
    """Rows of example, `number` and severity for each example of each finding of a check."""
    first, end = 0, connection.scalar(select(func.max(findings.c.position)).where(findings.c.run_check_id == check))
    unwanted = np.array(sorted(skip), np.int32)
    while end is not None and first <= end:
        part = (
            select(finding_examples.c.example_id, finding_examples.c.position, _grave.label("grave"))
            .join(findings, _of_finding)
            .where(finding_examples.c.run_check_id == check)
            .where(finding_examples.c.position.between(first, first + _FINDINGS_PART - 1))
            .subquery()
        )
        told = connection.execute(select(*(_array(connection, column) for column in part.c))).one()
        if told[0] is not None and len(ids := numbers(told[0])):
            table = np.stack([ids, np.full(len(ids), number, np.int32), numbers(told[2])], axis=1)
            yield table[~np.isin(numbers(told[1]), unwanted)] if skip else table
        first += _FINDINGS_PART


_of_finding = (findings.c.run_check_id == finding_examples.c.run_check_id) & (
    findings.c.position == finding_examples.c.position
)
_grave = case({name: at for at, name in enumerate(SEVERITIES)}, value=findings.c.severity)


def _about(ids: Collection[int], checks: Iterable[int]) -> Select[Any]:
    """The findings of these checks about these examples."""
    return (
        select(finding_examples.c.example_id, finding_examples.c.run_check_id, findings.c.severity, findings.c.id)
        .join(findings, _of_finding)
        .where(finding_examples.c.example_id.in_(ids), finding_examples.c.run_check_id.in_(list(checks)))
    )


def _score_part(connection: Connection, run: int, last: int) -> tuple[np.ndarray, dict[str, np.ndarray]] | None:
    """The scores of the next examples after `last`."""
    columns = [scores.c.example_id, *(scores.c[name] for name in SCORED)]
    part = select(*columns).where(scores.c.run_id == run, scores.c.example_id > last).order_by(scores.c.example_id)
    inner = part.limit(PART).subquery()
    told = connection.execute(select(*(_array(connection, column) for column in inner.c))).one()
    if told[0] is None or not len(ids := numbers(told[0])):
        return None
    return ids, {
        name: np.array(orjson.loads(listed), np.float32) for name, listed in zip(SCORED, told[1:], strict=True)
    }
