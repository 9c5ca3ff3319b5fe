"""The rows of the examples table: ids in order, and the texts of the rows that are looked at, read beside the window."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, QTimer

from curator.catalogue import Catalogue
from curator.errors import CuratorError
from curator.store import Project
from ui.i18n import number
from ui.presenters.examples import SIMILARITY, Column, Looked, RowText, cell, read_rows
from ui.session import Session
from ui.widgets.basics import tip_text

PAGE = 64
KEPT = 48
"""Pages of texts that are kept; the rest is read again when it is looked at."""
WAITING = "…"
Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class ExamplesModel(QAbstractTableModel):
    """Never reads on the main thread: a text that is not there yet shows as … and comes in a moment."""

    def __init__(self, session: Session):
        super().__init__()
        self._session = session
        self.rows: Catalogue | None = None
        self.ids = np.zeros(0, np.int64)
        self.columns: tuple[Column, ...] = ()
        self.cosines: dict[int, float] = {}
        self._places = np.zeros(0, np.int64)
        self._pages: OrderedDict[int, dict[int, RowText]] = OrderedDict()
        self._wanted: list[int] = []
        self._reading = False
        self._round = 0

    # What is shown

    def show(self, looked: Looked, cosines: dict[int, float]) -> None:
        """Other rows."""
        self.beginResetModel()
        self.rows, self.ids, self._places = looked.rows, looked.ids, looked.places
        self.cosines = cosines
        self._pages.clear()
        self._wanted.clear()
        self._round += 1
        self.endResetModel()

    def show_first(self, ids: np.ndarray, texts: dict[int, RowText]) -> None:
        """Rows that can be read already while the catalogue is not there yet."""
        self.beginResetModel()
        self.ids, self._places = ids, np.full(len(ids), -1)
        self._pages[0] = texts
        self._round += 1
        self.endResetModel()

    def update_rows(self, rows: Catalogue) -> None:
        """The same rows by a newer catalogue."""
        if self.rows is None or self.rows.ids is not rows.ids:
            # Rows that are gone, by an import that was undone, stay and are empty until one looks again.
            at = np.minimum(np.searchsorted(rows.ids, self.ids), max(0, len(rows) - 1))
            self._places = np.where(rows.ids[at] == self.ids, at, -1) if len(rows) else np.full(len(self.ids), -1)
        self.rows = rows
        if len(self.ids) and self.columns:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.ids) - 1, len(self.columns) - 1))

    def show_columns(self, columns: Sequence[Column]) -> None:
        self.beginResetModel()
        self.columns = tuple(columns)
        self.endResetModel()

    def place(self, row: int) -> int:
        """Where the example of a row stands in the catalogue, -1 where it no longer does."""
        return int(self._places[row])

    def row_of(self, id: int) -> int:
        """The row of an example, -1 where it is not shown."""
        found = np.flatnonzero(self.ids == id)
        return int(found[0]) if len(found) else -1

    def text(self, row: int) -> RowText | None:
        """The texts of a row, None while they are being read."""
        page = row // PAGE
        held = self._pages.get(page)
        if held is None:
            self._want(page)
            return None
        return held.get(int(self.ids[row]))

    # What Qt asks

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.ids)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.help
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.number else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        said = self.said(index.row(), self.columns[index.column()].name)
        return tip_text(said) if role == Qt.ItemDataRole.ToolTipRole else said

    def said(self, row: int, name: str) -> str:
        """What a cell says."""
        if name in ("input", "output", "source"):
            held = self.text(row)
            if held is None:
                return WAITING
            return held.input if name == "input" else held.output if name == "output" else held.where
        if name == SIMILARITY:
            cosine = self.cosines.get(int(self.ids[row]))
            return "" if cosine is None else number(cosine, 2)
        place = self.place(row)
        return "" if self.rows is None or place < 0 else cell(self.rows, place, name)

    # Reading

    def refresh(self, ids: Collection[int]) -> None:
        """Read these rows anew where they are held: their texts may have changed."""
        held = [id for page in self._pages.values() for id in page if id in ids]
        if held:
            now = self._round
            self._session.read(
                lambda project: read_rows(project, held), lambda found: self._refreshed(now, found), quick=True
            )

    def _refreshed(self, round: int, found: dict[int, RowText]) -> None:
        if round != self._round:
            return
        for page in self._pages.values():
            page.update({id: text for id, text in found.items() if id in page})
        for id in found:
            if (row := self.row_of(id)) >= 0:
                self.dataChanged.emit(self.index(row, 0), self.index(row, len(self.columns) - 1))

    def _want(self, page: int) -> None:
        if page in self._wanted:
            self._wanted.remove(page)
        self._wanted.append(page)
        if not self._reading:
            self._reading = True
            QTimer.singleShot(0, self, self._read)

    def _read(self) -> None:
        """Read the pages that were asked for last: whoever scrolls fast does not wait for what flew by."""
        pages = [page for page in self._wanted[-2:] if page * PAGE < len(self.ids)]
        self._wanted.clear()
        if not pages:
            self._reading = False
            return
        wanted = {page: self.ids[page * PAGE : (page + 1) * PAGE].tolist() for page in pages}
        now = self._round
        self._session.read(
            _pages_reader(wanted), lambda found: self._came(now, found), failed=self._not_read, quick=True
        )

    def _not_read(self, error: CuratorError) -> None:
        self._reading = False
        self._session.trouble.emit(str(error))

    def _came(self, round: int, found: dict[int, dict[int, RowText]]) -> None:
        self._reading = False
        if round == self._round:
            self._pages.update(found)
            while len(self._pages) > KEPT:
                self._pages.popitem(last=False)
            for page in found:
                last = min(len(self.ids), (page + 1) * PAGE) - 1
                if page * PAGE <= last:
                    self.dataChanged.emit(self.index(page * PAGE, 0), self.index(last, len(self.columns) - 1))
        if self._wanted:
            self._reading = True
            self._read()


def _pages_reader(wanted: dict[int, list[int]]) -> Callable[[Project], dict[int, dict[int, RowText]]]:
    def read(project: Project) -> dict[int, dict[int, RowText]]:
        found = read_rows(project, [id for ids in wanted.values() for id in ids])
        return {page: {id: found[id] for id in ids if id in found} for page, ids in wanted.items()}

    return read
