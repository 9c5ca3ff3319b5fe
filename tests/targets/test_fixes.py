"""Safe fixes: what each does, that it does it only where it helps, and what none of them may touch."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

import pytest
from conversations import WEATHER, examples
from hypothesis import given, settings
from hypothesis import strategies as st

from curator import targets
from curator.errors import InputError
from curator.model import Example, Message, Ref, ToolCall
from curator.targets import Rules, chat, fixes
from curator.targets.openai import OpenAI

SAFE = fixes.parse(["safe"])


class Short(OpenAI):
    """OpenAI's form with another limit of tokens, and everything that can be refused refused."""

    def __init__(self, most: int | None = None):
        self._most = most

    @cached_property
    def rules(self) -> Rules:
        return replace(
            Rules.load("openai"), max_tokens=self._most, refuses=("alternation", "last_turn", "system_first")
        )


ANY = Short()


def talk(*turns: tuple[str, str] | Message, **fields: Any) -> Example:
    messages = tuple(turn if isinstance(turn, Message) else Message(*turn) for turn in turns)
    return replace(Example(Ref("a.jsonl", 0, 1), messages), **fields)


def said(example: Example) -> list[tuple[str, str | None]]:
    return [(message.role, message.content) for message in example.messages]


def calling(*ids: str | None, text: str | None = None) -> Message:
    return Message("assistant", text, tuple(ToolCall("weather", f'{{"city": "{n}"}}', id) for n, id in enumerate(ids)))


def answer(text: str, id: str | None = None) -> Message:
    return Message("tool", text, tool_call_id=id)


def done(name: str, example: Example, target: targets.Target = ANY) -> Example:
    return fixes.FIXES[name].does(example, target)


@pytest.mark.parametrize("name", fixes.FIXES)
@settings(max_examples=60, deadline=None)
@given(example=examples(), most=st.integers(10, 60))
def test_a_fix_done_twice_is_done_once_and_gives_the_very_same_where_there_is_nothing_to_do(
    name: str, example: Example, most: int
) -> None:
    target = Short(most)
    once = done(name, example, target)
    assert done(name, once, target) is once
    assert once.messages
    assert (once.ref, once.tools) == (example.ref, example.tools)


@pytest.mark.parametrize("name", SAFE)
@settings(max_examples=60, deadline=None)
@given(example=examples())
def test_no_safe_fix_touches_the_output(name: str, example: Example) -> None:
    assert done(name, example).output == example.output


@pytest.mark.parametrize("name", ["openai", "bedrock-nova", "llama-factory", "vertex", "trl"])
@settings(max_examples=40, deadline=None)
@given(example=examples())
def test_what_is_applied_was_wanted_and_nothing_is_left_to_apply(name: str, example: Example) -> None:
    target = targets.get(name)
    wanted = {problem.mend for problem in target.problems(example)}
    mended, applied = fixes.apply(example, SAFE, target)
    assert (mended is example) == (not applied)
    assert wanted or not applied
    assert len(set(applied)) == len(applied)
    assert fixes.apply(mended, SAFE, target) == (mended, ())


@settings(max_examples=60, deadline=None)
@given(example=examples())
def test_all_calls_and_answers_are_still_there_after_the_fixes_of_tools(example: Example) -> None:
    for name in ("split-tool-calls", "renumber-tool-ids"):
        mended = done(name, example)
        for one in (example, mended):
            assert sum(len(m.tool_calls) for m in one.messages) == sum(len(m.tool_calls) for m in example.messages)
        texts = sorted(m.content or "" for m in example.messages if m.role == "tool")
        assert sorted(m.content or "" for m in mended.messages if m.role == "tool") == texts


def test_a_fix_is_applied_only_where_the_target_has_a_use_for_it() -> None:
    example = talk(("user", "q"), calling("call_1"), answer("4", "call_1"), ("assistant", "a"), tools=(WEATHER,))
    assert fixes.apply(example, ["renumber-tool-ids"], targets.get("openai")) == (example, ())
    mended, applied = fixes.apply(example, ["renumber-tool-ids"], targets.get("mistral"))
    assert applied == ("renumber-tool-ids",)
    assert not [p for p in targets.get("mistral").problems(mended) if p.rule == "tool_id"]


def test_names_come_in_one_order_and_safe_stands_for_those_that_lose_nothing() -> None:
    assert fixes.parse(["merge-turns", "system-first"]) == fixes.parse(["system-first", "merge-turns"])
    assert "cut-long" not in SAFE
    assert fixes.parse(["safe", "cut-long"])[-1] == "cut-long"
    with pytest.raises(InputError, match=r"there is no fix 'cut'; the fixes are safe, drop-empty-system"):
        fixes.parse(["cut"])


