"""Inputs unlike all others: off-topic rows, logs, other languages.

Score: how far an input lies from its 10 nearest (Ramaswamy et al. 2000, k-nearest-neighbour distance), in robust
standard deviations of this data, through a logistic centred on the reporting bound.
"""

from __future__ import annotations

import numpy as np

from curator.checks.data import Data, Outcome
from curator.checks.findings import finding_id, logistic, shorten
from curator.model import Finding, Severity, Suggestion, Verdict

NAME = "outlier"
FEWEST = 30
BOUND = 2.5
"""Robust standard deviations from which an input may be reported."""
MOST = 0.01
"""Share of the distinct inputs that is reported at most: beyond that it is a part of the data, not an outlier."""
AROUND = 10


def run(data: Data) -> Outcome:
    """One finding per outlying distinct input. Score: `outlier`, .5 at the bound."""
    c = data.candidates
    cosine = data.neighbours.cosine[:, :AROUND] if len(c) else np.zeros((0, 0))
    if len(cosine) < FEWEST:
        return Outcome([], {"outlier": np.full(len(c), np.nan)})
    crowd = cosine.mean(axis=1).astype(float)
    middle = float(np.median(crowd))
    spread = max(1.4826 * float(np.median(np.abs(crowd - middle))), 1e-3)
    deviation = (middle - crowd) / spread
    bound = max(BOUND, float(np.quantile(deviation, 1 - MOST)))
    score = logistic(deviation - bound)
    findings = []
    for number in np.flatnonzero(deviation >= bound):
        members = np.flatnonzero(c.distinct.of_example == number)
        index = int(members[0])
        near = int(c.distinct.first[data.neighbours.index[number, 0]])
        findings.append(
            Finding(
                NAME,
                Severity.WARNING,
                float(score[number]),
                tuple(data.id_of(int(i)) for i in members),
                f"the input is unlike the rest ({deviation[number]:.1f} deviations from the middle)",
                {
                    "input": shorten(c.inputs[index]),
                    "mean_cosine": round(float(crowd[number]), 4),
                    "usual": round(middle, 4),
                    "nearest": {"example": data.id_of(near), "text": shorten(c.inputs[near])},
                },
                Suggestion(Verdict.DROP, tuple(data.id_of(int(i)) for i in members)),
                finding_id(NAME, (c.folded_inputs[index],)),
            )
        )
    calibration = {"usual_mean_cosine": round(middle, 4), "spread": round(spread, 4), "bound": round(bound, 3)}
    return Outcome(findings, {"outlier": score[c.distinct.of_example]}, calibration)
