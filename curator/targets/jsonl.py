"""Plain JSONL for one's own scripts: prompt and completion where every example is a pair, else messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from curator.model import Example
from curator.targets import chat, openai, pairs
from curator.targets.base import Target, Written
from curator.targets.problem import Problem

_PAIR_KEYS = frozenset({"prompt", "completion", "system"})


class JSONL(Target):
    """`{"prompt", "completion"[, "system"]}` or, for conversations and tools, OpenAI's form: one per file."""

    name = "jsonl"

    def __init__(self, *, as_pairs: bool | None = None):
        """`as_pairs`: the shape of all files; None decides by the examples of each file."""
        self._as_pairs = as_pairs

    def record(self, example: Example) -> dict[str, Any]:
        if not (pairs.is_pair(example) if self._as_pairs is None else self._as_pairs):
            return openai.record(example)
        *system, user, assistant = example.messages
        pair = {"prompt": user.content, "completion": assistant.content}
        return {"system": system[0].content, **pair} if system else pair

    def fitted(self, examples: Iterable[Example]) -> Target:
        return JSONL(as_pairs=all(map(pairs.is_pair, examples)))

    def write(self, examples: Iterable[Example], path: str | Path) -> Written:
        if self._as_pairs is not None:
            return super().write(examples, path)
        examples = list(examples)
        return self.fitted(examples).write(examples, path)

    def shape(self, record: Mapping[str, Any]) -> str:
        return "messages" if "messages" in record else pairs.shape(record)

    def read(self, record: Mapping[str, Any]) -> tuple[Example | None, list[Problem]]:
        chatty = "messages" in record
        allowed = chat.ROOT_KEYS if chatty else _PAIR_KEYS
        unknown = [Problem("unknown_key", f"unknown key {key!r}", "remove it") for key in sorted(set(record) - allowed)]
        keys = chat.MESSAGE_KEYS | set(chat.REASONING_KEYS)
        example, found = chat.read(record, keys=keys) if chatty else pairs.read(record)
        return example, [*unknown, *found]


TARGET = JSONL()
