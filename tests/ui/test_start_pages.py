"""Start and import, with the clicks, keys and drops of a person: what is shown is what is imported."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QComboBox, QPushButton, QWidget

from curator.model import Role
from curator.store import Project
from ui.pages.rejected import RejectedDialog
from ui.pages.starting import FOLDER

AMBIGUOUS = "who,first,second,third\n" + "".join(
    f"person {n},question number {n} about parcels,answer {n} with some words,remark {n}\n" for n in range(30)
)
WAIT = 20_000


@pytest.fixture(autouse=True)
def projects(settings, tmp_path: Path) -> Path:
    """The folder where new projects are put."""
    folder = tmp_path / "projects"
    folder.mkdir()
    settings.set(FOLDER, str(folder))
    return folder


@pytest.fixture
def ambiguous(tmp_path: Path) -> Path:
    path = tmp_path / "mixed.csv"
    path.write_text(AMBIGUOUS, encoding="utf-8")
    return path


def drop(target: QWidget, *files: Path) -> None:
    """What the system sends when files are dropped on a widget."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    middle = target.rect().center()
    action, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(target, QDragEnterEvent(middle, action, data, left, none))
    QApplication.sendEvent(target, QDropEvent(QPointF(middle), action, data, left, none))


def importing(shown, qtbot, *files: Path):
    """The import page with these files, looked at."""
    shown.open_files([str(file) for file in files])
    page = shown.pages["importing"]
    qtbot.waitUntil(lambda: all(one.state != "looking" for one in page.plan.files), timeout=WAIT)
    return page


def choose(qtbot, box: QComboBox, text: str) -> None:
    """Type a field's name and leave the box, as a person does."""
    edit = box.lineEdit()
    edit.setFocus()
    edit.selectAll()
    qtbot.keyClicks(edit, text)
    qtbot.keyClick(edit, Qt.Key.Key_Return)


def cells(page) -> list[list[str]]:
    table = page.panel.table
    return [[table.item(at, place).text() for place in range(table.columnCount())] for at in range(table.rowCount())]


def idle(shown) -> bool:
    return not shown.jobs.busy


def test_a_file_with_unclear_fields_is_mapped_by_hand_and_imported_so(window, qtbot, ambiguous, projects):
    shown = window()
    page = importing(shown, qtbot, ambiguous)
    assert page.panel.trouble.isVisible()
    assert "--" not in page.panel.trouble.text.text()
    assert not page.begin.isEnabled()
    assert cells(page)[0] == ["person 0", "question number 0 about parcels", "answer 0 with some words", "remark 0"]

    choose(qtbot, page.panel.fields["input"], "first")
    choose(qtbot, page.panel.fields["output"], "third")
    qtbot.waitUntil(lambda: page.chosen.state == "good" and cells(page)[0][2] == "remark 0", timeout=WAIT)
    assert page.panel.trouble.isHidden()
    choose(qtbot, page.panel.fields["output"], "second")
    qtbot.waitUntil(lambda: cells(page)[0][2] == "answer 0 with some words", timeout=WAIT)

    qtbot.mouseClick(page.begin, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: shown.place == "overview" and idle(shown), timeout=WAIT)
    with Project.open(projects / "mixed.curator") as project:
        (source,) = project.sources()
        assert source.mapping == {"input": "first", "output": "second"}
        assert (source.examples, source.complete) == (30, True)
        assert project.settings()["task"] == "generation"


def test_files_dropped_on_the_welcome_page_come_to_the_import_page(window, qtbot, ambiguous):
    shown = window()
    welcome = shown.pages["welcome"]
    drop(welcome.drop, ambiguous)
    assert shown.place == "importing"
    assert [one.name for one in shown.pages["importing"].plan.files] == ["mixed.csv"]


def test_the_drop_area_lights_up_only_while_files_hover_over_it(window, ambiguous):
    area = window().pages["welcome"].drop
    data = QMimeData()
    data.setText("no file")
    action, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(area, QDragEnterEvent(QPoint(5, 5), action, data, left, none))
    assert not area.hot
    data.setUrls([QUrl.fromLocalFile(str(ambiguous))])
    QApplication.sendEvent(area, QDragEnterEvent(QPoint(5, 5), action, data, left, none))
    assert area.hot
    QApplication.sendEvent(area, QDragLeaveEvent())
    assert not area.hot


