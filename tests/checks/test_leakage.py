"""leakage: each kind of evidence, and phrases that are none."""

from __future__ import annotations

import numpy as np
from corpus_material import EVAL_IDS, Pair, clean_pairs, data_of, run
from hypothesis import given
from hypothesis import strategies as st

from curator.checks import Outcome
from curator.checks.leak_evidence import compare, units
from curator.checks.leak_null import Scale
from curator.checks.leak_runs import repeats, runs_of_candidates, runs_of_evals
from curator.embedding import Embedder
from curator.model import Finding, Severity, Verdict

EVAL = [
    ("How long may I keep a library book before somebody asks for it?", "Four weeks."),
    ("Which bus goes from the old harbour to the museum on a Sunday morning?", "Line 8."),
]
UNRELATED = [
    ("Peel the potatoes and boil them in salted water.", "Done."),
    ("The violin needs new strings before the concert.", "Noted."),
    ("My bicycle has a flat tyre again.", "Patch it."),
]


def leaks(candidates: list[Pair], embedder: Embedder, evals: list[Pair] = EVAL) -> dict[int, Finding]:
    """Findings by candidate record."""
    return {f.examples[0] - 1: f for f in run("leakage", data_of(candidates, evals, embedder=embedder)).findings}


def test_without_an_eval_set_nothing_is_said(embedder: Embedder) -> None:
    assert run("leakage", data_of(UNRELATED, embedder=embedder)) == Outcome([])


def test_a_repeated_eval_text_is_exact_evidence(embedder: Embedder) -> None:
    found = leaks([*UNRELATED, (EVAL[1][0].upper() + " ", "Another answer.")], embedder)
    assert set(found) == {3}
    assert found[3].evidence["exact"] == {"same_output": False}
    assert found[3].severity is Severity.ERROR
    assert found[3].score == 1.0
    assert found[3].examples[1] == EVAL_IDS + 2
    assert found[3].suggestion is not None
    assert (found[3].suggestion.action, found[3].suggestion.examples) == (Verdict.DROP, (4,))


def test_an_eval_text_inside_a_longer_one_is_ngram_evidence(embedder: Embedder) -> None:
    story = (
        "Dear team, last week I was in your town and had a lovely time with my aunt. " + EVAL[1][0] + " Thanks a lot!"
    )
    found = leaks([*UNRELATED, (story, "Line 8.")], embedder)
    assert set(found) == {3}
    assert found[3].evidence["ngram"]["covered"] == 1.0
    assert "exact" not in found[3].evidence


def test_a_leak_stays_a_leak_however_often_it_is_copied(embedder: Embedder) -> None:
    copies = [("Good day, one thing please. " + EVAL[0][0] + " Best regards", "Four weeks.")] * 9
    assert set(leaks([*UNRELATED, *copies], embedder)) == set(range(3, 12))


def test_a_phrase_that_many_candidates_share_is_not_a_leak(embedder: Embedder) -> None:
    frame = "I hope you are well and that the week has been kind to you, my question today is about"
    candidates = [(f"{frame} {thing}.", "Yes.") for thing in "soup ferns chess paint wool glass clay ink".split()]
    found = leaks([*UNRELATED, *candidates], embedder, [(f"{frame} the tides.", "Twice a day.")])
    assert all("ngram" not in finding.evidence for finding in found.values())


def test_half_of_a_template_is_not_a_leak(embedder: Embedder) -> None:
    """Four questions of one frame about other things: more than a coincidence, but of the frame."""
    frame = "My flat drops to twelve degrees at night, is that all right for the"
    things = ["anthurium", "lemon tree in a pot", "old piano", "rabbit"]
    found = leaks(
        [*UNRELATED, *((f"{frame} {t}?", "Yes.") for t in things)], embedder, [(f"{frame} string of pearls?", "No.")]
    )
    assert all("ngram" not in finding.evidence for finding in found.values())


def test_a_few_changed_words_are_near_duplicate_or_semantic_evidence(embedder: Embedder) -> None:
    found = leaks([*UNRELATED, ("How long can I keep a library book until someone asks for it?", "A month.")], embedder)
    assert set(found) == {3}
    assert found[3].severity is Severity.WARNING
    assert {"near_duplicate", "semantic"} & found[3].evidence.keys()
    assert "ngram" not in found[3].evidence


