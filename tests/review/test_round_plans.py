"""Rounds: what is planned before they begin, what is told of it, and what happens in them until they are closed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.errors import InputError
from curator.model import (
    CONSENSUS_REVIEWER,
    Basis,
    Decision,
    Example,
    Finding,
    ItemKind,
    Kind,
    Message,
    Ref,
    Role,
    Round,
    Severity,
    Suggestion,
    Verdict,
    from_json,
)
from curator.progress import Silent
from curator.review.rounds import planning as rounds
from curator.review.rounds.planning import Asked, Planned, Scope
from curator.review.rounds.sampling import margin, size_for
from curator.store import Project
from curator.tasks import Task

LABELS = ("refund", "restock", "warranty")
THREE = ("Ann", "Bo", "Cy")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """120 candidates with three labels in turn, owned by Olga."""
    with Project.create(tmp_path / "p.curator", task=Task.CLASSIFICATION, actor="Olga") as made:
        fill(made, 120)
        yield made


def fill(project: Project, number: int) -> None:
    records = (
        Example(
            Ref("a.csv", at, at + 2),
            (Message("user", f"question {at} about the order"), Message("assistant", LABELS[at % 3])),
        )
        for at in range(number)
    )
    project.import_source("a.csv", "0" * 64, "csv", Role.CANDIDATE, {}, records, Silent())


def decide(project: Project, example: int, by: str, verdict: Verdict = Verdict.KEEP, value: str | None = None) -> None:
    project.decide([Decision("", example, "", by, verdict, value)])


def vote(
    project: Project,
    round: Round,
    example: int,
    by: str,
    verdict: Verdict = Verdict.KEEP,
    value: str | None = None,
    repeat: bool = False,
    at: str = "",
) -> None:
    said = Decision("", example, "", by, verdict, value, at=at, kind=Kind.VOTE, round=round.id, repeat=repeat)
    project.decide([said])


def kinds(planned: Planned) -> Counter[ItemKind]:
    return Counter(item.kind for item in planned.items)


def said(planned: Planned) -> set[str]:
    return {note.name for note in planned.notes}


# Samples


@pytest.mark.parametrize(
    ("population", "wanted", "size"), [(10**9, 0.05, 385), (1_000, 0.05, 278), (500, 0.05, 218), (300, 0.1, 73)]
)
def test_the_size_of_a_sample_is_that_of_the_tables(population: int, wanted: float, size: int) -> None:
    assert size_for(wanted, population) == size


@settings(derandomize=True, max_examples=80, deadline=None)
@given(population=st.integers(2, 200_000), wanted=st.floats(0.005, 0.45))
def test_a_sample_of_that_size_is_just_large_enough(population: int, wanted: float) -> None:
    size = size_for(wanted, population)
    assert margin(size, population) <= wanted + 1e-9
    assert size == 1 or margin(size - 1, population) > wanted - 1e-9


def test_a_margin_of_error_chooses_the_size_and_is_told(project: Project) -> None:
    planned = rounds.plan(project, Asked(THREE, Scope.SAMPLE, margin=0.1))
    assert planned.count == size_for(0.1, 120) == 54
    assert planned.margin is not None
    assert 0.09 < planned.margin <= 0.1
    assert "margin" in said(planned)
    assert planned.round.scope == "A random sample of 54 of 120 candidates"


def test_a_larger_sample_has_the_smaller_one_in_it(project: Project) -> None:
    small, large = (rounds.plan(project, Asked(THREE, Scope.SAMPLE, size=size)) for size in (20, 40))
    assert {item.example for item in small.items} < {item.example for item in large.items}


def test_what_was_dropped_is_not_sampled(project: Project) -> None:
    for id in range(1, 101):
        decide(project, id, "Olga", Verdict.DROP)
    planned = rounds.plan(project, Asked(THREE, Scope.SAMPLE, size=400))
    assert planned.count == planned.population == 20
    assert planned.margin == 0
    assert {"whole", "smaller"} <= said(planned)


# Other choices


def check_run(project: Project) -> None:
    found = [
        Finding("label_error", Severity.WARNING, 0.9, (7,), "looks wrong", {}, Suggestion(Verdict.DROP, (7,)), "f1"),
        Finding("conflict", Severity.ERROR, 0.6, (9, 8), "these disagree", {}, None, "f2"),
        Finding("outlier", Severity.INFO, 0.9, (5,), "is far from all", {}, None, "f3"),
    ]
    run = project.begin_run("check", {})
    for name in ("label_error", "conflict", "outlier"):
        project.save_findings(run, name, [one for one in found if one.check == name])
    project.finish_run(run, {})


def test_findings_that_nobody_decided_are_reviewed_the_gravest_first(project: Project) -> None:
    check_run(project)
    planned = rounds.plan(project, Asked(THREE, Scope.FINDINGS, hints=True))
    assert [item.example for item in planned.items] == [8, 9, 7]
    assert [item.hint for item in planned.items] == ["these disagree", "these disagree", "looks wrong"]
    decide(project, 9, "Olga")
    only = rounds.plan(project, Asked(THREE, Scope.FINDINGS, ("conflict",)))
    assert [item.example for item in only.items] == [8]
    notes = rounds.plan(project, Asked(THREE, Scope.FINDINGS, ("outlier",)))
    assert [item.example for item in notes.items] == [5], "notes are reviewed where they are named"
    assert only.items[0].hint == ""


def test_where_outputs_are_hidden_no_hint_names_them(project: Project) -> None:
    check_run(project)
    planned = rounds.plan(project, Asked(THREE, Scope.FINDINGS, hints=True, hide_output=True))
    assert {item.hint for item in planned.items} == {""}
    assert not planned.round.hints
    assert "hints_hidden" in said(planned)


def test_the_consensus_is_no_reviewer(project: Project) -> None:
    with pytest.raises(InputError, match="no reviewer; name another"):
        rounds.plan(project, Asked(("Ann", CONSENSUS_REVIEWER)))
    round = rounds.begin(project, rounds.plan(project, Asked(THREE)))
    with pytest.raises(InputError, match="name of whoever joins"):
        rounds.join(project, round, CONSENSUS_REVIEWER)


def test_a_finding_that_was_dismissed_is_not_reviewed(project: Project) -> None:
    check_run(project)
    decide(project, 7, "Olga", Verdict.KEEP, "f1")
    assert 7 not in {item.example for item in rounds.plan(project, Asked(THREE, Scope.FINDINGS)).items}


def test_chosen_examples_are_reviewed_in_the_order_in_which_they_are_named(project: Project) -> None:
    planned = rounds.plan(project, Asked(THREE, Scope.IDS, ids=(9, 3, 9, 999), said="What looked odd"))
    assert [item.example for item in planned.items] == [9, 3]
    assert planned.round.scope == "What looked odd"
    assert planned.margin is None


def test_only_a_share_may_be_seen_by_several(project: Project) -> None:
    planned = rounds.plan(project, Asked(THREE, Scope.ALL, overlap_share=0.25))
    by_item = Counter(slot.example for slot in planned.slots)
    assert Counter(by_item.values()) == {2: 30, 1: 90}
    assert planned.shared == 30
    assert {owed.looks for owed in planned.owed} == {50}
    assert "few_shared" in said(planned)


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        (Asked(()), "at least one reviewer"),
        (Asked(("Ann", "Ann ")), "twice"),
        (Asked(THREE, overlap=0), "overlap"),
        (Asked(THREE, overlap=3_000_000), "At most 100 reviewers"),
        (Asked(THREE, overlap_share=0), "share"),
        (Asked(THREE, gold=-1), "fewer than none"),
        (Asked(THREE, Scope.SAMPLE), "size"),
        (Asked(THREE, Scope.SAMPLE, size=0), "at least one"),
        (Asked(THREE, Scope.SAMPLE, margin=0.7), "between"),
        (Asked(THREE, Scope.FINDINGS), "not checked"),
        (Asked(THREE, Scope.IDS, ids=(9_999,)), "None of the examples"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(project: Project, asked: Asked, word: str) -> None:
    with pytest.raises(InputError, match=word):
        rounds.plan(project, asked)
    assert project.rounds.all() == []


def test_a_check_that_did_not_run_is_named_with_those_that_did(project: Project) -> None:
    check_run(project)
    with pytest.raises(InputError, match=r"'leak'.*conflict, label_error, outlier"):
        rounds.plan(project, Asked(THREE, Scope.FINDINGS, ("leak",)))


def test_without_examples_there_is_no_round(tmp_path: Path) -> None:
    with Project.create(tmp_path / "empty.curator") as empty, pytest.raises(InputError, match="import a file"):
        rounds.plan(empty, Asked(THREE))


# What is known


def test_gold_items_are_what_was_adjudicated_or_decided_by_somebody_else(project: Project) -> None:
    decide(project, 1, "Ann")
    decide(project, 2, "Olga", Verdict.RELABEL, "warranty")
    decide(project, 3, "Olga", Verdict.DROP)
    project.decide([Decision("", 4, "", "Olga", Verdict.KEEP, kind=Kind.ADJUDICATION)])
    planned = rounds.plan(project, Asked(THREE, Scope.ALL, gold=5))
    gold = {item.example: item for item in planned.items if item.kind is ItemKind.GOLD}
    assert set(gold) == {2, 4}, "what a reviewer of the round decided is no gold for them"
    assert gold[2].expected == "warranty"
    assert kinds(planned) == {ItemKind.GOLD: 2, ItemKind.ITEM: 117}
    assert len({item.example for item in planned.items}) == len(planned.items)
    assert {"gold", "no_gold"} <= said(planned)
    for known in gold:
        assert {slot.reviewer for slot in planned.slots if slot.example == known} == set(THREE)


def test_a_sample_keeps_its_size_when_gold_is_mixed_in(project: Project) -> None:
    for id in range(1, 61):
        decide(project, id, "Olga")
    planned = rounds.plan(project, Asked(THREE, Scope.SAMPLE, size=30, gold=4, attention=3))
    assert kinds(planned) == {ItemKind.ITEM: 30, ItemKind.GOLD: 4, ItemKind.ATTENTION: 3}
    places = [item.place for item in planned.items]
    assert places == list(range(37))
    at = [item.place for item in planned.items if item.kind is not ItemKind.ITEM]
    assert max(b - a for a, b in zip([0, *at], [*at, 37], strict=True)) < 12, "they are spread over the round"


def test_attention_items_show_another_label_of_the_set_and_know_the_right_one(project: Project) -> None:
    for id in range(1, 20):
        decide(project, id, "Olga")
    planned = rounds.plan(project, Asked(THREE, Scope.SAMPLE, size=10, attention=6))
    attention = [item for item in planned.items if item.kind is ItemKind.ATTENTION]
    assert len(attention) == 6
    for item in attention:
        assert item.content is not None
        shown = from_json(item.content, Ref("", 0, None))
        assert shown.output in LABELS
        assert item.expected == LABELS[(item.example - 1) % 3] != shown.output
    round = rounds.begin(project, planned)
    (example,) = project.rounds.examples(round.id, [attention[0].example])
    assert example.output != attention[0].expected


def test_where_outputs_are_hidden_attention_items_are_gold(project: Project) -> None:
    for id in range(1, 20):
        decide(project, id, "Olga")
    planned = rounds.plan(project, Asked(THREE, Scope.SAMPLE, size=10, gold=1, attention=2, hide_output=True))
    assert kinds(planned)[ItemKind.GOLD] == 3
    assert "attention_hidden" in said(planned)


def test_known_answers_may_come_from_a_table(project: Project, tmp_path: Path) -> None:
    table = tmp_path / "gold.csv"
    table.write_text("example,label\n5,refund\n6,restock\n")
    planned = rounds.plan(project, Asked(THREE, Scope.ALL, gold=2, gold_table=table))
    assert {i.example: i.expected for i in planned.items if i.expected} == {5: "refund", 6: "restock"}
    table.write_text("example,label\n5,refund\n6,nonsense\n")
    with pytest.raises(InputError, match=r"gold\.csv, line 3.*'nonsense' is none of the labels"):
        rounds.plan(project, Asked(THREE, Scope.ALL, gold=2, gold_table=table))
    for odd in ("5000", "5²"):
        table.write_text(f"example,label\n{odd},refund\n", encoding="utf-8")
        with pytest.raises(InputError, match=r"line 2.*no candidate"):
            rounds.plan(project, Asked(THREE, Scope.ALL, gold=2, gold_table=table))
    table.write_text("number,label\n5,refund\n")
    with pytest.raises(InputError, match="no column 'example'"):
        rounds.plan(project, Asked(THREE, Scope.ALL, gold=2, gold_table=table))


# What is told


def test_too_few_people_for_the_overlap_leave_looks_waiting_and_it_is_said(project: Project) -> None:
    planned = rounds.plan(project, Asked(("Ann", "Bo"), Scope.SAMPLE, size=30, overlap=3))
    assert sum(slot.reviewer is None for slot in planned.slots) == 30
    note = next(note for note in planned.notes if note.name == "few_people")
    assert note.warn
    assert "30 looks wait" in note.text


@pytest.mark.parametrize(
    ("names", "overlap", "note"), [(("Ann",), 2, "alone"), (THREE, 1, "apart"), (THREE, 2, "agreement")]
)
def test_whether_agreement_can_be_measured_is_said(
    project: Project, names: tuple[str, ...], overlap: int, note: str
) -> None:
    planned = rounds.plan(project, Asked(names, Scope.ALL, overlap=overlap))
    assert said(planned) & {"alone", "apart", "agreement", "few_shared"} == {note}


def test_every_note_reads_as_a_sentence(project: Project) -> None:
    asked = [
        Asked(("Ann",), Scope.SAMPLE, size=9, gold=3, attention=1, repeats=7, overlap=2, hide_output=True),
        Asked(THREE, Scope.SAMPLE, size=400, claimed=True, repeats=3),
        Asked(THREE, Scope.ALL, repeats=3, guideline="Money is refund."),
    ]
    notes = [note for one in asked for note in rounds.plan(project, one).notes]
    assert {"alone", "no_gold", "repeats_claimed", "claimed", "rare", "fewer_repeats"} <= {note.name for note in notes}
    for note in notes:
        assert note.text.endswith(".")
        assert "{" not in note.text


def test_minutes_go_by_words_until_a_reviewer_has_a_pace_of_their_own(project: Project) -> None:
    first = rounds.plan(project, Asked(("Ann", "Bo"), Scope.ALL))
    assert not first.owed[0].pace.measured
    assert first.owed[0].minutes == pytest.approx(120 * (4 + 6 / 230 * 60) / 60, rel=0.05)
    from curator.review.rounds import pace as round_pace

    entries = [
        ("Ann", 0), ("Ann", 10), ("Ann", 20), ("Ann", 31), ("Ann", 40), ("Ann", 50), ("Ann", 4_000), ("Ann", 4_010),
        ("Ann", 4_010), ("Ann", 4_020), ("Ann", 4_030), ("Bo", 5), ("Bo", 6),
    ]  # fmt: skip
    found = round_pace.paces_of(entries)
    assert found["Ann"].seconds == 10, "a break and what was decided at once are left out"
    assert "Bo" not in found


def test_a_guideline_has_as_many_versions_as_it_had_texts(project: Project) -> None:
    assert rounds.plan(project, Asked(THREE)).round.guideline_version == 0
    project.set_settings(guideline="First.")
    project.set_settings(guideline="Second.")
    assert rounds.plan(project, Asked(THREE)).round.guideline_version == 2
    assert rounds.plan(project, Asked(THREE, guideline="First.")).round.guideline_version == 1
    round = rounds.begin(project, rounds.plan(project, Asked(THREE, guideline="Third.")))
    assert (round.guideline, round.guideline_version) == ("Third.", 3)
    assert project.settings()["guideline"] == "Third."
    project.set_settings(guideline="Second.")
    assert rounds.plan(project, Asked(THREE)).round.guideline_version == 2, "an earlier text again is that version"


# In a round


def test_a_round_is_the_same_whoever_is_named_first(project: Project) -> None:
    one, other = (
        rounds.plan(project, Asked(names, Scope.SAMPLE, size=50, repeats=2)) for names in (THREE, THREE[::-1])
    )
    assert one.slots == other.slots
    assert one.items == other.items


def test_beginning_a_round_can_be_undone(project: Project) -> None:
    round = rounds.begin(project, rounds.plan(project, Asked(THREE, Scope.SAMPLE, size=30, name="audit")))
    assert project.rounds.get("audit") == round
    assert len(project.rounds.slots(round.id)) == 60
    project.undo()
    assert project.rounds.all() == []


def test_progress_tells_what_each_has_done_and_what_the_votes_come_to(project: Project) -> None:
    asked = Asked(("Ann", "Bo"), Scope.IDS, ids=(1, 2, 3, 4, 5))
    round = rounds.begin(project, rounds.plan(project, asked))
    before = rounds.progress(project, round)
    assert (before.done, before.looks, before.next.name) == (0, 10, "vote")
    for id in (1, 2, 3, 4):
        vote(project, round, id, "Ann")
    vote(project, round, 1, "Bo")
    vote(project, round, 2, "Bo", Verdict.RELABEL, "warranty")
    vote(project, round, 3, "Bo", Verdict.RELABEL, LABELS[2])
    vote(project, round, 4, "Bo", Verdict.SKIP)
    found = rounds.progress(project, round)
    ann, bo = found.reviewers
    assert (ann.done, ann.owed, ann.skipped, ann.left) == (4, 5, 0, 1)
    assert (bo.done, bo.skipped) == (4, 1)
    assert ann.last
    assert ann.minutes > 0
    assert (found.done, found.looks, found.complete) == (8, 10, 4)
    assert found.unanimous == 2, "a relabel to the label that is shown says the same as a keep"
    assert found.disputed == 2, "one differs, on one there is a single vote"
    assert found.changed == 0
    decide(project, 5, "Olga", Verdict.RELABEL, "refund")
    assert rounds.progress(project, round).changed == 1
    assert rounds.overall(project)[0].done == 8


def test_what_is_next_follows_from_how_far_the_round_is(project: Project) -> None:
    from curator.review.adjudication.settling import settle

    round = rounds.begin(project, rounds.plan(project, Asked(("Ann", "Bo"), Scope.IDS, ids=(1, 2))))
    for name in ("Ann", "Bo"):
        vote(project, round, 1, name)
        vote(project, round, 2, name, Verdict.RELABEL, "warranty" if name == "Ann" else "refund")
    assert (rounds.progress(project, round).next.name, rounds.progress(project, round).next.n) == ("adjudicate", 1)
    basis = Basis(tuple(vote.id for vote in project.rounds.votes(round.id, 2)))
    project.decide([Decision("", 2, "", "Olga", Verdict.KEEP, kind=Kind.ADJUDICATION, round=round.id, basis=basis)])
    assert rounds.progress(project, round).next.name == "settle"
    settle(project, round)
    found = rounds.progress(project, round)
    assert (found.next.name, found.settled) == ("close", 2)
    rounds.close(project, round)
    assert rounds.progress(project, round).next.name == "done"
    rounds.reopen(project, round)
    assert not project.rounds.get(round.id).closed


def test_known_items_and_repeats_tell_how_well_each_reviews(project: Project) -> None:
    for id in range(1, 20):
        decide(project, id, "Olga")
    asked = Asked(("Ann", "Bo"), Scope.SAMPLE, size=20, gold=2, attention=2, repeats=2)
    round = rounds.begin(project, rounds.plan(project, asked))
    items = {item.example: item for item in project.rounds.items(round.id)}
    for slot in project.rounds.slots(round.id):
        assert slot.reviewer is not None
        right = items[slot.example].expected
        if slot.reviewer == "Ann" and right is not None:
            vote(project, round, slot.example, "Ann", Verdict.RELABEL, right)
        elif slot.repeat and slot.reviewer == "Bo":
            vote(project, round, slot.example, "Bo", Verdict.DROP, repeat=True)
        else:
            vote(project, round, slot.example, slot.reviewer, repeat=slot.repeat)
    ann, bo = rounds.progress(project, round).reviewers
    assert [(t.right, t.seen) for t in (ann.gold, ann.attention, ann.repeats)] == [(2, 2), (2, 2), (2, 2)]
    assert [(t.right, t.seen) for t in (bo.gold, bo.attention, bo.repeats)] == [(2, 2), (0, 2), (0, 2)]


def test_who_leaves_keeps_their_votes_and_the_rest_goes_to_the_others(project: Project) -> None:
    round = rounds.begin(project, rounds.plan(project, Asked(THREE, Scope.SAMPLE, size=60, gold=0, repeats=3)))
    mine = [slot for slot in project.rounds.slots(round.id, "Ann") if not slot.repeat]
    for slot in mine[:10]:
        vote(project, round, slot.example, "Ann")
    moved = rounds.leave(project, round, "Ann")
    assert moved.finished == 10
    assert sum(moved.looks.values()) == 30
    assert moved.unassigned == 0
    found = rounds.progress(project, round)
    assert [(one.reviewer, one.there) for one in found.reviewers] == [("Bo", True), ("Cy", True), ("Ann", False)]
    assert sum(slot.reviewer == "Ann" for slot in project.rounds.slots(round.id)) == 10
    assert found.looks == 120 + 6
    again = rounds.leave(project, round, "Bo")
    assert again.unassigned > 0, "Cy has most of the items already"
    assert any("until somebody joins" in sentence for sentence in again.sentences)
    assert rounds.progress(project, round).unassigned == again.unassigned
    joined = rounds.join(project, round, "Dee")
    assert rounds.progress(project, round).unassigned == 0
    assert joined.taken >= again.unassigned
    with pytest.raises(InputError, match="already"):
        rounds.join(project, round, "Dee")
    with pytest.raises(InputError, match="not in round"):
        rounds.leave(project, round, "Zoe")
    rounds.close(project, round)
    with pytest.raises(InputError, match="closed"):
        rounds.join(project, round, "Eve")


def test_in_a_claimed_round_who_leaves_gives_back_what_they_held(project: Project) -> None:
    asked = Asked(("Ann", "Bo"), Scope.SAMPLE, size=20, claimed=True)
    round = rounds.begin(project, rounds.plan(project, asked))
    taken = project.rounds.claim(round.id, "Ann", 3)
    vote(project, round, taken[0].example, "Ann")
    moved = rounds.leave(project, round, "Ann")
    assert moved.finished == 1
    held = [slot for slot in project.rounds.slots(round.id) if slot.reviewer == "Ann"]
    assert [slot.example for slot in held] == [taken[0].example]
    rounds.join(project, round, "Cy")
    found = rounds.progress(project, round)
    assert [one.reviewer for one in found.reviewers] == ["Bo", "Cy", "Ann"]
    assert (found.done, found.looks, found.unassigned) == (1, 40, 0)
