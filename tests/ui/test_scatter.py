"""The picture of points, with real events of mouse and keys."""

import time

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from ui.widgets.raster import Raster, stamp
from ui.widgets.scatter import LASSO, Scatter

SHIFT = Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton
GRID = np.stack(np.meshgrid(np.arange(5), np.arange(4)), axis=-1).reshape(-1, 2).astype(np.float32)


@pytest.fixture
def scatter(qtbot):
    made = Scatter()
    qtbot.addWidget(made)
    made.resize(500, 400)
    with qtbot.waitExposed(made):
        made.show()
    made.show_points(GRID)
    return made


def spot(scatter: Scatter, index: int) -> QPoint:
    return scatter.place(index).toPoint()


def drag(qtbot, scatter: Scatter, *corners: QPoint, modifier=Qt.KeyboardModifier.NoModifier) -> None:
    qtbot.mousePress(scatter, LEFT, modifier, corners[0])
    for corner in corners[1:]:
        qtbot.mouseMove(scatter, corner)
    qtbot.mouseRelease(scatter, LEFT, modifier, corners[-1])


def around(scatter: Scatter, *indices: int) -> list[QPoint]:
    """The corners of a rectangle around points."""
    places = np.array([[scatter.place(i).x(), scatter.place(i).y()] for i in indices])
    (x1, y1), (x2, y2) = places.min(axis=0) - 8, places.max(axis=0) + 8
    return [QPoint(round(x), round(y)) for x, y in ((x1, y1), (x2, y1), (x2, y2), (x1, y2), (x1, y1))]


def test_all_points_are_seen_at_first(scatter):
    assert len(scatter.in_view()) == len(GRID)


def test_the_picture_has_a_dot_where_a_point_is(scatter):
    scatter.show_colors(np.full(len(GRID), 0xFFFF0000, np.uint32), np.ones(len(GRID), bool))
    image = scatter.grab().toImage()
    ratio = image.devicePixelRatio()
    at = spot(scatter, 7)
    assert image.pixelColor(round(at.x() * ratio), round(at.y() * ratio)).name() == "#ff0000"


def test_pointing_at_a_point_is_told_once(scatter, qtbot):
    told = []
    scatter.hovered.connect(told.append)
    qtbot.mouseMove(scatter, spot(scatter, 3))
    qtbot.mouseMove(scatter, spot(scatter, 3) + QPoint(1, 1))
    between = (scatter.place(0) + scatter.place(6)) / 2
    qtbot.mouseMove(scatter, between.toPoint())
    assert told == [3, -1]


def test_a_click_picks_the_nearest_point_that_is_shown(scatter, qtbot):
    told = []
    scatter.picked.connect(told.append)
    qtbot.mouseClick(scatter, LEFT, Qt.KeyboardModifier.NoModifier, spot(scatter, 8) + QPoint(2, -2))
    shown = np.ones(len(GRID), bool)
    shown[8] = False
    scatter.show_colors(np.full(len(GRID), 0xFFFF0000, np.uint32), shown)
    qtbot.mouseClick(scatter, LEFT, Qt.KeyboardModifier.NoModifier, spot(scatter, 8))
    assert told == [8]


def test_dragging_moves_the_picture_and_picks_nothing(scatter, qtbot):
    told = []
    scatter.picked.connect(told.append)
    before = spot(scatter, 8)
    drag(qtbot, scatter, before, before + QPoint(40, 0), before + QPoint(60, 20))
    assert told == []
    moved = spot(scatter, 8) - before
    assert (moved.x(), moved.y()) == (60, 20)


def test_shift_and_drag_lassoes_what_is_inside(scatter, qtbot):
    told = []
    scatter.lassoed.connect(lambda found: told.append(found.tolist()))
    before = spot(scatter, 0)
    drag(qtbot, scatter, *around(scatter, 6, 7, 11, 12), modifier=SHIFT)
    assert told == [[6, 7, 11, 12]]
    assert spot(scatter, 0) == before


def test_the_lasso_tool_needs_no_shift_and_skips_what_is_not_shown(scatter, qtbot):
    told = []
    scatter.lassoed.connect(lambda found: told.append(found.tolist()))
    shown = np.ones(len(GRID), bool)
    shown[7] = False
    scatter.show_colors(np.full(len(GRID), 0xFFFF0000, np.uint32), shown)
    scatter.set_tool(LASSO)
    drag(qtbot, scatter, *around(scatter, 6, 7, 11, 12))
    assert told == [[6, 11, 12]]


