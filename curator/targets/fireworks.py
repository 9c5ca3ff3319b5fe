"""Fireworks: OpenAI's form, and a weight for the row as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import replace
from typing import Any

from curator.model import Example, Severity
from curator.targets import chat
from curator.targets.base import Target
from curator.targets.openai import OpenAI
from curator.targets.problem import FileProblem, Problem


class Fireworks(OpenAI):
    """`{"messages", "tools", "weight"}`: the weight is a factor of the row's loss, in every row of a file or in none."""

    name = "fireworks"
    root_keys = chat.ROOT_KEYS | {"weight"}
    message_keys = chat.MESSAGE_KEYS | {"reasoning_content"}
    exact_types = False
    _weighed = False

    def record(self, example: Example) -> dict[str, Any]:
        written = super().record(example)
        return {**written, "weight": example.extra["weight"]} if self._weighed else written

    def fitted(self, examples: Iterable[Example]) -> Target:
        """Row weights are written where every example came with one."""
        target = copy(self)
        weights = [example.extra.get("weight") for example in examples]
        target._weighed = bool(weights) and all(map(chat.is_number, weights))
        return target

    def shape(self, record: Mapping[str, Any]) -> str:
        return f"rows with{'' if 'weight' in record else 'out'} a weight"

    def read(self, record: Mapping[str, Any]) -> tuple[Example | None, list[Problem]]:
        example, found = super().read(record)
        if "weight" not in record:
            return example, found
        if not chat.is_number(record["weight"]):
            return example, [
                *found,
                Problem("row_weight", "the weight of the row is no number", "write one or remove it"),
            ]
        return example and replace(example, extra={"weight": record["weight"]}), found

    def file_problems(self, rows: int, size: int, part: str = "train") -> list[FileProblem]:
        """The limit of bytes is one of the simple upload alone, so it is told and refuses nothing."""
        found = super().file_problems(rows, size, part)
        fix = "upload it with firectl, or by a signed URL (getUploadEndpoint)"
        return [replace(p, severity=Severity.WARNING, fix=fix) if p.rule == "size" else p for p in found]


TARGET = Fireworks()
