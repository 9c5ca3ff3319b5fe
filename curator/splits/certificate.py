"""The proof that splits do not leak: how near their nearest pair is, measured on what is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from curator.embedding import nearest


@dataclass(frozen=True, slots=True)
class Certificate:
    """`nearest_across_splits`: highest cosine between inputs of two splits (None: one split alone);
    `nearest_to_eval`: the same between what is written and the eval set; `groups_straddling`: duplicate groups found in
    more than one split; `pair`: the two examples (ids) of the nearest pair."""

    nearest_across_splits: float | None
    groups_straddling: int
    nearest_to_eval: float | None
    pair: tuple[int, int] | None
    threshold: float

    def as_json(self) -> dict[str, Any]:
        return {
            "nearest_across_splits": self.nearest_across_splits,
            "groups_straddling": self.groups_straddling,
            "nearest_to_eval": self.nearest_to_eval,
            "near_duplicate_threshold": self.threshold,
        }


@dataclass(frozen=True, slots=True)
class Across:
    """For each example its nearest in another split: `index` (n,) int64, -1 where there is none, and `cosine` (n,)."""

    index: np.ndarray
    cosine: np.ndarray


def across(vectors: np.ndarray, splits: Sequence[str]) -> Across:
    """Nearest neighbour in another split for each row of `vectors` (n, d)."""
    names = np.asarray(splits, dtype=object)
    index, cosine = np.full(len(splits), -1, dtype=np.int64), np.full(len(splits), np.nan)
    for name in sorted(set(splits)):
        here, there = np.flatnonzero(names == name), np.flatnonzero(names != name)
        if len(there):
            near = nearest(vectors[here], vectors[there], 1)
            index[here], cosine[here] = there[near.index[:, 0]], near.cosine[:, 0]
    return Across(index, cosine)
