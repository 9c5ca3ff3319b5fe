"""What people prefer: the answers of both models judged side by side, blind, in a round of their own project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.context import Context
from ui.i18n import tr
from ui.presenters.compare import Files
from ui.widgets.basics import Card, fill, heading, muted

if TYPE_CHECKING:
    from curator.store import Change


class PeopleCard(Card):
    """Says how people come to judge; shown once something was compared."""

    def __init__(self, context: Context) -> None:
        super().__init__(spacing=8, margins=(24, 16, 24, 16))
        self._context = context
        self.files: Files | None = None
        self.said = muted(
            tr(
                "Figures hold answers against one reference; whether an answer is good people see. They judge both answers side by "
                "side without knowing which model gave which, in a round like any other: with keys, by mail, with agreement."
            )
        )
        fill(self.body, heading(tr("People's preference")), self.said)
        self.hide()

    def look(self) -> None:
        """The page is shown."""

    def changed(self, change: Change) -> None:
        """Something in the open project changed."""

    def compared(self, files: Files) -> None:
        """These files were compared."""
        self.files = files
        self.show()