def test_more_files_can_be_dropped_on_the_window_while_others_are_looked_at(window, qtbot, ambiguous, tmp_path):
    shown = window()
    importing(shown, qtbot, ambiguous)
    other = tmp_path / "test_set.jsonl"
    other.write_text('{"prompt": "a", "completion": "b"}\n' * 3, encoding="utf-8")
    drop(shown, other)
    page = shown.pages["importing"]
    qtbot.waitUntil(lambda: all(one.state != "looking" for one in page.plan.files), timeout=WAIT)
    assert [one.chosen_role for one in page.plan.files] == [Role.CANDIDATE, Role.EVAL]
    assert "test" in page.panel.role_why.text()
    assert page.chosen.name == "test_set.jsonl"


def test_a_project_dropped_on_the_welcome_page_is_opened(window, support_project):
    shown = window()
    drop(shown.pages["welcome"].drop, support_project)
    assert shown.place == "overview"
    assert shown.session is not None


def test_role_and_task_are_chosen_by_click_and_kept(window, qtbot, tmp_path, projects):
    data = tmp_path / "orders.jsonl"
    rows = [{"prompt": f"order {n} please", "completion": json.dumps({"n": n})} for n in range(20)]
    data.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    protect = tmp_path / "more.jsonl"
    protect.write_text("\n".join(json.dumps({"prompt": f"ask {n}"}) for n in range(4)), encoding="utf-8")
    shown = window()
    page = importing(shown, qtbot, data, protect)
    assert page.tasks.buttons["extraction"].isChecked()
    assert "JSON" in page.task_why.text()
    assert page.plan.files[1].state == "broken"

    qtbot.mouseClick(page.files.itemAt(1).widget(), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(page.panel.roles.buttons[Role.EVAL], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.plan.files[1].state == "good", timeout=WAIT)
    qtbot.mouseClick(page.tasks.buttons["generation"], Qt.MouseButton.LeftButton)
    page.project_name.setFocus()
    page.project_name.selectAll()
    qtbot.keyClicks(page.project_name, "kitchen")
    qtbot.keyClick(page, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: shown.place == "overview" and idle(shown), timeout=WAIT)
    with Project.open(projects / "kitchen.curator") as project:
        assert {source.role: source.examples for source in project.sources()} == {Role.CANDIDATE: 20, Role.EVAL: 4}
        assert project.settings()["task"] == "generation"


def test_a_file_is_taken_out_again(window, qtbot, ambiguous):
    shown = window()
    page = importing(shown, qtbot, ambiguous)
    qtbot.mouseClick(page.panel.remove, Qt.MouseButton.LeftButton)
    assert page.plan.files == []
    assert page.stack.currentWidget() is page.empty
    assert not page.begin.isEnabled()


def test_files_are_added_to_the_open_project_without_asking_for_its_task_again(
    window, qtbot, support_project, tmp_path
):
    shown = window(support_project)
    more = tmp_path / "more.csv"
    more.write_text(
        "text,intent\n" + "".join(f"where is parcel {n}?,track_order\n" for n in range(12)), encoding="utf-8"
    )
    page = importing(shown, qtbot, more)
    qtbot.waitUntil(lambda: page.task_part.isHidden(), timeout=WAIT)
    assert page.project_part.isHidden()
    qtbot.mouseClick(page.begin, Qt.MouseButton.LeftButton)
    overview = shown.pages["overview"]
    assert shown.place == "overview"
    qtbot.waitUntil(lambda: idle(shown) and overview._view and overview._view.gauge.candidates == 967, timeout=WAIT)
    assert overview._view.step.kind == "check"


def test_rejected_records_are_shown_before_the_import_and_listed_after_it(window, qtbot, tmp_path):
    data = tmp_path / "pairs.jsonl"
    lines = [json.dumps({"prompt": f"ask {n}", "completion": f"say {n}"}) for n in range(8)]
    lines[3] = '{"prompt": "cut off", "compl'
    data.write_text("\n".join(lines), encoding="utf-8")
    shown = window()
    page = importing(shown, qtbot, data)
    assert page.panel.bad.text() == "1 cannot be read"
    assert cells(page)[3][0] == "4"
    assert "cut off" in cells(page)[3][1]
    qtbot.mouseClick(page.begin, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: shown.place == "overview" and idle(shown), timeout=WAIT)
    overview = shown.pages["overview"]
    qtbot.waitUntil(lambda: overview._view is not None and overview._view.rejected == 1, timeout=WAIT)

    links = [b for b in overview.findChildren(QPushButton) if b.text() == "1 rejected"]
    qtbot.mouseClick(links[0], Qt.MouseButton.LeftButton)
    dialog = overview.findChild(RejectedDialog)
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 1, timeout=WAIT)
    assert dialog.table.item(0, 0).text() == "4"
    assert dialog.raw.toPlainText() == lines[3]
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)


