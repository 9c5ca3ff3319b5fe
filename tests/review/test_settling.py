"""Votes settle where they agree, and nowhere else; nothing is settled twice or over a person's word."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from round_material import DROP, FLAG, KEEP, SKIP, TEXTS, begin, make_project, outputs, settlements, vote, vote_all

from curator.model import CONSENSUS_REVIEWER, Decision, ItemKind, Kind, Verdict
from curator.review.adjudication.rulings import adjudicate, disputes
from curator.review.adjudication.settling import foresee, settle
from curator.store import Project
from curator.tasks import Task


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with make_project(tmp_path / "made.curator") as made:
        yield made


def test_votes_that_agree_become_decisions_and_one_undo_takes_them_back(project: Project) -> None:
    round = begin(project)
    vote_all(
        project, round, {1: (KEEP, KEEP), 2: ("refund", "refund"), 3: (DROP, DROP), 4: (KEEP, "cancel"), 5: (KEEP,)}
    )
    assert outputs(project)[2] == "cancel", "a vote alone changes nothing"
    done = settle(project, round)
    assert done.unanimous == (1, 2, 3)
    assert done.disputed == (4,)
    assert done.waiting == (5, 6)
    assert outputs(project)[2] == "refund"
    found = settlements(project)
    assert {id: (d.verdict, d.value) for id, d in found.items()} == {
        1: (Verdict.KEEP, None),
        2: (Verdict.RELABEL, "refund"),
        3: (Verdict.DROP, None),
    }
    cast = {v.id for v in project.rounds.votes(round.id) if v.example == 2}
    one = found[2]
    assert one.reviewer == CONSENSUS_REVIEWER
    assert one.round == round.id
    assert one.basis is not None
    assert set(one.basis.votes) == cast
    assert one.basis.method == "unanimous"
    assert 0 < (one.basis.confidence or 0) <= 1
    assert done.entry is not None
    project.undo(done.entry.id)
    assert outputs(project)[2] == "cancel"
    assert not settlements(project)


def test_a_keep_and_the_same_label_are_the_same_vote(project: Project) -> None:
    round = begin(project)
    vote_all(project, round, {1: (KEEP, "refund"), 2: ("edit: refund", "refund")})
    assert settle(project, round).unanimous == (1, 2)
    assert settlements(project)[1].verdict is Verdict.KEEP


def test_settling_again_writes_nothing(project: Project) -> None:
    round = begin(project)
    vote_all(project, round, {1: (KEEP, KEEP), 2: ("refund", "refund")})
    settle(project, round)
    before = project.mark()
    again = settle(project, round)
    assert again.entry is None
    assert again.before == (1, 2)
    assert not again.stale
    assert project.mark() == before


def test_a_vote_that_comes_late_and_differs_makes_the_item_disputed_again(project: Project) -> None:
    round = begin(project)
    vote_all(project, round, {1: ("cancel", "cancel")})
    settle(project, round)
    vote(project, round, "Bo", 1, "address")
    done = settle(project, round)
    assert done.stale == (1,)
    assert done.disputed == (1,)
    assert done.entry is None
    assert [d.reason for d in disputes(project, round)] == ["stale"]


def test_a_vote_that_comes_late_and_agrees_settles_anew(project: Project) -> None:
    round = begin(project)
    vote_all(project, round, {1: ("cancel", "cancel")})
    settle(project, round)
    vote(project, round, "Ann", 1, "address")
    vote(project, round, "Bo", 1, "address")
    done = settle(project, round)
    assert done.unanimous == (1,)
    assert done.stale == (1,)
    assert outputs(project)[1] == "address"
    vote(project, round, "Ann", 1, KEEP)
    vote(project, round, "Bo", 1, KEEP)
    settle(project, round)
    assert outputs(project)[1] == "refund", "a keep is of the label that the round shows"
    assert settle(project, round).entry is None


def test_an_undone_vote_takes_the_ground_from_a_settlement(project: Project) -> None:
    round = begin(project)
    vote(project, round, "Ann", 1, "cancel")
    entry = vote(project, round, "Bo", 1, "cancel")
    settle(project, round)
    project.undo(entry.id)
    done = settle(project, round)
    assert done.stale == (1,)
    assert 1 in done.waiting
    assert done.entry is None


@pytest.mark.parametrize(
    ("votes", "where"),
    [
        ((SKIP, SKIP), "disputed"),
        ((SKIP, KEEP), "disputed"),
        ((FLAG, KEEP), "disputed"),
        ((FLAG, FLAG), "disputed"),
        ((SKIP,), "waiting"),
        ((FLAG,), "waiting"),
        ((), "waiting"),
    ],
)
def test_skips_are_no_votes_and_flags_are_for_a_person(
    project: Project, votes: tuple[Verdict, ...], where: str
) -> None:
    round = begin(project, examples=(1,))
    vote_all(project, round, {1: votes})
    done = settle(project, round, asked=True)
    assert getattr(done, where) == (1,)
    assert done.entry is None


@pytest.mark.parametrize("votes", [(SKIP, SKIP), (FLAG, KEEP), (KEEP, FLAG), (FLAG, FLAG)])
def test_no_confidence_settles_a_flag_or_what_nobody_could_say(project: Project, votes: tuple[Verdict, ...]) -> None:
    round = begin(project, examples=(1,))
    vote_all(project, round, {1: votes})
    assert settle(project, round, at_least=0.0).disputed == (1,)


def test_two_of_three_who_agree_are_enough_where_the_third_cannot_say(project: Project) -> None:
    round = begin(project, ("Ann", "Bo", "Cy"), examples=(1,))
    vote_all(project, round, {1: ("cancel", SKIP, "cancel")})
    assert settle(project, round).unanimous == (1,)


def test_one_vote_settles_where_one_was_asked_for(project: Project) -> None:
    round = begin(project, ("Ann",))
    vote_all(project, round, {1: ("cancel",)})
    assert settle(project, round).unanimous == (1,)


def test_a_second_look_does_not_count_as_another_vote(project: Project) -> None:
    round = begin(project, ("Ann",), repeats=(1,))
    vote(project, round, "Ann", 1, "cancel")
    vote(project, round, "Ann", 1, "address", repeat=True)
    assert settle(project, round).unanimous == (1,)
    assert outputs(project)[1] == "cancel"


def test_a_round_that_does_not_settle_itself_waits_to_be_asked(project: Project) -> None:
    round = begin(project, settle=False)
    vote_all(project, round, {1: ("cancel", "cancel")})
    waiting = settle(project, round)
    assert waiting.agreed == (1,)
    assert waiting.entry is None
    assert outputs(project)[1] == "refund"
    assert foresee(project, round).unanimous == (1,)
    assert outputs(project)[1] == "refund"
    assert settle(project, round, asked=True).unanimous == (1,)


def test_the_journal_names_who_asked(project: Project) -> None:
    round = begin(project)
    vote_all(project, round, {1: ("cancel", "cancel")})
    done = settle(project, round, actor="Cy")
    assert done.entry is not None
    assert done.entry.actor == "Cy"
    assert done.entry.round == round.id


def test_texts_changed_since_are_put_aside(project: Project) -> None:
    round = begin(project)
    vote_all(project, round, {1: ("cancel", "cancel"), 2: (KEEP, KEEP)})
    project.decide([Decision("", 1, "", "Cy", Verdict.RELABEL, "address")])
    done = settle(project, round)
    assert done.changed == (1,)
    assert done.unanimous == (2,)
    assert outputs(project)[1] == "address"
    assert [(d.example, d.reason) for d in disputes(project, round)] == [(1, "changed")]


def test_a_drop_after_the_votes_is_not_undone_by_them(project: Project) -> None:
    round = begin(project)
    vote_all(project, round, {1: (KEEP, KEEP), 2: (DROP, DROP)})
    project.decide([Decision("", id, "", "Cy", DROP) for id in (1, 2)])
    done = settle(project, round)
    assert done.changed == (1,)
    assert done.unanimous == (2,)


def test_nothing_is_settled_over_an_adjudication(project: Project) -> None:
    round = begin(project)
    vote_all(project, round, {1: ("cancel", "address")})
    (dispute,) = disputes(project, round)
    adjudicate(project, dispute, Verdict.RELABEL, "cancel", reviewer="Cy")
    vote(project, round, "Ann", 1, "address")
    done = settle(project, round, at_least=0.0)
    assert done.entry is None
    assert done.stale == (1,)
    assert done.disputed == (1,)
    assert outputs(project)[1] == "cancel"


def test_an_adjudicator_who_later_decides_outright_is_not_overruled_either(project: Project) -> None:
    round = begin(project)
    vote_all(project, round, {1: ("cancel", "cancel"), 2: ("refund", "address")})
    adjudicate(project, 1, Verdict.KEEP, reviewer="Cy", round=round)
    adjudicate(project, 2, Verdict.KEEP, reviewer="Cy", round=round)
    project.decide([Decision("", id, "", "Cy", Verdict.RELABEL, "address") for id in (1, 2)])
    done = settle(project, round)
    assert done.entry is None
    assert done.before == (1, 2)
    assert not disputes(project, round)


def test_two_rounds_on_one_example_do_not_settle_in_turns(project: Project) -> None:
    first = begin(project)
    vote_all(project, first, {1: ("cancel", "cancel")})
    settle(project, first)
    second = begin(project)
    vote_all(project, second, {1: ("address", "address")})
    assert settle(project, second).unanimous == (1,)
    done = settle(project, first)
    assert done.entry is None
    assert done.elsewhere == (1,)
    assert settle(project, second).entry is None
    assert outputs(project)[1] == "address"


def test_items_of_which_the_answer_is_known_are_not_settled(project: Project) -> None:
    round = begin(project, kinds={1: ItemKind.GOLD})
    vote_all(project, round, {1: ("cancel", "cancel"), 2: (KEEP, KEEP)})
    done = settle(project, round)
    assert done.unanimous == (2,)
    assert 1 not in {d.example for d in disputes(project)}
    assert outputs(project)[1] == "refund"


def test_with_a_least_confidence_the_consensus_settles_too(tmp_path: Path) -> None:
    with make_project(tmp_path / "many.curator", ["refund", "cancel"] * 20) as project:
        round = begin(project, ("Ann", "Bo", "Cy"), examples=range(1, 41))
        sure = dict.fromkeys(range(1, 25), (KEEP, KEEP, KEEP))
        # All three err alike, so that none of them can be relied on: two against one are not sure.
        torn = {id: tuple(KEEP if at == id % 3 else "address" for at in range(3)) for id in range(25, 40)}
        vote_all(project, round, {**sure, **torn, 40: ("refund", "refund", KEEP)})
        assert 40 in settle(project, round, asked=True).disputed
        assert settle(project, round, at_least=0.999).by_consensus == ()
        done = settle(project, round, at_least=0.5)
        assert 40 in done.by_consensus
        assert outputs(project)[40] == "refund"
        one = settlements(project)[40]
        assert one.basis is not None
        assert one.basis.method != "unanimous"
        assert (one.basis.confidence or 0) >= 0.5
        assert settle(project, round, at_least=0.5).entry is None


def test_edits_settle_only_where_they_are_the_same(tmp_path: Path) -> None:
    with make_project(tmp_path / "texts.curator", TEXTS, Task.STYLE) as project:
        round = begin(project, labels=())
        vote_all(project, round, {1: ("edit: Done.",) * 2, 2: ("edit: Done.", "edit: Yes."), 3: (KEEP, "edit: No.")})
        done = settle(project, round, at_least=0.0)
        assert done.unanimous == (1,)
        assert outputs(project)[1] == "Done."
        assert 2 in done.disputed
        assert outputs(project)[2] == TEXTS[1]


def test_what_an_undone_import_brought_is_left_out(project: Project) -> None:
    round = begin(project)
    vote_all(project, round, {1: (KEEP, KEEP)})
    imported = next(entry for entry in project.log() if entry.action == "import")
    project.undo(imported.id)
    done = settle(project, round)
    assert done.entry is None
    assert done.unanimous == ()
    assert done.waiting == ()


def test_a_decision_that_settles_is_of_its_own_kind(project: Project) -> None:
    round = begin(project)
    vote_all(project, round, {1: (KEEP, KEEP)})
    settle(project, round)
    assert [d.kind for d in project.decisions(1)] == [Kind.CONSENSUS]
