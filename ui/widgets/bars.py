"""Small painted pictures of counts: a bar in parts, bars by name, a histogram. Each also says itself in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui.i18n import number
from ui.theme import color, px
from ui.widgets.basics import tip_text


@dataclass(frozen=True)
class Part:
    """A part of a bar: what it is called, how many, and its colour."""

    name: str
    count: int
    tone: QColor


class StackBar(QWidget):
    """One bar in parts that add up to all; parts that are there are at least visible."""

    def __init__(self, height: float = 16) -> None:
        super().__init__()
        self._height = height
        self._parts: Sequence[Part] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_parts(self, parts: Sequence[Part]) -> None:
        self._parts = [part for part in parts if part.count]
        self.setAccessibleName(", ".join(f"{part.name}: {number(part.count)}" for part in self._parts))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(200), px(self._height))

    def spans(self) -> list[tuple[Part, QRectF]]:
        """Each part with where it is painted."""
        total = sum(part.count for part in self._parts)
        if not total:
            return []
        least, gap = px(3), px(1)
        room = self.width() - gap * (len(self._parts) - 1)
        wide = [max(least, room * part.count / total) for part in self._parts]
        over = sum(wide) - room
        widest = max(range(len(wide)), key=wide.__getitem__)
        wide[widest] -= over
        left, made = 0.0, []
        for part, width in zip(self._parts, wide, strict=True):
            made.append((part, QRectF(left, 0, width, self.height())))
            left += width + gap
        return made

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        clip = QPainterPath()
        clip.addRoundedRect(QRectF(self.rect()), px(5), px(5))
        painter.setClipPath(clip)
        spans = self.spans()
        if not spans:
            painter.fillRect(self.rect(), color("sunken"))
        for part, where in spans:
            painter.fillRect(where, part.tone)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            found = next((part for part, where in self.spans() if where.contains(event.pos().toPointF())), None)
            text = "" if found is None else tip_text(f"{found.name}: {number(found.count)}")
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)


@dataclass(frozen=True)
class Named:
    """A line of `BarList`: how many are in, and how many are out."""

    name: str
    count: int
    out: int = 0


class BarList(QWidget):
    """A bar for each name, the names left, the numbers right; what is out is paler, behind what is in."""

    ROW = 24

    def __init__(self, out_word: str) -> None:
        super().__init__()
        self._lines: Sequence[Named] = ()
        self._out_word = out_word
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_lines(self, lines: Sequence[Named]) -> None:
        self._lines = lines
        self.setAccessibleName("; ".join(self._said(line) for line in lines[:30]))
        self.updateGeometry()
        self.setMinimumHeight(self.sizeHint().height())
        self.update()

    def _said(self, line: Named) -> str:
        out = f", {number(line.out)} {self._out_word}" if line.out else ""
        return f"{line.name}: {number(line.count)}{out}"

    def sizeHint(self) -> QSize:
        return QSize(px(240), px(self.ROW) * max(1, len(self._lines)))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        most = max((line.count + line.out for line in self._lines), default=1) or 1
        metrics = self.fontMetrics()
        names = min(self.width() * 0.45, max((metrics.horizontalAdvance(x.name) for x in self._lines), default=0))
        figures = metrics.horizontalAdvance(number(most)) + px(4)
        left = names + px(12)
        room = max(1.0, self.width() - left - figures - px(8))
        first, last = event.rect().top() // px(self.ROW), event.rect().bottom() // px(self.ROW)
        for at in range(max(0, first), min(len(self._lines), last + 1)):
            line, top = self._lines[at], at * px(self.ROW)
            painter.setPen(color("text"))
            shown = metrics.elidedText(line.name, Qt.TextElideMode.ElideRight, int(names))
            across = int(Qt.AlignmentFlag.AlignVCenter)
            painter.drawText(QRectF(0, top, names, px(self.ROW)), across, shown)
            painter.setPen(color("muted"))
            end = QRectF(self.width() - figures, top, figures, px(self.ROW))
            painter.drawText(end, across | int(Qt.AlignmentFlag.AlignRight), number(line.count))
            bar = QRectF(left, top + px(7), room * (line.count + line.out) / most, px(self.ROW) - px(14))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("line"))
            painter.drawRoundedRect(bar, px(3), px(3))
            bar.setWidth(room * line.count / most)
            painter.setBrush(color("accent"))
            painter.drawRoundedRect(bar, px(3), px(3))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            at = event.pos().y() // px(self.ROW)
            text = tip_text(self._said(self._lines[at])) if 0 <= at < len(self._lines) else ""
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)


@dataclass(frozen=True)
class Column:
    """A column of a histogram: what it counts in words, and how many."""

    text: str
    count: int


@dataclass(frozen=True)
class Mark:
    """A line across a histogram, in columns from the left, and what it says."""

    at: float
    text: str


class Histogram(QWidget):
    """Columns side by side, a mark at the middle example and others where they are asked for, and the ends of the scale
    beneath."""

    HEIGHT = 96

    def __init__(self) -> None:
        super().__init__()
        self._columns: Sequence[Column] = ()
        self._ends = ("", "")
        self._middle: float | None = None
        self._marks: Sequence[Mark] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_columns(
        self,
        columns: Sequence[Column],
        ends: tuple[str, str],
        middle: float | None,
        describe: str,
        marks: Sequence[Mark] = (),
    ) -> None:
        """`ends`: the words under the left and right end; `middle`: where the median is, in columns from the left."""
        self._columns, self._ends, self._middle, self._marks = columns, ends, middle, marks
        self.setAccessibleName(describe)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(200), px(self.HEIGHT) + self.fontMetrics().height() + px(4))

    def _column_width(self) -> float:
        return self.width() / max(1, len(self._columns))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        base, wide = px(self.HEIGHT), self._column_width()
        most = max((column.count for column in self._columns), default=0) or 1
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("accent"))
        for at, column in enumerate(self._columns):
            if column.count:
                high = max(px(2), (base - px(4)) * column.count / most)
                painter.drawRoundedRect(
                    QRectF(at * wide + px(1), base - high, max(1.0, wide - px(2)), high), px(2), px(2)
                )
        painter.setPen(QPen(color("line"), px(1)))
        painter.drawLine(QPointF(0, base), QPointF(self.width(), base))
        if self._middle is not None:
            painter.setPen(QPen(color("text"), px(1), Qt.PenStyle.DashLine))
            x = self._middle * wide
            painter.drawLine(QPointF(x, px(2)), QPointF(x, base))
        for mark in self._marks:
            painter.setPen(QPen(color("bad"), px(2)))
            x = min(mark.at * wide, self.width() - px(1))
            painter.drawLine(QPointF(x, 0), QPointF(x, base))
        painter.setPen(color("muted"))
        beneath = QRectF(0, base + px(4), self.width(), self.fontMetrics().height())
        painter.drawText(beneath, int(Qt.AlignmentFlag.AlignLeft), self._ends[0])
        painter.drawText(beneath, int(Qt.AlignmentFlag.AlignRight), self._ends[1])

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            at = int(event.pos().x() / self._column_width())
            text = ""
            if 0 <= at < len(self._columns):
                text = f"{self._columns[at].text}: {number(self._columns[at].count)}"
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)
