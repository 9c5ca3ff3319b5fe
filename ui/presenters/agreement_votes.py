"""The votes that the page looks at: those of a round, or all there are; and which of them somebody may not see yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from curator.errors import InputError
from curator.model import Round
from curator.store import Project
from curator.tasks import Task
from ui.i18n import tr
from ui.presenters.agreement_cells import Said, votes_by_item
from ui.presenters.words import round_title

if TYPE_CHECKING:
    from curator.review.votes.arrays import Votes

ALL = ""
"""The scope of all votes."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What can be looked at: a round by its id, or all votes."""

    key: str
    title: str


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """The votes of a scope, None where there are none. `examples`: by the names of items; `said`: who voted what;
    `withheld`: examples of blind rounds on which the reader has still to vote; `by_label`: votes are labels."""

    scope: str
    scopes: tuple[Scope, ...]
    votes: Votes | None
    task: str
    by_label: bool
    examples: Mapping[str, int] = field(default_factory=dict)
    said: Mapping[str, tuple[Said, ...]] = field(default_factory=dict)
    withheld: frozenset[int] = frozenset()


def scopes_of(rounds: list[Round]) -> tuple[Scope, ...]:
    """All, then the rounds, the newest first."""
    first = Scope(ALL, tr("All rounds") if rounds else tr("All decisions"))
    return first, *(Scope(one.id, round_title(one)) for one in reversed(rounds))


def hold(project: Project, scope: str | None, reviewer: str) -> Held:
    """Read the votes of a scope; of the newest round where none was chosen, or is there no longer."""
    rounds = project.rounds.all()
    known = {one.id: one for one in rounds}
    if scope is None or (scope != ALL and scope not in known):
        scope = rounds[-1].id if rounds else ALL
    task = str(project.settings().get("task", Task.CLASSIFICATION))
    chosen = [known[scope]] if scope != ALL else rounds
    by_label = bool(chosen[-1].labels) if chosen else task == Task.CLASSIFICATION
    votes = _votes(project, scope)
    held = Held(scope, scopes_of(rounds), votes, task, by_label)
    if votes is None:
        return held
    return Held(
        scope,
        held.scopes,
        votes,
        task,
        by_label,
        {name: int(name) for name in votes.items},
        votes_by_item(votes),
        frozenset(example for one in chosen for example in owed_blind(project, one, reviewer)),
    )


def owed_blind(project: Project, round: Round, reviewer: str) -> set[int]:
    """Examples whose votes a reviewer is not to see yet: those of a blind round on which they have still to vote."""
    if not round.blind or round.closed or reviewer not in round.reviewers:
        return set()
    done = {vote.example for vote in project.rounds.votes(round.id, reviewer=reviewer)}
    if round.claimed:
        return {item.example for item in project.rounds.items(round.id)} - done
    return {slot.example for slot in project.rounds.slots(round.id, reviewer)} - done


def _votes(project: Project, scope: str) -> Votes | None:
    from curator.review.votes.of_rounds import votes_of_project, votes_of_round

    try:
        return votes_of_project(project) if scope == ALL else votes_of_round(project, scope)
    except InputError:  # nobody has voted yet
        return None
