"""How different are the inputs from each other? A thousand wordings of one question are one question."""

from __future__ import annotations

import numpy as np

from curator.checks import Data
from curator.readiness.evidence import Evidence
from curator.readiness.points import Point, Todo
from curator.readiness.texts import text
from curator.sensitive import mask

REPEATS = 0.3
"""Share of candidates that only repeat others, from which the data is smaller than it looks."""
DOMINATED = 0.3
"""Share of the data that may lie around one input."""
CENTRES = 1_500
"""Inputs that are tried as the centre of the largest cluster."""
FEWEST = 30
"""Different inputs below which one of them always has a large part of the others around it."""


def diversity(e: Evidence) -> Point | None:
    """Effective number of different inputs, how near they lie to each other, and the largest cluster.

    Different are inputs that no finding calls duplicates of each other. The cluster is a ball: its radius is the median distance
    of inputs to their nearest, so it is as wide as this data is dense, and the share counts distinct inputs.
    """
    data = e.data
    if data is None or len(data.candidates) < FEWEST:
        return None
    repeats = e.repeats
    different = len(data.candidates) - len(repeats)
    cosine = data.neighbours.cosine[:, 0] if data.neighbours.index.shape[1] else np.zeros(1, np.float32)
    radius = float(np.median(cosine))
    share, centre = _largest(data, radius)
    repeated = len(repeats) / len(data.candidates)
    dominated = share > DOMINATED and len(data.distinct_vectors) >= FEWEST
    passed = repeated <= REPEATS and not dominated
    values = {"different": different, "n": len(data.candidates), "nearest": float(cosine.mean()), "share": share}
    todo = []
    if repeated > REPEATS:
        todo.append(Todo(text("diversity.repeats", share=repeated)))
    if dominated:
        todo.append(Todo(text("diversity.cluster", share=share, like=_short(data.candidates.inputs[centre]))))
    return Point(
        "diversity",
        passed,
        text("diversity.found", **values),
        tuple(todo),
        where={"page": "map"},
        figures={"different": different, "repeats": len(repeats), "mean_nearest_cosine": round(values["nearest"], 4)}
        | {"largest_cluster": round(share, 4), "radius_cosine": round(radius, 4)},
    )


def _largest(data: Data, radius: float) -> tuple[float, int]:
    """The share of distinct inputs in the largest ball of that cosine, and the candidate in its middle."""
    vectors = data.distinct_vectors
    step = -(-len(vectors) // CENTRES)
    centres = np.arange(0, len(vectors), step)
    within = np.zeros(len(centres), dtype=np.int64)
    for start in range(0, len(vectors), 8_192):
        within += (vectors[centres] @ vectors[start : start + 8_192].T >= radius - 1e-4).sum(axis=1)
    best = int(within.argmax())
    return float(within[best]) / len(vectors), int(data.candidates.distinct.first[centres[best]])


def _short(value: str) -> str:
    value = mask(value)
    return value if len(value) <= 80 else value[:79] + "…"
