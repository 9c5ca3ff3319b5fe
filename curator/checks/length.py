"""Examples too long for the provider, and lengths far from all others."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from curator.checks.data import Data, Outcome
from curator.checks.findings import finding_id, shorten
from curator.model import Finding, Severity, Suggestion, Verdict

NAME = "length"
FEWEST = 30
BOUND = 6.0
"""Robust standard deviations of log length from which a length is reported."""
TOGETHER = 0.7
"""Correlation of the log lengths of inputs and outputs from which one tells what to expect of the other (half the variance)."""
_LEAST_SPREAD = 0.05


def run(data: Data) -> Outcome:
    """Over the limit: an error, for the provider would cut or refuse it. Unusual: worth a look, kept."""
    findings = []
    c = data.candidates
    tokens = np.array([data.tokens.get(e.id, 0) for e in c.examples], dtype=np.int64)
    limit = data.token_limit
    if limit is not None:
        for over in np.flatnonzero(tokens > limit).tolist():
            findings.append(
                _finding(data, over, int(tokens[over]), Severity.ERROR, 1.0, f"over the limit of {limit:,}")
            )
    calibration: dict[str, object] = {"limit": limit}
    inputs = np.array([len(text) for text in c.inputs])
    if len(c) >= FEWEST:
        outputs = np.array([len(text) for text in c.outputs])
        sides = [("input", inputs)] if data.short_labels else [("input", inputs), ("output", outputs)]
        unusual: set[int] = set()
        for what, sizes in sides:
            logs = np.log1p(sizes)
            middle, spread = _robust(logs)
            deviation = (logs - middle) / spread
            calibration[what] = {"median_characters": round(float(np.expm1(middle))), "bound_deviations": BOUND}
            for index in np.flatnonzero(np.abs(deviation) >= BOUND).tolist():
                if (limit is not None and tokens[index] > limit) or not sizes[index]:
                    continue
                unusual.add(index)
                which = "longer" if deviation[index] > 0 else "shorter"
                note = f"its {what} is far {which} than usual ({sizes[index]:,} characters, median {np.expm1(middle):,.0f})"
                findings.append(
                    _finding(data, index, int(tokens[index]), Severity.INFO, _score(deviation[index]), note, what)
                )
        if not data.short_labels:
            findings.extend(_for_their_input(data, tokens, inputs, outputs, unusual, calibration))
    return Outcome(findings, calibration=calibration)


def _robust(values: np.ndarray) -> tuple[float, float]:
    """Median and standard deviation, the latter from the median absolute deviation."""
    middle = float(np.median(values))
    return middle, max(1.4826 * float(np.median(np.abs(values - middle))), 0.1)


def _score(deviation: float) -> float:
    return float(1 - BOUND / (2 * abs(deviation)))


def _for_their_input(
    data: Data,
    tokens: np.ndarray,
    inputs: np.ndarray,
    outputs: np.ndarray,
    known: set[int],
    calibration: dict[str, object],
) -> Iterator[Finding]:
    """Outputs of an ordinary length that is far off for their input, where the one goes with the other: a translation of
    three words for a page. Where lengths do not go together there is nothing to compare."""
    both = np.flatnonzero((inputs > 0) & (outputs > 0))
    if len(both) < FEWEST:
        return
    asked, answered = np.log1p(inputs[both]), np.log1p(outputs[both])
    if asked.std() < _LEAST_SPREAD or answered.std() < _LEAST_SPREAD:
        return
    if np.corrcoef(asked, answered)[0, 1] < TOGETHER:
        return
    ratio = answered - asked
    middle, spread = _robust(ratio)
    calibration["output_for_input"] = {"median_ratio": round(float(np.exp(middle)), 3), "bound_deviations": BOUND}
    for index, off in zip(both.tolist(), ((ratio - middle) / spread).tolist(), strict=True):
        over = data.token_limit is not None and tokens[index] > data.token_limit
        if abs(off) >= BOUND and index not in known and not over:
            which = "longer" if off > 0 else "shorter"
            note = (
                f"its output is far {which} than its input leads one to expect "
                f"({outputs[index]:,} characters for {inputs[index]:,}; usual is {np.exp(middle):.2g} for one)"
            )
            yield _finding(data, index, int(tokens[index]), Severity.INFO, _score(off), note, "ratio")


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
