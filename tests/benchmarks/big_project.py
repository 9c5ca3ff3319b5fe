"""Make a large project to measure the window with: generated English-like requests with labels, checked and partly decided.

usage: big_project.py FILE.curator [--examples N] [--seed N]
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from curator.model import Decision, Example, Finding, Message, Ref, Role, Severity, Suggestion, Verdict
from curator.progress import Silent
from curator.store import Project
from curator.tasks import Task

LABELS = tuple(
    f"{thing} {what}"
    for thing in ("card", "order", "refund", "account", "transfer", "invoice", "delivery", "password")
    for what in ("lost", "late", "wrong", "question", "cancel")
)
OPENINGS = (
    "Hello, I need help because",
    "Could you please tell me why",
    "I have been waiting since {day} and",
    "My {thing} does not work:",
    "It is the {n}th time that",
    "Dear team,",
    "URGENT!",
    "I wonder whether",
    "Yesterday",
    "As agreed on the phone,",
)
MIDDLES = (
    "the {adjective} {thing} that I {verb} last {day} has not been {done}",
    "somebody {verb} my {thing} without asking me",
    "your app says that the {thing} was {done}, but the {other} is still {adjective}",
    "I cannot find the {adjective} {thing} in the list of {other}s",
    "the {other} shows {n} euros where {m} were expected",
    "no one could say when the {thing} number {m}{n} will be {done}",
)
ENDINGS = (
    "",
    "What can I do?",
    "Please answer soon.",
    "Thank you, {name}.",
    "I have added a picture.",
    "This is {adjective}.",
)
WORDS = {
    "thing": "card parcel order refund account transfer invoice password contract receipt ticket voucher".split(),
    "other": "balance statement message screen letter branch machine basket profile payment".split(),
    "adjective": "blue second missing urgent damaged expensive strange old shared locked green empty".split(),
    "verb": "ordered cancelled blocked changed returned paid opened closed requested moved".split(),
    "done": "sent approved booked delivered refunded confirmed activated counted".split(),
    "day": "Monday Tuesday Wednesday Thursday Friday weekend week month".split(),
    "name": "Ada Grace Alan Edsger Barbara Zoë José Łukasz".split(),
}
SCORED = ("duplicate_similarity", "leakage", "label_quality", "pair_quality", "outlier")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--examples", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    began = time.perf_counter()
    make(asked.file, asked.examples, asked.seed)
    print(f"{asked.examples:,} examples in {time.perf_counter() - began:.1f} s: {asked.file}")


def make(path: Path, number: int, seed: int = 0) -> None:
    """Make the project. The same number and seed give the same texts, findings and decisions."""
    dice = random.Random(seed)
    with Project.create(path, task=Task.CLASSIFICATION, actor="Ada") as project:
        evals = max(1, number // 50)
        for role, name, count in ((Role.CANDIDATE, "big.jsonl", number - evals), (Role.EVAL, "eval.jsonl", evals)):
            source = f"{name} {number} {seed}"
            project.import_source(name, source, "jsonl", role, {}, _records(name, role, count, dice), Silent())
        _check(project, dice, seed)
        _decide(project, project.ids(Role.CANDIDATE), dice)


def _records(name: str, role: Role, number: int, dice: random.Random) -> Iterator[Example]:
    choice = dice.choice
    for record in range(number):
        shape = f"{choice(OPENINGS)} {choice(MIDDLES)}. {choice(ENDINGS)}".rstrip()
        values = {key: choice(words) for key, words in WORDS.items()}
        text = shape.format(**values, n=dice.randrange(2, 99), m=dice.randrange(100, 9_999))
        label = LABELS[int(len(LABELS) * dice.random() ** 1.6)]  # some are rare
        yield Example(Ref(name, record, record + 1, role), (Message("user", text), Message("assistant", label)))


def _check(project: Project, dice: random.Random, seed: int) -> None:
    """A finished run: findings of several checks, and a score of each kind for every candidate."""
    candidates, evals = project.ids(Role.CANDIDATE), project.ids(Role.EVAL)
    run = project.begin_run("check", {"task": "classification", "seed": seed, "checks": [*_CHECKS]})
    for check, (severity, share) in _CHECKS.items():
        chosen = dice.sample(candidates, max(2, int(len(candidates) * share)))
        project.save_findings(run, check, _findings(check, severity, chosen, evals, dice))
    numbers = np.random.default_rng(seed)
    scores = {name: numbers.random(len(candidates)) ** 2 for name in SCORED}
    project.save_scores(run, scores, candidates)
    project.finish_run(run, {"effective": len(candidates), "candidates": len(candidates), "encoder": "generated"})


_CHECKS = {
    "length": (Severity.WARNING, 0.01),
    "personal_data": (Severity.ERROR, 0.005),
    "near_duplicate": (Severity.WARNING, 0.06),
    "leakage": (Severity.ERROR, 0.01),
    "conflict": (Severity.ERROR, 0.02),
    "label_error": (Severity.WARNING, 0.04),
    "outlier": (Severity.INFO, 0.01),
}
_GROUPED = {"near_duplicate": 3, "conflict": 2}


def _findings(
    check: str, severity: Severity, chosen: Sequence[int], evals: Sequence[int], dice: random.Random
) -> Iterator[Finding]:
    size = _GROUPED.get(check, 1)
    for place in range(0, len(chosen) - size + 1, size):
        about = tuple(chosen[place : place + size])
        proposed = None
        if check == "near_duplicate":
            proposed = Suggestion(Verdict.DROP, about[1:])
        elif check == "leakage":
            proposed, about = Suggestion(Verdict.DROP, about), (*about, dice.choice(evals))
        elif check == "label_error":
            proposed = Suggestion(Verdict.RELABEL, about, dice.choice(LABELS))
        message = f"{check.replace('_', ' ')} of a generated example"
        yield Finding(check, severity, dice.random(), about, message, {}, proposed, f"{check}-{place}")


def _decide(project: Project, candidates: Sequence[int], dice: random.Random) -> None:
    """Two reviewers have decided on some."""
    for reviewer, share in (("Ada", 0.02), ("Grace", 0.01)):
        made = []
        for example in dice.sample(candidates, max(1, int(len(candidates) * share))):
            verdict = dice.choice(
                (Verdict.KEEP, Verdict.KEEP, Verdict.DROP, Verdict.RELABEL, Verdict.FLAG, Verdict.SKIP)
            )
            value = dice.choice(LABELS) if verdict is Verdict.RELABEL else None
            made.append(Decision("", example, "", reviewer, verdict, value))
        project.decide(made)


if __name__ == "__main__":
    main()
