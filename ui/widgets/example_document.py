"""Turns written into a text document, character by character: no text of the user's is ever read as markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrame,
    QTextFrameFormat,
)

from ui.i18n import tr
from ui.presenters.rendering import Turn, hidden_text
from ui.presenters.texts import Part, Piece, is_rtl
from ui.theme import color, mono, px

ASIDE = QTextFormat.Property.UserProperty + 1
"""Set on what Curator says beside the text: it is not copied."""
_COLOURS = {
    "key": "accent",
    "string": "good",
    "number": "warn",
    "literal": "warn",
    "keyword": "accent",
    "comment": "muted",
    "note": "bad",
}
_GROUNDS = {"context": "", "input": "sunken", "output": "accent_soft", "other": "sunken"}


@dataclass
class Written:
    """What grounds are drawn behind: frames with the side of the turn in each, and the first and last paragraph of code
    with the colour it stands on."""

    frames: list[tuple[QTextFrame, str]] = field(default_factory=list)
    code: list[tuple[QTextBlock, QTextBlock, str]] = field(default_factory=list)


def write(document: QTextDocument, turns: Sequence[Turn], *, labels: bool = True) -> Written:
    """Replace what the document holds by the turns, each in a frame under the name of who speaks."""
    return _Writer(document, labels).write(turns)


class _Writer:
    def __init__(self, document: QTextDocument, labels: bool):
        self._document = document
        self._labels = labels
        self._formats: dict[tuple[str, str, str], QTextCharFormat] = {}
        self._mono = mono()
        self._written = Written()

    def write(self, turns: Sequence[Turn]) -> Written:
        document = self._document
        document.clear()
        document.setDocumentMargin(0)
        cursor = QTextCursor(document)
        cursor.beginEditBlock()
        several = sum(turn.side == "input" for turn in turns) > 1
        for turn in turns:
            self._label(cursor, turn, several)
            frame = cursor.insertFrame(_frame(turn, several, last=turn is turns[-1]))
            self._written.frames.append((frame, turn.side))
            self._body(cursor, turn)
            cursor = document.rootFrame().lastCursorPosition()
        cursor.setBlockFormat(_thin())
        cursor.endEditBlock()
        return self._written

    def _label(self, cursor: QTextCursor, turn: Turn, several: bool) -> None:
        """The line between two frames: who speaks. Without labels it is as thin as can be."""
        if not self._labels:
            cursor.setBlockFormat(_thin())
            return
        line = QTextBlockFormat()
        line.setBottomMargin(px(4))
        line.setLeftMargin(_inset(turn, several))
        cursor.setBlockFormat(line)
        cursor.insertText(_speaker(turn, several), self._named("output" if turn.side == "output" else "label"))
        if turn.about:
            cursor.insertText("   " + " · ".join(turn.about), self._named("about"))

    def _body(self, cursor: QTextCursor, turn: Turn) -> None:
        lines = _Lines(cursor)
        if not turn.text.strip() and not turn.calls:
            lines.add(self._named("about"), tr("(empty)") if not turn.text else tr("(white space only)"), aside=True)
        for part in turn.parts:
            self._part(lines, part, turn)
        for call in turn.calls:
            lines.begin(_plain())
            cursor.insertText(tr("Calls") + " ", self._named("about"))
            cursor.insertText(call.name, self._format("name", "", "code"))
            for part in call.parts:
                self._part(lines, part, turn)
        for note in turn.notes:
            lines.begin(_plain())
            cursor.insertText(f"\u25b2 {note}", self._format("note", "", "prose"))
        if turn.hidden:
            lines.begin(_plain())
            cursor.insertText(hidden_text(turn), self._link(f"more:{turn.key}"))

    def _part(self, lines: _Lines, part: Part, turn: Turn) -> None:
        boxed = part.kind == "code" and (len(turn.parts) > 1 or bool(turn.calls))
        first: QTextBlock | None = None
        rtl = False
        for line in _by_line(part.pieces):
            if part.kind == "prose":
                # A line without a letter goes on in the direction of the line before.
                found = is_rtl("".join(piece.text for piece in line))
                rtl = rtl if found is None else found
            lines.begin(self._paragraph(line, rtl, boxed))
            first = first or lines.cursor.block()
            for piece in line:
                if not (piece.kind == "layout" and line[-1].kind == "note"):
                    lines.cursor.insertText(piece.text, self._format(piece.kind, piece.mark, part.kind))
        if boxed and first is not None:
            self._written.code.append((first, lines.cursor.block(), "sunken" if turn.side == "context" else "panel"))

    def _paragraph(self, line: Sequence[Piece], rtl: bool, boxed: bool) -> QTextBlockFormat:
        made = _plain(rtl)
        if line and line[-1].kind == "note":
            # All lines of a note stand below the value that it is about.
            indent = "".join(piece.text for piece in line[:-1])
            made.setLeftMargin(QFontMetricsF(self._mono).horizontalAdvance(indent))
        elif boxed:
            made.setLeftMargin(px(8))
            made.setRightMargin(px(8))
        return made

    def _format(self, kind: str, mark: str, part: str) -> QTextCharFormat:
        key = (kind, mark, part)
        if key not in self._formats:
            self._formats[key] = self._make(kind, mark, part)
        return self._formats[key]

    def _make(self, kind: str, mark: str, part: str) -> QTextCharFormat:
        made = QTextCharFormat()
        if part != "prose" and kind != "note":
            made.setFont(self._mono)
        made.setForeground(color(_COLOURS.get(kind, "text")))
        if kind == "name":
            made.setFontWeight(QFont.Weight.DemiBold)
        if kind == "note" or (kind == "layout" and part == "json"):
            made.setProperty(ASIDE, True)
        if mark == "bad":
            made.setBackground(color("bad_soft"))
            made.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            made.setUnderlineColor(color("bad"))
        elif mark:
            made.setBackground(color(mark))
        if mark in ("added", "removed"):
            # Told apart from the rest without colour, too.
            made.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SingleUnderline)
            made.setUnderlineColor(color("good" if mark == "added" else "bad"))
        return made

    def _named(self, name: str) -> QTextCharFormat:
        made = QTextCharFormat()
        made.setForeground(color("accent" if name == "output" else "muted"))
        made.setProperty(ASIDE, True)
        if name != "about":
            made.setFontWeight(QFont.Weight.DemiBold)
        return made

    def _link(self, href: str) -> QTextCharFormat:
        made = QTextCharFormat()
        made.setAnchor(True)
        made.setAnchorHref(href)
        made.setForeground(color("accent"))
        made.setFontUnderline(True)
        made.setProperty(ASIDE, True)
        return made


class _Lines:
    """The paragraphs of a frame: its first one is there already."""

    def __init__(self, cursor: QTextCursor):
        self.cursor = cursor
        self._first = True

    def begin(self, line: QTextBlockFormat) -> None:
        if self._first:
            self.cursor.setBlockFormat(line)
        else:
            self.cursor.insertBlock(line, QTextCharFormat())
        self._first = False

    def add(self, look: QTextCharFormat, text: str, *, aside: bool = False) -> None:
        self.begin(_plain())
        if aside:
            look.setProperty(ASIDE, True)
        self.cursor.insertText(text, look)


def _by_line(pieces: Iterable[Piece]) -> list[list[Piece]]:
    lines: list[list[Piece]] = [[]]
    for piece in pieces:
        for number, text in enumerate(piece.text.split("\n")):
            if number:
                lines.append([])
            if text:
                lines[-1].append(Piece(text, piece.kind, piece.at, piece.size, piece.mark))
    return lines


def _speaker(turn: Turn, several: bool) -> str:
    if turn.side == "output":
        return tr("Output")
    if turn.side == "other":
        return tr("Not preferred")
    if turn.side == "input" and not several and turn.role == "user":
        return tr("Input")
    return turn.title


def _frame(turn: Turn, several: bool, *, last: bool) -> QTextFrameFormat:
    made = QTextFrameFormat()
    made.setBottomMargin(0 if last else px(12))
    made.setBorder(0)
    made.setPadding(px(12))
    made.setLeftMargin(_inset(turn, several))
    return made


def _inset(turn: Turn, several: bool) -> int:
    """In a longer conversation the model's turns stand a little in."""
    return px(24) if several and turn.role == "assistant" and turn.side == "input" else 0


def ground(side: str) -> str:
    """The name of the colour that a turn stands on; "" for none, a border alone."""
    return _GROUNDS[side]


def _plain(rtl: bool = False) -> QTextBlockFormat:
    made = QTextBlockFormat()
    made.setLineHeight(122, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    made.setLayoutDirection(Qt.LayoutDirection.RightToLeft if rtl else Qt.LayoutDirection.LeftToRight)
    return made


def _thin() -> QTextBlockFormat:
    made = QTextBlockFormat()
    made.setLineHeight(1, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
    return made
