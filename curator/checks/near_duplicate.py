"""The same pair in other words: inputs near each other, outputs that agree.

Near is what `nearness` says, on this data's own scale, where no number, name, negation or code differs. Groups are stars
around a representative, never chains.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from curator.checks.conflict import to_be_decided
from curator.checks.data import Data, Outcome
from curator.checks.findings import finding_id, plural, shorten
from curator.checks.pairs import Edge, best_first, stars
from curator.model import Finding, Severity, Suggestion, Verdict

NAME = "near_duplicate"
ALARM, LARGE = 0.05, 20
"""A group with more than this share of all candidates (and that many at least) is more likely a template than a duplicate."""
ASKED = 100
"""Pairs below the cut that reviewers are asked about."""
KINDS = {"same input": "the same input", "lexical": "a few words changed", "paraphrase": "said in other words"}


def run(data: Data) -> Outcome:
    """One finding per group. Scores: `duplicate_similarity`, the cosine to the nearest other candidate's input (1 for the
    same input twice); `duplicate_group`, a number shared by the members of a group."""
    pairs, c = data.pairs, data.candidates
    group_of = np.full(len(c), np.nan)
    findings: list[Finding] = []
    decided = to_be_decided(data)
    duplicates = (edge for edge in pairs.edges if edge.repeats and not _same_set(edge, decided))
    for number, (lead, edges) in enumerate(stars(len(pairs.members), duplicates, best_first(data, pairs))):
        findings.append(_finding(data, lead, edges))
        for node in {lead, *(e.a for e in edges), *(e.b for e in edges)}:
            group_of[pairs.members[node]] = number
    number = len(findings)
    for members in pairs.members:
        if len(members) > 1 and np.isnan(group_of[members[0]]):
            group_of[members] = number
            number += 1
    return Outcome(
        findings,
        {"duplicate_similarity": _similarity(data), "duplicate_group": group_of},
        pairs.calibration,
        _borderline(data) if data.borderline else [],
    )


def _same_set(edge: Edge, decided: Mapping[int, int]) -> bool:
    """Whether two nodes belong to one conflict: what is decided there comes first, and nobody is asked twice."""
    return edge.a in decided and decided[edge.a] == decided.get(edge.b)


def _borderline(data: Data) -> list[Finding]:
    """The pairs that a somewhat lower cut would report, the surest first."""
    below = sorted((edge for edge in data.pairs.below if edge.repeats), key=lambda edge: -edge.score)
    rank = {node: place for place, node in enumerate(best_first(data, data.pairs))}
    return [_finding(data, min(edge.a, edge.b, key=rank.__getitem__), [edge]) for edge in below[:ASKED]]


def _similarity(data: Data) -> np.ndarray:
    distinct = data.candidates.distinct
    if not len(distinct.first):
        return np.zeros(0)
    cosine = data.neighbours.cosine
    nearest = cosine[:, 0].astype(float) if cosine.shape[1] else np.zeros(len(cosine))
    repeated = np.bincount(distinct.of_example, minlength=len(distinct.first)) > 1
    similarity: np.ndarray = np.where(repeated, 1.0, nearest)[distinct.of_example]
    return similarity


def _finding(data: Data, lead: int, edges: list[Edge]) -> Finding:
    c, pairs = data.candidates, data.pairs
    first = pairs.members[lead][0]
    keep = data.id_of(first)
    others: list[int] = []
    evidence: list[dict[str, Any]] = []
    for edge in sorted(edges, key=lambda e: (-e.score, e.a, e.b)):
        node = edge.b if edge.a == lead else edge.a
        removed, added = edge.wording.removed, edge.wording.added
        if edge.a != lead:
            removed, added = added, removed
        others.extend(pairs.members[node])
        evidence.append(
            {
                "example": data.id_of(pairs.members[node][0]),
                "kind": edge.kind,
                "score": edge.score,
                "cosine": round(edge.cosine, 4),
                "word_overlap": round(edge.wording.overlap, 4),
                "by_outputs": edge.answered,
                "only_in_kept": list(removed),
                "only_in_other": list(added),
                "text": shorten(c.inputs[pairs.members[node][0]]),
            }
        )
    members = [first, *others]
    large = len(members) >= LARGE and len(members) > ALARM * len(c)
    kinds = [told for kind, told in KINDS.items() if any(e["kind"] == kind for e in evidence)]
    return Finding(
        NAME,
        Severity.INFO if large else Severity.WARNING,
        max(edge.score for edge in edges),
        (keep, *(data.id_of(i) for i in others)),
        f"{plural(len(members), 'example')} are near duplicates ({', '.join(kinds)})"
        + ("; the group is so large that it may be a template: look before you drop" if large else ""),
        {"keep": keep, "text": shorten(c.inputs[first]), "others": evidence, "threshold": pairs.threshold},
        Suggestion(Verdict.DROP, tuple(data.id_of(i) for i in others)),
        finding_id(NAME, sorted(c.keys[i] for i in members)),
    )
