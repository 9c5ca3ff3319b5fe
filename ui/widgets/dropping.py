"""Places to drop files on."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame

from ui.i18n import tr
from ui.theme import color, px
from ui.widgets.basics import button, column, heading, muted


class DropArea(QFrame):
    """A place to drop files on; it says so, and lights up while they hover over it."""

    def __init__(self, on_files: Callable[[list[str]], object]):
        super().__init__()
        self.setAcceptDrops(True)
        self._on_files = on_files
        self.hot = False
        self.body = column(self, 8, 24)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_files(event):
            self._light(True)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._light(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._light(False)
        event.acceptProposedAction()
        self._on_files(local_files(event))

    def _light(self, hot: bool) -> None:
        self.hot = hot
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(color("accent_soft" if self.hot else "panel"))
        pen = QPen(color("accent" if self.hot else "muted"), px(2 if self.hot else 1), Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([5, 4])
        painter.setPen(pen)
        inside = self.rect().adjusted(px(1), px(1), -px(1), -px(1))
        painter.drawRoundedRect(inside, px(12), px(12))


def local_files(event: QDropEvent | QDragEnterEvent) -> list[str]:
    """The files that are dragged, as paths."""
    return [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]


class DropFiles(DropArea):
    """A place for data files, with a button for those who would rather choose them."""

    def __init__(self, on_files: Callable[[list[str]], object], on_choose: Callable[[], object]):
        super().__init__(on_files)
        words = heading(tr("Drop files here"))
        hint = muted(tr("The file to train on, and the eval set to protect if there is one."))
        self.body.addStretch(1)
        for shown in (words, hint):
            shown.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            shown.setFixedWidth(px(400))
            self.body.addWidget(shown, alignment=Qt.AlignmentFlag.AlignHCenter)
        self.body.addSpacing(px(8))
        self.choose = button(tr("Choose files…"), on_choose, "primary")
        self.body.addWidget(self.choose, alignment=Qt.AlignmentFlag.AlignHCenter)
        self.body.addStretch(1)
