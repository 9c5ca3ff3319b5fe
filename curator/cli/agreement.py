"""`curator agreement`: how far reviewers agree, and the consensus of their votes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curator.cli import common
from curator.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from curator.review.agreement import Agreement
    from curator.review.consensus import Consensus
    from curator.review.estimates import Estimate
    from curator.review.votes import Votes

_SHOWN = 12  # rows of a table on the screen; files have all


def agreement(
    votes: Annotated[
        str,
        typer.Argument(
            metavar="VOTES|PROJECT",
            help="A table of votes (CSV, TSV, XLSX, Parquet, JSON Lines; a row per vote, or a column per reviewer), an "
            "export of Label Studio, Argilla, Prodigy or doccano, or a project, whose decisions in force are the votes.",
        ),
    ],
    item: Annotated[str | None, typer.Option(metavar="COLUMN", help="The column that names the item.")] = None,
    reviewer: Annotated[str | None, typer.Option(metavar="COLUMN", help="The column that names the reviewer.")] = None,
    label: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="The column with the label; in an export, the question.")
    ] = None,
    method: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="How to find the consensus: auto (whichever foretells held-out votes best), majority, dawid-skene, "
            "one-coin or mace.",
        ),
    ] = "auto",
    json: Annotated[
        str | None, typer.Option("--json", metavar="FILE|-", help="Write all figures as JSON; - for standard output.")
    ] = None,
    consensus: Annotated[
        str | None,
        typer.Option(metavar="FILE.csv", help="Write the consensus: item, label, confidence, agreement, votes."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the intervals and of what auto holds out.")] = 0,
    config: common.Config = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no summary and no progress.")] = False,
) -> None:
    """Say how far reviewers agree, and on what."""
    from curator.progress import Lines, Silent
    from curator.review.advice import advise
    from curator.review.agreement import measure_agreement
    from curator.review.agreement_report import consensus_csv, document
    from curator.review.consensus import check_method, find_consensus

    check_method(method)
    if json not in (None, "-") and consensus is not None and Path(str(json)) == Path(consensus):
        raise InputError("--json and --consensus name the same file; choose two.", path=consensus)
    progress = Silent() if quiet else Lines()
    progress.report(0, None, "Reading votes")
    cast = _votes(votes, item, reviewer, label)
    progress.report(0, None, "Finding the consensus")
    agreed = find_consensus(cast, method, seed)
    progress.report(0, None, "Measuring agreement")
    found = measure_agreement(cast, agreed, seed)
    advice = advise(found)
    if consensus is not None:
        common.write_result(consensus, consensus_csv(cast, agreed).encode())
    if json is not None:
        import orjson

        options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
        common.write_result(json, orjson.dumps(document(cast, found, agreed, advice, seed), option=options))
    if json != "-" and not quiet:
        _show(cast, found, agreed, advice)


def _votes(where: str, item: str | None, reviewer: str | None, label: str | None) -> Votes:
    from curator.review.votes import read_votes, votes_from_decisions

    if not (where.endswith(".curator") or where.startswith(("postgresql://", "postgresql+", "postgres://"))):
        return read_votes(where, item, reviewer, label)
    named = {"--item": item, "--reviewer": reviewer, "--label": label}
    if given := [option for option, value in named.items() if value is not None]:
        raise InputError(f"{', '.join(given)} names columns of a table of votes; leave it out for a project.")
    from curator.store import Project
    from curator.tasks import Task

    with Project.open(where) as project:
        decisions = list(project.decisions())
        examples = project.get_examples({decision.example for decision in decisions})
        task = project.settings().get("task", Task.CLASSIFICATION)
        return votes_from_decisions(decisions, examples, by_label=task == Task.CLASSIFICATION)


def _show(votes: Votes, found: Agreement, consensus: Consensus, advice: list[str]) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    console.print(f"{found.votes:,} votes of {found.reviewers:,} reviewers on {found.items:,} items", style="bold")
    _show_coefficients(console, found)
    if len(found.by_label) > 1:
        _show_labels(console, found)
    _show_reviewers(console, found)
    sure = int((consensus.confidence >= 0.9).sum())
    console.print(Text(f"\nConsensus: {consensus.why}"))
    console.print(f"{sure:,} of {found.items:,} items are at least 90% sure.")
    for sentence in (*votes.notes, *consensus.notes, *advice):
        console.print(Text(f"• {sentence}"))


def _show_coefficients(console: Console, found: Agreement) -> None:
    from rich.text import Text

    table = _table("agreement", "value", "95% interval")
    rows = [
        ("Percent agreement", found.percent_agreement),
        ("Krippendorff's α", found.krippendorff_alpha),
        ("  ordinal", found.ordinal_alpha),
        ("  interval", found.interval_alpha),
        ("Fleiss' κ", found.fleiss_kappa),
        ("Gwet's AC1", found.gwet_ac1),
    ]
    rows += [(f"Cohen's κ, {pair.a} and {pair.b}", pair.kappa) for pair in found.cohen_kappa[:3]]
    for name, estimate in rows:
        if estimate is not None:
            _row(table, name, _figure(estimate.value), _interval(estimate))
    console.print(table)
    undefined: dict[str, list[str]] = {}
    for name, estimate in rows:
        if estimate is not None and estimate.why is not None:
            undefined.setdefault(estimate.why, []).append(name.strip())
    for why, names in undefined.items():
        console.print(Text(f"Undefined: {'; '.join(names)}: {why}."))


def _show_labels(console: Console, found: Agreement) -> None:
    table = _table("label", "votes", "items", "agreement", "95% interval", "confused with")
    for label in sorted(found.by_label, key=lambda one: (-one.votes, one.label))[:_SHOWN]:
        other = "–" if label.confused_with is None else f"{label.confused_with} ({label.confused_share:.0%})"
        figures = (_figure(label.agreement.value), _interval(label.agreement))
        _row(table, label.label, f"{label.votes:,}", f"{label.items:,}", *figures, other)
    console.print(table)
    _say_more(console, len(found.by_label), "labels")


def _show_reviewers(console: Console, found: Agreement) -> None:
    table = _table("reviewer", "votes", "agreement", "accuracy", "95% interval")
    for one in sorted(found.by_reviewer, key=lambda reviewer: (-reviewer.votes, reviewer.reviewer))[:_SHOWN]:
        _row(
            table,
            one.reviewer,
            f"{one.votes:,}",
            _figure(one.agreement),
            _figure(one.accuracy.value),
            _interval(one.accuracy),
        )
    console.print(table)
    _say_more(console, len(found.by_reviewer), "reviewers")


def _table(*columns: str) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for at, column in enumerate(columns):
        figure = at > 0 and column != "confused with"
        width = None if figure else 8
        table.add_column(
            column, justify="right" if figure else "left", overflow="fold", no_wrap=figure, min_width=width
        )
    return table


def _row(table: Table, *cells: str) -> None:
    from rich.text import Text

    # Text, so that a name in square brackets is no markup.
    table.add_row(*(Text(cell) for cell in cells))


def _say_more(console: Console, number: int, what: str) -> None:
    if number > _SHOWN:
        console.print(f"and {number - _SHOWN:,} more {what}; --json has them all", style="dim")


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _interval(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return "–"
    return f"{estimate.low:.3f} to {estimate.high:.3f}"
