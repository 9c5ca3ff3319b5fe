"""Options that several commands share, and how they become what the pipeline takes."""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curator.errors import InputError
from curator.tasks import Task

if TYPE_CHECKING:
    from curator.cli.bar import Shown
    from curator.pipeline import Imported, Inputs, Settings

CONFIG = "curator.toml"


def _configure(context: typer.Context, path: Path | None) -> Path | None:
    """Take defaults from the configuration file: the top level for all commands, then the command's own table."""
    if context.resilient_parsing:
        return path
    if path is None and Path(CONFIG).is_file():
        path = Path(CONFIG)
    if path is None:
        return None
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError("there is no such file; --config names a curator.toml", path=path) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"cannot be read as TOML ({error})", path=path) from None
    keys = {flag.lstrip("-"): p.name for p in context.command.params for flag in (*p.opts, *p.secondary_opts)}
    own = document.get(context.info_name or "", {})
    common = {key: value for key, value in document.items() if not isinstance(value, dict)}
    defaults: dict[str, Any] = {}
    for key, value in {**common, **own}.items():
        if key in keys and keys[key] is not None:
            defaults[str(keys[key])] = value
        elif key in own:
            known = ", ".join(sorted(k for k in keys if len(k) > 1 and k not in ("help", "config")))
            raise InputError(f"[{context.info_name}] has no key {key!r}; its keys are {known}", path=path)
    context.default_map = defaults
    return path


Data = Annotated[
    list[str], typer.Argument(metavar="DATA", help="Data files, or one project (.curator or postgresql://).")
]
Eval = Annotated[list[str] | None, typer.Option("--eval", metavar="FILE", help="Eval set to protect; repeatable.")]
ProjectOption = Annotated[
    str | None, typer.Option("--project", metavar="PROJECT", help="Keep everything in this project (made if missing).")
]
Format = Annotated[
    str | None, typer.Option("--format", metavar="NAME", help="How to read the files, instead of detecting it.")
]
InputField = Annotated[
    str | None, typer.Option("--input-field", metavar="FIELD", help="Column or dotted path of the input.")
]
OutputField = Annotated[
    str | None, typer.Option("--output-field", metavar="FIELD", help="Column or dotted path of the output.")
]
SystemField = Annotated[
    str | None, typer.Option("--system-field", metavar="FIELD", help="Column or dotted path of the system text.")
]
TaskOption = Annotated[
    Task | None, typer.Option("--task", help="What the model will do; else guessed from the outputs.")
]
EncoderOption = Annotated[
    str | None,
    typer.Option("--encoder", metavar="NAME|FOLDER", help="sentence-transformers model [default: all-MiniLM-L6-v2]."),
]
Schema = Annotated[
    Path | None, typer.Option("--schema", metavar="FILE", help="JSON Schema of the outputs; else inferred from them.")
]
Seed = Annotated[int | None, typer.Option("--seed", help="Seed of everything that is random [default: 0].")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")]
Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        is_eager=True,
        callback=_configure,
        help="Defaults for the options [default: curator.toml here, if there is one].",
    ),
]


def inputs(
    data: list[str],
    evals: list[str] | None,
    project: str | None,
    format: str | None,
    fields: tuple[str | None, str | None, str | None],
) -> Inputs:
    """What the pipeline is to read."""
    from curator.formats import FieldMap
    from curator.pipeline import Inputs

    return Inputs(tuple(data), tuple(evals or ()), project, format, FieldMap(*fields))


def settings(
    task: Task | None,
    encoder: str | None,
    seed: int | None,
    *,
    only: list[str] | None = None,
    skip: list[str] | None = None,
    schema: Path | None = None,
    target: str = "openai",
) -> Settings:
    """What the checks depend on."""
    from curator.pipeline import Settings

    loaded = None if schema is None else load_schema(schema)
    return Settings(task, encoder, seed, listed(only), listed(skip), loaded, target)


def load_schema(path: Path) -> dict[str, Any]:
    """A JSON Schema from a file; raises InputError where it is none."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    try:
        schema = json.loads(path.read_text(encoding="utf-8"))
        Draft202012Validator.check_schema(schema)
    except FileNotFoundError:
        raise InputError("there is no such file; --schema names a JSON Schema", path=path) from None
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read as JSON ({error})", path=path) from None
    except SchemaError as error:
        raise InputError(f"is not a JSON Schema ({error.message})", path=path) from None
    if not isinstance(schema, dict):
        raise InputError("is not a JSON Schema: it must be an object", path=path)
    return schema


def listed(values: list[str] | None) -> tuple[str, ...]:
    """`a,b` and repeated options alike as one tuple."""
    return tuple(part.strip() for value in values or () for part in value.split(",") if part.strip())


def shown(quiet: bool) -> AbstractContextManager[Shown]:
    """Progress on stderr: a bar on a terminal, lines in a pipe, nothing with --quiet."""
    from curator.cli.bar import show

    return show(quiet)


def tell_imports(imported: list[Imported], quiet: bool) -> None:
    """Say what each file was taken for: detection can be wrong, and the reader should see it."""
    if quiet:
        return
    for item in imported:
        s, d = item.source, item.detection
        counts = f"{s.examples:,} examples" + (f", {s.rejected:,} rejected" if s.rejected else "")
        print(f"{s.path}: {counts} ({s.role}, read as {d.format}: {d.why})", file=sys.stderr)


def write_result(path: str, content: bytes, write: Callable[[str], None] | None = None) -> None:
    """Write a result to a file, or to stdout for `-`."""
    if path == "-":
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    elif write is not None:
        write(path)
    else:
        from curator.files import write_bytes

        write_bytes(path, content)
