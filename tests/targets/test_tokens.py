"""Token counts and how far they can be trusted."""

from __future__ import annotations

import bpe_openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.model import Example, Message, Ref
from curator.targets import tokens


def test_a_short_text_has_the_tokens_of_the_vocabulary() -> None:
    count = tokens.counter("o200k_base")
    assert count.basis == tokens.Basis.EXACT
    assert count.text("Hello, world!") == 4


@pytest.mark.parametrize("text", ["<|endoftext|>", "a<|endofprompt|>b", "\ud800", ""])
def test_odd_texts_are_counted_as_text(text: str) -> None:
    assert tokens.counter("o200k_base").text(text) >= (1 if text else 0)


@pytest.mark.parametrize(
    "text", ["one more word, ", "naïve café; 12 Wörter.\n", "例えば、これは長い文です。", "x" * 7 + " "]
)
def test_a_text_too_long_for_the_tokenizer_is_cut_between_tokens(text: str) -> None:
    long = text * (240_000 // len(text))
    encode = bpe_openai.get_encoding("o200k_base").encode_ordinary
    assert tokens.counter("o200k_base").text(long) == len(encode(long))
    assert tokens.counter("o200k_base").text(long * 5) > 0


@settings(max_examples=20, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_cutting_keeps_every_character(text: str) -> None:
    long = (text + " ") * (300_000 // (len(text) + 1))
    assert "".join(tokens._pieces(long)) == long


def test_an_example_costs_three_tokens_more_and_three_per_turn() -> None:
    example = Example(Ref("a", 0, 1), (Message("user", "abcd"), Message("assistant", "efgh")))
    assert tokens.counter().example(example) == 3 + 2 * (3 + 1)


def test_a_counter_says_what_it_is_worth() -> None:
    assert str(tokens.counter()) == "estimate (characters / 4)"
    assert str(tokens.counter("cl100k_base", tokens.Basis.PROXY)) == "proxy (cl100k_base)"
