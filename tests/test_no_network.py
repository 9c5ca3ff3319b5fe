"""Nothing that a user does with data reaches for the network: with sockets forbidden everything works as ever."""

from __future__ import annotations

import csv
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from curator import targets
from curator.resources import resource

ROWS = 120


class Reached(AssertionError):
    """Something asked for another machine."""


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every way to another machine raises, and is noted: an error may be caught on the way. Sockets within this one stay."""
    asked: list[str] = []

    def forbid(name: str, allowed: Callable[..., Any] | None = None) -> Callable[..., Any]:
        def refuse(*arguments: Any, **options: Any) -> Any:
            first = arguments[0] if arguments else None
            if allowed is not None and isinstance(first, socket.socket) and first.family == socket.AF_UNIX:
                return allowed(*arguments, **options)
            asked.append(f"{name}{arguments[1:]}")
            raise Reached(asked[-1])

        return refuse

    for name in ("connect", "connect_ex", "sendto", "bind"):
        monkeypatch.setattr(socket.socket, name, forbid(name, getattr(socket.socket, name)))
    for name in ("create_connection", "getaddrinfo", "gethostbyname", "gethostbyname_ex"):
        monkeypatch.setattr(socket, name, forbid(name))
    yield asked
    assert asked == []


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """Some rows of the bundled sample."""
    path = tmp_path / "pairs.csv"
    with (resource("samples/support") / "pairs.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows[: ROWS + 1])
    return path


def test_the_guard_sees_who_reaches_out(offline: list[str]) -> None:
    with pytest.raises(Reached), socket.socket() as other:
        other.connect(("192.0.2.1", 80))
    with pytest.raises(Reached):
        socket.getaddrinfo("example.com", 443)
    assert len(offline) == 2
    offline.clear()


def test_the_whole_way_from_check_to_release_needs_no_network(
    sample: Path, tmp_path: Path, offline: list[str], curator: Callable
) -> None:
    evals, out = resource("samples/support") / "eval.csv", tmp_path / "out"
    given = [sample, "--eval", evals, "--task", "classification", "--quiet"]
    assert curator("check", *given, "--json", tmp_path / "found.json", "--report", tmp_path / "check.html").code == 0
    exported = curator("export", *given, "--target", "all", "--allow-below-minimum", "--out", out)
    assert exported.code in (0, 1), exported.err  # a provider may want more rows than there are
    written = sorted(path.parent.name for path in out.glob("*/train.jsonl"))
    assert {"openai", "jsonl", "trl"} <= set(written) <= set(targets.names())
    for name in written:
        assert curator("validate", out / name / "train.jsonl", "--target", name).code in (0, 1)
    for data in (sample, out):
        cost = curator("cost", data, "--target", "all", "--quiet")
        assert cost.code == 0, cost.err
        assert "exact (o200k_base)" in cost.out
    assert curator("ready", *given).code in (0, 1)
    assert offline == []
