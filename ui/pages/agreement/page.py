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
from ui.pages.agreement.confusions import Confusions
from ui.pages.agreement.consensus import ConsensusCard
from ui.pages.agreement.figures import Figures, Headline
from ui.pages.agreement.tables import TableCard
from ui.pages.agreement.trend import TrendCard
from ui.presenters import agreement_page as presenter
from ui.presenters.agreement_matrix import Sides
from ui.presenters.agreement_page import View
from ui.theme import px
from ui.widgets.basics import Banner, EmptyState, Scroll, column, fill, muted, named, row

if TYPE_CHECKING:
    from curator.store import Change

KEPT = "agreement.scope"
TOGETHER_MS = 400
"""Votes that come this soon after each other are measured together."""
NARROW = 960
"""The width below which cards stand in one column."""


class AgreementPage(Page):
    name = "agreement"

    def __init__(self, context: Context):
        super().__init__(context)
        self._view: View | None = None
        kept = context.need_session().property(KEPT)  # the window is made anew with another theme or language
        self._scope: str | None = kept
        self._asked: str | None = None
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
        self.confusions = Confusions(self.context, self._round)
        self.comparison, self.mixed, self.behind = (
            self.confusions.comparison,
            self.confusions.mixed,
            self.confusions.behind,
        )
        self.labels, self.reviewers = TableCard(tr("By label")), TableCard(tr("By reviewer"))
        self.pairs, self.fields = TableCard(tr("Pairs of reviewers")), TableCard(tr("By field"))
        self.labels.table.activated_key.connect(self._look_at_label)
        self.reviewers.table.activated_key.connect(lambda key: self._compare(Sides(column=key[0])))
        self.pairs.table.activated_key.connect(lambda key: self._compare(Sides(*key)))
        self.trend = TrendCard()
        self.consensus = ConsensusCard(self._adjudicate)
        for card in (self.labels, self.reviewers, self.pairs, self.fields, self.trend, self.consensus):
            card.hide()

    def _lay_out(self) -> None:
        inside = QWidget()
        whole = column(inside, 16, (24, 16, 24, 24))
        top = row(spacing=12)
        fill(top, muted(tr("Votes of"), wrap=False), self.scope)
        top.addWidget(self.summary, 1)
        whole.addLayout(top)
        fill(whole, self.headline, self.prevalence, self.figures, self.fields, self.confusions)
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
        self.area = named(Scroll(inside, sideways=True), tr("Agreement"))
        self.views = QStackedWidget()
        self.empty: EmptyState | None = None
        self.waiting = EmptyState(tr("Reading the votes …"), tr("A moment: figures come first, their intervals after."))
        self.views.addWidget(self.waiting)
        self.views.addWidget(self.area)
        column(self).addWidget(self.views)

    # What is shown

    def arrive(self, **where: Any) -> None:
        """`round`: the votes of this round (its id); nothing: go on where one was."""
        if self._reader != self.context.need_session().reviewer:
            self._view = None  # what the one before saw is not for everybody's eyes
            self.confusions.forget()
            self.views.setCurrentWidget(self.waiting)
        if where.get("round") is not None:
            self._choose_scope(str(where["round"]))
        elif not self._fresh or self._view is None:
            self._load()

    def changed(self, change: Change) -> None:
        if change.rounds or change.examples:
            self._fresh = False
            if self.isVisible():
                self._later.start()

    def _choose_scope(self, scope: str) -> None:
        if scope != self._scope:
            self._scope, self._view, self._fresh = scope, None, False
            self.confusions.forget()
        if not self._fresh or self._view is None:
            self._load()

    def _load(self) -> None:
        """Measure anew; while that goes on, further changes wait for its end."""
        if self._reading:
            return
        self._fresh = self._reading = True
        session = self.context.need_session()
        scope = self._asked = self._scope
        me = self._reader = session.reviewer  # what a blind round withholds is another thing for each
        session.read(lambda project: presenter.read(project, scope, me), self._read, failed=self._not_read)

    def _read(self, view: View) -> None:
        """The figures alone are there; what takes longer comes after. Where all was shown before, it stays until then."""
        if not self._is_wanted():
            return
        self._scope = self._asked = view.scope  # another one where a round is there no longer
        session = self.context.need_session()
        session.setProperty(KEPT, view.scope)
        if self._view is None or view.state != "ready":
            self._show(view)
        if view.state != "ready":
            self._done()
            return
        session.read(lambda _project: presenter.agreed(view), self._agreed, failed=self._not_read)

    def _agreed(self, view: View) -> None:
        if not self._is_wanted():
            return
        if self._view is None or self._view.waiting:
            self._show(view)
        session = self.context.need_session()
        session.read(lambda project: presenter.measured(project, view), self._measured, failed=self._not_read)

    def _measured(self, view: View) -> None:
        if self._is_wanted():
            self._show(view)
            self._done()

    def _is_wanted(self) -> bool:
        """Whether this is still what is to be shown; where something else was chosen meanwhile, that is read now."""
        if self._scope == self._asked and self._reader == self.context.need_session().reviewer:
            return True
        self._reading = self._fresh = False
        self._load()
        return False

    def _done(self) -> None:
        self._reading = False
        if not self._fresh and self.isVisible():
            self._later.start()

    def _not_read(self, error: CuratorError) -> None:
        changed = not self._fresh
        self._reading = self._fresh = False
        if changed:  # as when the round was undone while it was read
            self._later.start()
        else:
            self.context.trouble(str(error))

    def _show(self, view: View) -> None:
        self._view = view
        self._show_scopes(view)
        if view.state == "empty":
            self._show_empty(view)
            return
        self.views.setCurrentWidget(self.area)
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
        self.confusions.show_view(view)
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

    # Where one goes from here

    def _compare(self, sides: Sides) -> None:
        """Show the matrix of a reviewer, or of two."""
        self.confusions.compare(sides)
        self.to_matrix()

    def _look_at_label(self, key: tuple[str, ...]) -> None:
        """Go to the cell where this label is confused most."""
        self.confusions.go_to(key)
        self.to_matrix()

    def _new_round(self) -> None:
        self.context.go("rounds", new=True)

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

        def is_open() -> bool:
            return self.confusions.is_open

        return [
            here("matrix", tr("To the matrix"), self.to_matrix, "M", drawn),
            here("all", tr("All labels, or the most confused"), self.confusions.toggle_all, "L", drawn),
            here("close", tr("Close the list of examples"), self.confusions.close_cell, "Escape", is_open),
        ]

    def to_matrix(self) -> None:
        """Put the keys into the matrix."""
        self.area.ensureWidgetVisible(self.comparison, 0, px(16))
        self.comparison.matrix.setFocus()

    # Room

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._stand()

    def _stand(self) -> None:
        """Lay the cards out for the room there is: where it is narrow, all in one column."""
        way = QBoxLayout.Direction
        narrow = self.width() < px(NARROW)
        self.confusions.stand(narrow=narrow)
        for line in (self._first, self._second):
            line.setDirection(way.TopToBottom if narrow else way.LeftToRight)
