"""What is left of a crash, and that it is shown at the next start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ui.crash import KEPT, Reports
from ui.crash_dialog import CrashDialog

START = """
import os, sys, ctypes
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
import ui.app

def act():
    window = next(w for w in QApplication.topLevelWidgets() if type(w).__name__ == "Window")
    if sys.argv[1] == "raise":
        QTimer.singleShot(0, lambda: 1 / 0)
        QTimer.singleShot(300, lambda: (print(window.troubles.text.text()), window.close()))
    elif sys.argv[1] == "fault":
        ctypes.string_at(0)
    else:
        dialog = window.findChild(ui.crash_dialog.CrashDialog) if hasattr(ui, "crash_dialog") else None
        print(dialog.text.toPlainText() if dialog else "nothing to show")
        window.close()

app = QApplication(["curator"])
QTimer.singleShot(400, act)
sys.exit(ui.app.main([]))
"""


def start(folder: Path, what: str) -> subprocess.CompletedProcess:
    environment = os.environ | {"CURATOR_STATE_DIR": str(folder), "QT_QPA_PLATFORM": "offscreen"}
    return subprocess.run(
        [sys.executable, "-c", START, what], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_an_error_nobody_caught_is_said_kept_and_shown_at_the_next_start(tmp_path):
    crashed = start(tmp_path, "raise")
    assert crashed.returncode == 0
    assert "your decisions are safe" in crashed.stdout
    shown = start(tmp_path, "look")
    assert "ZeroDivisionError" in shown.stdout
    assert "nothing to show" in start(tmp_path, "look").stdout


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_a_fault_in_native_code_is_shown_at_the_next_start(tmp_path):
    assert start(tmp_path, "fault").returncode == -signal.SIGSEGV
    assert "Segmentation fault" in start(tmp_path, "look").stdout


def test_a_start_that_ended_well_leaves_nothing(tmp_path):
    reports = Reports(tmp_path)
    assert reports.pending() == ""
    reports.install(lambda _path: None)
    reports.close()
    assert Reports(tmp_path).pending() == ""


def test_only_the_newest_reports_are_kept(tmp_path):
    reports = Reports(tmp_path)
    for number in range(KEPT + 3):
        reports.save(f"fault {number}")
    text = reports.pending()
    assert "fault 7" in text
    assert "fault 2" not in text


def test_the_report_can_be_copied(qtbot, window):
    from PySide6.QtWidgets import QApplication

    dialog = CrashDialog(window(), "ValueError in somewhere")
    qtbot.addWidget(dialog)
    dialog.show()
    dialog._copy()
    assert QApplication.clipboard().text() == "ValueError in somewhere"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a screen")
@pytest.mark.parametrize(
    "command", [["-c", "import sys, curator.cli; sys.exit(curator.cli.run(['open']))"], ["-m", "ui"]]
)
def test_without_a_screen_one_sentence_says_so(tmp_path, command):
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {key: value for key, value in os.environ.items() if key not in hidden}
    ran = subprocess.run(
        [sys.executable, *command], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 3
    assert ran.stderr.splitlines() == [ran.stderr.strip()]
    assert "DISPLAY is not set" in ran.stderr
