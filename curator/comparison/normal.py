"""When two answers count as the same: to the letter, or but for case, space and the marks around them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from curator.checks.data import canonical_json, fold

_AROUND = " \t\n\"'`*“”„«»‘’"
_BEHIND = _AROUND + ".!"
_FENCE = re.compile(r"^\s*```[\w-]*[ \t]*\n(.*?)\n?[ \t]*```\s*$", re.DOTALL)
_MARKED = re.compile(r"####\s*(.+)")
_BOXED = re.compile(r"\\boxed\{([^{}]*)\}")
_NUMBER = re.compile(r"(?:(?<![\w)])-)?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|(?:(?<![\w)])-)?\.\d+")
SHARE_WITH_FINAL = 0.8
"""Share of the right answers that must mark a final number before it is compared."""


def normal(text: str) -> str:
    """A text without what does not change an answer: case, white space, a final full stop, quotation and code marks around it.
    Where there is nothing else, as in `**` of stars, the marks are the answer.

    JSON objects and lists are written in one way: keys in order, no spaces, 1.0 as 1.
    """
    inside = unfenced(text)
    document = canonical_json(inside)
    if document is not None:
        return document
    folded = fold(inside)
    return folded.lstrip(_AROUND).rstrip(_BEHIND) or folded.strip()


def unfenced(text: str) -> str:
    """What stands inside a fence of ``` where the whole text is one; else the text."""
    found = _FENCE.match(text) if "```" in text else None
    return text if found is None else found[1]


def final_number(text: str) -> str | None:
    """The number that an answer comes to: after `####` (GSM8K), in \\boxed{} (MATH), or else the last one. None: there is none.

    Written plainly: no thousands separators, no zeros behind the point.
    """
    text = text.replace("−", "-")
    marked = _MARKED.findall(text) or _BOXED.findall(text)
    numbers = _NUMBER.findall(marked[-1]) if marked else []
    numbers = numbers or _NUMBER.findall(text)
    return _plain(numbers[-1]) if numbers else None


def _plain(number: str) -> str:
    whole, _, rest = number.replace(",", "").partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    digits, rest = digits.lstrip("0") or "0", rest.rstrip("0")
    text = f"{digits}.{rest}" if rest else digits
    return text if text == "0" else sign + text


def marks_final(outputs: Sequence[str]) -> bool:
    """Whether nearly all of these right answers mark the number they come to, as those of GSM8K and MATH do."""
    marked = sum(
        1 for text in outputs if (found := _MARKED.findall(text) or _BOXED.findall(text)) and _NUMBER.search(found[-1])
    )
    return marked >= SHARE_WITH_FINAL * max(1, len(outputs))


def label_names(outputs: Sequence[str]) -> dict[str, str]:
    """The labels of the right answers: by their `normal` form, each as it is spelled most often."""
    spelled: dict[str, Counter[str]] = {}
    for text in outputs:
        spelled.setdefault(normal(text), Counter())[text.strip()] += 1
    return {key: min(counts, key=lambda name: (-counts[name], name)) for key, counts in spelled.items()}
