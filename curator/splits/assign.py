"""Which split each example belongs to: seeded, stable as data grows, and never through a duplicate group.

An example's place is a number in 0..1 hashed from the seed and what the example says. It does not depend on the other
examples, so adding some moves none. Two things can move a place all the same: a near duplicate that joins a group which
is released whole, and a label's loan to the validation split (see `assign`). A project remembers what was released, and
then nothing moves. Shares are met in expectation: 1,000 examples at 90/10 give 100 ± 10.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from curator.errors import InputError

NAMES = ("train", "validation", "test")
ENOUGH_TO_SHARE = 5
"""Examples a label needs before the validation split is promised one of them."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Share of each split, adding up to 1; `test` 0 where there is none."""

    train: float
    validation: float
    test: float = 0.0

    @classmethod
    def parse(cls, text: str) -> Shares:
        """`90/10` or `80/10/10`. Raises InputError for anything else."""
        try:
            parts = [float(part) for part in text.split("/")]
        except ValueError:
            parts = []
        if len(parts) not in (2, 3) or min(parts) < 0 or parts[0] <= 0 or not abs(sum(parts) - 100) <= 1e-6:
            raise InputError(
                f"--split {text!r} is not a split: give train/validation or train/validation/test in percent that add up "
                "to 100, such as 90/10 or 80/10/10"
            )
        return cls(*(part / 100 for part in parts))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in NAMES if getattr(self, name) > 0)

    def __str__(self) -> str:
        return "/".join(f"{getattr(self, name) * 100:g}" for name in self.names)


def place(key: str, seed: int) -> float:
    """A number in [0, 1) from the seed and a content key."""
    digest = hashlib.blake2b(f"{seed}:{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def assign(
    keys: Sequence[str],
    groups: Sequence[int],
    shares: Shares,
    seed: int,
    *,
    labels: Sequence[str] | None = None,
    remembered: Mapping[str, str] | None = None,
) -> list[str]:
    """The split of each example, in the order given.

    `keys`: content keys; `groups`: equal numbers stay together; `labels`: stratify by these; `remembered`: content key to
    the split of an earlier release, which always wins (of several in a group, the best protected).

    Hashing gives each label its share of each split in expectation. A label of 5 or more that it leaves out of validation
    lends its lowest-placed group; later data may take the loan back, unless the project remembers it. The test split
    takes no loans.
    """
    members: dict[int, list[int]] = defaultdict(list)
    for index, group in enumerate(groups):
        members[group].append(index)
    # The place of one member, chosen by its key alone: the lowest place of all would draw large groups to the test split.
    spot = {group: place(min(keys[i] for i in rows), seed) for group, rows in members.items()}
    split = {group: _by_place(spot[group], shares) for group in members}
    fixed = _fixed(members, keys, remembered or {}, shares)
    split |= fixed
    if labels is not None:
        _fill_gaps(split, fixed, members, labels, spot, shares)
    return [split[group] for group in groups]


def _by_place(value: float, shares: Shares) -> str:
    if value < shares.test:
        return "test"
    return "validation" if value < shares.test + shares.validation else "train"


def _fixed(
    members: Mapping[int, list[int]], keys: Sequence[str], remembered: Mapping[str, str], shares: Shares
) -> dict[int, str]:
    fixed = {}
    for group, rows in members.items():
        known = {remembered[keys[i]] for i in rows if keys[i] in remembered}
        # What was once held out is never trained on while any split is held out.
        if known:
            best = max(known, key=NAMES.index)
            fixed[group] = best if best in shares.names else next(n for n in reversed(shares.names) if n != best)
    return fixed


def _fill_gaps(
    split: dict[int, str],
    fixed: Mapping[int, str],
    members: Mapping[int, list[int]],
    labels: Sequence[str],
    spot: Mapping[int, float],
    shares: Shares,
) -> None:
    having: dict[str, set[int]] = defaultdict(set)
    for group, rows in members.items():
        for index in rows:
            having[labels[index]].add(group)
    for label in sorted(having):
        groups = sorted(having[label], key=lambda g: spot[g])
        if len(groups) < ENOUGH_TO_SHARE:
            continue
        if shares.validation and not any(split[g] == "validation" for g in groups):
            free = next((g for g in groups if split[g] == "train" and g not in fixed), None)
            if free is not None:
                split[free] = "validation"
