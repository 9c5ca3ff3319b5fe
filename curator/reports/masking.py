"""Personal data and secrets out of reports: every text that a report may show is masked when the report is made.

What is in the project and in the files for providers stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from curator import sensitive
from curator.model import Example, Finding, Message, Suggestion, Verdict
from curator.reports.data import CheckReport

_IDS = frozenset({"example", "keep"})
_CUT = "…"
_SHORTEST = 4
"""Characters of a value that tell something: a shorter piece of it, as a word in a list of differing words, does not."""


def masked(report: CheckReport) -> CheckReport:
    """The report with every value veiled that `sensitive.find` knows in the examples it names and the texts it quotes."""
    named = {id for finding in report.findings for id in _named(finding)} & report.examples.keys()
    values = {id: _values(report.examples[id]) for id in named}
    hidden = {id: example(report.examples[id]) for id, found in values.items() if found}
    findings = tuple(_finding(finding, values) for finding in report.findings)
    labels: dict[str, int] | None = None
    if report.labels is not None:
        labels = {}
        for label, count in report.labels.items():
            shown = sensitive.mask(label)
            labels[shown] = labels.get(shown, 0) + count
    return replace(
        report,
        findings=findings,
        examples={**report.examples, **hidden} if hidden else report.examples,
        rejected=tuple(replace(r, reason=sensitive.mask(r.reason)) for r in report.rejected),
        labels=labels,
    )


def example(given: Example) -> Example:
    """The example with its texts masked; itself where nothing is to be hidden."""
    messages = tuple(_message(message) for message in given.messages)
    return given if messages == given.messages else replace(given, messages=messages)


def _message(message: Message) -> Message:
    calls = tuple(
        replace(call, name=sensitive.mask(call.name), arguments=sensitive.mask(call.arguments))
        for call in message.tool_calls
    )
    return replace(message, content=message.content and sensitive.mask(message.content), tool_calls=calls)


def _values(given: Example) -> tuple[str, ...]:
    texts = [text for m in given.messages for text in (m.content or "", *(call.arguments for call in m.tool_calls))]
    return tuple(dict.fromkeys(hit.value for text in texts for hit in sensitive.find(text)))


def _named(finding: Finding) -> set[int]:
    return {*finding.examples, *_ids(finding.evidence)}


def _ids(value: Any, key: str = "") -> Iterable[int]:
    if isinstance(value, Mapping):
        for inner, held in value.items():
            yield from _ids(held, str(inner))
    elif isinstance(value, list | tuple):
        for held in value:
            yield from _ids(held, key)
    elif key in _IDS and isinstance(value, int):
        yield value


def _finding(finding: Finding, values: Mapping[int, tuple[str, ...]]) -> Finding:
    known = tuple(dict.fromkeys(value for id in sorted(_named(finding)) for value in values.get(id, ())))
    veil = _Veil(known)
    message, evidence = veil.text(finding.message), veil.anything(finding.evidence)
    suggestion = finding.suggestion and _suggestion(finding.suggestion, veil)
    if message == finding.message and evidence == finding.evidence and suggestion == finding.suggestion:
        return finding
    return replace(finding, message=message, evidence=evidence, suggestion=suggestion)


def _suggestion(suggestion: Suggestion, veil: _Veil) -> Suggestion:
    if suggestion.action is not Verdict.RELABEL and not suggestion.values and suggestion.value is None:
        return suggestion
    value = None if suggestion.value is None else veil.text(suggestion.value)
    return replace(suggestion, value=value, values=tuple(veil.text(v) for v in suggestion.values))


class _Veil:
    """Masks texts: the values known of the examples they quote (also in another case, or cut by an excerpt's end), and
    whatever a text itself shows to be one."""

    def __init__(self, known: tuple[str, ...]):
        self._folded = [value.casefold() for value in known]
        self._known = (
            re.compile("|".join(re.escape(v) for v in sorted(known, key=lambda v: (-len(v), v))), re.IGNORECASE)
            if known
            else None
        )
        self._shown = {value.casefold(): sensitive.mask(value) for value in known}

    def anything(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {key: self.anything(held) for key, held in value.items()}
        if isinstance(value, list):
            return [self.anything(held) for held in value]
        if isinstance(value, tuple):
            return tuple(self.anything(held) for held in value)
        return value

    def text(self, text: str) -> str:
        if self._known is not None:
            text = self._known.sub(self._veiled, text)
            text = self._begin(self._end(text))
            if len(text) >= _SHORTEST and " " not in text and any(text.casefold() in value for value in self._folded):
                return sensitive.DOT
        return sensitive.mask(text)

    def _veiled(self, match: re.Match[str]) -> str:
        value = match.group()
        shown = self._shown.get(value.casefold(), value)
        # A value that is one only beside a word, such as a password, is not found when it stands alone.
        return shown if shown.casefold() != value.casefold() else f"…({len(value)} characters)"

    def _begin(self, text: str) -> str:
        """The text without the rest of a value at which an excerpt began."""
        folded = text.casefold()
        for value in self._folded:
            for size in range(min(len(value) - 1, len(folded)), _SHORTEST, -1):
                if folded.startswith(value[-size:]):
                    return sensitive.DOT + text[size:]
        return text

    def _end(self, text: str) -> str:
        """The text without the beginning of a value at which an excerpt was cut."""
        if not text.endswith(_CUT):
            return text
        rest = text[: -len(_CUT)]
        folded = rest.casefold()
        for value in self._folded:
            for size in range(min(len(value) - 1, len(folded)), _SHORTEST - 1, -1):
                if folded.endswith(value[:size]):
                    return f"{rest[: len(rest) - size]}{sensitive.DOT}{_CUT}"
        return text
