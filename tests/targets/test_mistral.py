"""Mistral: what is written passes the check of mistral-common, and what it refuses is mended where that is chosen."""

from __future__ import annotations

from typing import Any

import pytest

from curator import targets
from curator.model import Example, Message, Ref, Severity, ToolCall
from curator.targets import fixes

TARGET = targets.get("mistral")
WEATHER = {
    "type": "function",
    "function": {"name": "weather", "description": "The weather", "parameters": {"type": "object", "properties": {}}},
}


def calling(*ids: str | None, text: str | None = None) -> Example:
    calls = tuple(ToolCall("weather", f'{{"day": {day}}}', id) for day, id in enumerate(ids))
    replies = tuple(Message("tool", "4 °C", tool_call_id=id) for id in ids)
    messages = (Message("user", "Oslo?"), Message("assistant", text, calls), *replies, Message("assistant", "4 °C."))
    return Example(Ref("a", 0, 1), messages, tools=(WEATHER,))


def talk(*turns: tuple[str, str]) -> Example:
    return Example(Ref("a", 0, 1), tuple(Message(*turn) for turn in turns))


def rules(example: Example) -> set[str]:
    return {problem.rule for problem in TARGET.problems(example) if problem.severity is Severity.ERROR}


def check_by_mistral(record: dict[str, Any]) -> None:
    """Raises what Mistral's own request validator raises, in its mode for fine-tuning."""
    messages = pytest.importorskip("mistral_common.protocol.instruct.messages")
    from mistral_common.protocol.instruct.request import ChatCompletionRequest
    from mistral_common.protocol.instruct.tool_calls import Function, FunctionCall, Tool
    from mistral_common.protocol.instruct.tool_calls import ToolCall as Call
    from mistral_common.protocol.instruct.validator import MistralRequestValidatorV3, ValidationMode

    made = []
    for turn in record["messages"]:
        calls = [Call(id=c["id"], function=FunctionCall(**c["function"])) for c in turn.get("tool_calls", [])]
        made.append(
            {
                "system": lambda turn, _calls: messages.SystemMessage(content=turn["content"]),
                "user": lambda turn, _calls: messages.UserMessage(content=turn["content"]),
                "tool": lambda turn, _calls: messages.ToolMessage(
                    content=turn["content"], tool_call_id=turn["tool_call_id"]
                ),
                "assistant": lambda turn, calls: messages.FinetuningAssistantMessage(
                    content=turn.get("content"), tool_calls=calls or None, weight=turn.get("weight")
                ),
            }[turn["role"]](turn, calls)
        )
    tools = [Tool(function=Function(**tool["function"])) for tool in record.get("tools", [])]
    request = ChatCompletionRequest(messages=made, tools=tools or None)
    MistralRequestValidatorV3(ValidationMode.finetuning).validate_request(request)


@pytest.mark.parametrize(
    "example",
    [
        talk(("user", "q"), ("assistant", "a")),
        talk(("system", "s"), ("user", "q"), ("assistant", "a"), ("user", ""), ("assistant", "b")),
        calling(None),
        calling(None, None),
        calling("abcDEF123"),
        Example(Ref("a", 0, 1), (Message("user", "q"), Message("assistant", "a", weight=0), *calling(None).messages)),
    ],
)
def test_what_is_accepted_passes_the_check_of_mistral_common(example: Example) -> None:
    assert rules(example) == set()
    check_by_mistral(TARGET.record(example))


@pytest.mark.parametrize(
    ("example", "rule", "mend"),
    [
        (calling("call_1", "call_2"), "tool_id", "renumber-tool-ids"),
        (calling("abcDEF123", "abcDEF123"), "tool_id", "renumber-tool-ids"),
        (calling(None, text="I look."), "content_or_calls", "drop-text-of-calls"),
        (talk(("user", "q"), ("assistant", "a"), ("user", "Thanks")), "last_turn", "end-at-assistant"),
        (talk(("user", "q"), ("assistant", "a"), ("system", "s"), ("assistant", "b")), "system_first", "system-first"),
    ],
)
def test_what_is_refused_is_mended_where_that_is_chosen(example: Example, rule: str, mend: str) -> None:
    assert rules(example) == {rule}
    mended, names = fixes.apply(example, [mend], TARGET)
    assert names == (mend,)
    assert rules(mended) == set()
    check_by_mistral(TARGET.record(mended))


def test_calls_that_shared_an_id_are_told_apart_with_their_answers() -> None:
    mended, _ = fixes.apply(calling("x", "x"), ["renumber-tool-ids"], TARGET)
    made = [call.id for call in mended.messages[1].tool_calls]
    assert len(set(made)) == 2
    assert [message.tool_call_id for message in mended.messages[2:4]] == made


def test_what_mistral_common_refuses_is_refused() -> None:
    with pytest.raises(Exception, match="must be a-z, A-Z, 0-9, with a length of 9"):
        check_by_mistral(targets.get("openai").record(calling("call_1")))
    with pytest.raises(Exception, match="either content or tool_calls"):
        check_by_mistral(TARGET.record(calling(None, text="I look.")))


def test_more_for_validation_than_a_twentieth_is_told_and_refuses_nothing() -> None:
    assert TARGET.release_problems({"train": 1000, "validation": 50}) == []
    (problem,) = TARGET.release_problems({"train": 900, "validation": 100})
    assert (problem.rule, problem.severity) == ("validation_share", Severity.WARNING)
    assert "--split 96/4" in str(problem.fix)
