"""Agreement as the work went on, and how good each reviewer is by the others' votes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from vote_simulation import simulate, symmetric

from curator.review.agreement.measures import measure_agreement
from curator.review.agreement.over_time import over_time
from curator.review.agreement.reviewer_quality import accuracies
from curator.review.consensus.choosing import find_consensus
from curator.review.consensus.models import Ballots
from curator.review.votes.arrays import make_votes

DAY = 86_400.0
START = 20_000 * DAY


def timed(shares, per_part=60):
    """Two reviewers who agree on a share of the items of each day, an item a minute."""
    generator = np.random.default_rng(0)
    rows, at = [], []
    for day, share in enumerate(shares):
        for n in range(per_part):
            label = "xy"[generator.integers(2)]
            other = label if n < share * per_part else "xy"[label == "x"]
            rows += [(f"{day}{n:03}", "Ann", label), (f"{day}{n:03}", "Bo", other)]
            at += [START + day * DAY + n * 60, START + day * DAY + n * 60 + 5]
    return replace(make_votes(rows), at=np.array(at))


def test_each_day_has_its_agreement():
    days = over_time(timed([0.5, 0.8, 1.0]), "day")
    assert [day.items for day in days] == [60, 60, 60]
    assert [day.percent_agreement.value for day in days] == pytest.approx([0.5, 0.8, 1.0])
    assert days[0].krippendorff_alpha.value < days[1].krippendorff_alpha.value < days[2].krippendorff_alpha.value
    assert days[1].krippendorff_alpha.low < days[1].krippendorff_alpha.value < days[1].krippendorff_alpha.high
    assert days[0].start == "2024-10-04T00:00:05+00:00"
    assert days[0].end < days[1].start


def test_batches_are_equal_and_in_order():
    batches = over_time(timed([0.6, 0.9]), "batch")
    assert [batch.items for batch in batches] == [20] * 6
    assert [batch.start for batch in batches] == sorted(batch.start for batch in batches)
    assert batches[0].percent_agreement.value == 1
    assert batches[2].percent_agreement.value < 1


def test_without_times_or_with_one_period_there_is_nothing_to_follow():
    votes = timed([0.9], per_part=30)
    assert over_time(votes, "day") == over_time(votes, "batch") == ()
    assert over_time(replace(votes, at=None), "batch") == ()
    part = np.where(np.arange(len(votes)) < 40, np.nan, timed([0.9]).at[: len(votes)])
    assert over_time(replace(votes, at=part), "batch") == ()


def test_measures_follow_times_where_votes_have_them():
    votes = timed([0.5, 1.0])
    found = measure_agreement(votes, find_consensus(votes, "majority"))
    assert len(found.by_day) == 2
    assert len(found.by_batch) == 6
    bare = replace(votes, at=None)
    assert measure_agreement(bare, find_consensus(bare, "majority")).by_batch == ()


@pytest.mark.parametrize("reviewers", [3, 6])
def test_reviewers_are_as_good_as_they_are(reviewers):
    shares = np.linspace(0.6, 0.95, reviewers)
    votes, _ = simulate([symmetric(share, 4) for share in shares], 400, 3, [0.25] * 4, seed=3)
    found = accuracies(Ballots.of(votes), find_consensus(votes).foretold)
    values = [one.value for one in found]
    if reviewers == 3:
        assert values == sorted(values)
    assert values == pytest.approx(shares.tolist(), abs=0.08)
    assert all(one.low <= one.value <= one.high for one in found)
    assert sum(one.low <= share <= one.high for one, share in zip(found, shares, strict=True)) >= reviewers - 1


def test_nobody_is_judged_by_their_own_vote():
    rows = [(str(n), "Ann", "xy"[n % 2]) for n in range(40)] + [(str(n), "Bo", "xy"[n % 2]) for n in range(20)]
    votes = make_votes(rows)
    ann = accuracies(Ballots.of(votes), find_consensus(votes, "majority").foretold)[0]
    assert 0.5 < ann.low < 0.92 <= ann.value
    lone = make_votes([("1", "Ann", "x"), ("2", "Bo", "y")])
    for one in accuracies(Ballots.of(lone), find_consensus(lone).foretold):
        assert (one.value, one.why) == (None, "nobody else voted on the same items")
