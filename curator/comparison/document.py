"""A comparison as the `--json` document and as the table of flips. Personal data in quoted texts is masked."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import curator
from curator import sensitive
from curator.comparison import wording
from curator.comparison.compare import Both, Comparison, Flip
from curator.comparison.counts import Row
from curator.comparison.general import Forgetting
from curator.comparison.matching import Matched
from curator.comparison.measuring import Measured, Named
from curator.formats.write import defuse
from curator.model import Ref
from curator.review.agreement.estimates import Estimate

SCHEMA = "curator/compare/1"
FLIP_COLUMNS = ("source", "line", "change", "before", "after", "input", "expected", "baseline", "tuned")
_LISTED = 1_000


def document(found: Comparison, general: Forgetting | None = None, *, veiled: bool = True) -> dict[str, Any]:
    """The document: JSON-ready, keys in a fixed order. Shares are of 1; `flips` holds at most a thousand.

    `veiled`: personal data in texts is masked, as it must be in whatever leaves the machine.
    """
    made = {"schema": SCHEMA, "curator": curator.__version__, **_comparison(found, veiled)}
    made["general"] = None
    if general is not None:
        made["general"] = _comparison(general.comparison, veiled)
        made["general"]["forgetting"] = {
            "margin": general.margin,
            "verdict": str(general.kept),
            "change": _estimate(general.change),
            "examples_needed": general.needed,
            "sentence": wording.general(general),
        }
    return made


def _comparison(found: Comparison, veiled: bool) -> dict[str, Any]:
    return {
        "seed": found.seed,
        "resamples": found.resamples,
        "every_resample": found.exact,
        "task": str(found.task),
        "eval": {
            "path": found.evals.where,
            "format": found.evals.format,
            "examples": found.examples,
            "unanswered": len(found.evals.unanswered),
            "rejected": [{**one.ref.as_json(), "reason": sensitive.mask(one.reason)} for one in found.evals.rejected],
            "leak": {"state": found.leak.state, "sentence": found.leak.said},
        },
        "baseline": _side(found, found.baseline),
        "tuned": _side(found, found.tuned),
        "both_answered": None if found.both is None else _both(found.both),
        "measure": found.primary,
        "verdict": str(found.outcome),
        "sentence": wording.sentence(found),
        "reach": wording.reach(found),
        "advice": wording.advice(found),
        "turned": None if found.turned is None else asdict(found.turned),
        "measures": {one.id: _measured(one) for one in found.measures},
        "rules": list(found.rules),
        "schema_of_outputs": found.schema,
        "encoder": found.encoder,
        "by_name": [_named(one, veiled) for one in found.by_name],
        "predicted_only": dict(zip(("baseline", "tuned"), found.predicted_only, strict=True)),
        "macro_f1_with_predicted_only": found.macro_over_all
        and dict(zip(("baseline", "tuned"), map(_rounded, found.macro_over_all), strict=True)),
        "flips": [_flip(one, veiled) for one in _listed(found.flips)],
        "flips_in_all": len(found.flips),
        "notes": list(found.notes),
    }


def _side(found: Comparison, side: Matched) -> dict[str, Any]:
    return {
        "path": side.path,
        "format": side.format,
        "matched_by": side.how,
        "missing": [_place(found.evals.examples[place].ref, side.refs[place]) for place in side.missing],
        "unused": [{**_where(one.ref), "reason": sensitive.mask(one.why)} for one in side.unmatched],
        "shared": side.shared,
        "cut": side.cut,
    }


def _place(example: Ref, prediction: Ref | None) -> dict[str, Any]:
    return {**_where(example), "prediction_line": None if prediction is None else prediction.line}


def _where(ref: Ref) -> dict[str, Any]:
    return {"source": ref.source, "record": ref.record, "line": ref.line}


def _both(one: Both) -> dict[str, Any]:
    return {"examples": one.examples, "baseline": _rounded(one.baseline), "tuned": _rounded(one.tuned)}


def _measured(one: Measured) -> dict[str, Any]:
    return {
        "title": wording.TITLES[one.id],
        "baseline": _estimate(one.baseline),
        "tuned": _estimate(one.tuned),
        "difference": _estimate(one.difference),
        "verdict": str(one.outcome),
        "smallest_shown": _rounded(one.smallest),
        "examples_needed": one.needed,
    }


def _named(one: Named, veiled: bool) -> dict[str, Any]:
    return {
        "name": sensitive.mask(one.name) if veiled else one.name,
        "baseline": _row(one.baseline),
        "tuned": _row(one.tuned),
        "difference": _estimate(one.difference),
        "better": int(one.better),
        "worse": int(one.worse),
        "p_holm": _rounded(one.p),
        "changed": bool(one.changed),
    }


def _row(row: Row) -> dict[str, Any]:
    shares = {name: _rounded(getattr(row, name)) for name in ("precision", "recall", "f1")}
    return {**shares, "support": row.support, "given": row.given}


def _estimate(found: Estimate) -> dict[str, Any]:
    made: dict[str, Any] = {name: _rounded(getattr(found, name)) for name in ("value", "low", "high")}
    return made | ({"why": found.why} if found.value is None else {})


def _rounded(value: float | None) -> float | None:
    """Six digits: below them sums differ by the order in which a machine adds."""
    return None if value is None else round(value, 6) + 0.0


def _listed(flips: Sequence[Flip]) -> list[Flip]:
    """The first that got worse and the last that got better, which moved most, each up to a half of what is listed."""
    if len(flips) <= _LISTED:
        return list(flips)
    worse = [one for one in flips if not one.better][: _LISTED // 2]
    return worse + [one for one in flips if one.better][-_LISTED // 2 :]


def _flip(one: Flip, veiled: bool) -> dict[str, Any]:
    texts = {
        "input": one.example.input,
        "expected": one.example.output,
        "baseline": one.baseline,
        "tuned": one.tuned,
    }
    if veiled:
        texts = {name: text and sensitive.mask(text) for name, text in texts.items()}
    return {
        **_where(one.example.ref),
        "change": "better" if one.better else "worse",
        "before": _rounded(one.before),
        "after": _rounded(one.after),
        **texts,
    }


def flips_csv(flips: Sequence[Flip]) -> bytes:
    """The flips as CSV (RFC 4180, UTF-8): those that got worse first. What a spreadsheet would run as a formula is defused."""
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(FLIP_COLUMNS)
    for one in flips:
        said = _flip(one, veiled=True)
        rows.writerow([defuse(str(value)) if isinstance(value := said[name], str) else value for name in FLIP_COLUMNS])
    return text.getvalue().encode("utf-8", "replace")
