"""The window of a reviewer with an account of their own: all pages show, and what they review is in their name."""

import uuid
from pathlib import Path

import pytest
from postgres_server import postgres_address, postgres_server  # noqa: F401
from PySide6.QtCore import Qt

from curator import pipeline
from curator.model import Round, RoundItem, Slot, content_key
from curator.store import Project
from curator.tasks import Task


@pytest.fixture
def account(postgres_address: str, tmp_path: Path) -> str:  # noqa: F811
    """Address by which Ann opens a checked project with a blind round."""
    rows = [
        f"the {word} {what},{what}" for what in ("lamp", "sofa") for word in "big old blue red odd nice thin".split()
    ]
    (tmp_path / "pairs.csv").write_text("\n".join(["text,label", *rows, rows[0]]))
    with Project.create(postgres_address, task=Task.CLASSIFICATION) as project:
        pipeline.import_files(project, pipeline.Inputs((str(tmp_path / "pairs.csv"),)), pipeline.Silent())
        pipeline.check(project, pipeline.Settings())
        ids = project.ids()
        items = [RoundItem(e.id, content_key(e), place) for place, e in enumerate(project.get_examples(ids[:5]))]
        slots = [Slot(item.example, slot, None, item.place) for item in items for slot in range(2)]
        new = Round("", 0, "", "classification", ("lamp", "sofa"), "", 0, ("Ann", "Bo"), 2, claimed=True)
        project.rounds.add(new, items, slots)
        return project.accounts.grant("Ann", f"ann_{uuid.uuid4().hex[:8]}").address


def test_all_pages_show_and_keys_vote_in_the_name_of_the_account(window, account: str, qtbot) -> None:
    opened = window(account)
    assert opened.session is not None
    assert opened.session.reviewer == "Ann"
    for name in [name for name, place in opened.places.items() if place.listed]:
        opened.go(name)
        qtbot.wait(500)
        assert not opened.troubles.isVisible(), (name, opened.troubles.text.text())

    opened.go("review", round=opened.session.project.rounds.get(1).id)
    page = opened.pages["review"]
    qtbot.waitUntil(lambda: page.sitting.card is not None and not page.sitting.busy, timeout=20_000)
    page.take_keys()
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    for key, modifier, left in (
        (Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier, 1),
        (Qt.Key.Key_X, Qt.KeyboardModifier.NoModifier, 2),
        (Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier, 1),
        (Qt.Key.Key_Z, both, 2),
    ):
        qtbot.keyClick(page, key, modifier)
        qtbot.waitUntil(lambda left=left: votes(account) == ["Ann"] * left and not page.sitting.busy, timeout=10_000)
    assert not opened.troubles.isVisible(), opened.troubles.text.text()

    opened.session.write(lambda project: project.set_settings(seed=1), lambda _: None)
    qtbot.waitUntil(opened.troubles.isVisible, timeout=10_000)
    assert "reviews in this project as Ann; its owner can change its settings." in opened.troubles.text.text()


def votes(address: str) -> list[str]:
    with Project.open(address) as project:
        return [vote.reviewer for vote in project.rounds.votes()]
