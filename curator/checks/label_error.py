"""Labels that are likely wrong: cleanlab (confident learning, Northcutt et al. 2021, arXiv:1911.00068) on
out-of-sample probabilities.

Ranked by cleanlab's normalized margin (probability of the given label minus the best other), which finds confusable
labels where the default score does not. How many are reported is cleanlab's estimate of the number of wrong labels.
Fails where a class has few examples (said, not guessed) and where most labels of a class are wrong the same way.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from curator.checks.data import Data, Outcome, squeeze
from curator.checks.findings import finding_id, plural, shorten
from curator.checks.probabilities import FOLDS, out_of_sample
from curator.model import Finding, Severity, Suggestion, Verdict

NAME = "label_error"
RAREST = FOLDS
"""Examples a class needs to be judged: one for each fold."""


def run(data: Data) -> Outcome:
    """One finding per suspect label. Scores: `label_quality` 0..1 and, for reported ones, `suggested_label`."""
    c = data.candidates
    if not data.short_labels:
        return Outcome([])
    names = np.array([squeeze(text) for text in c.outputs])
    known, counts = np.unique(names, return_counts=True)
    judged_names = [str(n) for n, count in zip(known, counts, strict=True) if count >= RAREST and n]
    rare = [str(n) for n, count in zip(known, counts, strict=True) if count < RAREST and n]
    quality = np.full(len(c), np.nan)
    suggested: list[str | None] = [None] * len(c)
    calibration: dict[str, Any] = {"classes": len(judged_names), "rare_classes_not_judged": rare}
    if len(judged_names) < 2:
        calibration["note"] = f"at least two labels with {RAREST} examples each are needed"
        return Outcome([], {"label_quality": quality, "suggested_label": suggested}, calibration)
    at = np.flatnonzero(np.isin(names, judged_names))
    labels = np.searchsorted(np.array(judged_names), names[at])
    data.progress.report(0, len(at), "Judging labels")
    probabilities = out_of_sample(data.input_vectors[at], labels, _groups(data)[at], len(judged_names), data.seed)
    data.progress.report(len(at), len(at), "Judging labels")
    wrong, scores = _judge(labels, probabilities)
    quality[at] = scores
    calibration |= {
        "estimated_wrong": len(wrong),
        "out_of_sample_accuracy": round(float((probabilities.argmax(axis=1) == labels).mean()), 4),
    }
    findings = []
    for i in wrong:
        suggested[at[i]] = judged_names[int(probabilities[i].argmax())]
        findings.append(_finding(data, int(at[i]), judged_names, labels[i], probabilities[i], float(scores[i])))
    return Outcome(findings, {"label_quality": quality, "suggested_label": suggested}, calibration)


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
