"""The examples that mean much the same as one of them, or as a text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curator.errors import InputError
from curator.progress import Progress
from curator.projection import similar
from ui.worker.state import State
from ui.worker.vectors import kept_vectors

LIMIT = 200


def run(state: State, arguments: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """`example`: id, or `text`; `limit`: how many at most. Gives `ids` and `cosines`, nearest first, without the example."""
    kept = kept_vectors(state, progress)
    found, limit = kept.found, int(arguments.get("limit", LIMIT))
    if not len(found):
        return {"ids": [], "cosines": []}
    itself = -1
    if "text" in arguments:
        vector = kept.embedder.vectors([arguments["text"]], progress)[0]
    else:
        row = found.row(int(arguments["example"]))
        if row is None:
            raise InputError("that example is no longer in the project")
        itself, vector = row, found.vectors[row]
    rows, cosines = similar(found.vectors, vector, limit + 1)
    others = rows != itself
    ids = found.ids[rows[others]][:limit]
    return {"ids": ids.tolist(), "cosines": [round(float(cosine), 4) for cosine in cosines[others][:limit]]}
