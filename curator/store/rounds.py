"""Rounds of review: what is in them, who owes which look, what was claimed, and the votes."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Select, bindparam, insert, select, update

from curator.errors import InputError
from curator.model import Decision, Example, ItemKind, Ref, Role, Round, RoundItem, Slot, from_json
from curator.store import claims, journal, state, votes
from curator.store.database import Database, insert_row
from curator.store.decisions import decision_of, reviewer_ids
from curator.store.entries import JournalEntry, Merged
from curator.store.round_rows import answer_row, has_answer, item_of, item_row, moved_row, round_of, round_row, slot_row
from curator.store.schema import (
    examples,
    loads,
    reviewers,
    revisions,
    round_answers,
    round_items,
    round_slots,
    rounds,
    sources,
)
from curator.store.schema import journal as entries


class Rounds:
    """The rounds of a project. `actor` is who the journal names."""

    def __init__(self, database: Database, actor: str):
        self._database = database
        self._actor = actor

    def add(self, new: Round, items: Sequence[RoundItem], slots: Sequence[Slot]) -> Round:
        """Begin a round; returns it with its id, number and time. One that comes from another project, with an id, keeps its
        number too where it is free.

        Raises InputError where it has no items, or a slot is of no item.
        """
        if not items:
            raise InputError("A round needs at least one example.")
        if stray := {slot.example for slot in slots} - {item.example for item in items}:
            raise InputError(f"Example {min(stray)} is given to a reviewer but is not in the round.")
        with self._database.write() as connection:
            taken = set(connection.scalars(select(rounds.c.number)))
            given = new.number if new.id and new.number > 0 and new.number not in taken else None
            number = given or 1 + max(taken, default=0)
            named = replace(new, id=str(uuid.UUID(new.id)) if new.id else str(uuid.uuid4()), number=number)
            entry = journal.append(connection, self._actor, "round", _began(named, len(items)), round=named.id)
            ids = reviewer_ids(connection, {*new.reviewers, *(s.reviewer for s in slots if s.reviewer is not None)})
            round = insert_row(connection, rounds, {"journal_id": entry, **round_row(named)})
            connection.execute(insert(round_items), [item_row(item, round) for item in items])
            if known := [answer_row(item, round) for item in items if has_answer(item)]:
                connection.execute(insert(round_answers), known)
            if slots:
                connection.execute(insert(round_slots), [slot_row(slot, round, ids) for slot in slots])
            return round_of(connection.execute(_rounds().where(rounds.c.id == round)).one())

    def all(self) -> list[Round]:
        """The rounds in force, the oldest first."""
        with self._database.read() as connection:
            return [round_of(row) for row in connection.execute(_rounds().where(state.round_in_force))]

    def get(self, which: str | int) -> Round:
        """A round by its number, name or id. Raises InputError where there is none."""
        wanted = str(which).strip()
        with self._database.read() as connection:
            return self._find(connection, wanted)[0]

    def items(self, round: str, examples: Collection[int] | None = None) -> list[RoundItem]:
        """What is in a round (its id), in the order of their places; of these few `examples` where they are given.

        To an account that reviews in the project all look alike while the round is open (`Project.me`).
        """
        with self._database.read() as connection:
            _, id = self._find(connection, round)
            known = (round_items.c.round_id == round_answers.c.round_id) & (
                round_items.c.example_id == round_answers.c.example_id
            )
            query = select(round_items, round_answers.c.kind, round_answers.c.expected)
            query = query.select_from(round_items.outerjoin(round_answers, known)).where(round_items.c.round_id == id)
            if examples is not None:
                query = query.where(round_items.c.example_id.in_(examples))
            return [item_of(row) for row in connection.execute(query.order_by(round_items.c.place))]

    def examples(self, round: str, ids: Iterable[int] | None = None) -> list[Example]:
        """The examples as the round shows them, whatever was made of them since: all by place, or these in this order.

        Raises InputError for an example that is not in it.
        """
        with self._database.read() as connection:
            _, id = self._find(connection, round)
            query = select(round_items.c.example_id).where(round_items.c.round_id == id).order_by(round_items.c.place)
            wanted = list(connection.scalars(query)) if ids is None else list(ids)
            found: dict[int, Example] = {}
            for some in state.chunks(sorted(set(wanted))):
                found.update(_shown(connection, id, some))
        if missing := set(wanted) - set(found):
            raise InputError(f"Example {min(missing)} is not in this round.")
        return [found[example] for example in wanted]

    def slots(
        self,
        round: str,
        reviewer: str | None = None,
        examples: Collection[int] | None = None,
        *,
        undone: bool = False,
    ) -> list[Slot]:
        """Who owes which look, by place, then example; of one `reviewer`, or at these few `examples`, where they are given.

        Nobody can vote on what came with an import that was undone: looks at it are among them only with `undone`.
        """
        with self._database.read() as connection:
            _, id = self._find(connection, round)
            only = [] if undone else claims.in_force(claims.gone(connection))
            only += [] if reviewer is None else [reviewers.c.name == reviewer]
            only += [] if examples is None else [round_slots.c.example_id.in_(examples)]
            return _slots(connection, id, only)

    def known(self, round: str) -> set[int]:
        """The examples of a round of which the answer is known: they are there to see how well it is judged."""
        with self._database.read() as connection:
            _, id = self._find(connection, round)
            query = select(round_answers.c.example_id).where(round_answers.c.round_id == id)
            return set(connection.scalars(query.where(round_answers.c.kind != str(ItemKind.ITEM))))

    def owed(self, round: str) -> list[tuple[int, str | None]]:
        """Example and reviewer of every look, second looks left out: `slots` in short, for rounds of many items."""
        with self._database.read() as connection:
            _, id = self._find(connection, round)
            names: dict[int | None, str] = {row.id: row.name for row in connection.execute(select(reviewers))}
            query = select(round_slots.c.example_id, round_slots.c.reviewer_id)
            query = query.where(round_slots.c.round_id == id, round_slots.c.repeat.is_(False))
            return [(example, names.get(reviewer)) for example, reviewer in connection.execute(query)]

    def looks_owed(self) -> dict[str, list[tuple[int, str | None]]]:
        """By round (its id), example and reviewer of the looks still owed on items that somebody voted on: with the votes
        they tell what still waits for others."""
        voted: dict[tuple[str | None, int], set[str]] = defaultdict(set)
        for vote in self.votes():
            voted[vote.round, vote.example] |= set() if vote.repeat else {vote.reviewer}
        found = {}
        for id in sorted({id for id, _ in voted if id is not None}):
            owed = [(at, who) for at, who in self.owed(id) if (id, at) in voted and who not in voted[id, at]]
            found[id] = sorted(owed, key=lambda look: (look[0], look[1] or ""))
        return {id: owed for id, owed in found.items() if owed}

    def assign(
        self, round: str, slots: Sequence[Slot], names: Sequence[str], text: str, actor: str | None = None
    ) -> JournalEntry:
        """Give these slots to the reviewers that they name, and the round this list of reviewers.

        Slots that are not there yet are added. Raises InputError for an example that is not in the round.
        """
        with self._database.write() as connection:
            found, id = self._find(connection, round)
            entry = journal.append(connection, actor or self._actor, "assign", text, round=found.id)
            ids = reviewer_ids(connection, {*names, *(s.reviewer for s in slots if s.reviewer is not None)})
            connection.execute(update(rounds).where(rounds.c.id == id).values(reviewers=list(names)))
            there = {(slot.example, slot.slot) for slot in _slots(connection, id)}
            listed = connection.scalars(select(round_items.c.example_id).where(round_items.c.round_id == id))
            if stray := {slot.example for slot in slots} - set(listed):
                raise InputError(f"Example {min(stray)} is not in round {found.number}.")
            moved = [slot for slot in slots if (slot.example, slot.slot) in there]
            if moved:
                connection.execute(_reassign, [moved_row(slot, id, ids) for slot in moved])
            if added := [slot_row(slot, id, ids) for slot in slots if (slot.example, slot.slot) not in there]:
                connection.execute(insert(round_slots), added)
            return journal.get(connection, entry)

    def close(self, round: str) -> JournalEntry:
        """Take no more votes in a round."""
        return self._turn(round, True)

    def reopen(self, round: str) -> JournalEntry:
        """Take votes in a closed round again."""
        return self._turn(round, False)

    def _turn(self, round: str, closed: bool) -> JournalEntry:
        with self._database.write() as connection:
            found, id = self._find(connection, round)
            said = f"{'Closed' if closed else 'Opened'} round {found.number}" + ("" if closed else " again")
            entry = journal.append(connection, self._actor, "assign", said, round=found.id)
            connection.execute(update(rounds).where(rounds.c.id == id).values(closed=closed))
            return journal.get(connection, entry)

    # Claims

    def claim(self, round: str, reviewer: str, number: int = 1) -> list[Slot]:
        """Take the next `number` looks of a round that has no lists; they are held for the round's lease.

        What the reviewer holds already comes first, and is held anew. A claim that ran out is anybody's; nobody gets an item
        that they hold or voted on. Fewer, or none, where no more are free. Raises InputError for a round with lists, or closed.
        """
        with self._database.write() as connection:
            found, id = self._find(connection, round)
            if not found.claimed:
                raise InputError(f"Round {found.number} has a list for each reviewer; nothing is to be claimed.")
            if found.closed:
                raise InputError(f"Round {found.number} is closed; open it again to go on voting.")
            me = reviewer_ids(connection, [reviewer])[reviewer]
            taken = claims.take(connection, id, me, found.lease, number)
            mine = (round_slots.c.reviewer_id == me, round_slots.c.until.is_not(None))
            these = round_slots.c.example_id.in_(example for example, _ in taken)
            places = {place: at for at, place in enumerate(taken)}
            return sorted(_slots(connection, id, (*mine, these)), key=lambda slot: places[slot.example, slot.slot])

    def release(self, round: str, reviewer: str) -> int:
        """Give back what a reviewer claimed and did not vote on; returns how many."""
        with self._database.write() as connection:
            _, id = self._find(connection, round)
            return claims.give_back(connection, id, reviewer)

    # Votes

    def votes(
        self, round: str | None = None, example: int | None = None, reviewer: str | None = None
    ) -> list[Decision]:
        """The votes in force of a round, or of all rounds, by round, example, reviewer and showing; on one `example`, or of
        one `reviewer`, where they are given."""
        with self._database.read() as connection:
            only = None if example is None else [example]
            query = state.votes_standing(self._uuid(connection, round), only, reviewer)
            return [decision_of(row) for row in connection.execute(query)]

    def history(self, round: str | None = None) -> list[Decision]:
        """Every vote and withdrawal that was not undone, superseded ones too, in the order of their times."""
        with self._database.read() as connection:
            query = state.votes_cast(self._uuid(connection, round))
            return [decision_of(row) for row in connection.execute(query)]

    def cast(self, round: str) -> list[tuple[int, Decision]]:
        """Every vote and withdrawal of a round, undone ones too, each with the number of its entry, in the order of entries."""
        with self._database.read() as connection:
            query = state.votes_ever(self._find(connection, round)[0].id)
            return [(row.journal_id, decision_of(row)) for row in connection.execute(query)]

    def vote(self, new: Sequence[Decision]) -> JournalEntry:
        """Commit votes and withdrawals, all in one round. See `curator.store.votes.cast`."""
        with self._database.write() as connection:
            found, id = self._find(connection, _one_round(new))
            return votes.cast(connection, new, found, id, self._actor)

    def merge(self, round: str, new: Sequence[Decision], text: str, actor: str | None = None) -> Merged:
        """Keep votes and withdrawals that were made elsewhere. See `curator.store.votes.merge`."""
        with self._database.write() as connection:
            found, id = self._find(connection, round)
            if found.closed:
                raise InputError(f"Round {found.number} is closed; open it again to merge votes into it.")
            return votes.merge(connection, new, found, id, text, actor or self._actor)

    def _uuid(self, connection: Connection, round: str | None) -> str | None:
        return None if round is None else self._find(connection, round)[0].id

    @staticmethod
    def _find(connection: Connection, which: str) -> tuple[Round, int]:
        """A round and its id in the database."""
        listed = [(row, round_of(row)) for row in connection.execute(_rounds().where(state.round_in_force))]
        for same in (
            lambda one: one.id == which,
            lambda one: str(one.number) == which,
            lambda one: one.name != "" and one.name.casefold() == which.casefold(),
        ):
            for row, one in listed:
                if same(one):
                    return one, int(row.id)
        there = ", ".join(f"{one.number} ({one.name})" if one.name else str(one.number) for _, one in listed)
        raise InputError(
            f"There is no round {which!r} in this project; "
            + (f"its rounds are {there}." if there else "`curator assign` begins one.")
        )


_reassign = (
    update(round_slots)
    .where(
        round_slots.c.round_id == bindparam("of_round"),
        round_slots.c.example_id == bindparam("of_example"),
        round_slots.c.slot == bindparam("of_slot"),
    )
    .values({name: bindparam(name) for name in ("reviewer_id", "place", "repeat", "until")})
)
"""Gives a slot that is there to somebody else; for many at once."""


def _one_round(new: Sequence[Decision]) -> str:
    about = {vote.round for vote in new}
    (round,) = about if len(about) == 1 else (None,)
    if round is None:
        raise InputError("Votes are saved for one round at a time, and apart from other decisions.")
    return round


def _began(round: Round, items: int) -> str:
    called = f' "{round.name}"' if round.name else ""
    return f"Began round {round.number}{called}: {items:,} examples for {', '.join(round.reviewers) or 'nobody yet'}"


def _rounds() -> Select[Any]:
    return select(rounds, entries.c.at).select_from(rounds.join(entries)).order_by(rounds.c.number)


def _slots(connection: Connection, round: int, only: Collection[Any] = ()) -> list[Slot]:
    query = (
        select(round_slots, reviewers.c.name)
        .select_from(round_slots.outerjoin(reviewers))
        .where(round_slots.c.round_id == round, *only)
        .order_by(round_slots.c.place, round_slots.c.example_id, round_slots.c.slot)
    )
    return [
        Slot(row.example_id, row.slot, row.name, row.place, bool(row.repeat), row.until)
        for row in connection.execute(query)
    ]


def _shown(connection: Connection, round: int, ids: Sequence[int]) -> dict[int, Example]:
    """Examples as a round shows them: what was planted, the revision with the item's content key, or the imported content."""
    query = (
        select(
            examples.c.id,
            sources.c.path,
            examples.c.record,
            examples.c.line,
            sources.c.role,
            examples.c.content,
            examples.c.content_key,
            round_items.c.content_key.label("key"),
            round_items.c.content.label("planted"),
        )
        .select_from(round_items.join(examples, examples.c.id == round_items.c.example_id).join(sources))
        .where(round_items.c.round_id == round, examples.c.id.in_(ids))
    )
    rows = connection.execute(query).all()
    wanted = {row.id: row.key for row in rows if row.planted is None and row.key != row.content_key}
    revised: dict[int, Any] = defaultdict(dict)
    if wanted:
        made = select(revisions.c.example_id, revisions.c.content_key, revisions.c.content)
        for made_of in connection.execute(made.where(revisions.c.example_id.in_(wanted))):
            revised[made_of.example_id][made_of.content_key] = made_of.content
    found = {}
    for row in rows:
        content = row.planted
        if content is None:
            content = loads(revised[row.id][row.key] if row.id in wanted else row.content)
        found[row.id] = from_json(content, Ref(row.path, row.record, row.line, Role(row.role)), row.id)
    return found
