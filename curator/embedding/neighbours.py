"""Nearest neighbours by cosine on FAISS: k per row, never all pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_BLOCK = 4_096
SPARE = 4
"""Neighbours found beyond those asked for: rounding can make the last places change hands."""


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
    keep = min(k, len(base) - (1 if itself else 0))
    want = min(k + (1 if itself else 0) + SPARE, len(base))
    if n == 0 or keep <= 0:
        return Neighbours(np.full((n, 0), -1, dtype=np.int64), np.zeros((n, 0), dtype=np.float32))
    index = faiss.IndexFlatIP(base.shape[1])
    index.add(np.ascontiguousarray(base, dtype=np.float32))
    cosines, indices = [], []
    for start in range(0, n, _BLOCK):
        _, found = index.search(np.ascontiguousarray(queries[start : start + _BLOCK], dtype=np.float32), want)
        if itself:
            found = _without_itself(found, start)
        cosines.append(_cosines(queries[start : start + _BLOCK], base, found))
        indices.append(found)
    return _cut(np.concatenate(indices).astype(np.int64), np.concatenate(cosines), keep)


def _without_itself(found: np.ndarray, start: int) -> np.ndarray:
    """Drop from each row the column that is the row itself (the last one where equal vectors crowded it out)."""
    own = found == (np.arange(len(found)) + start)[:, None]
    own[~own.any(axis=1), -1] = True
    kept: np.ndarray = found[~own].reshape(len(found), found.shape[1] - 1)
    return kept


def _cosines(queries: np.ndarray, base: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Cosines of the rows found, summed in double precision one pair at a time: those of a matrix product depend on the
    number of threads and on where a row stands in it."""
    columns = [np.einsum("nd,nd->n", queries, base[found[:, k]], dtype=np.float64) for k in range(found.shape[1])]
    cosine: np.ndarray = np.round(np.clip(np.stack(columns, axis=1), -1, 1), 6).astype(np.float32)
    return cosine


def _cut(found: np.ndarray, cosine: np.ndarray, keep: int) -> Neighbours:
    """The `keep` best of each row by falling cosine, ties by index: FAISS leaves the order of ties to chance."""
    order = np.lexsort((found, -cosine), axis=1)[:, :keep]
    return Neighbours(np.take_along_axis(found, order, axis=1), np.take_along_axis(cosine, order, axis=1))
