"""Prodigy: a line for each annotator's answer, lines of one text told by `_input_hash`; and what its `review` writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curator.formats.annotations import Annotated, Answer, dicts, label_text, span_text, when, who
from curator.formats.records import label_set, text_of
from curator.model import Verdict

_VERDICTS = {"reject": Verdict.DROP, "ignore": Verdict.SKIP}
_MANUAL_SPANS = ("ner_manual", "spans_manual")
_ONE_SPAN = "ner"
_USED = frozenset("text accept user_input label spans answer tokens options versions".split())
_OF_ONE = frozenset("_annotator_id _session_id _timestamp _task_hash".split())


def is_prodigy(record: Mapping[str, Any]) -> bool:
    return "answer" in record and ("_task_hash" in record or "_input_hash" in record)


def annotated(record: Mapping[str, Any]) -> Annotated:
    """One answer: accept gives the value, reject speaks against it and drops the example, ignore skips it.

    In the output of `review` the answers that were reviewed come first, each by its sessions.
    """
    answers = [
        _answer(version, session)
        for version in dicts(record.get("versions"))
        for session in version.get("sessions") or ()
        if isinstance(session, str | int)
    ]
    answers.append(_answer(record, record.get("_annotator_id") or record.get("_session_id")))
    text = next((record[key] for key in ("text", "prompt", "html") if isinstance(record.get(key), str)), None)
    extra = {key: value for key, value in record.items() if key not in _USED}
    # Where spans are accepted or not one by one, each is a question of its own; elsewhere the text is.
    hashed = record.get("_task_hash" if record.get("_view_id") == _ONE_SPAN else "_input_hash")
    item = text_of(text if hashed is None else hashed)
    return Annotated({"text": text}, tuple(answers), extra, item, _OF_ONE)


def _answer(record: Mapping[str, Any], reviewer: Any) -> Answer:
    value, part = _value(record)
    verdict = _VERDICTS.get(str(record.get("answer", "accept")))
    if verdict is None and value is None and not isinstance(record.get("accept"), list):
        verdict = Verdict.KEEP  # accepted, and there was nothing to choose
    if verdict is not None and value == label_set([]):
        value = None
    at = when(record.get("_timestamp"))
    return Answer(who(reviewer), value, verdict, free="user_input" in record, part=part, at=at)


def _value(record: Mapping[str, Any]) -> tuple[str | None, bool]:
    """What was chosen, written or marked; and whether it is one label that was shown to be accepted or not."""
    accept, config = record.get("accept"), record.get("config")
    if isinstance(accept, list):
        chosen = [text_of(option) for option in accept]
        several = isinstance(config, dict) and config.get("choice_style") == "multiple"
        return label_set([]) if several and not chosen else label_text(chosen), False
    if isinstance(record.get("user_input"), str):
        return record["user_input"], False
    if record.get("label") is not None:
        return text_of(record["label"]), True
    if isinstance(record.get("spans"), list):
        return span_text(record.get("text"), dicts(record["spans"])), False
    return ("[]" if record.get("_view_id") in _MANUAL_SPANS else None), False
