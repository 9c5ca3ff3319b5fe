"""Together AI: OpenAI's preference pairs, with roles of its own rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curator.model import Example
from curator.targets.openai_dpo import OpenAIDPO
from curator.targets.problem import Problem


class TogetherDPO(OpenAIDPO):
    """As `OpenAIDPO`; a developer's turn is a system turn here."""

    name = "together-dpo"

    def read(self, record: Mapping[str, Any]) -> tuple[Example | None, list[Problem]]:
        example, found = super().read(record)
        return example, [*found, *unknown_roles(example)]


def unknown_roles(example: Example | None) -> list[Problem]:
    """Turns of the developer, for providers that know none."""
    return [
        Problem("role", f"turn {index} has the role 'developer', which this provider does not know", "use system")
        for index, message in enumerate(example.messages if example is not None else (), 1)
        if message.role == "developer"
    ]


TARGET = TogetherDPO()
