"""Outputs that belong to another input.

`pair_quality` is the posterior that a pair belongs together, by models that learn from the data what given pairs have
that shuffled ones lack (`curator.checks.affinity`). A pair is reported where it is below one half, and only where given
and shuffled pairs lie far enough apart for that to mean something.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from curator.checks import shifts
from curator.checks.affinity import Affinity, Judged, robust
from curator.checks.data import Data, Outcome
from curator.checks.findings import finding_id, logistic, plural, shorten
from curator.embedding import nearest
from curator.model import Example, Finding, Ref, Severity, Suggestion, Verdict

NAME = "mismatched_pair"
FEWEST = 30
CUT = 0.5
SEPARATED = 1.5
"""How many standard deviations must lie between own and foreign pairs before a pair is reported; scores always rank."""
SLIPPED = 0.01
"""Highest quality of a row in a block of slipped outputs."""
SHOWN = 5
"""Rows of a block whose texts are shown."""
BORDERLINE = 100
OTHERS = 10
"""Outputs nearest to a suspect's input among which one that fits better is looked for."""


def run(data: Data) -> Outcome:
    """One finding per suspect pair, with the output that fits better where there is one. Score: `pair_quality`."""
    c = data.candidates
    if data.short_labels or len(c) < FEWEST:
        return Outcome([])
    usable = np.array([bool(i.strip()) and bool(o.strip()) for i, o in zip(c.inputs, c.outputs, strict=True)])
    at = np.flatnonzero(usable)
    if len(at) < FEWEST:
        return Outcome([])
    affinity = Affinity(
        data.input_vectors[at],
        data.output_vectors[at],
        [c.folded_inputs[i] for i in at],
        [c.folded_outputs[i] for i in at],
        data.seed,
    )
    own = np.arange(len(at))
    blocks = shifts.in_files(data, at, affinity)
    partner, slipped = own.copy(), np.zeros(len(at), dtype=bool)
    for block in blocks:
        # What the models learn from are pairs that belong together, so slipped outputs are put back first.
        partner[[*block.rows, *block.left]] = [*block.donors, *block.spare]
        slipped[[*block.rows, *block.left]] = True
    judged = affinity.judge(partner)
    if judged is None:
        return Outcome([], calibration={"note": "nearly all outputs are the same"})
    quality = _quality(judged)
    quality[slipped] = SLIPPED * logistic(judged.ratio(own[slipped], own[slipped]))
    column = np.full(len(c), np.nan)
    column[at] = quality
    cut = data.cuts.get(NAME, CUT)
    calibration = _calibration(judged, cut)
    score = np.round(1 - quality, 6)
    suspects = np.flatnonzero((score >= cut) & ~slipped)
    if judged.separation < SEPARATED and NAME not in data.cuts:
        calibration["note"] = "inputs and outputs of this data are too unlike (or all too alike) to tell whose is whose"
        suspects = suspects[:0]
    maker = _Maker(data, at, affinity, judged, score)
    below = np.flatnonzero((score < cut) & ~slipped) if data.borderline else own[:0]
    below = below[np.argsort(-score[below], kind="stable")][:BORDERLINE]
    findings = [f for block in blocks for f in _block_findings(data, at, judged, block)]
    findings += maker.findings(suspects)
    return Outcome(findings, {"pair_quality": column}, calibration, maker.findings(below))


def _quality(judged: Judged) -> np.ndarray:
    """The posterior; beyond what it can tell apart the ratio still ranks."""
    ranked: np.ndarray = 0.999 * judged.posterior(judged.given) + 0.001 * logistic(judged.given / 8)
    return ranked


def _calibration(judged: Judged, cut: float) -> dict[str, Any]:
    given, foreign = robust(judged.given), robust(judged.foreign)
    return {
        "cut": round(cut, 6),
        "own_pairs": [round(value, 4) for value in given],
        "foreign_pairs": [round(value, 4) for value in foreign],
        "separation": round(judged.separation, 3),
        "wrong_assumed": round(judged.wrong, 4),
    }


