"""Candidates that repeat an eval example: training on them makes the eval measure memory.

Inputs are compared with inputs and outputs with outputs; a text that says nothing of its own (an instruction that many
rows share, a label, a number) does not count. Four kinds of evidence, each named: `exact` (equal after folding), `ngram`
(shared runs of words, `leak_runs`), `near_duplicate` (by the rule that holds among candidates) and `semantic` (meaning,
facts and form together, `leak_evidence`, held against what chance makes of them, `leak_null`). The score reads as a
false-positive rate: .5 where 1 in 100 candidates of this data would be flagged by chance, .9 where 1 in 1,000 would.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from curator.checks.data import Data, Outcome
from curator.checks.findings import finding_id, shorten
from curator.checks.leak_match import Match, Matched, match
from curator.checks.leak_null import CUT
from curator.checks.leak_runs import GRAM
from curator.checks.leak_sides import groups
from curator.checks.leak_words import Repeated, exact_matches, shared_runs
from curator.checks.private import same_output
from curator.model import Finding, Severity, Suggestion, Verdict

NAME = "leakage"
SURE = 0.9
"""Scores of texts that repeat each other by their words begin here, where the default cut is."""
BORDERLINE = 100
"""Findings just below the cut that are offered for calibration."""
_HOW = {
    "exact": "word for word",
    "ngram": "in long runs of words",
    "near_duplicate": "but for a few words",
    "semantic": "in meaning",
}


@dataclass(frozen=True, slots=True)
class _Leak:
    """What is known of one candidate: its score, the eval example it comes nearest to (None: none), on which side, the
    evidence by kind, and the two texts to show."""

    score: float
    eval: int | None
    side: str
    evidence: dict[str, Any]
    texts: tuple[str, str]


def run(data: Data) -> Outcome:
    """One finding per leaking candidate. Scores: `leakage` 0..1, and the eval example it repeats."""
    c, e = data.candidates, data.evals
    if not len(e) or not len(c):
        return Outcome([])
    matched = _nothing(data)
    runs: dict[int, Repeated] = {}
    equal: dict[int, Repeated] = {}
    for compared in groups(data):
        matched = matched.or_better(match(data, compared))
        runs = shared_runs(compared) | runs
        equal = exact_matches(compared) | equal
    cut = float(data.cuts.get(NAME, CUT))
    leaks = [
        _leak(data, index, float(score), best, runs.get(index), equal.get(index), cut)
        for index, (score, best) in enumerate(zip(matched.score, matched.best, strict=True))
    ]
    reported = [index for index, leak in enumerate(leaks) if leak.score >= cut]
    below: list[int] = []
    if data.borderline:
        asked = (index for index, leak in enumerate(leaks) if 0 < leak.score < cut)
        below = sorted(asked, key=lambda index: (-leaks[index].score, index))[:BORDERLINE]
    findings, borderline = ([_finding(data, i, leaks[i]) for i in some] for some in (reported, below))
    return Outcome(
        findings,
        {
            "leakage": np.array([leak.score for leak in leaks]),
            "leakage_example": [None if leak.eval is None else e.examples[leak.eval].id for leak in leaks],
        },
        {**matched.calibration, "cut": round(cut, 4)},
        borderline,
    )


def _nothing(data: Data) -> Matched:
    """Nothing to compare with: all candidates or all evals say the same."""
    count = len(data.candidates)
    return Matched(np.zeros(count), [None] * count, {"sides": []})


def _leak(
    data: Data,
    index: int,
    score: float,
    best: Match | None,
    run: Repeated | None,
    equal: Repeated | None,
    cut: float,
) -> _Leak:
    """All evidence about one candidate; what is surer names the eval example."""
    evidence: dict[str, Any] = {}
    number, side = (best.eval, best.side) if best else (None, "")
    if best and score >= cut:
        evidence["semantic"] = {
            "cosine": round(best.cosine, 4),
            "score": round(score, 4),
            "same_facts": round(best.facts, 4),
            "same_form": round(best.form, 4),
        }
    if best and _is_near_duplicate(data, index, best):
        evidence["near_duplicate"] = {"cosine": round(best.cosine, 4)}
        score = max(score, SURE + 0.05 * best.cosine)
    if run:
        number, side = run.eval, run.side
        evidence["ngram"] = {"words": GRAM, "covered": round(run.covered, 4)}
        score = max(score, SURE + 0.1 * run.covered)
    if equal:
        number, side = equal.eval, equal.side
        evidence["exact"] = {"same_output": _same_output(data, index, equal.eval)}
        score = 1.0
    texts = _texts(data, index, number, side)
    if best and best.candidate_window and not run and not equal:
        texts = best.candidate_window, best.eval_window
    return _Leak(score, number, side, evidence, texts)


def _is_near_duplicate(data: Data, index: int, best: Match) -> bool:
    """Whether the inputs would be near duplicates by the rule that holds among candidates."""
    private = not best.eval_window
    if private or best.side != "input" or best.cosine < data.pairs.threshold:
        return False
    return data.pairs.same_said(data.candidates.inputs[index], data.evals.inputs[best.eval])


def _same_output(data: Data, index: int, number: int) -> bool:
    mine, theirs = data.candidates.outputs[index], data.evals.examples[number]
    return same_output(mine, theirs)


def _texts(data: Data, index: int, number: int | None, side: str) -> tuple[str, str]:
    """What the two say on that side."""
    c, e = data.candidates, data.evals
    if number is None:
        return "", ""
    if side == "input":
        return c.inputs[index], e.inputs[number]
    if side == "output":
        return c.outputs[index], e.outputs[number]
    return f"{c.inputs[index]}\n{c.outputs[index]}", f"{e.inputs[number]}\n{e.outputs[number]}"


def _finding(data: Data, index: int, leak: _Leak) -> Finding:
    c, e = data.candidates, data.evals
    assert leak.eval is not None
    sure = "exact" in leak.evidence or "ngram" in leak.evidence
    named = ", ".join(text for kind, text in _HOW.items() if kind in leak.evidence) or _HOW["semantic"]
    what = {"input": "repeats", "output": "its output repeats", "pair": "the pair repeats"}[leak.side]
    mine, theirs = leak.texts
    return Finding(
        NAME,
        Severity.ERROR if sure else Severity.WARNING,
        leak.score,
        (data.id_of(index), e.examples[leak.eval].id),
        f"{what} eval example {e.examples[leak.eval].ref} {named}",
        {**leak.evidence, "side": leak.side, "candidate": shorten(mine), "eval": shorten(theirs)},
        Suggestion(Verdict.DROP, (data.id_of(index),)),
        finding_id(NAME, (c.keys[index], e.keys[leak.eval])),
    )
