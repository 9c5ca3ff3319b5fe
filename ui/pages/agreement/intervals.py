"""A figure with its interval as a small picture: a track with the bounds, the interval on it, and the figure as a dot."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from curator.review.agreement.estimates import Estimate
from ui.presenters.agreement_view import Kind
from ui.theme import color, px

TENTATIVE, RELIABLE = 0.667, 0.8
"""Krippendorff's bounds for tentative and for firm conclusions (`curator.review.agreement.advice`)."""


def tone_of(value: float | None, unit: Kind) -> str:
    """The colour of a figure: coefficients have bounds, a share by itself is neither good nor bad."""
    if value is None:
        return "muted"
    if unit != "coefficient":
        return "accent"
    return "good" if value >= RELIABLE else "warn" if value >= TENTATIVE else "bad"


def place(value: float, unit: Kind, lowest: float) -> float:
    """Where a value is on the track, 0..1. The track of coefficients begins at 0, or at the `lowest` where that is less."""
    start = min(0.0, lowest) if unit == "coefficient" else 0.0
    return min(1.0, max(0.0, (value - start) / (1 - start)))


def paint_interval(painter: QPainter, room: QRectF, estimate: Estimate, unit: Kind) -> None:
    """Paint it into `room`, over its whole width and around its middle."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    middle, high = room.center().y(), px(6)
    track = QRectF(room.left(), middle - high / 2, room.width(), high)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color("sunken"))
    painter.drawRoundedRect(track, high / 2, high / 2)
    painter.setPen(QPen(color("line"), max(1, px(1))))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(track, high / 2, high / 2)
    value = estimate.value
    lowest = min(x for x in (estimate.low, value, 0.0) if x is not None)

    def x_of(number: float) -> float:
        return track.left() + track.width() * place(number, unit, lowest)

    if value is not None:
        ink = color(tone_of(value, unit))
        if estimate.low is not None and estimate.high is not None:
            faint = color(tone_of(value, unit))
            faint.setAlphaF(0.4)
            span = QRectF(QPointF(x_of(estimate.low), track.top()), QPointF(x_of(estimate.high), track.bottom()))
            span.setWidth(max(span.width(), high))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(faint)
            painter.drawRoundedRect(span, high / 2, high / 2)
    if unit == "coefficient":
        painter.setPen(QPen(color("muted"), max(1, px(1))))
        for mark in (TENTATIVE, RELIABLE):
            painter.drawLine(QPointF(x_of(mark), middle - px(6)), QPointF(x_of(mark), middle + px(6)))
    if value is not None:
        painter.setPen(QPen(color("panel"), px(2)))
        painter.setBrush(ink)
        at = min(max(x_of(value), track.left() + px(4)), track.right() - px(4))
        painter.drawEllipse(QPointF(at, middle), px(5), px(5))


class IntervalBar(QWidget):
    """The picture as a widget; what it shows is said by whoever holds it."""

    def __init__(self) -> None:
        super().__init__()
        self._estimate = Estimate(None)
        self._unit: Kind = "coefficient"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_estimate(self, estimate: Estimate, unit: Kind) -> None:
        self._estimate, self._unit = estimate, unit
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(120), px(16))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_interval(painter, QRectF(self.rect()).adjusted(px(1), 0, -px(1), 0), self._estimate, self._unit)
