"""Personal data and secrets in texts: found for the check that reports them, masked wherever a report quotes a text."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from curator.sensitive.contact import find_contact
from curator.sensitive.identity import find_identity
from curator.sensitive.kinds import DOT, Class, Hit, veiled
from curator.sensitive.secrets import find_secrets

__all__ = ["DOT", "Class", "Hit", "find", "mask", "veiled"]

LONGEST = 20_000
"""Characters of a text that are looked at as one piece; longer ones in pieces that overlap."""
OVERLAP = 4_000
"""Longer than any value that is found, private keys of 4,096 bits included."""


@lru_cache(maxsize=8_192)
def find(text: str) -> tuple[Hit, ...]:
    """All values in a text, in order, none within another: of two that overlap the graver, then the longer stays."""
    hits = {(hit.start, hit.end, hit.kind): hit for hit in _everywhere(text)}.values()
    order = {Class.SECRET: 0, Class.NUMBER: 1, Class.CONTACT: 2}
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda h: (order[h.group], h.start - h.end, h.start, h.kind)):
        if all(hit.end <= other.start or hit.start >= other.end for other in kept):
            kept.append(hit)
    return tuple(sorted(kept, key=lambda h: h.start))


def _everywhere(text: str) -> Iterable[Hit]:
    for begin in range(0, max(1, len(text) - OVERLAP), LONGEST - OVERLAP):
        piece = text[begin : begin + LONGEST]
        for found in (find_secrets(piece), find_identity(piece), find_contact(piece)):
            for hit in found:
                yield Hit(hit.kind, hit.group, hit.start + begin, hit.end + begin, hit.value, hit.documentation)


def mask(text: str) -> str:
    """The text with every value veiled; the text itself where there is none."""
    hits = find(text)
    if not hits:
        return text
    parts, end = [], 0
    for hit in hits:
        parts += [text[end : hit.start], hit.shown]
        end = hit.end
    return "".join([*parts, text[end:]])
