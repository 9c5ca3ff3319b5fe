"""A bar of buttons under a pane: in one line where there is room, else in two."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QWidget

from ui.theme import px
from ui.widgets.basics import row


class TwoParts(QWidget):
    """Two groups of widgets: side by side, the second at the right end; below each other where that is too narrow. What is
    in `spare` is only shown where there is room."""

    def __init__(self, *, spacing: float = 8):
        super().__init__()
        self.whole = row(self, spacing)
        self.first: QHBoxLayout = row(spacing=8)
        self.second: QHBoxLayout = row(spacing=8)
        self.whole.addLayout(self.first)
        self.whole.addStretch(1)
        self.whole.addLayout(self.second)
        self.spare: list[QWidget] = []
        for part in (self.first, self.second):
            part.addStretch()

    def add(self, *widgets: QWidget) -> None:
        """Put widgets into the first group."""
        for widget in widgets:
            self.first.insertWidget(self.first.count() - 1, widget)

    def add_right(self, *widgets: QWidget) -> None:
        """Put widgets into the second group."""
        for widget in widgets:
            self.second.insertWidget(self.second.count() - 1, widget)

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._lay()
        return super().event(event)

    def _lay(self) -> None:
        """Take the way that fits; a wish to be shown stays with each widget."""
        gap, room = self.whole.spacing(), self.width()
        wanted = [one for one in self.spare if not one.property("unwanted")]
        needed = _width(self.first, self.spare) + _width(self.second, self.spare) + gap
        roomy = needed + sum(one.sizeHint().width() + gap for one in wanted) <= room
        for one in self.spare:
            one.setVisible(roomy and one in wanted)
        _turn(self.whole, needed <= room)
        for part in (self.first, self.second):
            _turn(part, _width(part, self.spare) <= room)

    def minimumSizeHint(self) -> QSize:
        return QSize(px(120), super().minimumSizeHint().height())


def _width(part: QBoxLayout, without: list[QWidget]) -> int:
    """How wide the widgets of a group are side by side."""
    listed = [part.itemAt(at).widget() for at in range(part.count())]
    shown = [one for one in listed if one is not None and one not in without and not one.isHidden()]
    return sum(one.sizeHint().width() + part.spacing() for one in shown)


def _turn(part: QBoxLayout, across: bool) -> None:
    way = QBoxLayout.Direction.LeftToRight if across else QBoxLayout.Direction.TopToBottom
    if way is not part.direction():
        part.setDirection(way)


class Bar(QFrame):
    """The bar itself: what is done to the left, where one goes to the right."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "jobs")
        self.parts = TwoParts()
        row(self, 0, (24, 12, 24, 12)).addWidget(self.parts)
        self.add, self.add_right = self.parts.add, self.parts.add_right
