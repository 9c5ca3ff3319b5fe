"""Who decides here, and how the window looks and speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QDialog, QFormLayout, QLineEdit, QSpinBox

from ui.i18n import LANGUAGES, share, tr
from ui.presets import PRESETS
from ui.theme import SCALES, px
from ui.widgets.basics import button, column, heading, muted, named, row

if TYPE_CHECKING:
    from ui.window import Window


class Preferences(QDialog):
    """Takes effect when it is closed with Save."""

    def __init__(self, window: Window):
        super().__init__(window)
        self._window = window
        settings = window.settings
        self.setWindowTitle(tr("Preferences"))
        self.setMinimumWidth(px(520))
        body = column(self, 16, 24)
        body.addWidget(heading(tr("Preferences")))
        form = QFormLayout()
        form.setHorizontalSpacing(px(24))
        form.setVerticalSpacing(px(12))
        self.reviewer = named(QLineEdit(_name_of(window)), tr("Your name"))
        if window.bound is not None:
            self.reviewer.setEnabled(False)
            self.reviewer.setToolTip(tr("In this project you are {name}.", name=window.bound))
        self.language = _choice(tr("Language"), {"": tr("As the system"), **LANGUAGES}, settings.get("language"))
        themes = {"system": tr("As the system"), "light": tr("Light"), "dark": tr("Dark")}
        self.theme = _choice(tr("Colours"), themes, settings.get("theme"))
        self.scale = _choice(tr("Size"), {scale: share(scale) for scale in SCALES}, settings.get("scale"))
        self.keys = _choice(
            tr("Keys as in"), {name: preset.title for name, preset in PRESETS.items()}, settings.get("keys.preset")
        )
        self.rest = named(QSpinBox(), tr("Remind me of a break after"))
        self.rest.setRange(0, 240)
        self.rest.setSingleStep(5)
        self.rest.setSuffix(" " + tr("minutes"))
        self.rest.setSpecialValueText(tr("never"))
        self.rest.setValue(settings.get("review.break_minutes"))
        for text, field in (
            (tr("Your name, under which decisions are kept"), self.reviewer),
            (tr("Language"), self.language),
            (tr("Colours"), self.theme),
            (tr("Size"), self.scale),
            (tr("Keys as in"), self.keys),
            (tr("Remind me of a break after"), self.rest),
        ):
            form.addRow(text, field)
        body.addLayout(form)
        body.addWidget(muted(tr("Single keys are changed on the sheet of keys (?).")))
        bottom = row(spacing=8)
        bottom.addStretch(1)
        bottom.addWidget(button(tr("Cancel"), self.reject))
        bottom.addWidget(button(tr("Save"), self._save, "primary"))
        body.addLayout(bottom)

    def _save(self) -> None:
        window, settings = self._window, self._window.settings
        looks = {
            "language": self.language.currentData(),
            "theme": self.theme.currentData(),
            "scale": self.scale.currentData(),
        }
        anew = any(settings.get(name) != value for name, value in looks.items())
        name = self.reviewer.text().strip()
        renamed = bool(name) and window.bound is None and name != _name_of(self._window)
        for key, value in looks.items():
            settings.set(key, value)
        settings.set("review.break_minutes", self.rest.value())
        if self.keys.currentData() != settings.get("keys.preset"):
            window.registry.use_preset(self.keys.currentData())
        if renamed:
            settings.set("reviewer", name)
            if window.session is not None:
                window.session.set_reviewer(name)
                window.jobs.actor = name
        self.accept()
        if anew or renamed:
            window.rebuild()


def _name_of(window: Window) -> str:
    """Who sits here: the reviewer of the open project, whoever took the chair last."""
    return window.session.reviewer if window.session is not None else window.reviewer()


def _choice(name: str, options: dict, current: object) -> QComboBox:  # type: ignore[type-arg]
    made = named(QComboBox(), name)
    for value, text in options.items():
        made.addItem(text, value)
    made.setCurrentIndex(max(0, made.findData(current)))
    return made
