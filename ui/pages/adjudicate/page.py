"""The page Adjudicate: builds its parts, and ties keys to what they do."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QWidget

from curator.model import Cause, Verdict
from curator.review.adjudication.rulings import Dispute
from curator.store import Change
from ui.actions import Action
from ui.context import Context
from ui.i18n import tr
from ui.pages.adjudicate import instead
from ui.pages.adjudicate.bar import SIDES, Bar
from ui.pages.adjudicate.decision import Decision
from ui.pages.adjudicate.keys import actions
from ui.pages.adjudicate.record import Record
from ui.pages.adjudicate.side import Gaps, Settle
from ui.pages.adjudicate.sitting import Sitting
from ui.pages.cards.buttons import show
from ui.pages.cards.editing import Editor
from ui.pages.cards.guideline import Guideline
from ui.pages.cards.page import CardPage
from ui.presenters import adjudicate, review
from ui.presenters.adjudicate import Begun, Choice, Wanted
from ui.presenters.adjudicate_gaps import with_gaps
from ui.presenters.adjudicate_votes import card
from ui.presenters.sides import is_side_by_side
from ui.theme import px
from ui.widgets.basics import clear, column

DECISION_WIDTH = (244, 336)
"""The least and the most that the decisions take, of the 8-px grid."""
SIDE_WIDTH = 220
LOW = 680
"""Below this height of the grid everything moves closer together."""
MARKS = "sides.marks"
"""Whether the words in which two answers differ are marked, here and where they are judged."""
KEPT = "adjudicate.queue"
"""Property of the session: the disputes that are shown, for when the window is made anew."""
HIDE = "adjudicate.hide_names"
SIDE = "adjudicate.side"


class AdjudicatePage(CardPage):
    """One dispute at a time: the example and the votes left, the decision right."""

    name = "adjudicate"
    decision_width, low = DECISION_WIDTH, LOW

    def __init__(self, context: Context):
        super().__init__(context)
        self.sitting = Sitting(context, self)
        self.offered: tuple[Choice, ...] = ()
        self.proposed: Choice | None = None
        self._edited: Dispute | None = None
        """The dispute whose example is being edited, as it was when the edit began."""
        self.bar = Bar(self.start, self.toggle_side, self.toggle_names)
        self.record, self.editor = Record(self._keep_marks), Editor(self._save_edit, self.leave_edit)
        self.decision = Decision(lambda id: context.registry.run(id))
        self.guideline = Guideline(self.save_guideline, lambda: self.toggle_side("guideline"))
        self.gaps = Gaps(self._append_gaps, lambda: self.toggle_side("gaps"), context.tell)
        self.settle = Settle(self._settle, self._share, lambda: self.toggle_side("settle"), self.sitting.at_least)
        self.views = QStackedWidget()
        self.instead = QWidget()
        self._instead = column(self.instead, 0)
        # What is seldom shown does not say how small the window may be.
        self.instead.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.cards = self._cards()
        for view in (QWidget(), self.cards, self.instead):
            self.views.addWidget(view)
        body = column(self, 16, (24, 16, 24, 20))
        body.addWidget(self.bar)
        body.addWidget(self.views, 1)
        self.bar.hide()
        self._connect()

    def _cards(self) -> QWidget:
        self.side = QStackedWidget()
        for one in (self.guideline, self.gaps, self.settle):
            self.side.addWidget(one)
        self.side.setMinimumWidth(px(SIDE_WIDTH))
        made = self.stand(self.side)
        self._show_side(str(self.context.setting(SIDE, "")))
        return made

    def _connect(self) -> None:
        self.sitting.begun.connect(self._begun)
        self.sitting.shown.connect(self._shown)
        self.sitting.ended.connect(self._ended)
        self.sitting.foreseen.connect(self.settle.show_numbers)
        self.decision.chosen.connect(self.choose)
        self.decision.picker.left.connect(self.take_keys)
        self.decision.note.left.connect(self.take_keys)
        self.decision.note.textEdited.connect(self._note)

    # Coming and going

    def arrive(self, **where: Any) -> None:
        """`round` (id): its disputes alone; `ids`: these examples, disputed or not; nothing: go on where one was."""
        self._show_keys()
        session = self.context.need_session()
        if where.get("ids") is not None:
            self.start(Wanted(where.get("round"), tuple(int(id) for id in where["ids"])))
        elif where.get("round"):
            self.start(Wanted(str(where["round"])))
        elif self.sitting.deck is None or self.sitting.reviewer != session.reviewer:
            self.start(session.property(KEPT) or Wanted())
        else:
            self.sitting.renew()

    def start(self, wanted: Wanted) -> None:
        """Read these disputes, and show the first."""
        self.context.need_session().setProperty(KEPT, wanted)
        self.left.setCurrentWidget(self.record)
        if self.sitting.reviewer != self.context.need_session().reviewer:
            self.views.setCurrentIndex(0)  # what the one before saw is not for everybody's eyes
        self.sitting.start(wanted)
        self.take_keys()

    def changed(self, change: Change) -> None:
        if not self.isVisible():
            return  # the disputes are read again when one comes back
        self.sitting.changed(change)
        if change.settings and self.sitting.deck is not None:
            self.sitting.renew()

    def undo(self) -> bool:
        """Take back what was decided last and come back to its dispute; the page does it itself."""
        self.act(self.sitting.undo)
        return True

    def redo(self) -> bool:
        """Do again what was taken back."""
        self.act(self.sitting.redo)
        return True

    # What is shown

    def _begun(self, begun: Begun) -> None:
        self.bar.setVisible(bool(begun.rounds or begun.counts or begun.disputes))
        self.bar.show_queues(adjudicate.queues(begun), begun.wanted)
        self.bar.show_gaps(len(begun.gaps))
        self.gaps.show_gaps(begun.gaps)
        self._show_progress()
        if self.shown_side == "settle":
            self.sitting.foresee()

    def _shown(self, dispute: Dispute) -> None:
        self.left.setCurrentWidget(self.record)
        self.sitting.editing = False
        shown = card(dispute, self.names_hidden)
        begun, deck = self.sitting.begun_with, self.sitting.deck
        assert begun is not None
        assert deck is not None
        self.offered = adjudicate.choices(dispute, begun.labels, shown.called)
        self.proposed = adjudicate.proposed(dispute, self.offered)
        self.record.show_card(shown)
        place = tr("{at} of {all}", at=deck.at + 1, all=len(deck))
        labels = adjudicate.has_labels(dispute, begun.labels)
        self.decision.show_card(shown, self.offered, self.proposed, place, labels=labels)
        self._show_words()
        self._show_keys()
        round = dispute.round
        if round is None:
            self.guideline.show_text(begun.guideline)
        else:
            self.guideline.show_text(round.guideline, round.guideline_version)
        self.views.setCurrentWidget(self.cards)
        self._show_progress()

    def _show_words(self) -> None:
        dispute = self.sitting.dispute
        if dispute is not None:
            self.decision.show_words(self.sitting.notes.get(dispute.name, ""), self.sitting.causes.get(dispute.name))

    def _ended(self) -> None:
        begun, deck = self.sitting.begun_with, self.sitting.deck
        if begun is None or deck is None:
            return
        clear(self._instead)
        self._instead.addWidget(
            instead.ending(self.context, begun, deck.decided, lambda: self.start(Wanted()), lambda: self._settle(None))
        )
        self.views.setCurrentWidget(self.instead)
        self._show_progress()

    def _show_progress(self) -> None:
        begun, deck = self.sitting.begun_with, self.sitting.deck
        if begun is not None and deck is not None:
            self.bar.show_progress(deck.decided, len(deck), instead.standing(begun))

    def _show_keys(self) -> None:
        self.decision.show_keys(self.key_of, self.title_of)
        self.bar.show_keys(self.key_of)
        self.record.sides.show_key(self.key_of("adjudicate.marks"))
        self.record.sides.show_marks(bool(self.context.setting(MARKS, True)))
        self.bar.show_toggles(self.shown_side, self.names_hidden)

    def show_compact(self, compact: bool) -> None:
        self.decision.show_compact(compact)

    # What is done

    def choose(self, name: str) -> None:
        """Decide for one of the choices."""
        self.act(lambda: self._choose(next((one for one in self.offered if one.name == name), None)))

    def choose_key(self, key: int) -> None:
        """Decide for what is on a number key."""
        self.act(lambda: self._choose(self.offered[key - 1] if key <= len(self.offered) else None))

    def accept(self) -> None:
        """Decide as the consensus says."""
        self.act(lambda: self._choose(self.proposed))

    def _choose(self, choice: Choice | None) -> None:
        if choice is not None:
            self.sitting.decide(choice.verdict, choice.value)

    def decide(self, verdict: Verdict) -> None:
        """Keep or drop it."""
        if not self.side_by_side:
            self.act(lambda: self.sitting.decide(verdict))

    @property
    def side_by_side(self) -> bool:
        """Whether two answers are shown, of which one says which is better."""
        dispute = self.sitting.dispute
        return dispute is not None and is_side_by_side(dispute.round)

    def edit(self) -> None:
        """Edit the example in place."""
        dispute = self.sitting.dispute
        if dispute is not None and not self.side_by_side:
            self.sitting.let_go()
            self.sitting.editing, self._edited = True, dispute
            self.left.setCurrentWidget(self.editor)
            self.editor.edit(dispute.now)

    def leave_edit(self) -> None:
        """Leave the edit; the example stays as it was."""
        self.close_editor()

    def _save_edit(self, messages: str | None) -> None:
        edited = self._edited
        self.leave_edit()
        if messages is None or edited is None:
            self.context.tell(tr("Nothing was changed."))
        else:
            # The decision is on the dispute as it was when the edit began.
            self.sitting.act(lambda: self.sitting.decide(Verdict.EDIT, messages, edited))

    def blame(self, cause: Cause) -> None:
        """Say why the reviewers disagreed; once more takes it back."""
        dispute = self.sitting.dispute
        if dispute is not None:
            said = self.sitting.causes
            if said.pop(dispute.name, None) is not cause:
                said[dispute.name] = cause
            self._show_words()

    def note(self) -> None:
        """Write a note that goes with the decision."""
        self.sitting.let_go()
        self.decision.note.setFocus()

    def _note(self, text: str) -> None:
        dispute = self.sitting.dispute
        if dispute is not None:
            self.sitting.notes[dispute.name] = text

    def toggle_marks(self) -> None:
        """Mark the words in which two answers differ, or do not."""
        self.record.sides.mark.click()

    def _keep_marks(self, on: bool) -> None:
        self.context.settings.set(MARKS, on)

    def find_label(self) -> None:
        """Type a label."""
        if self.decision.picker.field.isVisible():
            self.sitting.let_go()
            self.decision.picker.field.setFocus()

    # What stands beside it

    @property
    def names_hidden(self) -> bool:
        return bool(self.context.setting(HIDE, False))

    def toggle_names(self) -> None:
        """Show letters instead of the reviewers' names, or the names again."""
        self.context.settings.set(HIDE, not self.names_hidden)
        self.bar.show_toggles(self.shown_side, self.names_hidden)
        if self.sitting.dispute is not None and not self.editing:
            self._shown(self.sitting.dispute)

    def toggle_side(self, name: str) -> None:
        """Show the guideline, its gaps or what settles beside the dispute, or put it away."""
        wanted = "" if self.shown_side == name else name
        self._show_side(wanted)
        self.context.settings.set(SIDE, wanted)
        if wanted == "settle":
            self.settle.show_waiting()
            self.sitting.foresee()
        if not wanted:
            self.take_keys()

    @property
    def shown_side(self) -> str:
        """What stands beside the dispute; "" for nothing."""
        return "" if self.side.isHidden() else SIDES[self.side.currentIndex()]

    def _show_side(self, name: str) -> None:
        show(self.side, name in SIDES)
        if name in SIDES:
            self.side.setCurrentIndex(SIDES.index(name))
        self.bar.show_toggles(name if name in SIDES else "", self.names_hidden)

    def _settle(self, at_least: float | None) -> None:
        self.act(lambda: self.sitting.settle(at_least))

    def _share(self, at_least: float) -> None:
        self.sitting.at_least = at_least
        self.settle.show_waiting()
        self.sitting.foresee()

    def _append_gaps(self) -> None:
        begun = self.sitting.begun_with
        text = with_gaps(begun.guideline, begun.gaps) if begun is not None else None
        if text is None:
            self.context.tell(tr("All of it is in the guideline already."))
            return
        said = tr("The guideline has them now, at its end: reword them there. Rounds that began before keep theirs.")
        self.context.need_session().write(
            lambda project: review.keep_guideline(project, text), lambda _entry: self._appended(said)
        )

    def _appended(self, said: str) -> None:
        self.context.tell(said)
        self.sitting.renew()

    def actions_here(self) -> list[Action]:
        return actions(self)
