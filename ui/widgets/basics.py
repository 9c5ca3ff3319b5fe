"""The pieces that every page is made of, so that they look and behave alike."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import TypeVar

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ui.theme import icon, px

W = TypeVar("W", bound=QWidget)


def named(widget: W, name: str) -> W:
    """Give a control the name that a screen reader says."""
    widget.setAccessibleName(name)
    return widget


def tip_text(text: str) -> str:
    """A text for a tooltip. Qt takes what looks like HTML for HTML, and would load its pictures; here nothing is markup."""
    return f'<p style="white-space:pre-wrap">{escape(text)}</p>' if "<" in text else text


def button_text(text: str) -> str:
    """A text for a button. Qt takes an & for the mark of a key with Alt; here it is a letter, as in a label "R&D"."""
    return text.replace("&", "&&")


def label(text: str, kind: str = "", *, wrap: bool = False) -> QLabel:
    """A plain text; `kind` as the style sheet knows it. Nothing in it is markup."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if kind:
        made.setProperty("kind", kind)
    return made


def title(text: str) -> QLabel:
    return label(text, "title", wrap=True)


def heading(text: str) -> QLabel:
    return label(text, "heading", wrap=True)


def muted(text: str, *, wrap: bool = True) -> QLabel:
    return label(text, "muted", wrap=wrap)


def button(
    text: str, on_click: Callable[[], object] | None = None, kind: str = "", *, name: str = "", tip: str = ""
) -> QPushButton:
    """A push button; `name` is said by screen readers where the text alone is not enough."""
    made = QPushButton(button_text(text))
    made.setAutoDefault(False)
    if kind:
        made.setProperty("kind", kind)
    if name:
        made.setAccessibleName(name)
    if tip:
        made.setToolTip(tip_text(tip))
    if on_click is not None:
        made.clicked.connect(lambda _checked=False: on_click())
    return made


def column(parent: QWidget | None = None, spacing: float = 8, margins: float | tuple[float, ...] = 0) -> QVBoxLayout:
    """A vertical layout; sizes are of the 8-px grid, before scaling."""
    return _set_up(QVBoxLayout(parent) if parent is not None else QVBoxLayout(), spacing, margins)


def row(parent: QWidget | None = None, spacing: float = 8, margins: float | tuple[float, ...] = 0) -> QHBoxLayout:
    """A horizontal layout; sizes are of the 8-px grid, before scaling."""
    return _set_up(QHBoxLayout(parent) if parent is not None else QHBoxLayout(), spacing, margins)


L = TypeVar("L", bound=QBoxLayout)


def _set_up(layout: L, spacing: float, margins: float | tuple[float, ...]) -> L:
    around = (margins,) * 4 if isinstance(margins, int | float) else margins
    layout.setContentsMargins(*(px(size) for size in around))
    layout.setSpacing(px(spacing))
    return layout


def fill(layout: QBoxLayout, *items: QWidget | QLayout | int | None) -> None:
    """Add widgets and layouts in order; a number is a gap of so many pixels, None takes the room that is left."""
    for item in items:
        if item is None:
            layout.addStretch(1)
        elif isinstance(item, int):
            layout.addSpacing(px(item))
        elif isinstance(item, QLayout):
            layout.addLayout(item)
        else:
            layout.addWidget(item)


def clear(layout: QLayout) -> None:
    """Take everything out of a layout and let it go."""
    while (item := layout.takeAt(0)) is not None:
        inner, widget = item.layout(), item.widget()
        if inner is not None:
            clear(inner)
        if widget is not None:
            widget.hide()
            widget.deleteLater()


def spacer(horizontal: bool = True) -> QWidget:
    """Takes the room that is left."""
    made = QWidget()
    grow, keep = QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred
    made.setSizePolicy(grow if horizontal else keep, keep if horizontal else grow)
    return made


def separator() -> QFrame:
    made = QFrame()
    made.setProperty("kind", "line")
    return made


