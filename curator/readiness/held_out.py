"""The eval set: is there one, is it clean, and is it large enough to tell two models apart?"""

from __future__ import annotations

from typing import Any

from curator.model import Severity
from curator.readiness import power
from curator.readiness.evidence import Evidence
from curator.readiness.points import Point, Todo
from curator.readiness.questions import Answers
from curator.readiness.texts import text

ASIDE = (10, 20)
"""Shares in percent that an export can put aside for an eval set: the first that is large enough, else the last."""
RULE_OF_THREE = 30
"""Eval examples below which even a perfect score leaves the error rate unknown by 10 points (3/n)."""
NONE = 0.5
"""A difference that a model can hardly make: what shows only larger ones shows none."""
LEAKING = 0.02
"""Share of the eval set that may be compromised: about what chance flags where many candidates meet few eval examples."""
SHOWS = 0.1
"""A difference of ten points is the least that an eval set should be able to show."""
ASKED = (0.02, 0.05)
"""Differences for which it is said how many eval examples they would take."""


def eval_set(e: Evidence) -> Point:
    """Whether there is an eval set with enough clean examples; without one nobody can tell whether fine-tuning helped."""
    if not e.evals:
        share, held = _aside(e)
        todo = [Todo(text("eval.give"), e.command("ready", "--eval FILE"))]
        if held:
            split = f"--target jsonl --split {100 - share}/0/{share} --out aside"
            todo.append(Todo(text("eval.aside", n=held), e.command("export", split)))
        figures = {"given": 0, "could_put_aside": held}
        return Point("eval set", False, text("eval.none"), tuple(todo), blocking=True, figures=figures)
    distinct, clean = _distinct(e), _clean_evals(e)
    found = text("eval.found", n=e.evals) if distinct == e.evals else text("eval.repeats", n=e.evals, distinct=distinct)
    figures = {"given": e.evals, "distinct": distinct, "clean": clean}
    if clean >= RULE_OF_THREE:
        return Point("eval set", True, found, blocking=True, figures=figures)
    few = text("eval.few", found=found, clean=clean, least=RULE_OF_THREE)
    more = Todo(text("eval.collect", n=RULE_OF_THREE - clean))
    return Point("eval set", False, few, (more,), blocking=True, figures=figures)


def _aside(e: Evidence) -> tuple[int, int]:
    """The share in percent that an export would put aside for an eval set, and about how many clean examples that is; 0 where they
    are too few."""
    wanted = power.examples_needed(SHOWS, power.disagreement(power.USUAL))
    held = [(share, e.report.effective * share // 100) for share in ASIDE]
    share, most = next((one for one in held if one[1] >= wanted), held[-1])
    return share, most if most >= RULE_OF_THREE else 0


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
    found = text("power.found" if e.evals else "power.aside", **values) if least < NONE else text("power.none", n=clean)
    todo: tuple[Todo, ...] = ()
    if not passed:
        take = power.examples_needed(wanted, psi)
        todo = (Todo(text("power.collect", n=take - clean, points=100 * wanted, total=take)),)
    return Point("resolution", passed, found, todo, figures=figures)


def _clean_evals(e: Evidence) -> int:
    """Different eval examples that are not compromised; without an eval set what could be put aside for one."""
    if not e.evals:
        return _aside(e)[1]
    if e.data is None:
        return e.evals - len(compromised(e))
    hit, c = compromised(e), e.data.evals
    return len({c.folded_inputs[at] or c.keys[at] for at, x in enumerate(c.examples) if x.id not in hit})


def _distinct(e: Evidence) -> int:
    if e.data is None:
        return e.evals
    c = e.data.evals
    return len({text or key for text, key in zip(c.folded_inputs, c.keys, strict=True)})
