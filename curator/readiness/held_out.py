"""The eval set: is there one, is it clean, and is it large enough to tell two models apart?"""

from __future__ import annotations

from typing import Any

from curator.model import Severity
from curator.readiness import power
from curator.readiness.evidence import Evidence
from curator.readiness.points import Point, Todo
from curator.readiness.questions import Answers
from curator.readiness.texts import Text, text

EVAL_SHARE = 0.1
"""What an export holds out where nobody says otherwise."""
RULE_OF_THREE = 30
"""Eval examples below which even a perfect score leaves the error rate unknown by 10 points (3/n)."""
LEAKING = 0.02
"""Share of the eval set that may be compromised: about what chance flags where many candidates meet few eval examples."""
SHOWS = 0.1
"""A difference of ten points is the least that an eval set should be able to show."""
ASKED = (0.02, 0.05)
"""Differences for which it is said how many eval examples they would take."""


def eval_set(e: Evidence) -> Point:
    """Whether there is an eval set, or what an export would hold out."""
    if not e.evals:
        held = round(e.report.effective * EVAL_SHARE)
        todo = Todo(text("eval.give"), e.command("ready", "" if "--eval" in e.where else "--eval FILE"))
        return Point(
            "eval set",
            held >= RULE_OF_THREE,
            text("eval.none", n=held),
            (todo,),
            figures={"given": 0, "held_out": held},
        )
    distinct = _distinct(e)
    enough = distinct >= RULE_OF_THREE
    found = text("eval.found", n=e.evals) if distinct == e.evals else text("eval.repeats", n=e.evals, distinct=distinct)
    more = () if enough else (Todo(text("eval.collect", n=RULE_OF_THREE - distinct)),)
    return Point("eval set", enough, found, more, figures={"given": e.evals, "distinct": distinct})


def leaks(e: Evidence) -> Point | None:
    """Leaks from both sides: the candidates that repeat eval examples, and the eval examples that are compromised."""
    if not e.evals or not e.ran("leakage"):
        return None
    open = e.open("leakage")
    ours = {id for f in open for id in f.examples if e.is_candidate(id)}
    sure = {id for f in open if f.severity is Severity.ERROR for id in f.examples if not e.is_candidate(id)}
    hit = compromised(e)
    share = len(hit) / e.evals
    figures = {"candidates": len(ours), "compromised": len(hit), "word_for_word": len(sure), "share": round(share, 4)}
    figures |= {"eval": e.evals, "tolerated": LEAKING}
    where = {"page": "findings", "check": "leakage"}
    if not hit:
        return Point("leaks", True, text("leaks.none", n=e.evals), blocking=True, where=where, figures=figures)
    values = {"n": len(hit), "all": e.evals, "share": share, "candidates": len(ours), "sure": len(sure)}
    passed = share <= LEAKING
    found = text("leaks.few" if passed else "leaks.found", **values)
    return Point(
        "leaks", passed, found, _leak_todo(e, len(ours), len(hit)), blocking=True, where=where, figures=figures
    )


def _leak_todo(e: Evidence, ours: int, hit: int) -> tuple[Todo, ...]:
    drop = e.command("accept", "--check leakage") if e.project else e.command("export", "--target jsonl --out clean")
    return (Todo(text("leaks.drop", n=ours), drop), Todo(text("leaks.replace", n=hit)))


def compromised(e: Evidence) -> set[int]:
    """The eval examples (ids) that a candidate repeats, and those that ask the very same as one of these."""
    hit = {id for f in e.open("leakage") for id in f.examples if not e.is_candidate(id)}
    if e.data is None or not hit:
        return hit
    c = e.data.evals
    asked = {c.folded_inputs[at] for at, x in enumerate(c.examples) if x.id in hit and c.folded_inputs[at]}
    return hit | {x.id for at, x in enumerate(c.examples) if c.folded_inputs[at] in asked}


def resolution(e: Evidence, answers: Answers) -> Point:
    """The smallest difference between two models that the eval set can show, and what it takes to show smaller ones."""
    clean = _clean_evals(e)
    accuracy = power.USUAL if answers.score is None else answers.score
    psi = power.disagreement(accuracy, answers.target)
    least = power.smallest_difference(clean, psi)
    needed = {f"{100 * d:.0f}": power.examples_needed(d, psi) for d in ASKED}
    figures: dict[str, Any] = {
        "examples": clean,
        "smallest_difference": round(least, 4),
        "assumed_disagreement": round(psi, 4),
    }
    figures |= {"needed": needed, "power": power.POWER, "level": power.LEVEL}
    figures |= {"smallest_difference_unpaired": round(power.smallest_unpaired(clean, accuracy), 4)}
    wanted = SHOWS if answers.gap is None or answers.gap <= 0 else answers.gap
    passed = least <= wanted
    values = {"n": clean, "points": 100 * least, "two": needed["2"], "five": needed["5"], "psi": psi}
    found = text("power.found" if e.evals else "power.held_out", **values) if least < 1 else text("power.none", n=clean)
    todo: tuple[Todo, ...] = ()
    if not passed:
        take = power.examples_needed(wanted, psi)
        key: Text = text("power.collect", n=take - clean, points=100 * wanted, total=take)
        todo = (Todo(key),)
    return Point("resolution", passed, found, todo, figures=figures)


def _clean_evals(e: Evidence) -> int:
    """Different eval examples that are not compromised; without an eval set what an export would hold out."""
    if not e.evals:
        return round(e.report.effective * EVAL_SHARE)
    if e.data is None:
        return e.evals - len(compromised(e))
    hit, c = compromised(e), e.data.evals
    return len({c.folded_inputs[at] or c.keys[at] for at, x in enumerate(c.examples) if x.id not in hit})


def _distinct(e: Evidence) -> int:
    if e.data is None:
        return e.evals
    c = e.data.evals
    return len({text or key for text, key in zip(c.folded_inputs, c.keys, strict=True)})
