"""Python's cyclic garbage is collected on the main thread alone.

Widgets and what is connected to them form cycles, and whichever thread happens to allocate would take them apart: a
timer or widget that ends in a thread of the pool brings the program down. So Python's own collector is switched off,
and a timer of the main thread does what it would have done.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 1_000
OLDEST_EVERY = 30
"""The oldest generation takes longest: it is looked at after so many rounds at the earliest."""


class Collector(QObject):
    """Collects while it lives. Made on the main thread."""

    def __init__(self, parent: QObject | None = None):
        super().__init__(parent)
        self._rounds = 0
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.collect)
        gc.disable()
        self._timer.start()

    def collect(self) -> None:
        """Collect each generation that is due by Python's own thresholds."""
        self._rounds += 1
        counts, thresholds = gc.get_count(), gc.get_threshold()
        if counts[2] > thresholds[2] and self._rounds >= OLDEST_EVERY:
            self._rounds = 0
            gc.collect(2)
        elif counts[1] > thresholds[1]:
            gc.collect(1)
        elif counts[0] > thresholds[0]:
            gc.collect(0)

    def stop(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        gc.enable()
