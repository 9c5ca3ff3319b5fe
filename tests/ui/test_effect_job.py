"""What one decision on many would do is told before it is made, and is what it does."""

from __future__ import annotations

from pathlib import Path

import pytest

from curator.model import Decision, Role, Verdict
from curator.outlook import Outlook
from curator.progress import Silent
from curator.store import Project
from ui.worker import effect
from ui.worker.state import State


@pytest.mark.parametrize(
    ("verdict", "value"), [(Verdict.DROP, None), (Verdict.KEEP, None), (Verdict.RELABEL, "gift_card")]
)
def test_the_effect_that_is_told_is_the_one_that_comes(
    support_project: Path, verdict: Verdict, value: str | None
) -> None:
    with Project.open(support_project, actor="Ada") as project:
        ids = project.ids(Role.CANDIDATE)[::9]
        project.decide([Decision("", id, "", "Ada", Verdict.FLAG) for id in ids[::2]])
        state = State(str(support_project), "Ada")
        asked = {"examples": ids, "verdict": str(verdict), "value": value, "reviewer": "Ada"}
        told = effect.run(state, asked, Silent())
        before = Outlook.of(project)
        project.decide([Decision("", id, "", "Ada", verdict, value) for id in ids])
        after = Outlook.of(project)
        state.close()
    assert told["before"] == before.effective
    assert told["after"] == after.effective
    for name, was, becomes in told["labels"]:
        assert was == (before.by_label[name].remaining if name in before.by_label else 0)
        assert becomes == (after.by_label[name].remaining if name in after.by_label else 0)
    changed = {
        name
        for name in {**before.by_label, **after.by_label}
        if getattr(before.by_label.get(name), "remaining", 0) != getattr(after.by_label.get(name), "remaining", 0)
    }
    assert {name for name, _, _ in told["labels"]} == changed
    assert changed
