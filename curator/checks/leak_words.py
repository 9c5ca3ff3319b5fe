"""Leaks that the words alone show: texts that are equal, and texts that share long runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from curator.checks.data import fold
from curator.checks.leak_runs import RECITED, Repeat, digested, repeats, runs_of_candidates, runs_of_evals
from curator.checks.leak_sides import Side
from curator.checks.private import hashed_runs
from curator.formats.hashed import run_hash, text_hash


@dataclass(frozen=True, slots=True)
class Repeated:
    """An eval example that a candidate repeats by its words: on which side, and the share of the shorter text's runs."""

    eval: int
    side: str
    covered: float


def exact_matches(compared: Sequence[Side]) -> dict[int, Repeated]:
    """Candidates with an eval text that is equal after folding."""
    found: dict[int, Repeated] = {}
    for side in compared:
        same = _equal(side)
        alone = _alone(compared, side)
        for candidate, text in enumerate(side.of_candidate):
            number = same[text] if text >= 0 else None
            if number is not None and candidate not in found and alone[candidate]:
                found[candidate] = Repeated(number, side.name, 1.0)
    return found


def shared_runs(compared: Sequence[Side]) -> dict[int, Repeated]:
    """Candidates that hold the runs of words of an eval text, or are themselves a passage of one."""
    found: dict[int, Repeated] = {}
    for side in compared:
        same = _repeats(side)
        alone = _alone(compared, side)
        for candidate, text in enumerate(side.of_candidate):
            repeat = same.get(int(text))
            if repeat is None or (not alone[candidate] and repeat.rare < RECITED):
                continue
            if candidate not in found or repeat.covered > found[candidate].covered:
                found[candidate] = Repeated(repeat.eval, side.name, repeat.covered)
    return found


def _equal(side: Side) -> list[int | None]:
    """For each text of the side, the eval with the same one after folding; by its hash where the eval is private."""
    folded = [fold(text) for text in side.texts]
    if not side.hidden:
        known = {fold(text): number for number, text in reversed(list(enumerate(side.evals))) if text}
        return [known.get(text) for text in folded]
    hashed = {(side.salts[n], text.exact): n for n, text in sorted(side.hidden.items(), reverse=True)}
    salts = sorted(set(side.salts.values()))
    return [
        next((hashed[salt, name] for salt in salts if (salt, name := text_hash(text, salt)) in hashed), None)
        for text in folded
    ]


def _repeats(side: Side) -> dict[int, Repeat]:
    if not side.hidden:
        known: dict[str, int] = {}
        theirs, lengths = runs_of_evals(side.evals, known)
        return repeats(runs_of_candidates(side.texts, lengths, known), theirs)
    found: dict[int, Repeat] = {}
    for salt in sorted(set(side.salts.values())):
        texts = [side.hidden.get(n) if side.salts.get(n) == salt else None for n in range(len(side.evals))]
        theirs, lengths = hashed_runs(texts)
        mine = digested(side.texts, lengths, lambda run, salt=salt: run_hash(" ".join(run), salt))  # type: ignore[misc]
        for text, repeat in repeats(mine, theirs).items():
            if text not in found or repeat.covered > found[text].covered:
                found[text] = repeat
    return found


def _alone(compared: Sequence[Side], side: Side) -> np.ndarray:
    """Candidates for which words on this side are evidence by themselves, (n,).

    An answer that fits several questions is no leak of one of them: where the inputs say something, equal outputs count
    only among all other evidence.
    """
    if side.name != "output":
        return np.ones(len(side.of_candidate), dtype=bool)
    told = [other.of_candidate >= 0 for other in compared if other.name == "input"]
    return ~told[0] if told else np.ones(len(side.of_candidate), dtype=bool)
