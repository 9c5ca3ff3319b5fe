"""The open project, as the window works with it: reads and writes off the main thread, and word of every change.

Writes go one after the other through a single thread, so that a decision is committed before the one after it, and a
database that is busy never holds up the window. Reads run beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal
from shiboken6 import isValid

from curator.errors import CuratorError
from curator.model import Decision
from curator.store import JournalEntry, Mark, Project
from ui.jobs import broke

T = TypeVar("T")
POLL_MS = 700
READERS = 2


class Session(QObject):
    """One open project. Signals: `changed(Change)`, `catalogue_changed()`, `trouble(str)`, `reviewer_changed()`."""

    changed = Signal(object)
    catalogue_changed = Signal()
    trouble = Signal(str)
    reviewer_changed = Signal()
    _arrived = Signal(object)

    def __init__(self, project: Project, reviewer: str):
        super().__init__()
        self.project = project
        project.actor = reviewer
        self.catalogue: Any = None
        """`curator.catalogue.Catalogue`, None until it is loaded."""
        self._closed = self._following = False
        self._unwritten: list[str] = []
        self._round = 0
        self._newest: dict[str, int] = {}
        self._number = 0
        self._mark: Mark = project.mark()  # only the writing thread looks at it from here on
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="curator-write")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="curator-read")
        self._quick = ThreadPoolExecutor(1, thread_name_prefix="curator-quick")
        self._cataloguer = ThreadPoolExecutor(1, thread_name_prefix="curator-catalogue")
        self._arrived.connect(self._deliver)
        self._polling = self._look_again = False
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        self._submit(self._cataloguer, self._load_catalogue, self._take_catalogue, lambda: False)

    @property
    def reviewer(self) -> str:
        return self.project.actor

    def set_reviewer(self, name: str) -> None:
        """Decisions are this person's from now on."""
        self.project.actor = name
        self.reviewer_changed.emit()

    def close(self) -> list[str]:
        """Finish what is being written, and leave the project; returns why something could not be written any more."""
        self._timer.stop()
        self._closed = True
        # A long reading ends by itself, and nobody hears of it: only what is written is waited for.
        for pool in (self._readers, self._quick, self._cataloguer):
            pool.shutdown(wait=False, cancel_futures=True)
        self._writer.shutdown(wait=True)
        self.project.close()
        return self._unwritten

    def forget_readers(self) -> None:
        """Let go of answers that are still to come: whoever asked is gone."""
        self._round += 1

    def read(
        self,
        work: Callable[[Project], T],
        then: Callable[[T], object],
        key: str = "",
        failed: Callable[[CuratorError], object] | None = None,
        quick: bool = False,
    ) -> None:
        """Run `work` beside the window and give its result to `then`; of several with one `key` only the newest is told.

        `quick`: it takes a few milliseconds, such as the texts of a page of rows, and need not wait for what takes long.
        """
        self._number += 1
        mine = self._number
        if key:
            self._newest[key] = mine
        self._submit(
            self._quick if quick else self._readers,
            lambda: work(self.project),
            then,
            lambda: bool(key) and self._newest[key] != mine,
            failed,
        )

    def write(
        self,
        work: Callable[[Project], T],
        then: Callable[[T], object] | None = None,
        failed: Callable[[CuratorError], object] | None = None,
    ) -> None:
        """Run `work`, which changes the project, after all writes before it; `then` hears when it is on disk."""
        self._submit(self._writer, lambda: work(self.project), then, lambda: False, failed)
        self.look()

    def decide(
        self,
        decisions: Sequence[Decision],
        then: Callable[[JournalEntry], object] | None = None,
        failed: Callable[[CuratorError], object] | None = None,
    ) -> None:
        """Commit decisions together, as one entry of the journal."""
        listed = list(decisions)
        self.write(lambda project: project.decide(listed), then, failed)

    def undo(self, then: Callable[[JournalEntry], object] | None = None) -> None:
        """Undo the newest thing that this reviewer did."""
        me = self.reviewer
        self.write(lambda project: project.undo(actor=me, by=me), then)

    def redo(self, then: Callable[[JournalEntry], object] | None = None) -> None:
        """Do again what was undone last."""
        me = self.reviewer
        self.write(lambda project: project.redo(actor=me, by=me), then)

    def look(self) -> None:
        """See whether anybody changed the project: this window, another one, the command line or a job."""
        self._look_again = self._polling  # what is written behind a look that is under way needs one of its own
        if not self._polling and not self._closed:
            self._polling = True
            self._submit(self._writer, self._what_changed, self._tell_change, lambda: False, self._not_seen)

    def _what_changed(self) -> Any:
        change = self.project.changes_since(self._mark)
        if change is not None:
            self._mark = change.mark
        return change

    def _tell_change(self, change: Any) -> None:
        self._polling = False
        if self._look_again:
            self.look()
        if change is None:
            return
        self._bring_up_to_date()
        self.changed.emit(change)

    def _bring_up_to_date(self) -> None:
        """Let the catalogue follow; it asks the project itself what changed, so one that waits is enough."""
        if self.catalogue is not None and not self._following:
            self._following, held = True, self.catalogue
            self._submit(self._cataloguer, lambda: self._followed(held), self._take_catalogue, lambda: False)

    def _followed(self, held: Any) -> Any:
        self._following = False  # what changes from here on needs another look
        return held.updated(self.project)

    def _not_seen(self, error: CuratorError) -> None:
        self._polling = False
        self.trouble.emit(str(error))

    def _load_catalogue(self) -> Any:
        from curator.catalogue import Catalogue

        return Catalogue.load(self.project)

    def _take_catalogue(self, catalogue: Any) -> None:
        first, self.catalogue = self.catalogue is None, catalogue
        self.catalogue_changed.emit()
        if first:
            self._bring_up_to_date()  # with what was decided while it was read

    def _submit(
        self,
        where: ThreadPoolExecutor,
        work: Callable[[], T],
        then: Callable[[T], object] | None,
        stale: Callable[[], bool],
        failed: Callable[[CuratorError], object] | None = None,
    ) -> None:
        if self._closed:
            return
        asked = self._round
        # What writes or keeps the catalogue belongs to the session itself; answers to pages end with the pages.
        lasting = where not in (self._readers, self._quick)

        def done(future: Future[T]) -> None:
            if self._closed:
                if where is self._writer and (error := future.exception()) is not None:
                    self._unwritten.append(str(error))
            elif not future.cancelled():
                self._arrived.emit(_Answer(future, then, failed, stale, asked if not lasting else None))

        where.submit(work).add_done_callback(done)

    def _deliver(self, answer: _Answer) -> None:
        if self._closed or answer.stale():
            return
        if answer.round is not None and (answer.round != self._round or _is_gone(answer.then)):
            return
        error = answer.future.exception()
        if error is None:
            if answer.then is not None:
                answer.then(answer.future.result())
        elif not isinstance(error, CuratorError):
            if answer.failed is not None:
                answer.failed(CuratorError(broke()))  # who waits goes on: keys that wait for ever would be lost
            raise error  # a bug of ours: it reaches the crash report
        elif answer.failed is not None:
            answer.failed(error)
        else:
            self.trouble.emit(str(error))


def _is_gone(then: Callable[..., object] | None) -> bool:
    """Whether who waits for an answer is deleted: a page may ask once more while the window is made anew."""
    owner = getattr(then, "__self__", None)
    return isinstance(owner, QObject) and not isValid(owner)


class _Answer:
    """A finished piece of work on its way to the main thread."""

    def __init__(
        self,
        future: Future[Any],
        then: Callable[[Any], object] | None,
        failed: Callable[[CuratorError], object] | None,
        stale: Callable[[], bool],
        round: int | None,
    ):
        self.future, self.then, self.failed, self.stale, self.round = future, then, failed, stale, round
