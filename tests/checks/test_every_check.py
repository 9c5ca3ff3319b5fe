"""What holds for all checks: the registry, evidence, ids, columns, and freedom from row order."""

from __future__ import annotations

import random

import pytest
from corpus_material import Pair, by_content, clean_pairs, corpus, data_of, sample_pairs

from curator import checks
from curator.checks import CHECKS, Data, Outcome
from curator.embedding import Embedder
from curator.errors import Cancelled, InputError
from curator.model import Severity
from curator.progress import Silent
from curator.tasks import Task

ROWS = {"support": ("pairs.csv", "eval.csv", Task.CLASSIFICATION), "style": ("chat.jsonl", "eval.jsonl", Task.STYLE)}


def rows(sample: str) -> tuple[list[Pair], list[Pair], Task]:
    """Part of a bundled sample with its planted defects, and rows broken by hand."""
    file, evals, task = ROWS[sample]
    kept = [pair for _, pair in sample_pairs(sample, file)][:320]
    kept += [
        kept[3],
        kept[3],
        (kept[5][0], kept[6][1]),
        ("", "x"),
        ("[INSERT TEXT]", ""),
        clean_pairs(sample, evals)[0],
    ]
    return kept, clean_pairs(sample, evals), task


def run_all(sample: str, order: int, embedder: Embedder) -> tuple[Data, dict[str, Outcome]]:
    pairs, evals, task = rows(sample)
    if order:
        random.Random(order).shuffle(pairs)
    data = data_of(corpus(pairs), evals, task, embedder=embedder)
    return data, dict(checks.run(data, CHECKS))


@pytest.mark.parametrize("sample", ROWS)
def test_findings_do_not_depend_on_the_order_of_rows(sample: str, embedder: Embedder) -> None:
    data, outcomes = run_all(sample, 0, embedder)
    shuffled, again = run_all(sample, 1, embedder)
    for name in CHECKS:
        assert by_content(data, outcomes[name].findings) == by_content(shuffled, again[name].findings), name
        assert outcomes[name].calibration == again[name].calibration, name
    ids = [f.id for outcome in outcomes.values() for f in outcome.findings]
    assert len(ids) > 20
    assert all(len(id) == 16 for id in ids)


@pytest.mark.parametrize("sample", ROWS)
def test_every_finding_can_be_judged_and_every_column_is_full(sample: str, embedder: Embedder) -> None:
    data, outcomes = run_all(sample, 0, embedder)
    known = {e.id for e in (*data.candidates.examples, *data.evals.examples)}
    for name, outcome in outcomes.items():
        for finding in outcome.findings:
            assert finding.check == name
            assert 0 <= finding.score <= 1
            assert finding.message
            assert finding.evidence
            assert finding.examples
            assert set(finding.examples) <= known
            assert len(set(finding.examples)) == len(finding.examples)
            assert finding.suggestion is None or set(finding.suggestion.examples) <= set(finding.examples)
            assert finding.suggestion is not None or name in ("conflict", "length")
            assert finding.severity in Severity
        assert all(len(column) == len(data.candidates) for column in outcome.scores.values())


def test_checks_are_chosen_by_name() -> None:
    assert checks.select() == list(CHECKS)
    assert checks.select(only=["leakage", "structure"]) == ["structure", "leakage"]
    assert "outlier" not in checks.select(skip=["outlier"])
    with pytest.raises(InputError, match="no check named 'spelling'"):
        checks.select(only=["spelling"])
    with pytest.raises(InputError, match="no check is left"):
        checks.select(only=["length"], skip=["length"])


def test_a_stop_comes_between_two_checks_and_keeps_what_was_found(embedder: Embedder) -> None:
    class StopAfterOne(Silent):
        asked = 0

        def cancelled(self) -> bool:
            self.asked += 1
            return self.asked > 1

    running = checks.run(data_of([("", "x")], embedder=embedder, progress=StopAfterOne()), ["structure", "schema"])
    assert next(running)[0] == "structure"
    with pytest.raises(Cancelled):
        next(running)


def test_empty_and_tiny_corpora_pass_every_check(embedder: Embedder) -> None:
    for pairs in ([], [("one", "a")], [("one", "a"), ("two", "b")], [("", "")]):
        for task in (Task.CLASSIFICATION, Task.EXTRACTION, Task.GENERATION):
            data = data_of(pairs, [("three", "c")], task, embedder=embedder)
            for _, outcome in checks.run(data, CHECKS):
                assert all(len(column) == len(pairs) for column in outcome.scores.values())
