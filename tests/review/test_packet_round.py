"""A round goes out in packets that tell no more than they must, and comes back whole, in any order, or not at all."""

from __future__ import annotations

import json
import shutil
import uuid
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
    key_in,
    members,
    opened,
    owner,
    rows,
    signed,
    standing,
    take_back,
)

from curator.errors import InputError
from curator.model import Decision, Kind, Role, RoundItem, Slot, Verdict, content_key
from curator.progress import Silent
from curator.review.packets.content import packet_id, read_packet
from curator.review.packets.exchange import changed_examples, merge_packet, packet_names, write_packet, write_packets
from curator.review.packets.file import HEAD, ITEMS, SLOTS, VOTES
from curator.review.packets.project import open_packet
from curator.store import Project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with owner(tmp_path) as made:
        yield made


def test_a_packet_holds_what_its_reviewer_is_to_see_and_nothing_else(project: Project, tmp_path: Path) -> None:
    round = begin(project)
    project.decide([Decision("", 5, "", "Bo", Verdict.KEEP, note="odd", kind=Kind.VOTE, round=round.id)])
    packet = write_packet(project, round, "Ann", tmp_path / "a.packet").path
    assert list(members(packet)) == [HEAD, ITEMS, "signature", SLOTS]
    everything = b"".join(members(packet).values()).decode()
    for secret in ("secret-client", "tickets.csv", "Bo", "odd", "T-1", "gold", "attention", "expected", "question me"):
        assert secret not in everything
    assert project.identity().secret.hex() not in everything
    read = read_packet(packet)
    assert (read.round.name, read.round.labels, read.round.guideline) == ("tickets", LABELS, "Be kind.")
    assert read.round.reviewers == ("Ann",)
    assert [item.content["messages"][1]["content"] for item in read.items] == list(TEXTS)
    assert [item.content["messages"][2]["content"] for item in read.items] == ["complaint"] * 2 + ["thanks"] + [
        "complaint"
    ] * 3
    assert [(slot.place, slot.repeat) for slot in read.slots] == [*((n, False) for n in range(6)), (6, True)]
    assert {item.hint for item in read.items} == {""}


def test_items_of_every_kind_look_the_same_in_a_packet(project: Project, tmp_path: Path) -> None:
    packet = write_packet(project, begin(project), "Ann", tmp_path / "a.packet").path
    assert len({tuple(sorted(row)) for row in rows(packet, ITEMS)}) == 1
    assert len({len(row["item"]) for row in rows(packet, ITEMS)}) == 1


def test_the_numbers_of_looks_do_not_tell_items_that_everybody_sees(project: Project, tmp_path: Path) -> None:
    others = ("Ann", "Bo", "Cy")
    round = begin(project, reviewers=others)
    # As a plan has it: the item of known answer has a look for each reviewer, the others have one of Cy's alone.
    moved = [replace(s, slot=0) for s in project.rounds.slots(round.id, "Cy") if s.example != 2 and not s.repeat]
    kept = [replace(s, slot=2, reviewer=None) for s in moved]
    project.rounds.assign(round.id, [*moved, *kept], others, "Shared out anew")
    packet = write_packet(project, round, "Cy", tmp_path / "cy.packet").path
    assert {(row["slot"], row["repeat"]) for row in rows(packet, SLOTS)} == {(0, False), (1, True)}


def test_hints_and_names_travel_only_where_the_round_shows_them(project: Project, tmp_path: Path) -> None:
    round = begin(project, hints=True, blind=False)
    read = read_packet(write_packet(project, round, "Ann", tmp_path / "a.packet").path)
    assert [item.hint for item in read.items if item.hint] == ["Two labels for one text."]
    assert read.round.reviewers == ("Ann", "Bo")


def test_a_hidden_output_does_not_travel(project: Project, tmp_path: Path) -> None:
    round = begin(project, hide_output=True, labels=("x", "y"))
    packet = write_packet(project, round, "Ann", tmp_path / "a.packet").path
    assert b"complaint" not in members(packet)[ITEMS]
    assert b"thanks" not in members(packet)[ITEMS]
    with opened(project, round, "Ann", tmp_path) as local:
        cast(local, 0, "x")
        merge_packet(project, answer(local))
    assert standing(project, round) == {(TEXTS[0], "Ann", False): ("relabel", "x")}


