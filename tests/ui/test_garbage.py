import gc
import threading
import weakref

import pytest
from PySide6.QtCore import QObject

from ui.garbage import Collector


class Knot(QObject):
    """A Qt object that only the garbage collector can let go of."""

    def __init__(self, ended_on: list[int]):
        super().__init__()
        self.myself = self
        weakref.finalize(self, lambda: ended_on.append(threading.get_ident()))


@pytest.fixture
def collector(qapp):
    made = Collector()
    yield made
    made.stop()


def make_much() -> None:
    """Enough objects for Python to collect several times."""
    kept = [[number] for number in range(200_000)]
    assert kept


def test_a_qt_object_is_never_destroyed_by_another_thread(collector, qtbot):
    ended_on: list[int] = []
    for _ in range(50):
        Knot(ended_on)
    worker = threading.Thread(target=make_much)
    worker.start()
    worker.join()
    assert ended_on == []
    make_much()
    collector.collect()
    collector.collect()
    assert set(ended_on) <= {threading.get_ident()}
    gc.collect()
    assert ended_on == [threading.get_ident()] * 50


def test_garbage_is_let_go_of_by_and_by(collector, qtbot):
    ended_on: list[int] = []
    Knot(ended_on)
    kept = [[number] for number in range(5_000)]
    qtbot.waitUntil(lambda: ended_on == [threading.get_ident()], timeout=10_000)
    assert kept


def test_python_collects_again_when_it_is_stopped(qapp):
    made = Collector()
    assert not gc.isenabled()
    made.stop()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
