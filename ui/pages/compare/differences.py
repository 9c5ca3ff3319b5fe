"""Differences with their intervals as pictures: a line with 0 in its middle, the interval on it, and the figure as a dot."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from curator.review.agreement.estimates import Estimate
from ui.i18n import tr
from ui.pages.agreement.tables import CellDelegate, FigureTable, Sorted, TableCard, TableModel
from ui.presenters import compare_words as words
from ui.presenters.agreement_view import Table
from ui.theme import color, px
from ui.widgets.basics import tip_text

Index = QModelIndex | QPersistentModelIndex


def paint_difference(painter: QPainter, room: QRectF, found: Estimate, reach: float, tone: str) -> None:
    """Paint it into `room`, over its whole width and around its middle; `reach` is the difference at either end."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    middle, zero = room.center().y(), room.center().x()
    half = room.width() / 2 - px(6)

    def x_of(value: float) -> float:
        return zero + half * min(1.0, max(-1.0, value / reach))

    painter.setPen(QPen(color("line"), max(1, px(1))))
    painter.drawLine(QPointF(room.left(), middle), QPointF(room.right(), middle))
    painter.setPen(QPen(color("muted"), max(1, px(1))))
    painter.drawLine(QPointF(zero, middle - px(7)), QPointF(zero, middle + px(7)))
    if found.value is None:
        return
    ink = color(tone)
    if found.low is not None and found.high is not None:
        faint = color(tone)
        faint.setAlphaF(0.4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faint)
        high = px(6)
        span = QRectF(QPointF(x_of(found.low), middle - high / 2), QPointF(x_of(found.high), middle + high / 2))
        span.setWidth(max(span.width(), high / 2))
        painter.drawRoundedRect(span, high / 2, high / 2)
    painter.setPen(QPen(color("panel"), px(2)))
    painter.setBrush(ink)
    painter.drawEllipse(QPointF(x_of(found.value), middle), px(5), px(5))


class DifferenceBar(QWidget):
    """The picture as a widget; what it shows is said by whoever holds it."""

    def __init__(self) -> None:
        super().__init__()
        self._found, self._reach, self._tone = Estimate(None), 1.0, "muted"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(px(48))

    def show_difference(self, found: Estimate, reach: float, tone: str) -> None:
        self._found, self._reach, self._tone = found, reach, tone
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(240), px(20))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_difference(
            painter, QRectF(self.rect()).adjusted(px(1), 0, -px(1), 0), self._found, self._reach, self._tone
        )


class _Model(TableModel):
    """Differences are said in points."""

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        said = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole)
        if index.isValid() and role in said:
            cell, about = self.lines[index.row()].cells[index.column()], self.columns[index.column()]
            if isinstance(cell, Estimate):
                text = change_text(cell)
                if role == Qt.ItemDataRole.ToolTipRole:
                    return tip_text(text)
                return f"{about.title}: {text}" if role == Qt.ItemDataRole.AccessibleTextRole else text
        return super().data(index, role)


def change_text(found: Estimate) -> str:
    """A difference in words: +6.2 (+3.1 to +9.4)."""
    span = words.span({"low": found.low, "high": found.high})
    return words.points(found.value) + (f" ({span})" if span else "")


class _Delegate(CellDelegate):
    """Paints differences from 0 to either side."""

    reach = 1.0

    def paint(self, painter: QPainter, option: Any, index: Index) -> None:
        self._changed = bool(index.siblingAtColumn(index.model().columnCount() - 1).data())
        super().paint(painter, option, index)

    def _paint_estimate(self, painter: QPainter, inside: QRect, cell: Estimate, unit: Any) -> None:  # type: ignore[override]
        wide = px(52)
        painter.setPen(color("text" if cell.value is not None else "muted"))
        figure = QRect(inside.left(), inside.top(), wide, inside.height())
        side = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(figure, side, words.points(cell.value))
        if inside.width() > wide + px(40):
            tone = "muted" if not self._changed else "good" if (cell.value or 0) > 0 else "bad"
            paint_difference(painter, QRectF(inside.adjusted(wide + px(12), 0, 0, 0)), cell, self.reach, tone)


class ChangeTable(FigureTable):
    """Labels or fields, with what their F1 did."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.lines = _Model()
        self.order = Sorted(self.lines)
        self.setModel(self.order)
        self._painter = _Delegate(self)
        self.setItemDelegate(self._painter)

    def show_changes(self, table: Table, reach: float) -> None:
        self._painter.reach = reach
        self.show_table(table)


class ChangeCard(TableCard):
    """The table with its title, and what may be said of single lines under it."""

    def __init__(self) -> None:
        super().__init__(tr("By label"))
        self.body.removeWidget(self.table)
        self.table.hide()
        self.table.deleteLater()
        self.changes = ChangeTable(tr("By label"))
        self.table = self.changes
        self.body.insertWidget(1, self.changes)

    def show_changes(self, table: Table | None, reach: float) -> None:
        """None: there are no labels or fields."""
        if table is not None:
            self.changes.show_changes(table, reach)
        self.show_table(table)