def test_packing_twice_gives_the_same_file(project: Project, tmp_path: Path) -> None:
    round = begin(project)
    first, second = (write_packet(project, round, "Ann", tmp_path / name).path for name in ("1.packet", "2.packet"))
    assert first.read_bytes() == second.read_bytes()


def test_each_reviewer_with_items_gets_a_file_of_their_name(project: Project, tmp_path: Path) -> None:
    round = begin(project, reviewers=("Ann", "Bo/../Cy", "bo cy", "李"))
    project.rounds.assign(round.id, [], [*round.reviewers, "Di"], "Di joined")
    written = write_packets(project, project.rounds.get(round.id), tmp_path / "out")
    names = ["round-1-ann.packet", "round-1-bo-cy.packet", "round-1-bo-cy--2.packet", "round-1-李.packet"]
    assert [one.path.name for one in written] == names
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == sorted(names)
    assert [one.looks for one in written] == [7] * 4


@pytest.mark.parametrize("reviewers", [("???", "!!!"), ("Ann", "ann", "ANN"), ("x" * 300, "x" * 301)])
def test_files_of_different_reviewers_never_have_one_name(project: Project, reviewers: tuple[str, ...]) -> None:
    names = packet_names(begin(project, reviewers=reviewers)).values()
    assert len(set(names)) == len(reviewers)
    assert all(len(name) < 100 and "/" not in name for name in names)


def test_a_name_in_wide_letters_makes_a_file_that_can_be_written(project: Project, tmp_path: Path) -> None:
    wide = "\U00020000" * 80
    round = begin(project, reviewers=(wide, wide + "a"))
    written = write_packets(project, round, tmp_path)
    with Project.open(open_packet(written[1].path)) as local:
        assert local.rounds.all()[0].reviewers == (wide + "a",)


def test_who_has_nothing_to_do_gets_no_packet(project: Project, tmp_path: Path) -> None:
    round = begin(project)
    project.rounds.assign(round.id, [], ("Ann", "Bo", "Cy"), "Cy joined")
    round = project.rounds.get(round.id)
    with pytest.raises(InputError, match=r"^Cy has no items in round 1 \(tickets\)"):
        write_packet(project, round, "Cy", tmp_path / "c.packet")
    with pytest.raises(InputError, match="Di is not in round 1"):
        write_packet(project, round, "Di", tmp_path / "c.packet")
    claimed = begin(project, claimed=True)
    with pytest.raises(InputError, match="reviewers take the next free item"):
        write_packet(project, claimed, "Ann", tmp_path / "c.packet")
    assert not (tmp_path / "c.packet").exists()


def test_votes_come_back_on_the_same_items_whatever_their_ids_there(project: Project, tmp_path: Path) -> None:
    round = begin(project)
    turned = [Slot(s.example, s.slot, s.reviewer, 9 - s.place, s.repeat) for s in project.rounds.slots(round.id)]
    project.rounds.assign(round.id, turned, round.reviewers, "Turned the lists around")
    with opened(project, round, "Ann", tmp_path) as local:
        assert [e.input for e in local.examples()][:2] == [TEXTS[0], TEXTS[5]]  # the repeat comes first now
        cast(local, 0, "question", repeat=True)
        cast(local, 1, "thanks")
        cast(local, 2, verdict=Verdict.SKIP)
        done = merge_packet(project, answer(local))
    assert standing(project, round) == {
        (TEXTS[0], "Ann", True): ("relabel", "question"),
        (TEXTS[5], "Ann", False): ("relabel", "thanks"),
        (TEXTS[4], "Ann", False): ("skip", None),
    }
    assert (done.new, done.known, done.left, done.changed, done.others) == (3, 0, 4, 0, 0)
    assert done.entry is not None
    assert done.entry.text == "Merged Ann's answer in round 1 (tickets), with 3 votes in it"
    assert done.sentences == ["3 new votes of Ann in round 1 (tickets)", "Ann has 4 looks left"]


