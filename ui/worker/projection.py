"""The map: all examples in two dimensions, by principal components at once, then by t-SNE as it takes shape.

Layouts go through files, float32 (n, 2), in the order of `ids`: 100,000 points as JSON would hold the window up.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from curator.progress import Progress
from curator.projection import pca, tsne
from ui.worker.state import State
from ui.worker.vectors import TooMany, kept_vectors

BETWEEN = 0.4
"""Seconds between two layouts on the way."""


def run(state: State, arguments: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """`folder`: where layouts are written, a private one of its own without; `at_most`: where more texts than that would have
    to be embedded first, nothing is done and `missing` says how many.

    Partial results and the result have `path`, `ids` (the path of the ids, int64), `count`, `method` (pca or tsne), `done`
    and `total` steps. Whoever reads a layout may delete it.
    """
    try:
        kept = kept_vectors(state, progress, arguments.get("at_most"))
    except TooMany as many:
        return {"count": 0, "missing": many.count}
    files = _Files(Path(arguments.get("folder") or tempfile.mkdtemp(prefix="curator-map-")), kept.found.ids)
    if kept.layout is not None:
        return files.write(kept.layout, "tsne", 1, 1)
    start = pca(kept.found.vectors)
    state.partial(files.write(start, "pca", 0, 1))
    told = time.monotonic()

    def each(layout: np.ndarray, done: int, total: int) -> None:
        nonlocal told
        if done < total and time.monotonic() - told >= BETWEEN:
            state.partial(files.write(layout, "tsne", done, total))
            told = time.monotonic()

    seed = int(state.project.settings().get("seed") or 0)
    kept.layout = tsne(kept.found.vectors, start=start, seed=seed, progress=progress, each=each)
    return files.write(kept.layout, "tsne", 1, 1)


class _Files:
    """Writes layouts under names that are not used twice."""

    def __init__(self, folder: Path, ids: np.ndarray):
        self._folder = folder
        self._stem = f"{time.time_ns():x}"
        self._number = 0
        self._count = len(ids)
        self._ids = folder / f"{self._stem}-ids.npy"
        np.save(self._ids, ids, allow_pickle=False)

    def write(self, layout: np.ndarray, method: str, done: int, total: int) -> dict[str, Any]:
        self._number += 1
        path = self._folder / f"{self._stem}-{self._number}.npy"
        np.save(path, np.ascontiguousarray(layout, dtype=np.float32), allow_pickle=False)
        return {
            "path": str(path),
            "ids": str(self._ids),
            "count": self._count,
            "method": method,
            "done": done,
            "total": total,
        }
