"""Broken turns and text: what no provider should be sent and no model should learn."""

from __future__ import annotations

import re
from collections.abc import Iterator

from curator.checks.data import INVALID, Data, Outcome, parse_json
from curator.checks.findings import finding_id, shorten
from curator.model import SYSTEM_ROLES, Example, Finding, Severity, Suggestion, Verdict

NAME = "structure"

REFUSAL = re.compile(
    r"^\W*(?:i(?:['’]m| am) (?:so |very |really )?(?:sorry|afraid)\b[^.!?]{0,40}\b(?:can(?:no|['’])t|cannot|unable|not able)\b"
    r"|as an? (?:ai|artificial intelligence|large language|language)\b"
    r"|i(?:['’]m| am) (?:just |only )?an? (?:ai|language model|large language model)\b"
    r"|i (?:can(?:no|['’])t|cannot|am unable to|['’]m unable to|am not able to) (?:assist|help|comply|fulfil|provide|answer|do that)\b)",
    re.IGNORECASE,
)
PLACEHOLDER = re.compile(
    r"\[(?:insert|your|name|company|customer|date|placeholder|todo|tbd|link|url|address|phone|x{2,})\b[^\]\n]{0,40}\]"
    r"|\{\{[^{}\n]{1,40}\}\}|<(?:insert|your|name|placeholder)\b[^>\n]{0,40}>"
    r"|\blorem ipsum\b|^\W*(?:n/?a|none|null|nan|undefined|placeholder)\W*$",
    re.IGNORECASE,
)
UNFINISHED = re.compile(r"^\W*(?:TODO|TBD|FIXME|XXX)\b|\b(?:TODO|TBD|FIXME|XXX)\W*$")
"""Notes to oneself, at an end of the text: in the middle they may be code that is talked about."""
USUAL, OFTEN = 0.1, 5
"""Share of examples with a placeholder (and how many at least) from which it is the way this data is written: masked
names, templates."""
# UTF-8 read as Latin-1 or cp1252: a lead byte shown as a letter, then a byte that text hardly ever has after it.
MOJIBAKE = re.compile(
    r"[ÃÂ][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
    r"|â(?:€[\u0080-\u00bf\u0152\u0153\u0161\u0178\u017d\u02dc\u2013-\u203a\u2122¦]|\u0080[\u0080-\u00bf]|„¢)|\ufffd|ï»¿|ðŸ"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SENTENCE_END = re.compile(r"""[.!?…。！？:;)\]}"'”’»`*_~|>=\-–—/\\]\s*$|[^\w\s]$|\d\s*$""")
_KNOWN_ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})


def run(data: Data) -> Outcome:
    """A finding per rule that an example breaks."""
    prose = _ends_like_prose(data)
    findings = []
    c = data.candidates
    for index, example in enumerate(c.examples):
        for rule, severity, message, excerpt in _problems(example, data.short_labels, prose):
            findings.append(
                Finding(
                    NAME,
                    severity,
                    1.0 if severity is Severity.ERROR else 0.7,
                    (example.id,),
                    message,
                    {
                        "rule": rule,
                        "excerpt": shorten(excerpt),
                        "input": shorten(c.inputs[index]),
                        "output": shorten(c.outputs[index]),
                    },
                    Suggestion(Verdict.DROP, (example.id,)),
                    finding_id(NAME, (c.keys[index],), rule),
                )
            )
    usual = sum(f.evidence["rule"] == "placeholder" for f in findings) > max(OFTEN, USUAL * len(c))
    if usual:
        findings = [f for f in findings if f.evidence["rule"] != "placeholder"]
    return Outcome(findings, calibration={"outputs_end_like_prose": prose, "placeholders_are_usual": usual})


Problem = tuple[str, Severity, str, str]


def _problems(example: Example, labels: bool, prose: bool) -> Iterator[Problem]:
    yield from _turns(example)
    for where, text in (("input", example.input), ("system text", example.system), ("output", example.output)):
        if match := MOJIBAKE.search(text):
            yield (
                "encoding",
                Severity.WARNING,
                f"broken encoding in the {where} ({_around(text, match)!r})",
                _around(text, match),
            )
        elif _CONTROL.search(text):
            yield "encoding", Severity.WARNING, f"control characters in the {where}", text
    # The text that was written for this data: a label cannot refuse, so there it is the input.
    where, text = ("input", example.input) if labels else ("output", example.output)
    if match := REFUSAL.search(text):
        yield "refusal", Severity.WARNING, f"the {where} is a refusal", match.group()
    for where, text in (("input", example.input), ("output", "" if labels else example.output)):
        if match := PLACEHOLDER.search(text) or UNFINISHED.search(text):
            said = match.group().strip()
            yield "placeholder", Severity.WARNING, f"a placeholder is left in the {where} ({shorten(said, 40)!r})", said
    if not labels and (note := _truncated(example.output, prose)):
        yield "truncated", Severity.WARNING, note, example.output[-SHOWN:]


