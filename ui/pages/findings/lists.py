"""The two lists of the page: the checks, and the findings of one check. Rows are painted, so thousands cost nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from curator.model import Severity
from ui.i18n import number, tr, trn
from ui.presenters.findings import CheckLine, Row, State, said_of
from ui.presenters.findings_deciding import score_text, state_text
from ui.presenters.words import check_title, severity_title, severity_tone
from ui.theme import color, px
from ui.widgets.basics import tip_text

ROW = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class CheckModel(QAbstractListModel):
    """The checks that found something, as the inbox orders them."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: tuple[CheckLine, ...] = ()

    def show(self, lines: Sequence[CheckLine]) -> None:
        if [line.name for line in lines] == [line.name for line in self.lines]:
            self.lines = tuple(lines)
            if lines:
                self.dataChanged.emit(self.index(0), self.index(len(lines) - 1))
            return
        self.beginResetModel()
        self.lines = tuple(lines)
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        line = self.lines[index.row()]
        if role == ROW:
            return line
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{check_title(line.name)}: " + trn("{n} open", "{n} open", line.open)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(line)
        return None


def tip(line: CheckLine) -> str:
    """How far a check is decided."""
    said = [tr("{open} open of {all}", open=number(line.open), all=number(len(line.rows)))]
    if line.severity is not None:
        said.append(tr("worst: {severity}", severity=severity_title(line.severity)))
    if line.below:
        said.append(trn("{n} below the cut", "{n} below the cut", line.below))
    if line.pending:
        said.append(tr("from the check before; the newest has not come to it"))
    return "; ".join(said)


class FindingModel(QAbstractListModel):
    """The findings of one check, worst first."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: Sequence[Row] = ()
        self._ids: list[str] = []

    def show(self, rows: Sequence[Row]) -> None:
        ids = [row.finding.id for row in rows]
        if ids == self._ids:
            self.rows = rows
            if rows:
                self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self.rows, self._ids = rows, ids
        self.endResetModel()

    def place(self, id: str) -> int:
        """Where a finding stands, -1 where it does not."""
        return self._ids.index(id) if id in self._ids else -1

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role == ROW:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            said = [severity_title(row.finding.severity), row.excerpt, row.finding.message, state_text(row)]
            return ". ".join(part for part in said if part)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip_text(f"{row.excerpt}\n{row.finding.message}".strip())
        return None


class PlainList(QTableView):
    """A list of lines of one height; `chosen` tells what became current, by mouse, key or otherwise. A table, for a list of
    Qt lays out every line before it shows the first."""

    chosen = Signal(int)

    def __init__(
        self, model: QAbstractListModel, delegate: QStyledItemDelegate, name: str, height: float, *, bare: bool = False
    ):
        """`bare`: without a ground and a border of its own."""
        super().__init__()
        ground = "background: transparent; border: none;" if bare else ""
        # The delegate paints what is selected, with round corners.
        self.setStyleSheet(f"QTableView {{ selection-background-color: transparent; {ground} }}")
        self.setModel(model)
        delegate.setParent(self)
        self.setItemDelegate(delegate)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setMinimumSectionSize(px(height))
        self.verticalHeader().setDefaultSectionSize(px(height))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(name)

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        if current.isValid():
            self.chosen.emit(current.row())

    def go_to(self, place: int) -> None:
        """Make a line the current one and show it; nothing is told where it is already."""
        index = self.model().index(place, 0)
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def keyboardSearch(self, search: str) -> None:
        """Letters are keys of the page here."""


def tone_of(severity: Severity | None) -> str:
    """The colour of a severity."""
    return severity_tone(severity) or "muted" if severity is not None else "muted"


class CheckDelegate(QStyledItemDelegate):
    """The title of a check, and how many of its findings are open."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        line: CheckLine = index.data(ROW)
        where = ground(painter, option)
        tone = tone_of(line.severity)
        text = number(line.open) if line.open else "\u2713"
        metrics = option.fontMetrics
        wide = max(px(28), metrics.horizontalAdvance(text) + px(16))
        badge = QRect(where.right() - px(8) - wide, where.center().y() - px(10), wide, px(20))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color(f"{tone}_soft") if line.open and tone in ("bad", "warn") else color("sunken"))
        painter.drawRoundedRect(badge, px(10), px(10))
        painter.setPen(color(tone if line.open else "good"))
        painter.setFont(bold(option.font, small=True))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, text)
        painter.setFont(bold(option.font) if option.state & QStyle.StateFlag.State_Selected else option.font)
        painter.setPen(color("text" if line.open else "muted"))
        room = where.adjusted(px(12), 0, -(wide + px(16)), 0)
        shown = painter.fontMetrics().elidedText(check_title(line.name), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        painter.restore()


class FindingDelegate(QStyledItemDelegate):
    """What a finding is about, and what the check says of it; a bar for its severity, a word for its state."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: Row = index.data(ROW)
        where = ground(painter, option)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color(tone_of(row.finding.severity) if row.open else "line"))
        painter.drawRoundedRect(QRect(where.left() + px(6), where.top() + px(10), px(4), where.height() - px(20)), 2, 2)
        inside = where.adjusted(px(20), px(9), -px(12), -px(9))
        score = _mark(row)
        painter.setFont(bold(option.font, small=True))
        painter.setPen(_mark_color(row))
        painter.drawText(inside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, score)
        room = inside.width() - painter.fontMetrics().horizontalAdvance(score) - px(10)
        painter.setFont(option.font)
        painter.setPen(color("text" if row.open else "muted"))
        first = painter.fontMetrics().elidedText(row.excerpt or tr("(empty)"), Qt.TextElideMode.ElideRight, room)
        painter.drawText(inside, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, first)
        painter.setFont(smaller(option.font))
        painter.setPen(color("muted"))
        said = said_of(row.finding) if row.open else state_text(row)
        second = painter.fontMetrics().elidedText(said, Qt.TextElideMode.ElideRight, inside.width())
        painter.drawText(inside, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, second)
        painter.restore()


def _mark(row: Row) -> str:
    marks = {State.ACCEPTED: "\u2713", State.DISMISSED: "\u2715", State.OVERTAKEN: "\u21c4"}
    return marks.get(row.state, score_text(row.finding.score))


def _mark_color(row: Row) -> QColor:
    return color({State.ACCEPTED: "good", State.OVERTAKEN: "accent"}.get(row.state, "muted"))


def ground(painter: QPainter, option: QStyleOptionViewItem) -> QRect:
    """Paint what lies under a row, and return its room. The caller restores the painter."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    where = option.rect.adjusted(px(4), px(1), -px(4), -px(1))
    selected = bool(option.state & QStyle.StateFlag.State_Selected)
    over = bool(option.state & QStyle.StateFlag.State_MouseOver)
    if selected or over:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("selection" if selected else "sunken"))
        painter.drawRoundedRect(where, px(6), px(6))
    if option.state & QStyle.StateFlag.State_HasFocus and selected:
        painter.setPen(QPen(color("accent"), px(1)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(where.adjusted(0, 0, -1, -1), px(6), px(6))
    return where


def bold(font: QFont, *, small: bool = False) -> QFont:
    made = smaller(font) if small else QFont(font)
    made.setWeight(QFont.Weight.DemiBold)
    return made


def smaller(font: QFont) -> QFont:
    made = QFont(font)
    made.setPointSizeF(font.pointSizeF() * 0.9)
    return made
