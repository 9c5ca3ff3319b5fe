"""A matrix of counts with names at its edges that stay while it scrolls. A cell is pointed at, walked to by the arrow keys,
and opened by a click or Enter."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFont,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy, QToolTip, QWidget

from ui.i18n import number
from ui.theme import color, px
from ui.widgets.basics import tip_text
from ui.widgets.matrix_frame import LONGEST_NAME, SLANT, Frame
from ui.widgets.shades import Tones

FITTING = (48, 44, 40, 36, 32, 28)
"""Sides of a cell before scaling: the largest that fits, unless somebody made cells larger or smaller, from SMALL to LARGE."""
SMALL, LARGE, STEP = 12, 60, 8
NUMBERS_FROM = 28
"""Cells smaller than this show their shade alone."""
_KEYS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Home: (0, -1_000_000),
    Qt.Key.Key_End: (0, 1_000_000),
    Qt.Key.Key_PageUp: (-10, 0),
    Qt.Key.Key_PageDown: (10, 0),
}


class Matrix(QAbstractScrollArea):
    """Rows and columns have the same names; the cells where they meet are calm, those beside stand out the more, the larger
    their share of the row.

    Signals: `pointed(int, int)` the cell that the keys or the pointer are at, (-1, -1) for none; `opened(int, int)`.
    """

    pointed = Signal(int, int)
    opened = Signal(int, int)

    def __init__(self) -> None:
        super().__init__()
        self._names: tuple[str, ...] = ()
        self._counts = np.zeros((0, 0), dtype=np.int64)
        self._shares = np.zeros((0, 0))
        self._tones = Tones()
        self._say: Callable[[int, int], str] = lambda _row, _column: ""
        self._title = ""
        self._frame = Frame()
        self._size, self._own_size = FITTING[0], False
        self._most = 14
        self._current = (0, 0)
        self._under = (-1, -1)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCornerWidget(QWidget())
        self.viewport().setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        # The style sheet gives every view a border and a ground of its own; the card around has both.
        self.setStyleSheet("QAbstractScrollArea { background: transparent; border: none; }")

    # What is shown

    def show_counts(
        self, title: str, names: Sequence[str], counts: np.ndarray, totals: np.ndarray, say: Callable[[int, int], str]
    ) -> None:
        """`totals`: of each row, also of what is not shown; `say` puts a cell into words. The current cell keeps its names."""
        before = self.current_names
        self._names, self._counts, self._say, self._title = tuple(names), counts, say, title
        self._shares = counts / np.maximum(totals, 1)[:, None]
        self._current = self._place(before) if before is not None else self._worst()
        self._under = (-1, -1)
        self._fit()
        self._tell()

    @property
    def current_names(self) -> tuple[str, str] | None:
        """Row and column of the current cell by name."""
        if not self._names:
            return None
        row, column = self._current
        return self._names[row], self._names[column]

    @property
    def current(self) -> tuple[int, int]:
        return self._current

    def _place(self, names: tuple[str, str]) -> tuple[int, int]:
        if all(name in self._names for name in names):
            return self._names.index(names[0]), self._names.index(names[1])
        return self._worst()

    def _worst(self) -> tuple[int, int]:
        """The cell beside the diagonal with the highest count."""
        if len(self._names) < 2:
            return 0, 0
        beside = self._counts - np.diag(np.diag(self._counts))
        row, column = np.unravel_index(int(beside.argmax()), beside.shape)
        return int(row), int(column)

    def forget(self) -> None:
        """Something else is shown next: begin at its highest count."""
        self._names = ()

    def zoom(self, steps: int) -> None:
        """Make cells larger, or with a negative number smaller."""
        self._size, self._own_size = min(LARGE, max(SMALL, self._size + STEP * steps)), True
        self._fit()
        self._show_current()

    @property
    def cell(self) -> int:
        """Side of a cell in pixels."""
        return px(self._size)

    # Where things are

    def _content(self, size: int | None = None) -> QSize:
        return self._frame.content(px(size or self._size) * len(self._names))

    def _fit(self) -> None:
        """As large as there is room for across, and as high as it takes, up to `most` rows; from there on it scrolls."""
        self._frame = Frame.of(self.font(), self._names)
        if not self._own_size:
            self._size = FITTING[-1]
            for size in FITTING:
                if self._content(size).width() <= self.width():
                    self._size = size
                    break
        high = self._frame.top + px(FITTING[0]) * min(len(self._names), self._most) + px(2)
        whole = self._content().height()
        across = self._content().width() > self.width()
        bar = self.horizontalScrollBar().sizeHint().height() if across else 0
        self.setFixedHeight(max(px(80), min(whole, high) + bar))
        self._bars()
        self.viewport().update()

    def _bars(self) -> None:
        room, whole = self.viewport().size(), self._content()
        for bar, inside, all_of_it in (
            (self.horizontalScrollBar(), room.width(), whole.width()),
            (self.verticalScrollBar(), room.height(), whole.height()),
        ):
            bar.setRange(0, max(0, all_of_it - inside))
            bar.setPageStep(max(1, inside))
            bar.setSingleStep(self.cell)

    def sizeHint(self) -> QSize:
        return QSize(min(self._content().width(), px(720)), self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(px(240), self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()
        self._bars()

    def cell_rect(self, row: int, column: int) -> QRect:
        """Where a cell is in the viewport."""
        left = self._frame.left + column * self.cell - self.horizontalScrollBar().value()
        top = self._frame.top + row * self.cell - self.verticalScrollBar().value()
        return QRect(left, top, self.cell, self.cell)

    def cell_at(self, at: QPoint) -> tuple[int, int]:
        """The cell at a place of the viewport, (-1, -1) for none."""
        if at.x() < self._frame.left or at.y() < self._frame.top:
            return -1, -1
        column = (at.x() - self._frame.left + self.horizontalScrollBar().value()) // self.cell
        row = (at.y() - self._frame.top + self.verticalScrollBar().value()) // self.cell
        inside = 0 <= row < len(self._names) and 0 <= column < len(self._names)
        return (row, column) if inside else (-1, -1)

    def _show_current(self) -> None:
        """Scroll so that the current cell is seen whole."""
        where, view = self.cell_rect(*self._current), self.viewport().rect()
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setValue(across.value() + min(0, where.left() - self._frame.left) + max(0, where.right() - view.right()))
        down.setValue(down.value() + min(0, where.top() - self._frame.top) + max(0, where.bottom() - view.bottom()))
        self.viewport().update()

    # Saying and doing

    def say(self, row: int, column: int) -> str:
        """A cell in words, "" for none."""
        return self._say(row, column) if row >= 0 and self._names else ""

    def _tell(self) -> None:
        """Let screen readers know where the keys are, and the page what is pointed at."""
        self.setAccessibleName(self._title)
        row, column = self._current if self._names else (-1, -1)
        self.setAccessibleDescription(self.say(row, column))
        shown = self._under if self._under[0] >= 0 else (row, column)
        self.pointed.emit(*shown)
        self.viewport().update()

    def go_to(self, row: int, column: int) -> None:
        """Make a cell the current one."""
        last = len(self._names) - 1
        if last >= 0:
            self._current = min(last, max(0, row)), min(last, max(0, column))
            self._show_current()
            self._tell()

    def go_to_names(self, row: str, column: str) -> None:
        """Make the cell of these two names the current one, where they are shown."""
        if row in self._names and column in self._names:
            self.go_to(self._names.index(row), self._names.index(column))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if not self._names:
            super().keyPressEvent(event)
        elif key in _KEYS:
            row, column = _KEYS[key]
            self._under = (-1, -1)
            self.go_to(self._current[0] + row, self._current[1] + column)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.opened.emit(*self._current)
        elif event.text() in ("+", "=", "-"):
            self.zoom(-1 if event.text() == "-" else 1)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        # The keys of the matrix come before those of the window while it has the focus.
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            mine = {*_KEYS, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_Plus, Qt.Key.Key_Minus}
            if Qt.Key(event.key()) in mine and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
                event.accept()
                return True
        return super().event(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            said = self.say(*self.cell_at(event.pos())) or self._name_at(event.pos())
            QToolTip.showText(event.globalPos(), tip_text(said), self)
            return True
        if event.type() is QEvent.Type.Leave and self._under != (-1, -1):
            self._under = (-1, -1)
            self._tell()
        return super().viewportEvent(event)

    def _name_at(self, at: QPoint) -> str:
        """The whole name of the row at a place beside the cells."""
        row = (at.y() - self._frame.top + self.verticalScrollBar().value()) // self.cell
        beside = at.x() < self._frame.left and at.y() >= self._frame.top
        return self._names[row] if beside and 0 <= row < len(self._names) else ""

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        under = self.cell_at(event.position().toPoint())
        if under != self._under:
            self._under = under
            self.viewport().setCursor(
                Qt.CursorShape.PointingHandCursor
                if under[0] >= 0 and self._counts[under]
                else Qt.CursorShape.ArrowCursor
            )
            self._tell()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and cell[0] >= 0:
            self.go_to(*cell)
            self.opened.emit(*cell)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """It was done with the press; nothing under the matrix is to hear of it."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        elif self.verticalScrollBar().maximum() or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            super().wheelEvent(event)
        else:
            event.ignore()  # the page scrolls

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._names:
            return
        view = self.viewport().rect()
        first_row = max(0, self.verticalScrollBar().value() // self.cell)
        first_column = max(0, self.horizontalScrollBar().value() // self.cell)
        rows = range(first_row, min(len(self._names), first_row + (view.height() - self._frame.top) // self.cell + 2))
        columns = range(
            first_column, min(len(self._names), first_column + (view.width() - self._frame.left) // self.cell + 2)
        )
        painter.save()
        painter.setClipRect(QRect(self._frame.left, self._frame.top, view.width(), view.height()))
        for row in rows:
            for column in columns:
                self._paint_cell(painter, row, column)
        self._paint_ring(painter)
        painter.restore()
        painter.save()
        painter.setClipRect(QRect(0, self._frame.top, self._frame.left, view.height()))
        for row in rows:
            self._paint_row_name(painter, row)
        painter.restore()
        painter.setClipRect(QRect(self._frame.left - px(8), 0, view.width(), self._frame.top))
        for column in columns:
            self._paint_column_name(painter, column)

    def _paint_cell(self, painter: QPainter, row: int, column: int) -> None:
        where = QRectF(self.cell_rect(row, column)).adjusted(0, 0, -px(2), -px(2))
        ground, over = self._tones.of(float(self._shares[row, column]), row == column)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(where, px(3), px(3))
        count = int(self._counts[row, column])
        if count and self._size >= NUMBERS_FROM:
            painter.setPen(over)
            painter.drawText(where, int(Qt.AlignmentFlag.AlignCenter), number(count))

    def _paint_ring(self, painter: QPainter) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._under[0] >= 0:
            painter.setPen(QPen(color("text"), px(1)))
            painter.drawRoundedRect(self._inner(self._under, px(1)), px(3), px(3))
        if self.hasFocus():
            # Two lines, so that it is seen on every shade.
            for width, tone in ((px(4), "panel"), (px(2), "accent")):
                painter.setPen(QPen(color(tone), width))
                painter.drawRoundedRect(self._inner(self._current, px(2)), px(3), px(3))

    def _inner(self, cell: tuple[int, int], inset: int) -> QRectF:
        half = inset / 2
        return QRectF(self.cell_rect(*cell)).adjusted(half, half, -px(2) - half, -px(2) - half)

    def _marked(self) -> tuple[int, int]:
        if self._under[0] >= 0:
            return self._under
        return self._current if self.hasFocus() else (-1, -1)

    def _set_font(self, painter: QPainter, marked: bool) -> None:
        font = QFont(self.font())
        font.setBold(marked)
        painter.setFont(font)
        painter.setPen(color("text" if marked else "muted"))

    def _paint_row_name(self, painter: QPainter, row: int) -> None:
        self._set_font(painter, row == self._marked()[0])
        where = self.cell_rect(row, 0)
        inside = QRect(0, where.top(), self._frame.left - px(12), where.height() - px(2))
        shown = painter.fontMetrics().elidedText(self._names[row], Qt.TextElideMode.ElideMiddle, inside.width())
        painter.drawText(inside, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), shown)

    def _paint_column_name(self, painter: QPainter, column: int) -> None:
        self._set_font(painter, column == self._marked()[1])
        where, metrics = self.cell_rect(0, column), painter.fontMetrics()
        if not self._frame.slanted:
            inside = QRect(where.left(), 0, where.width() - px(2), self._frame.top - px(4))
            painter.drawText(
                inside, int(Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignHCenter), self._names[column]
            )
            return
        painter.save()
        painter.translate(QPointF(where.center().x() + px(2), self._frame.top - px(6)))
        painter.rotate(-math.degrees(SLANT))
        shown = metrics.elidedText(self._names[column], Qt.TextElideMode.ElideMiddle, px(LONGEST_NAME))
        painter.drawText(QPointF(0, 0), shown)
        painter.restore()
