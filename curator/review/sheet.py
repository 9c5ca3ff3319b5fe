"""A sheet of findings that a reviewer fills in with yes and no, in any spreadsheet program."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from curator.errors import InputError
from curator.files import write_bytes
from curator.formats.write import defuse
from curator.model import Example, Finding, Verdict
from curator.review.votes.tables import read_table

ANSWER = "right"
COLUMNS = ("finding", "score", "message", "proposal", "input", "output", "other_input", "other_output", ANSWER)
_YES = frozenset({"yes", "y", "1", "true"})
_NO = frozenset({"no", "n", "0", "false"})
_OTHERS = 5
"""Other examples of a finding that are shown; its message says how many there are."""
_CELL = 6_000
"""Characters of a text that are shown: spreadsheet programs take 32,767 in a cell, and five texts must fit."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One filled-in row: the id of a finding, and whether it is right."""

    finding: str
    right: bool
    line: int | None


@dataclass(frozen=True, slots=True)
class Question:
    """A finding as a reviewer reads it; `others`: the other examples that it names, input and output of each."""

    message: str
    proposal: str
    input: str
    output: str
    others: tuple[tuple[str, str], ...]


def question(finding: Finding, examples: Mapping[int, Example]) -> Question:
    """What to show of a finding. `examples` by id."""
    first, *others = (examples[id] for id in finding.examples)
    return Question(
        finding.message,
        proposal(finding, examples),
        _shown(first.input),
        _shown(first.output),
        tuple((_shown(other.input), _shown(other.output)) for other in others[:_OTHERS]),
    )


def proposal(finding: Finding, examples: Mapping[int, Example]) -> str:
    """What the finding proposes, in words; "" for nothing."""
    proposed = finding.suggestion
    if proposed is None or not proposed.examples:
        return ""
    where = (
        "this"
        if proposed.examples == finding.examples[:1]
        else ", ".join(_ref(id, examples) for id in proposed.examples)
    )
    value = proposed.value_for(proposed.examples[0])
    to = f" as {_shown(value)}" if proposed.action is Verdict.RELABEL and value is not None else ""
    return f"{proposed.action} {where}{to}"


def _ref(id: int, examples: Mapping[int, Example]) -> str:
    return str(examples[id].ref) if id in examples else str(id)


def _shown(text: str) -> str:
    return text if len(text) <= _CELL else text[: _CELL - 1] + "…"


def write(path: Path, findings: Sequence[Finding], examples: Mapping[int, Example]) -> None:
    """Write a CSV with a row per finding and an empty column to fill in.

    A text that a spreadsheet would run gets an apostrophe in front. Raises InputError where there is such a file already:
    it may be one that is half filled in.
    """
    if path.exists():
        raise InputError("exists already; name another file for the sheet", path=path)
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for finding in findings:
        shown = question(finding, examples)
        cells = (
            shown.message,
            shown.proposal,
            shown.input,
            shown.output,
            _numbered([one for one, _ in shown.others]),
            _numbered([one for _, one in shown.others]),
        )
        # With the check before it no program takes an id of digits alone for a number.
        rows.writerow([f"{finding.check}:{finding.id}", f"{finding.score:.6f}", *map(defuse, cells), ""])
    # The mark tells spreadsheet programs that the file is UTF-8.
    write_bytes(path, text.getvalue().encode("utf-8-sig", "replace"))


def _numbered(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else "\n".join(f"{at}) {text}" for at, text in enumerate(texts, 1))


def read(path: Path, check: str, known: Iterable[str]) -> list[Answer]:
    """The filled-in rows of a sheet; empty cells are skipped.

    Raises InputError, with the line, for a word that is neither yes nor no, a finding of another check or one that is not
    among the `known` ids, a finding that is answered twice, and where nothing is filled in.
    """
    table = read_table(path)
    for column in ("finding", ANSWER):
        if column not in table.columns:
            raise InputError(f"has no column {column!r}; it must be a sheet that --ask wrote", path=path)
    known = set(known)
    answers: dict[str, Answer] = {}
    for name, word, line in zip(table.columns["finding"], table.columns[ANSWER], table.lines, strict=True):
        said = word.strip().casefold()
        if not said:
            continue
        of, _, id = name.strip().rpartition(":")
        if of and of != check:
            raise InputError(f"this finding is one of {of}, not of {check}", path=path, line=line)
        if id not in known:
            raise InputError(
                f"{check} found no {id!r} when it was last asked; write a new sheet with --ask", path=path, line=line
            )
        if said not in _YES | _NO:
            raise InputError(f"{word.strip()!r}, said of {name.strip()}, is neither yes nor no", path=path, line=line)
        if id in answers:
            raise InputError(f"the finding {id} is here twice", path=path, line=line)
        answers[id] = Answer(id, said in _YES, line)
    if not answers:
        raise InputError(f"nothing is filled in; write yes or no into the column {ANSWER!r}", path=path)
    return list(answers.values())
