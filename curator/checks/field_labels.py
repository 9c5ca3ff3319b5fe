"""Fields of extractions that are labels in truth: a priority, a category, yes or no. Each is judged as labels are, by
itself, on the input.

Only fields with few values that are read between the lines are judged: a value that stands in the input is copied, and
`schema` says where it does not. A field that cannot be told from the inputs is left alone, and it is said.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from curator.checks.data import Data, Outcome
from curator.checks.field_values import Path, Scalar, like_json, object_in, replaced, scalars
from curator.checks.findings import finding_id, shorten
from curator.checks.label_judge import (
    Judged,
    cut,
    groups_of,
    judge,
    known_names,
    models_of,
    neighbours_of,
    one_core_each,
)
from curator.checks.probabilities import Models
from curator.model import Finding, Severity, Suggestion, Verdict

NAME = "label_error"
FEWEST = 50
"""Examples with the field, to judge it."""
MOST_VALUES = 50
COVERED = 0.9
"""Share of the examples whose value is one of those common enough to be judged: else the field is not a choice of few."""
LIFTED = 0.5
"""Share of the values standing in the input from which a field is copied rather than judged."""


@dataclass(frozen=True, slots=True)
class _Suspect:
    """One value that may be wrong: row `row` of what is judged of field `path`."""

    path: Path
    judged: Judged
    row: int

    @property
    def wrong(self) -> float:
        return float(self.judged.doubt.wrong[self.row])

    @property
    def likely(self) -> str:
        return self.judged.names[self.judged.likeliest(self.row)[0]]


def run(data: Data) -> Outcome:
    """One finding per example with values that are likely wrong. Scores: `label_quality`, by its worst judged field."""
    c = data.candidates
    documents = [object_in(text) for text in c.outputs]
    fields = _fields(data, documents)
    quality = np.full(len(c), np.nan)
    scores: Mapping[str, Any] = {"label_quality": quality, "suggested_label": [None] * len(c)}
    if not fields:
        return Outcome([], scores, {"note": "no field is a choice of few values that are not copied from the input"})
    data.progress.report(0, len(fields), "Judging fields")
    groups = groups_of(data)
    suspects: list[_Suspect] = []
    unlearnt: list[str] = []
    models: dict[bytes, Models] = {}
    judged_fields = 0
    for number, (path, values) in enumerate(sorted(fields.items())):
        with one_core_each(data):
            judged = _judge(data, values, groups, models)
        data.progress.report(number + 1, len(fields), "Judging fields")
        if judged is None:
            continue
        judged_fields += 1
        if not judged.learnt:
            unlearnt.append(".".join(path))
            continue
        quality[judged.at] = np.fmin(quality[judged.at], 1 - np.round(judged.doubt.wrong, 6))
        suspects.extend(_Suspect(path, judged, row) for row in range(len(judged.at)))
    calibration: dict[str, Any] = {"fields": judged_fields, "estimated_wrong": 0}
    if unlearnt:
        calibration["not_reported"] = f"fields that cannot be told from their inputs: {', '.join(unlearnt)}"
    chosen = cut(data, NAME, np.array([s.wrong for s in suspects]))
    calibration.update(chosen.calibration)
    reported = _by_example([suspects[i] for i in chosen.reported])
    beyond = _by_example([suspects[i] for i in chosen.borderline])
    return Outcome(
        [_finding(data, documents[i] or {}, i, group) for i, group in reported.items()],
        scores,
        calibration,
        [_finding(data, documents[i] or {}, i, group) for i, group in beyond.items() if i not in reported],
    )


def _fields(data: Data, documents: list[dict[str, Any] | None]) -> dict[Path, dict[int, str]]:
    """Of each field that is a choice of few values: the value (as JSON) by candidate."""
    c = data.candidates
    values: dict[Path, dict[int, str]] = defaultdict(dict)
    lifted: Counter[Path] = Counter()
    for index, document in enumerate(documents):
        for path, value in scalars(document or {}):
            values[path][index] = json.dumps(value, ensure_ascii=False)
            lifted[path] += _stands_in(value, c.folded_inputs[index])
    return {
        path: by_index
        for path, by_index in values.items()
        if len(by_index) >= FEWEST
        and len(set(by_index.values())) <= min(MOST_VALUES, len(by_index) // 4)
        and lifted[path] < LIFTED * len(by_index)
    }


def _stands_in(value: Scalar, folded: str) -> bool:
    if value is None or isinstance(value, bool):
        return False
    return str(value).casefold().strip() in folded


def _judge(data: Data, values: dict[int, str], groups: np.ndarray, models: dict[bytes, Models]) -> Judged | None:
    """One field, by the models for its rows, which fields share; None where too few of its values are common enough."""
    rows = np.array(sorted(values), dtype=np.int64)
    known, _ = known_names([values[i] for i in rows.tolist()], groups[rows])
    number = {name: n for n, name in enumerate(known)}
    at = np.array([i for i in rows.tolist() if values[i] in number], dtype=np.int64)
    if len(known) < 2 or len(at) < COVERED * len(rows):
        return None
    key = at.tobytes()
    if key not in models:
        models.clear()
        models[key] = models_of(data, at, groups)
    return judge(models[key], at, known, np.array([number[values[i]] for i in at.tolist()]))


def _by_example(suspects: list[_Suspect]) -> dict[int, list[_Suspect]]:
    """Suspects by candidate, in their order."""
    groups: dict[int, list[_Suspect]] = {}
    for suspect in suspects:
        groups.setdefault(int(suspect.judged.at[suspect.row]), []).append(suspect)
    return groups


def _finding(data: Data, document: dict[str, Any], index: int, suspects: list[_Suspect]) -> Finding:
    c = data.candidates
    mended, told = document, []
    for s in suspects:
        mended = replaced(mended, s.path, json.loads(s.likely))
        probable = s.judged.doubt.probabilities[s.row]
        given = s.judged.names[s.judged.labels[s.row]]
        shown = (int(s.judged.labels[s.row]), *s.judged.likeliest(s.row))
        told.append(
            {
                "field": ".".join(s.path),
                "given": json.loads(given),
                "suggested": json.loads(s.likely),
                "probabilities": {s.judged.names[k]: round(float(probable[k]), 4) for k in shown},
            }
        )
    first = suspects[0].path

    def label_of(other: int) -> str | None:
        found = dict(scalars(object_in(c.outputs[other]) or {}))
        return json.dumps(found[first], ensure_ascii=False) if first in found else None

    value = like_json(c.outputs[index], mended)
    return Finding(
        NAME,
        Severity.WARNING,
        round(max(s.wrong for s in suspects), 6),
        (data.id_of(index),),
        "; ".join(f"{t['field']} is {json.dumps(t['given'])}, likely {json.dumps(t['suggested'])}" for t in told),
        {"input": shorten(c.inputs[index]), "fields": told, "neighbours": neighbours_of(data, index, label_of)},
        Suggestion(Verdict.RELABEL, (data.id_of(index),), value),
        finding_id(NAME, (c.keys[index],), value),
    )
