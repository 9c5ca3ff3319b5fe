"""The export page by clicks and keys: what it counts, what it asks before it writes, and the files on disk."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel

from curator import targets
from curator.model import Decision, Role, Verdict
from curator.outlook import Outlook
from curator.store import Project
from curator.tasks import Task
from ui.pages.export import ExportPage
from ui.pages.export_groups import GroupView
from ui.window import Window

LONG = 90_000
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def click(qtbot) -> Callable[[QAbstractButton], None]:
    """Clicks where a person would: on the tick of a box, in the middle of a button."""

    def press(button: QAbstractButton) -> None:
        assert button.isVisible()
        assert button.isEnabled()
        middle = button.rect().center()
        if button.isCheckable() and not button.property("kind"):
            middle.setX(min(middle.x(), 12))
        qtbot.mouseClick(button, LEFT, pos=middle)

    return press


@pytest.fixture
def settle(qtbot) -> Callable[[ExportPage], None]:
    """Waits until the page has counted with the choices that it shows."""

    def wait(page: ExportPage) -> None:
        def counted() -> bool:
            waiting = page._later.isActive() or page.sizing._timer.isActive() or page.write._timer.isActive()
            job = page._asked
            return not waiting and job is not None and not job.running and page._fresh

        qtbot.waitUntil(counted, timeout=LONG)

    return wait


@pytest.fixture
def opened(window, support_project: Path, settle) -> tuple[Window, ExportPage]:
    shown = window(support_project, "export")
    page = shown.pages["export"]
    assert isinstance(page, ExportPage)
    settle(page)
    return shown, page


def type_into(qtbot, field, text: str) -> None:
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)


def written(page: ExportPage, qtbot) -> None:
    qtbot.waitUntil(lambda: page.stack.currentWidget() is page.written, timeout=LONG)


def test_the_page_tells_what_remains_what_is_refused_and_what_helps_in_any_width(
    opened, support_project, qtbot, click
) -> None:
    shown, page = opened
    with Project.open(support_project) as project:
        outlook = Outlook.of(project)
    assert page.summary.count.text() == str(outlook.effective)
    assert {rule: len(ids) for rule, ids in _reasons(page).items()} == dict(outlook.by_reason)
    assert set(page.matrix.lines) == set(targets.names())
    line = page.matrix.lines["openai"]
    assert line.box.isChecked()

    assert not line.panel.isVisible()
    click(line.more)
    assert line.panel.isVisible()
    said = [label.text() for label in line.panel.findChildren(type(page.summary.title))]
    assert any("is empty" in text for text in said)
    assert "What helps: fill it or leave the example out." in said

    click(page.summary.reasons["label_error"])
    assert shown.place == "examples"
    shown.go("export")
    click(line.refuses)
    assert shown.place == "examples"
    shown.go("export")

    shown.resize(900, 700)
    qtbot.waitUntil(lambda: page._side.widget() is None)
    assert page.write.export.isVisible()
    shown.resize(1440, 900)
    qtbot.waitUntil(lambda: page._side.widget() is not None)
    assert page.write.export.isVisible()


def _reasons(page: ExportPage) -> dict[str, tuple[int, ...]]:
    return {reason.rule: reason.ids for reason in page._view.reasons}


def test_clicks_lead_to_files_that_their_providers_take(opened, qtbot, click, settle, tmp_path) -> None:
    shown, page = opened
    click(page.matrix.shelves["files"].button)
    click(page.matrix.lines["jsonl"].box)
    click(page.sizing.split.buttons["80/10/10"])
    type_into(qtbot, page.write.folder, str(tmp_path / "release"))
    settle(page)
    qtbot.waitUntil(page.write.export.isEnabled)
    view = page._view
    click(page.write.export)
    assert page.write.cancel.isVisible()
    written(page, qtbot)
    manifest = json.loads((tmp_path / "release/manifest.json").read_text("utf-8"))
    assert manifest["counts"]["splits"] == {split.name: split.count for split in view.splits}
    assert {output["target"] for output in manifest["outputs"] if "target" in output} == {"jsonl", "openai"}
    for name in ("jsonl", "openai"):
        for split in ("train", "validation", "test"):
            path = tmp_path / "release" / name / f"{split}.jsonl"
            assert list(targets.get(name).validate_file(path, split)) == []
    assert page.written.folder.isVisible()
    click(page.written.pair)
    assert shown.place == "examples"
    shown.go("export")
    click(page.written.back)
    assert page.stack.currentWidget() is not page.written


def test_a_rule_that_is_switched_off_lets_examples_in_and_says_how_many(opened, click, settle) -> None:
    _, page = opened
    before, leaks = page._view, page._view.rules
    (leak,) = [rule for rule in leaks if rule.name == "leakage"]
    assert leak.ids
    click(page.policy.switches["leakage"].box)
    settle(page)
    assert page._view.clean == before.clean + len(leak.ids)
    assert "leakage" not in _reasons(page)
    assert page.policy.switches["leakage"].effect.text() == f"would keep {len(leak.ids)} out"
    click(page.policy.switches["outlier"].box)
    settle(page)
    assert "outlier" in _reasons(page)


def test_below_the_minimum_the_advice_comes_first_and_an_export_needs_a_tick(
    opened, qtbot, click, settle, tmp_path
) -> None:
    _, page = opened
    type_into(qtbot, page.write.folder, str(tmp_path / "small"))
    click(page.sizing.size_choice.buttons["number"])
    settle(page)
    type_into(qtbot, page.sizing.count, "60")
    settle(page)
    assert page.summary.count.text() == "60"
    assert page.below.isVisible()
    assert "few-shot" in page.below.text.text()
    assert not page.write.export.isEnabled()
    assert page.write.why.isVisible()
    click(page.below.known)
    assert page.write.export.isEnabled()
    click(page.write.export)
    written(page, qtbot)
    assert len((tmp_path / "small/rows.jsonl").read_text("utf-8").splitlines()) == 60


def test_a_folder_that_holds_other_things_is_refused_and_an_earlier_export_asks_to_be_replaced(
    opened, qtbot, click, settle, tmp_path
) -> None:
    _, page = opened
    taken = tmp_path / "mine"
    taken.mkdir()
    (taken / "notes.txt").write_text("mine")
    type_into(qtbot, page.write.folder, str(taken))
    settle(page)
    qtbot.waitUntil(lambda: "other things" in page.write.said.text())
    assert not page.write.export.isEnabled()
    type_into(qtbot, page.write.folder, str(tmp_path / "release"))
    settle(page)
    qtbot.waitUntil(page.write.export.isEnabled)
    click(page.write.export)
    written(page, qtbot)
    first = (tmp_path / "release/manifest.json").read_bytes()
    click(page.written.back)
    qtbot.waitUntil(page.write.replace.isVisible)
    settle(page)
    assert not page.write.export.isEnabled()
    click(page.sizing.size_choice.buttons["minimum"])
    settle(page)
    click(page.write.replace)
    click(page.write.export)
    written(page, qtbot)
    assert (tmp_path / "release/manifest.json").read_bytes() != first
    assert (taken / "notes.txt").read_text() == "mine"


def test_a_folder_that_cannot_be_written_is_one_sentence(opened, qtbot, click, settle, tmp_path) -> None:
    shown, page = opened
    type_into(qtbot, page.write.folder, str(tmp_path / "out"))
    settle(page)
    qtbot.waitUntil(page.write.export.isEnabled)
    (tmp_path / "out").write_text("a file that came in between")
    click(page.write.export)
    qtbot.waitUntil(lambda: not page.write.running, timeout=LONG)
    assert shown.troubles.isVisible()
    assert shown.troubles.text.text() == f"{tmp_path / 'out'}: is a file; choose another name for the folder."
    qtbot.waitUntil(lambda: page.write.said.text() == "This is a file. Name a folder.")
    assert not page.write.export.isEnabled()


def test_a_cancelled_export_leaves_nothing_behind(opened, qtbot, click, settle, tmp_path) -> None:
    _, page = opened
    type_into(qtbot, page.write.folder, str(tmp_path / "out"))
    settle(page)
    qtbot.waitUntil(page.write.export.isEnabled)
    click(page.write.export)
    click(page.write.cancel)
    assert page.write.export.isVisible()
    assert page.stack.currentWidget() is not page.written
    again = page.context.jobs.start("plan", {"targets": []})  # behind it in the same child
    with qtbot.waitSignal(again.ended, timeout=LONG):
        pass
    assert [path.name for path in tmp_path.iterdir() if "out" in path.name] == []


def test_a_decision_made_elsewhere_is_counted_at_once(opened, settle, qtbot) -> None:
    shown, page = opened
    before = page._view.clean
    kept_out = {id for ids in _reasons(page).values() for id in ids}
    chosen = next(e.id for e in shown.session.project.examples(Role.CANDIDATE) if e.id not in kept_out)
    shown.session.decide([Decision("", chosen, "", "Ada", Verdict.DROP)])
    qtbot.waitUntil(lambda: page._view.clean == before - 1, timeout=LONG)
    assert _reasons(page)["decision"] == (chosen,)


def test_texts_that_changed_ask_for_a_check_and_the_check_brings_the_numbers_back(opened, qtbot, click) -> None:
    shown, page = opened
    first = next(shown.session.project.examples(Role.CANDIDATE)).id
    shown.session.decide([Decision("", first, "", "Ada", Verdict.RELABEL, "gift_card")])
    qtbot.waitUntil(lambda: page._view is None, timeout=LONG)
    assert page.need.action.text() == "Check again"
    click(page.need.action)
    qtbot.waitUntil(lambda: page._view is not None and bool(page._view.splits), timeout=LONG)
    assert page.stack.currentWidget() is page._settings


def test_a_project_without_examples_says_what_to_do(window, tmp_path, qtbot) -> None:
    Project.create(tmp_path / "empty.curator").close()
    page = window(tmp_path / "empty.curator", "export").pages["export"]
    qtbot.waitUntil(lambda: page.stack.currentWidget() is page._empty, timeout=LONG)
    assert page.need.heading.text() == "Nothing to export yet"


def test_no_format_and_shares_that_do_not_add_up_are_said_at_once(opened, qtbot, click, settle) -> None:
    _, page = opened
    click(page.matrix.lines["openai"].box)
    settle(page)
    assert page.write.why.text() == "Tick at least one format."
    click(page.matrix.lines["openai"].box)
    click(page.sizing.split.buttons["own"])
    type_into(qtbot, page.sizing.own, "90/20")
    qtbot.waitUntil(lambda: "add up to 100" in page.write.why.text())
    assert not page.write.export.isEnabled()
    assert "add up to 100" in page.sizing.split_help.text()
    type_into(qtbot, page.sizing.own, "70/20/10")
    settle(page)
    assert [split.name for split in page._view.splits] == ["train", "validation", "test"]


def test_choices_are_remembered_for_the_project(window, support_project, click, settle) -> None:
    page = window(support_project, "export").pages["export"]
    settle(page)
    click(page.matrix.shelves["trainers"].button)
    click(page.matrix.lines["trl"].box)
    click(page.sizing.size_choice.buttons["minimum"])
    click(page.policy.switches["near_duplicate"].box)
    settle(page)
    again = window(support_project, "export").pages["export"]
    settle(again)
    assert again.matrix.lines["trl"].box.isChecked()
    assert again.sizing.size_choice.buttons["minimum"].isChecked()
    assert not again.policy.switches["near_duplicate"].box.isChecked()
    assert again._view.chosen == again._view.minimum


def test_examples_that_a_model_stumbles_over_can_be_left_out_and_brought_back(
    window, tmp_path, qtbot, click, settle
) -> None:
    turns = [{"role": "user", "content": "Where is order {n}?"}, {"role": "assistant", "content": "In street {n}."}]
    rows = [
        [{"role": "system", "content": "Be brief."}, *turns] if n < 4 else turns
        for n in range(30)
    ]  # fmt: skip
    text = "".join(json.dumps({"messages": row}).replace("{n}", str(n)) + "\n" for n, row in enumerate(rows))
    (tmp_path / "some.jsonl").write_text(text, "utf-8")
    from curator import pipeline

    with Project.create(tmp_path / "p.curator", task=Task.GENERATION) as project:
        pipeline.import_files(project, pipeline.Inputs((str(tmp_path / "some.jsonl"),)), pipeline.Silent())
        pipeline.check(project, pipeline.Settings())
    shown = window(tmp_path / "p.curator", "export")
    page = shown.pages["export"]
    settle(page)
    line = page.matrix.lines["trl"]
    click(page.matrix.shelves["trainers"].button)
    click(line.more)
    leave = {b.accessibleName(): b for b in line.panel.findChildren(QAbstractButton) if b.text() == "Leave them out"}
    assert len(leave) == 2, "what nearly all examples have is not to be left out"
    (gemma,) = [made for name, made in leave.items() if "Gemma 2" in name]
    before = page._view.clean
    click(gemma)
    qtbot.waitUntil(lambda: page._view.clean == before - 4, timeout=LONG)
    qtbot.keyClick(shown, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: page._view.clean == before, timeout=LONG)


@pytest.fixture
def chats(window, tmp_path, settle) -> ExportPage:
    """The page of a project in which a system turn stands in the middle of some examples, and at the front of others."""
    from curator import pipeline

    system = {"role": "system", "content": "Be brief."}
    rows = []
    for n in range(24):
        asked = {"role": "user", "content": f"Where is order {n} of the shop in street {n * 7}?"}
        said = {"role": "assistant", "content": f"In street {n}."}
        rows.append([asked, system, said] if n < 4 else [system, asked, said] if n < 8 else [asked, said])
    text = "".join(json.dumps({"messages": row}) + "\n" for row in rows)
    (tmp_path / "some.jsonl").write_text(text, "utf-8")
    with Project.create(tmp_path / "p.curator", task=Task.GENERATION) as project:
        pipeline.import_files(project, pipeline.Inputs((str(tmp_path / "some.jsonl"),)), pipeline.Silent())
        pipeline.check(project, pipeline.Settings())
    page = window(tmp_path / "p.curator", "export").pages["export"]
    settle(page)
    return page


def say_why_they_take_nothing(page: ExportPage, click: Callable[[QAbstractButton], None]) -> None:
    """Formats of pairs do, where there is no pair."""
    head = page.matrix.shelves["preference"]
    assert head.why.text().startswith("No pairs")
    assert "No pairs" in head.button.accessibleName()
    click(head.button)
    line = page.matrix.lines["openai-dpo"]
    assert not line.box.isEnabled()
    assert line.idle.isVisible()
    assert not line.takes.isVisible()


def test_a_fix_is_chosen_for_one_format_or_for_all_looked_at_and_taken_back(chats, qtbot, click, settle) -> None:
    page = chats
    say_why_they_take_nothing(page, click)
    click(page.policy.switches["structure"].box)
    qtbot.keyClicks(page.matrix.search, "claude")
    line = page.matrix.lines["bedrock-claude"]
    assert not page.matrix.shelves["hosted"].isVisible()
    assert not page.matrix.lines["openai"].box.isVisible(), "the filter leaves out what it does not find"
    click(line.box)
    page.matrix.search.clear()
    settle(page)
    assert line.box.isVisible(), "what is ticked is shown, though its shelf is folded"
    assert not page.matrix.lines["mistral"].box.isVisible()
    assert page._choices.fixes == ()
    assert line.refuses.text() == "4"
    click(line.more)
    (group,) = [view for view in line.panel.findChildren(GroupView) if hasattr(view, "here")]
    assert group.here.text() == "Mend: Join the system turns in front (4 of 4)"
    click(group.here)
    settle(page)
    assert page._choices.fixes == ("bedrock-claude:system-first",)
    assert line.refuses.text() == "0"
    offer = page.fixes.lines["system-first"]
    assert not offer.box.isChecked()
    assert offer.effect.text() == "changes 4 examples"
    click(offer.look)
    qtbot.waitUntil(page.fixes.sides.isVisible, timeout=LONG)
    shown = [text.text() for text in page.fixes.sides.findChildren(QLabel) if text.isVisible()]
    assert shown.count("Be brief.") == 2
    assert "changed" not in shown, "the same turns in another order"
    click(offer.box)
    settle(page)
    assert page._choices.fixes == ("system-first",), "for all formats is more than for one"
    click(offer.box)
    settle(page)
    assert page._choices.fixes == ()
    assert line.refuses.text() == "4"


def test_the_base_model_the_epochs_and_the_name_of_the_release(chats, qtbot, click, settle, tmp_path) -> None:
    page = chats
    assert not page.matrix.model.isVisible(), "no format that is ticked is for open models"
    click(page.matrix.shelves["trainers"].button)
    line = page.matrix.lines["trl"]
    click(line.box)
    settle(page)
    before = int(line.takes.text())
    page.matrix.model.choice.setFocus()
    qtbot.keyClicks(page.matrix.model.choice, "Gemma 2")
    page.matrix.model.choice.activated.emit(page.matrix.model.choice.currentIndex())
    settle(page)
    assert int(line.takes.text()) == before - 4
    assert line.refuses.text() == "8"
    assert "merge-system" in page.fixes.lines
    click(page.fixes.all)
    settle(page)
    assert (int(line.takes.text()), line.refuses.text()) == (before, "0")
    (spread, *_) = [target for target in page._view.targets if target.name == "openai"]
    page.budget.epochs.setFocus()
    qtbot.keyClick(page.budget.epochs, Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: page._choices.epochs == 4)
    settle(page)
    (more, *_) = [target for target in page._view.targets if target.name == "openai"]
    assert spread.costs != more.costs
    assert len(page.budget.pictures) == 2
    assert "none is longer" in page.budget.pictures[0].accessibleName()
    type_into(qtbot, page.write.name, "a/b")
    assert page.write.why.text().startswith("Name the release with letters")
    type_into(qtbot, page.write.name, "orders")
    type_into(qtbot, page.write.folder, str(tmp_path / "release"))
    settle(page)
    click(page.below.known)
    qtbot.waitUntil(page.write.export.isEnabled)
    click(page.write.export)
    written(page, qtbot)
    wanted = json.loads((tmp_path / "release/manifest.json").read_text("utf-8"))
    assert "orders" in json.dumps(wanted)
    rows = (tmp_path / "release/rows.jsonl").read_text("utf-8")
    assert "merge-system" in rows
