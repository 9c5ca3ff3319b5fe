"""What people really do to a JSON Lines file: each mistake is named with its place, and with what to do about it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from curator import targets
from curator.model import Severity
from curator.targets import forms
from curator.targets.problem import FileProblem

GOOD = '{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]}'

BROKEN = {
    "python": (str(json.loads(GOOD)), "single quotes at column 2, as Python prints a dict"),
    "python words": (GOOD[:-1] + ', "done": True}', "True at column 102 is no JSON"),
    "trailing comma": (GOOD[:-1] + ",}", "a comma before the closing bracket"),
    "comma between lines": (GOOD + ",", "a comma after the record"),
    "two on a line": (GOOD + " " + GOOD, "a second record begins at column 94"),
    "curly quotes": (GOOD.replace('"', "”"), "a curly quote at column 2"),
    "cut off": (GOOD[:40], "the line ends in the middle of the record"),
    "not a number": (GOOD[:-1] + ', "score": NaN}', "NaN is no JSON number"),
    "tab": (GOOD.replace("Hi", "H\ti"), "a tab or another control character at column 45"),
    "other": ("hello", "Expecting value at column 1"),
}

WHOLE = {
    "list.jsonl": (f"[{GOOD}, {GOOD}]".encode(), "one JSON list"),
    "lines.json": (f"[\n{GOOD},\n{GOOD}\n]".encode(), "one JSON list"),
    "indented.json": (json.dumps([json.loads(GOOD)], indent=1).encode(), "one JSON list"),
    "spread.jsonl": (json.dumps(json.loads(GOOD), indent=1).encode(), "stretch over several lines"),
    "table.csv": (b"prompt,completion\nHi,Hello\n", "a table (CSV)"),
    "renamed.jsonl": (b"prompt,completion\nHi,Hello\n", "a table (CSV)"),
    "wide.jsonl": (GOOD.encode("utf-16"), "UTF-16"),
    "book.jsonl": (b"PK\x03\x04" + bytes(40), "an Excel file"),
    "packed.jsonl": (b"\x1f\x8b" + bytes(40), "gzip"),
}


def told(path: Path, target: str = "openai") -> list[FileProblem]:
    return [p for p in targets.get(target).validate_file(path) if p.severity is Severity.ERROR and p.rule != "rows"]


@pytest.mark.parametrize("mistake", BROKEN)
def test_a_broken_line_is_told_by_its_mistake_with_a_remedy(tmp_path: Path, mistake: str) -> None:
    line, said = BROKEN[mistake]
    path = tmp_path / "train.jsonl"
    path.write_text(f"{GOOD}\n{line}\n{GOOD}\n", "utf-8")
    (problem,) = told(path)
    assert (problem.line, problem.rule) == (2, "json")
    assert said in problem.message
    assert problem.fix


@pytest.mark.parametrize("name", WHOLE)
def test_a_file_of_another_kind_is_told_once_and_not_by_each_of_its_lines(tmp_path: Path, name: str) -> None:
    data, said = WHOLE[name]
    path = tmp_path / name
    path.write_bytes(data)
    (problem,) = told(path)
    assert (problem.line, problem.rule) == (None, "container")
    assert said in problem.message
    assert problem.fix


def test_lists_and_texts_in_lines_of_their_own_are_told_by_line(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_text(f'{GOOD}\n"a, b"\n[1, 2]\n', "utf-8")
    assert [(p.line, p.rule) for p in told(path)] == [(2, "json"), (3, "json")]


CHATS = {"axolotl", "azure", "bedrock-claude", "fireworks", "jsonl", "mistral", "openai", "together", "trl"}
PAIRS = {"fireworks", "jsonl", "together", "trl", "trl-kto", "trl-prompt-completion"}
READ = {
    "Gemini's contents": {"vertex"},
    "a Bedrock conversation": {"bedrock-nova", *CHATS},
    "an OpenAI preference pair": {"azure-dpo", "fireworks-dpo", "openai-dpo", "together", "together-dpo"},
    "a ShareGPT conversation": {"llama-factory"},
    "a TRL preference pair": {"trl-dpo", "trl-kto"},
    "an OpenAI chat": CHATS,
    "an Alpaca record": {"llama-factory-alpaca"},
    "prompt and completion": PAIRS,
}
"""The targets that read a form, have it as a part of their own, or tell its turns one by one."""


def turns(*roles: str, **more: object) -> str:
    return json.dumps({"messages": [{"role": role, "content": f"{role} {n}"} for n, role in enumerate(roles)], **more})


def one(tmp_path: Path, line: str, target: str = "openai") -> FileProblem:
    path = tmp_path / "train.jsonl"
    path.write_text(line + "\n", "utf-8")
    (problem,) = told(path, target)
    return problem


@pytest.mark.parametrize(
    ("roles", "remedy"),
    [
        (("human", "assistant"), "call it 'user'"),
        (("user", "bot"), "call it 'assistant'"),
        (("user", "Assistant"), "call it 'assistant'"),
        (("user", "model"), "call it 'assistant'"),
    ],
)
def test_a_role_by_another_name_is_told_with_the_right_one_and_nothing_that_follows_from_it(
    tmp_path: Path, roles: tuple[str, str], remedy: str
) -> None:
    problem = one(tmp_path, turns(*roles))
    assert (problem.rule, problem.fix) == ("role", remedy)


@pytest.mark.parametrize("form", forms.FORMS, ids=lambda form: form.title)
@pytest.mark.parametrize("target", [name for name in targets.names() if name != "huggingface"])
def test_a_record_of_another_form_is_told_as_that_alone(tmp_path: Path, form: forms.Form, target: str) -> None:
    path = tmp_path / "train.jsonl"
    path.write_text(json.dumps(form.sample) + "\n", "utf-8")
    found = [p for p in told(path, target) if p.line is not None and p.rule != "byte_order_mark"]
    if any(p.rule == "form" for p in found):
        (problem,) = found
        assert f"the record is {form.title}, which is not the form of {targets.get(target).title}" in problem.message
    else:
        assert target in READ[form.title]


def test_every_form_is_told_from_the_others() -> None:
    assert [forms.of(form.sample) for form in forms.FORMS] == list(forms.FORMS)
    assert forms.of({"messages": []}) is None
    assert forms.of({"text": "Hi"}) is None


def test_a_record_of_no_known_form_is_told_with_the_keys_that_it_has(tmp_path: Path) -> None:
    problem = one(tmp_path, '{"question": "Hi", "reply": "Hello"}')
    assert problem.rule == "messages"
    assert "'question', 'reply'" in problem.message
    assert "remove" not in str(problem)


def calling(arguments: object) -> str:
    call = {"id": "abcdefghi", "type": "function", "function": {"name": "f", "arguments": arguments}}
    record = {
        "messages": [
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": "", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "abcdefghi", "content": "4"},
            {"role": "assistant", "content": "Four."},
        ],
        "tools": [{"type": "function", "function": {"name": "f", "description": "f", "parameters": {}}}],
    }
    return json.dumps(record)


@pytest.mark.parametrize(("target", "wrong"), [("openai", {"a": 1}), ("mistral", {"a": 1}), ("trl", '{"a": 1}')])
def test_arguments_of_the_wrong_kind_are_one_problem(tmp_path: Path, target: str, wrong: object) -> None:
    assert one(tmp_path, calling(wrong), target).rule == "tool_arguments"
