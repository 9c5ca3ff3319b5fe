"""Agreement coefficients as functions of label counts per item, many resamples of the items at a time.

`counts` is items × labels (how many reviewers gave each label); `weights` is resamples × items, how often each item
is in each resample: one row of ones for the figure itself. Each function returns an array of one figure per resample,
NaN where it is undefined. Items with fewer than two votes say nothing of agreement and are left out, save where said.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from curator.review.votes.arrays import Floats

Level = Literal["nominal", "ordinal", "interval"]


def percent_agreement(counts: Floats, weights: Floats) -> Floats:
    """Share of pairs of reviewers of an item who gave it the same label, averaged over items."""
    paired, weight, cast = _paired(counts, weights)
    same = (paired * (paired - 1)).sum(axis=1) / (cast * (cast - 1))
    return _ratio(weight @ same, weight.sum(axis=1))


def fleiss_kappa(counts: Floats, weights: Floats) -> Floats:
    """Fleiss (1971), "Measuring nominal scale agreement among many raters".

    For unequal numbers of votes: observed agreement averages over items, as above, and chance agreement is the sum
    of squares of the labels' shares of all votes. With equal numbers it is Fleiss' own.
    """
    paired, weight, _ = _paired(counts, weights)
    totals = weight @ paired
    share = _ratio(totals, totals.sum(axis=1, keepdims=True))
    return _beyond_chance(percent_agreement(counts, weights), (share**2).sum(axis=1))


def gwet_ac1(counts: Floats, weights: Floats) -> Floats:
    """Gwet (2008), "Computing inter-rater reliability and its variance in the presence of high agreement".

    A label's prevalence is the mean over items, those with one vote too, of its share of the item's votes (Gwet 2014,
    "Handbook of inter-rater reliability", for missing votes).
    """
    labels = counts.shape[1]
    if labels < 2:
        return np.full(len(weights), np.nan)
    cast = counts.sum(axis=1)
    voted = cast > 0
    prevalence = _ratio(
        weights[:, voted] @ (counts[voted] / cast[voted, None]), weights[:, voted].sum(axis=1, keepdims=True)
    )
    chance = (prevalence * (1 - prevalence)).sum(axis=1) / (labels - 1)
    return _beyond_chance(percent_agreement(counts, weights), chance)


def krippendorff_alpha(
    counts: Floats, weights: Floats, level: Level = "nominal", values: Floats | None = None
) -> Floats:
    """Krippendorff (2011), "Computing Krippendorff's alpha-reliability".

    `level`: how far labels differ. Nominal: the same or not. Ordinal: by rank, the columns of `counts` in order.
    Interval: by the difference of `values`, one number per label.
    """
    paired, weight, cast = _paired(counts, weights)
    totals = weight @ paired
    number = totals.sum(axis=1)
    if level == "nominal":
        # The general form below with a distance of 1, without its labels × labels table.
        same = weight @ ((paired * (paired - 1)).sum(axis=1) / (cast - 1))
        chance = _ratio((totals * (totals - 1)).sum(axis=1), number * (number - 1))
        return _beyond_chance(_ratio(same, number), chance)
    labels = paired.shape[1]
    pairs = paired[:, :, None] * paired[:, None, :]
    pairs[:, np.arange(labels), np.arange(labels)] -= paired
    found = (weight @ (pairs / (cast - 1)[:, None, None]).reshape(-1, labels**2)).reshape(-1, labels, labels)
    distance = _distance(totals, level, values)
    observed = _ratio((found * distance).sum(axis=(1, 2)), number)
    expected = _ratio((totals[:, :, None] * totals[:, None, :] * distance).sum(axis=(1, 2)), number * (number - 1))
    return 1 - _ratio(observed, expected)


def alpha_by_distance(counts: Floats, weights: Floats, distance: Floats) -> Floats:
    """Krippendorff's α with any distance between labels: labels × labels, symmetric, 0 for equal ones."""
    paired, weight, cast = _paired(counts, weights)
    totals = weight @ paired
    number = totals.sum(axis=1)
    within = ((paired @ distance) * paired).sum(axis=1) / (cast - 1)
    observed = _ratio(weight @ within, number)
    expected = _ratio(((totals @ distance) * totals).sum(axis=1), number * (number - 1))
    return 1 - _ratio(observed, expected)


def specific_agreement(counts: Floats, weights: Floats) -> Floats:
    """Per label: of the other votes on the item of a vote for it, the share that is for it too, averaged over its votes.

    Resamples × labels. Spitzer & Fleiss (1974), "A re-analysis of the reliability of psychiatric diagnosis"; every vote
    weighs the same, however many the item has.
    """
    paired, weight, cast = _paired(counts, weights)
    return _ratio(weight @ (paired * (paired - 1) / (cast - 1)[:, None]), weight @ paired)


def cohen_kappa(first: Floats, second: Floats, same: Floats, weights: Floats) -> Floats:
    """Cohen (1960), "A coefficient of agreement for nominal scales", for two reviewers.

    `first` and `second` (items × labels) mark the label each gave, `same` (items) where the two are one.
    """
    number = weights.sum(axis=1)
    chance = _ratio(((weights @ first) * (weights @ second)).sum(axis=1), number**2)
    return _beyond_chance(_ratio(weights @ same, number), chance)


def _paired(counts: Floats, weights: Floats) -> tuple[Floats, Floats, Floats]:
    """Counts, weights and numbers of votes of the items with two votes or more."""
    cast = counts.sum(axis=1)
    kept = cast > 1
    return counts[kept], weights[:, kept], cast[kept]


def _distance(totals: Floats, level: Level, values: Floats | None) -> Floats:
    """Squared distances of labels: resamples × labels × labels."""
    if level == "ordinal":
        # Votes between the middles of the two labels.
        place = totals.cumsum(axis=1) - totals / 2
    elif values is None:
        raise ValueError("the interval level needs the labels' values")
    else:
        place = np.broadcast_to(values, totals.shape)
    return np.asarray((place[:, :, None] - place[:, None, :]) ** 2)


def _beyond_chance(observed: Floats, chance: Floats) -> Floats:
    return _ratio(observed - chance, 1 - chance)


def _ratio(above: Floats, below: Floats) -> Floats:
    """Above / below, NaN where below is nothing (up to rounding)."""
    below = np.broadcast_to(below, above.shape)
    undefined = np.abs(below) < 1e-12
    return np.asarray(np.where(undefined, np.nan, above / np.where(undefined, 1.0, below)))
