"""TRL's KTO rows: an output with a label, desirable or not. What is undesirable is nothing to learn from.

A pair is written as two rows, the desirable one first (as by `curator export --target trl-kto`): they become one example again,
with the undesirable output as the one that its own is preferred to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from curator.formats.records import Row, Unreadable
from curator.model import Example, Message, Ref, Rejected, Role

UNDESIRABLE = "marked undesirable, and no desirable output for the same prompt comes right before it"
KEPT = "the undesirable output of the pair that begins with the record before"
"""How the reason begins for which a row is rejected that is the other half of an example, and therefore not lost."""
_OF_ONE_ROW = ("completion", "label")


def read_kto(
    rows: Iterable[Row],
    source: str,
    role: Role,
    one: Callable[[Row, Ref], Example | Rejected],
    output: Callable[[Any], tuple[Message, ...]],
    raw: Callable[[Row], bytes],
) -> Iterator[Example | Rejected]:
    """Every record as an example or rejected, in their order; an undesirable row is always rejected, as the other half of a
    pair with words that say so.

    `one` reads a row by itself, `output` the turns of a completion, `raw` gives a row's bytes.
    """
    held: Example | None = None
    held_record: Mapping[str, Any] = {}
    for number, row in enumerate(rows):
        ref = Ref(source, number, row.line, role)
        if held is not None:
            turns = _other_half(held_record, row, output)
            if turns:
                yield replace(held, non_preferred=turns)
                yield Rejected(ref, f"{KEPT}; it is kept with {held.ref}", raw(row))
                held = None
                continue
            yield held
            held = None
        made = one(row, ref)
        if isinstance(made, Example) and isinstance(row.value, dict) and row.value.get("label") is True:
            held, held_record = made, row.value
        else:
            yield made
    if held is not None:
        yield held


def _other_half(
    desirable: Mapping[str, Any], row: Row, output: Callable[[Any], tuple[Message, ...]]
) -> tuple[Message, ...]:
    """The turns of an undesirable output for the very same prompt, () where the row is none."""
    record = row.value
    if row.problem or not isinstance(record, dict) or record.get("label") is not False or "completion" not in record:
        return ()
    rest = {key: value for key, value in record.items() if key not in _OF_ONE_ROW}
    if rest != {key: value for key, value in desirable.items() if key not in _OF_ONE_ROW}:
        return ()
    try:
        return output(record["completion"])
    except Unreadable:
        return ()
