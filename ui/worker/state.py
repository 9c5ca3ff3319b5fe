"""What a child process keeps between its jobs: the open project, and the last check of it with its vectors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from curator import checking, pipeline
from curator.checking import Checked, Each, Settings
from curator.errors import InputError
from curator.model import Source, content_key
from curator.progress import Progress, Silent
from curator.store import Calibration, Mark, Project
from curator.tasks import Task


@dataclass(frozen=True, slots=True)
class _Stand:
    """Where a project stood before it was read for a check."""

    mark: Mark
    sources: Sequence[Source]
    calibrations: Sequence[Calibration]


@dataclass(frozen=True, slots=True)
class _Kept:
    """A whole check and what it stands on: it holds as long as none of this changed."""

    checked: Checked
    settings: Settings
    before: _Stand
    texts: Mapping[int, str]
    """What each example said, by id, as its content key."""


class State:
    """One project and what was computed of it. Used by one thread."""

    def __init__(self, address: str | None, actor: str | None = None):
        self.address = address
        self.partial: Callable[[Any], None] = lambda value: None
        """Sends a partial result of the running job at once."""
        self._project = None if address is None else Project.open(address, actor=actor or None)
        self._kept: _Kept | None = None
        self._mark = Mark()
        self._open = ExitStack()

    @property
    def actor(self) -> str:
        """In whose name jobs write. The person at the window may change while the project stays open."""
        return self.project.actor

    @actor.setter
    def actor(self, name: str) -> None:
        if self._project is not None and name:
            self._project.actor = name

    @property
    def project(self) -> Project:
        """The open project. Raises InputError for a job that needs one where none is open."""
        if self._project is None:
            raise InputError("no project is open; open one first")
        return self._project

    def close(self) -> None:
        self._forget()
        if self._project is not None:
            self._project.close()

    def checked(self, settings: Settings | None = None, progress: Progress | None = None) -> Checked:
        """The check of the project as it is: kept, taken up from an earlier run, or run now; decisions as they are now."""
        found = self.current(settings, progress)
        return self.check(settings, progress) if found is None else checking.refreshed(self.project, found)

    def current(self, settings: Settings | None = None, progress: Progress | None = None) -> Checked | None:
        """The same where no check has to be run for it, else None. Its decisions may be older ones: `pipeline.plan` and
        `pipeline.export` read them anew."""
        settings, progress = self._followed(settings), progress or Silent()
        kept = self._kept
        if kept is not None and kept.settings == settings and self._holds(kept):
            kept.checked.data.progress = progress
            return kept.checked
        self._forget()
        before = self._stand()
        found = self._open.enter_context(checking.resumed(self.project, settings, progress))
        if found is None:
            self._forget()
            return None
        return self._keep(found, settings, before)

    def check(
        self, settings: Settings | None = None, progress: Progress | None = None, each: Each | None = None
    ) -> Checked:
        """Run the checks whatever is kept; `each` hears of every check that is done."""
        settings = settings or Settings()
        self._forget()
        before = self._stand()
        found = self._open.enter_context(checking.checking(self.project, settings, progress or Silent(), each))
        if settings.only or settings.skip:
            return found
        return self._keep(found, self._followed(settings), before)

    def _followed(self, given: Settings | None) -> Settings:
        """As given, then as the project remembers, then as it was checked last: what comes after a check goes by it."""
        settings = checking.settled(given or Settings(), stored := self.project.settings())
        last = next((run for run in self.project.runs("check") if checking.whole(run)), None)
        if last is None:
            return settings
        seed = given.seed if given is not None and given.seed is not None else stored.get("seed")
        return replace(
            settings,
            task=settings.task or Task(last.settings["task"]),
            seed=last.settings["seed"] if seed is None else seed,
            schema=settings.schema or last.settings.get("schema"),
            target=last.settings.get("target", settings.target),
        )

    def _stand(self) -> _Stand:
        return _Stand(self.project.mark(), self.project.sources(), self.project.calibrations())

    def _keep(self, checked: Checked, settings: Settings, before: _Stand) -> Checked:
        corpora = (checked.data.candidates, checked.data.evals)
        texts = {e.id: key for corpus in corpora for key, e in zip(corpus.keys, corpus.examples, strict=True)}
        self._kept = _Kept(checked, settings, before, texts)
        self._mark = before.mark
        return checked

    def _holds(self, kept: _Kept) -> bool:
        """True where nothing changed since that a finding could depend on: a keep or a drop does not, a relabel does."""
        change = self.project.changes_since(self._mark)
        if change is None:
            return True
        now = self._stand()
        if (now.sources, now.calibrations) != (kept.before.sources, kept.before.calibrations):
            return False
        about = sorted(change.examples & kept.texts.keys())
        if any(content_key(e) != kept.texts[e.id] for e in self.project.get_examples(about)):
            return False
        self._mark = change.mark
        return True

    def _forget(self) -> None:
        self._kept = None
        self._open.close()


def settings_of(arguments: Mapping[str, Any]) -> Settings:
    """The settings of a check from the arguments of a job. Raises InputError for names that are none."""
    task = arguments.get("task")
    settings = Settings(
        task=Task(task) if task else None,
        encoder=arguments.get("encoder") or None,
        seed=arguments.get("seed"),
        only=tuple(arguments.get("only", ())),
        skip=tuple(arguments.get("skip", ())),
    )
    pipeline.refuse_settings(settings)
    return settings
