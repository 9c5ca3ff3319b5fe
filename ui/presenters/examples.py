"""The Examples page without Qt: its columns, what is asked for, the rows as they are read, and what is said of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import numpy as np

from curator.catalogue import Catalogue, Filter
from curator.catalogue.filtering import STATUSES
from curator.model import Decision, Example, Finding, Ref, Role, Verdict
from curator.store import Project, Run
from curator.store.columns import NUMBERS, SEVERITIES, SPLITS
from curator.store.search import Query
from ui.i18n import number, tr, trn
from ui.presenters.labels import Labels, choose, suggestions
from ui.presenters.words import check_title, role_title, score_help, score_title, split_title, status_title

EXCERPT = 400
"""Characters of a text that a row holds."""
SIMILARITY = "similarity"
Range = tuple[float, float]


# Columns


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table: its title, what it says, the width of the 8-px grid, and by what the catalogue sorts it."""

    name: str
    title: str
    help: str
    width: int
    sort: str | None
    shown: bool = False
    number: bool = False


def columns() -> tuple[Column, ...]:
    """All columns, in the order in which they stand."""
    plain = [
        Column("input", tr("Input"), tr("How the input begins"), 300, "input", True),
        Column("output", tr("Output"), tr("How the output begins"), 150, "output", True),
        Column("findings", tr("Findings"), tr("What checks found, the worst first when sorted"), 150, "findings", True),
        Column("status", tr("Status"), tr("What the decisions come to"), 100, "status", True),
        Column("length", tr("Length"), tr("Characters of input and output"), 80, "length", number=True),
    ]
    scores = [Column(name, score_title(name), score_help(name), 110, name, number=True) for name in NUMBERS]
    rest = [
        Column("group", score_title("duplicate_group"), score_help("duplicate_group"), 130, "group", number=True),
        Column("reviewers", tr("Reviewers"), tr("Who decided"), 120, None),
        Column("role", tr("Role"), tr("To be trained on, or protected"), 110, None),
        Column("split", tr("Split"), tr("Where the newest export put it"), 100, "split"),
        Column("source", tr("Source"), tr("The file and the line it came from"), 190, "source"),
        Column("id", tr("Number"), tr("Its number in the project"), 90, "id", number=True),
    ]
    return (*plain, *scores, *rest)


def similarity_column() -> Column:
    """Stands first while examples like another are shown."""
    return Column(SIMILARITY, tr("Likeness"), tr("Cosine of the inputs: 1 is the same text"), 90, None, True, True)


# What is asked for


@dataclass(frozen=True)
class Like:
    """Examples that mean much the same as one, nearest first, with their cosines."""

    example: int
    ids: np.ndarray
    cosines: np.ndarray


@dataclass(frozen=True)
class Asked:
    """What the page shows. `ids`, `title`: some examples that another page named, such as those of a finding."""

    text: str = ""
    checks: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    sources: tuple[int, ...] = ()
    reviewers: tuple[str, ...] = ()
    splits: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    scores: Mapping[str, Range] = field(default_factory=dict)
    length: Range | None = None
    ids: np.ndarray | None = None
    title: str = ""
    like: Like | None = None

    def filter(self, found: np.ndarray | None) -> Filter:
        """As the catalogue takes it; `found`: what a search for the text found."""
        role = Role(self.roles[0]) if len(self.roles) == 1 else None
        return Filter(
            self.ids if self.like is None else self.like.ids,
            self.text,
            found,
            role,
            self.checks,
            self.labels,
            self.statuses,
            self.sources,
            self.reviewers,
            self.scores,
            self.length,
            self.splits,
        )

    @property
    def narrowed(self) -> bool:
        """Whether anything was asked for."""
        return bool(self.text.strip()) or not self.filter(None).empty


@dataclass(frozen=True, eq=False)
class Looked:
    """The answer: the catalogue that was looked at, the places in it and the ids, in order. `by_words`: the text was looked up
    in the index, else looked for anywhere in the texts; None where no text was asked for."""

    rows: Catalogue
    places: np.ndarray
    ids: np.ndarray
    by_words: bool | None = None


def look(project: Project, rows: Catalogue, asked: Asked, sort: str, descending: bool) -> Looked:
    """Find and sort; for the reading thread."""
    found, by_words = None, None
    if asked.text.strip():
        by_words = project.searches_by_words(asked.text)
        found = project.search(asked.text)
    wanted = asked.filter(found)
    if asked.like is not None and sort == SIMILARITY:
        keep = rows.matches(wanted)
        nearest = rows.places(asked.like.ids)
        places = nearest[keep[nearest]]
        places = places[::-1] if descending else places
    else:
        places = rows.order(wanted, "id" if sort == SIMILARITY else sort, descending)
    return Looked(rows, places, rows.ids[places], by_words)


@dataclass(frozen=True, slots=True)
class Option:
    """One of the words of a filter: what is asked for, what it is called, and how many examples have it."""

    value: Any
    title: str
    count: int


