"""What stands under the table: how many rows are chosen, and what to do with them; and the list of labels."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from ui.i18n import tr, trn
from ui.pages.cards.picker import LabelPicker
from ui.pages.examples.picking import Popup
from ui.presenters.examples import Detail, suggested_label
from ui.presenters.labels import Labels
from ui.theme import px
from ui.widgets.basics import button, label, spacer
from ui.widgets.flow import Flow

CHOSEN = ("keep", "drop", "flag", "relabel")


class SelectionBar(QWidget):
    """`act(id)` runs an action of the registry."""

    def __init__(self, act: Callable[[str], object]):
        super().__init__()
        self._act = act
        self._labelled = False
        body = Flow(self)
        self.said = label("", "muted")
        body.add(self.said)
        titles = {"keep": tr("Keep"), "drop": tr("Drop"), "flag": tr("Flag"), "relabel": tr("Relabel…")}
        self.buttons: dict[str, QPushButton] = {}
        for name in CHOSEN:
            made = button(titles[name], lambda name=name: act(f"examples.{name}"))
            made.setAccessibleName(tr("{action}: chosen rows", action=titles[name]))
            self.buttons[name] = made
            body.add(made)
        body.add(spacer(), grow=True)
        self.all = button("", self._open, "quiet", tip=tr("Keep, drop, flag or relabel everything that is shown"))
        body.add(self.all)

    def show_labels(self, found: Labels) -> None:
        self._labelled = bool(found)
        self.buttons["relabel"].setVisible(self._labelled and not self.buttons["keep"].isHidden())

    def show_selection(self, chosen: int, shown: int, alone: bool) -> None:
        """Buttons for several rows; for one they stand under the example, unless that is not shown (`alone`)."""
        several = chosen > 1
        self.said.setText(
            trn("{n} row chosen", "{n} rows chosen", chosen)
            if several
            else tr("Ctrl or Shift with a click chooses several")
        )
        for name, made in self.buttons.items():
            made.setVisible((several or (alone and chosen > 0)) and (name != "relabel" or self._labelled))
        self.all.setVisible(shown > 1)
        self.all.setText(trn("Decide on the one shown  ▾", "Decide on all {n} shown  ▾", shown))

    def _open(self) -> None:
        menu = QMenu(self)
        titles = {
            "keep": tr("Keep all…"),
            "drop": tr("Drop all…"),
            "flag": tr("Flag all…"),
            "relabel": tr("Relabel all…"),
        }
        for name in CHOSEN:
            if name != "relabel" or self._labelled:
                menu.addAction(titles[name], lambda name=name: self._act(f"examples.all_{name}"))
        at = self.all.mapToGlobal(self.all.rect().topLeft())
        at.setY(at.y() - menu.sizeHint().height() - px(4))
        menu.popup(at)


class LabelPopup(Popup):
    """The labels, nine on buttons and all by typing."""

    def __init__(self, under: QPushButton, labels: Labels, detail: Detail, then: Callable[[str], object]):
        super().__init__(under)
        self.picker = LabelPicker()
        self.picker.show_labels(labels)
        self.picker.show_card(detail.example.output, suggested_label(detail))
        for place, made in enumerate(self.picker.buttons, 1):
            made.show_key(str(place))
        self.picker.chosen.connect(lambda name: self._choose(name, then))
        self.picker.left.connect(self.close)
        self.picker.field.installEventFilter(self)
        self.picker.setFixedSize(px(280), px(440))
        self.body.addWidget(self.picker)

    def open(self) -> None:
        super().open()
        self.picker.field.setFocus() if not self.picker.field.isHidden() else self.picker.buttons[0].setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A number key chooses while nothing is typed, as it does without this list."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and not self.picker.field.text():
            place = event.key() - Qt.Key.Key_1
            if 0 <= place < len(self.picker.buttons):
                self.picker.buttons[place].click()
                return True
        return super().eventFilter(watched, event)

    def _choose(self, name: str, then: Callable[[str], object]) -> None:
        self.close()
        then(name)
