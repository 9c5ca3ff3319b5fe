"""Two answers side by side, without the window: the question, the answers, and the words in which they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from curator.comparison.sides import (
    BOTH_BAD,
    EQUAL,
    FIRST_BETTER,
    SECOND_BETTER,
    is_side_by_side,
    sides_of,
    turned,
    turned_label,
)
from curator.model import Decision, Example, Message, Round
from ui.i18n import tr
from ui.presenters.rendering import Turn, differing_marks, turns
from ui.presenters.texts import Mark

MARKED = 0.6
"""Share of the letters beyond which marks would cover more than they tell: then the answers have next to nothing in common."""

__all__ = ["Answer", "SidesView", "is_side_by_side", "judging_text", "label_titles", "shown_again", "stored", "view"]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its `title`, and where its words are not the other's."""

    title: str
    example: Example
    marks: tuple[Mark, ...] = ()

    def turns(self, opened: Mapping[str, int], *, marked: bool) -> tuple[Turn, ...]:
        """What is shown of it; neither of the two looks any better than the other."""
        found = turns(self.example, marks={0: self.marks} if marked else None, opened=opened)
        return tuple(replace(turn, side="input") for turn in found)


@dataclass(frozen=True, slots=True)
class SidesView:
    """An item as it is shown. `told`: why nothing is marked, "" where something is."""

    example: Example
    first: Answer
    second: Answer
    told: str = ""

    def question(self, opened: Mapping[str, int]) -> tuple[Turn, ...]:
        """The turns that both answer."""
        there = sides_of(self.example)
        assert there is not None
        asked = replace(self.example, messages=(*there.question, Message("assistant", "")))
        return tuple(turn for turn in turns(asked, opened=opened) if turn.side != "output")


def view(example: Example) -> SidesView | None:
    """How an example of two answers is shown; None for any other example."""
    there = sides_of(example)
    if there is None:
        return None
    first, second = there.first.content or "", there.second.content or ""
    marks = differing_marks(first, second, "match"), differing_marks(second, first, "match")
    told = _told(first, second, marks)
    if told:
        marks = [], []
    answers = [
        Answer(title, Example(example.ref, (Message("assistant", said.content, said.tool_calls),)), tuple(some))
        for title, said, some in (
            (tr("First answer"), there.first, marks[0]),
            (tr("Second answer"), there.second, marks[1]),
        )
    ]
    return SidesView(example, *answers, told=told)


def label_titles() -> dict[str, str]:
    """What the window calls what can be said of two answers."""
    return {
        FIRST_BETTER: tr("First is better"),
        SECOND_BETTER: tr("Second is better"),
        EQUAL: tr("Equally good"),
        BOTH_BAD: tr("Both bad"),
    }


def shown_again(
    example: Example, mine: Decision | None, round: Round, *, repeat: bool
) -> tuple[Example, Decision | None]:
    """What a second look shows: the answers the other way round, and one's judgement of them in these words."""
    if not repeat or not is_side_by_side(round):
        return example, mine
    return turned(example), None if mine is None else replace(mine, value=turned_label(mine.value))


def stored(value: str | None, round: Round, *, repeat: bool) -> str | None:
    """A judgement in the words of the first look, whichever look it was made in."""
    return turned_label(value) if repeat and is_side_by_side(round) else value


def _told(first: str, second: str, marks: Sequence[Sequence[Mark]]) -> str:
    if not first.strip() or not second.strip():
        return tr("One of them is empty.")
    covered = sum(mark.end - mark.start for some in marks for mark in some)
    if covered > MARKED * (len(first) + len(second)):
        return tr("They have few words in common, so none are marked.")
    return ""


def judging_text() -> str:
    """What is in a project whose rounds are side by side."""
    return tr("This project holds answers that people judge side by side, and nothing to train on.")
