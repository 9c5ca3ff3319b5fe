"""Nearest neighbours by cosine on FAISS: k per row, never all pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_BLOCK = 4_096


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The nearest rows of a base for each query: `index` (n, k) int64, -1 where there are fewer;
    `cosine` (n, k) float32, falling along each row, rounded to 6 digits so that equal pairs tie."""

    index: np.ndarray
    cosine: np.ndarray


def nearest(queries: np.ndarray, base: np.ndarray, k: int, *, itself: bool = False) -> Neighbours:
    """The `k` nearest rows of `base` for each row of `queries`, both (n, d) float32 unit vectors.

    `itself`: queries *are* the base, and a row is not its own neighbour. Exact inner-product search.
    """
    import faiss

    n = len(queries)
    want = min(k + (1 if itself else 0), len(base))
    if n == 0 or want == 0:
        return Neighbours(np.full((n, 0), -1, dtype=np.int64), np.zeros((n, 0), dtype=np.float32))
    index = faiss.IndexFlatIP(base.shape[1])
    index.add(np.ascontiguousarray(base, dtype=np.float32))
    cosines, indices = [], []
    for start in range(0, n, _BLOCK):
        cosine, found = index.search(np.ascontiguousarray(queries[start : start + _BLOCK], dtype=np.float32), want)
        if itself:
            cosine, found = _without_itself(cosine, found, start)
        cosines.append(cosine)
        indices.append(found)
    cosine, found = np.concatenate(cosines), np.concatenate(indices).astype(np.int64)
    return _ordered(np.round(np.clip(cosine, -1, 1), 6), found)


def _without_itself(cosine: np.ndarray, found: np.ndarray, start: int) -> tuple[np.ndarray, np.ndarray]:
    """Drop from each row the column that is the row itself (the last one where equal vectors crowded it out)."""
    own = found == (np.arange(len(found)) + start)[:, None]
    own[~own.any(axis=1), -1] = True
    shape = (len(found), found.shape[1] - 1)
    return cosine[~own].reshape(shape), found[~own].reshape(shape)


def _ordered(cosine: np.ndarray, found: np.ndarray) -> Neighbours:
    """Falling cosine, ties by index: FAISS leaves the order of ties to chance."""
    order = np.lexsort((found, -cosine), axis=1)
    return Neighbours(np.take_along_axis(found, order, axis=1), np.take_along_axis(cosine, order, axis=1))
