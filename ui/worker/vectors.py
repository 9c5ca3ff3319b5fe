"""The vectors of all examples, kept by the child between its jobs and brought up to date where the project changed."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from curator.embedding import Embedder
from curator.progress import Progress
from curator.projection import Embedded, embedded, embedded_again, inputs
from curator.store import Mark
from ui.worker.state import State


@dataclass(slots=True)
class Kept:
    """What is known of a project. `layout`: the finished picture of just these vectors, None until there is one."""

    encoder: str | None
    embedder: Embedder
    mark: Mark
    found: Embedded
    layout: np.ndarray | None = None


class TooMany(Exception):
    """More texts than wanted would have to be embedded: `count` of them. Nothing was done."""

    def __init__(self, count: int):
        super().__init__(count)
        self.count = count


_kept: WeakKeyDictionary[State, Kept] = WeakKeyDictionary()


def kept_vectors(state: State, progress: Progress, at_most: int | None = None) -> Kept:
    """The vectors of the project as it stands; only what changed is embedded anew. Raises Cancelled, and TooMany where more
    than `at_most` texts would have to be embedded."""
    project = state.project
    encoder = project.settings().get("encoder")
    kept = _kept.get(state)
    if kept is not None and kept.encoder == encoder:
        change = project.changes_since(kept.mark)
        if change is None:
            return kept
        if not change.sources:
            _follow(state, kept, change.examples)
            kept.mark = change.mark
            return kept
    if kept is not None:
        kept.embedder.close()
        del _kept[state]
    mark = project.mark()
    ids, texts = inputs(project, progress)
    embedder = Embedder(encoder)
    if at_most is not None and len(texts) > at_most and (missing := embedder.missing(texts)) > at_most:
        embedder.close()
        raise TooMany(missing)
    made = Kept(encoder, embedder, mark, embedded(ids, texts, embedder, progress))
    _kept[state] = made
    return made


def _follow(state: State, kept: Kept, changed: frozenset[int]) -> None:
    """A decision may have edited an input; most have not, and then the picture still holds."""
    known = sorted(id for id in changed if kept.found.row(id) is not None)
    if not known:
        return
    now = embedded_again(state.project.get_examples(known), kept.embedder)
    before = kept.found.vectors[[kept.found.row(id) for id in known]]
    if not np.array_equal(now.vectors, before):
        kept.found, kept.layout = kept.found.updated(now), None
