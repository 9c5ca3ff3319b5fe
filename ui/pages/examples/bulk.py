"""One decision on many examples: its effect is shown before it is made."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtWidgets import QComboBox, QCompleter, QDialog, QLineEdit, QWidget

from curator.catalogue import Catalogue
from curator.model import Verdict
from ui.context import Context
from ui.i18n import number, tr, trn
from ui.jobs import Job
from ui.presenters.examples_bulk import LABELS_SHOWN, Bulk, Effect, bulk
from ui.presenters.labels import Labels
from ui.theme import px
from ui.widgets import basics
from ui.widgets.basics import button, clear, column, label, muted, named, row

COUNTED = 200_000
"""Beyond so many examples the effective size is not counted before: it would take longer than one waits."""


class BulkDialog(QDialog):
    """`bulk` is what is to be done once it was accepted, `note` why."""

    def __init__(
        self,
        context: Context,
        rows: Catalogue,
        ids: np.ndarray,
        verdict: Verdict,
        labels: Labels,
        parent: QWidget,
        value: str | None = None,
    ):
        super().__init__(parent)
        self._context, self._rows, self._ids, self._verdict = context, rows, ids, verdict
        self._job: Job | None = None
        self.bulk: Bulk | None = None
        self.label_box: QComboBox | None = None
        titles = {
            Verdict.KEEP: trn("Keep {n} example", "Keep {n} examples", len(ids)),
            Verdict.DROP: trn("Drop {n} example", "Drop {n} examples", len(ids)),
            Verdict.FLAG: trn("Flag {n} example", "Flag {n} examples", len(ids)),
            Verdict.RELABEL: trn("Relabel {n} example", "Relabel {n} examples", len(ids)),
        }
        self.setWindowTitle(titles[verdict])
        self.setMinimumWidth(px(480))
        body = column(self, 12, 24)
        body.addWidget(basics.title(titles[verdict]))
        if verdict is Verdict.RELABEL:
            body.addWidget(label(tr("New label")))
            self.label_box = self._labels(labels, value)
            body.addWidget(self.label_box)
        effect = basics.card("sunken", 6)
        effect.body.addWidget(label(tr("What it does"), "muted"))
        self._said, self._sizes = column(spacing=4), column(spacing=4)
        effect.body.addLayout(self._said)
        effect.body.addWidget(basics.separator())
        effect.body.addLayout(self._sizes)
        body.addWidget(effect)
        self.note = named(QLineEdit(), tr("Reason"))
        self.note.setPlaceholderText(tr("A reason, if you like"))
        body.addWidget(self.note)
        body.addWidget(muted(tr("One undo takes all of it back.")))
        bottom = row()
        bottom.addStretch(1)
        bottom.addWidget(button(tr("Cancel"), self.reject))
        self.do = button("", self.accept, "primary")
        self.do.setDefault(True)
        bottom.addWidget(self.do)
        body.addLayout(bottom)
        self.finished.connect(self._stop)
        self._show()

    def _labels(self, labels: Labels, value: str | None) -> QComboBox:
        made = named(QComboBox(), tr("New label"))
        made.setEditable(True)
        made.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        names = [one.name for one in labels.listed]
        made.addItems(names)
        completer = QCompleter(QStringListModel(names, made), made)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        made.setCompleter(completer)
        made.setCurrentText(value or "")
        line = made.lineEdit()
        assert line is not None
        line.setPlaceholderText(tr("Find a label"))
        made.currentTextChanged.connect(lambda _text: self._show())
        return made

    @property
    def value(self) -> str | None:
        return self.label_box.currentText().strip() if self.label_box is not None else None

    def _show(self) -> None:
        value = self.value
        self.bulk = bulk(self._rows, self._ids, self._verdict, value, self._context.need_session().reviewer)
        clear(self._said)
        new = self._verdict is Verdict.RELABEL and bool(value) and value not in self._rows.labels
        for sentence in self.bulk.sentences():
            self._said.addWidget(label(sentence, wrap=True))
        for name, count in (
            list(self.bulk.from_labels.items())[:LABELS_SHOWN] if self._verdict is Verdict.RELABEL else ()
        ):
            self._said.addWidget(muted(tr("{n} were “{label}”", n=number(count), label=name)))
        if new:
            self._said.addWidget(label(tr("“{label}” is a new label: no example has it yet.", label=value), wrap=True))
        n = len(self.bulk.ids)
        words = {
            Verdict.KEEP: tr("Keep {n}", n=number(n)),
            Verdict.DROP: tr("Drop {n}", n=number(n)),
            Verdict.FLAG: tr("Flag {n}", n=number(n)),
            Verdict.RELABEL: tr("Relabel {n}", n=number(n)),
        }
        self.do.setText(words[self._verdict])
        self.do.setEnabled(n > 0 and (self._verdict is not Verdict.RELABEL or bool(value)))
        self._count()

    def _count(self) -> None:
        """Ask the child process for the effective size before and after."""
        self._stop()
        if self.bulk is None or not len(self.bulk.ids) or (self._verdict is Verdict.RELABEL and not self.value):
            self._say([tr("The effective size stays as it is.")])
            return
        if len(self._rows) > COUNTED:
            self._say([tr("The Overview tells the effective size once it is done.")])
            return
        self._say([tr("Counting the effective size …")])
        asked = {
            "examples": self.bulk.ids.tolist(),
            "verdict": str(self._verdict),
            "value": self.value,
            "reviewer": self._context.need_session().reviewer,
        }
        self._job = self._context.jobs.start(
            "effect",
            asked,
            done=lambda told: self._say(Effect.of(told).sentences()),
            failed=lambda said: self._say([said]),
            lane="side",
            quiet=True,
            replace="effect",
        )

    def _say(self, sentences: list[str]) -> None:
        clear(self._sizes)
        for at, sentence in enumerate(sentences):
            self._sizes.addWidget(label(sentence, "" if at == 0 else "muted", wrap=True))

    def _stop(self) -> None:
        if self._job is not None and self._job.running:
            self._job.cancel()
        self._job = None
