"""What a vote wants its example to be, so that votes can be compared with each other and with what the example shows now."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from curator.model import Decision, Example, Role, Verdict, as_json, content_key, from_json
from curator.review.votes.arrays import CHANGE, DROP, KEEP
from curator.store import Project
from curator.tasks import Task


@dataclass(frozen=True, slots=True)
class Answer:
    """`key`: the content key that the example would have, `DROP` where it would be dropped; two votes are the same where their
    keys are. `label`: what the answer is called among the votes, the label, or "(keep)", "(drop)", "(change)" for texts.
    `example`: as it would be, None where it would be dropped."""

    key: str
    label: str
    example: Example | None


def answer_of(vote: Decision, shown: Example, by_label: bool) -> Answer | None:
    """What a vote says of the example that it was `shown`; None for a skip, which is no vote, and for a flag, which is no answer.

    `by_label`: outputs are labels, so that an answer is called by its output wherever nothing else differs.
    """
    if vote.verdict is Verdict.DROP:
        return Answer(DROP, DROP, None)
    if vote.verdict not in (Verdict.KEEP, Verdict.RELABEL, Verdict.EDIT):
        return None
    wanted = applied(vote, shown)
    key = content_key(wanted)
    seen = key if wanted is shown else content_key(shown)
    if not by_label:
        return Answer(key, KEEP if key == seen else CHANGE, wanted)
    only_label = key == seen or content_key(shown.with_output(wanted.output)) == key
    return Answer(key, wanted.output if only_label else CHANGE, wanted)


def applied(decision: Decision, example: Example) -> Example:
    """The example as a keep, relabel or edit leaves it."""
    if decision.value is None or decision.verdict not in (Verdict.RELABEL, Verdict.EDIT):
        return example
    if decision.verdict is Verdict.RELABEL:
        # As it stands: a label that is given already changes nothing, not even the way a tool call is kept.
        return example if decision.value == example.output else example.with_output(decision.value)
    messages = json.loads(decision.value)
    return from_json({**as_json(example), "messages": messages}, example.ref, example.id)


def towards(answer: Answer, now: Example) -> tuple[Verdict, str | None]:
    """The verdict, and its value, by which what an example shows `now` becomes what the answer wants."""
    if answer.example is None:
        return Verdict.DROP, None
    if content_key(now) == answer.key:
        return Verdict.KEEP, None
    wanted = answer.example
    if content_key(now.with_output(wanted.output)) == answer.key:
        return Verdict.RELABEL, wanted.output
    return Verdict.EDIT, json.dumps(as_json(wanted)["messages"], ensure_ascii=False)


def outright_answers(
    said: Iterable[Decision], now: Example, by_label: bool, labels: Iterable[str]
) -> dict[str, Answer]:
    """What decisions that were made outright, one after the other, want an example to be, by their ids; skips and flags say
    nothing. A keep names only the key of what was kept, which is looked for among what the example says with each label."""
    found: dict[str, Answer] = {}
    kept = {content_key(now): now}
    if by_label:
        kept |= {content_key(one): one for one in map(now.with_output, labels)}
    for one in said:
        if one.verdict is Verdict.DROP:
            found[one.id] = Answer(DROP, DROP, None)
        elif one.verdict is Verdict.KEEP:
            example = kept.get(one.seen)
            named = by_label and example is not None
            found[one.id] = Answer(one.seen, example.output if named and example else KEEP, example or now)
        elif one.verdict in (Verdict.RELABEL, Verdict.EDIT):
            wanted = applied(one, now)
            found[one.id] = Answer(content_key(wanted), wanted.output if by_label else CHANGE, wanted)
    return found


def known_labels(project: Project) -> list[str]:
    """The outputs that the examples to be trained on have, by name: the labels, where outputs are labels."""
    return sorted({output for _, output in project.outputs(Role.CANDIDATE)})


def is_by_label(project: Project) -> bool:
    """Whether outputs are labels, by the task of the project."""
    return bool(project.settings().get("task", Task.CLASSIFICATION) == Task.CLASSIFICATION)


def shares(answers: Iterable[Answer]) -> dict[str, float]:
    """The share of the answers that each label has, the commonest first, equal ones by name."""
    counts: dict[str, int] = {}
    for answer in answers:
        counts[answer.label] = counts.get(answer.label, 0) + 1
    whole = sum(counts.values())
    ordered = sorted(counts, key=lambda label: (-counts[label], label))
    return {label: counts[label] / whole for label in ordered}


def pair_of(by_share: Iterable[str]) -> tuple[str, str] | None:
    """The first two labels, by name, what is no label last; None where there is only one."""
    most = sorted([*by_share][:2], key=lambda label: (label in (KEEP, DROP, CHANGE), label))
    return (most[0], most[1]) if len(most) == 2 else None
