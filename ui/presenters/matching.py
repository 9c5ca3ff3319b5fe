"""Which of many names fit what somebody types."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def ranked(items: Iterable[T], typed: str, title: Callable[[T], str]) -> list[T]:
    """The items that fit, best first: those that begin with what is typed, then a word that does, then its letters in order."""
    wanted = typed.casefold().split()
    scored = [(fit, place, item) for place, item in enumerate(items) if (fit := _fit(title(item), wanted)) is not None]
    return [item for _, _, item in sorted(scored, key=lambda one: one[:2])]


def _fit(title: str, wanted: list[str]) -> int | None:
    name = title.casefold()
    words = name.split()
    worst = 0
    for part in wanted:
        if name.startswith(part):
            fit = 0
        elif any(word.startswith(part) for word in words):
            fit = 1
        elif part in name:
            fit = 2
        elif _in_order(part, name):
            fit = 3
        else:
            return None
        worst = max(worst, fit)
    return worst


def _in_order(part: str, name: str) -> bool:
    letters = iter(name)
    return all(letter in letters for letter in part)
