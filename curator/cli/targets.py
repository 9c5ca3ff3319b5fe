"""`curator targets`: the formats that can be written, and their rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from curator.cli import common

if TYPE_CHECKING:
    from curator.targets import Target
    from curator.targets.fixes import Fix


def targets(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="All that is known of one target.")] = None,
    json: Annotated[str | None, typer.Option("--json", metavar="FILE|-", help="All rules and limits as JSON.")] = None,
    config: common.Config = None,
) -> None:
    """List the formats of providers, with their limits and the date of what is known.

    With a name also what its rules are, where they were read, and the fixes that there are.
    """
    from dataclasses import asdict

    import orjson

    from curator import targets as known
    from curator.targets import base_models, fixes

    chosen = [known.get(one) for one in (known.names() if name is None else (name,))]
    if json is not None:
        document = {
            "schema": "curator/targets/1",
            "targets": {target.name: asdict(target.rules) | {"preference": target.preference} for target in chosen},
            "fixes": {fix.name: {"title": fix.title, "loses": fix.loses} for fix in fixes.FIXES.values()},
            "base_models": [asdict(model) for model in base_models.every()],
        }
        common.write_result(json, orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        if json == "-":
            return
    if name is None:
        wide = max(len(target.name) for target in chosen)
        for target in chosen:
            limits = "; ".join(target.rules.told()) or "no limits known"
            print(f"{target.name:{wide}}  {target.title} ({target.rules.as_of}): {limits}")
        print("Fixes for --fix: " + ", ".join((fixes.SAFE, *map(_named, fixes.FIXES.values()))))
        print("Base models for --base-model: " + ", ".join(model.name for model in base_models.every()))
        return
    for target in chosen:
        for line in _all_of(target):
            print(line)


def _named(fix: Fix) -> str:
    return f"{fix.name} (loses {fix.loses})" if fix.loses else fix.name


def _all_of(target: Target) -> list[str]:
    from curator.targets import base_models

    rules = target.rules
    lines = [f"{target.name}: {rules.title}", f"as of {rules.as_of}; source: {rules.source}"]
    lines += [f"- {said}" for said in rules.told()]
    if rules.refuses:
        lines.append(f"- refuses what breaks: {', '.join(rules.refuses)}")
    lines.append(f"- carries beside roles and texts: {', '.join(rules.carries) or 'nothing'}")
    if rules.reserved:
        lines.append(f"- reserved words: {' '.join(rules.reserved)}")
    lines.append(f"- tokens are counted: {target.counter}")
    lines += [f"- {note}" for note in rules.notes]
    if rules.base_models:
        for model in base_models.every():
            lines += [f"- {model.title} ({model.name}): {trap.effect}; {trap.fix}" for trap in model.traps]
    return lines
