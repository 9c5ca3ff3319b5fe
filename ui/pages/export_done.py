"""What was written: the folder, the splits, the proof that none leaks, and the files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QGridLayout, QScrollArea, QWidget

from ui.i18n import number, tr, trn
from ui.presenters.export import origin_words, part_of
from ui.presenters.export_done import Done
from ui.theme import icon, palette_series, px
from ui.widgets.bars import Part, StackBar
from ui.widgets.basics import (
    Badge,
    Card,
    button,
    clear,
    column,
    fill,
    heading,
    label,
    muted,
    named,
    row,
    tip_text,
    title,
)

Show = Callable[[Sequence[int], str], None]


class DonePanel(QScrollArea):
    """Shown after an export until somebody goes back. `on_back()`, `on_show(ids, title)`, `on_releases()` do what is asked."""

    def __init__(
        self,
        on_back: Callable[[], None],
        on_show: Show,
        on_trouble: Callable[[str], None],
        on_releases: Callable[[], None],
    ) -> None:
        super().__init__()
        self._on_back, self._on_show, self._on_trouble = on_back, on_show, on_trouble
        self._on_releases = on_releases
        named(self, tr("What was written"))
        self.setWidgetResizable(True)
        inside = QWidget()
        across = row(inside, 0, 24)
        held = QWidget()
        held.setMaximumWidth(px(920))
        self._body = column(held, 16)
        across.addStretch(1)
        across.addWidget(held, 20)
        across.addStretch(1)
        self.setWidget(inside)

    def show_done(self, done: Done) -> None:
        clear(self._body)
        fill(self._body, self._top(done), self._proof(done), self._files(done))
        if done.notes:
            self._body.addWidget(self._notes(done))
        self._body.addStretch(1)
        self.verticalScrollBar().setValue(0)
        self.folder.setFocus()

    def _top(self, done: Done) -> Card:
        made = Card(spacing=12, margins=24)
        first = row(spacing=12)
        if done.good:
            tick = label("")
            tick.setPixmap(icon("check", "good", 28).pixmap(px(28), px(28)))
            first.addWidget(tick)
        first.addWidget(title(done.title), 1)
        where = muted(" · ".join(part for part in (done.release, done.folder) if part))
        where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        bar, tones = StackBar(), palette_series(3)
        bar.show_parts([Part(one.title, one.count, tone) for one, tone in zip(done.splits, tones, strict=False)])
        total = sum(one.count for one in done.splits)
        splits = row(spacing=24)
        for one, tone in zip(done.splits, tones, strict=False):
            dot = QWidget()
            dot.setFixedSize(px(10), px(10))
            dot.setStyleSheet(f"background: {tone.name()}; border-radius: {px(5)}px;")
            part = row(spacing=8)
            fill(part, dot, label(one.title), label(part_of(one.count, total), "muted"))
            splits.addLayout(part)
        splits.addStretch(1)
        self.folder = button(tr("Open folder"), lambda: self._open(done.folder), "primary")
        self.report = button(tr("Open report"), lambda: self._open(done.report))
        self.back = button(tr("Back to the settings"), self._on_back)
        self.releases = button(tr("What changed"), self._on_releases, tip=tr("Compare it with the release before it"))
        ways = row(spacing=8)
        fill(ways, self.folder, self.report, self.releases, None, self.back)
        fill(made.body, first, where, bar, splits)
        if done.origins:
            made.body.addWidget(label(origin_words(done.origins), "muted", wrap=True))
        fill(made.body, 8, ways)
        return made

    def _proof(self, done: Done) -> Card:
        made = Card(margins=(24, 16, 24, 16))
        made.body.addWidget(heading(tr("Certificate")))
        made.body.addWidget(
            muted(tr("Measured on what was written: how near the splits come to each other and to the eval set."))
        )
        figures = row(spacing=24)
        for value, said in done.figures:
            one = column(spacing=0)
            fill(one, label(value, "title"), muted(said), None)
            figures.addLayout(one, 1)
        made.body.addSpacing(px(4))
        made.body.addLayout(figures)
        made.body.addSpacing(px(4))
        for text in done.proof:
            made.body.addWidget(label(text, wrap=True))
        if done.pair:
            both = tr("The two most alike in different splits")
            self.pair = button(tr("Show the two most alike"), lambda: self._on_show(done.pair, both), "link", name=both)
            made.body.addWidget(self.pair, alignment=Qt.AlignmentFlag.AlignLeft)
        return made

    def _files(self, done: Done) -> Card:
        made = Card(margins=(24, 16, 24, 16))
        made.body.addWidget(heading(tr("Files")))
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(24))
        grid.setVerticalSpacing(px(8))
        grid.setColumnStretch(0, 1)
        right = Qt.AlignmentFlag.AlignRight
        for at, text in enumerate((tr("File"), tr("Examples"), tr("Tokens"), tr("Provider's rules"))):
            grid.addWidget(label(text, "small"), 0, at, right if at in (1, 2) else Qt.AlignmentFlag.AlignLeft)
        for at, file in enumerate(done.files, 1):
            grid.addWidget(label(file.path), at, 0)
            grid.addWidget(label(number(file.rows)), at, 1, right)
            grid.addWidget(label(file.tokens), at, 2, right)
            problems = len(file.problems)
            said = trn("{n} problem", "{n} problems", problems) if problems else tr("kept")
            badge = Badge(said, "bad" if problems else "good")
            badge.setToolTip(tip_text("\n".join(file.problems[:20])))
            grid.addWidget(badge, at, 3)
        made.body.addLayout(grid)
        made.body.addWidget(
            muted(
                tr("Beside them: report.html, manifest.json, rows.jsonl, and excluded.jsonl with the reason of each.")
            )
        )
        return made

    def _notes(self, done: Done) -> Card:
        made = Card(margins=(24, 16, 24, 16))
        made.body.addWidget(heading(tr("Notes")))
        for text in done.notes:
            made.body.addWidget(label(text, wrap=True))
        return made

    def _open(self, path: str) -> None:
        if not Path(path).exists():
            self._on_trouble(tr("{path} is no longer there.", path=path))
        elif not QDesktopServices.openUrl(QUrl.fromLocalFile(path)):
            self._on_trouble(tr("No program was found to open {path}.", path=path))
