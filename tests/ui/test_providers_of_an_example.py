"""Beside an example stands which formats take it, asked only when somebody opens that line."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt

from curator import targets
from curator.model import Example, Message, Ref
from curator.targets import Target
from ui.presenters.providers import of_providers


def example(*turns: tuple[str, str]) -> Example:
    return Example(Ref("a.jsonl", 0, 1), tuple(Message(role, text) for role, text in turns), id=7)


def single() -> list[Target]:
    return [found for name in targets.names() if not (found := targets.get(name)).preference]


def test_what_all_take_is_refused_by_none_and_pairs_are_not_asked_for() -> None:
    found = of_providers(example(("user", "one"), ("assistant", "two")))
    assert (found.id, found.refuses) == (7, ())
    assert set(found.takes) == {target.title for target in single()}
    assert found.line == f"{len(found.takes)} of {len(found.takes)} formats take it"


def test_a_refusal_says_why_and_what_would_mend_it() -> None:
    found = of_providers(example(("user", "one"), ("system", "Be brief."), ("assistant", "two")))
    said = {one.title: one for one in found.refuses}
    claude = said[targets.get("bedrock-claude").title]
    assert "not at the beginning" in claude.why
    assert claude.mend == "Join the system turns in front"
    hopeless = of_providers(example(("user", "one"))).refuses
    assert {one.mend for one in hopeless} == {""}


def test_the_line_opens_by_click_and_follows_the_row(window, support_project: Path, qtbot) -> None:
    page = window(support_project, "examples").pages["examples"]
    qtbot.waitUntil(lambda: page.detail.detail is not None, timeout=30_000)
    providers = page.detail.providers
    assert not providers.said.text()
    page.detail.scroll.ensureWidgetVisible(providers.head)
    qtbot.mouseClick(providers.head, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "formats take it" in providers.said.text(), timeout=30_000)
    first = page.detail.detail.example.id
    page.table.setFocus()
    qtbot.keyClick(page.table, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: page.detail.detail.example.id != first, timeout=30_000)
    qtbot.waitUntil(lambda: "formats take it" in providers.said.text(), timeout=30_000)
