"""The page Map in the real window: drawn by the child process, used with the mouse and the keys."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from curator.model import Decision, Role, Verdict
from curator.progress import Silent
from curator.store import Project
from curator.tasks import Task

LEFT = Qt.MouseButton.LeftButton
SHIFT = Qt.KeyboardModifier.ShiftModifier
LABELS = ("gift_card", "cancel_order", "payment_failed", "track_order")
PLAIN = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def few(support_project, tmp_path):
    """A project of 240 examples with some of the labels: they are embedded already, and drawn quickly."""
    with Project.open(support_project) as project:
        examples = [e for e in project.examples() if e.output in LABELS][:240]
    with Project.create(tmp_path / "few.curator", task=Task.CLASSIFICATION) as project:
        project.import_source("some.csv", "0" * 64, "csv", Role.CANDIDATE, {}, examples, Silent())
    return tmp_path / "few.curator"


@pytest.fixture
def shown(window, few, qtbot):
    """The window and its map, drawn."""
    made = window(few, "map")
    page = made.pages["map"]
    drawn(qtbot, page)
    return made, page


def drawn(qtbot, page) -> None:
    qtbot.waitUntil(lambda: len(page._ids) > 0 and page._job is None, timeout=60_000)
    qtbot.waitUntil(lambda: page._columns is not None and page.scatter._goal is None, timeout=20_000)


def alone(page) -> int:
    """A point with nothing near it."""
    places = np.array([[page.scatter.place(i).x(), page.scatter.place(i).y()] for i in range(len(page._ids))])
    distance = np.abs(places[:, None] - places[None]).sum(axis=2)
    np.fill_diagonal(distance, np.inf)
    return int(distance.min(axis=1).argmax())


def lasso(qtbot, scatter) -> None:
    w, h = scatter.width(), scatter.height()
    corners = [QPoint(4, 4), QPoint(w - 4, 4), QPoint(w - 4, h // 2), QPoint(4, h // 2), QPoint(4, 4)]
    qtbot.mousePress(scatter, LEFT, SHIFT, corners[0])
    for corner in corners[1:]:
        qtbot.mouseMove(scatter, corner)
    qtbot.mouseRelease(scatter, LEFT, SHIFT, corners[-1])


def test_a_checked_project_is_coloured_by_label_or_by_check(window, support_project, qtbot):
    made = window(support_project, "map")
    page = made.pages["map"]
    drawn(qtbot, page)
    assert len(page._ids) == 1_115
    assert page.by.currentText() == "Label"
    assert [page.by.itemText(at) for at in range(page.by.count())] == ["Label", "Check", "Source", "Status"]
    assert len(page.legend.entries) == 12
    assert page.legend.entries[0].accessibleName() == "payment_failed, 75"
    assert page.state.text() == ""
    page.by.setFocus()
    qtbot.keyClick(page.by, Qt.Key.Key_Down)
    assert page.by.currentText() == "Check"
    counts = {group.title: group.count for group in page._coloring.groups}
    assert counts["Wrong labels"] == made.session.catalogue.check_counts()["label_error"]


def test_what_is_alike_lies_together(shown):
    _, page = shown
    points, labels = page.scatter.points, page._columns.labels
    distance = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    np.fill_diagonal(distance, np.inf)
    assert np.mean(labels[distance.argmin(axis=1)] == labels) > 0.85


def test_pointing_shows_the_text_and_a_click_the_whole_example(shown, qtbot):
    made, page = shown
    index = alone(page)
    (example,) = made.session.project.get_examples([int(page._ids[index])])
    at = page.scatter.place(index).toPoint()
    qtbot.mouseMove(page.scatter, at)
    qtbot.waitUntil(page.card.isVisible)
    assert " ".join(example.input.split())[:60] in page.card._input.text()
    assert page.scatter.rect().contains(page.card.geometry())
    qtbot.mouseClick(page.scatter, LEFT, PLAIN, at)
    qtbot.waitUntil(page.detail.isVisible)
    assert page.view.example == example
    assert not page.card.isVisible()


def test_pressing_an_entry_of_the_legend_shows_only_it(shown, qtbot):
    _, page = shown
    qtbot.mouseClick(page.legend.entries[2], LEFT)
    name = page._coloring.groups[2].title
    seen = page.scatter.in_view()
    assert len(seen) > 20
    assert {page._columns.label_names[code] for code in page._columns.labels[seen]} == {name}
    qtbot.mouseClick(page.legend.entries[2], LEFT)
    assert len(page.scatter.in_view()) > 200


def test_the_lasso_selects_into_the_table(shown, qtbot):
    made, page = shown
    lasso(qtbot, page.scatter)
    count = len(page._lassoed)
    assert 20 < count < 220
    assert page.selection.isVisible()
    assert page.selected.text() == f"{count} examples selected"
    qtbot.mouseClick(page.to_table, LEFT)
    assert made.place == "examples"
    made.go("map")
    assert len(page._lassoed) == count
    page._clear_lasso()
    assert not page.selection.isVisible()


def test_without_a_pointer_the_keys_zoom_pick_and_select(shown, qtbot):
    _, page = shown
    assert page.focusWidget() is page.scatter
    for _ in range(6):
        qtbot.keyClick(page.scatter, Qt.Key.Key_Plus)
    seen = page.scatter.in_view()
    assert 0 < len(seen) < 240
    qtbot.keyClick(page.scatter, Qt.Key.Key_Return)
    qtbot.waitUntil(page.detail.isVisible)
    qtbot.keyClick(page.scatter, Qt.Key.Key_V)
    assert page._lassoed.tolist() == seen.tolist()
    qtbot.keyClick(page.scatter, Qt.Key.Key_L)
    assert page.lasso_tool.isChecked()


def test_decisions_recolour_the_points(shown, qtbot):
    made, page = shown
    page.by.setCurrentIndex(page.by.findData("status"))
    assert [group.title for group in page._coloring.groups] == ["Undecided"]
    id = int(page._ids[3])
    made.session.decide([Decision("", id, "", "Ada", Verdict.DROP)])
    qtbot.waitUntil(
        lambda: [group.title for group in page._coloring.groups] == ["Dropped", "Undecided"], timeout=10_000
    )
    assert page._coloring.groups[0].count == 1


def test_an_empty_project_says_what_to_do(window, tmp_path, qtbot):
    path = tmp_path / "empty.curator"
    Project.create(path).close()
    made = window(path, "map")
    page = made.pages["map"]
    qtbot.waitUntil(lambda: page.empty is not None)
    assert page.empty.heading.text() == "Nothing to map yet"
    qtbot.mouseClick(page.empty.action, LEFT)
    assert made.place == "importing"


def test_texts_that_were_never_embedded_are_only_after_asking(window, few, qtbot, monkeypatch, tmp_path):
    monkeypatch.setattr("ui.pages.map.ASK_BEYOND", 100)
    monkeypatch.setenv("CURATOR_CACHE_DIR", str(tmp_path / "cache"))
    made = window(few, "map")
    page = made.pages["map"]
    qtbot.waitUntil(lambda: page.empty is not None and page.empty.action is not None, timeout=30_000)
    assert page.empty.text.text().startswith("2")
    qtbot.mouseClick(page.empty.action, LEFT)
    drawn(qtbot, page)
    assert page.stack.currentWidget() is page._whole


def test_a_stopped_map_offers_to_try_again(window, few, qtbot):
    made = window(few, "map")
    page = made.pages["map"]
    qtbot.waitUntil(lambda: page._job is not None)
    page._job.cancel()
    assert page.empty.heading.text() == "The map was stopped"
    qtbot.mouseClick(page.empty.action, LEFT)
    drawn(qtbot, page)


def test_the_files_of_a_map_go_with_its_window(window, few, qtbot):
    made = window(few, "map")
    page = made.pages["map"]
    drawn(qtbot, page)
    folder = page._folder
    assert [path.name.endswith("-ids.npy") for path in folder.iterdir()] == [True]
    made.close_project()
    del page
    qtbot.waitUntil(lambda: not folder.exists())


def test_tab_goes_through_the_tools_the_map_and_the_legend(shown, qtbot):
    made, page = shown
    made.activateWindow()
    qtbot.mouseClick(page.scatter, LEFT, PLAIN, page.scatter.place(alone(page)).toPoint())
    qtbot.waitUntil(page.detail.isVisible)
    page.by.setFocus()
    visited = []
    for _ in range(60):
        focus = QApplication.focusWidget()
        if focus in visited:
            break
        visited.append(focus)
        qtbot.keyClick(focus, Qt.Key.Key_Tab)
    assert {page.by, page.pan_tool, page.lasso_tool, page.scatter, page.view.text} <= set(visited)
    assert set(page.legend.entries) <= set(visited)
    assert visited.index(page.lasso_tool) < visited.index(page.scatter) < visited.index(page.legend.entries[0])


def test_a_window_made_anew_while_a_map_is_drawn_draws_it_again_and_nothing_breaks(window, few, qtbot):
    made = window(few, "map")
    qtbot.waitUntil(lambda: made.pages["map"]._job is not None, timeout=10_000)
    job, crashed = made.pages["map"]._job, []
    made.jobs.crashed.connect(crashed.append)
    made.rebuild()
    qtbot.waitUntil(lambda: not job.running, timeout=10_000)
    drawn(qtbot, made.pages["map"])
    assert crashed == []
    assert not made.troubles.isVisible()
