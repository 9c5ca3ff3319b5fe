"""The window around the pages: actions, keys, palette, preferences, messages."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import QApplication, QLineEdit

from curator.store import Project
from ui.actions import Action
from ui.keysheet import KeySheet
from ui.palette import Palette
from ui.preferences import Preferences
from ui.presenters.matching import ranked
from ui.presets import PRESETS


def during(act):
    """Runs `act` on the dialog that is shown next, which blocks until it is closed."""
    dialog = QApplication.activeModalWidget()
    if dialog is None:
        QTimer.singleShot(20, lambda: during(act))
        return
    try:
        act(dialog)
    finally:
        dialog.close()


@pytest.fixture
def pressed(window, support_project):
    """A window with one more action on the examples page, and what was done by it."""
    shown = window(support_project)
    done: list[str] = []
    shown.registry.add([Action("examples.probe", "Probe", lambda: done.append("probe"), ("J",), scope="examples")])
    return shown, done


def test_a_key_works_only_on_its_page(pressed, qtbot):
    shown, done = pressed
    shown.go("overview")
    qtbot.keyClick(shown, Qt.Key.Key_J)
    assert done == []
    shown.go("examples")
    qtbot.keyClick(shown, Qt.Key.Key_J)
    assert done == ["probe"]


def test_single_keys_do_nothing_while_typing(pressed, qtbot):
    shown, done = pressed
    shown.go("examples")
    field = QLineEdit(shown.pages["examples"])
    field.show()
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_J)
    assert field.text() == "j"
    assert done == []


def test_number_keys_with_control_show_the_pages(window, support_project, qtbot):
    shown = window(support_project)
    for key, name in ((Qt.Key.Key_2, "examples"), (Qt.Key.Key_1, "overview"), (Qt.Key.Key_9, "export")):
        qtbot.keyClick(shown, key, Qt.KeyboardModifier.ControlModifier)
        assert shown.place == name


def test_pages_that_need_a_project_lead_to_the_start_without_one(window):
    shown = window()
    shown.go("review")
    assert shown.place == "welcome"
    assert not shown._page_buttons["review"].isEnabled()


def test_the_palette_finds_an_action_by_a_part_of_its_name_and_does_it(window, support_project, qtbot):
    shown = window(support_project)

    def choose(palette):
        assert isinstance(palette, Palette)
        qtbot.keyClicks(palette.field, "find")
        qtbot.keyClick(palette.field, Qt.Key.Key_Return)

    during(choose)
    qtbot.keyClick(shown, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert shown.place == "findings"


def test_the_palette_is_left_with_escape_and_nothing_happens(window, support_project, qtbot):
    shown = window(support_project)
    during(lambda palette: qtbot.keyClick(palette.field, Qt.Key.Key_Escape))
    qtbot.keyClick(shown, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert shown.place == "overview"


def test_names_that_begin_with_what_is_typed_come_first():
    names = ["Close the project", "Open…", "Find an action…", "Normal size"]
    assert ranked(names, "o", str)[0] == "Open…"
    assert ranked(names, "nrm", str) == ["Normal size"]
    assert ranked(names, "zzz", str) == []
    assert ranked(names, "", str) == names


def test_a_key_can_be_changed_and_is_remembered(pressed, qtbot, settings):
    shown, done = pressed
    shown.go("examples")
    sheet = KeySheet(shown)
    qtbot.addWidget(sheet)
    sheet.show()
    qtbot.mouseClick(sheet._buttons["examples.probe"], Qt.MouseButton.LeftButton)
    both = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(sheet, Qt.Key.Key_P, both)
    sheet.accept()
    qtbot.keyClick(shown, Qt.Key.Key_J)
    assert done == []
    qtbot.keyClick(shown, Qt.Key.Key_P, both)
    assert done == ["probe"]
    assert settings.get("keys.own") == {"examples.probe": ["Ctrl+Alt+P"]}


def test_a_key_that_is_taken_is_refused_and_the_other_action_named(pressed, qtbot):
    shown, _ = pressed
    shown.go("examples")
    sheet = KeySheet(shown)
    qtbot.addWidget(sheet)
    sheet.show()
    qtbot.mouseClick(sheet._buttons["examples.probe"], Qt.MouseButton.LeftButton)
    qtbot.keyClick(sheet, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert "Find an action" in sheet.hint.text()
    assert shown.registry.keys("examples.probe") == ("J",)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_names_actions_that_there_are_and_gives_no_key_to_two_of_a_page(window, support_project, preset):
    shown = window(support_project, whole=True)
    assert set(PRESETS[preset].keys) <= {action.id for action in shown.registry}
    shown.registry.use_preset(preset)
    for action in shown.registry:
        for key in shown.registry.keys(action.id):
            assert shown.registry.clash(action.id, key) is None, (preset, action.id, key)


def test_dark_colours_make_the_window_anew_on_the_same_page(window, support_project, qtbot, settings):
    shown = window(support_project, "findings")
    before = shown.centralWidget()
    shown.registry.run("theme.dark")
    assert settings.get("theme") == "dark"
    assert shown.place == "findings"
    assert shown.centralWidget() is not before
    assert shown.palette().window().color().lightness() < 60
    qtbot.keyClick(shown, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert shown.place == "overview"


def test_size_grows_by_steps_to_three_hundred_percent(window, qtbot, settings):
    shown = window()
    small = shown.side.width()
    for _ in range(8):
        qtbot.keyClick(shown, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert settings.get("scale") == 3.0
    assert shown.side.width() == 3 * small
    qtbot.keyClick(shown, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert settings.get("scale") == 1.0


def test_preferences_change_the_name_under_which_decisions_are_kept(window, support_project, qtbot, settings):
    shown = window(support_project)

    def fill(dialog):
        assert isinstance(dialog, Preferences)
        dialog.reviewer.selectAll()
        qtbot.keyClicks(dialog.reviewer, "Grace")
        dialog._save()

    during(fill)
    shown.registry.run("app.preferences")
    assert shown.session.reviewer == "Grace"
    assert shown.header.reviewer.text() == "Grace"
    assert settings.get("reviewer") == "Grace"


def test_a_broken_project_is_said_in_one_sentence_and_the_window_stays(window, tmp_path):
    broken = tmp_path / "broken.curator"
    broken.write_text("nothing")
    shown = window()
    assert not shown.open_project(str(broken))
    assert "not a Curator project" in shown.troubles.text.text()
    assert shown.troubles.isVisible()
    assert shown.place == "welcome"


def test_recent_projects_are_remembered_newest_first(window, support_project, settings, tmp_path):
    other = tmp_path / "other.curator"
    Project.create(other).close()
    shown = window(support_project)
    shown.open_project(str(other))
    assert settings.get("recent") == [str(other), str(support_project)]


def test_undo_takes_back_and_redo_does_again(window, support_project, qtbot):
    from curator.model import Decision, Verdict

    shown = window(support_project)
    session, told = shown.session, []
    session.decide([Decision("", 1, "", "Ada", Verdict.DROP)], told.append)
    qtbot.waitUntil(lambda: bool(told))
    qtbot.keyClick(shown, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: list(session.project.decisions(1)) == [])
    qtbot.waitUntil(lambda: shown.toast.text.text().startswith("Undid"))
    assert shown.toast.text.text() == "Undid: Dropped pairs.csv, line 2."
    qtbot.keyClick(shown, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: len(list(session.project.decisions(1))) == 1)


def test_no_page_of_the_list_is_marked_while_another_one_is_shown(window, support_project):
    shown = window(support_project)
    shown.go("importing")
    assert not any(each.isChecked() for each in shown._page_buttons.values())
    shown.go("review")
    assert [name for name, each in shown._page_buttons.items() if each.isChecked()] == ["review"]


def test_menus_hold_every_action_that_names_one(window, support_project):
    shown = window(support_project, "review")
    titles = set()
    for menu in (action.menu() for action in shown.menuBar().actions()):
        menu.aboutToShow.emit()
        titles |= {action.text() for action in menu.actions()}
    wanted = {a.title for a in shown.registry if a.menu and a.scope in ("app", "review")}
    assert wanted <= titles


def test_a_file_dropped_on_the_window_is_taken_to_the_import_page(window, tmp_path, qtbot):
    from PySide6.QtCore import QMimeData, QUrl
    from PySide6.QtGui import QDragEnterEvent, QDropEvent

    data = tmp_path / "pairs.csv"
    data.write_text("text,label\nwhere is it,delivery\nit broke,damage\n" * 5)
    shown = window()
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(data))])
    buttons, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(QPoint(700, 400), Qt.DropAction.CopyAction, mime, buttons, none)
    QApplication.sendEvent(shown, entering)
    assert entering.isAccepted()
    QApplication.sendEvent(shown, QDropEvent(QPoint(700, 400), Qt.DropAction.CopyAction, mime, buttons, none))
    assert shown.place == "importing"
