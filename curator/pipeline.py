"""The order of things: files → examples → findings → decisions → splits → release.

The one place that knows it; the command line and the window both call these functions.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from curator import __version__, checks, formats, readiness, release, splits, targets
from curator.embedding import Embedder
from curator.errors import EnvironmentFailure, InputError
from curator.files import sha256_of
from curator.formats import Detection, FieldMap
from curator.model import Decision, Example, Role, Source
from curator.progress import Progress, Silent
from curator.reports import data as reports
from curator.reports import masking
from curator.resources import resource
from curator.review import judging
from curator.store import Calibration, Project, shown_address
from curator.tasks import Task

TASK_SAMPLE = 2_000
SUFFIX = ".curator"


@dataclass(frozen=True, slots=True)
class Inputs:
    """What to read: data files or one project, files to protect, and how to read them where content does not tell."""

    data: tuple[str, ...]
    evals: tuple[str, ...] = ()
    project: str | None = None
    format: str | None = None
    fields: FieldMap = field(default_factory=FieldMap)


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
class Imported:
    """One file that was imported and what was made of it."""

    source: Source
    detection: Detection
    new: bool = True


@dataclass(frozen=True, slots=True)
class Checked:
    """Everything a check found: for reports, for the score table, and for an export to go on from."""

    report: reports.CheckReport
    task_reason: str
    corpus: checks.Corpus
    data: checks.Data
    scores: Mapping[str, Sequence[Any] | np.ndarray]
    calibration: Mapping[str, Mapping[str, Any]]
    decisions: Mapping[int, Decision]
    dismissed: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


def is_project(where: str) -> bool:
    """True for a project file or a database address."""
    return where.endswith(SUFFIX) or ("://" in where and where.startswith("postgres"))


def not_a_project_name(where: str) -> str:
    """What is wrong with a name that `is_project` refuses."""
    return f"{where} is not a name for a project: it ends with {SUFFIX}, or is a postgresql:// address"


@contextmanager
def opened(inputs: Inputs, progress: Progress | None = None) -> Iterator[tuple[Project, list[Imported]]]:
    """The project that `inputs` name, with their files imported; a temporary one where they are files alone.

    Raises InputError where nothing is named, or files and projects are mixed.
    """
    progress = progress or Silent()
    projects = [where for where in inputs.data if is_project(where)]
    files = [where for where in inputs.data if not is_project(where)]
    if not inputs.data:
        raise InputError("name at least one data file or a project")
    if projects and (files or len(projects) > 1 or inputs.project):
        raise InputError(
            f"{shown_address(projects[0])} is a project: name it alone, or import the files into it with `curator import`"
        )
    where = projects[0] if projects else inputs.project
    detected = _detect(replace(inputs, data=tuple(files)))
    with _project(where, new=not projects) as project:
        yield project, [_import(project, one, progress) for one in detected]


def _project(where: str | None, *, new: bool) -> Project:
    if where is None:
        return _temporary()
    if not is_project(where):
        raise InputError(not_a_project_name(where))
    if new and not where.startswith("postgres") and not Path(where).exists():
        return Project.create(where)
    return Project.open(where)


def _temporary() -> Project:
    try:
        return Project.temporary()
    except (OSError, EnvironmentFailure) as error:
        folder = os.environ.get("TMPDIR", "the folder for temporary files")
        raise EnvironmentFailure(
            f"no temporary project can be kept in {folder}, which is full or may not be written; "
            "free some space there, or set TMPDIR to another folder"
        ) from error


def import_files(project: Project, inputs: Inputs, progress: Progress) -> list[Imported]:
    """Import candidates and eval files; each file's format is found by its content unless `inputs` says it."""
    return [_import(project, one, progress) for one in _detect(inputs)]


Detected = tuple[str, Role, Detection]


