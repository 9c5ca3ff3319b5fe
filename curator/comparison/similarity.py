"""How near a free text comes to the reference: words in common, words in order, meaning. All from 0 to 1."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import LCSseq

from curator.checks.data import fold
from curator.embedding import Embedder
from curator.progress import Progress

# Scripts that write no spaces are compared by character.
_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]|[^\W\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]+"
)


def words(text: str) -> list[str]:
    """The words of a text, case folded; marks between them do not count."""
    return _WORD.findall(fold(text))


def token_f1(given: Sequence[str], reference: Sequence[str]) -> float:
    """Harmonic mean of the shares of words that the two have in common, repetitions counted (SQuAD, arXiv:1606.05250)."""
    if not given or not reference:
        return float(given == reference)
    common = (Counter(given) & Counter(reference)).total()
    return 2 * common / (len(given) + len(reference))


def rouge_l(given: Sequence[str], reference: Sequence[str]) -> float:
    """The same of the longest sequence of words that both have in this order (ROUGE-L, Lin 2004, β = 1)."""
    if not given or not reference:
        return float(given == reference)
    return 2 * LCSseq.similarity(given, reference) / (len(given) + len(reference))


def meaning(
    given: Sequence[str | None], references: Sequence[str], embedder: Embedder, progress: Progress
) -> NDArray[np.float64]:
    """Cosine of the vectors of each text and its reference, 0 for none and where it is below 0."""
    there = [place for place, text in enumerate(given) if text and text.strip()]
    found = np.zeros(len(given))
    if there:
        vectors = embedder.vectors([given[place] or "" for place in there], progress)
        others = embedder.vectors([references[place] for place in there], progress)
        found[there] = np.clip((vectors.astype(np.float64) * others).sum(axis=1), 0, 1)
    return found
