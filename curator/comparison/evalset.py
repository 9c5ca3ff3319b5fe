"""The eval set that answers are held against: a file or a project's eval examples, and whether candidates leak into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from curator import formats
from curator.checks.data import fold
from curator.errors import InputError
from curator.formats import FieldMap
from curator.model import Example, Rejected, Role, Severity
from curator.progress import Progress, Silent, track
from curator.store import Project
from curator.tasks import Task
from curator.text import plural


@dataclass(frozen=True, slots=True)
class Leak:
    """What is known of candidates that are in the eval set too. `state`: "clean", "leaks", "stale" (something changed since
    the check), "unchecked", or "unknown" where there are no candidates to look at; `said` is the sentence for it."""

    state: str
    said: str


UNKNOWN = Leak("unknown", "")


@dataclass(frozen=True, slots=True)
class EvalSet:
    """`examples` have an answer to hold others against; `unanswered` do not, and `rejected` could not be read."""

    where: str
    format: str
    examples: tuple[Example, ...]
    unanswered: tuple[Example, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    task: Task | None = None
    leak: Leak = UNKNOWN


def read_eval(
    where: str, format: str | None = None, fields: FieldMap | None = None, progress: Progress | None = None
) -> EvalSet:
    """Read an eval set; of a project, its eval examples as they stand.

    Raises InputError where it cannot be read or holds no example with an answer.
    """
    progress = progress or Silent()
    if is_project(where):
        with Project.open(where) as project:
            return of_project(project, progress)
    found = formats.detect(where, format=format, fields=fields or FieldMap(), role=Role.EVAL)
    if found.shape == formats.HASHED:
        raise InputError("a hashed eval set holds no answers to compare with; name the eval set itself", path=where)
    examples: list[Example] = []
    rejected: list[Rejected] = []
    for one in track(formats.read(where, found, Role.EVAL), progress, "Reading the eval set"):
        (examples if isinstance(one, Example) else rejected).append(one)  # type: ignore[arg-type]
    return _made(where, found.format, examples, tuple(rejected))


def of_project(project: Project, progress: Progress | None = None) -> EvalSet:
    """The eval examples of an open project, and what its last check said of leaks into them."""
    progress = progress or Silent()
    progress.report(0, None, "Reading the eval set")
    examples = list(project.examples(Role.EVAL))
    if not examples:
        raise InputError(
            "this project holds no eval set; import one with `curator import --eval`, or name a file",
            path=project.where,
        )
    task = project.settings().get("task")
    return _made(project.where, "project", examples, (), Task(task) if task else None, leak_of(project))


def _made(
    where: str,
    format: str,
    examples: Sequence[Example],
    rejected: tuple[Rejected, ...],
    task: Task | None = None,
    leak: Leak = UNKNOWN,
) -> EvalSet:
    answered = tuple(example for example in examples if example.output.strip())
    if not answered:
        first = f"; the first that could not be read, at {rejected[0].ref}: {rejected[0].reason}" if rejected else ""
        raise InputError(
            f"none of its {plural(len(examples) + len(rejected), 'record')} holds an answer to compare with{first}; "
            "name its field with --output-field",
            path=where,
        )
    unanswered = tuple(example for example in examples if not example.output.strip())
    return EvalSet(where, format, answered, unanswered, rejected, task, leak)


def is_project(where: str) -> bool:
    """True for a project file or a database address."""
    return where.endswith(".curator") or ("://" in where and where.startswith("postgres"))


def leak_of(project: Project) -> Leak:
    """What the last check of a project that looked for leaks says of its eval set."""
    if not project.counts().examples[Role.CANDIDATE]:
        return UNKNOWN
    run = next((run for run in project.runs("check") if run.finished and "leakage" in run.checks), None)
    if run is None:
        return Leak(
            "unchecked",
            "Nobody has looked whether training examples leak into this eval set: run `curator check` on the project.",
        )
    found = [one for one in project.findings(run.id, "leakage") if one.severity is not Severity.INFO]
    leaking = {id for one in found for id in one.examples} & set(project.ids(Role.CANDIDATE))
    if leaking:
        many = len(leaking) != 1
        return Leak(
            "leaks",
            f"{plural(len(leaking), 'training example')} {'leak' if many else 'leaks'} into this eval set: figures of a "
            "model trained on them are too high; leave them out (an export does) and train again.",
        )
    since = project.changed_since(run.began)
    if since.sources or since.texts:
        return Leak("stale", "The project has changed since it was checked for leaks: run `curator check` again.")
    return Leak("clean", "No training example was found to leak into this eval set.")


def leak_into(examples: Sequence[Example], train: Sequence[str], progress: Progress | None = None) -> Leak:
    """How many eval examples ask what a training example in these files or projects asks too, to the word."""
    progress = progress or Silent()
    asked = {key for where in train for key in _asked(where, progress)}
    known = [example for example in examples if fold(example.input) in asked]
    if not known:
        return Leak(
            "clean", "No eval input stands in the training data word for word; `curator check --eval` finds rewordings."
        )
    return Leak(
        "leaks",
        f"{plural(len(known), 'eval example')} of {len(examples):,} "
        f"{'are' if len(known) > 1 else 'is'} in the training data too (the first: {known[0].ref}): figures of a model "
        "trained on it are too high.",
    )


def _asked(where: str, progress: Progress) -> set[str]:
    if is_project(where):
        with Project.open(where) as project:
            return {fold(example.input) for example in project.examples(Role.CANDIDATE)}
    found = formats.detect(where)
    records = track(formats.read(where, found), progress, "Reading the training data")
    return {fold(one.input) for one in records if isinstance(one, Example)}
