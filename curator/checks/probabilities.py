"""Out-of-sample class probabilities: what label checks stand on.

Several plain models that suit small text sets, averaged: logistic regression on the embeddings
and a vote of the nearest neighbours (adding one on words gained nothing and cost as much as all the rest). Every example is judged by models that never saw it or a near duplicate of it.
"""

from __future__ import annotations

import os
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from curator.embedding import nearest

FOLDS = 5
NEIGHBOURS = 10
STRENGTH = 10.0
"""Inverse regularisation: unit vectors want little of it."""


def folds(labels: np.ndarray, groups: np.ndarray, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """(train, held-out) indices; classes spread evenly, a group (n,) whole on one side."""
    from sklearn.model_selection import StratifiedGroupKFold

    splitter = StratifiedGroupKFold(n_splits=FOLDS, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        # Classes rarer than the folds are judged by fewer models; the check leaves them out and says so.
        warnings.simplefilter("ignore", UserWarning)
        return list(splitter.split(labels, labels, groups))


def out_of_sample(vectors: np.ndarray, labels: np.ndarray, groups: np.ndarray, classes: int, seed: int) -> np.ndarray:
    """Class probabilities (n, classes), each row from models fitted without that row and its group.

    `vectors` (n, d) unit rows, `labels` (n,) class numbers. The worst tenth by a first round is left out of the
    training folds of a second, which keeps wrong labels from teaching the models that judge them.
    """
    split = folds(labels, groups, seed)
    first = _round(vectors, labels, classes, split, np.ones(len(labels), dtype=bool))
    given = first[np.arange(len(labels)), labels]
    best = np.where(np.eye(classes, dtype=bool)[labels], -1, first).max(axis=1)
    trusted = np.ones(len(labels), dtype=bool)
    trusted[np.argsort(given - best, kind="stable")[: len(labels) // 10]] = False
    # A class must not vanish from training because its few rows were doubted.
    for number in range(classes):
        own = labels == number
        if trusted[own].sum() < FOLDS:
            trusted[own] = True
    return _round(vectors, labels, classes, split, trusted)


def _round(
    vectors: np.ndarray,
    labels: np.ndarray,
    classes: int,
    split: list[tuple[np.ndarray, np.ndarray]],
    trusted: np.ndarray,
) -> np.ndarray:
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    def judge(fold: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        train, held = fold[0][trusted[fold[0]]], fold[1]
        regression = _regression(vectors[train], labels[train], vectors[held], classes)
        mean: np.ndarray = (regression + _votes(vectors[train], labels[train], vectors[held], classes)) / 2
        return mean

    probabilities = np.zeros((len(labels), classes))
    # One core per fold instead of all cores per product of small matrices: faster, above all on a busy machine, and the
    # sums come out the same whatever the number of cores.
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(os.cpu_count()) as pool, warnings.catch_warnings():
        # Stopped early on purpose: the ranking settles long before the last digits do.
        warnings.simplefilter("ignore", ConvergenceWarning)
        for (_, held), result in zip(split, pool.map(judge, split), strict=True):
            probabilities[held] = result
    return probabilities


def _regression(train: np.ndarray, labels: np.ndarray, held: np.ndarray, classes: int) -> np.ndarray:
    from sklearn.linear_model import LogisticRegression

    present = np.unique(labels)
    probabilities = np.zeros((held.shape[0], classes))
    if len(present) < 2:
        probabilities[:, present] = 1.0
        return probabilities
    model = LogisticRegression(C=STRENGTH, max_iter=60, tol=1e-3).fit(train, labels)
    probabilities[:, model.classes_] = model.predict_proba(held)
    return probabilities


def _votes(train: np.ndarray, labels: np.ndarray, held: np.ndarray, classes: int) -> np.ndarray:
    near = nearest(held.astype(np.float32), train.astype(np.float32), NEIGHBOURS)
    weights = np.exp(10 * (near.cosine.astype(float) - 1))
    votes = np.full((len(held), classes), 1e-3)
    for column in range(near.index.shape[1]):
        np.add.at(votes, (np.arange(len(held)), labels[near.index[:, column]]), weights[:, column])
    shares: np.ndarray = votes / votes.sum(axis=1, keepdims=True)
    return shares
