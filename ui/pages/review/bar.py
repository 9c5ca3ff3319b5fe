"""The line above the cards: which queue, how far, how fast."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QProgressBar, QPushButton, QWidget

from curator.review.queue import Wanted
from ui.i18n import number, tr, trn
from ui.presenters.pace import Pace
from ui.presenters.review import Begun, Owed, Progress
from ui.presenters.words import check_title, round_title
from ui.theme import px
from ui.widgets.basics import Elided, button, column, label, named, row


class Bar(QWidget):
    """`on_filter` is given the queue that was chosen; `on_guideline` opens or closes the guideline."""

    def __init__(self, on_filter: Callable[[Wanted], object], on_guideline: Callable[[], object]):
        super().__init__()
        self._on_filter = on_filter
        self.queue = named(QComboBox(), tr("Which examples to review"))
        self.queue.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.queue.setMinimumContentsLength(22)
        self.queue.setToolTip(tr("What a minute is worth most on comes first."))
        self.queue.activated.connect(self._picked)
        self.progress = named(QProgressBar(), tr("Progress"))
        self.progress.setTextVisible(False)
        self.progress.setMinimumWidth(px(80))
        self.far = label("")
        self.pace = Elided("", "muted")
        self.pace.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.guideline: QPushButton = button(tr("Guideline"), on_guideline)
        self.guideline.setCheckable(True)
        self.guideline.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        middle = column(spacing=5)
        words = row(spacing=16)
        words.addWidget(self.far)
        words.addWidget(self.pace, 1)
        middle.addLayout(words)
        middle.addWidget(self.progress)
        body = row(self, 16)
        body.addWidget(self.queue)
        body.addLayout(middle, 1)
        body.addWidget(self.guideline)

    def show_queues(self, begun: Begun, title: str, *, rounds_only: bool) -> None:
        """The queues that there are, and which one this is; `title` names one of given examples."""
        listed = [] if rounds_only else _outright(begun)
        listed += [(_of_round(each), Wanted(round=each.round.id)) for each in begun.rounds]
        if begun.round is not None and all(wanted != begun.wanted for _, wanted in listed):
            listed.append((round_title(begun.round), begun.wanted))
        elif begun.wanted.ids is not None:
            listed.append((title or tr("Chosen examples"), begun.wanted))
        elif all(wanted != begun.wanted for _, wanted in listed):
            listed.append((check_title(begun.wanted.check or ""), begun.wanted))
        self.queue.clear()
        for text, wanted in listed:
            self.queue.addItem(text, wanted)
        self.queue.setCurrentIndex(next(at for at, (_, wanted) in enumerate(listed) if wanted == begun.wanted))

    def show_compact(self, compact: bool) -> None:
        """Where there is little room: the pace is in the tooltip of the progress alone."""
        self.pace.setVisible(not compact)
        self.queue.setMinimumContentsLength(12 if compact else 22)

    def _picked(self, at: int) -> None:
        wanted: Wanted = self.queue.itemData(at)
        self._on_filter(wanted)

    def show_progress(self, progress: Progress, pace: Pace, today: int, wanted: Wanted) -> None:
        self.progress.setRange(0, max(1, progress.total))
        self.progress.setValue(progress.decided)
        decided, total = number(progress.decided), number(progress.total)
        if wanted.round is not None:
            said = tr("Round: {decided} of {total}", decided=decided, total=total)
        elif progress.audit:
            said = tr("Audit sample: {decided} of {total}", decided=decided, total=total)
        elif wanted == Wanted() or wanted.check is not None:
            said = tr("With findings: {decided} of {total}", decided=decided, total=total)
        else:
            said = tr("{decided} of {total}", decided=decided, total=total)
        self.far.setText(said)
        told = [trn("{n} today", "{n} today", today)]
        if pace.seconds is not None:
            told.append(tr("{seconds} s a card", seconds=number(pace.seconds, 1 if pace.seconds < 10 else 0)))
        if pace.seconds is not None and progress.left:
            told.append(tr("{time} left", time=duration(pace.left(progress.left) or 0)))
        self.pace.setText(" · ".join(told))
        self.progress.setToolTip(self.pace.text())


def _outright(begun: Begun) -> list[tuple[str, Wanted]]:
    """The queues in which one decides outright."""
    return [
        (tr("Everything"), Wanted()),
        *((f"{check_title(name)} ({number(count)})", Wanted(check=name)) for name, count in begun.checks.items()),
        (tr("Flagged ({count})", count=number(begun.flagged)), Wanted(flagged=True)),
        (tr("Skipped by me ({count})", count=number(begun.skipped)), Wanted(skipped=True)),
    ]


def _of_round(owed: Owed) -> str:
    called = round_title(owed.round)
    return called if owed.left is None else tr("{round} ({left} left)", round=called, left=number(owed.left))


def duration(seconds: float) -> str:
    """A time to come, as roughly as one knows it."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return tr("less than a minute")
    if minutes < 90:
        return tr("about {minutes} min", minutes=number(minutes))
    return tr("about {hours} h", hours=number(minutes / 60, 1))
