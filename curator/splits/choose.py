"""The best and most diverse N: of the two examples that are nearest to each other the worse goes, until N are left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from curator.embedding import nearest

AROUND = 8


def choose(vectors: np.ndarray, quality: Sequence[tuple[float, str]], count: int, strata: Sequence[str]) -> np.ndarray:
    """Indices of `count` of the n examples, ascending.

    `vectors` (n, d) unit rows; `quality[i]` sorts examples, higher is better, with the content key as tie-break so that
    file order never matters; `strata[i]` is thinned in proportion to its size (a label, or one name for all).
    """
    if count >= len(quality):
        return np.arange(len(quality))
    worth = np.empty(len(quality), dtype=np.int64)
    worth[sorted(range(len(quality)), key=lambda i: quality[i])] = np.arange(len(quality))
    kept = [
        _thin(vectors, worth, np.flatnonzero(np.asarray(strata, dtype=object) == name), share)
        for name, share in _quotas(Counter(strata), count).items()
    ]
    return np.sort(np.concatenate(kept))


def _quotas(sizes: Counter[str], count: int) -> dict[str, int]:
    """Proportional shares by largest remainder; none loses its last example while there is room for all."""
    total = sum(sizes.values())
    exact = {name: count * size / total for name, size in sizes.items()}
    quota = {name: max(int(value), 1 if count >= len(sizes) else 0) for name, value in exact.items()}
    order = sorted(sizes, key=lambda name: (quota[name] - exact[name], name))
    while (left := count - sum(quota.values())) > 0:
        for name in [n for n in order if quota[n] < sizes[n]][:left]:
            quota[name] += 1
    while (over := sum(quota.values()) - count) > 0:
        for name in [n for n in reversed(order) if quota[n] > 1][:over]:
            quota[name] -= 1
    return quota


def _thin(vectors: np.ndarray, worth: np.ndarray, rows: np.ndarray, count: int) -> np.ndarray:
    while len(rows) > count:
        # At most half goes per round: then the neighbours found before are still the neighbours that are left.
        goal = max(count, len(rows) // 2)
        near = nearest(vectors[rows], vectors[rows], AROUND, itself=True, exact=False)
        a = np.repeat(np.arange(len(rows)), near.index.shape[1])
        b, cosine = near.index.ravel(), near.cosine.ravel()
        alive = np.ones(len(rows), dtype=bool)
        low, high = np.minimum(worth[rows[a]], worth[rows[b]]), np.maximum(worth[rows[a]], worth[rows[b]])
        left = len(rows)
        for edge in np.lexsort((high, low, -cosine)):
            if left == goal:
                break
            x, y = a[edge], b[edge]
            if alive[x] and alive[y]:
                alive[x if worth[rows[x]] < worth[rows[y]] else y] = False
                left -= 1
        if left > goal and left == len(rows):
            alive[np.argsort(worth[rows])[: left - goal]] = False
        rows = rows[alive]
    return rows
