"""Broken turns and text: what no provider should be sent and no model should learn."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from curator.checks import tools
from curator.checks.data import INVALID, Data, Outcome, parse_json
from curator.checks.findings import finding_id, shorten
from curator.checks.residue import (
    ABOUT_MARKUP,
    MARKUP,
    MOJIBAKE,
    REFUSAL,
    TEMPLATE_HEADING,
    control_token,
    loop,
)
from curator.model import SYSTEM_ROLES, Example, Finding, Severity, Suggestion, Verdict

NAME = "structure"

PLACEHOLDER = re.compile(
    r"\[(?:insert|your|name|company|customer|date|placeholder|todo|tbd|link|url|address|phone|x{2,})\b[^\]\n]{0,40}\]"
    r"|\{\{[^{}\n]{1,40}\}\}|<(?:insert|your|name|placeholder)\b[^>\n]{0,40}>"
    r"|\blorem ipsum\b|^\W*(?:n/?a|none|null|nan|undefined|placeholder)\W*$",
    re.IGNORECASE,
)
UNFINISHED = re.compile(r"^\W*(?:TODO|TBD|FIXME|XXX)\b|\b(?:TODO|TBD|FIXME|XXX)\W*$")
"""Notes to oneself, at an end of the text: in the middle they may be code that is talked about."""
FORMAL = frozenset({"last_turn", "role_order"})
"""Rules about the form of a conversation, which a fix for a provider may put right."""
USUAL, OFTEN = 0.1, 5
"""Share of examples with a placeholder (and how many at least) from which it is the way this data is written: masked
names, templates."""
MAY_BE_USUAL = {
    "placeholder": "placeholders_are_usual",
    "template": "template_headings_are_usual",
    "markup": "markup_is_usual",
}
_SCORE = {Severity.ERROR: 1.0, Severity.WARNING: 0.7, Severity.INFO: 0.3}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SENTENCE_END = re.compile(r"""[.!?…。！？:;)\]}"'”’»`*_~|>=\-–—/\\]\s*$|[^\w\s]$|\d\s*$""")
_BARE_ITEM = re.compile(r"\s*(?:[-*•]|\d{1,2}[.)])")
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
                    _SCORE[severity],
                    (example.id,),
                    message,
                    {
                        "rule": rule,
                        "excerpt": shorten(excerpt),
                        "input": shorten(c.inputs[index]),
                        "output": shorten(c.outputs[index]),
                    },
                    Suggestion(Verdict.FLAG if severity is Severity.INFO else Verdict.DROP, (example.id,)),
                    finding_id(NAME, (c.keys[index],), rule),
                )
            )
    times = Counter(f.evidence["rule"] for f in findings)
    usual = {rule for rule in MAY_BE_USUAL if times[rule] > max(OFTEN, USUAL * len(c))}
    return Outcome(
        [f for f in findings if f.evidence["rule"] not in usual],
        calibration={"outputs_end_like_prose": prose} | {what: rule in usual for rule, what in MAY_BE_USUAL.items()},
    )


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
    yield from _residue(example, labels)
    if not labels and (note := _truncated(example.output, prose)):
        yield "truncated", Severity.WARNING, note, example.output[-SHOWN:]


SHOWN = 80


def _residue(example: Example, labels: bool) -> Iterator[Problem]:
    """What templates, web pages and a model that lost its thread leave behind."""
    for where, text in (("input", example.input), ("system text", example.system), ("output", example.output)):
        if token := control_token(text):
            yield (
                "control_token",
                Severity.WARNING,
                f"the control token {token!r} of a chat template in the {where}",
                token,
            )
        elif match := TEMPLATE_HEADING.search(text):
            said = match.group().strip()
            yield "template", Severity.WARNING, f"the heading {said!r} of a prompt template in the {where}", said
    where, text = ("input", example.input) if labels else ("output", example.output)
    if repeated := loop(text):
        yield "loop", Severity.WARNING, f"the {where} repeats itself ({shorten(repeated, 60)!r})", repeated
    if (match := MARKUP.search(text)) and not ABOUT_MARKUP.search(
        f"{example.system}\n{'' if labels else example.input}"
    ):
        yield "markup", Severity.INFO, f"markup of a web page in the {where} ({match.group()!r})", _around(text, match)


def broken_turns(example: Example) -> set[str]:
    """The rules about turns that an example breaks, as its findings have them in `evidence["rule"]`."""
    return {rule for rule, severity, _, _ in _turns(example) if severity is not Severity.INFO}


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
    yield from tools.problems(example)


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
    if len(text) > SHOWN and _BARE_ITEM.fullmatch(text[text.rfind("\n") + 1 :]):
        return "the output ends at an empty list item"
    if prose and len(text) > SHOWN and text.endswith((",", "(", "[")):
        return "the output stops amid a sentence"
    if prose and len(text) > 20 and text[-1].isalpha() and not _SENTENCE_END.search(text):
        return "the output stops amid a sentence"
    return None


def _open_brackets(text: str) -> bool:
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", text)
    return '"' in bare or bare.count("{") > bare.count("}") or bare.count("[") > bare.count("]")


def _around(text: str, match: re.Match[str]) -> str:
    return text[max(0, match.start() - 12) : match.end() + 12]
