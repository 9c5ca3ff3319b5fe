"""Small tables that can be sorted, with shares and coefficients as bars beside their figures."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from curator.review.agreement.estimates import Estimate
from ui.i18n import tr
from ui.pages.agreement.intervals import paint_interval
from ui.presenters.agreement_view import Column, Line, Table, cell_text, sort_value, value_text
from ui.theme import color, px
from ui.widgets.basics import Card, fill, heading, muted, named, tip_text

ROW, ROWS_SHOWN = 34, 10
CELL = Qt.ItemDataRole.UserRole
SORT = Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class TableModel(QAbstractTableModel):
    """The lines of a `Table`."""

    def __init__(self) -> None:
        super().__init__()
        self.columns: tuple[Column, ...] = ()
        self.lines: tuple[Line, ...] = ()

    def show(self, table: Table) -> None:
        """Where the same things are listed as before, only their figures change, and everybody stays where they are."""
        same = [x.key for x in table.lines] == [x.key for x in self.lines] and table.columns == self.columns
        if not same:
            self.beginResetModel()
        self.columns, self.lines = table.columns, table.lines
        if not same:
            self.endResetModel()
        elif self.lines:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.lines) - 1, len(self.columns) - 1))

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        cell, unit = self.lines[index.row()].cells[index.column()], self.columns[index.column()].kind
        if role == CELL:
            return cell, self.columns[index.column()]
        if role == SORT:
            return sort_value(cell)
        if role == Qt.ItemDataRole.DisplayRole:
            return cell_text(cell, unit)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self.columns[index.column()].title}: {cell_text(cell, unit)}"
        if role == Qt.ItemDataRole.ToolTipRole:
            why = cell.why if isinstance(cell, Estimate) and cell.value is None else None
            return tip_text(why or cell_text(cell, unit))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if unit == "number" else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(self, section: int, way: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if way is not Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        one = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return one.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip_text(one.help or one.title)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if one.kind == "number" else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None


class Sorted(QSortFilterProxyModel):
    """The lines in the order that was chosen: as they are, or by a column."""

    def __init__(self, model: TableModel) -> None:
        super().__init__()
        self.setSourceModel(model)
        self.setDynamicSortFilter(True)

    def lessThan(self, left: Index, right: Index) -> bool:
        return bool(left.data(SORT) < right.data(SORT))


class CellDelegate(QStyledItemDelegate):
    """Paints a cell: text, or a figure and its bar."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        cell, about = index.data(CELL)
        unit = about.kind
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, color("selection"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, color("window"))
        painter.setPen(QPen(color("line"), 1))
        painter.drawLine(option.rect.bottomLeft(), option.rect.bottomRight())
        inside = option.rect.adjusted(px(8), 0, -px(8), 0)
        painter.setFont(option.font)
        if isinstance(cell, Estimate) and about.bar:
            self._paint_estimate(painter, inside, cell, unit)
        else:
            value = cell.value if isinstance(cell, Estimate) else cell
            painter.setPen(color("muted" if value is None else "text"))
            text = cell_text(value, unit)
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, inside.width())
            side = Qt.AlignmentFlag.AlignRight if unit == "number" else Qt.AlignmentFlag.AlignLeft
            painter.drawText(inside, int(side | Qt.AlignmentFlag.AlignVCenter), shown)
        painter.restore()

    @staticmethod
    def _paint_estimate(painter: QPainter, inside: QRect, cell: Estimate, unit: Any) -> None:
        painter.setPen(color("text" if cell.value is not None else "muted"))
        wide = px(44)
        figure = QRect(inside.left(), inside.top(), wide, inside.height())
        text = value_text(cell.value, unit)
        painter.drawText(figure, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text)
        if cell.value is not None and inside.width() > wide + px(40):
            paint_interval(painter, QRectF(inside.adjusted(wide + px(4), 0, 0, 0)), cell, unit)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        cell, about = index.data(CELL)
        if about.bar:
            return QSize(px(150), px(ROW))
        value = cell.value if isinstance(cell, Estimate) else cell
        wide = option.fontMetrics.horizontalAdvance(cell_text(value, about.kind)) + px(20)
        return QSize(min(px(220), wide), px(ROW))


