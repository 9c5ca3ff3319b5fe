"""Outputs against a JSON Schema, given or inferred, and extracted values that the input does not hold.

The inferred schema keeps only what nearly all outputs share, so it states what this data does, not what JSON could.
For classification the schema is the list of labels: spellings that differ in case or white space alone are named.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from curator.checks.data import INVALID, Data, Outcome, fold, parse_json
from curator.checks.findings import finding_id, shorten
from curator.checks.support import Source
from curator.errors import InputError
from curator.model import Finding, Severity, Suggestion, Verdict

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError

NAME = "schema"
FEWEST = 20
MOST_JSON = 0.8
"""Share of outputs that must be JSON objects before a schema is inferred."""
NEARLY_ALL = 0.95
"""Share of outputs that must have a key, a type or a listed value for it to become a rule."""
ENUM_SIZE = 12
ENUM_TIMES = 5
"""A field is an enum when it has few values and each is usual: at least this many times on average."""

SHAPES = (
    r"^\d{4}-\d{2}-\d{2}$",
    r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$",
    r"^\d{2}:\d{2}(:\d{2})?$",
    r"^#[0-9a-fA-F]{6}$",
)
"""Ways of writing that become a rule where nearly all values of a field keep to them: dates and times (ISO 8601), colours."""


def run(data: Data) -> Outcome:
    """A finding per example that breaks the schema, and one per example with values its input does not hold."""
    if data.short_labels and data.schema is None:
        return _labels(data)
    faults = list(_faults(data))
    parsed = [parse_json(text) for text in data.candidates.outputs]
    schema = data.schema if data.schema is not None else infer([p for p in parsed if p is not INVALID])
    total = sum(bool(text.strip()) for text in data.candidates.outputs)
    if schema is None or (data.schema is None and sum(isinstance(p, dict) for p in parsed) < MOST_JSON * total):
        return Outcome(faults, calibration={"note": "the outputs are not JSON objects; no schema inferred"})
    findings = [*_violations(data, parsed, schema), *faults]
    unsupported, supported = _unsupported(data, parsed)
    findings.extend(unsupported)
    return Outcome(
        findings,
        calibration={"schema": dict(schema), "given": data.schema is not None, "fields_found_in_inputs": supported},
    )


def infer(values: list[Any]) -> dict[str, Any] | None:
    """A JSON Schema (2020-12) that nearly all objects among `values` meet; None where there are too few."""
    objects = [v for v in values if isinstance(v, dict)]
    if len(objects) < FEWEST:
        return None
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_object_schema(objects)}


def _object_schema(objects: list[dict[str, Any]]) -> dict[str, Any]:
    present = Counter(key for value in objects for key in value)
    usual = {key for key, n in present.items() if n >= max(3, (1 - NEARLY_ALL) * len(objects))}
    required = [key for key in present if present[key] >= NEARLY_ALL * len(objects)]
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {key: _value_schema([v[key] for v in objects if key in v]) for key in present if key in usual},
        "required": required,
    }
    # Unknown keys are an error only where the known ones tell the whole story.
    if sum(set(v) <= usual for v in objects) >= NEARLY_ALL * len(objects):
        schema["additionalProperties"] = False
    return schema


def _value_schema(values: list[Any]) -> dict[str, Any]:
    types = Counter(_type(v) for v in values)
    floor = max(1, (1 - NEARLY_ALL) * len(values))
    kept = sorted(t for t, n in types.items() if n >= floor) or sorted(types)
    if "number" in types and "integer" in types:
        kept = sorted({"number" if t == "integer" else t for t in kept})
    schema: dict[str, Any] = {"type": kept[0] if len(kept) == 1 else kept}
    nested = [v for v in values if isinstance(v, dict)]
    if kept == ["object"] and len(nested) >= FEWEST:
        return _object_schema(nested)
    items = [item for v in values if isinstance(v, list) for item in v]
    if kept == ["array"] and len(items) >= FEWEST:
        schema["items"] = _value_schema(items)
    if kept == ["string"]:
        schema |= _enum([v for v in values if isinstance(v, str)])
    return schema


def _enum(values: list[str]) -> dict[str, Any]:
    counts = Counter(values)
    frequent = sorted(value for value, n in counts.items() if n >= ENUM_TIMES)
    covered = sum(counts[value] for value in frequent)
    if len(values) < FEWEST:
        return {}
    if 1 < len(frequent) <= ENUM_SIZE and covered >= NEARLY_ALL * len(values):
        return {"enum": frequent}
    for pattern in SHAPES:
        if sum(bool(re.search(pattern, value)) for value in values) >= NEARLY_ALL * len(values):
            return {"pattern": pattern}
    return {}


def _type(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    names = {int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return names[type(value)]


def _violations(data: Data, parsed: list[Any], schema: Mapping[str, Any]) -> Iterator[Finding]:
    from jsonschema import Draft202012Validator
    from referencing.jsonschema import EMPTY_REGISTRY

    # With this registry a reference to another document is an error, not a download.
    validator = Draft202012Validator(dict(schema), registry=EMPTY_REGISTRY)
    for index, value in enumerate(parsed):
        output = data.candidates.outputs[index]
        if not output.strip():
            continue
        if value is INVALID and not _errors(validator, output):
            continue  # the schema allows plain text, and this text
        if value is INVALID:
            yield _finding(data, index, "not_json", "the output is not JSON", {}, Severity.ERROR)
            continue
        errors = _errors(validator, value)
        if errors:
            notes = [
                {"field": e.json_path, "rule": str(e.validator), "problem": shorten(e.message, 160)} for e in errors
            ]
            more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
            text = f"{notes[0]['field']}: {notes[0]['problem']}{more}"
            yield _finding(data, index, "schema", text, {"violations": notes}, Severity.ERROR)


def _errors(validator: Draft202012Validator, value: Any) -> list[ValidationError]:
    from referencing.exceptions import Unresolvable

    try:
        return sorted(validator.iter_errors(value), key=lambda e: (list(map(str, e.absolute_path)), e.message))
    except Unresolvable as error:
        raise InputError(
            f"the JSON Schema refers to {error.ref!r}, which it does not hold; put that part under its $defs"
        ) from error
    except re.error as error:
        raise InputError(f"the JSON Schema holds a pattern that is no regular expression ({error})") from error
    except RecursionError as error:
        raise InputError("the JSON Schema refers to itself without end; take the circle out") from error


def _faults(data: Data) -> Iterator[Finding]:
    """JSON that readers take in different ways: a key given twice, NaN and Infinity."""
    for index, text in enumerate(data.candidates.outputs):
        if not text.lstrip().startswith(("{", "[")) or parse_json(text) is INVALID:
            continue
        twice: list[str] = []
        unheard: list[str] = []

        def pairs(items: list[tuple[str, Any]], twice: list[str] = twice) -> None:
            counts = Counter(key for key, _ in items)
            twice.extend(key for key, n in counts.items() if n > 1)

        json.loads(text, object_pairs_hook=pairs, parse_constant=unheard.append)
        if twice:
            note = f"the key {shorten(twice[0], 60)!r} is given twice in one object: readers keep one or the other"
            yield _finding(data, index, "duplicate_key", note, {"keys": sorted(set(twice))}, Severity.ERROR)
        if unheard:
            note = f"{unheard[0]} is no number in JSON: most readers refuse it"
            yield _finding(data, index, "not_finite", note, {"values": sorted(set(unheard))}, Severity.ERROR)


def _unsupported(data: Data, parsed: list[Any]) -> tuple[list[Finding], list[str]]:
    """Values that stand in no part of their input, for fields (and values of a field) that nearly always do."""
    seen: dict[str, list[tuple[int, Any, bool]]] = defaultdict(list)
    for index, value in enumerate(parsed):
        if isinstance(value, dict):
            source = Source(data.candidates.inputs[index])
            for path, leaf in _leaves(value):
                seen[path].append((index, leaf, source.holds(leaf)))
    findings, supported = [], []
    for path, cases in sorted(seen.items()):
        held = sum(found for _, _, found in cases)
        if len(cases) < FEWEST or held < 0.9 * len(cases):
            continue
        supported.append(path)
        missing: Counter[str] = Counter(str(leaf) for _, leaf, found in cases if not found)
        uses: Counter[str] = Counter(str(leaf) for _, leaf, _ in cases)
        for index, leaf, found in cases:
            # A value that inputs often say in other words ("urgent" as high) is a class, not a copy.
            times = uses[str(leaf)]
            a_class = isinstance(leaf, str) and times >= ENUM_TIMES and missing[str(leaf)] > max(1, 0.1 * times)
            if not found and not a_class:
                text = f"{path}: the value {shorten(str(leaf), 60)!r} is not in the input"
                findings.append(
                    _finding(data, index, f"unsupported {path}", text, {"field": path, "value": leaf}, Severity.WARNING)
                )
    return findings, supported


def _leaves(value: Any) -> Iterator[tuple[str, Any]]:
    """Texts and numbers in a value with their paths; not recursive, for values may be nested as deep as JSON allows."""
    todo: list[tuple[str, Any]] = [("$", value)]
    while todo:
        path, value = todo.pop()
        if isinstance(value, dict):
            todo.extend((f"{path}.{key}", inner) for key, inner in reversed(value.items()))
        elif isinstance(value, list):
            todo.extend((f"{path}[]", inner) for inner in reversed(value))
        elif isinstance(value, (str, int, float)) and not isinstance(value, bool) and value != "":
            yield path, value


def _labels(data: Data) -> Outcome:
    """Spellings of one label that differ in case or white space: one label to a reader, two to a model."""
    c = data.candidates
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    for text in c.outputs:
        if text.strip():
            spellings[fold(text)][text] += 1
    usual = {folded: min(counts, key=lambda s: (-counts[s], s)) for folded, counts in spellings.items()}
    findings = []
    for index, text in enumerate(c.outputs):
        if text.strip() and text != usual[fold(text)]:
            right = usual[fold(text)]
            note = f"the label {text!r} is usually written {right!r}"
            findings.append(
                _finding(data, index, "spelling", note, {"given": text, "usual": right}, Severity.WARNING, right)
            )
    return Outcome(findings, calibration={"labels": len(usual)})


def _finding(
    data: Data,
    index: int,
    rule: str,
    message: str,
    evidence: dict[str, Any],
    severity: Severity,
    value: str | None = None,
) -> Finding:
    c, id = data.candidates, data.id_of(index)
    suggestion = Suggestion(Verdict.DROP, (id,)) if value is None else Suggestion(Verdict.RELABEL, (id,), value)
    return Finding(
        NAME,
        severity,
        1.0 if severity is Severity.ERROR else 0.7,
        (id,),
        message,
        {"rule": rule, **evidence, "input": shorten(c.inputs[index]), "output": shorten(c.outputs[index])},
        suggestion,
        finding_id(NAME, (c.keys[index],), rule),
    )
