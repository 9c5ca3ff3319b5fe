"""Agreement where a vote is a set of labels: by how far the sets overlap, and label by label."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from curator.review.agreement import statistics
from curator.review.agreement.estimates import Estimate, estimate
from curator.review.votes.arrays import Floats, Votes

_SEPARATORS = {";": 0.3, "|": 0.3, ",": 0.9}
"""And the share of the parts of joined labels that are in other labels too, at least; else it is part of names, as a comma often is."""

_MAX_SETS = 3_000  # different sets: distances are sets × sets
_MAX_LABELS = 200


@dataclass(frozen=True, slots=True)
class PartAgreement:
    """A `label`, how many `votes` have it, and the agreement on whether an item has it or not."""

    label: str
    votes: int
    percent_agreement: Estimate
    krippendorff_alpha: Estimate


@dataclass(frozen=True, slots=True)
class SetAgreement:
    """`masi_alpha`: Krippendorff's α with MASI distance (Passonneau 2006); `by_label`: every label on its own."""

    masi_alpha: Estimate
    by_label: tuple[PartAgreement, ...]


def measure_sets(votes: Votes, counts: Floats, seed: int = 0) -> SetAgreement | None:
    """Agreement on sets, None where labels are not sets or there are too many different ones. `counts`: items × labels."""
    sets = label_sets(votes.labels)
    if sets is None or len(sets) > _MAX_SETS:
        return None
    kinds, times = np.unique(counts, axis=0, return_counts=True)
    masi = partial(statistics.alpha_by_distance, kinds, distance=masi_distances(sets))
    why = "no two reviewers voted on the same items, or all chose one and the same set"
    names = sorted({name for one in sets for name in one})[:_MAX_LABELS]
    parts = tuple(_part(name, np.array([name in one for one in sets]), counts, seed) for name in names)
    return SetAgreement(estimate(masi, times, why, seed), parts)


def label_sets(labels: tuple[str, ...]) -> tuple[frozenset[str], ...] | None:
    """The set that each label is, None where they are not sets.

    Sets are JSON lists, among those of several labels a label by itself, as projects have it, a set of one; or names joined
    by ";", "|" or "," whose parts come in other labels too.
    """
    lists = [_json_list(label) for label in labels]
    if any(one is not None and len(one) > 1 for one in lists) or None not in lists:
        return tuple(frozenset([label]) if one is None else one for label, one in zip(labels, lists, strict=True))
    for separator, repeated in _SEPARATORS.items():
        sets = [frozenset(part for part in map(str.strip, label.split(separator)) if part) for label in labels]
        if _are_sets(sets, repeated):
            return tuple(sets)
    return None


def merge_equal_sets(votes: Votes) -> Votes:
    """The votes with one label for equal sets ("a;b" and "b;a"), in the spelling most votes have, then the first by name."""
    sets = label_sets(votes.labels)
    if sets is None or len(set(sets)) == len(sets):
        return votes
    often = np.bincount(votes.label, minlength=len(sets))
    spelling: dict[frozenset[str], int] = {}
    for code in sorted(range(len(sets)), key=lambda code: -often[code]):
        spelling.setdefault(sets[code], code)
    kept = sorted(spelling.values())
    new = np.array([kept.index(spelling[one]) for one in sets], dtype=np.intp)
    note = f"{len(sets) - len(kept):,} labels are sets that others spell in another order; they count as the same."
    labels = tuple(votes.labels[code] for code in kept)
    return replace(votes, labels=labels, label=new[votes.label], notes=(*votes.notes, note))


def masi_distances(sets: tuple[frozenset[str], ...]) -> Floats:
    """Passonneau (2006), "Measuring agreement on set-valued items (MASI)": 1 − Jaccard × monotonicity.

    Monotonicity is 1 for equal sets, 2/3 where one holds the other, 1/3 where they overlap and 0 where they do not. Two empty
    sets are equal.
    """
    names = sorted({name for one in sets for name in one})
    code = {name: at for at, name in enumerate(names)}
    member = np.zeros((len(sets), len(names)))
    for row, one in enumerate(sets):
        member[row, [code[name] for name in one]] = 1
    size = member.sum(axis=1)
    common = member @ member.T
    union = size[:, None] + size[None, :] - common
    jaccard = common / np.maximum(union, 1)
    smaller = np.minimum(size[:, None], size[None, :])
    monotonicity = np.select([common == union, common == 0, common == smaller], [1, 0, 2 / 3], 1 / 3)
    jaccard[union == 0] = 1
    return np.asarray(1 - jaccard * monotonicity)


def _part(name: str, has: np.ndarray, counts: Floats, seed: int) -> PartAgreement:
    binary = np.column_stack([counts[:, has].sum(axis=1), counts[:, ~has].sum(axis=1)])
    kinds, times = np.unique(binary, axis=0, return_counts=True)
    why = "no item with two votes or more has it, or all have it"
    return PartAgreement(
        name,
        int(binary[:, 0].sum()),
        estimate(partial(statistics.percent_agreement, kinds), times, "no item has votes of two reviewers", seed),
        estimate(partial(statistics.krippendorff_alpha, kinds), times, why, seed),
    )


def _json_list(label: str) -> frozenset[str] | None:
    if not label.startswith("["):
        return None
    try:
        found = json.loads(label)
    except (ValueError, RecursionError):  # a number may have too many digits
        return None
    if not isinstance(found, list):
        return None
    return frozenset(part if isinstance(part, str) else json.dumps(part, sort_keys=True) for part in found)


def _are_sets(sets: list[frozenset[str]], repeated: float) -> bool:
    """Are there sets of two or more, and do enough of their parts come in other labels too?"""
    often: dict[str, int] = {}
    for one in sets:
        for part in one:
            often[part] = often.get(part, 0) + 1
    joined = [part for one in sets if len(one) > 1 for part in one]
    return len(joined) > 0 and sum(often[part] > 1 for part in joined) >= repeated * len(joined)
