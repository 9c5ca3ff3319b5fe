"""An example edited in place: a field for each turn."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from curator.model import Example
from ui.i18n import tr
from ui.pages.cards.buttons import show
from ui.presenters import review
from ui.presenters.texts import is_json
from ui.presenters.words import turn_title
from ui.theme import mono, px
from ui.widgets.basics import Card, Scroll, button, clear, column, fill, heading, label, muted, named, row

LINES = (2, 14)
"""Lines of text that a field shows at least and at most."""

ROOMY = 480
"""Width of the 8-px grid from which the keys are said beside the buttons."""
SHORT = 60
"""Characters up to which an output is selected whole, to be typed over, as a label is."""


class Editor(Card):
    """`on_save` is given the messages as JSON, None where nothing was changed; `on_leave` without saving."""

    def __init__(self, on_save: Callable[[str | None], object], on_leave: Callable[[], object]):
        super().__init__(spacing=12)
        self._on_save, self._on_leave = on_save, on_leave
        self.example: Example | None = None
        self.fields: dict[int, QPlainTextEdit] = {}
        inside = QWidget()
        self._turns = column(inside, 12, (0, 0, 8, 0))
        scroll = Scroll(inside, sideways=True)
        bottom = row()
        self._hint = muted(tr("Ctrl+Enter saves, Esc leaves it as it was."), wrap=False)
        bottom.addWidget(self._hint)
        bottom.addStretch(1)
        save = button(tr("Save"), self.save, "primary", tip=tr("Ctrl+Enter"))
        leave = button(tr("Cancel"), self.leave, tip=tr("Esc"))
        fill(bottom, leave, save)
        fill(self.body, heading(tr("Edit this example")))
        self.body.addWidget(scroll, 1)
        self.body.addLayout(bottom)

    def edit(self, example: Example) -> None:
        """Fields for the turns of an example; the cursor is in the output."""
        self.example = example
        clear(self._turns)
        self.fields = {}
        for place, turn in enumerate(example.messages):
            output = place == example.output_at
            title = turn_title(turn.role) + (f" · {tr('output')}" if output else "")
            field = named(QPlainTextEdit(turn.content or ""), title)
            field.setTabChangesFocus(True)
            if is_json(turn.content or ""):
                field.setFont(mono())
            field.installEventFilter(self)
            field.document().documentLayout().documentSizeChanged.connect(lambda _=None, field=field: _fit(field))
            _fit(field)
            self.fields[place] = field
            fill(self._turns, label(title, "small"), field)
            if turn.tool_calls:
                fill(self._turns, muted(tr("Its tool calls stay as they are.")))
        self._turns.addStretch(1)
        first = self.fields.get(example.output_at if example.output_at is not None else 0)
        if first is not None:
            # A field takes the focus only once it is shown, and a key may come before the layout has done that.
            first.show()
            first.setFocus()
            first.selectAll() if len(first.toPlainText()) <= SHORT else None

    def edit_on(self) -> None:
        """Go on with the edit that is open."""
        first = next(reversed(self.fields.values()), None)
        if first is not None:
            first.setFocus()

    def save(self) -> None:
        if self.example is not None:
            texts = {place: field.toPlainText() for place, field in self.fields.items()}
            self._on_save(review.edited(self.example, texts))

    def leave(self) -> None:
        self._on_leave()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        show(self._hint, self.width() >= px(ROOMY))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(200), px(160))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize and isinstance(watched, QPlainTextEdit):
            # The filter comes before the field itself: its lines are broken anew after it.
            QTimer.singleShot(0, watched, lambda: _fit(watched))
        if isinstance(event, QKeyEvent):
            ctrl = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            saves = bool(ctrl) and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            # Some presets have another action on this key: while one edits it saves the edit.
            if event.type() is QEvent.Type.ShortcutOverride and saves:
                event.accept()
                return True
            if event.type() is QEvent.Type.KeyPress and (saves or event.key() == Qt.Key.Key_Escape):
                self.save() if saves else self.leave()
                return True
        return super().eventFilter(watched, event)


def _fit(field: QPlainTextEdit) -> None:
    """As tall as the text, within reason."""
    lines = min(max(field.document().size().height(), LINES[0]), LINES[1])
    field.setFixedHeight(int(lines * field.fontMetrics().lineSpacing()) + px(24))
