"""length, outlier, label_error and mismatched_pair, on small data and on bundled texts with faults put in."""

from __future__ import annotations

import numpy as np
from corpus_material import Pair, clean_pairs, corpus, data_of, records, run

from curator.checks import Corpus
from curator.checks.affinity import Affinity
from curator.embedding import Embedder
from curator.model import Severity, Verdict
from curator.tasks import Task

NOTES = [(f"Please look at my order {n}, it is late.", f"We look at order {n} now.") for n in range(40)]


def test_examples_over_the_limit_are_errors_and_odd_lengths_are_notes(embedder: Embedder) -> None:
    pairs = [*NOTES, ("?", "A short question."), ("word " * 3_000, "Long."), ("word " * 9_000, "Too long.")]
    mine = corpus(pairs)
    tokens = {e.id: len(e.input.split()) + len(e.output.split()) for e in mine.examples}
    findings = run("length", data_of(mine, embedder=embedder, tokens=tokens, token_limit=8_000)).findings
    by_record = {next(iter(records(f))): f for f in findings}
    assert {n: f.severity for n, f in by_record.items()} == {
        40: Severity.INFO, 41: Severity.INFO, 42: Severity.ERROR,
    }  # fmt: skip
    assert by_record[42].suggestion is not None
    assert by_record[40].suggestion is None
    assert "9,002 tokens" in by_record[42].message


def test_lengths_of_labels_and_of_few_examples_are_not_judged(embedder: Embedder) -> None:
    labels = [(text, "a") for text, _ in NOTES] + [("Please look at my order 41, it is late.", "z" * 500)]
    assert not run("length", data_of(labels, task=Task.CLASSIFICATION, embedder=embedder)).findings
    assert not run("length", data_of([*NOTES[:9], ("?", "x")], embedder=embedder)).findings


def test_texts_of_another_world_are_outliers(embedder: Embedder) -> None:
    shop = clean_pairs("support", "pairs.csv")[:200]
    odd = [("Le soir, les chats du quartier chantent.", "restock"), ("def f(x): return x ** 2 + sum(y)", "restock")]
    outcome = run("outlier", data_of([*shop, *odd], embedder=embedder))
    reported = set().union(*(records(f) for f in outcome.findings))
    assert {200, 201} <= reported
    assert len(reported) <= 4
    assert len(outcome.scores["outlier"]) == 202
    assert all("nearest" in f.evidence for f in outcome.findings)


def test_few_examples_have_no_outliers(embedder: Embedder) -> None:
    outcome = run("outlier", data_of([*NOTES[:10], ("Chess is played on 64 squares.", "Yes.")], embedder=embedder))
    assert not outcome.findings
    assert np.isnan(outcome.scores["outlier"]).all()


def mislabelled(share: float) -> tuple[list[Pair], set[int]]:
    """Clean support messages, a seeded share of them with the label of another intent."""
    pairs = clean_pairs("support", "pairs.csv")
    random = np.random.default_rng(3)
    names = sorted({label for _, label in pairs})
    wrong = set(random.choice(len(pairs), int(share * len(pairs)), replace=False).tolist())
    shift = random.integers(1, len(names), len(pairs))
    return [
        (text, names[(names.index(label) + shift[n]) % len(names)] if n in wrong else label)
        for n, (text, label) in enumerate(pairs)
    ], wrong


def test_wrong_labels_are_found_with_the_neighbours_that_vote_otherwise(embedder: Embedder) -> None:
    pairs, wrong = mislabelled(0.08)
    outcome = run("label_error", data_of(pairs, task=Task.CLASSIFICATION, embedder=embedder))
    reported = {next(iter(records(f))) for f in outcome.findings}
    right = dict(enumerate(label for _, label in clean_pairs("support", "pairs.csv")))
    mended = sum(
        f.suggestion is not None and f.suggestion.value == right[next(iter(records(f)))] for f in outcome.findings
    )
    assert len(reported & wrong) / len(wrong) >= 0.55
    assert len(reported & wrong) / len(reported) >= 0.85
    assert mended / len(reported) >= 0.7
    first = outcome.findings[0]
    assert first.suggestion is not None
    assert first.suggestion.action is Verdict.RELABEL
    assert len(first.evidence["neighbours"]) == 5
    assert first.evidence["given"] in first.evidence["probabilities"]
    quality = np.asarray(outcome.scores["label_quality"], dtype=float)
    assert ((quality >= 0) & (quality <= 1)).all()


def test_rare_labels_are_said_and_not_judged(embedder: Embedder) -> None:
    pairs = [
        *clean_pairs("support", "pairs.csv")[:150],
        ("Do you hire gardeners?", "jobs"),
        ("I want to work for you.", "jobs"),
    ]
    outcome = run("label_error", data_of(pairs, task=Task.CLASSIFICATION, embedder=embedder))
    assert "jobs" in outcome.calibration["rare_classes_not_judged"]
    assert not {150, 151} & {n for f in outcome.findings for n in records(f)}
    data = data_of(pairs, task=Task.CLASSIFICATION, embedder=embedder)
    quality = dict(zip((e.ref.record for e in data.candidates.examples), outcome.scores["label_quality"], strict=True))
    assert np.isnan(quality[150])
    assert np.isnan(quality[151])


def test_one_label_alone_is_nothing_to_judge(embedder: Embedder) -> None:
    outcome = run("label_error", data_of([(t, "late") for t, _ in NOTES], task=Task.CLASSIFICATION, embedder=embedder))
    assert not outcome.findings
    assert "two labels" in outcome.calibration["note"]


