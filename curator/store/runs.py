"""Runs over the examples: the findings and scores they leave, one commit for each check."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from curator.errors import InputError
from curator.model import Finding, Severity, Suggestion, Verdict
from curator.store.database import insert_row
from curator.store.entries import Run, now
from curator.store.schema import finding_examples, findings, run_checks, runs, scores

SCORE_COLUMNS = tuple(column.name for column in scores.columns if not column.primary_key)


def begin(connection: Connection, kind: str, settings: Mapping[str, Any]) -> int:
    values = {"kind": kind, "settings": dict(settings), "began": now()}
    return insert_row(connection, runs, values)


def finish(connection: Connection, run: int, summary: Mapping[str, Any]) -> None:
    done = update(runs).where(runs.c.id == run).values(finished=now(), summary=dict(summary))
    if connection.execute(done).rowcount != 1:
        raise InputError(f"There is no run {run} in this project.")


def select_runs(connection: Connection, *conditions: Any, limit: int | None = None) -> list[Run]:
    """The runs that meet the conditions, newest first."""
    rows = connection.execute(select(runs).where(*conditions).order_by(runs.c.id.desc()).limit(limit)).all()
    checks: dict[int, dict[str, int]] = {row.id: {} for row in rows}
    saved = select(run_checks).where(run_checks.c.run_id.in_(select(runs.c.id).where(*conditions)))
    for row in connection.execute(saved.order_by(run_checks.c.id)):
        checks.setdefault(row.run_id, {})[row.name] = row.findings
    return [
        Run(row.id, row.kind, row.settings, row.began, row.finished, row.summary or {}, checks[row.id]) for row in rows
    ]


def save_findings(connection: Connection, run: int, check: str, new: Sequence[Finding]) -> None:
    """Put `new` in the place of what the run holds of this check."""
    if connection.scalar(select(func.count()).select_from(runs).where(runs.c.id == run)) == 0:
        raise InputError(f"There is no run {run} in this project.")
    this = (run_checks.c.run_id == run, run_checks.c.name == check)
    old = select(run_checks.c.id).where(*this)
    for table in (finding_examples, findings):
        connection.execute(delete(table).where(table.c.run_check_id.in_(old)))
    connection.execute(delete(run_checks).where(*this))
    id = insert_row(connection, run_checks, {"run_id": run, "name": check, "findings": len(new)})
    if new:
        connection.execute(insert(findings), [_finding_row(id, at, finding) for at, finding in enumerate(new)])
    links = [
        {"run_check_id": id, "position": at, "place": place, "example_id": example}
        for at, finding in enumerate(new)
        for place, example in enumerate(finding.examples)
    ]
    if links:
        connection.execute(insert(finding_examples), links)


def findings_query(run: int, check: str | None, example: int | None, evidence: bool = True) -> Select[Any]:
    """A row for each example of each finding of a run, as they were saved; narrowed to a check, and to an example.

    Without `evidence` it is empty: of many findings it is nearly all there is to read.
    """
    key = (findings.c.run_check_id, findings.c.position)
    links = (finding_examples.c.run_check_id, finding_examples.c.position)
    query: Select[Any] = (
        select(
            *(c for c in findings.c if evidence or c is not findings.c.evidence),
            run_checks.c.name,
            finding_examples.c.example_id,
        )
        .select_from(findings.join(run_checks).outerjoin(finding_examples, (key[0] == links[0]) & (key[1] == links[1])))
        .where(run_checks.c.run_id == run)
        .order_by(*key, finding_examples.c.place)
    )
    if check is not None:
        query = query.where(run_checks.c.name == check)
    if example is not None:
        about = finding_examples.alias("about")
        same = (about.c.run_check_id == key[0], about.c.position == key[1], about.c.example_id == example)
        query = query.where(select(about.c.place).where(*same).exists())
    return query


def findings_of(rows: Iterable[Row[Any]]) -> Iterator[Finding]:
    """The findings that the rows of `findings_query` make."""
    for _, lines in groupby(rows, key=lambda row: (row.run_check_id, row.position)):
        yield _finding(list(lines))


def save_scores(connection: Connection, run: int, columns: Mapping[str, Any], ids: Sequence[int]) -> None:
    """Add columns of scores, one value for each of `ids`; what the run already holds in them is replaced."""
    if unknown := set(columns) - set(SCORE_COLUMNS):
        raise ValueError(f"no such score: {sorted(unknown)}")
    series = {name: _plain(values) for name, values in columns.items()}
    if any(len(values) != len(ids) for values in series.values()):
        raise ValueError("each score needs one value for each id")
    if not len(ids) or not series:
        return
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(scores)
    statement = statement.on_conflict_do_update(
        index_elements=[scores.c.run_id, scores.c.example_id],
        set_={name: statement.excluded[name] for name in series},
    )
    rows = zip(_plain(ids), *series.values(), strict=True)
    connection.execute(
        statement, [{"run_id": run, "example_id": id, **dict(zip(series, row, strict=True))} for id, *row in rows]
    )


def select_scores(connection: Connection, run: int) -> dict[str, list[Any]]:
    """`example_id` and every score as columns, by example id; None where a score does not apply."""
    names = ("example_id", *SCORE_COLUMNS)
    rows = connection.execute(
        select(*(scores.c[n] for n in names)).where(scores.c.run_id == run).order_by("example_id")
    )
    columns = list(zip(*rows, strict=True))
    return {name: list(columns[at]) if columns else [] for at, name in enumerate(names)}


def _plain(values: Iterable[Any]) -> list[Any]:
    """Plain Python values; NaN, which stands for "does not apply" in arrays, becomes None."""
    listed: list[Any] = values.tolist() if hasattr(values, "tolist") else list(values)
    plain = (value.item() if hasattr(value, "item") else value for value in listed)
    return [None if isinstance(value, float) and math.isnan(value) else value for value in plain]


def _finding_row(run_check_id: int, position: int, finding: Finding) -> dict[str, Any]:
    suggestion = finding.suggestion
    return {
        "run_check_id": run_check_id,
        "position": position,
        "id": finding.id,
        "severity": str(finding.severity),
        "score": float(finding.score),
        "message": finding.message,
        "evidence": dict(finding.evidence),
        "suggestion": suggestion
        and [str(suggestion.action), list(suggestion.examples), suggestion.value, list(suggestion.values)],
    }


def _finding(lines: Sequence[Row[Any]]) -> Finding:
    first = lines[0]
    suggestion = None
    if first.suggestion is not None:
        action, about, value, *values = first.suggestion
        suggestion = Suggestion(Verdict(action), tuple(about), value, tuple(values[0]) if values else ())
    return Finding(
        check=first.name,
        severity=Severity(first.severity),
        score=first.score,
        examples=tuple(line.example_id for line in lines if line.example_id is not None),
        message=first.message,
        evidence=getattr(first, "evidence", {}),
        suggestion=suggestion,
        id=first.id,
    )
