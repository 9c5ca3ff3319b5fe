"""`curator pack` and `curator merge`: a round goes out by mail and comes back, in sentences that say what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cli_material import sample_rows, write_rows

from curator.model import Decision, Kind, Round, RoundItem, Slot, Verdict, content_key
from curator.review.packets.project import open_packet
from curator.store import Project

Run = Callable[..., object]


@pytest.fixture
def project(tmp_path: Path, curator: Run) -> Path:
    """A project of six examples with a round for Ann and Bo."""
    path = tmp_path / "p.curator"
    curator("new", path)
    curator("import", path, write_rows(tmp_path / "six.csv", sample_rows(6)))
    begin(path, "tickets")
    return path


def begin(path: Path, name: str = "") -> Round:
    with Project.open(path) as opened:
        items = [RoundItem(e.id, content_key(e), place) for place, e in enumerate(opened.examples())]
        slots = [Slot(i.example, slot, who, i.place) for slot, who in enumerate(("Ann", "Bo")) for i in items]
        new = Round("", 0, name, "classification", ("a", "b"), "", 0, ("Ann", "Bo"), 2)
        return opened.rounds.add(new, items, slots)


def voted(packet: Path, number: int) -> Path:
    """The project of a packet in which the first items were voted on."""
    local = open_packet(packet)
    with Project.open(local) as opened:
        (round,) = opened.rounds.all()
        vote = Decision("", 0, "", round.reviewers[0], Verdict.KEEP, kind=Kind.VOTE, round=round.id)
        opened.decide([replace(vote, example=item.example) for item in opened.rounds.items(round.id)[:number]])
    return local


def test_a_round_goes_out_and_comes_back(project: Path, tmp_path: Path, curator: Run) -> None:
    out = tmp_path / "out"
    packed = curator("pack", project, "--out", out)
    assert (packed.code, packed.err) == (0, "")
    assert packed.out.splitlines() == [
        f"{out / 'round-1-ann.packet'}: 6 looks for Ann, round 1 (tickets)",
        f"{out / 'round-1-bo.packet'}: 6 looks for Bo, round 1 (tickets)",
        f"Send each reviewer their own. What they send back: curator merge {project} FILE…",
    ]
    ann, bo = voted(out / "round-1-ann.packet", 6), voted(out / "round-1-bo.packet", 2)
    answered = curator("pack", ann)
    assert answered.out.splitlines()[0] == f"{out / 'round-1-ann.answer.packet'}: 6 votes of Ann; nothing is left"
    there = curator("pack", bo, "--out", tmp_path / "usb")
    assert there.out.startswith(f"{tmp_path / 'usb' / 'round-1-bo.answer.packet'}: 2 votes of Bo; 4 looks left\n")
    files = (out / "round-1-ann.answer.packet", tmp_path / "usb" / "round-1-bo.answer.packet")
    merged = curator("merge", project, *files, files[0])
    assert (merged.code, merged.err) == (0, "")
    assert merged.out.splitlines() == [
        f"{files[0]}: 6 new votes of Ann in round 1 (tickets)",
        f"{files[1]}: 2 new votes of Bo in round 1 (tickets)",
        "  Bo has 4 looks left",
        f"{files[0]}: 0 new votes of Ann in round 1 (tickets), 6 known already",
        "Settled 2 items on which all agree.",
    ]
    with Project.open(project) as opened:
        assert len(opened.rounds.votes()) == 8
        assert [d.kind for d in opened.decisions()] == [Kind.CONSENSUS] * 2
    assert "Merged Bo's answer in round 1 (tickets), with 2 votes in it" in curator("log", project).out


def test_one_reviewer_can_be_packed_alone_under_any_name(project: Path, tmp_path: Path, curator: Run) -> None:
    assert curator("pack", project, "--reviewer", "Bo", "--out", tmp_path / "x.packet").code == 0
    assert curator("pack", project, "--reviewer", "Bo", "--out", tmp_path / "y").code == 0
    assert (tmp_path / "x.packet").read_bytes() == (tmp_path / "y" / "round-1-bo.packet").read_bytes()
    assert not (tmp_path / "y" / "round-1-ann.packet").exists()


def test_several_open_rounds_want_a_number(project: Path, tmp_path: Path, curator: Run) -> None:
    begin(project)
    said = curator("pack", project, "--out", tmp_path / "out")
    assert said.code == 2
    assert "has several open rounds, 1 (tickets), 2; name one with --round" in said.sentence
    assert curator("pack", project, "--out", tmp_path / "out", "--round", "2").code == 0
    with Project.open(project) as opened:
        opened.rounds.close(opened.rounds.get(1).id)
    assert "round 2" in curator("pack", project, "--out", tmp_path / "out").out


def test_what_pack_cannot_do_it_says(project: Path, tmp_path: Path, curator: Run) -> None:
    for arguments, sentence in (
        ((project,), "say with --out into which folder"),
        ((project, "--out", tmp_path / "x.packet"), "is one file, but the round has 2 reviewers"),
        ((project, "--reviewer", "Cy", "--out", tmp_path), "Cy is not in round 1 (tickets); its reviewers are Ann, Bo"),
        ((project, "--round", "7", "--out", tmp_path), "There is no round '7' in this project"),
        ((tmp_path / "six.csv", "--out", tmp_path), "is no project"),
    ):
        said = curator("pack", *arguments)
        assert said.code == 2
        assert sentence in said.sentence
    empty = tmp_path / "empty.curator"
    curator("new", empty)
    assert "has no open round" in curator("pack", empty, "--out", tmp_path).sentence
    assert not list(tmp_path.glob("*.packet"))


def test_a_packets_project_is_answered_and_not_packed(project: Path, tmp_path: Path, curator: Run) -> None:
    curator("pack", project, "--out", tmp_path / "out")
    local = open_packet(tmp_path / "out" / "round-1-ann.packet")
    assert "Nothing was voted in round 1 (tickets) yet" in curator("pack", local).sentence
    assert "is Ann's part of round 1 (tickets)" in curator("pack", local, "--reviewer", "Bo").sentence


def test_a_bad_file_among_good_ones_keeps_none_of_them_out(project: Path, tmp_path: Path, curator: Run) -> None:
    out = tmp_path / "out"
    curator("pack", project, "--out", out)
    answers = []
    for name in ("ann", "bo"):
        local = voted(out / f"round-1-{name}.packet", 3)
        curator("pack", local)
        answers.append(out / f"round-1-{name}.answer.packet")
    cut = tmp_path / "cut.packet"
    cut.write_bytes(answers[0].read_bytes()[:-50])
    merged = curator("merge", project, answers[0], cut, tmp_path / "gone.packet", answers[1])
    assert merged.code == 2
    assert "3 new votes of Ann" in merged.out
    assert "3 new votes of Bo" in merged.out
    damaged, gone = merged.err.splitlines()
    assert damaged.startswith(f"curator: {cut}: was damaged or changed on the way")
    assert gone.startswith(f"curator: {tmp_path / 'gone.packet'}: There is no such file")
    alone = curator("merge", project, cut)
    assert (alone.code, alone.out) == (2, "")
    assert str(cut) in alone.sentence


def test_an_answer_for_another_round_than_was_said_is_refused(project: Path, tmp_path: Path, curator: Run) -> None:
    begin(project, "later")
    curator("pack", project, "--round", "1", "--out", tmp_path / "out")
    local = voted(tmp_path / "out" / "round-1-ann.packet", 1)
    curator("pack", local)
    answer = tmp_path / "out" / "round-1-ann.answer.packet"
    assert "belongs to another round than later" in curator("merge", project, answer, "--round", "later").sentence
    assert curator("merge", project, answer, "--round", "tickets").code == 0


def test_tables_of_votes_are_merged_beside_packets(project: Path, tmp_path: Path, curator: Run) -> None:
    curator("pack", project, "--out", tmp_path / "out")
    local = voted(tmp_path / "out" / "round-1-ann.packet", 6)
    curator("pack", local)
    table = tmp_path / "votes.csv"
    rows = "".join(f"{text},Bo,a\n" for text, _ in sample_rows(6) if "," not in text)
    table.write_text(f"what,who,says\n{rows}")
    columns = ("--item", "what", "--reviewer", "who", "--label", "says")
    files = (table, tmp_path / "out" / "round-1-ann.answer.packet")
    merged = curator("merge", project, *files, "--round", "tickets", *columns)
    assert (merged.code, merged.err) == (0, "")
    assert f"{table}: {rows.count('Bo')} new votes as votes in round 1" in merged.out
    assert "6 new votes of Ann in round 1" in merged.out
    with Project.open(project) as opened:
        assert {vote.reviewer for vote in opened.rounds.votes()} == {"Ann", "Bo"}
    nowhere = curator("merge", project, write_rows(tmp_path / "other.csv", [("never seen", "x")]), *columns[:2])
    assert nowhere.code == 2
