"""A round in which people judge two systems' answers side by side, in a project of its own.

It is a round as any other: handed out, voted in by keys, carried by packets, settled and adjudicated alike. Which system an
answer is of is sealed with its item: no packet carries it, and in PostgreSQL no reviewer's account reads it before the round
is closed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from curator.comparison.sides import LABELS, Pair, Sealed, blinded, is_side_by_side, orders, seal
from curator.errors import InputError
from curator.model import Example, Role, Round, as_json
from curator.progress import Progress, Silent
from curator.review.queue import sample_order
from curator.review.rounds.planning import Asked, Planned, Scope, begin, plan
from curator.store import Project, shown_address
from curator.store.schema import dumps
from curator.tasks import Task
from curator.text import plural

SETTING = "side_by_side"
"""True in a project of such rounds: what is in it are answers to be judged, and nothing to train on."""
NAME = "side by side"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A round as somebody wants it. `evals`: the held-out file, as reviewers see it named; `baseline` and `tuned`: what the
    systems are called once the answers are known; `sample`: so many of the examples on which they differ, None for all;
    `repeats`: of their own items each reviewer sees so many again, the other way round."""

    evals: str
    baseline: str
    tuned: str
    reviewers: tuple[str, ...]
    overlap: int = 2
    sample: int | None = None
    repeats: int = 0
    guideline: str | None = None
    name: str = NAME
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Made:
    """What was begun: the `round`, as it was `planned`; of the pairs `differing` have two answers, `same` one and the same."""

    round: Round
    planned: Planned
    differing: int
    same: int

    @property
    def items(self) -> int:
        return len(self.planned.items)


def open_or_create(where: str) -> Project:
    """A project for such rounds, made where there is none. Raises InputError where another kind of project is there."""
    from pathlib import Path

    if "://" not in where and not Path(where).exists():
        return Project.create(where, task=Task.CLASSIFICATION, settings={SETTING: True})
    project = Project.open(where)
    if project.settings().get(SETTING) is True:
        return project
    try:
        if project.sources() or project.rounds.all():
            raise InputError(
                "holds examples to train on; answers to be judged side by side need a project of their own, so name a new one.",
                path=where,
            )
        project.set_settings(**{SETTING: True, "task": str(Task.CLASSIFICATION)})
    except BaseException:
        project.close()
        raise
    return project


def holds_sides(project: Project) -> bool:
    """Whether what a project holds are answers to be judged side by side, or a reviewer's part of them."""
    return project.settings().get(SETTING) is True or any(map(is_side_by_side, project.rounds.all()))


def refuse_sides(project: Project) -> None:
    """Raise InputError where a project holds answers to be judged: they are nothing to train on."""
    if not holds_sides(project):
        return
    where = shown_address(project.where)
    raise InputError(
        f"{where} holds answers that people judge side by side, and nothing to train on; name the project of the training "
        f"data (what came of the judging: curator compare --preference {where})"
    )


def begin_sides(project: Project, pairs: Sequence[Pair], wanted: Wanted, progress: Progress | None = None) -> Made:
    """Begin a round on the pairs whose answers differ, each in an order drawn by the seed and the project's secret, half of
    them with either system first.

    Raises InputError where all answers are the same, or the round cannot be.
    """
    differing = differing_of(pairs)
    if wanted.sample is not None and wanted.sample < 1:
        raise InputError("A sample needs at least one example.")
    chosen = _sampled(differing, wanted)
    first = orders(len(chosen), wanted.seed, project.identity().secret)
    sealed = {
        pair.example.ref.record: Sealed(
            wanted.baseline, wanted.tuned, tuned_first, len(differing), len(pairs) - len(differing)
        )
        for pair, tuned_first in zip(chosen, first, strict=True)
    }
    rows = [blinded(pair, tuned_first) for pair, tuned_first in zip(chosen, first, strict=True)]
    ids = _imported(project, rows, wanted.evals, progress or Silent())
    asked = Asked(
        wanted.reviewers,
        Scope.IDS,
        ids=tuple(sample_order(list(ids), wanted.seed)),
        overlap=min(wanted.overlap, len(wanted.reviewers)),
        repeats=wanted.repeats,
        hide_output=True,
        guideline=wanted.guideline,
        labels=LABELS,
        seed=wanted.seed,
        name=wanted.name,
        said=_scope(len(chosen), len(differing), len(pairs) - len(differing)),
    )
    planned = plan(project, asked)
    items = tuple(replace(item, sealed=seal(sealed[ids[item.example]])) for item in planned.items)
    planned = replace(planned, items=items)
    return Made(begin(project, planned), planned, len(differing), len(pairs) - len(differing))


def differing_of(pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs whose answers differ. Raises InputError where none do."""
    differing = [pair for pair in pairs if not pair.same]
    if not differing:
        raise InputError(
            f"Both systems give the same {plural(len(pairs), 'answer')}, so there is nothing to judge: they are level."
            if pairs
            else "No example has an answer of both systems, so there is nothing to judge."
        )
    return differing


def _sampled(differing: Sequence[Pair], wanted: Wanted) -> list[Pair]:
    """The sample, in the order of the file."""
    if wanted.sample is None or wanted.sample >= len(differing):
        return list(differing)
    return [differing[at] for at in sorted(sample_order(range(len(differing)), wanted.seed)[: wanted.sample])]


def _imported(project: Project, rows: Sequence[Example], evals: str, progress: Progress) -> dict[int, int]:
    """The examples of these rows in the project, each with its record in the held-out file.

    Raises InputError where a round has them already.
    """
    wanted = {row.ref.record: dumps(as_json(row)) for row in rows}
    said = dumps(sorted(wanted.items()))
    digest = hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()
    placed = [replace(row, ref=replace(row.ref, source=evals, role=Role.CANDIDATE)) for row in rows]
    project.import_source(evals, digest, SETTING, Role.CANDIDATE, {}, placed, progress)
    judged = {item.example: round for round in project.rounds.all() for item in project.rounds.items(round.id)}
    there = {
        example.ref.record: example.id
        for example in project.examples(Role.CANDIDATE)
        if example.id not in judged and dumps(as_json(example)) == wanted.get(example.ref.record)
    }
    if len(there) < len(rows):
        last = max((round.number for round in judged.values()), default=0)
        raise InputError(
            f"These answers are judged in {project.where} already; `curator assign … --round {last} --join NAME` lets "
            "more people judge them, and another --seed begins anew."
        )
    return {id: record for record, id in there.items()}


def _scope(asked: int, differing: int, same: int) -> str:
    some = (
        f"All {plural(differing, 'example')}" if asked == differing else f"{asked:,} of {plural(differing, 'example')}"
    )
    rest = f"; on {same:,} more both say the same" if same else ""
    return f"{some} on which two systems answer differently{rest}"
