"""From the scores of models to the chance that a given label is wrong.

A mixture says how each given label came about: the annotator was right, and it is drawn from the models' probabilities;
or it slipped to any other label; or to one that is easily confused with the right one. Slips of the first kind are told
by an impossible label (the log-ratio of given to best other finds them), slips of the second by a sure other label (the
margin finds them); the mixture weighs both by what the data at hand show, by maximum likelihood (EM). This is a noise
model in the line of Patrini et al. 2017 (arXiv:1609.03683), with slips that depend on the row as in confusion by
annotators.

How sure the probabilities are (their temperature) is fitted in the same likelihood. That works as a psychometric function
with a lapse rate does (Wichmann & Hill 2001): how fast the given labels follow the odds where these are close says the
temperature, how many go against them where they are far apart says the noise.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from curator.checks.folds import blocks
from curator.checks.probabilities import softmax

PRIOR = np.array([9.0, 0.5, 0.5])
"""Labels right, slipped anywhere, confused: what is believed before any row is seen, with the weight of ten rows."""
SAMPLE = 3_000
"""Rows that temperatures are fitted on: two numbers need no more."""
FLOOR = 1e-5
"""Least probability of a label under one model, so that none can rule a label out alone."""
TINY = 1e-12
SAYS_NOTHING = 0.02
"""Likelihood, of the best one's, below which a temperature is not heard."""
SPREADS = np.geomspace(0.2, 12, 18)
"""Standard deviations of a model's log scores that are tried."""
SHARPER = np.geomspace(0.6, 4, 20)
"""How much surer than the mean of their logs the models are together; right where each adds something of its own."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """What the given labels are worth: `wrong` (n,) the chance that each is wrong, `probabilities` (n, k) of each label to
    be right (before the given one is known), `shares` of labels right, slipped anywhere and confused."""

    wrong: np.ndarray
    probabilities: np.ndarray
    shares: np.ndarray


def doubt(scores: Iterable[np.ndarray], labels: np.ndarray) -> Doubt:
    """Judge class numbers `labels` (n,) by out-of-sample log scores (n, k), one array for each model; k is 2 or more."""
    sample = np.arange(0, len(labels), max(1, len(labels) // SAMPLE))
    pooled: np.ndarray | None = None
    models = 0
    for one in scores:
        probabilities = softmax(one * _temperature(one[sample], labels[sample]))
        logs = np.log(np.maximum(probabilities, FLOOR, out=probabilities), out=probabilities)
        pooled = logs if pooled is None else np.add(pooled, logs, out=pooled)
        models += 1
    assert pooled is not None
    pooled /= models
    easily = softmax(pooled)
    values = np.array([_mix(_likely(pooled[sample], s, easily[sample], labels[sample]), 30)[1] for s in SHARPER])
    # Few rows leave the temperature open: every one that the data allow has its say.
    says = np.exp(values - values.max())
    says[says < SAYS_NOTHING] = 0
    says /= says.sum()
    wrong, shares = np.zeros(len(labels)), np.zeros(3)
    for sharper, say in zip(SHARPER[says > 0], says[says > 0], strict=True):
        likely = np.concatenate([_likely(pooled[b], sharper, easily[b], labels[b]) for b in blocks(len(labels))])
        own, _ = _mix(likely, 100)
        shares += say * own
        joint = likely * own
        wrong += say * (1 - joint[:, 0] / joint.sum(axis=1))
    sharper = float(SHARPER[values.argmax()])
    return Doubt(wrong, softmax(pooled * np.float32(sharper)), shares)


def _likely(pooled: np.ndarray, sharper: float, easily: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """How likely each given label is (n, 3) if it is right, slipped anywhere, or confused.

    A confused label stands for a right one k in proportion to `easily`, the probabilities before they are made sharper:
    tying it to the sharper ones would let ever sharper ones explain everything as confusion.
    """
    rows = np.arange(len(labels))
    probabilities = softmax(pooled * np.float32(sharper)).astype(np.float64)
    given = probabilities[rows, labels]
    draws = probabilities / np.maximum(1 - easily, 1e-3)
    confused = (draws.sum(axis=1) - draws[rows, labels]) * easily[rows, labels]
    return np.stack([given, (1 - given) / (pooled.shape[1] - 1), confused], axis=1) + TINY


def _mix(likely: np.ndarray, rounds: int, prior: np.ndarray = PRIOR) -> tuple[np.ndarray, float]:
    """Shares of the columns of `likely` (n, c) by EM, and the log posterior."""
    shares = prior / prior.sum()
    for _ in range(rounds):
        joint = likely * shares
        whole = joint.sum(axis=1, keepdims=True)
        shares = ((joint / whole).sum(axis=0) + prior) / (len(likely) + prior.sum())
    value = float(np.log((likely * shares).sum(axis=1)).sum() + (prior * np.log(shares)).sum())
    return shares, value


def _temperature(scores: np.ndarray, labels: np.ndarray) -> float:
    """What to multiply one model's scores by, fitted together with a share of labels that slipped anywhere."""
    rows = np.arange(len(labels))
    classes = scores.shape[1]
    unit = 1 / max(float(scores.std()), TINY)

    def value(factor: float) -> float:
        given = softmax(scores * np.float32(factor))[rows, labels].astype(np.float64)
        likely = np.stack([given, (1 - given) / (classes - 1)], axis=1) + TINY
        return _mix(likely, 15, np.array([9.0, 1.0]))[1]

    return float(max(SPREADS * unit, key=value))
