"""Where a check reports from: a slider with what it would report, the findings just above and below, and how it was set."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QProgressBar, QSlider, QWidget

from curator.model import Finding
from ui.i18n import number, tr
from ui.pages.findings.bar import Bar
from ui.pages.findings.detail import Scrolled
from ui.presenters.findings import said_of
from ui.presenters.findings_cut import Threshold, kept_text, position, score_at
from ui.presenters.findings_deciding import score_text
from ui.presenters.words import check_title
from ui.theme import px
from ui.widgets import basics
from ui.widgets.basics import Elided, button, clear, column, label, muted, named, row


class CutPane(QWidget):
    """The threshold of one check. `moved(score)` while the slider moves; `use(score)`, `ask`, `look`, `forget` and `closed`
    are what is asked for; `chosen(finding)` shows one of the findings at the cut."""

    use = Signal(float)
    ask = Signal()
    look = Signal()
    stop = Signal()
    forget = Signal()
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.held: Threshold | None = None
        whole = column(self, 0)
        self.scroll = Scrolled()
        whole.addWidget(self.scroll, 1)
        self.title = label("", "heading", wrap=True)
        self.kept = muted("")
        self.slider = named(QSlider(Qt.Orientation.Horizontal), tr("Score from which the check reports"))
        self.slider.setSingleStep(1)
        self.slider.setPageStep(10)
        self.slider.valueChanged.connect(lambda _value: self._show_cut())
        self.score = label("", "number")
        self.sentence = label("", wrap=True)
        self.around = QWidget()
        self._around = column(self.around, 6)
        self.result = column(spacing=4)
        self._wait = self._waiting()
        self.scroll.show_only(self.title, self.kept, self._moving(), self._wait, self.around)
        whole.addWidget(self._buttons())

    def _moving(self) -> QWidget:
        made = basics.card(spacing=12)
        line = row(spacing=24)
        line.addWidget(self.score)
        line.addWidget(self.sentence, 1)
        made.body.addLayout(line)
        made.body.addWidget(self.slider)
        ends = row(spacing=8)
        ends.addWidget(label(tr("reports more"), "small"))
        ends.addStretch(1)
        ends.addWidget(label(tr("reports the surest only"), "small"))
        made.body.addLayout(ends)
        made.body.addLayout(self.result)
        return made

    def _waiting(self) -> QWidget:
        made = basics.card("banner", 8, (16, 12, 16, 12))
        self.told = label("", wrap=True)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.again = button(tr("Look below the cut"), self.look.emit)
        self.end = button(tr("Stop"), self.stop.emit, "quiet")
        line = row(spacing=12)
        line.addWidget(self.told, 1)
        line.addWidget(self.again)
        line.addWidget(self.end)
        made.body.addLayout(line)
        made.body.addWidget(self.progress)
        return made

    def _buttons(self) -> QWidget:
        made = Bar()
        self.take = button(tr("Use this cut"), lambda: self.use.emit(self.cut), "primary")
        self.judge = button(
            tr("Judge 30 borderline"),
            self.ask.emit,
            tip=tr("Some thirty verdicts set the cut, and tell how sure it is"),
        )
        self.let_go = button(tr("Forget cut and verdicts"), self.forget.emit, "quiet")
        made.add(self.take, self.judge, self.let_go)
        made.add_right(button(tr("Back to the findings"), self.closed.emit, "quiet", tip=tr("Esc")))
        return made

    @property
    def cut(self) -> float:
        """Where the slider stands: exactly at the cut in force while nobody moved it."""
        if self.held is not None and self.slider.value() == position(self.held.now):
            return self.held.now
        return score_at(self.slider.value())

    def show_threshold(self, held: Threshold, *, stay: bool = False, said: Sequence[str] = ()) -> None:
        """`stay`: leave the slider where somebody moved it; `said`: what just came of it."""
        before = self.held
        moved = before is not None and before.check == held.check and self.slider.value() != position(before.now)
        at = self.slider.value() if stay and moved else position(held.now)
        self.held = held
        self.title.setText(tr("{check}: where it reports from", check=check_title(held.check)))
        self.kept.setText(kept_text(held.kept))
        self.slider.blockSignals(True)
        self.slider.setRange(position(held.lowest), position(1.0))
        self.slider.setValue(at)
        self.slider.blockSignals(False)
        clear(self.result)
        for sentence in said:
            self.result.addWidget(label(sentence, wrap=True))
        self.let_go.setVisible(held.kept is not None or held.verdicts > 0)
        self.show_looking(None)
        self._show_cut()

    def show_looking(self, progress: tuple[int, int, str] | None) -> None:
        """Where looking below the cut stands; None: it does not run."""
        assert self.held is not None
        running = progress is not None
        self._wait.setVisible(running or self.held.pool is None)
        self.progress.setVisible(running)
        self.end.setVisible(running)
        self.again.setVisible(not running)
        if progress is None:
            self.told.setText(
                tr("Only what the check reported is known yet. Look below the cut to see what a lower one would add.")
            )
        else:
            done, total, text = progress
            self.told.setText(tr("Looking for borderline findings: {what}", what=text))
            self.progress.setRange(0, max(0, total))
            self.progress.setValue(max(0, done))
        self.judge.setEnabled(self.held.pool is not None)
        self._show_take()

    def _show_take(self) -> None:
        assert self.held is not None
        self.take.setEnabled(self.held.pool is not None and self.cut != self.held.now)

    def _show_cut(self) -> None:
        held = self.held
        if held is None:
            return
        self.score.setText(number(self.cut, 3))
        self.sentence.setText(held.sentence(self.cut))
        self.slider.setAccessibleDescription(self.sentence.text())
        self._show_take()
        above, below = held.near(self.cut)
        clear(self._around)
        for title, some in ((tr("Just reported"), above), (tr("Just not reported"), below)):
            self._around.addWidget(label(title, "muted"))
            for finding in some:
                self._around.addWidget(_line(finding, held.excerpts[finding.id]))
            if not some:
                self._around.addWidget(label(tr("nothing"), "small"))
            self._around.addSpacing(px(8))


def _line(finding: Finding, text: str) -> QWidget:
    """A finding at the cut, briefly."""
    made = basics.card(spacing=2, margins=(12, 8, 12, 8))
    line = row(spacing=12)
    line.addWidget(Elided(text or tr("(empty)")), 1)
    line.addWidget(label(score_text(finding.score), "small"))
    made.body.addLayout(line)
    made.body.addWidget(Elided(said_of(finding), "small"))
    return made
