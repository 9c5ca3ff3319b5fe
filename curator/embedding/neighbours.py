"""Nearest neighbours by cosine on FAISS: k per row, never all pairs.

Exact where that is quick or asked for. Else the base is cut into parts by k-means, and the queries of a part are compared with
the nearest parts only, as many as it takes to find 99 of 100 true neighbours, measured on a sample. (FAISS's inverted file
does the same query by query; by whole parts it is matrix products, which take about half the time of comparing all at
50,000 rows.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from curator.errors import Cancelled
from curator.progress import Progress, Silent

_BLOCK = 4_096
SPARE = 4
"""Neighbours found beyond those asked for: rounding can make the last places change hands."""
EXACT = 30_000**2
"""Comparisons up to which all are made: a few seconds."""
RECALL = 0.99
"""Share of the true neighbours to find where not all comparisons are made."""
MARGIN = 0.002
"""Aimed at beyond that: a standard error of what a sample says."""
PART = 400
"""Rows in a part, about: smaller parts follow the data better, larger ones are quicker products."""
SAMPLE = 500
"""Queries whose true neighbours say how many parts to look at, and as many again that measure the recall."""
_TRAINED = 64
"""Rows for each part that k-means looks at; more move the recall by less than .002."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The nearest rows of a base for each query: `index` (n, k) int64, -1 where there are fewer;
    `cosine` (n, k) float32, falling along each row, rounded to 6 digits so that equal pairs tie;
    `recall`: the share of the true neighbours that are among them, measured on a sample; None where all were compared."""

    index: np.ndarray
    cosine: np.ndarray
    recall: float | None = None

    def as_json(self) -> dict[str, object]:
        """How they were found, for `calibration`."""
        if self.recall is None:
            return {"search": "exact"}
        return {"search": "nearest parts of the data", "recall": round(self.recall, 4)}


def nearest(
    queries: np.ndarray,
    base: np.ndarray,
    k: int,
    *,
    itself: bool = False,
    exact: bool = True,
    progress: Progress | None = None,
) -> Neighbours:
    """The `k` nearest rows of `base` for each row of `queries`, both (n, d) float32 unit vectors.

    `itself`: queries *are* the base, and a row is not its own neighbour. Unless `exact`, more than `EXACT` comparisons are
    not all made, and about `RECALL` of the neighbours are found: enough to look for pairs, not to prove that there are none.
    Depends neither on threads nor on chance. Raises Cancelled where the user stops it.
    """
    progress = progress or Silent()
    n = len(queries)
    keep = min(k, len(base) - (1 if itself else 0))
    want = min(k + (1 if itself else 0) + SPARE, len(base))
    if n == 0 or keep <= 0:
        return Neighbours(np.full((n, 0), -1, dtype=np.int64), np.zeros((n, 0), dtype=np.float32))
    base = np.ascontiguousarray(base, dtype=np.float32)
    queries = base if itself else np.ascontiguousarray(queries, dtype=np.float32)
    parts = _Parts.of(queries, base, want, itself) if not exact and n * len(base) > EXACT else None
    index = np.empty((n, keep), dtype=np.int64)
    cosine = np.empty((n, keep), dtype=np.float32)
    done = 0
    for rows, found in _search(queries, base, want) if parts is None else parts.search(queries, want):
        if progress.cancelled():
            raise Cancelled
        if itself:
            found = _without_itself(found, rows)
        cosines = _cosines(queries[rows], base, found)
        index[rows], cosine[rows] = _best(found, cosines, keep)
        done += len(rows)
        progress.report(done, n, "Comparing texts")
    return Neighbours(index, cosine, None if parts is None else parts.recall)


def _search(queries: np.ndarray, base: np.ndarray, want: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Row numbers of queries, a block at a time, and the `want` rows of the base that come nearest to each."""
    import faiss

    index = faiss.IndexFlatIP(base.shape[1])
    index.add(base)
    for start in range(0, len(queries), _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, len(queries)))
        yield rows, index.search(queries[rows], want)[1]


