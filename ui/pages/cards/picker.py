"""Fields of a decision: a note, and a label by number key or by typing."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QStackedWidget, QWidget

from ui.i18n import number, tr
from ui.pages.cards.buttons import KeyButton
from ui.presenters.labels import KEYS, Labels
from ui.presenters.words import label_title
from ui.theme import px
from ui.widgets import basics
from ui.widgets.basics import Scroll, SearchField, column, fill, heading, label, named, row, tip_text


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
