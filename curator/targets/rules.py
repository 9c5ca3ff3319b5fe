"""A provider's rules and limits, as its data file has them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from curator.resources import resource

GROUPS = ("hosted", "trainers", "files", "preference")
"""Whom a format is for: a provider that tunes its models, who tunes open models, one's own scripts, or either with pairs."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules and limits of a provider, read from `resources/targets/NAME.json`. None means unknown or none, never 0.

    `refuses` names the rules of `curator.targets.conversation` that this provider takes as errors; `carries` what its format
    can say beyond roles and texts: tools, weight (of assistant turns; weight_of_any_turn), name, parallel_tool_calls,
    developer, reasoning. `reserved` are words that must not occur in a turn. `max_validation_share` is of the training and validation examples together. `base_models`: open models
    are tuned on these files, whose chat templates matter. `group`: one of `GROUPS`.
    """

    title: str
    as_of: str
    source: str
    group: str
    min_rows: int | None = None
    max_rows: int | None = None
    max_bytes: int | None = None
    max_tokens: int | None = None
    over_max_tokens: str = "cut"
    max_validation_rows: int | None = None
    max_validation_bytes: int | None = None
    max_validation_share: float | None = None
    tokenizer: str | Mapping[str, Any] | None = None
    byte_order_mark: bool = False
    refuses: tuple[str, ...] = ()
    carries: tuple[str, ...] = ()
    reserved: tuple[str, ...] = ()
    base_models: bool = False
    notes: tuple[str, ...] = ()

    @classmethod
    def load(cls, name: str) -> Rules:
        """The rules of the target called `name`."""
        data: dict[str, Any] = json.loads(resource(f"targets/{name}.json").read_text(encoding="utf-8"))
        lists = {field.name for field in fields(cls) if str(field.type).startswith("tuple")}
        given: dict[str, Any] = {key: tuple(value) if key in lists else value for key, value in data.items()}
        return cls(**given)

    def told(self) -> tuple[str, ...]:
        """The limits that are known, in words."""
        over = "longer ones are cut" if self.over_max_tokens == "cut" else "longer ones are refused"
        share = self.max_validation_share
        said = (
            (self.min_rows, f"at least {self.min_rows:,} examples to train on" if self.min_rows else ""),
            (self.max_rows, f"at most {self.max_rows:,} examples a file" if self.max_rows else ""),
            (self.max_bytes, f"at most {self.max_bytes / 1e6:,.0f} MB a file" if self.max_bytes else ""),
            (self.max_tokens, f"{self.max_tokens:,} tokens an example, {over}" if self.max_tokens else ""),
            (self.max_validation_rows, f"at most {self.max_validation_rows or 0:,} validation examples"),
            (share, f"at most {share or 0:.0%} of the examples for validation"),
            (self.max_validation_bytes, f"at most {(self.max_validation_bytes or 0) / 1e6:,.0f} MB for validation"),
        )
        return tuple(text.replace("least 1 examples", "least 1 example") for value, text in said if value is not None)
