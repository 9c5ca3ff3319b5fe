"""The same pair twice: equal turns and tools, white space (and the case of the input) aside."""

from __future__ import annotations

import json
from collections import defaultdict

from curator.checks.data import Data, Outcome, fold, squeeze
from curator.checks.findings import finding_id, plural, shorten
from curator.model import Example, Finding, Severity, Suggestion, Verdict

NAME = "exact_duplicate"


def run(data: Data) -> Outcome:
    """One finding per set of equal candidates; the suggestion keeps the one with the fewest flaws."""
    groups: dict[str, list[int]] = defaultdict(list)
    for index, example in enumerate(data.candidates.examples):
        groups[_identity(example)].append(index)
    return Outcome([_finding(data, group) for group in groups.values() if len(group) > 1])


def _identity(example: Example) -> str:
    turns = [(m.role, squeeze(m.text) if m.role == "assistant" else fold(m.text)) for m in example.messages]
    return json.dumps([turns, list(example.tools)], sort_keys=True, ensure_ascii=False, default=str)


def _finding(data: Data, group: list[int]) -> Finding:
    c = data.candidates
    group = sorted(group, key=lambda i: (data.flaws[i], c.keys[i], c.examples[i].ref.source, c.examples[i].ref.record))
    ids = tuple(data.id_of(i) for i in group)
    keys = [c.keys[i] for i in group]
    verbatim = len(set(keys)) == 1
    return Finding(
        NAME,
        Severity.ERROR,
        1.0,
        ids,
        f"{plural(len(group), 'example')} say the same" + ("" if verbatim else " but for case or white space"),
        {
            "kind": "verbatim" if verbatim else "case or white space",
            "input": shorten(c.inputs[group[0]]),
            "keep": ids[0],
        },
        Suggestion(Verdict.DROP, ids[1:]),
        finding_id(NAME, sorted(keys)),
    )