SHOWN = 80


def _turns(example: Example) -> Iterator[Problem]:
    roles = [m.role for m in example.messages]
    text = " → ".join(roles)
    if unknown := sorted({role for role in roles if role not in _KNOWN_ROLES}):
        yield "unknown_role", Severity.ERROR, f"unknown role {unknown[0]!r}", text
    if "assistant" not in roles:
        yield "no_assistant", Severity.ERROR, "no assistant turn: there is nothing to learn from", text
    elif roles[-1] != "assistant":
        yield "last_turn", Severity.ERROR, f"the last turn is the {roles[-1]}'s, not the assistant's", text
    if "user" not in roles:
        yield "no_user", Severity.ERROR, "no user turn: there is no input", text
    yield from _empty(example)
    if any(role in SYSTEM_ROLES for role in roles[_leading_system(roles) :]):
        yield "role_order", Severity.ERROR, "a system turn stands after the conversation began", text
    talk = [role for role in roles if role in ("user", "assistant")]
    if talk and talk[0] == "assistant":
        yield "role_order", Severity.ERROR, "the assistant speaks before the user", text
    for before, after in zip(example.messages, example.messages[1:], strict=False):
        if before.role == after.role and before.role in ("user", "assistant") and not before.tool_calls:
            yield "role_order", Severity.ERROR, f"two {before.role} turns in a row", text
            break
    yield from _tools(example)


def _leading_system(roles: list[str]) -> int:
    count = 0
    while count < len(roles) and roles[count] in SYSTEM_ROLES:
        count += 1
    return count


def _empty(example: Example) -> Iterator[Problem]:
    last = example.output_at
    for index, message in enumerate(example.messages):
        if message.text.strip():
            continue
        if index == last:
            yield "empty_output", Severity.ERROR, "the output is empty", ""
        elif message.role == "user":
            yield "empty_input", Severity.ERROR, "the input is empty", ""
        elif message.role in ("assistant", "tool", *SYSTEM_ROLES):
            yield "empty_turn", Severity.WARNING, f"an empty {message.role} turn", ""


def _tools(example: Example) -> Iterator[Problem]:
    asked: set[str] = set()
    offered = {str(t.get("function", t).get("name")) for t in example.tools if isinstance(t.get("function", t), dict)}
    for message in example.messages:
        for call in message.tool_calls:
            if call.id:
                asked.add(call.id)
            if not isinstance(parse_json(call.arguments), dict):
                yield (
                    "tool_arguments",
                    Severity.ERROR,
                    f"the arguments of the call to {call.name!r} are not a JSON object",
                    call.arguments,
                )
            if offered and call.name not in offered:
                yield (
                    "unknown_tool",
                    Severity.ERROR,
                    f"a call to {call.name!r}, which the tools do not offer",
                    call.name,
                )
        if message.role == "tool" and message.tool_call_id not in asked:
            yield "tool_result", Severity.ERROR, "a tool result that answers no call", message.text


def _ends_like_prose(data: Data) -> bool:
    """True where outputs of this data usually end as sentences do: only then is a bare end a sign of a cut."""
    ends = [bool(_SENTENCE_END.search(text)) for text in data.candidates.outputs if len(text) > SHOWN]
    return len(ends) >= 20 and sum(ends) >= 0.9 * len(ends)


def _truncated(output: str, prose: bool) -> str | None:
    text = output.strip()
    if text.startswith(("{", "[")) and parse_json(text) is INVALID and _open_brackets(text):
        return "the output is JSON cut short"
    if text.count("```") % 2:
        return "the output ends inside a code block"
    if text.endswith(("...", "…")) and len(text) > SHOWN and re.search(r"\w(?:\.\.\.|…)$", text):
        return "the output trails off"
    if prose and len(text) > 20 and text[-1].isalpha() and not _SENTENCE_END.search(text):
        return "the output stops amid a sentence"
    return None


def _open_brackets(text: str) -> bool:
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", text)
    return '"' in bare or bare.count("{") > bare.count("}") or bare.count("[") > bare.count("]")


def _around(text: str, match: re.Match[str]) -> str:
    return text[max(0, match.start() - 12) : match.end() + 12]
