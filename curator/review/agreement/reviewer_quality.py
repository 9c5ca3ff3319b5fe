"""How often each reviewer is right, judged by what the others say of the same items."""

from __future__ import annotations

import numpy as np

from curator.review.agreement.estimates import Estimate
from curator.review.consensus.models import Ballots
from curator.review.votes.arrays import Floats

_EDGES = np.concatenate([np.geomspace(1e-6, 0.05, 256), np.linspace(0.05, 1, 256)[1:-1]])
"""Of probabilities that are taken together: finer where they are small, for of many labels each is unlikely."""

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
    bins = np.searchsorted(_EDGES, foretold[judged])
    number = len(_EDGES) + 1
    cells = ballots.reviewer[judged] * number + bins
    often = np.bincount(cells, minlength=ballots.reviewers * number).reshape(ballots.reviewers, number)
    middle = np.bincount(bins, foretold[judged], number) / np.maximum(often.sum(axis=0), 1)
    likelihood = often @ _log_likelihoods(middle, ballots.labels)
    grid = np.linspace(0, 1, _STEPS + 1)
    return [
        _estimate(row, grid) if number else Estimate(None, why="nobody else voted on the same items")
        for row, number in zip(likelihood, often.sum(axis=1), strict=True)
    ]


def known_accuracy(ballots: Ballots, foretold: Floats) -> Floats:
    """The accuracies as numbers, the mean of the others for a reviewer without."""
    values = np.array([np.nan if one.value is None else one.value for one in accuracies(ballots, foretold)])
    mean = np.nanmean(values) if (~np.isnan(values)).any() else 1 / max(ballots.labels, 1)
    return np.asarray(np.where(np.isnan(values), mean, values).clip(0.01, 0.99))


def _log_likelihoods(right: Floats, labels: int) -> Floats:
    """Of a vote whose label is right with a probability, for each accuracy: probabilities × steps."""
    named = np.maximum(right, 1e-9)[:, None]
    accuracy = np.linspace(0, 1, _STEPS + 1).clip(1e-6, 1 - 1e-6)[None, :]
    return np.asarray(np.log(accuracy * named + (1 - accuracy) * (1 - named) / max(labels - 1, 1) + 1e-12))


def _estimate(likelihood: Floats, grid: Floats) -> Estimate:
    inside = grid[likelihood >= likelihood.max() - _HALF_CHI_SQUARE]
    return Estimate(float(grid[likelihood.argmax()]), float(inside[0]), float(inside[-1]))