def test_texts_of_any_characters_go_there_and_back(project: Project, tmp_path: Path) -> None:
    texts = ["half a pair \ud800", "a line\u2028inside\x85it\r\n", "nul \x00", "\ufeff\u202eevil", "=1+1", ""]
    odd = [replace(e, extra={"n": 10**30}) for e in examples("odd.jsonl", texts, label="\udfff 🙂")]
    project.import_source("odd.jsonl", "odd sha", "jsonl", Role.CANDIDATE, {}, odd, Silent())
    ids = project.ids()[-6:]
    items = [RoundItem(e.id, content_key(e), place) for place, e in enumerate(project.get_examples(ids))]
    slots = [Slot(item.example, 0, "Änn \ud800", item.place) for item in items]
    named = replace(begin(project), id="", reviewers=("Änn \ud800",), guideline="\udc00\x00")
    round = project.rounds.add(named, items, slots)
    with opened(project, round, "Änn \ud800", tmp_path) as local:
        assert [e.input for e in local.examples()] == texts
        for place, text in enumerate(texts):
            cast(local, place, text)
        merge_packet(project, answer(local))
    assert [(v.example, v.reviewer, v.value) for v in project.rounds.votes(round.id)] == [
        (id, "Änn \ud800", text) for id, text in zip(ids, texts, strict=True)
    ]


def test_a_vote_on_planted_content_names_the_text_of_the_round(project: Project, tmp_path: Path) -> None:
    round = begin(project)
    with opened(project, round, "Ann", tmp_path) as local:
        cast(local, 2)
        merge_packet(project, answer(local))
    (vote,) = project.rounds.votes(round.id)
    assert vote.seen == project.rounds.items(round.id)[2].key


def test_an_answer_merged_twice_or_in_part_counts_once(project: Project, tmp_path: Path) -> None:
    round = begin(project)
    with opened(project, round, "Ann", tmp_path) as local:
        cast(local, 0)
        part = answer(local, "part.packet")
        cast(local, 1, "question")
        cast(local, 0, "thanks")
        whole = answer(local, "whole.packet")
    expected = {(TEXTS[0], "Ann", False): ("relabel", "thanks"), (TEXTS[1], "Ann", False): ("relabel", "question")}
    merge_packet(project, whole)
    assert standing(project, round) == expected
    again = merge_packet(project, whole)
    assert (again.new, again.known, again.entry) == (0, 2, None)
    assert again.sentences[0] == "0 new votes of Ann in round 1 (tickets), 2 known already"
    late = merge_packet(project, part)
    assert (late.new, standing(project, round)) == (1, expected)


def test_a_vote_taken_back_is_taken_back_whichever_file_comes_first(project: Project, tmp_path: Path) -> None:
    round = begin(project)
    with opened(project, round, "Ann", tmp_path) as local:
        cast(local, 0)
        early = answer(local, "early.packet")
        take_back(local, 0)
        late = answer(local, "late.packet")
    done = merge_packet(project, late)
    assert (done.new, done.taken_back, done.known) == (0, 1, 0)
    assert done.sentences[0] == "0 new votes of Ann in round 1 (tickets), 1 taken back"
    merge_packet(project, early)
    assert standing(project, round) == {}


def test_an_undone_merge_comes_back_with_the_same_file(project: Project, tmp_path: Path) -> None:
    round = begin(project)
    with opened(project, round, "Ann", tmp_path) as local:
        cast(local, 0, "thanks")
        file = answer(local)
    done = merge_packet(project, file)
    assert done.entry is not None
    project.undo(done.entry.id)
    assert standing(project, round) == {}
    merge_packet(project, file)
    assert standing(project, round) == {(TEXTS[0], "Ann", False): ("relabel", "thanks")}


