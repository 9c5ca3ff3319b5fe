"""Words that exclude each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.checks.contrast import contrasts

known = st.sampled_from(
    "activate deactivate lock unlock kg miles mile km week weeks red north valid invalid tea order".split()
)


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("activate", "deactivate"),
        ("before", "after"),
        ("kg", "pounds"),
        ("valid", "invalid"),
        ("berlin", "munich"),
        ("weeks", "month"),
        ("python", "java"),
    ],
)
def test_opposites_and_members_of_a_closed_class_exclude_each_other(here: str, there: str) -> None:
    expected = set() if (here, there) == ("berlin", "munich") else {here, there}
    assert contrasts([here], [there]) == expected


@pytest.mark.parametrize(
    ("here", "there"), [("week", "weeks"), ("parcel", "package"), ("in", "inside"), ("able", "unable")]
)
def test_forms_of_a_word_and_other_words_do_not(here: str, there: str) -> None:
    found = contrasts([here], [there])
    assert found == ({here, there} if there == "unable" else set())


@given(st.lists(known), st.lists(known))
def test_contrasts_are_the_same_from_both_sides(first: list[str], second: list[str]) -> None:
    assert contrasts(first, second) == contrasts(second, first)
