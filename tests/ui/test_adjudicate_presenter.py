"""What the page Adjudicate shows and does, without the window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from round_material import DROP, KEEP, TEXTS, begin, make_project, vote, vote_all

from curator.model import Cause, Decision, Verdict
from curator.review.adjudication.rulings import adjudicate, gaps
from curator.store import Project
from curator.tasks import Task
from ui.presenters import adjudicate as showing
from ui.presenters.adjudicate import Deck, Wanted
from ui.presenters.adjudicate_gaps import with_gaps
from ui.presenters.adjudicate_votes import card, difference

WORDS = st.lists(st.sampled_from(["the", "order", "is", "late", ".", ",", "\n", "früh", "<b>"]), max_size=14)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with make_project(tmp_path / "made.curator") as made:
        yield made


@settings(derandomize=True, max_examples=60, deadline=None)
@given(WORDS, WORDS)
def test_what_stays_and_goes_is_the_old_text_and_what_stays_and_comes_the_new(old: list[str], new: list[str]) -> None:
    before, after = " ".join(old), " ".join(new)
    pieces = difference(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind != "added") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "removed") == after


def test_a_long_text_is_cut_where_nothing_differs() -> None:
    same = "word " * 300
    pieces = difference(f"{same}old end", f"{same}new end")
    assert sum(len(piece.text) for piece in pieces) < 400
    assert [piece.text for piece in pieces if piece.kind] == ["old", "new"]


def test_a_very_long_text_is_compared_quickly() -> None:
    before = "\n".join(f"line {at} of many words that are all alike" for at in range(3_000))
    pieces = difference(before, before.replace("line 1500", "line one"))
    assert any(piece.kind == "added" and "line one" in piece.text for piece in pieces)


def test_the_queue_keeps_its_order_and_its_place_when_it_is_read_again(project: Project) -> None:
    round = begin(project)
    vote_all(project, round, {1: (KEEP, "cancel"), 2: ("refund", KEEP), 3: (KEEP, "cancel")})
    deck = Deck(showing.begin(project, Wanted()))
    order = [deck.current.example if deck.current else 0]
    while deck.move(1):
        order.append(deck.current.example if deck.current else 0)
    deck.move(-1)
    here = deck.current
    assert here is not None
    vote_all(project, round, {4: (KEEP, "refund"), order[0]: (KEEP, KEEP)})
    deck.renew(showing.begin(project, Wanted()))
    assert deck.current is not None
    assert deck.current.example == here.example
    assert len(deck) == 3, "one came, one went"


def test_a_dispute_that_is_settled_elsewhere_gives_way_to_the_next(project: Project) -> None:
    round = begin(project)
    vote_all(project, round, {1: (KEEP, "cancel"), 2: ("refund", KEEP)})
    deck = Deck(showing.begin(project, Wanted()))
    assert deck.current is not None
    first = deck.current.example
    adjudicate(project, first, DROP, reviewer="Di", round=round)
    deck.renew(showing.begin(project, Wanted()))
    assert deck.current is not None
    assert deck.current.example != first
    adjudicate(project, deck.current.example, DROP, reviewer="Di", round=round)
    deck.renew(showing.begin(project, Wanted()))
    assert deck.current is None


def test_only_what_is_asked_for_is_queued_and_all_is_counted(project: Project) -> None:
    first = begin(project, examples=(1, 2))
    second = begin(project, examples=(3, 4))
    vote_all(project, first, {1: (KEEP, "cancel"), 2: (KEEP, KEEP)})
    vote_all(project, second, {3: (KEEP, "cancel"), 4: (KEEP, KEEP)})
    begun = showing.begin(project, Wanted(second.id))
    assert [one.example for one in begun.disputes] == [3]
    assert begun.counts == {first.id: 1, second.id: 1}
    assert [text for text, _ in showing.queues(begun)] == ["All disagreements (2)", "Round 1 (1)", "Round 2 (1)"]
    asked = showing.begin(project, Wanted(ids=(2, 3, 6)))
    assert {one.example for one in asked.disputes} == {2, 3}, "nobody voted on 6"


def test_the_choices_are_what_was_voted_for_and_then_the_other_labels(project: Project) -> None:
    round = begin(project, ("Ann", "Bo", "Cy"))
    vote_all(project, round, {1: ("cancel", "cancel", DROP)})
    (dispute,) = showing.begin(project, Wanted()).disputes
    offered = showing.choices(dispute, (), {name: name for name in round.reviewers})
    assert [(one.name, one.votes, one.now) for one in offered] == [
        ("cancel", 2, False),
        ("Drop it", 1, False),
        ("refund", 0, True),
        ("address", 0, False),
    ]
    assert (offered[1].verdict, offered[2].verdict, offered[3].value) == (Verdict.DROP, Verdict.KEEP, "address")
    assert showing.proposed(dispute, offered) == offered[0]


def test_edits_are_called_by_who_made_them_or_their_letters(tmp_path: Path) -> None:
    with make_project(tmp_path / "texts.curator", TEXTS, Task.STYLE) as project:
        round = begin(project, ("Ann", "Bo", "Cy"), labels=())
        vote_all(project, round, {1: ("edit: Done.", "edit: Done.", "edit: Yes.")})
        (dispute,) = showing.begin(project, Wanted()).disputes
        offered = showing.choices(dispute, (), card(dispute, hide_names=False).called)
        assert [one.name for one in offered] == ["Edit by Ann, Bo", "Edit by Cy"]
        hidden = card(dispute, hide_names=True)
        assert [view.who for view in hidden.votes] == ["Reviewer A", "Reviewer B", "Reviewer C"]
        assert all("Reviewer" in one.name for one in showing.choices(dispute, (), hidden.called))


def test_the_guideline_gets_each_case_once(project: Project) -> None:
    round = begin(project)
    vote_all(project, round, {1: (KEEP, "cancel"), 2: (KEEP, "refund")})
    adjudicate(project, 1, KEEP, reviewer="Di", cause=Cause.GUIDELINE, note="why", round=round)
    text = with_gaps("# Ours", gaps(project))
    assert text is not None
    assert text.startswith("# Ours\n\n### cancel or refund\n")
    assert with_gaps(text, gaps(project)) is None
    adjudicate(project, 2, KEEP, reviewer="Di", cause=Cause.GUIDELINE, round=round)
    more = with_gaps(text, gaps(project))
    assert more is not None
    assert more.count("question 0") == 1
    assert more.count("question 1") == 1


def test_undo_and_redo_name_the_examples_that_they_touch(project: Project) -> None:
    round = begin(project)
    vote_all(project, round, {1: (KEEP, "cancel")})
    adjudicate(project, 1, DROP, reviewer="Di", round=round)
    project.decide([Decision("", 5, "", "Ann", KEEP)])
    undone = showing.take_back(project, "Di")
    assert undone is not None
    assert undone.examples == (1,)
    assert showing.do_again(project, "Di").examples == (1,)
    assert showing.take_back(project, "Bo") is None


def test_a_vote_that_comes_while_one_decides_keeps_what_was_decided(project: Project) -> None:
    round = begin(project)
    vote_all(project, round, {1: (KEEP, "cancel"), 2: (KEEP, "refund")})
    deck = Deck(showing.begin(project, Wanted()))
    assert deck.current is not None
    done = deck.current
    adjudicate(project, done, DROP, reviewer="Di")
    deck.settle(done.name)
    deck.advance()
    vote(project, round, "Bo", done.example, "address")
    deck.renew(showing.begin(project, Wanted()))
    assert not deck.is_decided(done.name), "it is disputed again"
    assert len(deck) == 2


def test_chosen_examples_are_done_once_they_are_decided(project: Project) -> None:
    round = begin(project)
    vote_all(project, round, {1: (KEEP, "cancel"), 2: (KEEP, "refund")})
    deck = Deck(showing.begin(project, Wanted(ids=(1, 2))))
    while deck.current is not None:
        adjudicate(project, deck.current, DROP, reviewer="Di")
        deck.settle(deck.current.name)
        deck.advance()
    deck.renew(showing.begin(project, Wanted(ids=(1, 2))))
    assert deck.current is None
    assert (deck.decided, len(deck)) == (2, 2)


def test_an_empty_label_is_seen_and_not_offered(project: Project) -> None:
    round = begin(project)
    vote_all(project, round, {1: (KEEP, "")})
    (dispute,) = showing.begin(project, Wanted()).disputes
    offered = showing.choices(dispute, (), {name: name for name in round.reviewers})
    assert [one.name for one in offered] == ["refund", "cancel", "address"]
    assert "(empty)" in [view.said for view in card(dispute, hide_names=False).votes]
