"""An example as the turns that a person reads: who speaks, what is said, what is wrong with it and where."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from curator.model import SYSTEM_ROLES, Example, Finding, Message
from curator.reports.marking import differing
from ui.i18n import number, tr, trn
from ui.presenters.texts import Mark, Part, Problem, is_json, parts, shortened

ROOM = 6_000
"""Characters of a turn that are shown at first."""
MORE = 200_000
"""Characters more for each time that more is asked for: what a window lays out without a pause."""

Marks = Mapping[int, Sequence[Mark]]
"""Marks by the index of the message in its example."""


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call: the function's name and its arguments."""

    name: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn to show. `key` names it for "show all"; `side` is context, input, output or other (a non-preferred output);
    `title` who speaks; `notes` what is said of it as a whole; `about` small print (weight, name, id); `hidden`: characters
    that are left out."""

    key: str
    side: str
    role: str
    title: str
    parts: tuple[Part, ...]
    calls: tuple[Call, ...] = ()
    notes: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    hidden: int = 0

    @property
    def text(self) -> str:
        """All that is shown of what it says."""
        return "".join(part.text for part in self.parts)


def turns(
    example: Example,
    findings: Iterable[Finding] = (),
    *,
    compare: Example | None = None,
    schema: Mapping[str, Any] | None = None,
    marks: Marks | None = None,
    opened: Mapping[str, int] | None = None,
) -> tuple[Turn, ...]:
    """The turns of an example in order, output last, then the outputs that are not preferred.

    `findings` of this example mark what they name; `compare`: words that this example does not say are marked as added;
    `schema`: a JSON Schema for the output; `opened`: by key of a turn, how often more of it was asked for.
    """
    mine = [finding for finding in findings if example.id in finding.examples or not example.id]
    placed = _gathered(example, mine, compare, marks)
    problems, notes = _problems(example, mine, schema)
    opened = opened or {}
    found: list[Turn] = []
    if example.tools:
        found.append(_tools(example, opened.get("tools", 0)))
    for index, message in enumerate(example.messages):
        is_output = index == example.output_at
        side = "output" if is_output else "context" if message.role in SYSTEM_ROLES else "input"
        key = str(index)
        told = (problems, notes) if is_output else ((), ())
        found.append(_turn(key, side, message, placed.get(index, ()), *told, opened.get(key, 0)))
    for index, message in enumerate(example.non_preferred):
        key = f"other-{index}"
        found.append(_turn(key, "other", message, (), (), (), opened.get(key, 0)))
    return tuple(found)


def text_turn(text: str, *, marks: Sequence[Mark] = (), opened: int = 0, key: str = "0") -> Turn:
    """A text on its own, without a speaker."""
    shown, hidden = shortened(parts(text, marks=marks), ROOM + opened * MORE)
    return Turn(key, "input", "", "", shown, hidden=hidden)


def role_title(role: str) -> str:
    """Who speaks, for people."""
    known = {
        "system": tr("System"),
        "developer": tr("Developer"),
        "user": tr("User"),
        "assistant": tr("Assistant"),
        "tool": tr("Tool result"),
        "function": tr("Tool result"),
    }
    return known.get(role, role or tr("No role"))


def match_marks(example: Example, words: Iterable[str]) -> dict[int, list[Mark]]:
    """Where the turns say any of the words, in upper or lower case."""
    wanted = [word.casefold() for word in words if word.strip()]
    found: dict[int, list[Mark]] = {}
    for index, message in enumerate(example.messages):
        text = (message.content or "").lower()
        for word in wanted:
            at = text.find(word)
            while at >= 0:
                found.setdefault(index, []).append(Mark(at, at + len(word), "match"))
                at = text.find(word, at + len(word))
    return found


def differing_marks(text: str, other: str, kind: str) -> list[Mark]:
    """The words of `text` that `other` does not have in that place; none where `other` is empty."""
    marks: list[Mark] = []
    at = 0
    for piece in differing(text, other, room=max(len(text), 1)):
        if piece.marked:
            marks.append(Mark(at, at + len(piece.text), kind))
        at += len(piece.text)
    return marks


def compared(example: Example, other: Example, kind: str) -> dict[int, list[Mark]]:
    """The words of each turn that the same turn of `other` does not have; turns are counted back from the output."""
    pairs = _pairs(example, other)
    return {
        at: differing_marks(example.messages[at].content or "", other.messages[there].content or "", kind)
        for at, there in pairs
    }


def _pairs(example: Example, other: Example) -> Iterator[tuple[int, int]]:
    for is_context in (False, True):
        ours, theirs = (_spoken(one, is_context) for one in (example, other))
        yield from zip(reversed(ours), reversed(theirs), strict=False)
    if example.output_at is not None and other.output_at is not None:
        yield example.output_at, other.output_at


def _spoken(example: Example, is_context: bool) -> list[int]:
    before = example.messages[: example.output_at]
    return [index for index, message in enumerate(before) if (message.role in SYSTEM_ROLES) is is_context]


def _gathered(
    example: Example, findings: Sequence[Finding], compare: Example | None, marks: Marks | None
) -> dict[int, list[Mark]]:
    placed: dict[int, list[Mark]] = {}
    for source in (marks or {}, compared(example, compare, "added") if compare is not None else {}):
        for index, some in source.items():
            placed.setdefault(index, []).extend(some)
    for finding in findings:
        excerpt = finding.evidence.get("excerpt")
        if isinstance(excerpt, str) and excerpt:
            for index, message in enumerate(example.messages):
                at = (message.content or "").find(excerpt)
                if at >= 0:
                    placed.setdefault(index, []).append(Mark(at, at + len(excerpt), "bad"))
    return placed


def _turn(
    key: str,
    side: str,
    message: Message,
    marks: Sequence[Mark],
    problems: Sequence[Problem],
    notes: Sequence[str],
    opened: int,
) -> Turn:
    shown, hidden = shortened(parts(message.content or "", problems, marks), ROOM + opened * MORE)
    calls = tuple(
        Call(call.name, shortened(parts(call.arguments), ROOM + opened * MORE)[0]) for call in message.tool_calls
    )
    about = []
    if message.name:
        about.append(tr("name: {name}", name=message.name))
    if message.tool_call_id:
        about.append(tr("answers call {id}", id=message.tool_call_id))
    if message.weight is not None:
        about.append(
            tr("not trained on (weight 0)")
            if not message.weight
            else tr("weight {weight}", weight=f"{message.weight:g}")
        )
    return Turn(key, side, message.role, role_title(message.role), shown, calls, tuple(notes), tuple(about), hidden)


def _tools(example: Example, opened: int) -> Turn:
    """What the model may call: the names at first, the definitions when asked for."""
    names = [str(tool.get("function", tool).get("name", "?")) for tool in example.tools]
    text = json.dumps(list(example.tools), ensure_ascii=False)
    about = (trn("{n} tool", "{n} tools", len(names)),)
    if opened:
        shown, hidden = shortened(parts(text), MORE * opened)
        return Turn("tools", "context", "tools", tr("Tools"), shown, about=about, hidden=hidden)
    return Turn("tools", "context", "tools", tr("Tools"), parts(", ".join(names)), about=about, hidden=len(text))


def _problems(
    example: Example, findings: Sequence[Finding], schema: Mapping[str, Any] | None
) -> tuple[list[Problem], list[str]]:
    """What the schema says of the output: at a path, or of all of it."""
    problems: list[Problem] = []
    notes: list[str] = []
    for finding in findings:
        if finding.check != "schema":
            continue
        evidence = finding.evidence
        if "violations" in evidence:
            problems.extend(Problem(str(v["field"]), str(v["problem"])) for v in evidence["violations"])
        elif "field" in evidence:
            # The check writes keys of all kinds with a dot, and leaves the numbers of items out.
            problems.append(Problem(str(evidence["field"]), finding.message, evidence.get("value")))
        else:
            notes.append(finding.message)
    if schema is not None and not problems and not notes:
        return _checked(example.output, json.dumps(schema, sort_keys=True, ensure_ascii=False))
    if problems and not is_json(example.output):
        return [], [problem.message for problem in problems] + notes
    return problems, notes


def _checked(output: str, schema: str) -> tuple[list[Problem], list[str]]:
    """Errors of an output against a JSON Schema."""
    if not is_json(output):
        return [], [tr("the output is not JSON")]
    from referencing.exceptions import Unresolvable

    try:
        errors = sorted(_validator(schema).iter_errors(json.loads(output)), key=lambda e: e.json_path)
    except (Unresolvable, re.error, RecursionError) as error:
        return [], [tr("the JSON Schema cannot be used: {reason}", reason=str(error))]
    return [Problem(error.json_path, _short(error.message)) for error in errors], []


@lru_cache(maxsize=4)
def _validator(schema: str) -> Any:
    from jsonschema import Draft202012Validator
    from referencing.jsonschema import EMPTY_REGISTRY

    # With this registry a reference to another document is an error, not a download.
    return Draft202012Validator(json.loads(schema), registry=EMPTY_REGISTRY)


def _short(text: str, room: int = 200) -> str:
    return text if len(text) <= room else text[: room - 1] + "…"


def hidden_text(turn: Turn) -> str:
    """What the link says that shows the rest of a turn."""
    if turn.key == "tools" and turn.parts[0].kind != "json":
        return tr("Show the definitions")
    return tr("Show all ({n} more characters)", n=number(turn.hidden))
