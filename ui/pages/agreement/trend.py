"""Agreement as the work went on: a line with its band of uncertainty."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui.i18n import number, share, tr
from ui.pages.agreement.intervals import RELIABLE, TENTATIVE
from ui.presenters.agreement_view import Point
from ui.theme import color, px
from ui.widgets.basics import Card, fill, heading, muted, named, tip_text

HEIGHT = 176


class Trend(QWidget):
    """Points from left to right; the arrow keys and the pointer tell each."""

    def __init__(self) -> None:
        super().__init__()
        self._points: Sequence[Point] = ()
        self._at = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_points(self, points: Sequence[Point]) -> None:
        self._points = points
        self._at = min(self._at, max(0, len(points) - 1))
        self._tell()

    def _tell(self) -> None:
        named(self, tr("Agreement over time"))
        self.setAccessibleDescription(self._points[self._at].text if self._points else "")
        self.update()

    @property
    def said(self) -> str:
        """The point that the keys are at, in words."""
        return self._points[self._at].text if self._points else ""

    def sizeHint(self) -> QSize:
        return QSize(px(280), px(HEIGHT))

    # Where things are

    @property
    def _room(self) -> QRectF:
        line = self.fontMetrics().height()
        left = self.fontMetrics().horizontalAdvance(number(0.667, 3)) + px(8)
        return QRectF(left, px(8), max(1, self.width() - left - px(12)), self.height() - px(8) - line - px(8))

    @property
    def _lowest(self) -> float:
        values = [x for p in self._points for x in (p.estimate.low, p.estimate.value) if x is not None]
        low = min([0.6, *values])
        return max(-1.0, low - 0.05)

    def _y(self, value: float) -> float:
        room, low = self._room, self._lowest
        return room.bottom() - room.height() * min(1.0, max(0.0, (value - low) / (1 - low)))

    def _x(self, at: int) -> float:
        room = self._room
        return room.left() + room.width() * (at + 0.5) / max(1, len(self._points))

    def _nearest(self, x: float) -> int:
        return min(range(len(self._points)), key=lambda at: abs(self._x(at) - x), default=-1)

    # Doing

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Home: -99, Qt.Key.Key_End: 99}
        step = steps.get(Qt.Key(event.key()))
        if step is None or not self._points:
            super().keyPressEvent(event)
            return
        self._go(self._at + step)

    def _go(self, at: int) -> None:
        self._at = min(len(self._points) - 1, max(0, at))
        self._tell()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._points:
            self._go(self._nearest(event.position().x()))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            at = self._nearest(event.pos().x())
            QToolTip.showText(event.globalPos(), tip_text(self._points[at].text) if at >= 0 else "", self)
            return True
        return super().event(event)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_scale(painter)
        known = [(at, p.estimate) for at, p in enumerate(self._points) if p.estimate.value is not None]
        band = [(at, e) for at, e in known if e.low is not None and e.high is not None]
        if len(band) > 1:
            soft = color("accent")
            soft.setAlphaF(0.16)
            upper = [QPointF(self._x(at), self._y(e.high or 0)) for at, e in band]
            lower = [QPointF(self._x(at), self._y(e.low or 0)) for at, e in reversed(band)]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(soft)
            painter.drawPolygon(QPolygonF(upper + lower))
        painter.setPen(QPen(color("accent"), px(2)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF([QPointF(self._x(at), self._y(e.value or 0)) for at, e in known]))
        for at, one in known:
            current = at == self._at and (self.hasFocus() or self.underMouse())
            painter.setPen(QPen(color("panel"), px(2)))
            painter.setBrush(color("text" if current else "accent"))
            painter.drawEllipse(
                QPointF(self._x(at), self._y(one.value or 0)), px(6 if current else 4), px(6 if current else 4)
            )
        if self.hasFocus():
            painter.setPen(QPen(color("accent"), px(2)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), px(6), px(6))

    def _paint_scale(self, painter: QPainter) -> None:
        room, metrics = self._room, self.fontMetrics()
        if self._points and self._points[0].unit == "share":
            marks = [(value, share(value)) for value in (0.25, 0.5, 0.75, 1.0) if value >= self._lowest]
        else:
            marks = [(TENTATIVE, number(TENTATIVE, 3)), (RELIABLE, number(RELIABLE, 1)), (1.0, number(1))]
            marks += [(0.0, number(0))] if self._lowest <= 0 else []
        for value, text in marks:
            y = self._y(value)
            style = Qt.PenStyle.DashLine if value in (TENTATIVE, RELIABLE) else Qt.PenStyle.SolidLine
            painter.setPen(QPen(color("line"), max(1, px(1)), style))
            painter.drawLine(QPointF(room.left(), y), QPointF(room.right(), y))
            painter.setPen(color("muted"))
            beside = QRectF(0, y - metrics.height() / 2, room.left() - px(6), metrics.height())
            painter.drawText(beside, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), text)
        painter.setPen(color("muted"))
        beneath = QRectF(room.left(), room.bottom() + px(6), room.width(), metrics.height())
        if self._points:
            painter.drawText(beneath, int(Qt.AlignmentFlag.AlignLeft), self._points[0].name)
        if len(self._points) > 1:
            painter.drawText(beneath, int(Qt.AlignmentFlag.AlignRight), self._points[-1].name)


class TrendCard(Card):
    """The picture with its title and what is pointed at in words."""

    def __init__(self) -> None:
        super().__init__(spacing=8, margins=(16, 16, 16, 12))
        self.picture = Trend()
        self.note = muted("")
        fill(self.body, heading(tr("Over time")), self.picture, self.note, None)

    def show_points(self, points: Sequence[Point], note: str) -> None:
        self.setVisible(bool(points))
        self.picture.show_points(points)
        self.note.setText(note)
