"""What came with an import that was undone is out of sight in a round too: nobody is asked for it, and nothing waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from round_material import KEEP, begin, make_project, vote_all

from curator.model import Example, Message, Ref, Role, Round
from curator.progress import Silent
from curator.review.adjudication.rulings import settle
from curator.review.packets.exchange import write_packet
from curator.review.queue import of_round
from curator.review.rounds.planning import leave, overall, progress
from curator.store import Project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with make_project(tmp_path / "p.curator") as made:
        more = [Example(Ref("more.csv", 0, 2), (Message("user", "one more"), Message("assistant", "refund")))]
        made.import_source("more.csv", "another sha", "csv", Role.CANDIDATE, {}, more, Silent())
        yield made


@pytest.fixture
def round(project: Project) -> Round:
    made = begin(project, examples=(1, 2, 7))
    imported = next(entry.id for entry in project.log() if entry.action == "import")
    project.undo(imported)
    return made


def test_nobody_is_asked_for_it(project: Project, round: Round, tmp_path: Path) -> None:
    assert [item.example for item in of_round(project, round.id, "Ann").items] == [1, 2]
    assert write_packet(project, round, "Ann", tmp_path / "ann.packet").looks == 2


def test_nothing_waits_for_it(project: Project, round: Round) -> None:
    vote_all(project, round, {1: (KEEP, KEEP), 2: (KEEP, KEEP)})
    settle(project, round)
    found = progress(project, round)
    assert (found.items, found.looks, found.done, found.next.name) == (2, 4, 4, "close")
    assert [(one.done, one.looks) for one in overall(project)] == [(4, 4)]


def test_it_is_asked_for_again_when_the_import_is_done_again(project: Project, round: Round) -> None:
    leave(project, round, "Ann")
    project.undo(next(entry.id for entry in project.log() if entry.action == "undo"))
    assert [item.example for item in of_round(project, round.id, "Bo").items] == [1, 2, 7]
    assert [slot.example for slot in project.rounds.slots(round.id, "Ann")] == []
