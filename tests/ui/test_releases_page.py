"""The page of releases: it lists them, compares two, and writes one again as it was."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from curator import checking, pipeline
from curator.model import Decision, Role, Verdict
from curator.pipeline import Settings
from curator.progress import Silent
from curator.release import Wanted
from curator.splits import Shares
from curator.store import Project
from ui import i18n
from ui.pages.releases import ReleasesPage
from ui.presenters import releases as presenter
from ui.presenters.releases import NOW, Line, Other
from ui.window import Window

LATER = 60_000


@pytest.fixture(scope="module")
def built(checked_sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with two releases, between which Ann dropped two examples and relabelled one."""
    folder = tmp_path_factory.mktemp("built")
    with Project.open(shutil.copy(checked_sample, folder / "support.curator"), actor="Ann") as project:
        shares, let_in = Shares.parse("80/20"), ("label_error", "conflict")
        wanted = Wanted(folder / "one", shares=shares, include=let_in)
        with checking.resumed(project, Settings(), Silent()) as checked:
            pipeline.export(project, Settings(), wanted, checked=checked)
        out = [row for row in project.releases.rows(1) or [] if row.written]
        at = {(e.ref.source, e.ref.record): e.id for e in project.examples(Role.CANDIDATE)}
        ids = [at[row.source, row.record] for row in out[:3]]
        project.decide([Decision("", id, "", "Ann", Verdict.DROP) for id in ids[:2]])
        project.decide([Decision("", ids[2], "", "Ann", Verdict.RELABEL, "another label")])
        pipeline.export(project, Settings(), replace(wanted, out=folder / "two", name="mails"))
    return folder / "support.curator"


@pytest.fixture
def released(built: Path, tmp_path: Path) -> Path:
    """The same, for a test of its own."""
    return Path(shutil.copy(built, tmp_path / "support.curator"))


@pytest.fixture
def page(released: Path, window: Callable[..., Window], qtbot: QtBot) -> ReleasesPage:
    opened = window(released)
    opened.registry.run("page.releases")
    found = opened.pages["releases"]
    assert isinstance(found, ReleasesPage)
    qtbot.waitUntil(lambda: found.table_rows() > 0, timeout=LATER)
    return found


def test_the_newest_release_is_compared_with_the_one_before_it(page: ReleasesPage) -> None:
    assert [made.accessibleName().split(",")[0] for made in page.list.choices.buttons.values()] == [
        "mails 2",
        "support 1",
    ]
    assert page.changes.title.text() == "From support 1 to mails 2"
    shown = {kind: made.accessibleName() for kind, made in page.changes.kinds.buttons.items()}
    assert shown["removed"] == "2, Removed"
    assert shown["relabelled"] == "1, Relabelled"
    assert shown["all"] == f"{page.table_rows()}, All"
    reasons = {page.changes.table.item(at, 3).text().split(" (")[0] for at in range(page.table_rows())}
    assert {"dropped by Ann", "Ann decided: Relabel"} <= reasons


def test_a_kind_is_chosen_and_the_example_is_shown_before_and_after(page: ReleasesPage, qtbot: QtBot) -> None:
    qtbot.mouseClick(page.changes.kinds.buttons["relabelled"], Qt.MouseButton.LeftButton)
    assert page.table_rows() == 1
    whole = page.changes.whole.toPlainText()
    assert whole.startswith("Before\n")
    assert "After\n" in whole
    assert "→ another label" in whole


def test_another_release_and_the_project_as_it_is_now_can_be_chosen(page: ReleasesPage, qtbot: QtBot) -> None:
    assert [page.changes.other.itemData(at) for at in range(page.changes.other.count())] == [1, NOW]
    page.changes.other.setCurrentIndex(1)
    page.changes.other.activated.emit(1)
    qtbot.waitUntil(lambda: "as it is now" in page.changes.title.text(), timeout=LATER)
    assert page.changes.title.text() == "From mails 2 to the project as it is now"
    reasons = {page.changes.table.item(at, 3).text().split(":")[0] for at in range(page.table_rows())}
    assert reasons == {"Wrong labels", "Contradictions"}, "what the release let in"
    qtbot.mouseClick(page.list.choices.buttons[1], Qt.MouseButton.LeftButton)
    assert page.card.title.text() == "support 1"


