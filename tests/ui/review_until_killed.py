"""A window in which somebody reviews by keys until the process is killed; run by `test_review_killed.py`.

usage: review_until_killed.py PROJECT SEED

Writes a line before each key, `press KEY EXAMPLE`, and one when what it did is shown: `shown`.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from ui.app import apply_settings
from ui.settings import Settings
from ui.window import Window

KEYS = {"A": Qt.Key.Key_A, "X": Qt.Key.Key_X, "F": Qt.Key.Key_F, "1": Qt.Key.Key_1, "undo": Qt.Key.Key_Z}
LONGEST_MS = 40_000
LIKELY = ("A", "X", "F", "1", "A", "X", "undo")


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


def main() -> None:
    where, dice = sys.argv[1], random.Random(int(sys.argv[2]))
    app = QApplication(["curator"])
    settings = Settings(Path(where).parent / "state")
    settings.set("reviewer", "Ada")
    apply_settings(app, settings)
    window = Window(settings)
    window.go("welcome")
    assert window.open_project(where)
    window.show()
    window.go("review")
    sitting = window.pages["review"].sitting
    waiting: list[int] = []
    begun: list[bool] = []

    def press() -> None:
        assert sitting.card is not None
        name = dice.choice(LIKELY if sitting.deck.decided_here else LIKELY[:-1])
        say(f"press {name} {sitting.card.id}")
        waiting.append(sitting.card.id)
        modifier = Qt.KeyboardModifier.ControlModifier if name == "undo" else Qt.KeyboardModifier.NoModifier
        QTest.keyClick(QApplication.focusWidget() or window, KEYS[name], modifier)

    def shown(*_: object) -> None:
        if waiting:
            waiting.clear()
            say("shown")
        if begun:
            QTimer.singleShot(dice.randrange(4), press)
        begin()

    def begin() -> None:
        if sitting.labels and sitting.card is not None and not begun:
            begun.append(True)
            QTimer.singleShot(0, press)

    sitting.shown.connect(shown)
    sitting.labelled.connect(lambda _: begin())
    QTimer.singleShot(LONGEST_MS, app.quit)  # nobody killed it: the test is told by the end of its lines
    app.exec()


if __name__ == "__main__":
    main()
