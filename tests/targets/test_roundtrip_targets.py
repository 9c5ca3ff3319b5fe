"""What a target writes, its own check takes and Curator reads again as the same examples, but for what it said it leaves out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator import formats, targets
from curator.model import SYSTEM_ROLES, Example, Message, Ref, Severity, ToolCall
from curator.targets import Target
from curator.targets.chat import reasoning, with_ids


def tool(name: str, **properties: str) -> dict[str, Any]:
    parameters = {"type": "object", "properties": {key: {"type": kind} for key, kind in properties.items()}}
    function = {"name": name, "description": f"Asks for {name}", "parameters": parameters}
    return {"type": "function", "function": function}


WEATHER, TIME = tool("weather", city="string", days="integer"), tool("local_time", zone="string")


def conversation(*turns: tuple[str, str], **fields: Any) -> Example:
    return replace(Example(Ref("a.jsonl", 0, 1), tuple(Message(*turn) for turn in turns)), **fields)


def calling(*calls: ToolCall, text: str | None = None, tools: Sequence[dict[str, Any]] = (WEATHER,)) -> Example:
    replies = tuple(Message("tool", json.dumps({"of": call.name})) for call in calls)
    messages = (
        Message("user", "How is Oslo?"),
        Message("assistant", text, calls),
        *replies,
        Message("assistant", "4 °C."),
    )
    return Example(Ref("a.jsonl", 0, 1), messages, tools=tuple(tools))


KINDS = {
    "single turn": conversation(("user", "Where is my card?"), ("assistant", "card_arrival")),
    "system": conversation(("system", "Sort."), ("user", "Where is my card?"), ("assistant", "card_arrival")),
    "multi-turn": conversation(
        ("user", "Hello"),
        ("assistant", "Hello!"),
        ("user", "Bread?"),
        ("assistant", "At 7."),
        ("user", "Ta"),
        ("assistant", "Bye"),
    ),
    "tools": calling(ToolCall("weather", '{"city": "Oslo", "days": 2}')),
    "a tool that is offered and not called": replace(
        conversation(("user", "Hello"), ("assistant", "Hello!")), tools=(WEATHER, TIME)
    ),
    "two calls": calling(ToolCall("weather", '{"city":"Oslo"}'), ToolCall("local_time", "{}"), tools=(WEATHER, TIME)),
    "a call with a text and an id": calling(ToolCall("weather", "{}", "call_abc"), text="I look."),
    "a call in the end": Example(
        Ref("a.jsonl", 0, 1),
        (Message("user", "Oslo?"), Message("assistant", None, (ToolCall("weather", '{"days": 1}'),))),
        tools=(WEATHER,),
    ),
    "Unicode": conversation(
        ("user", "Grüße\u2028シドニー 👩\u200d👩\u200d👧 שלום \u0085 ‮x‬ \t\r\n e\u0301 \U0001f1f3\U0001f1f4"),
        ("assistant", "✓ naïve\u2029 “q” \\ \u0000"),
    ),
    "empty input": conversation(("user", ""), ("assistant", "Yes.")),
    "very long": conversation(("user", "word " * 25_000), ("assistant", "long " * 400)),
    "weights": Example(
        Ref("a.jsonl", 0, 1),
        (
            Message("user", "a"),
            Message("assistant", "b", weight=0),
            Message("user", "c"),
            Message("assistant", "d", weight=1),
        ),
    ),
    "reasoning": Example(
        Ref("a.jsonl", 0, 1),
        (Message("user", "2 + 2?"), Message("assistant", "4", extra={"reasoning_content": "Two and two.\n"})),
    ),
    "quotes and braces": conversation(("user", '{"a": "b"}\n\n- x\n---\n'), ("assistant", '{"label": "x"}')),
}


def taken(target: Target, examples: Sequence[Example]) -> list[Example]:
    """Those that the target refuses for nothing; a preference target gets a second output for each."""
    if target.preference:
        examples = [
            example if example.non_preferred else replace(example, non_preferred=(Message("assistant", "No idea."),))
            for example in examples
        ]
    return [e for e in examples if not any(p.severity is Severity.ERROR for p in target.problems(e))]


def read_back(target: Target, examples: Sequence[Example], folder: Path) -> list[Example]:
    """The examples as written by the target to a file, checked, and imported again."""
    fitted = target.fitted(examples)
    path = folder / target.part_file("validation")
    fitted.write(examples, path)
    wrong = [str(p) for p in fitted.validate_file(path, "validation") if p.severity is Severity.ERROR]
    assert wrong == []
    found = list(formats.read(path, formats.detect(path)))
    rejected = [one for one in found if not isinstance(one, Example)]
    assert target.splits_examples or rejected == []  # of its lines, some are of outputs that nobody wants
    return [one for one in found if isinstance(one, Example)]


def said(example: Example, target: Target) -> dict[str, Any]:
    """What an example says that the target carries, in a form that can be compared."""
    carries = target.rules.carries
    messages = with_ids(example.messages)
    numbers = {call.id: n for n, call in enumerate(call for m in messages for call in m.tool_calls)}

    def turn(message: Message) -> dict[str, Any]:
        told: dict[str, Any] = {"role": message.role, "text": message.content or ""}
        if message.role in SYSTEM_ROLES and "developer" not in carries:
            told["role"] = "system"
        if message.tool_calls:
            told["calls"] = [(call.name, json.loads(call.arguments)) for call in message.tool_calls]
        if message.role == "tool":
            told["answers"] = numbers.get(message.tool_call_id)
        if "weight" in carries and message.role == "assistant":
            told["weight"] = message.weight
        if "reasoning" in carries:
            told["reasoning"] = reasoning(message)
        return told

    told = {"turns": [turn(message) for message in messages]}
    if target.preference:
        told["other"] = [turn(message) for message in example.non_preferred]
    return {**told, "tools": list(example.tools)} if "tools" in carries else told


def assert_same(target: Target, written: Sequence[Example], back: Sequence[Example]) -> None:
    assert [said(example, target) for example in back] == [said(example, target) for example in written]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", targets.names())
def test_every_kind_of_example_that_a_target_takes_is_read_again_as_it_was(
    name: str, kind: str, tmp_path: Path
) -> None:
    target = targets.get(name)
    examples = taken(target, [KINDS[kind]])
    if not examples:
        # A refusal is an answer, too, but not to what every format can hold.
        assert kind not in ("single turn", "multi-turn", "Unicode", "quotes and braces")
        return
    assert_same(target, examples, read_back(target, examples, tmp_path))


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40).filter(str.strip)
values = st.one_of(
    st.integers(-(2**53), 2**53), st.booleans(), st.none(), texts, st.lists(st.integers(0, 9), max_size=2)
)
objects = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), values, max_size=3)


@st.composite
def conversations(draw: st.DrawFn) -> Example:
    messages = [Message(draw(st.sampled_from(["system", "developer"])), draw(texts))] if draw(st.booleans()) else []
    tools: tuple[dict[str, Any], ...] = ()
    for _ in range(draw(st.integers(1, 3))):
        messages.append(Message("user", draw(texts | st.just(""))))
        if draw(st.booleans()):
            tools = (WEATHER, TIME)
            calls = tuple(
                ToolCall(draw(st.sampled_from(["weather", "local_time"])), json.dumps(draw(objects)))
                for _ in range(draw(st.integers(1, 2)))
            )
            messages.append(Message("assistant", draw(st.none() | texts), calls))
            messages += [Message("tool", draw(texts)) for _ in calls]
        messages.append(Message("assistant", draw(texts), weight=draw(st.sampled_from([None, 0, 1]))))
    return Example(Ref("a", 0, 1), tuple(messages), tools=tools)


@pytest.mark.parametrize("name", targets.names())
@settings(max_examples=6, deadline=None, derandomize=True)
@given(made=st.lists(conversations(), min_size=3, max_size=6))
def test_generated_conversations_are_read_again_as_they_were(
    name: str, tmp_path_factory: pytest.TempPathFactory, made: list[Example]
) -> None:
    target = targets.get(name)
    examples = taken(target, made)
    if examples:
        assert_same(target, examples, read_back(target, examples, tmp_path_factory.mktemp("made")))


@pytest.mark.parametrize("name", targets.names())
def test_examples_of_all_kinds_share_a_file(name: str, tmp_path: Path) -> None:
    target = targets.get(name)
    examples = taken(target, list(KINDS.values()))
    assert len(examples) >= 4
    assert_same(target, examples, read_back(target, examples, tmp_path))
