"""What the tests of the window share: a checked sample project, and real windows with settings of their own."""

from __future__ import annotations

import gc
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from curator.store import Project
from curator.tasks import Task
from ui.app import apply_settings
from ui.settings import Settings
from ui.window import Window

HARMLESS = (
    "This plugin does not support",  # what the offscreen screen cannot do: raise, grab the keyboard
    "propagateSizeHints",
)


@pytest.fixture(scope="session")
def checked_sample(tmp_path_factory: pytest.TempPathFactory, embedding_cache: Path) -> Path:
    """The support sample, imported and checked once for all tests of a run, whatever the number of processes."""
    shared = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        shared = shared.parent
    made = shared / "checked.curator"
    building = shared / "checked.building"
    try:
        building.mkdir()
    except FileExistsError:
        deadline = time.monotonic() + 240
        while not made.exists():
            assert time.monotonic() < deadline, "another process did not finish the sample"
            time.sleep(0.2)
        return made
    from curator import pipeline

    candidates, evals, task = pipeline.sample("support")
    with Project.create(building / "support.curator", task=Task(task)) as project:
        pipeline.import_files(project, pipeline.Inputs((str(candidates),), (str(evals),)), pipeline.Silent())
        pipeline.check(project, pipeline.Settings())
    (building / "support.curator").rename(made)
    return made


@pytest.fixture
def support_project(checked_sample: Path, tmp_path: Path) -> Path:
    """A checked project of a test's own."""
    return Path(shutil.copy(checked_sample, tmp_path / "support.curator"))


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Remembered settings of a test's own: English, light, Ada reviews."""
    monkeypatch.setenv("CURATOR_STATE_DIR", str(tmp_path / "state"))
    made = Settings()
    for name, value in {"language": "en", "theme": "light", "scale": 1.0, "reviewer": "Ada"}.items():
        made.set(name, value)
    return made


@pytest.fixture
def window(qtbot, settings: Settings) -> Iterator[Callable[..., Window]]:
    """Opens real windows: `window()` without a project, `window(path)` on one; they are closed after the test. `whole`: with
    all pages made, as the program has them a moment after its start."""
    opened: list[Window] = []

    def open_window(path: Path | None = None, page: str = "", *, whole: bool = False) -> Window:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply_settings(app, settings)
        made = Window(settings)
        opened.append(made)
        qtbot.addWidget(made)
        made.go("welcome")
        if path is not None:
            assert made.open_project(str(path))
        made.show()
        made.activateWindow()
        qtbot.waitUntil(made.isActiveWindow)  # keys go to the active window alone
        if not whole:
            made._making = []  # a page that a test goes to is made then; to make all of them each time takes half of all time
        while made._making:  # in the program they are made when it has nothing better to do
            made._make_next()
        if page:
            made.go(page)
        return made

    yield open_window
    for made in opened:
        made.close()


@pytest.fixture(autouse=True)
def collected_on_the_main_thread() -> Iterator[None]:
    """As in the program (`ui.garbage`): no thread of a pool takes widgets apart. Set up first, it ends after the windows."""
    gc.disable()
    gc.freeze()  # what was there before, torch and all, is not gone through anew after each test: that took .4 s
    yield
    gc.collect()
    gc.unfreeze()
    gc.enable()


@pytest.fixture(autouse=True)
def no_qt_warnings() -> Iterator[None]:
    """A warning of Qt is a fault of ours: a wrong style sheet, a lost connection, a timer in the wrong thread."""
    said: list[str] = []

    def hear(kind: QtMsgType, _where: object, text: str) -> None:
        if kind is not QtMsgType.QtDebugMsg and kind is not QtMsgType.QtInfoMsg:
            said.append(text)

    before = qInstallMessageHandler(hear)
    yield
    qInstallMessageHandler(before)
    assert [text for text in said if not any(part in text for part in HARMLESS)] == []
