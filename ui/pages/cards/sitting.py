"""A sitting at cards: the keys that wait while something is written."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from shiboken6 import isValid

from curator.errors import CuratorError
from ui.context import Context


class CardSitting(QObject):
    """Which keys wait. What is decided is on disk before the next card is shown; keys that are pressed meanwhile meet the card
    that they would have met had everything been instant."""

    def __init__(self, context: Context, parent: QObject):
        super().__init__(parent)
        self._context = context
        self.reviewer = ""
        self.editing = False
        """The card that is shown is being edited: what others do does not take it away."""
        self._busy = False
        self._starting = False
        """The first card was not shown yet: keys that are pressed now can mean no card."""
        self._waiting: deque[Callable[[], object]] = deque()
        self._own: set[int] = set()
        """Entries of the journal that come from here."""

    @property
    def busy(self) -> bool:
        """Whether something is being written or read, so that keys wait."""
        return self._busy

    def start_again(self) -> None:
        """Begin anew with what was wanted, for whoever sits here now."""

    def act(self, work: Callable[[], object]) -> None:
        """Do something about the card that is shown, or about the next one where a decision is being written."""
        if self._starting:
            return
        if self._context.need_session().reviewer != self.reviewer:
            # Somebody else sits here now: what is shown was chosen by another.
            self.start_again()
        elif self._busy:
            self._waiting.append(work)
        else:
            work()

    def let_go(self) -> None:
        """A field opens for the card: keys that were pressed behind the one that opened it were typed for the field, and
        decide nothing."""
        self._waiting.clear()

    def _next_waiting(self) -> None:
        if self._waiting and not self._busy:
            QTimer.singleShot(0, self, self._do_waiting)

    def _do_waiting(self) -> None:
        if self._waiting and not self._busy:
            self._waiting.popleft()()
            self._next_waiting()

    def _not_written(self, error: CuratorError) -> None:
        """The card stays; keys that were meant for the cards after it are let go."""
        if isValid(self):
            self._busy = False
            self._waiting.clear()
        self._context.trouble(str(error))

    def _refused(self, error: CuratorError) -> None:
        """There is nothing to undo or to do again."""
        if isValid(self):
            self._busy = False
            self._context.tell(str(error))
            self._next_waiting()
