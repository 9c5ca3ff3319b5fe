"""Values in JSON outputs by field, and JSON written again in the style it was given in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from typing import Any

from curator.checks.data import INVALID, parse_json

Scalar = str | int | float | bool | None
Path = tuple[str, ...]
_STYLES: tuple[dict[str, Any], ...] = tuple(
    {"indent": indent, "separators": separators, "ensure_ascii": ascii_only}
    for (indent, separators), ascii_only in product(
        [(None, (", ", ": ")), (None, (",", ":")), (2, (",", ": ")), (4, (",", ": "))], (False, True)
    )
)


def object_in(text: str) -> dict[str, Any] | None:
    """The JSON object that `text` is, or None."""
    value = parse_json(text) if text.lstrip().startswith("{") else INVALID
    return value if isinstance(value, dict) else None


def scalars(document: dict[str, Any], above: Path = ()) -> Iterator[tuple[Path, Scalar]]:
    """Every value of `document` that is neither a list nor an object, with the names that lead to it."""
    for name, value in document.items():
        if isinstance(value, dict):
            yield from scalars(value, (*above, name))
        elif not isinstance(value, list):
            yield (*above, name), value


def replaced(document: dict[str, Any], path: Path, value: Scalar) -> dict[str, Any]:
    """`document` with another value at `path`."""
    name, *rest = path
    inner = replaced(document[name], tuple(rest), value) if rest else value
    return {key: inner if key == name else old for key, old in document.items()}


def like_json(text: str, value: Any) -> str:
    """`value` as JSON in the style of `text`: its spaces, indentation and escapes where they are regular."""
    given = parse_json(text)
    styles = (style for style in _STYLES if json.dumps(given, **style) == text.strip())
    return json.dumps(value, **next(styles, _STYLES[0]))
