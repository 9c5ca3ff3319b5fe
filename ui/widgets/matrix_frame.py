"""The edges of a matrix: how much room the names of its rows and columns take."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize
from PySide6.QtGui import QFont, QFontMetrics

from ui.theme import px

LONGEST_NAME = 168
SLANT = math.radians(52)
UPRIGHT = 32
"""Width up to which names of columns stand over them; longer ones are slanted."""


@dataclass(frozen=True, slots=True)
class Frame:
    """`names`: width of the longest name that is shown; `line`: height of a line of text."""

    names: int = 0
    line: int = 0

    @classmethod
    def of(cls, font: QFont, names: Sequence[str]) -> Frame:
        """Room for these names, in bold as the marked ones are."""
        bold = QFont(font)
        bold.setBold(True)
        metrics = QFontMetrics(bold)
        longest = max((metrics.horizontalAdvance(name) for name in names), default=0)
        return cls(min(px(LONGEST_NAME), longest + px(4)), metrics.height())

    @property
    def left(self) -> int:
        """Where the cells begin, right of the names of the rows."""
        return self.names + px(12)

    @property
    def slanted(self) -> bool:
        """Whether the names of the columns are slanted."""
        return self.names > px(UPRIGHT)

    @property
    def top(self) -> int:
        """Where the cells begin, under the names of the columns."""
        return int(math.sin(SLANT) * self.names + self.line) + px(6) if self.slanted else self.line + px(8)

    @property
    def beyond(self) -> int:
        """How far the slanted name of the last column reaches out to the right."""
        return int(math.cos(SLANT) * self.names) + px(4) if self.slanted else px(2)

    def content(self, side: int) -> QSize:
        """All of it, with cells that take so many pixels together."""
        return QSize(self.left + side + self.beyond, self.top + side + px(2))
