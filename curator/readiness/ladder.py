"""Which rung of the ladder to take: better prompt, few-shot prompting, retrieval, fine-tune.

The ladder and the matrix behind these rules are what practitioners' guides agree on (`resources/readiness/ladder.json`); a
test holds every row of it. "Mend the data" is no rung: it is the state of who stands before the last one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from curator.readiness.points import Point
from curator.readiness.questions import Answers
from curator.readiness.texts import Text, text
from curator.resources import resource


class Rung(StrEnum):
    """A step of the ladder; each costs more than the one before."""

    PROMPT = "better prompt"
    FEW_SHOT = "few-shot prompting"
    RETRIEVAL = "retrieval"
    FINE_TUNE = "fine-tune"

    @property
    def said(self) -> Text:
        return text(f"rung.{self.name.lower()}")


class State(StrEnum):
    """`SIMPLER`: a lower rung is the step to take; `MEND`: fine-tune, once the data is mended; `READY`: fine-tune."""

    SIMPLER = "take a simpler step"
    MEND = "mend the data"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why; and the `point` or the `question` that it comes from."""

    what: Text
    point: str = ""
    question: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The rung to take, and whether the data is in the way; the reason that decided stands first."""

    rung: Rung
    state: State
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """A question that is open, and what the answer `said` to it would change."""

    question: str
    said: bool
    rung: Rung
    state: State


@lru_cache(maxsize=1)
def sources() -> Mapping[str, Any]:
    """The matrix that the rules follow, where it is from, and as of when."""
    found: dict[str, Any] = json.loads(resource("readiness/ladder.json").read_text(encoding="utf-8"))
    return found


def decide(points: Sequence[Point], answers: Answers) -> Verdict:
    """The rung that these points and answers lead to; an open question decides nothing."""
    rung, first = _rung(points, answers)
    missing = [p for p in points if p.blocking and not p.passed]
    state = State.SIMPLER if rung is not Rung.FINE_TUNE else State.MEND if missing else State.READY
    if state is State.MEND:
        first = _of_point(missing[0])
    others = [*_for_tuning(answers), *(_of_point(p) for p in missing)]
    said = (first.point, first.question)
    return Verdict(rung, state, (first, *(r for r in others if (r.point, r.question) != said)))


def openings(points: Sequence[Point], answers: Answers) -> tuple[Opening, ...]:
    """What an answer to each open question would change; those that change nothing are left out."""
    now = decide(points, answers)
    changed = []
    for question in answers.open:
        for said in (True, False):
            then = decide(points, answers.with_answer(question, said))
            if (then.rung, then.state) != (now.rung, now.state):
                changed.append(Opening(question, said, then.rung, then.state))
    return tuple(changed)


def _rung(points: Sequence[Point], answers: Answers) -> tuple[Rung, Reason]:
    """The first rule that applies. What no number of examples can mend comes before their number."""
    prompting = Rung.FEW_SHOT if answers["prompting"] else Rung.PROMPT
    size = next((p for p in points if p.name == "size"), None)
    if answers["knowledge"]:
        return Rung.RETRIEVAL, _of("knowledge")
    if answers["explainable"]:
        return prompting, _of("explainable")
    if answers["narrow"] is False:
        return prompting, _of("narrow")
    if answers["prompting"] is False:
        return Rung.PROMPT, _of("prompting")
    if size is not None and not size.passed:
        few = text("reason.too_few", left=size.figures["clean"], minimum=size.figures["minimum"])
        return Rung.FEW_SHOT, Reason(few, point="size")
    if answers["measure"] is False:
        return Rung.PROMPT, _of("measure")
    if answers.gap is not None and answers.gap <= 0:
        stay = Rung.FEW_SHOT if answers["few_shot"] else Rung.PROMPT
        return stay, Reason(text("reason.reached", score=answers.score, target=answers.target), question="score")
    if answers["few_shot"] is False:
        return Rung.FEW_SHOT, _of("few_shot")
    if answers["form"] is False and answers["cheaper"] is False and answers.gap is None:
        return Rung.FEW_SHOT, Reason(text("reason.nothing_asks"), question="form")
    known = "data" if len(points) > 1 else "size_alone" if points else "not_checked"
    return Rung.FINE_TUNE, Reason(text(f"reason.{known}"), point="size" if points else "")


def _for_tuning(answers: Answers) -> list[Reason]:
    """What speaks for fine-tuning, of the answers."""
    found = [Reason(text(f"reason.for.{q}"), question=q) for q in ("form", "cheaper", "narrow") if answers[q]]
    if answers.gap is not None and answers.gap > 0:
        gap = text("reason.gap", score=answers.score, target=answers.target, points=100 * answers.gap)
        found.append(Reason(gap, question="target"))
    return found


def _of(question: str) -> Reason:
    return Reason(text(f"reason.{question}"), question=question)


def _of_point(point: Point) -> Reason:
    return Reason(text("reason.point", title=point.title, found=point.found), point=point.name)
