"""One check of a project: what is read, what is found, and the same again from what an earlier check left.

`checking` runs the checks. `resumed` makes the same `Checked` without running any, where the project still holds what a
whole check found in the very same data under the very same settings: a hash over all of that says so.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from curator import __version__, checks, formats, outlook, release, splits, targets
from curator.comparison.sides_round import refuse_sides
from curator.embedding import Embedder
from curator.errors import InputError
from curator.model import Decision, Example, Finding, Role
from curator.progress import Progress
from curator.reports import data as reports
from curator.reports import masking
from curator.review.preferences import Preferred, preferred
from curator.review.provenance import NOBODY, Reviewed, trace
from curator.review.required import Required
from curator.store import Calibration, Project, Run
from curator.tasks import Task

TASK_SAMPLE = 2_000
Each = Callable[[str, int], None]
"""Hears the name of each check that is done, and how many findings it has."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a check depends on besides the data. None: the project's own setting, else a guess or the default."""

    task: Task | None = None
    encoder: str | None = None
    seed: int | None = None
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    schema: Mapping[str, Any] | None = None
    target: str = "openai"


@dataclass(frozen=True, slots=True)
class Checked:
    """Everything a check found: for reports, for the score table, and for an export to go on from. `run`: its number;
    `settings`: those it was made with, what the project remembers among them."""

    report: reports.CheckReport
    task_reason: str
    corpus: checks.Corpus
    data: checks.Data
    scores: Mapping[str, Sequence[Any] | np.ndarray]
    calibration: Mapping[str, Mapping[str, Any]]
    decisions: Mapping[int, Decision]
    dismissed: frozenset[str] = frozenset()
    reviewed: Reviewed = NOBODY
    notes: tuple[str, ...] = ()
    run: int = 0
    acceptances: release.Acceptances | None = None
    preferences: Preferred = field(default_factory=Preferred)
    settings: Settings = field(default_factory=Settings)


@dataclass(frozen=True, slots=True)
class _Begun:
    """All that checks look at, and where it comes from; `basis` names everything that they depend on."""

    settings: Settings
    target: targets.Target
    data: checks.Data
    reason: str
    calibrated: Mapping[str, Calibration]
    unused: tuple[str, ...]
    basis: str


@contextmanager
def checking(project: Project, settings: Settings, progress: Progress, each: Each | None = None) -> Iterator[Checked]:
    """A finished check whose vectors can still be asked for; findings and scores are saved check by check."""
    names = checks.select(settings.only, settings.skip)
    with _begun(project, settings, progress) as begun:
        data = begun.data
        said: dict[str, Any] = {"task": str(data.task), "seed": data.seed, "checks": names, "basis": begun.basis}
        said["target"] = begun.target.name
        said["cuts"] = dict(data.cuts)
        if data.schema is not None:
            said["schema"] = data.schema
        run = project.begin_run("check", said)
        outcomes = _run(project, run, data, names, each)
        scores = {name: column for outcome in outcomes.values() for name, column in outcome.scores.items()}
        checked = _checked(project, begun, run, outcomes, scores)
        effective, encoder = checked.report.effective, data.embedder.info.sha256
        project.finish_run(run, {"effective": effective, "candidates": len(data.candidates), "encoder": encoder})
        yield checked


@contextmanager
def resumed(project: Project, settings: Settings, progress: Progress) -> Iterator[Checked | None]:
    """What `checking` would yield, from the findings and scores of an earlier run; None where no whole run fits.

    Its vectors come from the cache when they are asked for. Of `calibration` nothing is known.
    """
    runs = [run for run in project.runs("check") if whole(run)]
    if not runs:
        yield None
        return
    with _begun(project, settings, progress) as begun:
        run = next((run for run in runs if run.settings.get("basis") == begun.basis), None)
        if run is None:
            yield None
            return
        progress.report(0, None, "Reading findings")
        outcomes = {name: checks.Outcome(list(project.findings(run.id, name))) for name in checks.CHECKS}
        checks.count_flaws(begun.data, outcomes)
        yield _checked(project, begun, run.id, outcomes, _scores(project, run.id, begun.data.candidates))


def refreshed(project: Project, checked: Checked) -> Checked:
    """The same check with the decisions as they are now. What examples say must not have changed since."""
    decisions, dismissed, reviewed = _said(project)
    out = _left_out(checked.data, checked.report.findings, decisions, dismissed, reviewed)
    report = replace(checked.report, effective=len(checked.corpus) - len(out))
    return replace(
        checked,
        report=report,
        decisions=decisions,
        dismissed=dismissed,
        reviewed=reviewed,
        preferences=preferred(project),
    )


