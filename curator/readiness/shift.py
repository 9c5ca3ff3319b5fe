"""Two sets of vectors: are they drawn alike, and where are they not?

Everything stands on the nearest neighbours in both sets together. *Alike*: a vector's neighbours tell which set it is from no
better than chance. This is a classifier two-sample test (Lopez-Paz and Oquab 2017, arXiv:1610.06545) with a nearest-neighbour
classifier that leaves each vector out (Schilling 1986, Henze 1988). That sees differences all over; a gap in one place is seen by the ten vectors that are most
alone. Both null distributions come from drawing the sets anew among the same neighbours, so they hold in any sample; of two
tests the smaller p counts twice (Bonferroni). *Where*: a vector of one set is alone where many neighbours of its own
set come before the second of the other: were both drawn alike, their number would be negative binomial. As many are named as
keeps the expected share of false ones at `FALSE` (Benjamini and Hochberg 1995).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from curator.embedding import nearest
from curator.progress import Progress

AROUND = 20
"""Neighbours that say which set a vector is from."""
DEPTH = 100
"""Neighbours looked at for the second of the other set."""
DRAWS = 199
"""Times the sets are drawn anew: p is then known to .005."""
MOST_ALONE = 10
FALSE = 0.1
ALIKE = 0.01
"""p above which the sets count as alike: then nothing is named."""


@dataclass(frozen=True, slots=True)
class Shift:
    """How two sets `a` (n, d) and `b` (m, d) differ.

    `auc`: how well neighbours tell them apart out of sample, .5 for not at all; `usual`: the 2.5th and 97.5th of 100 of the same
    where they are drawn alike; `p`. `alone_a`, `alone_b`: indices of those that have none of the other set around them;
    `nearest_a` (m,): the cosine of each of `b` to the nearest of `a`. `telling`: whether there is enough of the other set to
    call any of a set alone, for `a` and for `b`.
    """

    auc: float
    usual: tuple[float, float]
    p: float
    alone_a: np.ndarray
    alone_b: np.ndarray
    nearest_a: np.ndarray
    telling: tuple[bool, bool]

    @property
    def differs(self) -> bool:
        return self.p <= ALIKE + 1e-9


def shift(a: np.ndarray, b: np.ndarray, *, seed: int = 0, progress: Progress | None = None) -> Shift:
    """Compare two sets of unit vectors. Raises Cancelled where the user stops it."""
    # In an order that knows nothing of the sets: neighbours that are equally near come by their number.
    order = np.random.default_rng(seed).permutation(len(a) + len(b))
    both = np.ascontiguousarray(np.concatenate([a, b])[order], dtype=np.float32)
    of_b = order >= len(a)
    near = nearest(both, both, DEPTH, itself=True, exact=False, progress=progress)
    valid = near.index >= 0
    theirs = of_b[near.index] & valid
    auc = _auc(theirs[:, :AROUND].sum(axis=1), of_b)
    alone_a, alone_b = _chances(theirs, valid, of_b)
    drawn = [_drawn_anew(near.index, valid, one) for one in _draws(of_b, seed)]
    aucs = np.array([one[0] for one in drawn])
    # One-sided: sets that are more alike than chance makes them were stratified, which is no fault.
    apart = min(_p(auc, aucs), _p(_loneliness(alone_b), [one[1] for one in drawn]))
    p = min(1.0, 2 * apart)
    usual = (float(np.quantile(aucs, 0.025)), float(np.quantile(aucs, 0.975)))
    mine = of_b.mean()
    none = np.zeros(0, dtype=np.int64)
    differs = p <= ALIKE + 1e-9
    return Shift(
        auc,
        usual,
        p,
        order[~of_b][_named(alone_a)] if differs else none,
        order[of_b][_named(alone_b)] - len(a) if differs else none,
        _nearest_other(a, b),
        (_least(1 - mine, near.index.shape[1]), _least(mine, near.index.shape[1])),
    )


def _draws(of_b: np.ndarray, seed: int) -> Iterator[np.ndarray]:
    dice = np.random.default_rng(seed)
    for _ in range(DRAWS):
        yield dice.permutation(of_b)


def _drawn_anew(index: np.ndarray, valid: np.ndarray, of_b: np.ndarray) -> tuple[float, float]:
    """AUC and loneliness of `b` where the sets are these."""
    near = index[:, :AROUND]
    auc = _auc((of_b[near] & valid[:, :AROUND]).sum(axis=1), of_b)
    mine = np.flatnonzero(of_b)
    other = ~of_b[index[mine]] & valid[mine]
    return auc, _loneliness(_chance(_before_second(other, other.shape[1]), of_b.mean()))


def _chances(theirs: np.ndarray, valid: np.ndarray, of_b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How likely each of `a` and of `b` is to have none of the other set as near."""
    depth, mine = theirs.shape[1], of_b.mean()
    of_a = _chance(_before_second(theirs[~of_b], depth), 1 - mine)
    return of_a, _chance(_before_second((~theirs & valid)[of_b], depth), mine)


def _loneliness(chance: np.ndarray) -> float:
    """How alone the most alone are."""
    most = np.partition(chance, MOST_ALONE)[:MOST_ALONE] if len(chance) > MOST_ALONE else chance
    return float(-np.log(np.maximum(most, 1e-300)).sum())


def _p(value: float, drawn: Sequence[float] | np.ndarray) -> float:
    return (1 + int((np.asarray(drawn) >= value - 1e-12).sum())) / (1 + len(drawn))


def _auc(count: np.ndarray, of_b: np.ndarray) -> float:
    """The chance that one of `b` has a higher count than one of `a`, ties half."""
    top = int(count.max()) + 1
    b, a = np.bincount(count[of_b], minlength=top), np.bincount(count[~of_b], minlength=top)
    below = np.concatenate([[0], np.cumsum(a)[:-1]])
    return float((b * (below + 0.5 * a)).sum() / max(1, b.sum() * a.sum()))


def _before_second(other: np.ndarray, depth: int) -> np.ndarray:
    """How many neighbours of the own set come before the second of the other; all that were looked at where there is none."""
    seen = np.cumsum(other, axis=1)
    second = (seen >= 2).argmax(axis=1)
    none = seen[:, -1] < 2
    return np.where(none, depth - seen[:, -1], second - 1)


def _chance(own: np.ndarray, share: float) -> np.ndarray:
    """The chance of so many of the own set, whose share is `share`, before the second of the other."""
    # At most one of the other set among the first `own` + 1 neighbours.
    n = own + 1.0
    chance: np.ndarray = share**n + n * (1 - share) * share ** (n - 1)
    return np.where(own <= 0, 1.0, np.minimum(1.0, chance))


def _least(share: float, depth: int) -> bool:
    """Whether a vector that has its own set alone around it, as deep as is looked, would be named."""
    return bool(_chance(np.array([depth]), share)[0] <= FALSE / 100)


def _named(chance: np.ndarray) -> np.ndarray:
    """Indices that Benjamini and Hochberg's rule names, the least likely first."""
    order = np.argsort(chance, kind="stable")
    ranks = np.arange(1, len(order) + 1)
    passed = np.flatnonzero(chance[order] <= FALSE * ranks / max(1, len(order)))
    return order[: passed[-1] + 1] if len(passed) else order[:0]


def _nearest_other(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    cosine: np.ndarray = nearest(b, a, 1, exact=False).cosine[:, 0]
    return cosine
