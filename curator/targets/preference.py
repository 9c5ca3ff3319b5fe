"""What formats of preference pairs have in common: one input, an output, and another one that it is preferred to.

The output is the last assistant turn, `Example.non_preferred` the other; both answer the turns before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from curator.model import Example, Message, Severity
from curator.targets import conversation
from curator.targets.base import Target
from curator.targets.problem import FileProblem, Problem

OTHER = "in the output that is not preferred, "


class Preference(Target):
    """A format of pairs. A provider's module adds how a record is written and read."""

    preference = True
    minds_plain = False
    one_turn = True
    """The output that is not preferred is one assistant turn, too."""
    ends_with_user = True
    """The input ends with the user's turn or a tool's; where False, it may be an assistant's turn that the outputs go on with."""

    def problems(self, example: Example) -> list[Problem]:
        if alone := self._pair(example):
            # Most examples of a project are no pairs: what else is wrong with them need not be asked.
            return alone
        found = super().problems(example)
        turns = example.messages
        if turns and turns[-1].role == "assistant" and turns[-1].weight != 0:
            # Outputs alone are trained on, so it makes no difference what earlier turns weigh.
            found = [problem for problem in found if problem.rule != "weight"]
        return found

    def own_problems(self, example: Example) -> list[Problem]:
        return [*_input(example, self.ends_with_user), *self._other_output(example)]

    def file_problems(self, rows: int, size: int, part: str = "train") -> list[FileProblem]:
        """As of any file; but edited outputs may be few, so that none of them is held out."""
        if rows == 0 and part != "train":
            return [FileProblem(None, "empty", "no pair is held out; train without this file", None, Severity.INFO)]
        return super().file_problems(rows, size, part)

    def _other_output(self, example: Example) -> Iterator[Problem]:
        """What is wrong with the output that is not preferred: all that would be wrong if it stood in the other's place."""
        turns = example.non_preferred
        if not turns:
            return
        if self.one_turn and len(turns) > 1:
            said = f"the output that is not preferred has {len(turns)} turns; each output is one assistant turn"
            yield Problem("one_turn", said, "leave the example out")
        elif turns[0].role != "assistant" or turns[-1].role != "assistant":
            wrong = next(message.role for message in (turns[0], turns[-1]) if message.role != "assistant")
            said = f"the output that is not preferred is a {wrong} turn, not the assistant's"
            yield Problem("one_turn", said, "leave the example out")
        if same(example.messages[-1:], turns):
            said = "the two outputs are the same, so neither is preferred"
            yield Problem("same_outputs", said, "leave the example out, or edit its output")
        other = counterpart(example)
        known = [*conversation.problems(example, self.rules), *self._length(example)]
        found = [*conversation.problems(other, self.rules), *self._length(other)]
        if self.base_model is not None:
            known += self.base_model.problems(example)
            found += self.base_model.problems(other)
        for problem in found:
            if problem not in known and problem.rule not in ("last_turn", "weight"):
                # No fix of an example's turns changes the other output.
                yield replace(problem, message=OTHER + problem.message, mend=None)


def counterpart(example: Example) -> Example:
    """The example with the output that is not preferred in the place of the other."""
    return replace(example, messages=(*example.messages[:-1], *example.non_preferred), non_preferred=())


def same(one: tuple[Message, ...], other: tuple[Message, ...]) -> bool:
    """Whether two outputs say the very same."""
    return [_said(message) for message in one] == [_said(message) for message in other]


def _said(message: Message) -> tuple[str, str, list[tuple[str, str]]]:
    return message.role, message.content or "", [(call.name, call.arguments) for call in message.tool_calls]


def _input(example: Example, ends_with_user: bool) -> Iterator[Problem]:
    """The input: all turns before the output, where that is the last."""
    if not example.messages or example.messages[-1].role != "assistant":
        return
    before = example.messages[:-1]
    if not before:
        yield Problem("no_input", "there is no turn before the output, so nothing that it answers", "add the input")
    elif before[-1].role not in ("user", "tool"):
        said = f"the input ends with a turn of the role {before[-1].role}; outputs answer the user's turn or a tool's"
        grave = ends_with_user or before[-1].role != "assistant"
        yield Problem(
            "input_end", said, "end the input with the user's turn", Severity.ERROR if grave else Severity.WARNING
        )
