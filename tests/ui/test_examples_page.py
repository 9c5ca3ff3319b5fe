"""The Examples page as a person uses it: rows, filters, search, decisions on one and on many, edits, by keys and clicks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QListWidget, QPushButton

from curator.model import Decision, Example, Message, Ref, Role, Verdict
from curator.progress import Silent
from curator.store import Project
from ui.pages.examples import ExamplesPage
from ui.pages.examples.bulk import BulkDialog
from ui.pages.examples.choosing import LabelPopup
from ui.pages.examples.picking import ScoresPopup, WordsPopup
from ui.presenters.examples import Asked
from ui.window import Window

KEY = Qt.Key
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton


class Person:
    """Somebody at the page: presses keys where the focus is, clicks, and looks at what is shown and what is on disk."""

    def __init__(self, window: Window, qtbot, **where):
        self.window, self.qtbot = window, qtbot
        window.go("examples", **where)
        page = window.pages["examples"]
        assert isinstance(page, ExamplesPage)
        self.page, self.table = page, page.table
        self.settle()

    @property
    def project(self) -> Project:
        return self.window.session.project

    @property
    def ids(self) -> list[int]:
        return self.page.model.ids.tolist()

    @property
    def current(self) -> int:
        assert self.table.current_id is not None
        return self.table.current_id

    def wait(self, until: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(until, timeout=15_000)

    def settle(self) -> None:
        """Until the rows that were asked for, and the current one whole, are shown."""
        page = self.page
        self.wait(lambda: page.looked is not None and page.looked.ids is page.model.ids)
        if len(page.model.ids):
            self.wait(lambda: page.detail.detail is not None and page.detail.detail.example.id == self.current)
            self.wait(lambda: page.model.text(self.table.currentIndex().row()) is not None)
        self.wait(lambda: bool(page.labels) or not page.session.catalogue.labels)

    def again(self, do: Callable[[], object]) -> None:
        """Do something after which other rows are shown, and wait for them."""
        before = self.page.looked
        do()
        self.wait(lambda: self.page.looked is not before)
        self.settle()

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(QApplication.focusWidget() or self.window, key, modifier)

    def type(self, text: str) -> None:
        QTest.keyClicks(QApplication.focusWidget(), text)

    def click(self, button: QPushButton) -> None:
        self.qtbot.mouseClick(button, LEFT)

    def click_row(self, row: int, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        box = self.table.visualRect(self.page.model.index(row, 0))
        self.qtbot.mouseClick(self.table.viewport(), LEFT, modifier, box.center())

    def decided(self, do: Callable[[], object]) -> None:
        """Do something that writes, and wait until the window knows of it."""
        before, held = len(self.project.log(None)), self.window.session.catalogue
        do()
        self.wait(lambda: len(self.project.log(None)) > before)
        self.wait(lambda: self.window.session.catalogue is not held)
        self.wait(lambda: self.page.model.rows is self.window.session.catalogue)

    def verdict(self, example: int) -> Verdict | None:
        found = next(iter(self.project.decisions(example)), None)
        return found.verdict if found is not None else None

    def cell(self, row: int, name: str) -> str:
        return self.page.model.said(row, name)

    def pick(self, kind: str, *words: str) -> None:
        """Tick words of a filter, as a person does with the mouse."""
        self.click(self.page.filters.buttons[kind])
        popup = self.page.filters.popup
        assert isinstance(popup, WordsPopup)
        for word in words:
            (item,) = [
                popup.list.item(n)
                for n in range(popup.list.count())
                if popup.list.item(n).data(Qt.ItemDataRole.UserRole) == word
            ]
            popup.list.scrollToItem(item)
            box = popup.list.visualItemRect(item)
            self.again(
                lambda box=box: self.qtbot.mouseClick(
                    popup.list.viewport(), LEFT, pos=QPoint(box.left() + 60, box.center().y())
                )
            )
        popup.close()

    def dialog(self, do: Callable[[], object], then: Callable[[BulkDialog], object]) -> None:
        """Do something that opens the preview, and act in it."""
        seen: list[BulkDialog] = []

        def act() -> None:
            found = QApplication.activeModalWidget()
            if isinstance(found, BulkDialog):
                seen.append(found)
                then(found)
            else:
                QTimer.singleShot(50, act)

        QTimer.singleShot(50, act)
        do()
        assert seen
        self.window.activateWindow()
        self.qtbot.waitUntil(lambda: QApplication.focusWidget() is self.table)


@pytest.fixture
def person(window, support_project: Path, qtbot) -> Callable[..., Person]:
    return lambda **where: Person(window(support_project), qtbot, **where)


# Rows and the example beside them


def test_every_example_has_a_row_and_the_first_is_shown_whole(person):
    one = person()
    assert one.ids == one.project.ids()
    first = one.project.get_examples([one.ids[0]])[0]
    assert one.cell(0, "input") == " ".join(first.input.split())
    assert one.cell(0, "output") == first.output
    assert first.input in one.page.detail.view.shown_text
    assert one.page.filters.said.text() == "1,115 examples"


def test_arrows_go_from_row_to_row_and_enter_reads_the_example(person):
    one = person()
    one.press(KEY.Key_Down)
    one.press(KEY.Key_Down)
    one.settle()
    assert one.current == one.ids[2]
    one.press(KEY.Key_Return)
    assert one.page.detail.isAncestorOf(QApplication.focusWidget())
    one.press(KEY.Key_Escape)
    assert QApplication.focusWidget() is one.table


def test_texts_of_far_rows_come_when_one_goes_there(person):
    one = person()
    last = len(one.ids) - 1
    one.press(KEY.Key_End, CTRL)
    one.settle()
    assert one.current == one.ids[last]
    assert one.cell(last, "input") not in ("", "…")


def test_findings_and_history_stand_under_the_example(person):
    one = person()
    one.again(lambda: one.page.filters.ask(Asked(checks=("label_error",))))
    detail = one.page.detail.detail
    assert "label_error" in {f.check for f in detail.findings}
    one.decided(lambda: one.press(KEY.Key_A))
    one.wait(lambda: len(one.page.detail.detail.history) == 1)
    assert one.page.detail.detail.history[0].verdict is Verdict.KEEP


# Sorting and columns


def test_a_click_on_a_header_sorts_and_another_turns_it_round(person):
    one = person()
    names = [column.name for column in one.page.model.columns]
    head = one.table.horizontalHeader()

    def click(name):
        at = names.index(name)
        where = QPoint(head.sectionViewportPosition(at) + 20, head.height() // 2)
        one.qtbot.mouseClick(head.viewport(), LEFT, pos=where)

    one.again(lambda: click("output"))
    outputs = [e.output.lower() for e in one.project.get_examples(one.ids)]
    assert outputs == sorted(outputs)
    one.again(lambda: click("output"))
    outputs = [e.output.lower() for e in one.project.get_examples(one.ids)]
    assert outputs == sorted(outputs, reverse=True)
    one.again(lambda: click("findings"))
    assert one.cell(0, "findings")
    assert one.page.context.settings.get("examples.sort") == ["findings", True]


def test_columns_are_chosen_and_remembered(person, window, support_project, qtbot):
    one = person()
    shown = [column.name for column in one.page.model.columns]
    assert "outlier" not in shown
    menu = one.table.column_menu()
    next(action for action in menu.actions() if action.text() == "Unusual").trigger()
    assert "outlier" in [column.name for column in one.page.model.columns]
    assert one.current == one.ids[0]
    one.table.setColumnWidth(1, 333)
    one.window.rebuild()
    made = one.window.pages["examples"]
    assert "outlier" in [column.name for column in made.model.columns]
    assert made.table.columnWidth(1) == 333
    at = [column.name for column in made.model.columns].index("outlier")
    qtbot.waitUntil(lambda: len(made.model.ids) > 0)
    assert any(made.model.data(made.model.index(row, at)) for row in range(20))


# Filters and search


def test_filters_narrow_and_chips_take_them_away(person):
    one = person()
    one.pick("checks", "label_error")
    (run,) = one.project.runs("check")
    expected = {id for f in one.project.findings(run.id, "label_error") for id in f.examples}
    assert set(one.ids) == expected & set(one.project.ids())
    one.pick("labels", "refund_status", "gift_card")
    assert {e.output for e in one.project.get_examples(one.ids)} <= {"refund_status", "gift_card"}
    narrowed = len(one.ids)
    chips = [b for b in one.page.filters.findChildren(QPushButton) if "×" in b.text() and not b.isHidden()]
    assert [chip.text().split(":")[0] for chip in chips] == ["Check", "Label"]
    one.again(lambda: one.click(chips[1]))
    assert len(one.ids) == len(expected) > narrowed
    one.again(lambda: one.click(one.page.filters.clear_all))
    assert len(one.ids) == 1115
    assert not one.page.filters.clear_all.isVisible()


def test_scores_and_length_are_filtered_by_range(person):
    one = person()
    one.click(one.page.filters.buttons["scores"])
    popup = one.page.filters.popup
    assert isinstance(popup, ScoresPopup)
    least, _ = popup.fields["outlier"]
    one.again(lambda: least.setValue(0.5))
    rows = one.page.session.catalogue
    assert all(rows.scores["outlier"][place] >= 0.5 for place in rows.places(one.ids))
    one.again(lambda: popup.longest.setValue(60))
    assert all(len(e.input) + len(e.output) <= 60 for e in one.project.get_examples(one.ids))
    popup.close()


def test_search_finds_words_as_they_are_typed_and_marks_them(person):
    one = person()
    one.wait(lambda: one.project.indexed().complete)
    one.press(KEY.Key_F, CTRL)
    assert QApplication.focusWidget() is one.page.filters.search
    one.again(lambda: one.type("parcel bro"))
    assert one.ids == one.project.search("parcel bro").tolist()
    assert 0 < len(one.ids) < 20
    assert f"{len(one.ids)} of 1,115 examples" == one.page.filters.said.text()
    one.press(KEY.Key_Return)
    assert QApplication.focusWidget() is one.table
    one.press(KEY.Key_F, CTRL)
    one.again(lambda: one.press(KEY.Key_Escape))
    assert len(one.ids) == 1115


def test_nothing_found_says_so_and_offers_the_way_back(person):
    one = person()
    one.press(KEY.Key_A, CTRL)
    assert one.page.bar.said.text() == "1,115 rows chosen"
    one.press(KEY.Key_F, CTRL)
    one.again(lambda: one.type("qqqqq"))
    assert one.page.views.currentWidget() is one.page.no_match
    assert not one.page.bar.buttons["keep"].isVisible()
    one.again(lambda: one.click(one.page.no_match.action))
    assert one.page.views.currentWidget() is one.table


def test_a_project_without_examples_says_what_to_do(window, tmp_path, qtbot):
    path = tmp_path / "none.curator"
    Project.create(path).close()
    shown = window(path)
    shown.go("examples")
    page = shown.pages["examples"]
    qtbot.waitUntil(lambda: page.views.currentWidget() is page.empty)
    assert not page.filters.isVisible()


def test_other_pages_name_what_is_shown(person):
    one = person(ids=[3, 5, 8], title="Three of them")
    assert one.ids == [3, 5, 8]
    assert one.page.filters.said.text() == "3 of 1,115 examples"
    one.again(lambda: one.window.go("examples", check="conflict"))
    rows = one.page.session.catalogue
    assert all("conflict" in rows.checks_at(place) for place in rows.places(one.ids))
    one.again(lambda: one.window.go("examples", example=77))
    assert one.current == 77


# Decisions


@pytest.mark.parametrize(
    ("key", "verdict", "word"),
    [(KEY.Key_A, Verdict.KEEP, "Kept"), (KEY.Key_X, Verdict.DROP, "Dropped"), (KEY.Key_F, Verdict.FLAG, "Flagged")],
)
def test_a_key_decides_on_the_row_and_the_row_shows_it(person, key, verdict, word):
    one = person()
    one.press(KEY.Key_Down)
    one.settle()
    one.decided(lambda: one.press(key))
    assert one.verdict(one.ids[1]) is verdict
    assert one.cell(1, "status") == word
    assert one.current == one.ids[1]
    one.decided(lambda: one.press(KEY.Key_Z, CTRL))
    assert one.verdict(one.ids[1]) is None
    assert one.cell(1, "status") == ""


def test_number_keys_give_labels(person):
    one = person()
    wanted = next(n for n in (1, 2) if one.page.labels.on_key(n).name != one.cell(0, "output"))
    name = one.page.labels.on_key(wanted).name
    one.decided(lambda: one.press(getattr(KEY, f"Key_{wanted}")))
    assert one.project.get_examples([one.ids[0]])[0].output == name
    one.wait(lambda: one.cell(0, "output") == name)


def test_a_label_is_found_by_typing(person):
    one = person()
    one.press(KEY.Key_L)
    popup = QApplication.activePopupWidget()
    assert isinstance(popup, LabelPopup)
    QTest.keyClicks(popup.picker.field, "warran")
    one.decided(lambda: QTest.keyClick(popup.picker.field, KEY.Key_Return))
    assert one.project.get_examples([one.ids[0]])[0].output == "warranty_claim"


def test_keeping_again_keeps_what_was_dismissed(person):
    one = person()
    one.again(lambda: one.page.filters.ask(Asked(checks=("label_error",))))
    id = one.current
    finding = next(f for f in one.page.detail.detail.findings if f.check == "label_error")
    one.decided(lambda: one.window.session.decide([Decision("", id, "", "Ada", Verdict.KEEP, finding.id)]))
    one.wait(lambda: finding.id in one.page.detail.detail.dismissed)
    one.decided(lambda: one.press(KEY.Key_A))
    (standing,) = one.project.decisions(id)
    assert standing.value == finding.id


def test_several_rows_are_decided_after_a_preview_with_one_undo(person):
    one = person()
    one.decided(lambda: one.press(KEY.Key_X))
    for _ in range(4):
        one.press(KEY.Key_Down, SHIFT)
    chosen = one.ids[:5]
    assert one.page.bar.said.text() == "5 rows chosen"
    said: list[str] = []

    def confirm(dialog: BulkDialog) -> None:
        one.wait(lambda: "from" in dialog._sizes.itemAt(0).widget().text())
        said.extend(dialog.bulk.sentences())
        said.append(dialog._sizes.itemAt(0).widget().text())
        dialog.note.setText("all of one kind")
        one.click(dialog.do)

    one.decided(lambda: one.dialog(lambda: one.press(KEY.Key_X), confirm))
    assert said[0] == "4 examples are dropped."
    assert said[1] == "1 is so already, by you."
    assert said[-1].startswith("The effective size goes from ")
    assert [one.verdict(id) for id in chosen] == [Verdict.DROP] * 5
    assert {d.note for id in chosen[1:] for d in one.project.decisions(id)} == {"all of one kind"}
    one.decided(lambda: one.press(KEY.Key_Z, CTRL))
    assert [one.verdict(id) for id in chosen] == [Verdict.DROP, None, None, None, None]


def test_leaving_the_preview_changes_nothing(person):
    one = person()
    before = len(one.project.log(None))
    one.click_row(0)
    one.click_row(6, SHIFT)
    one.click_row(3, CTRL)
    assert one.table.selected_rows().tolist() == [0, 1, 2, 4, 5, 6]
    one.dialog(lambda: one.click(one.page.bar.buttons["keep"]), lambda dialog: QTest.keyClick(dialog, KEY.Key_Escape))
    assert len(one.project.log(None)) == before


def test_all_that_is_shown_is_relabelled(person):
    one = person()
    one.again(lambda: one.page.filters.ask(Asked(text="voucher")))
    shown = one.ids
    assert len(shown) > 1

    def confirm(dialog: BulkDialog) -> None:
        assert not dialog.do.isEnabled()
        dialog.label_box.setEditText("vouchers")
        assert any("new label" in dialog._said.itemAt(n).widget().text() for n in range(dialog._said.count()))
        one.click(dialog.do)

    one.decided(lambda: one.dialog(lambda: one.window.registry.run("examples.all_relabel"), confirm))
    assert {e.output for e in one.project.get_examples(shown)} == {"vouchers"}
    assert one.ids == shown
    assert sum(entry.action == "decide" for entry in one.project.log(None)) == 1


def test_what_another_program_decides_shows_in_its_row(person, support_project):
    one = person()
    with Project.open(support_project, actor="Grace") as other:
        one.decided(lambda: other.decide([Decision("", one.ids[0], "", "Grace", Verdict.FLAG)]))
    assert one.cell(0, "status") == "Flagged"
    one.wait(lambda: [d.reviewer for d in one.page.detail.detail.history] == ["Grace"])


# Editing


def test_an_edit_in_place_makes_a_revision(person):
    one = person()
    one.press(KEY.Key_E)
    assert one.page.detail.editing
    fields = one.page.detail.editor.fields
    one.wait(lambda: fields[0].y() < fields[1].y())
    one.qtbot.mouseClick(fields[0].viewport(), LEFT)
    one.press(KEY.Key_A, CTRL)
    one.type("A better question?")
    one.decided(lambda: one.press(KEY.Key_Return, CTRL))
    assert not one.page.detail.editing
    now = one.project.get_examples([one.ids[0]])[0]
    assert now.input == "A better question?"
    (decision,) = one.project.decisions(one.ids[0])
    assert decision.verdict is Verdict.EDIT
    assert json.loads(decision.value)[0]["content"] == "A better question?"
    one.wait(lambda: one.cell(0, "input") == "A better question?")
    one.wait(lambda: "A better question?" in one.page.detail.view.shown_text)


def test_an_edit_is_on_the_text_that_its_fields_began_with(person):
    one = person()
    before = one.page.detail.detail
    one.press(KEY.Key_E)
    one.press(KEY.Key_A, CTRL)
    one.type("mine")
    with Project.open(one.project.where) as elsewhere:
        elsewhere.decide([Decision("", before.example.id, "", "Grace", Verdict.RELABEL, "theirs")])
    one.wait(lambda: one.page.detail.detail.key != before.key)
    assert one.page.detail.editing
    one.decided(lambda: one.press(KEY.Key_Return, CTRL))
    (mine,) = [d for d in one.project.decisions(before.example.id) if d.verdict is Verdict.EDIT]
    assert mine.seen == before.key


def test_escape_leaves_an_edit_and_other_keys_do_not_lose_it(person):
    one = person()
    before = len(one.project.log(None))
    one.press(KEY.Key_E)
    one.type("typed")
    one.window.registry.run("examples.drop")
    assert one.page.detail.editing
    one.press(KEY.Key_Escape)
    assert not one.page.detail.editing
    assert QApplication.focusWidget() is one.table
    assert len(one.project.log(None)) == before


# More like this


def test_more_like_this_shows_the_nearest_first_with_their_likeness(person):
    one = person()
    start = one.current
    one.again(lambda: one.press(KEY.Key_M))
    assert one.ids[0] == start
    assert one.page.model.columns[0].name == "similarity"
    likeness = [float(one.cell(row, "similarity")) for row in range(len(one.ids))]
    assert likeness == sorted(likeness, reverse=True)
    assert len(one.ids) == 201
    one.again(lambda: one.click(one.page.filters.clear_all))
    assert "similarity" not in [column.name for column in one.page.model.columns]


# What stays while the project changes


def test_new_examples_come_in_when_a_file_is_imported(person, support_project):
    one = person()
    more = [Example(Ref("more.jsonl", 0, 1), (Message("user", "Something new"), Message("assistant", "gift_card")))]
    with Project.open(support_project) as other:
        other.import_source("more.jsonl", "more", "jsonl", Role.CANDIDATE, {}, more, Silent())
    one.wait(lambda: len(one.ids) == 1116)
    one.settle()
    one.again(lambda: one.page.filters.ask(Asked(text="something new")))
    assert len(one.ids) == 1


def test_popups_are_left_with_escape(person):
    one = person()
    one.click(one.page.filters.buttons["labels"])
    popup = one.page.filters.popup
    assert isinstance(popup, WordsPopup)
    assert popup.findChild(QListWidget).count() > 12
    QTest.keyClicks(popup.field, "gift")
    assert popup.list.count() == 1
    one.again(lambda: QTest.keyClick(popup.field, KEY.Key_Return))
    assert {e.output for e in one.project.get_examples(one.ids)} == {"gift_card"}
    QTest.keyClick(popup, KEY.Key_Escape)
    assert QApplication.activePopupWidget() is None
