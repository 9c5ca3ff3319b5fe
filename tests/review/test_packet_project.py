"""A packet becomes a project of its own, is answered in part or whole, and an undo there is never undone by the mail."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from packet_material import (
    LABELS,
    TEXTS,
    answer,
    begin,
    cast,
    examples,
    members,
    opened,
    owner,
    rows,
    standing,
    take_back,
)

from curator.errors import InputError
from curator.model import Role, RoundItem, Slot, Verdict, content_key
from curator.progress import Silent
from curator.review.packets.exchange import merge_packet, write_packet
from curator.review.packets.file import HEAD, VOTES
from curator.review.packets.project import answer_packet, open_packet, packet_of
from curator.store import Project, decisions, journal, places


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with owner(tmp_path) as made:
        yield made


def test_a_packet_opens_as_a_small_project_with_its_round(project: Project, tmp_path: Path) -> None:
    begin(project)
    round = begin(project, hints=True, name="second look", settle=True, overlap=2)
    with opened(project, round, "Bo", tmp_path) as local:
        assert Path(local.address) == tmp_path / "home-Bo" / "round-2-bo.curator"
        assert [p.name for p in sorted((tmp_path / "home-Bo").iterdir()) if p.suffix in (".packet", ".part")] == [
            "round-2-bo.packet"
        ]
        (there,) = local.rounds.all()
        assert (there.id, there.number, there.name) == (round.id, 2, "second look")
        assert (there.labels, there.guideline, there.guideline_version) == (LABELS, "Be kind.", 1)
        assert (there.reviewers, there.overlap, there.settle) == (("Bo",), 1, False)
        assert local.settings()["task"] == "classification"
        shown = local.rounds.examples(there.id)
        assert [e.input for e in shown] == list(TEXTS)
        assert [i.key for i in local.rounds.items(there.id)] == [content_key(e) for e in shown]
        assert [i.hint for i in local.rounds.items(there.id)] == ["", "", "", "Two labels for one text.", "", ""]
        assert [s.repeat for s in local.rounds.slots(there.id, "Bo")] == [False] * 6 + [True]
        assert {str(e.ref) for e in shown} == {f"round-2-bo.packet, record {n}" for n in range(6)}
        assert not any(kind in str(local.rounds.items(there.id)) for kind in ("gold", "attention"))


def test_opening_again_goes_on_where_it_was_left(project: Project, tmp_path: Path) -> None:
    round = begin(project)
    with opened(project, round, "Ann", tmp_path) as local:
        cast(local, 0)
    with opened(project, round, "Ann", tmp_path) as local:
        assert len(local.rounds.votes()) == 1
        for entry in [e for e in local.log() if e.action in ("round", "import")]:
            local.undo(entry.id)
        with pytest.raises(InputError, match="The round was undone here; open the packet again"):
            answer_packet(local)
    with opened(project, round, "Ann", tmp_path) as local:
        assert len(local.rounds.votes()) == 1
        assert len(local.ids()) == 6


def test_copies_of_an_example_stay_apart(project: Project, tmp_path: Path) -> None:
    twins = examples("twins.csv", ["the same"] * 3)
    project.import_source("twins.csv", "another sha", "csv", Role.CANDIDATE, {}, twins, Silent())
    ids = project.ids()[-3:]
    items = [RoundItem(id, content_key(twins[0]), place) for place, id in enumerate(ids)]
    slots = [Slot(id, 0, "Ann", place) for place, id in enumerate(ids)]
    round = project.rounds.add(replace(begin(project), id="", reviewers=("Ann",)), items, slots)
    with opened(project, round, "Ann", tmp_path) as local:
        for place, label in enumerate(LABELS):
            cast(local, place, label)
        merge_packet(project, answer(local))
    assert [(v.example, v.value) for v in project.rounds.votes(round.id)] == list(zip(ids, LABELS, strict=True))


def test_another_project_under_that_name_is_left_alone(project: Project, tmp_path: Path) -> None:
    packet = write_packet(project, begin(project), "Ann", tmp_path / "mine.packet").path
    with Project.create(tmp_path / "mine.curator") as other:
        before = other.log()
    with pytest.raises(InputError, match="belongs to another packet or project than round 1"):
        open_packet(packet)
    with Project.open(tmp_path / "mine.curator") as other:
        assert other.log() == before


def test_where_no_project_can_be_it_goes_into_the_folder_named(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    share, local = tmp_path / "share", tmp_path / "local"
    share.mkdir(), local.mkdir()
    packet = write_packet(project, begin(project), "Ann", share / "a.packet").path
    kinds = {share: "cifs", local: "ext4"}
    monkeypatch.setattr(places, "file_system", kinds.__getitem__)
    with pytest.raises(InputError, match="network file system"):
        open_packet(packet)
    assert open_packet(packet, local) == local / "a.curator"
    assert open_packet(packet, local) == local / "a.curator"
    assert [p.name for p in share.iterdir()] == ["a.packet"]


def test_a_damaged_packet_makes_no_project(project: Project, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    packet = write_packet(project, begin(project), "Ann", tmp_path / "in" / "a.packet").path
    packet.write_bytes(packet.read_bytes()[:-100])
    with pytest.raises(InputError, match="was damaged"):
        open_packet(packet)
    assert [p.name for p in (tmp_path / "in").iterdir()] == ["a.packet"]


def test_a_project_that_cannot_be_finished_is_not_left_half_made(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    packet = write_packet(project, begin(project), "Ann", tmp_path / "in" / "a.packet").path

    class Broken(Silent):
        def report(self, done: int, total: int | None, text: str) -> None:
            raise InputError("the power is gone")

    with pytest.raises(InputError, match="the power is gone"):
        open_packet(packet, progress=Broken())
    assert [p.name for p in (tmp_path / "in").iterdir()] == ["a.packet"]


def test_the_answer_says_nothing_but_the_votes(project: Project, tmp_path: Path) -> None:
    round = begin(project)
    with opened(project, round, "Ann", tmp_path) as local:
        with pytest.raises(InputError, match="Nothing was voted"):
            answer_packet(local)
        cast(local, 0, "thanks")
        cast(local, 1)
        take_back(local, 1)
        done = answer_packet(local)
        assert done.path == tmp_path / "home-Ann" / "round-1-ann.answer.packet"
        assert (done.reviewer, done.votes, done.withdrawn, done.left) == ("Ann", 1, 1, 6)
        assert list(members(done.path)) == [HEAD, "signature", VOTES]
        first = done.path.read_bytes()
        assert answer_packet(local).path.read_bytes() == first
        info = packet_of(local)
        assert info is not None
        assert info.key.encode() not in first
    assert {row["verdict"] for row in rows(done.path, VOTES)} == {"relabel", None}


def test_a_project_of_no_packet_has_nothing_to_answer(project: Project) -> None:
    assert packet_of(project) is None
    with pytest.raises(InputError, match="was not made from a packet"):
        answer_packet(project)


def test_votes_in_another_name_on_the_reviewers_machine_are_not_sent(project: Project, tmp_path: Path) -> None:
    round = begin(project)
    with opened(project, round, "Ann", tmp_path) as local:
        cast(local, 0, "thanks")
        (vote,) = local.rounds.votes()
        local.decide([replace(vote, id="", at="", seen="", supersedes=None, reviewer="Bo", value="question")])
        merge_packet(project, answer(local))
    assert standing(project, round) == {(TEXTS[0], "Ann", False): ("relabel", "thanks")}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1)])
def test_an_undo_there_wins_over_the_answer_sent_before_it(
    project: Project, tmp_path: Path, order: tuple[int, ...]
) -> None:
    round = begin(project)
    with opened(project, round, "Ann", tmp_path) as local:
        cast(local, 0, "question")
        cast(local, 0, "thanks")
        files = [answer(local, "0.packet")]
        local.undo()
        files.append(answer(local, "1.packet"))
        assert answer(local, "again.packet").read_bytes() == files[1].read_bytes()
        local.redo()
        local.undo()
        local.undo()
        files.append(answer(local, "2.packet"))
        assert local.rounds.votes() == []
    expected: list[dict[object, object]] = [
        {(TEXTS[0], "Ann", False): ("relabel", "thanks")},
        {(TEXTS[0], "Ann", False): ("relabel", "question")},
        {},
    ]
    for done, number in enumerate(order, 1):
        merge_packet(project, files[number])
        assert standing(project, round) == expected[max(order[:done])]


def test_a_redo_there_wins_over_the_undo_sent_before_it(project: Project, tmp_path: Path) -> None:
    round = begin(project)
    with opened(project, round, "Ann", tmp_path) as local:
        cast(local, 0, "thanks")
        merge_packet(project, answer(local))
        local.undo()
        merge_packet(project, answer(local))
        assert standing(project, round) == {}
        local.redo()
        merge_packet(project, answer(local))
        assert standing(project, round) == {(TEXTS[0], "Ann", False): ("relabel", "thanks")}
        cast(local, 0, "question")
        merge_packet(project, answer(local))
    assert standing(project, round) == {(TEXTS[0], "Ann", False): ("relabel", "question")}


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 3, 0, 1), (1, 0, 3, 2)])
def test_a_clock_that_goes_back_there_makes_no_difference(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: tuple[int, ...]
) -> None:
    round = begin(project)
    with opened(project, round, "Ann", tmp_path) as local:
        cast(local, 0, "question")
        cast(local, 0, "thanks")
        files = [answer(local, "0.packet")]
        for module in (journal, decisions):
            monkeypatch.setattr(module, "now", lambda: "2001-01-01T00:00:00.000+00:00")
        local.undo()
        files.append(answer(local, "1.packet"))
        cast(local, 0, "complaint")
        files.append(answer(local, "2.packet"))
        local.undo()
        local.redo()
        cast(local, 0, "x")
        files.append(answer(local, "3.packet"))
    said = ("thanks", "question", "complaint", "x")
    for done, number in enumerate(order, 1):
        merge_packet(project, files[number])
        assert standing(project, round) == {(TEXTS[0], "Ann", False): ("relabel", said[max(order[:done])])}


def test_a_packet_that_asks_more_takes_over_what_was_voted(project: Project, tmp_path: Path) -> None:
    round = begin(project)
    mine = project.rounds.slots(round.id, "Ann")
    project.rounds.assign(round.id, [replace(s, reviewer=None) for s in mine[:2]], round.reviewers, "Fewer for Ann")
    with opened(project, round, "Ann", tmp_path) as local:
        assert len(local.ids()) == 5
        cast(local, 0, "thanks")
        cast(local, 1, "thanks")
        take_back(local, 1)
    project.rounds.assign(round.id, mine[1:2], round.reviewers, "One more for Ann")
    with opened(project, round, "Ann", tmp_path) as local:
        assert Path(local.address).name == "round-1-ann-2.curator"
        assert len(local.ids()) == 6
        cast(local, 0, "question")
        merge_packet(project, answer(local))
    assert standing(project, round) == {
        (TEXTS[1], "Ann", False): ("relabel", "question"),
        (TEXTS[2], "Ann", False): ("relabel", "thanks"),
    }
    with opened(project, round, "Ann", tmp_path) as local:
        assert Path(local.address).name == "round-1-ann-2.curator"


def test_thousands_of_items_are_packed_opened_and_merged_in_seconds(project: Project, tmp_path: Path) -> None:
    many = examples("many.csv", (f"text {n} about lamps" for n in range(1_500)))
    project.import_source("many.csv", "sha of many", "csv", Role.CANDIDATE, {}, many, Silent())
    chosen = project.get_examples(project.ids()[-1_500:])
    items = [RoundItem(e.id, content_key(e), place) for place, e in enumerate(chosen)]
    slots = [Slot(item.example, 0, "Ann", item.place) for item in items]
    round = project.rounds.add(replace(begin(project), id="", reviewers=("Ann",)), items, slots)
    began = time.process_time()
    with opened(project, round, "Ann", tmp_path) as local:
        (there,) = local.rounds.all()
        first = cast_all(local, there.id)
        assert merge_packet(project, answer(local)).new == first == 1_500
    assert time.process_time() - began < 8


def cast_all(local: Project, round: str) -> int:
    cast(local, 0)
    (vote,) = local.rounds.votes()
    rest = [item.example for item in local.rounds.items(round)[1:]]
    local.decide([replace(vote, id="", at="", seen="", supersedes=None, example=e, verdict=Verdict.DROP) for e in rest])
    return len(local.rounds.votes())
