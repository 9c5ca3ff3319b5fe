"""The cards of the overview. Each shows its part of what `ui.presenters.overview` read, in place, so that the focus stays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QGridLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from curator.model import Role, Severity
from ui.i18n import number, share, tr, trn
from ui.presenters import overview as presenter
from ui.presenters.overview import Check, Overview, Taken
from ui.theme import color, palette_series, px
from ui.widgets.bars import Part, StackBar
from ui.widgets.basics import (
    Badge,
    Card,
    Elided,
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
)
from ui.widgets.gauge import Gauge, Tick

if TYPE_CHECKING:
    pass

TONES = {Severity.ERROR: "bad", Severity.WARNING: "warn", Severity.INFO: "accent"}


class StepCard(Card):
    """The one thing to do next."""

    def __init__(self, on_step: Callable[[], object]) -> None:
        super().__init__("banner", 4, (24, 16, 24, 16))
        inside = self._inside = row(spacing=16)
        words = column(spacing=2)
        self.title, self.why = heading(""), muted("")
        self.when = label("", "small")
        fill(words, self.when, self.title, self.why)
        self.button = button("", on_step, "primary")
        inside.addLayout(words, 1)
        inside.addWidget(self.button, alignment=Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        self.body.addLayout(inside)

    def stand(self, *, narrow: bool) -> None:
        self._inside.setDirection(_way(narrow))

    def show_step(self, title: str, why: str, action: str) -> None:
        self.title.setText(title)
        self.why.setText(why)
        self.button.setText(action)
        self.button.setAccessibleName(f"{action}: {title}")
        self.button.setVisible(bool(action))
        self.when.setText(tr("Next") if action else tr("Now"))


class SizeCard(Card):
    """How many examples remain, on the gauge; and what took the others away."""

    def __init__(self, on_taken: Callable[[Taken], object], on_provider: Callable[[str], object]) -> None:
        super().__init__(spacing=8, margins=24)
        self._on_taken = on_taken
        self._rules: tuple[str, ...] = ()
        self._buttons: dict[str, QPushButton] = {}
        self.count = label("", "number")
        self.of, self.zone, self.verdict = label("", "heading"), Badge(""), muted("")
        self.provider = named(QComboBox(), tr("Provider to measure against"))
        self.provider.setToolTip(tr("The provider whose smallest file is marked on the gauge; the export proposes it"))
        for name, title in presenter.providers():
            self.provider.addItem(title, name)
        self.provider.activated.connect(lambda at: on_provider(self.provider.itemData(at)))
        self.provider.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.provider.setMinimumContentsLength(20)
        top, figures, words = row(spacing=16), row(spacing=16), column(spacing=2)
        first = row(spacing=8)
        fill(first, self.of, self.zone, None)
        fill(words, None, first, self.verdict, None)
        figures.addWidget(self.count)
        figures.addLayout(words, 1)
        side = column(spacing=2)
        fill(side, muted(tr("Provider"), wrap=False), self.provider, None)
        top.addLayout(figures, 1)
        top.addLayout(side)
        self._top, self._columns = top, 3
        self.gauge = Gauge()
        self.out, self.bar = heading(""), StackBar()
        self.legend = QGridLayout()
        self.legend.setHorizontalSpacing(px(16))
        self.legend.setVerticalSpacing(px(2))
        fill(self.body, top, 8, self.gauge, 16, self.out, self.bar)
        self.body.addLayout(self.legend)

    def show_view(self, view: Overview) -> None:
        gauge = view.gauge
        tones = {"below": "bad", "enough": "accent", "ideal": "good"}
        self.count.setText(number(gauge.count))
        self.of.setText(trn("of {n} example remains", "of {n} examples remain", gauge.candidates))
        words = {"below": tr("too few"), "enough": tr("enough"), "ideal": tr("ideal")}
        if view.checked:
            self.zone.show_text(words[gauge.zone], tones[gauge.zone])
        else:
            self.zone.show_text(tr("not checked yet"))
        self.verdict.setText(f"{presenter.task_line(view)} · {gauge.verdict}")
        ticks = [Tick(gauge.need.minimum, tr("minimum")), Tick(gauge.need.ideal, tr("ideal"))]
        if gauge.provider_minimum:
            ticks.append(Tick(gauge.provider_minimum, tr("asked for by the provider"), below=True))
        said = tr(
            "{count} examples remain; the minimum is {minimum}, the ideal {ideal}. {verdict}",
            count=number(gauge.count),
            minimum=number(gauge.minimum),
            ideal=number(gauge.need.ideal),
            verdict=gauge.verdict,
        )
        self.gauge.show_values(gauge.count, gauge.need.minimum, gauge.need.ideal, tuple(ticks), said)
        at = self.provider.findText(gauge.provider)
        self.provider.setCurrentIndex(max(0, at))
        self._show_taken(view)

    def _show_taken(self, view: Overview) -> None:
        if view.out:
            self.out.setText(trn("{n} example taken away", "{n} examples taken away", view.out))
        elif view.checked:
            self.out.setText(tr("Nothing is taken away"))
        else:
            self.out.setText(tr("What is taken away shows after a check"))
        colors = palette_series(len(view.taken))
        parts = [Part(tr("Remaining"), view.gauge.count, color("line"))]
        parts += [Part(one.title, one.count, tone) for one, tone in zip(view.taken, colors, strict=True)]
        self.bar.show_parts(parts if view.gauge.candidates else [])
        rules = tuple(one.rule for one in view.taken)
        if rules != self._rules:
            clear(self.legend)
            self._rules, self._buttons = rules, {}
        for place, (one, tone) in enumerate(zip(view.taken, colors, strict=True)):
            made = self._buttons.get(one.rule) or self._legend(one.rule, place)
            made.setIcon(_swatch(tone))
            made.setText(f"\N{EN SPACE}{one.title}  {number(one.count)}")
            made.setProperty("taken", one)

    def _legend(self, rule: str, place: int) -> QPushButton:
        made = button("", kind="link", tip=tr("Show these examples"))
        made.clicked.connect(lambda: self._on_taken(made.property("taken")))
        made.setIconSize(QSize(px(12), px(12)))
        made.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._buttons[rule] = made
        self._lay(made, place)
        return made

    def _lay(self, made: QPushButton, place: int) -> None:
        self.legend.addWidget(made, place // self._columns, place % self._columns, Qt.AlignmentFlag.AlignLeft)

    def stand(self, *, narrow: bool) -> None:
        self._top.setDirection(_way(narrow))
        self._columns = 1 if narrow else 3
        for place, rule in enumerate(self._rules):
            self.legend.removeWidget(self._buttons[rule])
            self._lay(self._buttons[rule], place)


def _way(narrow: bool) -> QBoxLayout.Direction:
    return QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight


def _swatch(tone: QColor) -> QIcon:
    pixmap = QPixmap(px(12), px(12))
    pixmap.fill(tone)
    return QIcon(pixmap)


class CheckRow(QWidget):
    """One check: what it is, how far its findings are decided, and the way to them."""

    def __init__(self, on_open: Callable[[], object]) -> None:
        super().__init__()
        inside = row(self, 12, (0, 2, 0, 2))
        self.dot = QLabel()
        self.dot.setFixedSize(px(8), px(8))
        self.title = label("", wrap=True)
        self.done = QProgressBar()
        self.done.setTextVisible(False)
        self.done.setFixedWidth(px(88))
        self.todo = muted("", wrap=False)
        self.todo.setFixedWidth(px(152))
        self.button = button(tr("Decide"), on_open, "quiet")
        self.button.setFixedWidth(px(108))
        keep = self.button.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self.button.setSizePolicy(keep)
        inside.addWidget(self.dot)
        inside.addWidget(self.title, 1)
        fill(inside, self.todo, self.done, self.button)

    def show_check(self, check: Check) -> None:
        tone = TONES[check.severity] if check.severity is not None and check.open else "line"
        self.dot.setStyleSheet(f"background: {color(tone).name()}; border-radius: {px(4)}px;")
        self.title.setText(check.title)
        self.setToolTip(check.help)
        self.todo.setText(check.todo)
        self.done.setRange(0, max(1, check.total))
        self.done.setValue(check.total - check.open)
        named(self.done, tr("{title}: {done} of {all} decided", title=check.title, done=check.total - check.open, all=check.total))  # fmt: skip
        look = check.severity is Severity.INFO or not check.open
        text = tr("Look") if look else tr("Decide")
        self.button.setText(text)
        self.button.setAccessibleName(f"{text}: {check.title}, {check.todo}")
        self.button.setVisible(check.total > 0)


class ChecksCard(Card):
    """Findings by check, the gravest first, with what to do about them."""

    def __init__(self, on_check: Callable[[str], object]) -> None:
        super().__init__(spacing=4, margins=24)
        self._on_check = on_check
        self._rows: dict[str, CheckRow] = {}
        self._narrow = False
        top = row(spacing=8)
        self.open = Badge("")
        fill(top, heading(tr("Findings by check")), self.open, None)
        self.list = column(spacing=0)
        self.none = muted(
            tr("Not checked yet: what is wrong with the data shows here, check by check, as it is found.")
        )
        self.clean = muted("")
        fill(self.body, top, 4, self.none)
        self.body.addLayout(self.list)
        fill(self.body, self.clean, None)

    def show_view(self, view: Overview) -> None:
        self.none.setVisible(not view.checks)
        self.open.setVisible(bool(view.checks))
        text = trn("{n} open", "{n} open", view.open) if view.open else tr("all decided")
        self.open.show_text(text, "warn" if view.open else "good")
        found = [check for check in view.checks if check.total or check.pending]
        clean = [check.title for check in view.checks if not check.total and not check.pending]
        self.clean.setText(tr("Nothing found: {checks}.", checks=", ".join(clean)))
        self.clean.setVisible(bool(clean))
        for gone in set(self._rows) - {check.name for check in found}:
            self._rows.pop(gone).deleteLater()
        for place, check in enumerate(found):
            made = self._rows.get(check.name)
            if made is None:
                made = self._rows[check.name] = CheckRow(lambda name=check.name: self._on_check(name))  # type: ignore[misc]
            if self.list.indexOf(made) != place:
                self.list.insertWidget(place, made)
            made.done.setVisible(not self._narrow)
            made.show_check(check)

    def stand(self, *, narrow: bool) -> None:
        self._narrow = narrow
        for made in self._rows.values():
            made.done.setVisible(not narrow)


class AgreementCard(Card):
    """How far reviewers agree."""

    def __init__(self) -> None:
        super().__init__(spacing=8, margins=24)
        self.text = muted("")
        self.figures = QWidget()
        inside = row(self.figures, 32)
        self.percent, self.alpha = label("", "title"), label("", "title")
        self.range = muted("", wrap=False)
        for figure, word in ((self.percent, muted(tr("agree"), wrap=False)), (self.alpha, self.range)):
            one = column(spacing=0)
            fill(one, figure, word)
            inside.addLayout(one)
        inside.addStretch(1)
        self.range.setToolTip(tr("Krippendorff's alpha, with its 95% interval: 1 is full agreement, 0 is chance"))
        fill(self.body, heading(tr("Agreement")), self.figures, self.text, None)

    def show_view(self, view: Overview) -> None:
        found = view.agreement
        self.figures.setVisible(found.percent is not None)
        self.text.setText(found.text)
        if found.percent is None:
            return
        self.percent.setText(share(found.percent))
        self.alpha.setText(tr("none") if found.alpha is None else number(found.alpha, 2))
        span = "" if found.low is None or found.high is None else f" ({number(found.low, 2)}–{number(found.high, 2)})"
        self.range.setText(tr("Krippendorff's α") + span)
        about = trn("On {n} shared example.", "On {n} shared examples.", found.shared)
        self.text.setText(f"{about} {found.text}")


class SourcesCard(Card):
    """The files, what was made of each, and the way to what could not be read."""

    def __init__(self, on_rejected: Callable[[int], object], on_add: Callable[[], object]) -> None:
        super().__init__(spacing=4, margins=24)
        self._on_rejected = on_rejected
        self._shown: Sequence[Any] | None = None
        top = row(spacing=8)
        fill(top, heading(tr("Files")), None, button(tr("Add files…"), on_add, "quiet"))
        self.hint = muted("")
        self.list = column(spacing=8)
        self.body.addLayout(top)
        self.body.addLayout(self.list)
        fill(self.body, self.hint, None)

    def show_view(self, view: Overview) -> None:
        missing = tr(
            "No eval set yet: add the one you compare prompts with, and nothing that repeats it is trained on."
        )
        self.hint.setText(missing if view.sources and not view.evals else "")
        self.hint.setVisible(bool(self.hint.text()))
        if view.sources == self._shown:
            return
        self._shown = view.sources
        clear(self.list)
        for source in view.sources:
            self.list.addWidget(self._line(source))
        if not view.sources:
            self.list.addWidget(muted(tr("No file was imported yet.")))

    def _line(self, source: Any) -> QWidget:
        made = QWidget()
        inside = column(made, 0)
        first, second = row(spacing=8), row(spacing=8)
        name = Elided(source.name, mode=Qt.TextElideMode.ElideMiddle)
        name.setToolTip(tip_text(source.path))
        protects = source.role is Role.EVAL
        first.addWidget(name, 1)
        first.addWidget(Badge(tr("protected") if protects else tr("to train on"), "good" if protects else "accent"))
        said = trn("{n} example", "{n} examples", source.examples) + f" · {source.format}"
        second.addWidget(muted(said if source.complete else said + " · " + tr("not finished"), wrap=False))
        second.addStretch(1)
        if source.rejected:
            text = trn("{n} rejected", "{n} rejected", source.rejected)
            link = button(text, lambda: self._on_rejected(source.id), "link", name=f"{text}, {source.name}")
            link.setToolTip(tr("Show the records that could not be read, with the reason of each"))
            second.addWidget(link)
        inside.addLayout(first)
        inside.addLayout(second)
        return made