class FigureTable(QTableView):
    """Arrows move, Enter opens a line, S sorts by the column that the keys are in. `activated_key(tuple)`: a line was opened."""

    activated_key = Signal(tuple)

    def __init__(self, name: str, *, by_click: bool = False) -> None:
        """`by_click`: one click opens a line, where that takes nobody away from the page."""
        super().__init__()
        self.lines = TableModel()
        self.order = Sorted(self.lines)
        self.setModel(self.order)
        self.setItemDelegate(CellDelegate(self))
        named(self, name)
        self.setStyleSheet("QTableView { border: none; border-radius: 0; selection-background-color: transparent; }")
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(px(ROW))
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head = self.horizontalHeader()
        head.setSectionsClickable(True)
        head.setSortIndicatorShown(True)
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        head.setSortIndicatorClearable(True)
        head.setHighlightSections(False)
        head.setMinimumSectionSize(px(40))
        head.sectionClicked.connect(self.sort_by)
        (self.clicked if by_click else self.doubleClicked).connect(self._open)

    def show_table(self, table: Table) -> None:
        chosen = self.key
        anew = table.columns != self.lines.columns
        self.lines.show(table)
        if anew:
            head = self.horizontalHeader()
            bars = any(one.bar for one in table.columns)
            for at, one in enumerate(table.columns):
                stretch = at == 0 or one.bar or (one.kind == "text" and not bars)
                mode = QHeaderView.ResizeMode.Stretch if stretch else QHeaderView.ResizeMode.ResizeToContents
                head.setSectionResizeMode(at, mode)
        self.go_to(chosen)
        shown = max(1, min(ROWS_SHOWN, len(table.lines)))
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + shown * px(ROW) + px(4))

    @property
    def key(self) -> tuple[str, ...] | None:
        """What the chosen line is about."""
        chosen = self.selectionModel().selectedRows() if self.selectionModel() is not None else []
        at = self.order.mapToSource(chosen[0]).row() if chosen else -1
        return self.lines.lines[at].key if 0 <= at < len(self.lines.lines) else None

    def go_to(self, key: tuple[str, ...] | None) -> None:
        """Choose the line about this again, where it is still there."""
        for at, line in enumerate(self.lines.lines):
            if line.key == key:
                index = self.order.mapFromSource(self.lines.index(at, max(0, self.currentIndex().column())))
                if index != self.currentIndex():
                    self.setCurrentIndex(index)
                return

    def sort_by(self, column: int) -> None:
        """Sort by a column, figures the lowest first; again: the other way, then as they stood."""
        now, way = self.order.sortColumn(), self.order.sortOrder()
        up, down = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder
        if now != column:
            self.order.sort(column, up)
        elif way is up:
            self.order.sort(column, down)
        else:
            self.order.sort(-1)
        self.horizontalHeader().setSortIndicator(self.order.sortColumn(), self.order.sortOrder())

    def _open(self, index: Index) -> None:
        at = self.order.mapToSource(index).row()
        if 0 <= at < len(self.lines.lines):
            self.activated_key.emit(self.lines.lines[at].key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._open(self.currentIndex())
        elif key == Qt.Key.Key_S and not event.modifiers():
            self.sort_by(max(0, self.currentIndex().column()))
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters are keys here."""


class TableCard(Card):
    """A table with its title, and a line under it where there is something to say."""

    def __init__(self, name: str, *, by_click: bool = False) -> None:
        super().__init__(spacing=8, margins=(16, 16, 16, 12))
        self.title, self.note = heading(name), muted("")
        self.table = FigureTable(name, by_click=by_click)
        fill(self.body, self.title, self.table, self.note, None)

    @property
    def has_lines(self) -> bool:
        return bool(self.table.lines.lines)

    def show_table(self, table: Table | None) -> None:
        """None, or one without lines: there is nothing to list."""
        self.setVisible(table is not None and bool(table.lines))
        if table is not None:
            self.title.setText(table.title)
            named(self.table, table.title)
            self.table.setAccessibleDescription(tr("Enter opens a line, S sorts by the column."))
            self.table.show_table(table)
            self.note.setText(table.note)
            self.note.setVisible(bool(table.note))
