"""TRL's preference pairs, for its DPOTrainer and others that read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from curator.model import Example, Message, Ref
from curator.targets import chat, trl
from curator.targets.preference import Preference, counterpart
from curator.targets.problem import Problem

OUTPUTS = ("chosen", "rejected")
Read = tuple[Example | None, list[Problem]]


class TRLDPO(Preference):
    """`{"prompt": [turns], "chosen": [turn], "rejected": [turn], "tools": […]}`, tool arguments as objects."""

    name = "trl-dpo"
    column_depth = 12
    one_turn = False
    ends_with_user = False

    def record(self, example: Example) -> dict[str, Any]:
        prompt, chosen, rest = parted(example)
        return {"prompt": prompt, "chosen": chosen, "rejected": parted(counterpart(example), len(prompt))[1], **rest}

    def shape(self, record: Mapping[str, Any]) -> str:
        kind = "turns" if isinstance(record.get("chosen"), list) else "texts"
        return f"{'prompt, chosen and rejected' if 'prompt' in record else 'chosen and rejected'} as {kind}"

    def read(self, record: Mapping[str, Any]) -> Read:
        """Reads turns and texts, and pairs whose prompt is in both outputs; other columns are ignored by TRL."""
        if missing := [key for key in OUTPUTS if key not in record]:
            fix = 'write {"prompt": […], "chosen": […], "rejected": […]}'
            return None, [Problem("pair", f"there is no column {missing[0]}", fix)]
        if found := list(_one_kind(record)):
            return None, found
        if isinstance(record["chosen"], str):
            return _texts(record)
        return _turns(record)


def parted(example: Example, at: int = -1) -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, Any]]:
    """The turns before the output (before turn `at`, counted from 0) as TRL has them, those of the output, and the rest."""
    written = trl.TARGET.record(example)
    turns = written.pop("messages")
    return turns[:at], turns[at:], written


def _one_kind(record: Mapping[str, Any]) -> Iterator[Problem]:
    keys = [key for key in ("prompt", *OUTPUTS) if key in record]
    for key in keys:
        value = record[key]
        if not isinstance(value, str) and not (isinstance(value, list) and value):
            yield Problem(
                "pair", f"{key} is neither a text nor a list of turns", "write all columns as turns or as texts"
            )
    if len({type(record[key]) for key in keys}) > 1:
        yield Problem("pair", "some columns are texts and others turns", "write all columns as turns or as texts")


def _turns(record: Mapping[str, Any]) -> Read:
    prompt, chosen, rejected = record.get("prompt", []), record["chosen"], record["rejected"]
    shared = 0
    while (
        "prompt" not in record and shared < min(len(chosen), len(rejected)) - 1 and chosen[shared] == rejected[shared]
    ):
        shared += 1
    example, found = chat.read({"messages": [*prompt, *chosen], "tools": record.get("tools")}, as_object=True)
    other, more = chat.read({"messages": rejected[shared:]}, as_object=True)
    found += [replace(problem, message=f"rejected: {problem.message}") for problem in more]
    if example is None or other is None:
        return None, found
    return replace(example, non_preferred=other.messages), found


def _texts(record: Mapping[str, Any]) -> Read:
    """Texts are trained on as they are; where the outputs hold the prompt, it cannot be told from them."""
    found = [Problem("empty_output", f"{key} is empty", "fill it") for key in OUTPUTS if not record[key].strip()]
    if found or "prompt" not in record:
        return None, found
    chosen, rejected = (Message("assistant", record[key]) for key in OUTPUTS)
    return Example(Ref("", 0, None), (Message("user", record["prompt"]), chosen), non_preferred=(rejected,)), []


TARGET = TRLDPO()
