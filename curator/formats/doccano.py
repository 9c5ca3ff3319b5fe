"""doccano: JSON Lines, JSON and CSV, in which a file is one annotator's; and older files that name users inside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curator.formats.annotations import Annotated, Answer, label_text, span_text, who
from curator.formats.annotations import dicts as dicts_of
from curator.formats.records import dump_json, text_of

_LABELS = ("label", "labels", "entities")
_SPANS = ("start_offset", "end_offset")
_OF_ONE = frozenset({"annotator", "user", "username", "Comments"})


def is_doccano(record: Mapping[str, Any]) -> bool:
    """A text with a list of labels, or with annotations that each name a user."""
    if not isinstance(record.get("text", record.get("data")), str):
        return False
    if any(isinstance(record.get(key), list) for key in _LABELS):
        return True
    notes = record.get("annotations")
    return isinstance(notes, list) and all(isinstance(note, dict) and "user" in note for note in notes)


def annotated(record: Mapping[str, Any]) -> Annotated:
    """`text` with a list of labels, of spans, or of `annotations` by user. A text without any was not annotated."""
    text = record.get("text", record.get("data"))
    labels = next((record[key] for key in _LABELS if isinstance(record.get(key), list)), None)
    name = _annotator(record)
    note = "; ".join(text_of(comment) for comment in _list(record.get("Comments"))) if name else ""
    answers: list[Answer] = []
    if labels is not None:
        value = _with_categories(_value(text, labels), record.get("cats"))
        if value is not None or not name:
            answers.append(Answer(name, value, note=note))
    else:
        by_user: dict[str, list[dict[str, Any]]] = {}
        for one in dicts_of(record.get("annotations")):
            by_user.setdefault(who(one.get("user")), []).append(one)
        answers += [Answer(user, _of_user(text, notes)) for user, notes in by_user.items()]
    used = {"text", "data", *_LABELS, "annotations", *({"Comments", *_named(record)} if name else ())}
    extra = {key: value for key, value in record.items() if key not in used}
    item = dump_json([record.get("id"), text]) if name else None
    return Annotated({"text": text}, tuple(answers), extra, item, _OF_ONE)


def _annotator(record: Mapping[str, Any]) -> str:
    """Who annotated this line, "" where it does not say."""
    name = next((record[key] for key in _named(record)), None)
    return "" if name is None else who(name)


def _named(record: Mapping[str, Any]) -> list[str]:
    # Without an id a record may be anything, such as a message and the user who wrote it.
    keys = ("annotator", "user", "username") if "id" in record else ("annotator",)
    return [key for key in keys if isinstance(record.get(key), str | int) and record[key] != ""][:1]


def _of_user(text: Any, notes: list[dict[str, Any]]) -> str | None:
    if any(key in note for note in notes for key in _SPANS):
        return _spans(text, notes)
    return label_text(text_of(note.get("label", note.get("text"))) for note in notes)


def _value(text: Any, labels: list[Any]) -> str | None:
    if labels and all(isinstance(label, list) and len(label) == 3 for label in labels):
        return span_text(text, [{"start": start, "end": end, "label": label} for start, end, label in labels])
    if labels and all(isinstance(label, dict) for label in labels):
        return _spans(text, labels)
    return label_text(text_of(label) for label in labels)


def _spans(text: Any, spans: list[dict[str, Any]]) -> str:
    return span_text(text, [{**s, "start": s.get("start_offset"), "end": s.get("end_offset")} for s in spans])


def _with_categories(value: str | None, categories: Any) -> str | None:
    """Slots and intent together, as its intent detection has them."""
    if not isinstance(categories, list) or not categories:
        return value
    intent = label_text(text_of(category) for category in categories)
    return intent if value is None else dump_json({"cats": intent, "entities": value})


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value in (None, "") else [value]
