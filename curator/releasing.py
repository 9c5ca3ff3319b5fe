"""What a release rests on, and what it is called: taken down as it is written, so that it can be written again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

from curator import checking, release, versions
from curator.checking import Checked, Settings
from curator.model import Role, Source, content_key
from curator.reports.data import CheckReport
from curator.store import Mark, Project, Release, ReleaseRow, Snapshot
from curator.store.releases import checked_name, name_from
from curator.tasks import Task
from curator.text import plural

HARMLESS = ("check", "create", "judge", "ask", "grant")
"""Actions after which a release is made of the same as before."""


def as_it_stands(project: Project, checked: Checked, before: Snapshot, mark: Mark) -> tuple[Snapshot, Checked]:
    """How far the project is, and the check with the decisions of that moment: others may have decided while it went on.

    Where they changed what was checked, it stays at what was `before`; the release then says that the project has moved.
    """
    if not project.releases.moved(before, HARMLESS):
        return before, checked
    change = project.changes_since(mark)
    corpora = (checked.data.candidates, checked.data.evals)
    keys = {e.id: key for c in corpora for key, e in zip(c.keys, c.examples, strict=True)}
    touched = project.get_examples(sorted(change.examples & keys.keys())) if change is not None else []
    rewritten = any(content_key(example) != keys[example.id] for example in touched)
    if change is None or change.sources or change.settings or change.cuts or rewritten:
        return before, checked
    now = project.snapshot()
    return now, checking.refreshed(project, checked)


def sources(project: Project, report: CheckReport) -> dict[int, Source]:
    """The file that each candidate came from."""
    by_id = {source.id: source for source in report.sources}
    return {example: by_id[id] for example, id in project.sources_of(Role.CANDIDATE).items() if id in by_id}


def plain(settings: Settings) -> dict[str, Any]:
    """The settings of a check as plain values; `settings_again` undoes it."""
    return asdict(settings) | {"task": None if settings.task is None else str(settings.task)}


def settings_again(values: Mapping[str, Any]) -> Settings:
    """The settings that `plain` was given."""
    task, only, skip = values["task"], tuple(values["only"]), tuple(values["skip"])
    return Settings(**{**values, "task": None if task is None else Task(task), "only": only, "skip": skip})


def named(project: Project, wanted: release.Wanted, rows: Mapping[int, ReleaseRow]) -> release.Named:
    """The name and number of the release that is to be written, and what differs from the one before."""
    before = project.releases.all()
    last = before[-1] if before else None
    name = checked_name(wanted.name) if wanted.name else usual_name(project)
    number = 1 + (last.number if last is not None else 0)
    if last is None or (old := project.releases.rows(last.id)) is None:
        return release.Named(name, number, rows)
    dataset = last.summary.get("dataset", {})
    counts = versions.counts_between(old, list(rows.values()))
    parent = {"name": last.name, "version": last.number, "fingerprint": dataset.get("fingerprint"), "changes": counts}
    return release.Named(name, number, rows, parent)


def usual_name(project: Project) -> str:
    """What the dataset of a project is called where nobody says: as its file, its database, or the first file it read."""
    where = project.where
    if project.is_temporary:
        where = next((source.path for source in project.sources() if source.role is Role.CANDIDATE), "")
    elif "://" in where:
        where = urlsplit(where).path
    return name_from(PurePath(where.replace("\\", "/")).stem)


def told(made: Release) -> str:
    """A release in a few words: what it is called, its examples, when and where it was written."""
    examples = made.summary.get("dataset", {}).get("examples")
    size = "" if examples is None else f"{plural(examples, 'example')}, "
    return f"{made.title} ({size}{made.at[:10]}, {made.folder})"
