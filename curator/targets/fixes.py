"""Safe fixes: small changes of form that make a provider take an example, applied only where the user chose them.

None touches what the model is to learn, the output, but for the ids of its tool calls; the few that lose something say so.
Each is recorded with the row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from curator.errors import InputError
from curator.model import SYSTEM_ROLES, Example, Message, ToolCall
from curator.targets.base import Target
from curator.targets.chat import made_id, with_ids

SAFE = "safe"
"""The name that stands for all fixes but those that lose something."""
BETWEEN = "\n\n"
"""What stands between texts that are joined."""
CUT = "\n[…]\n"
"""What stands where the middle of a text was cut out."""
_NINE = re.compile(r"[A-Za-z0-9]{9}")

Change = Callable[[Example, Target], Example]


@dataclass(frozen=True, slots=True)
class Fix:
    """`does` gives the example as mended, or the very same where it has nothing to do. `loses`: what is lost, "" nothing."""

    name: str
    title: str
    does: Change
    loses: str = ""


def parse(chosen: Sequence[str]) -> tuple[str, ...]:
    """The names of fixes in `chosen`, each once, in the order in which they are applied; `safe` stands for all that lose
    nothing. Raises InputError for a name that is none."""
    wanted = set(chosen)
    for name in sorted(wanted - set(FIXES) - {SAFE}):
        raise InputError(f"there is no fix {name!r}; the fixes are {', '.join((SAFE, *FIXES))}")
    return tuple(name for name, fix in FIXES.items() if name in wanted or (SAFE in wanted and not fix.loses))


def apply(example: Example, names: Iterable[str], target: Target) -> tuple[Example, tuple[str, ...]]:
    """The example with those of the fixes that `target` has a use for, and the names of those that changed it.

    A fix is used only where it makes one of the target's problems go away: nobody wants ids renumbered that are right.
    """
    applied = []
    wanted = _mends(example, target)
    for name in names:
        if name not in wanted:
            continue
        mended = FIXES[name].does(example, target)
        if mended is not example:
            example = mended
            applied.append(name)
            wanted = _mends(example, target)
    return example, tuple(applied)


def _mends(example: Example, target: Target) -> set[str | None]:
    return {problem.mend for problem in target.problems(example)}


def _systems(example: Example) -> list[Message]:
    return [message for message in example.messages if message.role in SYSTEM_ROLES]


def _others(example: Example) -> list[Message]:
    return [message for message in example.messages if message.role not in SYSTEM_ROLES]


def _joined(messages: Iterable[Message]) -> str:
    return BETWEEN.join(message.content for message in messages if message.content and message.content.strip())


def _system_first(example: Example, _target: Target) -> Example:
    systems = _systems(example)
    if not systems or [*systems[:1], *_others(example)] == list(example.messages):
        return example
    return replace(example, messages=(replace(systems[0], content=_joined(systems)), *_others(example)))


def _merge_system(example: Example, _target: Target) -> Example:
    """The system text goes in front of the first user turn, where models without a system turn are told to have it.

    Where another turn comes before the user's, that one would be said without it: such examples stay as they are.
    """
    text, others = _joined(_systems(example)), _others(example)
    if len(others) == len(example.messages) or not others or (text and others[0].role != "user"):
        return example
    if text:
        others[0] = replace(others[0], content=BETWEEN.join(filter(None, (text, others[0].content))))
    return replace(example, messages=tuple(others))


def _drop_empty_system(example: Example, _target: Target) -> Example:
    kept = [m for m in example.messages if m.role not in SYSTEM_ROLES or (m.content and m.content.strip())]
    return example if not kept or len(kept) == len(example.messages) else replace(example, messages=tuple(kept))


def _merge_turns(example: Example, _target: Target) -> Example:
    """Turns of one role that follow each other become one, but for the output, which is what is learned; where two differ in
    weight or name they stay apart."""
    done: list[Message] = []
    for index, message in enumerate(example.messages):
        last = done[-1] if done else None
        if last is not None and index != example.output_at and _one_turn(last, message):
            done[-1] = replace(last, content=_joined((last, message)), extra={**last.extra, **message.extra})
        else:
            done.append(message)
    return example if len(done) == len(example.messages) else replace(example, messages=tuple(done))


def _one_turn(one: Message, other: Message) -> bool:
    plain = not one.tool_calls and not other.tool_calls and one.role in ("user", "assistant")
    return plain and (one.role, one.weight, one.name) == (other.role, other.weight, other.name)


def _end_at_assistant(example: Example, _target: Target) -> Example:
    """What follows the output is left out, the answer to its tool calls too: none of it is learned."""
    at = example.output_at
    if at is None or at == len(example.messages) - 1:
        return example
    return replace(example, messages=example.messages[: at + 1])


def _drop_weights(example: Example, _target: Target) -> Example:
    """Weights of turns that are not trained on anyway."""
    kept = tuple(
        replace(m, weight=None) if m.role != "assistant" and m.weight is not None else m for m in example.messages
    )
    return example if kept == example.messages else replace(example, messages=kept)


def _split_tool_calls(example: Example, _target: Target) -> Example:
    """A turn with several calls becomes a turn for each, the tool's answer after it.

    It stays where the calls are the output, or where not each of them has one answer.
    """
    messages = with_ids(example.messages)
    done: list[Message] = []
    at = 0
    while at < len(messages):
        message, answers = messages[at], _answers(messages, at)
        ids = [call.id for call in message.tool_calls]
        told = {answer.tool_call_id: answer for answer in answers}
        if (
            len(ids) < 2
            or at == example.output_at
            or not len(told) == len(answers) == len(ids)
            or set(told) != set(ids)
        ):
            done.append(message)
            at += 1
            continue
        for number, call in enumerate(message.tool_calls):
            done += [replace(message, content=None if number else message.content, tool_calls=(call,)), told[call.id]]
        at += 1 + len(answers)
    return example if len(done) == len(messages) else replace(example, messages=tuple(done))


def _answers(messages: Sequence[Message], at: int) -> list[Message]:
    """The tool turns right after a turn."""
    end = at + 1
    while end < len(messages) and messages[end].role == "tool":
        end += 1
    return list(messages[at + 1 : end])


def _renumber_tool_ids(example: Example, _target: Target) -> Example:
    """Ids that are not 9 letters and digits are made anew, the same in every run, and no id stands for two calls.

    An answer follows the call that it answers: the first one of its id in the turn before it that has no answer yet.
    """
    taken: set[str] = set()
    open_calls: list[tuple[str | None, str]] = []
    done = []
    for at, message in enumerate(with_ids(example.messages)):
        if message.tool_calls:
            ids = [_free_id(call, f"{at} {place}", taken) for place, call in enumerate(message.tool_calls)]
            open_calls = [(call.id, id) for call, id in zip(message.tool_calls, ids, strict=True)]
            renamed = zip(message.tool_calls, ids, strict=True)
            message = replace(message, tool_calls=tuple(replace(call, id=id) for call, id in renamed))
        elif message.role == "tool":
            answered = next((pair for pair in open_calls if pair[0] == message.tool_call_id), None)
            if answered is not None:
                open_calls.remove(answered)
                message = replace(message, tool_call_id=answered[1])
        else:
            open_calls = []
        done.append(message)
    return example if tuple(done) == example.messages else replace(example, messages=tuple(done))


def _free_id(call: ToolCall, place: str, taken: set[str]) -> str:
    """The id of a call, or one made for it where that is taken or has another form."""
    id, tried = call.id or "", 0
    while not _NINE.fullmatch(id) or id in taken:
        id = made_id(f"{place} {tried} {call.id} {call.name} {call.arguments}")
        tried += 1
    taken.add(id)
    return id


def _drop_text_of_calls(example: Example, _target: Target) -> Example:
    kept = tuple(replace(m, content=None) if m.tool_calls and m.content else m for m in example.messages)
    return example if kept == example.messages else replace(example, messages=kept)


def _cut_long(example: Example, target: Target) -> Example:
    """The oldest exchanges go, then the middle of the longest user turn; the output stays whole. Where that is not enough
    the example stays as it is."""
    limit = target.rules.max_tokens
    if limit is None or target.counter.example(example) <= limit:
        return example
    starts = _exchanges(example)
    low, high = 0, len(starts) - 1
    while low < high:
        middle = (low + high) // 2
        fits = target.counter.example(_beginning_at(example, starts[middle])) <= limit
        low, high = (low, middle) if fits else (middle + 1, high)
    mended = _beginning_at(example, starts[low])
    if target.counter.example(mended) <= limit:
        return mended
    return _with_cut_text(mended, target, limit) or example


def _exchanges(example: Example) -> list[int]:
    """Where an exchange begins that is not the first: at a user's turn after an assistant's. Before them stands 0."""
    users = [i for i, m in enumerate(example.messages[: example.output_at]) if m.role == "user"]
    return [0, *(i for i in users[1:] if example.messages[i - 1].role == "assistant")]


def _beginning_at(example: Example, start: int) -> Example:
    """The example without the exchanges before a turn; their system turns stay."""
    front = tuple(m for m in example.messages[:start] if m.role in SYSTEM_ROLES)
    return replace(example, messages=(*front, *example.messages[start:]))


def _with_cut_text(example: Example, target: Target, limit: int) -> Example | None:
    """The longest text that still fits is found by halving."""
    before = example.messages[: example.output_at]
    sizes = [(len(m.content or ""), i) for i, m in enumerate(before) if m.role == "user"]
    if not sizes:
        return None
    at = max(sizes)[1]
    text = example.messages[at].content or ""

    def cut(keep: int) -> Example:
        front = keep - keep // 2
        said = text[:front].rstrip() + CUT + text[len(text) - keep // 2 :].lstrip()
        turn = replace(example.messages[at], content=said)
        return replace(example, messages=(*example.messages[:at], turn, *example.messages[at + 1 :]))

    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if target.counter.example(cut(middle)) <= limit else (low, middle - 1)
    # A text of which next to nothing is left asks another question; and nothing at all need not fit.
    return cut(low) if low and low >= len(text) // 4 else None


_LOSES_TEXT = "part of the input"
FIXES: Mapping[str, Fix] = {
    fix.name: fix
    for fix in (
        Fix("drop-empty-system", "Leave out empty system turns", _drop_empty_system),
        Fix("system-first", "Join the system turns in front", _system_first),
        Fix("merge-system", "Put the system text into the first user turn", _merge_system),
        Fix("end-at-assistant", "End with the last assistant turn", _end_at_assistant),
        Fix("drop-weights", "Leave out weights of turns that are not trained on", _drop_weights),
        # After the weights: turns that differ in one stay apart.
        Fix("merge-turns", "Join turns of one role that follow each other", _merge_turns),
        Fix("split-tool-calls", "Give each tool call a turn of its own", _split_tool_calls),
        Fix(
            "drop-text-of-calls",
            "Leave out the text of turns that call tools",
            _drop_text_of_calls,
            "text that is learned",
        ),
        Fix("renumber-tool-ids", "Number tool calls by 9 letters and digits", _renumber_tool_ids),
        Fix(
            "cut-long", "Shorten what is too long: oldest exchanges, then the longest user turn", _cut_long, _LOSES_TEXT
        ),
    )
}
"""All fixes by name, in the order in which they are applied."""
