"""Decisions: committed as they are made, never changed, only superseded; and the revisions they make."""

from __future__ import annotations

import json
import re
import uuid
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from curator.errors import InputError
from curator.model import (
    CONSENSUS_REVIEWER,
    Basis,
    Cause,
    Decision,
    Example,
    Kind,
    Ref,
    Role,
    Verdict,
    as_json,
    content_key,
    from_json,
)
from curator.store import journal
from curator.store.entries import JournalEntry, now
from curator.store.schema import decisions, dumps, examples, loads, reviewers, revisions, rounds
from curator.store.state import VOTES, chunks, examples_by_id, round_in_force, standing
from curator.text import plural

_DONE = {
    Verdict.KEEP: "Kept",
    Verdict.DROP: "Dropped",
    Verdict.RELABEL: "Relabelled",
    Verdict.EDIT: "Edited",
    Verdict.FLAG: "Flagged",
    Verdict.SKIP: "Skipped",
}
_KEY = re.compile("[0-9a-f]{32}")
_CHANGES = (Verdict.RELABEL, Verdict.EDIT)


@dataclass(slots=True)
class _Shown:
    """What an example shows while a batch of decisions is gone through: `contents` has all it ever said, by key."""

    ref: Ref
    key: str
    contents: dict[str, str]


def decide(connection: Connection, new: Sequence[Decision], actor: str, why: str = "") -> JournalEntry:
    """Commit decisions under one entry of the journal; a known id is a repetition and changes nothing.

    Fills in a missing id, time and `seen` (what the example shows now), and `supersedes`; `why` stands before the
    sentence of the entry. Raises InputError for an
    example that is not there, an id that is no UUID, and a relabel or edit whose value cannot be used. Votes are for
    `curator.store.votes`.
    """
    if not new:
        raise InputError("There is no decision to save.")
    made = {decision.id: decision for decision in map(complete, new)}
    known = known_ids(connection, list(made))
    fresh = [decision for id, decision in made.items() if id not in known]
    if not fresh:
        return journal.get(connection, min(known.values()))
    round_id = round_ids(connection, {d.round for d in fresh if d.round is not None})
    shown = _shown(connection, {d.example for d in fresh}, {d.example for d in fresh if d.verdict in _CHANGES})
    reviewer_id = reviewer_ids(connection, {d.reviewer for d in fresh})
    previous = _previous(connection, {d.example for d in fresh})
    people = {d.reviewer for d in fresh} - {CONSENSUS_REVIEWER}
    author = people.pop() if len(people) == 1 else actor
    said = _sentence(fresh, shown[fresh[0].example])
    text = f"{why}: {said[0].lower()}{said[1:]}" if why else said
    about = {d.round for d in fresh}
    entry = journal.append(connection, author, "decide", text, round=about.pop() if len(about) == 1 else None)
    rows: list[dict[str, Any]] = []
    revised: list[dict[str, Any]] = []
    for decision in fresh:
        key = (decision.example, reviewer_id[decision.reviewer])
        row, revision = _rows(decision, shown[decision.example])
        row |= {"journal_id": entry, "reviewer_id": key[1], "supersedes": decision.supersedes or previous.get(key)}
        row["round_id"] = None if decision.round is None else round_id[decision.round]
        previous[key] = decision.id
        rows.append(row)
        if revision is not None:
            revised.append(revision)
    connection.execute(insert(decisions), rows)
    if revised:
        connection.execute(insert(revisions), revised)
    return journal.get(connection, entry)


def reviewer_ids(connection: Connection, names: Collection[str]) -> dict[str, int]:
    """Ids of the reviewers with these names; new ones are added."""
    if "" in names:
        raise InputError("A decision needs the name of its reviewer.")
    known: dict[str, int] = {row.name: row.id for row in connection.execute(select(reviewers))}
    if missing := sorted(set(names) - set(known)):
        connection.execute(insert(reviewers), [{"name": name} for name in missing])
        known = {row.name: row.id for row in connection.execute(select(reviewers))}
    return known


def round_ids(connection: Connection, uuids: Collection[str]) -> dict[str, int]:
    """Ids of these rounds in the database. Raises InputError for one that is not there, or undone."""
    query = select(rounds.c.uuid, rounds.c.id).where(rounds.c.uuid.in_(uuids), round_in_force)
    found: dict[str, int] = {row.uuid: row.id for row in connection.execute(query)} if uuids else {}
    if missing := sorted(set(uuids) - set(found)):
        raise InputError(f"There is no round {missing[0]} in this project, or it was undone.")
    return found


def decision_of(row: Row[Any]) -> Decision:
    """The decision of a row of `state.decisions_in_force`, `all_decisions`, `votes_cast` or `votes_standing`."""
    return Decision(
        id=row.id,
        example=row.example_id,
        seen=row.seen,
        reviewer=row.reviewer,
        verdict=Verdict(row.verdict),
        value=row.value,
        note=row.note,
        at=row.at,
        supersedes=row.supersedes,
        imported=bool(row.imported),
        kind=Kind(row.kind),
        round=row.round,
        repeat=bool(row.repeat),
        cause=None if row.cause is None else Cause(row.cause),
        basis=None if row.basis is None else Basis(**{**row.basis, "votes": tuple(row.basis["votes"])}),
    )


