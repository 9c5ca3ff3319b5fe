"""The lines that explain a release, a row for each example: what was written and what was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from curator import sensitive
from curator.checks.data import Data
from curator.model import Decision, Example
from curator.release.manifest import Named
from curator.release.place import Placement
from curator.release.select import Selection
from curator.reports import data as reports
from curator.reports import masking
from curator.review.provenance import Reviewed
from curator.review.required import DISAGREEMENT, RULES
from curator.splits import Exclusion
from curator.store import ReleaseRow
from curator.text import json_bytes


def jsonl(records: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(json_bytes(record) for record in records)


def rows(
    data: Data,
    placement: Placement,
    decisions: Mapping[int, Decision],
    reviewed: Reviewed,
    selection: Selection,
    lines: Mapping[int, Mapping[str, int | list[int]]],
    named: Named,
) -> bytes:
    examples = data.candidates.examples
    ambiguous = _ambiguous(named)

    def row(index: int) -> dict[str, Any]:
        example, decision = examples[index], decisions.get(examples[index].id)
        near = placement.nearest.get(index)
        return {
            "split": placement.split[index],
            "lines": dict(lines.get(index, {})),
            "tokens": {name: int(selection.acceptances[name].tokens[index]) for name in lines.get(index, {})},
            "fixes": {
                name: list(asked.applied[index])
                for name, asked in selection.acceptances.items()
                if index in asked.applied and name in lines.get(index, {})
            },
            "from": _from(named.rows[index], example, ambiguous),
            "key": data.candidates.keys[index],
            "question": named.rows[index].question,
            "group": named.rows[index].group or None,
            "remembered": named.rows[index].remembered,
            "decision": None
            if decision is None
            else {"id": decision.id, "reviewer": decision.reviewer, "verdict": str(decision.verdict)},
            "provenance": reviewed.of(example.id).as_json(),
            "nearest": None
            if near is None
            else {"from": examples[near[0]].ref.as_json(), "split": placement.split[near[0]], "cosine": near[1]},
        }

    return jsonl(row(index) for index in placement.order)


def _ambiguous(named: Named) -> frozenset[str]:
    """The paths that stand for several files, as where one was changed and imported anew."""
    count = Counter(path for path, _ in {(row.source, row.sha256) for row in named.rows.values()})
    return frozenset(path for path, files in count.items() if files > 1)


def _from(row: ReleaseRow, example: Example, ambiguous: Collection[str]) -> dict[str, Any]:
    """Where a row came from; with the checksum of its file where the path does not tell which it is."""
    return example.ref.as_json() | ({"sha256": row.sha256} if row.source in ambiguous else {})


def excluded(data: Data, reviewed: Reviewed, selection: Selection, out: Mapping[int, Exclusion], named: Named) -> bytes:
    c, ambiguous = data.candidates, _ambiguous(named)

    def line(index: int, exclusion: Exclusion, target: str | None) -> dict[str, Any]:
        # This file explains and may be passed on: who wants the true text finds it in the source.
        example = masking.example(c.examples[index])
        record: dict[str, Any] = {
            "from": _from(named.rows[index], example, ambiguous),
            "reason": exclusion.rule,
            "message": sensitive.mask(exclusion.message),
            "finding": exclusion.finding,
            "decision": exclusion.decision,
            "reviewer": named.rows[index].reviewer,
            "verdict": named.rows[index].verdict,
            "input": example.input,
            "output": example.output,
        }
        if example is not c.examples[index]:
            record["masked"] = True
        if exclusion.rule in (DISAGREEMENT, *RULES):
            record["provenance"] = reviewed.of(example.id).as_json()
        return record | ({"target": target} if target else {})

    everywhere = [line(i, out[i], None) for i in sorted(out)]
    some = [
        line(i, exclusion, name)
        for name, found in selection.refused.items()
        for i, exclusion in sorted(found.items())
        if i not in out
    ]
    return jsonl(everywhere + some)


def rejected(checked: reports.CheckReport) -> Iterable[dict[str, Any]]:
    for rejected in checked.rejected:
        yield {"from": rejected.ref.as_json(), "reason": sensitive.mask(rejected.reason)}
