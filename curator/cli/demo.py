"""`curator demo`: the bundled sample through the whole of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from curator.cli import common


def demo(
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where the demo's files go.")] = Path(
        "curator-demo"
    ),
    sample: Annotated[
        str, typer.Option("--sample", metavar="support|extraction|style", help="Which of the bundled samples.")
    ] = "support",
    quiet: common.Quiet = False,
) -> None:
    """Take the bundled sample through everything.

    Each command is shown as you would type it.
    """
    from curator import cli, pipeline

    pairs, evals, task = pipeline.sample(sample)
    out.mkdir(parents=True, exist_ok=True)
    project, release = out / f"{sample}.curator", out / "release"
    findings, page = out / "findings.json", out / "check.html"
    quietly = ["--quiet"] if quiet else []
    start = [] if project.exists() else [["new", str(project), "--task", task]]
    steps = [
        *start,
        ["import", str(project), str(pairs), "--eval", str(evals), *quietly],
        ["check", str(project), "--json", str(findings), "--report", str(page), *quietly],
        [
            "export",
            str(project),
            "--target",
            "openai,trl,jsonl",
            "--split",
            "80/10/10",
            "--out",
            str(release),
            "--force",
            *quietly,
        ],
        ["validate", str(release / "openai" / "train.jsonl"), "--target", "openai"],
        ["status", str(project)],
    ]
    for step in steps:
        print(f"\n$ curator {' '.join(step)}", flush=True)
        code = cli.run(step)
        if code:
            raise typer.Exit(code)
    print(f"\nLook at {page} and {release / 'report.html'}")
