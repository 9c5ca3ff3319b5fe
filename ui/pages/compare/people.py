"""What people prefer: the answers of both models judged side by side, blind, in a round of their own project."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QLineEdit, QSpinBox

from ui.context import Context
from ui.i18n import tr, trn
from ui.presenters.compare import Files
from ui.theme import px
from ui.widgets.basics import Card, button, fill, heading, label, muted, named, row
from ui.widgets.flow import Flow

MANY, MOST = 60, 100_000
"""Pairs of answers that are judged unless somebody says otherwise: 60 show a model that wins 69% of them."""


class PeopleCard(Card):
    """Asks who is to judge, and begins the round; shown once something was compared."""

    def __init__(self, context: Context) -> None:
        super().__init__(spacing=8, margins=(24, 16, 24, 16))
        self._context = context
        self.files: Files | None = None
        self._begun: dict[str, Any] = {}
        self.said = muted(
            tr(
                "Figures hold answers against one reference; whether an answer is good people see. They judge both answers side by "
                "side without knowing which model gave which, in a round like any other: with keys, by mail, with agreement."
            )
        )
        self.reviewers = named(QLineEdit(), tr("Who judges"))
        self.reviewers.setPlaceholderText(tr("Names, separated by commas"))
        self.reviewers.setMinimumWidth(px(200))
        self.reviewers.textChanged.connect(lambda _text: self._show_state())
        self.reviewers.returnPressed.connect(self.begin)
        self.sample = named(QSpinBox(), tr("Pairs at most"))
        self.sample.setRange(1, MOST)
        self.sample.setValue(MANY)
        self.start = button(tr("Have people judge…"), self.begin)
        self.done, self.open = label(""), button(tr("Open their project"), self.open_project, "primary")
        asked = Flow()
        for made in (label(tr("Who judges")), self.reviewers, label(tr("Pairs at most")), self.sample, self.start):
            asked.add(made)
        there = row(spacing=16)
        fill(there, self.open, self.done, None)
        fill(self.body, heading(tr("People's preference")), self.said, asked, there)
        self._show_state()
        self.hide()

    def compared(self, files: Files) -> None:
        """These files were compared."""
        if files != self.files:
            self.files, self._begun = files, {}
            self._show_state()
        self.show()

    @property
    def names(self) -> list[str]:
        """Who is to judge."""
        return [name for name in (part.strip() for part in self.reviewers.text().split(",")) if name]

    def begin(self) -> None:
        """Ask where the project of the round is to be, and begin it."""
        if not self.names or self.files is None:
            return
        near = Path(self._context.setting("folder", "")) / "side-by-side.curator"
        # One that is there is not replaced: another round comes beside those that are in it.
        beside = QFileDialog.Option.DontConfirmOverwrite
        title, kinds = tr("Where the project of the judges is to be"), tr("Projects") + " (*.curator)"
        chosen, _ = QFileDialog.getSaveFileName(self, title, str(near), kinds, options=beside)
        if chosen:
            self.begin_in(chosen if chosen.endswith(".curator") else f"{chosen}.curator")

    def begin_in(self, where: str) -> None:
        """Begin the round in this project, which is made where it is not there."""
        assert self.files is not None
        asked = {
            **self.files.order(),
            "project": where,
            "reviewers": self.names,
            "sample": self.sample.value(),
        }
        self.start.setEnabled(False)
        job = self._context.jobs.start("sides", asked, title=tr("Laying answers side by side"), done=self._took)
        job.ended.connect(self._show_state)

    def _took(self, found: dict[str, Any]) -> None:
        self._begun = found
        self._show_state()

    def open_project(self) -> None:
        """Go to the round that was begun."""
        begun = dict(self._begun)
        if begun and self._context.open_project(begun["project"]):
            self._context.go("rounds", round=begun["round"])

    def _show_state(self) -> None:
        self.start.setEnabled(bool(self.names) and self.files is not None)
        self.done.setVisible(bool(self._begun))
        self.open.setVisible(bool(self._begun))
        if self._begun:
            name = Path(self._begun["project"]).name
            self.done.setText(
                trn("{n} pair waits in {name}.", "{n} pairs wait in {name}.", self._begun["items"], name=name)
            )
