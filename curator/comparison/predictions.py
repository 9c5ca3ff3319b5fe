"""Files of predictions, in whatever form they are at hand: what was answered, to what, and where it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from curator.errors import InputError
from curator.formats import FieldMap, detect, glance
from curator.formats.pairs import name_fields, read_pair
from curator.formats.reading import rows
from curator.formats.records import Detection, Row, Unreadable, lookup, text_of
from curator.formats.shapes import read_record, recognise
from curator.formats.turns import is_turns, read_turns
from curator.model import Example, Message, Ref, Role
from curator.progress import Progress, Silent, track

IDS = "custom_id id example_id record_id recordId uuid guid row_id question_id qid task_id idx index key".split()
"""Names of fields by which records are told apart, in order of preference."""
PREDICTIONS = (
    "prediction predictions predicted pred y_pred predicted_label predicted_output model_output model_response "
    "model_answer generated_text generated_output generated generation candidate_answer"
).split()
_WRAPPING = frozenset("id custom_id recordId response error result request status modelInput modelOutput".split())
_ROOM = 100


@dataclass(frozen=True, slots=True)
class Prediction:
    """One answer of a system. `text` is None where there is none, and `why` says why.

    `input` is what it answers to, None where the record does not say; `ids` are the record's names for itself by field;
    `cut`: the provider says that the answer ended at the token limit.
    """

    ref: Ref
    text: str | None
    input: str | None = None
    ids: Mapping[str, str] = field(default_factory=dict)
    why: str = ""
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Answers:
    """All predictions of one file, in its order, and what the file was taken for."""

    path: str
    format: str
    predictions: tuple[Prediction, ...]


def read_answers(
    path: str, column: str | None = None, id: str | None = None, progress: Progress | None = None
) -> Answers:
    """Read a file of predictions; `column` and `id` name fields (or dotted paths) where the names do not tell.

    A record that cannot be read, and a request that failed, is a prediction without a text. Raises InputError where the file
    cannot be read, or none of its records holds a prediction.
    """
    found = _container(Path(path))
    read = [
        _prediction(row, found, Ref(path, number, row.line, Role.EVAL), column, id)
        for number, row in track(_places(path, found), progress or Silent(), "Reading predictions")
    ]
    if not any(one.text is not None for one in read):
        first = next((one for one in read if one.why), None)
        said = f"; the first: {first.why}" if first is not None else ""
        raise InputError(
            f"none of its {len(read):,} records holds a prediction{said}",
            path=path,
            line=None if first is None else first.ref.line,
        )
    return Answers(path, _format(found, read), tuple(read))


def _container(path: Path) -> Detection:
    # A list of labels, one per line, may look like a table; its name says what it is.
    if path.suffix.lower() in (".txt", ".text"):
        return detect(path, format="text", role=Role.EVAL)
    return glance(path, role=Role.EVAL)[0]


def _places(path: str, found: Detection) -> Iterator[tuple[int, Row]]:
    """Each record and its place; a blank line of a plain text file is an empty answer, not nothing."""
    if found.container != "text":
        yield from enumerate(rows(Path(path), found))
        return
    at = 0
    for row in rows(Path(path), found):
        while row.line is not None and at < row.line - 1:
            yield at, Row({"text": ""}, "", at + 1)
            at += 1
        yield at, row
        at += 1


def _prediction(row: Row, found: Detection, ref: Ref, column: str | None, id: str | None) -> Prediction:
    if row.problem:
        return Prediction(ref, None, why=row.problem)
    if not isinstance(row.value, dict):
        return Prediction(ref, None, why="it is not a record with named fields")
    if found.container == "text":
        return Prediction(ref, row.value["text"])
    ids = {name: text_of(row.value[name]) for name in IDS if row.value.get(name) not in (None, "")}
    if id is not None and (given := lookup(row.value, id)) is not None:
        ids[id] = text_of(given)
    try:
        return _answer(row.value, ref, ids, column)
    except Unreadable as reason:
        return Prediction(ref, None, ids=ids, why=str(reason))


def _answer(record: Mapping[str, Any], ref: Ref, ids: dict[str, str], column: str | None) -> Prediction:
    if column is None:
        for read in _BATCHES:
            if (said := read(record)) is not None:
                return Prediction(ref, said.text, said.input or _question(record), ids, said.why, said.cut)
        column = next((name for name in PREDICTIONS if name in record), None)
    elif lookup(record, column) is None and column not in record:
        raise Unreadable(f"it has no field {column}; its fields are {_names(record)}")
    example = _beside(record, ref, column) if column is not None else _shaped(record, ref)
    asked = example.input if example.input.strip() else None
    return Prediction(ref, example.output, asked, ids)


def _question(record: Mapping[str, Any]) -> str | None:
    """What a provider's record answers to, where somebody put that beside it."""
    asked = name_fields(tuple(key for key in record if key not in _WRAPPING)).input
    return (text_of(record[asked]).strip() or None) if asked is not None else None


