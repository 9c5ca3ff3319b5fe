"""Exports of annotation tools: the texts that were shown, and what each annotator said of them as votes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curator.formats.pairs import name_fields
from curator.formats.records import Unreadable, dump_json, text_of
from curator.formats.turns import is_turns, read_turns
from curator.model import Example, Message, Ref, Verdict, Vote


@dataclass(frozen=True, slots=True)
class Answer:
    """What one annotator gave: a value, or a verdict that stands in for one.

    `free` marks text that the annotator wrote, which can replace an output; a choice or rating cannot.
    """

    reviewer: str
    value: str | None
    verdict: Verdict | None = None
    free: bool = False


def read_label_studio(record: Mapping[str, Any], ref: Ref) -> Example:
    """Label Studio's JSON export: `data`, and `annotations` with results; cancelled ones are left out."""
    answers = []
    for annotation in _dicts(record.get("annotations", record.get("completions"))):
        if not annotation.get("was_cancelled"):
            value, free = _label_studio_value(_dicts(annotation.get("result")))
            answers.append(Answer(_who(annotation.get("completed_by")), value, free=free))
    extra = {key: value for key, value in record.items() if key not in ("data", "annotations", "completions")}
    return _example(record["data"], answers, ref, extra)


def read_label_studio_min(record: Mapping[str, Any], ref: Ref) -> Example:
    """Label Studio's JSON_MIN export: the task's fields, `id`, the labels, then `annotator` and the rest.

    Its converter writes the keys in that order, which is what tells fields from labels.
    """
    keys = list(record)
    ends = [keys.index(key) for key in ("annotator", "annotation_id") if key in keys]
    end = min(ends, default=len(keys))
    start = keys.index("id") + 1 if "id" in keys[:end] else max(end - 1, 0)
    labels = {key: record[key] for key in keys[start:end] if record[key] is not None}
    fields = {key: record[key] for key in keys[: start - 1 if start and keys[start - 1] == "id" else start]}
    values = [_label_studio_min_value(value) for value in labels.values()]
    value = None if not values else values[0] if len(values) == 1 else dump_json(labels)
    extra = {key: record[key] for key in keys if key not in labels and key not in fields}
    return _example(fields, [Answer(_who(record.get("annotator")), value)], ref, extra)


def read_argilla(record: Mapping[str, Any], ref: Ref) -> Example:
    """Argilla records, of version 1 (`responses` a list) and 2 (a list per question).

    A submitted response is a value, a discarded one drops the example, a draft skips it.
    """
    responses = record.get("responses")
    answers: list[Answer] = []
    if isinstance(responses, Mapping):
        answers = _argilla_by_question(responses)
    for response in _dicts(responses):
        values = response.get("values")
        given = {k: v.get("value") if isinstance(v, dict) else v for k, v in values.items()} if values else {}
        answers.append(_argilla_answer(_who(response.get("user_id")), response.get("status"), given))
    extra = {key: value for key, value in record.items() if key not in ("fields", "responses")}
    return _example(record["fields"], answers, ref, extra)


def read_prodigy(record: Mapping[str, Any], ref: Ref) -> Example:
    """Prodigy: one line per annotator's answer; reject drops the example, ignore skips it."""
    value: str | None = None
    if isinstance(record.get("accept"), list):
        value = _one_or_list([text_of(item) for item in record["accept"]])
    elif isinstance(record.get("user_input"), str):
        value = record["user_input"]
    elif record.get("label") is not None:
        value = text_of(record["label"])
    elif isinstance(record.get("spans"), list):
        value = _spans(record.get("text"), _dicts(record["spans"]))
    verdict = {"reject": Verdict.DROP, "ignore": Verdict.SKIP}.get(str(record.get("answer")))
    reviewer = _who(record.get("_annotator_id", record.get("_session_id")))
    used = {"text", "accept", "user_input", "label", "spans", "answer", "tokens", "options"}
    fields = {"text": record.get("text", record.get("prompt"))}
    extra = {key: value for key, value in record.items() if key not in used}
    return _example(fields, [Answer(reviewer, value, verdict, free="user_input" in record)], ref, extra)


