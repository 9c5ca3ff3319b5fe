"""A page of cards: the card left, the decision right, and what one reads between them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QWidget

from ui.i18n import tr
from ui.pages import Page
from ui.pages.cards.buttons import ARROWS
from ui.pages.cards.editing import Editor
from ui.pages.cards.sitting import CardSitting
from ui.presenters import review
from ui.theme import px
from ui.widgets.basics import row

DECISION_SHARE = 0.3
LOW = 600
"""Below this height of the grid everything moves closer together."""
NARROW = 900
"""Below this width of the grid what stands beside the card stands under it."""


class CardPage(Page):
    """The card left, or the editor in its place; what one reads beside it; the decision right.

    A page gives the parts, and lays them out with `stand`.
    """

    sitting: CardSitting
    record: QWidget
    editor: Editor
    decision: QWidget
    decision_width: tuple[int, int]
    """The least and the most that the decisions take, of the 8-px grid."""
    low = LOW

    def stand(self, side: QWidget) -> QWidget:
        """The parts as they stand in a wide window, with `side` beside the card."""
        made = QWidget()
        self.left = QStackedWidget()
        self.left.addWidget(self.record)
        self.left.addWidget(self.editor)
        self.beside = QSplitter(Qt.Orientation.Horizontal)
        self.beside.setChildrenCollapsible(False)
        self.beside.setHandleWidth(px(12))
        self.beside.addWidget(self.left)
        self.beside.addWidget(side)
        self.beside.setStretchFactor(0, 3)
        self.beside.setStretchFactor(1, 2)
        across = row(made, 16)
        across.addWidget(self.beside, 1)
        across.addWidget(self.decision)
        return made

    def show_compact(self, compact: bool) -> None:
        """There is little height, or there is enough again."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        least, most = map(px, self.decision_width)
        self.decision.setFixedWidth(min(max(int(self.width() * DECISION_SHARE), least), most))
        compact = self.height() < px(self.low)
        self.show_compact(compact)
        self.layout().setContentsMargins(*(px(size) for size in ((16, 8, 16, 8) if compact else (24, 16, 24, 20))))
        self.layout().setSpacing(px(8 if compact else 16))
        beside = self.width() >= px(NARROW)
        self.beside.setOrientation(Qt.Orientation.Horizontal if beside else Qt.Orientation.Vertical)

    def take_keys(self) -> None:
        """Leave whatever field has the focus, so that single keys decide again."""
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setFocus()

    @property
    def editing(self) -> bool:
        return self.left.currentWidget() is self.editor

    def act(self, work: Callable[[], object]) -> None:
        """Do something about the card, unless an edit of it is open: that is saved or left first."""
        if self.editing:
            self.context.tell(tr("Save the edit (Ctrl+Enter) or leave it (Esc) first."))
            self.editor.edit_on()
            return
        self.sitting.act(work)

    def close_editor(self) -> None:
        """Show the card again in the place of the editor."""
        self.editor.example = None
        self.sitting.editing = False
        self.left.setCurrentWidget(self.record)
        self.take_keys()

    def key_of(self, id: str) -> str:
        """The key of an action as it is shown on its button; "" where it has none."""
        registry = self.context.registry
        keys = registry.keys(id) if id in registry else ()
        return ARROWS.get(keys[0], registry.shown_keys(id)) if keys else ""

    def title_of(self, id: str) -> str:
        """What an action does, "" where there is no such action."""
        return self.context.registry[id].title if id in self.context.registry else ""

    def save_guideline(self, text: str) -> None:
        """Keep what was written as the guideline of the project."""
        self.take_keys()
        self.context.need_session().write(lambda project: review.keep_guideline(project, text))
