"""Shows an example: who says what, input and output clearly apart, with what is wrong marked in its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QMimeData, QRectF, QSize, Qt, QUrl
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QTextBlock, QTextCursor
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser, QVBoxLayout, QWidget

from curator.model import Example, Finding
from ui.i18n import tr
from ui.presenters.rendering import Marks, Turn, text_turn, turns
from ui.presenters.texts import Mark
from ui.theme import color, px
from ui.widgets.example_document import ASIDE, Written, ground, write

_ISOLATES = re.compile("[\u2068\u2069]")


class ExampleView(QWidget):
    """An example, or a text alone, to be read, selected and copied. `fit`: as tall as what it shows, for use inside something
    that scrolls; else it scrolls by itself. `example` is what it shows now."""

    def __init__(self, parent: QWidget | None = None, *, fit: bool = False):
        super().__init__(parent)
        self.example: Example | None = None
        self.turns: tuple[Turn, ...] = ()
        self._asked: dict[str, Any] = {}
        self._opened: dict[str, int] = {}
        self._made: Callable[[Mapping[str, int]], tuple[Turn, ...]] | None = None
        self._labels = True
        self.text = _Text(self, fit)
        self.text.anchorClicked.connect(self._follow)
        self.setFocusProxy(self.text)
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.addWidget(self.text)

    def show_example(
        self,
        example: Example,
        findings: Iterable[Finding] = (),
        compare: Example | None = None,
        schema: Mapping[str, Any] | None = None,
        marks: Marks | None = None,
    ) -> None:
        """Show an example. `compare`: words that it does not say are marked; `schema`: what its output is checked against."""
        again = self.example is not None and self.example.id == example.id and example.id != 0
        at = self.text.verticalScrollBar().value() if again else 0
        if not again:
            self._opened = {}
        self.example, self._made, self._labels = example, None, True
        self._asked = {"findings": tuple(findings), "compare": compare, "schema": schema, "marks": marks}
        self.text.setAccessibleName(tr("Example"))
        self._write(at)

    def show_text(self, text: str, marks: Sequence[Mark] = ()) -> None:
        """Show a text alone."""
        self.example, self._opened, self._made, self._labels = None, {}, None, False
        self._asked = {"text": text, "marks": tuple(marks)}
        self.text.setAccessibleName(tr("Text"))
        self._write(0)

    def show_turns(
        self,
        made: Callable[[Mapping[str, int]], tuple[Turn, ...]],
        name: str,
        *,
        labels: bool = True,
        again: bool = False,
    ) -> None:
        """Show turns that somebody else made, from how often more of each was asked for. `labels`: with who speaks; `again`:
        they say the same as those that are shown, so that what was opened stays open."""
        self.example, self._made, self._labels = None, made, labels
        self._opened = self._opened if again else {}
        self.text.setAccessibleName(name)
        self._write(0)

    def clear(self) -> None:
        """Show nothing."""
        self.example, self.turns, self._asked, self._opened, self._made = None, (), {}, {}, None
        self.text.write((), labels=False)

    @property
    def shown_text(self) -> str:
        """All that can be read in it."""
        return self.text.toPlainText()

    def open_all(self, key: str) -> None:
        """Show more of a turn that is cut."""
        self._opened[key] = self._opened.get(key, 0) + 1
        self._write(self.text.verticalScrollBar().value())

    def _write(self, at: int) -> None:
        if self._made is not None:
            self.turns = self._made(self._opened)
        elif self.example is None:
            opened = self._opened.get("0", 0)
            self.turns = (text_turn(self._asked["text"], marks=self._asked["marks"], opened=opened),)
        else:
            asked = dict(self._asked)
            self.turns = turns(self.example, asked.pop("findings"), opened=self._opened, **asked)
        self.text.write(self.turns, labels=self._labels)
        self.text.verticalScrollBar().setValue(at)

    def _follow(self, url: QUrl) -> None:
        kind, _, key = url.toString().partition(":")
        if kind == "more":
            self.open_all(key)


class _Text(QTextBrowser):
    """The document of an example view; draws a ground behind each turn."""

    def __init__(self, parent: QWidget, fit: bool):
        super().__init__(parent)
        self._written = Written()
        self._fit = fit
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(tr("Example"))
        self.setTabStopDistance(self.fontMetrics().horizontalAdvance(" ") * 8)
        self.viewport().setAutoFillBackground(False)
        if fit:
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self.document().documentLayout().documentSizeChanged.connect(self._grow)

    def write(self, shown: Sequence[Turn], *, labels: bool) -> None:
        self._written = write(self.document(), shown, labels=labels)
        # The cursor was carried along to the end, and the view would follow it there.
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def loadResource(self, type: int, name: QUrl | str) -> None:
        """Nothing is ever loaded: an example has no pictures, and its texts are no addresses."""
        return

    def createMimeDataFromSelection(self) -> QMimeData:
        data = QMimeData()
        data.setText(copied(self.textCursor()))
        return data

    def sizeHint(self) -> QSize:
        return QSize(px(360), px(240))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(160), px(48))

    def _grow(self, *_: object) -> None:
        self.setFixedHeight(max(px(24), int(self.document().size().height()) + 1))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(-self.horizontalScrollBar().value(), -self.verticalScrollBar().value())
        seen = QRectF(event.rect()).translated(self.horizontalScrollBar().value(), self.verticalScrollBar().value())
        layout = self.document().documentLayout()
        for frame, side in self._written.frames:
            room = layout.frameBoundingRect(frame)
            look = frame.frameFormat()
            room.adjust(look.leftMargin(), 0, 0, -look.bottomMargin())
            if room.intersects(seen):
                self._ground(painter, room, side)
        painter.setPen(Qt.PenStyle.NoPen)
        for first, last, name in self._written.code:
            room = layout.blockBoundingRect(first).united(layout.blockBoundingRect(last))
            painter.setBrush(color(name))
            painter.drawRoundedRect(room.adjusted(0, -px(2), px(16), px(4)), px(4), px(4))
        painter.end()
        super().paintEvent(event)

    def _ground(self, painter: QPainter, room: QRectF, side: str) -> None:
        name = ground(side)
        painter.setPen(Qt.PenStyle.NoPen if name else QPen(color("line"), px(1)))
        painter.setBrush(color(name) if name else Qt.BrushStyle.NoBrush)
        half = 0 if name else px(1) / 2
        painter.drawRoundedRect(room.adjusted(half, half, -half, -half), px(8), px(8))
        if side == "output":
            painter.setBrush(color("accent"))
            painter.drawRoundedRect(QRectF(room.left(), room.top() + px(8), px(3), room.height() - px(16)), 1.5, 1.5)


def copied(cursor: QTextCursor) -> str:
    """The selected text without what Curator said beside it."""
    lines: list[str] = []
    start, end = cursor.selectionStart(), cursor.selectionEnd()
    block = cursor.document().findBlock(start)
    while block.isValid() and block.position() < end:
        line, aside = _line(block, start, end)
        if line.strip() or not aside:
            lines.append(line)
        block = block.next()
    return "\n".join(lines).strip("\n")


def _line(block: QTextBlock, start: int, end: int) -> tuple[str, bool]:
    """The part of a paragraph that is copied, and whether it holds anything that is not."""
    text, aside = "", False
    at = block.begin()
    while not at.atEnd():
        fragment = at.fragment()
        low, high = max(start, fragment.position()), min(end, fragment.position() + fragment.length())
        if low < high:
            said = fragment.text()[low - fragment.position() : high - fragment.position()]
            if fragment.charFormat().property(ASIDE):
                said = _ISOLATES.sub("", said)
                if said.strip():
                    said, aside = "", True
            text += said
        at += 1
    return text, aside
