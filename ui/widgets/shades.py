"""The colours of a matrix of counts, calm where both sides say the same, loud where they do not."""

from __future__ import annotations

import math

from PySide6.QtGui import QColor

from ui.theme import color, palette_series


class Tones:
    """Grounds and figures of cells. They are few, and mixing them anew for each cell would take most of the time."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, bool], tuple[QColor, QColor]] = {}

    def of(self, share: float, same: bool) -> tuple[QColor, QColor]:
        """The ground of a cell with this share of its row, and the colour of its figure."""
        percent = 0 if share <= 0 else max(1, round(100 * share))
        if (percent, same) not in self._known:
            ground = shade(percent / 100, same)
            self._known[percent, same] = ground, color("muted") if same else ink(ground)
        return self._known[percent, same]


def shade(share: float, same: bool) -> QColor:
    """The ground of a cell. What agrees is a quiet blue, what does not an orange that even a small share makes seen; the
    two differ in lightness, too, and for every kind of colour vision."""
    if share <= 0:
        return color("sunken")
    calm, loud = palette_series(2)
    if same:
        return _mixed(color("sunken"), calm, 0.10 + 0.14 * share)
    return _mixed(color("panel"), loud, min(1.0, 0.18 + 0.95 * math.sqrt(share)))


def ink(ground: QColor) -> QColor:
    """Black or white, whichever is read better on this ground: at least 4.5 to 1, as WCAG 2 asks for."""
    mine = _luminance(ground)
    return QColor("#000000") if (mine + 0.05) / 0.05 > 1.05 / (mine + 0.05) else QColor("#ffffff")


def _luminance(tone: QColor) -> float:
    """As WCAG 2 defines it."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
        for part in (tone.redF(), tone.greenF(), tone.blueF())
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mixed(ground: QColor, tone: QColor, part: float) -> QColor:
    ends = (ground.red(), tone.red()), (ground.green(), tone.green()), (ground.blue(), tone.blue())
    return QColor(*(round(a + part * (b - a)) for a, b in ends))
