"""How often each reviewer is right, judged by what the others say of the same items."""

from __future__ import annotations

import numpy as np

from curator.review.estimates import Estimate
from curator.review.vote_models import Ballots
from curator.review.votes import Floats

_BINS = 256
_STEPS = 400  # of the accuracy, from 0 to 1
_HALF_CHI_SQUARE = 1.920729  # half of the 95% point of χ² with one degree of freedom


def accuracies(ballots: Ballots, foretold: Floats) -> list[Estimate]:
    """Each reviewer's accuracy with a 95% likelihood interval.

    `foretold`: per vote, the probability that the others' votes give to the label it names, NaN where there are none. The
    accuracy is the one that makes the votes likeliest if a reviewer names the right label with it and any other equally
    often. So a vote weighs as much as the others are sure: what they leave open makes the interval wide, and nobody is
    judged by their own vote.
    """
    judged = ~np.isnan(foretold)
    bins = np.minimum((foretold[judged] * _BINS).astype(np.intp), _BINS - 1)
    shape = ballots.reviewers, _BINS
    often = np.bincount(ballots.reviewer[judged] * _BINS + bins, minlength=shape[0] * _BINS).reshape(shape)
    likelihood = often @ _log_likelihoods(ballots.labels)
    grid = np.linspace(0, 1, _STEPS + 1)
    return [
        _estimate(row, grid) if number else Estimate(None, why="nobody else voted on the same items")
        for row, number in zip(likelihood, often.sum(axis=1), strict=True)
    ]


def _log_likelihoods(labels: int) -> Floats:
    """Of a vote whose label has the probability of its bin, for each accuracy: bins × steps."""
    right = (np.arange(_BINS) + 0.5)[:, None] / _BINS
    accuracy = np.linspace(0, 1, _STEPS + 1).clip(1e-6, 1 - 1e-6)[None, :]
    return np.asarray(np.log(accuracy * right + (1 - accuracy) * (1 - right) / max(labels - 1, 1)))


def _estimate(likelihood: Floats, grid: Floats) -> Estimate:
    inside = grid[likelihood >= likelihood.max() - _HALF_CHI_SQUARE]
    return Estimate(float(grid[likelihood.argmax()]), float(inside[0]), float(inside[-1]))
