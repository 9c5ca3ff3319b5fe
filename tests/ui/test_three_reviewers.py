"""Three people with known error rates, from packets by keys to a release: who errs more is known in the end."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from curator.model import Kind, Role, Verdict
from curator.review.packets.exchange import write_packets
from curator.review.rounds.planning import Asked, Scope, begin, plan
from curator.store import Project

KEY, LEFT = Qt.Key, Qt.MouseButton.LeftButton
CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
LONG = 120_000
ITEMS = 24
ERRORS = {"Ann": 0.05, "Bo": 0.25, "Cy": 0.55}
"""How often each says another label than the right one."""


@pytest.fixture
def right(support_project: Path) -> dict[int, str]:
    """The right labels, by example: of the few commonest, so that each has a number key."""
    with Project.open(support_project) as project:
        outputs = dict(project.outputs(Role.CANDIDATE))
        found = {f.id: f for f in project.findings(project.latest_run("check").id, evidence=False)}
    suspect = {id for finding in found.values() for id in finding.examples}
    labels = [label for label, _ in Counter(outputs.values()).most_common(6)]
    clean = [id for id, label in outputs.items() if label in labels and id not in suspect]
    return {id: outputs[id] for id in clean[:ITEMS]}


def vote_by_keys(opened, packet: Path, answer: Path, qtbot, error: float, seed: str) -> None:
    """One reviewer: opens the packet, presses a number key for each card, and writes the answer."""
    chance = random.Random(seed)
    opened.open_files([str(packet)])
    page = opened.pages["review"]
    qtbot.waitUntil(lambda: page.sitting.card is not None and bool(page.sitting.labels), timeout=LONG)
    page.take_keys()
    names = [label.name for label in page.sitting.labels.listed]
    assert page.sitting.card.example.output in ("", None) or page.sitting.card.hides_output
    for done in range(1, ITEMS + 1):
        said = truth(page.sitting.card)
        if chance.random() < error:
            said = chance.choice([name for name in names if name != said])
        qtbot.keyClick(page, getattr(KEY, f"Key_{names.index(said) + 1}"))
        qtbot.waitUntil(
            lambda done=done: page.sitting.deck.decided_here == done and not page.sitting.busy, timeout=LONG
        )
    qtbot.waitUntil(lambda: page.views.currentWidget() is page.ending, timeout=LONG)
    qtbot.keyClick(page, KEY.Key_S, CTRL_SHIFT)
    qtbot.waitUntil(answer.exists, timeout=LONG)


TRUTH: dict[str, str] = {}


def truth(card) -> str:
    """What a reviewer who makes no mistake would say, from the text alone: the label is not shown."""
    return TRUTH[card.example.input]


def test_from_packets_to_a_release(
    window, support_project: Path, right: dict[int, str], tmp_path: Path, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = tuple(sorted(set(right.values())))
    with Project.open(support_project) as project:
        TRUTH.update((e.input, right[e.id]) for e in project.get_examples(right))
        asked = Asked(
            tuple(ERRORS), Scope.IDS, ids=tuple(right), overlap=3, hide_output=True, labels=labels, name="pilot"
        )
        round = begin(project, plan(project, asked))
        (tmp_path / "out").mkdir()
        packets = {one.reviewer: one.path for one in write_packets(project, round, tmp_path / "out")}

    answers = []
    for name, error in ERRORS.items():
        answer = tmp_path / f"{name}.packet"
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, answer=answer: (str(answer), ""))
        opened = window()
        vote_by_keys(opened, packets[name], answer, qtbot, error, name)
        opened.close()
        answers.append(str(answer))

    owner = window(support_project)
    owner.open_files(answers)
    project = owner.session.project
    qtbot.waitUntil(lambda: len(project.rounds.votes()) == 3 * ITEMS, timeout=LONG)
    given = {(v.reviewer, v.example): v.value or right[v.example] for v in project.rounds.votes()}
    wrong = Counter(name for (name, id), label in given.items() if label != right[id])
    assert wrong["Ann"] < wrong["Bo"] < wrong["Cy"]

    # Agreement: the quality that the votes tell orders the three as they are.
    owner.go("agreement", round=round.id)
    agreement = owner.pages["agreement"]
    qtbot.waitUntil(lambda: agreement._view is not None and not agreement._view.waiting, timeout=LONG)
    assert [line.cells[0] for line in agreement._view.reviewers.lines] == list(ERRORS)

    # What is unanimous settles itself; the rest by keys, by somebody who knows.
    owner.go("adjudicate", round=round.id)
    page = owner.pages["adjudicate"]
    qtbot.waitUntil(lambda: page.sitting.dispute is not None and not page.sitting.busy, timeout=LONG)
    page.take_keys()
    disputed = 0
    while page.sitting.dispute is not None:
        about = page.sitting.dispute.example
        key = next(at for at, choice in enumerate(page.offered, 1) if choice.name == right[about])
        QTest.keyClick(QApplication.focusWidget() or page, getattr(KEY, f"Key_{key}"))
        qtbot.waitUntil(
            lambda about=about: (
                not page.sitting.busy and (page.sitting.dispute is None or page.sitting.dispute.example != about)
            ),
            timeout=LONG,
        )
        disputed += 1
    kinds = Counter(d.kind for d in project.decisions())
    assert kinds[Kind.ADJUDICATION] == disputed > 5

    # The export goes by what was decided, and says how it came about.
    folder = tmp_path / "release"
    owner.go("export")
    export = owner.pages["export"]
    # Every label is as it was, so that the last check holds and no other is asked for.
    qtbot.waitUntil(lambda: export.write.folder.isVisible(), timeout=LONG)
    export.write.folder.setFocus()
    export.write.folder.selectAll()
    qtbot.keyClicks(export.write.folder, str(folder))
    qtbot.waitUntil(export.write.export.isEnabled, timeout=LONG)
    qtbot.mouseClick(export.write.export, LEFT)
    qtbot.waitUntil(lambda: (folder / "manifest.json").exists(), timeout=LONG)
    with Project.open(support_project) as after:
        settled = {d.example: d for d in after.decisions() if d.kind in (Kind.CONSENSUS, Kind.ADJUDICATION)}
        shown = {e.id: e.output for e in after.get_examples(settled)}
    assert set(settled) == set(right)
    # All that was adjudicated is right; unanimous votes of three may all be wrong, though hardly ever.
    assert sum(shown[id] != right[id] for id in right) <= 1
    assert {d.verdict for d in settled.values()} <= {Verdict.KEEP, Verdict.RELABEL}
    rows = [json.loads(line) for line in (folder / "rows.jsonl").read_text(encoding="utf-8").splitlines()]
    how = Counter(row["provenance"]["how"] for row in rows if row.get("provenance"))
    assert how["adjudicated"] > 5
    assert how["unanimous"] > 2