def _detect(inputs: Inputs) -> list[Detected]:
    """Look at every file before the first is imported, or a project is made for them: a wrong name should cost nothing."""
    named = [(path, Role.CANDIDATE) for path in inputs.data] + [(path, Role.EVAL) for path in inputs.evals]
    return [
        (path, role, formats.detect(path, format=inputs.format, fields=inputs.fields, role=role))
        for path, role in named
    ]


def _import(project: Project, detected: Detected, progress: Progress) -> Imported:
    path, role, detection = detected
    records = formats.read(path, detection, role)
    mapping = {key: value for key, value in asdict(detection.fields).items() if value is not None}
    before = {source.id for source in project.sources() if source.complete}
    source = project.import_source(path, sha256_of(path), detection.format, role, mapping, records, progress)
    return Imported(source, detection, source.id not in before)


def check(project: Project, settings: Settings, progress: Progress | None = None) -> Checked:
    """Run the checks over a project; findings and scores are saved check by check."""
    with _checking(project, settings, progress or Silent()) as checked:
        return checked


@contextmanager
def _checking(project: Project, settings: Settings, progress: Progress) -> Iterator[Checked]:
    """A finished check whose vectors can still be asked for."""
    names = checks.select(settings.only, settings.skip)
    settings = _settled(settings, project.settings())
    candidates, evals, task, reason = _read(project, settings, progress)
    target = targets.get(settings.target)
    tokens = _tokens(candidates.examples, target, progress)
    embedder = Embedder(settings.encoder)
    try:
        calibrated, unused = _calibrated(project, embedder)
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
        run = project.begin_run("check", {"task": str(task), "seed": data.seed, "checks": names})
        outcomes = _run(project, run, data, names)
        decisions, dismissed = judged(project)
        report = _report(project, data, settings, outcomes, target, decisions, dismissed, calibrated)
        summary = {"effective": report.effective, "candidates": len(candidates), "encoder": embedder.info.sha256}
        project.finish_run(run, summary)
        yield Checked(
            report,
            reason,
            candidates,
            data,
            {name: column for outcome in outcomes.values() for name, column in outcome.scores.items()},
            {name: outcome.calibration for name, outcome in outcomes.items() if outcome.calibration},
            decisions,
            dismissed,
            (*((embedder.problem,) if embedder.problem else ()), *unused),
        )
    finally:
        embedder.close()


def _read(project: Project, settings: Settings, progress: Progress) -> tuple[checks.Corpus, checks.Corpus, Task, str]:
    """Candidates and eval examples, the task, and where it was guessed why. Raises InputError without candidates."""
    progress.report(0, None, "Reading examples")
    candidates = checks.Corpus(list(project.examples(Role.CANDIDATE)))
    evals = checks.Corpus(list(project.examples(Role.EVAL)))
    if not len(candidates):
        raise InputError(_nothing(project))
    return candidates, evals, *_task(settings, candidates)


def _calibrated(project: Project, embedder: Embedder) -> tuple[dict[str, Calibration], list[str]]:
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


def _settled(settings: Settings, stored: Mapping[str, Any]) -> Settings:
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


def _run(project: Project, run: int, data: checks.Data, names: list[str]) -> dict[str, checks.Outcome]:
    ids = [example.id for example in data.candidates.examples]
    outcomes = {}
    for name, outcome in checks.run(data, names):
        project.save_findings(run, name, outcome.findings)
        if outcome.scores:
            project.save_scores(run, outcome.scores, ids)
        outcomes[name] = outcome
    return outcomes


def judged(project: Project) -> tuple[dict[int, Decision], frozenset[str]]:
    """What the decisions in force come to, by example, and the findings (ids) that reviewers dismissed."""
    standing = list(project.decisions())
    by_example: dict[int, list[Decision]] = {}
    for decision in standing:
        by_example.setdefault(decision.example, []).append(decision)
    settled = {example: splits.resolve(votes) for example, votes in by_example.items()}
    return {example: one for example, one in settled.items() if one is not None}, judging.dismissals(standing)


