"""The cards of the page that says whether to fine-tune at all, and the one on the overview that leads to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QLineEdit, QPushButton, QSizePolicy, QWidget

from ui.i18n import tr
from ui.presenters import readiness as presenter
from ui.presenters.readiness import ClusterLine, PointLine, Question, TodoLine, View
from ui.theme import mono, px
from ui.widgets.basics import Badge, Card, Elided, button, clear, column, fill, heading, label, muted, named, row, title
from ui.widgets.flow import Flow

SAID = ("yes", "no", "unknown")


class Ladder(QWidget):
    """The rungs in a row, the one to take marked."""

    def __init__(self) -> None:
        super().__init__()
        self._inside = Flow(self, 8)
        self.badges: list[Badge] = []

    def show_steps(self, seen: View) -> None:
        if len(self.badges) != len(seen.steps):
            clear(self._inside)
            self.badges = [Badge("") for _ in seen.steps]
            for number, badge in enumerate(self.badges):
                if number:
                    self._inside.addWidget(label("→", "muted"))
                self._inside.addWidget(badge)
        for badge, step in zip(self.badges, seen.steps, strict=True):
            badge.show_text(step.title, (seen.tone if step.now else ""))
        named(self, tr("The ladder; the step to take is {step}", step=next(s.title for s in seen.steps if s.now)))


class AnswerCard(Card):
    """The answer: the step to take, why, and what it takes."""

    def __init__(self) -> None:
        super().__init__(spacing=8, margins=24)
        self.badge = Badge("")
        self.title, self.why = title(""), label("", wrap=True)
        self.ladder = Ladder()
        self.reasons, self.takes = column(spacing=4), column(spacing=10)
        self._what = heading(tr("What it takes"))
        self._said: tuple[tuple[str, ...], tuple[TodoLine, ...]] | None = None
        top = row(spacing=12)
        fill(top, muted(tr("Next step"), wrap=False), self.badge, None)
        fill(self.body, top, self.title, self.ladder, 4, self.why)
        self.body.addLayout(self.reasons)
        fill(self.body, 8, self._what)
        self.body.addLayout(self.takes)
        self.body.addStretch(1)

    def show_view(self, seen: View) -> None:
        self.badge.show_text(seen.badge, seen.tone)
        self.title.setText(seen.title)
        self.why.setText(seen.why)
        self.ladder.show_steps(seen)
        if self._said == (seen.reasons, seen.todo):
            return
        self._said = (seen.reasons, seen.todo)
        clear(self.reasons)
        for reason in seen.reasons:
            self.reasons.addWidget(muted(reason))
        clear(self.takes)
        self._what.setVisible(bool(seen.todo))
        for number, one in enumerate(seen.todo, 1):
            self.takes.addWidget(_todo(number, one))


def _todo(number: int, one: TodoLine) -> QWidget:
    made = QWidget()
    inside = row(made, 8)
    count = label(f"{number}.", "muted")
    count.setFixedWidth(px(20))
    inside.addWidget(count, alignment=Qt.AlignmentFlag.AlignTop)
    words = column(spacing=2)
    words.addWidget(label(one.what, wrap=True))
    if one.command:
        command = Elided(one.command, "muted", Qt.TextElideMode.ElideMiddle)
        command.setFont(mono())
        words.addWidget(command)
    inside.addLayout(words, 1)
    return made


class PointRow(QWidget):
    """One thing that was looked at, with the way to where it is mended."""

    def __init__(self, on_go: Callable[[PointLine], object]) -> None:
        super().__init__()
        self._line: PointLine | None = None
        inside, top = column(self, 2, (0, 6, 0, 6)), row(spacing=8)
        self.title = label("")
        self.title.setStyleSheet("font-weight: 600;")
        self.badge, self.found = Badge(""), muted("")
        self.go = button(tr("Show"), lambda: self._line and on_go(self._line), "quiet")
        keep = self.go.sizePolicy()
        keep.setRetainSizeWhenHidden(True)  # lines with and without it stand alike
        self.go.setSizePolicy(keep)
        fill(top, self.title, self.badge, None, self.go)
        fill(inside, top, self.found)

    def show_point(self, line: PointLine) -> None:
        self._line = line
        self.title.setText(line.title)
        self.found.setText(line.found)
        self.badge.show_text(line.word, line.tone)
        self.go.setVisible(bool(line.page))
        self.go.setAccessibleName(tr("Show: {title}", title=line.title))


class PointsCard(Card):
    """All that was looked at."""

    def __init__(self, on_go: Callable[[PointLine], object], on_weigh: Callable[[], object]) -> None:
        super().__init__(spacing=4, margins=24)
        self._on_go = on_go
        self.rows: dict[str, PointRow] = {}
        self.none = muted("")
        self.again = button(tr("Weigh again"), on_weigh, "quiet")
        top = row(spacing=8)
        fill(top, label(tr("What was looked at"), "heading"), None, self.again)
        self.list = column(spacing=0)
        self.body.addLayout(top)
        self.body.addWidget(self.none)
        self.body.addLayout(self.list)

    def show_points(self, points: Sequence[PointLine], note: str, *, again: bool) -> None:
        self.none.setText(note)
        self.none.setVisible(bool(note))
        self.again.setVisible(again)
        for gone in set(self.rows) - {line.name for line in points}:
            self.rows.pop(gone).deleteLater()
        for place, line in enumerate(points):
            made = self.rows.get(line.name)
            if made is None:
                made = self.rows[line.name] = PointRow(self._on_go)
            if self.list.indexOf(made) != place:
                self.list.insertWidget(place, made)
            made.show_point(line)


class QuestionRow(QWidget):
    """One question with yes, no and don't know."""

    def __init__(self, question: Question, on_said: Callable[[str, bool | None], object]) -> None:
        super().__init__()
        words = {"yes": tr("Yes"), "no": tr("No"), "unknown": tr("Don't know")}
        inside = column(self, 4, (0, 8, 0, 8))
        self.title, self.help = label("", wrap=True), muted("")
        self.title.setStyleSheet("font-weight: 600;")
        self.buttons: dict[str, QPushButton] = {}
        line = row(spacing=8)
        for said in SAID:
            value = {"yes": True, "no": False}.get(said)
            made = button(words[said], lambda value=value: on_said(question.name, value), "choice")  # type: ignore[misc]
            made.setCheckable(True)
            made.setAccessibleName(f"{question.title} {words[said]}")
            self.buttons[said] = made
            line.addWidget(made)
        line.addStretch(1)
        self.effect = label("", "small", wrap=True)
        fill(inside, self.title, self.help, line, self.effect)

    def show_question(self, question: Question) -> None:
        self.title.setText(question.title)
        self.help.setText(question.help)
        self.effect.setText(question.effect)
        self.effect.setVisible(bool(question.effect))
        for said, made in self.buttons.items():
            made.setChecked(said == question.said)


