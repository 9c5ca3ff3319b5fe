"""Where examples lie by the meaning of their inputs: the nearest of one, and a picture of all in two dimensions.

The picture is a principal component analysis at once, then t-SNE (van der Maaten and Hinton 2008) from there, as Kobak and
Berens 2019 advise: begun at the principal components, with the learning rate of Belkina et al. 2019 (the number of points
over the exaggeration). Repulsion is interpolated on a grid (Linderman et al. 2019, openTSNE) beyond some thousand points.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh

from curator.embedding import Embedder, nearest
from curator.errors import Cancelled
from curator.model import Example
from curator.progress import Progress, Silent
from curator.store import Project

MOST = 30_000
"""Points that are laid out by t-SNE itself; beyond that a sample is, and the others take the place of their neighbours."""
PERPLEXITY = 30
_EARLY, _LATE = 150, 350
"""Steps with and without early exaggeration. Twice as many move clusters apart a little more and tell nothing new."""
_EXAGGERATION = 12
_EVERY = 10
"""Steps between two looks at the layout on its way."""
_GRID_FROM = 3_000
"""Points from which the grid is quicker than a tree."""
_CELL = 2
"""Width of a cell of the grid. Twice the usual, it takes a third of the time, and the picture looks the same."""
_AROUND = 5
"""Neighbours whose middle is the place of a point that t-SNE did not lay out."""
FEWEST = 12
"""Points below which the principal components say all there is to see."""

Layout = Callable[[np.ndarray, int, int], None]
"""Hears of a layout on its way: float32 (n, 2), and the steps that are done and to do."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """Examples as vectors. `ids` (n,) int64, rising; `vectors` (n, d) float32 unit vectors of their inputs."""

    ids: np.ndarray
    vectors: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)

    def row(self, example: int) -> int | None:
        """The row of an example, None where it is not among them."""
        at = int(np.searchsorted(self.ids, example))
        return at if at < len(self.ids) and self.ids[at] == example else None

    def updated(self, changed: Embedded) -> Embedded:
        """The same with the vectors of some examples replaced. Those that are new here are left out."""
        vectors = self.vectors.copy()
        for id, vector in zip(changed.ids, changed.vectors, strict=True):
            row = self.row(int(id))
            if row is not None:
                vectors[row] = vector
        return Embedded(self.ids, vectors)


def inputs(project: Project, progress: Progress | None = None) -> tuple[np.ndarray, list[str]]:
    """Ids (int64, rising) and inputs of all examples of a project as they stand, with their revisions. Raises Cancelled."""
    progress = progress or Silent()
    progress.report(0, None, "Reading examples")
    ids: list[int] = []
    texts: list[str] = []
    for example in project.examples():
        if len(ids) % 1_000 == 0 and progress.cancelled():
            raise Cancelled
        ids.append(example.id)
        texts.append(example.input)
    return np.asarray(ids, dtype=np.int64), texts


def embedded(ids: np.ndarray, texts: Sequence[str], embedder: Embedder, progress: Progress | None = None) -> Embedded:
    """Examples as vectors; texts that were embedded before cost little.

    Raises Cancelled; what was embedded until then is kept in the cache.
    """
    return Embedded(ids, embedder.vectors(texts, progress or Silent()))


def embedded_again(examples: Sequence[Example], embedder: Embedder) -> Embedded:
    """Some examples as vectors: those whose text has changed."""
    ordered = sorted(examples, key=lambda example: example.id)
    vectors = embedder.vectors([example.input for example in ordered])
    return Embedded(np.asarray([example.id for example in ordered], dtype=np.int64), vectors)


def similar(vectors: np.ndarray, vector: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The `k` rows nearest to a unit vector by cosine, nearest first, ties by row: rows int64, cosines float32. Exact."""
    cosines = vectors @ np.asarray(vector, dtype=np.float32)
    k = min(k, len(cosines))
    if k == 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
    # All that tie with the last of them are sorted, so that which of them is kept does not depend on chance.
    bound = np.partition(cosines, len(cosines) - k)[len(cosines) - k]
    found = np.flatnonzero(cosines >= bound)
    order = found[np.lexsort((found, -cosines[found]))][:k]
    return order, np.clip(cosines[order], -1, 1).astype(np.float32)


def pca(vectors: np.ndarray) -> np.ndarray:
    """The first two principal components of (n, d) vectors: float32 (n, 2), middle 0, mean square distance from it 1.

    Of the two directions of an axis it is the one in which the largest weight is positive.
    """
    n, d = vectors.shape
    if n < 2 or d < 2:
        return np.zeros((n, 2), dtype=np.float32)
    middle = vectors.mean(axis=0, dtype=np.float64)
    spread = (vectors.T @ vectors).astype(np.float64) / n - np.outer(middle, middle)
    _, axes = eigh(spread, subset_by_index=[d - 2, d - 1])
    axes = axes[:, ::-1]
    axes *= np.sign(axes[np.abs(axes).argmax(axis=0), [0, 1]])
    return normal(vectors @ axes.astype(np.float32))


