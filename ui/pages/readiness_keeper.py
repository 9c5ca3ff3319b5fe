"""What the pages know of readiness: the answers, and the last weighing. One for each open project."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from curator.errors import CuratorError
from ui.context import Context
from ui.i18n import tr
from ui.presenters import readiness as presenter
from ui.presenters.readiness import Held

if TYPE_CHECKING:
    from curator.readiness import Answers
    from curator.store import Change
    from ui.jobs import Jobs
    from ui.session import Session


class Keeper(QObject):
    """Lives as long as the session, so that a window that is made anew shows what was there. `changed()` whenever anything is.

    `stale`: what was weighed may be otherwise by now. `running`: it is being weighed.
    """

    changed = Signal()

    def __init__(self, session: Session, jobs: Jobs):
        super().__init__(session)
        self._session, self._jobs = session, jobs
        self.held = Held(where=session.project.where)
        self.stale, self.running, self.unchecked = True, False, False
        self.files: tuple[str, ...] = ()
        self._read = False
        session.changed.connect(self._changed)

    @classmethod
    def of(cls, context: Context) -> Keeper:
        """That of the open project, made where there is none yet."""
        session = context.need_session()
        found = session.findChild(Keeper)
        return found if found is not None else cls(session, context.jobs)

    def begin(self) -> None:
        """Read the answers, once."""
        if not self._read:
            self._read = True
            self._session.read(presenter.read, self._take_answers, key="readiness.answers")

    def size(self, count: int, candidates: int, task: Any, *, checked: bool) -> None:
        """The overview knows how many examples remain."""
        self.held = presenter.sized(self.held, count, candidates, task, checked=checked)
        self.changed.emit()

    def weigh(self) -> None:
        """Measure all points beside the window; while that goes on nothing is begun again."""
        if self.running:
            return
        self.running, self.stale = True, False
        self._jobs.start(
            "ready",
            {"production": list(self.files)},
            title=tr("Weighing whether to fine-tune"),
            done=self._weighed,
            failed=self._failed,
            replace="ready",
        ).cancelled.connect(self._stopped)
        self.changed.emit()

    def cover(self, files: tuple[str, ...]) -> None:
        """Compare with these files of production inputs; none: without."""
        self.files = files
        self.weigh()

    def answer(self, question: str, said: bool | None) -> None:
        """One question is answered, or its answer taken back."""
        from curator.readiness import Answers

        self._keep((self.held.answers or Answers()).with_answer(question, said))

    def score(self, values: dict[str, str]) -> None:
        """What the prompt scores and must score, as typed. Raises InputError for what is no share."""
        from curator.readiness import Answers

        before = self.held.answers or Answers()
        after = Answers.of(before.as_json() | {"score": None, "target": None} | values)
        if after != before:
            self._keep(after)
            if self.held.whole:
                self.weigh()  # what the eval set must show depends on it

    def _keep(self, answers: Answers) -> None:
        self._take_answers(answers)
        self._session.write(lambda project: presenter.write(project, answers))

    def _take_answers(self, answers: Answers) -> None:
        self.held = replace(self.held, answers=answers)
        self.changed.emit()

    def _weighed(self, result: Any) -> None:
        self.running, self.unchecked = False, not result["checked"]
        self.held = presenter.weighed(self.held, result)
        self.changed.emit()

    def _failed(self, sentence: str) -> None:
        self._stopped()
        self.files = ()  # the next weighing goes without the file that could not be read
        self._session.trouble.emit(sentence)

    def _stopped(self) -> None:
        self.running = False
        self.changed.emit()

    def _changed(self, change: Change) -> None:
        if change.settings and all(entry.action == "settings" for entry in change.entries) and not change.sources:
            self._session.read(presenter.read, self._take_answers, key="readiness.answers", failed=self._not_read)
            return
        self.stale = True
        self.changed.emit()

    def _not_read(self, error: CuratorError) -> None:
        self._session.trouble.emit(str(error))
