"""A sheet of disputes that an adjudicator fills in, in any spreadsheet program, and what it says when it comes back."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from curator.errors import InputError
from curator.files import replacing_path, write_bytes
from curator.formats.tables import FORMULA_STARTS
from curator.formats.write import defuse
from curator.model import Cause, Decision, Kind, Verdict
from curator.review.adjudication.answers import Answer
from curator.review.adjudication.rulings import SAID, Dispute, Ruling, dispute_of, disputes, letters, ruling, take
from curator.review.votes.arrays import CHANGE
from curator.review.votes.tables import Table, read_table
from curator.store import Project

COLUMNS = ("item", "where", "why", "input", "output", "votes", "suggestion", "verdict", "label", "cause", "note")
_CELL = 6_000
"""Characters of a text that are shown: spreadsheet programs take 32,767 in a cell."""
_NAME = re.compile(r"r(\d{1,9})-e(\d{1,9})-([0-9a-f]{8})")
_LETTER = re.compile(r"(?:vote\s+)?([a-z]{1,2})", re.IGNORECASE)
_NO_CELL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
"""Characters that a workbook cannot hold."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a sheet says. `known`: lines that were adjudicated so already; `outdated`: lines of items whose votes or text changed
    since the sheet was written, or that were adjudicated otherwise."""

    rulings: tuple[Ruling, ...]
    known: tuple[int | None, ...] = ()
    outdated: tuple[int | None, ...] = ()


@dataclass
class _Lines:
    rulings: list[Ruling] = field(default_factory=list)
    known: list[int | None] = field(default_factory=list)
    outdated: list[int | None] = field(default_factory=list)
    wrong: list[tuple[int | None, str]] = field(default_factory=list)


def write(path: Path, found: Sequence[Dispute], *, hide_names: bool = False) -> None:
    """Write a CSV, or a workbook where the name ends in .xlsx, with a row per dispute and empty columns to fill in.

    A text that a spreadsheet would run gets an apostrophe in front. Raises InputError where there is such a file already:
    it may be one that is half filled in.
    """
    if path.exists():
        raise InputError("exists already; name another file for the sheet", path=path)
    rows = [[defuse(cell) for cell in _row(one, hide_names)] for one in found]
    if path.suffix.lower() == ".xlsx":
        _write_workbook(path, rows)
        return
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows([COLUMNS, *rows])
    # The mark tells spreadsheet programs that the file is UTF-8.
    write_bytes(path, text.getvalue().encode("utf-8-sig", "replace"))


def read(project: Project, path: Path, reviewer: str) -> Read:
    """What the filled-in rows decide; rows with neither a verdict nor a label are passed over.

    Raises InputError that names the lines where something in them is wrong, and where nothing is filled in.
    """
    table = read_table(path)
    for column in ("item", "verdict", "label", "cause", "note"):
        if column not in table.columns:
            raise InputError(f"has no column {column!r}; it must be a sheet that --sheet wrote", path=path)
    lines = _Lines()
    open_now = {one.name: one for one in disputes(project)}
    seen: set[str] = set()
    for at, line in enumerate(table.lines):
        cells = {name: _cell(table, name, at) for name in ("item", "verdict", "label", "cause", "note")}
        if not cells["verdict"] and not cells["label"]:
            continue
        try:
            if cells["item"] in seen:
                raise InputError(f"the item {cells['item']!r} is here twice")
            seen.add(cells["item"])
            _take_row(project, cells, line, lines, open_now, reviewer)
        except InputError as error:
            lines.wrong.append((line, str(error)))
    if lines.wrong:
        raise _refusal(path, lines.wrong)
    if not seen:
        raise InputError("nothing is filled in; write a verdict or a label", path=path)
    return Read(tuple(lines.rulings), tuple(lines.known), tuple(lines.outdated))


def _refusal(path: Path, wrong: Sequence[tuple[int | None, str]]) -> InputError:
    line, said = wrong[0]
    if others := [str(number) for number, _ in wrong[1:] if number is not None]:
        said = (
            f"{said.rstrip('.')}; something is wrong in line{'s' if len(others) > 1 else ''} {', '.join(others)}, too"
        )
    return InputError(said, path=path, line=line)


def _row(one: Dispute, hide_names: bool) -> list[str]:
    seed = one.round.seed if one.round is not None else 0
    named = letters(one.example, (vote.reviewer for vote in one.votes), seed)
    votes = sorted(one.votes, key=lambda vote: named[vote.reviewer])
    said = [_vote(vote, one, named[vote.reviewer], "" if hide_names else vote.reviewer) for vote in votes]
    sure = f" ({one.confidence:.0%})" if one.confidence is not None else ""
    return [
        f"{one.name}-{_digest(one.basis, one.now_key)}",
        str(one.now.ref),
        SAID[one.reason],
        _cut(one.now.input),
        _cut(one.now.output),
        "\n".join(said),
        f"{one.label}{sure}" if one.label is not None else "",
        *[""] * 4,
    ]


def _vote(vote: Decision, one: Dispute, letter: str, name: str) -> str:
    answer = one.answers.get(vote.id)
    said = str(vote.verdict) if answer is None else answer.label
    if answer is not None and answer.label == CHANGE and answer.example is not None:
        said = answer.example.output
    who = f"{letter} ({name})" if name else letter
    return _cut(f"{who}: {said}" + (f" – {vote.note}" if vote.note else ""))


def _digest(votes: Iterable[str], key: str) -> str:
    """Names what a row is about, so that a sheet is not taken for an answer to other votes, or on another text."""
    return hashlib.blake2b("\n".join([key, *sorted(votes)]).encode(), digest_size=4).hexdigest()


def _cut(text: str) -> str:
    return text if len(text) <= _CELL else text[: _CELL - 1] + "…"


def _write_workbook(path: Path, rows: Sequence[Sequence[str]]) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("disputes")

    def cell(text: str) -> Any:
        made = WriteOnlyCell(sheet, _NO_CELL.sub("\ufffd", text) or None)
        if text:
            made.data_type = "s"  # never a formula, a number or an error code
        return made

    sheet.append(COLUMNS)
    for row in rows:
        sheet.append([cell(text) for text in row])
    with replacing_path(path) as part:
        workbook.save(part)


# Reading


def _cell(table: Table, column: str, at: int) -> str:
    """A cell without the apostrophe that stands before what a spreadsheet would run."""
    text = table.columns[column][at].strip()
    return text[1:] if text[:1] == "'" and text[1:].lstrip("'")[:1] in FORMULA_STARTS else text


def _take_row(
    project: Project,
    cells: Mapping[str, str],
    line: int | None,
    lines: _Lines,
    open_now: Mapping[str, Dispute],
    reviewer: str,
) -> None:
    found = _NAME.fullmatch(cells["item"])
    if found is None:
        raise InputError(f"{cells['item']!r} names no item; leave that column as --sheet wrote it")
    name, digest = f"r{found[1]}-e{found[2]}", found[3]
    one = open_now.get(name)
    if one is None:
        round = project.rounds.get(found[1]) if found[1] != "0" else None
        one = dispute_of(project, int(found[2]), round)
    made = _ruling(cells, one)
    decision = ruling(made, reviewer)  # refuses what cannot be
    earlier = _adjudicated(project, one, digest)
    if earlier is not None:
        same = _same(earlier, decision, kept=cells["verdict"].casefold() == Verdict.KEEP)
        (lines.known if same else lines.outdated).append(line)
    elif name in open_now and _digest(one.basis, one.now_key) == digest:
        lines.rulings.append(made)
    else:
        lines.outdated.append(line)


def _ruling(cells: Mapping[str, str], one: Dispute) -> Ruling:
    said, label = cells["verdict"].casefold(), cells["label"]
    cause, note = _cause(cells["cause"]), cells["note"]
    if said in ("", "relabel", "label"):
        return Ruling(one, Verdict.RELABEL, label, cause, note)
    if label:
        raise InputError(f"there is the verdict {cells['verdict']!r} and the label {label!r}; leave one of them empty")
    if said in (Verdict.KEEP, Verdict.DROP):
        return Ruling(one, Verdict(said), None, cause, note)
    answer = _named(said, one)
    if answer is None:
        raise InputError(
            f"{cells['verdict']!r} is no verdict; write keep, drop, the letter of a vote, or a label into the column beside it"
        )
    verdict, value = take(one, answer)
    return Ruling(one, verdict, value, cause, note)


def _named(said: str, one: Dispute) -> Answer | None:
    """The answer of the vote with this letter."""
    match = _LETTER.fullmatch(said)
    seed = one.round.seed if one.round is not None else 0
    named = letters(one.example, (vote.reviewer for vote in one.votes), seed)
    wanted = match[1].upper() if match is not None else ""
    return next((one.answers.get(vote.id) for vote in one.votes if named[vote.reviewer] == wanted), None)


def _cause(said: str) -> Cause | None:
    if not said:
        return None
    try:
        return Cause("_".join(said.casefold().replace("-", " ").replace("_", " ").split()))
    except ValueError:
        raise InputError(f"{said!r} is no cause; it is one of {', '.join(Cause)}, or empty") from None


def _adjudicated(project: Project, one: Dispute, digest: str) -> Decision | None:
    """The adjudication in force of the same votes and text as a row of the sheet."""
    about = None if one.round is None else one.round.id
    for each in project.decisions(one.example):
        if each.kind is not Kind.ADJUDICATION or each.round != about or each.basis is None:
            continue
        if _digest(each.basis.votes, each.seen) == digest:
            return each
    return None


def _same(earlier: Decision, new: Decision, *, kept: bool) -> bool:
    """Whether an adjudication says the same as a row that is read after it, when the example has become what it says.
    `kept`: the row is to keep the example as it was before that."""
    if (earlier.reviewer, earlier.cause, earlier.note) != (new.reviewer, new.cause, new.note):
        return False
    if Verdict.DROP in (earlier.verdict, new.verdict):
        return earlier.verdict is new.verdict
    # What was decided is what the example shows now: the row asks for the same where it would change nothing.
    return earlier.verdict is Verdict.KEEP if kept else new.verdict is Verdict.KEEP
