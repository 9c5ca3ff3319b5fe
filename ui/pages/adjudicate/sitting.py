"""A sitting at the disputes: which one is shown, what is being written, and the keys that wait for it.

As on the review page a decision is on disk before the next dispute is shown, and keys that are pressed meanwhile wait.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal
from shiboken6 import isValid

from curator.errors import CuratorError
from curator.model import Cause, Verdict
from curator.review.adjudication import rulings as adjudication
from curator.review.adjudication.rulings import Dispute
from curator.store import Change, JournalEntry
from ui.context import Context
from ui.i18n import tr, trn
from ui.pages.cards.sitting import CardSitting
from ui.presenters import adjudicate
from ui.presenters.adjudicate import Begun, Deck, Settling, Turned, Wanted

RENEW_MS = 1_200
"""How long after others changed something the disputes are read again: they may go on changing things."""


class Sitting(CardSitting):
    """Signals: `begun(Begun)` when the disputes were read, `shown(Dispute)`, `ended()` where none is left, `foreseen(Settling)`,
    `gaps_changed()` after an adjudication that blames the guideline."""

    begun = Signal(object)
    shown = Signal(object)
    ended = Signal()
    foreseen = Signal(object)

    def __init__(self, context: Context, parent: QObject):
        super().__init__(context, parent)
        self.wanted = Wanted()
        self.deck: Deck | None = None
        self.begun_with: Begun | None = None
        self.notes: dict[str, str] = {}
        """What was noted on a dispute and waits for its decision, by its name."""
        self.causes: dict[str, Cause] = {}
        self.at_least = adjudicate.SURE
        self._back_to: tuple[int, ...] = ()
        self._renewing = QTimer(self)
        self._renewing.setSingleShot(True)
        self._renewing.setInterval(RENEW_MS)
        self._renewing.timeout.connect(self.renew)

    @property
    def dispute(self) -> Dispute | None:
        """The one that is shown, None past the last."""
        return self.deck.current if self.deck is not None and not self._starting else None

    @property
    def active(self) -> bool:
        """Whether there is a dispute to decide on, or one is about to be shown after what is being written."""
        return self.dispute is not None or (self._busy and not self._starting)

    # Coming and going

    def start(self, wanted: Wanted) -> None:
        """Read the disputes that are wanted, and show the first."""
        session = self._context.need_session()
        self.reviewer, self.wanted = session.reviewer, wanted
        self._busy = self._starting = True
        self.editing = False
        self._waiting.clear()
        reviewer = self.reviewer
        session.read(
            lambda project: adjudicate.begin(project, wanted, reviewer), self._begin, "adjudicate", self._not_read
        )

    def renew(self) -> None:
        """Read them again; one stays on the dispute that is shown."""
        if self.deck is None or self._starting:
            return
        if self._busy or self.editing:
            self._renewing.start()
            return
        wanted, reviewer = self.wanted, self.reviewer
        session = self._context.need_session()
        session.read(lambda project: adjudicate.begin(project, wanted, reviewer), self._renew, "adjudicate")

    def _begin(self, begun: Begun) -> None:
        self.deck, self.begun_with = Deck(begun), begun
        self._busy = self._starting = False
        self.begun.emit(begun)
        self.show_again()

    def _renew(self, begun: Begun) -> None:
        if self.deck is None or self._starting or begun.wanted != self.wanted:
            return
        if self._busy or self.editing:
            self._renewing.start()
            return
        before = self.dispute
        self.deck.renew(begun)
        self.begun_with = begun
        self.begun.emit(begun)
        back, self._back_to = self._back_to, ()
        if back:
            self.deck.reopen(back)
        if back or self.dispute is None or self.dispute != before:
            self.show_again()

    def _not_read(self, error: CuratorError) -> None:
        self._busy = self._starting = False
        self._context.trouble(str(error))

    def show_again(self) -> None:
        """Show the dispute where one is, or that none is left."""
        if self.dispute is None:
            self.ended.emit()
        else:
            self.shown.emit(self.dispute)
        self._next_waiting()

    def changed(self, change: Change) -> None:
        """Somebody, or this window elsewhere, changed the project."""
        if self.deck is None:
            return
        foreign = [entry for entry in change.entries if entry.id not in self._own]
        if change.sources or (foreign and (change.examples or change.rounds)):
            self._renewing.start()

    # Deciding

    def start_again(self) -> None:
        self.start(self.wanted)

    def decide(self, verdict: Verdict, value: str | None = None, about: Dispute | None = None) -> None:
        """Adjudicate; the next dispute comes when that is on disk."""
        dispute = about or self.dispute
        if dispute is None:
            return
        reviewer, deck = self.reviewer, self.deck
        note, cause = self.notes.get(dispute.name, ""), self.causes.get(dispute.name)
        self._busy = True

        def committed(entry: JournalEntry) -> None:
            if not isValid(self):
                return  # the window was made anew meanwhile; what was decided is on disk
            self._own.add(entry.id)
            self._busy = False
            if deck is None or self.deck is not deck:
                return
            self.notes.pop(dispute.name, None)
            self.causes.pop(dispute.name, None)
            deck.settle(dispute.name)
            deck.advance()
            self.show_again()
            if cause is Cause.GUIDELINE or deck.current is None:
                self.renew()

        self._context.need_session().write(
            lambda project: adjudication.adjudicate(
                project, dispute, verdict, value, reviewer=reviewer, cause=cause, note=note
            ),
            committed,
            self._not_written,
        )

    def move(self, step: int) -> None:
        """Show the dispute before or after, without deciding."""
        if self.deck is not None and self.deck.move(step):
            self.show_again()

    def skip(self) -> None:
        """Leave this one open and go to the next one that is."""
        if self.deck is not None and self.deck.skip():
            self.show_again()

    # The way back

    def undo(self) -> None:
        """Take back what was adjudicated, settled or decided last, and show its dispute."""
        reviewer = self.reviewer
        session = self._context.need_session()
        self._busy = True
        session.write(lambda project: adjudicate.take_back(project, reviewer), self._undone, self._refused)

    def redo(self) -> None:
        """Do again what was taken back."""
        reviewer = self.reviewer
        session = self._context.need_session()
        self._busy = True
        session.write(lambda project: adjudicate.do_again(project, reviewer), self._redone, self._refused)

    def _undone(self, done: Turned | None) -> None:
        if not isValid(self):
            return
        self._busy = False
        if done is None or self.deck is None:
            self._context.tell(tr("There is no decision of yours to take back."))
            self._next_waiting()
            return
        self._told(done)
        if self.deck.reopen(done.examples):
            self.show_again()
        else:
            self._back_to = done.examples
        self.renew()

    def _redone(self, done: Turned) -> None:
        if not isValid(self):
            return
        self._busy = False
        self._told(done)
        if self.deck is not None:
            self.deck.close_again(done.examples)
            self.show_again()
        self.renew()

    def _told(self, done: Turned) -> None:
        self._own.add(done.entry.id)
        text = done.entry.text
        self._context.tell(text if text.endswith(".") else f"{text}.")

    # Settling

    def foresee(self) -> None:
        """Find out what settling would do."""
        wanted, at_least = self.wanted, self.at_least
        self._context.need_session().read(
            lambda project: adjudicate.settling(project, wanted, at_least), self._foreseen, "adjudicate.settling"
        )

    def _foreseen(self, found: Settling) -> None:
        if found.at_least == self.at_least:
            self.foreseen.emit(found)

    def settle(self, at_least: float | None) -> None:
        """Settle what all agree on; with `at_least` also what has a consensus as sure as that."""
        wanted, reviewer = self.wanted, self.reviewer

        def done(count: int) -> None:
            if isValid(self):
                self._busy = False
                said = trn(
                    "Settled {n} item. Ctrl+Z takes that back.", "Settled {n} items. Ctrl+Z takes that back.", count
                )
                self._context.tell(said)
                self.renew()
                self.foresee()

        self._busy = True
        self._context.need_session().write(
            lambda project: adjudicate.settle(project, wanted, at_least, reviewer), done, self._not_written
        )