def test_votes_on_texts_that_changed_meanwhile_are_kept_and_told(project: Project, tmp_path: Path) -> None:
    round = begin(project)
    with opened(project, round, "Ann", tmp_path) as local:
        for place in range(4):
            cast(local, place)
        file = answer(local)
    edited = [{"role": "user", "content": "the lamp is on"}, {"role": "assistant", "content": "thanks"}]
    project.decide([Decision("", 1, "", "owner", Verdict.EDIT, json.dumps(edited))])
    project.decide([Decision("", 4, "", "owner", Verdict.RELABEL, "question")])
    done = merge_packet(project, file)
    assert (done.new, done.changed) == (4, 2)
    assert done.sentences[1] == ("2 of Ann's votes are on texts that have changed since; they wait for a second look")
    assert changed_examples(project, round) == {1, 4}
    assert len(project.rounds.votes(round.id)) == 4


def test_what_the_round_itself_settled_is_no_change_meanwhile(project: Project, tmp_path: Path) -> None:
    round = begin(project)
    with opened(project, round, "Ann", tmp_path) as local:
        cast(local, 0, "thanks")
        file = answer(local)
    settled = Decision("", 1, "", "owner", Verdict.RELABEL, "question", kind=Kind.ADJUDICATION, round=round.id)
    project.decide([settled])
    assert merge_packet(project, file).changed == 0
    project.decide([Decision("", 1, "", "owner", Verdict.RELABEL, "thanks")])
    assert merge_packet(project, file).changed == 1


def test_votes_on_an_import_that_was_undone_are_kept(project: Project, tmp_path: Path) -> None:
    round = begin(project)
    with opened(project, round, "Ann", tmp_path) as local:
        cast(local, 0, "thanks")
        file = answer(local)
    imported = next(entry for entry in project.log() if entry.action == "import")
    project.undo(imported.id)
    assert merge_packet(project, file).new == 1
    project.undo(project.log()[0].id if project.log()[0].action == "undo" else project.log()[1].id)
    assert standing(project, round) == {(TEXTS[0], "Ann", False): ("relabel", "thanks")}


def test_votes_on_items_that_were_given_to_others_count_and_are_told(project: Project, tmp_path: Path) -> None:
    round = begin(project)
    with opened(project, round, "Ann", tmp_path) as local:
        cast(local, 0)
        cast(local, 1)
        file = answer(local)
    theirs = [replace(s, reviewer="Bo") for s in project.rounds.slots(round.id, "Ann") if s.example == 1]
    project.rounds.assign(round.id, theirs, round.reviewers, "Bo took over from Ann")
    done = merge_packet(project, file)
    assert (done.new, done.others, done.left) == (2, 1, 4)
    assert "1 vote on items that were given to others since; they count as well" in done.sentences


def refused(project: Project, path: Path, sentence: str) -> None:
    before = project.log(None), project.rounds.votes()
    with pytest.raises(InputError, match=sentence) as error:
        merge_packet(project, path)
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)
    assert (project.log(None), project.rounds.votes()) == before


def test_an_answer_of_another_project_is_refused(project: Project, tmp_path: Path) -> None:
    begin(project)
    (tmp_path / "there").mkdir()
    with owner(tmp_path / "there") as other:
        with opened(other, begin(other), "Ann", tmp_path) as local:
            cast(local, 0)
            file = answer(local)
        refused(project, file, "belongs to another project")


def test_a_reviewer_cannot_answer_in_anothers_name(project: Project, tmp_path: Path) -> None:
    round = begin(project)
    with opened(project, round, "Ann", tmp_path) as local:
        cast(local, 0)
        file, key = answer(local), key_in(local)
    head = json.loads(members(file)[HEAD])
    kept = file.read_bytes()
    for changed in ({"reviewer": "Bo"}, {"reviewer": "Bo", "id": packet_id(head["project"], round.id, "Bo")}):
        file.write_bytes(kept)
        refused(project, signed(file, {HEAD: json.dumps(head | changed).encode()}, key), "damaged or changed")


