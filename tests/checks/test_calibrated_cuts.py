"""What reviewers need of every check that they can calibrate: a cut that is said, obeyed, and shown what lies below."""

from __future__ import annotations

from typing import Any

import pytest
from corpus_material import corpus, data_of, sample_pairs

from curator import checks
from curator.checks import Outcome
from curator.embedding import Embedder
from curator.review.calibration import CALIBRATED
from curator.tasks import Task

MOST = 150
"""Borderline findings are about a hundred; groups may be cut into a few more."""


def outcome_of(check: str, embedder: Embedder, **settings: Any) -> Outcome:
    sample, file, evals, task = (
        ("style", "chat.jsonl", "eval.jsonl", Task.STYLE)
        if check == "mismatched_pair"
        else ("support", "pairs.csv", "eval.csv", Task.CLASSIFICATION)
    )
    rows = [pair for _, pair in sample_pairs(sample, file)]
    protected = [pair for _, pair in sample_pairs(sample, evals)]
    data = data_of(corpus(rows), protected, task, embedder=embedder, **settings)
    return dict(checks.run(data, [check]))[check]


@pytest.mark.parametrize("check", CALIBRATED)
def test_a_cut_is_said_obeyed_and_can_be_moved(check: str, embedder: Embedder) -> None:
    usual = outcome_of(check, embedder)
    cut = usual.calibration["cut"]
    assert 0 <= cut <= 1
    assert usual.findings
    assert min(f.score for f in usual.findings) >= cut
    assert usual.borderline == []

    asked = outcome_of(check, embedder, borderline=True)
    assert [f.id for f in asked.findings] == [f.id for f in usual.findings]
    assert 0 < len(asked.borderline) <= MOST
    assert max(f.score for f in asked.borderline) < cut
    ids = [f.id for f in (*asked.findings, *asked.borderline)]
    assert len(ids) == len(set(ids))
    assert all(f.message and f.evidence and f.examples for f in asked.borderline)

    middle = sorted(f.score for f in asked.borderline)[len(asked.borderline) // 2]
    lower = outcome_of(check, embedder, cuts={check: middle})
    assert lower.calibration["cut"] == pytest.approx(middle, abs=1e-3)
    assert min(f.score for f in lower.findings) >= middle
    assert len({i for f in lower.findings for i in f.examples}) > len({i for f in usual.findings for i in f.examples})

    top = sorted(f.score for f in usual.findings)[len(usual.findings) // 2]
    higher = outcome_of(check, embedder, cuts={check: top})
    assert higher.findings
    assert min(f.score for f in higher.findings) >= top
    assert len(higher.findings) <= len(usual.findings)
