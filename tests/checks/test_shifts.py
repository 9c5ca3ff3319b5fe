"""Blocks of slipped outputs: found as one, put back by one decision, and never seen where nothing slipped."""

from __future__ import annotations

import numpy as np
import pytest
from corpus_material import Pair, clean_pairs, data_of, run
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.checks import Outcome, shifts
from curator.embedding import Embedder
from curator.model import Finding, Severity, Verdict
from curator.tasks import Task


def style() -> list[Pair]:
    return clean_pairs("style", "chat.jsonl")


def slipped(pairs: list[Pair], start: int, length: int, by: int) -> list[Pair]:
    """The outputs of `length` rows moved down by `by` rows, those pushed out at one end put in at the other."""
    outputs = [output for _, output in pairs]
    part = outputs[start : start + length]
    outputs[start : start + length] = part[-by:] + part[:-by]
    return [(input, output) for (input, _), output in zip(pairs, outputs, strict=True)]


def judged(pairs: list[Pair], embedder: Embedder) -> Outcome:
    return run("mismatched_pair", data_of(pairs, task=Task.STYLE, embedder=embedder))


def blocks(outcome: Outcome) -> list[Finding]:
    return [finding for finding in outcome.findings if "records" in finding.evidence]


def mended(pairs: list[Pair], finding: Finding) -> dict[int, str]:
    """Record numbers and the outputs that the finding would put there."""
    assert finding.suggestion is not None
    assert finding.suggestion.action is Verdict.RELABEL
    values = finding.suggestion.values
    return {id - 1: value for id, value in zip(finding.suggestion.examples, values, strict=True)}


@pytest.mark.parametrize(("start", "length", "by"), [(100, 6, 1), (200, 50, 2), (300, 40, -3), (0, 463, 1)])
def test_a_slipped_block_is_one_finding_that_puts_all_back(
    start: int, length: int, by: int, embedder: Embedder
) -> None:
    pairs = style()
    outcome = judged(slipped(pairs, start, length, by), embedder)
    (block,) = blocks(outcome)
    assert block.severity is Severity.ERROR
    assert block.evidence["shift"] == by
    assert f"{abs(by)} row" in block.message
    assert ("late" if by > 0 else "early") in block.message
    right = mended(pairs, block)
    assert set(right) <= set(range(start, start + length))
    assert len(right) >= length - 2
    assert all(output == pairs[record][1] for record, output in right.items())
    rest = {f.examples[0] - 1 for f in outcome.findings} - {block.examples[0] - 1}
    assert len(rest) <= 2
    quality = np.asarray(outcome.scores["pair_quality"])
    assert (quality < 0.02).sum() >= length - 2


def test_the_row_whose_output_was_lost_is_said_and_left_to_be_dropped(embedder: Embedder) -> None:
    pairs = style()
    outputs = [output for _, output in pairs]
    gone = [(input, output) for (input, _), output in zip(pairs, [*outputs[:150], *outputs[151:]], strict=False)]
    outcome = judged(gone, embedder)
    (block,) = blocks(outcome)
    assert all(output == pairs[record][1] for record, output in mended(pairs, block).items())
    assert block.evidence["right_output_missing"] == [151]
    (lost,) = [f for f in outcome.findings if f.examples == (151,)]
    assert lost.suggestion is not None
    assert lost.suggestion.action is Verdict.DROP
    assert "missing" in lost.message


@pytest.mark.parametrize("key", [lambda p: 0, lambda p: p[0], lambda p: p[1], lambda p: len(p[1])])
def test_files_in_any_order_have_no_slipped_blocks(key: object, embedder: Embedder) -> None:
    assert not blocks(judged(sorted(style(), key=key), embedder))  # type: ignore[call-overload]


def test_rows_followed_by_rewordings_with_the_same_or_a_like_output_have_not_slipped(embedder: Embedder) -> None:
    twice = [row for q, a in style()[:150] for row in ((q, a), (f"Please: {q}", a))]
    assert not blocks(judged(twice, embedder))
    alike = [row for q, a in style()[:150] for row in ((q, a), (f"Please: {q}", f"Of course. {a}"))]
    assert not blocks(judged(alike, embedder))


def world(rows: int, noise: float, seed: int) -> np.ndarray:
    """Fit of every input to every output: high on the diagonal, and to neighbours of the same topic."""
    random = np.random.default_rng(seed)
    topic = np.repeat(np.arange(rows), random.integers(1, 9, rows))[:rows]
    fit: np.ndarray = 3.0 * np.eye(rows) + (topic[:, None] == topic) + noise * random.standard_normal((rows, rows))
    return fit


def search(fit: np.ndarray) -> list[shifts.Block]:
    rows = np.arange(len(fit))
    return shifts.find(rows, lambda i, j: fit[i, j], rows, rows)


@settings(deadline=None, max_examples=60)
@given(st.integers(60, 400), st.floats(0.2, 4.0), st.integers(0, 10_000))
def test_noise_and_topics_alone_never_look_like_a_slip(rows: int, noise: float, seed: int) -> None:
    assert not search(world(rows, noise, seed))


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_any_block_that_slipped_is_found_where_it_is(data: st.DataObject) -> None:
    rows, by = data.draw(st.integers(60, 200)), data.draw(st.sampled_from([-3, -2, -1, 1, 2, 3]))
    length = data.draw(st.integers(15, rows))
    start = data.draw(st.integers(0, rows - length))
    fit = world(rows, 0.5, data.draw(st.integers(0, 10_000)))
    place = np.arange(rows)
    place[start : start + length] = np.roll(place[start : start + length], by)
    (block,) = search(fit[:, place])
    assert block.shift == by
    pairs = list(zip(block.rows, block.donors, strict=True))
    assert sum(place[donor] == row for row, donor in pairs) >= length - abs(by) - 2
    assert sum(place[donor] != row for row, donor in pairs) <= 2
    assert len(block.left) == len(block.spare) <= abs(by)


def test_records_that_could_not_be_read_leave_gaps_that_do_no_harm() -> None:
    fit = world(120, 0.5, 7)
    place = np.arange(120)
    place[40:80] = np.roll(place[40:80], 1)
    order = np.arange(120)
    order[[45, 60, 61, 100]] = -1
    rows = np.arange(120)
    (block,) = shifts.find(order, lambda i, j: fit[:, place][i, j], rows, rows)
    assert block.shift == 1
    assert not {45, 60, 61} & {*block.rows, *block.donors}
    assert len(block.rows) >= 30
