"""Contradictions: the same or nearly the same input with outputs that disagree. Such pairs teach noise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from curator.checks.data import INVALID, Data, Outcome, parse_json
from curator.checks.findings import finding_id, plural, shorten
from curator.checks.pairs import Edge, best_first, stars
from curator.checks.wording import Difference, difference
from curator.model import Finding, Severity, Suggestion, Verdict
from curator.tasks import Task

NAME = "conflict"
STRICT = frozenset({Task.CLASSIFICATION, Task.EXTRACTION})
"""Tasks with one right output. In the others two different answers to one question may both be good."""
NEGLIGIBLE = 0.5
"""Word overlap from which a differing fact, number or negation in two answers is a contradiction: the rest says the same."""
YES = frozenset("yes yeah yep sure certainly absolutely definitely true correct right".split())
NO = frozenset("no nope never false incorrect wrong".split())
SHOWN_FIELDS = 10


def run(data: Data) -> Outcome:
    """One finding per set of inputs to be decided once; a clear majority (two thirds of three or more) is suggested."""
    found = [_finding(data, lead, edges) for lead, edges in sets(data)]
    return Outcome(found, calibration=data.pairs.calibration)


def sets(data: Data) -> list[tuple[int, list[Edge]]]:
    """Stars of nodes to be decided together: a representative and those near it that contradict or confirm it."""
    pairs = data.pairs
    comparable = [edge for edge in pairs.edges if edge.same_context]
    groups = stars(len(pairs.members), (edge for edge in comparable if not edge.agree), best_first(data, pairs))
    _add_voters(groups, (edge for edge in comparable if edge.agree))
    return groups


def to_be_decided(data: Data) -> dict[int, int]:
    """By node, the number of the set in which an error is certain enough to be decided; sets of notes are left out."""
    return {
        node: number
        for number, (lead, edges) in enumerate(sets(data))
        if _severity(data, lead, edges) is not Severity.INFO
        for node in _nodes(lead, edges)
    }


def _add_voters(groups: list[tuple[int, list[Edge]]], agreeing: Iterable[Edge]) -> None:
    """Those near a representative that agree with it vote too; else two against one would count as one against one."""
    taken = {node for _, edges in groups for edge in edges for node in (edge.a, edge.b)}
    edges_of = dict(groups)
    for edge in agreeing:
        for lead, other in ((edge.a, edge.b), (edge.b, edge.a)):
            if lead in edges_of and other not in taken:
                taken.add(other)
                edges_of[lead].append(edge)


def _nodes(lead: int, edges: list[Edge]) -> list[int]:
    return [lead, *(edge.b if edge.a == lead else edge.a for edge in edges)]


def _finding(data: Data, lead: int, edges: list[Edge]) -> Finding:
    c, pairs = data.candidates, data.pairs
    nodes = _nodes(lead, edges)
    members = [index for node in nodes for index in pairs.members[node]]
    votes = Counter(data.answers[i] for i in members)
    spelled = {data.answers[i]: c.outputs[i] for i in reversed(members)}
    ranked = sorted(votes.items(), key=lambda item: (-item[1], item[0]))
    same = all(edge.cosine >= 1 for edge in edges)
    winner, count = ranked[0]
    clear = data.task in STRICT and len(members) >= 3 and count * 3 >= len(members) * 2
    losers = tuple(data.id_of(i) for i in members if data.answers[i] != winner)
    fields = _fields([(spelled[output], n) for output, n in ranked])
    against = None if data.task in STRICT or fields else _against(data, lead, edges)
    evidence: dict[str, Any] = {
        "inputs": [
            {"example": data.id_of(pairs.members[n][0]), "text": shorten(c.inputs[pairs.members[n][0]])} for n in nodes
        ],
        "outputs": [{"output": shorten(spelled[output]), "examples": n} for output, n in ranked],
        "cosine": round(min(edge.cosine for edge in edges), 4),
        "same_input": same,
    }
    if fields:
        evidence["fields"] = fields[:SHOWN_FIELDS]
    if against:
        evidence["contradicting"] = list(against)
    return Finding(
        NAME,
        _severity(data, lead, edges),
        max(edge.score for edge in edges if not edge.agree),
        tuple(data.id_of(i) for i in members),
        f"{plural(len(members), 'example')} with {'the same' if same else 'nearly the same'} input have "
        f"{len(ranked)} different outputs" + _told(fields, against),
        evidence,
        Suggestion(Verdict.RELABEL, losers, spelled[winner]) if clear else None,
        finding_id(NAME, sorted(c.keys[i] for i in members)),
    )


def _told(fields: list[dict[str, Any]], against: tuple[str, ...] | None) -> str:
    if fields:
        named = [repr(field["field"]) for field in fields[:3]]
        more = f" and {len(fields) - 3} more" if len(fields) > 3 else ""
        return f": they differ in {', '.join(named)}{more}"
    return f": they contradict each other ({', '.join(against[:4])})" if against else ""


def _severity(data: Data, lead: int, edges: list[Edge]) -> Severity:
    if data.task in STRICT:
        return Severity.ERROR if all(edge.cosine >= 1 for edge in edges) else Severity.WARNING
    return Severity.WARNING if _against(data, lead, edges) else Severity.INFO


def _against(data: Data, lead: int, edges: list[Edge]) -> tuple[str, ...] | None:
    """The words in which an answer contradicts the representative's: a yes against a no, a fact where the rest is alike.

    None where both may be right: another story, the same advice at another length.
    """
    c, pairs = data.candidates, data.pairs
    own = c.outputs[pairs.members[lead][0]]
    for edge in edges:
        if not edge.agree:
            other = c.outputs[pairs.members[edge.b if edge.a == lead else edge.a][0]]
            if found := contradiction(own, other):
                return found
    return None


def contradiction(first: str, second: str) -> tuple[str, ...]:
    """The words in which two answers to one question contradict each other; empty where both may be right."""
    wording: Difference = difference(first, second)
    opening = [_opening(text) for text in (first, second)]
    if None not in opening and opening[0] != opening[1]:
        return ("yes", "no")
    return wording.substance if wording.replaced and wording.overlap >= NEGLIGIBLE else ()


def _opening(text: str) -> bool | None:
    word = text.split(maxsplit=1)[0].strip(".,;:!—-\"'").casefold() if text.strip() else ""
    return True if word in YES else False if word in NO else None


def _fields(outputs: list[tuple[str, int]]) -> list[dict[str, Any]]:
    """The fields in which JSON objects differ, each with its values and how many examples have them; empty where an output
    is no object. A missing field has the value None and is said to be missing."""
    values = [(parse_json(text), n) for text, n in outputs]
    objects = [(value, n) for value, n in values if value is not INVALID and isinstance(value, dict)]
    if len(objects) < len(outputs) or not objects:
        return []
    fields: list[dict[str, Any]] = []
    for name in dict.fromkeys(key for value, _ in objects for key in value):
        counts: Counter[str] = Counter()
        shown: dict[str, dict[str, Any]] = {}
        for value, n in objects:
            key = repr(value[name]) if name in value else ""
            counts[key] += n
            shown[key] = {"value": value[name]} if name in value else {"value": None, "missing": True}
        if len(counts) > 1:
            ordered = sorted(counts, key=lambda key: (-counts[key], key))
            fields.append({"field": name, "values": [{**shown[key], "examples": counts[key]} for key in ordered]})
    return fields
