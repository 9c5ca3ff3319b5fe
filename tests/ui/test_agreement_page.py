"""The page Agreement in the real window: measured beside it, used with the mouse and the keys."""

import random
import subprocess
import sys

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication
from round_material import begin, make_project, vote

from curator.model import Decision, Kind, Round, Verdict
from curator.store import Project
from curator.tasks import Task

LEFT, KEY = Qt.MouseButton.LeftButton, Qt.Key
WAIT = 20_000
LABELS = ("address", "cancel", "gift", "refund")
NEXT = dict(zip(LABELS, (*LABELS[1:], LABELS[0]), strict=True))
RIGHT = {"Ann": 0.95, "Bo": 0.85, "Cy": 0.6}


def voted(path, number: int = 48, labels=LABELS) -> str:
    """A project of `number` examples whose labels three reviewers judged, the first best and the last worst; a mistake is
    nearly always the next label. Returns the id of the round."""
    draw = random.Random(1)
    with make_project(path, [labels[at % len(labels)] for at in range(number)]) as project:
        round = begin(project, tuple(RIGHT), range(1, number + 1), labels)
        following = dict(zip(labels, (*labels[1:], labels[0]), strict=True))
        for name, right in RIGHT.items():
            project.decide(
                [
                    judged(round, name, e.id, None if draw.random() < right else following[e.output])
                    for e in project.examples()
                ]
            )
        return round.id


def judged(round: Round, reviewer: str, example: int, label: str | None) -> Decision:
    """A vote for a label, for what is shown where it is None."""
    verdict = Verdict.KEEP if label is None else Verdict.RELABEL
    return Decision("", example, "", reviewer, verdict, label, kind=Kind.VOTE, round=round.id)


@pytest.fixture
def project(tmp_path):
    path = tmp_path / "voted.curator"
    voted(path)
    return path


@pytest.fixture
def shown(window, project, qtbot):
    """The window and its page, all measured and drawn."""
    made = window(project, "agreement")
    measured(qtbot, made.pages["agreement"])
    return made, made.pages["agreement"]


def measured(qtbot, page) -> None:
    qtbot.waitUntil(lambda: page._view is not None and not page._view.waiting and not page._reading, timeout=WAIT)
    if page._view.with_matrix:
        qtbot.waitUntil(lambda: page.comparison.picture is not None, timeout=WAIT)


def opened(qtbot, page) -> None:
    qtbot.waitUntil(page.behind.isVisible, timeout=WAIT)


def confused(page) -> QPoint:
    """A place in the cell with the most mistakes."""
    return page.comparison.matrix.cell_rect(*page.comparison.matrix.current).center()


# Figures


def test_it_opens_on_the_newest_round_with_the_figures_of_its_votes(shown):
    made, page = shown
    from curator.review.agreement.measures import measure_agreement
    from curator.review.consensus.choosing import find_consensus
    from curator.review.votes.of_rounds import votes_of_round

    votes = votes_of_round(made.session.project, 1)
    found = measure_agreement(votes, find_consensus(votes))
    boxes = page.figures.boxes
    assert list(boxes) == ["alpha", "percent", "kappa", "ac1"]
    assert boxes["alpha"].value.text() == f"{found.krippendorff_alpha.value:.2f}"
    assert boxes["percent"].value.text() == f"{found.percent_agreement.value:.0%}"
    assert boxes["kappa"].value.text() == f"{found.fleiss_kappa.value:.2f}"
    assert f"{found.gwet_ac1.low:.2f} to {found.gwet_ac1.high:.2f}" in boxes["ac1"].span.text()
    assert page.scope.currentText() == "Round 1"
    assert page.summary.text() == "3 reviewers · 48 items · 48 with two votes or more · 144 votes"
    assert page.headline.title.text().startswith("Too low to rely on")
    assert page.headline.property("tone") == "bad"
    assert "more double-labelled items would narrow it to ±0.05" in page.headline.more.text()


def test_the_focus_tells_what_a_figure_means(shown, qtbot):
    _, page = shown
    usual = page.figures.help.text()
    page.figures.boxes["ac1"].setFocus()
    qtbot.waitUntil(lambda: "far commoner" in page.figures.help.text())
    assert page.figures.boxes["ac1"].accessibleName().startswith("Gwet's AC1, 0.")
    page.scope.setFocus()
    qtbot.waitUntil(lambda: page.figures.help.text() == usual)


def test_reviewers_stand_in_the_order_of_their_quality(shown):
    _, page = shown
    lines = page.reviewers.table.lines.lines
    assert [line.key[0] for line in lines] == ["Ann", "Bo", "Cy"]
    assert all(line.cells[3].low <= line.cells[3].value <= line.cells[3].high for line in lines)
    assert [line.key for line in page.pairs.table.lines.lines][-1] == ("Ann", "Bo")
    assert page.consensus.adjudicate.isVisibleTo(page)


