"""Small corpora for the tests of checks, and findings told by what the examples say."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any

from curator.checks import Corpus, Data, Outcome
from curator.embedding import Embedder
from curator.model import Example, Finding, Message, Ref, Role, content_key
from curator.resources import resource
from curator.tasks import Task

Pair = tuple[str, str]
EVAL_IDS = 100_000
"""Ids of eval examples begin above those of any candidate."""


def pair(input: str, output: str, record: int = 0, role: Role = Role.CANDIDATE) -> Example:
    """A question and its answer."""
    return chat(("user", input), ("assistant", output), record=record, role=role)


def chat(*turns: Pair, record: int = 0, role: Role = Role.CANDIDATE, **more: Any) -> Example:
    """A conversation of (role, text) turns."""
    number = record + 1 + (EVAL_IDS if role is Role.EVAL else 0)
    messages = tuple(Message(speaker, text) for speaker, text in turns)
    return Example(Ref(f"{role}.jsonl", record, record + 1, role), messages, id=number, **more)


def corpus(pairs: Iterable[Pair], role: Role = Role.CANDIDATE) -> Corpus:
    return Corpus([pair(input, output, record, role) for record, (input, output) in enumerate(pairs)])


def data_of(
    candidates: Iterable[Pair] | Corpus,
    evals: Iterable[Pair] = (),
    task: Task = Task.GENERATION,
    *,
    embedder: Embedder,
    **settings: Any,
) -> Data:
    mine = candidates if isinstance(candidates, Corpus) else corpus(candidates)
    return Data(mine, corpus(evals, Role.EVAL), task, embedder, **settings)


def run(check: str, data: Data) -> Outcome:
    outcome: Outcome = import_module(f"curator.checks.{check}").run(data)
    return outcome


def records(finding: Finding) -> set[int]:
    """Records of the candidates in a finding."""
    return {id - 1 for id in finding.examples if id < EVAL_IDS}


def found(outcome: Outcome) -> list[set[int]]:
    """Records of the candidates in each finding, in the order of the smallest."""
    return sorted((records(finding) for finding in outcome.findings), key=sorted)


def by_content(data: Data, findings: Iterable[Finding]) -> set[tuple[Any, ...]]:
    """Findings with content keys in the place of ids: equal however the rows were numbered."""
    key = {e.id: content_key(e) for e in (*data.candidates.examples, *data.evals.examples)}
    return {
        (
            f.id,
            f.check,
            f.severity,
            f.score,
            tuple(key[i] for i in f.examples),
            f.suggestion and (f.suggestion.action, tuple(key[i] for i in f.suggestion.examples), f.suggestion.value),
        )
        for f in findings
    }


def sample_pairs(sample: str, file: str) -> list[tuple[int, Pair]]:
    """Readable pairs of a bundled sample that have both an input and an output, each with its record number."""
    path = resource(f"samples/{sample}/{file}")
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as lines:
            rows: Sequence[Pair | None] = [(text, label) for text, label in list(csv.reader(lines))[1:]]
    else:
        rows = [_chat_pair(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [(n, row) for n, row in enumerate(rows) if row is not None and all(text.strip() for text in row)]


def _chat_pair(line: str) -> Pair | None:
    try:
        messages = json.loads(line)["messages"]
    except ValueError:
        return None
    if [m["role"] for m in messages if m["role"] != "system"] != ["user", "assistant"]:
        return None
    return messages[-2]["content"] or "", messages[-1]["content"] or ""


def clean_pairs(sample: str, file: str) -> list[Pair]:
    """Pairs of a bundled sample in which no defect is planted."""
    defects = json.loads(resource(f"samples/{sample}/defects.json").read_text(encoding="utf-8"))["defects"]
    planted = {r["record"] for d in defects for r in d["records"] if r["file"] == file}
    return [row for number, row in sample_pairs(sample, file) if number not in planted]
