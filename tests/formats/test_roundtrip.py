"""What is read, written and read again is the same."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.errors import InputError
from curator.formats import WRITE_FORMATS, detect, read, write
from curator.model import Example, Message, Ref, Rejected, Role, ToolCall

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t\r"), max_size=40)
words = st.text("abcdefgh_", min_size=1, max_size=8)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
unknown_keys = st.dictionaries(words.map("x_{}".format), json_values, max_size=2)
calls = st.builds(
    ToolCall,
    words,
    st.dictionaries(words, json_values, max_size=2).map(lambda value: json.dumps(value)),
    st.none() | words,
)
plain_turns = st.builds(
    Message, st.sampled_from(["system", "developer", "user"]), texts, name=st.none() | words, extra=unknown_keys
)
answers = st.builds(Message, st.just("assistant"), texts, weight=st.sampled_from([None, 0, 1]), extra=unknown_keys)
last_answers = st.builds(Message, st.just("assistant"), texts.map("a{}".format), extra=unknown_keys)
call_turns = st.builds(
    Message, st.just("assistant"), st.none() | texts, tool_calls=st.lists(calls, min_size=1, max_size=3).map(tuple)
)
result_turns = st.builds(Message, st.just("tool"), texts, tool_call_id=words, name=st.none() | words)
tools = st.lists(
    st.builds(
        lambda name, schema: {"type": "function", "function": {"name": name, "parameters": schema}}, words, unknown_keys
    ),
    max_size=2,
).map(tuple)
conversations = st.builds(
    Example,
    st.just(Ref("f", 0, 1)),
    st.tuples(
        st.lists(plain_turns | answers | call_turns | result_turns, min_size=1, max_size=5), plain_turns, last_answers
    ).map(lambda parts: (*parts[0], *parts[1:])),
    tools=tools,
    parallel_tool_calls=st.sampled_from([None, True, False]),
    extra=unknown_keys,
)


def load(path: Path, role: Role = Role.CANDIDATE) -> list[Example]:
    records = list(read(path, detect(path, role=role), role))
    assert not [record for record in records if isinstance(record, Rejected)]
    return [record for record in records if isinstance(record, Example)]


def said(examples: Iterable[Example]) -> list[Example]:
    return [replace(example, ref=Ref("", 0, None)) for example in examples]


@settings(max_examples=60, deadline=None)
@given(st.lists(conversations, min_size=1, max_size=4))
def test_chat_survives_openai_unchanged(tmp_path_factory: pytest.TempPathFactory, examples: list[Example]) -> None:
    path = tmp_path_factory.mktemp("chat") / "chat.jsonl"
    assert write(examples, path, "openai").written == len(examples)
    assert said(load(path)) == said(examples)


pairs = st.builds(
    lambda system, asked, answer: Example(
        Ref("f", 0, 1),
        (*((Message("system", system),) if system else ()), Message("user", asked), Message("assistant", answer)),
    ),
    texts,
    texts.map("q{}".format),
    texts.map("a{}".format) | st.sampled_from(["=1+1", "-x", "'=a", "''@b", "\tc", "+", "'quoted'", "'"]),
)


@pytest.mark.parametrize("format", [name for name in WRITE_FORMATS if name != "xlsx"])
@settings(max_examples=20, deadline=None)
@given(st.lists(pairs, min_size=1, max_size=5))
def test_pairs_survive_every_format(
    tmp_path_factory: pytest.TempPathFactory, format: str, examples: list[Example]
) -> None:
    path = tmp_path_factory.mktemp("pairs") / f"file.{format}"
    assert write(examples, path, format).written == len(examples)
    assert [e.messages for e in load(path)] == [e.messages for e in examples]


@settings(max_examples=10, deadline=None)
@given(st.lists(pairs, min_size=1, max_size=5))
def test_what_a_workbook_takes_comes_back(tmp_path_factory: pytest.TempPathFactory, examples: list[Example]) -> None:
    path = tmp_path_factory.mktemp("pairs") / "file.xlsx"
    examples = [Example(Ref("f", 9, 1), (Message("user", "first"), Message("assistant", "row"))), *examples]
    result = write(examples, path, "xlsx")
    assert result.written + len(result.skipped) == len(examples)
    kept = [
        e
        for e in examples
        if not any((c < " " and c not in "\t\n") or c in "\r\ufffe\uffff" for m in e.messages for c in m.text)
    ]
    assert [e.messages for e in load(path)] == [e.messages for e in kept]


def test_what_a_format_cannot_hold_is_skipped_with_its_reason(tmp_path: Path) -> None:
    ask, answer = Message("user", "q"), Message("assistant", "a")
    examples = [
        Example(Ref("f", 0, 1), (ask, answer)),
        Example(Ref("f", 1, 2), (ask, answer, ask, answer)),
        Example(Ref("f", 2, 3), (ask, Message("assistant", None, (ToolCall("f", "{}"),)))),
        Example(Ref("f", 3, 4), (ask, answer), non_preferred=(answer,)),
        Example(Ref("f", 4, 5), (ask,)),
    ]
    result = write(examples, tmp_path / "out.csv", "csv")
    assert result.written == 1
    assert [(ref.record, reason) for ref, reason in result.skipped] == [
        (1, "several turns, or no answer"),
        (2, "tools or tool calls"),
        (3, "a non-preferred answer"),
        (4, "several turns, or no answer"),
    ]


def test_formulas_are_defused_for_spreadsheets(tmp_path: Path) -> None:
    example = Example(Ref("f", 0, 1), (Message("user", "=cmd()"), Message("assistant", "- a list")))
    write([example], tmp_path / "out.csv", "csv")
    assert (tmp_path / "out.csv").read_bytes() == b"system,input,output\r\n,'=cmd(),'- a list\r\n"
    assert load(tmp_path / "out.csv")[0].messages == example.messages


def test_trl_has_arguments_as_objects(tmp_path: Path) -> None:
    calls = (ToolCall("f", '{"a":1}', "c1"),)
    example = Example(Ref("f", 0, 1), (Message("user", "q"), Message("assistant", None, calls)))
    broken = replace(example, messages=(Message("user", "q"), Message("assistant", None, (ToolCall("f", "{"),))))
    result = write([example, broken], tmp_path / "out.jsonl", "trl")
    record: dict[str, Any] = json.loads((tmp_path / "out.jsonl").read_text())
    assert record["messages"][1]["tool_calls"][0]["function"]["arguments"] == {"a": 1}
    assert result.written == 1
    assert len(result.skipped) == 1
    assert load(tmp_path / "out.jsonl")[0].messages == example.messages


def test_history_and_calls_survive_alpaca_and_sharegpt(tmp_path: Path) -> None:
    turns = tuple(Message(("user", "assistant")[at % 2], f"t{at}") for at in range(6))
    example = Example(Ref("f", 0, 1), (Message("system", "s"), *turns))
    write([example], tmp_path / "a.jsonl", "alpaca")
    assert load(tmp_path / "a.jsonl")[0].messages == example.messages
    called = Message("assistant", None, (ToolCall("f", '{"a":1}'),))
    example = Example(
        Ref("f", 0, 1),
        (turns[0], called, Message("tool", "r"), turns[1]),
        tools=({"type": "function", "function": {"name": "f", "parameters": {}}},),
    )
    write([example], tmp_path / "s.jsonl", "sharegpt")
    assert said(load(tmp_path / "s.jsonl")) == said([example])


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text("old")

    def stop() -> Iterable[Example]:
        yield Example(Ref("f", 0, 1), (Message("user", "q"), Message("assistant", "a")))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(stop(), path, "openai")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(InputError, match="no format"):
        write([], path, "word")
    with pytest.raises(InputError, match="folder does not exist"):
        write([], tmp_path / "none" / "x.jsonl", "openai")
