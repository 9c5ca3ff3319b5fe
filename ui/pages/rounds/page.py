"""The page: the list of rounds beside the one that is chosen, or beside the form of a new one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QBoxLayout, QFileDialog, QSizePolicy, QStackedWidget, QWidget
from shiboken6 import isValid

from curator.errors import CuratorError
from curator.review.packets.file import SUFFIX
from ui.actions import Action
from ui.context import Context
from ui.i18n import tr
from ui.packets import is_packet
from ui.pages import Page
from ui.pages.rounds.detail import DetailView, Doing
from ui.pages.rounds.form import FormCard
from ui.pages.rounds.listing import RoundList
from ui.pages.rounds.outcome import OutcomeCard
from ui.presenters import round_form, rounds, sides_result
from ui.presenters.round_form import Form, Ground, Outcome
from ui.presenters.rounds import Answers, Detail, Listed
from ui.presenters.sides import is_side_by_side
from ui.presenters.words import round_title
from ui.theme import px
from ui.widgets.basics import EmptyState, Scroll, column, named, row

if TYPE_CHECKING:
    from curator.model import Round
    from curator.store import Change, Project

TOGETHER_MS, TYPING_MS = 300, 250
NARROW = 1_080
"""The width below which the consequences stand under the form instead of beside it."""
SMALL = 900
"""The width below which the list stands above the round."""


class RoundsPage(Page):
    name = "rounds"

    def __init__(self, context: Context):
        super().__init__(context)
        self.listed: Listed | None = None
        self.chosen: str | None = None
        self.shown: Detail | None = None
        self._ground: Ground | None = None
        self._outcome = Outcome()
        self._fresh = self._planned = self._beginning = False
        self._later, self._typed = _timer(self, TOGETHER_MS, self._load), _timer(self, TYPING_MS, self._foresee)
        self.list = RoundList(self.choose, self.new_round)
        self.detail = DetailView(self._doing())
        self.form = FormCard(self._changed_form)
        self.outcome = OutcomeCard(self.begin, self.cancel)
        self._lay_out()

    def _doing(self) -> Doing:
        return Doing(
            self.review_as,
            self.let_leave,
            self.let_join,
            self.pack,
            self.choose_answers,
            self.merge,
            self.turn,
            lambda: self._go("agreement"),
            lambda: self._go("adjudicate"),
        )

    def _lay_out(self) -> None:
        made = QWidget()
        self._form_way = row(made, 16)
        self._form_way.addWidget(self.form, 3)
        self._form_way.addWidget(self.outcome, 2)
        holder = QWidget()
        whole = column(holder)
        whole.addWidget(made)
        whole.addStretch(1)
        self.form_view = named(Scroll(holder, sideways=True), tr("New round"))
        self.detail_view = named(Scroll(self.detail, sideways=True), tr("Round"))
        self.right = QStackedWidget()
        for view in (QWidget(), self.detail_view, self.form_view):
            self.right.addWidget(view)
        both = QWidget()
        self._across = row(both, 24)
        self._across.addWidget(self.list)
        self._across.addWidget(self.right, 1)
        self.both = both
        self.empty = EmptyState(
            tr("No round yet"),
            tr(
                "A round gives examples to several people, who decide on each without seeing what the others said. Where two see "
                "the same, you learn how far they agree, and so how far to trust what is in your data."
            ),
            tr("Plan a round"),
            self.new_round,
            picture="rounds",
        )
        # What is seldom shown does not say how small the window may be.
        self.empty.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.views = QStackedWidget()
        for view in (QWidget(), self.both, self.empty):
            self.views.addWidget(view)
        column(self, 0, (24, 16, 24, 20)).addWidget(self.views)

    # Coming and going

    def arrive(self, **where: Any) -> None:
        """`round`: this one (its id); `new`: plan one; `ids`, `title`: plan one of these examples; `packets`: merge them."""
        if where.get("round") is not None:
            self.choose(str(where["round"]))
        if where.get("ids") is not None:
            ids = tuple(int(id) for id in where["ids"])
            self._plan(replace(self.form.form, scope="ids", ids=ids, title=str(where.get("title") or "")))
        elif where.get("new"):
            self.new_round()
        if where.get("packets"):
            self.merge([str(one) for one in where["packets"]])
        if not self._fresh:
            self._load()

    def changed(self, change: Change) -> None:
        if not (change.rounds or change.examples or change.sources or change.settings or change.findings):
            return
        self._fresh = False
        if self.isVisible():
            self._later.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        way = QBoxLayout.Direction
        self._form_way.setDirection(way.TopToBottom if self.width() < px(NARROW) else way.LeftToRight)
        above = self.width() < px(SMALL)
        if above != (self._across.direction() is way.TopToBottom):
            self._across.setDirection(way.TopToBottom if above else way.LeftToRight)
            self.list.stand(above=above)

    # What is shown

    def _load(self) -> None:
        """Read the list, and what is shown beside it."""
        self._fresh = True
        read = self.context.need_session().read
        read(rounds.read, self._show_list, key="rounds.list", failed=self._not_read)
        if self.planning and self._ground is not None:
            form = self.form.form
            read(lambda project: round_form.ground(project, form), self._show_ground, "rounds.ground", self._no_ground)

    def _not_read(self, error: CuratorError) -> None:
        self._fresh = False
        self.context.trouble(str(error))

    def _show_list(self, listed: Listed) -> None:
        self.listed = listed
        ids = [line.id for line in listed.lines]
        if self.chosen not in ids:
            self.chosen, self.shown = (ids[0] if ids else None), None
        self.list.show_rounds(listed, None if self.planning else self.chosen)
        if not ids and not self.planning:
            self.views.setCurrentWidget(self.empty)
            if self.empty.action is not None:
                self.empty.action.setVisible(listed.bound is None)
            return
        self.views.setCurrentWidget(self.both)
        self.list.setVisible(bool(ids))
        if self.chosen is not None:
            self._read_detail()

    def _read_detail(self) -> None:
        chosen = self.chosen
        assert chosen is not None
        read = self.context.need_session().read
        read(lambda project: rounds.detail(project, chosen), self._show_detail, key="rounds.detail")

    def _show_detail(self, found: Detail) -> None:
        if found.round.id != self.chosen:
            return
        self.shown = found
        own = self.listed is None or self.listed.bound is None
        self.detail.show_detail(found, own=own, reviewer=self.context.need_session().reviewer)
        if not self.planning:
            self.right.setCurrentWidget(self.detail_view)
        if is_side_by_side(found.round):
            self._read_result(found.round)
        self.context.registry.refresh()

    def _read_result(self, round: Round) -> None:
        """Of answers side by side who is preferred: by itself, for that takes longer than the rest."""
        read = self.context.need_session().read
        show = self.detail.preference.show_result
        read(lambda project: sides_result.read(project, round), show, key="rounds.result")

    def choose(self, id: str) -> None:
        """Show this round."""
        self._planned = False
        if id != self.chosen or self.right.currentWidget() is not self.detail_view:
            if id != self.chosen:
                self.chosen, self.shown = id, None
                self.right.setCurrentIndex(0)
            elif self.shown is not None:
                self.right.setCurrentWidget(self.detail_view)
            self.list.choose(id)
            if self.listed is not None:
                self._read_detail()

    # A new round

    @property
    def planning(self) -> bool:
        """Whether the form of a new round is open."""
        return self._planned

    def new_round(self) -> None:
        self._plan(None if self._ground is None else replace(self.form.form, scope=self._scope_without_ids()))

    def _scope_without_ids(self) -> str:
        scope = self.form.form.scope
        return "sample" if scope == "ids" and not self.form.form.ids else scope

    def _plan(self, form: Form | None) -> None:
        """Open the form, as it was left or as it is given."""
        self._planned = True
        self.list.choose(None)
        self.outcome.show_waiting()
        chosen = form if form is not None and (self._ground is not None or form.scope == "ids") else None

        def work(project: Project) -> Ground:
            found = round_form.ground(project, None if self._ground is None else chosen)
            if self._ground is None and chosen is not None:
                found = replace(found, form=replace(found.form, scope=chosen.scope, ids=chosen.ids, title=chosen.title))
            return found

        self.context.need_session().read(work, self._show_ground, "rounds.ground", self._no_ground)

    def _show_ground(self, ground: Ground) -> None:
        if not self.planning:
            return
        first, self._ground = self._ground is None, ground
        busy = self.form.isVisible() and self.form.isAncestorOf(QApplication.focusWidget() or self)
        if first or not busy:  # what is being typed stays as it is
            self.form.show_ground(ground)
        self.views.setCurrentWidget(self.both)
        self.list.setVisible(bool(self.listed is not None and self.listed.lines))
        if self.right.currentWidget() is not self.form_view:
            self.right.setCurrentWidget(self.form_view)
            self.form.reviewers.setFocus()
        self._foresee()

    def _no_ground(self, error: CuratorError) -> None:
        self.cancel()
        self.context.trouble(str(error))

    def _changed_form(self, _form: Form) -> None:
        self.outcome.show_waiting()
        self._typed.start()

    def _foresee(self) -> None:
        """Tell what the round would come to as the form stands."""
        form, ground = self.form.form, self._ground
        if ground is None or not self.planning:
            return
        read = self.context.need_session().read
        read(lambda project: round_form.outcome(project, form, ground), self._show_outcome, key="rounds.outcome")

    def _show_outcome(self, found: Outcome) -> None:
        if self._beginning:
            return
        self._outcome = found
        self.outcome.show_outcome(found)

    def begin(self) -> None:
        """Begin the round that is planned."""
        ground, form = self._ground, self.form.form
        if ground is None or self._beginning or not self.outcome.begin.isEnabled():
            return
        asked = round_form.begun(form, ground, self._outcome.size)
        self._beginning = True
        self.outcome.show_busy()

        def work(project: Project) -> Round:
            from curator.review.rounds.planning import begin, plan

            return begin(project, plan(project, asked))

        self.context.need_session().write(work, self._begun, self._not_begun)

    def _begun(self, round: Round) -> None:
        self.context.tell(tr("{round} has begun.", round=round_title(round)), undo=True)
        if not isValid(self):
            return  # the window was made anew meanwhile; here as below
        self._beginning = self._planned = False
        self._ground = None
        self.chosen, self.shown = round.id, None
        self.right.setCurrentIndex(0)
        self._load()

    def _not_begun(self, error: CuratorError) -> None:
        self.context.trouble(str(error))
        if isValid(self):
            self._beginning = False
            self.outcome.show_outcome(self._outcome)

    def cancel(self) -> None:
        """Leave the form; what was filled in is still there when it is opened again."""
        self._planned = False
        if self.chosen is not None and self.shown is not None:
            self.right.setCurrentWidget(self.detail_view)
            self.list.choose(self.chosen)
        self._load()

    # What can be done with a round

    def review_as(self, name: str) -> None:
        """Vote in this name: the next reviewer takes the chair."""
        session = self.context.need_session()
        if self.chosen is None:
            return
        if session.reviewer != name:
            session.set_reviewer(name)
        self.context.go("review", round=self.chosen)

    def let_leave(self, name: str) -> None:
        self._move(name, joins=False)

    def let_join(self, name: str) -> None:
        self._move(name, joins=True)

    def _move(self, name: str, *, joins: bool) -> None:
        chosen = self.chosen
        if chosen is None:
            return

        def work(project: Project) -> str:
            from curator.review.rounds.planning import join, leave

            round = project.rounds.get(chosen)
            return rounds.moved(join(project, round, name) if joins else leave(project, round, name))

        self.context.need_session().write(work, self._moved)

    def _moved(self, said: str) -> None:
        self.context.tell(said)
        if isValid(self):
            self._load()

    def turn(self) -> None:
        """Close the round, or open it again."""
        found = self.shown
        if found is None:
            return
        id, closed = found.round.id, found.round.closed

        def work(project: Project) -> str:
            return (project.rounds.reopen(id) if closed else project.rounds.close(id)).text

        said = (
            tr("{round} is open again.", round=found.title) if closed else tr("{round} is closed.", round=found.title)
        )
        self.context.need_session().write(work, lambda _text: self._moved(said))

    def _go(self, name: str) -> None:
        if self.chosen is not None:
            self.context.go(name, round=self.chosen)

    # Packets

    def pack(self) -> None:
        """Ask for a folder, and write a packet for each reviewer into it."""
        folder = QFileDialog.getExistingDirectory(
            self, tr("Folder for the packets"), self.context.setting("folder", "")
        )
        if folder:
            self.write_packets(Path(folder))

    def write_packets(self, folder: Path) -> None:
        chosen = self.chosen
        if chosen is None:
            return

        def work(project: Project) -> str:
            from curator.review.packets.exchange import write_packets

            return rounds.packed(write_packets(project, project.rounds.get(chosen), folder), folder)

        self.context.need_session().read(work, self.context.tell)

    def choose_answers(self) -> None:
        """Ask for the packets that came back."""
        kinds = tr("Packets") + f" (*{SUFFIX})"
        chosen, _ = QFileDialog.getOpenFileNames(self, tr("Merge packets"), self.context.setting("folder", ""), kinds)
        if chosen:
            self.merge(chosen)

    def merge(self, files: Sequence[str]) -> None:
        """Merge what reviewers sent back; what is refused is told, and the others count."""
        packets = [name for name in files if is_packet(name)]
        if not packets:
            if files:
                self.context.trouble(
                    tr("Only packets that reviewers sent back can be merged here; their names end in .packet.")
                )
            return

        self.context.need_session().write(lambda project: rounds.merge(project, packets), self._merged)

    def _merged(self, found: Answers) -> None:
        if found.taken:
            self.context.tell(rounds.merged(found))
        if found.refused:
            self.context.trouble("\n".join(found.refused))
        if not isValid(self):
            return
        if found.taken:
            self.chosen, self._planned = found.taken[-1].round.id, False
        self._load()

    # Actions

    def actions_here(self) -> list[Action]:
        def own() -> bool:
            return self.listed is None or self.listed.bound is None

        def shown() -> bool:
            return self.shown is not None and not self.planning

        def open_() -> bool:
            return shown() and self.shown is not None and not self.shown.round.closed

        def packable() -> bool:
            return own() and open_() and self.shown is not None and not self.shown.round.claimed

        def mine() -> bool:
            me = self.context.session.reviewer if self.context.session is not None else ""
            return shown() and self.shown is not None and any(p.name == me and p.open for p in self.shown.people)

        def make(id: str, title: str, run: Any, keys: tuple[str, ...], enabled: Any) -> Action:
            return Action(id, title, run, keys, scope=self.name, menu="review", enabled=enabled)

        return [
            make("rounds.new", tr("Plan a round"), self.new_round, ("N",), own),
            make("rounds.begin", tr("Begin the round"), self.begin, ("Ctrl+Return",), lambda: self.planning),
            make("rounds.cancel", tr("Leave the form"), self.cancel, ("Escape",), lambda: self.planning),
            make("rounds.review", tr("Review my part of the round"), self._review_mine, ("R",), mine),
            make("rounds.pack", tr("Write packets…"), self.pack, ("P",), packable),
            make("rounds.merge", tr("Merge packets…"), self.choose_answers, ("M",), own),
            make("rounds.agreement", tr("Agreement of the round"), lambda: self._go("agreement"), ("G",), shown),
            make("rounds.adjudicate", tr("Adjudicate the round"), lambda: self._go("adjudicate"), ("D",), shown),
            make("rounds.turn", tr("Close the round, or open it again"), self.turn, (), lambda: own() and shown()),
            make("rounds.next", tr("Next round"), lambda: self._step(1), ("J",), shown),
            make("rounds.previous", tr("Previous round"), lambda: self._step(-1), ("K",), shown),
        ]

    def _review_mine(self) -> None:
        self.review_as(self.context.need_session().reviewer)

    def _step(self, by: int) -> None:
        to = self.list.step(by)
        if to is not None:
            self.choose(to)


def _timer(parent: RoundsPage, wait: int, then: Any) -> QTimer:
    made = QTimer(parent)
    made.setSingleShot(True)
    made.setInterval(wait)
    made.timeout.connect(then)
    return made