def test_system_turns_are_joined_in_front() -> None:
    example = talk(("system", "One."), ("user", "q"), ("system", "Two."), ("assistant", "a"))
    assert said(done("system-first", example)) == [("system", "One.\n\nTwo."), ("user", "q"), ("assistant", "a")]


def test_the_system_text_goes_into_the_first_turn_if_that_is_the_users() -> None:
    example = talk(("system", "Be brief."), ("user", "q"), ("assistant", "a"))
    assert said(done("merge-system", example)) == [("user", "Be brief.\n\nq"), ("assistant", "a")]
    empty = talk(("system", "Be brief."), ("user", ""), ("assistant", "a"))
    assert said(done("merge-system", empty)) == [("user", "Be brief."), ("assistant", "a")]
    greeted = talk(("system", "Be brief."), ("assistant", "Hello"), ("user", "q"), ("assistant", "a"))
    assert done("merge-system", greeted) is greeted
    tools = talk(("system", "Be brief."), calling("a"), answer("4", "a"), ("user", "q"), ("assistant", "a"))
    assert done("merge-system", tools) is tools


def test_an_empty_system_turn_is_left_out_but_never_the_last_turn() -> None:
    example = talk(("system", " "), ("user", "q"), ("assistant", "a"))
    assert said(done("drop-empty-system", example)) == [("user", "q"), ("assistant", "a")]
    alone = talk(("system", ""))
    assert done("drop-empty-system", alone) is alone


def test_turns_of_one_role_are_joined_but_for_the_output_and_what_differs() -> None:
    example = talk(("user", "one"), ("user", "two"), ("assistant", "a"), ("assistant", "b"), ("assistant", "output"))
    assert said(done("merge-turns", example)) == [
        ("user", "one\n\ntwo"),
        ("assistant", "a\n\nb"),
        ("assistant", "output"),
    ]
    weighed = talk(
        ("user", "q"), Message("assistant", "a", weight=0), Message("assistant", "b", weight=1), ("user", "r")
    )
    assert done("merge-turns", weighed) is weighed
    named = talk(Message("user", "q", name="ann"), Message("user", "r", name="bo"), ("assistant", "a"))
    assert done("merge-turns", named) is named


def test_what_follows_the_output_is_left_out() -> None:
    example = talk(("user", "q"), ("assistant", "a"), ("user", "thanks"))
    assert said(done("end-at-assistant", example)) == [("user", "q"), ("assistant", "a")]
    called = talk(("user", "q"), calling("a"), answer("4", "a"), tools=(WEATHER,))
    assert done("end-at-assistant", called).messages == called.messages[:2]


def test_weights_of_turns_that_are_not_trained_on_go_and_others_stay() -> None:
    example = talk(
        Message("user", "q", weight=1), Message("assistant", "a", weight=0), Message("assistant", "b", weight=1)
    )
    assert [m.weight for m in done("drop-weights", example).messages] == [None, 0, 1]


def test_each_call_gets_a_turn_and_its_own_answer_after_it() -> None:
    two = (calling("a", "b", text="Two."), answer("of b", "b"), answer("of a", "a"))
    mended = done("split-tool-calls", talk(("user", "q"), *two, ("assistant", "end"), tools=(WEATHER,)))
    assert [(m.content, [c.id for c in m.tool_calls], m.tool_call_id) for m in mended.messages[1:-1]] == [
        ("Two.", ["a"], None),
        ("of a", [], "a"),
        (None, ["b"], None),
        ("of b", [], "b"),
    ]


@pytest.mark.parametrize(
    "turns",
    [
        (calling("a", "b"), answer("of a", "a")),
        (calling("a", "a"), answer("1", "a"), answer("2", "a")),
        (calling("a", "b"), answer("1", "a"), answer("2", "a"), answer("3", "b")),
    ],
)
def test_calls_stay_together_where_not_each_has_one_answer(turns: tuple[Message, ...]) -> None:
    example = talk(("user", "q"), *turns, ("assistant", "end"))
    assert done("split-tool-calls", example) is example


def test_calls_that_are_the_output_stay_together() -> None:
    example = talk(("user", "q"), calling("a", "b"), answer("1", "a"), answer("2", "b"))
    assert done("split-tool-calls", example) is example


