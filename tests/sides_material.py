"""Answers of two systems to held-out questions, for tests of judging them side by side."""

from __future__ import annotations

from pathlib import Path

from curator.comparison.sides import BASELINE, TUNED, Pair, preferred
from curator.comparison.sides_round import Made, Wanted, begin_sides, open_or_create
from curator.model import Decision, Example, Kind, Message, Ref, Role, Round, Verdict
from curator.store import Project

BEFORE, AFTER = "runs/zebra-7b.jsonl", "runs/quokka-7b-ft.jsonl"
"""Names that would give a system away wherever they show."""


def pair(at: int, baseline: str, tuned: str) -> Pair:
    turns = (Message("user", f"Question {at}?"), Message("assistant", "The right answer."))
    example = Example(Ref("held-out.jsonl", at, at + 1, Role.EVAL), turns)
    return Pair(example, Message("assistant", baseline), Message("assistant", tuned))


def pairs(better: str) -> list[Pair]:
    """A pair for each letter: the tuned system's answer is the good one (t), the baseline's (b), both are alike (e: equal, but
    in other words; x: bad), or both say the same (s)."""
    texts = {
        "t": ("It is poor, number {at}.", "It is good, number {at}."),
        "b": ("It is good, number {at}.", "It is poor, number {at}."),
        "e": ("It is fine, number {at}.", "Number {at}: that is fine."),
        "x": ("It is poor, number {at}.", "Poor, number {at}."),
        "s": ("The same, number {at}.", "The same, number {at}. "),
    }
    return [pair(at, *(text.format(at=at) for text in texts[letter])) for at, letter in enumerate(better)]


def begin(
    where: Path, better: str, reviewers: tuple[str, ...] = ("Ann", "Bo"), repeats: int = 0, seed: int = 0
) -> tuple[Project, Made]:
    """A project with a round side by side."""
    project = open_or_create(str(where))
    wanted = Wanted("held-out.jsonl", BEFORE, AFTER, reviewers, len(reviewers), repeats=repeats, seed=seed)
    return project, begin_sides(project, pairs(better), wanted)


def right(example: Example) -> str:
    """What a careful judge says, from the texts alone."""
    first, second = (turn.content or "" for turn in example.messages[-3:-1])
    goods = "good" in first.lower(), "good" in second.lower()
    if goods == (True, False):
        return "first is better"
    if goods == (False, True):
        return "second is better"
    return "equally good" if "fine" in first else "both bad"


OPPOSITE = {
    "first is better": "second is better",
    "second is better": "first is better",
    "equally good": "both bad",
    "both bad": "equally good",
}


def judge(project: Project, round: Round, name: str, wrong: tuple[int, ...] = (), *, repeat: bool = False) -> None:
    """Vote on all items of a round as `right` says; on the records `wrong` the opposite."""
    shown = {example.id: example for example in project.rounds.examples(round.id)}
    for slot in project.rounds.slots(round.id, name):
        if slot.repeat is not repeat:
            continue
        example = shown[slot.example]
        said = right(example)
        said = OPPOSITE[said] if example.ref.record in wrong else said
        vote = Decision("", example.id, "", name, Verdict.RELABEL, said, kind=Kind.VOTE, round=round.id, repeat=repeat)
        project.decide([vote])


def wins(label: str, tuned_first: bool) -> bool | None:
    """Whether a label is for the tuned system; None where it is for neither."""
    said = preferred(label, tuned_first)
    return None if said not in (BASELINE, TUNED) else said == TUNED
