"""Candidates that repeat an eval example: training on them makes the eval measure memory.

Four kinds of evidence, each named: `exact` (equal after folding), `ngram` (shared runs of words, as in the
contamination studies of GPT-3, arXiv:2005.14165, appendix C), `near_duplicate` (by the rule that holds among
candidates) and `semantic` (cosine of windows, scaled by how
crowded each text's neighbourhood is: CSLS, Conneau et al. 2018, arXiv:1710.04087). The semantic score is
calibrated on a null distribution: how near candidates come to *other candidates* when a random share of
them plays the eval set. Score .5 is where 1 in 100 candidates of this data would be flagged by chance.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np

from curator.checks.data import Data, Outcome, fold
from curator.checks.findings import finding_id, logistic, shorten
from curator.checks.wording import words
from curator.embedding import Windows, nearest
from curator.model import Finding, Severity, Suggestion, Verdict

NAME = "leakage"
GRAM = 8
"""Words in a run. GPT-3 used 13 on web pages; examples here are short, and 8 words in a row are no accident."""
SHORTEST = 5
"""Words that a whole eval text must have to be looked for inside longer candidates."""
COMMON = 5
"""Different candidates that may share a run before it counts as a usual phrase (or 1 in 200, if that is more)."""
COVERED, LONG = 0.8, 6
"""A candidate repeats an eval text by words alone where it holds this share of its runs, or half of them and at least 6:
13 words in a row, GPT-3's bound. Less is often one phrase about two different things."""
RARE = 2
"""Different candidates that may share a run which is to count for half a text: a template fits more of them."""
FEWEST = 200
"""Candidates needed for a null distribution; with fewer, fixed bounds serve and are said."""
CROWD = 10
FIXED = (0.80, 0.90)
"""Without a null: plain cosines for score .5 and for a finding."""


@dataclass(frozen=True, slots=True)
class _Scale:
    """`half`: the raw value that scores .5; `slope`; `flag`: the raw value from which a candidate is reported."""

    half: float
    slope: float
    flag: float
    local: bool


def run(data: Data) -> Outcome:
    """One finding per leaking candidate. Scores: `leakage` 0..1, and the eval example it repeats."""
    c, e = data.candidates, data.evals
    if not len(e) or not len(c):
        return Outcome([])
    mine, theirs = data.windows(c.inputs), data.windows(e.inputs)
    scale, calibration = _calibrate(data, mine, len(e))
    raw, match, cosine = (_local if scale.local else _plain)(mine, theirs, len(c))
    leak = logistic((raw - scale.half) * scale.slope)
    near = _near_duplicates(data, cosine, match)
    shared = _shared_runs(c.inputs, e.inputs)
    exact = {text: index for index, text in reversed(list(enumerate(e.folded_inputs))) if text}
    findings, source = [], match.astype(object)
    for index, text in enumerate(c.folded_inputs):
        evidence: dict[str, Any] = {}
        if raw[index] >= scale.flag:
            evidence["semantic"] = {"cosine": round(float(cosine[index]), 4), "score": round(float(leak[index]), 4)}
        if near[index]:
            evidence["near_duplicate"] = {"cosine": round(float(cosine[index]), 4)}
            leak[index] = max(leak[index], 0.5 + 0.4 * float(cosine[index]))
        if index in shared:
            source[index] = shared[index][0]
            evidence["ngram"] = {"words": GRAM, "covered": round(shared[index][1], 4)}
            leak[index] = max(leak[index], 0.9 + 0.1 * shared[index][1])
        if text in exact:
            source[index] = exact[text]
            evidence["exact"] = {"same_output": fold(c.outputs[index]) == fold(e.outputs[exact[text]])}
            leak[index] = 1.0
        if evidence:
            findings.append(_finding(data, index, int(source[index]), float(leak[index]), evidence))
    return Outcome(
        findings,
        {"leakage": leak, "leakage_example": [e.examples[int(i)].id for i in source]},
        calibration,
    )


def _finding(data: Data, index: int, match: int, score: float, evidence: dict[str, Any]) -> Finding:
    c, e = data.candidates, data.evals
    sure = "exact" in evidence or "ngram" in evidence
    how = {
        "exact": "word for word",
        "ngram": "in long runs of words",
        "near_duplicate": "but for a few words",
        "semantic": "in meaning",
    }
    named = ", ".join(text for kind, text in how.items() if kind in evidence)
    return Finding(
        NAME,
        Severity.ERROR if sure else Severity.WARNING,
        score,
        (data.id_of(index), e.examples[match].id),
        f"repeats eval example {e.examples[match].ref} {named}",
        {**evidence, "candidate": shorten(c.inputs[index]), "eval": shorten(e.inputs[match])},
        Suggestion(Verdict.DROP, (data.id_of(index),)),
        finding_id(NAME, (c.keys[index], e.keys[match])),
    )


def _near_duplicates(data: Data, cosine: np.ndarray, match: np.ndarray) -> np.ndarray:
    """Which candidates would be near duplicates of their eval example by the rule that holds among candidates."""
    c, e = data.candidates, data.evals
    close = cosine >= data.pairs.threshold
    for index in np.flatnonzero(close):
        close[index] = data.pairs.same_said(c.inputs[index], e.inputs[int(match[index])])
    return close


