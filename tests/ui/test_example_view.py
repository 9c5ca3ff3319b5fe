import time

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QGuiApplication, QTextDocument

from curator.model import Example, Finding, Message, Ref, Severity, ToolCall
from ui.widgets.example_view import ExampleView

REF = Ref("a.jsonl", 0, 1)
HOSTILE = '<img src="file:///etc/passwd"><script>alert(1)</script> <a href="more:1">x</a> & &lt;b&gt; <b>bold'


def asked(text: str, answer: str, id: int = 1) -> Example:
    return Example(REF, (Message("user", text), Message("assistant", answer)), id=id)


@pytest.fixture
def view(qtbot):
    made = ExampleView()
    qtbot.addWidget(made)
    made.resize(500, 400)
    made.show()
    return made


def test_hostile_text_is_shown_letter_by_letter(view):
    view.show_example(asked(HOSTILE, HOSTILE))
    assert view.shown_text.count(HOSTILE) == 2
    assert "<script>" not in view.text.document().toHtml().replace("&lt;", "")
    assert not any(
        fragment.charFormat().isAnchor() or fragment.charFormat().isImageFormat() for fragment in fragments(view)
    )


def fragments(view):
    block = view.text.document().begin()
    while block.isValid():
        at = block.begin()
        while not at.atEnd():
            yield at.fragment()
            at += 1
        block = block.next()


def test_nothing_is_ever_loaded(view, tmp_path):
    picture = tmp_path / "secret.txt"
    picture.write_text("secret")
    assert view.text.loadResource(QTextDocument.ResourceType.ImageResource, QUrl.fromLocalFile(str(picture))) is None


def test_characters_that_cannot_be_shown_do_no_harm(view):
    view.show_example(asked("a\x00b\ud800c\u2029d\r\ne\x0bf", "\x1b[31mred"))
    assert "a\u2400b\ufffdc\nd \ne\nf" in view.shown_text
    assert "\u241b[31mred" in view.shown_text


def test_right_to_left_paragraphs_are_laid_out_from_the_right(view):
    view.show_example(asked("שלום, hello\nHello שלום\n123", "مرحبا"))
    directions = {}
    block = view.text.document().begin()
    while block.isValid():
        directions[block.text()] = block.blockFormat().layoutDirection()
        block = block.next()
    assert directions["שלום, hello"] is Qt.LayoutDirection.RightToLeft
    assert directions["Hello שלום"] is Qt.LayoutDirection.LeftToRight
    assert directions["مرحبا"] is Qt.LayoutDirection.RightToLeft


def test_selected_text_is_copied_without_what_is_said_beside_it(view, qtbot):
    finding = Finding(
        "schema", Severity.ERROR, 1.0, (1,), "x", {"violations": [{"field": "$.unit", "problem": "not a unit"}]}
    )
    view.show_example(asked("two trays", '{"unit":"باريس","n":2}'), [finding])
    assert "not a unit" in view.shown_text
    view.text.setFocus()
    qtbot.keyClick(view.text, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(view.text, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == 'two trays\n{\n  "unit": "باريس",\n  "n": 2\n}'


def test_keys_scroll_a_long_example(view, qtbot):
    view.show_example(asked("line\n" * 200, "ok"))
    view.setFocus()
    bar = view.text.verticalScrollBar()
    qtbot.keyClick(view.text, Qt.Key.Key_PageDown)
    first = bar.value()
    assert first > 0
    qtbot.keyClick(view.text, Qt.Key.Key_Down)
    assert bar.value() > first
    qtbot.keyClick(view.text, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: bar.value() == 0)


def test_the_rest_of_a_long_text_is_one_key_away(view, qtbot):
    view.show_example(asked("word " * 3_000, "the end"))
    assert "Show all" in view.shown_text
    view.text.setFocus()
    qtbot.keyClick(view.text, Qt.Key.Key_Tab)
    qtbot.keyClick(view.text, Qt.Key.Key_Return)
    assert "Show all" not in view.shown_text
    assert view.shown_text.count("word ") >= 2_999


def test_another_example_starts_at_the_top_and_the_same_one_stays_where_it_was(view):
    view.show_example(asked("line\n" * 200, "ok", id=1))
    view.text.verticalScrollBar().setValue(120)
    view.show_example(asked("line\n" * 200, "changed", id=1))
    assert view.text.verticalScrollBar().value() == 120
    view.show_example(asked("line\n" * 200, "ok", id=2))
    assert view.text.verticalScrollBar().value() == 0


def test_an_example_shown_before_the_view_is_seen_starts_at_the_top(qtbot):
    view = ExampleView()
    qtbot.addWidget(view)
    view.resize(300, 400)
    view.show_example(asked("line\n" * 60, "ok"))
    with qtbot.waitExposed(view):
        view.show()
    view.resize(280, 120)
    qtbot.wait(20)
    assert view.text.verticalScrollBar().value() == 0


def test_a_fitting_view_is_as_tall_as_what_it_shows(qtbot):
    view = ExampleView(fit=True)
    qtbot.addWidget(view)
    view.resize(400, 100)
    view.show()
    view.show_example(asked("short", "ok"))
    short = view.text.height()
    view.show_example(asked("line\n" * 40, "ok"))
    assert view.text.height() > short + 300
    assert not view.text.verticalScrollBar().isVisible()


def test_screen_readers_are_told_what_it_is(view):
    view.show_example(asked("x", "y"))
    assert view.text.accessibleName() == "Example"


def test_an_ordinary_example_is_shown_at_once(view):
    call = ToolCall("weather", '{"city": "Oslo", "days": 3}')
    ordinary = Example(
        REF,
        (
            Message("system", "Answer briefly. " * 10),
            Message("user", "How is the weather? " * 10),
            Message("assistant", None, (call,)),
            Message("tool", '{"temperature": [1, 2, 3], "sky": "clear"}'),
            Message("assistant", "Clear, one to three degrees. " * 10),
        ),
        id=3,
    )
    view.show_example(ordinary)
    took = []
    for _ in range(20):
        begun = time.perf_counter()
        view.show_example(ordinary)
        view.text.document().size()
        took.append(time.perf_counter() - begun)
    assert sorted(took)[10] < 0.010
