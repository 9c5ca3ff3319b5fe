"""Fills the index of the search a little at a time, so that neither rows nor decisions wait for it."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from curator.errors import CuratorError
from curator.progress import Silent
from curator.store import Project
from curator.store.search import Indexed
from ui.i18n import share, tr
from ui.session import Session

SLICE = 0.25
"""Seconds of one piece of work on a reading thread."""
LATER_MS = 5_000


class Indexing(QObject):
    """`moved()` with each step, `finished()` once it is complete."""

    moved = Signal()
    finished = Signal()

    def __init__(self, session: Session):
        super().__init__()
        self._session = session
        self.state: Indexed | None = None
        self._running = False
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(LATER_MS)
        self._later.timeout.connect(self.start)

    def start(self) -> None:
        """Bring the index up to date, if it is not being done."""
        if not self._running:
            self._running = True
            self._step()

    def start_later(self) -> None:
        """Texts changed: take them up when a little time has gone by."""
        self._later.start()

    def hint(self, by_words: bool | None) -> str:
        """How the text was found, where that is worth saying."""
        state = self.state
        if by_words is not False or state is None:
            return ""
        if state.possible and not state.complete and state.total:
            done = share(state.done / state.total)
            return tr("found anywhere in the texts; the index of words is {done} done", done=done)
        return tr("found anywhere in the texts")

    def _step(self) -> None:
        self._session.read(_work, self._took, key="examples.index", failed=self._failed)

    def _took(self, state: Indexed) -> None:
        before, self.state = self.state, state
        if state.possible and not state.complete:
            self.moved.emit()
            self._step()
            return
        self._running = False
        if before is None or not before.complete:
            self.finished.emit()

    def _failed(self, error: CuratorError) -> None:
        self._running = False
        self._session.trouble.emit(str(error))


def _work(project: Project) -> Indexed:
    project.index_texts(Silent(), SLICE)
    return project.indexed()
