"""What the colours of a picture mean, with counts; a click on an entry shows only that."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from ui.i18n import number, tr
from ui.theme import color, px
from ui.widgets.basics import clear, column, tip_text


class Entry(QPushButton):
    """A dot, a word and a count; pressed while only that is shown."""

    def __init__(self, text: str, count: int, dot: QColor):
        super().__init__()
        self._text, self._count, self._dot = text, number(count), dot
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.setProperty("kind", "page")
        self.setAccessibleName(f"{text}, {self._count}")
        self.setToolTip(tip_text(tr("Show only {name}", name=text)))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMinimumHeight(px(30))

    def sizeHint(self) -> QSize:
        return QSize(px(160), px(30))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(80), px(30))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._dot)
        painter.drawEllipse(QPointF(px(16), self.height() / 2), px(5), px(5))
        metrics, middle = self.fontMetrics(), int(Qt.AlignmentFlag.AlignVCenter)
        width = metrics.horizontalAdvance(self._count)
        room = QRectF(self.rect()).adjusted(px(30), 0, -px(10), 0)
        painter.setPen(color("muted"))
        painter.drawText(room, middle | int(Qt.AlignmentFlag.AlignRight), self._count)
        room.setRight(room.right() - width - px(8))
        painter.setPen(color("accent" if self.isChecked() else "text"))
        shown = metrics.elidedText(self._text, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, middle | int(Qt.AlignmentFlag.AlignLeft), shown)


class Legend(QWidget):
    """Entries one below the other. `chosen(int)`: only this one is to be shown, -1: all."""

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._body = column(self, 2)
        self.entries: list[Entry] = []

    def show_entries(self, entries: Sequence[tuple[str, int, QColor]], chosen: int = -1) -> None:
        """Show entries: their words, counts and colours."""
        clear(self._body)
        self.entries = []
        for place, (text, count, dot) in enumerate(entries):
            made = Entry(text, count, dot)
            made.setChecked(place == chosen)
            made.clicked.connect(lambda checked, place=place: self._choose(place if checked else -1))
            self._body.addWidget(made)
            self.entries.append(made)
        self._body.addStretch(1)

    def _choose(self, chosen: int) -> None:
        for place, entry in enumerate(self.entries):
            entry.setChecked(place == chosen)
        self.chosen.emit(chosen)
