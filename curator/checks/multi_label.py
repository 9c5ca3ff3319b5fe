"""Several labels for one input: each label judged by itself, one against the rest, and the corrected set suggested in the
spelling it was given in.

The models judge all labels at once (ridge regression and neighbours take any number of columns); `noise` judges each
label's presence as a label of two classes. Fails as `label_error` does, label by label; a label that the models cannot
tell, or that too few inputs have or lack, is said and left alone.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from curator.checks.data import Data, Outcome, parse_json, squeeze
from curator.checks.field_values import like_json
from curator.checks.findings import finding_id, plural, shorten
from curator.checks.label_judge import RAREST, cut, is_learnt, models_of, neighbours_of
from curator.checks.noise import doubt
from curator.checks.probabilities import Models
from curator.model import Finding, Severity, Suggestion, Verdict

NAME = "label_error"
NEARLY_ALL = 0.95
SEVERAL = 0.05
"""Share of the outputs that must hold several labels."""
LONGEST = 6
"""Words of one label."""
RECURRING = 0.9
"""Share of the labels in sets that must come in more than one set: "Paris, France" is one name, for Paris has no other."""
STRAY = 1e-2
"""Of one neighbour's vote, that a label is there and that it is not."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a set of labels is written: a JSON list, or with `separator` between (None: JSON)."""

    separator: str | None

    def read(self, text: str) -> tuple[str, ...]:
        """The labels in `text`, () where it has none or is written otherwise."""
        if self.separator is not None:
            return tuple(part for part in (squeeze(part) for part in text.split(self.separator)) if part)
        value = parse_json(text)
        labels = value if isinstance(value, list) and all(isinstance(v, str) for v in value) else []
        return tuple(part for part in (squeeze(v) for v in labels) if part)

    def write(self, labels: Sequence[str], like: str) -> str:
        """`labels` as `like` writes them, with its spaces."""
        if self.separator is None:
            return like_json(like, list(labels))
        between = re.search(rf"\s*{re.escape(self.separator)}\s*", like)
        joint = between.group() if between else self.separator + ("" if self.separator == "|" else " ")
        return joint.join(labels)


def spelling_of(outputs: Sequence[str]) -> Spelling | None:
    """How the outputs write sets of labels; None where each is one label.

    A separator is one only if sets vary in size and the labels in them are few and recombine: in names such as
    "Paris, France" or "billing: late, angry" the parts do not.
    """
    given = [text for text in outputs if text.strip()]
    if not given:
        return None
    as_json = Spelling(None)
    if sum(text.lstrip().startswith("[") and bool(as_json.read(text)) for text in given) >= NEARLY_ALL * len(given):
        return as_json
    return next((s for s in map(Spelling, (";", "|", ",")) if _recombine([s.read(text) for text in given])), None)


def _recombine(sets: list[tuple[str, ...]]) -> bool:
    several = [labels for labels in sets if len(labels) > 1]
    if len(several) < SEVERAL * len(sets) or len({len(labels) for labels in sets}) < 2:
        return False
    if any(len(set(labels)) < len(labels) or any(len(v.split()) > LONGEST for v in labels) for labels in several):
        return False
    company: dict[str, set[frozenset[str]]] = defaultdict(set)
    for labels in sets:
        for label in labels:
            company[label].add(frozenset(labels))
    uses = Counter(label for labels in several for label in labels)
    recurring = sum(count for label, count in uses.items() if len(company[label]) > 1)
    return recurring >= RECURRING * uses.total() and len(company) * RAREST <= len(sets)


