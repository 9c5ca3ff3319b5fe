import json

from hypothesis import given
from hypothesis import strategies as st

from curator.model import Example, Finding, Message, Ref, Severity, ToolCall
from ui.presenters.rendering import MORE, ROOM, compared, match_marks, turns
from ui.presenters.texts import Mark, clean, guess_language, is_rtl, json_pieces, parts

REF = Ref("a.jsonl", 0, 1)
ORDER = '{"unit": "Tray", "items": [{"n": 1.50}, {"n": "two"}], "unit": "box"}'
PYTHON = "import os\n\ndef main(a):\n    '''Docs'''\n    return a + 12\n"


def example(*messages: Message, **more: object) -> Example:
    return Example(REF, messages, id=7, **more)


def asked(text: str, answer: str) -> Example:
    return example(Message("user", text), Message("assistant", answer))


def schema_finding(**evidence: object) -> Finding:
    return Finding("schema", Severity.ERROR, 1.0, (7,), "the unit is wrong", evidence)


def notes(part) -> list[str]:
    return [piece.text for piece in part.pieces if piece.kind == "note"]


def test_sides_tell_context_input_and_output_apart():
    found = turns(
        example(
            Message("system", "Be brief."),
            Message("user", "Hi"),
            Message("assistant", "Hello", weight=0),
            Message("user", "Bye"),
            Message("assistant", "Goodbye"),
            non_preferred=(Message("assistant", "Leave!"),),
        )
    )
    assert [(turn.side, turn.text) for turn in found] == [
        ("context", "Be brief."),
        ("input", "Hi"),
        ("input", "Hello"),
        ("input", "Bye"),
        ("output", "Goodbye"),
        ("other", "Leave!"),
    ]
    assert found[2].about == ("not trained on (weight 0)",)


def test_json_is_laid_out_from_its_own_tokens():
    (part,) = parts(ORDER)
    assert part.kind == "json"
    # Numbers as written, and a key given twice stays there twice.
    assert "1.50" in part.text
    assert part.text.count('"unit"') == 2
    assert part.text.splitlines()[1] == '  "unit": "Tray",'
    kinds = {piece.text: piece.kind for piece in part.pieces}
    assert (kinds['"unit"'], kinds['"Tray"'], kinds["1.50"]) == ("key", "string", "number")


def test_short_lists_of_plain_values_stay_on_one_line():
    (part,) = parts('{"a": [1, 2, "x"], "b": [], "c": {}}')
    assert part.text == '{\n  "a": [1, 2, "x"],\n  "b": [],\n  "c": {}\n}'


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=12,
    ).filter(lambda value: isinstance(value, dict | list)),
    st.booleans(),
)
def test_laying_json_out_changes_no_value(value, escaped):
    text = json.dumps(value, ensure_ascii=escaped)
    laid_out = "".join(p.text for p in json_pieces(text) if not (p.kind == "layout" and p.text in "\u2068\u2069"))

    def shown(value):
        return json.loads(clean(json.dumps(value, ensure_ascii=False)), strict=False)

    assert shown(json.loads(laid_out, strict=False)) == shown(value)


@given(st.text())
def test_every_text_is_shown_whole_and_can_be_shown(text):
    shown = "".join(part.text for part in parts(text))
    shown.encode("utf-8")
    if "```" not in text and all(part.kind == "prose" for part in parts(text)):
        assert shown == clean(text)
    assert len(clean(text)) == len(text)


def test_letters_written_as_escapes_are_readable():
    (part,) = parts('{"name": "\\u0645\\u0631", "line": "a\\u000ab"}')
    assert '"مر"' in part.text
    assert '"a\\nb"' in part.text.replace("\\u000a", "\\n")


def test_json_nested_too_deeply_to_parse_is_shown_as_text():
    (part,) = parts("[" * 100_000 + "]" * 100_000)
    assert part.kind == "prose"


def test_schema_errors_stand_below_their_value():
    found = turns(
        asked("two trays", ORDER),
        [schema_finding(violations=[{"field": "$.items[1].n", "rule": "type", "problem": "'two' is not a number"}])],
    )
    (part,) = found[-1].parts
    assert [piece.text for piece in part.pieces if piece.mark == "bad"] == ['"two"']
    lines = part.text.splitlines()
    assert lines[lines.index('      "n": "two"') + 1].strip() == "\u25b2 'two' is not a number"


def test_a_missing_key_is_said_at_its_object():
    schema = {"type": "object", "required": ["customer"]}
    found = turns(asked("two trays", ORDER), schema=schema)
    assert notes(found[-1].parts[0]) == ["\u25b2 'customer' is a required property"]
    assert found[-1].parts[0].pieces[0].mark == "bad"


def test_a_value_that_the_input_does_not_hold_is_marked():
    finding = schema_finding(field="$.items[].n", value="two")
    (part,) = turns(asked("x", ORDER), [finding])[-1].parts
    assert [piece.text for piece in part.pieces if piece.mark == "bad"] == ['"two"']


def test_an_output_that_is_no_json_says_so():
    found = turns(asked("x", "sorry"), schema={"type": "object"})
    assert found[-1].notes == ("the output is not JSON",)


def test_a_schema_that_points_elsewhere_is_said_and_not_fetched():
    found = turns(asked("x", "{}"), schema={"$ref": "https://example.org/schema.json"})
    assert "cannot be used" in found[-1].notes[0]


