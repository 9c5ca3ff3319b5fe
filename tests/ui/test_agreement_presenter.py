"""What the page Agreement says: figures in words, tables, the matrix, and what somebody may not see yet. Without a window."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from round_material import KEEP, begin, make_project, vote, vote_all

from curator.review.agreement.estimates import Estimate
from curator.review.agreement.measures import Agreement, measure_agreement
from curator.review.consensus.choosing import find_consensus
from curator.review.votes.arrays import Votes, make_votes
from curator.store import Project
from ui import i18n
from ui.presenters import agreement, agreement_page, agreement_tables, agreement_words
from ui.presenters.agreement_matrix import FIRST, Sides, compare, picture
from ui.presenters.agreement_view import cell_text, sort_value
from ui.presenters.agreement_votes import ALL, owed_blind

NAMES = ("Ann", "Bo", "Cy")


def table(*rows: str) -> Votes:
    """Votes of up to three reviewers: a row for each item, a letter for each vote, "." for none."""
    return make_votes(
        (str(item), NAMES[at], label) for item, row in enumerate(rows) for at, label in enumerate(row) if label != "."
    )


def measure(votes: Votes) -> Agreement:
    return measure_agreement(votes, find_consensus(votes))


def whole_of(project: Project, scope: str | None = None) -> agreement_page.View:
    """All that the page shows."""
    return agreement_page.measured(project, agreement_page.agreed(agreement_page.read(project, scope, "Dee")))


@pytest.fixture
def project(tmp_path) -> Project:
    with make_project(tmp_path / "p.curator") as made:
        yield made


# In words


@pytest.mark.parametrize(
    ("alpha", "tone", "said"),
    [(0.85, "good", "reliable"), (0.8, "good", "reliable"), (0.7, "warn", "tentative"), (0.2, "bad", "Too low")],
)
def test_the_headline_follows_the_usual_bounds(alpha: float, tone: str, said: str) -> None:
    text, found = agreement_words.headline(Estimate(alpha), "labels")
    assert (found, said in text, f"{alpha:.2f}" in text) == (tone, True, True)


def test_what_cannot_be_measured_says_why() -> None:
    found = measure(table("aa", "aa", "aa"))
    assert agreement_words.headline(found.krippendorff_alpha, "labels") == ("Agreement cannot be measured yet", "warn")
    said = agreement_words.advice(found, found.krippendorff_alpha, "labels")
    assert said[0] == "Only one label was used on the items that two or more reviewers voted on."
    figures = {figure.id: figure.estimate for figure in agreement_words.figures(found)}
    assert figures["alpha"].why == said[0]
    assert figures["percent"].value == 1


def test_more_items_are_asked_for_until_the_interval_is_narrow() -> None:
    assert agreement_words.more(Estimate(0.7, 0.5, 0.75), 50).startswith("α is known to ±0.12. 263 more")
    assert agreement_words.more(Estimate(0.7, 0.66, 0.74), 50) == ""
    assert agreement_words.more(Estimate(None), 50) == ""


def test_a_label_that_outweighs_the_others_is_warned_of() -> None:
    found = measure(table(*["aa"] * 50, *["ab"] * 2, *["ba"] * 2))
    assert "96% of the votes are a" in agreement_words.prevalence(found, "labels")
    assert "AC1" in agreement_words.prevalence(found, "labels")
    assert "texts are" in agreement_words.prevalence(found, "texts")
    assert agreement_words.prevalence(measure(table("aa", "bb", "cc")), "labels") == ""


def test_labels_that_are_numbers_are_compared_by_rank_and_by_distance() -> None:
    found = measure(table("11", "12", "23", "33", "44", "54"))
    assert [figure.id for figure in agreement_words.figures(found)] == [
        "alpha", "percent", "kappa", "ac1", "ordinal", "interval",
    ]  # fmt: skip


def test_sets_of_labels_are_judged_label_by_label() -> None:
    rows = [("0", "Ann", "x;y"), ("0", "Bo", "x"), ("1", "Ann", "x"), ("1", "Bo", "x;y"), ("2", "Ann", "y"), ("2", "Bo", "y")]  # fmt: skip
    found = measure(make_votes(rows))
    assert agreement_words.figures(found)[0].id == "masi"
    listed = agreement_tables.by_label(found, "sets")
    assert [line.key for line in listed.lines] == [("y",), ("x",)]


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_method_says_what_it_does_and_why_it_was_chosen(request: pytest.FixtureRequest, language: str) -> None:
    i18n.use(language)
    request.addfinalizer(lambda: i18n.use("en"))
    for name in ("majority", "one-coin", "mace", "dawid-skene"):
        title, why = agreement_words.method(name, "One, the simplest of 4 methods … best (0.812; the majority 0.790).")
        assert title
        assert i18n.number(0.812, 3) in why
    few = agreement_words.method("majority", "with under 30 items … no other can be tried.")
    best = agreement_words.method("majority", "The majority, … best (0.790).")
    assert few[0] == best[0]
    assert few[1] != best[1]


def test_the_reasons_of_the_engine_are_all_known() -> None:
    """What the engine may say of a figure that is undefined is said in the words of the window."""
    votes = [table("a.", "b."), table("aa", "aa"), table("a.", ".b"), table("ab", "aa", "b.")]
    for found in map(measure, votes):
        for estimate in (found.krippendorff_alpha, *(one.accuracy for one in found.by_reviewer)):
            if estimate.value is None:
                assert agreement_words.why(estimate.why) != f"{estimate.why}."
                assert agreement_words.why(estimate.why)[0].isupper()


# Tables


def test_labels_come_by_agreement_and_reviewers_by_quality() -> None:
    found = measure(table("aaa", "aaa", "bbb", "bbc", "bbc", "ccc", "ccb"))
    labels = [line.cells[0] for line in agreement_tables.by_label(found, "labels").lines]
    assert labels[-1] == "a"
    assert agreement_tables.by_label(found, "labels").lines[0].key in (("b", "c"), ("c", "b"))
    assert [line.key for line in agreement_tables.by_reviewer(found).lines][-1] == ("Cy",)
    assert [line.key for line in agreement_tables.pairs(found).lines][-1] == ("Ann", "Bo")


def test_cells_sort_by_their_figures_and_what_is_missing_comes_first() -> None:
    cells = [Estimate(0.5), None, Estimate(0.1), Estimate(None, why="because")]
    assert [cell_text(cell, "share") for cell in sorted(cells, key=sort_value)] == ["–", "–", "10%", "50%"]


# The matrix


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(st.text("abcdefgh.", min_size=3, max_size=3), min_size=1, max_size=30))
def test_the_matrix_counts_every_vote_once(rows: list[str]) -> None:
    if not any(set(row) - {"."} for row in rows):
        return
    votes = table(*rows)
    consensus = find_consensus(votes, "majority")
    shown = picture(compare(votes, consensus, Sides()), Sides(), everything=True)
    assert shown.counts.sum() == len(votes)
    assert shown.totals.tolist() == shown.counts.sum(axis=1).tolist()
    for row, column in zip(*np.nonzero(shown.counts), strict=True):
        assert 0 < len(shown.examples(row, column)) <= shown.counts[row, column]


def test_the_labels_most_confused_come_first() -> None:
    letters = "abcdefghijklmnop"
    votes = table(*[letter * 2 for letter in letters], "pq", "pq", "qp", "on")
    shown = picture(compare(votes, find_consensus(votes, "majority"), Sides()), Sides(), everything=False)
    assert len(shown.names) == FIRST
    assert {"p", "q", "n", "o"} <= set(shown.names)
    assert abs(shown.names.index("p") - shown.names.index("q")) == 1
    assert shown.hidden == 5
    assert shown.say(0, 0).startswith(f"Where the consensus is {shown.names[0]}, ")


def test_labels_that_are_numbers_keep_their_order() -> None:
    votes = table("99", "22", "29", "12", "11")
    shown = picture(compare(votes, find_consensus(votes, "majority"), Sides("Ann", "Bo")), Sides("Ann", "Bo"), False)
    assert shown.names == ("1", "2", "9")
    assert shown.say(0, 0).startswith("Where Ann said ")


# From a project


def test_all_rounds_or_one_are_looked_at(project: Project) -> None:
    first = begin(project, name="one")
    vote_all(project, first, {1: (KEEP, KEEP), 2: (KEEP, "refund"), 3: (KEEP, KEEP)})
    second = begin(project, examples=(4, 5))
    vote_all(project, second, {4: (KEEP, KEEP)})
    view = agreement_page.read(project, None, "Dee")
    assert view.scope == second.id
    assert [scope.title for scope in view.scopes] == ["All rounds", "Round 2", "Round 1: one"]
    everything = agreement_page.read(project, ALL, "Dee")
    assert everything.summary.startswith("2 reviewers · 4 items")
    assert agreement_page.read(project, "gone", "Dee").scope == second.id
    done = whole_of(project, first.id)
    assert done.disputed == {2}
    assert done.consensus_view is not None
    assert done.consensus_view.disputes == 1


def test_the_figures_come_first_without_and_then_with_intervals(project: Project) -> None:
    made = begin(project)
    vote_all(project, made, {1: (KEEP, KEEP), 2: (KEEP, "refund"), 3: (KEEP, KEEP), 4: (KEEP, KEEP)})
    quick = agreement_page.read(project, None, "Dee")
    whole = agreement_page.measured(project, agreement_page.agreed(quick))
    assert quick.waiting
    assert not whole.waiting
    assert [one.estimate.value for one in quick.figures] == [one.estimate.value for one in whole.figures]
    assert all(one.estimate.low is None for one in quick.figures)
    assert all(one.estimate.low is not None for one in whole.figures)


def test_without_rounds_what_was_decided_outright_is_compared(project: Project) -> None:
    assert agreement_page.read(project, None, "Dee").state == "empty"
    project.decide([replace(_decision(id), reviewer=name) for id in (1, 2) for name in ("Ann", "Bo")])
    view = agreement_page.read(project, None, "Dee")
    assert (view.state, view.scope, view.scopes[0].title) == ("ready", ALL, "All decisions")


def _decision(example: int):  # type: ignore[no-untyped-def]
    from curator.model import Decision

    return Decision("", example, "", "Ann", KEEP)


def test_in_a_blind_round_what_is_still_owed_is_withheld(project: Project) -> None:
    made = begin(project, ("Ann", "Bo"))
    vote(project, made, "Ann", 1, KEEP)
    assert owed_blind(project, made, "Ann") == {2, 3, 4, 5, 6}
    assert owed_blind(project, made, "Bo") == {1, 2, 3, 4, 5, 6}
    assert owed_blind(project, made, "Dee") == set()
    project.rounds.close(made.id)
    assert owed_blind(project, project.rounds.get(1), "Ann") == set()
    seen = begin(project, ("Ann", "Bo"), blind=False)
    assert owed_blind(project, seen, "Ann") == set()


def test_the_line_on_the_overview_measures_the_rounds(project: Project) -> None:
    made = begin(project)
    assert agreement.agreement(project, [], "classification").percent is None  # type: ignore[arg-type]
    vote_all(project, made, {1: (KEEP, KEEP), 2: (KEEP, "refund"), 3: (KEEP, KEEP), 4: (KEEP, KEEP)})
    line = agreement.agreement(project, [], "classification")  # type: ignore[arg-type]
    assert (line.reviewers, line.shared, line.percent) == (2, 4, 0.75)
    whole = whole_of(project)
    assert line.alpha == whole.figures[0].estimate.value
    assert line.low == whole.figures[0].estimate.low
