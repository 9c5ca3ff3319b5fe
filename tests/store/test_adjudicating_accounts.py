"""Adjudicating in PostgreSQL, where who may is a matter of the account."""

from __future__ import annotations

import pytest
from account_material import Team

from curator.errors import CuratorError
from curator.model import CONSENSUS_REVIEWER, Kind, Verdict
from curator.review.adjudication.rulings import adjudicate, disputes, settle
from curator.store import Project
from ui.presenters.adjudicate import Wanted
from ui.presenters.adjudicate import begin as begin_page


@pytest.fixture
def voted(team: Team) -> Team:
    """Ann and Bo agree on the first item and not on the second, and say the same of the one that is gold."""
    for address, label in ((team.ann, "a"), (team.bo, "b")):
        team.vote(address, team.ids[0], "a")
        team.vote(address, team.ids[1], label)
        team.vote(address, team.ids[2], "b")
    return team


def test_who_may_adjudicate_settles_and_decides(voted: Team) -> None:
    with Project.open(voted.cy) as project:
        (dispute,) = disputes(project)
        assert (dispute.example, dict(dispute.shares)) == (voted.ids[1], {"a": 0.5, "b": 0.5})
        adjudicate(project, dispute, Verdict.RELABEL, "b", reviewer="Cy")
        done = settle(project, project.rounds.get(1))
        assert done.unanimous == (voted.ids[0],), "gold is not settled"
        assert settle(project, project.rounds.get(1)).entry is None
        assert not disputes(project)
    with Project.open(voted.owner) as project:
        made = {d.example: (d.kind, d.reviewer, d.value) for d in project.decisions()}
    assert made == {
        voted.ids[0]: (Kind.CONSENSUS, CONSENSUS_REVIEWER, "a"),
        voted.ids[1]: (Kind.ADJUDICATION, "Cy", "b"),
    }


def test_who_only_votes_is_refused_by_the_database_and_told_so_on_the_page(voted: Team) -> None:
    with Project.open(voted.ann) as project:
        round = project.rounds.get(1)
        with pytest.raises(CuratorError):
            adjudicate(project, voted.ids[1], Verdict.KEEP, reviewer="Ann", round=round)
        begun = begin_page(project, Wanted(), "Ann")
        assert not begun.allowed
        assert not begun.disputes
    with Project.open(voted.owner) as project:
        assert not list(project.decisions())
