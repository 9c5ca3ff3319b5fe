"""Inputs unlike all others: off-topic rows, logs, other languages.

Score: how far an input lies from its neighbours in a sample of the data (k-nearest-neighbour distance, Ramaswamy et al.
2000; on a sample, Sugiyama and Borgwardt 2013), in robust standard deviations of this data, through a logistic centred
on the reporting bound. The neighbours are the nearest twentieth, the very nearest left out: a handful of strange rows of
one kind, or copies of one, are each other's nearest and would hide each other.
"""

from __future__ import annotations

import numpy as np

from curator.checks.affinity import one_thread
from curator.checks.data import Data, Outcome
from curator.checks.findings import finding_id, logistic, shorten
from curator.embedding import nearest
from curator.model import Finding, Severity, Suggestion, Verdict

NAME = "outlier"
FEWEST = 30
CUT = 0.5
MOST = 0.01
"""Share of the distinct inputs that is reported at most: beyond that it is a part of the data, not an outlier."""
BOUND = 2.33
"""Robust standard deviations from which an input may be reported: a normal distribution has 1 in 100 beyond."""
SAMPLE = 2_000
SHARE, LEAST = 0.05, 10
"""How many of the sample are looked at: this share of it, and at least so many."""
SKIPPED = 1.5 * MOST
"""Share of the sample whose nearest are left out: as many rows of one kind as may be reported, and half as many again, for
a sample may hold more of them than its share."""
BORDERLINE = 100
_BLOCK = 4_096


def run(data: Data) -> Outcome:
    """One finding per outlying distinct input. Score: `outlier`, .5 at the bound."""
    c = data.candidates
    count = len(c.distinct.first)
    if count < FEWEST:
        return Outcome([], {"outlier": np.full(len(c), np.nan)})
    crowd = _crowd(data.distinct_vectors, data.seed)
    middle = float(np.median(crowd))
    spread = max(1.4826 * float(np.median(np.abs(crowd - middle))), 1e-3)
    deviation = (middle - crowd) / spread
    bound = max(BOUND, float(np.quantile(deviation, 1 - MOST)))
    score = np.round(logistic(deviation - bound), 6)
    cut = data.cuts.get(NAME, CUT)
    reported = np.flatnonzero(score >= cut)
    below = np.flatnonzero(score < cut) if data.borderline else reported[:0]
    below = below[np.argsort(-score[below], kind="stable")][:BORDERLINE]
    calibration = {
        "cut": round(cut, 6),
        "usual_mean_cosine": round(middle, 4),
        "spread": round(spread, 4),
        "bound": round(bound, 3),
        "compared_with": _neighbours(count),
    }
    made = _findings(data, np.concatenate([reported, below]), crowd, deviation, middle, score)
    return Outcome(made[: len(reported)], {"outlier": score[c.distinct.of_example]}, calibration, made[len(reported) :])


def _neighbours(count: int) -> int:
    return max(LEAST, int(SHARE * min(SAMPLE, count)))


def _crowd(vectors: np.ndarray, seed: int) -> np.ndarray:
    """Mean cosine of each row to its neighbours in a sample of all, itself and the nearest left out: (n,)."""
    sample = np.random.default_rng(seed).permutation(len(vectors))[:SAMPLE]
    near, skipped = _neighbours(len(vectors)), int(SKIPPED * len(sample))
    place = np.full(len(vectors), -1)
    place[sample] = np.arange(len(sample))
    crowd = np.empty(len(vectors))
    base = vectors[sample].T
    with one_thread():
        for start in range(0, len(vectors), _BLOCK):
            cosine = vectors[start : start + _BLOCK] @ base
            own = place[start : start + _BLOCK]
            mine = np.flatnonzero(own >= 0)
            cosine[mine, own[mine]] = -1
            first, last = len(sample) - near, len(sample) - skipped
            top = np.partition(cosine, (first, last - 1), axis=1)[:, first:last]
            crowd[start : start + _BLOCK] = top.mean(axis=1, dtype=np.float64)
    return np.round(crowd, 6)


def _findings(
    data: Data, numbers: np.ndarray, crowd: np.ndarray, deviation: np.ndarray, middle: float, score: np.ndarray
) -> list[Finding]:
    """One finding for each distinct input of `numbers`."""
    c = data.candidates
    near = nearest(data.distinct_vectors[numbers], data.distinct_vectors, 2)
    findings = []
    for row, number in enumerate(numbers.tolist()):
        other = next(n for n in range(2) if near.index[row, n] != number)
        like = int(c.distinct.first[near.index[row, other]])
        members = np.flatnonzero(c.distinct.of_example == number)
        ids = tuple(data.id_of(int(i)) for i in members)
        index = int(members[0])
        findings.append(
            Finding(
                NAME,
                Severity.WARNING,
                float(score[number]),
                ids,
                f"the input is unlike the rest ({deviation[number]:.1f} deviations from the middle)",
                {
                    "input": shorten(c.inputs[index]),
                    "mean_cosine": round(float(crowd[number]), 4),
                    "usual": round(middle, 4),
                    "nearest": {
                        "example": data.id_of(like),
                        "cosine": round(float(near.cosine[row, other]), 4),
                        "text": shorten(c.inputs[like]),
                    },
                },
                Suggestion(Verdict.DROP, ids),
                finding_id(NAME, (c.folded_inputs[index],)),
            )
        )
    return findings