def test_a_table_is_sorted_by_the_keys(shown, qtbot):
    _, page = shown
    table = page.labels.table
    table.setFocus()
    names = lambda: [table.order.index(at, 0).data() for at in range(table.order.rowCount())]  # noqa: E731
    before = names()
    table.setCurrentIndex(table.order.index(0, 0))
    qtbot.keyClick(table, KEY.Key_S)
    assert names() == sorted(LABELS)
    qtbot.keyClick(table, KEY.Key_S)
    assert names() == sorted(LABELS, reverse=True)
    qtbot.keyClick(table, KEY.Key_S)
    assert names() == before


# The matrix


def test_keys_walk_the_matrix_and_open_the_examples_behind_a_cell(shown, qtbot):
    made, page = shown
    qtbot.keyClick(made, KEY.Key_M)
    matrix = page.comparison.matrix
    assert QApplication.focusWidget() is matrix
    row, column = matrix.current_names
    assert column == NEXT[row], "it begins where the mistakes are"
    said = page.comparison.said.text()
    assert said.startswith(f"Where the consensus is {row}, ")
    assert matrix.accessibleDescription() == said
    qtbot.keyClick(matrix, KEY.Key_Home)
    assert matrix.current[1] == 0
    matrix.go_to_names(row, column)
    qtbot.keyClick(matrix, KEY.Key_Return)
    opened(qtbot, page)
    listed = page.behind.list.listed.listed
    assert [str(one.example) for one in listed] == sorted(page.comparison.picture.examples(*matrix.current), key=int)
    for one in listed:
        assert column in {said.label for said in one.said}
    assert page.behind.disputed.text() == f"{len(listed)} to adjudicate"
    qtbot.keyClick(page.behind.list, KEY.Key_Escape)
    assert not page.behind.isVisible()


def test_a_click_opens_a_cell_and_its_examples_are_one_click_further(shown, qtbot):
    made, page = shown
    qtbot.mouseClick(page.comparison.matrix.viewport(), LEFT, pos=confused(page))
    opened(qtbot, page)
    ids = page.behind.view.ids
    page.behind.show_all.click()
    assert made.place == "examples"
    assert sorted(int(id) for id in made.pages["examples"].asked.ids) == sorted(ids)
    made.go("agreement")
    assert page.behind.isVisible(), "the list is still open"
    page.behind.adjudicate.click()
    assert made.place == "adjudicate"


def test_what_is_mixed_up_most_is_listed_and_leads_to_its_cell(shown, qtbot):
    _, page = shown
    table = page.mixed.table
    first = table.lines.lines[0]
    assert first.cells[2] == page.comparison.picture.found.mixed_up(1)[0].count
    where = table.visualRect(table.order.index(0, 0)).center()
    qtbot.mouseClick(table.viewport(), LEFT, pos=where)
    opened(qtbot, page)
    assert page.comparison.matrix.current_names == first.key


def test_one_reviewer_is_compared_with_another(shown, qtbot):
    _, page = shown
    rows, columns = page.comparison.rows, page.comparison.columns
    rows.setFocus()
    qtbot.keyClick(rows, KEY.Key_Down)
    qtbot.waitUntil(lambda: page.comparison.picture.sides.row == "Ann")
    for _ in range(2):  # nobody is compared with themselves: Ann is passed over
        qtbot.keyClick(columns, KEY.Key_Down)
    qtbot.waitUntil(lambda: page.comparison.picture.sides.column == "Cy")
    assert int(page.comparison.picture.found.counts.sum()) == 48
    assert page.comparison.matrix.accessibleName() == "Matrix: rows are Ann, columns Cy"
    page.pairs.table.activated_key.emit(("Ann", "Bo"))
    qtbot.waitUntil(lambda: page.comparison.picture.sides.column == "Bo")
    assert (rows.currentText(), columns.currentText()) == ("Ann", "Bo")


def test_of_many_labels_those_most_confused_come_first(window, tmp_path, qtbot):
    labels = tuple(f"intent_{at:02}" for at in range(77))
    voted(tmp_path / "many.curator", 77 * 2, labels)
    made = window(tmp_path / "many.curator", "agreement")
    page = made.pages["agreement"]
    measured(qtbot, page)
    first = page.comparison.picture
    assert len(first.names) == 12
    assert first.hidden == 65
    worst = first.found.mixed_up(1)[0]
    places = first.names.index(labels[worst.row]), first.names.index(labels[worst.column])
    assert abs(places[0] - places[1]) == 1
    qtbot.keyClick(made, KEY.Key_L)
    qtbot.waitUntil(lambda: len(page.comparison.picture.names) == 77, timeout=WAIT)
    matrix = page.comparison.matrix
    assert matrix.height() < matrix.cell * 77, "it scrolls in its place"
    matrix.setFocus()
    qtbot.keyClick(matrix, KEY.Key_End)
    for _ in range(8):
        qtbot.keyClick(matrix, KEY.Key_PageDown)
    assert matrix.current == (76, 76)
    assert matrix.viewport().rect().contains(matrix.cell_rect(76, 76).center())
    size = matrix.cell
    qtbot.keyClicks(matrix, "-")
    assert matrix.cell < size


