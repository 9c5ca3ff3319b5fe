"""`curator cost`: tokens of the data, and what providers would take to train on it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curator.cli import common
from curator.errors import InputError

if TYPE_CHECKING:
    from curator.costs import Counted, Read, TargetCost
    from curator.formats import FieldMap

SCHEMA = "curator/cost/1"


def cost(
    data: Annotated[
        list[str],
        typer.Argument(metavar="DATA", help="Data files, one project, or a release: a folder that export wrote."),
    ],
    target: Annotated[
        list[str] | None,
        typer.Option(
            "--target", metavar="NAME[,NAME]|all", help="Provider formats [default: those with a price that is known]."
        ),
    ] = None,
    epochs: common.Epochs = 3,
    tokenizer: Annotated[
        Path | None,
        typer.Option(
            "--tokenizer",
            metavar="FILE",
            help="tokenizer.json of the model that is to be tuned, where the provider has no exact one.",
        ),
    ] = None,
    json: Annotated[str | None, typer.Option("--json", metavar="FILE|-", help="The figures as JSON.")] = None,
    format: common.Format = None,
    input_field: common.InputField = None,
    output_field: common.OutputField = None,
    system_field: common.SystemField = None,
    config: common.Config = None,
    quiet: common.Quiet = False,
) -> None:
    """Count tokens, and say what training would cost.

    Per target: how long examples are, how many are over its limit, and the price of each model that is known, with its date.
    No check is run.
    """
    import orjson

    from curator import costs, targets
    from curator.formats import FieldMap
    from curator.targets import tokens

    wanted = common.listed(target)
    costs.refuse_epochs(epochs)
    for name in wanted:
        if name != costs.ALL:
            targets.get(name)
    counter = None if tokenizer is None else tokens.from_file(tokenizer)
    found = _read(data, format, FieldMap(input_field, output_field, system_field), recount=counter is not None)
    if not quiet:
        for remark in found.remarks:
            print(remark, file=sys.stderr)
    every = list(costs.costs(found, wanted, epochs, counter))
    if json is not None:
        document = {"schema": SCHEMA, "data": data, "epochs": epochs, "targets": [one.as_json() for one in every]}
        common.write_result(json, orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    if json != "-":
        for line in _lines(every):
            print(line)
        print(costs.LOOK)


def _lines(every: Sequence[TargetCost]) -> Iterator[str]:
    """Every target that takes some of the examples, then once for all what holds for several of them."""
    from curator import targets

    stand_ins: dict[str, list[str]] = {}
    for one in every:
        if not one.is_empty:
            yield from one.lines()
            if one.note:
                stand_ins.setdefault(one.note, []).append(one.target)
    empty = [one.target for one in every if one.is_empty]
    if without := [name for name in empty if targets.get(name).preference]:
        yield f"{', '.join(without)}: no pairs; an output that was edited in review makes one."
    if others := [name for name in empty if name not in without]:
        yield f"{', '.join(others)}: no examples."
    for note, names in stand_ins.items():
        yield f"Stand-in of {', '.join(names)}: {note}."


def _read(data: list[str], format: str | None, fields: FieldMap, *, recount: bool) -> Read | Counted:
    """Files, a project or a release; a release knows its tokens unless they are to be counted otherwise."""
    from curator import costs, pipeline

    alone = [where for where in data if pipeline.is_project(where) or costs.is_release(where)]
    if alone and len(data) > 1:
        raise InputError(f"{alone[0]} is a project or a release: name it alone")
    if not alone:
        return costs.read(data, format, fields)
    if pipeline.is_project(data[0]):
        with pipeline.opened(pipeline.Inputs((data[0],))) as (project, _):
            return costs.read_project(project)
    known = None if recount else costs.counted(data[0])
    return known or costs.read_release(data[0])
