"""Slots: places where rows of one template take different values, in lower case and without digits.

"Is the red cup for sale?" and "Is the blue cup for sale?" look like one question in other words. That they are two shows
in the data: the same frame is filled in many ways. Real rewordings change now this place, now that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

import numpy as np

from curator.checks.answers import Spoken
from curator.checks.wording import Difference, Said, is_plain

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

    def __init__(self, texts: Spoken, near: Iterable[tuple[int, int]], neighbours: np.ndarray):
        """`near`: pairs of texts (numbers) to be judged; `neighbours` (n, k): the numbers of those around each text."""
        fillings: dict[Frame, set[Frame]] = defaultdict(set)
        looked: set[int] = set()

        def compare(x: int, y: int) -> Frame | None:
            split = _split(texts[x], texts[y])
            if split is None:
                return None
            fillings[split[0]].update(split[1:])
            return split[0]

        for x, y in near:
            frame = compare(x, y)
            if frame is not None and len(fillings[frame]) < VALUES and x not in looked:
                looked.add(x)
                # The other values need not be near enough to be pairs themselves.
                for other in neighbours[x, :AROUND].tolist():
                    compare(x, other)
        self._frames_of: dict[str, set[int]] = defaultdict(set)
        for number, fillers in enumerate(found for found in fillings.values() if len(found) >= VALUES):
            for word in {word for filler in fillers for word in filler if not is_plain(word)}:
                self._frames_of[word].add(number)

    def tell_apart(self, wording: Difference) -> bool:
        """True where two texts hold different values of one slot, whatever else differs."""
        frames, none = self._frames_of, frozenset[int]()
        return any(
            not frames.get(here, none).isdisjoint(frames.get(there, none))
            for here in wording.removed
            for there in wording.added
        )


def _split(first: Said, second: Said) -> tuple[Frame, Frame, Frame] | None:
    """What the words share, with gaps, and what fills the gaps in each; None where one is not a filling of the other."""
    frame, filler = _gaps(first.folded, second.counts)
    other_frame, other = _gaps(second.folded, first.counts)
    if frame != other_frame or any(all(is_plain(w) for w in part) for part in (filler, other)):
        return None
    kept = sum(part != _GAP for part in frame)
    return (frame, filler, other) if kept >= SHARED * (kept + max(len(filler), len(other))) else None


def _gaps(text: Sequence[str], shared: Collection[str]) -> tuple[Frame, Frame]:
    frame: list[str] = []
    filler = []
    for word in text:
        if word in shared:
            frame.append(word)
            continue
        filler.append(word)
        if frame[-1:] != [_GAP]:
            frame.append(_GAP)
    return tuple(frame), tuple(filler)
