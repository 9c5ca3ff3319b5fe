"""The files of a comparison: three places to drop them on or to choose them for, and three more for general tasks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QBoxLayout, QCheckBox, QDoubleSpinBox, QFileDialog, QWidget

from ui.context import Context
from ui.i18n import language, tr, trn
from ui.presenters import compare as presenter
from ui.presenters.compare import Files
from ui.theme import color, px
from ui.widgets.basics import Card, Elided, button, column, fill, label, muted, named, row, tip_text
from ui.widgets.dropping import DropArea


class Slot(DropArea):
    """A place for one file, with what it is for and how to choose it."""

    def __init__(
        self, title: str, hint: str, on_files: Callable[[list[str]], object], on_choose: Callable[[], object]
    ) -> None:
        super().__init__(on_files)
        self.body.setContentsMargins(px(16), px(12), px(16), px(12))
        self.body.setSpacing(px(4))
        self.full = False
        self.file = Elided("", "", Qt.TextElideMode.ElideMiddle)
        self.file.setStyleSheet("font-weight: 600;")
        self.hint = muted(hint)
        self.choose = button(tr("Choose…"), on_choose, name=tr("Choose: {title}", title=title))
        self.clear_it = button(tr("Remove"), lambda: on_files([""]), "quiet", name=tr("Remove: {title}", title=title))
        below = row(spacing=8)
        fill(below, self.choose, self.clear_it, None)
        fill(self.body, label(title, "small"), self.file, self.hint, None, below)
        self.setMinimumWidth(px(200))

    def show_file(self, path: str, instead: str = "") -> None:
        """The file that is chosen; `instead`: what serves where none is."""
        self.file.setText(presenter.file_name(path) if path else instead)
        self.file.setToolTip(tip_text(path))
        self.file.setVisible(bool(path or instead))
        self.hint.setVisible(not path and not instead)
        self.clear_it.setVisible(bool(path))
        self.full = bool(path or instead)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A place that holds a file is no gap any more."""
        if not self.full or self.hot:
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(color("panel"))
        painter.setPen(QPen(color("line"), px(1)))
        painter.drawRoundedRect(self.rect().adjusted(px(1), px(1), -px(1), -px(1)), px(12), px(12))


class FilesCard(Card):
    """All files, and the button that begins. `on_begin()` is asked for with files that are all there."""

    def __init__(self, context: Context, on_change: Callable[[Files], object], on_begin: Callable[[], object]) -> None:
        super().__init__(spacing=12, margins=16)
        self._context, self._on_change = context, on_change
        self.files = Files()
        self.project_evals = 0
        self.busy = self._narrow = False
        self.slots: dict[str, Slot] = {}
        self.lines = [row(spacing=12), row(spacing=12)]
        answers = tr("The model's answers to the eval set: JSONL, CSV, or what a batch gave back.")
        for name, title, hint, line in (
            ("evals", tr("Eval set"), tr("Inputs with the right answers, held out from training."), 0),
            ("baseline", tr("Before"), answers, 0),
            ("tuned", tr("After: the tuned model"), answers, 0),
            ("general_evals", tr("General tasks"), tr("Questions that have nothing to do with the training."), 1),
            ("general_baseline", tr("Before, on general tasks"), answers, 1),
            ("general_tuned", tr("After, on general tasks"), answers, 1),
        ):
            made = Slot(title, hint, lambda given, name=name: self.take(name, given), lambda name=name: self._ask(name))  # type: ignore[misc]
            self.slots[name] = made
            self.lines[line].addWidget(made, 1)
        self.general_part = QWidget()
        part = column(self.general_part, 8)
        self.margin = named(QDoubleSpinBox(), tr("Points that may be lost"))
        self.margin.setLocale(QLocale(language()))
        self.margin.setRange(0.1, 50.0)
        self.margin.setSingleStep(0.5)
        self.margin.setDecimals(1)
        self.margin.valueChanged.connect(lambda value: self._set(replace(self.files, margin=value)))
        allowed = self._allowed = row(spacing=8)
        self._allowed_text = muted(tr("Points that may be lost on general tasks"), wrap=False)
        fill(allowed, self._allowed_text, self.margin, None)
        part.addLayout(self.lines[1])
        part.addLayout(allowed)
        self.general = named(QCheckBox(tr("General tasks too")), tr("General tasks too: was something forgotten?"))
        self.general.setToolTip(
            tip_text(tr("A second eval set shows what the tuned model lost of what it could do before"))
        )
        self.general.toggled.connect(lambda on: self._set(replace(self.files, general=on)))
        self.by_order = named(QCheckBox(tr("Match by order")), tr("Match predictions to examples by their order"))
        self.by_order.setToolTip(
            tip_text(tr("For files without ids and inputs, whose lines stand as the eval set's do"))
        )
        self.by_order.toggled.connect(lambda on: self._set(replace(self.files, by_order=on)))
        self.missing, self.begin = muted(""), button(tr("Compare now"), on_begin, "primary")
        self.begin.setMinimumWidth(px(160))
        self.foot = row(spacing=16)
        fill(self.foot, self.general, self.by_order)
        self.foot.addWidget(self.missing, 1)
        self.foot.addWidget(self.begin)
        self.missing.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(self.lines[0])
        self.body.addWidget(self.general_part)
        self.body.addLayout(self.foot)
        self.show_files(self.files)

    @property
    def ready(self) -> bool:
        """Whether a comparison can begin."""
        return not self.busy and not self.files.missing(project_evals=self.project_evals)

    def show_files(self, files: Files) -> None:
        """Show what is chosen, telling nobody."""
        self.files = files
        for name, slot in self.slots.items():
            own = name == "evals" and not files.evals and self.project_evals
            examples = trn(
                "The project's eval set: {n} example", "The project's eval set: {n} examples", self.project_evals
            )
            slot.show_file(getattr(files, name), examples if own else "")
        for box, on in ((self.general, files.general), (self.by_order, files.by_order)):
            box.blockSignals(True)
            box.setChecked(on)
            box.blockSignals(False)
        self.margin.blockSignals(True)
        self.margin.setValue(files.margin)
        self.margin.blockSignals(False)
        self.general_part.setVisible(files.general)
        self.show_state()

    def show_state(self) -> None:
        """What is missing, and whether it can begin."""
        self.missing.setText(tr("Comparing …") if self.busy else self.files.missing(project_evals=self.project_evals))
        # Side by side with the button it keeps them apart, even empty; above it it would be a gap.
        self.missing.setVisible(bool(self.missing.text()) or not self._narrow)
        self.begin.setEnabled(self.ready)

    def take(self, name: str, given: list[str]) -> None:
        """Put files into a place and those after it; [""] empties it."""
        changed = replace(self.files, **{name: ""}) if given == [""] else self.files.taken(given, name)
        self._set(changed)
        if given == [""]:
            self.slots[name].choose.setFocus()

    def _set(self, files: Files) -> None:
        self.show_files(files)
        self._on_change(files)

    def _ask(self, name: str) -> None:
        folder = self._context.setting("folder", "")
        chosen, _ = QFileDialog.getOpenFileNames(self, tr("Choose files"), folder)
        if chosen:
            self._context.settings.set("folder", str(Path(chosen[0]).parent))
            self.take(name, chosen)

    def stand(self, *, narrow: bool) -> None:
        """Where it is narrow, the places stand under each other."""
        way = QBoxLayout.Direction
        self._narrow = narrow
        self.show_state()
        self._allowed_text.setWordWrap(narrow)
        for line in (*self.lines, self.foot, self._allowed):
            line.setDirection(way.TopToBottom if narrow else way.LeftToRight)
