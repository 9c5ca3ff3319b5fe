"""The prices of training that are known, from `resources/prices.json`: each with its date and source."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache

from curator.resources import resource

OWN_MACHINES = "no provider trains on this format: it costs the machines that you run it on"


@dataclass(frozen=True, slots=True)
class Price:
    """What a provider takes for training a model, or a class of models, by one method.

    `per_million` tokens in `currency`; None: unknown, and `note` says why. `at_least`: the lowest of a class. `as_of`: when
    it was read, or looked for: YYYY-MM-DD or YYYY-MM.
    """

    provider: str
    targets: tuple[str, ...]
    model: str
    method: str
    per_million: float | None
    at_least: bool
    currency: str
    as_of: str
    source: str
    note: str

    @property
    def rate(self) -> str:
        """`25 USD per 1M tokens, as of 2026-05`."""
        if self.per_million is None:
            return f"unknown as of {self.as_of}"
        least = "at least " if self.at_least else ""
        return f"{least}{self.per_million:g} {self.currency} per 1M tokens, as of {self.as_of}"

    def amount(self, tokens: int) -> float | None:
        """What so many billed tokens cost, None where the price is unknown."""
        return None if self.per_million is None else tokens * self.per_million / 1_000_000


@lru_cache(maxsize=1)
def prices() -> tuple[Price, ...]:
    """All of them, in the order of the data file."""
    document = json.loads(resource("prices.json").read_text(encoding="utf-8"))
    return tuple(Price(**(price | {"targets": tuple(price["targets"])})) for price in document["prices"])


def prices_of(target: str) -> tuple[Price, ...]:
    """Those of a target; none where nobody trains on its files for money."""
    return tuple(price for price in prices() if target in price.targets)
