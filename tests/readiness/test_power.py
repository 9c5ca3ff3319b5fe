"""What an eval set can show: the formulas against published figures, and against simulated comparisons of two models."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from curator.readiness import power
from curator.resources import resource


def test_five_hundred_examples_show_five_points_and_not_less() -> None:
    assert power.smallest_difference(500, power.disagreement(0.9)) == pytest.approx(0.053, abs=0.0005)


def test_the_size_is_that_of_connors_formula() -> None:
    # ψ = .4, δ = .2 at 80% power and a two-sided level of 5%: (1.960 √.4 + .842 √.36)² / .04
    assert power.examples_needed(0.2, 0.4) == 77


@given(st.integers(20, 5_000), st.floats(0.55, 0.97))
@settings(max_examples=40, deadline=None)
def test_size_and_difference_undo_each_other(examples: int, accuracy: float) -> None:
    psi = power.disagreement(accuracy)
    least = power.smallest_difference(examples, psi)
    if least < 1:
        assert power.examples_needed(least, psi) <= examples
        assert power.examples_needed(least * 0.97, psi) > examples * 0.95
    assert power.smallest_difference(examples + 50, psi) <= least


def _shown(examples: int, difference: float, psi: float, rounds: int = 4_000) -> float:
    """How often McNemar's test (mid-p, Fagerland et al. 2013) sees a true difference."""
    dice = np.random.default_rng(1)
    better = dice.multinomial(examples, [(psi + difference) / 2, (psi - difference) / 2, 1 - psi], size=rounds)
    first, both = better[:, 0], better[:, 0] + better[:, 1]
    low = np.minimum(first, both - first)
    p = 2 * binom.cdf(low, both, 0.5) - binom.pmf(low, both, 0.5)
    return float((p < power.LEVEL).mean())


@pytest.mark.parametrize("examples", [150, 500, 1_500])
@pytest.mark.parametrize("accuracy", [0.7, 0.9])
def test_the_smallest_difference_is_seen_four_times_in_five(examples: int, accuracy: float) -> None:
    psi = power.disagreement(accuracy)
    least = power.smallest_difference(examples, psi)
    assert _shown(examples, least, max(psi, least)) == pytest.approx(power.POWER, abs=0.03)
    assert _shown(examples, 0.0, psi) == pytest.approx(power.LEVEL, abs=0.015)


def test_models_on_different_examples_need_more_of_them() -> None:
    for accuracy in (0.6, 0.8, 0.9):
        paired = power.smallest_difference(500, power.disagreement(accuracy))
        assert power.smallest_unpaired(500, accuracy) > paired


def test_a_handful_shows_nothing() -> None:
    assert power.smallest_difference(2, 0.18) == 1
    assert power.smallest_difference(0, 0.18) == 1


@pytest.mark.parametrize(
    ("name", "word", "point"), [("when-to-fine-tune", "points", "."), ("de/when-to-fine-tune", "Punkte", ",")]
)
def test_the_guide_gives_these_figures(name: str, word: str, point: str) -> None:
    shown = re.findall(
        rf"^\| ([\d.,]+) \| ([\d.,]+) {word} \|$", resource(f"guide/{name}.md").read_text("utf-8"), re.MULTILINE
    )
    assert len(shown) == 5
    for examples, difference in shown:
        least = 100 * power.smallest_difference(int(re.sub(r"\D", "", examples)), power.disagreement(power.USUAL))
        assert float(difference.replace(point, ".")) == pytest.approx(least, abs=0.051)