def _beside(record: Mapping[str, Any], ref: Ref, column: str) -> Example:
    """A prediction in a field of its own, beside whatever else the record holds: the input, and the right answer perhaps."""
    value = lookup(record, column)
    text = read_turns(value)[-1].text if is_turns(value) else text_of(value)
    turns = record.get("messages", record.get("conversations"))
    if is_turns(turns):
        asked = read_turns(turns)
        asked = asked[:-1] if asked[-1].role == "assistant" else asked
        return Example(ref, (*asked, Message("assistant", text)))
    rest = {key: held for key, held in record.items() if key != column}
    if name_fields(tuple(rest)).input is None:
        return Example(ref, (Message("assistant", text),))
    rest["prediction"] = text
    try:
        return read_pair(rest, ref, FieldMap(output="prediction"), exact=True)
    except Unreadable:  # an empty answer to an empty input
        return Example(ref, (Message("assistant", text),))


def _shaped(record: Mapping[str, Any], ref: Ref) -> Example:
    """A record that is itself an example, its output the prediction; or one with an output alone."""
    shape = recognise(record)
    if shape is not None and shape.name != "inputs":
        example = read_record(record, ref, shape, FieldMap(), strict=False)
        if example.output_at is None:
            raise Unreadable("it has no answer: the last turn is not the assistant's")
        return example
    named = name_fields(tuple(record))
    column = named.output
    others = [key for key in record if key not in IDS]
    if column is None and len(others) == 1:
        column = others[0]
    if column is None:
        raise Unreadable(f"no prediction in it: its fields are {_names(record)}; name it with --prediction FIELD")
    return _beside(record, ref, column)


def _names(record: Mapping[str, Any]) -> str:
    text = ", ".join(map(str, record)) or "none"
    return text if len(text) <= _ROOM else f"{text[:_ROOM]} …"


def _format(found: Detection, read: list[Prediction]) -> str:
    return found.container if not any(one.cut for one in read) else f"{found.container}, some answers cut off"


# What providers give back for a batch of requests


@dataclass(frozen=True, slots=True)
class _Said:
    text: str | None
    input: str | None = None
    why: str = ""
    cut: bool = False


def _openai(record: Mapping[str, Any]) -> _Said | None:
    """`custom_id` with `response.body` (OpenAI, Azure, Together, Mistral, Fireworks), of Chat Completions or Responses."""
    if "response" not in record or not ("custom_id" in record or isinstance(record["response"], dict)):
        return None
    response, error = record["response"], record.get("error")
    if error:
        return _Said(None, why=f"the request failed: {_reason(error)}")
    if response is None:
        return _Said(None, why="the request has no response")
    if not isinstance(response, dict) or "body" not in response:
        return None
    body, status = response["body"], response.get("status_code", 200)
    if status != 200 or not isinstance(body, dict):
        failed = body.get("error", body) if isinstance(body, dict) else body
        return _Said(None, why=f"the request failed with status {status}: {_reason(failed)}")
    return _chat(body) or _responses(body) or _Said(None, why="the response holds no answer")


