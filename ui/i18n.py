"""Texts in the user's language. Knows no Qt, so that presenters can use it.

A catalogue is a file `resources/translations/LANGUAGE.json`: the English text and its translation, or for a text with
a number the English singular and a list of the translated singular and plural. What has no translation stays English.
"""

from __future__ import annotations

import json
from typing import Any

from curator.resources import resource

LANGUAGES = {"en": "English", "de": "Deutsch"}
_SEPARATORS = {"en": (",", "."), "de": (".", ",")}
_now: dict[str, Any] = {"language": "en", "texts": {}}


def use(language: str) -> None:
    """Speak this language from now on; one that is not known is English."""
    known = language if language in LANGUAGES else "en"
    texts: dict[str, Any] = {}
    if known != "en":
        texts = json.loads(resource(f"translations/{known}.json").read_text(encoding="utf-8"))
    _now.update(language=known, texts=texts)


def language() -> str:
    """Code of the language in use, such as "de"."""
    return str(_now["language"])


def tr(text: str, **values: Any) -> str:
    """The text in the language in use, with its {names} filled in."""
    found = _now["texts"].get(text, text)
    return found.format(**values) if values else found


def trn(one: str, many: str, n: int, **values: Any) -> str:
    """The text that fits the number `n`, which stands for {n}."""
    forms = _now["texts"].get(one, (one, many))
    return str(forms[0] if n == 1 else forms[1]).format(n=number(n), **values)


def number(value: float, digits: int = 0) -> str:
    """A number as people write it in the language in use: 12,345 or 12.345."""
    thousands, point = _SEPARATORS[language()]
    text = f"{value:,.{digits}f}"
    return text.translate(str.maketrans({",": thousands, ".": point}))


def share(value: float, digits: int = 0) -> str:
    """A share as a percentage: 93%."""
    return number(100 * value, digits) + ("%" if language() == "en" else "\N{NO-BREAK SPACE}%")
