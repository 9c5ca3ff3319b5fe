"""Who confuses what with what: the matrix, beside it what is mixed up most, or the examples behind the cell that is open."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QBoxLayout, QWidget

from ui.context import Context
from ui.i18n import tr
from ui.pages.agreement.behind import BehindCard
from ui.pages.agreement.comparing import Comparison
from ui.pages.agreement.tables import TableCard
from ui.presenters.agreement_cells import CellView, behind
from ui.presenters.agreement_matrix import Picture, Sides, compare, picture
from ui.presenters.agreement_page import View
from ui.widgets.basics import row


class Confusions(QWidget):
    """`round()` names the round that is looked at, as other pages take it."""

    def __init__(self, context: Context, round: Callable[[], dict[str, str]]) -> None:
        super().__init__()
        self._context, self._round = context, round
        self._view: View | None = None
        self._sides = Sides()
        self._everything = False
        self._cell: tuple[str, str] | None = None
        self._wanted: tuple[str, str] | None = None
        self.comparison = Comparison()
        self.comparison.asked.connect(self.compare)
        self.comparison.all_asked.connect(self._show_everything)
        self.comparison.opened.connect(self._open_cell)
        self.mixed = TableCard(tr("Most often mixed up"), by_click=True)
        self.mixed.table.activated_key.connect(self.open_names)
        self.behind = BehindCard(self._show_all, self._adjudicate, self._show_example, self.close_cell)
        self._line = row(self, 16)
        for card, part in ((self.comparison, 3), (self.mixed, 2), (self.behind, 2)):
            self._line.addWidget(card, part)
        self.mixed.hide()
        self.behind.hide()
        self.hide()

    # What is shown

    def forget(self) -> None:
        """Something else is looked at: begin anew."""
        self._view, self._sides = None, Sides()
        self.comparison.matrix.forget()
        self.close_cell()

    def show_view(self, view: View) -> None:
        """The matrix of these votes; the people who are compared, the cell and its list stay."""
        votes, self._view = view.votes, view
        self.setVisible(view.with_matrix)
        if votes is None or not view.with_matrix:
            self.close_cell()
            return
        if any(name and name not in votes.reviewers for name in (self._sides.row, self._sides.column)):
            self._sides = Sides()
        self.comparison.show_people(votes.reviewers, self._sides)
        self._draw()

    def compare(self, sides: Sides) -> None:
        """Compare others; the list of a cell is closed, since the cell says something else now."""
        if self._view is None or self._view.votes is None:
            return
        self.comparison.show_people(self._view.votes.reviewers, sides)
        if sides != self._sides:
            self._sides = sides
            self.comparison.matrix.forget()
            self.close_cell()
            self._draw()

    def toggle_all(self) -> None:
        """Show all labels, or the most confused again."""
        if self.comparison.every.isVisible():
            self.comparison.every.toggle()

    def _show_everything(self, everything: bool) -> None:
        self._everything = everything
        self._draw()

    def _draw(self) -> None:
        view, sides, everything = self._view, self._sides, self._everything
        if view is None or view.votes is None or view.consensus is None:
            return
        votes, consensus = view.votes, view.consensus
        self._context.need_session().read(
            lambda _project: picture(compare(votes, consensus, sides), sides, everything),
            self._drawn,
            key="agreement.matrix",
            quick=True,
        )

    def _drawn(self, found: Picture) -> None:
        self.comparison.show_picture(found, self._everything)
        self.mixed.show_table(found.mixed_up())
        self._stand()
        wanted, self._wanted = self._wanted, None
        if wanted is not None and self.go_to(wanted):
            self._cell = wanted
        if self._cell is not None:
            self._read_cell()

    # A cell

    @property
    def is_open(self) -> bool:
        """Whether the examples behind a cell are listed."""
        return self._cell is not None

    def open_names(self, key: tuple[str, ...]) -> None:
        """Open the cell of two labels, wherever it is."""
        if self.go_to(key):
            self._cell = (key[0], key[1])
            self._read_cell()

    def go_to(self, key: tuple[str, ...]) -> bool:
        """Make the cell of two labels the current one; all labels are shown where it is not among the first."""
        found = self.comparison.picture
        if found is None or len(key) < 2:
            return False
        if any(name not in found.names for name in key):
            self._wanted = (key[0], key[1])
            self.comparison.every.setChecked(True)
            return False
        self.comparison.matrix.go_to_names(*key)
        return True

    def close_cell(self) -> None:
        """Put the list of examples away; the keys are in the matrix again."""
        had = self.behind.isVisible() and self.behind.isAncestorOf(self.focusWidget() or self)
        self._cell = self._wanted = None
        self.behind.hide()
        self._stand()
        if had:
            self.comparison.matrix.setFocus()

    def _open_cell(self, row_at: int, column_at: int) -> None:
        found, names = self.comparison.picture, self.comparison.matrix.current_names
        if found is not None and names is not None and found.counts[row_at, column_at]:
            self._cell = names
            self._read_cell()

    def _read_cell(self) -> None:
        """Read what stands behind the open cell; where it is no longer there, close it."""
        found, view, cell = self.comparison.picture, self._view, self._cell
        if found is None or view is None or cell is None:
            return
        if any(name not in found.names for name in cell):
            self.close_cell()
            return
        at = found.names.index(cell[0]), found.names.index(cell[1])
        title, held, disputed = found.say(*at), view.held, view.disputed
        self._context.need_session().read(
            lambda project: behind(
                project, title, found.examples(*at), held.examples, held.said, disputed, held.withheld
            ),
            self._show_cell,
            key="agreement.cell",
        )

    def _show_cell(self, view: CellView) -> None:
        if self._cell is not None:
            self.behind.show_view(view)
            self.behind.show()
            self._stand()

    def _show_all(self) -> None:
        if self.behind.view is not None:
            self._context.go("examples", ids=list(self.behind.view.ids), title=self.behind.view.title)

    def _show_example(self, example: int) -> None:
        if self.behind.view is not None:
            self._context.go("examples", ids=[example], title=self.behind.view.title)

    def _adjudicate(self) -> None:
        if self.behind.view is not None:
            self._context.go("adjudicate", ids=list(self.behind.view.disputed), **self._round())

    # Room

    def stand(self, *, narrow: bool) -> None:
        """The list under the matrix where it is narrow."""
        way = QBoxLayout.Direction
        self._line.setDirection(way.TopToBottom if narrow else way.LeftToRight)

    def _stand(self) -> None:
        self.mixed.setVisible(self.mixed.has_lines and not self.behind.isVisibleTo(self))
