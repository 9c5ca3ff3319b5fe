"""Rows dealt into folds: classes spread evenly, rows that belong together whole in one fold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

FOLDS = 5


def folds(labels: np.ndarray, groups: np.ndarray, seed: int) -> np.ndarray:
    """The fold (n,) of each row, 0 to FOLDS - 1, for class numbers `labels` (n,) and `groups` (n,).

    Groups are dealt like cards, class by class and the large ones first, so that the folds of a class differ by one group
    at most where groups are of one size; a group of several classes is dealt with the lowest of them. The work is one
    sort, where scikit-learn's StratifiedGroupKFold weighs every group against every fold.
    """
    _, group, size = np.unique(groups, return_inverse=True, return_counts=True)
    kind = np.full(len(size), labels.max(initial=0))
    np.minimum.at(kind, group, labels)
    shuffled = np.random.default_rng(seed).permutation(len(size))
    order = np.lexsort((shuffled, -size, kind))
    dealt = np.empty(len(size), dtype=np.int64)
    dealt[order] = np.arange(len(size)) % FOLDS
    return dealt[group]


def together(groups: np.ndarray) -> list[np.ndarray]:
    """The rows of each group that has more than one."""
    order = np.argsort(groups, kind="stable")
    _, starts, sizes = np.unique(groups[order], return_index=True, return_counts=True)
    return [order[start : start + size] for start, size in zip(starts, sizes, strict=True) if size > 1]


def blocks(count: int, rows: int = 2_048) -> Sequence[slice]:
    """Slices that cover `count` rows: products of one block after the other need little memory, and come out the same
    whatever the number of cores that share the blocks."""
    return [slice(start, min(start + rows, count)) for start in range(0, count, rows)]
