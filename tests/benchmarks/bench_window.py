"""How fast is the window on a large project? Offscreen, with real events; nothing here is a test.

A project of generated texts is made, and a window opened on it in a process of its own. Each figure stands beside what it
should stay under. "blocked" is the longest time that the event loop did nothing else while a check ran in its child process and
a person scrolled and decided.

usage: bench_window.py [--examples N] [--project FILE] [--check-seconds S]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

WANTED = {
    "window visible, s": 1.0,
    "first rows, s": 1.5,
    "catalogue of all rows, s": None,
    "memory before any check, MB": 500,
    "scrolling, frame p95, ms": 16,
    "filter by check, ms": 300,
    "filter by label, ms": 300,
    "sort by a score, ms": 300,
    "sort by text, ms": 300,
    "search for words, ms": 300,
    "search for words, first time, ms": None,
    "review, key to next card p95, ms": 50,
    "blocked while idle, ms": 100,
    "blocked during a check, ms": 100,
}
HEAVY = ("torch", "pandas", "sentence_transformers")
CARDS = 60
FRAMES = 120


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--examples", type=int, default=100_000)
    parser.add_argument("--project", type=Path, help="measure on this project, made by big_project.py, instead")
    parser.add_argument(
        "--check-seconds", type=float, default=20.0, help="how long the check may run while it is watched"
    )
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        measure(asked.measure, asked.check_seconds)
        return
    with tempfile.TemporaryDirectory(prefix="curator-bench-") as folder:
        project = asked.project or _made(Path(folder) / "big.curator", asked.examples)
        environment = os.environ | {
            "CURATOR_STATE_DIR": folder,
            "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen"),
        }
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its bytecode
        start = [sys.executable, __file__, "--check-seconds", str(asked.check_seconds), "--measure", str(project)]
        for warm in (False, True):
            environment |= {"BENCH_BEGAN": repr(time.time()), "BENCH_ONLY_START": "" if warm else "1"}
            ran = subprocess.run(start, env=environment, capture_output=True, text=True, check=False)
        if ran.returncode:
            raise SystemExit(ran.stderr)
        _show(json.loads(ran.stdout.splitlines()[-1]), project)


def _made(path: Path, examples: int) -> Path:
    import big_project

    began = time.perf_counter()
    big_project.make(path, examples)
    print(f"{examples:,} examples made in {time.perf_counter() - began:.0f} s")
    return path


def _show(found: dict[str, float], project: Path) -> None:
    print(f"{'':36}{'measured':>10}{'wanted':>10}")
    for name, limit in WANTED.items():
        if name in found:
            verdict = "" if limit is None else "" if found[name] <= limit else "   above"
            shown = "" if limit is None else f"< {limit:g}"
            print(f"{name:36}{found[name]:>10.3g}{shown:>10}{verdict}")
    print(f"imported before any check: {found['heavy'] or 'none'} of {', '.join(HEAVY)}")


# In the process of the window


def measure(path: Path, check_seconds: float) -> None:
    """Open the window on the project and do what a person does; prints one line of JSON."""
    began = float(os.environ["BENCH_BEGAN"])
    from PySide6.QtCore import QEvent, QObject
    from PySide6.QtWidgets import QApplication

    from ui.app import SWITCH_S, apply_settings
    from ui.garbage import Collector
    from ui.settings import Settings
    from ui.window import Window

    sys.setswitchinterval(SWITCH_S)
    app = QApplication(["curator"])
    collector = Collector(app)
    settings = Settings()
    settings.set("reviewer", "Ada")
    apply_settings(app, settings)
    window = Window(settings)

    class Painted(QObject):
        at = 0.0

        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
            if event.type() is QEvent.Type.Paint and not self.at:
                self.at = time.time()
            return False

    painted = Painted()
    window.installEventFilter(painted)
    window.show()
    _until(lambda: painted.at > 0)
    window.open_project(str(path), "examples")
    found: dict[str, float] = {"window visible, s": painted.at - began}
    page = window.pages["examples"]
    _until(lambda: _has_rows(page))
    found["first rows, s"] = time.time() - began
    _until(lambda: window.session.catalogue is not None)
    found["catalogue of all rows, s"] = time.time() - began
    _until(lambda: not window._making)
    if os.environ["BENCH_ONLY_START"]:
        window.close()
        return
    _settle(1.0)
    found["memory before any check, MB"] = _memory()
    heavy = [name for name in HEAVY if name in sys.modules]
    found |= _scrolling(page)
    found |= _asking(page)
    found |= _reviewing(window)
    found |= {"blocked while idle, ms": _blocked(lambda: _settle(3.0))}
    found |= _checking(window, page, check_seconds)
    window.close()
    collector.stop()
    print(json.dumps(found | {"heavy": ", ".join(heavy)}))


def _until(true: Callable[[], bool], seconds: float = 120.0) -> float:
    """Let events run until it is so; returns how long that took, in seconds."""
    from PySide6.QtCore import QEventLoop
    from PySide6.QtWidgets import QApplication

    began = time.perf_counter()
    while not true():
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)
        if time.perf_counter() - began > seconds:
            raise SystemExit(f"waited {seconds:.0f} s in vain")
    return time.perf_counter() - began


def _settle(seconds: float) -> None:
    end = time.perf_counter() + seconds
    _until(lambda: time.perf_counter() > end)


def _memory() -> float:
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def _p95(values: Iterable[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def _has_rows(page: Any) -> bool:
    """Whether the texts of the rows in sight are there."""
    from PySide6.QtCore import Qt

    model = page.table.model()
    if model is None or model.rowCount() == 0:
        return False
    shown = [model.index(0, column).data(Qt.ItemDataRole.DisplayRole) for column in range(model.columnCount())]
    return any(isinstance(text, str) and len(text) > 20 for text in shown)


def _scrolling(page: Any) -> dict[str, float]:
    """Frames of a scroll through the whole table, each painted in full."""
    from PySide6.QtWidgets import QApplication

    table = page.table
    bar = table.verticalScrollBar()
    frames = []
    for step in range(FRAMES):
        began = time.perf_counter()
        bar.setValue(bar.maximum() * (step * 37 % FRAMES) // FRAMES if step % 3 == 0 else bar.value() + 3)
        table.viewport().repaint()
        QApplication.processEvents()
        frames.append((time.perf_counter() - began) * 1e3)
    bar.setValue(0)
    return {"scrolling, frame p95, ms": _p95(frames)}


def _asking(page: Any) -> dict[str, float]:
    """From the wish to the rows that answer it, with their texts, on the page."""
    from ui.presenters.examples import Asked

    label = page.context.session.catalogue.labels[0]
    asked: dict[str, tuple[Asked, str]] = {
        "search for words, first time, ms": (Asked(text="parcel damaged"), "id"),
        "search for words, ms": (Asked(text="transfer blocked"), "id"),
        "filter by check, ms": (Asked(checks=("label_error",)), "id"),
        "filter by label, ms": (Asked(labels=(label,)), "id"),
        "sort by a score, ms": (Asked(), "label_quality"),
        "sort by text, ms": (Asked(), "input"),
    }
    found = {}
    for name, (wish, sort) in asked.items():
        _settle(0.3)
        before = page.looked
        began = time.perf_counter()
        page.sort, page.descending = sort, False
        page.ask(wish)
        _until(lambda before=before: page.looked is not before and _has_rows(page))
        found[name] = (time.perf_counter() - began) * 1e3
    page.sort = "id"
    page.ask(Asked())
    _settle(0.3)
    return found


def _reviewing(window: Any) -> dict[str, float]:
    """From a key to the next card, which is shown once the decision is on disk."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    window.go("review")
    sitting = window.pages["review"].sitting
    _until(lambda: sitting.card is not None and not sitting.busy)
    _settle(1.0)
    took = []
    for number in range(CARDS):
        before = sitting.card.id
        key = (Qt.Key.Key_A, Qt.Key.Key_X, Qt.Key.Key_F)[number % 3]
        began = time.perf_counter()
        QTest.keyClick(QApplication.focusWidget() or window, key)
        _until(lambda before=before: sitting.card is not None and sitting.card.id != before)
        QApplication.processEvents()
        took.append((time.perf_counter() - began) * 1e3)
        _settle(0.05)
    return {"review, key to next card p95, ms": _p95(took)}


def _blocked(act: Callable[[], object]) -> float:
    """The longest gap between two turns of the event loop while `act` runs, ms."""
    from PySide6.QtCore import QTimer

    gaps, last = [0.0], [time.perf_counter()]

    def tick() -> None:
        now = time.perf_counter()
        gaps.append(now - last[0])
        last[0] = now

    timer = QTimer()
    timer.setInterval(1)
    timer.timeout.connect(tick)
    timer.start()
    act()
    timer.stop()
    return max(gaps) * 1e3


def _checking(window: Any, page: Any, seconds: float) -> dict[str, float]:
    """Scroll and decide while a check runs in its child."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    def work() -> None:
        window.check()
        end = time.perf_counter() + seconds
        while window.jobs.busy and time.perf_counter() < end:
            window.go("examples")
            bar = page.table.verticalScrollBar()
            for _ in range(20):
                bar.setValue(bar.value() + 5)
                _settle(0.02)
            window.go("review")
            _settle(0.2)
            QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_A)
            _settle(0.3)

    blocked = _blocked(work)
    for job in window.jobs.shown:
        job.cancel()
    return {"blocked during a check, ms": blocked}


if __name__ == "__main__":
    main()
