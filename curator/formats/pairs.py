"""Records whose fields hold the input and the output: which fields those are, by name or by value."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from curator.formats.records import FieldMap, Unreadable, lookup, text_of
from curator.formats.turns import is_turns, read_turns
from curator.model import Example, Message, Ref

# In order of preference: a record that has two of them is read by the earlier one.
_INPUTS = (
    "prompt instruction question query input user human request utterance sentence text message document article "
    "passage content body problem source src review tweet comment ticket email description context title"
).split()
_LABELS = "label category intent class sentiment topic tag labels label_text target_label".split()
_OUTPUTS = (
    "completion response answer output assistant reply target tgt expected_output expected ground_truth "
    "reference gold summary translation solution canonical_solution bot " + " ".join(_LABELS)
).split()
_SYSTEMS = "system system_prompt system_message system_instruction".split()
_CONTEXTS = "context input passage background document".split()
# What records are filed by, never what they say.
_META = re.compile(
    r"^(?:.*[_.])?(?:id|ids|idx|index|uuid|guid|hash|url|uri|date|time|timestamp|created_at|updated_at)$"
    r"|^(?:source|split|lang|language|license|dataset|origin|version|model|annotator|reviewer)$"
)


@dataclass(frozen=True, slots=True)
class PairFields:
    """The keys of a record that hold its parts, as spelled in it."""

    input: str | None
    output: str | None
    system: str | None
    context: str | None

    @property
    def is_pair(self) -> bool:
        return self.input is not None and self.output is not None


@lru_cache(maxsize=4096)
def name_fields(keys: tuple[str, ...]) -> PairFields:
    """What the names of a record's keys say of their meaning."""
    by_name: dict[str, str] = {}
    for key in keys:
        by_name.setdefault(re.sub(r"[\s\-]+", "_", key.strip().lower()), key)

    def first(names: Sequence[str], *taken: str | None) -> str | None:
        return next((by_name[name] for name in names if name in by_name and by_name[name] not in taken), None)

    output = first(_OUTPUTS)
    input = first(_INPUTS, output)
    if input is None and output is not None and (other := first(_OUTPUTS, output)) is not None:
        # {"answer": …, "label": …}: the label is the output, whatever comes before it the input.
        input, output = (output, other) if other.strip().lower() in _LABELS else (None, output)
    system = first(_SYSTEMS, output, input)
    context = first(_CONTEXTS, output, input) if input is not None else None
    if context is not None and context.strip().lower() == "input" and by_name.get("instruction") != input:
        context = None
    return PairFields(input, output, system, context)


def fields_of(record: Mapping[str, Any], chosen: FieldMap, *, exact: bool) -> PairFields:
    """The fields of one record: those chosen for the file, the rest by name.

    Unless `exact`, a record without a chosen field may have one of another known name instead.
    """
    named = name_fields(tuple(record))

    def pick(field: str | None, by_name: str | None) -> str | None:
        if field is None or (not exact and by_name is not None and field not in record):
            return by_name
        return field

    input = pick(chosen.input, named.input)
    output = pick(chosen.output, named.output if named.output != input else None)
    if input == output:  # the name says input, the choice says output
        input = chosen.input
    system = pick(chosen.system, named.system if named.system not in (input, output) else None)
    context = named.context if named.input == input and named.context not in (output, system) else None
    return PairFields(input, output, system, context)


def is_label_name(name: str | None) -> bool:
    """Whether the field's name says that it holds a label."""
    return name is not None and name.strip().lower() in _LABELS


def is_known_name(name: str) -> bool:
    """Whether a column of this name is one that pairs are known by."""
    plain = re.sub(r"[\s\-]+", "_", name.strip().lower())
    return plain in _INPUTS or plain in _OUTPUTS or plain in _SYSTEMS or plain in _EXTRA_NAMES


_EXTRA_NAMES = frozenset(
    "id idx index messages conversations contents instruction chosen rejected reviewer annotator tools".split()
)


def guess_fields(records: Sequence[Mapping[str, Any]], fixed: FieldMap) -> tuple[FieldMap, str] | None:
    """Input and output fields by their values, where names say nothing; with the reason.

    One long text and one field of few short values make a label per row; exactly two fields of text are
    input and output in that order. None where neither holds.
    """
    keys = list(dict.fromkeys(key for record in records for key in record))
    texts: dict[str, list[str]] = {}
    for key in keys:
        values = [record[key] for record in records if record.get(key) not in (None, "")]
        if values and not _META.match(key.strip().lower()) and not any(isinstance(v, dict | list) for v in values):
            texts[key] = [text_of(value) for value in values]
    length = {key: sum(map(len, values)) / len(values) for key, values in texts.items()}
    wordy = [key for key in texts if any(any(c.isalpha() for c in value) for value in texts[key])]
    input = fixed.input or max((k for k in wordy if k != fixed.output), key=lambda k: length[k], default=None)
    if input is None:
        return None
    if fixed.output:
        return FieldMap(input, fixed.output, fixed.system), f"{input} is the longest other text"
    labels = [key for key in texts if key not in (input, fixed.system) and _few_short(texts[key])]
    if labels and length.get(input, 0) > length[labels[-1]]:
        # Of several, the one with the most different values says most; the last wins a tie.
        label = max(labels, key=lambda key: (len(set(texts[key])), keys.index(key)))
        return FieldMap(input, label, fixed.system), f"{label} has few different values, {input} holds the text"
    others = [key for key in texts if key != fixed.system]
    if len(others) == 2 and input in others:
        first, second = others if not fixed.input else (input, next(k for k in others if k != input))
        return FieldMap(first, second, fixed.system), f"{first} and {second} are the only fields with text"
    return None


def _few_short(values: list[str]) -> bool:
    different = set(values)
    return len(values) >= 4 and 2 <= len(different) <= len(values) / 2 and all(len(value) <= 60 for value in different)


def read_pair(record: Mapping[str, Any], ref: Ref, chosen: FieldMap, *, exact: bool = False) -> Example:
    """One input, one output, a system text and whatever else the record holds as extra.

    Raises Unreadable where it has neither input nor output.
    """
    fields = fields_of(record, chosen, exact=exact)
    used = {fields.input, fields.output, fields.system, fields.context}
    asked = lookup(record, fields.input) if fields.input else None
    answer = lookup(record, fields.output) if fields.output else None
    messages = read_turns(asked) if is_turns(asked) else _asked(record, fields, used, asked)
    system = text_of(lookup(record, fields.system)) if fields.system else ""
    if system:
        messages = (Message("system", system), *messages)
    if is_turns(answer):
        messages += read_turns(answer)
    elif fields.output is not None and not (answer is None and is_turns(asked)):
        messages += (Message("assistant", text_of(answer)),)
    if not any(m.text.strip() for m in messages if m.role != "system"):
        raise Unreadable("neither input nor output")
    return Example(ref, messages, extra={key: value for key, value in record.items() if key not in used})


def _asked(record: Mapping[str, Any], fields: PairFields, used: set[str | None], asked: Any) -> tuple[Message, ...]:
    """The user's turn, after the turns of Alpaca's `history` (pairs of question and answer)."""
    earlier: tuple[Message, ...] = ()
    history = record.get("history")
    if isinstance(history, list) and all(isinstance(pair, list) and len(pair) == 2 for pair in history):
        used.add("history")
        for question, answer in history:
            earlier += (Message("user", text_of(question)), Message("assistant", text_of(answer)))
    context = text_of(record.get(fields.context)) if fields.context else ""
    parts = [part for part in (text_of(asked), context) if part]
    return (*earlier, Message("user", "\n\n".join(parts)))
