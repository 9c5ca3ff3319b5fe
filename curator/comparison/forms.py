"""The form that nearly all right answers have, and whether an answer keeps to it.

Only what at least 95% of the right answers share becomes a rule, as for the schema of JSON outputs
(`curator.checks.schema.infer`), so the form is what this data does and no taste of ours.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from curator.checks.schema import FEWEST, NEARLY_ALL

_BULLET = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+\S", re.MULTILINE)
_HEADING = re.compile(r"^#{1,6}\s+[^\W\d]", re.MULTILINE)  # "#### 18" ends a sum
_BOLD = re.compile(r"\*\*[^*\n]+\*\*|__[^_\n]+__")
_FIRST = re.compile(r"^\s*(\S{1,40})")
_WIDTH = 2.0
"""How much longer than the longest usual right answer, or shorter than the shortest, an answer may be."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that nearly all right answers have in common; `said` names it, as in "one line"."""

    said: str
    holds: Callable[[str], bool]


def infer(outputs: Sequence[str]) -> tuple[Rule, ...]:
    """The rules that nearly all of these outputs keep; none where there are fewer than 20."""
    if len(outputs) < FEWEST:
        return ()
    rules = [rule for rule in (*_FEATURES, *_own(outputs)) if _usual(rule, outputs)]
    # A fence, a list or a heading is nothing that one would miss in a text of one line.
    return tuple(rule for rule in rules if not (rule in _WITHOUT and _ONE_LINE in rules))


def keeps(text: str, rules: Sequence[Rule]) -> bool:
    """Whether a text keeps all rules."""
    return all(rule.holds(text) for rule in rules)


def _usual(rule: Rule, outputs: Sequence[str]) -> bool:
    return sum(rule.holds(text) for text in outputs) >= NEARLY_ALL * len(outputs)


_ONE_LINE = Rule("one line", lambda text: "\n" not in text.strip())
_WITHOUT = (
    Rule("no lists", lambda text: not _BULLET.search(text)),
    Rule("no headings", lambda text: not _HEADING.search(text)),
    Rule("no code fences", lambda text: "```" not in text),
)
_FEATURES = (
    _ONE_LINE,
    Rule("several lines", lambda text: "\n" in text.strip()),
    Rule("a list", lambda text: len(_BULLET.findall(text)) >= 2),
    Rule("a code fence", lambda text: "```" in text),
    Rule("a heading", lambda text: bool(_HEADING.search(text))),
    Rule("no bold text", lambda text: not _BOLD.search(text)),
    *_WITHOUT,
)


def _own(outputs: Sequence[str]) -> list[Rule]:
    """Rules that hold a value of this data: how answers begin and end, and how long they are."""
    made = []
    begin, times = Counter(_start(text) for text in outputs).most_common(1)[0]
    if begin and times >= NEARLY_ALL * len(outputs):
        made.append(Rule(f"begins with {begin!r}", lambda text: _start(text) == begin))
    if all_marked := sum("####" in text for text in outputs) >= NEARLY_ALL * len(outputs):
        made.append(
            Rule(
                "ends with #### and a number",
                lambda text: bool(all_marked and re.search(r"####\s*\S*\d[^\n]*\s*$", text)),
            )
        )
    ends = Counter(_end(text) for text in outputs).most_common(1)[0][0]
    if ends:
        made.append(Rule(f"ends with {ends!r}", lambda text: _end(text) == ends))
    low, high = np.percentile([len(text.strip()) for text in outputs], [1, 99])
    least, most = max(1, int(low / _WIDTH)), int(high * _WIDTH)
    made.append(Rule(f"{least:,} to {most:,} characters", lambda text: least <= len(text.strip()) <= most))
    return made


def _start(text: str) -> str:
    found = _FIRST.match(text)
    return found[1] if found else ""


def _end(text: str) -> str:
    last = text.rstrip()[-1:]
    return last if last and not last.isalnum() else ""