def options(rows: Catalogue, kind: str) -> list[Option]:
    """The words of a filter that any example has, in their order."""
    if kind == "checks":
        made = [Option(name, check_title(name), n) for name, n in rows.check_counts().items()]
        return sorted((one for one in made if one.count), key=lambda one: -one.count)
    if kind == "labels":
        counts = rows.tally(rows.label, len(rows.labels))
        made = [Option(name, name or tr("(empty)"), int(n)) for name, n in zip(rows.labels, counts, strict=True)]
        return sorted((one for one in made if one.count), key=lambda one: (-one.count, one.title))
    if kind == "statuses":
        return _coded(rows, rows.status, STATUSES, status_title)
    if kind == "splits":
        return _coded(rows, rows.split, SPLITS, lambda name: split_title(name) if name else tr("In no split"))
    if kind == "sources":
        counts = rows.tally(rows.source, len(rows.sources))
        return [Option(one.id, short_path(one.path), int(n)) for one, n in zip(rows.sources, counts, strict=True)]
    if kind == "roles":
        counts = rows.tally(rows.source, len(rows.sources))
        by_role = {
            role: sum(int(n) for one, n in zip(rows.sources, counts, strict=True) if one.role is role) for role in Role
        }
        return [Option(str(role), role_title(role), n) for role, n in by_role.items() if n]
    made = [Option(name, name, int(np.count_nonzero(rows.decided_by([name])))) for name in rows.reviewers]
    return [one for one in made if one.count]


def _coded(rows: Catalogue, column: np.ndarray, names: Sequence[str], title: Any) -> list[Option]:
    counts = rows.tally(column, len(names))
    return [Option(name, title(name), int(n)) for name, n in zip(names, counts, strict=True) if n]


def kind_title(kind: str) -> str:
    """What a filter is called."""
    return {
        "checks": tr("Check"),
        "labels": tr("Label"),
        "statuses": tr("Status"),
        "sources": tr("Source"),
        "reviewers": tr("Reviewer"),
        "splits": tr("Split"),
        "roles": tr("Role"),
        "scores": tr("Scores"),
    }[kind]


KINDS = ("checks", "labels", "statuses", "sources", "reviewers", "splits", "roles")
"""Filters that are lists of words."""


def scored(rows: Catalogue) -> list[str]:
    """The scores that any example has."""
    return [name for name in NUMBERS if name in rows.scores and not np.isnan(rows.scores[name]).all()]


@dataclass(frozen=True)
class Chip:
    """A filter in force, and what is asked for without it."""

    text: str
    without: Asked


def chips(rows: Catalogue, asked: Asked) -> list[Chip]:
    """The filters in force but the text, which stands in its field."""
    made = []
    if asked.like is not None:
        made.append(Chip(tr("Like number {id}", id=asked.like.example), replace(asked, like=None)))
    if asked.ids is not None:
        made.append(Chip(asked.title or tr("Chosen examples"), replace(asked, ids=None, title="")))
    for kind in KINDS:
        chosen = getattr(asked, kind)
        if chosen:
            titles = {one.value: one.title for one in options(rows, kind)}
            names = [titles.get(value, str(value)) for value in chosen]
            said = ", ".join(names[:2]) + (tr(" and {n} more", n=number(len(names) - 2)) if len(names) > 2 else "")
            made.append(Chip(f"{kind_title(kind)}: {said}", replace(asked, **{kind: ()})))
    for name, (low, high) in asked.scores.items():
        rest = {other: bounds for other, bounds in asked.scores.items() if other != name}
        made.append(Chip(f"{score_title(name)}: {number(low, 2)}–{number(high, 2)}", replace(asked, scores=rest)))
    if asked.length is not None:
        low, high = asked.length
        said = f"{number(low)}–{number(high)}" if high < np.inf else tr("from {n}", n=number(low))
        made.append(Chip(f"{tr('Length')}: {said}", replace(asked, length=None)))
    return made


def shown_text(shown: int, total: int) -> str:
    """How many of how many."""
    if shown == total:
        return trn("{n} example", "{n} examples", total)
    return trn("{shown} of {n} example", "{shown} of {n} examples", total, shown=number(shown))


# Rows


@dataclass(frozen=True, slots=True)
class RowText:
    """What of an example is read from the project for its row."""

    input: str
    output: str
    where: str


def first_rows(project: Project, number: int, read: int) -> tuple[np.ndarray, dict[int, RowText]]:
    """Ids of the first rows, and the texts of the first of those: there long before the catalogue is."""
    ids = project.columns().first(number)
    return ids, read_rows(project, ids[:read].tolist())


def read_rows(project: Project, ids: Sequence[int]) -> dict[int, RowText]:
    """The texts of some rows; for the reading thread."""
    told = project.columns().said(ids)
    return {id: RowText(_excerpt(before), _excerpt(after), short_ref(ref)) for id, ref, before, after in told}


def _excerpt(text: str) -> str:
    return " ".join(text[: 2 * EXCERPT].split())[:EXCERPT]


