"""The right side of a card: what can be decided, each with its key."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from curator.comparison.sides import LABELS
from curator.model import Verdict
from ui.i18n import tr
from ui.pages.cards.buttons import KeyButton, show
from ui.pages.cards.picker import LabelPicker, NoteField
from ui.presenters import review_evidence as showing
from ui.presenters.labels import Labels
from ui.presenters.review import Card
from ui.presenters.sides import is_side_by_side
from ui.presenters.words import label_title, moment, status_title, verdict_tone
from ui.theme import px
from ui.widgets import basics
from ui.widgets.basics import (
    Badge,
    Elided,
    column,
    fill,
    muted,
    named,
    row,
)

TALL = {
    "review.accept": 44,
    "review.dismiss": 36,
    "review.keep": 52,
    "review.drop": 52,
    "review.edit": 36,
    "review.flag": 36,
    "review.skip": 36,
}
"""Heights of the buttons where there is room, of the 8-px grid."""
ANSWER = 40
"""The same of what can be said of two answers: there are never more of them."""


class Decision(basics.Card):
    """Signals: `chosen(str)` with a label. Every other button runs the action of its name."""

    chosen = Signal(str)

    def __init__(self, run: Callable[[str], object]):
        super().__init__(spacing=12, margins=16)
        self._run = run
        self._buttons: dict[str, KeyButton] = {}
        self._compact = False
        self._standing: showing.Standing | None = None
        self.labels = LabelPicker()
        self.labels.chosen.connect(self.chosen)
        self.state = Badge("")
        self.decided = Elided("", "muted")
        self._earlier = QWidget()
        fill(row(self._earlier), self.state, self.decided)
        self.proposed = self._button(
            "review.accept", tr("Do as proposed"), "primary", TALL["review.accept"], strong=True
        )
        self.standing = muted("")
        self.dismiss = self._button("review.dismiss", tr("Keep and dismiss the finding"), "", 36)
        self.note = named(NoteField(), tr("Note"))
        self.note.setPlaceholderText(tr("Note (goes with your decision)"))
        self._place()

    def _place(self) -> None:
        upper = column(spacing=8)
        fill(upper, self._earlier, self.proposed, self.dismiss, self.standing)
        self.body.addLayout(upper)
        self.body.addWidget(self.labels, 1)
        self._gap = QWidget()
        self.body.addWidget(self._gap, 1)
        main, second, self._moves = row(spacing=8), row(spacing=8), row(spacing=8)
        for id, text, tone in (("review.keep", tr("Keep"), "good"), ("review.drop", tr("Drop"), "bad")):
            main.addWidget(self._button(id, text, tone, TALL["review.keep"], strong=True), 1)
        for id, text in (("review.edit", tr("Edit")), ("review.flag", tr("Flag")), ("review.skip", tr("Skip"))):
            second.addWidget(self._button(id, text, "", 36))
        self.place = muted("", wrap=False)
        self.place.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._moves.addWidget(self._button("review.previous", tr("Back"), "", 32))
        self._moves.addWidget(self.place, 1)
        self._moves.addWidget(self._button("review.next", tr("Next"), "", 32))
        fill(self.body, main, second, self.note, self._moves)

    def show_compact(self, compact: bool) -> None:
        """Where there is little height: lower buttons, and what is only said goes to tooltips."""
        if compact == self._compact:
            return
        self._compact = compact
        margin, spacing = (8, 6) if compact else (16, 12)
        self.body.setContentsMargins(*[px(margin)] * 4)
        self.body.setSpacing(px(spacing))
        for id, height in TALL.items():
            self._buttons[id].show_height(32 if compact else height)
        self.labels.show_compact(compact)
        self.place.setVisible(not compact)
        self._show_standing()

    def _button(self, id: str, text: str, tone: str, height: float, *, strong: bool = False) -> KeyButton:
        made = KeyButton(text, lambda: self._run(id), tone=tone, height=height, strong=strong)
        self._buttons[id] = made
        return made

    def show_keys(self, key_of: Callable[[str], str], tips: Callable[[str], str]) -> None:
        """The keys in force, which people may change."""
        for id, made in self._buttons.items():
            made.show_key(key_of(id))
            made.setToolTip(tips(id))
        self.labels.show_keys(key_of)
        hint = key_of("review.note")
        said = tr("Note (goes with your decision)")
        self.note.setPlaceholderText(f"{said}  {hint}" if hint else said)

    def show_card(self, card: Card, standing: showing.Standing | None, place: str, note: str) -> None:
        self.place.setText(place)
        mine = card.mine
        show(self._earlier, mine is not None)
        if mine is not None:
            status = status_title(mine.verdict)
            if card.hides_output and mine.verdict in (Verdict.KEEP, Verdict.RELABEL):
                # That it was kept would give the hidden label away.
                status = label_title(mine.value or card.example.output)
            self.state.show_text(status, "" if card.hides_output else verdict_tone(mine.verdict))
            said = tr("by you, {when}", when=moment(mine.at))
            self.decided.setText(f"{said}: {mine.note}" if mine.note else said)
        for id in ("review.keep", "review.edit"):
            self._buttons[id].setVisible(not card.hides_output)
        show(self._buttons["review.drop"], not is_side_by_side(card.round))
        self.labels.title.setText(tr("Which is better?") if is_side_by_side(card.round) else tr("Label"))
        finding = card.proposing
        show(self.proposed, finding is not None)
        if finding is not None:
            self.proposed.setText(showing.proposal(finding.suggestion, card.id))
        self._standing = standing
        self._show_standing()
        self.note.setText(note)
        self.labels.show_card(None if card.hides_output else card.example.output, card.suggested)

    def _show_standing(self) -> None:
        """What a keep comes to; it matters most where it does not do what one may think."""
        said = self._standing.text if self._standing is not None else ""
        self.standing.setText(said)
        show(self.standing, bool(said) and not self._compact)
        self._buttons["review.keep"].setAccessibleDescription(said)
        show(self.dismiss, self._standing is not None and bool(self._standing.dismissible))

    def show_labels(self, found: Labels) -> None:
        self.labels.show_labels(found)
        if tuple(one.name for one in found.listed) == LABELS:
            for made in self.labels.buttons:
                made.show_height(ANSWER)
        self.labels.setVisible(bool(found))
        self._gap.setVisible(not found)
