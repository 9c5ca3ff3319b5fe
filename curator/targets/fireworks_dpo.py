"""Fireworks AI: OpenAI's preference pairs, texts alone."""

from __future__ import annotations

from curator.targets.together_dpo import TogetherDPO


class FireworksDPO(TogetherDPO):
    """As `TogetherDPO`; what differs are its rules, which its data file has: no tools."""

    name = "fireworks-dpo"


TARGET = FireworksDPO()
