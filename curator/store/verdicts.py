"""What reviewers say of findings, and the cuts that follow. Rows are only added; the journal says which are in force."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, insert, select

from curator.store.database import insert_row
from curator.store.decisions import reviewer_ids
from curator.store.entries import Calibration, FindingVerdict
from curator.store.schema import calibrations, finding_verdicts, journal, reviewers
from curator.store.state import undone


def add_verdicts(connection: Connection, entry: int, new: Sequence[FindingVerdict]) -> None:
    """Keep verdicts under an entry of the journal."""
    reviewer = reviewer_ids(connection, {verdict.reviewer for verdict in new})
    rows = [
        {
            "journal_id": entry,
            "reviewer_id": reviewer[verdict.reviewer],
            "check_name": verdict.check,
            "finding": verdict.finding,
            "score": float(verdict.score),
            "encoder": verdict.encoder,
            "says_right": verdict.right,
        }
        for verdict in new
    ]
    connection.execute(insert(finding_verdicts), rows)


def verdicts_in_force(connection: Connection, check: str) -> list[FindingVerdict]:
    """The newest verdict of each reviewer on each finding of a check, since the check was last forgotten."""
    forgotten = select(func.coalesce(func.max(calibrations.c.journal_id), 0)).where(
        calibrations.c.check_name == check, calibrations.c.cut.is_(None), calibrations.c.journal_id.not_in(undone)
    )
    query = (
        select(finding_verdicts, reviewers.c.name)
        .join(reviewers)
        .where(
            finding_verdicts.c.check_name == check,
            finding_verdicts.c.journal_id.not_in(undone),
            finding_verdicts.c.journal_id > forgotten.scalar_subquery(),
        )
        .order_by(finding_verdicts.c.id)
    )
    newest = {
        (row.finding, row.name): FindingVerdict(
            row.check_name, row.finding, row.score, bool(row.says_right), row.name, row.encoder
        )
        for row in connection.execute(query)
    }
    return [newest[key] for key in sorted(newest)]


def add_calibration(connection: Connection, entry: int, new: Calibration) -> None:
    values = {
        "journal_id": entry,
        "check_name": new.check,
        "encoder": new.encoder,
        "encoder_name": new.encoder_name,
        "cut": new.cut,
        "own_cut": new.own_cut,
        "goal": new.goal,
        "findings": new.findings,
        "precision": new.precision,
        "low": new.low,
        "high": new.high,
        "verdicts": new.verdicts,
        "right_verdicts": new.right,
    }
    insert_row(connection, calibrations, values)


def forget(connection: Connection, entry: int, check: str) -> None:
    """Let the cut of a check, and all verdicts on it so far, count no longer."""
    row = {"journal_id": entry, "check_name": check, "encoder": "", "encoder_name": "", "cut": None}
    insert_row(connection, calibrations, row)


def calibrations_in_force(connection: Connection) -> list[Calibration]:
    """The newest calibration of each check and encoder, by check."""
    query = (
        select(calibrations, journal.c.at)
        .join(journal, journal.c.id == calibrations.c.journal_id)
        .where(calibrations.c.journal_id.not_in(undone))
        .order_by(calibrations.c.id)
    )
    found: dict[tuple[str, str], Calibration] = {}
    for row in connection.execute(query):
        if row.cut is None:
            found = {key: one for key, one in found.items() if key[0] != row.check_name}
            continue
        found[row.check_name, row.encoder] = Calibration(
            check=row.check_name,
            encoder=row.encoder,
            encoder_name=row.encoder_name,
            cut=row.cut,
            own_cut=row.own_cut,
            goal=row.goal,
            findings=row.findings,
            precision=row.precision,
            low=row.low,
            high=row.high,
            verdicts=row.verdicts,
            right=row.right_verdicts,
            at=row.at,
        )
    return [found[key] for key in sorted(found)]