def read_doccano(record: Mapping[str, Any], ref: Ref) -> Example:
    """doccano: `text` with a list of labels, of spans `[start, end, label]`, or of `annotations` by user."""
    text = record.get("text", record.get("data"))
    labels = next((record[key] for key in ("label", "labels", "entities") if isinstance(record.get(key), list)), None)
    answers: list[Answer] = []
    if labels is not None:
        answers.append(Answer("", _doccano_value(text, labels)))
    else:
        by_user: dict[str, list[str]] = {}
        for note in _dicts(record.get("annotations")):
            by_user.setdefault(_who(note.get("user")), []).append(text_of(note.get("label", note.get("text"))))
        answers += [Answer(user, _one_or_list(values)) for user, values in by_user.items()]
    used = ("text", "data", "label", "labels", "entities", "annotations")
    extra = {key: value for key, value in record.items() if key not in used}
    return _example({"text": text}, answers, ref, extra)


def _example(fields: Any, answers: Sequence[Answer], ref: Ref, extra: Mapping[str, Any]) -> Example:
    """The example that annotators saw, with a vote of each who is named.

    Where the fields hold an output of their own, answers judge it; else the answer given most often (of
    equals the first) is the output.
    """
    if not isinstance(fields, Mapping):
        raise Unreadable("the annotated data is not an object")
    asked, own, rest = _shown(fields)
    values = [a.value for a in answers if a.value is not None and a.verdict is None]
    values = values or [a.value for a in answers if a.value is not None]
    # Counter keeps the order of first sight, so the first of equals wins.
    output = own if own is not None else Counter(values).most_common(1)[0][0] if values else ""
    if not output and not any(message.text.strip() for message in asked):
        raise Unreadable("neither input nor output")
    messages = asked
    if own is not None or values or not _ends_with_answer(asked):
        messages = (*asked, Message("assistant", output))
    votes = tuple(_vote(answer, output, own is not None) for answer in answers if answer.reviewer)
    return Example(ref, messages, votes=votes, extra={**rest, **extra})


def _shown(fields: Mapping[str, Any]) -> tuple[tuple[Message, ...], str | None, dict[str, Any]]:
    """The turns shown to the annotator, an output among the fields, and the fields left over."""
    for name, value in fields.items():
        if is_turns(value):
            return read_turns(value), None, {k: v for k, v in fields.items() if k != name}
    named = name_fields(tuple(fields))
    key: str | None = named.input
    if key is None:
        texts = {k: v for k, v in fields.items() if isinstance(v, str) and k != named.output}
        key = max(texts, key=lambda k: len(texts[k]), default=None)
    output = named.output if key != named.output else None
    parts = [text_of(fields[k]) for k in (key, named.context) if k is not None and fields[k] is not None]
    rest = {k: v for k, v in fields.items() if k not in (key, output, named.context)}
    own = None if output is None or fields[output] is None else text_of(fields[output])
    return (Message("user", "\n\n".join(part for part in parts if part)),), own, rest


def _vote(answer: Answer, output: str, judged: bool) -> Vote:
    value = answer.value
    if answer.verdict is not None:
        return Vote(answer.reviewer, answer.verdict, note=value or "")
    if value is None:
        return Vote(answer.reviewer, Verdict.SKIP)
    if value == output:
        return Vote(answer.reviewer, Verdict.KEEP, value)
    if judged and not answer.free:
        return Vote(answer.reviewer, Verdict.KEEP, note=value)
    return Vote(answer.reviewer, Verdict.RELABEL, value)


