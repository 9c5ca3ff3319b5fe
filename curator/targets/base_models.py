"""What the chat templates of open models do to some examples: they raise an error, or silently change what is learned."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from curator.errors import InputError
from curator.model import SYSTEM_ROLES, Example, Severity
from curator.resources import resource
from curator.targets.chat import with_ids
from curator.targets.problem import Problem

RULE = "base_model"


@dataclass(frozen=True, slots=True)
class Trap:
    """The template does `effect` to examples for which the condition named `when` holds; `fix` avoids it, and `mend` names
    the fix in `curator.targets.fixes` that does it. `raises`: it stops there, so that the job fails."""

    when: str
    effect: str
    fix: str
    raises: bool = False
    mend: str | None = None

    def catches(self, example: Example) -> bool:
        return CONDITIONS[self.when](example)


@dataclass(frozen=True, slots=True)
class BaseModel:
    """An open model that is tuned: its `name` for options, its `title` for people, the traps of its chat template, and the
    name of its `tokenizer` in `resources/tokenizers.json`."""

    name: str
    title: str
    as_of: str
    source: str
    traps: tuple[Trap, ...]
    tokenizer: str | None = None

    def problems(self, example: Example) -> list[Problem]:
        """What the template does to this example: an error where it raises, else a warning."""
        return [
            Problem(
                RULE,
                f"{self.title}: {trap.effect}",
                trap.fix,
                Severity.ERROR if trap.raises else Severity.WARNING,
                trap.mend,
            )
            for trap in self.traps
            if trap.catches(example)
        ]


@dataclass(slots=True)
class TrapCount:
    """How many examples of a file run into a trap of `model`, and the line of the first."""

    model: BaseModel
    trap: Trap
    count: int = 0
    line: int | None = None

    def see(self, example: Example, line: int) -> None:
        if self.trap.catches(example):
            self.count += 1
            self.line = self.line or line

    @property
    def message(self) -> str:
        examples = "1 example" if self.count == 1 else f"{self.count:,} examples"
        return f"{self.model.title}: {self.trap.effect}; {examples}"


@lru_cache(maxsize=1)
def every() -> tuple[BaseModel, ...]:
    """The models whose templates are known, in the order of their names."""
    found = json.loads(resource("base_models.json").read_text(encoding="utf-8"))
    models = (BaseModel(**{**one, "traps": tuple(Trap(**trap) for trap in one["traps"])}) for one in found)
    return tuple(sorted(models, key=lambda model: model.name))


def get(name: str) -> BaseModel:
    """The model called `name`; raises InputError where its template is not known."""
    for model in every():
        if model.name == name:
            return model
    known = ", ".join(model.name for model in every())
    raise InputError(f"the chat template of {name!r} is not known; the base models are {known}")


def has_system(example: Example) -> bool:
    return any(message.role in SYSTEM_ROLES for message in example.messages)


def has_tools(example: Example) -> bool:
    """Tools are declared, called or answer."""
    return bool(example.tools) or any(message.tool_calls or message.role == "tool" for message in example.messages)


def has_tool_turns(example: Example) -> bool:
    return any(message.role == "tool" for message in example.messages)


def alternates(example: Example, *, but_for_tools: bool = False) -> bool:
    """User and assistant turns take turns, beginning with the user; system turns do not count, and with `but_for_tools`
    neither do turns that call tools or answer for them."""
    left_out = [m.role == "tool" or bool(m.tool_calls) if but_for_tools else False for m in example.messages]
    pairs = zip(example.messages, left_out, strict=True)
    roles = [message.role for message, left in pairs if message.role not in SYSTEM_ROLES and not left]
    return all(role == ("assistant" if index % 2 else "user") for index, role in enumerate(roles))


def has_later_system(example: Example) -> bool:
    return any(message.role in SYSTEM_ROLES for message in example.messages[1:])


def has_tools_before_user(example: Example) -> bool:
    """Tools are declared, and the first turn but for a system turn in front is not the user's."""
    first = next((m for m in example.messages[_leading(example) :]), None)
    return bool(example.tools) and first is not None and first.role != "user"


def _leading(example: Example) -> int:
    return int(bool(example.messages) and example.messages[0].role in SYSTEM_ROLES)


def has_text_beside_calls(example: Example) -> bool:
    return any(message.tool_calls and message.content and message.content.strip() for message in example.messages)


def has_space_around_output(example: Example) -> bool:
    """An assistant turn that calls no tool begins or ends with a space or a line end."""
    said = [m.content or "" for m in example.messages if m.role == "assistant" and not m.tool_calls]
    return any(text != text.strip() for text in said)


def has_long_tool_ids(example: Example) -> bool:
    """An id that is there has not 9 characters; those that are not there are made with 9."""
    messages = with_ids(example.messages)
    ids = [call.id for message in messages for call in message.tool_calls]
    return any(len(id or "") != _ID_LENGTH for id in [*ids, *(m.tool_call_id for m in messages if m.role == "tool")])


_ID_LENGTH = 9
CONDITIONS: dict[str, Callable[[Example], bool]] = {
    "several_tool_calls": lambda example: any(len(message.tool_calls) > 1 for message in example.messages),
    "text_of_calls": has_text_beside_calls,
    "tools_before_user": has_tools_before_user,
    "tool_turns": has_tool_turns,
    "tools_without_answers": lambda example: has_tools(example) and not has_tool_turns(example),
    "long_tool_ids": has_long_tool_ids,
    "space_around_output": has_space_around_output,
    "system_turn": has_system,
    "later_system": has_later_system,
    "no_system": lambda example: not has_system(example),
    "not_alternating": lambda example: not has_tool_turns(example) and not alternates(example),
    "not_alternating_but_for_tools": lambda example: not alternates(example, but_for_tools=True),
}
"""What the data file may name as the reason of a trap."""
NEVER_PLAIN = frozenset(
    {
        "several_tool_calls",
        "text_of_calls",
        "tools_before_user",
        "tool_turns",
        "tools_without_answers",
        "long_tool_ids",
        "later_system",
        "not_alternating",
        "not_alternating_but_for_tools",
    }
)
"""Conditions that never hold for plain turns (`conversation.is_plain`): they are about tools and the order of turns."""
