"""leakage: each kind of evidence, and phrases that are none."""

from __future__ import annotations

import numpy as np
from corpus_material import EVAL_IDS, Pair, clean_pairs, data_of, run

from curator.checks import Outcome
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
