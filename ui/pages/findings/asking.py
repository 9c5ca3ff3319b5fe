"""Some thirty borderline findings, one at a time: is it right? Each answer is kept at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QWidget

from curator.model import Finding
from ui.context import Context
from ui.i18n import number, tr
from ui.pages.findings.bar import Bar
from ui.pages.findings.detail import Scrolled
from ui.pages.findings.making import body_of
from ui.presenters.findings import said_of
from ui.presenters.findings_cut import Asking
from ui.presenters.findings_deciding import score_text
from ui.presenters.words import check_title
from ui.widgets.basics import button, column, label, muted, row


class AskingPane(QWidget):
    """`answered(right)`: True, False, or None for "I cannot tell"; `back` to the one before; `ended` when one has enough."""

    answered = Signal(object)
    ended = Signal()

    def __init__(self, context: Context):
        super().__init__()
        self.context = context
        self.asking: Asking | None = None
        whole = column(self, 0)
        self.scroll = Scrolled()
        whole.addWidget(self.scroll, 1)
        bar = Bar()
        self.yes = button(tr("Right"), lambda: self.answered.emit(True), "primary", tip=tr("Y or Enter"))
        self.no = button(tr("Wrong"), lambda: self.answered.emit(False), tip=tr("N"))
        self.skip = button(tr("Cannot tell"), lambda: self.answered.emit(None), "quiet", tip=tr("S"))
        bar.add(self.yes, self.no, self.skip)
        enough = button(tr("That is enough"), self.ended.emit, "quiet", tip=tr("Esc: see what the verdicts come to"))
        keys = label(tr("Y right, N wrong, S cannot tell"), "small")
        bar.add_right(keys, enough)
        bar.parts.spare.append(keys)
        whole.addWidget(bar)

    def show_question(self, asking: Asking, finding: Finding, view: Any, names: Sequence[str]) -> None:
        """Ask about the current finding of `asking`."""
        self.asking = asking
        head = QWidget()
        body = column(head, 6)
        n, of = number(asking.place + 1), number(len(asking.questions))
        line = row(spacing=12)
        line.addWidget(label(tr("{check}: is this right?", check=check_title(asking.check)), "heading"))
        line.addStretch(1)
        line.addWidget(label(tr("{n} of {of}", n=n, of=of), "muted"))
        body.addLayout(line)
        bar = QProgressBar()
        bar.setTextVisible(False)
        bar.setRange(0, len(asking.questions))
        bar.setValue(asking.place)
        body.addWidget(bar)
        body.addWidget(label(said_of(finding), wrap=True))
        body.addWidget(muted(tr("score {score}", score=score_text(finding.score))))
        shown = body_of(self.context, finding, view, names)
        shown.only_read()
        # To be read here, not to be decided: yes and no say only whether the check was right.
        shown.decide.connect(
            lambda _make: self.context.tell(tr("Say right or wrong here; decide on it in the list of findings."))
        )
        self.scroll.show_only(head, shown)
