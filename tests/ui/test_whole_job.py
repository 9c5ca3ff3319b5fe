"""From a file to a release with keys and clicks alone, as a person does it the first time."""

from __future__ import annotations

import json
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from curator import pipeline, targets
from curator.model import Verdict
from curator.store import Project
from ui.pages.findings.bodies import GroupBody
from ui.pages.findings.label_bodies import LabelBody
from ui.pages.starting import FOLDER

CTRL, NONE = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier
KEY, LEFT = Qt.Key, Qt.MouseButton.LeftButton
WAIT, LONG = 20_000, 120_000


def press(shown, key: Qt.Key, modifier: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(QApplication.focusWidget() or shown, key, modifier)


def decided(shown) -> dict[int, Verdict]:
    return {decision.example: decision.verdict for decision in shown.session.project.decisions()}


def test_import_check_decide_undo_and_export(window, qtbot, settings, tmp_path: Path):
    (tmp_path / "projects").mkdir()
    settings.set(FOLDER, str(tmp_path / "projects"))
    candidates, evals, _task = pipeline.sample("support")
    shown = window()

    # Import: what is shown is what was detected.
    shown.open_files([str(candidates), str(evals)])
    importing = shown.pages["importing"]
    qtbot.waitUntil(lambda: importing.begin.isEnabled(), timeout=WAIT)
    qtbot.mouseClick(importing.begin, LEFT)
    qtbot.waitUntil(lambda: shown.place == "overview" and not shown.jobs.busy, timeout=WAIT)
    counts = shown.session.project.counts()
    assert {str(role): number for role, number in counts.examples.items()} == {"candidate": 955, "eval": 160}

    # Check: the window lives on, and what is found appears.
    press(shown, KEY.Key_F5)
    assert shown.jobs.shown
    qtbot.waitUntil(lambda: not shown.jobs.busy, timeout=LONG)

    # A duplicate group, with another keeper than the one proposed.
    press(shown, KEY.Key_3, CTRL)
    findings = shown.pages["findings"]
    qtbot.waitUntil(lambda: findings.pane.body is not None, timeout=WAIT)
    shown.go("findings", check="near_duplicate")
    qtbot.waitUntil(lambda: findings.check == "near_duplicate" and _shown(findings, GroupBody), timeout=WAIT)
    group = findings.pane.body.view.examples
    press(shown, KEY.Key_2)
    press(shown, KEY.Key_Return)
    qtbot.waitUntil(lambda: bool(decided(shown)), timeout=WAIT)
    assert decided(shown) == {group[0].id: Verdict.DROP}

    # Twenty labels by keyboard, five of them taken back.
    shown.go("findings", check="label_error")
    labels: dict[int, str] = {}
    for _ in range(20):
        qtbot.waitUntil(lambda: _fresh(findings, labels), timeout=WAIT)
        view = findings.pane.body.view
        labels[view.card.id] = view.suggested
        press(shown, KEY.Key_Y)
        qtbot.waitUntil(lambda: len(decided(shown)) == 1 + len(labels), timeout=WAIT)
    for _ in range(5):
        before = len(decided(shown))
        press(shown, KEY.Key_Z, CTRL)
        qtbot.waitUntil(lambda before=before: len(decided(shown)) == before - 1, timeout=WAIT)
        labels.popitem()
    relabelled = {example: verdict for example, verdict in decided(shown).items() if verdict is Verdict.RELABEL}
    assert set(relabelled) == set(labels)

    # Export: labels changed since the check, so the page asks for another one first; then what is on disk is what was shown.
    press(shown, KEY.Key_9, CTRL)
    export = shown.pages["export"]
    folder = tmp_path / "release"
    qtbot.waitUntil(lambda: getattr(export, "need", None) is not None and export.need.isVisible(), timeout=LONG)
    qtbot.mouseClick(export.need.action, LEFT)
    qtbot.waitUntil(lambda: export.write.folder.isVisible(), timeout=LONG)
    export.write.folder.setFocus()
    export.write.folder.selectAll()
    qtbot.keyClicks(export.write.folder, str(folder))
    qtbot.waitUntil(export.write.export.isEnabled, timeout=LONG)
    qtbot.mouseClick(export.write.export, LEFT)
    qtbot.waitUntil(lambda: (folder / "manifest.json").exists() and not shown.jobs.busy, timeout=LONG)

    _check_files(folder, shown.session.project, labels, group[0].id)


def _fresh(findings, done: dict[int, str]) -> bool:
    """Whether a label is shown that was not decided yet."""
    return (
        findings.check == "label_error" and _shown(findings, LabelBody) and findings.pane.body.view.card.id not in done
    )


def _shown(findings, kind: type) -> bool:
    """Whether the chosen finding is the one that is shown, and of this kind."""
    row = findings.pane.row
    return row is not None and findings.shown == row.id and isinstance(findings.pane.body, kind)


def _check_files(folder: Path, project: Project, labels: dict[int, str], dropped: int) -> None:
    """Every relabelled example is written with its new label, the dropped one is not, and the provider takes the files."""
    rows = [json.loads(line) for line in (folder / "rows.jsonl").read_text("utf-8").splitlines()]
    lines = {
        split: (folder / "openai" / f"{split}.jsonl").read_text("utf-8").splitlines()
        for split in ("train", "validation")
    }
    written = {
        (row["from"]["source"], row["from"]["record"]): json.loads(lines[row["split"]][row["lines"]["openai"] - 1])
        for row in rows
        if "openai" in row["lines"]
    }
    for example in project.get_examples(labels):
        record = written.get((example.ref.source, example.ref.record))
        # A label that is right now can still be out for another reason, such as a leak.
        assert record is None or record["messages"][-1]["content"] == labels[example.id]
    assert sum((e.ref.source, e.ref.record) in written for e in project.get_examples(labels)) >= 10
    (gone,) = project.get_examples([dropped])
    assert (gone.ref.source, gone.ref.record) not in written
    for split in lines:
        assert list(targets.get("openai").validate_file(folder / "openai" / f"{split}.jsonl", split)) == []
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["certificate"]["groups_straddling"] == 0


def test_two_windows_on_one_project_see_each_others_decisions(window, support_project, qtbot, settings):
    first = window(support_project, "review")
    settings.set("reviewer", "Grace")
    second = window(support_project, "examples")
    sitting = first.pages["review"].sitting
    qtbot.waitUntil(lambda: sitting.card is not None and not sitting.busy, timeout=WAIT)
    heard = []
    second.session.changed.connect(heard.append)
    example = sitting.card.id
    first.activateWindow()
    qtbot.waitUntil(first.isActiveWindow, timeout=WAIT)
    QTest.keyClick(first.focusWidget() or first, KEY.Key_A)
    qtbot.waitUntil(lambda: any(example in change.examples for change in heard), timeout=WAIT)
    qtbot.waitUntil(lambda: example in second.session.catalogue.view(_kept()), timeout=WAIT)


def _kept():
    from curator.catalogue import Filter

    return Filter(statuses=("keep",))
