"""An edited output is preferred to the one that the source had: which decisions make a pair, and which do not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from round_material import begin, vote_all

from curator.model import Decision, Example, Message, Ref, Role, ToolCall, Verdict, Vote, as_json
from curator.progress import Silent
from curator.review.adjudication.settling import settle
from curator.review.preferences import Preferred, preferred
from curator.store import Project
from curator.tasks import Task

CALL = Message("assistant", None, (ToolCall("weather", '{"city": "Oslo"}', "call_1"),))


def example(number: int, output: str = "", **fields: object) -> Example:
    turns = (Message("user", f"question {number}"), Message("assistant", output or f"answer {number}"))
    return replace(Example(Ref("a.jsonl", number, number + 1), turns), **fields)  # type: ignore[arg-type]


EXAMPLES = (
    example(0),
    example(1),
    example(2, non_preferred=(Message("assistant", "what the file prefers it to"),)),
    example(3, messages=(Message("system", "Be kind."), Message("user", "q"), Message("assistant", "a"))),
    example(4, messages=(Message("user", "How is Oslo?"), CALL), tools=({"function": {"name": "weather"}},)),
    example(5, messages=(Message("user", "q"), Message("assistant", "a"), Message("user", "thanks"))),
    example(6, messages=(Message("user", "q"), Message("assistant", " "))),
    example(7, votes=(Vote("Cy", Verdict.RELABEL, "what Cy annotated"),)),
)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "p.curator", task=Task.STYLE) as made:
        made.import_source("a.jsonl", "0" * 64, "jsonl/openai", Role.CANDIDATE, {}, EXAMPLES, Silent())
        yield made


def relabel(project: Project, id: int, output: str, reviewer: str = "Ann") -> None:
    project.decide([Decision("", id, "", reviewer, Verdict.RELABEL, output)])


def edit(project: Project, id: int, *turns: Message, reviewer: str = "Ann") -> None:
    """Rewrite the last turns of an example."""
    (shown,) = project.get_examples([id])
    messages = (*shown.messages[: -len(turns)], *turns)
    value = json.dumps(as_json(replace(shown, messages=messages))["messages"])
    project.decide([Decision("", id, "", reviewer, Verdict.EDIT, value)])


def others(project: Project) -> dict[int, list[str]]:
    return {id: [message.text for message in turns] for id, turns in preferred(project).items()}


def test_without_decisions_there_are_no_pairs(project: Project) -> None:
    assert preferred(project) == Preferred()
    assert preferred(project).notes == ()


def test_relabelled_and_edited_outputs_are_preferred_to_those_of_the_source(project: Project) -> None:
    relabel(project, 1, "a better answer")
    edit(project, 2, Message("assistant", "another better answer"))
    assert others(project) == {1: ["answer 0"], 2: ["answer 1"]}


def test_the_source_counts_and_not_an_edit_in_between(project: Project) -> None:
    relabel(project, 1, "a better answer")
    relabel(project, 1, "the best answer", "Bo")
    edit(project, 1, Message("assistant", "no, this one"))
    assert others(project) == {1: ["answer 0"]}


def test_undo_takes_the_pair_away_and_redo_brings_it_back(project: Project) -> None:
    relabel(project, 1, "a better answer")
    project.undo()
    assert others(project) == {}
    project.redo()
    assert others(project) == {1: ["answer 0"]}


def test_who_keeps_what_another_edited_keeps_the_pair(project: Project) -> None:
    relabel(project, 1, "a better answer")
    project.decide([Decision("", 1, "", "Bo", Verdict.KEEP)])
    assert others(project) == {1: ["answer 0"]}


def test_an_edit_that_brings_back_the_source_leaves_no_pair(project: Project) -> None:
    relabel(project, 1, "a better answer")
    relabel(project, 1, "answer 0", "Bo")
    assert preferred(project) == Preferred()


def test_keeps_drops_and_flags_make_no_pairs(project: Project) -> None:
    verdicts = (Verdict.KEEP, Verdict.DROP, Verdict.FLAG, Verdict.SKIP)
    project.decide([Decision("", id, "", "Ann", verdict) for id, verdict in enumerate(verdicts, 1)])
    assert preferred(project) == Preferred()


def test_outputs_that_differ_in_white_space_alone_are_counted_and_make_no_pair(project: Project) -> None:
    relabel(project, 1, " answer\n0")
    found = preferred(project)
    assert (dict(found), found.same) == ({}, 1)
    assert found.notes == ("1 edited example makes no preference pair: the outputs differ in white space alone",)


@pytest.mark.parametrize(
    "turns",
    [
        (Message("user", "another question"), Message("assistant", "another answer")),
        (Message("system", "Be short."), Message("user", "q"), Message("assistant", "another answer")),
        (Message("assistant", "a"), Message("user", "and?"), Message("assistant", "another answer")),
    ],
    ids=["input", "system", "more turns"],
)
def test_where_the_input_was_changed_as_well_there_is_no_pair(project: Project, turns: tuple[Message, ...]) -> None:
    edit(project, 4, *turns)
    found = preferred(project)
    assert (dict(found), found.input_changed) == ({}, 1)
    assert found.notes == ("1 edited example makes no preference pair: the input was changed, too",)


def test_what_a_reviewer_took_out_of_an_output_does_not_go_out_as_what_is_not_preferred(project: Project) -> None:
    rows = [
        replace(example(0, f"Write to jo.{name}@oslo-lamps.no."), ref=Ref("b.jsonl", at, 1))
        for at, name in enumerate("ab")
    ]
    project.import_source("b.jsonl", "1" * 64, "jsonl", Role.CANDIDATE, {}, rows, Silent())
    relabel(project, 9, "Write to our support.")
    relabel(project, 10, "Please write to jo.b@oslo-lamps.no.")
    found = preferred(project)
    assert (list(found), found.taken_out) == ([10], 1)
    assert found.notes == (
        "1 edited example makes no preference pair: personal data or a secret was taken out of the output",
    )


def test_there_must_have_been_an_output_and_it_must_be_the_last_turn(project: Project) -> None:
    edit(project, 6, Message("assistant", "another answer"), Message("user", "thanks"))
    relabel(project, 7, "filled in")
    found = preferred(project)
    assert (dict(found), found.one_sided) == ({}, 2)
    assert found.notes == ("2 edited examples make no preference pair: there is no output before or after",)


def test_pairs_of_the_file_stay_what_they_are_when_the_preferred_output_is_edited(project: Project) -> None:
    relabel(project, 3, "a better answer")
    assert preferred(project) == Preferred()
    (shown,) = project.get_examples([3])
    assert (shown.output, shown.non_preferred) == ("a better answer", EXAMPLES[2].non_preferred)


def test_annotations_that_came_with_the_file_make_no_pair_but_what_a_reviewer_makes_of_them_does(
    project: Project,
) -> None:
    assert others(project) == {}
    relabel(project, 8, "what Ann says")
    assert others(project) == {8: ["answer 7"]}


def test_calls_of_tools_are_outputs_too(project: Project) -> None:
    rewritten = Message("assistant", None, (ToolCall("weather", '{"city":"Oslo"}', "call_9"),))
    edit(project, 5, rewritten)
    assert preferred(project).same == 1
    edit(project, 5, Message("assistant", None, (ToolCall("weather", '{"city": "Bergen"}', "call_1"),)))
    assert preferred(project)[5] == (CALL,)
    edit(project, 5, Message("assistant", "It is cold."))
    assert others(project) == {5: ['weather({"city": "Oslo"})']}


def test_an_output_that_votes_settled_is_preferred_to_the_one_of_the_source(project: Project) -> None:
    round = begin(project, examples=(1, 2), labels=())
    vote_all(project, round, {1: ["edit: what both say", "edit: what both say"]})
    assert others(project) == {}
    settle(project, round)
    assert others(project) == {1: ["answer 0"]}


def test_examples_of_an_import_that_was_undone_and_eval_examples_make_no_pairs(project: Project) -> None:
    rows = [replace(example(0), ref=Ref("eval.jsonl", 0, 1, Role.EVAL))]
    project.import_source("eval.jsonl", "1" * 64, "jsonl", Role.EVAL, {}, rows, Silent())
    relabel(project, 9, "another answer")
    relabel(project, 1, "a better answer")
    assert others(project) == {1: ["answer 0"]}
    entry = next(entry for entry in project.log(None) if entry.action == "import" and "a.jsonl" in entry.text)
    project.undo(entry.id)
    assert others(project) == {}


Step = tuple[str, int, str, str]
steps = st.one_of(
    st.tuples(
        st.just("relabel"), st.integers(1, 3), st.sampled_from(["answer 0", "x", " x ", "y"]), st.sampled_from("AB")
    ),
    st.tuples(st.just("drop"), st.integers(1, 3), st.just(""), st.sampled_from("AB")),
    st.tuples(st.just("undo"), st.just(0), st.just(""), st.just("")),
)


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(done=st.lists(steps, max_size=7))
def test_there_is_a_pair_exactly_where_the_output_differs_from_that_of_the_source(
    tmp_path_factory: pytest.TempPathFactory, done: list[Step]
) -> None:
    folder = tmp_path_factory.mktemp("law")
    with Project.create(folder / "p.curator", task=Task.STYLE) as project:
        rows = [example(0), example(1), example(2)]
        project.import_source("a.jsonl", "0" * 64, "jsonl", Role.CANDIDATE, {}, rows, Silent())
        decided = 0
        for action, id, output, reviewer in done:
            if action == "relabel":
                relabel(project, id, output, reviewer)
            elif action == "drop":
                project.decide([Decision("", id, "", reviewer, Verdict.DROP)])
            elif decided:
                project.undo()
            decided += -1 if action == "undo" and decided else action != "undo"
        shown = {one.id: one.output for one in project.examples(Role.CANDIDATE)}
        differ = {id for id, output in shown.items() if output.split() != f"answer {id - 1}".split()}
        assert others(project) == {id: [f"answer {id - 1}"] for id in differ}
