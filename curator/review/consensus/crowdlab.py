"""CROWDLAB: votes and a classifier together, each counting for as much as it earns.

Goh, Tkachenko & Mueller (2022), "CROWDLAB: supervised learning to infer consensus labels and quality scores for data with
multiple annotators", as cleanlab has it. The classifier is logistic regression on the embeddings of the items, trained on
their votes, which share the item's weight, and asked about items that it did not see, nor any with the same embedding. So where
votes are split it learns that they are, and not who won a tie.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from curator.errors import InputError
from curator.review.consensus.models import Ballots, Fit
from curator.review.votes.arrays import Floats

if TYPE_CHECKING:
    from numpy.typing import NDArray

MIN_ITEMS = 100
"""Fewer items do not teach a classifier enough to be asked."""

MIN_PER_LABEL = 5
"""Items per label on average; fewer do not either."""

MIN_DOUBLE = 20
"""Fewer items with two votes do not tell what reviewers' votes weigh."""

MAX_CELLS = 20_000_000
"""Items × reviewers above which cleanlab's table of votes would not fit in memory."""

_FOLDS = 5
_DIMENSIONS = 128  # directions that hold nearly all that embeddings tell of labels
_STEPS = 50  # stopped early a classifier learns less of the reviewers' mistakes
_FLOOR = 0.01  # of the probability is spread over all labels: a label without training items is not impossible
_MAX_TRAINED = 30_000  # votes that one classifier learns from


def why_not(ballots: Ballots) -> str:
    """Why CROWDLAB cannot be tried on these votes, "" where it can."""
    least = max(MIN_ITEMS, MIN_PER_LABEL * ballots.labels)
    if ballots.items < least:
        return f"CROWDLAB needs {least:,} items with votes to learn {ballots.labels:,} labels from; there are {ballots.items:,}."
    double = int((np.bincount(ballots.item, minlength=ballots.items) > 1).sum())
    if double < MIN_DOUBLE:
        return f"CROWDLAB needs {MIN_DOUBLE} items with two votes to tell how far reviewers are to be trusted; there are {double:,}."
    if ballots.items * ballots.reviewers > MAX_CELLS:
        return f"CROWDLAB needs too much memory for {ballots.items:,} items and {ballots.reviewers:,} reviewers."
    return ""


def foresee(vectors: NDArray[np.float32], ballots: Ballots, seed: int = 0) -> Floats:
    """The classifier's probability of each label for each item, out of sample: items × labels.

    `vectors`: a row per item. Items with the same vector are in one fold. An item's own votes never reach its row.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    _, group = np.unique(vectors.round(4), axis=0, return_inverse=True)
    generator = np.random.default_rng(seed)
    fold = generator.permutation(int(group.max()) + 1)[group.ravel()] % _FOLDS
    weight = 1 / np.bincount(ballots.item, minlength=ballots.items)[ballots.item]
    found = np.zeros((ballots.items, ballots.labels))
    # One thread: with more, rounding would depend on their number.
    with threadpool_limits(1, "blas"), warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=ConvergenceWarning)
        points = _scaled(vectors)
        for number in range(_FOLDS):
            asked = fold == number
            learnt = np.flatnonzero(~asked[ballots.item])
            if len(learnt) > _MAX_TRAINED:
                learnt = np.sort(generator.permutation(learnt)[:_MAX_TRAINED])
            item, label = ballots.item[learnt], ballots.label[learnt]
            classes = np.unique(label)
            if len(classes) < 2 or not asked.any():
                found[np.ix_(asked, classes)] = 1
                continue
            model = LogisticRegression(max_iter=_STEPS).fit(points[item], label, weight[learnt])
            found[np.ix_(asked, classes)] = model.predict_proba(points[asked])
    return (1 - _FLOOR) * found + _FLOOR / ballots.labels


def _scaled(vectors: NDArray[np.float32]) -> Floats:
    """The vectors around their mean, in their main directions, of length 1 on average."""
    points = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    if points.shape[1] > _DIMENSIONS:
        points = points @ np.linalg.eigh(points.T @ points)[1][:, -_DIMENSIONS:]
    return np.asarray(points / max(float(np.sqrt((points**2).sum(axis=1).mean())), 1e-12))


def crowdlab(ballots: Ballots, foreseen: Floats) -> Fit:
    """The consensus of the votes and what a classifier foresees (`foreseen`: items × labels).

    cleanlab says what the votes of each reviewer and the classifier weigh; the posterior is CROWDLAB's weighted mean of what
    they say. Items without votes get what the classifier says.
    """
    from cleanlab.multiannotator import get_label_quality_multiannotator

    voted = np.flatnonzero(np.bincount(ballots.item, minlength=ballots.items))
    reviewers, columns = np.unique(ballots.reviewer, return_inverse=True)
    row = np.searchsorted(voted, ballots.item)
    table = np.full((len(voted), len(reviewers)), np.nan)
    table[row, columns] = ballots.label
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        judged = get_label_quality_multiannotator(
            table,
            foreseen[voted],
            verbose=False,
            return_detailed_quality=False,
            return_annotator_stats=False,
            return_weights=True,
        )
    items = judged["label_quality"]
    several = items["num_annotations"].to_numpy() != 1
    right = float(items["annotator_agreement"].to_numpy()[several].mean())
    wrong = (1 - right) / (ballots.labels - 1)
    weight = np.asarray(judged["annotator_weight"], dtype=np.float64)[columns]
    size = len(voted) * ballots.labels
    said = np.bincount(row * ballots.labels + ballots.label, weight * (right - wrong), size)
    cast = np.bincount(row, weight, len(voted))[:, None]
    model = float(judged["model_weight"])
    posterior = foreseen.copy()
    posterior[voted] = (model * foreseen[voted] + said.reshape(-1, ballots.labels) + wrong * cast) / (model + cast)
    posterior = np.maximum(posterior, 1e-9)
    posterior /= posterior.sum(axis=1, keepdims=True)
    return Fit(posterior, True, np.log(posterior), np.zeros(ballots.labels))


def need(ballots: Ballots, vectors: NDArray[np.float32] | None) -> None:
    """Raises InputError where CROWDLAB was asked for and cannot be had."""
    if vectors is None:
        raise InputError(
            "CROWDLAB needs a project, whose texts a classifier can learn from; a table of votes has none."
        )
    if why := why_not(ballots):
        raise InputError(why)
