"""Choices that need a line of explanation: buttons with a title and a text, and groups of them of which one is chosen."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Generic, TypeVar

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy

from ui.widgets.basics import column, label, muted, named, row

K = TypeVar("K", bound=Hashable)


class ChoiceButton(QPushButton):
    """A title, and a line beneath or beside it, as one control: Tab and Enter reach it, and it is read as one sentence."""

    def __init__(self, title: str, text: str = "", aside: str = "", *, name: str = "", checkable: bool = True):
        super().__init__()
        self.setProperty("kind", "choice")
        self.setAutoDefault(False)
        self.setCheckable(checkable)
        inside, top = column(self, 2, (12, 8, 12, 8)), row(spacing=8)
        self._title, self._text, self._aside = label(title, wrap=True), muted(text), label(aside, "small")
        self._title.setStyleSheet("font-weight: 600;")
        top.addWidget(self._title, 1)
        top.addWidget(self._aside)
        inside.addLayout(top)
        inside.addWidget(self._text)
        if text:
            inside.addStretch(1)
        self._name = name
        self.say(title, text, aside)
        for made in self.findChildren(QLabel):
            made.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)

    def say(self, title: str, text: str = "", aside: str = "") -> None:
        """Other words on the same button."""
        self._title.setText(title)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        self._aside.setText(aside)
        self._aside.setVisible(bool(aside))
        named(self, self._name or ", ".join(filter(None, (title, aside, text))))

    def sizeHint(self) -> QSize:
        return self.layout().sizeHint()

    def minimumSizeHint(self) -> QSize:
        return self.layout().minimumSize()


class Choices(Generic[K]):
    """Buttons of which one is chosen. Each is reached by Tab, unlike those of an exclusive group of Qt's."""

    def __init__(self, buttons: Mapping[K, ChoiceButton], on_choice: Callable[[K], object]):
        self.buttons = dict(buttons)
        self._on_choice = on_choice
        for key, made in self.buttons.items():
            made.clicked.connect(lambda _checked=False, key=key: self._clicked(key))

    def choose(self, key: K | None) -> None:
        """Show a choice without telling anybody."""
        for each, made in self.buttons.items():
            made.setChecked(each == key)

    def _clicked(self, key: K) -> None:
        self.choose(key)
        self._on_choice(key)
