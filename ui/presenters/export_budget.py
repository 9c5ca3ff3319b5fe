"""Lengths and costs of a planned release in words. No Qt here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ui.i18n import number, tr, trn
from ui.presenters.words import split_title


@dataclass(frozen=True, slots=True)
class LengthLimit:
    """The most tokens that an example may have, where it lies `at`, in columns from the left (None: beyond the last one), and
    in words."""

    at: float | None
    text: str


@dataclass(frozen=True, slots=True)
class Length:
    """How long the examples of a split are: `columns` as words and counts, and the `limits`."""

    title: str
    unit: str
    columns: tuple[tuple[str, int], ...]
    ends: tuple[str, str]
    median: float
    text: str
    limits: tuple[LengthLimit, ...]


def length(one: Mapping[str, Any], titles: Mapping[str, str]) -> Length:
    """The words for `release.LengthPlan`; `titles` of the formats by name."""
    bins = [(b["low"], b["high"], b["count"]) for b in one["bins"]]
    low, high = (bins[-1][0], bins[-1][1]) if bins else (0, 0)
    end = tr("{n} and more", n=number(low)) if high is None else number(high)
    return Length(
        split_title(one["split"]) if one["split"] else tr("All that go out"),
        unit_words(one["unit"]),
        tuple((_range(low, high), count) for low, high, count in bins),
        (number(bins[0][0]) if bins else "0", end),
        _place(one["median"], bins),
        tr("median {median}, longest {longest}", median=number(one["median"]), longest=number(one["longest"])),
        tuple(_limit(limit, bins, titles) for limit in one["limits"]),
    )


def unit_words(unit: str) -> str:
    """`tokens, exact (o200k_base)` in the language of the window."""
    words = {"exact": tr("exact"), "proxy": tr("nearly"), "estimate": tr("estimate")}
    kind, _, rest = unit.removeprefix("tokens, ").partition(" ")
    return tr("Tokens an example, {basis} {vocabulary}", basis=words.get(kind, kind), vocabulary=rest)


def _range(low: int, high: int | None) -> str:
    if high is None:
        return tr("{low} tokens and more", low=number(low))
    return tr("{low} to {high} tokens", low=number(low), high=number(high - 1))


def _place(tokens: int, bins: list[tuple[int, int | None, int]]) -> float:
    """Where a number of tokens is, in columns from the left."""
    for at, (low, high, _) in enumerate(bins):
        if high is None or tokens < high:
            return at + 0.5 if high is None else at + max(0.0, (tokens - low) / (high - low))
    return float(len(bins))


def _limit(limit: Mapping[str, Any], bins: list[tuple[int, int | None, int]], titles: Mapping[str, str]) -> LengthLimit:
    who, most = ", ".join(titles.get(name, name) for name in limit["targets"]), number(limit["most"])
    over = limit["over"]
    said = tr("{targets}: at most {n} tokens", targets=who, n=most) + "; "
    said += trn("{n} example is longer", "{n} examples are longer", over) if over else tr("none is longer")
    last = bins[-1] if bins else (0, 0, 0)
    end = last[0] if last[1] is None else last[1]
    return LengthLimit(_place(limit["most"], bins) if limit["most"] <= end else None, said)


def cost_words(cost: str) -> str:
    """`unknown` and the like in the language of the window; sums as they are."""
    for word, said in (
        ("at least ", tr("at least")),
        ("less than ", tr("less than")),
    ):
        if cost.startswith(word):
            return f"{said} {cost.removeprefix(word)}"
    return tr("unknown") if cost == "unknown" else cost


def rate_words(rate: str) -> str:
    """`25 USD per 1M tokens, as of 2026-05` in the language of the window."""
    words = (("per 1M tokens", tr("per 1M tokens")), ("as of", tr("as of")), ("at least", tr("at least")))
    said = rate.removeprefix("unknown ")
    for word, here in words:
        said = said.replace(word, here)
    return said
