"""Files of people hold anything: whatever stands in a record, a target says what is wrong with it and does not stop."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from conversations import WEATHER
from hypothesis import given, settings
from hypothesis import strategies as st

from curator import targets
from curator.model import Example, Message, Ref, ToolCall
from curator.targets import Problem

CALL = Message("assistant", None, (ToolCall("weather", '{"city": "Oslo"}', "abc123def"),))
TURNS = (Message("user", "q"), CALL, Message("tool", "4", tool_call_id="abc123def"), Message("assistant", "a"))
OTHER = (Message("assistant", "b"),)
TALK = Example(Ref("a.jsonl", 0, 1), (Message("system", "s"), TURNS[0], TURNS[3]))
USED = Example(Ref("a.jsonl", 0, 1), TURNS, tools=(WEATHER,))
JUNK = [
    None,
    True,
    0,
    1.5,
    "",
    [],
    {},
    "x",
    ["x"],
    {"a": 1},
    [None],
    [{}],
    {"role": "user"},
    "{}",
    [["a", "b"]],
    {"text": 5},
]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value within a record, the record's own left out."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (*path, key)
        yield from places(one, (*path, key))


@pytest.mark.parametrize("name", targets.names())
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_record_that_is_damaged_anywhere_is_told_of(name: str, data: st.DataObject) -> None:
    target = targets.get(name)
    example = data.draw(st.sampled_from([TALK, USED]))
    if target.preference:
        example = Example(example.ref, example.messages, example.tools, OTHER)
    if any(problem.severity == "error" for problem in target.problems(example)):
        example = Example(TALK.ref, TALK.messages, non_preferred=OTHER if target.preference else ())
    record = data.draw(st.sampled_from(copy.deepcopy(target.records(example))))
    for _ in range(data.draw(st.integers(1, 2))):
        *path, last = data.draw(st.sampled_from(list(places(record)) or [("x",)]))
        holder = record
        for key in path:
            holder = holder[key]
        holder[last] = copy.deepcopy(data.draw(st.sampled_from(JUNK)))
    before = json.dumps(record)
    read, problems = target.read(record)
    assert all(isinstance(problem, Problem) for problem in problems)
    assert target.shape(record)
    if read is not None:
        target.problems(read)
    assert json.dumps(record) == before
