"""Together AI: OpenAI's preference pairs, with roles of its own rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curator.model import Example
from curator.targets.openai import unknown_roles
from curator.targets.openai_dpo import OpenAIDPO
from curator.targets.problem import Problem


class TogetherDPO(OpenAIDPO):
    """As `OpenAIDPO`; a developer's turn is a system turn here."""

    name = "together-dpo"

    def read(self, record: Mapping[str, Any]) -> tuple[Example | None, list[Problem]]:
        example, found = super().read(record)
        return example, [*found, *(unknown_roles(example) if example is not None else ())]


TARGET = TogetherDPO()
