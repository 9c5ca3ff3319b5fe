"""Which formats take the example that is looked at: a line that opens."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ui.i18n import tr
from ui.presenters.providers import OfProviders
from ui.widgets.basics import Badge, button, button_text, clear, column, label, muted, row


class Providers(QWidget):
    """Folded at first; nothing is asked until it is opened. `asked`: it wants to know of the example that is shown."""

    asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.head = button("", None, "quiet", name=tr("Which formats take this example"))
        self.head.setCheckable(True)
        self.head.toggled.connect(self._open)
        self.said = muted("", wrap=False)
        line = row(spacing=8)
        line.addWidget(self.head)
        line.addWidget(self.said, 1)
        self._inside = QWidget()
        self._list = column(self._inside, 6)
        body = column(self, 4)
        body.addLayout(line)
        body.addWidget(self._inside)
        self._open(False)

    @property
    def opened(self) -> bool:
        return self.head.isChecked()

    def _open(self, on: bool) -> None:
        self.head.setText(button_text(f"{'▾' if on else '▸'}  {tr('Providers')}"))
        self._inside.setVisible(on)
        if on:
            self.asked.emit()

    def another(self) -> None:
        """Another example is shown."""
        self.said.clear()
        clear(self._list)
        if self.opened:
            self.asked.emit()

    def show_asked(self, found: OfProviders) -> None:
        clear(self._list)
        self.said.setText(found.line)
        for one in found.refuses:
            line = row(spacing=8)
            line.addWidget(Badge(tr("refuses"), "bad"))
            line.addWidget(label(f"{one.title}: {one.why}", wrap=True), 1)
            self._list.addLayout(line)
            if one.mend:
                self._list.addWidget(muted(tr("Mended on export by: {fix}", fix=one.mend)))
        if found.takes:
            line = row(spacing=8)
            line.addWidget(Badge(tr("takes it"), "good"))
            line.addWidget(label(", ".join(found.takes), wrap=True), 1)
            self._list.addLayout(line)
