"""The card of the matrix: who is compared, the matrix itself, and what the cell that is pointed at says."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox, QWidget

from ui.i18n import tr, trn
from ui.presenters.agreement_matrix import CONSENSUS, EVERYBODY, Picture, Sides
from ui.theme import px
from ui.widgets.basics import Card, button, fill, heading, muted, named, row
from ui.widgets.flow import Flow
from ui.widgets.matrix import Matrix


class Comparison(Card):
    """Signals: `asked(Sides)` somebody else is to be compared, `all_asked(bool)` more or fewer labels, `opened(int, int)`."""

    asked = Signal(object)
    all_asked = Signal(bool)
    opened = Signal(int, int)

    def __init__(self) -> None:
        super().__init__(spacing=8, margins=(16, 16, 16, 12))
        self.rows = named(QComboBox(), tr("Rows of the matrix"))
        self.columns = named(QComboBox(), tr("Columns of the matrix"))
        for box in (self.rows, self.columns):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            box.setMaximumWidth(px(220))
        self.rows.activated.connect(lambda _at: self._choose())
        self.columns.activated.connect(lambda _at: self._choose())
        self.matrix = Matrix()
        self.matrix.opened.connect(self.opened)
        self.matrix.pointed.connect(self._point)
        self.said = muted("")
        self.said.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self.said.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.every = button(tr("Show all labels"), kind="quiet")
        self.every.setCheckable(True)
        self.every.toggled.connect(self.all_asked)
        self._picture: Picture | None = None
        choices = QWidget()
        inside = Flow(choices, 8)
        for one in (_pair(tr("Rows"), self.rows), _pair(tr("Columns"), self.columns)):
            inside.add(one)
        top = row(spacing=8)
        top.addWidget(heading(tr("Who confuses what with what")), 1)
        top.addWidget(self.every)
        fill(self.body, top, choices, self.matrix, self.said, None)

    def show_people(self, reviewers: Sequence[str], sides: Sides) -> None:
        """Who can be compared, and who is."""
        for box, first, chosen, other in (
            (self.rows, tr("Consensus"), sides.row, sides.column),
            (self.columns, tr("All votes"), sides.column, sides.row),
        ):
            with QSignalBlocker(box):
                names = [box.itemData(at) for at in range(1, box.count())]
                if names != list(reviewers) or box.itemText(0) != first:
                    box.clear()
                    box.addItem(first, "")
                    for name in reviewers:
                        box.addItem(name, name)
                box.setCurrentIndex(max(0, box.findData(chosen)))
            listed = box.model()
            assert isinstance(listed, QStandardItemModel)
            for at in range(1, box.count()):  # nobody is compared with themselves
                listed.item(at).setEnabled(box.itemData(at) != other)

    def _choose(self) -> None:
        self.asked.emit(Sides(self.rows.currentData() or CONSENSUS, self.columns.currentData() or EVERYBODY))

    def show_picture(self, picture: Picture, everything: bool) -> None:
        self._picture = picture
        with QSignalBlocker(self.every):
            self.every.setChecked(everything)
        more = picture.hidden
        self.every.setVisible(bool(more) or everything)
        self.every.setText(
            tr("Show the most confused") if everything else trn("Show {n} more label", "Show {n} more labels", more)
        )
        self.matrix.show_counts(picture.title, picture.names, picture.counts, picture.totals, picture.say)

    def _point(self, row_at: int, column_at: int) -> None:
        self.said.setText(self.matrix.say(row_at, column_at))

    @property
    def picture(self) -> Picture | None:
        return self._picture


def _pair(text: str, box: QComboBox) -> QWidget:
    made = QWidget()
    inside = row(made, 8)
    fill(inside, muted(text, wrap=False), box)
    return made
