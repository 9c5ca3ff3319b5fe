"""Whether the outputs of two near inputs say the same, or follow what tells their inputs apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from curator.checks.data import Data, canonical_json
from curator.checks.wording import Difference, Said, difference, is_plain

UNLIKE = 0.6
"""Cosine of two outputs below which their words need not be looked at."""
ALIKE = 0.85
"""Cosine from which two outputs say the same in whatever words, where no fact differs."""
OVERLAP = 0.6
"""Word overlap from which they do."""


class Spoken:
    """Texts taken apart on first use, each once."""

    def __init__(self, texts: Sequence[str]):
        self._texts = texts
        self._said: dict[int, Said] = {}

    def __getitem__(self, number: int) -> Said:
        said = self._said.get(number)
        if said is None:
            said = self._said[number] = Said(self._texts[number])
        return said


def agreement(data: Data, examples: Iterable[int], spoken: Spoken) -> Callable[[int, int], bool]:
    """Whether the outputs of two of these candidates say the same: equal labels, equal JSON, or texts alike in words or
    meaning. `spoken`: the outputs."""
    strict = {i: data.short_labels or canonical_json(data.candidates.outputs[i]) is not None for i in examples}

    def agree(x: int, y: int) -> bool:
        if data.answers[x] == data.answers[y]:
            return True
        if strict[x] and strict[y]:
            return False
        cosine = float(data.output_vectors[x] @ data.output_vectors[y])
        if cosine < UNLIKE:
            return False
        wording = difference(spoken[x], spoken[y])
        return not wording.substance and (wording.overlap >= OVERLAP or cosine >= ALIKE)

    return agree


def carried(wording: Difference, first: Said, second: Said) -> bool:
    """True where a word that tells the inputs apart tells their outputs apart too: "a red cup" is red, "a blue cup" blue.

    The outputs then follow the inputs: neither repeats nor contradicts the other.
    """
    if first.text == second.text:
        return False
    a, b = first.counts, second.counts
    return any(not is_plain(w) and w in a and w not in b for w in wording.removed) and any(
        not is_plain(w) and w in b and w not in a for w in wording.added
    )
