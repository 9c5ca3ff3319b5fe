"""The words of the project: what an example's input and output are, and keys that name what it says."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.model import Example, Message, Ref, Role, ToolCall, as_json, content_key, from_json

REF = Ref("pairs.csv", 6, 8)
text = st.text(max_size=20)
calls = st.builds(ToolCall, name=text, arguments=text, id=st.none() | text)
extras = st.dictionaries(text, st.none() | st.booleans() | st.integers() | text, max_size=3)
messages = st.builds(
    Message,
    role=st.sampled_from(["system", "developer", "user", "assistant", "tool", "narrator"]),
    content=st.none() | text,
    tool_calls=st.lists(calls, max_size=2).map(tuple),
    tool_call_id=st.none() | text,
    name=st.none() | text,
    weight=st.none() | st.sampled_from([0, 1]),
    extra=extras,
)
examples = st.builds(
    Example,
    ref=st.just(REF),
    messages=st.lists(messages, max_size=5).map(tuple),
    tools=st.lists(st.fixed_dictionaries({"type": st.just("function")}), max_size=2).map(tuple),
    non_preferred=st.lists(messages, max_size=1).map(tuple),
    parallel_tool_calls=st.none() | st.booleans(),
    extra=extras,
)


def talk(*turns: tuple[str, str]) -> Example:
    return Example(REF, tuple(Message(role, said) for role, said in turns))


@given(examples)
def test_json_gives_the_example_back(example: Example) -> None:
    assert from_json(json.loads(json.dumps(as_json(example))), REF) == example


@given(examples, extras, st.integers(0, 9))
def test_the_key_names_what_is_said_and_not_where(example: Example, extra: dict[str, object], number: int) -> None:
    elsewhere = replace(example, ref=Ref("other.jsonl", number, None, Role.EVAL), extra=extra, id=number)
    assert content_key(elsewhere) == content_key(example)
    assert len(content_key(example)) == 32
    other = replace(example, messages=(*example.messages, Message("user", "and then?")))
    assert content_key(other) != content_key(example)


@given(examples, text)
def test_a_new_output_is_the_output_and_leaves_the_rest(example: Example, new: str) -> None:
    changed = example.with_output(new)
    assert changed.output == new
    assert changed.system == example.system
    if example.output_at is not None:
        assert changed.input == example.input
        assert len(changed.messages) == len(example.messages)


def test_input_and_output_are_told_by_the_last_assistant_turn() -> None:
    example = talk(
        ("system", "Be kind."), ("user", "Hi"), ("assistant", "Hello"), ("user", "Bye"), ("assistant", "See you")
    )
    assert (example.system, example.input, example.output) == ("Be kind.", "Hi\nHello\nBye", "See you")
    assert example.output_at == 4


def test_without_an_assistant_there_is_no_output() -> None:
    example = talk(("user", "Hi"))
    assert (example.input, example.output, example.output_at) == ("Hi", "", None)
    assert example.with_output("Hello").messages[-1] == Message("assistant", "Hello")


def test_a_tool_call_is_part_of_what_a_turn_says() -> None:
    call = ToolCall("price", '{"of": "tea"}')
    assert Message("assistant", None, (call,)).text == 'price({"of": "tea"})'
    assert Message("assistant", "One moment.", (call,)).text == 'One moment.\nprice({"of": "tea"})'
    assert Message("assistant", None).text == ""


def test_lone_surrogates_can_be_named() -> None:
    assert content_key(talk(("user", "\ud800"))) != content_key(talk(("user", "\ud801")))


@pytest.mark.parametrize(
    ("ref", "said"),
    [(Ref("a.csv", 6, 8), "a.csv, line 8"), (Ref("a.parquet", 6, None), "a.parquet, record 6")],
)
def test_a_place_is_told_by_its_line_or_its_record(ref: Ref, said: str) -> None:
    assert str(ref) == said
    assert ref.as_json() == {"source": ref.source, "record": 6, "line": ref.line, "role": "candidate"}