@contextmanager
def _begun(project: Project, settings: Settings, progress: Progress) -> Iterator[_Begun]:
    settings = settled(settings, project.settings())
    candidates, evals, task, reason = read(project, settings, progress)
    target = targets.get(settings.target)
    tokens = _tokens(candidates.examples, target, progress)
    embedder = Embedder(settings.encoder)
    try:
        calibrated, unused = calibrations(project, embedder)
        data = checks.Data(
            candidates,
            evals,
            task,
            embedder,
            seed=settings.seed or 0,
            schema=settings.schema,
            tokens=tokens,
            token_limit=target.rules.max_tokens,
            cuts={name: one.cut for name, one in calibrated.items()},
            progress=progress,
        )
        yield _Begun(settings, target, data, reason, calibrated, tuple(unused), _basis(data, target))
    finally:
        embedder.close()


def _basis(data: checks.Data, target: targets.Target) -> str:
    """32 hex digits over all that findings depend on: equal ones mean equal findings."""
    corpora = [zip(c.keys, (e.id for e in c.examples), strict=True) for c in (data.candidates, data.evals)]
    said = {
        "curator": __version__,
        "checks": list(checks.CHECKS),
        "task": str(data.task),
        "seed": data.seed,
        "encoder": data.embedder.info.fingerprint,
        "schema": data.schema,
        "target": target.name,
        "limit": data.token_limit,
        "cuts": dict(data.cuts),
        "examples": [list(rows) for rows in corpora],
    }
    text = json.dumps(said, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def whole(run: Run) -> bool:
    """True for a finished run of every check."""
    return run.finished is not None and list(run.settings.get("checks", ())) == list(checks.CHECKS)


def _scores(project: Project, run: int, candidates: checks.Corpus) -> dict[str, Sequence[Any] | np.ndarray]:
    """The stored columns in the order of the candidates; numbers that do not apply are NaN again."""
    columns = project.scores(run)
    place = {id: at for at, id in enumerate(columns.pop("example_id"))}
    order = [place.get(example.id) for example in candidates.examples]
    found: dict[str, Sequence[Any] | np.ndarray] = {}
    for name, column in columns.items():
        values = [None if at is None else column[at] for at in order]
        if any(value is not None for value in values):
            numbers = all(value is None or isinstance(value, float) for value in values)
            found[name] = np.array([np.nan if v is None else v for v in values]) if numbers else values
    return found


def _checked(
    project: Project,
    begun: _Begun,
    run: int,
    outcomes: Mapping[str, checks.Outcome],
    scores: Mapping[str, Sequence[Any] | np.ndarray],
) -> Checked:
    data = begun.data
    decisions, dismissed, reviewed = _said(project)
    out = _left_out(data, [f for one in outcomes.values() for f in one.findings], decisions, dismissed, reviewed)
    report = _report(project, begun, outcomes, len(data.candidates) - len(out))
    problem = data.embedder.problem
    return Checked(
        report,
        begun.reason,
        data.candidates,
        data,
        scores,
        {name: outcome.calibration for name, outcome in outcomes.items() if outcome.calibration},
        decisions,
        dismissed,
        reviewed,
        (*((problem,) if problem else ()), *begun.unused),
        run,
        release.Acceptances(data),
        preferred(project),
        settings=begun.settings,
    )


def read(project: Project, settings: Settings, progress: Progress) -> tuple[checks.Corpus, checks.Corpus, Task, str]:
    """Candidates and eval examples, the task, and where it was guessed why. Raises InputError without candidates, and where
    they are answers to be judged."""
    refuse_sides(project)
    progress.report(0, None, "Reading examples")
    candidates = checks.Corpus(list(project.examples(Role.CANDIDATE)))
    evals = checks.Corpus(list(project.examples(Role.EVAL)))
    if not len(candidates):
        raise InputError(_nothing(project))
    return candidates, evals, *_task(settings, candidates)


def calibrations(project: Project, embedder: Embedder) -> tuple[dict[str, Calibration], list[str]]:
    """The calibrations that hold for this encoder, by check, and a note on each that does not.

    The weights tell encoders apart, not the precision of the machine: that moves a cosine by less than a cut is rounded to.
    """
    stored = project.calibrations()
    found = {one.check: one for one in stored if one.encoder == embedder.info.sha256}
    others = {one.check: one.encoder_name for one in stored if one.check not in found}
    return found, [
        f"{check} was calibrated with the encoder {name}, not with this one: it uses its own cut; calibrate it again"
        for check, name in others.items()
    ]


def settled(settings: Settings, stored: Mapping[str, Any]) -> Settings:
    """Options as given, then as the project remembers them."""
    return replace(
        settings,
        task=settings.task or (Task(stored["task"]) if stored.get("task") else None),
        encoder=settings.encoder or stored.get("encoder"),
        seed=settings.seed if settings.seed is not None else stored.get("seed", 0),
    )


def _nothing(project: Project) -> str:
    counts = project.counts()
    if counts.rejected:
        first = next(iter(project.rejected()))
        return f"none of the {counts.rejected:,} records could be read; the first ({first.ref}): {first.reason}"
    if counts.examples.get(Role.EVAL):
        return f"{project.where} holds eval examples but no candidates; import the file to be trained on"
    return f"{project.where} holds no examples yet; import a file with `curator import`"


def _task(settings: Settings, candidates: checks.Corpus) -> tuple[Task, str]:
    if settings.task is not None:
        return settings.task, "given"
    # The corpus is in content order: the same data gives the same guess however its rows are shuffled.
    return formats.guess_task(candidates.examples[:TASK_SAMPLE])


def _tokens(examples: Sequence[Example], target: targets.Target, progress: Progress) -> dict[int, int]:
    progress.report(0, len(examples), "Counting tokens")
    counted = {example.id: target.counter.example(example) for example in examples}
    progress.report(len(examples), len(examples), "Counting tokens")
    return counted


def _run(
    project: Project, run: int, data: checks.Data, names: list[str], each: Each | None
) -> dict[str, checks.Outcome]:
    ids = [example.id for example in data.candidates.examples]
    outcomes = {}
    for name, outcome in checks.run(data, names):
        project.save_findings(run, name, outcome.findings)
        if outcome.scores:
            project.save_scores(run, outcome.scores, ids)
        outcomes[name] = outcome
        if each is not None:
            each(name, len(outcome.findings))
    return outcomes


def judged(project: Project) -> tuple[dict[int, Decision], frozenset[str]]:
    """What the decisions in force come to, by example, and the findings (ids) that reviewers dismissed."""
    return outlook.settled(list(project.decisions()))


def _said(project: Project) -> tuple[dict[int, Decision], frozenset[str], Reviewed]:
    """What `judged` says, and how each example came to be as it is."""
    standing = list(project.decisions())
    decisions, dismissed = outlook.settled(standing)
    return decisions, dismissed, trace(project, standing, decisions)


def left_out(checked: Checked) -> dict[int, splits.Exclusion]:
    """The candidates that an export leaves out where nothing else is asked, each with the reason."""
    return _left_out(checked.data, checked.report.findings, checked.decisions, checked.dismissed, checked.reviewed)


def _left_out(
    data: checks.Data,
    findings: Sequence[Finding],
    decisions: Mapping[int, Decision],
    dismissed: frozenset[str],
    reviewed: Reviewed,
) -> dict[int, splits.Exclusion]:
    """What an export leaves out where nothing else is asked, whatever the target."""
    ids = [example.id for example in data.candidates.examples]
    disputed = release.held_back(reviewed, ids, Required(), splits.DEFAULT)
    return release.exclusions(data, findings, decisions, splits.DEFAULT, dismissed=dismissed, barred=disputed)


def _report(
    project: Project,
    begun: _Begun,
    outcomes: Mapping[str, checks.Outcome],
    effective: int,
) -> reports.CheckReport:
    data, target = begun.data, begun.target
    c = data.candidates
    findings = tuple(finding for outcome in outcomes.values() for finding in outcome.findings)
    ours = {e.id for e in c.examples}
    runs = tuple(
        reports.CheckRun(
            name,
            len(o.findings),
            len({i for f in o.findings for i in f.examples} & ours),
            skipped=skipped(name, data),
            calibration=begun.calibrated.get(name),
        )
        for name, o in outcomes.items()
    )
    report = reports.CheckReport(
        version=__version__,
        task=data.task,
        task_guessed=begun.settings.task is None,
        seed=data.seed,
        sources=tuple(project.sources()),
        rejected=tuple(project.rejected()),
        checks=runs,
        findings=findings,
        examples={e.id: e for e in (*c.examples, *data.evals.examples)},
        effective=effective,
        encoder=data.embedder.info,
        labels=Counter(label for label in c.outputs if label.strip()) if data.short_labels else None,
        lengths=reports.Lengths.of(data.tokens.values(), f"tokens, {target.counter}", targets.limits()),
    )
    return masking.masked(report)


def skipped(name: str, data: checks.Data) -> str | None:
    if name == "leakage" and not len(data.evals):
        return "no eval set was given"
    if name == "label_error" and not data.short_labels and data.task is not Task.EXTRACTION:
        return f"the task is {data.task}: there are no labels to judge"
    if name == "mismatched_pair" and data.short_labels:
        return "the outputs are labels, which belong to many inputs"
    return None