def _report(
    project: Project,
    data: checks.Data,
    settings: Settings,
    outcomes: Mapping[str, checks.Outcome],
    target: targets.Target,
    decisions: Mapping[int, Decision],
    dismissed: frozenset[str],
    calibrated: Mapping[str, Calibration],
) -> reports.CheckReport:
    c = data.candidates
    findings = tuple(finding for outcome in outcomes.values() for finding in outcome.findings)
    out = release.exclusions(data, findings, decisions, splits.DEFAULT, dismissed=dismissed)
    ours = {e.id for e in c.examples}
    runs = tuple(
        reports.CheckRun(
            name,
            len(o.findings),
            len({i for f in o.findings for i in f.examples} & ours),
            skipped=_skipped(name, data),
            calibration=calibrated.get(name),
        )
        for name, o in outcomes.items()
    )
    report = reports.CheckReport(
        version=__version__,
        task=data.task,
        task_guessed=settings.task is None,
        seed=data.seed,
        sources=tuple(project.sources()),
        rejected=tuple(project.rejected()),
        checks=runs,
        findings=findings,
        examples={e.id: e for e in (*c.examples, *data.evals.examples)},
        effective=len(c) - len(out),
        encoder=data.embedder.info,
        labels=Counter(label for label in c.outputs if label.strip()) if data.short_labels else None,
        lengths=reports.Lengths.of(data.tokens.values(), f"tokens, {target.counter}", target.rules.max_tokens),
    )
    return masking.masked(report)


def _skipped(name: str, data: checks.Data) -> str | None:
    if name == "leakage" and not len(data.evals):
        return "no eval set was given"
    if name == "label_error" and not data.short_labels and data.task is not Task.EXTRACTION:
        return f"the task is {data.task}: there are no labels to judge"
    if name == "mismatched_pair" and data.short_labels:
        return "the outputs are labels, which belong to many inputs"
    return None


def ask(project: Project, settings: Settings, check: str, progress: Progress | None = None) -> judging.Pool:
    """Run one check for what it finds and what lies just below its cut; both are kept as a run of their own.

    A cut that verdicts have lowered stays lowered, so that asking again looks further down; one that they raised does
    not hide what lies below it.
    """
    judging.refuse_check(check)
    progress = progress or Silent()
    settings = _settled(settings, project.settings())
    candidates, evals, task, _ = _read(project, settings, progress)
    embedder = Embedder(settings.encoder)
    try:
        calibrated, _ = _calibrated(project, embedder)
        mine = calibrated.pop(check, None)
        lowered = mine is not None and mine.own_cut is not None and mine.cut < mine.own_cut
        cuts = {name: one.cut for name, one in calibrated.items()} | ({check: mine.cut} if mine and lowered else {})
        data = checks.Data(
            candidates,
            evals,
            task,
            embedder,
            seed=settings.seed or 0,
            schema=settings.schema,
            cuts=cuts,
            borderline=True,
            progress=progress,
        )
        if reason := _skipped(check, data):
            raise InputError(f"{check} cannot be calibrated here: {reason}")
        run = project.begin_run("ask", {"check": check, "task": str(task), "seed": data.seed})
        # The flaws of single examples come first, as in every run: they rank the representatives of groups.
        outcome = dict(checks.run(data, [*checks.OF_ONE_EXAMPLE, check]))[check]
        project.save_findings(run, check, [*outcome.findings, *outcome.borderline])
        info = embedder.info
        summary = {"reported": len(outcome.findings), "cut": outcome.calibration.get("cut")}
        summary |= {"own_cut": mine.own_cut if mine and lowered else summary["cut"]}
        summary |= {"encoder": info.sha256, "encoder_name": info.name}
        found = len(outcome.findings) + len(outcome.borderline)
        project.finish_run(run, summary, f"Looked for findings of {check} to ask about: {found:,}")
        return judging.asked(project, check)
    finally:
        embedder.close()


