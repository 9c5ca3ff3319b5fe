"""Search finds what examples show now, with the index of words or by looking through the texts."""

import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from store_material import verdict

from curator.errors import Cancelled
from curator.model import Decision, Example, Message, Ref, Rejected, Role, ToolCall, Verdict
from curator.progress import Silent
from curator.store import Project
from curator.store.search import Query, folded

TEXTS = (
    ("Where is my PARCEL?", "delivery"),
    ("The café sent a résumé, not my parcels", "wrong item"),
    ('He said "refund me" and left', "refund"),
    ("Straße nach Łódź 50% off_now", "other"),
    ("我的包裹在哪里", "配送"),
    ("ÄRGER mit der Karte", "card lost"),
)


def records(name: str = "a.jsonl", texts: tuple[tuple[str, str], ...] = TEXTS) -> Iterator[Example | Rejected]:
    for at, (said, output) in enumerate(texts):
        turns = (Message("system", "Always be polite"), Message("user", said), Message("assistant", output))
        yield Example(Ref(name, at, at + 1), turns)


def load(project: Project, texts: tuple[tuple[str, str], ...] = TEXTS, name: str = "a.jsonl") -> list[int]:
    project.import_source(name, name, "jsonl", Role.CANDIDATE, {}, records(name, texts), Silent())
    return project.ids()


@pytest.fixture(params=["scanned", "indexed"])
def filled(request: pytest.FixtureRequest, project: Project) -> Project:
    """A project with the texts above, in each kind of database, with and without an index where there can be one."""
    load(project)
    if request.param == "indexed" and not project.index_texts(Silent()):
        pytest.skip("PostgreSQL has no index of ours")
    return project


def said(project: Project, typed: str) -> list[str]:
    return [e.messages[1].content or "" for e in project.get_examples(project.search(typed).tolist())]


def test_words_are_found_whatever_their_case(filled: Project) -> None:
    assert said(filled, "parcel") == [TEXTS[0][0], TEXTS[1][0]]
    assert said(filled, "ärger") == [TEXTS[5][0]]
    assert said(filled, "KARTE ärger") == [TEXTS[5][0]]
    assert said(filled, "karte parcel") == []


def test_outputs_are_searched_and_instructions_are_not(filled: Project) -> None:
    assert said(filled, "delivery") == [TEXTS[0][0]]
    assert said(filled, "polite") == []
    assert said(filled, "assistant") == []


def test_a_phrase_in_quotes_stands_together(filled: Project) -> None:
    assert said(filled, '"refund me"') == [TEXTS[2][0]]
    assert said(filled, '"me refund"') == []


def test_scripts_without_spaces_are_found_by_what_they_contain(filled: Project) -> None:
    assert said(filled, "包裹") == [TEXTS[4][0]]
    assert said(filled, "包裹 配送") == [TEXTS[4][0]]
    assert said(filled, "包包") == []


def test_signs_that_mean_something_to_a_database_mean_nothing(filled: Project) -> None:
    assert said(filled, "50%") == [TEXTS[3][0]]
    assert said(filled, "%") == [TEXTS[3][0]]
    assert said(filled, "off_now") == [TEXTS[3][0]]


def test_nothing_typed_finds_everything(filled: Project) -> None:
    assert filled.search("  ").tolist() == filled.ids()


@given(st.text(alphabet='ab"*()-^:+{}~ANDORNOT NEAR%_!\\\0漢 é', max_size=20))
def test_nothing_that_can_be_typed_is_an_error(indexed_once: Project, typed: str) -> None:
    indexed_once.search(typed)


@pytest.fixture(scope="module")
def indexed_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    with Project.create(tmp_path_factory.mktemp("search") / "one.curator") as project:
        load(project)
        assert project.index_texts(Silent())
        yield project


def test_the_index_knows_words_without_their_marks_and_by_their_beginning(indexed_once: Project) -> None:
    assert said(indexed_once, "resume cafe") == [TEXTS[1][0]]
    assert said(indexed_once, "parc") == [TEXTS[0][0], TEXTS[1][0]]
    assert said(indexed_once, "parc where") == []
    assert said(indexed_once, '"parc"') == []


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.sampled_from(["pre", "prefix", "PRÉ", "fix", "a-b", "x"]), max_size=4),
    st.sampled_from([" ", '" "', '"']),
)
def test_what_is_not_in_the_index_yet_is_told_as_the_index_would(
    indexed_once: Project, words: list[str], between: str
) -> None:
    name = f"{words}{between}"
    before = set(indexed_once.ids())
    load(indexed_once, ((" ".join(words) + " prefix a-b", "label"),), name)
    (new,) = set(indexed_once.ids()) - before or {0}
    for typed in ("prefix", "pre", between.join(words), '"prefix a"', "a b", '"b prefix"'):
        if typed.count('"') % 2 == 0 and typed.strip('" '):
            fresh = new in indexed_once.search(typed)
            indexed_once.index_texts(Silent())
            assert (new in indexed_once.search(typed)) == fresh, typed