def test_a_release_is_written_again_and_proven(page: ReleasesPage, released: Path, built: Path, qtbot: QtBot) -> None:
    folder = released.parent / "again"
    page.card.folder.setText(str(folder))
    qtbot.mouseClick(page.card.again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.card.result() != "", timeout=LATER)
    assert page.card.result() == f"mails 2 was written to {folder}: the same, byte for byte."
    assert (folder / "manifest.json").read_bytes() == (built.parent / "two" / "manifest.json").read_bytes()
    qtbot.mouseClick(page.card.again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "already holds a release" in page.card.result(), timeout=LATER)


def test_every_control_has_a_name_and_is_reached_by_tab(page: ReleasesPage) -> None:
    found = [made for made in page.findChildren(QWidget) if made.focusPolicy() & Qt.FocusPolicy.TabFocus]
    shown = [made for made in found if made.isVisible() and not made.objectName().startswith("qt_")]
    assert {page.card.again, page.card.folder, page.card.open, page.changes.other, page.changes.table} <= set(shown)
    unnamed = [made for made in shown if not (made.accessibleName() or (isinstance(made, QPushButton) and made.text()))]
    assert unnamed == []


def test_a_project_without_releases_leads_to_the_export(
    support_project: Path, window: Callable[..., Window], qtbot: QtBot
) -> None:
    opened = window(support_project)
    opened.go("export")
    opened.go("releases")
    page = opened.pages["releases"]
    assert isinstance(page, ReleasesPage)
    qtbot.waitUntil(lambda: page.stack.currentWidget() is page.empty, timeout=LATER)
    assert page.empty.action is not None
    qtbot.mouseClick(page.empty.action, Qt.MouseButton.LeftButton)
    assert opened.place == "export"
    qtbot.mouseClick(opened.pages["export"].earlier, Qt.MouseButton.LeftButton)  # type: ignore[attr-defined]
    assert opened.place == "releases"


# What is said, without a window


def line(number: int, kept: bool = True) -> Line:
    return Line(number, f"shop {number}", "", "", "", "", (), "", kept)


def test_the_release_before_it_is_offered_first_then_the_project_then_the_others() -> None:
    lines = [line(3), line(2), line(1, kept=False)]
    now = Other(NOW, "the project as it is now")
    assert presenter.others(lines, 3) == (Other(2, "shop 2"), now)
    assert presenter.others(lines, 2) == (now, Other(3, "shop 3"))
    assert presenter.sides(3, 2) == presenter.sides(2, 3) == {"before": 2, "after": 3}
    assert presenter.sides(3, NOW) == {"before": 3, "after": None}


@pytest.mark.parametrize(
    ("engine", "german"),
    [
        ("dropped by Ann: not ours", "verworfen von Ann: not ours"),
        ("Bo decided to relabel it", "Bo hat entschieden: Label ändern"),
        ("/data/a.csv was not read before", "a.csv war vorher nicht dabei"),
        (
            "was left out before: dropped by Cy; Ann decided to keep it",
            "blieb vorher draußen: verworfen von Cy; Ann hat entschieden: Behalten",
        ),
        ("exact_duplicate: says the same", "Exakte Duplikate: says the same"),
        ("near duplicates stay together", "near duplicates stay together"),
    ],
)
def test_reasons_are_said_in_the_language_of_the_window(engine: str, german: str) -> None:
    side = {"from": {"source": "/data/a.csv", "record": 3, "line": 4}, "split": "train"}
    one = {"change": "added", "moved": False, "before": None, "after": side, "why": engine, "by": None, "entry": None}
    counts = dict.fromkeys((*presenter.KINDS, "unchanged", "before", "after"), 1)
    empty = {"title": "x", "dataset": None}
    document = {"before": empty, "after": empty, "counts": counts, "settings": [], "rows": [one]}
    i18n.use("de")
    try:
        view = presenter.view(document | {"sources": {"added": [], "removed": []}}, {})
    finally:
        i18n.use("en")
    assert view.rows[0].why == german