def test_an_answer_cannot_name_an_item_of_another_reviewer(project: Project, tmp_path: Path) -> None:
    round = begin(project)
    with opened(project, round, "Ann", tmp_path) as local:
        cast(local, 0)
        file, key = answer(local), key_in(local)
    theirs = rows(write_packet(project, round, "Bo", tmp_path / "b.packet").path, ITEMS)[0]["item"]
    (vote,) = rows(file, VOTES)
    refused(project, signed(file, {VOTES: json.dumps(vote | {"item": theirs}).encode()}, key), "damaged or changed")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"seen": "0" * 32}, "damaged or changed"),
        ({"seen": ""}, "damaged or changed"),
        ({"item": "0" * 32}, "damaged or changed"),
        ({"verdict": "burn"}, "votes.jsonl, line 1 has no proper 'verdict'"),
        ({"id": "1; DROP TABLE"}, "no proper 'id'"),
        ({"at": "yesterday"}, "no proper 'at'"),
        ({"at": "2026-01-01T00:00:00"}, "no proper 'at'"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "."),
        ({"repeat": 1}, "no proper 'repeat'"),
        ({"note": None}, "no proper 'note'"),
        ({"value": ["x"]}, "no proper 'value'"),
        ({"verdict": "relabel", "value": None}, "."),
        ({"verdict": "edit", "value": '[{"role": 1}]'}, "no proper 'role'"),
        ({"verdict": "edit", "value": '[{"role": "user"}]'}, "no proper 'content'"),
        ({"verdict": "edit", "value": "[" * 100_000}, "no proper 'value'"),
    ],
)
def test_votes_that_no_curator_wrote_are_refused(
    project: Project, tmp_path: Path, changed: dict[str, object], sentence: str
) -> None:
    round = begin(project)
    with opened(project, round, "Ann", tmp_path) as local:
        cast(local, 0)
        file, key = answer(local), key_in(local)
    (vote,) = rows(file, VOTES)
    signed(file, {VOTES: json.dumps(vote | changed).encode()}, key)
    before = project.log(None)
    with pytest.raises(InputError, match=sentence):
        merge_packet(project, file)
    assert (project.log(None), project.rounds.votes()) == (before, [])


def test_the_packet_itself_is_not_merged_and_an_answer_not_opened(project: Project, tmp_path: Path) -> None:
    round = begin(project)
    with opened(project, round, "Ann", tmp_path) as local:
        cast(local, 0)
        file = answer(local)
    packet = write_packet(project, round, "Ann", tmp_path / "a.packet").path
    refused(project, packet, "holds no votes: it goes to Ann")
    refused(project, signed(packet, {}, read_packet(packet).key), "damaged or changed")  # without the owner's seal
    with pytest.raises(InputError, match="to be merged with `curator merge`"):
        read_packet(file)


def test_a_round_that_was_undone_or_closed_takes_no_answer_until_it_is_back(project: Project, tmp_path: Path) -> None:
    round = begin(project)
    with opened(project, round, "Ann", tmp_path) as local:
        cast(local, 0)
        file = answer(local)
    begun = next(entry for entry in project.log() if entry.action == "round")
    undo = project.undo(begun.id)
    refused(project, file, r"belongs to round 1 \(tickets\), which was undone")
    project.undo(undo.id)
    project.rounds.close(round.id)
    refused(project, file, "which is closed")
    project.rounds.reopen(round.id)
    assert merge_packet(project, file).new == 1


def test_a_copy_of_the_project_takes_the_same_answers(project: Project, tmp_path: Path) -> None:
    round = begin(project)
    with opened(project, round, "Ann", tmp_path) as local:
        cast(local, 0)
        file = answer(local)
    project.close()
    shutil.copy(project.address, tmp_path / "copy.curator")
    with Project.open(tmp_path / "copy.curator") as copy:
        assert merge_packet(copy, file).new == 1


def test_the_same_vote_has_one_id_here_and_there(project: Project, tmp_path: Path) -> None:
    round = begin(project)
    with opened(project, round, "Ann", tmp_path) as local:
        cast(local, 0)
        merge_packet(project, answer(local))
        assert [v.id for v in local.rounds.votes()] == [v.id for v in project.rounds.votes(round.id)]
        assert all(uuid.UUID(v.id) for v in local.rounds.votes())
        assert local.rounds.votes()[0].seen == content_key(local.get_examples([1])[0])
