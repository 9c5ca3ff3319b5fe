"""A layout that goes on in the next line where the room ends."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

from ui.theme import px


class Flow(QLayout):
    """Widgets from left to right, then down. One of them may take the room that is left in its line (`grow`)."""

    def __init__(self, parent: QWidget | None = None, spacing: float = 8):
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._grow: QWidget | None = None
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(px(spacing))

    def add(self, widget: QWidget, *, grow: bool = False) -> None:
        self.addWidget(widget)
        if grow:
            self._grow = widget

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, at: int) -> QLayoutItem | None:
        return self._items[at] if 0 <= at < len(self._items) else None

    def takeAt(self, at: int) -> QLayoutItem | None:
        return self._items.pop(at) if 0 <= at < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        around = self.contentsMargins()
        inner = width - around.left() - around.right()
        return self._place(QRect(0, 0, inner, 0), move=False) + around.top() + around.bottom()

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            if not item.isEmpty():
                size = size.expandedTo(item.minimumSize())
        around = self.contentsMargins()
        return size + QSize(around.left() + around.right(), around.top() + around.bottom())

    def setGeometry(self, room: QRect) -> None:
        super().setGeometry(room)
        self._place(room.marginsRemoved(self.contentsMargins()), move=True)

    def _place(self, room: QRect, *, move: bool) -> int:
        """Put everything in its place; returns the height that it takes."""
        top, lines = room.top(), self._lines(room.width())
        for line in lines:
            high = max(item.sizeHint().height() for item in line)
            if move:
                self._put(line, QRect(room.left(), top, room.width(), high))
            top += high + self.spacing()
        return max(0, top - room.top() - self.spacing())

    def _lines(self, width: int) -> list[list[QLayoutItem]]:
        lines: list[list[QLayoutItem]] = []
        used = 0
        for item in self._items:
            if item.isEmpty():
                continue
            wide = item.sizeHint().width()
            if not lines or used + wide > width:
                lines.append([])
                used = 0
            lines[-1].append(item)
            used += wide + self.spacing()
        return lines

    def _put(self, line: list[QLayoutItem], room: QRect) -> None:
        spare = room.width() - sum(item.sizeHint().width() for item in line) - self.spacing() * (len(line) - 1)
        left = room.left()
        for item in line:
            size = item.sizeHint()
            wide = min(room.width(), size.width() + (max(0, spare) if item.widget() is self._grow else 0))
            item.setGeometry(
                QRect(QPoint(left, room.top() + (room.height() - size.height()) // 2), QSize(wide, size.height()))
            )
            left += wide + self.spacing()
