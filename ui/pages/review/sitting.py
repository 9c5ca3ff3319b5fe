"""A sitting at the queue: which card is shown, what is being written, and the keys that wait for it.

A decision is on disk before the next card is shown. Keys that are pressed meanwhile wait their turn and meet the card that
they would have met had everything been instant. Cards that come next are read ahead.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from PySide6.QtCore import QObject, QTimer, Signal
from shiboken6 import isValid

from curator.errors import CuratorError
from curator.model import Finding, Round, Verdict
from curator.review.queue import Item, Wanted
from curator.store import Change, JournalEntry, Project
from ui.context import Context
from ui.i18n import tr
from ui.pages.cards.sitting import CardSitting
from ui.presenters import labels, review, review_evidence
from ui.presenters.labels import Labels
from ui.presenters.pace import Pace, Rest
from ui.presenters.review import Begun, Card, Deck, Turned
from ui.presenters.review_evidence import Told

AHEAD = 6
"""Cards that are read before they are needed."""
AHEAD_MS = 30
"""How long after a card is shown the next ones are read."""
HELD = 40
"""Cards that are held at most."""

_Ready = tuple[Card, Told]


class Sitting(CardSitting):
    """Signals: `begun(Begun)` with a new queue, `shown(Card, Told)`, `ended()` past the last card, `labelled(Labels)`,
    `outdated()` when a newer check has other findings."""

    begun = Signal(object)
    shown = Signal(object, object)
    ended = Signal()
    labelled = Signal(object)
    outdated = Signal()

    def __init__(self, context: Context, parent: QObject):
        super().__init__(context, parent)
        self.deck: Deck | None = None
        self.start_info: Begun | None = None
        self.card: Card | None = None
        self.labels = Labels()
        self.pace = Pace()
        self.rest = Rest()
        self.notes: dict[int, str] = {}
        """What was noted on a card and waits for its decision, by example."""
        self.stale = False
        """The queue has to be made anew: examples came or went, or another reviewer sits here."""
        self._here = False
        self._cards: dict[int, _Ready] = {}
        self._starts = 0
        """How often a queue was begun: cards that were read for the one before are not shown, least of all to another reviewer."""
        self._changes = 0
        self._changed_at: dict[int, int] = {}
        self._fetching = False
        # Not while the card is being painted: both would wait for each other.
        self._ahead = QTimer(self)
        self._ahead.setSingleShot(True)
        self._ahead.setInterval(AHEAD_MS)
        self._ahead.timeout.connect(self._read_ahead)

    # Coming and going

    @property
    def active(self) -> bool:
        """Whether there is a card to act on, or one is about to be shown after what is being written."""
        return self.card is not None or (self._busy and not self._starting)

    def start(self, wanted: Wanted) -> None:
        """Make a queue, and show its first card."""
        session = self._context.need_session()
        self.reviewer = reviewer = session.reviewer
        self.card, self.stale, self.editing = None, False, False
        self._starts += 1
        self._waiting.clear()
        self._cards.clear()
        self._busy = self._here = self._starting = True
        self._fetching = False
        session.read(
            lambda project: review.begin(project, reviewer, wanted),
            self._begin,
            "review",
            lambda e: self._no_queue(wanted, e),
        )

    def _no_queue(self, wanted: Wanted, error: CuratorError) -> None:
        """There is no such queue: its round was taken back, say. Everything is queued instead."""
        self._busy = self._starting = False
        self._context.trouble(str(error))
        if wanted.round is not None:
            self.start(Wanted())

    def come_back(self) -> None:
        """The page is shown again: go on with the card that was shown, or with the next one if it was decided elsewhere."""
        self._here = True
        if self.deck is not None and not self._busy:
            if self.card is None or (self.deck.verdict(self.card.id) is not None and not self.editing):
                self.deck.advance()
            self._show()

    def leave(self) -> None:
        """The page is left: the time until one comes back is no work."""
        self._here = False
        self.pace.stopped()

    @property
    def round(self) -> Round | None:
        """The round that is voted in; None where one decides outright."""
        return self.start_info.round if self.start_info is not None else None

    def _begin(self, begun: Begun) -> None:
        self.deck, self.start_info = Deck(begun), begun
        self.begun.emit(begun)
        self._busy = False
        self._show()
        if begun.round is not None:
            self._take_labels(labels.of_round(begun.round))
            return
        suggested = labels.suggestions(finding for item in begun.queue.items for finding in item.findings)
        self._context.need_session().read(
            lambda project: labels.load(project, suggested), self._take_labels, key="review.labels"
        )

    def _take_labels(self, found: Labels) -> None:
        self.labels = found.as_before(self.labels)
        self.labelled.emit(found)

    # Cards

    def start_again(self) -> None:
        self.start(self.deck.wanted if self.deck is not None else Wanted())

    def show_again(self) -> None:
        """Show the card as it is now: what others did to it while it was edited was not shown."""
        if self.deck is not None and not self._busy:
            self._show()

    def _show(self) -> None:
        """Show the current card, at once where it was read ahead."""
        assert self.deck is not None
        item = self.deck.current
        if item is None and self._claims_more():
            self.start(self.deck.wanted)
            return
        if item is None:
            self.card, self._starting = None, False
            self.pace.stopped()
            self.ended.emit()
            self._next_waiting()
            return
        held = self._cards.get(item.key)
        if held is not None:
            self._present(*held)
            return
        self._busy = True
        self._read([item], self._present_first)

    def _claims_more(self) -> bool:
        """Whether what was claimed is done, so that the next items are to be claimed."""
        return self.round is not None and self.round.claimed and self.deck is not None and self.deck.decided_here > 0

    def _present_first(self, cards: Sequence[_Ready]) -> None:
        self._busy = False
        self._present(*cards[0])

    def _present(self, card: Card, told: Told) -> None:
        assert self.deck is not None
        self.card, self._starting = card, False
        if self._here:
            self.pace.shown(time.monotonic())
        self.shown.emit(card, told)
        if not self._ahead.isActive():
            self._ahead.start()
        self._next_waiting()

    def _read(self, items: Sequence[Item], then: Callable[[Sequence[_Ready]], object], ahead: bool = False) -> None:
        assert self.deck is not None
        deck, reviewer, asked, start = self.deck, self.reviewer, self._changes, self._starts
        round = self.round
        wanted = [(item, deck.wants_findings(item)) for item in items]

        def read(project: Project) -> list[_Ready]:
            cards = review.read_cards(project, wanted, reviewer, deck.run, round)
            return [(card, review_evidence.told(card)) for card in cards]

        def take(cards: list[_Ready]) -> None:
            if not isValid(self) or self._starts != start:
                return
            for card, told in cards:
                deck.add(card.item)
                if self._changed_at.get(card.id, 0) <= asked:
                    self._cards[card.id] = (card, told)
            then(cards)

        def failed(error: CuratorError) -> None:
            if self._starts != start:
                return
            if ahead:
                self._fetching = False  # a decision may be being written meanwhile, and keys go on waiting for it
            else:
                self._busy = self._starting = False
            self._context.trouble(str(error))

        self._context.need_session().read(read, take, "review.ahead" if ahead else "review.card", failed)

    def _read_ahead(self) -> None:
        if self.deck is None or self._starting:
            return
        coming = self.deck.ahead(AHEAD)
        missing = [item for item in coming if item.key not in self._cards]
        # Several at a time: reading one would cost nearly as much.
        if self._fetching or (len(missing) <= AHEAD // 2 and all(item not in missing for item in coming[:2])):
            return
        self._fetching = bool(missing)
        if missing:
            self._read(missing, self._have_ahead, ahead=True)

    def _have_ahead(self, _cards: Sequence[_Ready]) -> None:
        self._fetching = False
        for id in list(self._cards)[:-HELD]:
            del self._cards[id]

    def _drop_cards(self, examples: Iterable[int]) -> None:
        """What is held of these examples is no longer so."""
        self._changes += 1
        for id in (key for example in examples for key in (example, -example)):
            self._changed_at[id] = self._changes
            self._cards.pop(id, None)

    # Deciding

    def decide(self, verdict: Verdict, value: str | None = None, shown: Card | None = None) -> None:
        """Decide on the card that is shown, or on one as it was `shown` before; the next one comes when that is on disk."""
        card = shown or self.card
        if card is None:
            return
        made = review.decision(card, self.reviewer, verdict, value, self.notes.get(card.id, ""))
        self._write(lambda project: project.decide([made]), {card.id: made.verdict})

    def accept(self) -> None:
        """Do what the strongest finding proposes, for all of its examples."""
        card = self.card
        finding = card.proposing if card is not None else None
        if card is None or finding is None:
            return
        note, reviewer = self.notes.get(card.id, ""), self.reviewer
        settled = {**review.settled_by(finding)}
        self._write(lambda project: review.accept(project, finding, reviewer, note), settled)

    def dismiss(self, findings: Sequence[Finding] | None = None) -> None:
        """Keep what the findings of the card would take away, and let them count no longer."""
        card = self.card
        if card is None or not card.findings:
            return
        note, reviewer = self.notes.get(card.id, ""), self.reviewer
        listed = card.findings if findings is None else tuple(findings)
        settled = {card.id: Verdict.KEEP, **review.dismissed_by(card)}
        self._write(lambda project: review.dismiss(project, listed, reviewer, note), settled)

    def _write(self, work: Callable[[Project], JournalEntry], settled: Mapping[int, Verdict]) -> None:
        deck = self.deck
        self._busy = True

        def committed(entry: JournalEntry) -> None:
            if not isValid(self):
                return  # the window was made anew meanwhile; what was decided is on disk
            self._own.add(entry.id)
            self._busy = False
            if deck is not None and self.deck is deck:
                self._committed(deck, settled)

        self._context.need_session().write(work, committed, self._not_written)

    def _committed(self, deck: Deck, settled: Mapping[int, Verdict]) -> None:
        now = time.monotonic()
        self.pace.decided(now)
        self._drop_cards(settled)
        for id in settled:
            self.notes.pop(id, None)
        deck.settle(settled)
        deck.advance()
        self._show()
        self.rest.minutes = self._context.setting("review.break_minutes", 0)
        if self.rest.worked(now):
            self._context.tell(tr("You have reviewed for a good while. A short break keeps the eye sharp."))

    def _not_written(self, error: CuratorError) -> None:
        """In a round the queue is made anew: it was closed, or others hold the item now."""
        super()._not_written(error)
        if isValid(self) and self.round is not None and self.deck is not None:
            self.start(self.deck.wanted)

    def move(self, step: int) -> None:
        """Show the card before or after, without deciding."""
        if self.deck is not None and self.deck.move(step):
            self._show()

    # The way back

    def undo(self) -> None:
        """Take back the newest decision and show its card."""
        reviewer, round = self.reviewer, self._round_id
        self._turn(lambda project: review.take_back(project, reviewer, round), self._undone)

    def redo(self) -> None:
        """Do again what was taken back, and go on after it."""
        reviewer, round = self.reviewer, self._round_id
        self._turn(lambda project: review.do_again(project, reviewer, round), self._redone)

    @property
    def _round_id(self) -> str | None:
        return self.round.id if self.round is not None else None

    def _turn(self, work: Callable[[Project], Turned | None], then: Callable[[Turned], object]) -> None:
        self._busy = True

        def turned(done: Turned | None) -> None:
            if not isValid(self):
                return
            self._busy = False
            if done is None:
                self._context.tell(tr("There is no decision of yours to take back."))
                self._next_waiting()
            else:
                self._own.add(done.entry.id)
                self._context.tell(done.entry.text if done.entry.text.endswith(".") else f"{done.entry.text}.")
                then(done)

        self._context.need_session().write(work, turned, self._refused)

    def _undone(self, done: Turned) -> None:
        assert self.deck is not None
        self._drop_cards(done.verdicts)
        self.deck.reopen(done.examples)
        self._show()

    def _redone(self, done: Turned) -> None:
        assert self.deck is not None
        self._drop_cards(done.verdicts)
        self.deck.settle({id: verdict for id, verdict in done.verdicts.items() if verdict is not None})
        if any(self.deck.go_to(id) for id in done.examples):
            self.deck.advance()
        self._show()

    # What others do

    def changed(self, change: Change) -> None:
        """Somebody, or this window elsewhere, changed the project."""
        if self.deck is None:
            return
        if change.sources:
            self.stale = True
        if change.findings and self.round is None:
            self._context.need_session().read(
                lambda project: project.latest_run("check"), self._newest_run, key="review.run"
            )
        foreign = [entry for entry in change.entries if entry.id not in self._own]
        if self.round is not None and any(entry.action not in ("vote", "merge", "decide") for entry in foreign):
            self.stale = True  # it was closed, or given to others
        if not foreign or not change.examples:
            return
        self._drop_cards(change.examples)
        reviewer, deck, round = self.reviewer, self.deck, self._round_id
        turned = [e for e in foreign if e.action in ("undo", "redo") and e.actor == reviewer]
        session = self._context.need_session()
        session.read(
            lambda project: review.verdicts(project, change.examples, reviewer, round),
            lambda found: self._decided_elsewhere(deck, found, turned[-1] if turned else None),
        )

    def _newest_run(self, run: object) -> None:
        if self.deck is not None and run is not None and getattr(run, "id", None) != self.deck.run:
            self.outdated.emit()

    def _decided_elsewhere(self, deck: Deck, found: Mapping[int, Verdict | None], turned: JournalEntry | None) -> None:
        if not isValid(self) or self.deck is not deck:
            return
        if turned is not None and self._here and not self._busy and not self.editing:
            news = {id: verdict for id, verdict in found.items() if deck.verdict(id) is not verdict}
            (self._undone if turned.action == "undo" else self._redone)(Turned(turned, news or found))
            return
        # What a round shows never changes, and others' votes are not shown: a card stays as it is, and where it is scrolled to.
        news_here = self.round is None or any(deck.verdict(id) is not found[id] for id in found)
        deck.settle({id: verdict for id, verdict in found.items() if verdict is not None})
        deck.forget(id for id, verdict in found.items() if verdict is None)
        if self.card is not None and self.card.id in found and news_here and not self._busy and self._here:
            self._show()
