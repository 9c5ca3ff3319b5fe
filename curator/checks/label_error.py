"""Labels that are likely wrong.

Score: the chance that a label is wrong, from a mixture of how given labels come about (`noise`) on out-of-sample scores
of several models (`probabilities`), in the line of confident learning (Northcutt et al. 2021, arXiv:1911.00068). As many
are reported as are expected to be wrong; whether cleanlab's confident learning agrees stands in the evidence. Labels that are wrong together, a whole wording or topic under another's name,
support each other where rows are judged one by one: `slices` looks for those.

Fails where a label has few inputs (said, not guessed), where the inputs do not tell the labels (said), and where most of
a label is wrong in the same way: then the wrong reading is the data's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from curator.checks.data import Data, Outcome, squeeze
from curator.checks.findings import finding_id, plural, shorten
from curator.checks.label_judge import (
    RAREST,
    Judged,
    cut,
    groups_of,
    judge,
    known_names,
    models_of,
    neighbours_of,
    one_core_each,
)
from curator.checks.slices import Slice, slices
from curator.model import Finding, Severity, Suggestion, Verdict
from curator.tasks import Task

NAME = "label_error"
MOST_CONTEXTS = 20
"""Instructions (system texts) that are judged apart; where there are more, they differ row by row and say no task."""
SHOWN = 8
"""Members of a slice that its evidence shows, and examples of the label it should have."""


def run(data: Data) -> Outcome:
    """One finding per suspect label, and one per slice of labels that are wrong together. Scores: `label_quality` 0..1 and,
    for reported ones, `suggested_label`. Several labels in one output are judged one by one (`multi_label`), and so are
    the fields of an extraction (`field_labels`)."""
    if data.task is Task.EXTRACTION:
        from curator.checks import field_labels

        return field_labels.run(data)
    if not data.short_labels:
        return Outcome([])
    from curator.checks import multi_label

    c = data.candidates
    spelling = multi_label.spelling_of(c.outputs)
    groups = groups_of(data)
    data.progress.report(0, len(c), "Judging labels")
    with one_core_each(data):
        outcome = multi_label.run(data, spelling, groups) if spelling else _run_single(data, groups)
    data.progress.report(len(c), len(c), "Judging labels")
    return outcome


@dataclass(frozen=True, slots=True)
class _Part:
    """Candidates labelled under one instruction, judged together; `wrong` (n,): the chances with the slices' say."""

    judged: Judged
    slices: list[Slice]
    wrong: np.ndarray


def _run_single(data: Data, groups: np.ndarray) -> Outcome:
    names = [squeeze(text) for text in data.candidates.outputs]
    parts, rare = _judge_parts(data, names, groups)
    classes = {name for part in parts for name in part.judged.names}
    calibration: dict[str, Any] = {
        "classes": len(classes),
        "rare_classes_not_judged": sorted(rare - classes),
        "estimated_wrong": 0,
    }
    if not parts:
        calibration["note"] = f"at least two labels with {RAREST} different inputs each are needed"
    return _outcome(data, parts, calibration)


def _judge_parts(data: Data, names: list[str], groups: np.ndarray) -> tuple[list[_Part], set[str]]:
    """What was labelled under one instruction is judged together; and the labels too rare to be judged."""
    contexts = data.candidates.contexts
    apart = 1 < len(contexts.first) <= MOST_CONTEXTS
    wholes: Iterable[np.ndarray] = [np.arange(len(names))]
    if apart:
        wholes = (np.flatnonzero(contexts.of_example == number) for number in range(len(contexts.first)))
    parts, rare = [], set()
    for rows in wholes:
        known, few = known_names([names[i] for i in rows], groups[rows])
        rare |= few
        if len(known) < 2:
            continue
        number = {name: n for n, name in enumerate(known)}
        at = np.array([i for i in rows if names[i] in number])
        labels = np.array([number[names[i]] for i in at])
        models = models_of(data, at, groups)
        judged = judge(models, at, known, labels)
        together = slices(models, judged) if judged.learnt else []
        wrong = judged.doubt.wrong.copy()
        for one in together:
            wrong[one.rows] = np.maximum(wrong[one.rows], one.score)
        parts.append(_Part(judged, together, wrong))
    return parts, rare


