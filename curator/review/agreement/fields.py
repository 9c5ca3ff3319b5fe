"""Agreement on outputs that are JSON, field by field."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from curator.review.agreement.estimates import Estimate, estimate
from curator.review.votes.arrays import Floats
from curator.review.votes.outputs import Output

MAX_FIELDS = 200
_MISSING = "\0missing"  # no JSON text


@dataclass(frozen=True, slots=True)
class FieldAgreement:
    """A field by its dotted path, on the `items` where two reviewers or more left JSON and one of them at least has it.

    Reviewers agree on a value, or on leaving the field out. `values`: how many different ones there are.
    """

    path: str
    items: int
    values: int
    percent_agreement: Estimate
    krippendorff_alpha: Estimate


def measure_fields(outputs: Sequence[Output], seed: int = 0) -> tuple[FieldAgreement, ...]:
    """Agreement on each field, by path; () where no item has the JSON objects of two reviewers.

    Objects are followed to their values; a list is one value, whatever is in it, and numbers are the same where they are equal
    (1 and 1.0). Outputs that are no JSON object are left out. At most `MAX_FIELDS` fields, those of most items.
    """
    by_item: dict[str, list[dict[str, str]]] = defaultdict(list)
    for one in outputs:
        fields = _fields(one.text)
        if fields is not None:
            by_item[one.item].append(fields)
    doubles = [several for _, several in sorted(by_item.items()) if len(several) > 1]
    often: dict[str, int] = defaultdict(int)
    for several in doubles:
        for path in {path for fields in several for path in fields}:
            often[path] += 1
    chosen = sorted(often, key=lambda path: (-often[path], path))[:MAX_FIELDS]
    return tuple(_field(path, doubles, seed) for path in sorted(chosen))


def _field(path: str, items: list[list[dict[str, str]]], seed: int) -> FieldAgreement:
    values = [[one.get(path, _MISSING) for one in found] for found in items if any(path in one for one in found)]
    names = sorted({value for found in values for value in found})
    code = {name: at for at, name in enumerate(names)}
    row = np.repeat(np.arange(len(values)), [len(found) for found in values])
    column = np.array([code[value] for found in values for value in found], dtype=np.intp)
    counts = csr_array((np.ones(len(row)), (row, column)), shape=(len(values), len(names)))
    cast = np.asarray(counts.sum(axis=1), dtype=np.float64)
    same = np.asarray((counts * counts).sum(axis=1), dtype=np.float64) - cast  # ordered pairs that say the same
    once = np.ones(len(values), dtype=np.intp)

    def percent(weights: Floats) -> Floats:
        return np.asarray(weights @ (same / (cast * (cast - 1))) / weights.sum(axis=1))

    def alpha(weights: Floats) -> Floats:
        """Nominal α (Krippendorff 2011) with sparse counts: values of a field may differ from item to item."""
        totals = np.asarray((counts.T @ weights.T).T)
        number = weights @ cast
        chance = (totals * (totals - 1)).sum(axis=1) / (number * (number - 1))
        observed = weights @ (same / (cast - 1)) / number
        undefined = chance > 1 - 1e-12
        return np.asarray(np.where(undefined, np.nan, (observed - chance) / np.where(undefined, 1, 1 - chance)))

    return FieldAgreement(
        path,
        len(values),
        sum(name != _MISSING for name in names),
        estimate(percent, once, "", seed),
        estimate(alpha, once, "it has one and the same value everywhere", seed),
    )


def _fields(text: str) -> dict[str, str] | None:
    """The values of a JSON object by dotted path, None where the text is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):  # a number may have too many digits
        return None
    return dict(_leaves(found, "")) if isinstance(found, dict) else None


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}" if path else str(name))
    elif path:
        yield path, json.dumps(_plain(value), ensure_ascii=False, sort_keys=True)


def _plain(value: Any) -> Any:
    """Equal numbers written alike."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return value
