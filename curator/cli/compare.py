"""`curator compare`: is the tuned model better than the one before, or is that noise?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curator.cli import common
from curator.errors import InputError

if TYPE_CHECKING:
    from curator.comparison.compare import Comparison, Wanted
    from curator.comparison.evalset import EvalSet
    from curator.comparison.general import Forgetting
    from curator.comparison.matching import By
    from curator.progress import Progress

_RULES = ("worse", "noise", "forgetting")


def compare(
    eval: Annotated[
        str | None,
        typer.Argument(metavar="EVAL", help="The eval set: a file, or a project whose eval examples are taken."),
    ] = None,
    baseline: Annotated[str | None, typer.Argument(metavar="BASELINE", help="Predictions of the model before.")] = None,
    tuned: Annotated[str | None, typer.Argument(metavar="TUNED", help="Predictions of the tuned model.")] = None,
    general: Annotated[
        tuple[str, str, str] | None,
        typer.Option("--general", metavar="EVAL BASELINE TUNED", help="The same on general tasks: what was forgotten?"),
    ] = None,
    margin: Annotated[
        float,
        typer.Option("--margin", "--epsilon", metavar="POINTS", help="Points that may be lost on general tasks."),
    ] = 2.0,
    task: common.TaskOption = None,
    measure: Annotated[
        str | None, typer.Option("--measure", metavar="NAME", help="What the verdict goes by; else the task's own.")
    ] = None,
    by: Annotated[
        str,
        typer.Option("--by", metavar="auto|id|input|order", help="How predictions find their examples."),
    ] = "auto",
    id: Annotated[
        str | None,
        typer.Option("--id", metavar="FIELD", help="The field by which examples and predictions are matched."),
    ] = None,
    prediction: Annotated[
        str | None, typer.Option("--prediction", metavar="FIELD", help="The field that holds the prediction.")
    ] = None,
    format: common.Format = None,
    input_field: common.InputField = None,
    output_field: common.OutputField = None,
    system_field: common.SystemField = None,
    schema: common.Schema = None,
    train: Annotated[
        list[str] | None,
        typer.Option(
            "--train", metavar="DATA", help="What was trained on, to say if the eval set is in it; repeatable."
        ),
    ] = None,
    encoder: common.EncoderOption = None,
    meaning: Annotated[
        bool | None,
        typer.Option(
            "--meaning/--no-meaning", help="Compare free texts by embedding too [default: up to 5,000 texts]."
        ),
    ] = None,
    resamples: Annotated[int, typer.Option("--resamples", help="Bootstrap resamples for the intervals.")] = 1_000,
    json: Annotated[str | None, typer.Option("--json", metavar="FILE|-", help="All figures as JSON.")] = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE.html", help="The comparison as a page.")
    ] = None,
    flips: Annotated[
        Path | None, typer.Option("--flips", metavar="FILE.csv", help="The examples whose answer got better or worse.")
    ] = None,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-on",
            metavar="worse,noise,forgetting",
            help="Exit 1 where the tuned model is worse, where no difference is shown, or where it is not shown that "
            "general tasks lose less than --margin.",
        ),
    ] = None,
    sides: Annotated[
        str | None,
        typer.Option("--sides", metavar="PROJECT", help="Have people judge the answers side by side, in this project."),
    ] = None,
    reviewers: Annotated[
        list[str] | None, typer.Option("--reviewers", metavar="NAME,…", help="With --sides: who judges.")
    ] = None,
    overlap: Annotated[
        int, typer.Option("--overlap", metavar="N", min=1, help="With --sides: how many judge each pair of answers.")
    ] = 2,
    sample: Annotated[
        int | None,
        typer.Option(
            "--sample", metavar="N", min=1, help="With --sides: judge so many, drawn at random [default: all]."
        ),
    ] = None,
    repeats: Annotated[
        int,
        typer.Option("--repeats", metavar="N", min=0, help="With --sides: show so many again, the other way round."),
    ] = 0,
    guideline: Annotated[
        Path | None, typer.Option("--guideline", metavar="FILE", help="With --sides: what makes an answer better.")
    ] = None,
    preference: Annotated[
        str | None,
        typer.Option("--preference", metavar="PROJECT", help="Say what came of judging side by side; no files needed."),
    ] = None,
    round: Annotated[
        str | None,
        typer.Option("--round", metavar="N", help="With --preference: the round [default: the newest side by side]."),
    ] = None,
    seed: common.Seed = None,
    config: common.Config = None,
    quiet: common.Quiet = False,
) -> None:
    """Say whether a tuned model is better than the one before, by how much, and whether that is noise.

    Predictions are JSONL, CSV or what a provider's batch gives back, matched by id, by input, or by order.
    """
    from curator.cli import sides as people
    from curator.comparison.compare import Wanted, check, compare
    from curator.comparison.general import forgetting

    if preference is not None:
        people.tell(preference, round, json, seed or 0)
        return
    if eval is None or baseline is None or tuned is None:
        raise InputError("name the eval set and two files of predictions: curator compare EVAL BASELINE TUNED")
    wanted = Wanted(
        task=task,
        by=_by(by),
        id=id,
        prediction=prediction,
        measure=measure,
        schema=None if schema is None else common.load_schema(schema),
        encoder=encoder,
        meaning=meaning,
        resamples=resamples,
        seed=seed or 0,
    )
    check(wanted)
    rules = _rules(fail_on, general is not None, margin)
    common.refuse_results(json, report, flips)
    with common.shown(quiet) as progress:
        evals = _eval(eval, train, format, (input_field, output_field, system_field), progress)
        found = compare(evals, baseline, tuned, wanted, progress)
        lost = None
        if general is not None:
            lost = forgetting(_general(general, wanted, progress), margin / 100)
    _write(found, lost, json, report, flips)
    if json != "-":
        from curator.cli.compare_tables import show

        show(found, lost, [str(path) for path in (report, json, flips) if path])
    if sides is not None:
        people.begin(sides, found, common.listed(reviewers), overlap, sample, repeats, guideline, seed or 0)
    if not_met := _not_met(rules, found, lost):
        if json != "-":
            print(f"gate {', '.join(not_met)}: NOT met")
        raise typer.Exit(1)


def _eval(
    where: str, train: list[str] | None, format: str | None, names: tuple[str | None, ...], progress: Progress
) -> EvalSet:
    from dataclasses import replace

    from curator.comparison.evalset import leak_into, read_eval
    from curator.formats import FieldMap

    evals = read_eval(where, format, FieldMap(*names), progress)
    return replace(evals, leak=leak_into(evals.examples, train, progress)) if train else evals


def _general(files: tuple[str, str, str], wanted: Wanted, progress: Progress) -> Comparison:
    from dataclasses import replace

    from curator.comparison.compare import compare
    from curator.comparison.evalset import read_eval

    # The task, schema and measure of the one set say nothing of the other.
    other = replace(wanted, task=None, schema=None, measure=None)
    return compare(read_eval(files[0], progress=progress), files[1], files[2], other, progress)


def _by(by: str) -> By:
    from curator.comparison.matching import WAYS

    for way in WAYS:
        if way == by:
            return way
    raise InputError(f"--by {by}: it is one of {', '.join(WAYS)}")


def _rules(given: list[str] | None, general: bool, margin: float) -> tuple[str, ...]:
    rules = common.listed(given)
    if unknown := [rule for rule in rules if rule not in _RULES]:
        raise InputError(f"--fail-on {unknown[0]}: it takes {', '.join(_RULES)}")
    if "forgetting" in rules and not general:
        raise InputError("--fail-on forgetting needs --general EVAL BASELINE TUNED, a comparison on general tasks")
    if not 0 < margin <= 100:
        raise InputError(f"--margin {margin:g}: it is a number of points above 0 and up to 100, such as 2")
    return rules


def _write(
    found: Comparison, lost: Forgetting | None, json: str | None, report: Path | None, flips: Path | None
) -> None:
    from curator.comparison.document import document, flips_csv
    from curator.comparison.page import write_page
    from curator.text import json_bytes

    if flips is not None:
        common.write_result(str(flips), flips_csv(found.flips))
    if report is not None:
        write_page(found, lost, report)
    if json is not None:
        common.write_result(json, json_bytes(document(found, lost), indent=True))


def _not_met(rules: tuple[str, ...], found: Comparison, lost: Forgetting | None) -> list[str]:
    from curator.comparison.verdict import Kept

    is_kept = lost is not None and lost.kept is Kept.KEPT
    return [rule for rule in rules if (not is_kept if rule == "forgetting" else str(found.outcome) == rule)]
