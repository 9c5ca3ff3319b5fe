"""`curator convert`: one format into another."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from curator.cli import common
from curator.text import plural


def convert(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The file to read.")],
    to: Annotated[str, typer.Option("--to", metavar="FORMAT", help="The format to write.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where to write [default: beside FILE].")
    ] = None,
    format: common.Format = None,
    input_field: common.InputField = None,
    output_field: common.OutputField = None,
    system_field: common.SystemField = None,
    salt: Annotated[
        str | None,
        typer.Option("--salt", metavar="HEX", help="For --to hashed: the key of the hashes [default: a random one]."),
    ] = None,
    encoder: common.EncoderOption = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file that is there.")] = False,
    config: common.Config = None,
    quiet: common.Quiet = False,
) -> None:
    """Turn a file into another format.

    `--to hashed` makes a private eval set: hashes and embeddings instead of texts, for `--eval` wherever the texts must not go.

    What cannot be read, or the new format cannot hold, is named on stderr, and the exit code is 1.
    """
    from curator import conversion
    from curator.formats import FieldMap

    with common.shown(quiet) as progress:
        done = conversion.convert(
            file,
            to,
            out,
            format,
            FieldMap(input_field, output_field, system_field),
            force=force,
            salt=salt,
            encoder=encoder,
            progress=progress,
        )
    print(f"{plural(done.written, 'example')} written to {done.path}")
    for ref, reason in (*done.rejected, *done.skipped):
        print(f"{ref}: {reason}", file=sys.stderr)
    if done.rejected or done.skipped:
        print(
            f"{plural(len(done.rejected), 'record')} could not be read, {plural(len(done.skipped), 'example')} could not be written as {to}"
        )
        raise typer.Exit(1)
