"""The views of findings about labels and fields: probabilities as bars, and the neighbours that vote otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, QStringListModel, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QCompleter, QPushButton, QStyle, QStyleOptionButton, QWidget

from curator.model import Finding
from ui.context import Context
from ui.i18n import share, tr
from ui.pages.findings.bodies import Body, ExampleCard, Line, Pair, cards_in_pairs
from ui.presenters import findings_deciding as deciding
from ui.presenters.findings_labels import Bar, Field, Fields, Label, LabelSet, Neighbour, Slice
from ui.presenters.findings_views import Card
from ui.theme import color, px
from ui.widgets import basics
from ui.widgets.basics import Badge, button, column, label, muted, row, tip_text


class LabelBar(QPushButton):
    """A label to choose, with its number key and its probability as a bar."""

    def __init__(self, number: int | None, bar: Bar):
        super().__init__()
        self._number, self._bar = number, bar
        self.setProperty("kind", "choice")
        self.setAutoDefault(False)
        said = [bar.label, share(bar.share), *self._words()]
        self.setAccessibleName(", ".join(said))
        self.setToolTip(
            tr("Given now: choosing it dismisses the finding")
            if bar.given
            else tip_text(tr("Relabel as {label}", label=bar.label))
        )

    def _words(self) -> list[str]:
        words = [tr("given")] if self._bar.given else []
        return [*words, tr("suggested")] if self._bar.suggested else words

    def sizeHint(self) -> QSize:
        return QSize(px(280), px(38))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        self.style().drawControl(QStyle.ControlElement.CE_PushButtonBevel, option, painter, self)
        metrics, middle = self.fontMetrics(), self.height() / 2
        left = px(12)
        if self._number is not None:
            key = QRectF(left, middle - px(9), px(18), px(18))
            painter.setPen(color("muted"))
            painter.drawText(key, Qt.AlignmentFlag.AlignCenter, str(self._number))
            left += px(28)
        font = self.font()
        font.setBold(self._bar.suggested)
        painter.setFont(font)
        painter.setPen(color("text"))
        names = QRectF(left, 0, self.width() * 0.34, self.height())
        name = painter.fontMetrics().elidedText(
            self._bar.label or tr("(empty)"), Qt.TextElideMode.ElideRight, int(names.width())
        )
        painter.drawText(names, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
        painter.setFont(self.font())
        figures = metrics.horizontalAdvance(share(1.0)) + px(4)
        words = ", ".join(self._words())
        tail = px(132)
        start = names.right() + px(12)
        room = self.width() - start - figures - tail - px(20)
        track = QRectF(start, middle - px(4), max(room, 1.0), px(8))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("sunken"))
        painter.drawRoundedRect(track, px(4), px(4))
        if self._bar.share > 0.004:
            filled = QRectF(track)
            filled.setWidth(max(track.width() * min(1.0, self._bar.share), px(4)))
            painter.setBrush(color("accent" if self._bar.suggested else "bad" if self._bar.given else "muted"))
            painter.drawRoundedRect(filled, px(4), px(4))
        painter.setPen(color("text"))
        number = QRectF(track.right() + px(8), 0, figures, self.height())
        painter.drawText(number, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, share(self._bar.share))
        painter.setPen(color("accent" if self._bar.suggested else "bad"))
        end = QRectF(number.right() + px(12), 0, tail, self.height())
        painter.drawText(end, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)


class LabelField(Line):
    """Any other label of the data, found while one types."""

    def __init__(self, labels: Sequence[str]):
        super().__init__()
        self.labels = list(labels)
        self.setPlaceholderText(tr("Another label…"))
        self.setAccessibleName(tr("Another label"))
        self.setClearButtonEnabled(True)
        completer = QCompleter(QStringListModel(self.labels, self), self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.setCompleter(completer)

    def chosen(self) -> str | None:
        """The label that is meant: the one typed out, or the only one that fits."""
        typed = self.text().strip().casefold()
        if not typed:
            return None
        exact = [one for one in self.labels if one.casefold() == typed]
        fit = exact or [one for one in self.labels if typed in one.casefold()]
        return fit[0] if len(fit) == 1 or exact else None


def neighbours_list(context: Context, neighbours: Sequence[Neighbour]) -> QWidget:
    """The nearest inputs with their labels; those that vote otherwise stand out."""
    made = basics.card("sunken", 6, 12)
    against = sum(one.against for one in neighbours)
    said = tr(
        "Nearest inputs: {against} of {n} have another label than the given one", against=against, n=len(neighbours)
    )
    made.body.addWidget(label(said, "muted", wrap=True))
    for one in neighbours:
        line = row(spacing=8)
        text = button(
            " ".join(one.text.split()),
            lambda id=one.example: context.go("examples", ids=[id], title=tr("Neighbour")),
            "link",
        )
        text.setText(text.fontMetrics().elidedText(text.text(), Qt.TextElideMode.ElideRight, px(460)))
        text.setToolTip(
            tip_text(tr("Similarity {value}. Open in Examples", value=f"{one.cosine:.2f}") + f"\n{one.text}")
        )
        line.addWidget(text)
        line.addStretch(1)
        short = one.label if len(one.label) <= 40 else one.label[:39] + "…"
        line.addWidget(Badge(short, "accent" if one.against else ""))
        made.body.addLayout(line)
    return made


class LabelBody(Body):
    """One label: given, suggested, and all that speaks for either."""

    def __init__(self, context: Context, finding: Finding, view: Label, labels: Sequence[str]):
        super().__init__(context, finding)
        self.view = view
        self.hint = tr("1–{n} choose a label", n=min(9, len(view.bars)))
        self.body.addWidget(ExampleCard(context, view.card))
        self.bars = [LabelBar(number if number <= 9 else None, bar) for number, bar in enumerate(view.bars, 1)]
        for number, bar in enumerate(self.bars, 1):
            bar.clicked.connect(lambda _checked=False, number=number: self.choose(number))
        bars = column(spacing=4)
        for bar in self.bars:
            bars.addWidget(bar)
        self.body.addLayout(bars)
        self.field = LabelField(labels)
        self.field.returnPressed.connect(self._typed)
        last = row(spacing=12)
        last.addWidget(self.field)
        if view.agrees is not None:
            said = tr("Confident learning agrees") if view.agrees else tr("Confident learning does not agree")
            last.addWidget(label(said, "small"))
        last.addStretch(1)
        self.field.setFixedWidth(px(240))
        self.body.addLayout(last)
        if view.neighbours:
            self.body.addWidget(neighbours_list(context, view.neighbours))

    def choose(self, number: int) -> None:
        if number <= len(self.view.bars):
            self._take(self.view.bars[number - 1].label)

    def only_read(self) -> None:
        self.field.hide()

    def _typed(self) -> None:
        chosen = self.field.chosen()
        if chosen is None:
            self.context.tell(tr("Type one of the labels of this data, until only one fits."))
        else:
            self._take(chosen)

    def _take(self, name: str) -> None:
        view, finding = self.view, self.finding
        if name == view.given:
            self.decide.emit(lambda run, who: deciding.dismiss(run, finding, who))
        elif name == view.suggested:
            self.decide.emit(lambda run, who: deciding.accept(run, finding, who))
        else:
            id = view.card.id
            self.decide.emit(lambda run, who: deciding.relabel(run, finding, {id: name}, who))


class LabelSetBody(Body):
    """A set of labels: what is likely too many, what is likely missing."""

    def __init__(self, context: Context, finding: Finding, view: LabelSet):
        super().__init__(context, finding)
        self.body.addWidget(ExampleCard(context, view.card))
        for title, names, odd, tone in (
            (tr("Given"), view.given, view.surplus, "bad"),
            (tr("Suggested"), view.suggested, view.missing, "good"),
        ):
            line = row(spacing=6)
            name = label(title, "muted")
            name.setFixedWidth(px(88))
            line.addWidget(name)
            for one in names:
                line.addWidget(Badge(one, tone if one in odd else ""))
            if not names:
                line.addWidget(muted(tr("none")))
            line.addStretch(1)
            self.body.addLayout(line)
        self.body.addWidget(label(tr("Red: likely wrong. Green: likely missing."), "small"))
        if view.neighbours:
            self.body.addWidget(neighbours_list(context, view.neighbours))


class FieldsBody(Body):
    """Fields of an extraction: the likely values, and the output as it would read."""

    def __init__(self, context: Context, finding: Finding, view: Fields):
        super().__init__(context, finding)
        self.view = view
        single = len(view.fields) == 1
        if single:
            self.hint = tr("1–{n} choose a value", n=min(9, len(view.fields[0].bars)))
        for field in view.fields:
            self._field(field, single)
        card = Card(view.mended, {}, ())
        self.body.addWidget(
            Pair(ExampleCard(context, view.card, tr("Now")), ExampleCard(context, card, tr("As suggested")))
        )
        if view.neighbours:
            self.body.addWidget(neighbours_list(context, view.neighbours))

    def _field(self, field: Field, single: bool) -> None:
        self.body.addWidget(
            label(
                tr(
                    "{field}: {given}, likely {suggested}",
                    field=field.name,
                    given=field.given,
                    suggested=field.suggested,
                ),
                "heading",
                wrap=True,
            )
        )
        bars = column(spacing=4)
        for number, bar in enumerate(field.bars, 1):
            made = LabelBar(number if single and number <= 9 else None, bar)
            made.setEnabled(single)
            made.clicked.connect(lambda _checked=False, number=number: self.choose(number))
            bars.addWidget(made)
        self.body.addLayout(bars)

    def choose(self, number: int) -> None:
        field = self.view.fields[0]
        if len(self.view.fields) > 1 or number > len(field.bars):
            return
        bar, finding, example = field.bars[number - 1], self.finding, self.view.card.example
        if bar.given:
            self.decide.emit(lambda run, who: deciding.dismiss(run, finding, who))
        elif bar.suggested:
            self.decide.emit(lambda run, who: deciding.accept(run, finding, who))
        else:
            value = deciding.field_value(example, field.name, bar.label)
            self.decide.emit(lambda run, who: deciding.relabel(run, finding, {example.id: value}, who))


class SliceBody(Body):
    """Examples alike under a label that the rest of the data gives another name, decided as one."""

    def __init__(self, context: Context, finding: Finding, view: Slice):
        super().__init__(context, finding)
        self.body.addWidget(label(tr("All of these are labelled {given}:", given=view.given), "heading", wrap=True))
        for pair in cards_in_pairs([ExampleCard(context, card) for card in view.cards]):
            self.body.addWidget(pair)
        self.others(finding.examples[len(view.cards) :], finding.message)
        made = basics.card("sunken", 6, 12)
        made.body.addWidget(label(tr("Examples that are labelled {label}", label=view.suggested), "muted", wrap=True))
        for id, text in view.elsewhere:
            one = button(text, lambda id=id: context.go("examples", ids=[id], title=view.suggested), "link")
            one.setText(one.fontMetrics().elidedText(" ".join(text.split()), Qt.TextElideMode.ElideRight, px(600)))
            made.body.addWidget(one)
        self.body.addWidget(made)
