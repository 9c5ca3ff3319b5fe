"""What the export page asks of reviewers: shown where it makes a difference, counted as it is asked, written as it says."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from curator.model import Decision, Kind, Role, Round, RoundItem, Slot, Verdict, content_key
from curator.store import Project
from ui.pages.export import ExportPage

LONG = 90_000


@pytest.fixture
def settle(qtbot) -> Callable[[ExportPage], None]:
    """Waits until the page has counted with the choices that it shows."""

    def wait(page: ExportPage) -> None:
        def counted() -> bool:
            waiting = page._later.isActive() or page.reviewers._timer.isActive() or page.write._timer.isActive()
            job = page._asked
            return not waiting and job is not None and not job.running and page._fresh

        qtbot.waitUntil(counted, timeout=LONG)

    return wait


@pytest.fixture
def reviewed(support_project: Path) -> Path:
    """Ann and Bo keep 60 examples; of five more Bo would drop what Ann keeps."""
    with Project.open(support_project) as project:
        ids = project.ids(Role.CANDIDATE)[:65]
        shown = {one.id: one for one in project.get_examples(ids)}
        labels = tuple(sorted({label for _, label in project.outputs(Role.CANDIDATE)}))
        items = [RoundItem(id, content_key(shown[id]), place) for place, id in enumerate(ids)]
        slots = [Slot(id, at, name, place) for place, id in enumerate(ids) for at, name in enumerate(("Ann", "Bo"))]
        new = Round("", 0, "", "classification", labels, "", 0, ("Ann", "Bo"), 2)
        round = project.rounds.add(new, items, slots)
        for name in ("Ann", "Bo"):
            project.decide(
                [
                    Decision(
                        "",
                        id,
                        "",
                        name,
                        Verdict.DROP if name == "Bo" and at >= 60 else Verdict.KEEP,
                        kind=Kind.VOTE,
                        round=round.id,
                    )
                    for at, id in enumerate(ids)
                ]
            )
    return support_project


def page_of(window, project: Path, settle) -> ExportPage:
    page = window(project, "export").pages["export"]
    assert isinstance(page, ExportPage)
    settle(page)
    return page


def test_without_reviewers_nothing_is_asked_of_them(window, support_project: Path, settle) -> None:
    page = page_of(window, support_project, settle)
    assert not page.reviewers.isVisible()


def test_what_is_asked_is_counted_shown_and_written(window, reviewed: Path, settle, qtbot, tmp_path: Path) -> None:
    page = page_of(window, reviewed, settle)
    card = page.reviewers
    assert card.isVisible()
    assert card.disputes.isChecked()
    assert card.effects["disagreement"].text() == "keeps 5 out"
    assert "Unanimous" in card.origins.accessibleName()
    assert "Round 1: reviewers agree" in card.rounds.text()
    before = page._view.chosen
    card.votes.setFocus()
    card.votes.selectAll()
    qtbot.keyClicks(card.votes, "2")
    settle(page)
    assert page._view.chosen < before
    assert card.effects["votes"].isVisible()
    assert len(page._view.work.left["votes"]) > 800
    card.disputes.click()
    settle(page)
    assert card.effects["disagreement"].text() == "would keep 5 out"
    assert page._choices.arguments()["require"] == ["votes>=2"]
    page._take_folder(str(tmp_path / "out"))
    page.below.known.setChecked(True)
    qtbot.waitUntil(lambda: page.write.export.isEnabled(), timeout=LONG)
    page.start()
    qtbot.waitUntil(lambda: page.stack.currentWidget() is page.written, timeout=LONG)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert manifest["settings"]["require"] == ["votes>=2"]
    assert manifest["counts"]["chosen"] == page._view.chosen
    assert set(manifest["counts"]["provenance"]) == {"unanimous", "none"}
    with Project.open(reviewed) as project:
        assert any(decision.kind is Kind.CONSENSUS for decision in project.decisions())


def test_every_control_has_a_name_and_is_reached_by_tab(window, reviewed: Path, settle) -> None:
    card = page_of(window, reviewed, settle).reviewers
    for control in (card.disputes, card.adjudicated, card.votes, card.consensus, card.alpha):
        assert control.accessibleName() or control.text()
        assert control.focusPolicy().value & 1
