"""TRL's plain text: a whole conversation in ChatML, with tools as Qwen 2.5 writes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from curator.formats import chatml
from curator.formats.records import Unreadable
from curator.model import Example, Ref
from curator.targets.base import Target
from curator.targets.problem import Problem


class TRLText(Target):
    """`{"text": "<|im_start|>user\\n…<|im_end|>\\n<|im_start|>assistant\\n…<|im_end|>"}`."""

    name = "trl-text"
    minds_plain = False

    def own_problems(self, example: Example) -> list[Problem]:
        written = json.dumps(list(example.tools), ensure_ascii=False, default=str)
        held = [word for word in self.rules.reserved if word in written]
        if not held:
            return []
        said = f"a tool holds {held[0]!r}, which ChatML keeps for itself"
        return [Problem("reserved", said, "reword it or leave the example out")]

    def record(self, example: Example) -> dict[str, Any]:
        return {"text": chatml.write(example.messages, example.tools)}

    def shape(self, record: Mapping[str, Any]) -> str:
        return "text"

    def read(self, record: Mapping[str, Any]) -> tuple[Example | None, list[Problem]]:
        """Reads ChatML; of texts in another form TRL takes as well, what they say cannot be told. Other columns are ignored."""
        text = record.get("text")
        if not isinstance(text, str) or not text:
            return None, [Problem("text", "there is no text", 'write {"text": "<|im_start|>user\\n…"}')]
        if not chatml.is_chatml(text):
            return None, []
        try:
            messages, tools = chatml.read(text)
        except Unreadable as reason:
            return None, [Problem("text", str(reason), "end every turn with <|im_end|>")]
        return Example(Ref("", 0, None), messages, tools=tools), []


TARGET = TRLText()
