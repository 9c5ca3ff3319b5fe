"""What goes into a round: all examples, those with findings, a random sample, or a choice; and items of known answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from curator.errors import InputError
from curator.formats.guess import guess_task
from curator.model import Decision, Finding, ItemKind, Kind, Role, RoundItem, Severity, Verdict, as_json, content_key
from curator.review.judging import dismissals
from curator.review.queue import WEIGHT, sample_order, subject
from curator.review.rounds.sampling import size_for
from curator.review.votes.tables import read_table
from curator.store import Project, Run
from curator.tasks import Task
from curator.text import plural

_GUESSED_BY = 200
MOST_WORDS = 600
"""Words of an example that are read before it is decided: nobody reads a text that went astray to its end."""
_RIGHT = (Verdict.KEEP, Verdict.RELABEL, Verdict.EDIT)
_RANKS = {Kind.ADJUDICATION: 0, Kind.CONSENSUS: 1, Kind.DECISION: 2}


class Scope(StrEnum):
    """What is reviewed: all candidates, those with findings to decide, a random sample of them, or chosen ones."""

    ALL = "all"
    FINDINGS = "findings"
    SAMPLE = "sample"
    IDS = "ids"


@dataclass(frozen=True, slots=True)
class Asked:
    """A round as somebody wants it.

    `checks`: those whose findings count (none: all, notes left out). Of a sample `size`, or `margin` (0.05: ±5%) says how
    large it is. A share `overlap_share` of the items goes to `overlap` reviewers, the others to one. `gold` items of known
    answer, `attention` items shown with another label, and `repeats` of their own items go to each reviewer; `gold_table`
    is a table of known answers (`example`, `label`) to take them from. `guideline` and `labels`: None for the project's.
    `said`: what was chosen, in the words of whoever asks; "" for the engine's.
    """

    reviewers: tuple[str, ...]
    scope: Scope = Scope.ALL
    checks: tuple[str, ...] = ()
    size: int | None = None
    margin: float | None = None
    ids: tuple[int, ...] = ()
    overlap: int = 2
    overlap_share: float = 1.0
    gold: int = 0
    attention: int = 0
    repeats: int = 0
    gold_table: Path | None = None
    blind: bool = True
    hide_output: bool = False
    hints: bool = False
    claimed: bool = False
    settle: bool = True
    guideline: str | None = None
    labels: tuple[str, ...] | None = None
    seed: int = 0
    name: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Pool:
    """What there is to choose from: `candidates` that nobody dropped, `decided`: by example what was decided last, `outputs`
    where they are labels, content `keys`, and the newest check `run`."""

    candidates: tuple[int, ...]
    decided: Mapping[int, Decision]
    keys: Mapping[int, str]
    outputs: Mapping[int, str]
    labels: tuple[str, ...]
    task: Task
    run: Run | None
    dismissed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The examples of a round, in order, out of a `population`, and what was chosen in a sentence; `hints` by example."""

    ids: tuple[int, ...]
    population: int
    said: str
    hints: Mapping[int, str] = field(default_factory=dict)


def pool(project: Project, asked: Asked) -> Pool:
    """What the project has. Raises InputError where there is nothing to review."""
    keys = project.keys(Role.CANDIDATE)
    if not keys:
        raise InputError("The project has no examples to review; import a file first.")
    run = project.latest_run("check")
    task = _task(project, run)
    outputs = dict(project.outputs(Role.CANDIDATE)) if task is Task.CLASSIFICATION else {}
    decisions = [d for d in project.decisions() if not d.imported]
    decided = _last(d for d in decisions if d.verdict is not Verdict.SKIP)
    left = tuple(id for id in keys if id not in decided or decided[id].verdict is not Verdict.DROP)
    labels = asked.labels
    if labels is None:
        labels = tuple(sorted({output for output in outputs.values() if output.strip()}))
    return Pool(left, decided, keys, outputs, labels, task, run, dismissals(decisions))


def choose(project: Project, asked: Asked, pool: Pool) -> Chosen:
    """What is reviewed. Raises InputError where that is nothing, or makes no sense."""
    if asked.scope is Scope.IDS:
        known = set(pool.keys)
        ids = tuple(id for id in dict.fromkeys(asked.ids) if id in known)
        if not ids:
            raise InputError("None of the examples that were chosen is a candidate of this project.")
        return Chosen(ids, len(ids), f"{plural(len(ids), 'chosen example')}")
    if asked.scope is Scope.FINDINGS:
        return _with_findings(project, asked, pool)
    population = len(pool.candidates)
    if not population:
        raise InputError("Every candidate of this project is dropped; there is nothing left to review.")
    order = sample_order(pool.candidates, asked.seed)
    if asked.scope is Scope.ALL:
        return Chosen(tuple(order), population, f"All {plural(population, 'candidate')}")
    size = min(_size(asked, population), population)
    return Chosen(tuple(order[:size]), population, f"A random sample of {size:,} of {plural(population, 'candidate')}")


def _size(asked: Asked, population: int) -> int:
    if asked.size is None and asked.margin is None:
        raise InputError("A sample needs a size, such as 400, or a margin of error, such as ±5%.")
    if asked.size is not None:
        if asked.size < 1:
            raise InputError("A sample needs at least one example.")
        return asked.size
    assert asked.margin is not None
    if not 0 < asked.margin < 0.5:
        raise InputError("A margin of error is between 0% and 50%; ±5% is usual.")
    return size_for(asked.margin, population)


