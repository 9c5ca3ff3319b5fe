"""The order of things: files → examples → findings → decisions → splits → release.

The one place that knows it; the command line and the window both call these functions.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, nullcontext
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from curator import checking, checks, formats, gates, outlook, readiness, release, releasing, targets, versions
from curator.checking import Checked as Checked
from curator.checking import Each
from curator.checking import Settings as Settings
from curator.checking import judged as judged
from curator.comparison.sides_round import holds_sides, refuse_sides
from curator.embedding import Embedder
from curator.errors import EnvironmentFailure, InputError
from curator.files import sha256_of
from curator.formats import Detection, FieldMap, Tally
from curator.model import Role, Source
from curator.progress import Progress, Silent
from curator.reports import scores
from curator.resources import resource
from curator.review import judging
from curator.review.provenance import trace
from curator.status import Status
from curator.store import Project, Release, shown_address
from curator.tasks import Task

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
class Imported:
    """One file that was imported and what was made of it; `votes`: what annotators said in it."""

    source: Source
    detection: Detection
    new: bool = True
    votes: Tally = field(default_factory=Tally)


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
        refuse_sides(project)
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
    return import_detected(project, _detect(inputs), progress)


Detected = tuple[str, Role, Detection]
"""A file, its role, and how it is to be read."""


def import_detected(project: Project, detected: Sequence[Detected], progress: Progress) -> list[Imported]:
    """Import files as they were detected (`preview.preview`, `formats.detect`): what was shown is what is done."""
    return [_import(project, one, progress) for one in detected]


def _detect(inputs: Inputs) -> list[Detected]:
    """Look at every file before the first is imported, or a project is made for them: a wrong name should cost nothing."""
    named = [(path, Role.CANDIDATE) for path in inputs.data] + [(path, Role.EVAL) for path in inputs.evals]
    return [
        (path, role, formats.detect(path, format=inputs.format, fields=inputs.fields, role=role))
        for path, role in named
    ]


def _import(project: Project, detected: Detected, progress: Progress) -> Imported:
    refuse_sides(project)
    path, role, detection = detected
    votes = Tally()
    records = votes.count(formats.read(path, detection, role))
    mapping = {key: value for key, value in asdict(detection.fields).items() if value is not None}
    before = {source.id for source in project.sources() if source.complete}
    source = project.import_source(path, sha256_of(path), detection.format, role, mapping, records, progress)
    return Imported(source, detection, source.id not in before, votes)


def check(project: Project, settings: Settings, progress: Progress | None = None, each: Each | None = None) -> Checked:
    """Run the checks over a project; findings and scores are saved check by check, and `each` hears of it."""
    with checking.checking(project, settings, progress or Silent(), each) as checked:
        return checked


def ask(project: Project, settings: Settings, check: str, progress: Progress | None = None) -> judging.Pool:
    """Run one check for what it finds and what lies just below its cut; both are kept as a run of their own.

    A cut that verdicts have lowered stays lowered, so that asking again looks further down; one that they raised does
    not hide what lies below it.
    """
    judging.refuse_check(check)
    progress = progress or Silent()
    settings = checking.settled(settings, project.settings())
    candidates, evals, task, _ = checking.read(project, settings, progress)
    embedder = Embedder(settings.encoder)
    try:
        calibrated, _ = checking.calibrations(project, embedder)
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
        if reason := checking.skipped(check, data):
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
    return scores.columns(checked.corpus.examples, checked.data.evals.examples, checked.scores)


def export(
    project: Project,
    settings: Settings,
    wanted: release.Wanted,
    progress: Progress | None = None,
    checked: Checked | None = None,
    *,
    again: bool = False,
) -> tuple[Checked, release.Release]:
    """Settle, check, leave out, choose, split, write: a release in `wanted.out`, the next of the project by its number.

    Where it is the newest release once more, with the same bytes, it keeps its number.
    `checked`: a whole check of this project as it is, so that none is run; decisions are read anew, and nothing is settled,
    for that may change what examples say: `settle` comes before such a check. `again`: a release is written as it was, and
    nothing is settled either.
    Raises GateNotMet where less clean data is left than the task needs, InputError where `wanted.out` is taken.
    """
    progress = progress or Silent()
    release.refuse_taken(wanted)
    if checked is None and not again:
        settle(project)
    stands, mark = project.snapshot(), project.mark()
    given = None if checked is None else nullcontext(checking.refreshed(project, checked))
    with given or checking.checking(project, settings, progress) as checked:
        stands, checked = releasing.as_it_stands(project, checked, stands, mark)
        data, report, decisions = checked.data, checked.report, checked.decisions
        selection = release.select(
            data,
            report,
            decisions,
            checked.scores,
            wanted,
            checked.dismissed,
            checked.acceptances,
            reviewed=checked.reviewed,
            preferences=checked.preferences,
        )
        kept = replace(stands, check=releasing.plain(checked.settings), wanted=wanted.as_json())
        sources = releasing.sources(project, report)

        def write(before: Release | None) -> tuple[release.Release, release.Placement]:
            """Write the release; `before`: it is the same again as this one, if it is."""
            placement = release.place(data, selection, wanted, releasing.memory(project, before), progress)
            rows = release.rows_of(data, selection, placement, decisions, sources)
            named = releasing.named(project, wanted, rows) if before is None else releasing.same(before, rows)
            remember = releasing.Remembered(project, str(wanted.out), kept, named, placement.by_key(data), before)
            made = release.write(
                data, report, decisions, selection, placement, wanted, progress, remember, named, checked.reviewed
            )
            return made, placement

        last = None if again else releasing.unchanged(project, wanted, kept, selection, data)
        try:
            released, placement = write(last)
        except releasing.Another:
            released, placement = write(None)
    few = release.few_pairs(selection, placement.split) if wanted.optional else ()
    return checked, replace(released, notes=(*released.notes, *few, *_unpaired(checked, wanted)))


def rebuild(
    project: Project, which: str | int, out: Path, progress: Progress | None = None, *, force: bool = False
) -> versions.Rebuilt:
    """Write a release (its number or name) again, to `out`, from the project as it was then; and say whether it is the same.

    Nothing of the project changes, and its files need not be there any more. Raises InputError where there is no such
    release, where an older Curator made it, and where `out` is taken.
    """
    found = project.releases.get(which)
    versions.refuse_unkept(found)
    kept = found.snapshot
    assert kept is not None
    wanted = release.Wanted.again(kept.wanted, out, found.name, force=force)
    release.refuse_taken(wanted)
    with closing(project.as_of(kept, found.id - 1)) as then:
        export(then, releasing.settings_again(kept.check), wanted, progress, again=True)
    return versions.compared(found, out)


def plan(
    project: Project,
    checked: Checked,
    wanted: release.Wanted,
    progress: Progress | None = None,
    told: Callable[[release.Plan], None] | None = None,
) -> release.Plan:
    """What `export` would do with this whole check and the decisions as they are now; see `release.plan`."""
    checked = checking.refreshed(project, checked)
    planned = release.plan(
        checked.data,
        checked.report,
        checked.decisions,
        checked.scores,
        wanted,
        project.releases.splits(),
        progress or Silent(),
        dismissed=checked.dismissed,
        acceptances=checked.acceptances,
        reviewed=checked.reviewed,
        preferences=checked.preferences,
        told=told,
    )
    return replace(planned, notes=(*planned.notes, *_unpaired(checked, wanted)))


def _unpaired(checked: Checked, wanted: release.Wanted) -> tuple[str, ...]:
    """Why there are fewer pairs than edited examples, where pairs are wanted."""
    pairs = any(targets.get(name).preference for name in wanted.targets)
    return checked.preferences.notes if pairs else ()


def settle(project: Project) -> int:
    """Let the items settle themselves on which all agree, in the rounds that are meant to do so; returns how many did.

    An account that may not settle votes leaves that to others.
    """
    rounds = [round for round in project.rounds.all() if round.settle] if project.adjudicates else []
    if not rounds:
        return 0
    from curator.review.adjudication.settling import settle as settle_round

    standing = list(project.decisions())
    reviewed = trace(project, standing, outlook.settled(standing)[0], alphas=False)
    return sum(settle_round(project, round).settled for round in rounds if round.number in reviewed.unsettled)


def refuse_settings(settings: Settings) -> None:
    """Raise InputError where a check would fail for its settings alone, before anything is read."""
    checks.select(settings.only, settings.skip)
    targets.get(settings.target)
    if settings.encoder is not None:
        Embedder(settings.encoder).close()


def ready(
    project: Project,
    settings: Settings,
    progress: Progress | None = None,
    *,
    answers: readiness.Answers | None = None,
    production: Sequence[str] = (),
    where: str = "",
) -> readiness.Readiness:
    """Should this be fine-tuned at all? Goes by an earlier check where it still holds, else by one that is run now.

    `production`: different inputs of production (`readiness.production.read`); `where`: DATA as a command names it.
    """
    progress = progress or Silent()
    with ExitStack() as opened:
        checked = opened.enter_context(checking.resumed(project, settings, progress))
        if checked is None:
            checked = opened.enter_context(checking.checking(project, settings, progress))
        return weigh(project, checked, progress, answers=answers, production=production, where=where)


def weigh(
    project: Project,
    checked: Checked,
    progress: Progress | None = None,
    *,
    answers: readiness.Answers | None = None,
    production: Sequence[str] = (),
    where: str = "",
) -> readiness.Readiness:
    """The same by a whole check whose vectors can still be asked for; see `ready`."""
    agreed = gates.agreement(project)
    evidence = readiness.Evidence(
        checked.report,
        checked.data,
        frozenset(e.id for e in checked.corpus.examples) - checking.left_out(checked).keys(),
        checked.scores,
        checked.decisions,
        checked.dismissed,
        readiness.Agreed(agreed.alpha, agreed.detail),
        readiness.coverage(checked.data, production, progress or Silent()) if production else None,
        where or shown_address(project.where),
        not where or is_project(where),
    )
    return readiness.judge(evidence, answers)


_CHECKS_NOTHING = ("export", "create", "judge", "ask", "round", "assign", "vote", "merge")
"""Actions after which a check is as good as before: they change no example."""


def status(project: Project) -> Status:
    """What a project holds, and what to do next."""
    counts, run, settings = project.counts(), project.latest_run("check"), project.settings()
    made = project.releases.all()
    newest = next((e for e in project.log(None) if e.action not in _CHECKS_NOTHING), None)
    whole = run is not None and list(run.settings["checks"]) == list(checks.CHECKS)
    stale = run is not None and newest is not None and newest.action != "check"
    return Status(
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
        counts.rounds,
        counts.votes,
        packet="packet" in settings,
        judging=holds_sides(project),
        releases=len(made),
        newest=releasing.told(made[-1]) if made else "",
        votes_only=project.me() is not None,
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