class QuestionsCard(Card):
    """What the data cannot tell: eight questions, and the scores of the prompt."""

    def __init__(
        self, on_said: Callable[[str, bool | None], object], on_score: Callable[[Mapping[str, str]], object]
    ) -> None:
        super().__init__(spacing=4, margins=24)
        self._on_said = on_said
        self.open = Badge("")
        self.rows: dict[str, QuestionRow] = {}
        top = row(spacing=8)
        top.addWidget(heading(tr("Questions that the data cannot answer")), 1)
        top.addWidget(self.open)
        self.list = column(spacing=0)
        self.score, self.target = QLineEdit(), QLineEdit()
        self.trouble = label("", "small", wrap=True)
        self.trouble.hide()
        scores = row(spacing=16)
        for field, words in ((self.score, tr("Right with the best prompt")), (self.target, tr("Must be right"))):
            field.setPlaceholderText("82%")
            field.setFixedWidth(px(88))
            named(field, words)
            field.editingFinished.connect(lambda: on_score({"score": self.score.text(), "target": self.target.text()}))
            one = column(spacing=2)
            fill(one, muted(words, wrap=False), field)
            scores.addLayout(one)
        scores.addStretch(1)
        self.body.addLayout(top)
        self.body.addLayout(self.list)
        fill(self.body, 4, scores, self.trouble, None)

    def show_view(self, seen: View) -> None:
        self.open.show_text(presenter.answered_line(seen), "warn" if seen.open else "good")
        for question in seen.questions:
            made = self.rows.get(question.name)
            if made is None:
                made = self.rows[question.name] = QuestionRow(question, self._on_said)
                self.list.addWidget(made)
            made.show_question(question)
        for field, value in ((self.score, seen.score), (self.target, seen.target)):
            if not field.hasFocus():
                with QSignalBlocker(field):
                    field.setText(presenter.percent(value))

    def say(self, sentence: str) -> None:
        """What is wrong with a score; "" for nothing."""
        self.trouble.setText(sentence)
        self.trouble.setVisible(bool(sentence))


