"""What should be known of a round before it begins: what can be measured, what is planted, what is odd about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from curator.model import ItemKind
from curator.review.rounds.items import Asked, Pool, Scope

if TYPE_CHECKING:
    from curator.review.rounds.planning import Planned

FEW_SHARED = 50
"""Items that two or more look at, below which the interval of an agreement coefficient is too wide to tell much."""
FEW_OF_LABEL = 5
RARE_NAMED = 4
"""Of the labels with fewer, so many are named."""
TEXTS = {
    "margin": "A share counted on this sample is within ±{margin:.1%} of that of all {population:,}, 95 times in 100.",
    "whole": "Everything is looked at, so what is counted is exact.",
    "alone": "There is one reviewer, so no agreement can be measured.",
    "apart": "Each item is seen by one reviewer, so no agreement can be measured; an overlap of 2 makes it possible.",
    "agreement": "Agreement can be measured on {n:,} items.",
    "few_shared": "Agreement on only {n:,} items is a rough figure; from about 50 on it says more.",
    "few_people": "{overlap} are to see each item, and the reviewers are {people}: {n:,} looks wait until somebody joins.",
    "gold": "{n:,} items of known answer are among those of each reviewer, shown as they are.",
    "no_gold": "{wanted:,} items of known answer are wanted and {there:,} are known; adjudicate some, or give a table.",
    "attention": "{n:,} items of each reviewer show another answer than the right one, on purpose; say that there are such.",
    "attention_hidden": "Outputs are not shown, so attention items are gold items here.",
    "hints_hidden": "Outputs are not shown, and what a check found may name them, so there are no hints.",
    "repeats": "{n:,} items come a second time to each reviewer, late in the list; say that there are such.",
    "repeats_claimed": "Repeats need lists; where everybody takes the next free item there are none.",
    "fewer_repeats": "The lists are too short for {wanted:,} repeats: the shortest has {there:,}.",
    "rare": "Fewer than {few} items of {n:,} of {labels:,} labels, about which the round says little: {names}.",
    "no_guideline": "There is no guideline yet; with one, everybody decides doubtful cases alike.",
    "claimed": "Nobody has a list: everybody takes the next free item, which is theirs for {minutes:.0f} minutes.",
    "smaller": "{wanted:,} are wanted and {there:,} are there: all of them are reviewed.",
    "output_shown": "Reviewers see the label that is given; whoever sees it tends to agree with it.",
}


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence on a round, by `name` so that it can be said in other languages; `warn`: it is worth a second thought."""

    name: str
    values: Mapping[str, Any] = field(default_factory=dict)
    warn: bool = False

    @property
    def text(self) -> str:
        return TEXTS[self.name].format(**self.values)


def notes(planned: Planned, asked: Asked, pool: Pool, known: int) -> tuple[Note, ...]:
    """What is to be said, the plain first; `known`: how many known answers there are."""
    said = [*_sure(planned, asked), *_shared(planned), *_planted(planned, asked, known), *_odd(planned, asked, pool)]
    return tuple(sorted(said, key=lambda note: note.warn))


def _sure(planned: Planned, asked: Asked) -> list[Note]:
    said = []
    if asked.scope is Scope.SAMPLE:
        if planned.margin:
            said.append(Note("margin", {"margin": planned.margin, "population": planned.population}))
        else:
            said.append(Note("whole"))
        if asked.size is not None and asked.size > planned.population:
            said.append(Note("smaller", {"wanted": asked.size, "there": planned.population}, True))
    if planned.round.claimed:
        said.append(Note("claimed", {"minutes": planned.round.lease / 60}))
    return said


def _shared(planned: Planned) -> list[Note]:
    round = planned.round
    if len(round.reviewers) == 1:
        said = [Note("alone", warn=True)]
    elif not planned.shared:
        said = [Note("apart", warn=True)]
    elif planned.shared < FEW_SHARED:
        said = [Note("few_shared", {"n": planned.shared}, True)]
    else:
        said = [Note("agreement", {"n": planned.shared})]
    if round.overlap > len(round.reviewers):
        missing = round.overlap - len(round.reviewers)
        waiting = missing * max(planned.shared, sum(slot.slot == round.overlap - 1 for slot in planned.slots))
        values = {"overlap": round.overlap, "people": len(round.reviewers), "n": waiting}
        said.append(Note("few_people", values, True))
    return said


def _planted(planned: Planned, asked: Asked, known: int) -> list[Note]:
    kinds = [item.kind for item in planned.items]
    gold, attention = kinds.count(ItemKind.GOLD), kinds.count(ItemKind.ATTENTION)
    said = []
    if gold:
        said.append(Note("gold", {"n": gold}))
    if attention:
        said.append(Note("attention", {"n": attention}))
    if asked.attention and asked.hide_output:
        said.append(Note("attention_hidden", warn=True))
    if asked.hints and asked.hide_output:
        said.append(Note("hints_hidden", warn=True))
    if known < asked.gold + asked.attention:
        said.append(Note("no_gold", {"wanted": asked.gold + asked.attention, "there": known}, True))
    if asked.repeats:
        said += _repeats(planned, asked)
    return said


def _repeats(planned: Planned, asked: Asked) -> list[Note]:
    if asked.claimed:
        return [Note("repeats_claimed", warn=True)]
    counts = dict.fromkeys(planned.round.reviewers, 0)
    for slot in planned.slots:
        if slot.repeat and slot.reviewer is not None:
            counts[slot.reviewer] += 1
    fewest = min(counts.values())
    if fewest < asked.repeats:
        return [Note("fewer_repeats", {"wanted": asked.repeats, "there": fewest}, True)]
    return [Note("repeats", {"n": asked.repeats})]


def _odd(planned: Planned, asked: Asked, pool: Pool) -> list[Note]:
    said = []
    if not planned.round.guideline:
        said.append(Note("no_guideline", warn=True))
    if pool.outputs and pool.labels:
        rare = [label for label in pool.labels if planned.balance.get(label, 0) < FEW_OF_LABEL]
        if rare and asked.scope in (Scope.SAMPLE, Scope.ALL):
            names = ", ".join(rare[:RARE_NAMED]) + (", …" if len(rare) > RARE_NAMED else "")
            values = {"n": len(rare), "labels": len(pool.labels), "few": FEW_OF_LABEL, "names": names}
            said.append(Note("rare", values, True))
    if pool.labels and not asked.hide_output:
        said.append(Note("output_shown"))
    return said