def test_findings_of_other_examples_mark_nothing():
    other = Finding("schema", Severity.ERROR, 1.0, (8,), "wrong", {"rule": "not_json"})
    assert turns(asked("x", "y"), [other])[-1].notes == ()


def test_an_excerpt_of_a_finding_is_marked():
    finding = Finding("structure", Severity.ERROR, 1.0, (7,), "broken", {"rule": "encoding", "excerpt": "dÃ©cor"})
    (part,) = turns(asked("a dÃ©cor set", "ok"), [finding])[0].parts
    assert [piece.text for piece in part.pieces if piece.mark] == ["dÃ©cor"]


def test_fenced_code_is_taken_out_of_prose():
    found = parts("Try this:\n```python\ndef f(x):\n    return 'a'\n```\nDone.")
    assert [(part.kind, part.text) for part in found] == [
        ("prose", "Try this:"),
        ("code", "def f(x):\n    return 'a'"),
        ("prose", "Done."),
    ]
    assert {piece.text: piece.kind for piece in found[1].pieces}["return"] == "keyword"


def test_a_fence_of_an_unknown_language_is_plain_code():
    (part,) = parts("```nonsense<b>\nx = 1\n```")
    assert (part.kind, part.text) == ("code", "x = 1")


def test_plain_code_is_told_from_prose():
    assert guess_language(PYTHON) == "python"
    assert guess_language("SELECT name\nFROM users\nWHERE id = 3;") == "sql"
    assert guess_language("function f(a) {\n  return a;\n}") == "javascript"
    assert guess_language("<div>\n<p>hi</p>\n</div>") == "html"
    for prose in (
        "import duties apply to this order.\nWhere is my parcel?",
        "Select the red one from the list, please.",
        "from Rome to Oslo",
        "class starts at nine",
        "Update my address and set it to Hill Road.",
        "",
    ):
        assert guess_language(prose) is None, prose


def test_direction_follows_the_first_letter_of_a_line():
    assert is_rtl("123 שלום hello") is True
    assert is_rtl("Hello שלום") is False
    assert is_rtl("123 !?") is None


def test_right_to_left_strings_in_json_are_kept_apart_from_the_marks_around_them():
    (part,) = parts('{"city": "باريس", "days": 3}')
    texts = [piece.text for piece in part.pieces]
    at = texts.index('"باريس"')
    assert (texts[at - 1], texts[at + 1]) == ("\u2068", "\u2069")


def test_tool_calls_show_their_arguments_as_json():
    call = ToolCall("weather", '{"city": "Oslo"}', "c1")
    found = turns(example(Message("user", "?"), Message("assistant", None, (call,))))
    assert found[-1].calls[0].name == "weather"
    assert found[-1].calls[0].parts[0].kind == "json"
    assert found[-1].parts == ()


def test_tools_show_their_names_until_more_is_asked_for():
    tool = {"type": "function", "function": {"name": "weather", "description": "Tells <b>it</b>"}}
    one = example(Message("user", "?"), Message("assistant", "!"), tools=(tool,))
    assert turns(one)[0].text == "weather"
    assert "Tells <b>it</b>" in turns(one, opened={"tools": 1})[0].text


def test_long_texts_are_cut_until_more_is_asked_for():
    long = asked("word " * 20_000, "ok")
    cut = turns(long)[0]
    assert len(cut.text) == ROOM
    assert cut.hidden == 100_000 - ROOM
    whole = turns(long, opened={"0": 1})[0]
    assert whole.hidden == 0
    assert whole.text == "word " * 20_000
    huge = turns(asked("x" * (2 * MORE), "ok"), opened={"0": 1})[0]
    assert huge.hidden == MORE - ROOM


def test_a_long_json_text_is_cut_after_it_was_laid_out():
    (part,) = turns(asked("x", json.dumps({f"k{i}": i for i in range(3_000)})))[-1].parts
    assert part.text.startswith('{\n  "k0": 0,\n')


def test_marks_cut_pieces_where_they_begin_and_end():
    (part,) = parts("one two three", marks=[Mark(4, 7, "match")])
    assert [(piece.text, piece.mark) for piece in part.pieces] == [("one ", ""), ("two", "match"), (" three", "")]


def test_marks_follow_json_that_was_laid_out():
    text = '{"a":1,"b":"two words"}'
    at = text.index("words")
    (part,) = parts(text, marks=[Mark(at, at + 5, "added")])
    assert [piece.text for piece in part.pieces if piece.mark] == ["words"]


def test_overlapping_marks_lose_no_letter():
    (part,) = parts("abcdef", marks=[Mark(0, 4, "added"), Mark(2, 6, "match")])
    assert part.text == "abcdef"


def test_words_searched_for_are_found_in_any_case():
    found = match_marks(asked("Where is My parcel, my dear?", "here"), ["MY"])
    assert found == {0: [Mark(9, 11, "match"), Mark(20, 22, "match")]}


def test_comparing_marks_the_words_that_differ():
    one, other = asked("I ordered 14 sacks", "sack"), asked("I ordered 15 sacks", "sack")
    assert compared(one, other, "added") == {0: [Mark(10, 12, "added")], 1: []}


def test_turns_are_compared_with_their_counterparts_where_one_has_a_system_turn():
    one = asked("same", "yes")
    other = example(Message("system", "Be brief."), *one.messages)
    assert compared(other, one, "added") == {1: [], 2: []}
