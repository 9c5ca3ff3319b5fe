"""The right side of a dispute: what the votes come to, and what can be decided, each with its key."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from curator.model import Cause
from ui.i18n import tr
from ui.pages.cards.buttons import KeyButton, show
from ui.pages.cards.picker import LabelPicker, NoteField
from ui.presenters.adjudicate import Choice
from ui.presenters.adjudicate_votes import Card, cause_help, cause_title, cause_word, consensus_label, votes_title
from ui.presenters.labels import KEYS, Label, Labels
from ui.presenters.sides import is_side_by_side
from ui.theme import px
from ui.widgets import basics
from ui.widgets.basics import Badge, Elided, column, fill, heading, muted, named, row, tip_text

TALL = {
    "accept": 44,
    "keep": 44,
    "drop": 44,
    "edit": 36,
    "skip": 36,
    **{f"cause.{cause}": 32 for cause in Cause},
}
"""Heights of the buttons where there is room, of the 8-px grid."""


EVEN = 0.5


class Decision(basics.Card):
    """Signals: `chosen(str)` with the name of a choice. Every other button runs the action `adjudicate.` and its name."""

    chosen = Signal(str)

    def __init__(self, run: Callable[[str], object]):
        super().__init__(spacing=12, margins=16)
        self._run = run
        self._buttons: dict[str, KeyButton] = {}
        self._compact = False
        self.offered: tuple[Choice, ...] = ()
        self.consensus = Badge("")
        self.sure = Elided("", "muted")
        self.picker = LabelPicker()
        self.picker.chosen.connect(self.chosen)
        self.note = named(NoteField(), tr("Note"))
        self.place = muted("", wrap=False)
        self.place.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._build()

    def _build(self) -> None:
        self._upper = QWidget()
        upper = column(self._upper, 6)
        said = row(spacing=8)
        fill(said, self.consensus)
        said.addWidget(self.sure, 1)
        self._title = heading(tr("Consensus"))
        fill(upper, self._title, said, self._button("accept", tr("Decide so"), "primary", strong=True))
        self.body.addWidget(self._upper)
        self.body.addWidget(self.picker, 1)
        main, second, self._moves = row(spacing=8), row(spacing=8), QWidget()
        moves = row(self._moves, 8)
        for name, text, tone in (("keep", tr("Keep"), "good"), ("drop", tr("Drop"), "bad")):
            main.addWidget(self._button(name, text, tone, strong=True), 1)
        for name, text in (("edit", tr("Edit")), ("skip", tr("Later"))):
            second.addWidget(self._button(name, text, ""), 1)
        self._causes_title = heading(tr("Why they disagreed"))
        causes = QGridLayout()
        causes.setSpacing(px(8))
        for at in range(2):
            causes.setColumnStretch(at, 1)
        for at, cause in enumerate(Cause):
            made = self._button(f"cause.{cause}", cause_word(cause), "")
            made.setAccessibleName(cause_title(cause))
            made.setCheckable(True)
            causes.addWidget(made, at // 2, at % 2)
        moves.addWidget(self._button("previous", tr("Back"), ""))
        moves.addWidget(self.place, 1)
        moves.addWidget(self._button("next", tr("Next"), ""))
        fill(self.body, main, second, self._causes_title, causes, self.note, self._moves)

    def _button(self, name: str, text: str, tone: str, *, strong: bool = False) -> KeyButton:
        made = KeyButton(
            text, lambda: self._run(f"adjudicate.{name}"), tone=tone, height=TALL.get(name, 32), strong=strong
        )
        self._buttons[name] = made
        return made

    def button(self, name: str) -> KeyButton:
        return self._buttons[name]

    def show_compact(self, compact: bool) -> None:
        """Where there is little height: lower buttons, and what is only said goes."""
        if compact == self._compact:
            return
        self._compact = compact
        margin, spacing = (8, 6) if compact else (16, 12)
        self.body.setContentsMargins(*[px(margin)] * 4)
        self.body.setSpacing(px(spacing))
        for name, height in TALL.items():
            self._buttons[name].show_height(28 if compact else height)
        self.picker.show_compact(compact)
        # Without the buttons the arrow keys still move.
        for held in (self._title, self._causes_title, self._moves):
            held.setVisible(not compact)

    def show_keys(self, key_of: Callable[[str], str], tips: Callable[[str], str]) -> None:
        """The keys in force, which people may change."""
        for name, made in self._buttons.items():
            made.show_key(key_of(f"adjudicate.{name}"))
            made.setToolTip(tip_text(tips(f"adjudicate.{name}")))
        for cause in Cause:
            self._buttons[f"cause.{cause}"].setToolTip(tip_text(cause_help(cause)))
        self.picker.show_keys(lambda id: key_of(id.replace("review.", "adjudicate.", 1)))
        hint = key_of("adjudicate.note")
        said = tr("Note (goes with your decision)")
        self.note.setPlaceholderText(f"{said}  {hint}" if hint else said)

    def show_card(
        self, card: Card, offered: Sequence[Choice], proposed: Choice | None, place: str, *, labels: bool
    ) -> None:
        """What can be decided on a dispute. `labels`: the outputs are labels, else texts."""
        self.offered = tuple(offered)
        self.place.setText(place)
        known = card.dispute.label is not None
        self.consensus.show_text(_short(consensus_label(card.dispute)), "accent" if known else "")
        show(self.consensus, known)
        self.sure.setText(card.consensus)
        accept = self._buttons["accept"]
        show(accept, proposed is not None)
        if proposed is not None:
            accept.setText(tr("Decide for {answer}", answer=_short(proposed.name)))
            accept.setAccessibleName(accept.text())
            # What is less likely right than wrong is nothing to press for.
            accept.show_tone("primary" if (card.dispute.confidence or 0) > EVEN else "accent")
        answers = is_side_by_side(card.dispute.round)
        for name in ("keep", "drop", "edit"):
            show(self._buttons[name], not answers)
        said = tr("Labels") if labels else tr("Answers")
        self.picker.title.setText(tr("Which is better?") if answers else said)
        self.picker.show_labels(Labels(tuple(_label(at, one) for at, one in enumerate(self.offered, 1))))
        self.picker.show_card(None, None)
        for made, one in zip(self.picker.buttons, self.offered, strict=False):
            said = [votes_title(one.votes)] if one.votes else []
            said += [tr("now")] if one.now else []
            made.show_tone("accent" if one is proposed else "", " · ".join(said))
            made.setToolTip(tip_text(one.name))
        show(self.picker, bool(self.offered))

    def show_words(self, note: str, cause: Cause | None) -> None:
        """What goes with the decision so far."""
        if self.note.text() != note:
            self.note.setText(note)
        for each in Cause:
            made = self._buttons[f"cause.{each}"]
            made.setChecked(each is cause)
            made.show_tone("accent" if each is cause else "")


def _label(at: int, choice: Choice) -> Label:
    return Label(choice.name, choice.votes, at if at <= KEYS else None)


def _short(text: str, room: int = 40) -> str:
    squeezed = " ".join(text.split())
    return squeezed if len(squeezed) <= room else squeezed[: room - 1] + "…"