def test_a_sample_is_made_imported_and_ready_to_be_checked(window, qtbot, projects):
    shown = window()
    welcome = shown.pages["welcome"]
    welcome.samples["style"].setFocus()
    qtbot.keyClick(welcome.samples["style"], Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: shown.place == "overview" and idle(shown), timeout=WAIT)
    overview = shown.pages["overview"]
    qtbot.waitUntil(lambda: overview._view is not None and overview._view.evals == 68, timeout=WAIT)
    assert overview._view.gauge.candidates == 625
    assert (overview._step.title.text(), overview._step.button.text()) == ("Check the data", "Check now")
    assert [path.name for path in projects.iterdir() if path.suffix == ".curator"] == ["style.curator"]


def test_a_second_sample_gets_a_name_of_its_own(window, qtbot, projects):
    (projects / "support.curator").write_text("something else")
    shown = window()
    qtbot.mouseClick(shown.pages["welcome"].samples["support"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: shown.place == "overview" and idle(shown), timeout=WAIT)
    assert (projects / "support 2.curator").exists()
    assert (projects / "support.curator").read_text() == "something else"


def test_recent_projects_are_opened_and_missing_ones_forgotten(window, qtbot, support_project, settings, tmp_path):
    settings.remember_project(str(tmp_path / "gone.curator"))
    settings.remember_project(str(support_project))
    shown = window()
    welcome = shown.pages["welcome"]
    buttons = {b.text(): b for b in welcome.findChildren(QPushButton) if b.isVisible()}
    qtbot.mouseClick(buttons["Forget"], Qt.MouseButton.LeftButton)
    assert settings.get("recent") == [str(support_project)]
    assert "gone" not in {b.text() for b in welcome.findChildren(QPushButton)}
    qtbot.mouseClick(buttons["support"], Qt.MouseButton.LeftButton)
    assert shown.place == "overview"


def test_a_name_that_is_taken_is_said_and_nothing_is_overwritten(window, qtbot, ambiguous, projects):
    taken = projects / "taken.curator"
    taken.write_text("mine")
    shown = window()
    page = importing(shown, qtbot, ambiguous)
    choose(qtbot, page.panel.fields["input"], "first")
    choose(qtbot, page.panel.fields["output"], "second")
    page.project_name.selectAll()
    page.project_name.setFocus()
    qtbot.keyClicks(page.project_name, "taken")
    qtbot.waitUntil(page.begin.isEnabled, timeout=WAIT)
    qtbot.mouseClick(page.begin, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(shown.troubles.isVisible, timeout=WAIT)
    assert "exists already" in shown.troubles.text.text()
    assert taken.read_text() == "mine"
    assert page.begin.isEnabled()


def test_an_import_that_was_stopped_is_the_next_step_and_goes_on(window, qtbot, tmp_path, projects):
    data = tmp_path / "many.csv"
    with data.open("w", encoding="utf-8") as file:
        file.write("prompt,completion\n")
        file.writelines(f"question {n} of many,answer {n} in some words\n" for n in range(60_000))
    shown = window()
    page = importing(shown, qtbot, data)
    qtbot.mouseClick(page.begin, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(shown.jobs.shown), timeout=WAIT)
    job = shown.jobs.shown[0]
    with qtbot.waitSignal(job.progress, timeout=WAIT, check_params_cb=lambda done, _of, _text: done > 0):
        pass
    job.cancel()
    overview = shown.pages["overview"]
    qtbot.waitUntil(lambda: overview._view is not None and overview._view.step.title.startswith("Finish"), timeout=WAIT)
    assert 0 < overview._view.gauge.candidates < 60_000

    qtbot.waitUntil(lambda: idle(shown), timeout=WAIT)
    qtbot.mouseClick(overview._step.button, Qt.MouseButton.LeftButton)
    page = shown.pages["importing"]
    qtbot.waitUntil(page.begin.isEnabled, timeout=WAIT)
    qtbot.mouseClick(page.begin, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: idle(shown) and overview._view.gauge.candidates == 60_000, timeout=60_000)
    with Project.open(projects / "many.curator") as project:
        assert [(source.examples, source.complete) for source in project.sources()] == [(60_000, True)]
