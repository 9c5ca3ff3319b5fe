"""The window is killed amid a review: every decision that was shown as taken is there when the project is opened again."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from curator.model import Verdict
from curator.store import Project

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")

KILLS = 3
CHILD = Path(__file__).with_name("review_until_killed.py")
ROOT = Path(__file__).parents[2]
VERDICTS = {"A": Verdict.KEEP, "X": Verdict.DROP, "F": Verdict.FLAG}


def review_until_killed(project: Path, seed: int, lines: int, after: float) -> list[str]:
    """What the window said until it was killed, `after` seconds after so many lines."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT), "PYTHONFAULTHANDLER": "1"}
    command = [sys.executable, str(CHILD), str(project), str(seed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, env=environment) as child:
        assert child.stdout is not None
        first = b"".join(child.stdout.readline() for _ in range(lines))
        time.sleep(after)
        assert child.poll() is None, "the window ended by itself"
        child.send_signal(signal.SIGKILL)
        rest = child.stdout.read()
    return [line.decode() for line in (first + rest).splitlines()]


def follow(lines: list[str], decided: dict[int, Verdict], order: list[int]) -> tuple[bool, int]:
    """Do to `decided` and `order` (examples, newest decision last) what was shown as done.

    Returns whether the last key was not shown as done, and how many were.
    """
    pending, done = "", 0
    for line in lines:
        if line != "shown":
            pending = line
            continue
        act(pending, decided, order)
        pending, done = "", done + 1
    if pending:
        act(pending, decided, order)
    return bool(pending), done


def act(line: str, decided: dict[int, Verdict], order: list[int]) -> None:
    _, key, example = line.split()
    if key == "undo":
        if order:
            del decided[order.pop()]
        return
    decided[int(example)] = VERDICTS.get(key, Verdict.RELABEL)
    order.append(int(example))


def standing(project: Path) -> dict[int, Verdict]:
    with Project.open(project) as opened:
        return {d.example: d.verdict for d in opened.decisions()}


def same(found: dict[int, Verdict], told: dict[int, Verdict]) -> bool:
    """A number key keeps an example that has its label already."""
    alike = {Verdict.RELABEL: (Verdict.RELABEL, Verdict.KEEP)}
    return found.keys() == told.keys() and all(found[id] in alike.get(told[id], (told[id],)) for id in told)


def test_a_killed_window_keeps_every_decision_it_showed_as_taken(support_project: Path) -> None:
    dice = random.Random(11)
    decided: dict[int, Verdict] = {}
    order: list[int] = []
    shown = 0
    for kill in range(KILLS):
        lines = review_until_killed(support_project, kill, dice.randrange(1, 60), dice.uniform(0, 0.06))
        before, before_order = dict(decided), list(order)
        unsure, done = follow(lines, decided, order)
        shown += done
        found = standing(support_project)
        if unsure and not same(found, decided):
            # The last key was still under way: it may be done or not, but everything before it is.
            decided, order = before, before_order
            last = max(place for place, line in enumerate(lines) if line != "shown")
            follow(lines[:last], decided, order)
        assert same(found, decided), (kill, lines[-3:], set(found.items()) ^ set(decided.items()))
    assert shown > 5 * KILLS