def _with_findings(project: Project, asked: Asked, pool: Pool) -> Chosen:
    """The candidates with findings that nobody decided, the gravest first."""
    if pool.run is None:
        raise InputError("The project was not checked yet, so there are no findings; `curator check` makes them.")
    if unknown := [name for name in asked.checks if name not in pool.run.checks]:
        raise InputError(f"No findings of {unknown[0]!r}; the last check ran {', '.join(sorted(pool.run.checks))}.")
    there = set(pool.candidates)
    best: dict[int, tuple[float, float, str, str]] = {}
    for finding in project.findings(pool.run.id, evidence=False):
        if not _counts(finding, asked, pool):
            continue
        rank = (-WEIGHT[finding.severity], -finding.score, finding.id, finding.message)
        for id in subject(finding):
            if id in there and id not in pool.decided and (id not in best or rank < best[id]):
                best[id] = rank
    if not best:
        raise InputError("Every finding of that kind is decided, so there is nothing to review; take a sample instead.")
    ids = tuple(sorted(best, key=lambda id: (*best[id][:2], id)))
    kinds = f" of {', '.join(asked.checks)}" if asked.checks else ""
    # What a check found may name the output.
    hints = {id: best[id][3] for id in ids} if asked.hints and not asked.hide_output else {}
    said = f"{plural(len(ids), 'candidate')} with undecided findings{kinds}"
    return Chosen(ids, len(ids), said, hints)


def _counts(finding: Finding, asked: Asked, pool: Pool) -> bool:
    if finding.id in pool.dismissed:
        return False
    return finding.check in asked.checks if asked.checks else finding.severity is not Severity.INFO


def _task(project: Project, run: Run | None) -> Task:
    stored = project.settings().get("task") or (run.settings.get("task") if run is not None else None)
    if stored is not None:
        return Task(stored)
    ids = sample_order(project.ids(Role.CANDIDATE), 0)[:_GUESSED_BY]
    return guess_task(project.get_examples(ids))[0]


def _last(decisions: Iterable[Decision]) -> dict[int, Decision]:
    """What was decided last on each example, by whomever."""
    found: dict[int, Decision] = {}
    for one in decisions:
        if one.example not in found or (one.at, one.id) > (found[one.example].at, found[one.example].id):
            found[one.example] = one
    return found


# Items of which the answer is known


def known_answers(asked: Asked, pool: Pool, chosen: Collection[int]) -> dict[int, str | None]:
    """Examples whose answer is known, best known first, with their label (None: the output that they show).

    From the table where one is given; else adjudicated, settled by a consensus, or decided outright by somebody who does not
    review in this round. Of these, examples that are chosen to be reviewed come in only where everything is.
    """
    if asked.gold_table is not None:
        return _from_table(asked.gold_table, pool)
    apart = asked.scope is not Scope.ALL
    ranked: dict[int, list[int]] = defaultdict(list)
    for id, one in pool.decided.items():
        own = one.kind is Kind.DECISION and one.reviewer in asked.reviewers
        if one.verdict in _RIGHT and id in pool.keys and not own and not (apart and id in chosen):
            ranked[_RANKS.get(one.kind, 2)].append(id)
    return {id: None for rank in sorted(ranked) for id in sample_order(ranked[rank], asked.seed)}


def _from_table(path: Path, pool: Pool) -> dict[int, str | None]:
    """The known answers of a table with the columns `example` (its number in the project) and `label`."""
    table = read_table(path)
    for name in ("example", "label"):
        if name not in table.columns:
            raise InputError(f"has no column {name!r}; known answers need the columns example and label.", path=path)
    found: dict[int, str | None] = {}
    rows = zip(table.columns["example"], table.columns["label"], table.lines, strict=True)
    for number, label, line in rows:
        if not number.strip().isdecimal() or int(number) not in pool.keys:
            raise InputError(f"{number!r} is no candidate of this project; give its number.", path=path, line=line)
        if pool.labels and label not in pool.labels:
            raise InputError(f"{label!r} is none of the labels of the round.", path=path, line=line)
        found[int(number)] = label
    return {id: found[id] for id in sample_order(list(found), 0)}


def known_items(
    project: Project, asked: Asked, pool: Pool, answers: Mapping[int, str | None], first_place: int
) -> list[RoundItem]:
    """The gold items, then the attention items, as many as there are answers for.

    An attention item shows another label than the right one, or for texts the output of another example. Where outputs are
    not shown it could not be told from a gold item, and is one.
    """
    ids = list(answers)[: asked.gold + asked.attention]
    examples = {example.id: example for example in project.get_examples(ids)}
    gold = asked.gold if not asked.hide_output else len(ids)
    made = []
    for at, id in enumerate(ids):
        example, place = examples[id], first_place + at
        right = answers[id]
        right = example.output if right is None else right
        if at < gold:
            made.append(RoundItem(id, pool.keys[id], place, ItemKind.GOLD, right))
            continue
        wrong = _another(right, pool.labels or [other.output for other in examples.values()], id + asked.seed)
        if wrong is not None:
            shown = example.with_output(wrong)
            planted = as_json(shown)
            made.append(RoundItem(id, content_key(shown), place, ItemKind.ATTENTION, right, planted))
    return made


def _another(right: str, outputs: Sequence[str], number: int) -> str | None:
    others = sorted({output for output in outputs if output != right and output.strip()})
    return others[sample_order(range(len(others)), number)[0]] if others else None


def mean_words(project: Project, ids: Sequence[int], sample: int = 200) -> float:
    """Words to read in one of these examples, on average; of many, a sample is read."""
    some = sample_order(ids, 0)[:sample]
    counts = [
        min(MOST_WORDS, len(example.input.split()) + len(example.output.split()))
        for example in project.get_examples(some)
    ]
    return sum(counts) / max(1, len(counts))
