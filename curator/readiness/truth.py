"""Are the outputs right? Noise, agreement of reviewers, and errors that are made the same way again and again."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from curator.checks.data import squeeze
from curator.model import Finding
from curator.readiness.coverage import wilson
from curator.readiness.evidence import Evidence
from curator.readiness.points import Point, Todo
from curator.readiness.texts import text

NOISE_LIMIT = 0.05
"""Share of outputs that are likely wrong, from which they should be mended first."""
MODEL_ERROR, BACKGROUND = 0.3, 0.012
"""How far off the expected number of wrong labels may be beyond chance: as a share of it, and of all. On BANKING77 with 0 to
10% of its labels changed in three ways it came out .6 to 1.8 points above what was changed."""
AGREE, TENTATIVE = 0.8, 0.667
"""Krippendorff's α from which labels can be relied on, and below which no conclusion should be drawn (Krippendorff 2004)."""
MANY = 8
"""Labels mistaken the same way that make an error systematic."""
SAME_WAY = 0.3
"""And the share of the label's examples that they must be."""
SHOWN = 3
VOTERS = 10
"""Nearest inputs that vote on a label."""
SETTLED = 30
"""Outputs judged by reviewers from which their word counts for more than what neighbours can tell."""


def noise(e: Evidence) -> Point | None:
    """How many outputs are likely wrong, with an interval: the chances of single examples to be wrong added up.

    Chances come from the label check (calibrated, every example has one); of pairs and conflicts only what is reported counts:
    of two that contradict each other one is wrong. The interval is that of a sum of independent chances, widened by how far such
    estimates were off on data with known errors.
    """
    checks = e.ran("label_error", "conflict", "mismatched_pair")
    if not checks:
        return None
    open = e.open(*checks)
    if (untold := _untold(e)) is not None:
        return untold
    named = {id for f in open for id in f.examples if e.is_candidate(id)}
    chances = _chances(e, open)
    judged = _judged(e)
    if not judged and not named:
        return Point(
            "noise", False, text("noise.unknown"), (Todo(text("noise.sample"), e.command("open")),), known=False
        )
    expected = sum(chances.values())
    total = max(1, e.candidates)
    off = BACKGROUND * judged if "label_error" in checks else 0.0
    chance = 1.96**2 * sum(p * (1 - p) for p in chances.values())
    spread = math.sqrt(chance + (MODEL_ERROR * expected) ** 2 + off**2)
    share, low = min(1.0, expected / total), max(0.0, expected - spread) / total
    high = min(1.0, max((expected + spread) / total, wilson(round(expected), max(1, judged))[1]))
    left = sum(p for id, p in chances.items() if e.clean is None or id in e.clean) / max(1, e.report.effective)
    values = {"share": share, "low": low, "high": high, "n": len(named), "left": left}
    check = Counter(f.check for f in open).most_common(1)[0][0] if open else checks[0]
    return Point(
        "noise",
        share <= NOISE_LIMIT,
        text("noise.found" if named else "noise.none", **values),
        (Todo(text("noise.review", n=len(named)), e.command("open")),) if named else (),
        blocking=low > NOISE_LIMIT,
        where={"page": "findings", "check": check},
        figures={
            "expected_wrong": round(expected, 1),
            "share": round(share, 4),
            "low": round(low, 4),
            "high": round(high, 4),
        }
        | {"named": len(named), "judged": judged, "left_after_cleaning": round(left, 4)},
    )


def _untold(e: Evidence) -> Point | None:
    """Where labels go with inputs no better than chance: that. The check names nothing then, which is no sign of clean labels."""
    quality = e.scores.get("label_quality")
    if quality is None or e.data is None or not e.data.short_labels or _is_told(e, quality):
        return None
    from curator.checks.label_judge import is_learnt

    c, near = e.data.candidates, e.data.neighbours.index[:, :VOTERS]
    names, labels = np.unique([squeeze(c.outputs[row]) for row in c.distinct.first], return_inverse=True)
    votes = np.zeros((len(labels), len(names)), dtype=np.int64)
    for column in near.T:
        np.add.at(votes, (np.flatnonzero(column >= 0), labels[column[column >= 0]]), 1)
    right = votes.argmax(axis=1) == labels
    if is_learnt(right, labels):
        return None
    counts = np.bincount(labels)
    usual = int(counts.argmax())
    values = {"n": len(labels), "right": float(right.mean()), "share": float(counts[usual] / len(labels))}
    return Point(
        "noise",
        False,
        text("noise.chance", label=str(names[usual]), **values),
        (Todo(text("noise.settle"), e.command("open")),),
        blocking=len(e.judged) < SETTLED,
        where={"page": "examples"},
        figures={"inputs": len(labels), "told_by_neighbours": round(values["right"], 4)}
        | {"largest_share": round(values["share"], 4), "judged_by_reviewers": len(e.judged)},
    )


def _judged(e: Evidence) -> int:
    """How many candidates a check could judge at all."""
    columns = [
        np.asarray(e.scores[name], dtype=float) for name in ("label_quality", "pair_quality") if name in e.scores
    ]
    return max((int((~np.isnan(column)).sum()) for column in columns), default=0)


