"""What an export has written, and its certificate, in words. No Qt here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ui.i18n import number, tr, trn
from ui.presenters.export import Split, basis_words, sentence
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
    """What was written. `pair`: the two nearest examples in different splits."""

    title: str
    folder: str
    report: str
    good: bool
    splits: tuple[Split, ...]
    proof: tuple[str, ...]
    pair: tuple[int, ...]
    files: tuple[File, ...]
    notes: tuple[str, ...]


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
        _proof(result["certificate"]),
        tuple(result["certificate"]["pair"] or ()),
        files,
        tuple(notes),
    )


def _word(basis: str) -> str:
    """The first word of `exact (o200k_base)`, for people."""
    return basis_words(basis.partition(" ")[0], "")[0]


def _proof(certificate: Mapping[str, Any]) -> tuple[str, ...]:
    """The certificate in sentences."""
    said = []
    groups = certificate["groups"]
    if certificate["straddling"]:
        said.append(trn("{n} group of near-duplicates lies in more than one split.",
                        "{n} groups of near-duplicates lie in more than one split.", certificate["straddling"]))  # fmt: skip
    elif groups:
        said.append(trn("{n} group of near-duplicates was kept together; none lies in two splits.",
                        "{n} groups of near-duplicates were kept together; none lies in two splits.", groups))  # fmt: skip
    else:
        said.append(tr("No group of near-duplicates lies in two splits."))
    nearest = certificate["nearest"]
    if nearest is not None:
        text = tr("The two most alike in different splits have a cosine of {value}.", value=number(nearest, 3))
        if nearest >= certificate["threshold"]:
            text += " " + tr("They differ in a number, a name or a negation.")
        said.append(text)
    near = certificate["near_eval"]
    if near is None:
        said.append(tr("There is no eval set to compare with."))
    else:
        said.append(tr("What comes nearest to the eval set has a cosine of {value}.", value=number(near, 3)))
    said.append(tr("Seed {seed}: the same project and choices give the same files.", seed=certificate["seed"]))
    return tuple(said)
