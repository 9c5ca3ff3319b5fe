"""A page of Markdown to be read, in measured lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QResizeEvent, QTextCharFormat, QTextOption
from PySide6.QtWidgets import QTextBrowser, QTextEdit

from ui.presenters.guide_html import Look, to_html
from ui.theme import color, css, current, mono, px

WIDTH = 640
"""Pixels of a line before scaling: some 75 letters of the ordinary font."""
MARGIN = 40


class ArticleView(QTextBrowser):
    """Shows one page at a time; links are told, not followed."""

    followed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setOpenLinks(False)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setLineWrapMode(QTextEdit.LineWrapMode.FixedPixelWidth)
        self._measure()
        self.anchorClicked.connect(lambda url: self.followed.emit(url.toString()))
        self.highlighted.connect(self._tell_address)

    def show_text(self, markdown: str, words: Sequence[str] = ()) -> None:
        """Show a page from its top; `words` are marked where one begins so."""
        self.setHtml(to_html(markdown, _look()))
        root = self.document().rootFrame()
        around = root.frameFormat()
        around.setTopMargin(px(8))
        around.setBottomMargin(px(64))
        margin = min(px(MARGIN), self.viewport().width() // 12)
        around.setLeftMargin(margin)
        around.setRightMargin(margin)
        root.setFrameFormat(around)
        self.verticalScrollBar().setValue(0)
        self.setExtraSelections(list(self._marks(words)))

    def _measure(self) -> None:
        """A line is as long as reads well, or as there is room for."""
        self.setLineWrapColumnOrWidth(max(px(160), min(px(WIDTH + 2 * MARGIN), self.viewport().width())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._measure()

    def show_heading(self, name: str) -> None:
        """Scroll to the heading that a link names; stay at the top where there is none."""
        self.scrollToAnchor(name)

    def setSource(self, _name: QUrl, *_type: object) -> None:  # type: ignore[override]
        """Nothing is loaded from anywhere: pages are given as text."""

    def _tell_address(self, url: QUrl) -> None:
        """Where a link leads out of the guide, its address is shown before it is clicked."""
        self.viewport().setToolTip(url.toString() if url.scheme() else "")

    def _marks(self, words: Sequence[str]) -> Iterator[QTextEdit.ExtraSelection]:
        look = QTextCharFormat()
        look.setBackground(color("match"))
        for word in words:
            at = self.document().find(word)
            while not at.isNull():
                if self._begins_word(at.selectionStart()):
                    mark = QTextEdit.ExtraSelection()
                    mark.cursor, mark.format = at, look  # type: ignore[attr-defined]
                    yield mark
                at = self.document().find(word, at)

    def _begins_word(self, place: int) -> bool:
        return place == 0 or not str(self.document().characterAt(place - 1)).isalnum()


def _look() -> Look:
    names = ("text", "muted", "accent", "line", "sunken")
    colors = {name: css(name) for name in names}
    return Look(**colors, soft=css("accent_soft"), mono=mono().family(), size=mono().pointSizeF(), unit=current().scale)
