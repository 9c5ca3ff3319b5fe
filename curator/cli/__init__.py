"""The command line: one module per command, each thin over `curator.pipeline`.

Nothing heavy is imported here: `curator --help` answers at once, and a command loads what it needs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

import typer

from curator import __version__
from curator.cli import common
from curator.cli.accept import accept, dismiss
from curator.cli.adjudicate import adjudicate
from curator.cli.agreement import agreement
from curator.cli.assign import assign
from curator.cli.calibrate import calibrate
from curator.cli.check import check
from curator.cli.compare import compare
from curator.cli.convert import convert
from curator.cli.cost import cost
from curator.cli.demo import demo
from curator.cli.diff import diff
from curator.cli.doctor import doctor
from curator.cli.export import export
from curator.cli.grant import grant
from curator.cli.keep import import_, log, new, status, undo
from curator.cli.merge import merge
from curator.cli.open_ import open_
from curator.cli.pack import pack
from curator.cli.ready import ready
from curator.cli.rebuild import rebuild
from curator.cli.targets import targets
from curator.cli.validate import validate
from curator.errors import CuratorError, EnvironmentFailure

BUG = "This is a bug in Curator. Please report it with the lines above and what `curator doctor` prints."
BUG_EXIT = 70

app = typer.Typer(
    name="curator",
    help="Clean, reviewed, provider-ready fine-tuning data.",
    epilog="Exit codes: 0 done · 1 a gate not met · 2 bad usage or input · 3 the environment · 70 a bug of ours · 130 interrupted.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
COMMANDS: dict[str, Callable[..., None]] = {
    "check": check,
    "export": export,
    "validate": validate,
    "targets": targets,
    "convert": convert,
    "ready": ready,
    "diff": diff,
    "rebuild": rebuild,
    "compare": compare,
    "cost": cost,
    "new": new,
    "import": import_,
    "status": status,
    "log": log,
    "undo": undo,
    "accept": accept,
    "dismiss": dismiss,
    "calibrate": calibrate,
    "assign": assign,
    "agreement": agreement,
    "pack": pack,
    "merge": merge,
    "adjudicate": adjudicate,
    "grant": grant,
    "open": open_,
    "demo": demo,
    "doctor": doctor,
}
for name, command in COMMANDS.items():
    app.command(name)(command)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"curator {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and stop."
    ),
) -> None:
    """Clean, reviewed, provider-ready fine-tuning data."""


def main() -> None:
    """Run the command line; every expected error is one sentence on stderr and an exit code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code. Only a bug of ours shows a traceback."""
    try:
        code = app(arguments or ["--help"], prog_name="curator", standalone_mode=False)
    except CuratorError as error:
        return _say(str(error), error.exit_code)
    except KeyboardInterrupt:
        code = 130
    except SystemExit as done:  # how printing a completion script ends
        code = done.code
    except BrokenPipeError:
        # The reader of our output left; keep Python from complaining when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        from curator.files import reason

        where = f"{error.filename}: " if error.filename else ""
        return _say(f"{where}{reason(error)}", EnvironmentFailure.exit_code)
    except MemoryError:
        return _say("there is not enough memory for this data; close other programs or take a smaller file", 3)
    except Exception as error:
        if hasattr(error, "format_message"):  # what Typer raises for wrong usage
            said = error.format_message().rstrip(".").replace("Value error, ", "")
            said = common.source_of(error, arguments) + said
            return _say(f"{said} (see curator {_command(arguments)}--help)", 2)
        import traceback

        traceback.print_exc()
        print(f"\n{BUG}", file=sys.stderr)
        return BUG_EXIT
    if code == 130:
        return _say("Stopped; everything that was finished is kept.", 130)
    return code if isinstance(code, int) else 0


def _command(arguments: list[str]) -> str:
    return f"{arguments[0]} " if arguments and arguments[0] in COMMANDS else ""


def _say(message: str, code: int) -> int:
    prefix = "" if code == 130 else "curator: "
    print(f"{prefix}{message}" if message.endswith(("?", ".")) else f"{prefix}{message}.", file=sys.stderr)
    return code
