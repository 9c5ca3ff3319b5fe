"""`curator agreement`: how far reviewers agree, and the consensus of their votes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curator.cli import common
from curator.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from curator.progress import Progress
    from curator.review.agreement.measures import ReviewerCheck
    from curator.review.agreement.report import Texts
    from curator.review.votes.arrays import Votes
    from curator.store import Project


@dataclass(frozen=True, slots=True)
class _Cast:
    """The votes, and what only a project has: checks of its reviewers, the outputs they left, embeddings of the items."""

    votes: Votes
    checks: Sequence[ReviewerCheck] = ()
    left: Texts | None = None
    vectors: NDArray[np.float32] | None = None
    note: str = ""


def agreement(
    votes: Annotated[
        str,
        typer.Argument(
            metavar="VOTES|PROJECT",
            help="A table of votes (CSV, TSV, XLSX, Parquet, JSON Lines; a row per vote, or a column per reviewer), an "
            "export of Label Studio, Argilla, Prodigy or doccano, or a project, whose rounds have the votes, or else its decisions.",
        ),
    ],
    item: Annotated[str | None, typer.Option(metavar="COLUMN", help="The column that names the item.")] = None,
    reviewer: Annotated[str | None, typer.Option(metavar="COLUMN", help="The column that names the reviewer.")] = None,
    label: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="The column with the label; in an export, the question.")
    ] = None,
    round: Annotated[
        str | None,
        typer.Option("--round", metavar="N", help="Of a project: one round, by its number or name [default: all]."),
    ] = None,
    method: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="How to find the consensus: auto (whichever foretells held-out votes best), majority, dawid-skene, "
            "one-coin, mace or crowdlab (for projects: learns from the texts too).",
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
    from curator.cli.agreement_tables import show
    from curator.progress import Lines, Silent
    from curator.review.agreement.advice import advise
    from curator.review.agreement.measures import measure_agreement
    from curator.review.agreement.report import consensus_csv, document
    from curator.review.consensus.choosing import check_method, find_consensus

    check_method(method)
    if json not in (None, "-") and consensus is not None and Path(str(json)) == Path(consensus):
        raise InputError("--json and --consensus name the same file; choose two.", path=consensus)
    progress = Silent() if quiet else Lines()
    progress.report(0, None, "Reading votes")
    cast = _cast(votes, {"--item": item, "--reviewer": reviewer, "--label": label}, round, method, seed, progress)
    progress.report(0, None, "Finding the consensus")
    agreed = find_consensus(cast.votes, method, seed, cast.vectors)
    progress.report(0, None, "Measuring agreement")
    found = measure_agreement(cast.votes, agreed, seed, checks=cast.checks)
    advice = advise(found, cast.left.fields if cast.left else ()) + ([cast.note] if cast.note else [])
    if consensus is not None:
        common.write_result(consensus, consensus_csv(cast.votes, agreed).encode())
    if json is not None:
        import orjson

        options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
        common.write_result(
            json, orjson.dumps(document(cast.votes, found, agreed, advice, seed, cast.left), option=options)
        )
    if json != "-" and not quiet:
        show(cast.votes, found, agreed, advice, cast.left)


def _cast(
    where: str, named: Mapping[str, str | None], round: str | None, method: str, seed: int, progress: Progress
) -> _Cast:
    from curator.review.agreement.sets import merge_equal_sets
    from curator.review.votes.arrays import read_votes

    if not (where.endswith(".curator") or where.startswith(("postgresql://", "postgresql+", "postgres://"))):
        if round is not None:
            raise InputError("--round names a round of a project; leave it out for a table of votes.")
        return _Cast(merge_equal_sets(read_votes(where, *named.values())))
    if given := [option for option, value in named.items() if value is not None]:
        raise InputError(f"{', '.join(given)} names columns of a table of votes; leave it out for a project.")
    from curator.store import Project

    with Project.open(where) as project:
        return _of_project(project, round, method, seed, progress)


def _of_project(project: Project, round: str | None, method: str, seed: int, progress: Progress) -> _Cast:
    from curator.review.agreement.fields import measure_fields
    from curator.review.agreement.report import Texts
    from curator.review.agreement.texts import measure_texts
    from curator.review.votes.arrays import VERDICTS
    from curator.review.votes.of_rounds import outputs_of, reviewer_checks, votes_of_project, votes_of_round

    votes = votes_of_project(project) if round is None else votes_of_round(project, round)
    outputs = outputs_of(project, round)
    left = Texts(measure_fields(outputs, seed), measure_texts(outputs, seed)) if outputs else None
    vectors, note = None, ""
    if method == "crowdlab" or (method == "auto" and not set(votes.labels) <= VERDICTS):
        vectors, note = _vectors(project, votes, method, progress)
    return _Cast(votes, reviewer_checks(project, round), left, vectors, note)


def _vectors(project: Project, votes: Votes, method: str, progress: Progress) -> tuple[NDArray[np.float32] | None, str]:
    """Embeddings of the items; for `auto` only where the cache has them all, else a sentence on how to have them tried."""
    from curator.embedding import Embedder
    from curator.review.consensus.crowdlab import why_not
    from curator.review.consensus.models import Ballots

    examples = {example.id: example for example in project.get_examples(map(int, votes.items))}
    texts = [examples[int(item)].input for item in votes.items]
    if method == "auto" and why_not(Ballots.of(votes)):
        return None, ""
    embedder = Embedder(project.settings().get("encoder"))
    try:
        missing = embedder.missing(texts) if method == "auto" else 0
        if missing:
            return None, (
                f"CROWDLAB, which learns from the texts, was not tried: {missing:,} of them are not embedded yet; "
                "curator check embeds them, as does --method crowdlab."
            )
        return embedder.vectors(texts, progress), ""
    finally:
        embedder.close()
