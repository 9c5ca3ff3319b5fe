"""Examples too long for the provider, and lengths far from all others."""

from __future__ import annotations

import numpy as np

from curator.checks.data import Data, Outcome
from curator.checks.findings import finding_id, shorten
from curator.model import Finding, Severity, Suggestion, Verdict

NAME = "length"
FEWEST = 30
BOUND = 6.0
"""Robust standard deviations of log length from which a length is reported."""


def run(data: Data) -> Outcome:
    """Over the limit: an error, for the provider would cut or refuse it. Unusual: worth a look, kept."""
    findings = []
    c = data.candidates
    tokens = np.array([data.tokens.get(e.id, 0) for e in c.examples], dtype=np.int64)
    limit = data.token_limit
    if limit is not None:
        for index in np.flatnonzero(tokens > limit):
            findings.append(
                _finding(data, int(index), int(tokens[index]), Severity.ERROR, 1.0, f"over the limit of {limit:,}")
            )
    calibration: dict[str, object] = {"limit": limit}
    inputs = np.array([len(text) for text in c.inputs])
    if len(c) >= FEWEST:
        for what, sizes in (("input", inputs), ("output", np.array([len(text) for text in c.outputs]))):
            if data.short_labels and what == "output":
                continue
            logs = np.log1p(sizes)
            middle = float(np.median(logs))
            spread = max(1.4826 * float(np.median(np.abs(logs - middle))), 0.1)
            deviation = (logs - middle) / spread
            calibration[what] = {"median_characters": round(float(np.expm1(middle))), "bound_deviations": BOUND}
            for index in np.flatnonzero(np.abs(deviation) >= BOUND):
                if (limit is not None and tokens[index] > limit) or not sizes[index]:
                    continue
                which = "longer" if deviation[index] > 0 else "shorter"
                score = float(1 - BOUND / (2 * abs(deviation[index])))
                note = f"its {what} is far {which} than usual ({sizes[index]:,} characters, median {np.expm1(middle):,.0f})"
                findings.append(_finding(data, int(index), int(tokens[index]), Severity.INFO, score, note, what))
    return Outcome(findings, calibration=calibration)


def _finding(
    data: Data, index: int, tokens: int, severity: Severity, score: float, note: str, what: str = ""
) -> Finding:
    c, id = data.candidates, data.id_of(index)
    over = severity is Severity.ERROR
    return Finding(
        NAME,
        severity,
        score,
        (id,),
        f"{tokens:,} tokens, {note}" if over else note,
        {
            "tokens": tokens,
            "limit": data.token_limit,
            "input": shorten(c.inputs[index]),
            "output": shorten(c.outputs[index]),
        },
        Suggestion(Verdict.DROP, (id,)) if over else None,
        finding_id(NAME, (c.keys[index],), what),
    )
