"""The guide says what is there: a page for each check, links that lead somewhere, the keys and commands as they are."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer

from curator.checks import CHECKS
from curator.cli import app
from curator.tasks import NEEDS
from ui import i18n
from ui.presenters import guide
from ui.presenters.words import check_title, task_title

FOLDER = Path(__file__).parent.parent / "resources" / "guide"
PAGES = sorted(path.stem for path in FOLDER.glob("*.md"))
GERMAN = sorted(path.stem for path in (FOLDER / "de").glob("*.md"))
ALL = [(name, "en") for name in PAGES] + [(name, "de") for name in GERMAN]


def text_of(name: str, language: str) -> str:
    folder = FOLDER if language == "en" else FOLDER / language
    return (folder / f"{name}.md").read_text(encoding="utf-8")


def headings(text: str) -> set[str]:
    return {guide.anchor(line.lstrip("# ")) for line in text.splitlines() if line.startswith("#")}


def test_every_check_has_its_page_and_every_such_page_a_check() -> None:
    assert {name.removeprefix("check-") for name in PAGES if name.startswith("check-")} == set(CHECKS)


@pytest.mark.parametrize("check", CHECKS)
def test_the_page_of_a_check_is_called_as_the_window_calls_it(check: str) -> None:
    page = guide.article(f"check-{check}", "en")
    assert page.title == check_title(check)
    assert f"`{check}`" in page.text
    for part in (
        "What it finds",
        "What its evidence means",
        "How to judge it",
        "When it is wrong",
        "Accept and dismiss",
    ):
        assert f"## {part}\n" in page.text
    assert page.text.count("\n> ") >= 2, "it shows examples to judge"


def test_german_pages_of_checks_are_called_as_the_german_window_calls_them() -> None:
    i18n.use("de")
    try:
        titles = {name: check_title(name) for name in CHECKS if f"check-{name}" in GERMAN}
    finally:
        i18n.use("en")
    assert titles
    assert {name: guide.article(f"check-{name}", "de").title for name in titles} == titles


@pytest.mark.parametrize(("name", "language"), ALL)
def test_every_link_leads_somewhere(name: str, language: str) -> None:
    for address in guide.links(text_of(name, language)):
        leads = guide.target(address, name)
        if leads.outside:
            assert leads.outside.startswith("https://")
            continue
        assert guide.exists(leads.page), f"{name}: {address}"
        if leads.heading:
            assert leads.heading in headings(guide.article(leads.page, language).text), f"{name}: {address}"


@pytest.mark.parametrize("name", GERMAN)
def test_links_of_a_translation_work_as_files_too(name: str) -> None:
    for address in guide.links(text_of(name, "de")):
        path = address.partition("#")[0]
        if path and "://" not in path:
            assert (FOLDER / "de" / path).resolve().is_file(), address


def test_every_page_can_be_reached_from_the_index() -> None:
    reached, todo = set(), ["index"]
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo += [guide.target(address, name).page for address in guide.links(text_of(name, "en"))]
    assert reached - {""} == set(PAGES)


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_contents_list_every_page_once(language: str) -> None:
    listed = [entry.name for group in guide.contents(language) for entry in group.entries]
    assert sorted(listed) == PAGES


def test_the_contents_call_pages_by_their_titles() -> None:
    for language in ("en", "de"):
        for group in guide.contents(language):
            for entry in group.entries:
                page = guide.article(entry.name, language)
                assert entry.title == page.title or not page.translated


@pytest.mark.parametrize("language", ["en", "de"])
def test_titles_are_unique(language: str) -> None:
    titles = [guide.article(name, language).title for name in PAGES]
    assert len(set(titles)) == len(titles)
    assert all(titles)


@pytest.mark.parametrize(("name", "language"), ALL)
def test_a_page_begins_with_its_title_and_has_one(name: str, language: str) -> None:
    lines = text_of(name, language).splitlines()
    assert lines[0].startswith("# ")
    assert sum(line.startswith("# ") for line in lines) == 1


@pytest.mark.parametrize("name", GERMAN)
def test_a_translation_has_the_parts_of_its_original(name: str) -> None:
    counted = [
        (text.count("\n## "), text.count("\n| "), len(re.findall(r"^    \S", text, re.MULTILINE)))
        for text in (text_of(name, "en"), text_of(name, "de"))
    ]
    assert counted[0] == counted[1]


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_sizes_are_those_of_the_task_table(language: str) -> None:
    text = text_of("when-to-fine-tune", language)
    rows = re.findall(r"^\| ([^|]+) \| ([\d,.]+) \| ([\d,.]+) \|$", text, re.MULTILINE)
    numbers = [tuple(int(re.sub(r"\D", "", number)) for number in row[1:]) for row in rows]
    assert numbers == [(need.minimum, need.ideal) for need in NEEDS.values()]
    if language == "en":
        assert [row[0] for row in rows] == [task_title(task) for task in NEEDS]


@pytest.mark.parametrize(("name", "language"), ALL)
def test_the_commands_shown_exist_with_their_options(name: str, language: str) -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    text = text_of(name, language)
    shown = re.findall(r"^    curator (.+)$", text, re.MULTILINE)
    shown += re.findall(r"`curator ([a-z]+[^`]*)`", text)
    for line in shown:
        command, *arguments = shlex.split(line)
        assert command in commands, line
        options = {flag for parameter in commands[command].params for flag in parameter.opts}
        assert {word for word in arguments if word.startswith("--")} <= options, line


def test_german_explains_words_in_german() -> None:
    assert {"index", "getting-started", "when-to-fine-tune", "reviewing", "keys"} <= set(GERMAN) <= set(PAGES)
    assert guide.article("index", "de").translated
    assert not guide.article("scores", "de").translated  # measurements, for those who read papers
    assert guide.article("scores", "de").text == guide.article("scores", "en").text


def test_search_finds_pages_by_beginnings_of_words_titles_first() -> None:
    assert guide.search("near-dup", "en")[0].name == "check-near_duplicate"
    assert guide.search("thresh", "en")[0].name == "thresholds"
    found = {hit.name for hit in guide.search("cosine eval", "en")}
    assert "check-leakage" in found
    assert guide.search("xylophone", "en") == []
    assert guide.search("   ", "en") == []


def test_excerpts_show_what_was_searched_for() -> None:
    for hit in guide.search("orchid", "en"):
        assert "orchid" in hit.excerpt.casefold()
        assert "](" not in hit.excerpt
        assert "**" not in hit.excerpt


def test_a_page_of_another_name_is_refused() -> None:
    for name in ("nowhere", "../README", "de/index"):
        assert not guide.exists(name)
        with pytest.raises(KeyError):
            guide.article(name, "en")


def test_every_page_of_the_window_has_a_page_that_fits() -> None:
    assert all(guide.exists(name) for name in guide.FITTING.values())
    assert guide.fitting("review") == "reviewing"
    assert guide.fitting("nowhere") == "index"