def _outcome(data: Data, parts: list[_Part], calibration: dict[str, Any]) -> Outcome:
    """Findings of all parts, cut together: a label is as wrong in one part as in another."""
    quality = np.full(len(data.candidates), np.nan)
    suggested: list[str | None] = [None] * len(data.candidates)
    for part in parts:
        quality[part.judged.at] = 1 - np.round(part.wrong, 6)
    learnt = [part for part in parts if part.judged.learnt]
    findings: list[Finding] = []
    borderline: list[Finding] = []
    if learnt:
        chosen = cut(data, NAME, np.concatenate([part.wrong for part in learnt]))
        calibration.update(chosen.calibration)
        in_slice = set()
        for part in learnt:
            for one in part.slices:
                if one.score >= chosen.score:
                    findings.append(_slice_finding(data, part.judged, one))
                    in_slice |= {(id(part), int(row)) for row in one.rows}
                    for row in one.rows:
                        suggested[part.judged.at[row]] = part.judged.names[one.label]
        places = [(part, row) for part in learnt for row in range(len(part.judged.at))]
        singles = [places[i] for i in chosen.reported if (id(places[i][0]), places[i][1]) not in in_slice]
        findings.extend(_finding(data, part.judged, row, part.wrong[row]) for part, row in singles)
        borderline.extend(
            _finding(data, part.judged, row, part.wrong[row]) for part, row in (places[i] for i in chosen.borderline)
        )
        for part, row in singles:
            suggested[part.judged.at[row]] = part.judged.names[part.judged.likeliest(row)[0]]
        calibration["slices"] = len(findings) - len(singles)
        calibration["confident_learning"] = sum(int(part.judged.confident.sum()) for part in learnt)
    if unlearnt := sum(len(part.judged.at) for part in parts if not part.judged.learnt):
        calibration["not_reported"] = f"{unlearnt:,} labels that cannot be told from their inputs"
    if parts:
        right = np.concatenate([part.judged.right for part in parts])
        calibration["out_of_sample_accuracy"] = round(float(right.mean()), 4)
    return Outcome(findings, {"label_quality": quality, "suggested_label": suggested}, calibration, borderline)


def _slice_finding(data: Data, judged: Judged, one: Slice) -> Finding:
    c = data.candidates
    indices = [int(i) for i in judged.at[one.rows]]
    ids = tuple(data.id_of(i) for i in indices)
    given, right = judged.names[judged.labels[one.rows[0]]], judged.names[one.label]
    return Finding(
        NAME,
        Severity.WARNING,
        one.score,
        ids,
        f"the label {given!r} is given to {plural(len(ids), 'example')} alike that the rest of the data calls {right!r}",
        {
            "given": given,
            "suggested": right,
            "inputs": [{"example": data.id_of(i), "text": shorten(c.inputs[i], 120)} for i in indices[:SHOWN]],
            "elsewhere": [
                {"example": data.id_of(i), "text": shorten(c.inputs[i], 120)}
                for i in judged.at[judged.labels == one.label][:SHOWN].tolist()
            ],
        },
        Suggestion(Verdict.RELABEL, ids, right),
        finding_id(NAME, sorted(c.keys[i] for i in indices), right),
    )


def _finding(data: Data, part: Judged, row: int, wrong: float) -> Finding:
    c = data.candidates
    index, given = int(part.at[row]), part.names[part.labels[row]]
    others = part.likeliest(row)
    best = part.names[others[0]]
    voters = neighbours_of(data, index, c.outputs.__getitem__)
    against = sum(squeeze(v["label"]) != given for v in voters)
    probable = part.doubt.probabilities[row]
    shown = sorted((int(part.labels[row]), *others), key=lambda k: -probable[k])
    return Finding(
        NAME,
        Severity.WARNING,
        round(float(wrong), 6),
        (data.id_of(index),),
        f"labelled {given!r}, likely {best!r}"
        + (f"; {against} of {plural(len(voters), 'neighbour')} vote otherwise" if voters else ""),
        {
            "input": shorten(c.inputs[index]),
            "given": given,
            "suggested": best,
            "probabilities": {part.names[k]: round(float(probable[k]), 4) for k in shown},
            "confident_learning": "agrees" if part.confident[row] else "disagrees",
            "neighbours": voters,
        },
        Suggestion(Verdict.RELABEL, (data.id_of(index),), best),
        finding_id(NAME, (c.keys[index],), best),
    )
