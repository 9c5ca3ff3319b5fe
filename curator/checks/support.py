"""Whether an input holds an extracted value, in whatever way it writes it: numbers, dates, times, plurals, signs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from curator.checks.data import fold

_NUMBER = re.compile(r"\d+(?:[.,'’\u00a0\u202f ]\d{3})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)*")
_SCALED = re.compile(
    r"(\d+(?:[.,]\d+)?) ?(k|m|mn|mio|million|thousand|billion|bn|%|percent|per cent|dozen)\b|(\d+(?:[.,]\d+)?) ?%"
)
_SCALES = {
    "k": 1e3, "thousand": 1e3, "m": 1e6, "mn": 1e6, "mio": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9, "dozen": 12.0,
    "%": 0.01, "percent": 0.01, "per cent": 0.01,
}  # fmt: skip
_NUMBER_WORDS = dict(
    zip(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
        "nineteen twenty".split(),
        range(21),
        strict=True,
    )
) | {"a": 1, "an": 1, "single": 1, "once": 1, "twice": 2, "both": 2, "pair": 2, "couple": 2, "dozen": 12, "thirty": 30,
     "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100, "half": 0.5}  # fmt: skip
_MONTHS = {
    word: month
    for month, words in enumerate(
        (
            "january jan januar janvier enero gennaio janeiro", "february feb februar février febrero febbraio fevereiro",
            "march mar märz mars marzo março", "april apr avril abril aprile", "may mai mayo maggio maio",
            "june jun juni juin junio giugno junho", "july jul juli juillet julio luglio julho",
            "august aug août agosto", "september sep sept septembre septiembre settembre setembro",
            "october oct oktober okt octobre octubre ottobre outubro", "november nov novembre noviembre novembro",
            "december dec dezember dez décembre diciembre dicembre dezembro",
        ),
        1,
    )
    for word in words.split()
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAY_MONTH = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th|\.|º|°)?(?: of| de)? ?({_MONTH})\b\.?,?(?: de)?(?: (\d{{4}}))?")
_MONTH_DAY = re.compile(rf"\b({_MONTH})\.? (?:the )?(\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (\d{{4}}))?")
_YEAR_FIRST = re.compile(r"\b(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_YEAR_LAST = re.compile(r"\b(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?!\d)")
_RELATIVE = re.compile(
    r"\b(?:today|tonight|tomorrow|yesterday|(?:next|last|this|coming|in|within|ago)\b|(?:mon|tues?|wednes|thurs?|fri|satur|sun)day|"
    r"week|month|heute|morgen|gestern|demain|hier|aujourd['’]hui|hoy|mañana|ayer|oggi|domani|ieri|hoje|amanhã|ontem)\b"
)
"""A date that is counted from the day of writing: it cannot be checked by the text."""
_TIME = re.compile(
    r"\b(\d{1,2})(?:[:.h](\d{2}))?(?::\d{2})? ?([ap])\.?m\b|\b(\d{1,2})[:.h](\d{2})\b|\b(noon|midnight|midday)\b"
)
_ISO_TIME = re.compile(r"(\d{2}):(\d{2})(?::\d{2})?")
_SIGNS = {"€": "eur", "$": "usd", "£": "gbp", "¥": "jpy", "₹": "inr", "%": "percent"}
_SAID = {"eur": ("euro",), "usd": ("dollar", "bucks"), "gbp": ("pound", "quid"), "jpy": ("yen",), "inr": ("rupee",)}
_NOT_WORD = re.compile(r"\W+")
_FEWEST = 4
Day = tuple[int | None, int, int]


class Source:
    """An input, asked for values."""

    def __init__(self, text: str):
        self._text = fold(unicodedata.normalize("NFKC", text))

    def holds(self, value: Any) -> bool:
        """True where a text or number stands in the input, however it is written there."""
        if isinstance(value, (int, float)):
            # An integer beyond all floats is compared by its digits.
            return self._holds_number(float(abs(value))) if abs(value) < 1e300 else str(value) in self._text
        needle = fold(unicodedata.normalize("NFKC", str(value)))
        if needle in self._text:
            return True
        loose = _NOT_WORD.sub(" ", needle).strip()
        if not loose:
            return False
        return loose in self._loose or self._holds_words(loose) or self._holds_shape(needle, loose)

    def _holds_number(self, number: float) -> bool:
        return number in self._numbers or any(abs(number - n) <= 1e-9 * max(1.0, number) for n in self._scaled)

    def _holds_words(self, loose: str) -> bool:
        """All words stand in the input, in any order and number: "sunflower seed", "Smith, John"."""
        return all(_stem(word) in self._stems for word in loose.split())

    def _holds_shape(self, needle: str, loose: str) -> bool:
        bare = loose.replace(" ", "")
        # An order number without its hyphens, a telephone number without its spaces.
        if len(bare) >= _FEWEST and any(c.isdigit() for c in bare) and bare in self._bare:
            return True
        if needle in _SAID and (
            any(_SIGNS.get(c) == needle for c in self._text) or any(w in self._text for w in _SAID[needle])
        ):
            return True
        if days := set(_days(needle)):
            return any(_same(a, b) for a in days for b in self._days) or (
                not self._days and bool(_RELATIVE.search(self._text))
            )
        if time := _ISO_TIME.fullmatch(needle):
            return (int(time.group(1)), int(time.group(2))) in self._times
        if _NUMBER.fullmatch(needle):
            return any(self._holds_number(reading) for reading in _readings(needle))
        return False

    @cached_property
    def _loose(self) -> str:
        return _NOT_WORD.sub(" ", self._text)

    @cached_property
    def _bare(self) -> str:
        return self._loose.replace(" ", "")

    @cached_property
    def _stems(self) -> frozenset[str]:
        return frozenset(_stem(word) for word in self._loose.split())

    @cached_property
    def _numbers(self) -> frozenset[float]:
        return frozenset(n for match in _NUMBER.findall(self._text) for n in _readings(match))

    @cached_property
    def _scaled(self) -> frozenset[float]:
        """Numbers in words, and figures with a word that scales them: 5k, 15%, two dozen."""
        found = {float(n) for word, n in _NUMBER_WORDS.items() if word in self._loose.split()}
        for match in _SCALED.finditer(self._text):
            figure, scale = (match.group(1), match.group(2)) if match.group(1) else (match.group(3), "%")
            found.update(reading * _SCALES[scale] for reading in _readings(figure))
        return frozenset(found)

    @cached_property
    def _days(self) -> frozenset[Day]:
        return frozenset(_days(self._text))

    @cached_property
    def _times(self) -> frozenset[tuple[int, int]]:
        found = set()
        for match in _TIME.finditer(self._text):
            hour, minute, half, plain_hour, plain_minute, word = match.groups()
            if word:
                found.add((0 if word == "midnight" else 12, 0))
            elif half:
                found.add((int(hour) % 12 + (12 if half == "p" else 0), int(minute or 0)))
            else:
                found |= {(int(plain_hour), int(plain_minute)), (int(plain_hour) % 12 + 12, int(plain_minute))}
        return frozenset(found)


def _readings(text: str) -> Iterator[float]:
    """What a written number may mean: 1,250.50 and 1.250,50 and 1 250.50 alike."""
    text = re.sub(r"[\s'’]", "", text)
    for plain in {text.replace(",", ""), text.replace(".", "").replace(",", "."), text.replace(",", ".")}:
        try:
            yield float(plain)
        except ValueError:
            continue


def _stem(word: str) -> str:
    """A word without the ending of its plural: enough to compare, no linguistics."""
    for ending, singular in (
        ("ies", "y"),
        ("ves", "f"),
        ("sses", "ss"),
        ("xes", "x"),
        ("ches", "ch"),
        ("shes", "sh"),
        ("oes", "o"),
    ):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word[: -len(ending)] + singular
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def _days(text: str) -> Iterator[Day]:
    """Days in a text as (year or None, month, day); 3/4/2024 is read both ways."""
    for day, month, year in _DAY_MONTH.findall(text):
        yield int(year) if year else None, _MONTHS[month], int(day)
    for month, day, year in _MONTH_DAY.findall(text):
        yield int(year) if year else None, _MONTHS[month], int(day)
    for year, month, day in _YEAR_FIRST.findall(text):
        yield int(year), int(month), int(day)
    for first, second, year in _YEAR_LAST.findall(text):
        full = int(year) + (2000 if len(year) == 2 else 0)
        yield full, int(first), int(second)
        yield full, int(second), int(first)


def _same(a: Day, b: Day) -> bool:
    return a[1:] == b[1:] and (a[0] is None or b[0] is None or a[0] == b[0])
