"""How long work says how far it is, and hears that it should stop.

Engine functions take a `Progress`; who calls them chooses what is shown.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import Protocol, TextIO, TypeVar

from curator.errors import Cancelled

T = TypeVar("T")


class Progress(Protocol):
    """Receives reports from long work."""

    def report(self, done: int, total: int | None, text: str) -> None:
        """`done` of `total` steps of the stage named `text` are finished (total None: unknown)."""

    def cancelled(self) -> bool:
        """True once the work should stop at the next safe point."""


class Silent:
    """Shows nothing and never stops: for `--quiet`, tests and notebooks."""

    def report(self, done: int, total: int | None, text: str) -> None: ...

    def cancelled(self) -> bool:
        return False


class Lines(Silent):
    """One plain line when a stage begins and one when it ends: for pipes and CI logs."""

    def __init__(self, stream: TextIO | None = None):
        self._stream = stream or sys.stderr
        self._stage = ""
        self._began = 0.0

    def report(self, done: int, total: int | None, text: str) -> None:
        if text != self._stage:
            self._stage, self._began = text, time.monotonic()
            print(f"{text} …", file=self._stream, flush=True)
        if total is not None and done >= total:
            took, self._stage = time.monotonic() - self._began, ""
            if took >= 1:
                print(f"{text}: {total:,} in {took:.1f} s", file=self._stream, flush=True)


def track(items: Iterable[T], progress: Progress, text: str, total: int | None = None, every: int = 256) -> Iterator[T]:
    """Yield `items`, reporting every `every` of them; raises Cancelled where the user stopped."""
    done = 0
    progress.report(0, total, text)
    for item in items:
        if done % every == 0:
            if progress.cancelled():
                raise Cancelled
            progress.report(done, total, text)
        yield item
        done += 1
    progress.report(done, done, text)
