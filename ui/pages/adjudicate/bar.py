"""The line above the disputes: which ones, how far, and what can stand beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QProgressBar, QPushButton, QWidget

from ui.i18n import number, tr
from ui.presenters.adjudicate import Wanted
from ui.theme import px
from ui.widgets.basics import Elided, button, column, label, named, row

SIDES = ("guideline", "gaps", "settle")


class Bar(QWidget):
    """`on_queue` is given the disputes that were chosen, `on_side` the name of what is to stand beside them, `on_names` shows or
    hides the reviewers' names."""

    def __init__(
        self, on_queue: Callable[[Wanted], object], on_side: Callable[[str], object], on_names: Callable[[], object]
    ):
        super().__init__()
        self._on_queue = on_queue
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
        self.far = label("")
        self.standing = Elided("", "muted")
        self.standing.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.names = self._toggle(tr("Hide names"), on_names)
        self.sides: dict[str, QPushButton] = {}
        titles = {"guideline": tr("Guideline"), "gaps": tr("Gaps"), "settle": tr("Settle")}
        for name in SIDES:
            self.sides[name] = self._toggle(titles[name], lambda name=name: on_side(name))
        middle, words = column(spacing=5), row(spacing=16)
        words.addWidget(self.far)
        words.addWidget(self.standing, 1)
        middle.addLayout(words)
        middle.addWidget(self.progress)
        body = row(self, 12)
        body.addWidget(self.queue)
        body.addLayout(middle, 1)
        body.addWidget(self.names)
        for made in self.sides.values():
            body.addWidget(made)

    @staticmethod
    def _toggle(text: str, run: Callable[[], object]) -> QPushButton:
        made = button(text, run)
        made.setCheckable(True)
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return made

    def show_keys(self, key_of: Callable[[str], str]) -> None:
        """The keys in force."""
        titles = {"guideline": tr("Guideline"), "settle": tr("Settle")}
        for name, title in titles.items():
            self._name(self.sides[name], title, key_of(f"adjudicate.{name}"))
        self._name(self.names, tr("Hide names"), key_of("adjudicate.names"))

    def show_gaps(self, count: int, key: str) -> None:
        """How many gaps of the guideline are known."""
        title = tr("Gaps ({count})", count=number(count)) if count else tr("Gaps")
        self._name(self.sides["gaps"], title, key)

    @staticmethod
    def _name(made: QPushButton, title: str, key: str) -> None:
        made.setText(f"{title}  {key}" if key else title)
        made.setAccessibleName(title)

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

    def show_compact(self, compact: bool) -> None:
        """Where there is little room: where the round stands is in the tooltip of the progress alone."""
        self.standing.setVisible(not compact)
        self.progress.setToolTip(self.standing.text())
        self.queue.setMinimumContentsLength(12 if compact else 22)

    def show_side(self, shown: str) -> None:
        """What stands beside the disputes; "" for nothing."""
        for name, made in self.sides.items():
            made.setChecked(name == shown)