def test_short_texts_share_no_runs_by_accident(embedder: Embedder) -> None:
    assert not leaks([("Yes please", "a"), ("Thank you very much", "b")], embedder, [("Thank you", "c"), ("No", "d")])


def test_a_passage_deep_in_a_long_text_is_found_by_meaning(embedder: Embedder) -> None:
    filler = " ".join(f"The train to platform {n} was late and the guard read a paper." for n in range(40))
    asked = "For what time can I borrow a book from the library until they want it back?"
    scores = run(
        "leakage", data_of([(f"{filler} {asked} {filler}", "x"), (f"{filler} {filler}", "y")], EVAL, embedder=embedder)
    )
    alone = run("leakage", data_of([(asked, "x")], EVAL, embedder=embedder))
    assert max(scores.scores["leakage"]) > min(scores.scores["leakage"])
    assert alone.scores["leakage_example"] == [EVAL_IDS + 1]


def test_scores_name_the_eval_example_and_the_null_is_calibrated_on_the_candidates(embedder: Embedder) -> None:
    candidates, held = clean_pairs("support", "pairs.csv"), clean_pairs("support", "eval.csv")
    data = data_of(candidates, held, embedder=embedder)
    outcome = run("leakage", data)
    scores = np.asarray(outcome.scores["leakage"], dtype=float)
    assert len(scores) == len(candidates) == len(outcome.scores["leakage_example"])
    assert ((scores >= 0) & (scores <= 1)).all()
    assert set(outcome.scores["leakage_example"]) <= {e.id for e in data.evals.examples}
    assert outcome.calibration["false_positive_rate_at_half"] == 0.01
    # Eval and candidates are clean here: what scores above .5 is there by chance.
    assert (scores > 0.5).mean() < 0.03
    assert len(outcome.findings) <= 3


FUNCTIONS = [
    "def area(w, h):\n    return w * h  # the area of a rectangle in metres",
    "def greet(name):\n    print('Good morning to you, ' + name + '!')",
    "for line in open(path):\n    total += int(line.split(',')[2])",
    "SELECT town, count(*) FROM visits WHERE year = 2020 GROUP BY town",
    "class Stack:\n    def push(self, item):\n        self.items.append(item)",
    "while queue:\n    node = queue.pop()\n    seen.add(node.left)",
    "let doubled = numbers.map((n) => n * 2).filter((n) => n > 10)",
]
SOLUTION = "def is_prime(n):\n    return n > 1 and all(n % k for k in range(2, n))"


def test_a_shared_instruction_is_no_leak_and_a_repeated_output_is(embedder: Embedder) -> None:
    asked = "Complete the function."
    evals = [(asked, SOLUTION), (asked, "def mean(values):\n    return sum(values) / max(len(values), 1)")]
    found = leaks([(asked, code) for code in (*FUNCTIONS, SOLUTION)], embedder, evals)
    assert set(found) == {len(FUNCTIONS)}
    assert found[len(FUNCTIONS)].evidence["exact"] == {"same_output": True}
    assert found[len(FUNCTIONS)].evidence["side"] == "output"
    assert found[len(FUNCTIONS)].examples[1] == EVAL_IDS + 1


def test_an_eval_input_in_an_output_under_an_instruction_is_found(embedder: Embedder) -> None:
    evals = [(SOLUTION, ""), ("def mean(values):\n    return sum(values) / max(len(values), 1)", "")]
    found = leaks([("Write something.", code) for code in (*FUNCTIONS, SOLUTION)], embedder, evals)
    assert set(found) == {len(FUNCTIONS)}
    assert found[len(FUNCTIONS)].evidence["side"] == "pair"


def test_equal_numbers_and_labels_are_no_leak(embedder: Embedder) -> None:
    assert not leaks([(text, "42") for text, _ in UNRELATED], embedder, [(text, "42") for text, _ in EVAL])