def _block_findings(data: Data, at: np.ndarray, judged: Judged, block: shifts.Block) -> list[Finding]:
    """One finding for all rows whose outputs have slipped, its suggestion puts back each output that is known; and one for
    each row whose own output is not known."""
    c = data.candidates
    rows, donors, lost = [*block.rows], [*block.donors], [*block.left]
    fits = judged.posterior(judged.ratio(np.array(block.left, dtype=int), np.array(block.spare, dtype=int)))
    if len(fits) and (fits > CUT).all():
        # A block that was turned round on itself: the outputs pushed out at one end stand at the other.
        rows, donors, lost = [*rows, *block.left], [*donors, *block.spare], []
    right = [(c.examples[int(at[row])], c.examples[int(at[donor])]) for row, donor in zip(rows, donors, strict=True)]
    left = [c.examples[int(at[row])] for row in lost]
    span = sorted((example.ref for example, _ in right), key=lambda ref: ref.record)
    where = _span(span[0], span[-1])
    by, late = plural(abs(block.shift), "row"), block.shift > 0
    score = round(1 - block.chance, 6)
    evidence: dict[str, Any] = {
        "source": span[0].source,
        "shift": block.shift,
        "records": [span[0].record, span[-1].record],
        "chance": float(f"{block.chance:.1e}"),
        "shown": [
            {
                "example": example.id,
                "input": shorten(example.input),
                "output": shorten(example.output),
                "right_output": shorten(donor.output),
            }
            for example, donor in right[:SHOWN]
        ],
        "right_output_missing": [example.id for example in left],
    }
    whole = Finding(
        NAME,
        Severity.ERROR,
        score,
        tuple(example.id for example, _ in right),
        f"the outputs of {where} stand {by} too {'late' if late else 'early'}: "
        f"each input's own is {by} {'below' if late else 'above'}",
        evidence,
        _putting_back(right),
        finding_id(NAME, (c.keys[int(at[row])] for row in rows), f"shift {block.shift}"),
    )
    return [whole] + [
        Finding(
            NAME,
            Severity.ERROR,
            score,
            (example.id,),
            f"the output belongs to another input: it slipped here with those of {where}, and the right one is missing",
            {"input": shorten(example.input), "output": shorten(example.output), "shift": block.shift},
            Suggestion(Verdict.DROP, (example.id,)),
            finding_id(NAME, (c.keys[int(at[row])],)),
        )
        for row, example in zip(lost, left, strict=True)
    ]


def _span(first: Ref, last: Ref) -> str:
    if first.line is None or last.line is None:
        return f"{first.source}, records {first.record} to {last.record}"
    return f"{first.source}, lines {first.line} to {last.line}"


def _putting_back(right: Sequence[tuple[Example, Example]]) -> Suggestion:
    """Each example's right output, held by the other. Calls of tools are more than the text a relabel can give: such blocks
    can only be mended in the file itself, so they are to be left out."""
    ids = tuple(example.id for example, _ in right)
    if any(turn.tool_calls for pair in right for example in pair for turn in example.messages[-1:]):
        return Suggestion(Verdict.DROP, ids)
    return Suggestion(Verdict.RELABEL, ids, values=tuple(donor.output for _, donor in right))


class _Maker:
    """Writes findings of single rows."""

    def __init__(self, data: Data, at: np.ndarray, affinity: Affinity, judged: Judged, score: np.ndarray):
        self._data, self._at, self._affinity, self._judged, self._score = data, at, affinity, judged, score

    def findings(self, rows: np.ndarray) -> list[Finding]:
        """One finding for each of `rows` (row numbers of the affinity)."""
        near = nearest(self._affinity.x[rows], self._affinity.y, OTHERS).index
        return [self._finding(int(row), self._better(int(row), near[n])) for n, row in enumerate(rows)]

    def _better(self, row: int, near: np.ndarray) -> tuple[int, float] | None:
        """The row whose output fits this input best, where that is likelier than not to belong to it, and how likely."""
        others = near[(near >= 0) & (self._affinity.same_output[near] != self._affinity.same_output[row])]
        if not len(others):
            return None
        ratio = self._judged.ratio(np.full(len(others), row), others)
        best = int(ratio.argmax())
        fit = float(self._judged.posterior(ratio[best : best + 1])[0])
        return (int(others[best]), fit) if ratio[best] > max(self._judged.given[row], 0) and fit > CUT else None

    def _finding(self, row: int, better: tuple[int, float] | None) -> Finding:
        c, index = self._data.candidates, int(self._at[row])
        x, y = self._affinity.x, self._affinity.y
        evidence: dict[str, Any] = {
            "pair_quality": round(1 - float(self._score[row]), 4),
            "cosine": round(float(x[row] @ y[row]), 4),
            "input": shorten(c.inputs[index]),
            "output": shorten(c.outputs[index]),
        }
        message = "the output seems to belong to another input"
        others: tuple[int, ...] = ()
        if better is not None:
            other = int(self._at[better[0]])
            others = (self._data.id_of(other),)
            message += f" ({c.examples[other].ref} has one that fits)"
            evidence["better"] = {
                "example": others[0],
                "fit": round(better[1], 4),
                "cosine": round(float(x[row] @ y[better[0]]), 4),
                "output": shorten(c.outputs[other]),
            }
        return Finding(
            NAME,
            Severity.WARNING,
            float(self._score[row]),
            (self._data.id_of(index), *others),
            message,
            evidence,
            Suggestion(Verdict.DROP, (self._data.id_of(index),)),
            finding_id(NAME, (c.keys[index],)),
        )
