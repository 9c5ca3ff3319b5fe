"""Labels that are likely wrong: cleanlab (confident learning, Northcutt et al. 2021, arXiv:1911.00068) on
out-of-sample probabilities.

Ranked by cleanlab's normalized margin (probability of the given label minus the best other), which finds confusable
labels where the default score does not. How many are reported is cleanlab's estimate of the number of wrong labels.
Fails where a class has few examples (said, not guessed) and where most labels of a class are wrong the same way.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from curator.checks.data import Data, Outcome, squeeze
from curator.checks.findings import finding_id, plural, shorten
from curator.checks.probabilities import FOLDS, out_of_sample
from curator.model import Finding, Severity, Suggestion, Verdict

NAME = "label_error"
RAREST = FOLDS
"""Different inputs a class needs to be judged: one for each fold."""
LEARNT = 0.2
"""How much of the way from always guessing the commonest label to always being right the models must go: judges that
cannot tell the labels from the inputs would call half of them wrong."""
MOST_CONTEXTS = 20
"""Instructions (system texts) that are judged apart; where there are more, they differ row by row and say no task."""


def run(data: Data) -> Outcome:
    """One finding per suspect label. Scores: `label_quality` 0..1 and, for reported ones, `suggested_label`."""
    if not data.short_labels:
        return Outcome([])
    c = data.candidates
    judged = _Judged(np.full(len(c), np.nan), [None] * len(c))
    groups, context = _groups(data), c.contexts.of_example
    apart = 1 < len(c.contexts.first) <= MOST_CONTEXTS
    data.progress.report(0, len(c), "Judging labels")
    for part in [np.flatnonzero(context == x) for x in range(len(c.contexts.first))] if apart else [np.arange(len(c))]:
        _judge_part(data, part, groups, judged)
    data.progress.report(len(c), len(c), "Judging labels")
    scores: dict[str, Any] = {"label_quality": judged.quality, "suggested_label": judged.suggested}
    calibration: dict[str, Any] = {
        "classes": len(judged.classes),
        "rare_classes_not_judged": sorted(judged.rare - judged.classes),
        "estimated_wrong": len(judged.findings),
    }
    if not judged.classes:
        calibration["note"] = f"at least two labels with {RAREST} different inputs each are needed"
    if judged.unlearnt:
        calibration["not_reported"] = f"{judged.unlearnt:,} labels that cannot be told from their inputs"
    if judged.right:
        calibration["out_of_sample_accuracy"] = round(float(np.mean(judged.right)), 4)
    return Outcome(judged.findings, scores, calibration)


@dataclass(slots=True)
class _Judged:
    """What is known so far: `quality` and `suggested` for each candidate; `right`: whether the models agreed."""

    quality: np.ndarray
    suggested: list[str | None]
    findings: list[Finding] = field(default_factory=list)
    classes: set[str] = field(default_factory=set)
    rare: set[str] = field(default_factory=set)
    right: list[bool] = field(default_factory=list)
    unlearnt: int = 0


def _judge_part(data: Data, part: np.ndarray, groups: np.ndarray, judged: _Judged) -> None:
    """Judge the candidates `part` (indices), which were labelled under one instruction."""
    names = {int(i): squeeze(data.candidates.outputs[i]) for i in part}
    inputs: dict[str, set[int]] = defaultdict(set)
    for i, name in names.items():
        inputs[name].add(int(groups[i]))
    known = sorted(name for name in inputs if name and len(inputs[name]) >= RAREST)
    judged.rare |= {name for name in inputs if name} - set(known)
    if len(known) < 2:
        return
    judged.classes |= set(known)
    number = {name: n for n, name in enumerate(known)}
    at = np.array([i for i, name in names.items() if name in number])
    labels = np.array([number[names[int(i)]] for i in at])
    probabilities = out_of_sample(data.input_vectors[at], labels, groups[at], len(known), data.seed)
    right = probabilities.argmax(axis=1) == labels
    judged.right += right.tolist()
    wrong, scores = _judge(labels, probabilities)
    judged.quality[at] = scores
    usual = np.bincount(labels).max() / len(labels)
    if right.mean() - usual < LEARNT * (1 - usual):
        judged.unlearnt += len(at)
        return
    for i in wrong:
        judged.suggested[at[i]] = known[int(probabilities[i].argmax())]
        judged.findings.append(_finding(data, int(at[i]), known, labels[i], probabilities[i], float(scores[i])))


def _judge(labels: np.ndarray, probabilities: np.ndarray) -> tuple[list[int], np.ndarray]:
    """Row numbers of suspect labels, worst first, and every row's quality rounded so that noise cannot reorder it."""
    from cleanlab.count import num_label_issues
    from cleanlab.rank import get_label_quality_scores

    scores = np.round(get_label_quality_scores(labels, probabilities, method="normalized_margin"), 6)
    expected = int(num_label_issues(labels, probabilities))
    disagree = probabilities.argmax(axis=1) != labels
    ranked = [int(i) for i in np.argsort(scores, kind="stable") if disagree[i]]
    return ranked[:expected], scores


def _groups(data: Data) -> np.ndarray:
    """One number per set of candidates that must be in one fold: same or nearly the same input."""
    parent = np.arange(len(data.candidates.distinct.first))

    def root(x: int) -> int:
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = int(parent[x])
        return x

    for edge in data.pairs.edges:
        a, b = root(int(data.pairs.input_of[edge.a])), root(int(data.pairs.input_of[edge.b]))
        parent[max(a, b)] = min(a, b)
    groups: np.ndarray = np.array([root(x) for x in range(len(parent))])[data.candidates.distinct.of_example]
    return groups


def _finding(
    data: Data, index: int, names: list[str], label: int, probabilities: np.ndarray, quality: float
) -> Finding:
    c = data.candidates
    top = [int(i) for i in np.argsort(-probabilities, kind="stable")[:3]]
    best = names[top[0]]
    number = int(c.distinct.of_example[index])
    voters: list[dict[str, Any]] = []
    for other, cosine in zip(data.neighbours.index[number][:5], data.neighbours.cosine[number][:5], strict=True):
        if other >= 0:
            first = int(c.distinct.first[other])
            voters.append(
                {
                    "example": data.id_of(first),
                    "label": c.outputs[first],
                    "cosine": round(float(cosine), 4),
                    "text": shorten(c.inputs[first], 120),
                }
            )
    against = sum(squeeze(v["label"]) != names[label] for v in voters)
    return Finding(
        NAME,
        Severity.WARNING,
        round(1 - quality, 6),
        (data.id_of(index),),
        f"labelled {names[label]!r}, likely {best!r}"
        + (f"; {against} of {plural(len(voters), 'neighbour')} vote otherwise" if voters else ""),
        {
            "input": shorten(c.inputs[index]),
            "given": names[label],
            "suggested": best,
            "probabilities": {names[i]: round(float(probabilities[i]), 4) for i in dict.fromkeys((*top, int(label)))},
            "neighbours": voters,
        },
        Suggestion(Verdict.RELABEL, (data.id_of(index),), best),
        finding_id(NAME, (c.keys[index],), best),
    )
