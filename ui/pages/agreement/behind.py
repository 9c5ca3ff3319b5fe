"""Beside the matrix: the examples behind the cell that was opened, with the votes on each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui.i18n import tr, trn
from ui.presenters.agreement_cells import Behind, CellView
from ui.theme import color, px
from ui.widgets.basics import Badge, Card, button, fill, heading, muted, named, row, tip_text
from ui.widgets.clamp import Clamp

LINES, ROW = 2, 76
ONE = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class BehindModel(QAbstractListModel):
    """The examples behind one cell."""

    def __init__(self) -> None:
        super().__init__()
        self.listed: Sequence[Behind] = ()

    def show(self, listed: Sequence[Behind]) -> None:
        if [one.example for one in listed] == [one.example for one in self.listed]:
            self.listed = listed
            if listed:
                self.dataChanged.emit(self.index(0), self.index(len(listed) - 1))
            return
        self.beginResetModel()
        self.listed = listed
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.listed)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        one = self.listed[index.row()]
        if role == ONE:
            return one
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{one.excerpt}. {one.votes}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip_text(f"{one.excerpt}\n{one.votes}")
        return None


class BehindDelegate(QStyledItemDelegate):
    """What the example says, and the votes on it under that."""

    def __init__(self, parent: QListView) -> None:
        super().__init__(parent)
        self._clamp = Clamp(LINES, self)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        one: Behind = index.data(ONE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        where = option.rect.adjusted(0, 0, -px(2), -px(4))
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("selection" if chosen else "window"))
        painter.drawRoundedRect(QRectF(where), px(6), px(6))
        inside = where.adjusted(px(10), px(6), -px(10), -px(6))
        high = option.fontMetrics.lineSpacing()
        painter.setFont(option.font)
        painter.setPen(color("text"))
        for at, line in enumerate(self._clamp.wrapped(one.excerpt, option, inside.width())):
            room = QRect(inside.left(), inside.top() + at * high, inside.width(), high)
            painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), line)
        painter.setPen(color("muted"))
        votes = QRect(inside.left(), inside.bottom() - high, inside.width(), high)
        shown = option.fontMetrics.elidedText(one.votes, Qt.TextElideMode.ElideRight, votes.width())
        painter.drawText(votes, int(Qt.AlignmentFlag.AlignVCenter), shown)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(px(120), (LINES + 1) * option.fontMetrics.lineSpacing() + px(20))


class BehindList(QListView):
    """Arrows move, Enter opens the example. `opened(int)`."""

    opened = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.listed = BehindModel()
        self.setModel(self.listed)
        self.setItemDelegate(BehindDelegate(self))
        named(self, tr("Examples behind the cell"))
        self.setStyleSheet("QListView { border: none; background: transparent; }")
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.doubleClicked.connect(lambda index: self.opened.emit(index.data(ONE).example))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if Qt.Key(event.key()) in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex().data(ONE).example)
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters are keys of the page."""


class BehindCard(Card):
    """The examples of one cell, and what can be done with them."""

    def __init__(
        self,
        on_show: Callable[[], object],
        on_adjudicate: Callable[[], object],
        on_example: Callable[[int], object],
        on_close: Callable[[], object],
    ) -> None:
        super().__init__(spacing=8, margins=(16, 16, 16, 12))
        self.view: CellView | None = None
        self.title = heading("")
        self.disputed = Badge("")
        self.list = BehindList()
        self.list.opened.connect(on_example)
        self.list.setMinimumHeight(px(ROW * 2))
        self.note = muted("")
        self.show_all = button(tr("Show in Examples"), on_show)
        self.adjudicate = button(tr("Adjudicate these"), on_adjudicate, "primary")
        self.close_button = button(tr("Close"), on_close, "quiet", name=tr("Close the list of examples"))
        top = row(spacing=8)
        fill(top, self.disputed, None, self.close_button)
        below = row(spacing=8)
        fill(below, self.adjudicate, self.show_all, None)
        fill(self.body, top, self.title)
        self.body.addWidget(self.list, 1)
        fill(self.body, self.note, below)
        self.setMinimumWidth(px(280))

    def show_view(self, view: CellView) -> None:
        before = self.current
        self.view = view
        self.title.setText(view.title)
        self.list.listed.show(view.listed)
        disputed = len(view.disputed)
        self.disputed.show_text(
            trn("{n} to adjudicate", "{n} to adjudicate", disputed)
            if disputed
            else trn("{n} example", "{n} examples", len(view.ids)),
            "warn" if disputed else "",
        )
        self.adjudicate.setVisible(disputed > 0)
        self.show_all.setEnabled(bool(view.ids))
        self.note.setText(view.note)
        self.note.setVisible(bool(view.note))
        self._go_to(before)

    @property
    def current(self) -> int | None:
        """The example that the keys are at."""
        index = self.list.currentIndex()
        return index.data(ONE).example if index.isValid() else None

    def _go_to(self, example: int | None) -> None:
        places = [at for at, one in enumerate(self.list.listed.listed) if one.example == example] or [0]
        if self.list.listed.listed:
            self.list.setCurrentIndex(self.list.listed.index(places[0]))