@dataclass(frozen=True, slots=True)
class _Parts:
    """A base cut into parts. `base`: its rows part by part; `row` (n,) where they stood; `start` (parts + 1,) where each
    part begins; `of_query` the part that each query lies in; `near` (parts, parts) the parts by nearness to each part;
    `probes`: how many of them are looked at, by which `recall` of the neighbours are found."""

    base: np.ndarray
    row: np.ndarray
    start: np.ndarray
    of_query: np.ndarray
    near: np.ndarray
    probes: int
    recall: float

    @classmethod
    def of(cls, queries: np.ndarray, base: np.ndarray, want: int, itself: bool) -> _Parts | None:
        """None where so many parts would have to be looked at that comparing all is as quick."""
        import faiss
        from threadpoolctl import threadpool_limits

        count = len(base) // PART
        # One thread: the last digits of a product may depend on how many share it, and with them what is a part.
        with threadpool_limits(1):
            means = faiss.Kmeans(
                base.shape[1], count, niter=8, seed=1, spherical=True, max_points_per_centroid=_TRAINED
            )
            means.train(base)
            middles = faiss.IndexFlatIP(base.shape[1])
            middles.add(np.asarray(means.centroids))
            of_base = middles.search(base, 1)[1][:, 0]
            of_query = of_base if itself else middles.search(queries, 1)[1][:, 0]
            near = middles.search(np.asarray(means.centroids), count)[1]
        rank = np.empty_like(near)
        np.put_along_axis(rank, near, np.arange(count)[None, :], axis=1)
        sample = np.random.default_rng(0).choice(len(queries), min(2 * SAMPLE, len(queries)), replace=False)
        (_, true), *_ = _search(queries[sample], base, want)
        ranks = rank[of_query[sample][:, None], of_base[true]]
        probes = int(np.quantile(ranks[::2], RECALL + MARGIN, method="higher")) + 1
        if probes > count // 2:
            return None
        row = np.argsort(of_base, kind="stable")
        start = np.concatenate([[0], np.cumsum(np.bincount(of_base, minlength=count))])
        return cls(base[row], row, start, of_query, near, probes, float(np.mean(ranks[1::2] < probes)))

    def search(self, queries: np.ndarray, want: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """As `_search`, among the nearest parts."""
        import faiss

        sizes = np.diff(self.start)
        for part, near in enumerate(self.near):
            asking = np.flatnonzero(self.of_query == part)
            # At least as many parts as hold the rows that are wanted.
            probes = max(self.probes, int(np.searchsorted(np.cumsum(sizes[near]), want)) + 1)
            spans = [(self.start[at], self.start[at + 1]) for at in near[:probes]]
            there = np.concatenate([self.row[a:b] for a, b in spans])
            vectors = np.concatenate([self.base[a:b] for a, b in spans]) if len(asking) else self.base[:0]
            for begin in range(0, len(asking), _BLOCK):
                rows = asking[begin : begin + _BLOCK]
                yield rows, there[faiss.knn(queries[rows], vectors, want, faiss.METRIC_INNER_PRODUCT)[1]]


def _without_itself(found: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Drop from each row the column that is the row itself (the last one where equal vectors crowded it out)."""
    own = found == rows[:, None]
    own[~own.any(axis=1), -1] = True
    kept: np.ndarray = found[~own].reshape(len(found), found.shape[1] - 1)
    return kept


def _cosines(queries: np.ndarray, base: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Cosines of the rows found, summed in double precision one pair at a time: those of a matrix product depend on the
    number of threads and on where a row stands in it."""
    columns = [np.einsum("nd,nd->n", queries, base[found[:, k]], dtype=np.float64) for k in range(found.shape[1])]
    cosine: np.ndarray = np.round(np.clip(np.stack(columns, axis=1), -1, 1), 6).astype(np.float32)
    return cosine


def _best(found: np.ndarray, cosine: np.ndarray, keep: int) -> tuple[np.ndarray, np.ndarray]:
    """The `keep` best of each row by falling cosine, ties by index: FAISS leaves the order of ties to chance."""
    order = np.lexsort((found, -cosine), axis=1)[:, :keep]
    return np.take_along_axis(found, order, axis=1), np.take_along_axis(cosine, order, axis=1)