def _chat(body: Mapping[str, Any]) -> _Said | None:
    choices = body.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        return None
    first = choices[0]
    cut = first.get("finish_reason") == "length"
    message = first.get("message")
    if not isinstance(message, dict):
        return _Said(text_of(first["text"]), cut=cut) if "text" in first else None
    if message.get("refusal") and not message.get("content"):
        return _Said(text_of(message["refusal"]), cut=cut)
    return _Said(read_turns([{"role": "assistant", "content": None, **message}])[-1].text, cut=cut)


def _responses(body: Mapping[str, Any]) -> _Said | None:
    output = body.get("output")
    if not isinstance(output, list):
        return None
    parts = [part for item in output if isinstance(item, dict) for part in _list(item.get("content"))]
    texts = [text_of(part["text"]) for part in parts if isinstance(part, dict) and "text" in part]
    return _Said("".join(texts), cut=body.get("status") == "incomplete") if texts else None


def _anthropic(record: Mapping[str, Any]) -> _Said | None:
    """`custom_id` with `result` (Anthropic's message batches)."""
    result = record.get("result")
    if "custom_id" not in record or not isinstance(result, dict) or "type" not in result:
        return None
    message = result.get("message")
    if result["type"] != "succeeded" or not isinstance(message, dict):
        return _Said(None, why=f"the request {result['type']}: {_reason(result.get('error'))}")
    return _message(message)


def _bedrock(record: Mapping[str, Any]) -> _Said | None:
    """`recordId` with `modelOutput` (batch inference of Amazon Bedrock; Claude and Nova)."""
    if "modelOutput" not in record and not ("modelInput" in record and "error" in record):
        return None
    output = record.get("modelOutput")
    if not isinstance(output, dict):
        return _Said(None, why=f"the request failed: {_reason(record.get('error'))}")
    inner = output.get("output")
    said = _message(inner["message"] if isinstance(inner, dict) and isinstance(inner.get("message"), dict) else output)
    asked = record.get("modelInput")
    turns = asked.get("messages") if isinstance(asked, dict) else None
    return _Said(said.text, _asked(turns), said.why, said.cut or output.get("stopReason") == "max_tokens")


def _vertex(record: Mapping[str, Any]) -> _Said | None:
    """`request` with `response.candidates` (batch prediction of Vertex AI)."""
    request, response = record.get("request"), record.get("response")
    if not isinstance(request, dict) or "contents" not in request:
        return None
    candidates = response.get("candidates") if isinstance(response, dict) else None
    asked = _asked(request["contents"])
    if not isinstance(candidates, list) or not candidates or not isinstance(candidates[0], dict):
        return _Said(None, asked, why=f"the request has no answer: {_reason(record.get('status'))}")
    content = candidates[0].get("content")
    parts = _list(content.get("parts")) if isinstance(content, dict) else []
    texts = [text_of(part["text"]) for part in parts if isinstance(part, dict) and "text" in part]
    return _Said("".join(texts), asked, cut=candidates[0].get("finishReason") == "MAX_TOKENS")


_BATCHES: tuple[Callable[[Mapping[str, Any]], _Said | None], ...] = (_vertex, _openai, _anthropic, _bedrock)


def _message(message: Mapping[str, Any]) -> _Said:
    parts = _list(message.get("content"))
    texts = [text_of(part["text"]) for part in parts if isinstance(part, dict) and "text" in part]
    cut = message.get("stop_reason") == "max_tokens"
    return _Said("".join(texts), cut=cut) if texts else _Said(None, why="the response holds no answer")


def _asked(turns: Any) -> str | None:
    if not is_turns(turns):
        return None
    text = Example(Ref("", 0, None), (*read_turns(turns), Message("assistant", ""))).input
    return text if text.strip() else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _reason(error: Any) -> str:
    if isinstance(error, dict):
        error = error.get("message") or error.get("error") or error
        if isinstance(error, dict):
            error = error.get("message") or error
    text = text_of(error) or "no reason is given"
    return text if len(text) <= _ROOM else f"{text[:_ROOM]} …"
