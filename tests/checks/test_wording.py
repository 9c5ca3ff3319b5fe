"""Which differences in wording change what a text says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.checks.wording import difference

vocabulary = st.sampled_from(
    "the card was not charged isn't wasn't for order 70220 70221 Vienna Graz EUR USD refund please two three , . it's".split()
)
texts = st.one_of(st.lists(vocabulary, max_size=12).map(" ".join), st.text(max_size=40))


@given(texts)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    same = difference(text, text)
    assert (same.removed, same.added, same.overlap, same.substance) == ((), (), 1.0, ())


@given(texts, texts)
def test_a_difference_is_the_same_from_both_sides(first: str, second: str) -> None:
    there, back = difference(first, second), difference(second, first)
    assert (there.removed, there.added) == (back.added, back.removed)
    assert there.overlap == back.overlap
    assert set(there.substance) == set(back.substance)
    assert 0 <= there.overlap <= 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("My order 70220 is late.", "My order 70221 is late."),
        ("I paid 12.50 for it.", "I paid 12.90 for it."),
        ("I want two of them.", "I want three of them."),
        ("It comes on Monday.", "It comes on Friday."),
        ("Do you ship to Vienna?", "Do you ship to Graz?"),
        ("Convert EUR to USD for me.", "Convert USD to EUR for me."),
        ("Change 30 of the 40 boxes.", "Change 40 of the 30 boxes."),
        ("The parcel has arrived.", "The parcel has not arrived."),
        ("I can log in.", "I can't log in."),
        ("I can log in.", "I can’t log in."),
        ("My card was charged but it wasn't returned.", "My card was not charged but it was returned."),
        ("Call get_price for it.", "Call set_price for it."),
        ("What does HTTP mean?", "What does HTML mean?"),
        ("Call getPrice for it.", "Call setPrice for it."),
        ('Translate "good morning" into Dutch.', 'Translate "good evening" into Dutch.'),
        ("Is x < y?", "Is x <= y?"),
        ("It runs if a == b.", "It runs if a != b."),
        ("order by price asc", "order by price desc"),
        ("How do I top up before I travel?", "How do I top up after I travel?"),
        ("How do I turn a string to an integer?", "How do I turn an integer to a string?"),
        ("Is tom from rome older than ann from oslo?", "Is tom from oslo older than ann from rome?"),
        ("Why is it late?", "How long is it late?"),
        ("It weighs 12,500 kg.", "It weighs 1,250 kg."),
    ],
)
def test_numbers_names_negations_and_their_order_are_substance(first: str, second: str) -> None:
    assert difference(first, second).substance


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Where is my parcel?", "Where's my parcel now?"),
        ("I cannot log in to the site.", "I am not able to log in to the site."),
        ("It has not yet arrived.", "It has not arrived yet."),
        ("hello, my card was declined", "Hello! My card was declined."),
        ("WHERE IS MY PARCEL", "where is my parcel please"),
        ("Please send the invoice.", "Would you send the invoice?"),
        ("The order 70220 is late.", "Late is the order 70220."),
        ("I paid 12,500.00 for two of them.", "I paid 12500 for 2 of them."),
        ("The transfer did not go through.", "The transfer failed."),
        ("How long does it take?", "How many days does it take?"),
        ("It is the second floor.", "It is the 2nd floor."),
        ("From 9 on I need 30 boxes - order A12.", "Order A12: I need 30 boxes from 9 on."),
    ],
)
def test_other_words_for_the_same_are_not_substance(first: str, second: str) -> None:
    assert difference(first, second).substance == ()


def test_words_are_listed_once_in_the_order_of_their_text() -> None:
    wording = difference("please please send my invoice", "send my receipt now")
    assert wording.removed == ("please", "invoice")
    assert wording.added == ("receipt", "now")
