"""One module per page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from ui.actions import Action

if TYPE_CHECKING:
    from curator.store import Change
    from ui.context import Context


class Page(QWidget):
    """A page of the window. It is made when it is first shown, or its actions are first asked for."""

    name = ""

    def __init__(self, context: Context):
        super().__init__()
        self.context = context

    def arrive(self, **where: Any) -> None:
        """It becomes the current page; `where` says what to show."""

    def leave(self) -> None:
        """Another page becomes current."""

    def changed(self, change: Change) -> None:
        """Something in the project changed."""

    def guide_page(self) -> str:
        """The page of the guide that helps with what is shown now; "" for the one that helps on the page at all."""
        return ""

    def undo(self) -> bool:
        """Undo in the page's own way; False leaves it to the window."""
        return False

    def redo(self) -> bool:
        """Do again in the page's own way; False leaves it to the window."""
        return False

    def actions_here(self) -> list[Action]:
        """What can be done on this page; their keys work while it is shown."""
        return []


__all__ = ["Page"]
