"""The records of a file that could not be read: where each is, why, and what stands there."""

from __future__ import annotations

from itertools import islice

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QPlainTextEdit,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from curator.model import Rejected
from curator.store import Project
from ui.context import Context
from ui.i18n import number, tr, trn
from ui.theme import mono, px
from ui.widgets.basics import button, column, fill, heading, muted, named, row, tip_text

SHOWN = 1_000


class RejectedDialog(QDialog):
    """A list of rejected records, with the bytes of the chosen one as text."""

    def __init__(self, parent: QWidget, context: Context, source: int):
        super().__init__(parent)
        self.setWindowTitle(tr("Rejected records"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(px(760), px(520))
        self._records: list[Rejected] = []
        self._title = heading("")
        self._hint = muted(tr("Nothing of them is lost: mend them in the file, and import it again."))
        self.table = named(QTableWidget(0, 2), tr("Rejected records"))
        self.table.setHorizontalHeaderLabels([tr("Line"), tr("Reason")])
        self.table.verticalHeader().hide()
        head = self.table.horizontalHeader()
        head.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setHighlightSections(False)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setTabKeyNavigation(False)
        self.table.setShowGrid(False)
        self.table.currentCellChanged.connect(lambda line, *_: self._show_raw(line))
        self.raw = named(QPlainTextEdit(), tr("The record as it stands in the file"))
        self.raw.setReadOnly(True)
        self.raw.setTabChangesFocus(True)
        self.raw.setFont(mono())
        body = column(self, 8, 24)
        end = row()
        fill(end, None, button(tr("Close"), self.close))
        fill(body, self._title, self._hint, 8)
        body.addWidget(self.table, 3)
        body.addWidget(self.raw, 2)
        body.addLayout(end)
        context.need_session().read(lambda project: _read(project, source), self._show, key="rejected")

    def _show(self, found: list[Rejected]) -> None:
        self._records = found[:SHOWN]
        name = found[0].ref.source.rpartition("/")[2] if found else ""
        text = trn(
            "{n} record of {name} could not be read", "{n} records of {name} could not be read", len(found), name=name
        )
        if len(found) > SHOWN:
            text = tr("The first {n} records of {name} that could not be read", n=number(SHOWN), name=name)
        self._title.setText(text)
        self.table.setRowCount(len(self._records))
        for at, one in enumerate(self._records):
            where = number(one.ref.line) if one.ref.line is not None else tr("record {n}", n=number(one.ref.record))
            for place, said in enumerate((where, one.reason)):
                cell = QTableWidgetItem(said)
                cell.setToolTip(tip_text(said))
                self.table.setItem(at, place, cell)
        if self._records:
            self.table.setCurrentCell(0, 0)

    def _show_raw(self, line: int) -> None:
        if 0 <= line < len(self._records):
            self.raw.setPlainText(self._records[line].raw.decode("utf-8", "replace"))


def _read(project: Project, source: int) -> list[Rejected]:
    return list(islice(project.rejected(source), SHOWN + 1))