def test_a_question_with_many_sampled_answers_is_still_the_eval_question(embedder: Embedder) -> None:
    sampled = [(EVAL[0][0], f"It is {n} weeks, as far as I know.") for n in range(9)]
    assert set(leaks([*UNRELATED, *sampled], embedder)) == set(range(3, 12))


def test_a_candidate_that_is_a_passage_of_a_long_eval_text_is_found(embedder: Embedder) -> None:
    before = " ".join(f"The train to platform {n} was late and the guard read a paper." for n in range(30))
    passage = (
        "Nobody had told the new keeper that the lamp must be wound by hand every four hours, so on the first night the "
        "light stood still, and a herring boat from the north came in between the rocks."
    )
    found = leaks([*UNRELATED, (passage, "x")], embedder, [(f"{before} {passage} {before}", "y")])
    assert set(found) == {3}
    assert found[3].evidence["ngram"]["covered"] == 1.0


def test_the_cut_of_the_reviewers_is_kept_and_what_lies_below_is_offered(embedder: Embedder) -> None:
    candidates = [*UNRELATED, ("How long can I keep a library book until someone asks for it?", "A month."), EVAL[0]]
    usual = run("leakage", data_of(candidates, EVAL, embedder=embedder))
    assert usual.calibration["cut"] == 0.9
    assert usual.borderline == []
    strict = run("leakage", data_of(candidates, EVAL, embedder=embedder, cuts={"leakage": 0.999}, borderline=True))
    assert strict.calibration["cut"] == 0.999
    assert [f.score for f in strict.findings] == [1.0]
    assert strict.borderline[0].examples[0] == 4
    assert all(0 < f.score < 0.999 for f in strict.borderline)
    lax = run("leakage", data_of(candidates, EVAL, embedder=embedder, cuts={"leakage": 0.0}))
    assert len(lax.findings) == len(candidates)


def test_facts_tell_a_rewording_from_another_question_of_its_kind(embedder: Embedder) -> None:
    asked = "Ada sells 48 hats for 576 crowns and 17 scarves for 20 crowns each. How much does Ada earn?"
    reworded = "What are the earnings of Ada, who gets 20 crowns for each of 17 scarves and 576 crowns for 48 hats?"
    sibling = "Olga sells 31 hats for 212 crowns and 9 scarves for 14 crowns each. How much does Olga earn?"
    mine, theirs = (embedder.windows(texts) for texts in ([reworded, sibling], [asked]))
    compared = compare(*units(mine, [reworded, sibling], theirs, [asked]))
    assert compared.facts[0] > 0.9
    assert compared.facts[1] < 0.2
    assert compared.form[1] > compared.form[0]


@given(st.lists(st.floats(0, 40), min_size=200, max_size=300), st.floats(1, 50))
def test_a_score_reads_as_a_rate_and_rises_with_the_evidence(sample: list[float], times: float) -> None:
    scale = Scale.of(np.array(sample), 1.0)
    at = scale.score(np.array([scale.level(0.01), scale.level(0.001)]))
    np.testing.assert_allclose(at, [0.5, 0.9], atol=1e-6)
    steps = scale.score(np.linspace(-5, 60, 200))
    assert (np.diff(steps) >= 0).all()
    # More eval texts give chance more tries.
    assert (
        Scale.of(np.array(sample), times).score(np.linspace(0, 60, 50)) <= scale.score(np.linspace(0, 60, 50)) + 1e-12
    ).all()


@given(
    st.lists(st.sampled_from(["stone", "river", "lamp", "boat", "keeper", "night"]), min_size=13, max_size=40),
    st.lists(st.sampled_from(["grass", "hill", "sheep", "dog"]), max_size=60),
)
def test_a_text_that_holds_another_shares_all_its_runs(inner: list[str], around: list[str]) -> None:
    known: dict[str, int] = {}
    theirs, lengths = runs_of_evals([" ".join(inner)], known)
    mine = runs_of_candidates([" ".join([*around, *inner, *around]), " ".join(around)], lengths, known)
    found = repeats(mine, theirs)
    assert set(found) == {0}
    assert (found[0].eval, found[0].covered) == (0, 1.0)