def short_ref(ref: Ref) -> str:
    """The file without its folders, and the line."""
    path, line = short_path(ref.source), ref.line
    return (
        tr("{file}, record {n}", file=path, n=number(ref.record))
        if line is None
        else tr("{file}, line {n}", file=path, n=line)
    )


def short_path(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2] or path


def cell(rows: Catalogue, place: int, name: str) -> str:
    """What a cell says that needs no text of the example."""
    if name == "status":
        return status_title(STATUSES[rows.status[place]]) if rows.status[place] else ""
    if name == "findings":
        return ", ".join(map(check_title, rows.checks_at(place)))
    if name == "length":
        return number(int(rows.length[place]))
    if name in rows.scores:
        value = float(rows.scores[name][place])
        return "" if np.isnan(value) else number(value, 2)
    if name == "group":
        return "" if rows.group[place] < 0 else str(rows.group[place])
    if name == "reviewers":
        return ", ".join(rows.reviewers_at(place))
    if name == "role":
        return role_title(rows.sources[rows.source[place]].role)
    if name == "split":
        return split_title(SPLITS[rows.split[place]]) if rows.split[place] else ""
    return str(rows.ids[place]) if name == "id" else ""


def severity(rows: Catalogue, place: int) -> str:
    """The worst severity of what was found, "" without findings."""
    return SEVERITIES[rows.severity[place]]


# The detail


@dataclass(frozen=True, slots=True)
class Detail:
    """An example with all that is known of it. `findings` the gravest first; `history` the newest first; `standing`: the ids
    of the decisions in force; `dismissed`: those of the findings that they dismiss."""

    example: Example
    findings: tuple[Finding, ...]
    history: tuple[Decision, ...]
    standing: frozenset[str]
    dismissed: frozenset[str]
    key: str


_GRAVE = {"error": 0, "warning": 1, "info": 2}


def read_detail(project: Project, id: int) -> Detail:
    """For the reading thread."""
    from curator.model import content_key
    from curator.review.judging import dismissals

    (example,) = project.get_examples([id])
    found = [f for run, checks in _runs(project) for f in project.findings(run, example=id) if f.check in checks]
    found.sort(key=lambda f: (_GRAVE[str(f.severity)], -f.score))
    standing = list(project.decisions(id))
    history = tuple(reversed(list(project.decisions(id, history=True))))
    dismissed = dismissals(standing)
    return Detail(example, tuple(found), history, frozenset(d.id for d in standing), dismissed, content_key(example))


def _runs(project: Project) -> list[tuple[int, set[str]]]:
    """The newest check run, and for what it has not come to the newest finished one."""
    listed = project.runs("check")
    made: list[tuple[int, set[str]]] = []
    seen: set[str] = set()
    for run in _counting(listed):
        made.append((run.id, set(run.checks) - seen))
        seen |= set(run.checks)
    return made


def _counting(listed: Iterable[Run]) -> list[Run]:
    made: list[Run] = []
    for run in listed:
        if run.finished is not None:
            return [*made, run]
        if not made:
            made.append(run)
    return made


def local_time(at: str) -> str:
    """A time of the journal as the clock on the wall had it, to the minute."""
    return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d %H:%M")


def decision_text(decision: Decision) -> str:
    """What somebody decided, in a few words."""
    said = {
        "keep": tr("kept it"),
        "drop": tr("dropped it"),
        "relabel": tr("relabelled it as “{value}”", value=decision.value or ""),
        "edit": tr("edited it"),
        "flag": tr("flagged it"),
        "skip": tr("skipped it"),
    }[str(decision.verdict)]
    if str(decision.verdict) == "keep" and decision.value and not decision.imported:
        n = len(decision.value.split())
        said = trn("kept it and dismissed {n} finding", "kept it and dismissed {n} findings", n)
    if decision.imported:
        said = (
            tr("labelled it in the file: {value}", value=decision.value)
            if decision.value
            else tr("decided in the file")
        )
    return f"{decision.reviewer} {said}"


def suggested_label(detail: Detail) -> str | None:
    """The label that a finding proposes for the example."""
    for finding in detail.findings:
        proposed = finding.suggestion
        if proposed is not None and proposed.action is Verdict.RELABEL and detail.example.id in proposed.examples:
            return proposed.value_for(detail.example.id)
    return None


def read_labels(project: Project, rows: Catalogue) -> Labels:
    """The labels with their number keys, as the Review page has them; for the reading thread."""
    if not rows.labels:
        return Labels()
    candidates = np.array([source.role is Role.CANDIDATE for source in rows.sources], bool)
    counts = rows.tally(rows.label, len(rows.labels), candidates[rows.source])
    counted = {name: int(n) for name, n in zip(rows.labels, counts, strict=True) if n}
    proposed = (
        f for run, checks in _runs(project) if "label_error" in checks for f in project.findings(run, "label_error")
    )
    return choose(counted, suggestions(proposed))


def words_of(typed: str) -> tuple[str, ...]:
    """The words and phrases that a search looks for, to be marked in what it found."""
    return Query.of(typed).phrases