def complete(decision: Decision) -> Decision:
    """The decision with an id and a time, both in the one form in which they are kept."""
    if decision.seen and not _KEY.fullmatch(decision.seen):
        raise InputError(f"A decision on example {decision.example} saw {decision.seen!r}, which is no content key.")
    try:
        id = str(uuid.UUID(decision.id)) if decision.id else str(uuid.uuid4())
        supersedes = str(uuid.UUID(decision.supersedes)) if decision.supersedes else None
        at = now()
        if decision.at:
            given = datetime.fromisoformat(decision.at)
            at = (given if given.tzinfo else given.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
        if decision.kind in VOTES:
            # Always as many digits, so that the order of the texts is that of the times.
            at = datetime.fromisoformat(at).isoformat(timespec="microseconds")
    except (ValueError, OverflowError):
        raise InputError(
            f"A decision on example {decision.example} has the id {decision.id!r}, supersedes {decision.supersedes!r} "
            f"and was made at {decision.at!r}; ids are UUIDs, times ISO 8601."
        ) from None
    return replace(decision, id=id, at=at, supersedes=supersedes)


def known_ids(connection: Connection, ids: Sequence[str]) -> dict[str, int]:
    """The entry of the journal of each id that was committed before."""
    found: dict[str, int] = {}
    for some in chunks(ids):
        query = select(decisions.c.id, decisions.c.journal_id).where(decisions.c.id.in_(some))
        found.update((row.id, row.journal_id) for row in connection.execute(query))
    return found


def _shown(connection: Connection, ids: Collection[int], changed: Collection[int]) -> dict[int, _Shown]:
    """What these examples show; with all that they ever said where they are to be `changed`."""
    found: dict[int, _Shown] = {}
    for some in chunks(sorted(ids)):
        for row in connection.execute(examples_by_id(some)):
            if not row.in_force:
                raise InputError(f"Example {row.id} belongs to an import that was undone; redo that import first.")
            ref = Ref(row.path, row.record, row.line, Role(row.role))
            found[row.id] = _Shown(ref, row.content_key, {row.content_key: row.content})
    if missing := set(ids) - set(found):
        raise InputError(f"There is no example {min(missing)} in this project.")
    for some in chunks(sorted(changed)):
        for table, id in ((examples, examples.c.id), (revisions, revisions.c.example_id)):
            query = select(id.label("id"), table.c.content_key, table.c.content).where(id.in_(some))
            for row in connection.execute(query):
                found[row.id].contents[row.content_key] = row.content
    return found


def _previous(connection: Connection, ids: Collection[int]) -> dict[tuple[int, int], str]:
    """The decision in force of each reviewer on each of these examples."""
    found: dict[tuple[int, int], str] = {}
    for some in chunks(sorted(ids)):
        for row in connection.execute(select(standing(some))):
            found[row.example_id, row.reviewer_id] = row.id
    return found


def _rows(decision: Decision, example: _Shown) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The row of a decision, and of the revision it makes if it makes one; `example` moves on with it."""
    seen = decision.seen or example.key
    result, revision = seen, None
    if decision.verdict in _CHANGES:
        content, result = _revise(decision, seen, example)
        if result != seen:
            example.contents[result] = content
            revision = {"decision_id": decision.id, "example_id": decision.example}
            revision |= {"content_key": result, "content": content}
    if result in example.contents:
        example.key = result
    row = {
        "id": decision.id,
        "example_id": decision.example,
        "verdict": str(decision.verdict),
        "seen": seen,
        "result": result,
        "value": decision.value,
        "note": decision.note,
        "at": decision.at,
        "kind": str(decision.kind),
        "repeat": False,
        "cause": None if decision.cause is None else str(decision.cause),
        "basis": None if decision.basis is None else asdict(decision.basis),
    }
    return row, revision


def _revise(decision: Decision, seen: str, example: _Shown) -> tuple[str, str]:
    """Content and content key of the revision that a relabel or an edit makes of what was seen."""
    base = from_json(loads(example.contents.get(seen) or example.contents[example.key]), example.ref)
    if decision.value is None:
        raise InputError(f"A decision to {decision.verdict} {example.ref} has no value.")
    relabel = decision.verdict is Verdict.RELABEL
    revised = base.with_output(decision.value) if relabel else _edited(base, decision.value)
    return dumps(as_json(revised)), content_key(revised)


def _edited(base: Example, value: str) -> Example:
    try:
        messages = json.loads(value)
        return from_json({**as_json(base), "messages": messages}, base.ref)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError(
            f"The edit of {base.ref} is not a list of messages in JSON, each with a role and a content."
        ) from None


def _sentence(new: Sequence[Decision], first: _Shown) -> str:
    kinds = {d.kind for d in new}
    if kinds == {Kind.CONSENSUS}:
        return f"Settled {plural(len(new), 'item')} on which the votes agree"
    if kinds == {Kind.ADJUDICATION}:
        return f"Adjudicated {first.ref}" if len(new) == 1 else f"Adjudicated {len(new):,} items"
    if len(new) == 1:
        to = f' as "{new[0].value}"' if new[0].verdict is Verdict.RELABEL else ""
        return f"{_DONE[new[0].verdict]} {first.ref}{to}"
    counts: Mapping[Verdict, int] = Counter(d.verdict for d in new)
    parts = ", ".join(f"{counts[verdict]:,} {verdict}" for verdict in Verdict if verdict in counts)
    return f"Made {len(new):,} decisions: {parts}"
