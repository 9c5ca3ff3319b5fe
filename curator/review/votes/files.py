"""Files of votes, whatever they are: tables of one row per vote or one column per reviewer, and exports of annotation tools."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from curator import formats
from curator.errors import InputError
from curator.formats.annotations import when
from curator.formats.per_annotator import is_archive, is_folder
from curator.formats.records import label_set, text_of
from curator.formats.shapes import ANNOTATED, recognise
from curator.model import Example, Rejected, Verdict, Vote
from curator.review.votes.tables import Table, read_people, read_table
from curator.text import plural

DROP = "(drop)"
KEEP = "(keep)"

_TEXTS = tuple("text sentence utterance input prompt".split())
_ITEM = (*"item example id task unit record question text_id document key".split(), *_TEXTS)
_REVIEWER = tuple("reviewer annotator worker rater coder judge labeler labeller observer user username".split())
_LABEL = tuple("label answer vote category class annotation rating code value response verdict".split())
_AT = tuple("at voted_at updated_at created_at submitted_at timestamp time date".split())
_IDS = ("id", "external_id", "inner_id", "_input_hash")
_TOOLS = {
    "label-studio": "a Label Studio export",
    "label-studio-min": "a Label Studio export",
    "argilla": "an Argilla export",
    "prodigy": "a Prodigy export",
    "doccano": "a doccano export",
}


@dataclass(frozen=True, slots=True)
class Said:
    """What one reviewer said of one item, as the file has it.

    `label` is None for a skip, which is no vote; `DROP` and `KEEP` stand for those verdicts. `line` is where it stands, None
    without lines. `names`: whatever else in the record may tell which item it is, by column; `text` the item's own text.
    `at`: ISO 8601 in UTC, "" where it is not told. `question`: the one that it answers, "" where answers are objects by question.
    """

    item: str
    reviewer: str
    label: str | None
    line: int | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None
    note: str = ""
    at: str = ""
    question: str = ""


@dataclass(frozen=True, slots=True)
class VoteFile:
    """All that a file says. `item`: the column that names the items, None in an export. `notes`: what was assumed or left out."""

    path: Path
    said: tuple[Said, ...]
    item: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def votes(self) -> list[tuple[str, str, str]]:
        """Item, reviewer and label of each vote; where labels are sets, each of them is one."""
        rows = [(one.item, one.reviewer, one.label) for one in self.said if one.label is not None]
        if not any(_listed(label) is not None for label in {label for _, _, label in rows}):
            return rows
        return [(item, reviewer, _as_set(label)) for item, reviewer, label in rows]


def read_vote_file(
    path: Path,
    item: str | None = None,
    reviewer: str | None = None,
    label: str | None = None,
    *,
    one_reviewer: bool = False,
) -> VoteFile:
    """What a file says: a table whose columns are named or guessed, or the export of an annotation tool, told by its content.

    In an export `label` names the question. `one_reviewer`: a doccano file that names nobody is its namesake's.
    Raises InputError for what cannot be read so.
    """
    if item is None and reviewer is None and (found := _export(path, label, one_reviewer)) is not None:
        return found
    table = read_people(path) if is_folder(path) or is_archive(path) else read_table(path)
    names = {
        "item": _find(table, item, "--item", _ITEM),
        "reviewer": _find(table, reviewer, "--reviewer", _REVIEWER),
        "label": _find(table, label, "--label", _LABEL),
    }
    if reviewer is not None or label is not None or None not in names.values():
        return _long(table, names)
    return _wide(table, names["item"])


def _export(path: Path, question: str | None, one_reviewer: bool) -> VoteFile | None:
    """What the export of an annotation tool says; None where the file is something else."""
    shape = _tool(path)
    if shape is None:
        return None
    detection = formats.detect(path, format=shape)
    seen: Counter[str] = Counter()
    said: list[Said] = []
    rejected: list[Rejected] = []
    for record in formats.read(path, detection):
        if isinstance(record, Rejected):
            rejected.append(record)
            continue
        name = _name(record)
        seen[name] += 1
        name = name if seen[name] == 1 else f"{name} ({seen[name]})"
        said += _of_example(record, name, path.stem if one_reviewer and shape == "doccano" else "")
    if not any(one.label is not None for one in said):
        if shape == "doccano":
            return None  # lists of labels that nobody signed: perhaps a table whose columns say more
        raise InputError(f"is {_TOOLS[shape]} in which no annotator answered anything; export it again.", path=path)
    if question is not None:
        if shape == "label-studio-min" and question not in _questions(said):
            return None  # which columns of its CSV hold labels was guessed: the user knows
        said = _only(path, said, question)
    notes = [_told(shape, said), *_left_out(said, rejected)]
    return VoteFile(path, tuple(said), notes=tuple(notes))


def _tool(path: Path) -> str | None:
    """The shape of the annotation tool that most of the first records have."""
    try:
        _, sample, _ = formats.glance(path)
    except InputError:
        return None  # the table's reader says what is wrong
    shapes = Counter(shape.name if (shape := recognise(record)) else "" for record in sample)
    name, count = max(shapes.items(), key=lambda item: item[1])
    return name if name in ANNOTATED and count > len(sample) / 2 else None


def _name(example: Example) -> str:
    """What the tool calls the item, else its number in the file."""
    return next(
        (text_of(example.extra[key]) for key in _IDS if example.extra.get(key) is not None), str(example.ref.record)
    )


def _of_example(example: Example, name: str, nobody: str) -> Iterator[Said]:
    votes: Sequence[Vote] = example.votes
    if not votes and nobody and example.output:
        votes = [Vote(nobody, Verdict.KEEP, example.output)]
    names = {key: text_of(value) for key, value in example.extra.items() if isinstance(value, str | int | float)}
    for vote in votes:
        label, note = _label(vote)
        yield Said(name, vote.reviewer, label, example.ref.line, names, example.input, note, vote.at, vote.question)


def _label(vote: Vote) -> tuple[str | None, str]:
    """The label that a vote is for, and the note that is left."""
    if vote.verdict is Verdict.SKIP:
        return None, vote.note
    if vote.verdict is Verdict.DROP:
        return DROP, vote.note
    if vote.value is not None:
        return vote.value, vote.note
    return (vote.note, "") if vote.note else (KEEP, "")


def _questions(said: Sequence[Said]) -> set[str]:
    """The names of the questions that were answered."""
    named = {one.question for one in said if one.question}
    return named.union(*({str(name) for name in _object(one.label) or ()} for one in said if not one.question))


def _only(path: Path, said: Sequence[Said], question: str) -> list[Said]:
    """The answers to one of several questions; nothing was said of it where only others were answered."""
    names = _questions(said)
    if question not in names:
        hint = f"its questions are {', '.join(sorted(names))}" if names else "its questions have no names"
        raise InputError(f"has no question {question!r}; {hint}.", path=path)
    return [one if one.question == question or one.label == DROP else _part(one, question) for one in said]


def _part(said: Said, question: str) -> Said:
    answers = None if said.question else _object(said.label)
    return replace(said, label=None if answers is None else _answer(answers.get(question)))


def _answer(value: Any) -> str | None:
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return label_set(value)
    return None if value is None else text_of(value)


def _object(label: str | None) -> dict[str, Any] | None:
    if label is None or not label.startswith("{"):
        return None
    try:
        value = json.loads(label)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _told(shape: str, said: Sequence[Said]) -> str:
    votes = sum(one.label is not None for one in said)
    reviewers, items = len({one.reviewer for one in said}), len({one.item for one in said})
    of = f"{plural(votes, 'vote')} of {plural(reviewers, 'reviewer')} on {plural(items, 'item')}"
    return f"Read as {_TOOLS[shape]}: {of}."


def _left_out(said: Sequence[Said], rejected: Sequence[Rejected]) -> Iterator[str]:
    if skipped := sum(one.label is None for one in said):
        yield f"{skipped:,} of the answers say nothing (skipped, cancelled or empty) and count as skips."
    if rejected:
        first = rejected[0]
        yield f"{plural(len(rejected), 'record')} could not be read; the first: {first.ref}: {first.reason}."


# Tables


def _find(table: Table, name: str | None, option: str, usual: Sequence[str]) -> str | None:
    """The column that the user named, or the first that has a usual name."""
    if name is not None:
        if name not in table.columns:
            columns = ", ".join(table.columns)
            raise InputError(f"has no column {name!r} for {option}; its columns are {columns}.", path=table.path)
        return name
    plain = {column.strip().lower().replace(" ", "_").replace("-", "_"): column for column in table.columns}
    return next((plain[word] for name in usual for word in (name, f"{name}_id") if word in plain), None)


def _long(table: Table, names: Mapping[str, str | None]) -> VoteFile:
    for kind, column in names.items():
        if column is None:
            columns = ", ".join(table.columns)
            raise InputError(f"no column looks like the {kind}; name it with --{kind} ({columns}).", path=table.path)
    chosen = {kind: str(column) for kind, column in names.items()}
    if len(set(chosen.values())) < 3:
        raise InputError("--item, --reviewer and --label must name three different columns.", path=table.path)
    item, reviewer, label = (table.columns[chosen[kind]] for kind in ("item", "reviewer", "label"))
    others = {name: table.columns[name] for name in table.columns if name not in (chosen["reviewer"], chosen["label"])}
    told_at = next((name for name in (_find(table, None, "", _AT),) if name in others), None)
    said = []
    unnamed = 0
    for at, (i, r, value, line) in enumerate(zip(item, reviewer, label, table.lines, strict=True)):
        if not value.strip():
            unnamed += 1
            continue
        if not i.strip() or not r.strip():
            kind = "item" if not i.strip() else "reviewer"
            raise InputError(f"the {kind} of this vote is empty; fill in {chosen[kind]!r}.", path=table.path, line=line)
        cells = {name: column[at] for name, column in others.items()}
        time = when(cells[told_at]) if told_at is not None else ""
        said.append(Said(i, r.strip(), _canonical(value.strip()), line, cells, at=time))
    notes = [*table.notes]
    if unnamed:
        notes.append(f"{unnamed:,} rows have an empty label and are no votes.")
    return VoteFile(table.path, tuple(said), chosen["item"], tuple(notes))


def _wide(table: Table, item: str | None) -> VoteFile:
    names = [*table.columns]
    item = names[0] if item is None else item
    notes = [*table.notes]
    reviewers = []
    for name in names:
        if name == item:
            continue
        filled = [value for value in table.columns[name] if value.strip()]
        # A column of texts or of notes is not a reviewer's: labels repeat.
        if len(filled) >= 20 and len(set(filled)) > len(filled) / 2:
            notes.append(f"Column {name!r} was not taken for a reviewer: its values hardly repeat.")
        else:
            reviewers.append(name)
    if not reviewers:
        columns = ", ".join(names)
        raise InputError(
            f"needs a row per vote (columns for item, reviewer and label) or a column per reviewer; it has {columns}.",
            path=table.path,
        )
    _need_new_items(table, item)
    notes.append(f"Read as one row per item ({item!r}) and one column per reviewer ({len(reviewers):,}).")
    said = [
        Said(i, name, _canonical(value.strip()), line, {other: table.columns[other][at] for other in others})
        for others in [[other for other in names if other not in reviewers]]
        for name in reviewers
        for at, (i, value, line) in enumerate(zip(table.columns[item], table.columns[name], table.lines, strict=True))
        if value.strip()
    ]
    if silent := len(table.lines) - len({one.item for one in said}):
        notes.append(f"{silent:,} items have no vote and are left out.")
    return VoteFile(table.path, tuple(said), item, tuple(notes))


def _need_new_items(table: Table, item: str) -> None:
    seen: set[str] = set()
    for name, line in zip(table.columns[item], table.lines, strict=True):
        if not name.strip():
            raise InputError(f"the item is empty; fill in {item!r}.", path=table.path, line=line)
        if name in seen:
            raise InputError(
                f"the item {name!r} is here twice; for one row per vote name the columns with --item, --reviewer, --label.",
                path=table.path,
                line=line,
            )
        seen.add(name)


# Sets of labels


def _listed(label: str) -> list[Any] | None:
    """The list that a label is the JSON of, None where it is none."""
    if not label.startswith("["):
        return None
    try:
        value = json.loads(label)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, list) else None


def _canonical(label: str) -> str:
    """A set of labels in the one form that it has here; anything else as it is."""
    found = _listed(label)
    if found is None or not all(isinstance(part, str) for part in found):
        return label
    return label_set(found)


def _as_set(label: str) -> str:
    return label if _listed(label) is not None else label_set([label])
