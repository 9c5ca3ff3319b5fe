"""The page: reads the votes of a round or of all, measures them beside the window, and leads from a figure to its examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSignalBlocker, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QComboBox, QStackedWidget, QWidget

from curator.errors import CuratorError
from ui.actions import Action
from ui.context import Context
from ui.i18n import tr
from ui.pages import Page
from ui.pages.agreement.behind import BehindCard
from ui.pages.agreement.comparing import Comparison
from ui.pages.agreement.consensus import ConsensusCard
from ui.pages.agreement.figures import Figures, Headline
from ui.pages.agreement.tables import TableCard
from ui.pages.agreement.trend import TrendCard
from ui.presenters import agreement_page as presenter
from ui.presenters.agreement_cells import CellView, behind
from ui.presenters.agreement_matrix import Picture, Sides, compare, picture
from ui.presenters.agreement_page import View
from ui.theme import px
from ui.widgets.basics import Banner, EmptyState, Scroll, column, fill, muted, named, row

if TYPE_CHECKING:
    from curator.store import Change

TOGETHER_MS = 400
"""Votes that come this soon after each other are measured together."""
NARROW = 960
"""The width below which cards stand in one column."""


class AgreementPage(Page):
    name = "agreement"

    def __init__(self, context: Context):
        super().__init__(context)
        self._view: View | None = None
        self._scope: str | None = None
        self._sides = Sides()
        self._everything = False
        self._cell: tuple[str, str] | None = None
        self._wanted: tuple[str, str] | None = None
        self._fresh = self._reading = False
        self._reader = ""
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(TOGETHER_MS)
        self._later.timeout.connect(self._load)
        self._make()
        self._lay_out()

    def _make(self) -> None:
        self.scope = named(QComboBox(), tr("Votes of"))
        self.scope.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.scope.setMaximumWidth(px(360))
        self.scope.activated.connect(lambda at: self._choose_scope(self.scope.itemData(at)))
        self.summary = muted("")
        self.headline = Headline(self._new_round)
        self.prevalence = Banner("", "warn")
        self.figures = Figures()
        self.comparison = Comparison()
        self.comparison.asked.connect(self._compare)
        self.comparison.all_asked.connect(self._show_everything)
        self.comparison.opened.connect(self._open_cell)
        self.behind = BehindCard(self._show_all, self._adjudicate_cell, self._show_example, self.close_cell)
        self.behind.hide()
        self.mixed = TableCard(tr("Most often mixed up"), by_click=True)
        self.mixed.table.activated_key.connect(self._open_names)
        self.labels, self.reviewers = TableCard(tr("By label")), TableCard(tr("By reviewer"))
        self.pairs, self.fields = TableCard(tr("Pairs of reviewers")), TableCard(tr("By field"))
        self.labels.table.activated_key.connect(self._look_at_label)
        self.reviewers.table.activated_key.connect(lambda key: self._compare(Sides(column=key[0])))
        self.pairs.table.activated_key.connect(lambda key: self._compare(Sides(*key)))
        self.trend = TrendCard()
        self.consensus = ConsensusCard(self._adjudicate)
        for card in (self.labels, self.reviewers, self.pairs, self.fields, self.trend, self.consensus):
            card.hide()
        self.comparison.hide()
        self.mixed.hide()

    def _lay_out(self) -> None:
        inside = QWidget()
        whole = column(inside, 16, (24, 16, 24, 24))
        top = row(spacing=12)
        fill(top, muted(tr("Votes of"), wrap=False), self.scope)
        top.addWidget(self.summary, 1)
        whole.addLayout(top)
        fill(whole, self.headline, self.prevalence, self.figures, self.fields)
        self._beside = row(spacing=16)
        self._beside.addWidget(self.comparison, 3)
        self._beside.addWidget(self.mixed, 2)
        self._beside.addWidget(self.behind, 2)
        whole.addLayout(self._beside)
        self._first, self._second = row(spacing=16), row(spacing=16)
        people = column(spacing=16)
        fill(people, self.reviewers, self.pairs, None)
        self._first.addWidget(self.labels, 1)
        self._first.addLayout(people, 1)
        for card in (self.trend, self.consensus):
            self._second.addWidget(card, 1)
        whole.addLayout(self._first)
        whole.addLayout(self._second)
        whole.addStretch(1)
        self.scroll = named(Scroll(inside, sideways=True), tr("Agreement"))
        self._inside = inside
        self.views = QStackedWidget()
        self.empty: EmptyState | None = None
        self.waiting = EmptyState(tr("Reading the votes …"), tr("A moment: figures come first, their intervals after."))
        self.views.addWidget(self.waiting)
        self.views.addWidget(self.scroll)
        column(self).addWidget(self.views)

    # What is shown

    def arrive(self, **where: Any) -> None:
        """`round`: the votes of this round (its id); nothing: go on where one was."""
        if where.get("round") is not None:
            self._choose_scope(str(where["round"]))
        elif not self._fresh or self._reader != self.context.need_session().reviewer:
            self._load()

    def changed(self, change: Change) -> None:
        if change.rounds or change.examples:
            self._fresh = False
            if self.isVisible():
                self._later.start()

    def _choose_scope(self, scope: str) -> None:
        if scope != self._scope:
            self._scope, self._view, self._fresh = scope, None, False
            self.comparison.matrix.forget()
            self.close_cell()
        if not self._fresh:
            self._load()

    def _load(self) -> None:
        """Measure anew; while that goes on, further changes wait for its end."""
        if self._reading:
            return
        self._fresh = self._reading = True
        session, scope = self.context.need_session(), self._scope
        me = self._reader = session.reviewer  # what a blind round withholds is another thing for each
        session.read(lambda project: presenter.read(project, scope, me), self._read, failed=self._not_read)

    def _read(self, view: View) -> None:
        """The figures alone are there; what takes longer comes after. Where all was shown before, it stays until then."""
        if not self._is_wanted(view):
            return
        if self._view is None or view.state != "ready":
            self._show(view)
        if view.state != "ready":
            self._done()
            return
        session = self.context.need_session()
        session.read(lambda _project: presenter.agreed(view), self._agreed, failed=self._not_read)

    def _agreed(self, view: View) -> None:
        if not self._is_wanted(view):
            return
        if self._view is None or self._view.waiting:
            self._show(view)
        session = self.context.need_session()
        session.read(lambda project: presenter.measured(project, view), self._measured, failed=self._not_read)

    def _measured(self, view: View) -> None:
        if self._is_wanted(view):
            self._show(view)
            self._done()

    def _is_wanted(self, view: View) -> bool:
        """Whether this is still what is to be shown; where something else was chosen meanwhile, that is read now."""
        if self._scope in (None, view.scope):
            return True
        self._reading = self._fresh = False
        self._load()
        return False

    def _done(self) -> None:
        self._reading = False
        if not self._fresh and self.isVisible():
            self._later.start()

    def _not_read(self, error: CuratorError) -> None:
        self._reading = self._fresh = False
        self.context.trouble(str(error))

    def _show(self, view: View) -> None:
        before, self._view, self._scope = self._view, view, view.scope
        self._show_scopes(view)
        if view.state == "empty":
            self._show_empty(view)
            return
        self.views.setCurrentWidget(self.scroll)
        self.summary.setText(view.summary)
        self.headline.show_words(view.headline, view.tone, view.advice, view.more)
        self.prevalence.text.setText(view.prevalence)
        self.prevalence.setVisible(bool(view.prevalence))
        self.figures.setVisible(bool(view.figures))
        self.figures.show_figures(view.figures, view.waiting)
        for card, table in (
            (self.labels, view.labels),
            (self.reviewers, view.reviewers),
            (self.pairs, view.pairs),
            (self.fields, view.fields),
        ):
            card.show_table(table)
        self.trend.show_points(view.trend, view.trend_note)
        self.consensus.show_view(view.consensus_view)
        self._show_matrix(view, keep=before is not None)
        self._stand()

    def _show_scopes(self, view: View) -> None:
        with QSignalBlocker(self.scope):
            shown = [(self.scope.itemData(at), self.scope.itemText(at)) for at in range(self.scope.count())]
            if shown != [(scope.key, scope.title) for scope in view.scopes]:
                self.scope.clear()
                for scope in view.scopes:
                    self.scope.addItem(scope.title, scope.key)
            self.scope.setCurrentIndex(max(0, self.scope.findData(view.scope)))

    def _show_empty(self, view: View) -> None:
        if self.empty is not None:
            self.views.removeWidget(self.empty)
            self.empty.deleteLater()
        self.empty = EmptyState(
            view.headline, " ".join(view.advice), tr("New round"), self._new_round, picture="agreement"
        )
        self.views.addWidget(self.empty)
        self.views.setCurrentWidget(self.empty)

    # The matrix

    def _show_matrix(self, view: View, *, keep: bool) -> None:
        votes = view.votes
        self.comparison.setVisible(view.with_matrix)
        if votes is None or not view.with_matrix:
            self.close_cell()
            self.mixed.hide()
            return
        if not keep or any(name and name not in votes.reviewers for name in (self._sides.row, self._sides.column)):
            self._sides = Sides()
        self.comparison.show_people(votes.reviewers, self._sides)
        self._draw()

    def _compare(self, sides: Sides) -> None:
        """Compare others; the cell that is open is closed, since it says something else now."""
        if self._view is None or self._view.votes is None or sides == self._sides:
            if self._view is not None and self._view.votes is not None:
                self.comparison.show_people(self._view.votes.reviewers, sides)
            return
        self._sides = sides
        self.comparison.matrix.forget()
        self.close_cell()
        self.comparison.show_people(self._view.votes.reviewers, sides)
        self._draw()

    def _show_everything(self, everything: bool) -> None:
        self._everything = everything
        self._draw()

    def _draw(self) -> None:
        view, sides, everything = self._view, self._sides, self._everything
        if view is None or view.votes is None or view.consensus is None:
            return
        votes, consensus = view.votes, view.consensus
        session = self.context.need_session()
        session.read(
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
        if wanted is not None and self._find(wanted):
            self._cell = wanted
        if self._cell is not None:
            self._read_cell()

    def _open_cell(self, row_at: int, column_at: int) -> None:
        names = self.comparison.matrix.current_names
        found = self.comparison.picture
        if names is None or found is None or not found.counts[row_at, column_at]:
            return
        self._cell = names
        self._read_cell()

    def _open_names(self, key: tuple[str, ...]) -> None:
        """Open the cell of two labels, wherever it is."""
        if self._find(key):
            self._cell = (key[0], key[1])
            self._read_cell()

    def _find(self, key: tuple[str, ...]) -> bool:
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

    def _read_cell(self) -> None:
        """Read what stands behind the open cell; where it is no longer there, close it."""
        found, view, cell = self.comparison.picture, self._view, self._cell
        if found is None or view is None or cell is None:
            return
        if any(name not in found.names for name in cell):
            self.close_cell()
            return
        at = found.names.index(cell[0]), found.names.index(cell[1])
        title, held = found.say(*at), view.held
        session = self.context.need_session()
        session.read(
            lambda project: behind(
                project, title, found.examples(*at), held.examples, held.said, view.disputed, held.withheld
            ),
            self._show_cell,
            key="agreement.cell",
        )

    def _show_cell(self, view: CellView) -> None:
        if self._cell is not None:
            self.behind.show_view(view)
            self.behind.show()
            self._stand()

    def close_cell(self) -> None:
        """Put the list of examples away; the keys are in the matrix again."""
        had = self.behind.isVisible() and self.behind.isAncestorOf(self.focusWidget() or self)
        self._cell = None
        self.behind.hide()
        self._stand()
        if had:
            self.comparison.matrix.setFocus()

    def _look_at_label(self, key: tuple[str, ...]) -> None:
        """Go to the cell where this label is confused most."""
        self._find(key)
        self.to_matrix()

    # Where one goes from here

    def _new_round(self) -> None:
        self.context.go("rounds", new=True)

    def _show_all(self) -> None:
        if self.behind.view is not None:
            self.context.go("examples", ids=list(self.behind.view.ids), title=self.behind.view.title)

    def _show_example(self, example: int) -> None:
        if self.behind.view is not None:
            self.context.go("examples", ids=[example], title=self.behind.view.title)

    def _adjudicate_cell(self) -> None:
        if self.behind.view is not None:
            self.context.go("adjudicate", ids=list(self.behind.view.disputed), **self._round())

    def _adjudicate(self) -> None:
        if self._view is not None:
            self.context.go("adjudicate", **self._round())

    def _round(self) -> dict[str, str]:
        """The round that is looked at, as other pages take it."""
        return {"round": self._view.scope} if self._view is not None and self._view.scope else {}

    def actions_here(self) -> list[Action]:
        def here(id: str, title: str, run: Any, key: str, enabled: Any = None) -> Action:
            return Action(f"agreement.{id}", title, run, (key,), self.name, "view", enabled)

        def drawn() -> bool:
            return self.comparison.picture is not None

        return [
            here("matrix", tr("To the matrix"), self.to_matrix, "M", drawn),
            here("all", tr("All labels, or the most confused"), self._toggle_all, "L", drawn),
            here("close", tr("Close the list of examples"), self.close_cell, "Escape", lambda: self._cell is not None),
        ]

    def to_matrix(self) -> None:
        """Put the keys into the matrix."""
        self.scroll.ensureWidgetVisible(self.comparison, 0, px(16))
        self.comparison.matrix.setFocus()

    def _toggle_all(self) -> None:
        if self.comparison.every.isVisible():
            self.comparison.every.toggle()

    # Room

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._stand()

    def _stand(self) -> None:
        """Lay the cards out for the room there is: where it is narrow, all in one column."""
        way = QBoxLayout.Direction
        narrow = self.width() < px(NARROW)
        for line in (self._beside, self._first, self._second):
            line.setDirection(way.TopToBottom if narrow else way.LeftToRight)
        self.mixed.setVisible(
            self.mixed.has_lines and self.comparison.isVisibleTo(self) and not self.behind.isVisibleTo(self)
        )
