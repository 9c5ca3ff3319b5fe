"""Together AI: OpenAI's form with strict turns; its fine-tuning also reads texts, prompts with completions, and preferences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from curator.model import Example
from curator.targets import chat, pairs
from curator.targets.openai import OpenAI, unknown_keys
from curator.targets.problem import Problem

_COLUMNS = {
    "messages": ("messages",),
    "prompt and completion": ("prompt", "completion"),
    "text": ("text",),
    "preference pairs": ("input", "preferred_output", "non_preferred_output"),
}
"""The columns that tell each of its formats; a row may have those of one."""


class Together(OpenAI):
    """Writes `{"messages", "tools"}`; reads every format that Together trains on."""

    name = "together"
    root_keys = frozenset({"messages", "tools", "weight"})
    message_keys = chat.MESSAGE_KEYS | set(chat.REASONING_KEYS)
    exact_types = False

    def shape(self, record: Mapping[str, Any]) -> str:
        return next(iter(_shapes(record)), "no columns that it trains on")

    def read(self, record: Mapping[str, Any]) -> tuple[Example | None, list[Problem]]:
        shapes = _shapes(record)
        if len(shapes) > 1:
            said = f"the row has the columns of {shapes[0]} and of {shapes[1]}"
            return None, [Problem("mixed_shapes", said, "leave one of the two")]
        if not shapes:
            fix = "give each row messages, prompt and completion, text, or input with preferred_output and non_preferred_output"
            return None, [Problem("messages", "there are no columns that Together trains on", fix)]
        found = list(_row_weight(record))
        if shapes[0] == "messages":
            example, problems = super().read(record)
            return example, [*found, *problems, *_weights(record), *_contents(record)]
        if shapes[0] == "preference pairs":
            return None, [*found, *_preference(record)]
        found += unknown_keys(record, (*_COLUMNS[shapes[0]], "weight"))
        if shapes[0] == "text":
            return None, [*found, *_text(record["text"])]
        example, problems = pairs.read(record)
        return example, [*found, *problems]


def _shapes(record: Mapping[str, Any]) -> list[str]:
    return [shape for shape, columns in _COLUMNS.items() if all(column in record for column in columns)]


def _row_weight(record: Mapping[str, Any]) -> Iterator[Problem]:
    """The weight of a row is a factor of its loss, not to be mixed up with that of a turn."""
    weight = record.get("weight", 1)
    if not chat.is_number(weight) or weight < 0:
        yield Problem("row_weight", "the weight of the row is no number of 0 or more", "write a number or leave it out")


def _weights(record: Mapping[str, Any]) -> Iterator[Problem]:
    """Its check wants whole numbers, and none where there is no weight."""
    turns = record["messages"] if isinstance(record["messages"], list) else []
    for index, turn in enumerate(turns, 1):
        if isinstance(turn, Mapping) and "weight" in turn and isinstance(turn["weight"], float | None):
            said = f"turn {index} has a weight that is no whole number"
            yield Problem("weight_value", said, "use 0 or 1, or leave it out")


def _contents(record: Mapping[str, Any]) -> Iterator[Problem]:
    """Its check wants all contents of a row as texts, or all as lists of parts."""
    turns = record["messages"] if isinstance(record["messages"], list) else []
    contents = [turn.get("content") for turn in turns if isinstance(turn, Mapping)]
    if len({isinstance(content, list) for content in contents if content}) > 1:
        said = "some turns have a text as content and others a list of parts"
        yield Problem("content", said, "write all of them as texts")


def _text(text: Any) -> Iterator[Problem]:
    if not isinstance(text, str) or not text.strip():
        yield Problem("text", "text is empty or no text", "fill it or leave the row out")


def _preference(record: Mapping[str, Any]) -> list[Problem]:
    from curator import targets  # the package knows its targets, and is not to be needed by one of them at the start

    target = targets.get("together-dpo")
    example, found = target.read({key: value for key, value in record.items() if key != "weight"})
    return [*found, *(target.problems(example) if example is not None else [])]


TARGET = Together()
