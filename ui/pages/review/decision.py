"""The right side of a card: what can be decided, each with its key."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QStackedWidget, QWidget

from curator.model import Verdict
from ui.i18n import number, tr
from ui.pages.review.buttons import KeyButton, show
from ui.presenters import review_evidence as showing
from ui.presenters.labels import KEYS, Labels
from ui.presenters.review import Card
from ui.presenters.words import label_title, moment, status_title, verdict_tone
from ui.theme import px
from ui.widgets import basics
from ui.widgets.basics import (
    Badge,
    Elided,
    Scroll,
    SearchField,
    column,
    fill,
    heading,
    label,
    muted,
    named,
    row,
    tip_text,
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
                status = mine.value or card.example.output
            self.state.show_text(status, "" if card.hides_output else verdict_tone(mine.verdict))
            said = tr("by you, {when}", when=moment(mine.at))
            self.decided.setText(f"{said}: {mine.note}" if mine.note else said)
        for id in ("review.keep", "review.edit"):
            self._buttons[id].setVisible(not card.hides_output)
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
        self.labels.setVisible(bool(found))
        self._gap.setVisible(not found)


class NoteField(QLineEdit):
    """One line of text. Enter and Esc leave it; what was typed stays."""

    left = Signal()

    def event(self, event: QEvent) -> bool:
        # Some presets have an action on Enter: in a field it only leaves the field.
        if isinstance(event, QKeyEvent) and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape):
            if event.type() is QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() is QEvent.Type.KeyPress:
                self.left.emit()
                return True
        return super().event(event)


class LabelPicker(QWidget):
    """The labels: nine on number keys, all of them by typing. `chosen(str)`, and `left()` when the field is left."""

    chosen = Signal(str)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        body = column(self, 8)
        self._labels = Labels()
        self._given: str | None = None
        self._suggested: str | None = None
        self.title = heading(tr("Label"))
        self.more = label("", "small")
        self._top = QWidget()
        fill(row(self._top), self.title, None, self.more)
        self.field = SearchField(tr("Find a label"))
        self.field.textChanged.connect(self._typed)
        self.field.installEventFilter(self)
        self.listed = named(QListWidget(), tr("Labels that fit"))
        self.listed.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.listed.setFrameShape(QFrame.Shape.NoFrame)
        self.listed.itemClicked.connect(lambda item: self._choose(item.data(Qt.ItemDataRole.UserRole)))
        inside = QWidget()
        self._column = column(inside, 5, (0, 0, 4, 0))
        self.pages = QStackedWidget()
        self.pages.addWidget(Scroll(inside))
        self.pages.addWidget(self.listed)
        self.buttons: list[KeyButton] = []
        fill(body, self._top, self.field)
        body.addWidget(self.pages, 1)
        self.setMinimumHeight(px(72))

    def show_compact(self, compact: bool) -> None:
        """Where there is little height: no title."""
        self._top.setVisible(not compact)

    def show_labels(self, found: Labels) -> None:
        """The labels of the project."""
        self._labels = found
        basics.clear(self._column)
        self.buttons = []
        for each in found.listed[:KEYS]:
            shown = label_title(each.name)
            made = KeyButton(shown, lambda name=each.name: self._choose(name), key_first=True, height=32)
            told = tr("{name}: {number} examples", name=shown, number=number(each.examples))
            made.setToolTip(tip_text(told if each.examples else shown))
            self.buttons.append(made)
            self._column.addWidget(made)
        self._column.addStretch(1)
        beyond = len(found.listed) - KEYS
        self.field.setVisible(beyond > 0)
        self.more.setText(tr("{number} more by typing", number=number(beyond)) if beyond > 0 else "")
        self._mark()

    def show_keys(self, key_of: Callable[[str], str]) -> None:
        for place, made in enumerate(self.buttons, 1):
            made.show_key(key_of(f"review.label.{place}"))
        hint = key_of("review.label")
        self.field.setPlaceholderText(tr("Find a label") + (f"  {hint}" if hint else ""))

    def show_card(self, given: str | None, suggested: str | None) -> None:
        """Which label the example has, and which one is suggested."""
        self._given, self._suggested = given, suggested
        if self.field.text():
            self.field.clear()
        self._mark()

    def _mark(self) -> None:
        for made, each in zip(self.buttons, self._labels.listed, strict=False):
            if each.name == self._suggested:
                made.show_tone("accent", tr("suggested"))
            elif each.name == self._given:
                made.show_tone("", tr("now"))
            else:
                made.show_tone("")

    def _typed(self, text: str) -> None:
        self.pages.setCurrentIndex(1 if text.strip() else 0)
        self.listed.clear()
        if not text.strip():
            return
        for each in self._labels.matching(text):
            said = {self._suggested: tr("suggested"), self._given: tr("now")}.get(each.name, "")
            shown = label_title(each.name)
            item = QListWidgetItem(f"{shown}   {said}" if said else shown)
            item.setData(Qt.ItemDataRole.UserRole, each.name)
            self.listed.addItem(item)
        if not self.listed.count():
            none = QListWidgetItem(tr("No label fits"))
            none.setFlags(Qt.ItemFlag.NoItemFlags)
            self.listed.addItem(none)
        self.listed.setCurrentRow(0)

    def _choose(self, name: str | None) -> None:
        if name is not None:
            self.field.clear()
            self.left.emit()
            self.chosen.emit(name)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and isinstance(event, QKeyEvent):
            key = event.key()
            ours = key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape, Qt.Key.Key_Up, Qt.Key.Key_Down)
            if event.type() is QEvent.Type.ShortcutOverride and ours:
                event.accept()
                return True
            if event.type() is QEvent.Type.KeyPress and ours:
                self._field_key(Qt.Key(key))
                return True
        return super().eventFilter(watched, event)

    def _field_key(self, key: Qt.Key) -> None:
        row_now = self.listed.currentRow()
        if key is Qt.Key.Key_Escape:
            self.field.clear()
            self.left.emit()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            step = 1 if key is Qt.Key.Key_Down else -1
            self.listed.setCurrentRow(min(max(0, row_now + step), self.listed.count() - 1))
        elif self.field.text().strip() and self.listed.currentItem() is not None:
            self._choose(self.listed.currentItem().data(Qt.ItemDataRole.UserRole))
