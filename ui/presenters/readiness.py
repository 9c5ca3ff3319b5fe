"""Should this be fine-tuned at all? The answer, its points and the questions as the window shows them, without Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ui.i18n import language, number, share, tr, trn

if TYPE_CHECKING:
    from curator.readiness import Answers, Point, Readiness
    from curator.store import Project
    from curator.tasks import Task

TONES = {"ok": "good", "look": "warn", "miss": "bad", "unknown": ""}
"""Colour of a point, by its status."""
_ORDER = ("miss", "look", "unknown", "ok")
_PLACES = {"findings", "examples", "rounds", "agreement", "map", "export"}


@dataclass(frozen=True, slots=True)
class Held:
    """What is known so far: the points of the last weighing (or the size alone), and the answers.

    `whole`: the points are those of a weighing by the whole check. `coverage`: as `curator ready --json` has it; `missing`: the
    production inputs that are not covered, as rows to be written.
    """

    points: tuple[Point, ...] = ()
    answers: Answers | None = None
    coverage: Mapping[str, Any] | None = None
    whole: bool = False
    where: str = ""
    missing: Sequence[Mapping[str, Any]] = ()

    def readiness(self) -> Readiness:
        from curator.readiness import Answers, Readiness

        return Readiness(self.points, self.answers or Answers(), None, self.where or "DATA")


@dataclass(frozen=True, slots=True)
class StepLine:
    """One rung of the ladder: `now` where it is the one to take, `past` where it lies below that one."""

    title: str
    now: bool
    past: bool


@dataclass(frozen=True, slots=True)
class PointLine:
    """One thing that was looked at. `page` and `where`: where it is mended, "" for nowhere in the window."""

    name: str
    title: str
    found: str
    status: str
    word: str
    tone: str
    page: str = ""
    where: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TodoLine:
    what: str
    command: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question: `said` is yes, no or unknown; `effect` what an answer would change, "" for one that is answered."""

    name: str
    title: str
    help: str
    said: str
    effect: str


@dataclass(frozen=True, slots=True)
class ClusterLine:
    """Inputs that are alike: how many, the most typical, and the ids of those that are candidates."""

    count: str
    text: str
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class View:
    """All of it. `state`: ready, mend or simpler; `waiting`: the points are still to be measured."""

    state: str
    title: str
    why: str
    steps: tuple[StepLine, ...]
    reasons: tuple[str, ...]
    todo: tuple[TodoLine, ...]
    points: tuple[PointLine, ...]
    questions: tuple[Question, ...]
    score: float | None
    target: float | None
    missing: tuple[ClusterLine, ...]
    unused: tuple[ClusterLine, ...]
    covered: str
    open: int
    whole: bool

    @property
    def tone(self) -> str:
        if not self.whole and self.state == "ready":
            return "accent"
        return {"ready": "good", "mend": "bad"}.get(self.state, "warn")

    @property
    def badge(self) -> str:
        if not self.whole and self.state == "ready":
            return tr("not weighed yet")
        return {"ready": tr("ready"), "mend": tr("mend the data first")}.get(self.state, tr("a simpler step first"))


def read(project: Project) -> Answers:
    """The answers that the project holds."""
    from curator.readiness import SETTING, Answers

    return Answers.of(project.settings().get(SETTING) or {})


def write(project: Project, answers: Answers) -> None:
    """Keep the answers in the project, where the command line finds them too."""
    from curator.readiness import SETTING

    project.set_settings(**{SETTING: answers.as_json()})


def sized(held: Held, count: int, candidates: int, task: Task, *, checked: bool) -> Held:
    """With no more than the size that the overview knows, as long as nothing was weighed."""
    from curator.readiness.amount import size_of

    if held.whole:
        return held
    return replace(held, points=(size_of(count, candidates, task),) if checked and candidates else ())


