"""`curator ready`: fine-tune, or is something simpler the better step?"""

from __future__ import annotations

from typing import Annotated

import typer

from curator.cli import common


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
    json: Annotated[str | None, typer.Option("--json", metavar="FILE|-", help="The answer as JSON.")] = None,
    seed: common.Seed = None,
    config: common.Config = None,
    quiet: common.Quiet = False,
) -> None:
    """Say whether to fine-tune, or what comes first.

    Is there enough good data, or is prompting, few-shot or retrieval the better step?
    """
    import orjson

    from curator import pipeline

    fields = (input_field, output_field, system_field)
    chosen = common.settings(task, encoder, seed, schema=schema)
    pipeline.refuse_settings(chosen)
    with (
        common.shown(quiet) as progress,
        pipeline.opened(common.inputs(data, evals, project, format, fields), progress) as (opened, imported),
    ):
        common.tell_imports(imported, common.told(quiet))
        answer = pipeline.ready(opened, chosen, progress)
    if json is not None:
        common.write_result(
            json, orjson.dumps(answer.as_json(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        )
    if json != "-":
        for line in answer.lines():
            print(line)
    if not answer.ready:
        raise typer.Exit(1)
