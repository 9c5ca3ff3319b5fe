"""What a release rests on, and what it is called: taken down as it is written, so that it can be written again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

from curator import checking, release, versions
from curator.checking import Checked, Settings
from curator.checks import Data
from curator.model import Role, Source, content_key
from curator.reports.data import CheckReport
from curator.store import Mark, Project, Release, ReleaseRow, Snapshot
from curator.store.release_contents import pack
from curator.store.releases import checked_name, name_from
from curator.store.schema import dumps, loads
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


def memory(project: Project, again: Release | None) -> Mapping[str, str]:
    """The splits that earlier releases decided; where one is written `again`, those of the releases before it."""
    return project.releases.splits() if again is None else project.releases.splits(before=again.id)


def unchanged(
    project: Project, wanted: release.Wanted, kept: Snapshot, selection: release.Selection, data: Data
) -> Release | None:
    """The newest release where the one that is to be written would be the same again, as far as can be told before."""
    last = next(reversed(project.releases.all()), None)
    if last is None or last.snapshot is None or last.snapshot.moved:
        return None
    name = checked_name(wanted.name) if wanted.name else usual_name(project)
    asked = (name, _stored(kept.wanted), _stored(kept.check), release.versions())
    if asked != (last.name, last.snapshot.wanted, last.snapshot.check, last.summary.get("versions")):
        return None
    rows = project.releases.rows(last.id) or []
    keys = data.candidates.keys
    taken = sorted(keys[index] for index in selection.chosen)
    if taken != sorted(row.key for row in rows if row.written):
        return None
    left = sorted((keys[index], exclusion.rule) for index, exclusion in selection.out.items())
    return last if left == sorted((row.key, row.reason) for row in rows if not row.written) else None


def _stored(values: Mapping[str, Any]) -> Any:
    """Plain values as they are read from the project again."""
    return loads(dumps(dict(values)))


def same(before: Release, rows: Mapping[int, ReleaseRow]) -> release.Named:
    """A release that is written once more, under the name and number that it has."""
    return release.Named(before.name, before.number, rows, before.summary["parent"])


class Another(Exception):
    """What was written is not the release that it was taken for."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """Keeps a release in the project once it is written. `before`: it was taken for this one, written once more.

    Called, it raises Another where it is not that one, EnvironmentFailure where another release took its number meanwhile.
    """

    project: Project
    folder: str
    kept: Snapshot
    named: release.Named
    splits: Mapping[str, str]
    before: Release | None

    def __call__(self, made: release.Written) -> None:
        if self.before is not None:
            if made.sha256 != self.before.manifest:
                raise Another
            self.project.releases.add_again(self.before, self.folder)
            return
        self.project.releases.add(
            self.folder,
            made.settings,
            self.splits,
            HARMLESS,
            name=self.named.name,
            number=self.named.number,
            manifest=made.sha256,
            snapshot=self.kept,
            summary=made.document,
            content=pack(self.named.rows.values()),
        )


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