def test_answers_on_the_wrong_question_are_found_and_the_fitting_one_is_shown(embedder: Embedder) -> None:
    pairs = clean_pairs("style", "chat.jsonl")
    rotated = list(np.random.default_rng(5).choice(len(pairs), 12, replace=False))
    for at, after in zip(rotated, [*rotated[1:], rotated[0]], strict=True):
        pairs[at] = (pairs[at][0], clean_pairs("style", "chat.jsonl")[after][1])
    outcome = run("mismatched_pair", data_of(pairs, task=Task.STYLE, embedder=embedder))
    reported = [f.examples[0] - 1 for f in outcome.findings]
    assert len(set(rotated) & set(reported)) >= 8
    worst = sorted(outcome.findings, key=lambda f: -f.score)[:8]
    assert sum(f.examples[0] - 1 in set(rotated) for f in worst) >= 6
    assert any("better" in f.evidence for f in outcome.findings)
    quality = np.asarray(outcome.scores["pair_quality"], dtype=float)
    assert len(quality) == len(pairs)
    assert ((quality >= 0) & (quality <= 1)).all()


def test_pairs_are_told_apart_where_the_encoder_knows_nothing_of_how_outputs_follow_from_inputs() -> None:
    random = np.random.default_rng(1)
    x = random.standard_normal((600, 48)).astype(np.float32)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    turned = np.linalg.qr(random.standard_normal((48, 48)))[0].astype(np.float32)
    y = x @ turned + 0.05 * random.standard_normal((600, 48)).astype(np.float32)
    y /= np.linalg.norm(y, axis=1, keepdims=True)
    wrong = random.choice(600, 12, replace=False)
    y[wrong] = y[np.roll(wrong, 1)]
    texts = [str(n) for n in range(600)]
    judged = Affinity(x, y, [f"in {t}" for t in texts], [f"out {t}" for t in texts], 0).judge(np.arange(600))
    assert judged is not None
    assert set(np.argsort(judged.given)[:12]) == set(wrong)
    assert judged.separation > 3
    assert 0.01 <= judged.wrong <= 0.03
    assert np.allclose(judged.ratio(np.arange(600), np.arange(600)), judged.given)


def test_the_words_that_only_one_output_shares_with_its_input_count() -> None:
    names = [f"{a}{b}" for a in ("alpha", "beta", "gamma", "delta", "kappa") for b in "bcdfghjklmnpqrst"]
    same = np.tile(np.float32([1, 0, 0]), (len(names), 1))
    at = np.arange(len(names))
    words = Affinity(same, same, [f"Order {n}" for n in at], [f'{{"order": {n}}}' for n in at], 0).plain
    assert (words(at, at)[1] > words(at, np.roll(at, 1))[1]).all()


def test_a_cut_set_by_reviewers_moves_what_is_reported_and_what_lies_below_is_shown_on_request(
    embedder: Embedder,
) -> None:
    pairs = clean_pairs("style", "chat.jsonl")[:240]
    pairs[10], pairs[90] = (pairs[10][0], pairs[90][1]), (pairs[90][0], pairs[10][1])
    for check in ("mismatched_pair", "outlier"):
        usual = run(check, data_of(pairs, task=Task.STYLE, embedder=embedder))
        assert usual.calibration["cut"] == 0.5
        assert not usual.borderline
        asked = run(check, data_of(pairs, task=Task.STYLE, embedder=embedder, borderline=True))
        assert [f.id for f in asked.findings] == [f.id for f in usual.findings]
        assert 10 <= len(asked.borderline) <= 100
        assert all(f.score < 0.5 and f.evidence and f.suggestion for f in asked.borderline)
        assert not {f.id for f in asked.borderline} & {f.id for f in asked.findings}
        lower = asked.borderline[4].score
        more = run(check, data_of(pairs, task=Task.STYLE, embedder=embedder, cuts={check: lower}))
        assert more.calibration["cut"] == lower
        assert {f.id for f in more.findings} >= {f.id for f in [*asked.findings, *asked.borderline[:5]]}
        assert all(f.score >= lower for f in more.findings)
        assert not run(check, data_of(pairs, task=Task.STYLE, embedder=embedder, cuts={check: 1.01})).findings


def test_strange_rows_of_one_kind_do_not_hide_each_other(embedder: Embedder) -> None:
    shop = clean_pairs("support", "pairs.csv")
    code = [
        (f"def add_{word}(x, y):\n    return x + y  # {word}", "x") for word in "one two three four five six".split()
    ]
    data = data_of([*shop, *code], embedder=embedder)
    outcome = run("outlier", data)
    records = np.array([e.ref.record for e in data.candidates.examples])
    worst = records[np.argsort(-np.asarray(outcome.scores["outlier"]))[:12]]
    assert set(worst) >= set(range(len(shop), len(shop) + len(code)))


def test_pairs_that_cannot_be_told_apart_are_not_judged_and_it_is_said(embedder: Embedder) -> None:
    thanks = ("Thank you, we will see to it.", "Thanks, we look into it.")
    pairs = [(text, thanks[i % 2]) for i, (text, _) in enumerate(clean_pairs("support", "pairs.csv")[:80])]
    outcome = run("mismatched_pair", data_of(pairs, task=Task.STYLE, embedder=embedder))
    assert not outcome.findings
    assert "tell whose is whose" in outcome.calibration["note"]
    assert not np.isnan(outcome.scores["pair_quality"]).any()


def test_labels_belong_to_many_inputs(embedder: Embedder) -> None:
    pairs = clean_pairs("support", "pairs.csv")[:60]
    assert not run("mismatched_pair", data_of(pairs, task=Task.CLASSIFICATION, embedder=embedder)).findings


def test_no_candidates_at_all_are_no_trouble(embedder: Embedder) -> None:
    for check in ("length", "outlier", "mismatched_pair", "label_error"):
        assert not run(check, data_of(Corpus([]), task=Task.CLASSIFICATION, embedder=embedder)).findings
