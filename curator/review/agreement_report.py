"""The agreement of reviewers as the JSON document and the consensus table that scripts read."""

from __future__ import annotations

import csv
import io
from typing import Any

import curator
from curator.review.agreement import Agreement
from curator.review.consensus import Consensus
from curator.review.estimates import Estimate
from curator.review.votes import Votes

SCHEMA = "curator/agreement/1"


def document(votes: Votes, found: Agreement, consensus: Consensus, advice: list[str], seed: int) -> dict[str, Any]:
    """The `--json` document: JSON-ready, keys in a fixed order."""
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
            }
            for reviewer in found.by_reviewer
        ],
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


def _optional(estimate: Estimate | None) -> dict[str, Any]:
    if estimate is None:
        return _estimate(Estimate(None, why="it is given for 3 to 11 labels that are numbers"))
    return _estimate(estimate)


def _estimate(estimate: Estimate) -> dict[str, Any]:
    found: dict[str, Any] = {"value": estimate.value, "low": estimate.low, "high": estimate.high}
    return found if estimate.why is None else {**found, "why": estimate.why}
