"""Judging two systems side by side: the round, its packets, what its reviewers cannot know, and what it comes to."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest
from sides_material import AFTER, BEFORE, begin, judge, pairs, right, wins

from curator.comparison.sides import LABELS, sides_of, unseal
from curator.comparison.sides_preference import newest, preference
from curator.comparison.sides_round import Wanted, begin_sides, open_or_create
from curator.comparison.sides_wording import document, lines, verdict
from curator.comparison.verdict import Outcome
from curator.errors import InputError
from curator.model import Decision, Kind, Round, Verdict
from curator.review.adjudication.rulings import adjudicate
from curator.review.adjudication.settling import settle
from curator.review.packets.exchange import merge_packet, write_packets
from curator.review.packets.file import read_members
from curator.review.packets.project import answer_packet, open_packet
from curator.store import Project

SECRETS = (BEFORE, AFTER, "zebra", "quokka", "baseline", "tuned")


def named(data: bytes) -> list[str]:
    return [word for word in SECRETS if word.encode() in data]


def unpacked(path: Path) -> bytes:
    return b"\n".join(read_members(path).values())


def voted_in_packets(project: Project, round: Round, folder: Path, wrong: dict[str, tuple[int, ...]]) -> None:
    """Each reviewer votes in their own packet, and the answers are merged, the last one first."""
    answers = []
    for one in write_packets(project, round, folder):
        with Project.open(open_packet(one.path)) as theirs:
            there = theirs.rounds.all()[-1]
            for example in theirs.rounds.examples(there.id):
                # In a packet the numbers of records are its own: the question says which item it is.
                at = int(example.messages[0].content.split()[1].rstrip("?"))
                said = right(example)
                if at in wrong.get(one.reviewer, ()):
                    said = {LABELS[0]: LABELS[1], LABELS[1]: LABELS[0]}.get(said, said)
                vote = Decision("", example.id, "", one.reviewer, Verdict.RELABEL, said, kind=Kind.VOTE, round=there.id)
                theirs.decide([vote])
            answers.append(answer_packet(theirs).path)
    for answer in reversed(answers):
        merge_packet(project, answer)


def test_from_packets_to_a_verdict(tmp_path: Path) -> None:
    better = (
        "tttttttttbbes"  # nine to the tuned system, two to the baseline, one tie, and one on which both say the same
    )
    project, made = begin(tmp_path / "judge.curator", better)
    with project:
        assert (made.items, made.differing, made.same) == (12, 12, 1)
        (tmp_path / "out").mkdir()
        voted_in_packets(project, made.round, tmp_path / "out", {"Bo": (0, 1)})
        settled = settle(project, made.round)
        assert (len(settled.unanimous), len(settled.disputed)) == (10, 2)
        # Whoever adjudicates is not to know which system is which, so nobody is told before, unless the round is closed.
        with pytest.raises(InputError, match=r"2 items wait for adjudication"):
            preference(project, made.round)
        project.rounds.close(made.round.id)
        found = preference(project, 1)
        project.rounds.reopen(made.round.id)
        # On the two where one judge says the opposite nothing leads: ties, until somebody adjudicates.
        assert (found.wins, found.losses, found.ties, found.open) == (7, 2, 3, 0)
        assert {one.ref.record for one in found.splits} == {0, 1}
        assert found.splits[0].said == {"Ann": "tuned", "Bo": "baseline"}
        for id in settled.disputed:
            shown = project.rounds.examples(made.round.id, [id])[0]
            adjudicate(project, id, Verdict.RELABEL, right(shown), reviewer="Cy", round=made.round)
        found = preference(project, made.round)
        assert (found.wins, found.losses, found.ties, found.both_bad) == (9, 2, 1, 0)
        assert found.rate.value == pytest.approx(9.5 / 12)
        assert found.overall.value == pytest.approx((9.5 + 0.5) / 13)
        assert found.p == pytest.approx(2 * (1 + 11 + 55) / 2**11)
        assert found.verdict is Outcome.NOISE  # .065: eleven items that somebody won are few
        assert {one.name: (one.tuned, one.baseline, one.equal) for one in found.judges} == {
            "Ann": (9, 2, 1),
            "Bo": (7, 4, 1),
        }
        assert {one.settled for one in found.splits} == {"tuned"}
        assert found.alpha.value is not None
        assert 0.5 < found.alpha.value < 1
        assert found.leaning.first + found.leaning.second == 22
        told = json.loads(json.dumps(document(found)))
        assert (told["schema"], told["verdict"], told["baseline"]) == ("curator/preference/1", "noise", BEFORE)
        assert told["splits"][0]["ref"]["source"] == "held-out.jsonl"
        assert f"9 of 12 items to {AFTER}, 2 to {BEFORE}, 1 to neither" in verdict(found)
        assert any("On 1 more both say the same" in line for line in lines(found))


def test_a_clear_preference_is_told_as_one_whichever_system_it_is_for(tmp_path: Path) -> None:
    for name, better, shown, likes in (
        ("a", "t" * 12, Outcome.BETTER, f"People prefer {AFTER} to {BEFORE}"),
        ("b", "b" * 11 + "x", Outcome.WORSE, f"People prefer {BEFORE} to {AFTER}"),
    ):
        project, made = begin(tmp_path / f"{name}.curator", better)
        with project:
            for judge_ in ("Ann", "Bo"):
                judge(project, made.round, judge_)
            found = preference(project, newest(project))
            assert found.verdict is shown
            assert verdict(found).startswith(likes)
            assert found.leaning.share.value == pytest.approx(0.5, abs=0.05)  # either stood first as often
            assert found.both_bad == better.count("x")


def test_nothing_in_a_packet_tells_which_system_is_which(tmp_path: Path) -> None:
    project, made = begin(tmp_path / "judge.curator", "ttbbttbbttbbs", repeats=3)
    with project:
        secret = project.identity().secret.hex().encode()
        for folder in ("out", "turned"):
            (tmp_path / folder).mkdir()
        written = write_packets(project, made.round, tmp_path / "out")
        for one in written:
            data = unpacked(one.path)
            assert b"It is good" in data
            assert named(data) == []
            assert secret not in data
            assert read_members(one.path)["packet.json"].find(b'"seed":0') > 0
    # With the other system first in every item that is sealed the packets would be the same, byte for byte.
    copy = Path(shutil.copy(tmp_path / "judge.curator", tmp_path / "copy.curator"))
    with sqlite3.connect(copy) as raw:
        for (trigger,) in raw.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'round_answers'"
        ).fetchall():
            raw.execute(f"DROP TRIGGER {trigger}")
        turn = (
            "json_set(expected, '$.tuned_first', json(iif(json_extract(expected, '$.tuned_first'), 'false', 'true')))"
        )
        assert raw.execute(f"UPDATE round_answers SET expected = {turn}").rowcount == 12
    with Project.open(copy) as project:
        sealed = [unseal(item.sealed) for item in project.rounds.items(made.round.id)]
        assert [one.tuned_first for one in sealed] == [not item.sealed["tuned_first"] for item in made.planned.items]
        for one in write_packets(project, made.round, tmp_path / "turned"):
            assert one.path.read_bytes() == (tmp_path / "out" / one.path.name).read_bytes()
    # And what a packet becomes on the reviewer's machine knows no more.
    theirs = open_packet(written[0].path)
    with Project.open(theirs) as opened:
        assert all(item.sealed is None for item in opened.rounds.items(opened.rounds.all()[-1].id))
        with pytest.raises(InputError, match="still to come"):
            preference(opened, newest(opened))
        opened.rounds.close(newest(opened).id)
        with pytest.raises(InputError, match="kept from this account"):
            preference(opened, newest(opened))
    assert named(theirs.read_bytes()) == []


def test_what_is_sealed_is_of_the_answers_as_they_stand(tmp_path: Path) -> None:
    project, made = begin(tmp_path / "judge.curator", "tbtbtbtb")
    with project:
        shown = {example.id: example for example in project.rounds.examples(made.round.id)}
        for item in project.rounds.items(made.round.id):
            tuned_first = unseal(item.sealed).tuned_first
            letter = "tbtbtbtb"[shown[item.example].ref.record]
            assert wins(right(shown[item.example]), tuned_first) is (letter == "t")
        assert project.rounds.known(made.round.id) == set()
        assert made.round.labels == LABELS


def test_the_result_is_not_told_before_the_judging_is_over(tmp_path: Path) -> None:
    project, made = begin(tmp_path / "judge.curator", "tttb")
    with project:
        judge(project, made.round, "Ann")
        with pytest.raises(InputError, match=r"4 judgements are still to come.*--close"):
            preference(project, made.round)
        project.rounds.close(made.round.id)
        found = preference(project, made.round.number)
        assert (found.wins, found.losses, found.judged) == (3, 1, 4)
        assert found.alpha.value is None


def test_votes_that_came_after_a_settlement_outdo_it(tmp_path: Path) -> None:
    project, made = begin(tmp_path / "judge.curator", "tttttt", ("Ann",))
    with project:
        judge(project, made.round, "Ann")
        settle(project, made.round)
        assert preference(project, made.round).wins == 6
        judge(project, made.round, "Ann", wrong=(0, 1))
        assert (preference(project, made.round).wins, preference(project, made.round).losses) == (4, 2)


def test_second_looks_tell_how_constant_a_judge_is_and_count_for_nothing_else(tmp_path: Path) -> None:
    project, made = begin(tmp_path / "judge.curator", "tttbbb", repeats=2)
    with project:
        for name in ("Ann", "Bo"):
            judge(project, made.round, name)
            judge(project, made.round, name, wrong=tuple(range(6)) if name == "Bo" else (), repeat=True)
        found = preference(project, made.round)
        assert (found.wins, found.losses) == (3, 3)
        again = {one.name: (one.repeats.right, one.repeats.asked) for one in found.judges}
        assert again == {"Ann": (2, 2), "Bo": (0, 2)}


def test_a_project_of_examples_to_train_on_takes_no_answers_to_be_judged(tmp_path: Path) -> None:
    from round_material import make_project

    make_project(tmp_path / "shop.curator").close()
    with pytest.raises(InputError, match="a project of their own"):
        open_or_create(str(tmp_path / "shop.curator"))


def test_answers_to_be_judged_are_never_trained_on(curator, tmp_path: Path) -> None:
    """Neither before they are judged nor after, when each has a label; nor is a reviewer's part."""
    where = tmp_path / "judge.curator"
    project, made = begin(where, "ttttbs")
    with project:
        packets = write_packets(project, made.round, tmp_path)
        for name in ("Ann", "Bo"):
            judge(project, made.round, name)
        settle(project, made.round)
    part = open_packet(packets[0].path)
    (tmp_path / "more.csv").write_text("input,output\na,b\n")
    for place in (where, part):
        for command in (
            ("check", place),
            ("export", place, "--target", "all", "--out", tmp_path / "out"),
            ("ready", place),
            ("cost", place),
            ("check", tmp_path / "more.csv", "--project", place),
            ("import", place, tmp_path / "more.csv"),
        ):
            ran = curator(*command)
            assert (ran.code, "nothing to train on" in ran.sentence) == (2, True), command
    assert not (tmp_path / "out").exists()
    assert f"curator compare --preference {where}" in curator("status", where).out