# As votes come in


def test_votes_that_come_in_leave_the_place_and_the_open_cell(shown, project, qtbot):
    made, page = shown
    made.resize(1000, 600)
    qtbot.mouseClick(page.comparison.matrix.viewport(), LEFT, pos=confused(page))
    opened(qtbot, page)
    cell, before = page.comparison.matrix.current_names, page.figures.boxes["percent"].value.text()
    page.reviewers.table.go_to(("Bo",))
    page.area.verticalScrollBar().setValue(250)
    with Project.open(project) as other:
        round = other.rounds.get(1)
        other.decide([judged(round, "Cy", example, None) for example in range(1, 40)])
    qtbot.waitUntil(lambda: page.figures.boxes["percent"].value.text() != before, timeout=WAIT)
    measured(qtbot, page)
    assert page.area.verticalScrollBar().value() == 250
    assert page.comparison.matrix.current_names == cell
    assert page.reviewers.table.key == ("Bo",)


def test_another_round_is_chosen_or_asked_for(shown, project, qtbot):
    made, page = shown
    with Project.open(project) as other:
        second = begin(other, ("Ann", "Bo"), range(1, 5), LABELS, name="again")
        for example in range(1, 5):
            vote(other, second, "Ann", example, Verdict.KEEP)
    made.session.look()
    qtbot.waitUntil(lambda: page.scope.count() == 3, timeout=WAIT)
    assert page.scope.currentText() == "Round 1", "nobody is taken away from what they look at"
    made.go("agreement", round=second.id)
    qtbot.waitUntil(lambda: page.headline.title.text() == "Only Ann has voted so far", timeout=WAIT)
    assert page.scope.currentText() == "Round 2: again"
    assert not page.comparison.isVisible()
    page.scope.setFocus()
    qtbot.keyClick(page.scope, KEY.Key_Home)
    qtbot.waitUntil(lambda: page._view is not None and page._view.scope == "", timeout=WAIT)
    measured(qtbot, page)
    assert page.scope.currentText() == "All rounds"


def test_when_the_round_is_undone_what_is_left_is_shown(shown, project, qtbot):
    made, page = shown
    with Project.open(project) as other:
        entry = next(entry for entry in other.log() if entry.action == "round")
        other.undo(entry.id)
    made.session.look()
    qtbot.waitUntil(lambda: page.empty is not None and page.empty.isVisible(), timeout=WAIT)
    with Project.open(project) as other:
        other.redo()
    made.session.look()
    qtbot.waitUntil(page.figures.isVisible, timeout=WAIT)
    measured(qtbot, page)
    assert page.comparison.isVisible()


def test_another_theme_leaves_the_choice(shown, project, qtbot):
    made, page = shown
    page.scope.setFocus()
    qtbot.keyClick(page.scope, KEY.Key_Home)
    measured(qtbot, page)
    qtbot.waitUntil(lambda: page._view.scope == "", timeout=WAIT)
    made.rebuild()
    page = made.pages["agreement"]
    measured(qtbot, page)
    assert page.scope.currentText() == "All rounds"


def test_a_blind_round_shows_nobody_what_they_have_still_to_judge(window, tmp_path, qtbot, settings):
    settings.set("reviewer", "Cy")
    path = tmp_path / "blind.curator"
    with make_project(path, [LABELS[at % 4] for at in range(8)]) as project:
        round = begin(project, tuple(RIGHT), range(1, 9), LABELS)
        for example in project.get_examples(range(1, 9)):
            vote(project, round, "Ann", example.id, Verdict.KEEP)
            vote(project, round, "Bo", example.id, NEXT[example.output])
        vote(project, round, "Cy", 1, Verdict.KEEP)
    page = window(path, "agreement").pages["agreement"]
    measured(qtbot, page)
    page.comparison.matrix.go_to_names("address", "cancel")
    qtbot.keyClick(page.comparison.matrix, KEY.Key_Return)
    opened(qtbot, page)
    assert page.behind.view.ids == (1,), "the other was not voted on yet"
    assert "the round is blind" in page.behind.note.text()


# Nothing to measure, and other kinds of outputs


