"""Which words tell several texts or examples apart."""

from __future__ import annotations

from collections.abc import Sequence

from curator.model import Example
from ui.presenters.rendering import Marks, compared, differing_marks
from ui.presenters.texts import Mark


def text_marks(texts: Sequence[str]) -> list[list[Mark]]:
    """Marks for each text: the first has what another lacks as removed, the others what the first lacks as added."""
    first, *others = texts or [""]
    mine = [differing_marks(first, other, "removed") for other in others]
    return [_joined(mine), *(differing_marks(other, first, "added") for other in others)]


def example_marks(examples: Sequence[Example]) -> list[Marks]:
    """As `text_marks`, turn by turn."""
    first, *others = examples
    mine: dict[int, list[list[Mark]]] = {}
    for other in others:
        for index, marks in compared(first, other, "removed").items():
            mine.setdefault(index, []).append(list(marks))
    joined: Marks = {index: _joined(several) for index, several in mine.items()}
    return [joined, *(compared(other, first, "added") for other in others)]


def _joined(several: Sequence[Sequence[Mark]]) -> list[Mark]:
    """Marks of one text against several others, those that overlap as one."""
    joined: list[Mark] = []
    for mark in sorted((mark for marks in several for mark in marks), key=lambda mark: mark.start):
        if joined and mark.start <= joined[-1].end:
            joined[-1] = Mark(joined[-1].start, max(joined[-1].end, mark.end), mark.kind)
        else:
            joined.append(mark)
    return joined