def test_the_same_answers_are_judged_once_in_a_project_and_others_beside_them(tmp_path: Path) -> None:
    project, _ = begin(tmp_path / "judge.curator", "ttbb")
    with project:
        wanted = Wanted("held-out.jsonl", BEFORE, AFTER, ("Ann",), 1)
        with pytest.raises(InputError, match=r"are judged in .* already"):
            begin_sides(project, pairs("ttbb"), wanted)
        other = begin_sides(project, pairs("bbbbbt"), Wanted("other.jsonl", BEFORE, "c.jsonl", ("Ann",), 1))
        assert other.round.number == 2
        assert len(project.rounds.items(other.round.id)) == 6
        assert {unseal(item.sealed).tuned for item in project.rounds.items(other.round.id)} == {"c.jsonl"}


def test_where_nothing_differs_there_is_nothing_to_judge(tmp_path: Path) -> None:
    with open_or_create(str(tmp_path / "judge.curator")) as project:
        with pytest.raises(InputError, match="same 3 answers"):
            begin_sides(project, pairs("sss"), Wanted("e.jsonl", "a", "b", ("Ann",)))
        assert project.ids() == []


def test_a_sample_is_part_of_what_differs(tmp_path: Path) -> None:
    with open_or_create(str(tmp_path / "judge.curator")) as project:
        made = begin_sides(project, pairs("t" * 20 + "ss"), Wanted("e.jsonl", "a", "b", ("Ann",), sample=5))
        assert made.items == 5
        assert "5 of 20 examples" in made.round.scope
        judge(project, made.round, "Ann")
        found = preference(project, made.round)
        assert (found.judged, found.differing, found.same) == (5, 20, 2)
        assert found.overall.value == pytest.approx(21 / 22)
        assert any("sample of the 20" in line for line in lines(found))


