"""A picture of many points that can be moved, zoomed, pointed at and lassoed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from ui.presenters.map import bounds, inside_polygon
from ui.theme import color, px
from ui.widgets.raster import Raster

PAN, LASSO = "pan", "lasso"
STEP = 1.25
"""How much a key press or a notch of the wheel zooms."""
REACH = 10
"""Pixels of the grid within which a point is meant."""
WHOLE = 150_000
"""Points drawn at most while the picture moves; all are when it rests."""
REST_MS = 120
FRAME_MS = 33
FRAMES = 8
SMOOTH = 30_000
"""Points up to which a new layout is reached step by step."""


@dataclass(slots=True)
class View:
    """What is seen: the point in the middle, and pixels for each unit."""

    x: float = 0.0
    y: float = 0.0
    scale: float = 100.0


@dataclass(frozen=True, slots=True)
class Layer:
    """Points that are drawn together, in the order in which they are drawn, with one colour or one each; `small`: traces."""

    points: np.ndarray
    colors: np.ndarray
    small: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn image, the memory that it lies in, and the part of it to show."""

    image: QImage
    pixels: np.ndarray
    part: QRectF


class Scatter(QWidget):
    """Points in the plane, each with a colour. Drag moves, the wheel zooms, a click picks, Shift and drag lassoes;
    with the keys: arrows, + and −, 0 for all, Enter picks what lies in the middle.

    Signals: `hovered(int)` the point under the pointer, -1 for none; `picked(int)`; `lassoed(object)` indices of points;
    `moved()` when what is seen changed.
    """

    hovered = Signal(int)
    picked = Signal(int)
    lassoed = Signal(object)
    moved = Signal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.tool = PAN
        self.view = View()
        self.own_view = False
        """True once somebody has moved or zoomed: it is theirs, and new layouts leave it alone."""
        self._points = np.zeros((0, 2), dtype=np.float32)
        self._goal: np.ndarray | None = None
        self._order = np.zeros(0, dtype=np.int64)
        self._colors = np.zeros(0, dtype=np.uint32)
        self._shown = np.zeros(0, dtype=bool)
        self._chosen = np.zeros(0, dtype=bool)
        self._current = -1
        self._image: Picture | None = None
        self._layers: list[Layer] | None = None
        self._bounds = bounds(self._points)
        self._pressed: QPointF | None = None
        self._last = QPointF()
        self._lasso: list[QPointF] = []
        self._moving = False
        self._under = -1
        self._by_keys = False
        self._rest = self._timer(REST_MS, self._settle, single=True)
        self._frames = self._timer(FRAME_MS, self._frame)
        self._left = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(px(160), px(160))

    def _timer(self, ms: int, then: object, *, single: bool = False) -> QTimer:
        made = QTimer(self)
        made.setInterval(ms)
        made.setSingleShot(single)
        made.timeout.connect(then)
        return made

    # What is shown

    def show_points(self, points: np.ndarray) -> None:
        """Show points, float32 (n, 2). As many as before: they move to their new places; else everything begins anew."""
        same = len(points) == len(self._points) and len(points) > 0
        if not same:
            self._order = np.random.default_rng(0).permutation(len(points))
            self._colors = np.full(len(points), _rgb("muted"), dtype=np.uint32)
            self._shown = np.ones(len(points), dtype=bool)
            self._chosen = np.zeros(len(points), dtype=bool)
            self._current = self._under = -1
        if same and len(points) <= SMOOTH and self.isVisible():
            self._goal, self._left = points, FRAMES
            self._bounds = bounds(points)
            self._frames.start()
            return
        self._frames.stop()
        self._goal, self._points = None, points
        self._bounds = bounds(points)
        if not self.own_view:
            self._fit()
        self._draw_anew(layers=True)

    def show_colors(self, colors: np.ndarray, shown: np.ndarray, under: np.ndarray | None = None) -> None:
        """Colour the points, 0xffRRGGBB each; those not `shown` stay as faint traces that cannot be picked; those `under`
        lie below the others."""
        self._colors, self._shown = colors.astype(np.uint32), shown
        order = np.random.default_rng(0).permutation(len(colors))
        self._order = order if under is None else np.concatenate([order[under[order]], order[~under[order]]])
        self._draw_anew(layers=True)

    def choose(self, indices: np.ndarray | None) -> None:
        """Lift these points out; None for none."""
        self._chosen[:] = False
        if indices is not None:
            self._chosen[indices] = True
        self._draw_anew(layers=True)

    def ring(self, index: int) -> None:
        """Draw a ring around a point; -1 for none."""
        self._current = index
        self.update()

    def set_tool(self, tool: str) -> None:
        """What dragging does: move the picture, or lasso."""
        self.tool = tool
        self.setCursor(Qt.CursorShape.CrossCursor if tool == LASSO else Qt.CursorShape.ArrowCursor)

    @property
    def drawn(self) -> bool:
        """True where the screen shows all of this as it is now."""
        return self._image is not None

    @property
    def points(self) -> np.ndarray:
        return self._points

    def in_view(self) -> np.ndarray:
        """Indices of the shown points that are in the picture."""
        places = self._places(self._points)
        seen = (places >= 0).all(axis=0) & (places[0] < self.width()) & (places[1] < self.height())
        return np.flatnonzero(seen & self._shown)

    def place(self, index: int) -> QPointF:
        """Where a point is in the widget."""
        x, y = self._places(self._points[index : index + 1])
        return QPointF(float(x[0]), float(y[0]))

    # Seeing more or less of it

    def fit(self) -> None:
        """Show all points; the picture follows new layouts again."""
        self.own_view = False
        self._fit()
        self._draw_anew()
        self.moved.emit()

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Come nearer, or go away with a factor below 1; what is `at` stays where it is."""
        at = at or QPointF(self.width() / 2, self.height() / 2)
        dx, dy = at.x() - self.width() / 2, at.y() - self.height() / 2
        scale = min(1e6, max(1.0, self.view.scale * factor))
        self.view.x += dx / self.view.scale - dx / scale
        self.view.y -= dy / self.view.scale - dy / scale
        self.view.scale = scale
        self._move()

    def pan(self, dx: float, dy: float) -> None:
        """Move the picture by pixels."""
        self.view.x -= dx / self.view.scale
        self.view.y += dy / self.view.scale
        self._move()

    def _move(self) -> None:
        self.own_view = True
        self._moving = len(self._points) > WHOLE
        self._rest.start()
        self._draw_anew()
        self.moved.emit()

    def _settle(self) -> None:
        if self._moving:
            self._moving = False
            self._draw_anew()

    def _fit(self, share: float = 1.0) -> None:
        """See all points; with a `share`, go that part of the way."""
        goal = self._bounds
        width, height = max(1, self.width()), max(1, self.height())
        scale = 0.92 * min(width / goal.width, height / goal.height)
        self.view.x += share * (goal.x - self.view.x)
        self.view.y += share * (goal.y - self.view.y)
        self.view.scale *= (scale / self.view.scale) ** share

    def _frame(self) -> None:
        """One step on the way to a new layout."""
        if self._goal is None or not self._left:
            self._frames.stop()
            return
        if not self.own_view:
            self._fit(1 / self._left)
        self._points = (self._points + (self._goal - self._points) / self._left).astype(np.float32)
        self._left -= 1
        if not self._left:
            self._points, self._goal = self._goal, None
            self._frames.stop()
        self._draw_anew(layers=True)

    # Drawing

    def _draw_anew(self, *, layers: bool = False) -> None:
        self._image = None
        if layers:
            self._layers = None
        self.update()

    def _places(self, points: np.ndarray) -> np.ndarray:
        """Points as pixels of the widget: float32 (2, n)."""
        view, places = self.view, np.empty((2, len(points)), dtype=np.float32)
        np.multiply(points[:, 0], np.float32(view.scale), out=places[0])
        np.multiply(points[:, 1], np.float32(-view.scale), out=places[1])
        places[0] += np.float32(self.width() / 2 - view.x * view.scale)
        places[1] += np.float32(self.height() / 2 + view.y * view.scale)
        return places

    def _away(self, points: np.ndarray, x: float, y: float) -> np.ndarray:
        """Squares of the distances in pixels from a place of the widget."""
        places = self._places(points)
        places[0] -= np.float32(x)
        places[1] -= np.float32(y)
        places *= places
        squares: np.ndarray = places[0] + places[1]
        return squares

    def radius(self) -> float:
        """Radius of a dot in pixels of the widget: larger where there are few, or where one has come near."""
        few = 4.5 - 0.9 * max(0.0, np.log10(max(1, len(self._points))) - 2)
        near = self.view.scale * max(self._bounds.width, self._bounds.height) / max(1, min(self.width(), self.height()))
        return float(px(10) / 10 * min(5.5, max(1.3, few + 0.6 * np.log2(max(1.0, near)))))

    def _layered(self) -> list[Layer]:
        """Traces of what is not shown, then what is not lifted out, then the rest; in an order that favours no colour."""
        order, layers = self._order, []
        shown = self._shown[order]
        if not shown.all():
            layers.append(Layer(self._points[order[~shown]], np.asarray(_rgb("line"), dtype=np.uint32), True))
            order = order[shown]
        if self._chosen.any():
            lifted = self._chosen[order]
            rest = order[~lifted]
            layers.append(Layer(self._points[rest], _faint(self._colors[rest])))
            order = order[lifted]
        layers.append(Layer(self._points[order], self._colors[order]))
        return layers

    def _render(self) -> Picture:
        """The points as an image, in pixels of the screen."""
        ratio = self.devicePixelRatioF()
        width, height = max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))
        radius, smooth = self.radius() * ratio, len(self._points) <= SMOOTH
        raster = Raster(width, height, _rgb("panel"), radius)
        if self._layers is None:
            self._layers = self._layered()
        stride = -(-len(self._points) // WHOLE) if self._moving else 1
        for layer in self._layers:
            places = self._places(layer.points[::stride])
            if ratio != 1:
                places *= np.float32(ratio)
            colors = layer.colors[::stride] if layer.colors.ndim else layer.colors
            raster.dots(places[0], places[1], colors, 0.7 * radius if layer.small else radius, smooth=smooth)
        image = QImage(raster.pixels.data, raster.row, raster.lines, raster.row * 4, QImage.Format.Format_RGB32)
        return Picture(image, raster.pixels, QRectF(raster.margin, raster.margin, width, height))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._image is None:
            self._image = self._render()
        painter = QPainter(self)
        painter.drawImage(QRectF(self.rect()), self._image.image, self._image.part)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index, name in ((self._under, "text"), (self._current, "accent")):
            if 0 <= index < len(self._points):
                self._draw_ring(painter, index, name)
        if self._lasso:
            painter.setPen(QPen(color("accent"), px(2), Qt.PenStyle.DashLine))
            ground = color("accent")
            ground.setAlpha(40)
            painter.setBrush(ground)
            painter.drawPolygon(QPolygonF(self._lasso))
        if self.hasFocus() and self._by_keys:
            self._draw_focus(painter)

    def _draw_ring(self, painter: QPainter, index: int, name: str) -> None:
        at, size = self.place(index), self.radius() + px(3)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(color("panel"), px(4)))
        painter.drawEllipse(at, size, size)
        painter.setPen(QPen(color(name), px(2)))
        painter.drawEllipse(at, size, size)

    def _draw_focus(self, painter: QPainter) -> None:
        """A frame, and a cross where Enter picks."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(color("accent"), px(2)))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), px(6), px(6))
        middle, arm = QPointF(self.width() / 2, self.height() / 2), px(8)
        painter.drawLine(middle - QPointF(arm, 0), middle + QPointF(arm, 0))
        painter.drawLine(middle - QPointF(0, arm), middle + QPointF(0, arm))

    # The pointer

    def at(self, where: QPointF) -> int:
        """The shown point nearest to a place of the widget, -1 where none is near."""
        if not len(self._points):
            return -1
        distance = self._away(self._points, where.x(), where.y())
        distance[~self._shown] = np.inf
        nearest = int(distance.argmin())
        return nearest if distance[nearest] <= max(px(REACH), self.radius() + px(2)) ** 2 else -1

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._by_keys = False
            self._pressed = self._last = event.position()
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            if shift or self.tool == LASSO:
                self._lasso = [event.position()]

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._lasso:
            self._lasso.append(event.position())
            self.update()
        elif self._pressed is not None:
            self._point_at(-1)
            step = event.position() - self._last
            self._last = event.position()
            if self._dragged(event.position()) or self.cursor().shape() is Qt.CursorShape.ClosedHandCursor:
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
                self.pan(step.x(), step.y())
        else:
            self._point_at(self.at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton or self._pressed is None:
            return
        lasso, self._lasso = self._lasso, []
        dragged = self._dragged(event.position()) or self.cursor().shape() is Qt.CursorShape.ClosedHandCursor
        self._pressed = None
        self.set_tool(self.tool)
        if len(lasso) > 2:
            polygon = np.array([(p.x(), p.y()) for p in lasso], dtype=np.float32)
            inside = inside_polygon(self._places(self._points).T, polygon) & self._shown
            self.lassoed.emit(np.flatnonzero(inside))
        elif not dragged and (index := self.at(event.position())) >= 0:
            self.picked.emit(index)
        self.update()

    def _dragged(self, to: QPointF) -> bool:
        moved = to - self._pressed if self._pressed is not None else QPointF()
        return abs(moved.x()) + abs(moved.y()) > px(4)

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / 120
        self.zoom(STEP**notches, event.position())
        event.accept()

    def leaveEvent(self, event: object) -> None:
        self._point_at(-1)

    def _point_at(self, index: int) -> None:
        if index != self._under:
            self._under = index
            self.hovered.emit(index)
            self.update()

    # The keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = px(60)
        moves = {
            Qt.Key.Key_Left: (step, 0),
            Qt.Key.Key_Right: (-step, 0),
            Qt.Key.Key_Up: (0, step),
            Qt.Key.Key_Down: (0, -step),
        }
        key = Qt.Key(event.key())
        self._by_keys = True
        if key in moves:
            self.pan(*moves[key])
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(STEP)
        elif key in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore):
            self.zoom(1 / STEP)
        elif key is Qt.Key.Key_0:
            self.fit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._pick_middle()
        elif key is Qt.Key.Key_Escape and self._lasso:
            self._lasso, self._pressed = [], None
            self.update()
        else:
            super().keyPressEvent(event)

    def _pick_middle(self) -> None:
        seen = self.in_view()
        if len(seen):
            away = self._away(self._points[seen], self.width() / 2, self.height() / 2)
            self.picked.emit(int(seen[away.argmin()]))

    def focusInEvent(self, event: QFocusEvent) -> None:
        tabbed = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)
        self._by_keys = event.reason() in tabbed
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        if not self.own_view and len(self._points):
            self._fit()
        self._draw_anew()

    def sizeHint(self) -> QSize:
        return QSize(px(720), px(560))

    def pointer(self) -> QPoint:
        """Where the point under the pointer is."""
        return self.place(self._under).toPoint() if self._under >= 0 else QPoint()


def _rgb(name: str) -> int:
    return int(color(name).rgb())


def _faint(colors: np.ndarray) -> np.ndarray:
    """Colours three quarters of the way to the ground."""
    ground = np.uint32(_rgb("panel"))
    quarter, rest = np.uint32(0x3F3F3F3F), np.uint32(0x7F7F7F7F)
    mixed = ((colors >> 2) & quarter) + ((ground >> 2) & quarter) + ((ground >> 1) & rest)
    return mixed | np.uint32(0xFF000000)