class Card(QFrame):
    """A panel with a border; put things into `body`."""

    def __init__(self, kind: str = "card", spacing: float = 8, margins: float | tuple[float, ...] = 16):
        super().__init__()
        self.setProperty("kind", kind)
        self.body = column(self, spacing, margins)


def card(kind: str = "card", spacing: float = 8, margins: float | tuple[float, ...] = 16) -> Card:
    return Card(kind, spacing, margins)


class Scroll(QScrollArea):
    """What may be larger than its room: scrolls up and down, and `sideways` where it must. The controls in it take the focus."""

    def __init__(self, inside: QWidget | None = None, *, sideways: bool = False):
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        if not sideways:
            self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        if inside is not None:
            self.setWidget(inside)
            inside.setAutoFillBackground(False)


class Badge(QLabel):
    """A word or a number in a small coloured field."""

    def __init__(self, text: str, tone: str = ""):
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("kind", "badge")
        self.setProperty("tone", tone)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_text(self, text: str, tone: str = "") -> None:
        self.setText(text)
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            self.style().unpolish(self)
            self.style().polish(self)


class Elided(QLabel):
    """One line of text that ends in … where the room does; the whole text is its tooltip."""

    def __init__(self, text: str = "", kind: str = "", mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight):
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._mode = mode
        if kind:
            self.setProperty("kind", kind)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setText(text)

    def setText(self, text: str) -> None:
        super().setText(" ".join(text.split()))
        self.setToolTip(tip_text(text if len(text) < 1_000 else text[:1_000] + " …"))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(24), super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        inside = self.contentsRect()
        shown = self.fontMetrics().elidedText(self.text(), self._mode, inside.width())
        painter.drawText(inside, int(self.alignment() | Qt.AlignmentFlag.AlignVCenter), shown)


class EmptyState(QWidget):
    """What a page shows when it has nothing: why, and what to do."""

    def __init__(
        self,
        title_text: str,
        text: str,
        action_text: str | None = None,
        on_action: Callable[[], object] | None = None,
        *,
        picture: str | None = None,
    ):
        super().__init__()
        body = column(self, 8, 32)
        body.addStretch(2)
        if picture is not None:
            shown = QLabel()
            shown.setPixmap(icon(picture, "muted", 48).pixmap(px(48), px(48)))
            body.addWidget(shown, alignment=Qt.AlignmentFlag.AlignHCenter)
        self.heading, self.text = heading(title_text), muted(text)
        for said in (self.heading, self.text):
            said.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            said.setFixedWidth(px(440))
            # A layout that aligns does not ask how high a text of several lines is.
            said.ensurePolished()
            said.setMinimumHeight(said.heightForWidth(px(440)))
            body.addWidget(said, alignment=Qt.AlignmentFlag.AlignHCenter)
        self.action: QPushButton | None = None
        if action_text is not None:
            body.addSpacing(px(8))
            self.action = button(action_text, on_action, "primary")
            body.addWidget(self.action, alignment=Qt.AlignmentFlag.AlignHCenter)
        body.addStretch(3)


class Banner(QFrame):
    """A sentence across the page, with one thing to do about it."""

    def __init__(
        self, text: str, tone: str = "", action_text: str | None = None, on_action: Callable[[], object] | None = None
    ):
        super().__init__()
        self.setProperty("kind", "banner")
        self.setProperty("tone", tone)
        body = row(self, 16, (16, 10, 16, 10))
        self.text = label(text, wrap=True)
        body.addWidget(self.text, 1)
        self.action: QPushButton | None = None
        if action_text is not None:
            self.action = button(action_text, on_action)
            body.addWidget(self.action)


class SearchField(QLineEdit):
    """A field to search in, with a way to clear it."""

    def __init__(self, placeholder: str):
        super().__init__()
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        self.setClearButtonEnabled(True)
        self.addAction(QAction(icon("search", "muted"), "", self), QLineEdit.ActionPosition.LeadingPosition)
