"""Vote sets with a known truth."""

from __future__ import annotations

import numpy as np

from curator.review.votes.arrays import Votes, make_votes


def symmetric(accuracy: float, labels: int) -> np.ndarray:
    """A confusion matrix (true × said) whose errors are spread evenly."""
    matrix = np.full((labels, labels), (1 - accuracy) / (labels - 1))
    np.fill_diagonal(matrix, accuracy)
    return matrix


def simulate(matrices: list[np.ndarray], items: int, per_item: int, prevalence: list[float], seed: int = 0):
    """Votes, and the true label of each of `votes.items`: `per_item` reviewers drawn for each item."""
    generator = np.random.default_rng(seed)
    truth = generator.choice(len(prevalence), items, p=prevalence)
    rows = []
    for item, label in enumerate(truth):
        for reviewer in generator.choice(len(matrices), per_item, replace=False):
            said = generator.choice(len(prevalence), p=matrices[reviewer][label])
            rows.append((f"i{item:05}", f"r{reviewer:03}", f"label {said}"))
    votes = make_votes(rows)
    assert len(votes.labels) == len(prevalence)
    return votes, truth


def accuracy(votes: Votes, label: np.ndarray, truth: np.ndarray) -> float:
    assert len(votes.items) == len(truth)
    return float((label == truth).mean())
