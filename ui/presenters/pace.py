"""How fast somebody decides, how long the rest will take at that pace, and when a break is due."""

from __future__ import annotations

from collections import deque
from statistics import median

RECENT = 20
"""Cards that the pace is taken from."""
FEWEST = 3
"""Cards before which nothing is said of the pace."""
PAUSE_S = 120.0
"""A card that took longer was not looked at all that time: it says nothing of the pace."""
BREAK_S = 300.0
"""Seconds without a decision that count as a break."""


class Pace:
    """Times are in seconds of any clock that only runs forwards, such as `time.monotonic`."""

    def __init__(self) -> None:
        self._shown: float | None = None
        self._took: deque[float] = deque(maxlen=RECENT)

    def shown(self, now: float) -> None:
        """A card is shown from now on."""
        self._shown = now

    def decided(self, now: float) -> None:
        """The card that is shown was decided."""
        if self._shown is not None and 0 <= now - self._shown <= PAUSE_S:
            self._took.append(now - self._shown)
        self._shown = None

    def stopped(self) -> None:
        """No card is shown any more."""
        self._shown = None

    @property
    def seconds(self) -> float | None:
        """Seconds a card: the median of the last few, None before there are enough."""
        return median(self._took) if len(self._took) >= FEWEST else None

    def left(self, cards: int) -> float | None:
        """Seconds that so many more cards will take."""
        return None if self.seconds is None else self.seconds * cards


class Rest:
    """Reminds of a break after `minutes` of work without one; 0: never."""

    def __init__(self, minutes: float = 0):
        self.minutes = minutes
        self._began: float | None = None
        self._last = 0.0

    def worked(self, now: float) -> bool:
        """Something was decided; True where a break is due. It is asked for once, then after as many minutes again."""
        if self._began is None or now - self._last >= BREAK_S:
            self._began = now
        self._last = now
        if not self.minutes or now - self._began < self.minutes * 60:
            return False
        self._began = now
        return True