def tsne(
    vectors: np.ndarray,
    *,
    start: np.ndarray | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    each: Layout | None = None,
    most: int = MOST,
) -> np.ndarray:
    """(n, d) unit vectors as a picture: float32 (n, 2), turned so that it lies on its `start` (the PCA) as well as can be.

    `each` hears of the layout on its way. Raises Cancelled where the user stops it.
    """
    progress = progress or Silent()
    start = pca(vectors) if start is None else start
    if len(vectors) < FEWEST:
        return start
    chosen = _sample(len(vectors), most, seed)
    some = vectors[chosen]
    place = _placing(vectors, chosen, seed, progress)

    def tell(layout: np.ndarray, done: int, total: int) -> np.ndarray:
        whole = place(aligned(layout, start[chosen]))
        if each is not None:
            each(whole, done, total)
        return whole

    return tell(_laid_out(some, start[chosen], seed, progress, tell), _EARLY + _LATE, _EARLY + _LATE)


def aligned(layout: np.ndarray, before: np.ndarray) -> np.ndarray:
    """A layout moved, scaled, turned and mirrored so that it lies on another one (orthogonal Procrustes analysis)."""
    layout = normal(layout)
    left, _, right = np.linalg.svd(layout.T.astype(np.float64) @ before.astype(np.float64))
    turned: np.ndarray = (layout @ (left @ right).astype(np.float32)).astype(np.float32)
    return turned


def normal(layout: np.ndarray) -> np.ndarray:
    """A layout with its middle at 0 and a mean square distance of 1 from there."""
    centred = layout - layout.mean(axis=0, dtype=np.float64)
    size = np.sqrt(np.mean(np.sum(centred**2, axis=1)))
    scaled: np.ndarray = (centred / size if size > 0 else centred).astype(np.float32)
    return scaled


def _laid_out(
    vectors: np.ndarray,
    start: np.ndarray,
    seed: int,
    progress: Progress,
    tell: Callable[[np.ndarray, int, int], object],
) -> np.ndarray:
    import openTSNE
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    n = len(vectors)
    grid = n >= _GRID_FROM
    # Threads save little on a tree, and its sums depend on their number.
    jobs = -1 if grid else 1
    perplexity = min(PERPLEXITY, (n - 1) / 3)
    found = nearest(vectors, vectors, int(3 * perplexity), itself=True, progress=progress)
    distances = np.sqrt(np.maximum(0, 2 - 2 * found.cosine.astype(np.float64)))
    total = _EARLY + _LATE
    progress.report(0, total, "Laying out the map")
    affinities = PerplexityBasedNN(
        perplexity=perplexity, knn_index=PrecomputedNeighbors(found.index, distances), n_jobs=jobs, random_state=seed
    )
    layout = openTSNE.TSNEEmbedding(
        start.astype(np.float64) * 1e-4,
        affinities,
        negative_gradient_method="fft" if grid else "bh",
        ints_in_interval=_CELL,
        n_jobs=jobs,
        random_state=seed,
    )
    before = 0

    def look(step: int, _error: float, now: np.ndarray) -> None:
        if progress.cancelled():
            raise Cancelled
        progress.report(before + step, total, "Laying out the map")
        tell(np.asarray(now), before + step, total)

    options = {"callbacks": [look], "callbacks_every_iters": _EVERY, "inplace": True}
    layout = layout.optimize(_EARLY, exaggeration=_EXAGGERATION, momentum=0.8, **options)
    before = _EARLY
    layout = layout.optimize(_LATE, momentum=0.8, **options)
    return np.asarray(layout)


def _sample(n: int, most: int, seed: int) -> np.ndarray:
    """Rows that are laid out: all, or a sample, in rising order."""
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, most, replace=False))


def _placing(
    vectors: np.ndarray, chosen: np.ndarray, seed: int, progress: Progress
) -> Callable[[np.ndarray], np.ndarray]:
    """What makes a layout of all of a layout of those chosen: the others lie in the middle of their nearest neighbours."""
    n = len(vectors)
    if len(chosen) == n:
        return lambda layout: layout
    others = np.setdiff1d(np.arange(n), chosen)
    near = nearest(vectors[others], vectors[chosen], _AROUND, progress=progress).index
    # Many share all their neighbours: a little apart, they are seen as the many that they are.
    apart = np.random.default_rng(seed).normal(0, 0.004, (len(others), 2)).astype(np.float32)

    def place(layout: np.ndarray) -> np.ndarray:
        whole = np.empty((n, 2), dtype=np.float32)
        whole[chosen] = layout
        whole[others] = np.median(layout[near], axis=1) + apart
        return whole

    return place