class CoverageCard(Card):
    """What production asks for that the candidates do not hold, and the other way round."""

    def __init__(
        self,
        on_choose: Callable[[], object],
        on_save: Callable[[], object],
        on_examples: Callable[[ClusterLine], object],
    ) -> None:
        super().__init__(spacing=8, margins=24)
        self._on_examples = on_examples
        self._shown: tuple[object, ...] | None = None
        self.file, self.said = muted(""), label("", wrap=True)
        self.choose = button(tr("Choose production inputs…"), on_choose)
        self.save = button(tr("Save what is missing…"), on_save, "quiet")
        top = QWidget()  # where there is no room for all in a line, what does not fit goes below
        across = Flow(top)
        across.add(label(tr("Production inputs"), "heading"), grow=True)
        for made in (self.save, self.choose):
            across.add(made)
        self.list = column(spacing=4)
        fill(self.body, top, self.file, self.said)
        self.body.addLayout(self.list)

    def show_view(self, seen: View, files: Sequence[str]) -> None:
        hint = tr(
            "A file of what the model will be asked, one a line or in any format: it shows what is missing to train on."
        )
        self.file.setText(", ".join(file.replace("\\", "/").rpartition("/")[2] for file in files) or hint)
        self.said.setText(seen.covered if files else "")
        self.said.setVisible(bool(files))
        self.save.setVisible(bool(seen.missing))
        if self._shown == (seen.missing, seen.unused):
            return
        self._shown = (seen.missing, seen.unused)
        clear(self.list)
        if seen.missing:
            self.list.addWidget(muted(tr("Missing, the largest clusters first; the most typical of each")))
            for cluster in seen.missing:
                self.list.addWidget(self._line(cluster))
        if seen.unused:
            self.list.addWidget(muted(tr("Never asked in production")))
            for cluster in seen.unused:
                self.list.addWidget(self._line(cluster))

    def _line(self, cluster: ClusterLine) -> QWidget:
        made = QWidget()
        inside = row(made, 12)
        count = label(cluster.count, "muted")
        count.setFixedWidth(px(40))
        count.setAlignment(Qt.AlignmentFlag.AlignRight)
        inside.addWidget(count)
        inside.addWidget(Elided(cluster.text), 1)
        if cluster.ids:
            name = tr("Show: {title}", title=cluster.text)
            inside.addWidget(button(tr("Show"), lambda: self._on_examples(cluster), "quiet", name=name))
        return made


class ReadinessCard(Card):
    """On the overview: the answer in a line, and the way to its reasons."""

    def __init__(self, on_open: Callable[[], object]) -> None:
        super().__init__(spacing=8, margins=24)
        self.badge, self.step, self.why = Badge(""), label("", wrap=True), muted("")
        self.step.setStyleSheet("font-weight: 600;")
        self.open = Badge("")
        self.button = button("", on_open, "quiet")
        top, below = row(spacing=8), row(spacing=8)
        fill(top, label(tr("Fine-tune at all?"), "heading"), self.badge, None)
        top.addWidget(self.button)
        self.ladder = Ladder()
        fill(below, self.open, None)
        fill(self.body, top, self.step, self.why, self.ladder)
        self.body.addLayout(below)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def show_view(self, seen: View) -> None:
        self.badge.show_text(seen.badge, seen.tone)
        self.step.setText(tr("Next step: {step}", step=seen.title))
        self.why.setText(seen.why)
        self.ladder.show_steps(seen)
        self.open.show_text(presenter.answered_line(seen), "warn" if seen.open else "good")
        text = tr("See why") if seen.whole else tr("Weigh it")
        self.button.setText(text)
        self.button.setAccessibleName(f"{text}: {tr('Fine-tune at all?')}")
