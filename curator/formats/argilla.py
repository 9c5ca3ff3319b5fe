"""Argilla: records of version 2, nested or flattened into columns, and the datasets of version 1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curator.formats.annotations import Annotated, Answer, answer_text, dicts, lone_question, span_text, when, who
from curator.model import Verdict

_USERS = ".responses.users"
_STATUS = {"discarded": Verdict.SKIP, "draft": Verdict.SKIP, "pending": Verdict.SKIP}
_LONG = 60
"""Characters above which an answer was written, not chosen: the exports do not say which."""
_NOT_FIELDS = frozenset("id status _server_id external_id metadata vectors inserted_at updated_at score".split())


def is_argilla(record: Mapping[str, Any]) -> bool:
    """Whether a record is Argilla's, in any of its forms."""
    if isinstance(record.get("fields"), dict) and isinstance(record.get("responses"), list | dict):
        return True
    return _is_flat(record) or _is_feedback(record) or _is_old(record)


def annotated(record: Mapping[str, Any]) -> Annotated:
    """What a record holds. A submitted response is a value; one that was discarded or not sent off is a skip."""
    if isinstance(record.get("fields"), dict) and "responses" in record:
        return _nested(record)
    if _is_flat(record):
        return _flat(record)
    return _feedback(record) if _is_feedback(record) else _old(record)


def _nested(record: Mapping[str, Any]) -> Annotated:
    """`fields` and `responses`: a list of users' answers (version 1), or a list for each question (version 2)."""
    responses = record["responses"]
    answers: list[Answer] = []
    if isinstance(responses, Mapping):
        answers = _by_user({str(question): dicts(found) for question, found in responses.items()})
    for response in dicts(responses):
        values = response.get("values")
        given = values if isinstance(values, dict) else {}
        plain = {k: v.get("value") if isinstance(v, dict) else v for k, v in given.items()}
        answers.append(_answer(response.get("user_id"), response.get("status"), plain, response))
    extra = {key: value for key, value in record.items() if key not in ("fields", "responses")}
    return Annotated(record["fields"], tuple(answers), extra)


def _is_flat(record: Mapping[str, Any]) -> bool:
    return any(key.endswith(_USERS) for key in record)


def _flat(record: Mapping[str, Any]) -> Annotated:
    """Columns `question.responses`, `question.responses.users` and `question.responses.status`, equally long lists."""
    found: dict[str, list[dict[str, Any]]] = {}
    used: set[str] = set()
    for question in [key.removesuffix(_USERS) for key in record if key.endswith(_USERS)]:
        name = f"{question}.responses"
        values, users, status = (_list(record.get(key)) for key in (name, name + ".users", name + ".status"))
        used |= {name, name + ".users", name + ".status"}
        found[question] = [
            {"value": value, "user_id": _at(users, at), "status": _at(status, at)} for at, value in enumerate(values)
        ]
    rest = {key: value for key, value in record.items() if key not in used}
    return _with_fields(rest, _by_user(found))


def _is_feedback(record: Mapping[str, Any]) -> bool:
    if any(_responses(value) for value in record.values() if isinstance(value, list | dict)):
        return True
    # A record that nobody answered has no responses to tell it by.
    return "external_id" in record and "metadata" in record and any(f"{key}-suggestion" in record for key in record)


def _feedback(record: Mapping[str, Any]) -> Annotated:
    """Version 1 as a dataset: a column of text for each field, one of `user_id`, `value` and `status` for each question."""
    found = {key: _responses(value) for key, value in record.items() if isinstance(value, list | dict)}
    asked = {key for key in record if f"{key}-suggestion" in record}
    used = {key for key, responses in found.items() if responses} | asked
    rest = {key: value for key, value in record.items() if key not in used}
    return _with_fields(rest, _by_user({question: found.get(question, []) for question in used}))


def _responses(value: Any) -> list[dict[str, Any]]:
    """Responses as a list of objects or as an object of lists; none where it is neither."""
    if isinstance(value, dict):
        if not {"user_id", "value"} <= set(value) or not isinstance(value["value"], list):
            return []
        users, status = _list(value["user_id"]), _list(value.get("status"))
        return [
            {"value": said, "user_id": _at(users, at), "status": _at(status, at)}
            for at, said in enumerate(value["value"])
        ]
    told = dicts(value)
    return told if told and all("value" in one and ("user_id" in one or "status" in one) for one in told) else []


def _is_old(record: Mapping[str, Any]) -> bool:
    return "annotation" in record and "annotation_agent" in record and "status" in record


def _old(record: Mapping[str, Any]) -> Annotated:
    """Records for classification, token classification and generation as they were before feedback datasets."""
    inputs = record.get("inputs")
    fields = dict(inputs) if isinstance(inputs, dict) else {}
    text = record.get("text")
    if text not in (None, "") and text not in fields.values():
        fields = {"text": text, **fields}
    said = record["annotation"]
    spans = dicts(said)
    value = span_text(text, spans) if spans else answer_text({"annotation": said})
    verdict = Verdict.SKIP if str(record["status"]).lower() == "discarded" else None
    answers: tuple[Answer, ...] = ()
    if value is not None or verdict is not None:
        at = when(record.get("event_timestamp"))
        answers = (Answer(who(record["annotation_agent"]), value, verdict, free=_written(said), at=at),)
    used = {"text", "inputs", "annotation", "annotation_agent"}
    return Annotated(fields, answers, {key: value for key, value in record.items() if key not in used})


def _with_fields(rest: Mapping[str, Any], answers: list[Answer]) -> Annotated:
    """Fields and metadata are told apart by their names alone: what is no text and no known name is `extra`."""
    fields = {
        key: value
        for key, value in rest.items()
        if key not in _NOT_FIELDS and "suggestion" not in key and isinstance(value, str | list)
    }
    return Annotated(fields, tuple(answers), {key: value for key, value in rest.items() if key not in fields})


def _by_user(responses: Mapping[str, list[dict[str, Any]]]) -> list[Answer]:
    """Answers of each user to all questions, in the order in which users come up."""
    given: dict[str, dict[str, Any]] = {}
    status: dict[str, Any] = {}
    for question, found in responses.items():
        for response in found:
            user = who(response.get("user_id"))
            given.setdefault(user, {})[question] = response.get("value")
            status[user] = response.get("status") or "submitted"
    return [_answer(user, status[user], values, {}) for user, values in given.items()]


def _answer(user: Any, status: Any, given: Mapping[str, Any], response: Mapping[str, Any]) -> Answer:
    at = when(response.get("updated_at") or response.get("inserted_at"))
    written = len(given) == 1 and _written(next(iter(given.values())))
    verdict = _STATUS.get(str(status))
    return Answer(who(user), answer_text(given), verdict, free=written, at=at, question=lone_question(given))


def _written(value: Any) -> bool:
    return isinstance(value, str) and len(value) > _LONG


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _at(values: list[Any], at: int) -> Any:
    return values[at] if at < len(values) else None
