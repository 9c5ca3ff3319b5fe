"""The rows that a round, its items and its looks are kept in, and what they say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row

from curator.model import ItemKind, Round, RoundItem, Slot

_COLUMNS = ("id", "number", "reviewers", "blind", "claimed", "lease", "closed", "made")
"""What of a round is not in its settings."""


def round_of(row: Row[Any]) -> Round:
    kept: Mapping[str, Any] = row.settings
    return Round(
        id=row.uuid,
        number=row.number,
        reviewers=tuple(row.reviewers),
        blind=row.blind,
        claimed=row.claimed,
        lease=row.lease,
        closed=row.closed,
        made=row.at,
        **{**kept, "labels": tuple(kept["labels"])},
    )


def round_row(round: Round) -> dict[str, Any]:
    kept = {name: value for name, value in asdict(round).items() if name not in _COLUMNS}
    return {
        "uuid": round.id,
        "number": round.number,
        "settings": kept,
        "reviewers": list(round.reviewers),
        "blind": round.blind,
        "claimed": round.claimed,
        "lease": round.lease,
        "closed": round.closed,
    }


def item_of(row: Row[Any]) -> RoundItem:
    kind = ItemKind(row.kind or ItemKind.ITEM)
    sealed = row.expected if kind is ItemKind.ITEM else None
    expected = None if kind is ItemKind.ITEM else row.expected
    return RoundItem(row.example_id, row.content_key, row.place, kind, expected, row.content, row.hint, sealed)


def item_row(item: RoundItem, round: int) -> dict[str, Any]:
    return {
        "round_id": round,
        "example_id": item.example,
        "content_key": item.key,
        "place": item.place,
        "content": None if item.content is None else dict(item.content),
        "hint": item.hint,
    }


def has_answer(item: RoundItem) -> bool:
    """Whether there is something of an item that reviewers must not read: its answer, or what is sealed."""
    return item.kind is not ItemKind.ITEM or item.sealed is not None


def answer_row(item: RoundItem, round: int) -> dict[str, Any]:
    known = item.expected if item.kind is not ItemKind.ITEM else dict(item.sealed or {})
    return {"round_id": round, "example_id": item.example, "kind": str(item.kind), "expected": known}


def slot_row(slot: Slot, round: int, ids: Mapping[str, int]) -> dict[str, Any]:
    return {
        "round_id": round,
        "example_id": slot.example,
        "slot": slot.slot,
        "reviewer_id": None if slot.reviewer is None else ids[slot.reviewer],
        "place": slot.place,
        "repeat": slot.repeat,
        "until": slot.until,
    }


def moved_row(slot: Slot, round: int, ids: Mapping[str, int]) -> dict[str, Any]:
    row = slot_row(slot, round, ids)
    names = {"round_id": "of_round", "example_id": "of_example"}
    return {names.get(name, "of_slot" if name == "slot" else name): value for name, value in row.items()}
