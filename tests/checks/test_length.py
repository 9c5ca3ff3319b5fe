"""length: over the limit, far from all others, and far from what the input leads one to expect."""

from __future__ import annotations

import random

from corpus_material import Pair, data_of, records, run

from curator.embedding import Embedder
from curator.model import Severity
from curator.tasks import Task


def words(count: int, seed: int) -> str:
    return " ".join(random.Random(seed).choices("the blue cup is on a red table by our old door".split(), k=count))


def translations(short: int = 5, long: int = 400) -> list[Pair]:
    """Outputs about as long as their inputs, which differ much in length."""
    sizes = [random.Random(n).randint(short, long) for n in range(80)]
    return [(words(size, n), words(size + n % 7, n + 1000)) for n, size in enumerate(sizes)]


def test_an_output_that_is_far_too_short_for_its_input_is_a_note(embedder: Embedder) -> None:
    cut = (words(300, 5), words(12, 6))
    outcome = run("length", data_of([*translations(), cut], embedder=embedder))
    (finding,) = outcome.findings
    assert records(finding) == {80}
    assert finding.severity is Severity.INFO
    assert "shorter than its input leads one to expect" in finding.message
    assert not run("length", data_of(translations(), embedder=embedder)).findings


def test_lengths_that_do_not_go_together_are_not_compared(embedder: Embedder) -> None:
    loose = [
        (words(random.Random(n).randint(5, 60), n), words(random.Random(n + 999).randint(5, 60), n)) for n in range(80)
    ]
    outcome = run("length", data_of([*loose, (words(60, 1), words(5, 2))], embedder=embedder))
    assert not outcome.findings
    assert "output_for_input" not in outcome.calibration


def test_a_length_far_from_all_others_is_said_once(embedder: Embedder) -> None:
    same = [(words(20, n), words(20, n + 1000)) for n in range(60)]
    found = run("length", data_of([*same, (words(4_000, 1), words(20, 2))], embedder=embedder)).findings
    assert [records(f) for f in found] == [{60}]
    labels = [(text, "cup") for text, _ in same]
    assert not run("length", data_of(labels, task=Task.CLASSIFICATION, embedder=embedder)).findings


def test_more_tokens_than_the_limit_are_an_error(embedder: Embedder) -> None:
    pairs = [(words(20, n), "Yes.") for n in range(3)]
    data = data_of(pairs, embedder=embedder, tokens={1: 90, 2: 101, 3: 100}, token_limit=100)
    (finding,) = run("length", data).findings
    assert (finding.examples, finding.severity) == ((2,), Severity.ERROR)
