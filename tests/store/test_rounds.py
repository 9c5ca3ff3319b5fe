"""Rounds: what is in them, who owes what, claims, and votes that change nothing until they are settled."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from store_material import load, verdict

from curator.errors import InputError
from curator.model import (
    CONSENSUS_REVIEWER,
    Basis,
    Cause,
    Decision,
    ItemKind,
    Kind,
    Round,
    RoundItem,
    Slot,
    Verdict,
    as_json,
    content_key,
)
from curator.store import Project


def begin(project: Project, number: int = 4, reviewers: Sequence[str] = ("Ann", "Bo"), **changed: object) -> Round:
    """A round over the first examples, each of which goes to every reviewer."""
    if not project.sources():
        load(project)
    chosen = project.get_examples(project.ids()[:number])
    items = [RoundItem(e.id, content_key(e), place) for place, e in enumerate(chosen)]
    claimed = bool(changed.get("claimed"))
    slots = [
        Slot(item.example, slot, None if claimed else name, item.place)
        for item in items
        for slot, name in enumerate(reviewers)
    ]
    new = Round("", 0, "first", "classification", ("a", "b"), "Be kind.", 1, tuple(reviewers), len(reviewers))
    return project.rounds.add(replace(new, **changed), items, slots)


def vote(round: Round, example: int, reviewer: str = "Ann", says: str | None = None, **more: object) -> Decision:
    said = Decision("", example, "", reviewer, Verdict.KEEP if says is None else Verdict.RELABEL, says)
    return replace(said, **{"kind": Kind.VOTE, "round": round.id, **more})


def says(project: Project, round: Round) -> list[tuple[int, str, str | None]]:
    return [(v.example, v.reviewer, v.value) for v in project.rounds.votes(round.id)]


def test_a_round_is_read_as_it_was_begun(project: Project) -> None:
    made = begin(project, hide_output=True)
    assert made.number == 1
    assert made.made
    assert project.rounds.all() == [made] == [project.rounds.get(1)] == [project.rounds.get("FIRST")]
    assert [item.place for item in project.rounds.items(made.id)] == [0, 1, 2, 3]
    assert len(project.rounds.slots(made.id)) == 8
    assert {slot.reviewer for slot in project.rounds.slots(made.id, "Bo")} == {"Bo"}
    assert begin(project).number == 2
    with pytest.raises(InputError, match=r"its rounds are 1 \(first\), 2 \(first\)"):
        project.rounds.get("third")
    begin(project, name="")
    with pytest.raises(InputError, match="There is no round ''"):
        project.rounds.get("")


def test_a_vote_changes_nothing_of_the_example(project: Project) -> None:
    made = begin(project)
    before = list(project.examples())
    id = before[0].id
    project.decide([vote(made, id, says="b")])
    project.decide([vote(made, id, "Bo")])
    assert list(project.examples()) == before
    assert list(project.decisions()) == list(project.decisions(history=True)) == []
    assert says(project, made) == [(id, "Ann", "b"), (id, "Bo", None)]
    assert (project.counts().votes, project.counts().decisions, project.counts().rounds) == (2, 0, 1)


def test_the_journal_does_not_say_what_a_vote_is(project: Project) -> None:
    made = begin(project)
    entry = project.decide([vote(made, project.ids()[0], says="a secret label")])
    assert entry.text == "Voted on a.jsonl, line 1, in round 1"
    assert (entry.actor, entry.round) == ("Ann", made.id)


def test_the_newest_vote_stands_and_undo_brings_the_one_before_back(project: Project) -> None:
    made = begin(project)
    id = project.ids()[0]
    project.decide([vote(made, id, says="a")])
    project.decide([vote(made, id, says="b")])
    assert says(project, made) == [(id, "Ann", "b")]
    first, second = project.rounds.history(made.id)
    assert second.supersedes == first.id
    project.undo(by="Ann")
    assert says(project, made) == [(id, "Ann", "a")]
    project.redo()
    project.decide([vote(made, id, kind=Kind.WITHDRAWAL)])
    assert says(project, made) == []


def test_votes_stand_by_their_time_whatever_the_order_in_which_they_arrive(project: Project) -> None:
    made = begin(project)
    id = project.ids()[0]
    early = vote(made, id, says="a", id="00000000-0000-4000-8000-000000000001", at="2026-01-01T10:00:00+00:00")
    late = vote(made, id, says="b", id="00000000-0000-4000-8000-000000000002", at="2026-01-01T10:00:00.5+00:00")
    assert project.rounds.merge(made.id, [late], "Merged").new == 1
    assert project.rounds.merge(made.id, [early, late], "Merged").new == 1
    assert says(project, made) == [(id, "Ann", "b")]
    again = project.rounds.merge(made.id, [late, early], "Merged")
    assert (again.new, again.known, again.entry) == (0, 2, None)


def test_a_vote_keeps_the_time_that_it_comes_with(project: Project) -> None:
    made = begin(project)
    id = project.ids()[0]
    project.decide([vote(made, id, says="a")])
    project.decide([vote(made, id, says="b", at="2020-01-01T10:00:00+00:00")])
    assert says(project, made) == [(id, "Ann", "a")]
    assert project.rounds.history(made.id)[0].at.startswith("2020")


def test_merging_again_brings_back_what_was_undone(project: Project) -> None:
    made = begin(project)
    new = vote(made, project.ids()[0], id="00000000-0000-4000-8000-000000000001", at="2026-01-01T10:00:00+00:00")
    merged = project.rounds.merge(made.id, [new], "Merged the votes of Ann")
    assert merged.entry is not None
    project.undo(merged.entry.id)
    assert says(project, made) == []
    project.rounds.merge(made.id, [new], "Merged the votes of Ann")
    assert len(says(project, made)) == 1


def test_an_undone_round_takes_its_votes_with_it(project: Project) -> None:
    made = begin(project)
    project.decide([vote(made, project.ids()[0])])
    entry = next(e for e in project.log() if e.action == "round")
    project.undo(entry.id)
    assert project.rounds.all() == project.rounds.votes() == []
    with pytest.raises(InputError, match="There is no round"):
        project.decide([vote(made, project.ids()[0])])
    project.redo()
    assert len(project.rounds.votes()) == 1


def test_what_settled_an_undone_round_goes_and_comes_back_with_it(project: Project) -> None:
    made = begin(project)
    id = project.ids()[0]
    project.decide([vote(made, id, says="b")])
    settled = Decision("", id, "", CONSENSUS_REVIEWER, Verdict.RELABEL, "b", kind=Kind.CONSENSUS, round=made.id)
    project.decide([settled])
    assert project.get_examples([id])[0].output == "b"
    before = project.mark()
    entry = project.undo(next(e.id for e in project.log() if e.action == "round"))
    assert list(project.decisions()) == []
    assert project.get_examples([id])[0].output == "answer 0"
    change = project.changes_since(before)
    assert change is not None
    assert change.examples == {id}
    project.undo(entry.id)
    assert project.get_examples([id])[0].output == "b"


def test_what_is_no_vote_in_the_round_is_refused(project: Project) -> None:
    made = begin(project, 2)
    ids = project.ids()
    for wrong, said in (
        (vote(made, ids[5]), "is not in round 1"),
        (vote(made, ids[0], seen="0" * 32), "saw another text"),
        (vote(made, ids[0], verdict=Verdict.RELABEL), "has no value"),
        (vote(made, ids[0], verdict=Verdict.EDIT, value="no json"), "not a list of messages"),
        (replace(vote(made, ids[0]), round=None), "one round at a time"),
    ):
        with pytest.raises(InputError, match=said):
            project.decide([wrong])
    project.rounds.close(made.id)
    with pytest.raises(InputError, match="closed"):
        project.decide([vote(made, ids[0])])
    project.rounds.reopen(made.id)
    project.decide([vote(made, ids[0])])
    assert len(says(project, made)) == 1


def test_a_round_shows_its_examples_as_they_were(project: Project) -> None:
    load(project)
    ids = project.ids()
    project.decide([verdict(ids[0], Verdict.RELABEL, value="revised")])
    made = begin(project, 3)
    project.decide(
        [verdict(ids[0], Verdict.RELABEL, value="revised again"), verdict(ids[1], Verdict.RELABEL, value="x")]
    )
    assert [e.output for e in project.rounds.examples(made.id)] == ["revised", "answer 1", "answer 2"]
    assert [e.output for e in project.rounds.examples(made.id, [ids[1]])] == ["answer 1"]
    with pytest.raises(InputError, match="not in this round"):
        project.rounds.examples(made.id, [ids[6]])


def test_planted_content_is_shown_in_place_of_the_example(project: Project) -> None:
    load(project)
    example = project.get_examples(project.ids()[:1])[0]
    planted = example.with_output("planted")
    item = RoundItem(example.id, content_key(planted), 0, ItemKind.ATTENTION, "answer 0", as_json(planted), "look")
    new = Round("", 0, "", "classification", (), "", 0, ("Ann",), 1)
    made = project.rounds.add(new, [item], [Slot(example.id, 0, "Ann", 0)])
    assert project.rounds.items(made.id) == [item]
    assert project.rounds.examples(made.id)[0].output == "planted"
    project.decide([vote(made, example.id, says="answer 0")])
    assert project.rounds.votes()[0].seen == content_key(planted)
    assert project.get_examples([example.id])[0].output == "answer 0"


def test_an_adjudication_is_a_decision_with_its_basis(project: Project) -> None:
    made = begin(project)
    id = project.ids()[0]
    project.decide([vote(made, id, says="a")])
    basis = Basis((project.rounds.votes()[0].id,), "mace", 0.75)
    settled = Decision("", id, "", "Cy", Verdict.RELABEL, "b", kind=Kind.ADJUDICATION, round=made.id)
    entry = project.decide([replace(settled, cause=Cause.GUIDELINE, basis=basis)])
    assert entry.text == "Adjudicated a.jsonl, line 1"
    (kept,) = project.decisions()
    assert (kept.kind, kept.round, kept.cause, kept.basis) == (Kind.ADJUDICATION, made.id, Cause.GUIDELINE, basis)
    assert project.get_examples([id])[0].output == "b"
    project.undo(entry.id)
    assert project.get_examples([id])[0].output == "answer 0"


def test_a_claim_is_held_until_it_runs_out(project: Project) -> None:
    made = begin(project, 3, claimed=True, overlap=1, lease=900)
    ids = [item.example for item in project.rounds.items(made.id)]
    # Two looks at each of three items, and nobody sees one twice.
    ann = project.rounds.claim(made.id, "Ann", 2)
    assert [slot.example for slot in ann] == ids[:2]
    assert project.rounds.claim(made.id, "Ann", 2) == [replace(s, until=pytest.approx(s.until, abs=60)) for s in ann]
    assert [s.example for s in project.rounds.claim(made.id, "Bo", 9)] == ids
    assert [s.example for s in project.rounds.claim(made.id, "Cy", 9)] == ids[2:]
    assert project.rounds.release(made.id, "Bo") == 3
    assert len(project.rounds.claim(made.id, "Cy", 9)) == 3


def test_what_was_voted_on_is_no_longer_a_claim(project: Project) -> None:
    made = begin(project, 2, ("Ann",), claimed=True, lease=0)
    (slot,) = project.rounds.claim(made.id, "Ann")
    project.decide([vote(made, slot.example)])
    assert [s.until for s in project.rounds.slots(made.id, "Ann")] == [None]
    (other,) = project.rounds.claim(made.id, "Ann")
    assert other.example != slot.example
    # The lease of no seconds has run out, so that somebody else takes it.
    assert [s.example for s in project.rounds.claim(made.id, "Bo")] == [other.example]
    assert [s.example for s in project.rounds.claim(made.id, "Ann")] == [other.example]
    assert {s.reviewer for s in project.rounds.slots(made.id)} == {"Ann"}


def test_what_changed_in_rounds_is_told(project: Project) -> None:
    before = project.mark()
    made = begin(project)
    change = project.changes_since(before)
    assert change is not None
    assert change.rounds
    project.decide([vote(made, project.ids()[1])])
    after = project.changes_since(change.mark)
    assert after is not None
    assert after.rounds
    assert after.examples == {project.ids()[1]}


def test_reviewers_and_their_looks_can_change(project: Project) -> None:
    made = begin(project)
    slots = [replace(slot, reviewer="Cy") for slot in project.rounds.slots(made.id, "Bo")]
    project.rounds.assign(made.id, slots, ["Ann", "Cy"], "Bo left round 1")
    assert project.rounds.get(1).reviewers == ("Ann", "Cy")
    assert project.rounds.slots(made.id, "Bo") == []
    assert project.rounds.slots(made.id, "Cy") == slots


def test_a_project_keeps_its_name_and_secret(project: Project) -> None:
    mine = project.identity()
    assert mine == project.identity()
    assert len(mine.secret) == 32


def test_what_came_with_an_undone_import_is_not_claimed(project: Project) -> None:
    load(project)
    load(project, "b.jsonl")
    ids = project.ids()
    made = begin(project, len(ids), claimed=True)
    held = project.rounds.claim(made.id, "Ann", 2)
    first, _ = (entry for entry in reversed(project.log()) if entry.action == "import")
    project.undo(first.id)
    rest = ids[len(ids) // 2 :]
    assert [slot.example for slot in project.rounds.claim(made.id, "Ann", 2)] == rest[:2]
    assert [slot.example for slot in project.rounds.claim(made.id, "Bo", 99)] == rest
    project.redo()
    assert [slot.example for slot in project.rounds.claim(made.id, "Ann", 2)] == [slot.example for slot in held]
