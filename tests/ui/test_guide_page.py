"""The guide in the window: contents, search, links, the way back, and the page that fits."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QPoint, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QTextCursor
from PySide6.QtWidgets import QApplication, QLabel, QListWidgetItem

from ui.pages.guide import NAME, GuidePage
from ui.presenters import guide
from ui.presets import PRESETS
from ui.theme import css

KEYS = Path(__file__).parent.parent.parent / "resources" / "guide" / "keys.md"
SCOPES = {
    "Everywhere": ("app",),
    "Overview": ("overview",),
    "Fine-tune at all?": ("readiness",),
    "Import and export": ("importing", "export", "releases"),
    "Examples": ("examples",),
    "Findings": ("findings",),
    "Review": ("review",),
    "Rounds": ("rounds",),
    "Agreement": ("agreement",),
    "Adjudicate": ("adjudicate",),
    "Compare": ("compare",),
    "Map": ("map",),
    "Guide": ("guide",),
}


@pytest.fixture
def page(window) -> GuidePage:
    return window(page="guide").pages["guide"]


def lines(page: GuidePage) -> list[str]:
    """The pages that the list on the left leads to."""
    items = [page.list.item(at) for at in range(page.list.count())]
    return [item.data(NAME) for item in items if item.data(NAME)]


def line_of(page: GuidePage, name: str) -> QListWidgetItem:
    return next(i for i in map(page.list.item, range(page.list.count())) if i.data(NAME) == name)


def click_on(qtbot, page: GuidePage, words: str) -> None:
    """Click the first place where the page says this."""
    QApplication.processEvents()  # what was asked to be laid out anew is, before anybody points at it
    found = page.view.document().find(words)
    assert not found.isNull(), words
    place = QTextCursor(page.view.document())
    place.setPosition(found.selectionStart() + 1)
    page.view.setTextCursor(place)
    page.view.ensureCursorVisible()
    middle = page.view.cursorRect(place).center() + QPoint(2, 0)
    qtbot.mouseMove(page.view.viewport(), middle)
    qtbot.mouseClick(page.view.viewport(), Qt.MouseButton.LeftButton, pos=middle)


def text(page: GuidePage) -> str:
    return page.view.toPlainText()


def test_it_opens_with_the_index_and_lists_every_page(page: GuidePage) -> None:
    assert page.shown == "index"
    assert lines(page) == [entry.name for group in guide.contents() for entry in group.entries]
    assert text(page).startswith("Guide")


def test_a_page_of_the_contents_is_shown_by_a_click(page: GuidePage, qtbot) -> None:
    item = line_of(page, "thresholds")
    page.list.scrollToItem(item)
    qtbot.mouseClick(page.list.viewport(), Qt.MouseButton.LeftButton, pos=page.list.visualItemRect(item).center())
    assert page.shown == "thresholds"
    assert text(page).startswith("Thresholds")


def test_links_lead_to_other_pages_and_the_way_back_keeps_the_place(page: GuidePage, qtbot) -> None:
    page.show_page("reviewing")
    page.view.resize(page.view.width(), 240)
    bar = page.view.verticalScrollBar()
    bar.setValue(bar.maximum())
    before = bar.value()
    assert before > 0
    qtbot.mouseClick(page.back, Qt.MouseButton.LeftButton)
    assert page.shown == "index"
    qtbot.mouseClick(page.forward, Qt.MouseButton.LeftButton)
    assert (page.shown, bar.value()) == ("reviewing", before)
    click_on(qtbot, page, "Wrong labels")
    assert page.shown == "check-label_error"
    assert not page.forward.isEnabled()
    qtbot.keyClick(page.view, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert page.shown == "reviewing"
    qtbot.keyClick(page.view, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert page.shown == "check-label_error"


def test_a_link_to_a_heading_scrolls_there(page: GuidePage, qtbot) -> None:
    page.show_page("getting-started")
    click_on(qtbot, page, "its page")
    assert page.shown == "index"
    assert page.view.verticalScrollBar().value() > 0


class Browser(QObject):
    """Stands where the system's browser would."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        self.opened.append(url.toString())


