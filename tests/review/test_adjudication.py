"""Disputes, in the order of what a look at them teaches; what is adjudicated, and the gaps of the guideline that it shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from round_material import DROP, FLAG, KEEP, SKIP, TEXTS, begin, make_project, outputs, vote, vote_all

from curator.errors import InputError
from curator.model import Cause, Decision, Kind, Verdict
from curator.review.adjudication.rulings import (
    Reason,
    adjudicate,
    answers_by_label,
    disputes,
    gaps,
    gaps_markdown,
    letters,
    settle,
    suggested,
    take,
)
from curator.splits import resolve
from curator.store import Project
from curator.tasks import Task


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with make_project(tmp_path / "made.curator") as made:
        yield made


def decide(project: Project, reviewer: str, example: int, verdict: Verdict, value: str | None = None) -> None:
    project.decide([Decision("", example, "", reviewer, verdict, value)])


def test_what_agrees_is_no_dispute_and_what_differs_says_how(project: Project) -> None:
    round = begin(project, ("Ann", "Bo", "Cy"))
    vote_all(
        project,
        round,
        {
            1: (KEEP, "cancel", "cancel"),
            2: (KEEP, KEEP, KEEP),
            3: (FLAG, KEEP, KEEP),
            4: (SKIP, SKIP, SKIP),
            5: (KEEP,),
            6: ("cancel", KEEP),
        },
    )
    found = {one.example: one for one in disputes(project, round)}
    assert {id: one.reason for id, one in found.items()} == {
        1: Reason.DIFFER,
        3: Reason.FLAGGED,
        4: Reason.SKIPPED,
        6: Reason.DIFFER,
    }
    one = found[1]
    assert one.shares == {"cancel": pytest.approx(2 / 3), "refund": pytest.approx(1 / 3)}
    assert one.label == "cancel"
    assert one.confidence is not None
    assert one.pair == ("cancel", "refund")
    assert [vote.reviewer for vote in one.votes] == ["Ann", "Bo", "Cy"]
    assert not found[6].complete, "two votes that differ need no third to be a dispute"


def test_the_commonest_confusion_comes_first_and_of_equals_the_lower_number(project: Project) -> None:
    round = begin(project)
    vote_all(
        project,
        round,
        {1: ("refund", "cancel"), 2: ("refund", "address"), 3: ("cancel", "refund"), 4: ("address", "refund"),
         5: ("refund", "cancel")},
    )  # fmt: skip
    found = disputes(project, round)
    assert [one.example for one in found] == [1, 3, 5, 2, 4]
    assert found[0].worth > found[3].worth > 0


def test_of_one_confusion_the_less_sure_comes_first(project: Project) -> None:
    round = begin(project, ("Ann", "Bo", "Cy", "Di"))
    three, two = ("refund", "refund", "refund", "cancel"), ("refund", "refund", "cancel", "cancel")
    vote_all(project, round, {1: three, 2: two, 3: three, 4: two})
    assert [one.example for one in disputes(project, round)] == [2, 4, 1, 3]


def test_an_adjudication_is_a_decision_that_names_its_votes_and_can_be_undone(project: Project) -> None:
    round = begin(project)
    vote_all(project, round, {1: (KEEP, "cancel")})
    (dispute,) = disputes(project)
    entry = adjudicate(
        project, dispute, Verdict.RELABEL, "address", reviewer="Cy", cause=Cause.AMBIGUOUS, note=" both may be meant "
    )
    (made,) = project.decisions(1)
    assert made.kind is Kind.ADJUDICATION
    assert (made.round, made.reviewer, made.cause, made.note) == (round.id, "Cy", Cause.AMBIGUOUS, "both may be meant")
    assert made.basis is not None
    assert set(made.basis.votes) == {vote.id for vote in project.rounds.votes(round.id)}
    assert outputs(project)[1] == "address"
    assert not disputes(project)
    project.undo(entry.id)
    assert outputs(project)[1] == "refund"
    assert [one.example for one in disputes(project)] == [1]


def test_taking_a_vote_does_what_it_says(project: Project) -> None:
    round = begin(project)
    vote_all(project, round, {1: (KEEP, "cancel"), 2: (DROP, "refund"), 3: (KEEP, "edit: address")})
    found = {one.example: one for one in disputes(project)}
    for example, label, verdict in ((1, "refund", "keep"), (2, "(drop)", "drop"), (3, "address", "relabel")):
        (answer,) = answers_by_label(found[example])[label]
        chosen, value = take(found[example], answer)
        assert chosen == verdict
        adjudicate(project, found[example], chosen, value, reviewer="Cy")
    assert outputs(project)[3] == "address"
    assert not disputes(project)


def test_a_label_that_the_example_has_already_is_kept(project: Project) -> None:
    round = begin(project)
    vote_all(project, round, {1: (KEEP, "cancel")})
    adjudicate(project, 1, Verdict.RELABEL, "refund", reviewer="Cy", round=round)
    assert next(project.decisions(1)).verdict is Verdict.KEEP


@pytest.mark.parametrize(
    ("verdict", "value", "reviewer", "said"),
    [
        (Verdict.SKIP, None, "Cy", "decides nothing"),
        (Verdict.FLAG, None, "Cy", "decides nothing"),
        (Verdict.RELABEL, "refnud", "Cy", "'refnud' is no label of round 1; its labels are refund, cancel, address"),
        (Verdict.RELABEL, " ", "Cy", "needs a label"),
        (Verdict.KEEP, None, "(consensus)", "needs the name of a person"),
        (Verdict.KEEP, None, "", "needs the name of a person"),
    ],
)
def test_what_decides_nothing_is_refused(
    project: Project, verdict: Verdict, value: str | None, reviewer: str, said: str
) -> None:
    round = begin(project)
    vote_all(project, round, {1: (KEEP, "cancel")})
    with pytest.raises(InputError, match=said.replace("(", r"\(")):
        adjudicate(project, 1, verdict, value, reviewer=reviewer, round=round)
    assert not list(project.decisions(1))


def test_a_late_vote_that_says_otherwise_brings_the_dispute_back(project: Project) -> None:
    round = begin(project, ("Ann", "Bo", "Cy"))
    vote_all(project, round, {1: (KEEP, "cancel")})
    adjudicate(project, disputes(project)[0], Verdict.RELABEL, "cancel", reviewer="Di")
    vote(project, round, "Cy", 1, "cancel")
    assert not disputes(project), "the same as was adjudicated"
    vote(project, round, "Cy", 1, "address")
    (dispute,) = disputes(project)
    assert dispute.reason is Reason.STALE
    assert dispute.settled is not None
    adjudicate(project, dispute, Verdict.KEEP, reviewer="Di")
    assert not disputes(project)
    assert outputs(project)[1] == "cancel"


def test_a_dropped_item_comes_back_only_for_votes_that_would_keep_it(project: Project) -> None:
    round = begin(project, ("Ann", "Bo", "Cy"))
    vote_all(project, round, {1: (KEEP, DROP)})
    adjudicate(project, disputes(project)[0], DROP, reviewer="Di")
    vote(project, round, "Cy", 1, DROP)
    assert not disputes(project)
    vote(project, round, "Cy", 1, KEEP)
    assert [one.reason for one in disputes(project)] == [Reason.STALE]


def test_a_changed_text_is_adjudicated_as_it_is_now(project: Project) -> None:
    round = begin(project)
    vote_all(project, round, {1: ("cancel", "cancel")})
    decide(project, "Di", 1, Verdict.RELABEL, "address")
    (dispute,) = disputes(project)
    assert dispute.reason is Reason.CHANGED
    assert dispute.changed
    assert (dispute.shown.output, dispute.now.output) == ("refund", "address")
    adjudicate(project, dispute, Verdict.KEEP, reviewer="Cy")
    assert outputs(project)[1] == "address"
    assert not disputes(project)
    assert settle(project, round).entry is None


def test_what_was_settled_by_consensus_is_no_dispute(project: Project) -> None:
    round = begin(project, ("Ann", "Bo", "Cy"))
    vote_all(project, round, {1: (KEEP, "cancel", "cancel")})
    settle(project, round, at_least=0.0)
    assert not disputes(project)


def test_reviewers_who_contradict_each_other_outright_are_a_dispute_too(project: Project) -> None:
    decide(project, "Ann", 1, KEEP)
    decide(project, "Bo", 1, Verdict.RELABEL, "cancel")
    decide(project, "Ann", 2, KEEP)
    decide(project, "Bo", 2, KEEP)
    decide(project, "Ann", 3, KEEP)
    decide(project, "Bo", 3, DROP)
    decide(project, "Ann", 4, SKIP)
    decide(project, "Bo", 4, KEEP)
    found = {one.example: one for one in disputes(project)}
    assert set(found) == {1, 3}
    assert found[1].round is None
    assert found[1].shares == {"cancel": 0.5, "refund": 0.5}, "a keep is of the label that was seen"
    adjudicate(project, found[1], Verdict.RELABEL, "refund", reviewer="Cy")
    assert [one.example for one in disputes(project)] == [3]
    assert outputs(project)[1] == "refund"
    decided = resolve(list(project.decisions(1)))
    assert decided is not None
    assert decided.kind is Kind.ADJUDICATION


def test_texts_improved_one_after_the_other_are_no_contradiction(tmp_path: Path) -> None:
    with make_project(tmp_path / "texts.curator", TEXTS, Task.STYLE) as project:
        turns = '[{{"role": "user", "content": "question 0"}}, {{"role": "assistant", "content": "{}"}}]'
        for reviewer, text in (("Ann", "Done."), ("Bo", "It is done.")):
            decide(project, reviewer, 1, Verdict.EDIT, turns.format(text))
        assert not disputes(project)
        decide(project, "Cy", 1, DROP)
        assert [one.example for one in disputes(project)] == [1]


def test_edits_that_differ_are_told_apart(tmp_path: Path) -> None:
    with make_project(tmp_path / "texts.curator", TEXTS, Task.STYLE) as project:
        round = begin(project, ("Ann", "Bo", "Cy"), labels=())
        vote_all(project, round, {1: ("edit: Done.", "edit: Yes.", KEEP)})
        (dispute,) = disputes(project)
        assert [len(answers) for answers in answers_by_label(dispute).values()] == [2, 1]
        assert suggested(dispute) is None or dispute.label == "(keep)"
        answer = dispute.answers[dispute.votes[1].id]
        adjudicate(project, dispute, *take(dispute, answer), reviewer="Di")
        assert outputs(project)[1] == "Yes."


def test_gaps_of_the_guideline_are_gathered_by_the_labels_confused(project: Project) -> None:
    round = begin(project)
    vote_all(
        project,
        round,
        {1: (KEEP, "cancel"), 2: ("refund", KEEP), 3: ("address", KEEP), 4: ("refund", KEEP), 5: (KEEP, "refund")},
    )
    for example, cause, note in (
        (1, Cause.GUIDELINE, "money *before* intent"),
        (2, Cause.GUIDELINE, ""),
        (3, Cause.GUIDELINE, "an address is no refund"),
        (4, Cause.ERROR, "slip"),
        (5, None, ""),
    ):
        adjudicate(project, example, Verdict.RELABEL, "refund", reviewer="Cy", cause=cause, note=note, round=round)
    vote(project, round, "Ann", 3, KEEP)  # what was confused stays what it was
    found = gaps(project)
    assert [(gap.labels, [case.example for case in gap.cases]) for gap in found] == [
        (("cancel", "refund"), [1, 2]),
        (("address", "refund"), [3]),
    ]
    text = gaps_markdown(found)
    assert text.startswith("### cancel or refund\n\n- “question 0” is **refund**: money \\*before\\* intent\n")
    assert "### address or refund" in text
    third = next(entry for entry in project.log() if entry.text.startswith("Adjudicated") and "line 4" in entry.text)
    project.undo(third.id)
    assert [gap.labels for gap in gaps(project)] == [("cancel", "refund")]
    assert gaps_markdown([]) == ""


def test_gaps_are_known_outside_of_rounds_too(project: Project) -> None:
    decide(project, "Ann", 1, KEEP)
    decide(project, "Bo", 1, Verdict.RELABEL, "cancel")
    adjudicate(project, disputes(project)[0], Verdict.RELABEL, "refund", reviewer="Cy", cause=Cause.GUIDELINE)
    (gap,) = gaps(project)
    assert gap.labels == ("cancel", "refund")
    assert (gap.cases[0].decided, gap.cases[0].round) == ("refund", None)


def test_letters_hide_who_is_who_from_item_to_item() -> None:
    names = ["Ann", "Bo", "Cy"]
    assert letters(1, names, 7) == letters(1, reversed(names), 7)
    assert all(sorted(letters(id, names).values()) == ["A", "B", "C"] for id in range(20))
    assert len({letters(id, names)["Ann"] for id in range(20)}) == 3
    many = letters(1, [f"r{at}" for at in range(30)])
    assert sorted(many.values(), key=lambda each: (len(each), each))[25:27] == ["Z", "AA"]


def test_a_dispute_does_not_depend_on_the_order_in_which_votes_came(tmp_path: Path) -> None:
    seen = []
    votes = [("Ann", 1, KEEP), ("Bo", 1, "cancel"), ("Ann", 2, "refund"), ("Bo", 2, KEEP), ("Cy", 1, "cancel")]
    for at, order in enumerate((votes, votes[::-1])):
        with make_project(tmp_path / f"{at}.curator") as project:
            round = begin(project, ("Ann", "Bo", "Cy"))
            for reviewer, example, said in order:
                vote(project, round, reviewer, example, said)
            seen.append([(d.example, d.label, d.confidence, d.worth) for d in disputes(project)])
    assert seen[0] == seen[1]
