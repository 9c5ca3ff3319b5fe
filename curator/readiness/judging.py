"""All points about some data, and the answer that follows from them."""

from __future__ import annotations

from curator.readiness import amount, held_out, outputs, spread, truth
from curator.readiness.answer import Readiness
from curator.readiness.coverage import told, wilson
from curator.readiness.evidence import Evidence
from curator.readiness.points import Point, Todo
from curator.readiness.questions import Answers
from curator.readiness.texts import text
from curator.reports.data import CheckReport

MISSING = 0.02
"""Share of production inputs that may have no candidates around them."""
MUCH = 0.1
"""And the share from which examples for them come first: one request in ten."""


def judge(found: CheckReport | Evidence, answers: Answers | None = None) -> Readiness:
    """Weigh what a check found; with no more than its report, what takes vectors is left out."""
    e = found if isinstance(found, Evidence) else Evidence(found)
    answers = answers or Answers()
    points = (
        amount.size(e),
        held_out.leaks(e),
        held_out.eval_set(e),
        held_out.resolution(e, answers),
        truth.noise(e),
        truth.systematic(e),
        truth.agreement(e),
        amount.labels(e),
        amount.balance(e),
        outputs.form(e),
        spread.diversity(e),
        covered(e),
        evaluated(e),
    )
    return Readiness(tuple(p for p in points if p is not None), answers, e.coverage, e.where)


def covered(e: Evidence) -> Point:
    """Whether the candidates cover what production asks."""
    found = e.coverage
    if found is None:
        todo = Todo(text("coverage.give"), e.command("ready", "--production FILE"))
        return Point("coverage", False, text("coverage.none"), (todo,), known=False)
    figures = {k: v for k, v in found.as_json().items() if not k.endswith("clusters")}
    if not found.can_miss:
        return Point("coverage", False, told(found), (Todo(text("coverage.more")),), known=False, figures=figures)
    passed = found.share <= MISSING
    label = Todo(
        text("coverage.label", n=len(found.missing)), e.command("ready", "--production FILE --missing missing.jsonl")
    )
    return Point(
        "coverage",
        passed,
        told(found),
        () if passed else (label,),
        blocking=found.missing_low > MUCH,
        figures=figures,
    )


def evaluated(e: Evidence) -> Point | None:
    """Whether the eval set asks what production asks: else its score is of something else."""
    found = e.coverage
    if found is None or found.eval_missing is None:
        return None
    share = found.eval_missing / max(1, found.production)
    low = wilson(found.eval_missing, found.production)[0]
    passed = share <= MISSING
    values = {"missing": found.eval_missing, "n": found.production, "share": share}
    return Point(
        "eval coverage",
        passed,
        text("evaluated.found" if found.eval_missing else "evaluated.all", **values),
        () if passed else (Todo(text("evaluated.label")),),
        blocking=low > MUCH,
        figures={"missing": found.eval_missing, "share": round(share, 4), "share_low": round(low, 4)},
    )