def test_another_round_is_no_comparison(tmp_path: Path) -> None:
    from round_material import begin as begin_round
    from round_material import make_project

    with make_project(tmp_path / "shop.curator") as project:
        round = begin_round(project)
        with pytest.raises(InputError, match="no comparison side by side"):
            preference(project, round)
        with pytest.raises(InputError, match="no round side by side"):
            newest(project)


# The command


def write(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_the_command_begins_a_round_and_tells_what_came_of_it(curator, tmp_path: Path) -> None:
    asked = [f"How do I return item {at}?" for at in range(8)]
    evals = write(tmp_path / "eval.jsonl", [{"input": one, "output": "Use the form."} for one in asked])
    before = write(tmp_path / "a.jsonl", [{"input": one, "prediction": f"It is poor, {one}"} for one in asked])
    after = write(tmp_path / "b.jsonl", [{"input": one, "prediction": f"It is good, {one}"} for one in asked])
    where = tmp_path / "judge.curator"
    compared = ("compare", evals, before, after, "--no-meaning", "--quiet", "--sides", where)
    assert "--reviewers" in curator(*compared).sentence
    ran = curator(*compared, "--reviewers", "Ann,Bo", "--sample", 6)
    assert ran.code == 0, ran.err
    assert "Began round 1" in ran.out
    assert "6 items, 12 judgements" in ran.out
    assert "still to come" in curator("compare", "--preference", where).sentence
    with Project.open(where) as project:
        round = newest(project)
        shown = project.rounds.examples(round.id)
        assert all(sides_of(example) is not None and example.ref.line for example in shown)
        for name in ("Ann", "Bo"):
            judge(project, round, name)
    told = curator("compare", "--preference", where, "--json", tmp_path / "p.json")
    assert told.code == 0, told.err
    assert "People prefer b.jsonl to a.jsonl: 6 of 6 items to b.jsonl" in told.out
    assert json.loads((tmp_path / "p.json").read_text(encoding="utf-8"))["wins"] == 6
    assert "EVAL BASELINE TUNED" in curator("compare").sentence
