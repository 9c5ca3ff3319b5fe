"""How well outputs fit inputs: what tells a pair that belongs together from one that does not, learnt from the data.

Every pair of an input and an output is described by a few numbers that need no labels: the cosine of the two, as it
stands and against how near either comes to others (locally scaled, CSLS: Conneau et al. 2018, arXiv:1710.04087); how
near the output lies to the one that a ridge regression predicts from the input, and the other way round, which sees
what an encoder does not know of itself, as between a task and its code; and the rare words both share. A logistic
regression learns from them to tell given pairs from shuffled, surely foreign ones. Given pairs that look foreign count
less in the next round, for some of them *are* wrong (learning from positive and unlabelled data). Every pair is judged
by models that never saw it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from scipy.special import log_ndtr

from curator.checks.findings import logistic

FOLDS = 5
SAMPLE = 512
"""Inputs and outputs that stand for all others where one is compared with the rest."""
CROWD = 10
RIDGE = 1.0
"""Regularisation on unit vectors: of .3 to 30 the best or next to it on prose, code and JSON."""
FOREIGN = 6, 60_000
"""Shuffled pairs per given one, and in all."""
ROUNDS = 4
LEAST, MOST = 0.01, 0.5
"""Bounds on the share of given pairs that is taken to be wrong."""
READ = 4_000
"""Characters of a text whose words are compared: enough to judge by."""
STEM = 5
"""Letters of a word that count, so that "sorted", "sorting" and `sort_values` share one."""
_CHUNK = 8_192
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_PIECE = re.compile(rf"\d+|[{_UNSPACED}]|[^\W\d_{_UNSPACED}]+")


@dataclass(frozen=True, slots=True)
class Judged:
    """Given pairs against foreign ones, as log-likelihood ratios: `given` (n,) and `foreign` (f,), each out of sample;
    `wrong` the share of given pairs that looks foreign, within bounds; `ratio(i, j)`: the same of any inputs and outputs.
    """

    given: np.ndarray
    foreign: np.ndarray
    wrong: float
    ratio: Callable[[np.ndarray, np.ndarray], np.ndarray]

    @property
    def separation(self) -> float:
        """How many standard deviations lie between given and foreign pairs."""
        middle, spread = robust(self.given)
        foreign, foreign_spread = robust(self.foreign)
        return float((middle - foreign) / np.hypot(spread, foreign_spread))

    def posterior(self, ratio: np.ndarray) -> np.ndarray:
        """Probability of pairs with such ratios to belong together."""
        return logistic(ratio + np.log((1 - self.wrong) / self.wrong))


class Affinity:
    """Describes pairs of rows of `x` (n, d), unit vectors of inputs, and `y` (n, d), those of outputs, with their texts.

    Equal texts have equal numbers in `same_input` and `same_output` (n,). Memory grows with n, never with n².
    """

    def __init__(self, x: np.ndarray, y: np.ndarray, inputs: Sequence[str], outputs: Sequence[str], seed: int):
        self.x, self.y = x, y
        self.same_input, self.same_output = _numbers(inputs), _numbers(outputs)
        self._seed = seed
        sample = np.random.default_rng(seed).permutation(len(x))[:SAMPLE]
        with one_thread():
            self._x_crowd, self._y_crowd = _crowd(x, y[sample]), _crowd(y, x[sample])
        self._x_mean, self._y_mean = (rows.mean(axis=0, dtype=np.float64).astype(np.float32) for rows in (x, y))
        self._x_length = np.linalg.norm(x - self._x_mean, axis=1) + 1e-9
        self._y_length = np.linalg.norm(y - self._y_mean, axis=1) + 1e-9
        self._words = _Words(inputs, outputs)

    def __len__(self) -> int:
        return len(self.x)

    def plain(self, i: np.ndarray, j: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Two scores of input rows `i` with output rows `j` that need no training: by meaning and by words, each
        less what the input and the output reach with others."""
        cosine = _dots(self.x, i, self.y, j)
        words = self._words.shared(i, j)
        return (
            cosine - self._x_crowd[i, 0] - self._y_crowd[j, 0],
            words - self._words.input_usual[i] - self._words.output_usual[j],
        )

    def judge(self, partner: np.ndarray) -> Judged | None:
        """Judge each input with the output row `partner[i]`, a permutation (n,). None where hardly two outputs differ."""
        folds = self._folds(partner)
        i, j = self._foreign(partner, folds)
        if len(i) < FOLDS * CROWD:
            return None
        with one_thread():
            to_output = _ridge(self.x, self.y[partner], folds)
            to_input = _ridge(self.y[partner], self.x, folds)
        back = np.empty_like(to_input)
        back[partner] = to_input
        own = np.arange(len(self))
        models = _Models(folds, folds[i])
        given, foreign = self._describe(own, partner, to_output, back), self._describe(i, j, to_output, back)
        wrong = models.learn(given, foreign)

        def ratio(rows: np.ndarray, outputs: np.ndarray) -> np.ndarray:
            return models.ratio(self._describe(rows, outputs, to_output, back), folds[rows])

        return Judged(models.ratio(given, folds), models.ratio(foreign, folds[i]), wrong, ratio)

    def _describe(self, i: np.ndarray, j: np.ndarray, to_output: np.ndarray, to_input: np.ndarray) -> np.ndarray:
        """(pairs, features) of input rows `i` with output rows `j`."""
        cosine = _dots(self.x, i, self.y, j)
        x_mean, y_mean = _along(self.x, self._y_mean)[i], _along(self.y, self._x_mean)[j]
        centred = (cosine - x_mean - y_mean + self._x_mean @ self._y_mean) / (self._x_length[i] * self._y_length[j])
        predicted = (_dots(to_output, i, self.y, j) - _along(to_output, self._y_mean)[i]) / self._y_length[j]
        back = (_dots(to_input, j, self.x, i) - _along(to_input, self._x_mean)[j]) / self._x_length[i]
        words = self._words
        columns = [
            cosine,
            centred,
            *self._x_crowd[i].T,
            *self._y_crowd[j].T,
            predicted,
            back,
            words.shared(i, j),
            words.input_usual[i],
            words.output_usual[j],
        ]
        return np.round(np.column_stack(columns), 6)

    def _folds(self, partner: np.ndarray) -> np.ndarray:
        """A fold for each input; the same pair twice is in one."""
        pairs = self.same_input.astype(np.int64) * (len(self) + 1) + self.same_output[partner]
        _, number = np.unique(pairs, return_inverse=True)
        folds: np.ndarray = (np.random.default_rng((self._seed, 1)).permutation(number.max() + 1) % FOLDS)[number]
        return folds

    def _foreign(self, partner: np.ndarray, folds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Inputs with the outputs of others of their fold, so that no model saw either half."""
        random = np.random.default_rng((self._seed, 2))
        inputs, outputs = [], []
        for fold in range(FOLDS):
            rows = np.flatnonzero(folds == fold)
            if len(rows) < 2:
                continue
            for _ in range(min(FOREIGN[0], max(1, FOREIGN[1] // len(self)))):
                inputs.append(rows)
                outputs.append(partner[np.roll(rows, 1 + int(random.integers(len(rows) - 1)))])
        if not inputs:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        i, j = np.concatenate(inputs), np.concatenate(outputs)
        other = self.same_output[j] != self.same_output[partner[i]]
        return i[other], j[other]


def robust(values: np.ndarray) -> tuple[float, float]:
    """Median and a standard deviation that a few wrong values do not move."""
    middle = float(np.median(values))
    return middle, max(1.4826 * float(np.median(np.abs(values - middle))), 1e-3)


class _Models:
    """One logistic regression per fold, on descriptions of pairs from all the others."""

    def __init__(self, folds: np.ndarray, foreign_folds: np.ndarray):
        self._folds, self._foreign_folds = folds, foreign_folds
        self._centre = self._scale = self._slopes = self._constants = np.zeros(0)

    def learn(self, given: np.ndarray, foreign: np.ndarray) -> float:
        """Fit to given (n, features) and foreign (f, features) pairs; returns the share of given ones taken for wrong."""
        both = np.vstack([given, foreign])
        self._centre, self._scale = both.mean(axis=0), both.std(axis=0) + 1e-9
        standard = (both - self._centre) / self._scale
        trust, wrong = np.ones(len(given)), LEAST
        for _ in range(ROUNDS):
            self._fit(standard[: len(given)], standard[len(given) :], trust)
            ratio = self.ratio(given, self._folds)
            wrong = min(max(_share_wrong(ratio, self.ratio(foreign, self._foreign_folds)), LEAST), MOST)
            trust = logistic(ratio + np.log((1 - wrong) / wrong))
        return wrong

    def _fit(self, given: np.ndarray, foreign: np.ndarray, trust: np.ndarray) -> None:
        from sklearn.linear_model import LogisticRegression

        self._slopes, self._constants = np.zeros((FOLDS, given.shape[1])), np.zeros(FOLDS)
        for fold in range(FOLDS):
            mine, theirs = self._folds != fold, self._foreign_folds != fold
            weights = np.r_[trust[mine], np.full(theirs.sum(), trust[mine].sum() / theirs.sum())]
            kind = np.arange(len(weights)) < mine.sum()
            with one_thread():
                model = LogisticRegression(solver="newton-cholesky")
                model.fit(np.vstack([given[mine], foreign[theirs]]), kind, weights)
            self._slopes[fold], self._constants[fold] = model.coef_[0], model.intercept_[0]

    def ratio(self, described: np.ndarray, folds: np.ndarray) -> np.ndarray:
        """Log of how much likelier each pair is among given than among foreign ones, by the model that did not see it."""
        standard = (described - self._centre) / self._scale
        ratio: np.ndarray = np.round(np.einsum("ij,ij->i", standard, self._slopes[folds]) + self._constants[folds], 6)
        return ratio


def _share_wrong(given: np.ndarray, foreign: np.ndarray) -> float:
    """Share of given pairs that lie where foreign ones do, beyond the lower tail of right ones.

    Right pairs are taken as normal with the spread of their upper half, which wrong ones do not reach. Of three places to
    look from the one that shows most counts: where tails overlap, the others see nothing.
    """
    middle = float(np.median(given))
    spread = max(1.4826 * float(np.median(given[given >= middle] - middle)), 1e-3)
    shares = []
    for quantile in (0.3, 0.5, 0.7):
        bound = float(np.quantile(foreign, quantile))
        tail = float(np.exp(log_ndtr((bound - middle) / spread)))
        excess = float(np.mean(given < bound)) - tail
        shares.append(excess / (quantile - tail) if quantile > 2 * tail else 0.0)
    return max(shares)


def _ridge(source: np.ndarray, target: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Unit vectors (n, d): each row's centred target as predicted from its source by a ridge regression on other folds.

    Sums of products are made once per fold and added up, so that five regressions cost little more than one.
    """
    size, wide = source.shape[1], target.shape[1]
    squares = np.zeros((FOLDS, size, size))
    products = np.zeros((FOLDS, size, wide))
    sums = np.zeros((FOLDS, size)), np.zeros((FOLDS, wide))
    counts = np.bincount(folds, minlength=FOLDS)
    for fold in range(FOLDS):
        a, b = source[folds == fold], target[folds == fold]
        squares[fold], products[fold] = a.T @ a, a.T @ b
        sums[0][fold], sums[1][fold] = a.sum(axis=0, dtype=np.float64), b.sum(axis=0, dtype=np.float64)
    predicted = np.empty_like(target)
    for fold in range(FOLDS):
        others = np.arange(FOLDS) != fold
        count = counts[others].sum()
        mean_a, mean_b = sums[0][others].sum(axis=0) / count, sums[1][others].sum(axis=0) / count
        gram = squares[others].sum(axis=0) - count * np.outer(mean_a, mean_a) + RIDGE * np.eye(size)
        cross = products[others].sum(axis=0) - count * np.outer(mean_a, mean_b)
        weights = np.linalg.solve(gram, cross)
        mine = folds == fold
        predicted[mine] = (source[mine] @ weights.astype(np.float32)) - (mean_a @ weights).astype(np.float32)
    lengths = np.linalg.norm(predicted, axis=1, keepdims=True)
    unit: np.ndarray = predicted / np.maximum(lengths, 1e-9)
    return unit


def _crowd(rows: np.ndarray, sample: np.ndarray) -> np.ndarray:
    """Mean cosine of each row to the sample, and to the nearest of it: (n, 2)."""
    near = min(CROWD, len(sample))
    found = np.empty((len(rows), 2))
    for start in range(0, len(rows), _CHUNK):
        cosine = rows[start : start + _CHUNK] @ sample.T
        found[start : start + _CHUNK, 0] = cosine.mean(axis=1)
        found[start : start + _CHUNK, 1] = np.partition(cosine, len(sample) - near, axis=1)[:, -near:].mean(axis=1)
    return np.round(found, 6)


def _dots(a: np.ndarray, i: np.ndarray, b: np.ndarray, j: np.ndarray) -> np.ndarray:
    """Products of rows `i` of `a` with rows `j` of `b`, one pair at a time: the same whatever stands beside them."""
    found = np.empty(len(i))
    for start in range(0, len(i), _CHUNK):
        part = slice(start, start + _CHUNK)
        found[part] = np.einsum("ij,ij->i", a[i[part]], b[j[part]], dtype=np.float64)
    return found


def _along(rows: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """Product of every row with one vector."""
    along: np.ndarray = np.einsum("ij,j->i", rows, direction, dtype=np.float64)
    return along


class _Words:
    """Words weighted by how rare they are in inputs and outputs together (tf-idf), each text of length 1."""

    def __init__(self, inputs: Sequence[str], outputs: Sequence[str]):
        rows = _weighted([*inputs, *outputs])
        self._inputs, self._outputs = rows[: len(inputs)], rows[len(inputs) :]
        self.input_usual = self._inputs @ np.asarray(self._outputs.mean(axis=0)).ravel()
        self.output_usual = self._outputs @ np.asarray(self._inputs.mean(axis=0)).ravel()

    def shared(self, i: np.ndarray, j: np.ndarray) -> np.ndarray:
        """Cosine of input rows `i` with output rows `j`, 0..1."""
        found = np.empty(len(i))
        for start in range(0, len(i), _CHUNK):
            part = slice(start, start + _CHUNK)
            found[part] = np.asarray(self._inputs[i[part]].multiply(self._outputs[j[part]]).sum(axis=1)).ravel()
        return found


def _weighted(texts: Sequence[str]) -> csr_matrix:
    numbers: dict[str, int] = {}
    starts, columns = [0], list[int]()
    counts: list[int] = []
    for text in texts:
        found = Counter(piece[:STEM] for piece in _PIECE.findall(_CAMEL.sub(" ", text[:READ]).casefold()))
        columns.extend([numbers.setdefault(piece, len(numbers)) for piece in found])
        counts.extend(found.values())
        starts.append(len(columns))
    used = np.bincount(np.asarray(columns, dtype=np.int64), minlength=len(numbers))
    rare = np.log((len(texts) + 1) / (used + 1))
    weights = (1 + np.log(np.asarray(counts, dtype=np.float64))) * rare[columns]
    lengths = np.sqrt(np.add.reduceat(np.r_[weights**2, 0.0], starts[:-1]) * (np.diff(starts) > 0))
    weights = weights / np.repeat(np.maximum(lengths, 1e-9), np.diff(starts))
    return csr_matrix(
        (weights.astype(np.float32), np.asarray(columns, dtype=np.int32), np.asarray(starts, dtype=np.int64)),
        shape=(len(texts), max(len(numbers), 1)),
    )


def _numbers(texts: Sequence[str]) -> np.ndarray:
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(text, len(numbers)) for text in texts], dtype=np.int64)


def one_thread() -> AbstractContextManager[Any]:
    """Products of matrices on one core: on several their last digits depend on how many there are."""
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[Any] = threadpool_limits(1, "blas")
    return limits