def _ends_with_answer(messages: tuple[Message, ...]) -> bool:
    return bool(messages) and messages[-1].role == "assistant"


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _who(value: Any) -> str:
    """The annotator's name as exported: an address, a number, or an object with one of them."""
    if isinstance(value, dict):
        value = next((value[key] for key in ("email", "username", "id") if value.get(key) is not None), None)
    return text_of(value) or "annotator"


def _one_or_list(values: list[str]) -> str | None:
    return values[0] if len(values) == 1 else dump_json(values) if values else None


def _label_studio_value(results: list[dict[str, Any]]) -> tuple[str | None, bool]:
    """The answer in one annotation's results, and whether it is text that was written."""
    by_name: dict[str, list[Any]] = {}
    free = False
    for result in results:
        value = result.get("value")
        if not isinstance(value, dict):
            continue
        found = by_name.setdefault(text_of(result.get("from_name")), [])
        kind = next((k for k in ("choices", "text", "taxonomy", "rating", "number", "ranker") if k in value), None)
        if "start" in value or "end" in value:
            labels = next((v for k, v in value.items() if k.endswith("labels") and isinstance(v, list)), [])
            found.append({"text": value.get("text"), "label": _one_or_list([text_of(v) for v in labels])})
        elif kind is not None:
            free = free or kind == "text"
            found += value[kind] if isinstance(value[kind], list) else [value[kind]]
    by_name = {name: values for name, values in by_name.items() if values}
    if not by_name:
        return None, free
    if len(by_name) > 1:
        return dump_json(
            {name: v[0] if len(v) == 1 and not isinstance(v[0], dict) else v for name, v in by_name.items()}
        ), free
    values = next(iter(by_name.values()))
    if isinstance(values[0], dict):
        return dump_json(values), free
    return _one_or_list([text_of(value) for value in values]), free


def _label_studio_min_value(value: Any) -> str:
    if isinstance(value, dict) and isinstance(value.get("choices"), list):
        return _one_or_list([text_of(choice) for choice in value["choices"]]) or ""
    return text_of(value)


def _argilla_by_question(responses: Mapping[str, Any]) -> list[Answer]:
    given: dict[str, dict[str, Any]] = {}
    status: dict[str, Any] = {}
    for question, found in responses.items():
        for response in _dicts(found):
            user = _who(response.get("user_id"))
            given.setdefault(user, {})[question] = response.get("value")
            status[user] = response.get("status", "submitted")
    return [_argilla_answer(user, status[user], values) for user, values in given.items()]


def _argilla_answer(user: str, status: Any, given: Mapping[str, Any]) -> Answer:
    values = {question: value for question, value in given.items() if value is not None}
    only = next(iter(values.values())) if len(values) == 1 else values
    text = None if not values else _one_or_list([text_of(v) for v in only]) if isinstance(only, list) else text_of(only)
    verdict = {"discarded": Verdict.DROP, "draft": Verdict.SKIP, "pending": Verdict.SKIP}.get(str(status))
    return Answer(user, text, verdict, free=isinstance(only, str) and len(only) > 60)


def _spans(text: Any, spans: list[dict[str, Any]]) -> str:
    def words(span: dict[str, Any]) -> str:
        start, end = span.get("start"), span.get("end")
        inside = isinstance(text, str) and isinstance(start, int) and isinstance(end, int)
        return text[start:end] if inside else text_of(span.get("text"))

    return dump_json([{"text": words(span), "label": text_of(span.get("label"))} for span in spans])


def _doccano_value(text: Any, labels: list[Any]) -> str | None:
    if labels and all(isinstance(label, list) and len(label) == 3 for label in labels):
        return _spans(text, [{"start": s, "end": e, "label": label} for s, e, label in labels])
    if labels and all(isinstance(label, dict) for label in labels):
        spans = [{**s, "start": s.get("start_offset"), "end": s.get("end_offset")} for s in labels]
        return _spans(text, spans)
    return _one_or_list([text_of(label) for label in labels])
