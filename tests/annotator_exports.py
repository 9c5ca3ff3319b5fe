"""Exports of annotation tools as these write them, made from one set of votes."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

Votes = Mapping[str, Mapping[str, Sequence[str] | None]]
"""Labels by text and annotator, None for a skip."""

TIME = "2026-03-04T05:06:07.123456Z"


def _results(labels: Sequence[str]) -> list[dict[str, Any]]:
    value = {"choices": list(labels)}
    return [
        {"id": "r1", "from_name": "topic", "to_name": "text", "type": "choices", "origin": "manual", "value": value}
    ]


def label_studio_tasks(votes: Votes) -> list[dict[str, Any]]:
    tasks = []
    for number, (text, said) in enumerate(votes.items(), 1):
        annotations = [
            {
                "id": 100 * number + at,
                "completed_by": {"id": at, "email": f"{who}@example.org", "first_name": "", "last_name": ""},
                "result": [] if labels is None else _results(labels),
                "was_cancelled": labels is None,
                "ground_truth": False,
                "created_at": TIME,
                "updated_at": TIME,
                "lead_time": 4.2,
                "prediction": {},
                "result_count": 1,
            }
            for at, (who, labels) in enumerate(said.items())
        ]
        tasks.append(
            {
                "id": number,
                "annotations": annotations,
                "drafts": [],
                "predictions": [{"model_version": "m1", "result": _results(["never"]), "score": 0.5}],
                "data": {"text": text, "origin": "mail"},
                "meta": {},
                "created_at": TIME,
                "updated_at": TIME,
                "inner_id": number,
                "total_annotations": len(annotations),
                "cancelled_annotations": 0,
                "project": 7,
            }
        )
    return tasks


def label_studio_rows(votes: Votes) -> list[dict[str, Any]]:
    """JSON_MIN: cancelled annotations are not in it."""
    rows = []
    for number, (text, said) in enumerate(votes.items(), 1):
        for at, (who, labels) in enumerate(said.items()):
            if labels is not None:
                topic = labels[0] if len(labels) == 1 else {"choices": list(labels)}
                row = {"text": text, "origin": "mail", "id": number, "topic": topic, "annotator": f"{who}@example.org"}
                more = {"annotation_id": 100 * number + at, "created_at": TIME, "updated_at": TIME, "lead_time": 4.2}
                rows.append({**row, **more})
    return rows


def label_studio_csv(votes: Votes) -> bytes:
    """Columns sorted by name, what is no text as JSON."""
    out = io.StringIO()
    rows = label_studio_rows(votes)
    names = sorted({name for row in rows for name in row})
    writer = csv.DictWriter(out, names, quoting=csv.QUOTE_NONNUMERIC)
    writer.writeheader()
    for row in rows:
        writer.writerow({k: json.dumps(v) if isinstance(v, dict) else v for k, v in row.items()})
    return out.getvalue().encode()


def argilla_records(votes: Votes) -> list[dict[str, Any]]:
    return [
        {
            "id": f"r{number}",
            "status": "completed",
            "_server_id": f"s{number}",
            "fields": {"text": text},
            "metadata": {},
            "suggestions": {"topic": {"value": "never", "score": None, "agent": "m1"}},
            "responses": {
                "topic": [
                    {
                        "user_id": f"{who}@example.org",
                        "value": None if labels is None else _value(labels),
                        "status": "discarded" if labels is None else "submitted",
                    }
                    for who, labels in said.items()
                ]
            },
            "vectors": {},
        }
        for number, (text, said) in enumerate(votes.items(), 1)
    ]


def argilla_columns(votes: Votes) -> list[dict[str, Any]]:
    rows = []
    for record in argilla_records(votes):
        given = record["responses"]["topic"]
        rows.append(
            {
                "id": record["id"],
                "status": "completed",
                "_server_id": record["_server_id"],
                "text": record["fields"]["text"],
                "topic.responses": [one["value"] for one in given],
                "topic.responses.users": [one["user_id"] for one in given],
                "topic.responses.status": [one["status"] for one in given],
                "topic.suggestion": "never",
                "topic.suggestion.score": None,
                "topic.suggestion.agent": "m1",
            }
        )
    return rows


def argilla_feedback(votes: Votes) -> list[dict[str, Any]]:
    """Version 1, as `FeedbackDataset` writes data sets."""
    return [
        {
            "text": record["fields"]["text"],
            "topic": record["responses"]["topic"],
            "topic-suggestion": "never",
            "topic-suggestion-metadata": {"type": None, "score": None, "agent": "m1"},
            "external_id": record["id"],
            "metadata": "{}",
        }
        for record in argilla_records(votes)
    ]


def argilla_first(votes: Votes) -> list[dict[str, Any]]:
    """Version 1, as `FeedbackRecord` lists the responses of users."""
    return [
        {
            "fields": record["fields"],
            "metadata": {},
            "responses": [
                {
                    "user_id": one["user_id"],
                    "status": one["status"],
                    "values": {} if one["value"] is None else {"topic": {"value": one["value"]}},
                }
                for one in record["responses"]["topic"]
            ],
            "suggestions": [],
            "external_id": record["id"],
        }
        for record in argilla_records(votes)
    ]


def prodigy_choice(votes: Votes) -> list[dict[str, Any]]:
    options = [{"id": label, "text": label.title()} for label in _labels(votes)]
    return [
        {
            "text": text,
            "_input_hash": 1000 + number,
            "_task_hash": -1000 - number,
            "options": options,
            "_view_id": "choice",
            "config": {"choice_style": "multiple"},
            "accept": list(labels or ()),
            "answer": "ignore" if labels is None else "accept",
            "_timestamp": 1772600767,
            "_annotator_id": f"{who}@example.org",
            "_session_id": f"{who}@example.org",
        }
        for who in _annotators(votes)
        for number, (text, said) in enumerate(votes.items())
        if who in said
        for labels in [said[who]]
    ]


def prodigy_binary(votes: Votes) -> list[dict[str, Any]]:
    """A line for each label that is accepted or rejected; an ignored text has its lines ignored."""
    return [
        {
            "text": text,
            "label": label,
            "_input_hash": 1000 + number,
            "_task_hash": hash((number, label)),
            "_view_id": "classification",
            "answer": "ignore" if labels is None else "accept" if label in labels else "reject",
            "_timestamp": 1772600767,
            "_annotator_id": f"{who}@example.org",
            "_session_id": None,
        }
        for who in _annotators(votes)
        for label in _labels(votes)
        for number, (text, said) in enumerate(votes.items())
        if who in said
        for labels in [said[who]]
    ]


def doccano_lines(votes: Votes, who: str) -> list[dict[str, Any]]:
    """One annotator's file: every text is in it, without labels where they gave none."""
    return [
        {"id": number, "text": text, "label": sorted(said.get(who) or ()), "Comments": []}
        for number, (text, said) in enumerate(votes.items(), 1)
    ]


