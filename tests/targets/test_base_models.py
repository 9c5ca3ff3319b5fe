"""What the chat templates of open models do to examples: told before the training run does it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from chat_templates import MISTRAL_NEMO, QWEN, rendered
from conversations import WEATHER, examples
from hypothesis import given, settings
from jinja2.exceptions import TemplateError

from curator import targets
from curator.errors import InputError
from curator.model import Example, Message, Ref, Severity, ToolCall
from curator.targets import base_models, fixes

TRL = targets.get("trl")
CALL = ToolCall("weather", '{"city": "Oslo"}', "abc123def")


def example(*turns: Message | tuple[str, str], **fields: object) -> Example:
    messages = tuple(turn if isinstance(turn, Message) else Message(*turn) for turn in turns)
    return replace(Example(Ref("a.jsonl", 0, 1), messages), **fields)  # type: ignore[arg-type]


def tool_example(*calls: ToolCall, text: str | None = None) -> Example:
    answers = [Message("tool", "4", tool_call_id=call.id) for call in calls]
    turns = (("user", "q"), Message("assistant", text, calls), *answers, ("assistant", "4 °C."))
    return example(*turns, tools=(WEATHER,))


PLAIN = example(("user", "q"), ("assistant", "a"))
SYSTEM = example(("system", "Be brief."), *[(m.role, m.content or "") for m in PLAIN.messages])
TWICE = example(("user", "one"), ("user", "two"), ("assistant", "a"))


def caught(name: str, one: Example) -> dict[str, bool]:
    """The traps that an example runs into, and whether the template stops there."""
    return {trap.when: trap.raises for trap in base_models.get(name).traps if trap.catches(one)}


@pytest.mark.parametrize(
    ("model", "when", "raises", "trapped", "safe"),
    [
        ("gemma-2", "system_turn", True, SYSTEM, PLAIN),
        ("gemma-2", "not_alternating", True, TWICE, PLAIN),
        ("gemma-2", "tool_turns", True, tool_example(CALL), PLAIN),
        ("gemma-2", "tools_without_answers", False, replace(PLAIN, tools=(WEATHER,)), PLAIN),
        (
            "llama-3.1",
            "several_tool_calls",
            True,
            tool_example(CALL, replace(CALL, id="abc123deg")),
            tool_example(CALL),
        ),
        ("llama-3.1", "text_of_calls", False, tool_example(CALL, text="Let me look."), tool_example(CALL)),
        (
            "llama-3.1",
            "tools_before_user",
            False,
            example(("assistant", "Hello"), ("user", "q"), ("assistant", "a"), tools=(WEATHER,)),
            example(("assistant", "Hello"), ("user", "q"), ("assistant", "a")),
        ),
        ("llama-3.1", "space_around_output", False, example(("user", "q"), ("assistant", "a\n")), PLAIN),
        ("gemma-2", "space_around_output", False, example(("user", "q"), ("assistant", " a")), PLAIN),
        ("mistral-7b", "system_turn", False, SYSTEM, PLAIN),
        (
            "mistral-7b",
            "later_system",
            True,
            example(("user", "q"), ("system", "Be brief."), ("assistant", "a")),
            SYSTEM,
        ),
        ("mistral-7b", "not_alternating_but_for_tools", True, TWICE, tool_example(CALL)),
        ("mistral-7b", "long_tool_ids", True, tool_example(replace(CALL, id="call_1")), tool_example(CALL)),
        ("mistral-7b", "text_of_calls", False, tool_example(CALL, text="Let me look."), tool_example(CALL)),
        ("qwen-2.5", "no_system", False, PLAIN, SYSTEM),
    ],
)
def test_a_trap_catches_the_one_and_not_the_other(
    model: str, when: str, raises: bool, trapped: Example, safe: Example
) -> None:
    assert caught(model, trapped)[when] is raises
    assert when not in caught(model, safe)
    problem = next(p for p in base_models.get(model).problems(trapped) if base_models.get(model).title in p.message)
    assert problem.fix


def test_every_condition_is_that_of_a_trap_and_every_mend_is_a_fix() -> None:
    traps = [trap for model in base_models.every() for trap in model.traps]
    assert {trap.when for trap in traps} == set(base_models.CONDITIONS)
    assert {trap.mend for trap in traps} - {None} <= set(fixes.FIXES)
    assert all(trap.effect and trap.fix for trap in traps)
    assert all(model.as_of and model.source for model in base_models.every())


def test_a_model_that_is_not_known_is_refused_with_those_that_are() -> None:
    with pytest.raises(InputError, match=r"'gemma-9' is not known; the base models are gemma-2, llama-3.1, mistral-7b"):
        base_models.get("gemma-9")


@settings(max_examples=150, deadline=None)
@given(examples())
def test_the_template_of_mistral_raises_where_and_only_where_it_is_said(one: Example) -> None:
    said = any(caught("mistral-7b", one).values())
    try:
        rendered(MISTRAL_NEMO, TRL.record(one))
    except TemplateError:
        assert said
    else:
        assert not said


@settings(max_examples=100, deadline=None)
@given(examples())
def test_the_fixes_for_mistral_help_wherever_they_leave_no_trap_that_raises(one: Example) -> None:
    target = TRL.for_model("mistral-7b")
    mended, _ = fixes.apply(one, fixes.parse(["safe"]), target)
    if not any(caught("mistral-7b", mended).values()):
        rendered(MISTRAL_NEMO, TRL.record(mended))
    texts = [message.content.strip() for message in one.messages if message.role == "system" and message.content]
    if mended.messages[0].role == "user":
        assert all(text in (mended.messages[0].content or "") for text in texts)


def test_mistral_loses_the_system_text_until_it_is_in_the_user_turn() -> None:
    assert "Be brief." not in rendered(MISTRAL_NEMO, TRL.record(SYSTEM))
    mended, applied = fixes.apply(SYSTEM, ["merge-system"], TRL.for_model("mistral-7b"))
    assert applied == ("merge-system",)
    assert rendered(MISTRAL_NEMO, TRL.record(mended)) == "<s>[INST]Be brief.\n\nq[/INST]a</s>"


def test_mistral_leaves_out_what_is_said_beside_a_call() -> None:
    assert "Let me look." not in rendered(MISTRAL_NEMO, TRL.record(tool_example(CALL, text="Let me look.")))


def test_qwen_puts_in_a_system_text_of_its_own_only_where_there_is_none() -> None:
    assert "You are Qwen" in rendered(QWEN, TRL.record(PLAIN))
    assert "You are Qwen" not in rendered(QWEN, TRL.record(SYSTEM))
    assert "Let me look." in rendered(QWEN, TRL.record(tool_example(CALL, text="Let me look.")))


def test_a_model_that_is_named_makes_its_traps_problems_of_the_target() -> None:
    assert TRL.problems(SYSTEM) == []
    errors = [p for p in TRL.for_model("gemma-2").problems(SYSTEM) if p.severity is Severity.ERROR]
    assert [(p.rule, p.mend) for p in errors] == [("base_model", "merge-system")]
    assert targets.get("openai").for_model("gemma-2").problems(SYSTEM) == []
