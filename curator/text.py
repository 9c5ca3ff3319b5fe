"""Small helpers for what people and programs read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def plural(count: int, noun: str) -> str:
    """`3 examples`, `1 example`; thousands are grouped."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def share(value: float) -> str:
    """A share in two digits: `.93`; `1` for all."""
    text = f"{value:.2f}"
    return "1" if text == "1.00" else text.removeprefix("0")


def json_bytes(document: Any, *, indent: bool = False) -> bytes:
    """`document` as one line (or indented lines) of UTF-8 JSON. NaN and infinity become null, lone surrogates, as in file
    names that are not UTF-8, a question mark."""
    import orjson

    option = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS | orjson.OPT_APPEND_NEWLINE
    option |= orjson.OPT_INDENT_2 if indent else 0
    try:
        return orjson.dumps(document, option=option)
    except orjson.JSONEncodeError:
        return orjson.dumps(_mended(document), option=option)


def _mended(value: Any) -> Any:
    """The same with every text made one that UTF-8 can hold."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8") if not value.isascii() else value
    if isinstance(value, Mapping):
        return {_mended(k): _mended(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_mended(v) for v in value]
    return value
