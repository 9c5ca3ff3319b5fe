"""The guideline of a project beside the card: how reviewers are to decide, so that all decide alike."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QUrl
from PySide6.QtGui import QKeyEvent, QTextDocument
from PySide6.QtWidgets import QPlainTextEdit, QStackedWidget, QTextBrowser, QWidget

from ui.i18n import tr
from ui.theme import px
from ui.widgets.basics import Card, button, column, fill, heading, muted, named, row

MARKDOWN = QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML


class Guideline(Card):
    """Shows the guideline, and lets it be written. `on_save` is given the new text, `on_close` puts it away."""

    def __init__(self, on_save: Callable[[str], object], on_close: Callable[[], object]):
        super().__init__(margins=(16, 12, 16, 16))
        self._on_save = on_save
        self._text = ""
        self._fixed = False
        self.title = heading(tr("Guideline"))
        self.edit = button(tr("Edit"), self.begin_edit, "quiet", name=tr("Edit the guideline"))
        close = button(tr("Close"), on_close, "quiet", name=tr("Close the guideline"))
        top = row()
        fill(top, self.title, None, self.edit, close)
        self.body.addLayout(top)
        self.shown = _Reader()
        self.field = named(QPlainTextEdit(), tr("Guideline"))
        self.field.setPlaceholderText(tr("For example: a question about money that is on its way is refund_status."))
        self.field.setTabChangesFocus(True)
        self.field.installEventFilter(self)
        self.pages = QStackedWidget()
        for each in (self._empty(), self.shown, self._writing()):
            self.pages.addWidget(each)
        self.body.addWidget(self.pages, 1)
        self.show_text("")

    @property
    def editing(self) -> bool:
        return self.pages.currentIndex() == 2

    def show_text(self, text: str, version: int | None = None) -> None:
        """Show the guideline; one that is being written stays as it is. That of a round, which has a `version`, stays as
        it was when the round began."""
        self._text, self._fixed = text, version is not None
        self.title.setText(tr("Guideline, version {version}", version=version) if version else tr("Guideline"))
        self.write.setVisible(not self._fixed)
        if not self.editing:
            self._show()

    def begin_edit(self) -> None:
        self.field.setPlainText(self._text)
        self.pages.setCurrentIndex(2)
        self.edit.hide()
        self.field.setFocus()

    def save(self) -> None:
        text = self.field.toPlainText()
        self._text = text.strip()
        self._show()
        self._on_save(text)

    def cancel(self) -> None:
        self._show()

    def _show(self) -> None:
        # Shown as text alone: nothing in it is loaded or run.
        self.shown.document().setMarkdown(self._text, MARKDOWN)
        self.pages.setCurrentIndex(1 if self._text else 0)
        self.edit.setVisible(bool(self._text) and not self._fixed)

    def _empty(self) -> QWidget:
        made = QWidget()
        body = column(made, 12)
        said = muted(
            tr(
                "There is no guideline yet. Write down how to decide the doubtful cases, so that everybody decides alike. "
                "It is kept with the project."
            )
        )
        fill(body, said)
        self.write = button(tr("Write a guideline"), self.begin_edit)
        body.addWidget(self.write, alignment=Qt.AlignmentFlag.AlignLeft)
        body.addStretch(1)
        return made

    def _writing(self) -> QWidget:
        made = QWidget()
        body = column(made, 8)
        bottom = row()
        fill(
            bottom,
            muted(tr("Markdown"), wrap=False),
            None,
            button(tr("Cancel"), self.cancel),
            button(tr("Save"), self.save, "primary", tip=tr("Ctrl+Enter")),
        )
        body.addWidget(self.field, 1)
        body.addLayout(bottom)
        return made

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and isinstance(event, QKeyEvent):
            ctrl_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and (
                event.modifiers() & Qt.KeyboardModifier.ControlModifier
            )
            if event.type() is QEvent.Type.ShortcutOverride and ctrl_enter:
                event.accept()
                return True
            if event.type() is QEvent.Type.KeyPress and (ctrl_enter or event.key() == Qt.Key.Key_Escape):
                self.save() if ctrl_enter else self.cancel()
                return True
        return super().eventFilter(watched, event)


class _Reader(QTextBrowser):
    """Text to read; links are not followed and pictures not loaded."""

    def __init__(self) -> None:
        super().__init__()
        self.setOpenLinks(False)
        self.setAccessibleName(tr("Guideline"))
        self.document().setDocumentMargin(px(2))

    def loadResource(self, type: int, name: QUrl | str) -> None:
        """Nothing is ever loaded."""
        return
