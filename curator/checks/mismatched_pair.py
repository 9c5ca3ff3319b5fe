"""Outputs that belong to another input.

A right output is nearer to its own input than to others. Two distributions are taken from the data: the
cosine of each output to its own input, and to inputs it surely does not belong to (the pairs shifted).
`pair_quality` is the posterior that a pair is a true one under normal fits to both, with 2% wrong assumed.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from curator.checks.data import Data, Outcome
from curator.checks.findings import finding_id, shorten
from curator.embedding import nearest
from curator.model import Finding, Severity, Suggestion, Verdict

NAME = "mismatched_pair"
FEWEST = 30
WRONG = 0.02
"""Share of wrong pairs assumed before looking."""
SEPARATED = 1.5
"""How many standard deviations must lie between own and foreign pairs before a pair is reported; scores always rank."""
SHIFTS = (1, 7, 31, 101)


def run(data: Data) -> Outcome:
    """One finding per suspect pair, with the output that fits better where there is one. Score: `pair_quality`."""
    c = data.candidates
    if data.short_labels or len(c) < FEWEST:
        return Outcome([])
    usable = np.array([bool(i.strip()) and bool(o.strip()) for i, o in zip(c.inputs, c.outputs, strict=True)])
    at = np.flatnonzero(usable)
    if len(at) < FEWEST:
        return Outcome([])
    x, y = data.input_vectors[at], data.output_vectors[at]
    own = np.round(np.einsum("ij,ij->i", x, y).astype(float), 6)
    null = np.concatenate([_foreign(x, y, [c.folded_outputs[i] for i in at], shift) for shift in SHIFTS])
    if len(null) < FEWEST:
        return Outcome([], calibration={"note": "nearly all outputs are the same"})
    quality, calibration = _posterior(own, null)
    column = np.full(len(c), np.nan)
    column[at] = quality
    suspects = np.flatnonzero(quality < 0.5)
    if calibration["separation"] < SEPARATED:
        calibration["note"] = "inputs and outputs of this data are too unlike (or all too alike) to tell whose is whose"
        suspects = suspects[:0]
    near = nearest(x[suspects], y, 2)
    findings = [
        _finding(data, at, own, int(i), float(quality[i]), near.index[row], near.cosine[row])
        for row, i in enumerate(suspects)
    ]
    return Outcome(findings, {"pair_quality": column}, calibration)


def _posterior(own: np.ndarray, null: np.ndarray) -> tuple[np.ndarray, dict[str, Any]]:
    centre, spread = _robust(own)
    foreign, foreign_spread = _robust(null)
    distance = (centre - foreign) / np.hypot(spread, foreign_spread)
    calibration: dict[str, Any] = {
        "own_pairs": [round(centre, 4), round(spread, 4)],
        "foreign_pairs": [round(foreign, 4), round(foreign_spread, 4)],
        "separation": round(float(distance), 3),
    }
    true = np.log1p(-WRONG) - np.log(spread) - 0.5 * ((own - centre) / spread) ** 2
    false = np.log(WRONG) - np.log(foreign_spread) - 0.5 * ((own - foreign) / foreign_spread) ** 2
    posterior = 1 / (1 + np.exp(np.clip(false - true, -60, 60)))
    # Normal tails cross twice; from the middle down a lower cosine must never look better.
    posterior[own >= centre] = np.maximum(posterior[own >= centre], 1 - WRONG)
    falling = np.argsort(-own, kind="stable")
    posterior[falling] = np.minimum.accumulate(posterior[falling])
    # Beyond what a posterior can tell apart the cosine still ranks.
    ranked: np.ndarray = 0.999 * posterior + 0.001 * (own + 1) / 2
    return ranked, calibration


def _foreign(x: np.ndarray, y: np.ndarray, outputs: list[str], shift: int) -> np.ndarray:
    """Cosines of inputs to the outputs `shift` places on, pairs with the same output left out."""
    places = (np.arange(len(x)) + 1 + shift % (len(x) - 1)) % len(x)
    other = np.array([outputs[i] != outputs[j] for i, j in enumerate(places)])
    cosines: np.ndarray = np.einsum("ij,ij->i", x, y[places])[other]
    return cosines


def _robust(values: np.ndarray) -> tuple[float, float]:
    """Median and a standard deviation that a few wrong values do not move."""
    middle = float(np.median(values))
    return middle, max(1.4826 * float(np.median(np.abs(values - middle))), 1e-3)


def _finding(
    data: Data, at: np.ndarray, own: np.ndarray, i: int, quality: float, near: np.ndarray, cosines: np.ndarray
) -> Finding:
    c, index = data.candidates, int(at[i])
    better = [(int(j), float(v)) for j, v in zip(near, cosines, strict=True) if j not in (i, -1)]
    fits = better and better[0][1] > own[i] + 0.05
    evidence: dict[str, Any] = {
        "cosine": round(float(own[i]), 4),
        "input": shorten(c.inputs[index]),
        "output": shorten(c.outputs[index]),
    }
    others: tuple[int, ...] = ()
    if fits:
        other = int(at[better[0][0]])
        others = (data.id_of(other),)
        evidence["better"] = {
            "example": others[0],
            "cosine": round(better[0][1], 4),
            "output": shorten(c.outputs[other]),
        }
    return Finding(
        NAME,
        Severity.WARNING,
        1 - quality,
        (data.id_of(index), *others),
        "the output seems to belong to another input"
        + (f" ({c.examples[int(at[better[0][0]])].ref} has one that fits)" if fits else ""),
        evidence,
        Suggestion(Verdict.DROP, (data.id_of(index),)),
        finding_id(NAME, (c.keys[index],)),
    )
