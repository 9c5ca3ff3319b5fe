"""The picture of how long examples are, and the limits of the targets in it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_reports import check_report, release_report

from curator.reports import charts, html
from curator.reports.data import CostLine, Lengths, TargetCosts

UNIT = "tokens, exact (o200k_base)"
SPLITS = {"train": [40, 120, 260, 90, 900], "validation": [30, 350], "test": []}
LIMITS = {"mistral": 300, "openai": 65_536, "azure": 65_536}


def test_splits_share_the_bins_and_keep_their_own_figures() -> None:
    train, validation = Lengths.by(SPLITS, UNIT, LIMITS)
    assert [(b.low, b.high) for b in train.bins] == [(b.low, b.high) for b in validation.bins]
    assert (train.name, train.median, train.longest) == ("train", 120, 900)
    assert (validation.name, validation.longest) == ("validation", 350)
    assert sum(b.count for b in validation.bins) == 2


def test_targets_with_one_limit_share_its_line() -> None:
    (lengths,) = Lengths.by({"": [10, 400]}, UNIT, LIMITS)
    assert [(limit.targets, limit.most, limit.over) for limit in lengths.limits] == [
        (("mistral",), 300, 1),
        (("azure", "openai"), 65_536, 0),
    ]


def test_a_limit_within_the_axis_is_drawn_where_it_lies() -> None:
    lengths = Lengths.of(range(1000), UNIT, {"mistral": 500})
    assert lengths is not None
    plot = charts.histogram(lengths)
    (mark,) = plot.marks
    axis = lengths.bins[-1].high or lengths.bins[-1].low
    assert mark.x == pytest.approx(500 / axis * charts.PLOT_WIDTH, abs=0.1)
    assert mark.label == "mistral: limit 500"
    assert plot.beyond == ("Examples over a limit: 499 over 500 (mistral).",)


@settings(max_examples=40, derandomize=True)
@given(
    st.lists(st.integers(0, 200_000), min_size=1, max_size=40),
    st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), st.integers(1, 300_000), max_size=4),
)
def test_every_limit_is_drawn_or_said_and_no_two_labels_share_a_row(values: list[int], limits: dict[str, int]) -> None:
    lengths = Lengths.of(values, UNIT, limits)
    assert lengths is not None
    plot = charts.histogram(lengths)
    said = " ".join([*(mark.label for mark in plot.marks), *plot.beyond])
    assert all(f"{most:,}" in said for most in limits.values())
    assert len({mark.y for mark in plot.marks}) == len(plot.marks)
    assert all(0 <= mark.x <= charts.PLOT_WIDTH for mark in plot.marks)
    assert all(mark.y - 10 >= plot.top for mark in plot.marks)
    over = {limit.most: limit.over for limit in lengths.limits}
    assert over == {most: sum(value > most for value in values) for most in set(limits.values())}


def test_the_pages_draw_the_limits_and_say_those_beyond() -> None:
    lengths = Lengths.by(SPLITS, UNIT, LIMITS)
    release = html.release_page(replace(release_report(), lengths=lengths))
    assert release.count('class="limit"') == 2
    assert release.count("Beyond the axis: the limit of 65,536 (azure, openai).") >= 2
    assert "<b>validation</b>: examples by length in tokens, exact (o200k_base)." in release
    check = html.check_page(replace(check_report(), lengths=Lengths.of(range(600), UNIT, LIMITS)))
    assert check.count('class="limit"') == 1
    assert "mistral: limit 300" in check


def test_a_release_page_tells_costs_with_their_dates() -> None:
    line = CostLine("gpt-4.1, sft", "1.89 USD", "25 USD per 1M tokens, as of 2026-05")
    unknown = CostLine("all models, dpo", "unknown", "unknown as of 2026-11-25", "no <rate> is named")
    costs = TargetCosts(
        "openai", "exact (o200k_base)", "3 epochs of training: 75,579 billed tokens", "no limit", "", (line, unknown)
    )
    page = html.release_page(replace(release_report(), costs=(costs,)))
    assert "1.89 USD" in page
    assert "25 USD per 1M tokens, as of 2026-05" in page
    assert "unknown as of 2026-11-25: no &lt;rate&gt; is named" in page
    assert "Prices change" in page
