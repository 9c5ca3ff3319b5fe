"""TRL's prompt and completion, both as turns, so that the loss is on the output alone and chat templates are applied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from curator.model import Example
from curator.targets import pairs
from curator.targets.conversation import turn_name
from curator.targets.problem import Problem
from curator.targets.trl import TRL


class TRLPromptCompletion(TRL):
    """`{"prompt": [turns], "completion": [the last assistant turn], "tools": […]}`, tool arguments as an object."""

    name = "trl-prompt-completion"
    minds_plain = False

    def own_problems(self, example: Example) -> list[Problem]:
        return list(_end_of_prompt(example))

    def record(self, example: Example) -> dict[str, Any]:
        written = super().record(example)
        *prompt, completion = written.pop("messages")
        return {"prompt": prompt, "completion": [completion], **written}

    def shape(self, record: Mapping[str, Any]) -> str:
        return pairs.shape(record)

    def read(self, record: Mapping[str, Any]) -> tuple[Example | None, list[Problem]]:
        """Reads texts as well, which TRL takes without a chat template; other columns are ignored by TRL."""
        if "prompt" not in record or "completion" not in record:
            fix = 'write {"prompt": [{"role": "user", "content": "…"}], "completion": [{"role": "assistant", "content": "…"}]}'
            return None, [Problem("prompt", "there are no columns prompt and completion", fix)]
        if isinstance(record["prompt"], list) != isinstance(record["completion"], list):
            return None, [
                Problem("prompt", "prompt and completion are not both texts or both turns", "write both as turns")
            ]
        return pairs.read(record, as_object=True)


def _end_of_prompt(example: Example) -> Iterator[Problem]:
    """TRL asks the template for the begin of an answer after a user's or a tool's turn, and stops after a system turn."""
    at = example.output_at
    if at is None:
        return
    if at == 0:
        yield Problem("prompt", "there is no turn before the output, so the prompt is empty", "add the user's turn")
    elif example.messages[at - 1].role not in ("user", "tool"):
        said = f"the prompt ends with {turn_name(at - 1, example.messages[at - 1])}, not with the user's or a tool's"
        yield Problem("prompt", said, "end it with the user's turn")


TARGET = TRLPromptCompletion()
