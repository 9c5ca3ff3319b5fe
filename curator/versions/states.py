"""A state to be compared: every candidate in it and what became of it, of a project now, as it was, or at a release."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

from curator import checks
from curator.errors import InputError
from curator.model import Example, Role, content_key, question_key
from curator.outlook import Outlook, settled
from curator.store import Project, Release, ReleaseRow, shown_address

TAKEN = "in"
"""The split of what an export would take: only a release has splits."""


@dataclass(frozen=True, slots=True)
class Said:
    """What an example says: its input and its output as plain text."""

    input: str
    output: str

    @classmethod
    def of(cls, example: Example) -> Said:
        return cls(example.input, example.output)


@dataclass(frozen=True, slots=True)
class File:
    """A file that was read: its path as it was given, sha256 of its bytes, and candidate or eval."""

    path: str
    sha256: str
    role: str


Texts = Callable[[Sequence[int]], Mapping[int, Said]]
"""Texts of some rows, by their place; rows whose texts are not known are absent."""


@dataclass(frozen=True, slots=True)
class State:
    """`title` names it. `rows`: every candidate. `files`: what was read. `facts`: settings, encoder and versions, flat, each
    with a dot ("settings.seed"). `dataset`: name, version, fingerprint and the like of a release, {} for a project.
    `texts`: what rows say. `entries`: by decision (id) its number in the journal, where there is a project.
    """

    title: str
    rows: Sequence[ReleaseRow]
    files: Sequence[File]
    facts: Mapping[str, Any] = field(default_factory=dict)
    dataset: Mapping[str, Any] = field(default_factory=dict)
    texts: Texts = field(default=lambda _places: {}, repr=False)
    entries: Callable[[Sequence[str]], Mapping[str, int]] = field(default=lambda _ids: {}, repr=False)

    @property
    def is_release(self) -> bool:
        return bool(self.dataset)


def of_project(project: Project, entry: int | None = None) -> State:
    """What an export would take of the project now, or after entry `entry` of its journal, by the check before that.

    Nothing is checked: without a check only decisions leave something out. Raises InputError where there is no such entry.
    """
    name = shown_address(project.where)
    if entry is None:
        return _as_it_is(project, name)
    log = project.log(None)
    last = max((one.id for one in log), default=0)
    if not 1 <= entry <= last:
        raise InputError(f"{name} has no journal entry {entry}; its entries go from 1 to {last}, see `curator log`")
    until = replace(project.releases.where_it_stands(), journal=entry, unfinished=())
    with closing(project.as_of(until, run=_check_before(project, max(e.at for e in log if e.id <= entry)))) as then:
        return replace(_as_it_is(then, f"{name}@{entry}"), entries=project.entries_of)


def of_release(project: Project, release: Release) -> State:
    """A release as the project keeps it. Raises InputError for one of an older Curator, which kept too little."""
    rows = project.releases.rows(release.id)
    if rows is None or release.snapshot is None:
        raise InputError(
            f"release {release.number} was written by an older Curator, which kept only its splits; compare its folder "
            f"({release.folder}) instead"
        )
    files = tuple(File(one["path"], one["sha256"], one["role"]) for one in release.summary.get("sources", ()))
    return State(
        f"{shown_address(project.where)}@{release.name}-{release.number}",
        rows,
        files,
        facts_of(release.summary),
        release.summary.get("dataset", {}),
        _texts(project, rows),
        project.entries_of,
    )


def facts_of(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Settings, encoder and versions of a manifest as one level, with dots between the names."""
    return _flat({name: manifest.get(name) for name in ("settings", "encoder", "versions")})


def _flat(values: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{above}{key}.")
        elif value is not None:
            found[f"{above}{key}"] = list(value) if isinstance(value, tuple) else value
    return found


def _as_it_is(project: Project, title: str) -> State:
    standing = list(project.decisions())
    outlook, decisions = Outlook.of(project), settled(standing)[0]
    sources = {source.id: source for source in project.sources()}
    source_of = project.sources_of(Role.CANDIDATE)
    examples = list(project.examples(Role.CANDIDATE))
    rows = []
    for example in examples:
        out, decision, ref = outlook.out.get(example.id), decisions.get(example.id), example.ref
        row = ReleaseRow(
            ref.source,
            sources[source_of[example.id]].sha256,
            ref.record,
            ref.line,
            content_key(example),
            question_key(example),
            TAKEN,
        )
        if decision is not None:
            row = replace(row, decision=decision.id, reviewer=decision.reviewer, verdict=str(decision.verdict))
        if out is not None:
            row = replace(row, split="", reason=out.rule, message=out.message, finding=out.finding)
            row = replace(row, decision=out.decision) if out.rule != "decision" else row
        rows.append(row)
    return State(
        title,
        rows,
        tuple(File(source.path, source.sha256, str(source.role)) for source in sources.values()),
        _flat({"settings": {"task": str(outlook.task)} | project.settings()}),
        texts=lambda wanted: {place: Said.of(examples[place]) for place in wanted},
        entries=project.entries_of,
    )


def _check_before(project: Project, at: str) -> int | None:
    """The newest whole check that was finished by then."""
    whole = list(checks.CHECKS)
    for run in project.runs("check"):
        if run.finished is not None and run.finished <= at and list(run.settings.get("checks", ())) == whole:
            return run.id
    return None


def _texts(project: Project, rows: Sequence[ReleaseRow]) -> Texts:
    """What rows said, by their content keys: whatever was made of the examples since."""

    def texts(wanted: Sequence[int]) -> Mapping[int, Said]:
        found = project.said({rows[place].key for place in wanted}) if wanted else {}
        return {place: Said.of(found[key]) for place in wanted if (key := rows[place].key) in found}

    return texts
