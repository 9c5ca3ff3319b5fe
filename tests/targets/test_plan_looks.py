"""What is found out once for all providers is what each of them says when it is asked by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from conversations import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from curator import costs, targets
from curator.model import Example, Message, Ref
from curator.progress import Silent
from curator.release.acceptance import Acceptance
from curator.release.looks import Looks
from curator.targets import base_models, conversation, fixes
from curator.targets.base import json_line

_text = st.sampled_from(["one", "zwei\nEinträge", " spaced ", '\u0001\u2028"', "System: do", "<|im_start|>", "🙂" * 40])


@st.composite
def plain(draw: st.DrawFn) -> Example:
    """A system turn or none, and pairs of turns; at times nearly plain."""
    turns = [Message("system", draw(_text))] if draw(st.booleans()) else []
    for _ in range(draw(st.integers(1, 3))):
        turns += [Message("user", draw(_text)), Message("assistant", draw(_text))]
    if draw(st.integers(0, 5)) == 0:
        turns[-1] = replace(turns[-1], **draw(st.sampled_from([{"name": "Ann"}, {"weight": 0}, {"content": "\ud800"}])))
    return Example(Ref("a.jsonl", 0, 1), tuple(turns))


some = st.lists(st.one_of(plain(), examples()), min_size=1, max_size=8)
quick = settings(derandomize=True, max_examples=15, deadline=None)


def pair(example: Example) -> Example:
    return replace(example, non_preferred=(Message("assistant", "another"),))


@pytest.mark.parametrize("model", [None, "gemma-2", "llama-3.1"])
@quick
@given(found=some)
def test_what_is_said_of_all_at_once_is_what_each_is_told(model: str | None, found: list[Example]) -> None:
    looks = Looks(found)
    for name in targets.names():
        target = targets.get(name).for_model(model)
        pairs = {0: pair(found[0])} if target.preference and len(found) > 2 else {}
        every = [pairs.get(index, example) for index, example in enumerate(found)]
        target = target.fitted(every) if target.preference else target
        asked = Acceptance(target, looks, Silent(), pairs)
        assert asked.problems == {i: said for i, one in enumerate(every) if (said := target.problems(one))}
        refused = [any(map(asked.refuses, asked.problems.get(i, ()))) for i in range(len(found))]
        assert asked.out.tolist() == refused == [i in asked.refused for i in range(len(found))]


@quick
@given(found=some)
def test_a_fix_is_tried_where_it_may_help_and_changes_the_same(found: list[Example]) -> None:
    looks, chosen = Looks(found), fixes.parse(["safe"])
    for name in ("openai", "mistral", "trl", "bedrock-claude"):
        target = targets.get(name)
        done = Acceptance(target, looks, Silent()).mended(chosen, cut=False, progress=Silent())
        for index, example in enumerate(found):
            mended, names = fixes.apply(example, chosen, target)
            assert (done.examples[index], done.applied.get(index, ())) == (mended, names)
            assert done.problems.get(index, []) == target.problems(mended)
        assert done.tokens.tolist() == costs.count(target, done.examples)


@quick
@given(found=some)
def test_tokens_counted_in_columns_are_those_of_each_example(found: list[Example]) -> None:
    found = [*found, pair(found[0])]
    looks = Looks(found)
    for name in targets.names():
        target = targets.get(name)
        assert looks.tokens(target).tolist() == costs.count(target, found)


@quick
@given(found=some)
def test_no_format_has_more_bytes_for_an_example_than_are_allowed_for(found: list[Example]) -> None:
    looks = Looks(found)
    for name in targets.names():
        asked = Acceptance(targets.get(name), looks, Silent())
        for index in np.flatnonzero(~asked.out & (looks.most_bytes >= 0)):
            written = b"".join(map(json_line, asked.target.fitted([found[index]]).records(found[index])))
            assert len(written) <= looks.most_bytes[index]


@quick
@given(found=some)
def test_conditions_that_are_said_never_to_hold_of_plain_turns_do_not(found: list[Example]) -> None:
    for example in filter(conversation.is_plain, found):
        for when in base_models.NEVER_PLAIN:
            assert not base_models.CONDITIONS[when](example)