def test_only_what_an_example_shows_now_is_found(filled: Project) -> None:
    first = filled.ids()[0]
    filled.decide([verdict(first, Verdict.RELABEL, value="lost mail")])
    for _ in range(2):
        assert filled.search("lost mail").tolist() == [first]
        assert filled.search("delivery").tolist() == []
        filled.index_texts(Silent())
    filled.undo()
    assert filled.search("lost mail").tolist() == []
    assert filled.search("delivery").tolist() == [first]


def test_examples_of_an_undone_import_are_not_found(filled: Project) -> None:
    filled.undo()
    assert filled.search("parcel").tolist() == []
    assert filled.search("").tolist() == []


def test_tool_calls_are_searched(project: Project) -> None:
    call = Message("assistant", None, (ToolCall("find_flight", '{"city": "Oslo"}'),))
    example = Example(Ref("t.jsonl", 0, 1), (Message("user", "Book it"), call))
    project.import_source("t.jsonl", "t", "jsonl", Role.CANDIDATE, {}, [example], Silent())
    for _ in range(2):
        assert project.search("oslo").tolist() == project.ids()
        project.index_texts(Silent())


def test_half_a_surrogate_pair_hinders_nothing(project: Project) -> None:
    load(project, (("broken \ud83d smile", "x"), ("whole", "y")))
    for _ in range(2):
        assert project.search("smile").tolist() == project.ids()[:1]
        project.index_texts(Silent())


def test_indexing_goes_on_where_it_was_stopped(tmp_path) -> None:
    with Project.create(tmp_path / "many.curator") as project:
        load(project, tuple((f"word{n} common", "x") for n in range(5_000)))
        assert not project.index_texts(Silent(), seconds=0)

        class Stopped(Silent):
            def cancelled(self) -> bool:
                return project.indexed().done > 0

        with pytest.raises(Cancelled):
            project.index_texts(Stopped())
        begun = project.indexed()
        assert 0 < begun.done < begun.total == 5_000
        assert len(project.search("common")) == 5_000
    with Project.open(tmp_path / "many.curator") as project:
        assert project.index_texts(Silent())
        assert project.indexed().complete
        assert project.search("word49").tolist() == sorted(
            [
                *project.search('"word49"').tolist(),
                *[n + 1 for n in range(5_000) if str(n).startswith("49") and n != 49],
            ]
        )


def test_decisions_go_on_while_texts_are_indexed(tmp_path) -> None:
    with Project.create(tmp_path / "busy.curator") as project:
        ids = load(project, tuple((f"some words that stand here number {n}", "x") for n in range(8_000)))
        indexing = threading.Thread(target=lambda: project.index_texts(Silent()))
        indexing.start()
        waited = []
        while indexing.is_alive():
            began = time.monotonic()
            project.decide([Decision("", ids[len(waited)], "", "ana", Verdict.KEEP)])
            waited.append(time.monotonic() - began)
        assert len(waited) > 3
        assert sorted(waited)[len(waited) // 2] < 0.2
        assert len(list(project.decisions())) == len(waited)


def test_the_index_lies_in_the_project_and_holds_no_texts(tmp_path) -> None:
    path = tmp_path / "own.curator"
    with Project.create(path) as project:
        load(project)
        project.index_texts(Silent())
        with project._database.read() as connection:
            assert connection.scalar(text("SELECT said FROM example_texts LIMIT 1")) is None
    assert [file.name for file in tmp_path.iterdir()] == ["own.curator"]


def test_the_last_word_stays_open_and_quotes_close_it() -> None:
    assert Query.of('blue "card lost" wh').expression == '"blue" AND "card lost" AND "wh" *'
    assert Query.of('"card').phrases == ("card",)
    assert not Query.of('"card lost"').open
    assert folded("Straße ÉTÉ 12-b") == ["straße", "ete", "12", "b"]


def test_found_ids_ascend(filled: Project) -> None:
    found = filled.search("e")
    assert np.array_equal(found, np.sort(found))
