"""LLaMA-Factory's Alpaca form, with the `dataset_info.json` that tells it how to read the files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from curator.model import SYSTEM_ROLES, Example
from curator.targets import blocks
from curator.targets.base import Target, Written
from curator.targets.llama_factory import INFO, example_of, info, texts, unread_keys
from curator.targets.problem import Problem

_KEYS = ("instruction", "input", "output", "system", "history")
_COLUMNS = {"prompt": "instruction", "query": "input", "response": "output", "system": "system", "history": "history"}


class LlamaFactoryAlpaca(Target):
    """`{"instruction": "…", "input": "", "output": "…", "system": "…", "history": [["question", "answer"], …]}`."""

    name = "llama-factory-alpaca"

    def record(self, example: Example) -> dict[str, Any]:
        said = [message.content or "" for message in example.messages if message.role not in SYSTEM_ROLES]
        return {
            "instruction": said[-2],
            "input": "",
            "output": said[-1],
            "system": blocks.system_text(example.messages),
            "history": [said[at : at + 2] for at in range(0, len(said) - 2, 2)],
        }

    def read(self, record: Mapping[str, Any]) -> tuple[Example | None, list[Problem]]:
        found = [*unread_keys(record, _KEYS), *texts(record, "system", "input"), *_form(record)]
        if any(problem.rule in ("instruction", "input", "output", "history") for problem in found):
            return None, found
        turns = [turn for pair in record.get("history") or () for turn in _pair(*pair)]
        # LLaMA-Factory puts the two together by a line end, and leaves out what is empty.
        asked = "\n".join(filter(None, (record["instruction"], record.get("input"))))
        turns += _pair(asked, record["output"])
        return example_of(record.get("system"), turns, (), found)

    def companions(self, files: Mapping[str, Written], title: str) -> dict[str, bytes]:
        return {INFO: info(files, title, {"formatting": "alpaca", "columns": _COLUMNS})}


def _pair(question: str, answer: str) -> list[dict[str, str]]:
    return [{"from": "human", "value": question}, {"from": "gpt", "value": answer}]


def _form(record: Mapping[str, Any]) -> Iterator[Problem]:
    for key in ("instruction", "output"):
        if not isinstance(record.get(key), str):
            yield Problem(key, f"{key} is missing or no text", "write it as text")
    history = record.get("history")
    if history is not None and not (isinstance(history, list) and all(map(_is_pair, history))):
        yield Problem("history", "history is no list of pairs of texts", 'write [["question", "answer"], …]')


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(text, str) for text in value)


TARGET = LlamaFactoryAlpaca()
