"""Amazon's form for tuning Nova on Bedrock: the Converse form, contents being lists of blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from curator.model import Example, Message, Severity
from curator.targets import blocks, chat
from curator.targets.base import Target
from curator.targets.problem import FileProblem, Problem

SCHEMA = "bedrock-conversation-2024"
_ROOT = frozenset({"schemaVersion", "system", "messages", "toolConfig"})
_SPEC = frozenset({"name", "description", "parameters"})


class BedrockNova(Target):
    """`{"schemaVersion": "bedrock-conversation-2024", "system": [{"text": "…"}], "messages": […], "toolConfig": {…}}`."""

    name = "bedrock-nova"
    minds_plain = False

    def own_problems(self, example: Example) -> list[Problem]:
        return [*_tools(example), *_ids(example)]

    def record(self, example: Example) -> dict[str, Any]:
        messages = chat.with_ids(example.messages)
        written: dict[str, Any] = {"schemaVersion": SCHEMA}
        if system := blocks.system_text(messages):
            written["system"] = [{"text": system}]
        if example.tools:
            written["toolConfig"] = {"tools": [{"toolSpec": _spec(tool["function"])} for tool in example.tools]}
        written["messages"] = [
            {
                "role": "assistant" if answered else "user",
                "content": [block for turn in turns for block in _blocks(turn)],
            }
            for answered, turns in blocks.sides(messages)
        ]
        return written

    def read(self, record: Mapping[str, Any]) -> tuple[Example | None, list[Problem]]:
        found = [Problem("unknown_key", f"unknown key {key!r}", "remove it") for key in sorted(set(record) - _ROOT)]
        if not isinstance(record.get("schemaVersion"), str):
            found.append(Problem("schema_version", "there is no schemaVersion", f'write "schemaVersion": "{SCHEMA}"'))
        turns, system = record.get("messages"), record.get("system")
        if not isinstance(turns, list) or not turns:
            fix = 'write {"messages": [{"role": "user", "content": [{"text": "…"}]}, …]}'
            return None, [*found, Problem("messages", "there is no list of messages", fix)]
        found += _form(turns)
        if any(problem.rule == "messages" for problem in found):
            return None, found
        if system is not None and not _are_texts(system):
            found.append(Problem("system", "system is no list of texts", 'write [{"text": "…"}] or leave it out'))
            system = None
        example, problems = blocks.read(turns, system, record.get("toolConfig"))
        return example, [*found, *problems]

    def release_problems(self, rows: Mapping[str, int]) -> list[FileProblem]:
        together, most = rows.get("train", 0) + rows.get("validation", 0), self.rules.max_rows or 0
        if together <= most:
            return []
        said = f"{together:,} examples for training and validation together; {self.title} takes {most:,}"
        return [FileProblem(None, "rows", said, "choose a smaller size")]


def _blocks(message: Message) -> Iterator[dict[str, Any]]:
    if message.role == "tool":
        yield {"toolResult": {"toolUseId": message.tool_call_id, "content": [{"text": message.content or ""}]}}
        return
    if message.content or not message.tool_calls:
        yield {"text": message.content or ""}
    for call in message.tool_calls:
        yield {"toolUse": {"toolUseId": call.id, "name": call.name, "input": chat.arguments(call)}}


def _spec(function: Mapping[str, Any]) -> dict[str, Any]:
    spec = {key: function[key] for key in ("name", "description") if key in function}
    return {**spec, "inputSchema": {"json": function.get("parameters", {"type": "object"})}}


def _tools(example: Example) -> Iterator[Problem]:
    if example.tools:
        said = "it declares tools: the guide of Nova 2 explains how, that of Bedrock says that a job may fail of them"
        yield Problem("tools_unsure", said, "try a job with a few such examples first", Severity.WARNING)
    elif any(message.tool_calls for message in example.messages):
        yield Problem(
            "tool_undefined", "functions are called, and there are no tools", "add their definitions to tools"
        )
    seen = set()
    for tool in example.tools:
        function = tool.get("function")
        if not isinstance(function, Mapping) or not isinstance(function.get("name"), str):
            continue
        name, parameters = function["name"], function.get("parameters", {"type": "object"})
        if name in seen:
            yield Problem("tool_definition", f"there are two tools called {name}", "leave one out")
        seen.add(name)
        if not isinstance(function.get("description"), str) or not function["description"].strip():
            yield Problem("tool_unexplained", f"tool {name} has no description", "write it")
        if isinstance(parameters, Mapping) and "type" not in parameters:
            yield Problem("tool_schema", f"the parameters of tool {name} have no type", 'write "type": "object"')
        if lost := sorted(set(function) - _SPEC):
            yield Problem(
                "tool_key", f"{lost[0]!r} of tool {name} is left out: Nova has no such key", None, Severity.INFO
            )


def _ids(example: Example) -> Iterator[Problem]:
    """An id stands for one call in the whole conversation."""
    ids = [call.id for message in chat.with_ids(example.messages) for call in message.tool_calls]
    for id in sorted({id for id in ids if id and ids.count(id) > 1}):
        yield Problem(
            "tool_id", f"the id {id!r} stands for several tool calls", "number them anew", mend="renumber-tool-ids"
        )


def _form(turns: list[Any]) -> Iterator[Problem]:
    """What is wrong with turns as they are written."""
    before = None
    for index, turn in enumerate(turns, 1):
        content = turn.get("content") if isinstance(turn, Mapping) else None
        if not isinstance(content, list) or not content or not all(isinstance(block, Mapping) for block in content):
            fix = 'write {"role": "user", "content": [{"text": "…"}]}'
            yield Problem("messages", f"turn {index} is no object with a list of contents", fix)
            continue
        role = turn.get("role")
        if role not in ("user", "assistant"):
            fix = "move it to the key system" if role == "system" else "use user or assistant"
            yield Problem("role" if isinstance(role, str) else "messages", f"turn {index} has the role {role!r}", fix)
        for block in content:
            yield from _block_form(index, role, block)
        # Two texts of the user are found in the conversation; an answer of a tool beside one is not.
        answers = any("toolResult" in block for block in content)
        if before is not None and role == before[0] == "user" and (answers or before[1]):
            yield Problem("alternation", f"turn {index} follows another turn of the user", "put both into one content")
        before = (role, answers)


def _block_form(index: int, role: Any, block: Mapping[str, Any]) -> Iterator[Problem]:
    kinds = set(block) & {"text", "toolUse", "toolResult"}
    if set(block) - kinds or len(kinds) != 1:
        said = f"turn {index} has a content that is not one text, toolUse or toolResult"
        yield Problem("messages", said, "give each content one of the three; pictures and films cannot be read here")
    elif "text" in block and not isinstance(block["text"], str):
        yield Problem("messages", f"turn {index} has a text that is none", "write it as text")
    elif "toolUse" in block:
        use = block["toolUse"]
        if (
            not isinstance(use, Mapping)
            or not isinstance(use.get("name"), str)
            or not isinstance(use.get("input"), Mapping)
        ):
            yield Problem("messages", f"turn {index} has a toolUse without a name and an object as input")
        elif not isinstance(use.get("toolUseId"), str) or not use["toolUseId"]:
            yield Problem("tool_calls", f"turn {index} has a toolUse without a toolUseId")
        if role == "user":
            yield Problem("tool_calls", f"turn {index} (user) calls tools; only the assistant's may")
    elif "toolResult" in block:
        result = block["toolResult"]
        if not isinstance(result, Mapping) or not isinstance(result.get("content"), list) or not result["content"]:
            yield Problem("messages", f"turn {index} has a toolResult without a list of contents")
        elif not isinstance(result.get("toolUseId"), str):
            yield Problem("tool_reply", f"turn {index} has a toolResult without a toolUseId")


def _are_texts(system: Any) -> bool:
    return isinstance(system, list) and all(isinstance(b, Mapping) and isinstance(b.get("text"), str) for b in system)


TARGET = BedrockNova()
