"""The Findings page as a person uses it, with keys and clicks on the checked support sample."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from curator.model import Role, Verdict
from curator.store import Project
from ui.pages.findings import FindingsPage
from ui.pages.findings.bodies import ConflictBody, GroupBody, LeakBody
from ui.pages.findings.label_bodies import LabelBody
from ui.presenters.findings import State
from ui.widgets.basics import EmptyState
from ui.window import Window

Open = Callable[..., Window]


@pytest.fixture
def page(qtbot, window: Open, support_project: Path) -> Callable[..., FindingsPage]:
    """Opens the page on a check and waits until its first finding is shown."""

    def opened(check: str = "", **where: str) -> FindingsPage:
        shown = window(support_project)
        shown.go("findings", check=check, **where)
        made = shown.pages["findings"]
        assert isinstance(made, FindingsPage)
        qtbot.waitUntil(lambda: made.pane.body is not None, timeout=10_000)
        return made

    return opened


def key(qtbot, page: FindingsPage, *keys: Qt.Key | str, modifier: Qt.KeyboardModifier | None = None) -> None:
    """Press keys as if at the keyboard: they go to whatever has the focus."""
    for one in keys:
        target = page.window().focusWidget() or page.window()
        if modifier is None:
            qtbot.keyClick(target, one)
        else:
            qtbot.keyClick(target, one, modifier)


def click(qtbot, button: QPushButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def moved_on(qtbot, page: FindingsPage, before: str) -> None:
    """Wait until another finding is shown."""

    def other() -> bool:
        return page.pane.row is not None and page.pane.row.id not in ("", before) and page.shown == page.pane.row.id

    qtbot.waitUntil(other, timeout=10_000)


def shown_again(qtbot, page: FindingsPage, id: str) -> None:
    qtbot.waitUntil(lambda: page.pane.row is not None and page.pane.row.id == id, timeout=10_000)


def decisions(page: FindingsPage) -> dict[int, Verdict]:
    project = page.context.need_session().project
    return {decision.example: decision.verdict for decision in project.decisions()}


def test_the_page_opens_on_the_worst_check_and_its_worst_finding(page: Callable[..., FindingsPage]) -> None:
    made = page()
    names = [line.name for line in made.frame.checks.model.lines]
    assert names[0] == made.check == "exact_duplicate"
    assert len(names) == 9
    assert made.frame.checks.rest.text() == "3 checks found nothing"
    assert isinstance(made.pane.body, GroupBody)
    assert made.pane.row == made.frame.findings.rows[0]
    assert made.frame.findings.list.hasFocus()


def test_a_group_is_decided_with_another_keeper_and_undo_comes_back_to_it(
    qtbot, page: Callable[..., FindingsPage]
) -> None:
    made = page("near_duplicate")
    body, row = made.pane.body, made.pane.row
    assert isinstance(body, GroupBody)
    assert row is not None
    kept, other = body.view.examples[0].id, body.view.examples[1].id
    assert body.keep == kept
    key(qtbot, made, "2")
    assert body.keep == other
    assert body.cards[1]._chosen
    key(qtbot, made, Qt.Key.Key_Return)
    moved_on(qtbot, made, row.id)
    assert decisions(made) == {kept: Verdict.DROP}
    assert row.id not in {one.id for one in made.frame.findings.rows}
    assert made.frame.findings.filters["open"].text() == "Open 11"
    key(qtbot, made, Qt.Key.Key_Z, modifier=Qt.KeyboardModifier.ControlModifier)
    shown_again(qtbot, made, row.id)
    assert decisions(made) == {}
    assert made.frame.findings.filters["open"].text() == "Open 12"


def test_a_click_on_keep_this_one_leaves_return_to_accept(qtbot, page: Callable[..., FindingsPage]) -> None:
    made = page("exact_duplicate")
    body, row = made.pane.body, made.pane.row
    assert isinstance(body, GroupBody)
    assert row is not None
    qtbot.mouseClick(body.choices[1], Qt.MouseButton.LeftButton, pos=body.choices[1].rect().center())
    body.choices[1].setChecked(True)
    key(qtbot, made, Qt.Key.Key_Return)
    moved_on(qtbot, made, row.id)
    assert body.view.examples[1].id not in decisions(made)
    assert set(decisions(made).values()) == {Verdict.DROP}


def test_twenty_labels_are_decided_by_keys_alone(qtbot, page: Callable[..., FindingsPage]) -> None:
    made = page("label_error")
    expected: dict[int, str] = {}
    for at in range(20):
        body, row = made.pane.body, made.pane.row
        assert isinstance(body, LabelBody)
        assert row is not None
        third = body.view.bars[2]
        if at % 5 == 4 and not third.given:
            expected[body.view.card.id] = third.label
            key(qtbot, made, "3")
        else:
            expected[body.view.card.id] = body.view.suggested
            key(qtbot, made, "y" if at % 2 else Qt.Key.Key_Return)
        moved_on(qtbot, made, row.id)
    project = made.context.need_session().project
    assert {e.id: e.output for e in project.get_examples(expected)} == expected
    assert made.frame.findings.filters["open"].text() == "Open 23"
    for _ in range(5):
        before = len(decisions(made))
        key(qtbot, made, Qt.Key.Key_Z, modifier=Qt.KeyboardModifier.ControlModifier)
        qtbot.waitUntil(lambda before=before: len(decisions(made)) == before - 1, timeout=10_000)
    qtbot.waitUntil(lambda: made.frame.findings.filters["open"].text() == "Open 28", timeout=10_000)


def test_the_number_of_the_given_label_says_that_the_finding_is_wrong(qtbot, page: Callable[..., FindingsPage]) -> None:
    made = page("label_error")
    body, row = made.pane.body, made.pane.row
    assert isinstance(body, LabelBody)
    assert row is not None
    given = next(number for number, bar in enumerate(body.view.bars, 1) if bar.given)
    click(qtbot, body.bars[given - 1])
    moved_on(qtbot, made, row.id)
    assert made.inbox is not None
    assert made.inbox.find(row.id).state is State.DISMISSED  # type: ignore[union-attr]


def test_any_label_of_the_data_can_be_typed(qtbot, page: Callable[..., FindingsPage]) -> None:
    made = page("label_error")
    body, row = made.pane.body, made.pane.row
    assert isinstance(body, LabelBody)
    assert row is not None
    body.field.setFocus()
    qtbot.keyClicks(body.field, "cancel")
    assert made.pane.row == row  # letters and digits are typed there, and decide nothing
    qtbot.keyClick(body.field, Qt.Key.Key_Return)
    moved_on(qtbot, made, row.id)
    project = made.context.need_session().project
    assert project.get_examples([body.view.card.id])[0].output == "cancel_order"


def test_dismissing_asks_for_a_reason_and_offers_it_next_time(qtbot, page: Callable[..., FindingsPage]) -> None:
    made = page("leakage")
    row = made.pane.row
    assert isinstance(made.pane.body, LeakBody)
    assert row is not None
    key(qtbot, made, "d")
    assert made.pane.bar.asking
    assert made.pane.bar.reason.hasFocus()
    key(qtbot, made, Qt.Key.Key_Escape)
    assert not made.pane.bar.asking
    key(qtbot, made, "d")
    qtbot.keyClicks(made.pane.bar.reason, "day to day phrase, y not")
    qtbot.keyClick(made.pane.bar.reason, Qt.Key.Key_Return)
    moved_on(qtbot, made, row.id)
    project = made.context.need_session().project
    (decision,) = project.decisions()
    assert (decision.verdict, decision.value, decision.note) == (Verdict.KEEP, row.id, "day to day phrase, y not")
    second = made.pane.row
    assert second is not None
    key(qtbot, made, "d")
    offered = made.pane.bar.offered.itemAt(0).widget()
    assert isinstance(offered, QPushButton)
    click(qtbot, offered)
    moved_on(qtbot, made, second.id)
    assert {d.note for d in project.decisions()} == {"day to day phrase, y not"}
    made.frame.findings.filters["decided"].click()
    qtbot.waitUntil(lambda: len(made.frame.findings.rows) == 2, timeout=5_000)
    assert "day to day phrase" in made.frame.findings.model.data(made.frame.findings.model.index(0))


def test_a_conflict_is_settled_with_one_key(qtbot, page: Callable[..., FindingsPage]) -> None:
    made = page("conflict")
    body, row = made.pane.body, made.pane.row
    assert isinstance(body, ConflictBody)
    assert row is not None
    assert not made.pane.bar.accept.isVisible()
    key(qtbot, made, Qt.Key.Key_Return)  # nothing is suggested, so nothing happens
    output, ids = body.view.answers[1].output, row.finding.examples
    key(qtbot, made, "2")
    moved_on(qtbot, made, row.id)
    project = made.context.need_session().project
    assert {example.output for example in project.get_examples(ids)} == {output}
    assert project.log(1)[0].undoable


def test_arrows_and_letters_go_through_findings_and_checks(qtbot, page: Callable[..., FindingsPage]) -> None:
    made = page("near_duplicate")
    ids = [row.id for row in made.frame.findings.rows]
    key(qtbot, made, Qt.Key.Key_Down, "j", "k", "j")
    shown_again(qtbot, made, ids[2])
    key(qtbot, made, Qt.Key.Key_Up)
    shown_again(qtbot, made, ids[1])
    at = [line.name for line in made.frame.checks.model.lines].index("near_duplicate")
    key(qtbot, made, Qt.Key.Key_Down, modifier=Qt.KeyboardModifier.ControlModifier)
    assert made.check == made.frame.checks.model.lines[at + 1].name


def test_a_key_never_meets_the_finding_before_the_chosen_one(qtbot, page: Callable[..., FindingsPage]) -> None:
    made = page("label_error")
    before = made.shown
    key(qtbot, made, Qt.Key.Key_Down, "y")  # the evidence of the second is not there yet
    moved_on(qtbot, made, before)
    assert decisions(made) == {}
    key(qtbot, made, "y")
    qtbot.waitUntil(lambda: len(decisions(made)) == 1, timeout=10_000)


def test_many_that_a_newer_check_no_longer_has_are_not_decided(qtbot, page: Callable[..., FindingsPage]) -> None:
    made = page("label_error")
    key(qtbot, made, "m")
    qtbot.waitUntil(lambda: made.frame.right.currentWidget() is made.many, timeout=5_000)
    project = made.context.need_session().project
    run = project.begin_run("check", project.latest_run("check").settings)
    kept = list(project.findings(project.latest_run("check").id, "label_error"))[5:]
    project.save_findings(run, "label_error", kept)
    project.finish_run(run, project.latest_run("check").summary)
    qtbot.waitUntil(lambda: len(made.frame_rows("label_error")) == len(kept), timeout=10_000)
    click(qtbot, made.many.do)
    qtbot.waitUntil(lambda: made.many.bulk is not None and len(made.many.bulk.findings) == len(kept), timeout=10_000)
    assert decisions(made) == {}


def test_many_are_decided_after_their_effect_was_told(qtbot, page: Callable[..., FindingsPage]) -> None:
    made = page("label_error")
    key(qtbot, made, "m")
    qtbot.waitUntil(lambda: made.frame.right.currentWidget() is made.many, timeout=5_000)
    assert made.many.bulk is not None
    assert made.many.bulk.relabels == 43
    made.many.slider.setValue(990)
    bulk = made.many.bulk
    assert 0 < len(bulk.findings) < 43
    assert made.many.do.text() == f"Decide {len(bulk.findings)}"
    click(qtbot, made.many.do)
    left = 43 - len(bulk.findings)
    qtbot.waitUntil(lambda: made.frame.findings.filters["open"].text() == f"Open {left}", timeout=10_000)
    assert made.frame.right.currentWidget() is made.pane
    assert len(decisions(made)) == bulk.relabels
    key(qtbot, made, Qt.Key.Key_Z, modifier=Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: made.frame.findings.filters["open"].text() == "Open 43", timeout=10_000)
    assert decisions(made) == {}


def test_the_slider_tells_what_a_cut_reports_and_by_hand_it_is_kept(qtbot, page: Callable[..., FindingsPage]) -> None:
    made = page("outlier")
    key(qtbot, made, "t")
    pane = made.cutting.pane
    qtbot.waitUntil(lambda: made.frame.right.currentWidget() is pane, timeout=5_000)
    assert not pane.take.isEnabled()
    # The child looks for what lies below the cut.
    qtbot.waitUntil(lambda: pane.held is not None and pane.held.pool is not None, timeout=60_000)
    assert pane.sentence.text() == "9 findings from 0.500 on; as many as now"
    assert not pane.take.isEnabled()
    pane.slider.setValue(600)
    assert pane.sentence.text() == "4 findings from 0.600 on; 5 fewer than now"
    pane.slider.setValue(400)
    assert "more than now" in pane.sentence.text()
    pane.slider.setFocus()
    qtbot.keyClick(pane.slider, Qt.Key.Key_Right)
    assert pane.cut == pytest.approx(0.401)
    pane.slider.setValue(600)
    click(qtbot, pane.take)
    qtbot.waitUntil(lambda: made.frame.findings.filters["open"].text() == "Open 4", timeout=10_000)
    qtbot.waitUntil(lambda: "set by hand" in pane.kept.text(), timeout=10_000)
    project = made.context.need_session().project
    (kept,) = project.calibrations()
    assert (kept.check, kept.cut, kept.by_hand) == ("outlier", 0.6, True)
    assert made.frame.notices.count() == 1  # check again for the rest
    key(qtbot, made, Qt.Key.Key_Z, modifier=Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: made.frame.findings.filters["open"].text() == "Open 9", timeout=10_000)
    assert project.calibrations() == []


def test_borderline_findings_are_judged_one_by_one_and_set_the_cut(qtbot, page: Callable[..., FindingsPage]) -> None:
    made = page("outlier")
    cutting = made.cutting
    click(qtbot, made.frame.head.cut_button)
    qtbot.waitUntil(lambda: cutting.held is not None and cutting.held.pool is not None, timeout=60_000)
    click(qtbot, cutting.pane.judge)
    qtbot.waitUntil(lambda: cutting.is_asking, timeout=5_000)
    project = made.context.need_session().project
    given = 0
    while cutting.is_asking and given < 30:
        asking = cutting.round
        assert asking is not None
        finding = asking.current
        assert finding is not None
        key(qtbot, made, "y" if finding.score > 0.45 else "n")
        given += 1
        qtbot.waitUntil(lambda asking=asking: cutting.round is not asking and not cutting._busy, timeout=10_000)
        assert len(project.finding_verdicts("outlier")) == given
    qtbot.waitUntil(lambda: made.frame.right.currentWidget() is cutting.pane, timeout=10_000)
    qtbot.waitUntil(lambda: bool(project.calibrations()), timeout=10_000)
    (kept,) = project.calibrations()
    assert (kept.verdicts, kept.by_hand) == (given, False)
    qtbot.waitUntil(lambda: "are expected to be right" in cutting.pane.kept.text(), timeout=10_000)
    assert cutting.pane.let_go.isVisible()
    click(qtbot, cutting.pane.let_go)
    qtbot.waitUntil(lambda: project.calibrations() == [], timeout=10_000)


def test_escape_leads_from_the_threshold_back_to_the_findings(qtbot, page: Callable[..., FindingsPage]) -> None:
    made = page("outlier")
    key(qtbot, made, "t")
    qtbot.waitUntil(lambda: made.frame.right.currentWidget() is made.cutting.pane, timeout=5_000)
    key(qtbot, made, Qt.Key.Key_Escape)
    assert made.frame.right.currentWidget() is made.pane
    # What is looked for goes on, and leads nobody away from the findings when it is there.
    qtbot.waitUntil(lambda: made.cutting._job is None, timeout=60_000)
    assert made.frame.right.currentWidget() is made.pane


def test_somebody_elses_decision_shows_by_itself(
    qtbot, page: Callable[..., FindingsPage], support_project: Path
) -> None:
    made = page("leakage")
    row = made.pane.row
    assert row is not None
    with Project.open(support_project, actor="Bo") as other:
        from curator.model import Decision

        other.decide([Decision("", row.finding.examples[0], "", "Bo", Verdict.DROP)])
    moved_on(qtbot, made, row.id)
    assert made.inbox is not None
    assert made.inbox.find(row.id).by == "Bo"  # type: ignore[union-attr]


def test_findings_appear_while_a_check_goes_on(qtbot, page: Callable[..., FindingsPage], support_project: Path) -> None:
    made = page("leakage")
    assert made.inbox is not None
    assert made.inbox.run is not None
    with Project.open(support_project, actor="Bo") as other:
        found = list(other.findings(made.inbox.run.id, "leakage"))
        run = other.begin_run("check", made.inbox.run.settings)
        other.save_findings(run, "leakage", found[:5])
        qtbot.waitUntil(lambda: len(made.frame.findings.rows) == 5, timeout=10_000)
        assert made.frame.notices.count() == 1
        assert made.pane.row is not None
        for name in made.inbox.run.settings["checks"]:
            other.save_findings(run, name, found[:1] if name == "leakage" else [])
        other.finish_run(run, {"encoder": "aa"})
    qtbot.waitUntil(lambda: len(made.frame.findings.rows) == 1, timeout=10_000)
    qtbot.waitUntil(lambda: made.frame.notices.count() == 0, timeout=10_000)
    assert len(made.frame.checks.model.lines) == 1


def test_when_all_is_decided_the_way_leads_on(qtbot, page: Callable[..., FindingsPage], support_project: Path) -> None:
    with Project.open(support_project, actor="Ada") as project:
        inbox = project.latest_run("check")
        assert inbox is not None
        leaks = list(project.findings(inbox.id, "leakage"))
        run = project.begin_run("check", {**inbox.settings, "checks": ["leakage"]})
        project.save_findings(run, "leakage", leaks[:1])
        project.finish_run(run, {"encoder": "aa"})
    made = page()
    key(qtbot, made, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: made.pane.row is None, timeout=10_000)
    empty = made.pane.scroll.content.itemAt(0).widget()
    assert isinstance(empty, EmptyState)
    assert empty.heading.text() == "Every finding is decided"
    assert [b.text() for b in empty.findChildren(QPushButton)] == ["Go to Export", "Go to Review"]
    key(qtbot, made, Qt.Key.Key_Z, modifier=Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: made.pane.row is not None, timeout=10_000)


def test_a_finding_is_come_to_by_its_id_also_when_it_is_decided(
    qtbot, window: Open, page: Callable[..., FindingsPage]
) -> None:
    made = page("exact_duplicate")
    row = made.pane.row
    assert row is not None
    key(qtbot, made, Qt.Key.Key_Return)
    moved_on(qtbot, made, row.id)
    made.context.go("findings", check="leakage")
    qtbot.waitUntil(lambda: made.check == "leakage", timeout=5_000)
    made.context.go("findings", check="exact_duplicate", finding=row.id)
    shown_again(qtbot, made, row.id)
    assert made.frame.findings.which == "all"


def test_when_a_check_is_done_the_next_one_is_offered(qtbot, page: Callable[..., FindingsPage]) -> None:
    made = page("language")
    while made.frame.findings.rows:
        row = made.pane.row
        assert row is not None
        key(qtbot, made, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda row=row: row.id not in {one.id for one in made.frame.findings.rows}, timeout=10_000)
        qtbot.waitUntil(lambda: made.pane.row is None or made.pane.row.id == made.shown, timeout=10_000)
    empty = made.pane.scroll.content.itemAt(0).widget()
    assert isinstance(empty, EmptyState)
    assert empty.heading.text() == "Language: all decided"
    assert empty.action is not None
    click(qtbot, empty.action)
    qtbot.waitUntil(lambda: made.pane.body is not None, timeout=5_000)
    assert made.check == made.frame.checks.model.lines[0].name


def test_before_the_first_check_the_page_offers_one(qtbot, window: Open, tmp_path: Path) -> None:
    from curator import pipeline
    from curator.progress import Silent

    path, data = tmp_path / "new.curator", tmp_path / "pairs.csv"
    data.write_text("text,label\nwhere is it,delivery\nit broke,damage\n" * 5, encoding="utf-8")
    with Project.create(path) as project:
        pipeline.import_files(project, pipeline.Inputs((str(data),)), Silent())
    empty = _instead(qtbot, window, path)
    shown = empty.window()
    assert isinstance(shown, Window)
    assert empty.heading.text() == "Not checked yet"
    assert empty.action is not None
    click(qtbot, empty.action)
    assert any(job.kind == "check" for job in shown.jobs.shown)


def test_without_examples_the_page_leads_to_the_import(qtbot, window: Open, tmp_path: Path) -> None:
    Project.create(tmp_path / "new.curator").close()
    empty = _instead(qtbot, window, tmp_path / "new.curator")
    assert empty.heading.text() == "Nothing to find yet"
    assert empty.action is not None
    assert empty.action.text() == "Import a file"


def _instead(qtbot, window: Open, path: Path) -> EmptyState:
    """What the page shows instead of findings."""
    made = window(path, page="findings").pages["findings"]
    assert isinstance(made, FindingsPage)
    qtbot.waitUntil(lambda: made._empty.count() == 1, timeout=5_000)
    empty = made._empty.itemAt(0).widget()
    assert isinstance(empty, EmptyState)
    return empty


def test_thousands_of_findings_and_large_groups_show_quickly(qtbot, window: Open, tmp_path: Path) -> None:
    from time import perf_counter

    from curator.model import Example, Finding, Message, Ref, Severity, Suggestion
    from curator.progress import Silent

    path = tmp_path / "large.curator"
    with Project.create(path) as project:
        rows = (
            Example(Ref("a.csv", n, n + 1), (Message("user", f"the same question {n % 7}"), Message("assistant", "x")))
            for n in range(6_000)
        )
        project.import_source("a.csv", "sha", "csv", Role.CANDIDATE, {}, rows, Silent())
        ids = project.ids()
        pairs = [
            Finding("near_duplicate", Severity.WARNING, 0.9 - n / 10_000, (ids[n], ids[n + 1]), "two", {"keep": ids[n]},
                    Suggestion(Verdict.DROP, (ids[n + 1],)), f"{n:016x}")
            for n in range(5_000)
        ]  # fmt: skip
        huge = Finding("exact_duplicate", Severity.ERROR, 1.0, tuple(ids[:492]), "many", {"keep": ids[0]},
                       Suggestion(Verdict.DROP, tuple(ids[1:492])), "f" * 16)  # fmt: skip
        run = project.begin_run("check", {"task": "style", "seed": 0, "checks": ["exact_duplicate", "near_duplicate"]})
        project.save_findings(run, "exact_duplicate", [huge])
        project.save_findings(run, "near_duplicate", pairs)
        project.finish_run(run, {"encoder": "aa"})
    shown = window(path, page="findings")
    made = shown.pages["findings"]
    assert isinstance(made, FindingsPage)
    qtbot.waitUntil(lambda: made.pane.body is not None, timeout=20_000)
    body = made.pane.body
    assert isinstance(body, GroupBody)
    assert len(body.cards) == 12
    more = [b for b in body.findChildren(QPushButton) if b.text() == "and 480 more, in Examples"]
    assert len(more) == 1
    made.frame.checks.select("near_duplicate")
    qtbot.waitUntil(lambda: len(made.frame.findings.rows) == 5_000 and made.pane.row is not None, timeout=10_000)
    qtbot.waitUntil(lambda: made.pane.row.finding.check == "near_duplicate", timeout=10_000)
    times = []
    show = made.pane.show_finding

    def timed(*arguments: object) -> None:
        began = perf_counter()
        show(*arguments)  # type: ignore[arg-type]
        times.append(perf_counter() - began)

    made.pane.show_finding = timed  # type: ignore[method-assign]
    for _ in range(12):
        before = made.pane.row.id
        made.step(1)
        moved_on(qtbot, made, before)
    assert sorted(times)[len(times) // 2] < 0.05
