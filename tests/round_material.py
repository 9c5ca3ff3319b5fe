"""Rounds of review made by hand: six examples with labels, or with texts, and reviewers who vote in them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from curator.model import (
    Decision,
    Example,
    ItemKind,
    Kind,
    Message,
    Ref,
    Role,
    Round,
    RoundItem,
    Slot,
    Verdict,
    as_json,
    content_key,
)
from curator.progress import Silent
from curator.store import JournalEntry, Project
from curator.tasks import Task

LABELS = ("refund", "cancel", "address")
GIVEN = ("refund", "cancel", "refund", "address", "cancel", "refund")
TEXTS = tuple(f"It is done, number {at}." for at in range(6))
KEEP, DROP, SKIP, FLAG = Verdict.KEEP, Verdict.DROP, Verdict.SKIP, Verdict.FLAG


def make_project(path: Path, outputs: Sequence[str] = GIVEN, task: Task = Task.CLASSIFICATION) -> Project:
    """Candidates with the ids 1 to as many as there are outputs."""
    project = Project.create(path, task=task, actor="Ann")
    rows = (
        Example(
            Ref("data.csv", at, at + 2, Role.CANDIDATE), (Message("user", f"question {at}"), Message("assistant", text))
        )
        for at, text in enumerate(outputs)
    )
    project.import_source("data.csv", "sha", "csv", Role.CANDIDATE, {}, rows, Silent())
    return project


def begin(
    project: Project,
    reviewers: Sequence[str] = ("Ann", "Bo"),
    examples: Sequence[int] = (1, 2, 3, 4, 5, 6),
    labels: Sequence[str] = LABELS,
    kinds: dict[int, ItemKind] | None = None,
    repeats: Sequence[int] = (),
    **settings: Any,
) -> Round:
    """A round in which every reviewer is given every example; `repeats`: those that the first is shown twice."""
    task = str(project.settings()["task"])
    wanted = Round(
        "", 0, settings.pop("name", ""), task, tuple(labels), "", 0, tuple(reviewers), len(reviewers), **settings
    )
    shown = project.get_examples(examples)
    items = [
        RoundItem(e.id, content_key(e), at, (kinds or {}).get(e.id, ItemKind.ITEM), e.output)
        for at, e in enumerate(shown)
    ]
    slots = [Slot(item.example, number, name, item.place) for item in items for number, name in enumerate(reviewers)]
    slots += [Slot(id, len(reviewers), reviewers[0], 100 + id, repeat=True) for id in repeats]
    return project.rounds.add(wanted, items, slots)


def vote(
    project: Project,
    round: Round,
    reviewer: str,
    example: int,
    said: Verdict | str,
    note: str = "",
    *,
    repeat: bool = False,
    at: str = "",
) -> JournalEntry:
    """A vote: a verdict, a label, or "edit: TEXT" for another output."""
    verdict, value = (said, None) if isinstance(said, Verdict) else (Verdict.RELABEL, said)
    if isinstance(said, str) and said.startswith("edit: "):
        (shown,) = project.rounds.examples(round.id, [example])
        turns = as_json(shown.with_output(said.removeprefix("edit: ")))["messages"]
        verdict, value = Verdict.EDIT, json.dumps(turns)
    id = str(uuid.uuid4())
    made = Decision(id, example, "", reviewer, verdict, value, note, at, kind=Kind.VOTE, round=round.id, repeat=repeat)
    return project.decide([made])


def vote_all(project: Project, round: Round, votes: dict[int, Sequence[Verdict | str]]) -> None:
    """By example what each reviewer of the round says, in their order."""
    for example, said in votes.items():
        for reviewer, one in zip(round.reviewers, said, strict=False):
            vote(project, round, reviewer, example, one)


def outputs(project: Project) -> dict[int, str]:
    """What the examples say now."""
    return {example.id: example.output for example in project.examples()}


def settlements(project: Project) -> dict[int, Decision]:
    """The consensus decisions in force, by example."""
    return {d.example: d for d in project.decisions() if d.kind is Kind.CONSENSUS}
