"""Conversations of every order and with every kind of turn, for tests that ask what holds of all of them."""

from __future__ import annotations

from hypothesis import strategies as st

from curator.model import Example, Message, Ref, ToolCall

WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}
_texts = st.sampled_from(["", " ", "one", "two words", "drei\n\nvier", "5️⃣"])
_said = st.sampled_from(["one", "two words", "drei\n\nvier"])
_ids = st.sampled_from([None, "abc123def", "call_1", "call_1"])


@st.composite
def calls(draw: st.DrawFn) -> list[Message]:
    """A turn that calls tools, and the answers to some of the calls, mostly to all."""
    made = tuple(
        ToolCall("weather", f'{{"city": "{draw(_said)[:3]}"}}', draw(_ids)) for _ in range(draw(st.integers(1, 2)))
    )
    turn = Message("assistant", draw(st.sampled_from([None, None, "Let me look."])), made)
    answered = made if draw(st.integers(0, 3)) else made[1:]
    return [turn, *(Message("tool", draw(_said), tool_call_id=call.id) for call in answered)]


_turn = st.one_of(
    st.builds(lambda text: [Message("user", text)], _texts),
    st.builds(lambda text: [Message("assistant", text)], _said),
    st.builds(lambda text, answer: [Message("user", text), Message("assistant", answer)], _said, _said),
    st.builds(lambda text: [Message("system", text)], _texts),
    st.builds(lambda weight: [Message("assistant", "so", weight=weight)], st.sampled_from([0, 1])),
    st.builds(lambda weight: [Message("user", "so", weight=weight)], st.sampled_from([None, 1])),
    calls(),
)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    """An example of one to six turns in any order."""
    turns = [message for group in draw(st.lists(_turn, min_size=1, max_size=5)) for message in group]
    return Example(Ref("a.jsonl", 0, 1), tuple(turns), tools=(WEATHER,) if draw(st.booleans()) else ())
