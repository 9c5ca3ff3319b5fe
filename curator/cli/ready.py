"""`curator ready`: fine-tune, or is something simpler the better step?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curator.cli import common
from curator.errors import InputError

if TYPE_CHECKING:
    from curator.readiness import Answers, Coverage
    from curator.store import Project

_KEYS = {"y": True, "yes": True, "n": False, "no": False, "?": None, "": None}


def ready(
    data: common.Data,
    evals: common.Eval = None,
    project: common.ProjectOption = None,
    format: common.Format = None,
    input_field: common.InputField = None,
    output_field: common.OutputField = None,
    system_field: common.SystemField = None,
    task: common.TaskOption = None,
    encoder: common.EncoderOption = None,
    schema: common.Schema = None,
    production: Annotated[
        list[str] | None,
        typer.Option("--production", metavar="FILE", help="Inputs as production asks them, in any format; repeatable."),
    ] = None,
    missing: Annotated[
        Path | None,
        typer.Option(
            "--missing", metavar="FILE.jsonl", help="Write the production inputs here that candidates do not cover."
        ),
    ] = None,
    answers: Annotated[
        Path | None,
        typer.Option("--answers", metavar="FILE.toml", help="Answers to the questions, such as prompting = true."),
    ] = None,
    answer: Annotated[
        list[str] | None,
        typer.Option(
            "--answer", metavar="QUESTION=yes|no|unknown", help="One answer, such as prompting=yes; repeatable."
        ),
    ] = None,
    ask: Annotated[bool, typer.Option("--ask", help="Ask the questions here.")] = False,
    json: Annotated[str | None, typer.Option("--json", metavar="FILE|-", help="The answer as JSON.")] = None,
    seed: common.Seed = None,
    config: common.Config = None,
    quiet: common.Quiet = False,
) -> None:
    """Say whether to fine-tune, or what comes first.

    Is there enough good data, or is prompting, few-shot or retrieval the better step? The data tells a part of it, eight
    questions the rest: their answers are kept in the project, where there is one.
    """
    import orjson

    from curator import pipeline
    from curator.readiness import production as asked

    fields = (input_field, output_field, system_field)
    chosen = common.settings(task, encoder, seed, schema=schema)
    if missing is not None and not production:
        raise InputError(
            "--missing writes the production inputs that are not covered; give them with --production FILE"
        )
    given = _given(answers, answer)
    pipeline.refuse_settings(chosen)
    inputs = common.inputs(data, evals, project, format, fields)
    requests = asked.read(production, inputs.fields) if production else []
    with common.shown(quiet) as progress, pipeline.opened(inputs, progress) as (opened, imported):
        common.tell_imports(imported, common.told(quiet))
        kept = pipeline.is_project(data[0]) or project is not None
        known = _answers(opened, given, ask=ask, keep=kept)
        where = _where(project or data[0], [] if kept else evals or [], data if not kept else [])
        answered = pipeline.ready(opened, chosen, progress, answers=known, production=requests, where=where)
    if missing is not None and answered.coverage is not None:
        _write_missing(missing, answered.coverage)
    if json is not None:
        common.write_result(
            json, orjson.dumps(answered.as_json(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        )
    if json != "-":
        for line in answered.lines():
            print(line)
    if not answered.ready:
        raise typer.Exit(1)


def _given(answers: Path | None, answer: list[str] | None) -> dict[str, str | bool | float]:
    """What the options answer; one given alone outweighs the file."""
    from curator.readiness import Answers
    from curator.readiness.questions import parse

    read = Answers.read(answers).as_json() if answers is not None else {}
    alone = parse(answer or ())
    Answers.of(alone)  # refused before the work is done
    return {**read, **alone}


def _answers(project: Project, given: dict[str, str | bool | float], *, ask: bool, keep: bool) -> Answers:
    """What the project remembers, then what is given now, then what is asked; kept again in the project."""
    from curator.readiness import SETTING, Answers

    before = project.settings().get(SETTING) or {}
    known = Answers.of({**before, **given})
    if ask:
        known = _ask(known)
    if keep and known.as_json() != Answers.of(before).as_json():
        project.set_settings(**{SETTING: known.as_json()})
    return known


def _ask(known: Answers) -> Answers:
    """Ask each question on the terminal; Enter leaves the answer as it is."""
    from curator.readiness import QUESTIONS, Answers
    from curator.readiness.questions import NUMBERS, help_of, title

    said = known.as_json()
    for name in QUESTIONS:
        print(f"\n{title(name)}\n  {help_of(name)}", file=sys.stderr)
        while True:
            typed = _typed(f"  yes, no or ? [{said[name]}]: ").casefold()
            if typed in _KEYS:
                break
        said[name] = said[name] if typed == "" else {True: "yes", False: "no", None: "unknown"}[_KEYS[typed]]
    for name in NUMBERS:
        print(f"\n{title(name)}", file=sys.stderr)
        while True:
            typed = _typed(f"  such as 82% [{said.get(name, 'unknown')}]: ")
            try:
                said = Answers.of(said | ({name: typed} if typed else {})).as_json()
                break
            except InputError as error:
                print(f"  {error}", file=sys.stderr)
    return Answers.of(said)


def _typed(prompt: str) -> str:
    print(prompt, end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    if not line:
        raise InputError("--ask asks on the terminal, and the input ended; give the answers with --answers FILE.toml")
    return line.strip()


def _where(first: str, evals: list[str], files: list[str]) -> str:
    """DATA as the next command would name it."""
    import shlex

    parts = files or [first]
    return " ".join([*(shlex.quote(part) for part in parts), *(f"--eval {shlex.quote(file)}" for file in evals)])


def _write_missing(path: Path, found: Coverage) -> None:
    """One line for each input that is missing: the input, and the number of its cluster."""
    from curator.files import write_bytes
    from curator.text import json_bytes

    write_bytes(path, b"".join(json_bytes(one) for one in found.rows()))
