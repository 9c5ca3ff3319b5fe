"""What many inputs share is taken away before they are compared; what two share, before those two are."""

from __future__ import annotations

from corpus_material import data_of, found, run
from hypothesis import given
from hypothesis import strategies as st

from curator.checks.boilerplate import FEWEST, apart, without_boilerplate
from curator.embedding import Embedder
from curator.model import Severity
from curator.tasks import Task

INSTRUCTION = "You are the assistant of a shop. Answer the customer shortly and never guess. Customer: {} Think well before you answer it."
THINGS = "kettle lamp chair mirror spoon towel clock candle teapot cushion vase stool ladder bucket tent drum".split()
ASKED = ["Where is my {}?", "Can I return the {}?", "How do I clean a {}?", "My {} came broken."]
QUESTIONS = [ask.format(thing) for thing in THINGS for ask in ASKED]


def test_an_instruction_around_every_question_is_taken_away() -> None:
    assert without_boilerplate([INSTRUCTION.format(text) for text in QUESTIONS]) == QUESTIONS


def test_lines_of_a_prompt_template_are_taken_away() -> None:
    template = "### Instruction:\nAnswer in one word.\n### Question:\n{}\n### Response:"
    assert without_boilerplate([template.format(text) for text in QUESTIONS]) == QUESTIONS


def test_how_many_of_the_questions_begin_is_part_of_them() -> None:
    asked = [f"How do I clean the {thing} of a {other}?" for thing in THINGS[:8] for other in THINGS[8:]]
    texts = [f"Please answer this question of ours: {text}" for text in (*asked[:20], *QUESTIONS)]
    assert without_boilerplate(texts) == [*asked[:20], *QUESTIONS]


def test_texts_that_share_nothing_are_left_alone() -> None:
    assert without_boilerplate(QUESTIONS) is None
    assert without_boilerplate([]) is None


def test_too_few_texts_have_no_boilerplate() -> None:
    assert without_boilerplate([INSTRUCTION.format(text) for text in QUESTIONS[: FEWEST - 1]]) is None


@given(st.permutations(range(len(QUESTIONS))))
def test_what_remains_does_not_depend_on_the_order(order: list[int]) -> None:
    texts = [INSTRUCTION.format(text) for text in QUESTIONS]
    assert without_boilerplate([texts[i] for i in order]) == [QUESTIONS[i] for i in order]


@given(st.lists(st.text(alphabet="ab \n", max_size=30), max_size=60))
def test_every_text_keeps_a_part_of_itself(texts: list[str]) -> None:
    for rest, text in zip(without_boilerplate(texts) or texts, texts, strict=True):
        assert rest in text or set(rest.split()) <= set(text.split())
        assert bool(rest.strip()) == bool(text.strip())


def test_two_texts_are_compared_by_what_they_do_not_share() -> None:
    first = "The tower was built in 1889. It is made of iron. Who built it?"
    second = "The tower was built in 1889. It is made of iron. Where does it stand?"
    assert apart(first, second) == ("Who built it?", "Where does it stand?")
    assert apart("Who built it?", "Where does it stand?") is None


def test_rewordings_are_found_inside_an_instruction_and_other_questions_are_not(embedder: Embedder) -> None:
    texts = [*QUESTIONS, "I would like to know how to clean a kettle."]
    data = data_of([(INSTRUCTION.format(t), "shop") for t in texts], task=Task.CLASSIFICATION, embedder=embedder)
    assert without_boilerplate(data.candidates.inputs) is not None
    groups = found(run("near_duplicate", data))
    assert {QUESTIONS.index("How do I clean a kettle?"), len(QUESTIONS)} in groups
    assert len(groups) == 1


def test_two_questions_about_one_passage_are_neither_duplicates_nor_conflicts(embedder: Embedder) -> None:
    passage = (
        "The mill stands on the hill above the village and was run by one family for two hundred years. Its wheel was "
        "taken down when the river was moved. Today it holds a museum, which is open in summer. "
    )
    asked = ["Who ran the mill?", "Why was the wheel taken down?", "What does the building hold these days?"]
    answers = ["One family.", "The river was moved.", "A museum."]
    for task in (Task.DOMAIN, Task.CLASSIFICATION):
        outputs = ["passage"] * 3 if task is Task.CLASSIFICATION else answers
        data = data_of([(passage + q, a) for q, a in zip(asked, outputs, strict=True)], task=task, embedder=embedder)
        assert float(data.neighbours.cosine.min()) > 0.8
        assert not run("near_duplicate", data).findings
        assert not [f for f in run("conflict", data).findings if f.severity is not Severity.INFO]


def test_long_texts_of_which_a_part_differs_are_not_duplicates(embedder: Embedder) -> None:
    chapter = " ".join(
        f"The {thing} was put on the {other}, and nobody saw why." for thing in THINGS for other in THINGS[:6]
    )
    ends = (
        "Then the ship sank in a storm and the crew swam to the shore. They lit a fire. They were found by fishermen.",
        "In the end the king was married in the old church. The guests danced. A band played until the morning.",
    )
    data = data_of([(f"{chapter} {end}", "story") for end in ends], task=Task.CLASSIFICATION, embedder=embedder)
    assert float(data.distinct_vectors[0] @ data.distinct_vectors[1]) > 0.9
    assert not run("near_duplicate", data).findings
