"""Cyclic garbage with Qt objects in it ends on the main thread, whoever allocates."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, QTimer

from ui import garbage
from ui.garbage import Collector


class Held(QObject):
    """An object in a cycle, with a timer that must end where it was started."""

    def __init__(self) -> None:
        super().__init__()
        self.timer = QTimer(self)
        self.timer.start(10_000)
        self.me = self


@pytest.fixture
def collector(qtbot) -> Iterator[Collector]:
    made = Collector()
    yield made
    made.stop()


def test_garbage_waits_for_the_main_thread(qtbot, collector: Collector) -> None:
    gone = weakref.ref(Held())

    def allocate() -> None:
        kept = [[number] for number in range(200_000)]
        assert len(kept) == 200_000

    busy = threading.Thread(target=allocate)
    busy.start()
    busy.join()
    assert gone() is not None
    kept: list[list[int]] = []

    def is_gone() -> bool:
        kept.extend([number] for number in range(2_000))  # so much that a collection is due
        return gone() is None

    qtbot.waitUntil(is_gone, timeout=5 * garbage.EVERY_MS)


def test_when_it_stops_python_collects_by_itself_again(qtbot) -> None:
    made = Collector()
    assert not gc.isenabled()
    made.stop()
    assert gc.isenabled()
    gc.disable()  # as the tests have it