def weighed(held: Held, result: Mapping[str, Any]) -> Held:
    """With the result of the job `ready`; without a check that holds, what was known stays."""
    from curator.readiness import Point

    if not result["checked"]:
        return replace(held, whole=False)
    points = tuple(Point.unpacked(one) for one in result["points"])
    return Held(points, held.answers, result["coverage"], True, result["where"], result["missing"])


def save_missing(held: Held, path: str) -> None:
    """Write the production inputs that are not covered, one JSON line each. Raises EnvironmentFailure where that fails."""
    from curator.files import write_bytes
    from curator.text import json_bytes

    write_bytes(path, b"".join(json_bytes(one) for one in held.missing))


def view(held: Held) -> View:
    """What is shown, in the language in use."""
    from curator.readiness import State

    found = held.readiness()
    spoken = language()
    document = found.as_json(spoken)
    effects = document["open"]
    state = {State.READY: "ready", State.MEND: "mend"}.get(found.state, "simpler")
    return View(
        state,
        _title(document["next"]),
        _sentence(document["why"]),
        _steps(found, spoken),
        tuple(_sentence(reason["what"]) for reason in document["reasons"][1:]),
        tuple(
            TodoLine(_sentence(one["what"]), one["command"])
            for one in document["todo"]
            if held.whole or state != "ready"
        ),
        tuple(_point(one) for one in sorted(document["points"], key=lambda one: _ORDER.index(one["status"]))),
        _questions(document["answers"], effects, spoken),
        found.answers.score,
        found.answers.target,
        _clusters(held.coverage, "clusters"),
        _clusters(held.coverage, "unused_clusters"),
        _covered(document["points"]),
        len(effects),
        held.whole,
    )


def answered_line(seen: View) -> str:
    """How many questions are answered."""
    return (
        trn("{n} question is open", "{n} questions are open", seen.open)
        if seen.open
        else tr("all questions are answered")
    )


def _steps(found: Readiness, spoken: str) -> tuple[StepLine, ...]:
    from curator.readiness import Rung

    rungs = list(Rung)
    at = rungs.index(found.rung)
    return tuple(StepLine(_title(rung.said.say(spoken)), n == at, n < at) for n, rung in enumerate(rungs))


def _point(one: Mapping[str, Any]) -> PointLine:
    word = {"ok": tr("good"), "look": tr("look"), "miss": tr("comes first"), "unknown": tr("not measured")}[
        one["status"]
    ]
    where = dict(one["where"])
    page = str(where.pop("page", ""))
    if page not in _PLACES or (one["status"] == "ok" and page != "map"):
        page, where = "", {}
    return PointLine(
        one["name"], one["title"], _sentence(one["found"]), one["status"], word, TONES[one["status"]], page, where
    )


def _questions(said: Mapping[str, Any], effects: Mapping[str, str], spoken: str) -> tuple[Question, ...]:
    from curator.readiness import QUESTIONS
    from curator.readiness.questions import help_of, title

    made = []
    for name in QUESTIONS:
        asked = title(name).say(spoken)
        # The line says the question first; beside the question itself only what follows is needed.
        effect = effects.get(name, "").removeprefix(asked).strip()
        made.append(Question(name, asked, help_of(name).say(spoken), said[name], effect))
    return tuple(made)


def _clusters(coverage: Mapping[str, Any] | None, key: str) -> tuple[ClusterLine, ...]:
    found: Sequence[Mapping[str, Any]] = (coverage or {}).get(key, ())
    return tuple(
        ClusterLine(
            number(one["count"]),
            (f"{one['label']}: " if one.get("label") else "") + one["inputs"][0],
            tuple(one.get("examples", ())),
        )
        for one in found
    )


def _covered(points: Sequence[Mapping[str, Any]]) -> str:
    return next((_sentence(one["found"]) for one in points if one["name"] == "coverage"), "")


def _title(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sentence(text: str) -> str:
    return _title(text) + ("" if text.endswith((".", "?", "!", "…")) else ".")


def percent(value: float | None) -> str:
    """A score as the field shows it."""
    return "" if value is None else share(value, 0 if round(100 * value, 1).is_integer() else 1)