def score_table(checked: Checked) -> dict[str, list[Any]]:
    """Columns of the `--scores` table, candidates and then eval examples, each in the order of their sources."""
    examples = checked.corpus.examples
    by_id = checked.report.examples
    order = sorted(range(len(examples)), key=lambda i: examples[i].id)
    evals = sorted(checked.data.evals.examples, key=lambda e: e.id)
    rows = [examples[i] for i in order] + evals
    table: dict[str, list[Any]] = {
        "source": [e.ref.source for e in rows],
        "record": [e.ref.record for e in rows],
        "line": [e.ref.line for e in rows],
        "role": [str(e.ref.role) for e in rows],
    }
    for name, values in checked.scores.items():
        column = [None if isinstance(values[i], float) and np.isnan(values[i]) else values[i] for i in order]
        if name == "leakage_example":
            refs = [by_id[id].ref if id is not None else None for id in column]
            table["leakage_source"] = [*(r and r.source for r in refs), *[None] * len(evals)]
            table["leakage_record"] = [*(r and r.record for r in refs), *[None] * len(evals)]
        else:
            table[name] = [*column, *[None] * len(evals)]
    return table


def export(
    project: Project, settings: Settings, wanted: release.Wanted, progress: Progress | None = None
) -> tuple[Checked, release.Release]:
    """Check, leave out, choose, split, write: a release in `wanted.out`.

    Raises GateNotMet where less clean data is left than the task needs, InputError where `wanted.out` is taken.
    """
    progress = progress or Silent()
    release.refuse_taken(wanted)
    with _checking(project, settings, progress) as checked:
        data, report, decisions = checked.data, checked.report, checked.decisions
        selection = release.select(data, report, decisions, checked.scores, wanted, checked.dismissed)
        placement = release.place(data, selection, wanted, project.released_splits(), progress)

        def remember(chosen: Mapping[str, Any]) -> None:
            project.add_release(str(wanted.out), chosen, placement.by_key(data))

        made = release.write(data, report, decisions, selection, placement, wanted, progress, remember)
    return checked, made


def refuse_settings(settings: Settings) -> None:
    """Raise InputError where a check would fail for its settings alone, before anything is read."""
    checks.select(settings.only, settings.skip)
    targets.get(settings.target)
    if settings.encoder is not None:
        Embedder(settings.encoder).close()


def ready(project: Project, settings: Settings, progress: Progress | None = None) -> readiness.Readiness:
    """Check, and weigh whether this data is enough to fine-tune on."""
    return readiness.judge(check(project, settings, progress).report)


def status(project: Project) -> readiness.Status:
    """What a project holds, and what to do next."""
    counts, run, settings = project.counts(), project.latest_run("check"), project.settings()
    newest = next((e for e in project.log(None) if e.action not in ("export", "create", "judge", "ask")), None)
    whole = run is not None and list(run.settings["checks"]) == list(checks.CHECKS)
    stale = run is not None and newest is not None and newest.action != "check"
    return readiness.Status(
        project.where,
        settings.get("task"),
        counts.examples[Role.CANDIDATE],
        counts.examples[Role.EVAL],
        counts.rejected,
        counts.decisions,
        counts.reviewers,
        run.checks if run else {},
        run.summary.get("effective") if run and whole and not stale else None,
        stale,
        counts.size,
    )


SAMPLES = {
    "support": ("pairs.csv", "eval.csv", Task.CLASSIFICATION),
    "extraction": ("pairs.jsonl", "eval.jsonl", Task.EXTRACTION),
    "style": ("chat.jsonl", "eval.jsonl", Task.STYLE),
}


def sample(name: str) -> tuple[Path, Path, Task]:
    """Candidates, eval set and task of a bundled sample; raises InputError for an unknown name."""
    if name not in SAMPLES:
        raise InputError(f"there is no sample {name!r}; the samples are {', '.join(SAMPLES)}")
    pairs, evals, task = SAMPLES[name]
    folder = resource(f"samples/{name}")
    return folder / pairs, folder / evals, task