def test_ids_are_made_anew_where_they_must_and_answers_follow_their_calls() -> None:
    turns = (calling("call_1", "abc123def"), answer("1", "call_1"), answer("2", "abc123def"))
    example = talk(("user", "q"), *turns, ("assistant", "so"), *turns, ("assistant", "end"))
    mended = done("renumber-tool-ids", example)
    calls = [call.id for message in mended.messages for call in message.tool_calls]
    assert calls[1] == "abc123def"
    assert len(set(calls)) == 4
    assert all(id and len(id) == 9 and id.isalnum() for id in calls)
    assert [m.tool_call_id for m in mended.messages if m.role == "tool"] == calls
    assert done("renumber-tool-ids", example) == mended


def test_two_calls_of_one_id_are_told_apart_by_the_order_of_their_answers() -> None:
    example = talk(("user", "q"), calling("x", "x"), answer("1", "x"), answer("2", "x"), ("assistant", "end"))
    mended = done("renumber-tool-ids", example)
    assert [m.tool_call_id for m in mended.messages[2:4]] == [call.id for call in mended.messages[1].tool_calls]


def test_calls_without_ids_get_those_that_are_written_anyway() -> None:
    example = talk(("user", "q"), calling(None), answer("1"), ("assistant", "end"))
    assert done("renumber-tool-ids", example).messages == chat.with_ids(example.messages)


def test_the_text_beside_calls_goes_where_that_is_chosen_by_name() -> None:
    example = talk(("user", "q"), calling("a", text="Let me look."), answer("1", "a"), ("assistant", "end"))
    assert done("drop-text-of-calls", example).messages[1].content is None
    assert fixes.FIXES["drop-text-of-calls"].loses


def test_what_is_too_long_loses_its_oldest_exchanges_first() -> None:
    words = "word " * 30
    example = talk(
        ("system", "Be brief."), ("user", words), ("assistant", words), ("user", "now"), ("assistant", "output")
    )
    assert said(done("cut-long", example, Short(40))) == [
        ("system", "Be brief."),
        ("user", "now"),
        ("assistant", "output"),
    ]


def test_of_a_long_talk_as_much_is_kept_as_fits_however_many_turns_it_has() -> None:
    spoken = [turn for n in range(1500) for turn in (("user", f"ask {n} " * 9), ("assistant", f"tell {n}"))]
    counted: list[int] = []

    class Counted(Short):
        @property
        def counter(self) -> Any:
            counted.append(1)
            return super().counter

    target = Counted(2000)
    mended = done("cut-long", talk(("system", "Be brief."), *spoken), target)
    assert len(counted) < 100, "halving, not turn by turn"
    left = len(mended.messages) - 1
    assert target.counter.example(mended) <= 2000
    assert target.counter.example(talk(("system", "Be brief."), *spoken[-left - 2 :])) > 2000


def test_then_the_middle_of_the_longest_user_turn_is_cut_out_and_no_more_than_needed() -> None:
    target = Short(100)
    text = " ".join(f"w{n}" for n in range(80))
    mended = done("cut-long", talk(("system", "Be brief."), ("user", text), ("assistant", "output")), target)
    front, _, back = (mended.messages[1].content or "").partition(fixes.CUT)
    assert text.startswith(front.strip() or "-")
    assert text.endswith(back.strip() or "-")
    assert 95 <= target.counter.example(mended) <= 100
    assert mended.output == "output"


@settings(max_examples=60, deadline=None)
@given(
    turns=st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), min_size=1, max_size=4),
    most=st.integers(20, 200),
)
def test_what_was_cut_is_within_the_limit_and_keeps_system_and_output(turns: list[tuple[int, int]], most: int) -> None:
    spoken = [turn for ask, tell in turns for turn in (("user", "ask " * ask), ("assistant", "tell " * tell))]
    example, target = talk(("system", "Be brief."), *spoken), Short(most)
    mended, applied = fixes.apply(example, ["cut-long"], target)
    assert bool(applied) == (mended is not example)
    if applied:
        assert target.counter.example(mended) <= most
    assert mended.output == example.output
    assert mended.messages[0] == example.messages[0]


def test_what_cannot_be_cut_short_enough_stays_as_it_is() -> None:
    example = talk(("user", "q"), ("assistant", "word " * 300))
    assert done("cut-long", example, Short(50)) is example
    asked = talk(("user", "word " * 300), ("assistant", "word " * 40))
    assert done("cut-long", asked, Short(60)) is asked
