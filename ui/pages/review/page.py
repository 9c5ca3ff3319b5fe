"""The review page: builds its parts, and ties keys to what they do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QWidget

from curator.model import Verdict
from curator.review.queue import Wanted
from curator.store import Change
from ui.actions import Action
from ui.context import Context
from ui.i18n import tr
from ui.pages.cards.editing import Editor
from ui.pages.cards.guideline import Guideline
from ui.pages.cards.page import NARROW, CardPage
from ui.pages.review.bar import Bar
from ui.pages.review.decision import Decision
from ui.pages.review.ending import Ending
from ui.pages.review.record import Record
from ui.pages.review.sitting import Sitting
from ui.presenters import review
from ui.presenters.labels import KEYS, Labels
from ui.presenters.review import Begun, Card
from ui.presenters.review_evidence import Told
from ui.presenters.sides import is_side_by_side
from ui.theme import px
from ui.widgets.basics import Banner, EmptyState, clear, column, fill

DECISION_WIDTH = (236, 336)
"""The least and the most that the decisions take, of the 8-px grid."""
MARKS = "sides.marks"
"""Whether the words in which two answers differ are marked."""
KEPT = "review.queue"
"""Property of the session: the queue that is shown, and its title."""


class ReviewPage(CardPage):
    name = "review"
    decision_width = DECISION_WIDTH

    def __init__(self, context: Context):
        super().__init__(context)
        self.sitting = Sitting(context, self)
        self.wanted = Wanted()
        self.title = ""
        self._edited: Card | None = None
        """The card that is being edited, as it was when the edit began."""
        self._told = ""
        """What that example was changed into elsewhere, as far as it was told."""
        self.bar = Bar(self.start, self.toggle_guideline)
        self.record, self.editor = Record(self._keep_marks), Editor(self._save_edit, self.leave_edit)
        self.decision = Decision(lambda id: context.registry.run(id))
        self.guideline = Guideline(self.save_guideline, self.toggle_guideline)
        self.ending = Ending(context, self.start)
        self._banners = column(spacing=8)
        self._banner_names: set[str] = set()
        self.views = QStackedWidget()
        self._nothing = EmptyState(
            tr("Nothing to review yet"),
            tr("The project has no examples to train on. Import a file first."),
            tr("Import a file"),
            lambda: context.go("importing"),
            picture="review",
        )
        self.cards = self._cards()
        for view in (QWidget(), self.cards, self.ending, self._nothing):
            self.views.addWidget(view)
        # What is seldom shown does not say how small the window may be.
        self._nothing.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        body = column(self, 16, (24, 16, 24, 20))
        fill(body, self.bar, self._banners)
        body.addWidget(self.views, 1)
        self.bar.hide()
        self._connect()

    def _cards(self) -> QWidget:
        made = self.stand(self.guideline)
        self.guideline.setVisible(bool(self.context.setting("review.guideline", False)))
        self.bar.guideline.setChecked(not self.guideline.isHidden())
        return made

    def _connect(self) -> None:
        self.sitting.begun.connect(self._begun)
        self.sitting.shown.connect(self._shown)
        self.sitting.ended.connect(self._ended)
        self.sitting.labelled.connect(self._labelled)
        self.sitting.outdated.connect(self._outdated)
        self.decision.chosen.connect(self._relabel)
        self.decision.labels.left.connect(self.take_keys)
        self.decision.note.left.connect(self.take_keys)
        self.decision.note.textEdited.connect(self._note)

    # Coming and going

    def arrive(self, **where: Any) -> None:
        """`check`: its findings alone; `ids`, `title`: these examples; `round` (id): what is owed in it; nothing: go on
        where one was."""
        self._show_keys()
        if where.get("ids") is not None:
            self.title = str(where.get("title") or "")
            self.start(Wanted(ids=tuple(int(id) for id in where["ids"])))
        elif where.get("round"):
            self.start(Wanted(round=str(where["round"])))
        elif where.get("check"):
            self.start(Wanted(check=str(where["check"])))
        elif self._must_start():
            self._recall()
            self.start(self.wanted)
        else:
            self.sitting.come_back()

    def _must_start(self) -> bool:
        session = self.context.need_session()
        return self.sitting.deck is None or self.sitting.stale or self.sitting.reviewer != session.reviewer

    def _recall(self) -> None:
        """Go on with the queue that was shown before the window was made anew."""
        kept = self.context.need_session().property(KEPT)
        if self.sitting.deck is None and kept is not None:
            self.wanted, self.title = kept

    def start(self, wanted: Wanted) -> None:
        """Make this queue, and show its first card."""
        self.wanted = wanted
        self.context.need_session().setProperty(KEPT, (wanted, self.title))
        self.left.setCurrentWidget(self.record)
        self._unsay("outdated", "unchecked")
        self.sitting.start(wanted)
        self.take_keys()

    def leave(self) -> None:
        self.sitting.leave()

    def changed(self, change: Change) -> None:
        if change.settings and self.sitting.round is None:
            read = self.context.need_session().read
            read(lambda project: project.settings().get("guideline", ""), self._show_guideline, "review.guideline")
        self.sitting.changed(change)

    def _show_guideline(self, text: str) -> None:
        if self.sitting.round is None:  # a round has its own
            self.guideline.show_text(text)

    def undo(self) -> bool:
        """Take back the newest decision and show its card; the page does it itself."""
        self.act(self.sitting.undo)
        return True

    def redo(self) -> bool:
        """Do again what was taken back."""
        self.act(self.sitting.redo)
        return True

    # What is shown

    def _begun(self, begun: Begun) -> None:
        self.wanted = begun.wanted
        self.context.need_session().setProperty(KEPT, (begun.wanted, self.title))
        self.bar.setVisible(begun.examples > 0)
        self.bar.show_queues(begun, self.title, rounds_only=self.context.in_packet)
        round = begun.round
        self.guideline.show_text(begun.guideline, None if round is None else round.guideline_version)
        if round is not None and begun.guideline and self.context.setting("review.guideline") is None:
            # Whoever votes for others reads first how they want it decided; who puts it away has it so from then on.
            self.guideline.show()
            self.bar.guideline.setChecked(True)
        if begun.queue.run is None and begun.examples and round is None:
            self._say(
                "unchecked",
                tr(
                    "This project was not checked yet: the cards come as a random sample. A check puts the worst first."
                ),
                tr("Check now"),
                lambda: self.context.registry.run("project.check"),
            )
        if not begun.examples:
            self.views.setCurrentWidget(self._nothing)

    def _shown(self, card: Card, told: Told) -> None:
        deck = self.sitting.deck
        assert deck is not None
        if self.editing and self._edited is not None and self._edited.id == card.id:
            # What is being edited stays, whatever others do beside it.
            if self._edited.key != card.key and self._told != card.key:
                self._told = card.key
                self.context.tell(tr("This example was changed elsewhere meanwhile; what you save takes its place."))
            return
        self.sitting.editing = False
        self.left.setCurrentWidget(self.record)
        self.record.show_card(card, told)
        place = tr("{at} of {all}", at=deck.at + 1, all=len(deck))
        self.decision.show_card(card, told.standing, place, self.sitting.notes.get(card.id, ""))
        self.views.setCurrentWidget(self.cards)
        self._show_progress()

    def _ended(self) -> None:
        begun, deck = self.sitting.start_info, self.sitting.deck
        if begun is None or deck is None or not begun.examples:
            return
        if begun.round is not None and deck.decided_here:
            # Whoever votes last in a round settles what all agree on.
            id = begun.round.id
            self.context.need_session().write(lambda project: review.settle(project, id))
        self.ending.show_end(begun, deck, self.sitting.pace)
        self.views.setCurrentWidget(self.ending)
        self._show_progress()

    def _show_progress(self) -> None:
        deck = self.sitting.deck
        if deck is not None:
            self.bar.show_progress(deck.progress, self.sitting.pace, deck.today, deck.wanted)

    def _labelled(self, found: Labels) -> None:
        self.decision.show_labels(found)
        self._show_keys()

    def _outdated(self) -> None:
        self._unsay("unchecked")
        again = lambda: self.start(self.wanted)  # noqa: E731
        self._say("outdated", tr("A newer check has other findings."), tr("Show the new queue"), again)

    def _say(self, name: str, text: str, action: str, run: Callable[[], object]) -> None:
        if name not in self._banner_names:
            self._banner_names.add(name)
            made = Banner(text, "", action, run)
            made.setObjectName(name)
            self._banners.addWidget(made)

    def _unsay(self, *names: str) -> None:
        if self._banner_names & set(names):
            self._banner_names.clear()
            clear(self._banners)

    def _show_keys(self) -> None:
        self.decision.show_keys(self.key_of, self.title_of)
        key = self.key_of("review.guideline")
        self.bar.guideline.setText(tr("Guideline") + (f"  {key}" if key else ""))
        self.record.sides.show_key(self.key_of("review.marks"))
        self.record.sides.show_marks(bool(self.context.setting(MARKS, True)))
        self.bar.guideline.setAccessibleName(tr("Guideline"))

    def show_compact(self, compact: bool) -> None:
        self.decision.show_compact(compact)
        self.bar.show_compact(compact or self.width() < px(NARROW))

    # What is done

    def _decide(self, verdict: Verdict) -> None:
        card = self.sitting.card
        if self.editing and verdict is Verdict.KEEP:
            self.editor.save()  # with some presets one key keeps and saves
        elif is_side_by_side(self.sitting.round) and verdict in (Verdict.KEEP, Verdict.DROP):
            self.context.tell(tr("Say which answer is better, on the keys 1 to 4; Space skips."))
        elif verdict is Verdict.KEEP and card is not None and card.hides_output:
            self.context.tell(tr("Choose a label: the given one is not shown in this round."))
        else:
            self.act(lambda: self.sitting.decide(verdict))

    def _label(self, key: int) -> None:
        found = self.sitting.labels.on_key(key)
        if found is not None:
            self._relabel(found.name)

    def _relabel(self, name: str) -> None:
        self.act(lambda: self.sitting.decide(Verdict.RELABEL, name))

    def edit(self) -> None:
        """Edit the card in place."""
        card = self.sitting.card
        if card is not None and not card.hides_output:
            self.sitting.let_go()
            self.sitting.editing, self._edited, self._told = True, card, ""
            self.left.setCurrentWidget(self.editor)
            self.editor.edit(card.example)

    def leave_edit(self) -> None:
        """Leave the edit; the example stays as it was."""
        self.close_editor()
        if self.sitting.card is not self._edited:
            self.sitting.show_again()

    def _save_edit(self, messages: str | None) -> None:
        edited = self._edited
        if messages is None or edited is None:
            self.leave_edit()
            self.context.tell(tr("Nothing was changed."))
        else:
            # The decision is on the card that was edited, as it was then.
            self.close_editor()
            self.sitting.act(lambda: self.sitting.decide(Verdict.EDIT, messages, edited))

    def note(self) -> None:
        """Write a note that goes with the decision."""
        self.sitting.let_go()
        self.decision.note.setFocus()

    def _note(self, text: str) -> None:
        if self.sitting.card is not None:
            self.sitting.notes[self.sitting.card.id] = text

    def toggle_marks(self) -> None:
        """Mark the words in which two answers differ, or do not."""
        self.record.sides.mark.click()

    def _keep_marks(self, on: bool) -> None:
        self.context.settings.set(MARKS, on)

    def find_label(self) -> None:
        """Type a label."""
        self.sitting.let_go()
        self.decision.labels.field.setFocus()

    def toggle_guideline(self) -> None:
        """Show the guideline beside the card, or put it away."""
        show = self.guideline.isHidden()
        self.guideline.setVisible(show)
        self.bar.guideline.setChecked(show)
        self.context.settings.set("review.guideline", show)
        if not show:
            self.take_keys()

    def actions_here(self) -> list[Action]:
        sitting = self.sitting

        def card() -> bool:
            return sitting.active

        def made(
            id: str, title: str, run: Callable[[], object], *keys: str, enabled: Callable[[], bool] = card
        ) -> Action:
            return Action(f"review.{id}", title, run, keys, scope="review", menu="review", enabled=enabled)

        def proposing() -> bool:
            return sitting.active and (
                sitting.busy or (sitting.card is not None and sitting.card.proposing is not None)
            )

        def with_findings() -> bool:
            return sitting.active and (sitting.busy or (sitting.card is not None and bool(sitting.card.findings)))

        def has_labels() -> bool:
            return sitting.active and bool(sitting.labels)

        def side_by_side() -> bool:
            return sitting.active and is_side_by_side(sitting.round)

        def is_all() -> bool:
            return True

        labelled = [
            Action(
                f"review.label.{key}",
                tr("Label on key {key}", key=key),
                lambda key=key: self._label(key),  # type: ignore[misc]
                (str(key),),
                scope="review",
                enabled=lambda key=key: has_labels() and sitting.labels.on_key(key) is not None,  # type: ignore[misc]
            )
            for key in range(1, KEYS + 1)
        ]
        return [
            made("keep", tr("Keep"), lambda: self._decide(Verdict.KEEP), "A"),
            made("drop", tr("Drop"), lambda: self._decide(Verdict.DROP), "X"),
            made("accept", tr("Do as proposed"), lambda: self.act(sitting.accept), "Y", enabled=proposing),
            made(
                "dismiss",
                tr("Keep and dismiss the finding"),
                lambda: self.act(sitting.dismiss),
                "D",
                enabled=with_findings,
            ),
            made("flag", tr("Flag"), lambda: self._decide(Verdict.FLAG), "F"),
            made("skip", tr("Skip"), lambda: self._decide(Verdict.SKIP), "Space"),
            made("edit", tr("Edit"), lambda: self.act(self.edit), "E"),
            made("note", tr("Note"), lambda: self.act(self.note), "N"),
            made("label", tr("Find a label"), lambda: self.act(self.find_label), "L", enabled=has_labels),
            made("marks", tr("Mark differences"), self.toggle_marks, "C", enabled=side_by_side),
            made("previous", tr("Card before"), lambda: self.act(lambda: sitting.move(-1)), "Left"),
            made("next", tr("Next card"), lambda: self.act(lambda: sitting.move(1)), "Right"),
            made("guideline", tr("Guideline"), self.toggle_guideline, "G", enabled=is_all),
            *labelled,
        ]
