"""The icons are there, are drawn at every size, and take the colour of the theme."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from ui import theme
from ui.window import places

FOLDER = Path(__file__).parent.parent.parent / "resources" / "icons"
ALL = sorted(path.stem for path in FOLDER.glob("*.svg") if path.stem != "curator")
LINES = [name for name in ALL if not name.endswith(("-light", "-dark"))]
"""Those that the theme recolours; the others are parts of controls, one for each scheme."""


def drawn(svg: bytes, size: int) -> QImage:
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    renderer = QSvgRenderer(QByteArray(svg))
    assert renderer.isValid()
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return image


def inked(image: QImage) -> float:
    """The share of the picture that is drawn on."""
    size = image.width()
    return sum(image.pixelColor(x, y).alpha() > 60 for x in range(size) for y in range(size)) / size**2


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize("size", [16, 24, 48])
def test_a_line_icon_is_seen_and_leaves_room(qapp, name: str, size: int) -> None:
    share = inked(drawn((FOLDER / f"{name}.svg").read_bytes(), size))
    assert 0.05 < share < 0.6


@pytest.mark.parametrize("size", [16, 32, 256])
def test_the_icon_of_the_application_fills_its_place(qapp, size: int) -> None:
    image = drawn((FOLDER / "curator.svg").read_bytes(), size)
    assert 0.7 < inked(image) < 1
    assert image.pixelColor(0, 0).alpha() < 60, "its corners are round"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_icons_take_the_colours_of_the_theme(qapp, scheme: str) -> None:
    theme.apply(qapp, scheme, 1.0)
    for name in LINES:
        image = theme.icon(name, "accent", 24).pixmap(24, 24).toImage()
        wanted = theme.color("accent").getRgb()[:3]
        points = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
        opaque = [point.getRgb()[:3] for point in points if point.alpha() == 255]
        assert opaque, name
        far = max(abs(got - want) for point in opaque for got, want in zip(point, wanted, strict=True))
        assert far <= 2, f"{name} has a colour of its own"


def test_every_page_has_its_icon() -> None:
    assert {place.picture for place in places()} <= set(LINES)
