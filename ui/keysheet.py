"""?: the keys of the page that is shown, and of the window; each can be changed here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QComboBox, QDialog, QGridLayout, QScrollArea, QWidget

from ui.actions import APP, Action
from ui.i18n import tr
from ui.presets import PRESETS
from ui.theme import px
from ui.widgets.basics import button, column, heading, label, muted, named, row

if TYPE_CHECKING:
    from ui.window import Window


class KeySheet(QDialog):
    """All keys in groups; a click on one takes the next key that is pressed."""

    def __init__(self, window: Window):
        super().__init__(window)
        self._window, self._registry = window, window.registry
        self._waiting: str | None = None
        self.setWindowTitle(tr("Keys"))
        self.resize(px(720), px(640))
        body = column(self, 12, 24)
        top = row(spacing=12)
        top.addWidget(heading(tr("Keys")), 1)
        top.addWidget(label(tr("As in")))
        self.preset = named(QComboBox(), tr("Keys as in another tool"))
        for name, preset in PRESETS.items():
            self.preset.addItem(preset.title, name)
        self.preset.setCurrentIndex(self.preset.findData(window.settings.get("keys.preset")))
        self.preset.currentIndexChanged.connect(self._use_preset)
        top.addWidget(self.preset)
        body.addLayout(top)
        self.hint = muted(tr("Click a key to change it. Single letters do nothing while you type."))
        body.addWidget(self.hint)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        body.addWidget(self._area, 1)
        bottom = row(spacing=8)
        bottom.addWidget(button(tr("Default keys"), self._defaults))
        bottom.addStretch(1)
        bottom.addWidget(button(tr("Close"), self.accept, "primary"))
        body.addLayout(bottom)
        self._fill()

    def _fill(self) -> None:
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setColumnStretch(0, 1)
        grid.setHorizontalSpacing(px(16))
        grid.setVerticalSpacing(px(4))
        self._buttons = {}
        at = 0
        for title, actions in self._groups():
            grid.addWidget(heading(title), at, 0, 1, 2)
            at += 1
            for action in actions:
                keys = "   ".join(_native(key) for key in self._registry.keys(action.id)) or "–"
                made = button(keys, lambda id=action.id: self._wait(id), name=f"{action.title}: {keys}")
                made.setMinimumWidth(px(160))
                self._buttons[action.id] = made
                grid.addWidget(label(action.title), at, 0)
                grid.addWidget(made, at, 1)
                at += 1
            grid.setRowMinimumHeight(at, px(16))
            at += 1
        grid.setRowStretch(at, 1)
        self._area.setWidget(inside)

    def _groups(self) -> list[tuple[str, list[Action]]]:
        """The page that is shown first, then the whole window, then the other pages."""
        here = self._window.place
        scopes = [here, APP, *(name for name in self._window.places if name != here)]
        names = {APP: tr("Everywhere")} | {name: place.title for name, place in self._window.places.items()}
        groups = [(names[scope], [a for a in self._registry if a.scope == scope]) for scope in dict.fromkeys(scopes)]
        return [(title, actions) for title, actions in groups if actions]

    def _wait(self, id: str) -> None:
        self._waiting = id
        self.hint.setText(tr("Press the new key for “{title}”, or Esc to leave it.", title=self._registry[id].title))
        self._buttons[id].setText("…")
        self.grabKeyboard()

    def event(self, event: QEvent) -> bool:
        if self._waiting is not None and event.type() is QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._waiting is None:
            super().keyPressEvent(event)
            return
        if event.key() in (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta):
            return
        id, self._waiting = self._waiting, None
        self.releaseKeyboard()
        said = tr("Click a key to change it. Single letters do nothing while you type.")
        if event.key() != Qt.Key.Key_Escape:
            key = QKeySequence(event.keyCombination()).toString()
            other = self._registry.clash(id, key)
            if event.modifiers() == Qt.KeyboardModifier.AltModifier and event.text().isalpha():
                said = tr("Alt with a letter opens a menu; nothing was changed.")
            elif other is not None:
                said = tr("{key} is used for “{title}”; nothing was changed.", key=_native(key), title=other.title)
            else:
                self._registry.set_keys(id, (key,))
        self.hint.setText(said)
        self._fill()

    def _use_preset(self) -> None:
        self._registry.use_preset(self.preset.currentData())
        self._fill()

    def _defaults(self) -> None:
        self.preset.setCurrentIndex(self.preset.findData("curator"))
        self._registry.use_preset("curator")
        self._fill()


def _native(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
