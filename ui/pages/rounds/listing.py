"""The list of rounds, the newest first, each with how far it is."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QProgressBar, QPushButton, QSizePolicy, QWidget

from ui.i18n import number, tr
from ui.presenters.rounds import Line, Listed
from ui.theme import px
from ui.widgets.basics import Badge, Elided, Scroll, button, clear, column, fill, named, row

BESIDE, ABOVE = 272, 140
QWIDGETSIZE_MAX = 16_777_215


class RoundButton(QPushButton):
    """One round: its name, whether it is open, and a bar."""

    def __init__(self, on_choose: Callable[[], object]) -> None:
        super().__init__()
        self.setProperty("kind", "choice")
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.clicked.connect(lambda _checked=False: on_choose())
        self.clicked.connect(lambda _checked=False: self.setChecked(True))
        inside = column(self, 4, (12, 10, 12, 10))
        top, bottom = row(spacing=8), row(spacing=8)
        self.title, self.state = Elided(), Badge("")
        self.people, self.far = Elided("", "muted"), Elided("", "muted")
        self.far.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.bar = progress_bar()
        top.addWidget(self.title, 1)
        top.addWidget(self.state)
        bottom.addWidget(self.people, 3)
        bottom.addWidget(self.far, 2)
        inside.addLayout(top)
        inside.addWidget(self.bar)
        inside.addLayout(bottom)
        for part in (self.title, self.state, self.people, self.far, self.bar):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        # The style sheet's least height of a button is that of one line; padding and border come on top of it.
        self.setStyleSheet(f"RoundButton {{ min-height: {inside.sizeHint().height() - px(22)}px; }}")

    def sizeHint(self) -> QSize:
        return self.layout().sizeHint()

    def minimumSizeHint(self) -> QSize:
        return QSize(px(120), self.layout().minimumSize().height())

    def show_line(self, line: Line) -> None:
        self.title.setText(line.title)
        self.state.show_text(line.state, line.tone)
        self.people.setText(line.people)
        self.far.setText(tr("{done} of {all}", done=number(line.done), all=number(line.looks)))
        self.bar.setValue(line.percent)
        named(self, f"{line.title}, {line.state}, {line.percent}%")


class RoundList(QWidget):
    """The rounds to choose from, and the way to a new one. `on_choose(id)`, `on_new()`."""

    def __init__(self, on_choose: Callable[[str], object], on_new: Callable[[], object]) -> None:
        super().__init__()
        self._on_choose = on_choose
        self._buttons: dict[str, RoundButton] = {}
        self.new = button(tr("New round"), on_new, "primary", tip=tr("Choose what is reviewed, and by whom"))
        self._list = column(spacing=8)
        inside = QWidget()
        fill(column(inside), self._list, None)
        whole = column(self, 12)
        whole.addWidget(self.new)
        self._scroll = named(Scroll(inside), tr("Rounds"))
        whole.addWidget(self._scroll, 1)
        self.stand(above=False)

    def stand(self, *, above: bool) -> None:
        """Beside the round; where the window is narrow above it, where one is in sight and the others by scrolling."""
        self.setFixedSize(QWIDGETSIZE_MAX, QWIDGETSIZE_MAX)  # neither is fixed any more
        self.setMinimumSize(0, 0)
        if above:
            self.setFixedHeight(px(ABOVE))
        else:
            self.setFixedWidth(px(BESIDE))

    def show_rounds(self, listed: Listed, chosen: str | None) -> None:
        self.new.setVisible(listed.bound is None)
        if [line.id for line in listed.lines] != list(self._buttons):
            clear(self._list)
            self._buttons = {}
            for line in listed.lines:
                made = RoundButton(lambda id=line.id: self._on_choose(id))  # type: ignore[misc]
                self._buttons[line.id] = made
                self._list.addWidget(made)
        for line in listed.lines:
            self._buttons[line.id].show_line(line)
        self.choose(chosen)

    def choose(self, chosen: str | None) -> None:
        """Mark the round that is shown; None: a new one is being made."""
        for id, made in self._buttons.items():
            found = id == chosen and not made.isChecked()
            made.setChecked(id == chosen)
            if found:
                self._scroll.ensureWidgetVisible(made)

    def step(self, by: int) -> str | None:
        """The round before or after the one that is chosen, None at the end."""
        ids = list(self._buttons)
        at = next((at for at, id in enumerate(ids) if self._buttons[id].isChecked()), -1)
        return ids[at + by] if 0 <= at + by < len(ids) else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        to = self.step(steps[event.key()]) if event.key() in steps else None  # type: ignore[index]
        if to is None:
            super().keyPressEvent(event)
            return
        self._on_choose(to)
        self._buttons[to].setFocus()


def progress_bar() -> QProgressBar:
    """How far something is, from 0 to 100."""
    made = QProgressBar()
    made.setRange(0, 100)
    made.setTextVisible(False)
    made.setFixedHeight(px(8))
    return made
