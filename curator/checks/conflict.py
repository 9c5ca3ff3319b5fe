"""Contradictions: the same or nearly the same input with outputs that disagree. Such pairs teach noise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from curator.checks.data import Data, Outcome
from curator.checks.findings import finding_id, plural, shorten
from curator.checks.pairs import Edge, best_first, stars
from curator.model import Finding, Severity, Suggestion, Verdict
from curator.tasks import Task

NAME = "conflict"
STRICT = frozenset({Task.CLASSIFICATION, Task.EXTRACTION})
"""Tasks with one right output. In the others two different answers to one question may both be good."""


def run(data: Data) -> Outcome:
    """One finding per set of inputs to be decided once; a clear majority (two thirds of three or more) is suggested."""
    pairs = data.pairs
    comparable = [e for e in pairs.edges if e.same_context and (data.task in STRICT or e.cosine >= 1)]
    groups = stars(len(pairs.members), (edge for edge in comparable if not edge.agree), best_first(data, pairs))
    _add_voters(groups, (edge for edge in comparable if edge.agree))
    return Outcome([_finding(data, lead, edges) for lead, edges in groups], calibration=pairs.calibration)


def _add_voters(groups: list[tuple[int, list[Edge]]], agreeing: Iterable[Edge]) -> None:
    """Those near a representative that agree with it vote too; else two against one would count as one against one."""
    taken = {node for _, edges in groups for edge in edges for node in (edge.a, edge.b)}
    edges_of = dict(groups)
    for edge in agreeing:
        for lead, other in ((edge.a, edge.b), (edge.b, edge.a)):
            if lead in edges_of and other not in taken:
                taken.add(other)
                edges_of[lead].append(edge)


def _finding(data: Data, lead: int, edges: list[Edge]) -> Finding:
    c, pairs = data.candidates, data.pairs
    nodes = [lead, *(edge.b if edge.a == lead else edge.a for edge in edges)]
    members = [index for node in nodes for index in pairs.members[node]]
    votes = Counter(data.answers[i] for i in members)
    spelled = {data.answers[i]: c.outputs[i] for i in reversed(members)}
    ranked = sorted(votes.items(), key=lambda item: (-item[1], item[0]))
    same = all(edge.cosine >= 1 for edge in edges)
    winner, count = ranked[0]
    clear = data.task in STRICT and len(members) >= 3 and count * 3 >= len(members) * 2
    losers = tuple(data.id_of(i) for i in members if data.answers[i] != winner)
    strict = data.task in STRICT
    return Finding(
        NAME,
        (Severity.ERROR if same else Severity.WARNING) if strict else Severity.INFO,
        max(edge.cosine for edge in edges),
        tuple(data.id_of(i) for i in members),
        f"{plural(len(members), 'example')} with {'the same' if same else 'nearly the same'} input have {len(ranked)} different outputs",
        {
            "inputs": [
                {"example": data.id_of(pairs.members[n][0]), "text": shorten(c.inputs[pairs.members[n][0]])}
                for n in nodes
            ],
            "outputs": [{"output": shorten(spelled[output]), "examples": n} for output, n in ranked],
            "cosine": round(min(edge.cosine for edge in edges), 4),
            "same_input": same,
        },
        Suggestion(Verdict.RELABEL, losers, spelled[winner]) if clear else None,
        finding_id(NAME, sorted(c.keys[i] for i in members)),
    )
