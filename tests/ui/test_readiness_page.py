"""Whether to fine-tune at all, in the window: the answer, the questions in place, and what production asks."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from curator.readiness import SETTING, Answers
from curator.resources import resource
from curator.store import Project
from ui.pages.readiness import ReadinessPage
from ui.pages.readiness_cards import CoverageCard
from ui.theme import px

WAIT = 60_000


def shown(window, qtbot, path: Path) -> ReadinessPage:
    page = window(path, "readiness").pages["readiness"]
    qtbot.waitUntil(lambda: page.keeper.held.whole and not page.keeper.running, timeout=WAIT)
    return page


def stored(path: Path) -> Answers:
    with Project.open(path) as project:
        return Answers.of(project.settings().get(SETTING) or {})


def test_the_page_weighs_answers_and_leads_to_what_is_to_be_mended(
    window, qtbot, support_project, tmp_path, monkeypatch
):
    page = shown(window, qtbot, support_project)
    assert page.answer.title.text() == "Mend the data"
    assert "eval examples" in page.answer.why.text()
    leaks = page.points.rows["leaks"]
    assert leaks.badge.text() == "comes first"

    # An answer changes the step at once, and is kept where the command line finds it.
    no = page.questions.rows["prompting"].buttons["no"]
    qtbot.mouseClick(no, Qt.MouseButton.LeftButton)
    assert page.answer.title.text() == "Better prompt"
    assert no.isChecked()
    qtbot.waitUntil(lambda: stored(support_project)["prompting"] is False, timeout=WAIT)
    assert page.questions.open.text() == "7 questions are open"
    qtbot.mouseClick(page.questions.rows["prompting"].buttons["unknown"], Qt.MouseButton.LeftButton)
    assert page.answer.title.text() == "Mend the data"

    # A score that is none is said beside the field; a right one asks more of the eval set.
    page.questions.score.setText("much")
    page.questions.score.editingFinished.emit()
    assert "a share of right answers" in page.questions.trouble.text()
    page.questions.target.setText("93%")
    page.questions.score.setText("90%")
    page.questions.score.editingFinished.emit()
    assert page.questions.trouble.text() == ""
    qtbot.waitUntil(lambda: not page.keeper.running, timeout=WAIT)
    assert page.points.rows["resolution"].badge.text() == "look"

    # What production asks that no candidate is like.
    with (resource("samples/support") / "pairs.csv").open(encoding="utf-8", newline="") as file:
        asked = [row["text"] for row in csv.DictReader(file)][:60]
    bread = [f"how do I bake bread with {n} grams of rye flour and sourdough" for n in range(60)]
    (tmp_path / "asked.txt").write_text("\n".join(asked + bread) + "\n", encoding="utf-8")
    page.keeper.cover((str(tmp_path / "asked.txt"),))
    qtbot.waitUntil(lambda: not page.keeper.running, timeout=WAIT)
    assert page.coverage.file.text() == "asked.txt"
    assert "bread" in page.keeper.held.coverage["clusters"][0]["inputs"][0]

    out = tmp_path / "missing.jsonl"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), ""))
    qtbot.mouseClick(page.coverage.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(out.exists, timeout=WAIT)
    assert {json.loads(line)["input"] for line in out.read_text().splitlines()} >= set(bread)

    # The overview says the same, and a point leads to its findings.
    opened = page.window()
    opened.go("overview")
    overview = opened.pages["overview"]
    qtbot.waitUntil(lambda: overview._readiness.step.text() == "Next step: Mend the data", timeout=WAIT)
    assert overview._readiness.button.text() == "See why"
    qtbot.mouseClick(overview._readiness.button, Qt.MouseButton.LeftButton)
    assert opened.place == "readiness"
    qtbot.mouseClick(leaks.go, Qt.MouseButton.LeftButton)
    assert opened.place == "findings"


def test_without_a_check_the_answers_alone_decide(window, qtbot, tmp_path):
    path = tmp_path / "new.curator"
    Project.create(path).close()
    page = window(path, "readiness").pages["readiness"]
    qtbot.waitUntil(lambda: page.keeper.unchecked and not page.keeper.running, timeout=WAIT)
    assert page.unchecked.isVisible()
    assert page.answer.badge.text() == "not weighed yet"
    qtbot.mouseClick(page.questions.rows["knowledge"].buttons["yes"], Qt.MouseButton.LeftButton)
    assert page.answer.title.text() == "Retrieval"
    assert page.questions.rows["prompting"].effect.text() == "Neither answer alone changes the step."


def test_answers_of_the_command_line_show_by_themselves(window, qtbot, support_project):
    opened = window(support_project, "overview")
    overview = opened.pages["overview"]
    qtbot.waitUntil(lambda: overview._view is not None, timeout=WAIT)
    assert overview._readiness.badge.text() == "not weighed yet"
    with Project.open(support_project) as project:
        project.set_settings(**{SETTING: Answers({"knowledge": True}).as_json()})
    qtbot.waitUntil(lambda: overview._readiness.step.text() == "Next step: Retrieval", timeout=WAIT)


def test_the_question_is_among_the_actions_of_every_page(window, qtbot, support_project):
    opened = window(support_project, "examples", whole=True)
    opened.registry.run("readiness.open")
    assert opened.place == "readiness"


def test_what_stands_beside_the_choice_of_files_goes_below_it_where_there_is_no_room(qtbot):
    card = CoverageCard(lambda: None, lambda: None, lambda _: None)
    qtbot.addWidget(card)
    assert card.minimumSizeHint().width() < card.choose.sizeHint().width() + px(60)
