"""Laws of settling, whatever is voted, undone and adjudicated in whatever order."""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from round_material import DROP, FLAG, KEEP, SKIP, begin, make_project, outputs, vote

from curator.model import ItemKind, Kind, Verdict
from curator.review.adjudication.rulings import adjudicate, disputes, settle
from curator.review.consensus.choosing import find_consensus
from curator.review.rounds.state import opinions, voted
from curator.review.votes.of_rounds import votes_of_round
from curator.store import Project

NAMES = ("Ann", "Bo", "Cy")
SAID = (KEEP, DROP, SKIP, FLAG, "refund", "cancel", "address")
VOTES = st.lists(st.tuples(st.sampled_from(NAMES), st.integers(1, 4), st.sampled_from(SAID)), max_size=24)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("vote"), st.sampled_from(NAMES), st.integers(1, 4), st.sampled_from(SAID)),
        st.tuples(st.just("adjudicate"), st.just("Di"), st.integers(1, 4), st.sampled_from((KEEP, DROP))),
        st.tuples(st.sampled_from(("settle", "undo")), st.just(""), st.just(0), st.just(KEEP)),
    ),
    max_size=18,
)
FEW = settings(
    max_examples=8, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("laws") / "blank.curator"
    with make_project(path) as project:
        begin(project, NAMES)
    return path


@pytest.fixture
def fresh(blank: Path, tmp_path: Path) -> tuple[Path, Path]:
    """The project to copy, and where to."""
    return blank, tmp_path / "copy.curator"


def copied(fresh: tuple[Path, Path]) -> Project:
    source, target = fresh
    for old in target.parent.glob(target.name + "*"):
        old.unlink()
    return Project.open(shutil.copy(source, target))


def standing(project: Project) -> dict[int, tuple[str, str | None, str]]:
    return {d.example: (d.verdict, d.value, d.kind) for d in project.decisions()}


@FEW
@given(votes=VOTES, random=st.randoms(use_true_random=False))
def test_it_makes_no_difference_in_which_order_votes_come(
    fresh: tuple[Path, Path], votes: list[tuple[str, int, Verdict | str]], random: Random
) -> None:
    timed = [(*one, f"2026-01-01T00:00:{at:02}+00:00") for at, one in enumerate(votes)]
    found = []
    for order in (timed, random.sample(timed, len(timed))):
        with copied(fresh) as project:
            round = project.rounds.get(1)
            for reviewer, example, said, at in order:
                vote(project, round, reviewer, example, said, at=at)
            done = settle(project, round)
            listed = [(d.example, d.reason, d.label, d.worth) for d in disputes(project, round)]
            found.append((standing(project), outputs(project), done.disputed, done.waiting, listed))
    assert found[0] == found[1]


@FEW
@given(steps=STEPS)
def test_settling_twice_is_settling_once_and_never_moves_an_adjudication(
    fresh: tuple[Path, Path], steps: list[tuple[str, str, int, Verdict | str]]
) -> None:
    with copied(fresh) as project:
        round = project.rounds.get(1)
        for what, name, example, said in [*steps, ("settle", "", 0, KEEP)]:
            if what == "vote":
                vote(project, round, name, example, said)
            elif what == "adjudicate":
                assert isinstance(said, Verdict)
                adjudicate(project, example, said, reviewer=name, round=round)
            elif what == "undo":
                done = [entry for entry in project.log() if entry.undoable and entry.action in ("vote", "decide")]
                if done:
                    project.undo(done[0].id)
            else:
                ruled = {d.id for d in project.decisions() if d.kind is Kind.ADJUDICATION}
                first = settle(project, round)
                before, again = standing(project), settle(project, round)
                assert again.entry is None
                assert standing(project) == before
                assert ruled == {d.id for d in project.decisions() if d.kind is Kind.ADJUDICATION}
                parts = (again.before, again.agreed, again.waiting, again.disputed, again.changed, again.elsewhere)
                assert sorted(id for part in parts for id in part) == [1, 2, 3, 4, 5, 6], "each item is told of once"
                assert set(first.unanimous) <= set(again.before)


def test_the_consensus_is_that_of_the_page_on_agreement(tmp_path: Path) -> None:
    random = Random(4)
    with make_project(tmp_path / "made.curator", ["refund", "cancel"] * 15) as project:
        kinds = {1: ItemKind.GOLD, 2: ItemKind.GOLD, 3: ItemKind.ATTENTION}
        round = begin(project, NAMES, examples=range(1, 31), kinds=kinds, repeats=(4, 5))
        for name in NAMES:
            for example in range(1, 29):
                vote(project, round, name, example, random.choice(SAID) if random.random() < 0.4 else KEEP)
        vote(project, round, "Ann", 4, "cancel", repeat=True)
        votes = votes_of_round(project, round)
        wanted = find_consensus(votes)
        found = opinions(voted(project, round))
        assert {str(id) for id in found} == set(votes.items)
        for at, item in enumerate(votes.items):
            one = found[int(item)]
            assert (one.label, one.method) == (votes.labels[wanted.label[at]], wanted.method)
            assert one.confidence == pytest.approx(float(wanted.confidence[at]))
