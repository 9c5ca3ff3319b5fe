"""Label Studio: its JSON export, and JSON_MIN and CSV, which have a record for each annotation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from curator.formats.annotations import Annotated, Answer, answer_text, dicts, lone_question, when, who
from curator.formats.pairs import guess_fields, name_fields
from curator.formats.records import FieldMap, Unreadable, parse_json, text_of
from curator.model import Verdict

_OF_ONE = frozenset("annotator annotation_id created_at updated_at lead_time history".split())
_OF_TASK = frozenset({"id", "agreement"})
_RENAMED = "_data_"
"""What its CSV puts before the name of a field that a question has, too."""
_KINDS = ("choices", "taxonomy", "text", "rating", "number", "datetime", "selected", "ranker")
_SAMPLE = 200


def is_task(record: Mapping[str, Any]) -> bool:
    """A task of the JSON export."""
    annotated = any(isinstance(record.get(key), list) for key in ("annotations", "completions"))
    return annotated and isinstance(record.get("data"), dict)


def is_row(record: Mapping[str, Any]) -> bool:
    """A record of JSON_MIN or CSV."""
    return "annotation_id" in record and "lead_time" in record


def task(record: Mapping[str, Any]) -> Annotated:
    """A task with its `annotations`, cancelled ones as skips. What models predicted is no vote and stays in `extra`."""
    answers = []
    for annotation in dicts(record.get("annotations", record.get("completions"))):
        questions, free = _questions(dicts(annotation.get("result")))
        cancelled = annotation.get("was_cancelled") or annotation.get("skipped")
        answers.append(
            Answer(
                who(annotation.get("completed_by"), annotation.get("created_username")),
                answer_text(questions),
                Verdict.SKIP if cancelled else None,
                free=free,
                at=when(annotation.get("updated_at") or annotation.get("created_at")),
                question=lone_question(questions),
            )
        )
    extra = {key: value for key, value in record.items() if key not in ("data", "annotations", "completions")}
    return Annotated(record["data"], tuple(answers), extra)


def row(record: Mapping[str, Any], labels: frozenset[str] | None = None) -> Annotated:
    """A record of JSON_MIN, whose converter writes the task's fields, `id`, the labels, then `annotator` and the rest.

    `labels` names the keys that hold labels where the order does not tell, as in CSV (see `label_columns`).
    """
    keys = list(record)
    if labels is None:
        ends = [keys.index(key) for key in ("annotator", "annotation_id") if key in keys]
        end = min(ends, default=len(keys))
        start = keys.index("id") + 1 if "id" in keys[:end] else max(end - 1, 0)
        named, before = keys[start:end], keys[: start - 1 if start and keys[start - 1] == "id" else start]
    else:
        named = [key for key in keys if key in labels]
        before = [key for key in keys if key not in labels and key not in _OF_ONE | _OF_TASK]
    fields = {key.removeprefix(_RENAMED) if labels else key: record[key] for key in before}
    questions = {key: _min_value(record[key]) for key in named if record[key] not in (None, "")}
    extra = {key: record[key] for key in keys if key not in named and key not in before}
    answers: tuple[Answer, ...] = ()
    if any(record.get(key) not in (None, "") for key in ("annotator", "annotation_id")):
        at = when(record.get("updated_at") or record.get("created_at"))
        name = who(record.get("annotator"))
        answers = (Answer(name, answer_text(questions), at=at, question=lone_question(questions)),)
    task_id = record.get("id")
    item = text_of(task_id if task_id not in (None, "") else fields)
    return Annotated(fields, answers, extra, item, _OF_ONE)


def has_order(record: Mapping[str, Any]) -> bool:
    """Whether the keys stand as the converter of JSON_MIN writes them; in CSV they are sorted by name."""
    keys = list(record)
    return "annotator" in keys and keys[keys.index("annotator") + 1 :][:1] == ["annotation_id"]


def label_columns(records: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Which columns of a CSV hold labels: those that differ between annotations of one task, and results as JSON.

    Where annotators agree on all or every task has one, the column that looks like labels.
    """
    first: dict[str, Mapping[str, Any]] = {}
    found: set[str] = set()
    sample: list[Mapping[str, Any]] = []
    for record in records:
        fields = {key: value for key, value in record.items() if key not in _OF_ONE | _OF_TASK}
        if len(sample) < _SAMPLE:
            sample.append(fields)
        before = first.setdefault(text_of(record.get("id")), fields)
        found.update(key for key, value in fields.items() if value != before.get(key) or _is_result(value))
    if not found:
        guess = guess_fields(sample, FieldMap()) if sample else None
        column = name_fields(tuple(sample[0])).output if sample and guess is None else guess and guess[0].output
        found.update([column] if column else ())
    return frozenset(key for key in found if not key.startswith(_RENAMED))


def _is_result(cell: Any) -> bool:
    return (
        isinstance(cell, str) and cell[:2] in ('{"', "[{") and any(f'"{kind}"' in cell for kind in (*_KINDS, "start"))
    )


def _min_value(value: Any) -> Any:
    """What one question's key holds: a lone choice or text as such, else the values of its results."""
    if isinstance(value, str) and value[:1] in ("[", "{"):
        with suppress(Unreadable):  # a text that only begins like JSON
            value = parse_json(value)
    parts = value if isinstance(value, list) else [value]
    found: list[Any] = []
    for part in parts:
        found += _values(part)[0] if isinstance(part, dict) else [part]
    return _joined(found)


def _questions(results: list[dict[str, Any]]) -> tuple[dict[str, Any], bool]:
    """The answer to each question in one annotation's results, and whether text was written."""
    by_name: dict[str, list[Any]] = {}
    free = False
    for result in results:
        if isinstance(result.get("value"), dict):
            values, written = _values(result["value"])
            by_name.setdefault(text_of(result.get("from_name")), []).extend(values)
            free = free or written
    return {name: _joined(values) for name, values in by_name.items() if values}, free


def _values(value: Mapping[str, Any]) -> tuple[list[Any], bool]:
    """What one result says, and whether it is text that was written."""
    if "start" in value or "end" in value:
        labels = next((v for k, v in value.items() if k.endswith("labels") and isinstance(v, list)), [])
        return [{"text": value.get("text"), "label": _lone([text_of(label) for label in labels])}], False
    kind = next((kind for kind in _KINDS if kind in value), None)
    if kind is None:
        return [dict(value)] if value else [], False
    said = value[kind]
    if kind == "taxonomy" and isinstance(said, list):
        return [" > ".join(map(text_of, path)) if isinstance(path, list) else text_of(path) for path in said], False
    if kind in ("choices", "text") and isinstance(said, list):
        return [text_of(part) for part in said], kind == "text"
    return [said], kind == "text"


def _lone(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _joined(values: list[Any]) -> Any:
    """The values of one question as one: a lone number or text by itself, spans and the like as a list of objects."""
    return values[0] if len(values) == 1 and not isinstance(values[0], dict) else values
