"""Small helpers for sentences that people read."""

from __future__ import annotations


def plural(count: int, noun: str) -> str:
    """`3 examples`, `1 example`; thousands are grouped."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
