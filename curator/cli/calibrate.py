"""`curator calibrate`: from verdicts on findings to the score from which a check reports."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curator.cli import common
from curator.cli.keep import Project
from curator.errors import InputError
from curator.text import plural

if TYPE_CHECKING:
    from curator.model import Finding
    from curator.review.judging import Concluded, Pool
    from curator.store import Project as Store

Reviewer = Annotated[
    str | None, typer.Option("--reviewer", metavar="NAME", help="Who judges [default: your user name].")
]


def calibrate(
    project: Project,
    check: Annotated[
        str | None,
        typer.Option(
            "--check",
            metavar="NAME",
            help="near_duplicate, leakage, label_error, mismatched_pair or outlier; without it the cuts in force are listed.",
        ),
    ] = None,
    ask: Annotated[
        Path | None, typer.Option("--ask", metavar="FILE.csv", help="Write a sheet of findings to judge.")
    ] = None,
    answers: Annotated[
        Path | None, typer.Option("--answers", metavar="FILE", help="Read the sheet with yes and no filled in.")
    ] = None,
    n: Annotated[int, typer.Option("--n", "-n", metavar="N", min=1, max=1000, help="How many findings to ask.")] = 30,
    precision: Annotated[
        float | None,
        typer.Option(
            "--precision",
            metavar="SHARE",
            min=0.01,
            max=1.0,
            help="Share of the reported findings that should be right [default: 0.9].",
        ),
    ] = None,
    forget: Annotated[
        bool, typer.Option("--forget", help="Forget the verdicts and let the check use its own cut again.")
    ] = False,
    reviewer: Reviewer = None,
    task: common.TaskOption = None,
    encoder: common.EncoderOption = None,
    seed: common.Seed = None,
    config: common.Config = None,
    quiet: common.Quiet = False,
) -> None:
    """Let verdicts on some 30 findings set where a check reports.

    With --ask it writes a sheet, half of it findings just below the check's own cut; fill in yes or no, and give it back with
    --answers. With neither it asks here, one by one. `curator check` and `export` then use the cut.
    """
    from curator.review import judging
    from curator.review.calibration import GOAL
    from curator.store import Project as Store

    refuse_files(project)
    if check is None:
        _refuse_without_check(ask, answers, forget)
        _list(project)
        return
    judging.refuse_check(check)
    if sum((ask is not None, answers is not None, forget)) > 1:
        raise InputError("--ask, --answers and --forget are three different things; give one of them")
    interactive = ask is None and answers is None and not forget
    if interactive and not sys.stdin.isatty():
        raise InputError(
            "there is no terminal to ask on; write a sheet with --ask FILE.csv and give it back with --answers"
        )
    if ask is not None and ask.exists():
        raise InputError("exists already; name another file for the sheet", path=ask)
    with Store.open(project) as opened:
        name, goal = reviewer or opened.actor, precision or GOAL
        if forget:
            print(opened.forget_calibration(check).text)
            return
        if answers is not None:
            pool = judging.asked(opened, check)
            _read(opened, pool, answers, name)
        else:
            from curator import pipeline

            with common.shown(quiet) as progress:
                pool = pipeline.ask(opened, common.settings(task, encoder, seed), check, progress)
            asked = judging.questions(opened, pool, n, goal, seed or 0)
            if not asked:
                raise InputError(_nothing_to_ask(opened, pool))
            if ask is not None:
                _write(opened, pool, asked, ask)
                return
            if not _ask(opened, pool, asked, name):
                return
        _tell(opened, judging.conclude(opened, pool, goal, name, seed or 0), pool)


def refuse_files(project: str) -> None:
    """Raise InputError, with the remedy, where a data file stands in the place of a project."""
    from curator import pipeline

    if not pipeline.is_project(project):
        raise InputError(
            f"{project} is no project, and what reviewers say is kept in one; make it with "
            f"`curator check {project} --project x.curator`"
        )


def _refuse_without_check(ask: Path | None, answers: Path | None, forget: bool) -> None:
    given = {"--ask": ask is not None, "--answers": answers is not None, "--forget": forget}
    for option in (name for name, there in given.items() if there):
        raise InputError(f"{option} needs the name of a check: --check NAME")


def _list(project: str) -> None:
    from curator.review.judging import describe
    from curator.store import Project as Store

    with Store.open(project) as opened:
        found = opened.calibrations()
    for one in found:
        print(describe(one))
    if not found:
        print("No check is calibrated: each uses its own cut. Choose one with --check NAME.")


def _nothing_to_ask(opened: Store, pool: Pool) -> str:
    if pool.findings:
        return f"all {plural(len(pool.findings), 'finding')} of {pool.check} in {opened.where} are judged already"
    return f"{pool.check} finds nothing in {opened.where}, so there is nothing to judge"


def _write(opened: Store, pool: Pool, asked: list[Finding], path: Path) -> None:
    from curator.review import sheet
    from curator.store import shown_address

    examples = opened.get_examples(sorted({id for finding in asked for id in finding.examples}))
    sheet.write(path, asked, {example.id: example for example in examples})
    where = shown_address(opened.address)
    print(f"Wrote {plural(len(asked), 'finding')} to {path}. Write yes or no into its last column, then:")
    print(f"  curator calibrate {where} --check {pool.check} --answers {path}")


def _read(opened: Store, pool: Pool, path: Path, reviewer: str) -> None:
    from curator.review import sheet
    from curator.store import FindingVerdict

    scores = pool.scores
    found = sheet.read(path, pool.check, scores)
    said = [FindingVerdict(pool.check, a.finding, scores[a.finding], a.right, reviewer, pool.encoder) for a in found]
    right = sum(answer.right for answer in found)
    opened.judge(said, text=f"Judged {plural(len(said), 'finding')} of {pool.check}: {right:,} right")


def _ask(opened: Store, pool: Pool, asked: list[Finding], reviewer: str) -> int:
    """Ask one by one; every verdict is kept at once. Returns how many were given."""
    from curator.review import sheet
    from curator.store import FindingVerdict

    examples = {e.id: e for e in opened.get_examples(sorted({id for f in asked for id in f.examples}))}
    given = 0
    print(f"{plural(len(asked), 'finding')} of {pool.check}. Is it right? y yes, n no, s skip, q quit.")
    for number, finding in enumerate(asked, 1):
        shown = sheet.question(finding, examples)
        print(f"\n{number}/{len(asked)}  {shown.message}  (score {finding.score:.4f})")
        for name, text in (("input", shown.input), ("output", shown.output)):
            print(f"  {name:>6}  {text}")
        for text, output in shown.others:
            print(f"   other  {text}\n      →  {output}")
        if shown.proposal:
            print(f"  Proposed: {shown.proposal}")
        answer = _answer()
        if answer == "q":
            break
        if answer in ("y", "n"):
            verdict = FindingVerdict(pool.check, finding.id, finding.score, answer == "y", reviewer, pool.encoder)
            word = "right" if verdict.right else "wrong"
            opened.judge([verdict], text=f"Judged a finding of {pool.check} {word}: {finding.id}")
            given += 1
    print()
    return given


def _answer() -> str:
    while True:
        try:
            said = input("  right? [y/n/s/q] ").strip().casefold()[:1]
        except EOFError:
            return "q"
        if said in ("y", "n", "s", "q"):
            return said


def _tell(opened: Store, concluded: Concluded, pool: Pool) -> None:
    from curator.review.calibration import FEWEST

    if concluded.fitted is None:
        kept = f"{plural(concluded.verdicts, 'verdict')} on {pool.check} so far"
        print(
            f"{kept}; a cut needs {FEWEST} at least. They are kept: judge more with --ask, or without files on a terminal."
        )
        return
    for sentence in concluded.fitted.sentences():
        print(sentence)
    for one in opened.calibrations():
        if (one.check, one.encoder) == (pool.check, pool.encoder):
            now = "now reports" if concluded.calibration is not None else "still reports, as calibrated before,"
            print(
                f"{pool.check} {now} from {one.cut:.4f} on in this project; `curator undo` or --forget takes that back."
            )
