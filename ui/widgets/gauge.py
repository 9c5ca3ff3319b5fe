"""A gauge of how many examples remain: three zones, too few, enough and ideal, with the marks that divide them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.i18n import number
from ui.theme import color, px

ZONES = 3
TRACK, TICK, GAP = 20, 8, 4
_TONES = ("bad", "accent", "good")


@dataclass(frozen=True)
class Tick:
    """A mark on the gauge with its word; `below` the track rather than above it."""

    value: int
    text: str
    below: bool = False


def place(value: float, minimum: int, ideal: int) -> float:
    """Where a value stands, 0..1: each zone has a third; linear in the first two, logarithmic up to ten times the ideal."""
    if value < minimum:
        zone, part = 0, value / minimum
    elif value < ideal:
        zone, part = 1, (value - minimum) / (ideal - minimum)
    else:
        zone, part = 2, min(1.0, math.log10(value / ideal))
    return (zone + part) / ZONES


class Gauge(QWidget):
    """Painted; screen readers get the same as a sentence (`describe`)."""

    def __init__(self) -> None:
        super().__init__()
        self._count, self._minimum, self._ideal = 0, 1, 2
        self._ticks: tuple[Tick, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_values(self, count: int, minimum: int, ideal: int, ticks: tuple[Tick, ...], describe: str) -> None:
        self._count, self._minimum, self._ideal, self._ticks = count, minimum, ideal, ticks
        self.setAccessibleName(describe)
        self.setToolTip(describe)
        self.update()

    @property
    def zone(self) -> int:
        """0 below the minimum, 1 below the ideal, 2 from there on."""
        return (self._count >= self._minimum) + (self._count >= self._ideal)

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        return QSize(px(320), 2 * (line + px(TICK + GAP)) + px(TRACK))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(240), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = self.fontMetrics().height() + px(TICK + GAP)
        track = QRectF(0.5, top, self.width() - 1, px(TRACK))
        self._paint_track(painter, track)
        for tick in self._ticks:
            self._paint_tick(painter, track, tick)

    def _paint_track(self, painter: QPainter, track: QRectF) -> None:
        round_off = QPainterPath()
        round_off.addRoundedRect(track, px(6), px(6))
        painter.save()
        painter.setClipPath(round_off)
        third = track.width() / ZONES
        for zone, tone in enumerate(_TONES):
            part = QRectF(track.left() + zone * third, track.top(), third, track.height())
            painter.fillRect(part, color(f"{tone}_soft"))
        painter.setPen(QPen(color("panel"), px(2)))
        for zone in (1, 2):
            x = track.left() + zone * third
            painter.drawLine(QPointF(x, track.top()), QPointF(x, track.bottom()))
        filled = QRectF(track)
        filled.setWidth(max(px(3), track.width() * place(self._count, self._minimum, self._ideal)))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color(_TONES[self.zone]))
        painter.drawRoundedRect(filled, px(6), px(6))
        painter.restore()

    def _paint_tick(self, painter: QPainter, track: QRectF, tick: Tick) -> None:
        x = track.left() + track.width() * place(tick.value, self._minimum, self._ideal)
        edge = track.bottom() if tick.below else track.top()
        end = edge + px(TICK) if tick.below else edge - px(TICK)
        painter.setPen(QPen(color("muted"), max(1, px(1))))
        painter.drawLine(QPointF(x, edge), QPointF(x, end))
        bold = QFont(self.font())
        bold.setBold(True)
        value = number(tick.value)
        ahead, after = QFontMetricsF(bold).horizontalAdvance(value), QFontMetricsF(self.font())
        width = ahead + after.horizontalAdvance(f" {tick.text}")
        left = min(max(0.0, x - width / 2), self.width() - width)
        line = after.height()
        base = (end + px(GAP) if tick.below else end - px(GAP) - line) + after.ascent()
        for text, font, at, tone in (
            (value, bold, left, "text"),
            (f" {tick.text}", self.font(), left + ahead, "muted"),
        ):
            painter.setFont(font)
            painter.setPen(QColor(color(tone)))
            painter.drawText(QPointF(at, base), text)