def test_without_votes_it_says_what_agreement_is_for(window, tmp_path, qtbot):
    make_project(tmp_path / "none.curator").close()
    made = window(tmp_path / "none.curator", "agreement")
    page = made.pages["agreement"]
    qtbot.waitUntil(lambda: page.empty is not None, timeout=WAIT)
    assert page.views.currentWidget() is page.empty
    assert page.empty.heading.text() == "No votes to compare yet"
    page.empty.action.click()
    assert made.place == "rounds"


def test_without_items_in_common_it_says_what_is_missing(window, tmp_path, qtbot):
    with make_project(tmp_path / "apart.curator") as project:
        round = begin(project)
        vote(project, round, "Ann", 1, Verdict.KEEP)
        vote(project, round, "Bo", 2, Verdict.KEEP)
    page = window(tmp_path / "apart.curator", "agreement").pages["agreement"]
    qtbot.waitUntil(lambda: page._view is not None, timeout=WAIT)
    assert page.headline.title.text() == "No item has votes of two reviewers yet"
    assert page.headline.begin.isVisible()
    assert not page.figures.isVisible()


def test_outputs_that_are_json_are_compared_field_by_field(window, tmp_path, qtbot):
    outputs = [f'{{"name": "n{at}", "amount": {at}}}' for at in range(6)]
    with make_project(tmp_path / "json.curator", outputs, Task.EXTRACTION) as project:
        round = begin(project, labels=())
        for at in range(6):
            vote(project, round, "Ann", at + 1, Verdict.KEEP)
            said = Verdict.KEEP if at % 2 else f'{{"name": "n{at}", "amount": {at + 10}}}'
            vote(project, round, "Bo", at + 1, said)
    page = window(tmp_path / "json.curator", "agreement").pages["agreement"]
    measured(qtbot, page)
    assert [(line.cells[0], line.cells[3].value) for line in page.fields.table.lines.lines] == [
        ("amount", 0.5),
        ("name", 1.0),
    ]
    assert list(page.figures.boxes) == ["edits", "similarity", "identical", "percent", "alpha", "ac1"]
    assert page.figures.boxes["identical"].value.text() == "50%"
    assert page.labels.title.text() == "By verdict"
    assert any(
        "amount" in page.headline.advice.itemAt(at).widget().text() for at in range(page.headline.advice.count())
    )


def test_in_a_narrow_window_cards_stand_below_each_other(shown, qtbot):
    made, page = shown
    made.resize(1024, 700)
    qtbot.waitUntil(lambda: page.mixed.y() > page.comparison.y())
    assert page.reviewers.mapTo(page, QPoint()).x() == page.labels.mapTo(page, QPoint()).x()
    made.resize(1600, 900)
    qtbot.waitUntil(lambda: page.mixed.y() == page.comparison.y())


def test_every_control_has_a_name_and_is_reached_by_tab(shown, qtbot):
    made, page = shown
    qtbot.keyClick(made, KEY.Key_M)
    qtbot.keyClick(page.comparison.matrix, KEY.Key_Return)
    opened(qtbot, page)
    page.scope.setFocus()
    visited = []
    while (focus := QApplication.focusWidget()) not in visited:
        visited.append(focus)
        assert QAccessible.queryAccessibleInterface(focus).text(QAccessible.Text.Name), focus
        qtbot.keyClick(focus, KEY.Key_Tab)
    boxes = page.figures.boxes.values()
    tables = (card.table for card in (page.labels, page.reviewers, page.pairs))
    comparing = (page.comparison.rows, page.comparison.columns, page.comparison.matrix)
    beside = (page.behind.list, page.behind.adjudicate, page.behind.show_all, page.behind.close_button)
    wanted = {page.scope, *boxes, *comparing, *beside, *tables, page.consensus.adjudicate, page.headline.begin}
    assert wanted <= set(visited)


def test_at_twice_the_size_the_page_fits_the_window(window, project, qtbot, settings):
    settings.set("scale", 2.0)
    made = window(project, "agreement")
    made.resize(1440, 900)
    page = made.pages["agreement"]
    measured(qtbot, page)
    qtbot.wait(50)
    assert (made.width(), made.height()) == (1440, 900)
    assert made.stack.currentWidget().horizontalScrollBar().maximum() == 0
    assert page.area.horizontalScrollBar().maximum() == 0


def test_measuring_loads_nothing_heavy() -> None:
    code = (
        "import sys; from ui.pages.agreement import AgreementPage; "
        "from curator.review.agreement import confusion, report; from curator.review.consensus import choosing; "
        "from curator.review.votes import of_rounds; from curator.review.adjudication import disputes; "
        "print([m for m in ('torch', 'pandas', 'sentence_transformers', 'sklearn', 'cleanlab') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
