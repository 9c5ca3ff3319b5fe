"""Votes in a round: kept like decisions, and without effect on the example until they are settled."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from curator.errors import InputError
from curator.model import Decision, Kind, Round, Verdict
from curator.store import journal
from curator.store.decisions import complete, known_ids, reviewer_ids
from curator.store.entries import JournalEntry, Merged
from curator.store.schema import decisions, examples, round_items, round_slots, sources
from curator.store.state import VOTES, chunks, source_in_force, undone
from curator.text import plural

_TICK = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Ballot:
    """A round as votes need it: its `id` in the database, and the content key that each of these examples shows in it."""

    round: Round
    id: int
    keys: Mapping[int, str]


def cast(connection: Connection, new: Sequence[Decision], round: Round, id: int, actor: str) -> JournalEntry:
    """Commit votes and withdrawals in one round, under one entry of the journal; a known id changes nothing.

    Fills in a missing id, time and `seen`, and `supersedes`; the time is always later than that of the vote before. Raises
    InputError for a closed round, an example that is not in it or was undone, and a vote on another text than it shows.
    """
    if round.closed:
        raise InputError(f"Round {round.number} is closed; open it again to go on voting.")
    whole = [complete(vote) for vote in new]
    made = {vote.id: vote for vote in whole}
    known = known_ids(connection, list(made))
    fresh = [vote for vote_id, vote in made.items() if vote_id not in known]
    if not fresh:
        return journal.get(connection, min(known.values()))
    ballot = _ballot(connection, round, id, {vote.example for vote in fresh})
    _refuse_undone(connection, ballot.keys)
    timed = {made.id for made, given in zip(whole, new, strict=True) if given.at}
    entry = _keep(connection, ballot, fresh, "vote", _sentence(connection, round, fresh), actor, timed)
    return journal.get(connection, entry)


def merge(connection: Connection, new: Sequence[Decision], round: Round, id: int, text: str, actor: str) -> Merged:
    """Keep votes and withdrawals that were made elsewhere; a known one changes nothing, but comes back if it was undone.

    Raises InputError for an example that is not in the round, and a vote on another text than it shows.
    """
    made = {vote.id: vote for vote in map(complete, new)}
    known = known_ids(connection, list(made))
    fresh = [vote for vote_id, vote in made.items() if vote_id not in known]
    ballot = _ballot(connection, round, id, {vote.example for vote in made.values()})
    for vote in made.values():
        _refuse(vote, ballot)
    for entry_id in sorted(set(known.values())):
        journal.bring_back(connection, actor, entry_id)
    if not fresh:
        return Merged(None, 0, len(known))
    entry = _keep(connection, ballot, fresh, "merge", text, actor, set(made))
    return Merged(journal.get(connection, entry), len(fresh), len(known))


def _ballot(connection: Connection, round: Round, id: int, wanted: Collection[int]) -> Ballot:
    keys: dict[int, str] = {}
    for some in chunks(sorted(wanted)):
        query = select(round_items.c.example_id, round_items.c.content_key)
        query = query.where(round_items.c.round_id == id, round_items.c.example_id.in_(some))
        keys.update((row.example_id, row.content_key) for row in connection.execute(query))
    if missing := set(wanted) - set(keys):
        raise InputError(f"Example {min(missing)} is not in round {round.number}.")
    return Ballot(round, id, keys)


def _refuse_undone(connection: Connection, wanted: Collection[int]) -> None:
    for some in chunks(sorted(wanted)):
        gone = select(examples.c.id).select_from(examples.join(sources))
        found = connection.scalar(gone.where(examples.c.id.in_(some), ~source_in_force).limit(1))
        if found is not None:
            raise InputError(f"Example {found} belongs to an import that was undone; redo that import first.")


def _refuse(vote: Decision, ballot: Ballot) -> None:
    """Raise InputError for what is no vote in this round."""
    round = ballot.round
    if vote.kind not in VOTES or vote.round != round.id:
        raise InputError(f"Decision {vote.id} is no vote in round {round.number}; keep it by itself.")
    if vote.seen and vote.seen != ballot.keys[vote.example]:
        raise InputError(f"A vote on example {vote.example} saw another text than round {round.number} shows.")
    if vote.verdict in (Verdict.RELABEL, Verdict.EDIT):
        if vote.value is None:
            raise InputError(f"A vote to {vote.verdict} example {vote.example} has no value.")
        if vote.verdict is Verdict.EDIT and not _messages(vote.value):
            raise InputError(f"The edit of example {vote.example} is not a list of messages in JSON.")


def _messages(value: str) -> bool:
    try:
        turns = json.loads(value)
    except ValueError:
        return False
    return isinstance(turns, list) and all(isinstance(turn, dict) and "role" in turn for turn in turns)


def _keep(
    connection: Connection,
    ballot: Ballot,
    fresh: Sequence[Decision],
    action: str,
    text: str,
    actor: str,
    timed: Collection[str],
) -> int:
    """Insert votes, `timed` (ids) with the time that they have; returns the number of the entry."""
    for vote in fresh:
        _refuse(vote, ballot)
    names = {vote.reviewer for vote in fresh}
    reviewer_id = reviewer_ids(connection, names)
    before = _newest(connection, ballot.id, {vote.example for vote in fresh})
    author = fresh[0].reviewer if action == "vote" and len(names) == 1 else actor
    entry = journal.append(connection, author, action, text, round=ballot.round.id)
    rows: list[dict[str, Any]] = []
    for vote in fresh:
        place = (vote.example, reviewer_id[vote.reviewer], vote.repeat)
        previous = before.get(place)
        if previous is not None and vote.id not in timed and vote.at <= previous[0]:
            vote = replace(vote, at=_later(previous[0]))
        before[place] = max(previous or ("", ""), (vote.at, vote.id))
        rows.append(
            {
                "id": vote.id,
                "journal_id": entry,
                "example_id": vote.example,
                "reviewer_id": place[1],
                "verdict": str(vote.verdict),
                "seen": ballot.keys[vote.example],
                "result": ballot.keys[vote.example],
                "value": vote.value,
                "note": vote.note,
                "at": vote.at,
                "supersedes": vote.supersedes or (previous[1] if previous else None),
                "kind": str(vote.kind),
                "round_id": ballot.id,
                "repeat": vote.repeat,
            }
        )
    connection.execute(insert(decisions), rows)
    _fix(connection, ballot.id, {(row["example_id"], row["reviewer_id"]) for row in rows})
    return entry


def _later(at: str) -> str:
    return (datetime.fromisoformat(at) + _TICK).isoformat(timespec="microseconds")


def _newest(
    connection: Connection, round: int, wanted: Collection[int]
) -> dict[tuple[int, int, bool], tuple[str, str]]:
    """Time and id of the latest vote or withdrawal by example, reviewer and showing."""
    found: dict[tuple[int, int, bool], tuple[str, str]] = {}
    for some in chunks(sorted(wanted)):
        query = select(
            decisions.c.example_id, decisions.c.reviewer_id, decisions.c.repeat, decisions.c.at, decisions.c.id
        ).where(
            decisions.c.round_id == round,
            decisions.c.example_id.in_(some),
            decisions.c.kind.in_(VOTES),
            decisions.c.journal_id.not_in(undone),
        )
        for row in connection.execute(query):
            place = (row.example_id, row.reviewer_id, bool(row.repeat))
            found[place] = max(found.get(place, ("", "")), (row.at, row.id))
    return found


def _fix(connection: Connection, round: int, voted: Collection[tuple[int, int]]) -> None:
    """What a reviewer claimed and voted on is theirs for good."""
    for reviewer in sorted({reviewer for _, reviewer in voted}):
        for some in chunks(sorted(example for example, who in voted if who == reviewer)):
            mine = (round_slots.c.round_id == round, round_slots.c.reviewer_id == reviewer)
            held = (round_slots.c.example_id.in_(some), round_slots.c.until.is_not(None))
            connection.execute(update(round_slots).where(*mine, *held).values(until=None))


def _sentence(connection: Connection, round: Round, fresh: Sequence[Decision]) -> str:
    """What the journal says. Never what the vote is: others may read it before they vote."""
    if len(fresh) > 1:
        return f"Gave {plural(len(fresh), 'vote')} in round {round.number}"
    query = select(sources.c.path, examples.c.record, examples.c.line).select_from(examples.join(sources))
    row = connection.execute(query.where(examples.c.id == fresh[0].example)).one()
    where = f"{row.path}, " + (f"record {row.record}" if row.line is None else f"line {row.line}")
    did = "Took back the vote" if fresh[0].kind is Kind.WITHDRAWAL else "Voted"
    return f"{did} on {where}, in round {round.number}"
