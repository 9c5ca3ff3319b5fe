"""What is found in a text that should not leave the house, and how it is shown where it may not be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Class(StrEnum):
    """How bad it is that a model may repeat it."""

    SECRET = "secret"
    """Opens a door: a key, a password, a token."""
    NUMBER = "number"
    """Names one person or account by itself and can be abused: cards, bank accounts, national ids."""
    CONTACT = "contact"
    """Reaches a person, and is often there for good reason: e-mail addresses, telephone numbers, IP addresses."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One value in a text, from `start` to `end`. `documentation`: a value that was made to be shown, such as the test card
    4111 1111 1111 1111; it is noted and not more."""

    kind: str
    group: Class
    start: int
    end: int
    value: str
    documentation: bool = False

    @property
    def shown(self) -> str:
        """The value as a report may show it: what it is, and not enough of it to use."""
        return veiled(self.kind, self.value)


_PREFIX = re.compile(r"(?:[A-Za-z]{2,8}[-_.](?:[A-Za-z]{2,8}[-_](?=.{16}))?|AKIA|ASIA|AIza|eyJ)(?=.{10})")
DOT = "•••"


def veiled(kind: str, value: str) -> str:
    """A value with all but a hint of it left out: `j•••@e•••.com`, `sk-…(51 characters)`."""
    if kind == "e-mail address":
        name, _, domain = value.partition("@")
        return f"{name[:1]}{DOT}@{domain[:1]}{DOT}.{domain.rpartition('.')[2]}"
    digits = sum(c.isdigit() for c in value)
    if kind == "telephone number":
        return f"{DOT}{value[-2:]} ({digits} digits)"
    if kind == "card number":
        return f"{DOT}{value[-4:]} ({digits} digits)"
    if kind == "IBAN":
        return f"{value[:2]}…({len(value.replace(' ', ''))} characters)"
    prefix = _PREFIX.match(value)
    return f"{prefix.group() if prefix else ''}…({len(value)} characters)"
