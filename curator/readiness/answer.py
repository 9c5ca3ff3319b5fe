"""The answer: a rung of the ladder with its reasons, what is missing, and what it would take."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from curator.readiness.coverage import Coverage
from curator.readiness.ladder import Reason, Rung, State, decide, openings, sources
from curator.readiness.points import Point, Todo
from curator.readiness.questions import Answers, title
from curator.readiness.texts import Text, text

_MARK = {"ok": "ok  ", "look": "look", "miss": "MISS", "unknown": "?   "}


@dataclass(frozen=True, slots=True)
class Readiness:
    """What was looked at, what was answered, and what follows from both.

    `coverage`: of production inputs by the candidates, None where no sample of these was given. `where`: DATA and `--eval` as
    a command takes them.
    """

    points: tuple[Point, ...]
    answers: Answers = field(default_factory=Answers)
    coverage: Coverage | None = None
    where: str = "DATA"

    @property
    def ready(self) -> bool:
        return decide(self.points, self.answers).state is State.READY

    @property
    def rung(self) -> Rung:
        """The step of the ladder to take; where the data is to be mended first, the step after that."""
        return decide(self.points, self.answers).rung

    @property
    def state(self) -> State:
        return decide(self.points, self.answers).state

    @property
    def reasons(self) -> tuple[Reason, ...]:
        return decide(self.points, self.answers).reasons

    @property
    def why(self) -> Text:
        """The reason that decided."""
        return self.reasons[0].what

    @property
    def next_step(self) -> Text:
        """What to do now: the rung, or mending the data first."""
        return text("next.mend") if self.state is State.MEND else self.rung.said

    @property
    def todo(self) -> tuple[Todo, ...]:
        """What it would take: the step itself, then what fine-tuning waits for, then the rest."""
        missing = sorted(
            (p for p in self.points if not p.passed), key=lambda p: ("miss", "look", "unknown").index(p.status)
        )
        data = tuple(one for point in missing for one in point.todo)
        if self.state is State.MEND:
            return data
        export = f"curator export {self.where} --target openai --out release" if self.ready else ""
        return (Todo(text(f"do.{self.rung.name.lower()}"), export), *data)

    def answered(self, answers: Answers) -> Readiness:
        """The same data with other answers."""
        return replace(self, answers=answers)

    def head(self, language: str = "en") -> str:
        """The answer in a sentence or two."""
        key = "head.ready" if self.ready else "head.not_ready"
        said = text(key, step=self.next_step, why=self.why).say(language)
        asked = len({one.question for one in openings(self.points, self.answers)})
        return said + (" " + text("head.open", n=asked).say(language) if self.ready and asked else "")

    def lines(self) -> list[str]:
        """The answer as text for a terminal."""
        rows = [f"  {_MARK[p.status]}  {p.name}: {p.found}" for p in self.points]
        reasons = [f"  - {r.what}" for r in self.reasons[1:]]
        todo = [f"  - {one.what}" + (f": {one.command}" if one.command else "") for one in self.todo]
        heard = [f"  - {line}" for line in self.open_lines()]
        covered = self.coverage.lines() if self.coverage is not None else []
        return [
            self.head(),
            *(["Also:", *reasons] if reasons else []),
            "What was looked at:",
            *rows,
            *covered,
            *(["To do:", *todo] if todo else []),
            *(["Open questions (--ask, or --answer prompting=yes):", *heard] if heard else []),
        ]

    def open_lines(self, language: str = "en") -> list[str]:
        """A line for each open question: what an answer to it would change."""
        by_question: dict[str, list[Text]] = {name: [] for name in self.answers.open}
        for one in openings(self.points, self.answers):
            step = text("next.mend") if one.state is State.MEND else one.rung.said
            by_question[one.question].append(text("open.yes" if one.said else "open.no", step=step))
        return [
            title(name).say(language) + " " + " ".join(t.say(language) for t in told or [text("open.nothing")])
            for name, told in by_question.items()
        ]

    def as_json(self, language: str = "en") -> dict[str, Any]:
        """The document `curator/ready/1`."""
        questions = dict(zip(self.answers.open, self.open_lines(language), strict=True))
        return {
            "schema": "curator/ready/1",
            "ready": self.ready,
            "rung": str(self.rung),
            "state": str(self.state),
            "next": self.next_step.say(language),
            "why": self.why.say(language),
            "reasons": [
                {"what": r.what.say(language), "point": r.point or None, "question": r.question or None}
                for r in self.reasons
            ],
            "points": [p.as_json(language) for p in self.points],
            "todo": [{"what": t.what.say(language), "command": t.command} for t in self.todo],
            "answers": self.answers.as_json(),
            "open": questions,
            "coverage": None if self.coverage is None else self.coverage.as_json(),
            "ladder": {name: sources()[name] for name in ("as_of", "source")},
        }
