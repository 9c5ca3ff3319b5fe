"""Ctrl+K: every action by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QListWidget, QListWidgetItem, QWidget

from ui.i18n import tr
from ui.presenters.matching import ranked
from ui.theme import px
from ui.widgets.basics import SearchField, column, label, named, row

if TYPE_CHECKING:
    from ui.window import Window


class Palette(QDialog):
    """A field, and the actions that fit what is typed; Enter does the first."""

    def __init__(self, window: Window):
        super().__init__(window)
        self._window = window
        self.setWindowTitle(tr("Find an action"))
        self.setWindowFlag(Qt.WindowType.FramelessWindowHint)
        self.resize(px(560), px(420))
        body = column(self, 8, 12)
        self.field = SearchField(tr("What do you want to do?"))
        self.list = named(QListWidget(), tr("Actions"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        body.addWidget(self.field)
        body.addWidget(self.list, 1)
        self.field.textChanged.connect(self._fill)
        self.field.installEventFilter(self)
        self.list.itemClicked.connect(lambda _item: self.accept())
        self._fill("")

    def choose(self) -> str | None:
        """Show it; the id of the chosen action, None where none was."""
        parent = self._window
        corner = parent.mapToGlobal(parent.rect().topLeft())
        self.move(corner.x() + (parent.width() - self.width()) // 2, corner.y() + px(96))
        self.field.setFocus()
        if self.exec() != QDialog.DialogCode.Accepted or self.list.currentItem() is None:
            return None
        return str(self.list.currentItem().data(Qt.ItemDataRole.UserRole))

    def _fill(self, typed: str) -> None:
        self.list.clear()
        registry = self._window.registry
        can = [action for action in registry if registry.available(action) and action.id != "app.palette"]
        for action in ranked(can, typed, title=lambda one: one.title):
            item = QListWidgetItem()
            item.setData(Qt.ItemDataRole.UserRole, action.id)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, action.title)
            self.list.addItem(item)
            self.list.setItemWidget(item, _line(action.title, registry.shown_keys(action.id)))
            item.setSizeHint(QSize(0, px(36)))
        self.list.setCurrentRow(0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
            key = Qt.Key(event.key())
            if key in steps and self.list.count():
                row_now = self.list.currentRow() + steps[key]
                self.list.setCurrentRow(min(self.list.count() - 1, max(0, row_now)))
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.accept()
                return True
        return super().eventFilter(watched, event)


def _line(title: str, keys: str) -> QWidget:
    whole = QWidget()
    body = row(whole, 8, (8, 0, 8, 0))
    body.addWidget(label(title), 1)
    if keys:
        body.addWidget(label(keys, "key"))
    return whole
