"""Texts in a table, wrapped over a few lines; the last one ends in … where there is more."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, Qt
from PySide6.QtGui import QBrush, QPainter, QTextLayout
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui.theme import color, px


class Clamp(QStyledItemDelegate):
    """Paints a cell's text over at most `lines` lines, from the top left."""

    def __init__(self, lines: int, parent: object = None):
        super().__init__(parent)  # type: ignore[call-overload]
        self._lines = lines

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        painter.save()
        ground = index.data(Qt.ItemDataRole.BackgroundRole)
        if isinstance(ground, QBrush):
            painter.fillRect(option.rect, ground)
        elif option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, color("selection"))
        ink = index.data(Qt.ItemDataRole.ForegroundRole)
        painter.setPen(ink.color() if isinstance(ink, QBrush) else color("text"))
        inside = option.rect.adjusted(px(8), px(6), -px(8), -px(4))
        for number, line in enumerate(self.wrapped(str(index.data() or ""), option, inside.width())):
            base = inside.top() + number * option.fontMetrics.lineSpacing() + option.fontMetrics.ascent()
            painter.drawText(QPointF(inside.left(), base), line)
        painter.restore()

    def wrapped(self, text: str, option: QStyleOptionViewItem, width: int) -> list[str]:
        """The lines that are shown."""
        text = " ".join(text.split())
        layout = QTextLayout(text, option.font)
        lines: list[str] = []
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(1, width))
            if len(lines) == self._lines - 1:
                elided = option.fontMetrics.elidedText(text[line.textStart() :], Qt.TextElideMode.ElideRight, width)
                lines.append(elided)
                break
            lines.append(text[line.textStart() : line.textStart() + line.textLength()])
        layout.endLayout()
        return lines
