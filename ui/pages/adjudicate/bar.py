"""The line above the disputes: which ones, how far, and what can stand beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QComboBox, QMenu, QProgressBar, QPushButton, QWidget

from ui.i18n import number, tr
from ui.pages.cards.buttons import show
from ui.presenters.adjudicate import Wanted
from ui.theme import px
from ui.widgets.basics import Elided, button, column, named, row

SIDES = ("guideline", "gaps", "settle")


MOST = 16_777_215
WIDE, MIDDLING = 1_120, 860
"""Width of the 8-px grid from which the buttons name their keys, and from which there are buttons at all, not a menu."""


class Bar(QWidget):
    """`on_queue` is given the disputes that were chosen, `on_side` the name of what is to stand beside them, `on_names` shows or
    hides the reviewers' names."""

    def __init__(
        self, on_queue: Callable[[Wanted], object], on_side: Callable[[str], object], on_names: Callable[[], object]
    ):
        super().__init__()
        self._on_queue = on_queue
        self._keys: dict[str, str] = {}
        self._gaps = 0
        self.queue = named(QComboBox(), tr("Which disagreements to decide"))
        self.queue.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.queue.setMinimumContentsLength(22)
        self.queue.setToolTip(
            tr("The most informative come first: what the votes leave most open, and what is confused most often.")
        )
        self.queue.activated.connect(lambda at: self._on_queue(self.queue.itemData(at)))
        self.progress = named(QProgressBar(), tr("Progress"))
        self.progress.setTextVisible(False)
        self.progress.setMinimumWidth(px(64))
        self.far = Elided("")
        self.standing = Elided("", "muted")
        self.standing.setAlignment(Qt.AlignmentFlag.AlignRight)
        runs = {"names": on_names, **{name: lambda name=name: on_side(name) for name in SIDES}}
        self.buttons = {name: self._toggle(run) for name, run in runs.items()}
        self.menu = QMenu(self)
        self.entries: dict[str, QAction] = {}
        for name, run in runs.items():
            self.entries[name] = self.menu.addAction("")
            self.entries[name].setCheckable(True)
            self.entries[name].triggered.connect(lambda _checked=False, run=run: run())
        self.more = button(tr("More"), name=tr("What can stand beside the disputes"))
        self.more.setMenu(self.menu)
        self.more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.more.hide()
        middle, words = column(spacing=5), row(spacing=16)
        words.addWidget(self.far, 2)
        words.addWidget(self.standing, 3)
        middle.addLayout(words)
        middle.addWidget(self.progress)
        body = row(self, 12)
        body.addWidget(self.queue)
        body.addLayout(middle, 1)
        for made in (*self.buttons.values(), self.more):
            body.addWidget(made)

    @staticmethod
    def _toggle(run: Callable[[], object]) -> QPushButton:
        made = button("", run)
        made.setCheckable(True)
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return made

    def show_keys(self, key_of: Callable[[str], str]) -> None:
        """The keys in force."""
        self._keys = {name: key_of(f"adjudicate.{name}") for name in self.buttons}
        self._name()

    def show_gaps(self, count: int) -> None:
        """How many gaps of the guideline are known."""
        self._gaps = count
        self._name()

    def _name(self) -> None:
        titles = {
            "names": tr("Hide names"),
            "guideline": tr("Guideline"),
            "gaps": tr("Gaps ({count})", count=number(self._gaps)) if self._gaps else tr("Gaps"),
            "settle": tr("Settle"),
        }
        with_keys = self.width() >= px(WIDE)
        for name, made in self.buttons.items():
            key = self._keys.get(name, "")
            made.setText(f"{titles[name]}  {key}" if key and with_keys else titles[name])
            made.setAccessibleName(titles[name])
            made.setToolTip(key)
            # Not as a shortcut: the page's own keys are it.
            self.entries[name].setText(f"{titles[name]}\t{key}" if key else titles[name])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange(self.width())

    def arrange(self, width: int) -> None:
        """Where there is little room, a menu in the place of buttons; where the rounds stand is in the tooltip alone."""
        roomy, middling = width >= px(WIDE), width >= px(MIDDLING)
        for made in self.buttons.values():
            show(made, middling)
        show(self.more, not middling)
        show(self.standing, roomy)
        self.queue.setMaximumWidth(px(190) if middling and not roomy else MOST)
        self._name()

    def show_queues(self, listed: Sequence[tuple[str, Wanted]], chosen: Wanted) -> None:
        self.queue.clear()
        for text, wanted in listed:
            self.queue.addItem(text, wanted)
        self.queue.setCurrentIndex(next((at for at, (_, wanted) in enumerate(listed) if wanted == chosen), 0))

    def show_progress(self, decided: int, total: int, standing: str) -> None:
        self.progress.setRange(0, max(1, total))
        self.progress.setValue(decided)
        self.far.setText(tr("{decided} of {total} adjudicated", decided=number(decided), total=number(total)))
        self.standing.setText(standing)
        self.progress.setToolTip(standing)

    def show_toggles(self, side: str, names_hidden: bool) -> None:
        """What stands beside the disputes ("" for nothing), and whether letters stand for names."""
        for name, made in self.buttons.items():
            checked = names_hidden if name == "names" else name == side
            made.setChecked(checked)
            self.entries[name].setChecked(checked)
