"""Rules about conversations that providers share: order of turns, contents, weights, tools, and what a format can say.

Each rule has a name. Most are errors everywhere, for no format can hold what breaks them; the others are as grave as the
provider's data file says: those in its `refuses` are errors.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

from curator.model import SYSTEM_ROLES, Example, Message, Severity
from curator.targets.chat import arguments, reasoning, with_ids
from curator.targets.problem import Problem
from curator.targets.rules import Rules

ROLES = ("system", "developer", "user", "assistant", "tool")
MEANT = {
    **{role: role for role in ROLES},
    **dict.fromkeys(("human", "customer", "client"), "user"),
    **dict.fromkeys(("bot", "chatbot", "gpt", "model", "ai", "agent", "assistent"), "assistant"),
}
"""What people mean by names of roles, in small letters."""
REFUSABLE = frozenset(
    {
        "alternation",
        "content_or_calls",
        "empty_content",
        "last_turn",
        "several_systems",
        "several_tool_calls",
        "system_first",
        "tool_undefined",
        "tool_unexplained",
        "user_first",
        "weight",
    }
)
"""Rules that a provider may name in `refuses`."""
_SAID_BY_THE_STRICT = frozenset(
    {"content_or_calls", "several_systems", "several_tool_calls", "tool_unexplained", "user_first"}
)
"""Of these, the ones that are no worth a word where they are not refused."""


def problems(example: Example, rules: Rules) -> list[Problem]:
    """What is wrong with a conversation by the rules of a provider."""
    found = [
        *_order(example),
        *_contents(example),
        *_weight_values(example),
        *(_weights(example, rules) if "weight" in rules.carries else _lost_weights(example)),
        *(_tools(example) if "tools" in rules.carries else _no_tools(example)),
        *_uncarried(example, rules),
        *_reserved(example, rules),
    ]
    return [
        replace(problem, severity=Severity.ERROR) if problem.rule in rules.refuses else problem
        for problem in found
        if problem.rule in rules.refuses or problem.rule not in _SAID_BY_THE_STRICT
    ]


def is_plain(example: Example) -> bool:
    """Of plain turns no rule here has a word, whatever the provider, but for reserved ones: a system turn or none, then user
    and assistant in turn, each with a text, and nothing beside."""
    messages = example.messages
    if example.tools or example.non_preferred or example.parallel_tool_calls is not None or not messages:
        return False
    start = int(messages[0].role == "system")
    if len(messages) - start < 2 or (len(messages) - start) % 2:
        return False
    for at, message in enumerate(messages):
        role = "system" if at < start else "assistant" if (at - start) % 2 else "user"
        text = message.content
        if message.role != role or not text or text.isspace() or not _is_unicode(text):
            return False
        if message.tool_calls or message.tool_call_id is not None or message.name is not None:
            return False
        if message.weight is not None or (message.extra and reasoning(message)):
            return False
    return True


def turn_name(index: int, message: Message) -> str:
    """A turn as messages call it: `turn 2 (assistant)`, counted from 1."""
    return f"turn {index + 1} ({message.role})"


def _order(example: Example) -> Iterator[Problem]:
    messages = example.messages
    systems = [index for index, message in enumerate(messages) if message.role in SYSTEM_ROLES]
    for index, message in enumerate(messages):
        if message.role not in ROLES:
            meant = MEANT.get(message.role.strip().lower())
            fix = f"call it {meant!r}" if meant else f"use one of {', '.join(ROLES)}"
            yield Problem("role", f"turn {index + 1} has the role {message.role!r}", fix)
        elif index and message.role in SYSTEM_ROLES and messages[index - 1].role not in SYSTEM_ROLES:
            said = f"{turn_name(index, message)} is not at the beginning; several providers refuse that"
            yield Problem("system_first", said, "move it to the front", Severity.WARNING, "system-first")
        elif index and message.role in ("user", "assistant") and message.role == messages[index - 1].role:
            said = f"{turn_name(index, message)} follows another turn of the same role; several providers refuse that"
            yield Problem("alternation", said, "merge the two", Severity.INFO, "merge-turns")
    if len(systems) > 1:
        said = f"there are {len(systems)} system turns, where one is allowed"
        yield Problem("several_systems", said, "join them to one in front", Severity.INFO, "system-first")
    first = next((m for m in messages if m.role not in SYSTEM_ROLES), None)
    if first is not None and first.role != "user" and example.output_at is not None:
        said = f"the conversation begins with a {first.role} turn, not the user's"
        yield Problem("user_first", said, "begin with the user's turn", Severity.INFO)
    yield from _ending(example)


def _ending(example: Example) -> Iterator[Problem]:
    last = example.messages[-1].role if example.messages else ""
    if example.output_at is None:
        if any(MEANT.get(message.role.strip().lower()) == "assistant" for message in example.messages):
            return  # It is there, under another name, which is said already.
        yield Problem("no_assistant", "there is no assistant turn, so nothing to learn", "add the output")
    elif last != "assistant":
        said = f"the conversation ends with a {last} turn; what follows the last assistant turn is not learned"
        yield Problem("last_turn", said, "end with the assistant's turn", Severity.WARNING, "end-at-assistant")


def _contents(example: Example) -> Iterator[Problem]:
    for index, message in enumerate(example.messages):
        text = message.content
        if not (text and text.strip()) and not message.tool_calls:
            if message.role == "assistant":
                said = f"{turn_name(index, message)} is empty"
                yield Problem("empty_output", said, "fill it or leave the example out")
            elif message.role == "user":
                said = f"{turn_name(index, message)} is empty; several providers refuse that"
                yield Problem("empty_content", said, "fill it or leave the example out", Severity.WARNING)
            elif message.role in SYSTEM_ROLES:
                said = f"{turn_name(index, message)} is empty"
                yield Problem("empty_content", said, "leave the turn out", Severity.WARNING, "drop-empty-system")
        if not _is_unicode(message.text):
            said = f"{turn_name(index, message)} holds half a character (a lone surrogate), which UTF-8 cannot carry"
            yield Problem("encoding", said, "mend the text where it came from")


def _weight_values(example: Example) -> Iterator[Problem]:
    for index, message in enumerate(example.messages):
        if message.weight not in (None, 0, 1):
            said = f"{turn_name(index, message)} has the weight {message.weight!s:.20}"
            yield Problem("weight_value", said, "use 0 or 1")


def _weights(example: Example, rules: Rules) -> Iterator[Problem]:
    for index, message in enumerate(example.messages):
        if message.weight in (0, 1) and message.role != "assistant" and "weight_of_any_turn" not in rules.carries:
            said = f"{turn_name(index, message)} has a weight; only assistant turns are trained on"
            yield Problem("weight", said, "remove the weight", Severity.WARNING, "drop-weights")
    assistant = [message.weight for message in example.messages if message.role == "assistant"]
    if assistant and all(weight == 0 for weight in assistant):
        said = "every assistant turn has the weight 0, so nothing is learned"
        yield Problem("weight", said, "give one the weight 1 or leave the example out", Severity.WARNING)


def _lost_weights(example: Example) -> Iterator[Problem]:
    if any(message.weight == 0 and message.role == "assistant" for message in example.messages):
        said = "a turn has the weight 0, which this format cannot carry: it would be trained on"
        yield Problem("weight", said, "leave the turn or the example out", Severity.WARNING)


def _no_tools(example: Example) -> Iterator[Problem]:
    if any(message.tool_calls or message.role == "tool" for message in example.messages):
        yield Problem(
            "tools", "it calls tools, which this format cannot carry", "leave it out, or choose another target"
        )
    elif example.tools:
        said = "its tools are left out: this format has no place for them"
        yield Problem("tools_lost", said, "leave the example out if its input relies on them", Severity.WARNING)


def _tools(example: Example) -> Iterator[Problem]:
    names = set()
    for index, tool in enumerate(example.tools, 1):
        function = tool.get("function")
        if tool.get("type", "function") != "function" or not isinstance(function, Mapping):
            yield Problem("tool_definition", f'tool {index} is not {{"type": "function", "function": {{…}}}}')
        elif not isinstance(function.get("name"), str) or not function["name"]:
            yield Problem("tool_definition", f"tool {index} has no name")
        elif not isinstance(function.get("parameters", {}), Mapping):
            said = f"the parameters of tool {function['name']} are no JSON Schema object"
            yield Problem("tool_definition", said)
        else:
            names.add(function["name"])
            if missing := [key for key in ("description", "parameters") if key not in function]:
                said = f"tool {function['name']} has no {' and no '.join(missing)}"
                yield Problem("tool_unexplained", said, "write it", Severity.INFO)
    called = {call.name for message in example.messages for call in message.tool_calls}
    for name in sorted(called - names):
        said = f"the function {name!r} is called but not among the tools"
        yield Problem("tool_undefined", said, "add its definition to tools", Severity.WARNING)
    try:
        json.dumps(list(example.tools), ensure_ascii=False, allow_nan=False).encode("utf-8")
    except UnicodeEncodeError:
        yield Problem("encoding", "a tool holds half a character (a lone surrogate), which UTF-8 cannot carry")
    except ValueError:
        yield Problem("tool_definition", "a tool holds a number that JSON does not have (NaN or infinity)")
    yield from _calls(example)


def _calls(example: Example) -> Iterator[Problem]:
    open_ids: list[str] = []
    for index, message in enumerate(with_ids(example.messages)):
        if message.role == "tool":
            if message.tool_call_id in open_ids:
                open_ids.remove(message.tool_call_id)
            else:
                said = f"{turn_name(index, message)} answers no tool call of the assistant's turn before it"
                yield Problem("tool_reply", said, "give it the id of the call, or remove it")
            continue
        if open_ids:
            said = f"{turn_name(index, message)} comes before the answer to the tool call {open_ids[0]!r}"
            yield Problem("tool_reply", said, "add the tool's turn")
        open_ids = [call.id or "" for call in message.tool_calls]
        yield from _calls_of(index, message)


def _calls_of(index: int, message: Message) -> Iterator[Problem]:
    if message.tool_calls and message.role != "assistant":
        yield Problem("tool_calls", f"{turn_name(index, message)} calls tools; only assistant turns may")
    if message.tool_calls and message.content and message.content.strip():
        said = f"{turn_name(index, message)} has both a text and tool calls, where one of the two is allowed"
        yield Problem("content_or_calls", said, "leave the text out", Severity.INFO, "drop-text-of-calls")
    if len(message.tool_calls) > 1:
        said = f"{turn_name(index, message)} calls {len(message.tool_calls)} tools, where one is allowed"
        yield Problem("several_tool_calls", said, "split it into a turn for each", Severity.INFO, "split-tool-calls")
    for call in message.tool_calls:
        if not call.name:
            yield Problem("tool_calls", f"{turn_name(index, message)} calls a function without a name")
        if arguments(call) is None:
            said = f"the arguments of {call.name!r} in {turn_name(index, message)} are no JSON object"
            yield Problem("tool_arguments", said, 'write them as JSON text such as {"city": "Oslo"}')


def _uncarried(example: Example, rules: Rules) -> Iterator[Problem]:
    """What is left out because the format has no place for it."""
    if "name" not in rules.carries and any(message.name is not None for message in example.messages):
        yield Problem("name", "the names of turns are left out: this format has no place for them", None, Severity.INFO)
    if "reasoning" not in rules.carries and any(reasoning(message) for message in example.messages):
        said = "the reasoning of a turn is left out: this format has no place for it"
        yield Problem("reasoning", said, None, Severity.INFO)
    if "developer" not in rules.carries and any(message.role == "developer" for message in example.messages):
        yield Problem("developer", "the developer's turn is written as a system turn", None, Severity.INFO)
    if "parallel_tool_calls" not in rules.carries and example.parallel_tool_calls is not None:
        said = "parallel_tool_calls is left out: this format has no place for it"
        yield Problem("parallel_tool_calls", said, None, Severity.INFO)


def _reserved(example: Example, rules: Rules) -> Iterator[Problem]:
    """Words that a provider keeps for itself: wherever they stand and however they are cased, as Amazon looks for them."""
    for index, message in enumerate(example.messages if rules.reserved else ()):
        text = message.text.lower()
        found = [word for word in rules.reserved if word.lower() in text]
        if found:
            said = f"{turn_name(index, message)} holds {found[0]!r}, a word that this provider keeps for itself"
            yield Problem("reserved", said, "reword it or leave the example out")


def _is_unicode(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