def test_the_wheel_zooms_around_the_pointer(scatter):
    at = scatter.place(13)
    before = scatter.view.scale
    event = QWheelEvent(
        at,
        scatter.mapToGlobal(at),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(scatter, event)
    assert scatter.view.scale > before
    assert (scatter.place(13) - at).manhattanLength() < 0.5


def test_keys_move_zoom_and_show_all(scatter, qtbot):
    scatter.setFocus()
    all_seen, first = scatter.view.scale, spot(scatter, 0)
    qtbot.keyClick(scatter, Qt.Key.Key_Plus)
    assert scatter.view.scale > all_seen
    qtbot.keyClick(scatter, Qt.Key.Key_Minus)
    assert scatter.view.scale == pytest.approx(all_seen)
    qtbot.keyClick(scatter, Qt.Key.Key_Right)
    assert spot(scatter, 0).x() < first.x()
    qtbot.keyClick(scatter, Qt.Key.Key_Up)
    assert spot(scatter, 0).y() > first.y()
    qtbot.keyClick(scatter, Qt.Key.Key_0)
    assert (scatter.place(0) - QPointF(first)).manhattanLength() < 2


def test_enter_picks_what_lies_in_the_middle(scatter, qtbot):
    told = []
    scatter.picked.connect(told.append)
    scatter.setFocus()
    middle = QPointF(scatter.width() / 2, scatter.height() / 2) - scatter.place(16)
    scatter.pan(middle.x(), middle.y())
    qtbot.keyClick(scatter, Qt.Key.Key_Return)
    assert told == [16]


def test_a_new_layout_is_reached_step_by_step_and_leaves_a_chosen_view_alone(scatter, qtbot):
    scatter.zoom(2)
    view = (scatter.view.x, scatter.view.y, scatter.view.scale)
    scatter.show_points(GRID + 1)
    assert np.array_equal(scatter.points, GRID)
    qtbot.waitUntil(lambda: np.array_equal(scatter.points, GRID + 1))
    assert (scatter.view.x, scatter.view.y, scatter.view.scale) == view


def test_a_view_that_nobody_chose_follows_the_layout(scatter, qtbot):
    scatter.show_points(GRID * 10 + 100)
    qtbot.waitUntil(lambda: np.array_equal(scatter.points, GRID * 10 + 100))
    assert len(scatter.in_view()) == len(GRID)


def test_other_points_begin_anew(scatter):
    scatter.show_points(GRID[:6])
    assert len(scatter.in_view()) == 6
    scatter.show_points(np.zeros((0, 2), np.float32))
    assert scatter.at(QPointF(10, 10)) == -1
    scatter.grab()


@pytest.mark.parametrize("radius", [0.5, 1.3, 2.0, 4.5, 9.0, 33.0])
def test_dots_are_round_and_stay_inside_the_image(radius):
    full, half = stamp(radius)
    assert set(full) == {(-dy, dx) for dy, dx in full}
    assert not set(full) & set(half)
    raster = Raster(40, 30, 0xFFFFFFFF, radius)
    rng = np.random.default_rng(0)
    x, y = rng.uniform(-60, 100, (2, 2_000)).astype(np.float32)
    raster.dots(x, y, np.full(2_000, 0xFF000000, np.uint32), radius)
    assert (raster.pixels >= 0xFF000000).all()


def test_100_000_points_are_drawn_within_a_frame_or_two(qtbot):
    scatter = Scatter()
    qtbot.addWidget(scatter)
    scatter.resize(1_000, 800)
    with qtbot.waitExposed(scatter):
        scatter.show()
    rng = np.random.default_rng(0)
    scatter.show_points(rng.normal(size=(100_000, 2)).astype(np.float32))
    colors = np.array([0xFF0072B2, 0xFFD55E00, 0xFF009E73], np.uint32)[rng.integers(0, 3, 100_000)]
    scatter.show_colors(colors, np.ones(100_000, bool))
    took = []
    for _ in range(30):
        begun = time.perf_counter()
        scatter.pan(3, 2)
        scatter.repaint()
        took.append(time.perf_counter() - begun)
        assert scatter.drawn
    print(f"repaint of 100,000 points: median {1e3 * np.median(took):.1f} ms, best {1e3 * min(took):.1f} ms")
    # The best of them: tests share their machine with others.
    assert min(took) < 0.020