def _chances(e: Evidence, open: Sequence[Finding]) -> dict[int, float]:
    """By candidate, the chance that its output is wrong; a reviewer who judged it has the last word."""
    chances: dict[int, float] = defaultdict(float)
    quality = e.scores.get("label_quality")
    if quality is not None and e.data is not None and _is_told(e, quality):
        for example, value in zip(e.data.candidates.examples, np.asarray(quality, dtype=float), strict=True):
            if not math.isnan(value):
                chances[example.id] = 1 - float(value)
    for finding in open:
        ours = [id for id in finding.examples if e.is_candidate(id)]
        if finding.check == "conflict":
            asked = set(finding.suggestion.examples) if finding.suggestion else set()
            for id in ours:
                chances[id] = max(chances[id], finding.score * (1.0 if id in asked else 0.0 if asked else 0.5))
        else:
            at = finding.suggestion.examples if finding.suggestion else ours
            for id in at:
                chances[id] = max(chances[id], finding.score)
    for id in e.judged:
        chances.pop(id, None)
    return dict(chances)


def _is_told(e: Evidence, quality: Any) -> bool:
    """Whether the check could tell labels at all. Where it could it reports about as many as it expects to be wrong; where
    it could not, its chances only rank."""
    expected = float(np.nansum(1 - np.asarray(quality, dtype=float)))
    reported = sum(len(f.examples) for f in e.report.findings if f.check == "label_error")
    return reported >= expected / 4 or expected < MANY


def agreement(e: Evidence) -> Point:
    """How far reviewers agree."""
    alpha = None if e.agreed is None else e.agreed.alpha
    command = e.command("assign", "--reviewers Ann,Bo --sample 100") if e.project else ""
    todo = Todo(text("agreement.measure"), command)
    where = {"page": "rounds"}
    if alpha is None:
        return Point("agreement", False, text("agreement.none"), (todo,), known=False, where=where)
    passed = alpha >= AGREE
    key = "agreement.good" if passed else "agreement.tentative" if alpha >= TENTATIVE else "agreement.poor"
    return Point(
        "agreement",
        passed,
        text(key, alpha=alpha),
        () if passed else (Todo(text("agreement.mend")),),
        blocking=alpha < TENTATIVE,
        where={"page": "agreement"},
        figures={"alpha": round(alpha, 4), "of": e.agreed.detail if e.agreed else ""},
    )


def systematic(e: Evidence) -> Point | None:
    """Errors made the same way: a slice of examples alike under another label's name, one label taken for another, outputs
    that slipped by a row."""
    if not e.ran("label_error", "mismatched_pair"):
        return None
    found = [*_slices(e), *_confusions(e), *_slipped(e)]
    if not found and e.data is not None and not _judged(e):
        return Point("systematic errors", False, text("noise.unknown"), known=False)
    if not found:
        return Point("systematic errors", True, text("systematic.none"), blocking=True)
    rows = sorted({id for one in found for id in one["examples"]})
    said = [
        text(f"systematic.{one['kind']}", **{k: v for k, v in one.items() if k not in ("kind", "examples")})
        for one in found
    ]
    check = "mismatched_pair" if found[0]["kind"] == "slipped" else "label_error"
    return Point(
        "systematic errors",
        False,
        text("systematic.found", said=said[:SHOWN], n=len(rows)),
        (Todo(text("systematic.mend", n=len(rows)), e.command("open")),),
        blocking=True,
        where={"page": "findings", "check": check},
        figures={"examples": len(rows), "slices": found},
    )


def _slices(e: Evidence) -> list[dict[str, Any]]:
    found = [f for f in e.open("label_error") if len(f.examples) >= MANY]
    return [
        {
            "kind": "slice",
            "given": f.evidence.get("given"),
            "suggested": f.evidence.get("suggested"),
            "n": len(f.examples),
        }
        | {"like": _like(f.evidence), "examples": list(f.examples)}
        for f in sorted(found, key=lambda f: -len(f.examples))
    ]


def _like(evidence: Mapping[str, Any]) -> str:
    """An example of the slice."""
    shown: Sequence[Mapping[str, Any]] = evidence.get("inputs") or [{"text": ""}]
    return str(shown[0]["text"])


def _confusions(e: Evidence) -> list[dict[str, Any]]:
    """One label that is taken for another again and again, row by row."""
    pairs: dict[tuple[str, str], list[int]] = defaultdict(list)
    for f in e.open("label_error"):
        if len(f.examples) == 1 and isinstance(f.evidence.get("given"), str) and f.evidence.get("suggested"):
            pairs[str(f.evidence["given"]), str(f.evidence["suggested"])].append(f.examples[0])
    counts = e.report.labels or {}
    return [
        {"kind": "confusion", "given": given, "suggested": right, "n": len(ids), "examples": ids}
        for (given, right), ids in sorted(pairs.items(), key=lambda item: -len(item[1]))
        if len(ids) >= MANY and len(ids) >= SAME_WAY * counts.get(given, len(ids))
    ]


def _slipped(e: Evidence) -> list[dict[str, Any]]:
    found = [f for f in e.open("mismatched_pair") if "shift" in f.evidence and len(f.examples) > 1]
    return [{"kind": "slipped", "n": len(f.examples), "examples": list(f.examples)} for f in found]
