"""Progress in a pipe, and stopping."""

from __future__ import annotations

import io

import pytest

from curator.errors import Cancelled
from curator.progress import Lines, Silent, track


class Stopped(Silent):
    def cancelled(self) -> bool:
        return True


def test_each_stage_begins_with_one_line_also_when_it_comes_again() -> None:
    stream = io.StringIO()
    lines = Lines(stream)
    for _ in range(2):
        for done in range(4):
            lines.report(done, 3, "Embedding texts")
    lines.report(0, 1, "Writing")
    assert stream.getvalue().splitlines() == ["Embedding texts …", "Embedding texts …", "Writing …"]


def test_tracking_yields_everything_and_tells_the_end() -> None:
    stream = io.StringIO()
    assert list(track(range(600), Lines(stream), "Reading", total=600)) == list(range(600))
    assert stream.getvalue() == "Reading …\n"


def test_a_stop_is_heard_before_the_next_item() -> None:
    with pytest.raises(Cancelled):
        next(track([1], Stopped(), "Reading"))
