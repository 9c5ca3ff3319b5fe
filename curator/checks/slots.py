"""Slots: places where rows of one template take different values, in lower case and without digits.

"Is the red cup for sale?" and "Is the blue cup for sale?" look like one question in other words. That they are two shows
in the data: the same frame is filled in many ways. Real rewordings change now this place, now that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

from curator.checks.wording import Difference, difference, is_plain, words

VALUES = 5
"""Different values from which a place is a slot: real duplicate groups are smaller."""
SHARED = 0.5
"""Share of a text that its frame must hold: less is not one template but two texts."""
AROUND = 12
"""Neighbours of a text in which other values are looked for."""
_GAP = ""
Frame = tuple[str, ...]


class Slots:
    """Words that fill the gap of one frame in `VALUES` ways or more."""

    def __init__(self, texts: Sequence[str], near: Iterable[tuple[int, int, Difference]], neighbours: np.ndarray):
        """`near`: pairs of texts (numbers) to be judged; `neighbours` (n, k): the numbers of those around each text."""
        fillings: dict[Frame, set[Frame]] = defaultdict(set)
        for x, y, wording in near:
            split = _split(texts[x], texts[y], wording)
            if split is None or len(fillings[split[0]]) >= VALUES:
                continue
            fillings[split[0]].update(split[1:])
            # The other values need not be near enough to be pairs themselves.
            for other in neighbours[x, :AROUND].tolist():
                if further := _split(texts[x], texts[other], difference(texts[x], texts[other])):
                    fillings[further[0]].update(further[1:])
        self._frames_of: dict[str, set[int]] = defaultdict(set)
        for number, fillers in enumerate(found for found in fillings.values() if len(found) >= VALUES):
            for word in {word for filler in fillers for word in filler if not is_plain(word)}:
                self._frames_of[word].add(number)

    def tell_apart(self, wording: Difference) -> bool:
        """True where two texts hold different values of one slot, whatever else differs."""
        here, there = (
            {frame for word in only for frame in self._frames_of.get(word, ())}
            for only in (wording.removed, wording.added)
        )
        return not here.isdisjoint(there)


def _split(first: str, second: str, wording: Difference) -> tuple[Frame, Frame, Frame] | None:
    """What the texts share, with gaps, and what fills the gaps in each; None where one is not a filling of the other."""
    frame, filler = _gaps(first, frozenset(wording.removed))
    other_frame, other = _gaps(second, frozenset(wording.added))
    if frame != other_frame or any(all(is_plain(w) for w in part) for part in (filler, other)):
        return None
    kept = sum(part != _GAP for part in frame)
    return (frame, filler, other) if kept >= SHARED * (kept + max(len(filler), len(other))) else None


def _gaps(text: str, only: frozenset[str]) -> tuple[Frame, Frame]:
    frame: list[str] = []
    filler = []
    for word in (w.casefold() for w in words(text)):
        if word not in only:
            frame.append(word)
            continue
        filler.append(word)
        if frame[-1:] != [_GAP]:
            frame.append(_GAP)
    return tuple(frame), tuple(filler)
