"""The votes of rounds in a real project, and what they tell of reviewers."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from curator.errors import InputError
from curator.model import (
    Decision,
    Example,
    ItemKind,
    Kind,
    Message,
    Ref,
    Role,
    Round,
    RoundItem,
    Slot,
    Verdict,
    as_json,
    content_key,
)
from curator.progress import Silent
from curator.review.agreement.measures import measure_agreement
from curator.review.consensus.choosing import find_consensus
from curator.review.rounds.progress import progress
from curator.review.votes.of_rounds import (
    agreement_of,
    outputs_of,
    reviewer_checks,
    votes_of_project,
    votes_of_round,
)
from curator.store import Project

NAMES = ("Ann", "Bo", "Cy")


@pytest.fixture
def project(tmp_path):
    examples = [
        Example(Ref("data.csv", n, n + 2), (Message("user", f"question {n}"), Message("assistant", "ab"[n % 2])))
        for n in range(12)
    ]
    with Project.create(tmp_path / "team.curator") as opened:
        opened.import_source("data.csv", "0" * 64, "csv", Role.CANDIDATE, {}, examples, Silent())
        yield opened


def begin(project, kinds=None, labels=("a", "b"), ids=None) -> Round:
    """A round in which everybody sees everything; `kinds` of items by their place."""
    items = []
    for place, example in enumerate(project.get_examples(ids or project.ids())):
        kind = (kinds or {}).get(place, ItemKind.ITEM)
        item = RoundItem(example.id, content_key(example), place, kind)
        if kind is ItemKind.GOLD:
            item = replace(item, expected=example.output)
        if kind is ItemKind.ATTENTION:
            shown = example.with_output("b" if example.output == "a" else "a")
            item = replace(item, key=content_key(shown), expected=example.output, content=as_json(shown))
        items.append(item)
    slots = [Slot(item.example, at, name, item.place) for item in items for at, name in enumerate(NAMES)]
    slots += [Slot(items[0].example, 3, "Ann", 99, repeat=True)]
    task = "classification" if labels else "extraction"
    return project.rounds.add(Round("", 0, "first", task, labels, "", 0, NAMES, 3), items, slots)


def vote(project, round, example, reviewer, says=None, **more):
    """A keep, or a relabel where `says` is given; for "drop", "skip" and "flag" those."""
    verdict = {None: Verdict.KEEP, "drop": Verdict.DROP, "skip": Verdict.SKIP, "flag": Verdict.FLAG}.get(says)
    value = None if verdict is not None else says
    made = Decision("", example, "", reviewer, verdict or Verdict.RELABEL, value, kind=Kind.VOTE, round=round.id)
    project.decide([replace(made, **more)])


def rows(votes):
    return {
        (int(votes.items[item]), votes.reviewers[reviewer], votes.labels[label])
        for item, reviewer, label in zip(votes.item, votes.reviewer, votes.label, strict=True)
    }


def test_a_keep_votes_for_the_label_shown_and_skips_and_flags_are_no_votes(project):
    round = begin(project)
    one, two, three, *_ = project.ids()
    vote(project, round, one, "Ann")
    vote(project, round, one, "Bo", "b")
    vote(project, round, one, "Cy", "skip")
    vote(project, round, two, "Ann", "drop")
    vote(project, round, two, "Bo", "flag")
    vote(project, round, two, "Cy")
    vote(project, round, three, "Ann", "b")
    vote(project, round, three, "Ann", "a")
    votes = votes_of_round(project, round)
    expected = {(one, "Ann", "a"), (one, "Bo", "b"), (two, "Ann", "(drop)"), (two, "Cy", "b"), (three, "Ann", "a")}
    assert rows(votes) == expected
    assert rows(votes_of_round(project, 1)) == rows(votes_of_project(project)) == expected
    assert (votes.at > 1_600_000_000).all()


def test_attention_items_and_second_looks_tell_of_reviewers_alone(project):
    round = begin(project, {1: ItemKind.GOLD, 2: ItemKind.ATTENTION})
    one, gold, attention, *_ = project.ids()
    vote(project, round, one, "Ann", "b")
    vote(project, round, one, "Ann", "a", repeat=True)
    vote(project, round, gold, "Ann")
    vote(project, round, gold, "Bo", "a")
    vote(project, round, attention, "Ann")
    vote(project, round, attention, "Bo", "a")
    vote(project, round, attention, "Cy", "skip")
    assert rows(votes_of_round(project, round)) == {(one, "Ann", "b"), (gold, "Ann", "b"), (gold, "Bo", "a")}
    ann, bo = reviewer_checks(project, round)
    assert [(share.right, share.asked) for share in (ann.gold, ann.attention, ann.repeats)] == [(1, 1), (0, 1), (0, 1)]
    assert [(share.right, share.asked) for share in (bo.gold, bo.attention, bo.repeats)] == [(0, 1), (1, 1), (0, 0)]
    assert ann.gold.share.low < ann.gold.share.value == 1
    assert "no item a second time" in bo.repeats.share.why
    votes = votes_of_round(project, round)
    found = measure_agreement(votes, find_consensus(votes), checks=reviewer_checks(project, round))
    first, second = found.by_reviewer
    assert (first.gold.right, first.attention.right, first.repeats.asked) == (1, 0, 1)
    assert second.repeats is None


@pytest.mark.parametrize("labels", [("a", "b"), ()])
def test_who_drops_or_flags_what_is_planted_has_noticed_it_wherever_that_is_told(project, labels):
    round = begin(project, {2: ItemKind.ATTENTION}, labels)
    planted = project.ids()[2]
    for name, said in zip(NAMES, ("drop", "flag", None), strict=True):
        vote(project, round, planted, name, said)
    told = {one.reviewer: (one.attention.right, one.attention.asked) for one in reviewer_checks(project, round)}
    assert told == {"Ann": (1, 1), "Bo": (1, 1), "Cy": (0, 1)}
    shown = progress(project, round).reviewers
    assert {one.reviewer: (one.attention.right, one.attention.seen) for one in shown} == told


def test_the_newest_round_counts_for_an_item_in_two(project):
    ids = project.ids()
    first, second = begin(project), begin(project, ids=ids[:2])
    for example in ids[:3]:
        vote(project, first, example, "Ann", "a")
        vote(project, first, example, "Bo", "a")
    vote(project, second, ids[0], "Cy", "b")
    votes = votes_of_project(project)
    assert rows(votes) == {(ids[0], "Cy", "b")} | {(id, name, "a") for id in ids[1:3] for name in ("Ann", "Bo")}
    assert "2 rounds" in votes.notes[0]


def test_without_rounds_the_decisions_are_the_votes(project):
    one, *_ = list(project.examples())
    project.decide([Decision("", one.id, content_key(one), "Ann", Verdict.KEEP)])
    votes = votes_of_project(project)
    assert rows(votes) == {(one.id, "Ann", "a")}
    assert votes.at[0] > 1_600_000_000


def test_a_round_of_texts_gives_verdicts_and_the_outputs_that_votes_leave(project):
    round = begin(project, labels=())
    one, two, *_ = project.get_examples(project.ids())
    edited = json.dumps(as_json(one.with_output("longer"))["messages"])
    vote(project, round, one.id, "Ann")
    vote(project, round, one.id, "Bo", verdict=Verdict.EDIT, value=edited)
    vote(project, round, two.id, "Ann", "drop")
    vote(project, round, two.id, "Bo")
    assert rows(votes_of_round(project, round)) == {
        (one.id, "Ann", "(keep)"),
        (one.id, "Bo", "(change)"),
        (two.id, "Ann", "(drop)"),
        (two.id, "Bo", "(keep)"),
    }
    left = [(int(output.item), output.reviewer, output.text) for output in outputs_of(project, round)]
    assert left == [(one.id, "Ann", "a"), (one.id, "Bo", "longer"), (two.id, "Bo", "b")]


def test_alpha_of_a_round_is_there_for_a_gate_or_says_why_not(project):
    round = begin(project)
    with pytest.raises(InputError, match="Nobody has voted in round 1 yet"):
        votes_of_round(project, round)
    nothing = agreement_of(project, round)
    assert nothing.krippendorff_alpha.value is None
    assert "Nobody has voted" in nothing.krippendorff_alpha.why
    for at, example in enumerate(project.ids()):
        vote(project, round, example, "Ann")
        vote(project, round, example, "Bo", "a" if at == 0 else None)
    found = agreement_of(project, round.id)
    votes = votes_of_round(project, round)
    assert found.krippendorff_alpha.value == measure_agreement(votes, find_consensus(votes)).krippendorff_alpha.value
    assert (found.reviewers, found.items, found.votes) == (2, 12, 24)
    assert found.krippendorff_alpha.low is None
