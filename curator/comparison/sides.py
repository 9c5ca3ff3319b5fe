"""Two answers to one question, side by side, as an example that people judge in a round.

The question's turns come first, then a turn of the role `first` and one of the role `second` with the answers, and last an
empty assistant turn, whose label a judge gives. Nothing in the example says which system an answer is of.
"""

from __future__ import annotations

import hashlib
import hmac
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from curator.model import Example, Message, Round

FIRST, SECOND = "first", "second"
"""The roles of the turns that hold the answers."""
FIRST_BETTER, SECOND_BETTER = "first is better", "second is better"
EQUAL, BOTH_BAD = "equally good", "both bad"
LABELS = (FIRST_BETTER, SECOND_BETTER, EQUAL, BOTH_BAD)
"""What a judge can say, on the keys 1 to 4."""
BASELINE, TUNED = "baseline", "tuned"
_TURNED = {FIRST_BETTER: SECOND_BETTER, SECOND_BETTER: FIRST_BETTER}


@dataclass(frozen=True, slots=True)
class Pair:
    """A held-out example and what two systems answered to it."""

    example: Example
    baseline: Message
    tuned: Message

    @property
    def same(self) -> bool:
        """Whether both say the same, but for white space at either end: nobody need be asked."""
        return _said(self.baseline) == _said(self.tuned)


@dataclass(frozen=True, slots=True)
class Sides:
    """An example of two answers, taken apart: the turns before them, and the answers as they stand."""

    question: tuple[Message, ...]
    first: Message
    second: Message


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is kept from the judges of an item: the names of the systems, and which of them stands first. `differing` and
    `same`: how many of the held-out examples got two answers that differ, and how many two that are the same."""

    baseline: str
    tuned: str
    tuned_first: bool
    differing: int
    same: int


def pairs_of(examples: Sequence[Example], baseline: Sequence[str | None], tuned: Sequence[str | None]) -> list[Pair]:
    """The examples that both systems answered, in order. Where they are of several sources, each is named by its place among
    all, for records of two sources have one number."""
    several = len({example.ref.source for example in examples}) > 1
    found = []
    for place, (example, before, after) in enumerate(zip(examples, baseline, tuned, strict=True)):
        if before is not None and after is not None:
            ref = replace(example.ref, record=place, line=None) if several else example.ref
            named = replace(example, ref=ref)
            found.append(Pair(named, Message("assistant", before), Message("assistant", after)))
    return found


def system_names(baseline: str, tuned: str) -> tuple[str, str]:
    """What the systems are called: by their files, with the folders only where the files have one name."""
    short = PurePath(baseline).name, PurePath(tuned).name
    return short if short[0] != short[1] else (baseline, tuned)


def sides_of(example: Example) -> Sides | None:
    """The two answers of an example; None for any other example."""
    turns = example.messages
    if len(turns) < 3 or [turn.role for turn in turns[-3:]] != [FIRST, SECOND, "assistant"]:
        return None
    return Sides(turns[:-3], turns[-3], turns[-2])


def is_side_by_side(round: Round | None) -> bool:
    """Whether the items of a round are two answers side by side."""
    return round is not None and round.labels == LABELS


def blinded(pair: Pair, tuned_first: bool) -> Example:
    """The example that judges see. Of an answer its text and tool calls alone are kept: a name may be that of the system."""
    question = pair.example.messages[: pair.example.output_at]
    first, second = (pair.tuned, pair.baseline) if tuned_first else (pair.baseline, pair.tuned)
    answers = (_bare(first, FIRST), _bare(second, SECOND), Message("assistant", ""))
    bare = tuple(replace(turn, extra={}) for turn in question)
    return Example(pair.example.ref, (*bare, *answers), pair.example.tools)


def orders(number: int, seed: int, secret: bytes) -> list[bool]:
    """For each of so many items whether the tuned system stands first: in half of them, one more or less where the number is
    odd, at random. The same for the same seed and secret; without the secret nobody can tell, whatever the seed."""
    drawn = random.Random(hmac.digest(secret, f"side by side {seed} {number}".encode(), hashlib.sha256))
    odd = drawn.random() < 0.5
    made = [at % 2 == odd for at in range(number)]
    drawn.shuffle(made)
    return made


def turned(example: Example) -> Example:
    """The same two answers the other way round; any other example as it is."""
    there = sides_of(example)
    if there is None:
        return example
    first, second = replace(there.second, role=FIRST), replace(there.first, role=SECOND)
    return replace(example, messages=(*there.question, first, second, *example.messages[-1:]))


def turned_label(label: str | None) -> str | None:
    """What a label means of the same answers the other way round."""
    return None if label is None else _TURNED.get(label, label)


def preferred(label: str, tuned_first: bool) -> str:
    """What a label says of the systems: `BASELINE`, `TUNED`, or as it is where it prefers none."""
    if label not in _TURNED:
        return label
    return TUNED if (label == FIRST_BETTER) is tuned_first else BASELINE


def seal(sealed: Sealed) -> dict[str, Any]:
    """What is kept with the item."""
    return {name: getattr(sealed, name) for name in Sealed.__slots__}


def unseal(kept: Any) -> Sealed | None:
    """What `seal` wrote; None where it is still kept from this account, or is of no such round."""
    if not isinstance(kept, dict) or set(kept) != set(Sealed.__slots__):
        return None
    return Sealed(**kept)


def _bare(answer: Message, role: str) -> Message:
    return Message(role, answer.content, answer.tool_calls)


def _said(answer: Message) -> tuple[str, list[tuple[str, str]]]:
    return (answer.content or "").strip(), [(call.name, call.arguments) for call in answer.tool_calls]
