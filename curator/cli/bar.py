"""Progress for people: one bar per stage with the time left, on a terminal; plain lines in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from curator.progress import Lines, Progress, Silent


class _Bar(Silent):
    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        self._rich = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=32),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._rich.add_task("", total=None, visible=False)
        self._stage = ""

    def report(self, done: int, total: int | None, text: str) -> None:
        if text != self._stage:
            self._stage = text
            self._rich.reset(self._task, total=total, description=text, visible=True)
        self._rich.update(self._task, completed=done, total=total)

    @contextmanager
    def running(self) -> Iterator[Progress]:
        with self._rich:
            yield self


@contextmanager
def show(quiet: bool) -> Iterator[Progress]:
    """The progress that fits where stderr goes."""
    if quiet:
        yield Silent()
    elif sys.stderr.isatty():
        with _Bar().running() as bar:
            yield bar
    else:
        yield Lines()
