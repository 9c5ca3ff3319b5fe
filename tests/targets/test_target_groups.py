"""Every target says whom it is for, and by which rules it goes."""

from __future__ import annotations

import pytest

from curator import targets
from curator.targets.conversation import REFUSABLE
from curator.targets.rules import GROUPS

CARRIED = {"tools", "weight", "weight_of_any_turn", "name", "parallel_tool_calls", "developer", "reasoning"}


@pytest.mark.parametrize("name", targets.names())
def test_a_target_belongs_to_a_known_group(name: str) -> None:
    target = targets.get(name)
    assert target.rules.group in GROUPS
    assert (target.rules.group == "preference") == target.preference


@pytest.mark.parametrize("name", targets.names())
def test_what_a_target_refuses_and_carries_are_rules_that_there_are(name: str) -> None:
    rules = targets.get(name).rules
    assert set(rules.refuses) <= REFUSABLE
    assert set(rules.carries) <= CARRIED
