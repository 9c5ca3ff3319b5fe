"""The task that a sample of outputs points to."""

from __future__ import annotations

import pytest

from curator.formats import guess_task
from curator.model import Example, Message, Ref, ToolCall
from curator.tasks import Task


def pairs(*texts: tuple[str, str]) -> list[Example]:
    return [
        Example(Ref("f", n, n), (Message("user", asked), Message("assistant", answer)))
        for n, (asked, answer) in enumerate(texts)
    ]


LONG = "The method was known for a long time before anyone wrote it down, and it took many people to make it plain. "


@pytest.mark.parametrize(
    ("examples", "task", "reason"),
    [
        (
            pairs(*((f"text {n}", "ab"[n % 2]) for n in range(20))),
            Task.CLASSIFICATION,
            "20 outputs take 2 short values",
        ),
        (pairs(*((f"text {n}", f'{{"a": {n}}}') for n in range(5))), Task.EXTRACTION, "JSON"),
        (
            pairs(*((f"{LONG} on day {n} of May", f"day {n} of May") for n in range(9))),
            Task.EXTRACTION,
            "words of their input",
        ),
        (pairs(*((f"{LONG} {n}", f"{LONG.upper()} indeed {n}") for n in range(5))), Task.STYLE, "in other words"),
        (pairs(*((f"What is number {n}?", LONG * 2 + str(n)) for n in range(5))), Task.DOMAIN, "short questions"),
        (pairs(*((f"Write about {n}.", LONG * 3 + str(n)) for n in range(5))), Task.GENERATION, "free text"),
        (pairs(("q", "")), Task.GENERATION, "no outputs"),
        ([], Task.GENERATION, "no outputs"),
        (
            [Example(Ref("f", 0, 1), (Message("user", "q"), Message("assistant", None, (ToolCall("f", "{}"),))))],
            Task.EXTRACTION,
            "tool calls",
        ),
    ],
)
def test_the_task_follows_from_the_outputs(examples: list[Example], task: Task, reason: str) -> None:
    found, why = guess_task(examples)
    assert found is task
    assert reason in why
