"""What was looked at, what was found, and what it would take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from curator.readiness.texts import Text, text


@dataclass(frozen=True, slots=True)
class Todo:
    """Something to do: in words, and the command that does it or begins with it ("": none)."""

    what: Text
    command: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that was looked at.

    `blocking`: fine-tuning waits while it is not `passed`. `known`: False where nothing could be measured. `where`: the page
    of the window on which it is mended, and what to show there. `figures`: what was measured, for programs.
    """

    name: str
    passed: bool
    found: Text
    todo: tuple[Todo, ...] = ()
    blocking: bool = False
    known: bool = True
    where: Mapping[str, Any] = field(default_factory=dict)
    figures: Mapping[str, Any] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """ok, look (worth a look), miss (comes first) or unknown (nothing was measured)."""
        if self.passed:
            return "ok"
        return "miss" if self.blocking else "look" if self.known else "unknown"

    @property
    def title(self) -> Text:
        return text(f"point.{self.name}")

    def packed(self) -> dict[str, Any]:
        """All of it in no language, for another process; `unpacked` undoes it."""
        plain = {name: getattr(self, name) for name in ("name", "passed", "blocking", "known")}
        todo = [{"what": one.what.packed(), "command": one.command} for one in self.todo]
        return plain | {
            "found": self.found.packed(),
            "todo": todo,
            "where": dict(self.where),
            "figures": dict(self.figures),
        }

    @classmethod
    def unpacked(cls, packed: Mapping[str, Any]) -> Point:
        todo = tuple(Todo(Text.unpacked(one["what"]), one["command"]) for one in packed["todo"])
        return cls(**{**packed, "found": Text.unpacked(packed["found"]), "todo": todo})

    def as_json(self, language: str = "en") -> dict[str, Any]:
        """For programs; `todo` is one text, `steps` the same one by one with their commands."""
        steps = [{"what": one.what.say(language), "command": one.command} for one in self.todo]
        return {
            "name": self.name,
            "title": self.title.say(language),
            "passed": self.passed,
            "blocking": self.blocking,
            "status": self.status,
            "found": self.found.say(language),
            "todo": "" if self.passed else "; ".join(step["what"] for step in steps),
            "steps": steps,
            "where": dict(self.where),
            "figures": dict(self.figures),
        }