def run(data: Data, spelling: Spelling, groups: np.ndarray) -> Outcome:
    """One finding per example with labels that are likely missing or too many. Scores: `label_quality`, by its worst label.

    `groups` (n,): candidates to be left out together.
    """
    c = data.candidates
    sets = [spelling.read(text) for text in c.outputs]
    at = np.array([i for i, labels in enumerate(sets) if labels], dtype=np.int64)
    known, rare = _known(sets, at, groups)
    quality = np.full(len(c), np.nan)
    suggested: list[str | None] = [None] * len(c)
    calibration: dict[str, Any] = {
        "labels_per_example": round(float(np.mean([len(sets[i]) for i in at])), 2),
        "classes": len(known),
        "rare_classes_not_judged": rare,
        "estimated_wrong": 0,
    }
    if not known:
        calibration["note"] = f"a label is judged where {RAREST} different inputs have it and as many have it not"
        return Outcome([], {"label_quality": quality, "suggested_label": suggested}, calibration)
    truth = np.array([[label in sets[i] for label in known] for i in at], dtype=np.float32)
    wrong, learnt = _judge(models_of(data, at, groups), truth)
    quality[at] = 1 - np.round(wrong.max(axis=1), 6)
    if unlearnt := [name for name, tells in zip(known, learnt, strict=True) if not tells]:
        calibration["not_reported"] = f"labels that cannot be told from their inputs: {', '.join(unlearnt)}"
    chosen = cut(data, NAME, np.where(learnt, wrong, 0).ravel())
    calibration.update(chosen.calibration)
    cells = np.where(learnt, wrong, 0)
    findings, borderline = [], []
    for row, labels in _by_row(chosen.reported, len(known)).items():
        made = _finding(data, spelling, sets, int(at[row]), [known[k] for k in labels], float(cells[row, labels].max()))
        findings.append(made)
        suggested[at[row]] = made.suggestion.value if made.suggestion else None
    reported = {finding.examples[0] for finding in findings}
    for row, labels in _by_row(chosen.borderline, len(known)).items():
        if data.id_of(int(at[row])) not in reported:
            flipped = [known[k] for k in labels]
            borderline.append(_finding(data, spelling, sets, int(at[row]), flipped, float(cells[row, labels].max())))
    return Outcome(findings, {"label_quality": quality, "suggested_label": suggested}, calibration, borderline)


def _known(sets: Sequence[tuple[str, ...]], at: np.ndarray, groups: np.ndarray) -> tuple[list[str], list[str]]:
    """Labels that enough different inputs have and have not, and those that too few have."""
    inputs: dict[str, set[int]] = defaultdict(set)
    for i in at.tolist():
        for label in sets[i]:
            inputs[label].add(int(groups[i]))
    total = len(np.unique(groups[at]))
    known = sorted(label for label, has in inputs.items() if RAREST <= len(has) <= total - RAREST)
    return known, sorted(label for label, has in inputs.items() if len(has) < RAREST)


def _judge(models: Models, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The chance that the presence or absence `truth` (n, k) of each label is wrong, and which labels (k,) can be told."""
    fitted = models.regress(truth) - 0.5
    everybody = models.vote(np.ones((len(truth), 1), dtype=np.float32))
    has = (models.vote(truth) + STRAY) / (everybody + 2 * STRAY)
    wrong = np.zeros(truth.shape)
    learnt = np.zeros(truth.shape[1], dtype=bool)
    for k in range(truth.shape[1]):
        given = truth[:, k].astype(np.int64)
        votes = np.clip(has[:, k], STRAY / 10, 1 - STRAY / 10)
        regression = np.stack([-fitted[:, k], fitted[:, k]], axis=1)
        judged = doubt([regression, np.log(np.stack([1 - votes, votes], axis=1))], given)
        wrong[:, k] = judged.wrong
        learnt[k] = is_learnt(judged.probabilities.argmax(axis=1) == given, given)
    return wrong, learnt


def _by_row(cells: Sequence[int], width: int) -> dict[int, list[int]]:
    """Cells of an array with `width` columns as columns by row, in the order of the cells."""
    rows: dict[int, list[int]] = {}
    for cell in cells:
        rows.setdefault(cell // width, []).append(cell % width)
    return rows


def _finding(
    data: Data, spelling: Spelling, sets: Sequence[tuple[str, ...]], index: int, flipped: Sequence[str], wrong: float
) -> Finding:
    """`flipped`: the labels that are missing, or that are there and should not be."""
    c = data.candidates
    given = sets[index]
    surplus = [label for label in given if label in flipped]
    missing = sorted(label for label in flipped if label not in given)
    right = [label for label in given if label not in surplus] + missing
    says = [
        f"{', '.join(map(repr, labels))} likely {word}" for labels, word in ((surplus, "wrong"), (missing, "missing"))
    ]
    value = spelling.write(right, c.outputs[index])
    return Finding(
        NAME,
        Severity.WARNING,
        round(wrong, 6),
        (data.id_of(index),),
        f"of {plural(len(given), 'label')}: "
        + "; ".join(s for s, labels in zip(says, (surplus, missing), strict=True) if labels),
        {
            "input": shorten(c.inputs[index]),
            "given": list(given),
            "suggested": right,
            "surplus": surplus,
            "missing": missing,
            "neighbours": neighbours_of(data, index, c.outputs.__getitem__),
        },
        # Without any label left there is nothing to suggest: a reviewer has to say which.
        Suggestion(Verdict.RELABEL, (data.id_of(index),), value) if right else None,
        finding_id(NAME, (c.keys[index],), value),
    )