def doccano_zip(votes: Votes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for who in _annotators(votes):
            archive.writestr(f"{who}@example.org.jsonl", jsonl(doccano_lines(votes, who)))
    return buffer.getvalue()


def doccano_zip_of_csv(votes: Votes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for who in _annotators(votes):
            out = io.StringIO()
            writer = csv.DictWriter(out, ["id", "text", "label", "Comments"])
            writer.writeheader()
            writer.writerows(
                {**row, "label": "#".join(row["label"]), "Comments": ""} for row in doccano_lines(votes, who)
            )
            archive.writestr(f"{who}@example.org.csv", out.getvalue())
    return buffer.getvalue()


def doccano_old(votes: Votes) -> list[dict[str, Any]]:
    return [
        {
            "id": number,
            "text": text,
            "annotations": [
                {"label": label, "user": f"{who}@example.org"} for who, labels in said.items() for label in labels or ()
            ],
            "meta": {},
            "annotation_approver": None,
        }
        for number, (text, said) in enumerate(votes.items(), 1)
    ]


def jsonl(records: Sequence[Mapping[str, Any]]) -> bytes:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()


def document(records: Sequence[Mapping[str, Any]]) -> bytes:
    return json.dumps(records, ensure_ascii=False, indent=1).encode()


def parquet(records: Sequence[Mapping[str, Any]]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([dict(record) for record in records]), buffer)
    return buffer.getvalue()


SKIPS_ARE_TOLD = ("ls.json", "argilla.json", "columns.jsonl", "columns.parquet", "feedback.jsonl", "first.jsonl")
SKIPS_ARE_TOLD += ("choice.jsonl", "binary.jsonl")
"""The others have nothing where an annotator skipped."""
EXPORTS: dict[str, Callable[[Votes], bytes]] = {
    "ls.json": lambda votes: document(label_studio_tasks(votes)),
    "ls-min.json": lambda votes: document(label_studio_rows(votes)),
    "ls.csv": label_studio_csv,
    "argilla.json": lambda votes: document(argilla_records(votes)),
    "columns.jsonl": lambda votes: jsonl(argilla_columns(votes)),
    "columns.parquet": lambda votes: parquet(argilla_columns(votes)),
    "feedback.jsonl": lambda votes: jsonl(argilla_feedback(votes)),
    "first.jsonl": lambda votes: jsonl(argilla_first(votes)),
    "choice.jsonl": lambda votes: jsonl(prodigy_choice(votes)),
    "binary.jsonl": lambda votes: jsonl(prodigy_binary(votes)),
    "doccano.zip": doccano_zip,
    "doccano-csv.zip": doccano_zip_of_csv,
    "old.jsonl": lambda votes: jsonl(doccano_old(votes)),
}


def write(folder: Path, name: str, votes: Votes) -> Path:
    path = folder / name
    path.write_bytes(EXPORTS[name](votes))
    return path


def _value(labels: Sequence[str]) -> Any:
    return list(labels)


def _annotators(votes: Votes) -> list[str]:
    return sorted({who for said in votes.values() for who in said})


def _labels(votes: Votes) -> list[str]:
    return sorted({label for said in votes.values() for labels in said.values() for label in labels or ()})
