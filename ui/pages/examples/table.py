"""The table: painted in one go, sorted by its headers, with columns to choose."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QTableView,
)

from ui.i18n import tr
from ui.models.examples import WAITING, ExamplesModel
from ui.presenters.examples import Column, severity
from ui.presenters.words import severity_tone, verdict_tone
from ui.settings import Settings
from ui.theme import color, px

ROW = 36
LEAST_INPUT = 220
STATUS_NAMES = ("", "keep", "drop", "relabel", "edit", "flag", "skip")
_COLORS = tuple(
    "text muted line selection accent sunken good warn bad good_soft warn_soft bad_soft accent_soft".split()
)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


class Cells:
    """Paints all that is seen in one go. A delegate would be asked for each cell by itself, and wait each time for whatever
    another thread of Python does."""

    def __init__(self, table: ExamplesTable):
        self._table = table
        self._font = QFont(table.font())
        self._metrics = QFontMetrics(self._font)
        self._narrow = max(2, self._metrics.horizontalAdvance("i") - 1)
        self._small = QFont(table.font())
        self._small.setPointSizeF(self._font.pointSizeF() * 0.9)
        self._small_metrics = QFontMetrics(self._small)
        self._empty = tr("(empty)")
        self._cut: dict[tuple[str, int], str] = {}
        self._colors: dict[str, QColor] = {name: color(name) for name in _COLORS}
        self._line = QPen(self._colors["line"])
        self._pens = {name: QPen(self._colors[name]) for name in ("text", "muted", "good", "warn", "bad", "accent")}

    def paint(self, painter: QPainter, seen: QRect) -> None:
        """Paint the rows that meet `seen`."""
        table, model = self._table, self._table.examples
        high, offset = px(ROW), table.verticalOffset()
        first = max(0, (seen.top() + offset) // high)
        last = min(len(model.ids) - 1, (seen.bottom() + offset) // high)
        spans = table.spans
        current = table.currentIndex().row() if table.hasFocus() else -1
        boxes = [
            (column, table.columnViewportPosition(at), table.columnWidth(at)) for at, column in enumerate(model.columns)
        ]
        boxes = [box for box in boxes if box[1] + box[2] > seen.left() and box[1] <= seen.right()]
        whole = sum(table.columnWidth(at) for at in range(len(model.columns))) - table.horizontalOffset()
        for row in range(first, last + 1):
            top = row * high - offset
            if any(start <= row <= end for start, end in spans):
                painter.fillRect(0, top, whole, high, self._colors["selection"])
            painter.fillRect(0, top + high - 1, whole, 1, self._colors["line"])
            for column, left, wide in boxes:
                self._cell(painter, model, row, column, QRect(left + px(9), top, wide - px(17), high - 1))
            if row == current:
                for y in (top, top + high - px(1)):
                    painter.fillRect(0, y, whole, px(1), self._colors["accent"])
                painter.fillRect(0, top, px(3), high, self._colors["accent"])

    def _cell(self, painter: QPainter, model: ExamplesModel, row: int, column: Column, box: QRect) -> None:
        text, name = model.said(row, column.name), column.name
        if name in ("input", "output"):
            self._text(painter, box, text or self._empty, "text" if text and text != WAITING else "muted")
        elif not text:
            return
        elif name == "status":
            self._chip(painter, box, text, verdict_tone(STATUS_NAMES[model.rows.status[model.place(row)]]))  # type: ignore[union-attr]
        elif name == "findings":
            self._dot(painter, box, severity_tone(severity(model.rows, model.place(row))) or "muted")  # type: ignore[arg-type]
            self._text(painter, box.adjusted(px(16), 0, 0, 0), text, "text")
        else:
            self._text(painter, box, text, "muted", right=column.number)

    def _text(self, painter: QPainter, box: QRect, text: str, ink: str, *, right: bool = False) -> None:
        painter.setFont(self._font)
        painter.setPen(self._pens[ink])
        painter.drawText(box, _RIGHT if right else _LEFT, self._elided(text, box.width()))

    def _elided(self, text: str, width: int) -> str:
        key = (text, width)
        cut = self._cut.get(key)
        if cut is None:
            if len(self._cut) > 4_000:
                self._cut.clear()
            # No letter is narrower than this: what lies beyond need not be measured.
            seen = text[: max(8, width // self._narrow)]
            cut = self._cut[key] = self._metrics.elidedText(seen, Qt.TextElideMode.ElideRight, width)
        return cut

    def _chip(self, painter: QPainter, box: QRect, text: str, tone: str) -> None:
        wide = min(box.width(), self._small_metrics.horizontalAdvance(text) + px(16))
        chip = QRect(box.left(), box.center().y() - px(10), wide, px(20))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colors[f"{tone}_soft" if tone else "sunken"])
        painter.drawRoundedRect(chip, px(8), px(8))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setFont(self._small)
        painter.setPen(self._pens[tone or "muted"])
        cut = self._small_metrics.elidedText(text, Qt.TextElideMode.ElideRight, wide - px(12))
        painter.drawText(chip, int(Qt.AlignmentFlag.AlignCenter), cut)

    def _dot(self, painter: QPainter, box: QRect, tone: str) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colors[tone])
        painter.drawEllipse(box.left(), box.center().y() - px(3), px(8), px(8))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


class ExamplesTable(QTableView):
    """`sort_asked(column)` when a header is clicked; `looked_at(id)` when another row becomes current; `chosen()` when the
    selection changes."""

    sort_asked = Signal(object)
    looked_at = Signal(int)
    chosen = Signal()
    columns_changed = Signal()

    def __init__(self, model: ExamplesModel, settings: Settings, all_columns: Sequence[Column]):
        super().__init__()
        self.examples = model
        self._settings = settings
        self._all = {column.name: column for column in all_columns}
        self.setModel(model)
        self.setAccessibleName(tr("Examples"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(px(ROW))
        rows.setMinimumSectionSize(px(ROW))
        self.verticalScrollBar().setSingleStep(px(ROW))
        head = self.horizontalHeader()
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setHighlightSections(False)
        head.setSectionsClickable(True)
        head.setSectionsMovable(False)
        head.setSortIndicatorShown(False)
        head.setMinimumSectionSize(px(48))
        head.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        head.customContextMenuRequested.connect(lambda at: self.column_menu().popup(head.mapToGlobal(at)))
        head.sectionClicked.connect(lambda at: self.sort_asked.emit(self.examples.columns[at]))
        head.sectionResized.connect(self._resized)
        # Qt's own header asks every row whether it is selected, which takes a second where all of them are.
        head.setSelectionModel(QItemSelectionModel(model, head))
        self._cells = Cells(self)
        self.spans: list[tuple[int, int]] = []
        self._filling = False
        self.fill_columns()

    # Columns

    def shown_names(self) -> list[str]:
        """The columns to show, as they were chosen last."""
        kept = self._settings.get("examples.columns")
        if isinstance(kept, list) and any(name in self._all for name in kept):
            return [name for name in self._all if name in kept]
        return [name for name, column in self._all.items() if column.shown]

    def fill_columns(self, like: Column | None = None) -> None:
        """Show the chosen columns, and the one of likeness first where it is given."""
        shown = [self._all[name] for name in self.shown_names()]
        self._filling = True
        self.examples.show_columns([*([like] if like is not None else []), *shown])
        widths = self._settings.get("examples.widths") or {}
        for at, column in enumerate(self.examples.columns):
            self.setColumnWidth(at, px(widths.get(column.name, column.width)))
        self._filling = False
        self._fit()

    def _fit(self) -> None:
        """The input takes the room that the other columns leave, unless it was given a width."""
        names = [column.name for column in self.examples.columns]
        if "input" in names and "input" not in (self._settings.get("examples.widths") or {}):
            at = names.index("input")
            others = sum(self.columnWidth(other) for other in range(len(names)) if other != at)
            self._filling = True
            self.setColumnWidth(at, max(px(LEAST_INPUT), self.viewport().width() - others))
            self._filling = False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def toggle_column(self, name: str) -> None:
        """Show a column, or hide it; one always stays."""
        shown = self.shown_names()
        left = [one for one in shown if one != name] if name in shown else [*shown, name]
        if left:
            self._settings.set("examples.columns", left)
            self.columns_changed.emit()

    def column_menu(self) -> QMenu:
        """Which columns are shown."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        shown = self.shown_names()
        for name, column in self._all.items():
            action = menu.addAction(column.title)
            action.setCheckable(True)
            action.setChecked(name in shown)
            action.setToolTip(column.help)
            action.triggered.connect(lambda _on=False, name=name: self.toggle_column(name))
        menu.addSeparator()
        menu.addAction(tr("The usual columns"), self._usual)
        return menu

    def _usual(self) -> None:
        self._settings.set("examples.columns", None)
        self._settings.set("examples.widths", {})
        self.columns_changed.emit()

    def _resized(self, at: int, _old: int, new: int) -> None:
        if not self._filling and 0 <= at < len(self.examples.columns):
            widths = dict(self._settings.get("examples.widths") or {})
            widths[self.examples.columns[at].name] = round(new / max(1, px(100)) * 100)
            self._settings.set("examples.widths", widths)
            self._fit()

    # Rows

    def selected_rows(self) -> np.ndarray:
        """Numbers of the selected rows, ascending. Ranges, not indexes: there may be a million."""
        rows = [np.arange(top, bottom + 1) for top, bottom in self.spans]
        return np.unique(np.concatenate(rows)) if rows else np.zeros(0, np.int64)

    def selected_ids(self) -> np.ndarray:
        return self.examples.ids[self.selected_rows()]

    def selected_count(self) -> int:
        count, until = 0, -1
        for top, bottom in self.spans:
            count += max(0, bottom - max(top, until + 1) + 1)
            until = max(until, bottom)
        return count

    @property
    def current_id(self) -> int | None:
        row = self.currentIndex().row()
        return int(self.examples.ids[row]) if 0 <= row < len(self.examples.ids) else None

    def choose_row(self, row: int) -> None:
        """Make one row current and the selection."""
        index = self.examples.index(row, 0)
        whole = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.selectionModel().setCurrentIndex(index, whole)
        self.scrollTo(index)

    def currentChanged(self, current: QModelIndex, previous: QModelIndex) -> None:
        super().currentChanged(current, previous)
        if current.isValid() and current.row() != previous.row():
            self.viewport().update()
            self.looked_at.emit(int(self.examples.ids[current.row()]))

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        self._take_spans()
        self.chosen.emit()

    def reset(self) -> None:
        """Other rows: nothing of them is chosen yet."""
        super().reset()
        self.spans = []
        self.chosen.emit()

    def _take_spans(self) -> None:
        self.spans = sorted({(one.top(), one.bottom()) for one in self.selectionModel().selection()})
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        self._cells.paint(painter, event.rect())
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # The table's own search by typing would jump about: letters are keys of decisions.
        if event.text().strip() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
            return
        super().keyPressEvent(event)
