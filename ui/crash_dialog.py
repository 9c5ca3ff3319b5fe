"""Shown at the start after a crash."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QDialog, QPlainTextEdit, QWidget

from ui.i18n import tr
from ui.theme import mono, px
from ui.widgets.basics import button, column, heading, muted, named, row


class CrashDialog(QDialog):
    """The report of an earlier crash, to copy and send."""

    def __init__(self, parent: QWidget, text: str):
        super().__init__(parent)
        self.setWindowTitle(tr("Curator ended unexpectedly"))
        self.resize(px(720), px(480))
        body = column(self, 12, 24)
        body.addWidget(heading(tr("Curator ended unexpectedly last time")))
        body.addWidget(
            muted(
                tr(
                    "Every decision that was shown as taken is kept. The report below names places in the program and may "
                    "quote a piece of a text: look through it, copy it, and send it to the project’s issue tracker."
                )
            )
        )
        self.text = named(QPlainTextEdit(text), tr("Crash report"))
        self.text.setReadOnly(True)
        self.text.setFont(mono())
        body.addWidget(self.text, 1)
        bottom = row(spacing=8)
        bottom.addWidget(button(tr("Copy"), self._copy))
        bottom.addStretch(1)
        bottom.addWidget(button(tr("Close"), self.accept, "primary"))
        body.addLayout(bottom)

    def _copy(self) -> None:
        QApplication.clipboard().setText(self.text.toPlainText())
