"""TRL's forms (messages, prompt and completion, text in ChatML): every rule with a record that passes and one that fails."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from chat_templates import QWEN, rendered
from conversations import WEATHER, examples
from hypothesis import given, settings

from curator import targets
from curator.formats import chatml, detect, read
from curator.formats.records import Unreadable
from curator.model import Example, Message, Ref, Role, Severity, ToolCall
from curator.targets import chat

TRL, PAIRS, TEXT = (targets.get(name) for name in ("trl", "trl-prompt-completion", "trl-text"))
Q, A = {"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}
CALL = {"id": "t1", "type": "function", "function": {"name": "weather", "arguments": {"city": "Oslo"}}}
CALLS = {"role": "assistant", "content": "", "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "t1", "content": "4"}


def text(*turns: tuple[str, str]) -> dict[str, str]:
    return {"text": "\n".join(f"<|im_start|>{role}\n{said}<|im_end|>" for role, said in turns)}


def as_text(call: dict[str, Any]) -> dict[str, Any]:
    return {**call, "function": {**call["function"], "arguments": json.dumps(call["function"]["arguments"])}}


def pair(prompt: Any, completion: Any, **fields: Any) -> dict[str, Any]:
    return {"prompt": prompt, "completion": completion, **fields}


RULES = [
    ("trl", "messages", {"messages": [Q, A]}, {"conversations": []}),
    ("trl", "no_assistant", {"messages": [Q, A]}, {"messages": [Q]}),
    (
        "trl",
        "tool_arguments",
        {"messages": [Q, CALLS], "tools": [WEATHER]},
        {"messages": [Q, {**CALLS, "tool_calls": [as_text(CALL)]}], "tools": [WEATHER]},
    ),
    ("trl-prompt-completion", "form", pair([Q], [A]), {"messages": [Q, A]}),
    ("trl-prompt-completion", "prompt", pair("q", "a"), pair("q", [A])),
    ("trl-prompt-completion", "prompt", pair([Q], [A]), pair([{"role": "system", "content": "s"}], [A])),
    ("trl-prompt-completion", "prompt", pair([Q, A, Q], [A]), pair([Q, A], [A])),
    ("trl-prompt-completion", "last_turn", pair([Q], [A]), pair([Q], [A, Q])),
    ("trl-prompt-completion", "empty_output", pair([Q], [A]), pair([Q], [{"role": "assistant", "content": ""}])),
    (
        "trl-prompt-completion",
        "tool_arguments",
        pair([Q, CALLS, RESULT], [A], tools=[WEATHER]),
        pair([Q, {**CALLS, "tool_calls": [as_text(CALL)]}, RESULT], [A], tools=[WEATHER]),
    ),
    ("trl-text", "form", text(("user", "q"), ("assistant", "a")), {"messages": [Q, A]}),
    ("trl-text", "text", {"text": "A story."}, {"text": ""}),
    ("trl-text", "text", text(("user", "q"), ("assistant", "a")), {"text": "<|im_start|>user\nq<|im_end|>\nand so on"}),
    ("trl-text", "no_assistant", text(("user", "q"), ("assistant", "a")), text(("user", "q"))),
    (
        "trl-text",
        "reserved",
        text(("user", "q"), ("assistant", "a")),
        text(("user", "what does <|endoftext|> do"), ("assistant", "a")),
    ),
]


@pytest.mark.parametrize(("target", "rule", "passes", "fails"), RULES)
def test_a_record_passes_by_the_rule_and_another_fails(
    target: str, rule: str, passes: Any, fails: Any, tmp_path: Path
) -> None:
    assert broken(target, passes, tmp_path) == set()
    assert rule in broken(target, fails, tmp_path)


def broken(target: str, record: Any, tmp_path: Path) -> set[str]:
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps(record) + "\n", encoding="utf-8")
    return {p.rule for p in targets.get(target).validate_file(path) if p.severity is Severity.ERROR}


def example(*turns: Message, **fields: Any) -> Example:
    return replace(Example(Ref("a.jsonl", 0, 1), turns), **fields)


ASK, TELL = Message("user", "q"), Message("assistant", "a")
CALLED = Message("assistant", None, (ToolCall("weather", '{"city": "Oslo"}', "t1"),))
USED = example(Message("system", "s"), ASK, CALLED, Message("tool", "4", tool_call_id="t1"), TELL, tools=(WEATHER,))


def test_the_completion_is_the_output_with_its_calls() -> None:
    written = PAIRS.record(USED)
    assert [turn["role"] for turn in written["prompt"]] == ["system", "user", "assistant", "tool"]
    assert written["completion"] == [{"role": "assistant", "content": "a"}]
    assert written["tools"] == [WEATHER]
    (completion,) = PAIRS.record(example(ASK, CALLED, tools=(WEATHER,)))["completion"]
    assert completion["tool_calls"][0]["function"]["arguments"] == {"city": "Oslo"}


def test_columns_keep_one_type_in_all_rows(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    PAIRS.write([example(ASK, TELL), USED, example(ASK, CALLED, tools=(WEATHER,))], path)
    assert list(PAIRS.validate_file(path)) == [p for p in PAIRS.validate_file(path) if p.rule == "base_model"]


def test_a_mixed_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps(pair([Q], [A])) + "\n" + json.dumps(pair("q", "a")) + "\n", encoding="utf-8")
    assert "mixed_shapes" in {p.rule for p in PAIRS.validate_file(path)}


def test_chatml_is_what_the_template_of_qwen_makes_of_it() -> None:
    for one in (USED, replace(USED, tools=()), example(Message("system", "s"), ASK, TELL)):
        assert TEXT.record(one)["text"] + "\n" == rendered(QWEN, TRL.record(one))


def test_without_a_system_text_nobody_elses_is_put_in() -> None:
    written = TEXT.record(replace(USED, messages=USED.messages[1:]))["text"]
    assert written.startswith("<|im_start|>system\n# Tools\n")
    assert TEXT.record(example(ASK, TELL)) == text(("user", "q"), ("assistant", "a"))


@settings(max_examples=120, deadline=None)
@given(one=examples())
def test_chatml_is_read_again_as_it_was(one: Example) -> None:
    if one.messages[0].role == "system" and not one.messages[0].content and one.tools:
        one = replace(one, tools=())  # an empty system text beside tools is no turn of its own
    messages, tools = chatml.read(chatml.write(one.messages, one.tools))
    assert tools == one.tools
    assert [(m.role, m.content or "") for m in messages] == [(m.role, m.content or "") for m in one.messages]
    calls = [[(call.name, chat.arguments(call)) for call in m.tool_calls] for m in messages]
    assert calls == [[(call.name, chat.arguments(call)) for call in m.tool_calls] for m in one.messages]


def test_a_file_of_chatml_is_recognised(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    TEXT.write([USED, example(ASK, TELL)], path)
    found = detect(path)
    assert found.shape == "chatml"
    first, second = read(path, found, Role.CANDIDATE)
    assert isinstance(first, Example)
    assert isinstance(second, Example)
    assert first.tools == USED.tools
    assert [m.content for m in first.messages] == ["s", "q", None, "4", "a"]
    assert second.messages == (ASK, TELL)


@pytest.mark.parametrize(
    "broken_text",
    [
        "<|im_start|>user\nq",
        "<|im_start|>user\nq<|im_end|>\nmore",
        "<|im_start|>assistant\n<tool_call>\n{oops}\n</tool_call><|im_end|>",
        "<|im_start|>assistant\n<tool_call>\n[1]\n</tool_call><|im_end|>",
    ],
)
def test_a_text_that_only_begins_as_chatml_is_rejected(broken_text: str) -> None:
    with pytest.raises(Unreadable):
        chatml.read(broken_text)


def test_the_tags_of_the_form_are_refused_in_texts_and_in_tools() -> None:
    def reserved(one: Example) -> bool:
        return "reserved" in {p.rule for p in TEXT.problems(one) if p.severity is Severity.ERROR}

    assert not reserved(USED)
    for word in TEXT.rules.reserved:
        assert reserved(example(Message("user", f"what is {word}"), TELL))
    function = {**WEATHER["function"], "description": "ends with </tools>"}
    assert reserved(example(ASK, TELL, tools=({"type": "function", "function": function},)))
