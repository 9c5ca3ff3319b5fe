"""Agreement on outputs that are free texts: by how much would have to be edited to make one from the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from curator.review.agreement.estimates import Estimate, estimate
from curator.review.votes.arrays import Floats
from curator.review.votes.outputs import Output

_POOL = 300
"""Texts whose distances to each other say how far two texts of different items are apart."""

_READ = 10_000  # characters of a text that are compared


@dataclass(frozen=True, slots=True)
class TextAgreement:
    """On `items` with the texts of two reviewers or more, in `pairs` of them.

    `similarity`: 1 − edits / the longer text's characters (Levenshtein), the mean over items; `identical`: the share of pairs
    that are the same to the letter; `alpha`: Krippendorff's α with 1 − similarity as distance: 1 where texts are the same,
    0 where those of one item are as far apart as those of different items.
    """

    items: int
    pairs: int
    similarity: Estimate
    identical: Estimate
    alpha: Estimate


def measure_texts(outputs: Sequence[Output], seed: int = 0) -> TextAgreement | None:
    """Agreement of texts, None where no item has those of two reviewers. Of very long texts the beginning is compared.

    What chance would give is measured on 300 texts drawn with `seed` where there are more.
    """
    by_item: dict[str, list[str]] = defaultdict(list)
    for one in sorted(outputs, key=lambda output: (output.item, output.reviewer)):
        by_item[one.item].append(one.text[:_READ])
    items = [texts for _, texts in sorted(by_item.items()) if len(texts) > 1]
    if not items:
        return None
    pairs = [[Levenshtein.normalized_distance(a, b) for a, b in combinations(texts, 2)] for texts in items]
    apart = np.array([np.mean(distances) for distances in pairs])
    same = np.array([np.mean([a == b for a, b in combinations(texts, 2)]) for texts in items])
    cast = np.array([len(texts) for texts in items], dtype=np.float64)
    owner, between = _between(items, seed)

    def alpha(weights: Floats) -> Floats:
        observed = weights @ (apart * cast) / (weights @ cast)
        of_text = weights[:, owner]
        number = of_text.sum(axis=1)
        chance = ((of_text @ between) * of_text).sum(axis=1) / np.maximum(number**2 - number, 1)
        undefined = chance < 1e-12
        return np.asarray(np.where(undefined, np.nan, 1 - observed / np.where(undefined, 1, chance)))

    once = np.ones(len(items), dtype=np.intp)
    return TextAgreement(
        len(items),
        sum(len(distances) for distances in pairs),
        estimate(lambda weights: np.asarray(1 - weights @ apart / weights.sum(axis=1)), once, "", seed),
        estimate(lambda weights: np.asarray(weights @ same / weights.sum(axis=1)), once, "", seed),
        estimate(alpha, once, "all texts are one and the same", seed),
    )


def _between(items: list[list[str]], seed: int) -> tuple[np.ndarray, Floats]:
    """Texts drawn from all, as the numbers of their items, and their distances to each other."""
    owner = np.repeat(np.arange(len(items)), [len(texts) for texts in items])
    texts = [text for item in items for text in item]
    drawn = np.sort(np.random.default_rng(seed).permutation(len(texts))[:_POOL])
    chosen = [texts[at] for at in drawn]
    distances = cdist(chosen, chosen, scorer=Levenshtein.normalized_distance, dtype=np.float64, workers=1)
    return owner[drawn], np.asarray(distances)
