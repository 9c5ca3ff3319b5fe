"""How reviewers did where it can be told: on items of which the answer is known, and on those that they saw twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from curator.model import Decision, Example, ItemKind, RoundItem, Verdict
from curator.review.adjudication.answers import Answer, answer_of


@dataclass(slots=True)
class Known:
    """One reviewer's votes on `gold` and `attention` items, whether each is right, and on `repeats`, whether they said the same
    again."""

    gold: list[bool] = field(default_factory=list)
    attention: list[bool] = field(default_factory=list)
    repeats: list[bool] = field(default_factory=list)

    def add(self, other: Known) -> None:
        self.gold += other.gold
        self.attention += other.attention
        self.repeats += other.repeats


def told_by(votes: Iterable[Decision], items: Mapping[int, RoundItem]) -> set[int]:
    """The examples whose votes tell how reviewers do."""
    return {vote.example for vote in votes if vote.repeat or items[vote.example].kind is not ItemKind.ITEM}


def judged(
    votes: Iterable[Decision], items: Mapping[int, RoundItem], shown: Mapping[int, Example], by_label: bool
) -> dict[str, Known]:
    """By reviewer what their votes in a round tell; `shown`: the examples of `told_by` as the round shows them.

    A skip is no answer, nor is a flag, but on an attention item: whoever flags it has noticed it.
    """
    found: dict[str, Known] = {}
    mine = [vote for vote in votes if vote.example in shown]
    answers = {vote.id: answer_of(vote, shown[vote.example], by_label) for vote in mine}
    first = {(vote.example, vote.reviewer): answers[vote.id] for vote in mine if not vote.repeat}
    for vote in mine:
        known, item, said = found.setdefault(vote.reviewer, Known()), items[vote.example], answers[vote.id]
        if vote.repeat:
            before = first.get((vote.example, vote.reviewer))
            if said is not None and before is not None:
                known.repeats.append(before.key == said.key)
        elif item.kind is ItemKind.ATTENTION and (said is not None or vote.verdict is Verdict.FLAG):
            known.attention.append(_is_right(said, item, by_label))
        elif item.kind is ItemKind.GOLD and said is not None:
            known.gold.append(_is_right(said, item, by_label))
    return found


def _is_right(said: Answer | None, item: RoundItem, by_label: bool) -> bool:
    """A label must be the right one. Of texts there is more than one: what is planted must not be kept, gold must.

    Whoever drops or flags what is planted has noticed it.
    """
    if said is None or said.example is None:
        return item.kind is ItemKind.ATTENTION
    if by_label or item.kind is ItemKind.GOLD:
        return said.example.output == item.expected
    return said.key != item.key
