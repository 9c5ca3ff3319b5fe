"""Buttons that show the key they are on."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QKeySequence, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy, QStyle, QStyleOptionButton, QWidget

from ui.theme import color, css, px

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def show(widget: QWidget, visible: bool) -> None:
    """Show or hide it, unless it is so already: each change lays out the page anew."""
    if widget.isHidden() is visible:
        widget.setVisible(visible)


ARROWS = {"Left": "←", "Right": "→", "Up": "↑", "Down": "↓"}
"""Keys whose sign is shorter than their name, and the same in every language."""


class KeyButton(QPushButton):
    """A button with its text left and its key right, or the key first (`key_first`). `tone` colours it, `height` is that of
    the 8-px grid. It takes the focus by Tab alone, so that a click leaves the single keys working."""

    def __init__(
        self,
        text: str,
        on_click: Callable[[], object],
        *,
        tone: str = "",
        height: float = 36,
        key_first: bool = False,
        strong: bool = False,
    ):
        super().__init__(text)
        self.setShortcut(QKeySequence())  # it draws its text itself, and an & in a label is no mark of a key
        self.key = ""
        self.said = ""
        """A word on the right: what is special about it now."""
        self._tone = tone
        self._height = height
        self._key_first = key_first
        self._strong = strong
        self.setAutoDefault(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.clicked.connect(lambda _checked=False: on_click())
        self._dress()

    def show_height(self, height: float) -> None:
        """Another height, of the 8-px grid."""
        if height != self._height:
            self._height = height
            self._dress()
            self.updateGeometry()

    def show_key(self, key: str) -> None:
        """The key that does the same, "" without one."""
        if key != self.key:
            self.key = key
            self.updateGeometry()
            self.update()

    def show_tone(self, tone: str, said: str = "") -> None:
        """Another colour, and a word on the right."""
        if (tone, said) == (self._tone, self.said):
            return
        dress = tone != self._tone
        self._tone, self.said = tone, said
        self.setAccessibleDescription(said)
        if dress:
            self._dress()
        self.update()

    def sizeHint(self) -> QSize:
        wide = QFontMetrics(self._large()).horizontalAdvance(self.text()) + px(32)
        wide += self._chip_width() + px(12) if self.key else 0
        return QSize(wide, px(self._height))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(72), px(self._height))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = ""
        self.style().drawControl(QStyle.ControlElement.CE_PushButton, option, painter, self)
        side = px(12) if self.width() >= px(80) else px(7)
        inside = QRectF(self.rect()).adjusted(side, 0, -side, 0)
        # The word comes before the key: where both do not fit, the key is in the tooltip alone.
        words = QFontMetrics(self._large()).horizontalAdvance(self.text())
        if self.key and (self._key_first or words + self._chip_width() + px(4) <= inside.width()):
            wide = self._chip_width()
            left = inside.left() if self._key_first else inside.right() - wide
            self._chip(painter, QRectF(left, inside.center().y() - px(10), wide, px(20)))
            inside.adjust(wide + px(10), 0, 0, 0) if self._key_first else inside.adjust(0, 0, -wide - px(4), 0)
        if self.said:
            small = self._small()
            wide = QFontMetrics(small).horizontalAdvance(self.said)
            painter.setFont(small)
            painter.setPen(color(self._ink("muted")))
            painter.drawText(inside, int(RIGHT), self.said)
            inside.adjust(0, 0, -wide - px(8), 0)
        painter.setFont(self._large())
        painter.setPen(color(self._ink("text")) if self.isEnabled() else color("muted"))
        shown = QFontMetrics(self._large()).elidedText(self.text(), Qt.TextElideMode.ElideRight, int(inside.width()))
        painter.drawText(inside, int(LEFT), shown)
        painter.end()

    def _chip(self, painter: QPainter, box: QRectF) -> None:
        ink = color(self._ink("muted"))
        edge = color(self._ink("line")) if self._tone != "primary" else ink
        edge.setAlphaF(0.55 if self._tone else 1.0)
        painter.setPen(QPen(edge, px(1)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, px(4), px(4))
        painter.setFont(self._small())
        painter.setPen(ink)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), self.key)

    def _ink(self, plain: str) -> str:
        if self._tone == "primary":
            return "accent_text"
        return self._tone or plain

    def _large(self) -> QFont:
        font = self.font()
        font.setWeight(QFont.Weight.DemiBold if self._strong else QFont.Weight.Normal)
        return font

    def _small(self) -> QFont:
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * 0.88)
        return font

    def _chip_width(self) -> int:
        return max(px(20), QFontMetrics(self._small()).horizontalAdvance(self.key) + px(10))

    def _dress(self) -> None:
        tone = self._tone
        if tone == "primary":
            ground, edge, over = css("accent"), css("accent"), css("text")
        elif tone:
            ground, edge, over = css(f"{tone}_soft"), css(f"{tone}_soft"), css(tone)
        else:
            ground, edge, over = css("raised"), css("line"), css("muted")
        self.setStyleSheet(
            f"QPushButton {{ background: {ground}; border: {px(1)}px solid {edge}; border-radius: {px(8)}px; "
            f"padding: 0; min-height: {px(self._height) - 2 * px(1)}px; max-height: {px(self._height) - 2 * px(1)}px; }}"
            f"QPushButton:hover {{ border-color: {over}; }}"
            f"QPushButton:pressed {{ background: {css('accent_soft') if tone != 'primary' else css('accent')}; "
            f"border-color: {css('accent')}; }}"
            f"QPushButton:focus {{ border: {px(2)}px solid {css('text') if tone == 'primary' else css('accent')}; "
            f"min-height: {px(self._height) - 2 * px(2)}px; max-height: {px(self._height) - 2 * px(2)}px; }}"
            f"QPushButton:disabled {{ background: {css('sunken')}; border-color: {css('line')}; }}"
        )
