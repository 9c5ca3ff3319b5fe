"""How each example came to be as it is, and what of it an export's policy keeps out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curator.errors import InputError
from curator.model import (
    Basis,
    Cause,
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
from curator.outlook import settled
from curator.progress import Silent
from curator.review.adjudication.disputes import disputes
from curator.review.adjudication.settling import settle
from curator.review.provenance import How, Provenance, Reviewed, trace
from curator.review.required import Required, withheld
from curator.store import Project
from curator.tasks import Task

LABELS = ("refund", "delivery", "other")


def example(number: int) -> Example:
    turns = (Message("user", f"question {number}"), Message("assistant", LABELS[number % 3]))
    return Example(Ref("pairs.csv", number, number + 2), turns)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "p.curator", task=Task.CLASSIFICATION) as made:
        made.import_source("pairs.csv", "0" * 64, "csv", Role.CANDIDATE, {}, [example(n) for n in range(9)], Silent())
        yield made


def begin(
    project: Project, ids: Sequence[int], reviewers: Sequence[str] = ("Ann", "Bo"), *, kind: ItemKind = ItemKind.ITEM
) -> Round:
    shown = {one.id: content_key(one) for one in project.get_examples(ids)}
    items = [RoundItem(id, shown[id], place, kind) for place, id in enumerate(ids)]
    slots = [Slot(id, at, name, place) for place, id in enumerate(ids) for at, name in enumerate(reviewers)]
    round = Round("", 0, "", "classification", LABELS, "", 0, tuple(reviewers), len(reviewers))
    return project.rounds.add(round, items, slots)


def vote(project: Project, round: Round, reviewer: str, id: int, said: str | Verdict) -> None:
    """A label, or a verdict."""
    label = not isinstance(said, Verdict)
    verdict = Verdict.RELABEL if label else said
    project.decide(
        [Decision("", id, "", reviewer, verdict, str(said) if label else None, kind=Kind.VOTE, round=round.id)]
    )


def adjudicate(project: Project, round: Round, id: int, verdict: Verdict, value: str | None = None) -> None:
    basis = Basis(tuple(one.id for one in project.rounds.votes(round.id) if one.example == id))
    said = Decision("", id, "", "Cy", verdict, value, kind=Kind.ADJUDICATION, round=round.id)
    project.decide(
        [Decision(**{**{n: getattr(said, n) for n in said.__slots__}, "cause": Cause.GUIDELINE, "basis": basis})]
    )


def reviewed(project: Project) -> Reviewed:
    standing = list(project.decisions())
    return trace(project, standing, settled(standing)[0], alphas=False)


def of(project: Project, id: int) -> Provenance:
    return reviewed(project).of(id)


def out(project: Project, *rules: str, disputes: bool = True) -> dict[int, str]:
    ids = project.ids(Role.CANDIDATE)
    found = withheld(reviewed(project), ids, Required.parse(rules), disputes=disputes)
    return {id: one.rule for id, one in found.items()}


def test_nobody_said_anything_of_an_example_that_is_only_imported(project: Project) -> None:
    found = reviewed(project)
    assert found.of(1) == Provenance()
    assert not found.by_several
    assert out(project) == {}


def test_votes_that_agree_and_were_settled_are_unanimous(project: Project) -> None:
    round = begin(project, [1, 2])
    for id in (1, 2):
        for name in ("Ann", "Bo"):
            vote(project, round, name, id, "other" if id == 2 else Verdict.KEEP)
    settle(project, round)
    for id in (1, 2):
        found = of(project, id)
        assert (found.how, found.votes, found.agree, found.round) == (How.UNANIMOUS, 2, 2, 1)
    assert reviewed(project).counts(project.ids(Role.CANDIDATE)) == {"unanimous": 2, "none": 7}


def test_a_keep_and_the_label_that_is_shown_are_the_same_vote(project: Project) -> None:
    round = begin(project, [1])
    vote(project, round, "Ann", 1, Verdict.KEEP)
    vote(project, round, "Bo", 1, example(0).output)
    assert not of(project, 1).dispute
    settle(project, round)
    assert (of(project, 1).how, of(project, 1).agree) == (How.UNANIMOUS, 2)


def test_a_disagreement_is_disputed_until_somebody_adjudicates_it(project: Project) -> None:
    round = begin(project, [1, 2])
    for id in (1, 2):
        vote(project, round, "Ann", id, "delivery" if id == 1 else Verdict.KEEP)
        vote(project, round, "Bo", id, "other" if id == 1 else Verdict.DROP)
    settle(project, round)
    assert of(project, 1).dispute == "its votes in round 1 disagree, and nobody settled them"
    assert out(project) == {1: "disagreement", 2: "disagreement"}
    assert out(project, disputes=False) == {}
    adjudicate(project, round, 1, Verdict.RELABEL, "other")
    adjudicate(project, round, 2, Verdict.KEEP)
    assert out(project) == {}
    for id in (1, 2):
        found = of(project, id)
        assert (found.how, found.votes, found.agree, found.round) == (How.ADJUDICATED, 2, 1, 1)
        assert (found.adjudicator, found.cause, found.confidence) == ("Cy", Cause.GUIDELINE, None)


def test_the_consensus_of_votes_that_differ_is_no_unanimous_one(project: Project) -> None:
    round = begin(project, range(1, 10), ("Ann", "Bo", "Cy"))
    for id in range(1, 10):
        for name in ("Ann", "Bo"):
            vote(project, round, name, id, Verdict.KEEP)
        vote(project, round, "Cy", id, LABELS[id % 3] if id == 4 else Verdict.KEEP)
    settle(project, round, at_least=0.5)
    found = of(project, 4)
    assert (found.how, found.votes, found.agree) == (How.CONSENSUS, 3, 2)
    assert found.confidence is not None
    assert 0.5 <= found.confidence < 1
    assert of(project, 5).how is How.UNANIMOUS
    assert out(project, "adjudicated") == {4: "adjudicated"}
    assert out(project, "consensus>=1")[4] == "consensus"
    assert out(project, "votes>=3") == {}
    assert set(out(project, "votes>=4")) == set(range(1, 10))


def test_one_reviewer_outright_is_single_and_two_who_agree_are_unanimous(project: Project) -> None:
    project.decide([Decision("", 1, "", "Ann", Verdict.KEEP), Decision("", 2, "", "Ann", Verdict.RELABEL, "other")])
    project.decide([Decision("", 2, "", "Bo", Verdict.KEEP), Decision("", 1, "", "Cy", Verdict.SKIP)])
    assert (of(project, 1).how, of(project, 1).votes) == (How.SINGLE, 1)
    assert (of(project, 2).how, of(project, 2).votes, of(project, 2).agree) == (How.UNANIMOUS, 2, 2)
    assert reviewed(project).by_several
    assert set(out(project, "reviewed")) == set(range(3, 10))
    assert set(out(project, "votes>=2")) == {1, *range(3, 10)}


def test_one_word_against_another_is_no_consensus(project: Project) -> None:
    shown = project.get_examples([3])[0]
    first = Decision("", 3, "", "Ann", Verdict.RELABEL, "this", at="2026-01-01T10:00:00+00:00")
    second = Decision("", 3, content_key(shown), "Bo", Verdict.RELABEL, "that", at="2026-01-01T11:00:00+00:00")
    project.decide([first])
    project.decide([second])
    found = of(project, 3)
    assert (found.how, found.votes, found.agree) == (How.SINGLE, 2, 1)


def test_what_reviewers_are_not_done_with_is_as_if_there_were_no_round(project: Project) -> None:
    round = begin(project, [1, 2, 3])
    vote(project, round, "Ann", 1, "other")
    vote(project, round, "Ann", 2, Verdict.DROP)
    assert of(project, 1) == Provenance()
    vote(project, round, "Bo", 2, Verdict.KEEP)
    assert out(project) == {2: "disagreement"}


def test_votes_that_want_a_change_and_are_not_settled_keep_an_example_out(project: Project) -> None:
    round = begin(project, [1, 2])
    for name in ("Ann", "Bo"):
        vote(project, round, name, 1, "other")
        vote(project, round, name, 2, Verdict.KEEP)
    assert out(project) == {1: "disagreement"}
    assert (of(project, 2).how, of(project, 2).votes) == (How.NONE, 2)
    assert reviewed(project).unsettled == {1}
    settle(project, round)
    assert out(project) == {}
    assert reviewed(project).unsettled == frozenset()


def test_flags_and_shrugs_leave_an_example_in_doubt(project: Project) -> None:
    round = begin(project, [1, 2, 3])
    for name in ("Ann", "Bo"):
        vote(project, round, name, 1, Verdict.FLAG if name == "Bo" else Verdict.KEEP)
        vote(project, round, name, 2, Verdict.SKIP)
        vote(project, round, name, 3, Verdict.SKIP if name == "Bo" else Verdict.KEEP)
    assert out(project) == dict.fromkeys((1, 2, 3), "disagreement")


def test_a_vote_that_changes_after_it_was_settled_puts_it_in_doubt_again(project: Project) -> None:
    round = begin(project, [1, 2])
    for id in (1, 2):
        for name in ("Ann", "Bo"):
            vote(project, round, name, id, Verdict.KEEP if id == 1 else (LABELS[2] if name == "Ann" else LABELS[0]))
    settle(project, round)
    adjudicate(project, round, 2, Verdict.RELABEL, LABELS[2])
    assert out(project) == {}
    vote(project, round, "Bo", 1, "other")
    vote(project, round, "Bo", 2, LABELS[2])
    assert out(project) == {1: "disagreement"}
    assert of(project, 1).dispute == "its votes in round 1 changed after they were settled"
    vote(project, round, "Ann", 2, Verdict.DROP)
    assert out(project) == {1: "disagreement", 2: "disagreement"}


def test_what_is_decided_outright_after_the_votes_counts(project: Project) -> None:
    round = begin(project, [1])
    vote(project, round, "Ann", 1, Verdict.KEEP)
    vote(project, round, "Bo", 1, Verdict.DROP)
    project.decide([Decision("", 1, "", "Cy", Verdict.KEEP)])
    assert out(project) == {}
    assert (of(project, 1).how, of(project, 1).round) == (How.SINGLE, None)
    assert out(project, "alpha>=0.5")[1] == "alpha"


@pytest.mark.parametrize("kind", [ItemKind.GOLD, ItemKind.ATTENTION])
def test_votes_on_what_tests_the_reviewers_say_nothing_of_the_example(project: Project, kind: ItemKind) -> None:
    round = begin(project, [1], kind=kind)
    vote(project, round, "Ann", 1, "other")
    vote(project, round, "Bo", 1, Verdict.DROP)
    assert of(project, 1) == Provenance()


def test_a_project_with_a_round_tells_of_several_reviewers(project: Project) -> None:
    assert not reviewed(project).by_several
    begin(project, [1])
    found = reviewed(project)
    assert found.by_several
    assert [(one.number, one.votes) for one in found.rounds] == [(1, 0)]


_SAID = st.lists(
    st.tuples(
        st.sampled_from(["Ann", "Bo", "Cy"]), st.sampled_from([*LABELS, Verdict.KEEP, Verdict.DROP, Verdict.SKIP])
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda said: said[0],
)


@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_SAID, st.randoms(use_true_random=False))
def test_the_order_in_which_votes_arrive_makes_no_difference(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[str, str | Verdict]], random
) -> None:
    found = []
    for votes in (said, random.sample(said, len(said))):
        with Project.create(tmp_path_factory.mktemp("order") / "p.curator", task=Task.CLASSIFICATION) as project:
            project.import_source("pairs.csv", "0" * 64, "csv", Role.CANDIDATE, {}, [example(0)], Silent())
            round = begin(project, [1], ("Ann", "Bo", "Cy"))
            for name, what in votes:
                vote(project, round, name, 1, what)
            settle(project, round)
            one = of(project, 1)
            found.append((one.how, one.votes, one.agree, one.confidence, one.dispute, out(project)))
    assert found[0] == found[1]


_ACTS = st.lists(
    st.tuples(
        st.sampled_from(["vote", "vote", "vote", "vote", "settle", "adjudicate"]),
        st.sampled_from(["Ann", "Bo"]),
        st.integers(1, 3),
        st.sampled_from([*LABELS, Verdict.KEEP, Verdict.DROP, Verdict.SKIP, Verdict.FLAG]),
    ),
    min_size=3,
    max_size=14,
)


@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_ACTS)
def test_what_waits_for_an_adjudicator_is_what_an_export_leaves_out(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, str, int, str | Verdict]]
) -> None:
    with Project.create(tmp_path_factory.mktemp("law") / "p.curator", task=Task.CLASSIFICATION) as project:
        examples = [example(number) for number in range(3)]
        project.import_source("pairs.csv", "0" * 64, "csv", Role.CANDIDATE, {}, examples, Silent())
        round = begin(project, [1, 2, 3])
        for act, name, id, said in acts:
            if act == "vote":
                vote(project, round, name, id, said)
            elif act == "settle":
                settle(project, round)
            elif isinstance(said, Verdict):
                adjudicate(project, round, id, Verdict.DROP if said is Verdict.DROP else Verdict.KEEP)
            else:
                adjudicate(project, round, id, Verdict.RELABEL, said)
        settle(project, round)
        assert set(out(project)) == {one.example for one in disputes(project, round)}


def test_an_edit_that_changes_the_label_alone_says_the_same_as_that_label(project: Project) -> None:
    round = begin(project, [1])
    vote(project, round, "Ann", 1, "other")
    turns = as_json(project.get_examples([1])[0].with_output("other"))["messages"]
    edit = Decision("", 1, "", "Bo", Verdict.EDIT, json.dumps(turns), kind=Kind.VOTE, round=round.id)
    project.decide([edit])
    settle(project, round)
    assert (of(project, 1).how, of(project, 1).agree) == (How.UNANIMOUS, 2)


def test_what_became_of_the_votes_that_were_settled_is_told(project: Project) -> None:
    round = begin(project, [1])
    for name in ("Ann", "Bo"):
        vote(project, round, name, 1, "other")
    settle(project, round)
    cast = [entry.id for entry in project.log() if entry.action == "vote"]
    for entry in cast:
        project.undo(entry)
    assert of(project, 1).dispute == "its votes in round 1 changed after they were settled"
    project.undo(next(entry.id for entry in project.log() if entry.action == "round"))
    assert of(project, 1) == Provenance()


def test_rules_are_read_as_they_are_written() -> None:
    assert Required.parse([]) == Required()
    assert not Required.parse([])
    asked = Required.parse(["votes>=2", "consensus >= 0.8", "adjudicated", "alpha>=0.67", "reviewed"])
    assert asked == Required(True, 2, True, 0.8, 0.67)
    assert asked.names == ("reviewed", "votes", "adjudicated", "consensus", "alpha")
    assert Required.parse(["alpha>=0"]).names == ("alpha",)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("vote>=2", "is no rule"),
        ("votes", "is no rule"),
        ("votes>=0", "a number of reviewers"),
        ("votes>=1.5", "a number of reviewers"),
        ("votes>=inf", "a number of reviewers"),
        ("adjudicated>=1", "is no rule"),
        ("consensus>=80", "from 0 to 1"),
        ("consensus>=nan", "from 0 to 1"),
        ("alpha>=", "from -1 to 1"),
        ("consensus<0.8", "is no rule"),
    ],
)
def test_a_rule_that_is_none_is_refused_in_one_sentence(rule: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        Required.parse([rule])


def test_a_rule_that_is_named_twice_is_refused() -> None:
    with pytest.raises(InputError, match="twice"):
        Required.parse(["votes>=2", "votes>=3"])
