"""The text of the point under the pointer, beside it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget

from curator.model import Example
from ui.i18n import tr
from ui.presenters.texts import clean
from ui.theme import px
from ui.widgets.basics import Card, label

ROOM = 280
"""Characters of an input that are shown; of an output half as many."""


class MapCard(Card):
    """A small card over the map; the pointer goes through it."""

    def __init__(self, parent: QWidget):
        super().__init__("raised", 4, (12, 10, 12, 10))
        self.setParent(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFixedWidth(px(320))
        self._where = label("", "small")
        self._input = label("", wrap=True)
        self._output = label("", "muted", wrap=True)
        for part in (self._where, self._input, self._output):
            self.body.addWidget(part)
        self.hide()

    def show_example(self, example: Example, at: QPoint) -> None:
        """Show an example near a place of the parent, inside of it."""
        self._where.setText(str(example.ref).rsplit("/", 1)[-1])
        self._input.setText(_short(example.input, ROOM) or tr("(empty)"))
        self._output.setText("→ " + (_short(example.output, ROOM // 2) or tr("(empty)")))
        self.adjustSize()
        room = self.parentWidget().rect()
        gap = px(16)
        x = at.x() + gap if at.x() + gap + self.width() <= room.width() else at.x() - gap - self.width()
        y = at.y() + gap if at.y() + gap + self.height() <= room.height() else at.y() - gap - self.height()
        self.move(max(px(4), x), max(px(4), y))
        self.show()
        self.raise_()


def _short(text: str, room: int) -> str:
    said = " ".join(clean(text[: 4 * room]).split())
    return said if len(said) <= room else said[: room - 1] + "…"
