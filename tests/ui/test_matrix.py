"""The matrix alone: its cells, its keys, and colours that are read in light and dark and by everybody."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor

from ui import theme
from ui.widgets.matrix import Matrix
from ui.widgets.shades import Tones, ink, shade

NAMES = ("address", "cancel", "refund")
COUNTS = np.array([[8, 2, 0], [0, 9, 1], [4, 0, 6]])


@pytest.fixture
def matrix(qtbot):
    made = Matrix()
    qtbot.addWidget(made)
    made.resize(500, 400)
    made.show_counts("title", NAMES, COUNTS, COUNTS.sum(axis=1), lambda row, column: f"{NAMES[row]} {NAMES[column]}")
    made.show()
    qtbot.waitExposed(made)
    return made


def test_it_begins_at_the_commonest_confusion_and_says_it(matrix):
    assert matrix.current_names == ("refund", "address")
    assert matrix.accessibleName() == "title"
    assert matrix.accessibleDescription() == "refund address"


def test_arrows_stay_inside(matrix, qtbot):
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Left):
        qtbot.keyClick(matrix, key)
    assert matrix.current == (2, 0)
    qtbot.keyClick(matrix, Qt.Key.Key_End)
    qtbot.keyClick(matrix, Qt.Key.Key_PageUp)
    assert matrix.current == (0, 2)


def test_a_cell_is_where_it_is_drawn(matrix, qtbot):
    for row in range(3):
        for column in range(3):
            assert matrix.cell_at(matrix.cell_rect(row, column).center()) == (row, column)
    assert matrix.cell_at(QPoint(1, 1)) == (-1, -1)
    with qtbot.waitSignal(matrix.opened) as heard:
        qtbot.mouseClick(matrix.viewport(), Qt.MouseButton.LeftButton, pos=matrix.cell_rect(1, 2).center())
    assert heard.args == [1, 2]


def test_the_cell_keeps_its_names_when_others_are_shown(matrix):
    order = [2, 1, 0]
    counts = COUNTS[np.ix_(order, order)]
    names = tuple(NAMES[at] for at in order)
    matrix.show_counts("title", names, counts, counts.sum(axis=1), lambda row, column: f"{names[row]} {names[column]}")
    assert matrix.current_names == ("refund", "address")
    assert matrix.current == (0, 2)


def test_the_pointer_tells_a_cell_without_moving_the_keys(matrix, qtbot):
    with qtbot.waitSignal(matrix.pointed) as heard:
        qtbot.mouseMove(matrix.viewport(), matrix.cell_rect(0, 1).center())
    assert heard.args == [0, 1]
    assert matrix.current_names == ("refund", "address")


def contrast(one: QColor, other: QColor) -> float:
    def light(tone: QColor) -> float:
        parts = (tone.redF(), tone.greenF(), tone.blueF())
        parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    first, second = sorted((light(one), light(other)), reverse=True)
    return (first + 0.05) / (second + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_figures_are_read_on_every_shade_and_mistakes_stand_out(qapp, scheme):
    theme.apply(qapp, scheme, 1.0)
    tones = Tones()
    for percent in range(1, 101):
        ground, figure = tones.of(percent / 100, same=False)
        assert contrast(ground, figure) >= 4.5, percent
    for percent in (1, 50, 100):
        assert contrast(*tones.of(percent / 100, same=True)) >= 3, percent
    away = [contrast(shade(part, same=False), theme.color("panel")) for part in (0.02, 0.1, 0.3, 1.0)]
    assert away == sorted(away)
    assert away[0] > 1.15, "a small share is seen"
    assert shade(0, same=False) == theme.color("sunken")
    assert ink(QColor("white")) != ink(QColor("black"))
