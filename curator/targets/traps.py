"""What base models' chat templates do to some examples: notes on a file, not reasons to refuse it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from curator.model import SYSTEM_ROLES, Example


@dataclass(frozen=True, slots=True)
class Trap:
    """`models` do `effect` to examples for which the condition named `when` holds; `fix` avoids it."""

    models: str
    when: str
    effect: str
    fix: str


@dataclass(slots=True)
class TrapCount:
    """How many examples of a file run into a trap, and the line of the first."""

    trap: Trap
    count: int = 0
    line: int | None = None

    def see(self, example: Example, line: int) -> None:
        if CONDITIONS[self.trap.when](example):
            self.count += 1
            self.line = self.line or line

    @property
    def message(self) -> str:
        examples = "1 example" if self.count == 1 else f"{self.count:,} examples"
        return f"{self.trap.models}: {self.trap.effect}; {examples}"


def has_system(example: Example) -> bool:
    return any(message.role in SYSTEM_ROLES for message in example.messages)


def alternates(example: Example) -> bool:
    """User and assistant turns take turns, beginning with the user; system turns in front do not count."""
    roles = [message.role for message in example.messages if message.role not in SYSTEM_ROLES]
    return all(role == ("assistant" if index % 2 else "user") for index, role in enumerate(roles))


CONDITIONS: dict[str, Callable[[Example], bool]] = {
    "several_tool_calls": lambda example: any(len(message.tool_calls) > 1 for message in example.messages),
    "system_turn": has_system,
    "no_system": lambda example: not has_system(example),
    "not_alternating": lambda example: not alternates(example),
}
