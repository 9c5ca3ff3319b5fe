"""What readiness says, as data: a text has a key and values, and is put into words in the language of who reads it.

The words stand in `resources/readiness/LANGUAGE.json`. In them `{n}` is a number as people write it, `{x:.1}` one with a
decimal, `{n:example|examples}` a number with the noun that fits it, `{n:?is|are}` the fitting word alone, `{p:%}` a share in
percent.
"""

from __future__ import annotations

import json
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from curator.resources import resource

LANGUAGES = ("en", "de")
_SEPARATORS = {"en": (",", "."), "de": (".", ",")}


@dataclass(frozen=True, slots=True)
class Text:
    """`key` of a text and what it says; a value may be a Text itself."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def say(self, language: str = "en") -> str:
        """The text in words; a language that is not known is English."""
        known = language if language in LANGUAGES else "en"
        return _Words(known).format(words(known)[self.key], **self.values)

    def __str__(self) -> str:
        return self.say()

    def packed(self) -> dict[str, Any]:
        """For another process; `unpacked` undoes it."""
        return {"text": self.key, "values": {name: _packed(value) for name, value in self.values.items()}}

    @classmethod
    def unpacked(cls, packed: Mapping[str, Any]) -> Text:
        return cls(packed["text"], {name: _unpacked(value) for name, value in packed["values"].items()})


def _packed(value: Any) -> Any:
    if isinstance(value, Text):
        return value.packed()
    return [_packed(one) for one in value] if isinstance(value, list | tuple) else value


def _unpacked(value: Any) -> Any:
    if isinstance(value, Mapping):
        return Text.unpacked(value)
    return [_unpacked(one) for one in value] if isinstance(value, list) else value


def text(key: str, **values: Any) -> Text:
    """Shorthand for a Text."""
    return Text(key, values)


@lru_cache(maxsize=4)
def words(language: str) -> Mapping[str, str]:
    """All texts of a language, by key."""
    found: dict[str, str] = json.loads(resource(f"readiness/{language}.json").read_text(encoding="utf-8"))
    return found


class _Words(string.Formatter):
    """Fills texts in as people of one language write numbers."""

    def __init__(self, language: str):
        self.language = language

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        return kwargs[str(key)]

    def format_field(self, value: Any, spec: str) -> str:
        if isinstance(value, Text):
            return value.say(self.language)
        if isinstance(value, list | tuple):
            return ", ".join(self.format_field(one, spec) for one in value)
        if not isinstance(value, int | float) or isinstance(value, bool):
            return str(value)
        if "|" in spec:
            one, many = spec.removeprefix("?").split("|")
            fits = one if value == 1 else many
            return fits if spec.startswith("?") else f"{self._number(value)} {fits}"
        if spec == "%":
            return self._number(100 * value, 0 if value == 0 or value >= 0.0995 else 1) + (
                "%" if self.language == "en" else "\N{NO-BREAK SPACE}%"
            )
        return self._number(value, int(spec.removeprefix(".") or 0))

    def _number(self, value: float, digits: int = 0) -> str:
        thousands, point = _SEPARATORS[self.language]
        return f"{value:,.{digits}f}".translate({ord(","): thousands, ord("."): point})
