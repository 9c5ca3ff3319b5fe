"""Many findings of a check at once, with the effect told before it is done, and one undo after."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QLineEdit, QRadioButton, QSlider, QWidget

from curator.review.judging import Chosen
from ui.i18n import number, tr
from ui.pages.findings.bar import Bar
from ui.pages.findings.detail import Scrolled
from ui.presenters import findings_deciding as deciding
from ui.presenters.findings import Inbox
from ui.presenters.findings_cut import STEPS, position, score_at
from ui.presenters.words import check_title
from ui.theme import px
from ui.widgets import basics
from ui.widgets.basics import Banner, button, clear, column, label, muted, named, row


class ManyPane(QWidget):
    """`go(bulk, note)` does it."""

    go = Signal(object, str)
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.bulk: deciding.Bulk | None = None
        self._inbox: Inbox | None = None
        self._chosen: dict[bool, Chosen] = {}
        whole = column(self, 0)
        scroll = Scrolled()
        whole.addWidget(scroll, 1)
        self.title = label("", "heading", wrap=True)
        help = muted(tr("Only open findings are decided. What comes of it counts as no verdict on single findings."))
        scroll.show_only(self.title, help, self._form(), self._effect())
        whole.addWidget(self._buttons())

    def _form(self) -> QWidget:
        made = basics.card(spacing=12)
        self.accepting = QRadioButton(tr("Accept them: do what each proposes"))
        self.dismissing = QRadioButton(tr("Dismiss them: they are wrong, keep the examples"))
        group = QButtonGroup(self)
        for choice in (self.accepting, self.dismissing):
            group.addButton(choice)
            made.body.addWidget(choice)
            choice.toggled.connect(lambda on: self._show() if on else None)
        line = row(spacing=12)
        line.addWidget(label(tr("From score"), "muted"))
        self.slider = named(QSlider(Qt.Orientation.Horizontal), tr("From this score on"))
        self.slider.valueChanged.connect(lambda _value: self._show())
        self.score = label("")
        self.score.setMinimumWidth(px(48))
        line.addWidget(self.slider, 1)
        line.addWidget(self.score)
        made.body.addLayout(line)
        self.note = named(QLineEdit(), tr("Reason"))
        self.note.setPlaceholderText(tr("A reason, if you like"))
        made.body.addWidget(self.note)
        return made

    def _effect(self) -> QWidget:
        made = basics.card("sunken", 6)
        made.body.addWidget(label(tr("What it does"), "muted"))
        self._said = column(spacing=4)
        made.body.addLayout(self._said)
        return made

    def _buttons(self) -> QWidget:
        made = Bar()
        self.do = button(tr("Decide them"), self._go, "primary")
        made.add(self.do)
        made.add_right(button(tr("Back to the findings"), self.closed.emit, "quiet", tip=tr("Esc")))
        return made

    def show_check(self, inbox: Inbox, check: str, to_accept: Chosen, to_dismiss: Chosen) -> None:
        """Offer the findings of a check."""
        self._inbox = inbox
        self._chosen = {True: to_accept, False: to_dismiss}
        self.title.setText(tr("{check}: decide many at once", check=check_title(check)))
        scores = [f.score for f in to_dismiss.findings]
        self.slider.blockSignals(True)
        lowest = min((int(score * STEPS) for score in scores), default=0)
        self.slider.setRange(lowest, max((position(score) for score in scores), default=STEPS))
        self.slider.setValue(lowest)
        self.slider.setEnabled(len(set(scores)) > 1)
        self.slider.blockSignals(False)
        self.note.clear()
        self.accepting.setEnabled(bool(to_accept.findings))
        (self.accepting if to_accept.findings else self.dismissing).setChecked(True)
        self._show()

    def _show(self) -> None:
        if self._inbox is None:
            return
        accepting = self.accepting.isChecked()
        least = score_at(self.slider.value())
        self.score.setText(number(least, 3))
        self.bulk = deciding.bulk(self._inbox, self._chosen[accepting], accepting, least)
        clear(self._said)
        for sentence in self.bulk.sentences():
            self._said.addWidget(label(sentence, wrap=True))
        if self.bulk.problem:
            self._said.addWidget(Banner(self.bulk.problem, "warn"))
        self.do.setEnabled(bool(self.bulk.findings) and not self.bulk.problem)
        self.do.setText(tr("Decide {n}", n=number(len(self.bulk.findings))))

    def _go(self) -> None:
        if self.bulk is not None:
            self.go.emit(self.bulk, self.note.text().strip())
