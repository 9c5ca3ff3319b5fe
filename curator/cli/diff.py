"""`curator diff`: what is different between two releases, or two states of a project?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from curator.cli import common
from curator.errors import InputError

_STATE = "A release folder, a project, or a project at an entry or release: shop.curator@12, shop.curator@release-2."


def diff(
    before: Annotated[str, typer.Argument(metavar="BEFORE", help=_STATE)],
    after: Annotated[str, typer.Argument(metavar="AFTER", help="The later state, named alike.")],
    json: Annotated[str | None, typer.Option("--json", metavar="FILE|-", help="Everything as JSON.")] = None,
    csv: Annotated[str | None, typer.Option("--csv", metavar="FILE|-", help="A row for each change, as CSV.")] = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE.html", help="The same for people, as a page.")
    ] = None,
    rows: Annotated[int, typer.Option("--rows", metavar="N", min=0, help="How many changes to print.")] = 20,
    config: common.Config = None,
) -> None:
    """Say what differs between two releases, or two states of a project, and why.

    Examples that were added, removed, relabelled, edited, or moved to another split; and settings, versions and sources
    that differ. Personal data is masked. A release folder needs no project.
    """
    from curator.files import write_text
    from curator.versions import compare, document, find

    if json == "-" and csv == "-":
        raise InputError("--json and --csv cannot both go to stdout; name a file for one of them")
    common.refuse_results(json, csv, report)
    with find(before) as old, find(after) as new:
        found = compare(old, new)
    if json is not None:
        common.write_result(json, document.json_document(found))
    if csv is not None:
        common.write_result(csv, document.table(found))
    if report is not None:
        write_text(report, document.page(found))
    if "-" not in (json, csv):
        for line in document.lines(found, rows):
            print(line)
