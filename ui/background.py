"""Short work beside the window where no project is open: looking at files, making a project."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import shiboken6
from PySide6.QtCore import QCoreApplication, QObject, Signal

T = TypeVar("T")


class Background(QObject):
    """Threads that outlive pages; answers go to the main thread, and to nobody once who asked is gone."""

    _arrived = Signal(object, object, object)

    def __init__(self) -> None:
        super().__init__(QCoreApplication.instance())
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="curator-look")
        self._arrived.connect(self._deliver)

    def run(self, owner: QObject, work: Callable[[], T], then: Callable[[T], object]) -> None:
        """Run `work` and give its result to `then` while `owner` lives. What `work` raises is raised on the main thread."""

        def done(future: Future[T]) -> None:
            if shiboken6.isValid(self):
                self._arrived.emit(owner, future, then)

        self._threads.submit(work).add_done_callback(done)

    def _deliver(self, owner: QObject, future: Future[Any], then: Callable[[Any], object]) -> None:
        if shiboken6.isValid(owner):
            then(future.result())


_one: list[Background] = []


def background() -> Background:
    """The one of this program."""
    if not _one or not shiboken6.isValid(_one[0]):
        _one[:] = [Background()]
    return _one[0]
