"""Options that several commands share, and how they become what the pipeline takes."""

from __future__ import annotations

import json
import sys
import tomllib
from contextlib import AbstractContextManager
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from curator.errors import InputError
from curator.model import Role
from curator.tasks import Task
from curator.text import plural

if TYPE_CHECKING:
    from curator.pipeline import Imported, Inputs, Settings
    from curator.progress import Progress

CONFIG = "curator.toml"


def _configure(context: typer.Context, path: Path | None) -> Path | None:
    """Take defaults from the configuration file: the top level for all commands, then the command's own table."""
    if context.resilient_parsing:
        return path
    if path is None and Path(CONFIG).is_file():
        path = Path(CONFIG)
    if path is None:
        return None
    document = _toml(path)
    tables = {name: _keys(command) for name, command in _commands(context).items()}
    name = context.info_name or ""
    for key, value in document.items():
        if isinstance(value, dict) and key not in tables:
            raise InputError(
                f"there is no command for the table [{key}]; the commands are {', '.join(tables)}", path=path
            )
        # `check` is an option of some commands too: outside of their tables it is the command.
        if not isinstance(value, dict) and (key in tables or not any(key in keys for keys in tables.values())):
            known = sorted({k for keys in tables.values() for k in keys})
            near = " or ".join(get_close_matches(key, [one for one in known if one != key]))
            meant = f", which may be {near}" if near else ""
            raise InputError(
                f"there is no key {key!r}{meant}; keys are the long options of the commands, and tables the commands: "
                f"{', '.join(tables)}",
                path=path,
            )
    keys, own = tables[name], document.get(name, {})
    for key in own:
        if key not in keys:
            raise InputError(f"[{name}] has no key {key!r}; its keys are {', '.join(sorted(keys))}", path=path)
    given = {key: value for key, value in document.items() if key in keys and not isinstance(value, dict)} | own
    context.default_map = {str(keys[key].name): _listed(keys[key], given[key]) for key in given}
    context.meta[CONFIG] = path
    return path


def _toml(path: Path) -> dict[str, Any]:
    from curator.files import reason

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError("there is no such file; --config names a curator.toml", path=path) from None
    except OSError as error:
        raise InputError(f"cannot be read ({reason(error)}); --config names a curator.toml", path=path) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"cannot be read as TOML ({error})", path=path) from None


def _commands(context: typer.Context) -> dict[str, Any]:
    """All commands by name; only the one at work where it does not run under `curator`."""
    commands: dict[str, Any] = getattr(context.parent and context.parent.command, "commands", {})
    return commands or {context.info_name or "": context.command}


def _keys(command: Any) -> dict[str, Any]:
    """A command's options by their long names (no leading dashes); `--no-…` is the option itself, set to false."""
    options = [p for p in command.params if p.param_type_name == "option" and p.name not in ("config", "help")]
    return {flag[2:]: option for option in options for flag in option.opts if flag.startswith("--")}


def _listed(option: Any, value: Any) -> Any:
    """A value of the file as its option takes it: one value stands for a list of one."""
    return [value] if getattr(option, "multiple", False) and not isinstance(value, list) else value


def source_of(error: Any, arguments: list[str]) -> str:
    """The configuration file that gave the value which `error`, a usage error, is about; "" for the command line."""
    context, option = getattr(error, "ctx", None), getattr(error, "param", None)
    if context is None or option is None or option.name not in (context.default_map or {}):
        return ""
    typed = any(argument.split("=")[0] in option.opts for argument in arguments)
    return "" if typed else f"{context.meta[CONFIG]}: "


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
Epochs = Annotated[
    int, typer.Option("--epochs", metavar="N", help="Passes over the training data, for what training would cost.")
]
Schema = Annotated[
    Path | None, typer.Option("--schema", metavar="FILE", help="JSON Schema of the outputs; else inferred from them.")
]
Seed = Annotated[int | None, typer.Option("--seed", help="Seed of everything that is random [default: 0].")]
Fix = Annotated[
    list[str] | None,
    typer.Option(
        "--fix",
        metavar="NAME,…|safe",
        help="Mend what a provider refuses: fixes by name, of one target as TARGET:NAME, or all that lose nothing. "
        "Without it they are told, not applied.",
    ),
]
BaseModel = Annotated[
    str | None,
    typer.Option(
        "--base-model",
        metavar="NAME",
        help="The open model to be tuned (gemma-2, llama-3.1, mistral-7b, qwen-2.5): leave out what its chat template fails on.",
    ),
]
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


def shown(quiet: bool) -> AbstractContextManager[Progress]:
    """Progress on stderr: a bar on a terminal, lines in a pipe, nothing with --quiet."""
    from curator.cli.bar import show

    return show(quiet)


def tell_imports(imported: list[Imported], stream: TextIO | None) -> None:
    """Say what each file was taken for: detection can be wrong, and the reader should see it."""
    for item in imported if stream is not None else ():
        s, d = item.source, item.detection
        if not item.new:
            print(f"{s.path}: is in the project already; nothing was added", file=stream)
            continue
        counts = plural(s.examples, str(s.role) if s.role is Role.CANDIDATE else "eval example")
        rejected = f", {plural(s.rejected, 'record')} rejected" if s.rejected else ""
        votes = f", {item.votes}" if item.votes.reviewers else ""
        print(f"{s.path}: {counts}{votes}{rejected} (read as {d.format}: {d.why})", file=stream)


def told(quiet: bool) -> TextIO | None:
    """Where remarks go that are not the result."""
    return None if quiet else sys.stderr


def refuse_results(*names: str | Path | None) -> None:
    """Raise InputError, before the work and not after it, where results cannot go to these files: a folder, or one for two."""
    files = [Path(name) for name in names if name not in (None, "-")]
    for file in files:
        if file.is_dir():
            raise InputError("is a folder; name a file to write", path=file)
        if files.count(file) > 1:
            raise InputError("two results would go to this file; name another for one of them", path=file)


def write_result(path: str, content: bytes) -> None:
    """Write a result to a file, or to stdout for `-`."""
    if path == "-":
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    from curator.files import write_bytes

    write_bytes(path, content)
