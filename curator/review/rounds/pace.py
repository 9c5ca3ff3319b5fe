"""How long a look takes: by what a reviewer's own journal shows, else by the words there are to read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import median

from curator.store import Project

WORDS_A_MINUTE = 230.0
"""Silent reading of prose: Brysbaert (2019), 238 words a minute on average."""
DECIDING_S = 4.0
"""To decide and press a key, once it is read."""
PAUSE_S, AT_ONCE_S = 300.0, 0.3
"""Longer gaps between two decisions are breaks, shorter ones no looks: many were decided at once."""
FEWEST, RECENT = 8, 200
"""Gaps that a pace needs, and those that it is taken from, the latest."""
ENTRIES = 4_000
"""Entries of the journal that are looked through."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds a look takes. `measured`: by the reviewer's own decisions; else it is an estimate by the words to read."""

    seconds: float
    measured: bool = False

    def minutes(self, looks: int) -> float:
        return looks * self.seconds / 60


def by_words(words: float) -> Pace:
    """The pace of somebody who has not decided anything yet, for examples of so many words."""
    return Pace(DECIDING_S + words / WORDS_A_MINUTE * 60)


def paces(project: Project) -> Mapping[str, Pace]:
    """The pace of each reviewer who has decided or voted enough."""
    entries = [entry for entry in project.log(ENTRIES) if entry.action in ("decide", "vote")]
    return paces_of((entry.actor, datetime.fromisoformat(entry.at).timestamp()) for entry in entries)


def paces_of(decided: Iterable[tuple[str, float]]) -> dict[str, Pace]:
    """From who decided when (in seconds): the median of the seconds between one decision and the next, breaks left out."""
    times: dict[str, list[float]] = defaultdict(list)
    for name, at in decided:
        times[name].append(at)
    found = {}
    for name, listed in times.items():
        gaps = [after - before for before, after in pairwise(sorted(listed))]
        gaps = [gap for gap in gaps if AT_ONCE_S <= gap <= PAUSE_S][-RECENT:]
        if len(gaps) >= FEWEST:
            found[name] = Pace(median(gaps), measured=True)
    return found
