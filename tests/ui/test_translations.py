"""Every text of the window can be translated, and the German one is whole."""

from __future__ import annotations

import ast
import json
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from ui import i18n

ROOT = Path(__file__).parent.parent.parent
FILES = sorted((ROOT / "ui").rglob("*.py"))
GERMAN = json.loads((ROOT / "resources" / "translations" / "de.json").read_text(encoding="utf-8"))
NOT_TRANSLATED = {ROOT / "ui" / "i18n.py", ROOT / "ui" / "presets.py"}  # names of languages and of other tools

SHOWN = {
    "Action": (1,),
    "Badge": (0,),
    "Banner": (0, 2),
    "Elided": (0,),
    "EmptyState": (0, 1, 2),
    "QAction": (0, 1),
    "QCheckBox": (0,),
    "QGroupBox": (0,),
    "QLabel": (0,),
    "QPushButton": (0,),
    "QRadioButton": (0,),
    "QToolButton": (0,),
    "SearchField": (0,),
    "addItem": (0,),
    "addMenu": (0,),
    "addRow": (0,),
    "addTab": (1,),
    "button": (0,),
    "heading": (0,),
    "label": (0,),
    "muted": (0,),
    "named": (1,),
    "setAccessibleDescription": (0,),
    "setAccessibleName": (0,),
    "setInformativeText": (0,),
    "setLabelText": (0,),
    "setPlaceholderText": (0,),
    "setPrefix": (0,),
    "setStatusTip": (0,),
    "setSuffix": (0,),
    "setTabText": (1,),
    "setText": (0,),
    "setTitle": (0,),
    "setToolTip": (0,),
    "setWindowTitle": (0,),
    "setSpecialValueText": (0,),
    "show_text": (0,),
    "tell": (0,),
    "title": (0,),
    "trouble": (0,),
}
"""What puts a text on the screen, and the arguments that are that text."""
SHOWN_BY_NAME = {"tip", "action_text", "placeholder", "title"}
WORD = re.compile(r"[^\W\d_]{2,}")


def calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield node


def called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def place(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


def literal(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def texts() -> tuple[dict[str, str], dict[str, tuple[str, str]], list[str]]:
    """Where each text of tr() stands, the plurals of trn() by their singular, and calls without a literal."""
    single: dict[str, str] = {}
    plural: dict[str, tuple[str, str]] = {}
    wrong: list[str] = []
    for path in FILES:
        for call in calls(path):
            if called(call) == "tr" and path not in NOT_TRANSLATED:
                said = literal(call.args[0]) if call.args else None
                if said is None:
                    wrong.append(place(path, call))
                else:
                    single.setdefault(said, place(path, call))
            elif called(call) == "trn" and path not in NOT_TRANSLATED:
                one, many = (literal(argument) for argument in call.args[:2])
                if one is None or many is None:
                    wrong.append(place(path, call))
                else:
                    plural.setdefault(one, (many, place(path, call)))
    return single, plural, wrong


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_every_text_is_a_literal_so_that_it_can_be_collected() -> None:
    assert texts()[2] == []


def test_german_has_every_text() -> None:
    single, plural, _ = texts()
    missing = {text: where for text, where in single.items() if text not in GERMAN}
    missing |= {one: where for one, (_, where) in plural.items() if one not in GERMAN}
    assert missing == {}


def test_german_has_no_text_that_nothing_uses() -> None:
    single, plural, _ = texts()
    assert sorted(set(GERMAN) - set(single) - set(plural)) == []


def test_a_text_is_either_counted_or_not() -> None:
    single, plural, _ = texts()
    assert sorted(set(single) & set(plural)) == []
    counted = {text for text, german in GERMAN.items() if isinstance(german, list)}
    assert counted == set(plural) & set(GERMAN)
    assert [text for text in counted if len(GERMAN[text]) != 2] == []


def test_translations_have_the_same_placeholders() -> None:
    _, plural, _ = texts()
    wrong = []
    for text, german in GERMAN.items():
        for form, source in zip(
            german if isinstance(german, list) else [german], (text, plural.get(text, (text,))[0]), strict=False
        ):
            # A singular may say "one" in words.
            if placeholders(form) - {"n"} != placeholders(source) - {"n"} or not placeholders(form) <= placeholders(
                source
            ) | {"n"}:
                wrong.append((text, form))
    assert wrong == []


def test_no_translation_is_empty() -> None:
    forms = [form for german in GERMAN.values() for form in (german if isinstance(german, list) else [german])]
    assert [form for form in forms if not form.strip()] == []


def test_no_word_reaches_the_screen_untranslated() -> None:
    found = []
    for path in FILES:
        if path in NOT_TRANSLATED:
            continue
        for call in calls(path):
            places = SHOWN.get(called(call), ())
            arguments = [call.args[at] for at in places if at < len(call.args)]
            arguments += [k.value for k in call.keywords if k.arg in SHOWN_BY_NAME and places]
            found += [f"{place(path, call)}: {said}" for argument in arguments for said in _untranslated(argument)]
    assert found == []


def _untranslated(node: ast.expr) -> Iterator[str]:
    """Words in literals, also in f-strings, sums and either side of a condition; what tr() returns is none."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and WORD.search(node.value):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        for part in node.values:
            yield from _untranslated(part)
    elif isinstance(node, ast.BinOp):
        yield from _untranslated(node.left)
        yield from _untranslated(node.right)
    elif isinstance(node, ast.IfExp):
        yield from _untranslated(node.body)
        yield from _untranslated(node.orelse)


@pytest.fixture
def german() -> Iterator[None]:
    i18n.use("de")
    yield
    i18n.use("en")


def test_numbers_and_counted_texts_are_german(german: None) -> None:
    assert i18n.number(1234567) == "1.234.567"
    assert i18n.trn("{n} example", "{n} examples", 1) == "1 Beispiel"
    assert i18n.trn("{n} example", "{n} examples", 2000) == "2.000 Beispiele"
    assert i18n.share(0.5) == "50\N{NO-BREAK SPACE}%"