def test_a_link_outside_opens_only_when_it_is_clicked(page: GuidePage, qtbot) -> None:
    browser = Browser()
    QDesktopServices.setUrlHandler("https", browser, "open")
    try:
        page.view.show_text("# Outside\n\nSee [the paper](https://example.org/paper) and this.\n")
        assert browser.opened == []
        click_on(qtbot, page, "paper")
        assert browser.opened == ["https://example.org/paper"]
        assert page.view.viewport().toolTip() == "https://example.org/paper"
    finally:
        QDesktopServices.unsetUrlHandler("https")


def test_markup_in_a_page_stays_text(page: GuidePage) -> None:
    page.view.show_text("# Markup\n\n<img src='https://example.org/x.png'> <b>not bold</b>\n")
    assert "<b>not bold</b>" in text(page)


def test_search_finds_and_marks_and_escape_lets_go(page: GuidePage, qtbot) -> None:
    qtbot.keyClick(page.view, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert page.field.hasFocus()
    qtbot.keyClicks(page.field, "orchid")
    qtbot.waitUntil(lambda: lines(page) == ["check-mismatched_pair"])
    qtbot.keyClick(page.field, Qt.Key.Key_Return)
    assert page.shown == "check-mismatched_pair"
    marked = [mark.cursor.selectedText() for mark in page.view.extraSelections()]
    assert marked == ["orchid"]
    qtbot.keyClick(page.field, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: len(lines(page)) > 10)
    assert page.list.currentItem().data(NAME) == "check-mismatched_pair"


def test_arrows_choose_among_what_was_found(page: GuidePage, qtbot) -> None:
    qtbot.keyClicks(page.field, "undo")
    qtbot.waitUntil(lambda: 2 <= len(lines(page)) < 15)
    second = lines(page)[1]
    qtbot.keyClick(page.field, Qt.Key.Key_Down)
    qtbot.keyClick(page.field, Qt.Key.Key_Return)
    assert page.shown == second


def test_a_search_for_nothing_there_says_so(page: GuidePage, qtbot) -> None:
    qtbot.keyClicks(page.field, "xylophone")
    qtbot.waitUntil(lambda: lines(page) == [])
    said = [label.text() for label in page.list.findChildren(QLabel)]
    assert "No page has all these words." in said


@pytest.mark.parametrize(
    ("place", "name"), [("overview", "getting-started"), ("review", "reviewing"), ("export", "export")]
)
def test_f1_opens_the_page_that_fits(window, support_project: Path, qtbot, place: str, name: str) -> None:
    opened = window(support_project, page=place)
    qtbot.keyClick(opened, Qt.Key.Key_F1)
    assert opened.place == "guide"
    assert opened.pages["guide"].shown == name


def test_f1_on_findings_opens_the_page_of_the_check(window, support_project: Path, qtbot) -> None:
    opened = window(support_project, page="findings")
    opened.go("findings", check="leakage")
    qtbot.waitUntil(lambda: opened.pages["findings"].check == "leakage")
    qtbot.keyClick(opened, Qt.Key.Key_F1)
    assert opened.pages["guide"].shown == "check-leakage"


def test_it_can_be_asked_for_one_page(window) -> None:
    opened = window()
    opened.go("guide", page="check-near_duplicate")
    assert text(opened.pages["guide"]).startswith("Near-duplicates")
    opened.go("welcome")
    opened.go("guide")
    assert opened.pages["guide"].shown == "check-near_duplicate"
    opened.go("guide", page="nowhere")
    assert opened.pages["guide"].shown == "check-near_duplicate"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_and_links_have_the_colours_of_the_theme(window, settings, theme: str) -> None:
    settings.set("theme", theme)
    page = window(page="guide").pages["guide"]
    page.show_page("thresholds")
    at = page.view.document().find("leaks")
    assert at.charFormat().foreground().color().name() == css("accent")
    assert page.view.palette().text().color().name() == css("text")


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_lines_fit_the_room_where_letters_are_large(window, settings, qtbot, scale: float) -> None:
    settings.set("scale", scale)
    opened = window(page="guide")
    opened.resize(1440, 900)
    page = opened.pages["guide"]
    page.show_page("projects")
    qtbot.waitUntil(lambda: page.width() > 800)
    assert page.view.horizontalScrollBar().maximum() == 0
    assert page.view.width() > page.side.width()


def test_german_falls_back_to_english_and_says_so(window, settings) -> None:
    settings.set("language", "de")
    page = window(page="guide").pages["guide"]
    assert text(page).startswith("Handbuch")
    assert not page.untranslated.isVisible()
    page.show_page("scores")
    assert text(page).startswith("What was tried")
    assert page.untranslated.isVisible()
    assert line_of(page, "scores").text().startswith("Was zu jedem Wert")
    page.show_page("reviewing")
    assert text(page).startswith("Durchsicht")
    assert not page.untranslated.isVisible()


# keys.md


def documented() -> dict[str, list[str]]:
    """The keys that each section names, one row a line."""
    sections: dict[str, list[str]] = {}
    for part in KEYS.read_text(encoding="utf-8").split("\n## ")[1:]:
        title, _, body = part.partition("\n")
        rows = [row for row in body.splitlines() if row.startswith("| `")]
        sections[title] = [row.split("|")[1] for row in rows]
    return sections


def keys_of(cell: str) -> set[str]:
    named = re.findall(r"`([^`]+)`", cell)
    if "–" in cell or "…" in cell:
        first, last = named
        stem = first[:-1]
        return {f"{stem}{n}" for n in range(int(first[-1]), int(last[-1]) + 1)}
    return set(named)


def test_the_page_of_keys_names_the_keys_as_they_are(window, support_project: Path) -> None:
    registry = window(support_project, whole=True).registry
    sections = documented()
    for title, scopes in SCOPES.items():
        actions = [action for action in registry if action.scope in scopes and action.keys]
        have = {key for action in actions for key in action.keys}
        named = {key for cell in sections.get(title, ()) for key in keys_of(cell)}
        assert named <= have, f"{title} names keys that do nothing there"
        missing = [action.id for action in actions if not named & set(action.keys)]
        assert missing == [], f"{title} lacks these"
    assert {action.scope for action in registry} <= {scope for scopes in SCOPES.values() for scope in scopes}


def test_the_page_of_keys_names_the_keys_of_other_tools(window, support_project: Path) -> None:
    registry = window(support_project, whole=True).registry
    table = KEYS.read_text(encoding="utf-8").split("| | ")[1].splitlines()
    tools = [cell.strip() for cell in table[0].split("|") if cell.strip()]
    by_title = {preset.title: preset for preset in PRESETS.values()}
    assert set(tools) == set(by_title) - {"Curator"}
    ids = {
        "keep": "review.keep",
        "drop": "review.drop",
        "skip": "review.skip",
        "flag": "review.flag",
        "edit": "review.edit",
        "note": "review.note",
        "undo": "app.undo",
        "the example before": "review.previous",
        "the next example": "review.next",
    }
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:] if line.startswith("|")]
    assert {row[0] for row in rows} == set(ids)
    assert {id for tool in tools for id in by_title[tool].keys} <= set(ids.values())
    for row in rows:
        id = ids[row[0]]
        for tool, cell in zip(tools, row[1:], strict=True):
            keys = set(by_title[tool].keys.get(id, registry[id].keys)) - {"Enter"}
            assert keys_of(cell) == keys, f"{tool}: {row[0]}"
