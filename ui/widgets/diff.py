"""Two or more examples or texts beside each other, with the words marked that tell them apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from PySide6.QtWidgets import QWidget

from curator.model import Example, Finding
from ui.presenters.comparing import example_marks, text_marks
from ui.widgets.basics import clear, column, label, row
from ui.widgets.example_view import ExampleView


class SideBySide(QWidget):
    """Columns that scroll together. All are compared with the first: it has its own words marked as removed, the others
    theirs as added. `views` are the columns from left to right."""

    def __init__(self, parent: QWidget | None = None, *, fit: bool = False):
        super().__init__(parent)
        self._fit = fit
        self._line = row(self, 16)
        self.views: list[ExampleView] = []

    def show_examples(
        self,
        examples: Sequence[Example],
        titles: Sequence[str] = (),
        findings: Mapping[int, Sequence[Finding]] | None = None,
    ) -> None:
        """Show examples, each under its title; `findings` by id of the example."""
        marks = example_marks(examples)
        self._columns(len(examples), titles)
        for view, example, some in zip(self.views, examples, marks, strict=True):
            view.show_example(example, (findings or {}).get(example.id, ()), marks=some)

    def show_texts(self, texts: Sequence[str], titles: Sequence[str] = ()) -> None:
        """Show texts, each under its title."""
        marks = text_marks(texts)
        self._columns(len(texts), titles)
        for view, text, some in zip(self.views, texts, marks, strict=True):
            view.show_text(text, some)

    def _columns(self, count: int, titles: Sequence[str]) -> None:
        clear(self._line)
        self.views = [ExampleView(fit=self._fit) for _ in range(count)]
        for number, view in enumerate(self.views):
            side = column(spacing=8)
            if number < len(titles):
                side.addWidget(label(titles[number], "muted"))
                view.text.setAccessibleDescription(titles[number])
            side.addWidget(view)
            if self._fit:
                side.addStretch(1)
            self._line.addLayout(side, 1)
        if not self._fit:
            for one, other in pairwise(self.views):
                _together(one, other)


def _together(one: ExampleView, other: ExampleView) -> None:
    a, b = one.text.verticalScrollBar(), other.text.verticalScrollBar()
    a.valueChanged.connect(b.setValue)
    b.valueChanged.connect(a.setValue)
