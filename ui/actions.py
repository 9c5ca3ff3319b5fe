"""One registry of actions behind menus, shortcuts, the palette and the key sheet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)
from shiboken6 import isValid

from ui.settings import Settings

APP = "app"


@dataclass(frozen=True)
class Action:
    """Something a person can do. `scope`: "app", or the name of the page on which its keys work.

    `menu` names the menu it stands in ("": none; it is still in the palette); `enabled` is asked when a menu opens and
    before it runs.
    """

    id: str
    title: str
    run: Callable[[], object]
    keys: tuple[str, ...] = ()
    scope: str = APP
    menu: str = ""
    enabled: Callable[[], bool] | None = None
    checkable: bool = False
    checked: Callable[[], bool] | None = None


class Registry(QObject):
    """The actions of one window, with the keys that the user chose for them."""

    def __init__(self, window: QWidget, settings: Settings):
        super().__init__(window)
        self._window = window
        self._settings = settings
        self._actions: dict[str, Action] = {}
        self._made: dict[str, QAction] = {}
        self._scope = ""
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        # Only the control that has the focus is listened to: a filter on everything would cost each event its while.
        application.focusChanged.connect(self._follow_focus)
        self._follow_focus(None, QApplication.focusWidget())

    def add(self, actions: Iterable[Action]) -> None:
        """Take on actions; an id may be used once."""
        for action in actions:
            if action.id in self._actions:
                raise ValueError(f"two actions have the id {action.id}")
            self._actions[action.id] = action
            made = QAction(action.title, self._window)
            made.setCheckable(action.checkable)
            made.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            made.triggered.connect(lambda _checked=False, id=action.id: self.run(id))
            self._window.addAction(made)
            self._made[action.id] = made
        self.apply_keys()

    def __iter__(self) -> Iterator[Action]:
        return iter(self._actions.values())

    def __getitem__(self, id: str) -> Action:
        return self._actions[id]

    def __contains__(self, id: str) -> bool:
        return id in self._actions

    def qt(self, id: str) -> QAction:
        """The action as Qt's menus and buttons take it."""
        return self._made[id]

    def available(self, action: Action) -> bool:
        """Whether it can be done now: its page is shown, and it is enabled."""
        here = action.scope in (APP, self._scope)
        return here and (action.enabled is None or action.enabled())

    def run(self, id: str) -> None:
        """Do it, unless it cannot be done now."""
        action = self._actions[id]
        if self.available(action):
            action.run()

    def enter(self, scope: str) -> None:
        """The page `scope` is shown now: its keys work, those of other pages do not."""
        self._scope = scope
        self.refresh()

    def refresh(self) -> None:
        """Ask each action whether it can be done; keys of what cannot stay free for others."""
        for id, action in self._actions.items():
            here = action.scope in (APP, self._scope)
            # Not by `enabled`: that may change at any moment, and is asked again before the action runs.
            self._made[id].setEnabled(here)
            if action.checkable and action.checked is not None:
                self._made[id].setChecked(action.checked())

    # Keys

    def keys(self, id: str) -> tuple[str, ...]:
        """The keys in force: the user's own, else the preset's, else the default ones."""
        own = self._settings.get("keys.own")
        if id in own:
            return tuple(own[id])
        from ui.presets import PRESETS

        preset = PRESETS[self._settings.get("keys.preset")].keys
        return preset.get(id, self._actions[id].keys)

    def shown_keys(self, id: str) -> str:
        """The first key as people write it, "" without one."""
        keys = self.keys(id)
        return QKeySequence(keys[0]).toString(QKeySequence.SequenceFormat.NativeText) if keys else ""

    def set_keys(self, id: str, keys: tuple[str, ...] | None) -> None:
        """Give an action other keys; None: its own again."""
        own = dict(self._settings.get("keys.own"))
        own.pop(id, None)
        if keys is not None:
            own[id] = list(keys)
        self._settings.set("keys.own", own)
        self.apply_keys()

    def use_preset(self, name: str) -> None:
        """Take the keys of another tool; the user's own changes are let go."""
        self._settings.set("keys.preset", name)
        self._settings.set("keys.own", {})
        self.apply_keys()

    def apply_keys(self) -> None:
        for id, made in self._made.items():
            made.setShortcuts([QKeySequence(key) for key in self.keys(id)])

    def clash(self, id: str, key: str) -> Action | None:
        """Another action that already has this key where `id` would use it."""
        wanted, mine = QKeySequence(key), self._actions[id].scope
        for other in self._actions.values():
            meets = APP in (other.scope, mine) or other.scope == mine
            if other.id != id and meets and any(QKeySequence(k) == wanted for k in self.keys(other.id)):
                return other
        return None

    def _follow_focus(self, old: QWidget | None, new: QWidget | None) -> None:
        if old is not None and isValid(old):
            old.removeEventFilter(self)
        if new is not None and new.window() is self._window:
            new.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave plain keys to the control that has the focus, where the control means something by them."""
        pressed = event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if pressed and isinstance(watched, QWidget) and needs_key(watched, event):
            event.accept()
            return True
        return False


_ACTIVATE = {Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter}
_ARROWS = {Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End}
_SHIFT = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier


def needs_key(focus: QWidget, event: QKeyEvent) -> bool:
    """Whether the focused control itself uses this key: text fields all plain ones, buttons those that press them."""
    if event.modifiers() & ~_SHIFT:
        return False
    key = Qt.Key(event.key())
    if isinstance(focus, QLineEdit | QAbstractSpinBox):
        return key not in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter) and not _function_key(key)
    if isinstance(focus, QPlainTextEdit | QTextEdit) and not focus.isReadOnly():
        return key is not Qt.Key.Key_Escape and not _function_key(key)
    if isinstance(focus, QAbstractButton):
        return key in _ACTIVATE and not focus.property("keyless")
    if isinstance(focus, QComboBox | QAbstractSlider):
        return key in _ACTIVATE | _ARROWS
    if isinstance(focus, QAbstractItemView):
        return key in _ARROWS
    return False


def _function_key(key: Qt.Key) -> bool:
    return Qt.Key.Key_F1 <= key <= Qt.Key.Key_F35
