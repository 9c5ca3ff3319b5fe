"""What an export has written, and its certificate, in words. No Qt here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ui.i18n import number, tr, trn
from ui.presenters.export import Origin, Split, origins
from ui.presenters.export_targets import basis_words, sentence
from ui.presenters.words import split_title


@dataclass(frozen=True, slots=True)
class File:
    path: str
    target: str
    split: str
    rows: int
    tokens: str
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """What was written. `figures`: the certificate in numbers, each with what it is; `proof`: what else it says; `pair`: the
    two nearest examples in different splits."""

    title: str
    folder: str
    report: str
    good: bool
    splits: tuple[Split, ...]
    figures: tuple[tuple[str, str], ...]
    proof: tuple[str, ...]
    pair: tuple[int, ...]
    files: tuple[File, ...]
    notes: tuple[str, ...]
    origins: tuple[Origin, ...] = ()
    """How the examples came to be as they are, where reviewers had a say in it."""
    release: str = ""
    """Name and number of the release."""


def done(result: Mapping[str, Any]) -> Done:
    """The words for what the export answered."""
    files = tuple(
        File(
            file["path"],
            file["target"],
            split_title(file["split"]),
            file["rows"],
            f"{number(file['tokens'])} ({_word(file['basis'])})",
            tuple(sentence(problem) for problem in file["problems"]),
        )
        for file in result["files"]
    )
    notes = dict.fromkeys(
        [f"{file['target']}: {sentence(note)}" for file in result["files"] for note in file["notes"]]
        + [sentence(note) for note in result["notes"]]
    )
    return Done(
        trn("{n} example is written", "{n} examples are written", result["chosen"]),
        result["folder"],
        str(Path(result["folder"]) / "report.html"),
        result["ok"],
        tuple(Split(one["name"], split_title(one["name"]), one["count"]) for one in result["splits"]),
        _figures(result["certificate"]),
        _proof(result["certificate"]),
        tuple(result["certificate"]["pair"] or ()),
        files,
        tuple(notes),
        origins(result.get("provenance", {})),
        release=result.get("release", ""),
    )


def _word(basis: str) -> str:
    """The first word of `exact (o200k_base)`, for people."""
    return basis_words(basis.partition(" ")[0], "")[0]


def _figures(certificate: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """What was measured: a number, and what it is the number of."""
    straddling, nearest, near = certificate["straddling"], certificate["nearest"], certificate["near_eval"]
    said = [
        (
            number(straddling),
            trn("group of near-duplicates in two splits", "groups of near-duplicates in two splits", straddling),
        )
    ]
    if nearest is not None:
        said.append((number(nearest, 3), tr("cosine of the two most alike in different splits")))
    if near is not None:
        said.append((number(near, 3), tr("cosine of what comes nearest to the eval set")))
    return tuple(said)


def _proof(certificate: Mapping[str, Any]) -> tuple[str, ...]:
    """What the figures do not say, in sentences."""
    said = []
    if groups := certificate["groups"]:
        said.append(
            trn(
                "{n} group of near-duplicates was kept together in one split.",
                "{n} groups of near-duplicates were kept together in one split each.",
                groups,
            )
        )
    if certificate["nearest"] is not None and certificate["nearest"] >= certificate["threshold"]:
        said.append(tr("The two most alike differ in a number, a name or a negation, so they are no duplicates."))
    if certificate["near_eval"] is None:
        said.append(tr("There is no eval set to compare with."))
    said.append(tr("Seed {seed}: the same project and choices give the same files.", seed=certificate["seed"]))
    return tuple(said)