def _best_of_text(
    values: np.ndarray, match: np.ndarray, owner: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Of each text's windows, the one with the highest value: (count,) values and matches."""
    order = np.lexsort((match, -values, owner))
    first = order[np.unique(owner[order], return_index=True)[1]]
    assert len(first) == count  # every text has a window
    return values[first].astype(float), match[first]


def _plain(mine: Windows, theirs: Windows, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cosine to the nearest eval text, and that text's index; the cosine again, where `_local` has the plain one."""
    near = nearest(mine.vectors, theirs.vectors, 1)
    best, match = _best_of_text(near.cosine[:, 0], theirs.owner[near.index[:, 0]], mine.owner, count)
    return best, match, best


def _local(mine: Windows, theirs: Windows, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Locally scaled similarity to the best eval text, that text's index, and the plain cosine of the two."""
    scaled, found, cosine = _scaled(mine.vectors, theirs.vectors)
    best, match = _best_of_text(scaled, np.arange(len(scaled)), mine.owner, count)
    return best, theirs.owner[found[match]], cosine[match]


def _scaled(queries: np.ndarray, base: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """CSLS: 2 cos(q, b) − crowd(q) − crowd(b), the best b for each q: (n,) values, indices and cosines.

    crowd(x) is the mean cosine of x to its 10 nearest on the other side.
    """
    near = nearest(queries, base, CROWD)
    back = nearest(base, queries, CROWD)
    scaled = 2 * near.cosine - near.cosine.mean(axis=1, keepdims=True) - back.cosine.mean(axis=1)[near.index]
    best = scaled.argmax(axis=1)
    rows = np.arange(len(queries))
    return scaled[rows, best], near.index[rows, best], near.cosine[rows, best]


def _calibrate(data: Data, mine: Windows, evals: int) -> tuple[_Scale, dict[str, Any]]:
    """A null distribution from the candidates alone, near-duplicates left out: they would pass for leaks."""
    lead = np.zeros(len(data.candidates), dtype=bool)
    lead[data.candidates.distinct.first] = True
    for edge in data.pairs.edges:
        lead[data.pairs.members[max(edge.a, edge.b)]] = False
    pool = np.flatnonzero(lead)
    if len(pool) < FEWEST:
        half, flag = FIXED
        slope = float(np.log(9) / (flag - half))
        return _Scale(half, slope, flag, local=False), {
            "cosine_at_half": half,
            "cosine_flagged": flag,
            "source": f"default: fewer than {FEWEST} distinct candidates",
        }
    share = min(evals, len(pool) // 2)
    held = np.random.default_rng(data.seed).permutation(pool)[:share]
    held_out = np.zeros(len(lead), dtype=bool)
    held_out[held] = True
    rest = lead & ~held_out
    rows_rest, rows_held = rest[mine.owner], held_out[mine.owner]
    scaled, _, _ = _scaled(mine.vectors[rows_rest], mine.vectors[rows_held])
    owner = np.unique(mine.owner[rows_rest], return_inverse=True)[1]
    null, _ = _best_of_text(scaled, np.arange(len(scaled)), owner, int(rest.sum()))
    middle, one, tenth = np.quantile(null, [0.5, 0.99, 0.999])
    spread = max(float(one - middle), 1e-3)
    calibration = {
        "scaled_at_half": round(float(one), 4),
        "scaled_flagged": round(float(tenth), 4),
        "false_positive_rate_at_half": 0.01,
        "false_positive_rate_flagged": 0.001,
        "null_size": len(null),
        "source": f"{share} candidates played the eval set for {len(null)} others",
    }
    return _Scale(float(one), float(np.log(99)) / spread, float(tenth), local=True), calibration


def _shared_runs(candidates: list[str], evals: list[str]) -> dict[int, tuple[int, float]]:
    """For candidates that repeat the words of an eval text: (that text, the share of its runs they hold).

    A run that many candidates share is the way these texts are written, not a leak, and does not count.
    """
    owners: dict[int, list[int]] = defaultdict(list)
    sizes, lengths = [], set()
    for number, text in enumerate(evals):
        tokens = _spoken(text)
        length = min(GRAM, len(tokens))
        own = _runs(tokens, length) if length >= SHORTEST else set()
        lengths.add(length)
        sizes.append(len(own))
        for run in own:
            owners[run].append(number)
    hits: list[set[int]] = []
    for text in candidates:
        tokens = _spoken(text)
        hits.append({run for n in lengths if n >= SHORTEST for run in _runs(tokens, n)} & owners.keys())
    # Each text counts once: a leak does not become a usual phrase by being copied.
    first = {fold(text): found for text, found in zip(candidates, hits, strict=True)}
    usual = Counter(run for found in first.values() for run in found)
    common = max(COMMON, 0.005 * len(candidates))
    best = {}
    for index, found in enumerate(hits):
        counts = Counter(number for run in found if usual[run] <= common for number in owners[run])
        if counts:
            number = min(counts, key=lambda n: (-counts[n] / sizes[n], n))
            share = counts[number] / sizes[number]
            rare = sum(usual[run] <= RARE and number in owners[run] for run in found)
            if share >= COVERED or (rare >= 0.5 * sizes[number] and rare >= LONG):
                best[index] = (number, share)
    return best


def _runs(tokens: list[str], length: int) -> set[int]:
    return {hash(tuple(tokens[i : i + length])) for i in range(len(tokens) - length + 1)}


def _spoken(text: str) -> list[str]:
    """The words of a text, folded, without its marks."""
    return [word for word in words(text.casefold()) if word[0].isalnum()]
