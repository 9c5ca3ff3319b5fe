"""The forms in which records of fine-tuning data come: to say of one that a target cannot read whose it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from curator.model import Example, Message, Ref


@dataclass(frozen=True, slots=True)
class Form:
    """`keys`: what a record of this form has; `sample`: a whole one."""

    title: str
    keys: tuple[str, ...]
    sample: Mapping[str, Any]

    def is_of(self, record: Mapping[str, Any]) -> bool:
        """Whether a record has these keys, and below them what is made like in the sample."""
        return all(_alike(record.get(key), self.sample[key]) for key in self.keys)


def _alike(value: Any, sample: Any) -> bool:
    if isinstance(sample, list):
        return isinstance(value, list) and bool(value) and _alike(value[0], sample[0])
    if isinstance(sample, Mapping):
        return isinstance(value, Mapping) and all(_alike(value.get(key), sample[key]) for key in sample)
    return isinstance(value, type(sample))


_TURNS = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
_ASKED, _SAID, _OTHER = [_TURNS[0]], [_TURNS[1]], [{"role": "assistant", "content": "b"}]
_GEMINI = [{"role": "user", "parts": [{"text": "q"}]}, {"role": "model", "parts": [{"text": "a"}]}]
_BEDROCK = [{"role": "user", "content": [{"text": "q"}]}, {"role": "assistant", "content": [{"text": "a"}]}]
FORMS: tuple[Form, ...] = (
    Form("Gemini's contents", ("contents",), {"contents": _GEMINI}),
    Form(
        "a Bedrock conversation",
        ("schemaVersion",),
        {"schemaVersion": "bedrock-conversation-2024", "messages": _BEDROCK},
    ),
    Form(
        "an OpenAI preference pair",
        ("preferred_output",),
        {"input": {"messages": _ASKED}, "preferred_output": _SAID, "non_preferred_output": _OTHER},
    ),
    Form(
        "a ShareGPT conversation",
        ("conversations",),
        {"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]},
    ),
    Form("a TRL preference pair", ("chosen", "rejected"), {"prompt": "q", "chosen": "a", "rejected": "b"}),
    Form("a TRL preference pair", ("chosen", "rejected"), {"prompt": _ASKED, "chosen": _SAID, "rejected": _OTHER}),
    Form("an OpenAI chat", ("messages",), {"messages": _TURNS}),
    Form("an Alpaca record", ("instruction", "output"), {"instruction": "q", "input": "", "output": "a"}),
    Form("prompt and completion", ("prompt", "completion"), {"prompt": "q", "completion": "a"}),
    Form("prompt and completion", ("prompt", "completion"), {"prompt": _ASKED, "completion": _SAID}),
)
"""The more particular ones first."""


EXAMPLE = Example(
    Ref("", 0, None),
    (Message("user", "q"), Message("assistant", "a")),
    non_preferred=(Message("assistant", "b"),),
)
"""What every target can write."""


def of(record: Mapping[str, Any]) -> Form | None:
    """The form of a record, None where it has none of those that are known."""
    return next((form for form in FORMS if form.is_of(record)), None)
