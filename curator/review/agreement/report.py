"""The agreement of reviewers as the JSON document and the consensus table that scripts read."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict, dataclass
from typing import Any

import curator
from curator.review.agreement.confusion import confusion
from curator.review.agreement.estimates import Estimate, Share
from curator.review.agreement.fields import FieldAgreement
from curator.review.agreement.measures import Agreement
from curator.review.agreement.over_time import PeriodAgreement
from curator.review.agreement.sets import SetAgreement
from curator.review.agreement.texts import TextAgreement
from curator.review.consensus.choosing import Consensus
from curator.review.votes.arrays import Votes

SCHEMA = "curator/agreement/1"

_CONFUSED = 50  # pairs of labels that are listed


@dataclass(frozen=True, slots=True)
class Texts:
    """Agreement on the outputs that reviewers left: of JSON `fields` by path, and of `texts`. None where it does not apply."""

    fields: tuple[FieldAgreement, ...] = ()
    texts: TextAgreement | None = None


def document(
    votes: Votes, found: Agreement, consensus: Consensus, advice: list[str], seed: int, left: Texts | None = None
) -> dict[str, Any]:
    """The `--json` document: JSON-ready, keys in a fixed order."""
    left = left or Texts()
    return {
        "schema": SCHEMA,
        "curator": curator.__version__,
        "seed": seed,
        "items": found.items,
        "items_with_two_votes": found.double,
        "reviewers": found.reviewers,
        "votes": found.votes,
        "labels": list(votes.labels),
        "percent_agreement": _estimate(found.percent_agreement),
        "cohen_kappa": [
            {"a": pair.a, "b": pair.b, "items": pair.items, **_estimate(pair.kappa)} for pair in found.cohen_kappa
        ],
        "cohen_kappa_pairs": found.pairs,
        "fleiss_kappa": _estimate(found.fleiss_kappa),
        "krippendorff_alpha": _estimate(found.krippendorff_alpha),
        "krippendorff_alpha_ordinal": _optional(found.ordinal_alpha),
        "krippendorff_alpha_interval": _optional(found.interval_alpha),
        "gwet_ac1": _estimate(found.gwet_ac1),
        "by_label": [
            {
                "label": label.label,
                "votes": label.votes,
                "items": label.items,
                "agreement": _estimate(label.agreement),
                "confused_with": label.confused_with,
                "confused_share": label.confused_share,
            }
            for label in found.by_label
        ],
        "by_reviewer": [
            {
                "reviewer": reviewer.reviewer,
                "votes": reviewer.votes,
                "shared_items": reviewer.shared,
                "agreement": reviewer.agreement,
                "accuracy": _estimate(reviewer.accuracy),
                "gold": _share(reviewer.gold),
                "attention": _share(reviewer.attention),
                "repeats": _share(reviewer.repeats),
            }
            for reviewer in found.by_reviewer
        ],
        "confusion": [
            {"a": votes.labels[cell.row], "b": votes.labels[cell.column], "pairs": cell.count}
            for cell in confusion(votes).mixed_up(_CONFUSED)
        ],
        "by_batch": [_period(period) for period in found.by_batch],
        "by_day": [_period(period) for period in found.by_day],
        "sets": None if found.sets is None else _sets(found.sets),
        "fields": [_field(field) for field in left.fields],
        "texts": None if left.texts is None else _texts(left.texts),
        "narrowing": None if found.narrowing is None else asdict(found.narrowing),
        "prevalence": None if found.prevalence is None else asdict(found.prevalence),
        "method": consensus.method,
        "method_why": consensus.why,
        "advice": advice,
        "notes": [*votes.notes, *consensus.notes],
    }


def consensus_csv(votes: Votes, consensus: Consensus) -> str:
    """The consensus table: item, label, confidence, agreement, votes; a row per item, by item.

    Names are written exactly as they were read, so that scripts can join on them.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["item", "label", "confidence", "agreement", "votes"])
    rows = zip(votes.items, consensus.label, consensus.confidence, consensus.agreement, consensus.votes, strict=True)
    for item, label, confidence, agreement, number in rows:
        writer.writerow([item, votes.labels[label], f"{confidence:.6f}", f"{agreement:.6f}", int(number)])
    return text.getvalue()


def _share(share: Share | None) -> dict[str, Any] | None:
    return None if share is None else {"right": share.right, "asked": share.asked, **_estimate(share.share)}


def _period(period: PeriodAgreement) -> dict[str, Any]:
    return {
        "start": period.start,
        "end": period.end,
        "items": period.items,
        "votes": period.votes,
        "percent_agreement": _estimate(period.percent_agreement),
        "krippendorff_alpha": _estimate(period.krippendorff_alpha),
    }


def _sets(sets: SetAgreement) -> dict[str, Any]:
    by_label = [
        {
            "label": part.label,
            "votes": part.votes,
            "percent_agreement": _estimate(part.percent_agreement),
            "krippendorff_alpha": _estimate(part.krippendorff_alpha),
        }
        for part in sets.by_label
    ]
    return {"masi_alpha": _estimate(sets.masi_alpha), "by_label": by_label}


def _field(field: FieldAgreement) -> dict[str, Any]:
    return {
        "path": field.path,
        "items": field.items,
        "values": field.values,
        "percent_agreement": _estimate(field.percent_agreement),
        "krippendorff_alpha": _estimate(field.krippendorff_alpha),
    }


def _texts(texts: TextAgreement) -> dict[str, Any]:
    return {
        "items": texts.items,
        "pairs": texts.pairs,
        "similarity": _estimate(texts.similarity),
        "identical": _estimate(texts.identical),
        "alpha": _estimate(texts.alpha),
    }


def _optional(estimate: Estimate | None) -> dict[str, Any]:
    if estimate is None:
        return _estimate(Estimate(None, why="it is given for 3 to 11 labels that are numbers"))
    return _estimate(estimate)


def _estimate(estimate: Estimate) -> dict[str, Any]:
    found: dict[str, Any] = {"value": estimate.value, "low": estimate.low, "high": estimate.high}
    return found if estimate.why is None else {**found, "why": estimate.why}
