"""Anthropic's form for tuning Claude 3 Haiku on Amazon Bedrock: messages of user and assistant, the system text at the root."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from curator.model import Example, Message, Ref, Severity
from curator.targets import blocks, tokens
from curator.targets.base import Target
from curator.targets.problem import FileProblem, Problem
from curator.text import plural

_ROOT = frozenset({"system", "messages"})
_TURN = frozenset({"role", "content"})
_MOST_TOGETHER = 10_000


class BedrockClaude(Target):
    """`{"system": "…", "messages": [{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}]}`, no other key."""

    name = "bedrock-claude"

    @cached_property
    def counter(self) -> tokens.Counter:
        """Characters / 3, as Amazon's own checking script counts; Claude's vocabulary is not public."""
        return tokens.Counter("characters / 3", tokens.Basis.ESTIMATE, lambda text: (len(text) + 2) // 3)

    def record(self, example: Example) -> dict[str, Any]:
        system = blocks.system_text(example.messages)
        messages = [
            {"role": turn.role, "content": turn.content or ""}
            for _, turns in blocks.sides(example.messages)
            for turn in turns
        ]
        return {"system": system, "messages": messages} if system else {"messages": messages}

    def read(self, record: Mapping[str, Any]) -> tuple[Example | None, list[Problem]]:
        found = [Problem("unknown_key", f"unknown key {key!r}", "remove it") for key in sorted(set(record) - _ROOT)]
        turns, system = record.get("messages"), record.get("system")
        if not isinstance(turns, list) or not turns:
            fix = 'write {"messages": [{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}]}'
            return None, [*found, Problem("messages", "there is no list of messages", fix)]
        found += _form(turns)
        if any(problem.rule == "messages" for problem in found):
            return None, found
        if system is not None and not isinstance(system, str):
            found.append(Problem("system", "system is no text", "write it as text or leave it out"))
            system = None
        first = (Message("system", system),) if system is not None else ()
        return Example(Ref("", 0, None), (*first, *(Message(t["role"], t["content"]) for t in turns))), found

    def file_problems(self, rows: int, size: int, part: str = "train") -> list[FileProblem]:
        found = super().file_problems(rows, size, part)
        least = self.rules.min_rows or 0
        if part == "validation" and 0 < rows < least:
            said = f"{plural(rows, 'example')} for validation; Amazon's checking script asks for {least:,}"
            fix = "hold out more, or upload no validation file"
            found.append(FileProblem(None, "validation_rows", said, fix, Severity.WARNING))
        return found

    def release_problems(self, rows: Mapping[str, int]) -> list[FileProblem]:
        together = rows.get("train", 0) + rows.get("validation", 0)
        if together <= _MOST_TOGETHER:
            return []
        said = f"{together:,} examples for training and validation together; {self.title} takes {_MOST_TOGETHER:,}"
        return [FileProblem(None, "rows", said, "choose a smaller size")]


def _form(turns: list[Any]) -> Iterator[Problem]:
    for index, turn in enumerate(turns, 1):
        if not isinstance(turn, Mapping) or not isinstance(turn.get("role"), str):
            yield Problem("messages", f"turn {index} is not an object with a role")
        elif not isinstance(turn.get("content"), str):
            yield Problem("messages", f"turn {index} has a content that is no text", "write it as text")
        else:
            if unknown := sorted(set(turn) - _TURN):
                yield Problem("unknown_key", f"turn {index} has the unknown key {unknown[0]!r}", "remove it")
            if turn["role"] not in ("user", "assistant"):
                fix = "move it to the key system" if turn["role"] == "system" else "use user or assistant"
                yield Problem("role", f"turn {index} has the role {turn['role']!r}", fix)


TARGET = BedrockClaude()
