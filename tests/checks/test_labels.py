"""label_error: single labels, labels that are wrong together, sets of labels, and fields of extractions."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from corpus_material import Pair, by_content, clean_pairs, data_of, records, run
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curator.checks import Outcome
from curator.checks.field_values import like_json
from curator.checks.folds import FOLDS, folds
from curator.checks.multi_label import Spelling, spelling_of
from curator.checks.noise import doubt
from curator.checks.probabilities import Models
from curator.embedding import Embedder, nearest
from curator.model import Verdict
from curator.tasks import Task

SHOP = clean_pairs("support", "pairs.csv")
LABELS = sorted({label for _, label in SHOP})


def swapped(pairs: Sequence[Pair], share: float, seed: int = 3) -> tuple[list[Pair], set[int]]:
    """`pairs` with a share of the labels replaced by any other."""
    random = np.random.default_rng(seed)
    wrong = set(random.choice(len(pairs), int(share * len(pairs)), replace=False).tolist())
    shift = random.integers(1, len(LABELS), len(pairs))
    return [
        (text, LABELS[(LABELS.index(label) + shift[n]) % len(LABELS)] if n in wrong else label)
        for n, (text, label) in enumerate(pairs)
    ], wrong


def reported(outcome: Outcome) -> set[int]:
    return set().union(*(records(finding) for finding in outcome.findings))


@pytest.mark.parametrize("share", [0.0, 0.05, 0.2])
def test_as_many_are_reported_as_are_wrong_and_the_promised_precision_holds(share: float, embedder: Embedder) -> None:
    pairs, wrong = swapped(SHOP, share)
    outcome = run("label_error", data_of(pairs, task=Task.CLASSIFICATION, embedder=embedder))
    found = reported(outcome)
    # A few labels of the sample are open to doubt as they are.
    assert abs(outcome.calibration["estimated_wrong"] - len(wrong)) <= 0.02 * len(pairs)
    assert len(found - wrong) <= 0.025 * len(pairs)
    assert len(found & wrong) >= 0.8 * len(wrong)
    if wrong:
        assert abs(outcome.calibration["expected_precision"] - len(found & wrong) / len(found)) <= 0.2
    assert all(f.score >= outcome.calibration["cut"] for f in outcome.findings)


def test_a_cut_set_by_reviewers_decides_and_what_lies_below_is_asked_about(embedder: Embedder) -> None:
    pairs, _ = swapped(SHOP[:400], 0.1)
    settings = {"task": Task.CLASSIFICATION, "embedder": embedder, "borderline": True}
    scores = {}
    for cut in (0.2, 0.97):
        outcome = run("label_error", data_of(pairs, cuts={"label_error": cut}, **settings))
        assert outcome.calibration["cut"] == cut
        assert outcome.findings
        assert min(f.score for f in outcome.findings) >= cut > max(f.score for f in outcome.borderline)
        assert 0 < len(outcome.borderline) <= 100
        scores[cut] = len(outcome.findings)
    assert scores[0.2] > scores[0.97]
    assert not run("label_error", data_of(pairs, **{**settings, "borderline": False})).borderline


def test_findings_do_not_depend_on_the_order_of_the_rows(embedder: Embedder) -> None:
    pairs, _ = swapped(SHOP[:300], 0.1)
    there, back = (data_of(p, task=Task.CLASSIFICATION, embedder=embedder) for p in (pairs, pairs[::-1]))
    assert by_content(there, run("label_error", there).findings) == by_content(back, run("label_error", back).findings)


@pytest.mark.parametrize("size", [12, 20])
def test_one_topic_under_anothers_label_is_one_finding(size: int, embedder: Embedder) -> None:
    gifts = [n for n, (_, label) in enumerate(SHOP) if label == "gift_card"]
    vectors = embedder.vectors([SHOP[n][0] for n in gifts])
    members = {gifts[i] for i in np.argsort(-(vectors @ vectors[0]))[:size]}
    pairs = [(text, "damaged_item" if n in members else label) for n, (text, label) in enumerate(SHOP)]
    outcome = run("label_error", data_of(pairs, task=Task.CLASSIFICATION, embedder=embedder))
    (group,) = [f for f in outcome.findings if len(f.examples) > 1]
    assert outcome.calibration["slices"] == 1
    assert len(records(group) & members) >= 0.8 * size
    assert records(group) <= members
    assert group.suggestion is not None
    assert (group.suggestion.action, group.suggestion.value) == (Verdict.RELABEL, "gift_card")
    assert group.suggestion.examples == group.examples
    assert f"{len(group.examples)} examples" in group.message
    assert not [f for f in outcome.findings if f is not group and records(f) & records(group)]
    quality = np.asarray(outcome.scores["label_quality"], dtype=float)
    assert (quality < 0.4).sum() >= len(group.examples)


def test_no_slices_are_seen_in_clean_data(embedder: Embedder) -> None:
    outcome = run("label_error", data_of(SHOP, task=Task.CLASSIFICATION, embedder=embedder))
    assert outcome.calibration["slices"] == 0


def together(write: Callable[[list[str]], str]) -> tuple[list[Pair], dict[int, set[str]], list[set[str]]]:
    """Messages of one or two concerns with their labels as `write` puts them; in some a label is missing or made up."""
    random = np.random.default_rng(11)
    names = LABELS[:6]
    own = {name: [text for text, label in SHOP if label == name] for name in names}
    pairs, broken, right = [], {}, []
    for n in range(600):
        chosen = [names[k] for k in random.choice(6, 1 + n % 2, replace=False)]
        text = " ".join(own[name][random.integers(len(own[name]))] for name in chosen)
        said = set(chosen)
        if n % 15 == 1:
            said = {chosen[0]}
        if n % 15 == 4:
            said = {*chosen, next(name for name in names if name not in chosen)}
        if said != set(chosen):
            broken[n] = said ^ set(chosen)
        right.append(set(chosen))
        pairs.append((text, write(sorted(said))))
    return pairs, broken, right


@pytest.mark.parametrize("write", [json.dumps, "; ".join], ids=["json", "semicolon"])
def test_sets_of_labels_are_mended_label_by_label(write: Callable[[list[str]], str], embedder: Embedder) -> None:
    pairs, broken, right = together(write)
    outcome = run("label_error", data_of(pairs, task=Task.CLASSIFICATION, embedder=embedder))
    found = reported(outcome)
    assert len(found & set(broken)) >= 0.5 * len(broken)
    assert len(found & set(broken)) >= 0.65 * len(found)
    mended = 0
    for finding in outcome.findings:
        (n,) = records(finding)
        evidence = finding.evidence
        assert set(evidence["suggested"]) == (set(evidence["given"]) - set(evidence["surplus"])) | set(
            evidence["missing"]
        )
        if finding.suggestion:
            assert finding.suggestion.value == write(evidence["suggested"])
            mended += set(evidence["suggested"]) == right[n]
    assert mended >= 0.6 * len(found & set(broken))


def test_names_with_commas_are_single_labels() -> None:
    towns = ["Paris, France", "Lyon, France", "Berlin, Germany", "Köln, Germany", "Rome, Italy", "Vaduz"]
    assert spelling_of(towns * 20) is None
    assert spelling_of(["late, angry", "late, calm", "lost, angry", "lost, calm"] * 20) is None
    assert spelling_of(LABELS * 20) is None
    assert spelling_of([]) is None
    assert spelling_of(["red,blue", "red", "blue,green", "green", "red,green", "blue"] * 20) == Spelling(",")
    assert spelling_of(['["red"]', '["red", "blue"]'] * 20) == Spelling(None)


LABEL = st.text("abcdefg_ ", min_size=1, max_size=8).map(lambda text: " ".join(text.split())).filter(bool)


@given(st.lists(LABEL, min_size=1, max_size=5, unique=True), st.sampled_from([", ", ",", ";", " | ", None]))
def test_a_set_of_labels_is_read_as_it_was_written(labels: list[str], between: str | None) -> None:
    spelling = Spelling(between.strip() if between else None)
    text = between.join(labels) if between else json.dumps(labels)
    assert spelling.read(text) == tuple(labels)
    if between is None or len(labels) > 1:
        assert spelling.write(labels, text) == text


def test_a_field_that_is_a_label_is_judged_by_the_input_and_the_others_are_not(embedder: Embedder) -> None:
    pairs, wrong = swapped(SHOP[:500], 0.06)
    random = np.random.default_rng(2)
    outputs = [
        json.dumps(
            {"about": {"intent": label}, "first": text.split()[0], "urgent": bool(random.integers(2)), "id": n},
            separators=(",", ":"),
        )
        for n, (text, label) in enumerate(pairs)
    ]
    rows = [(text, output) for (text, _), output in zip(pairs, outputs, strict=True)]
    outcome = run("label_error", data_of(rows, task=Task.EXTRACTION, embedder=embedder))
    found = reported(outcome)
    assert len(found & wrong) >= 0.7 * len(wrong)
    assert len(found & wrong) >= 0.6 * len(found)
    assert "urgent" in outcome.calibration["not_reported"]
    for finding in outcome.findings:
        (n,) = records(finding)
        ((told),) = finding.evidence["fields"]
        assert told["field"] == "about.intent"
        assert finding.suggestion is not None
        assert finding.suggestion.value == outputs[n].replace(f'"{told["given"]}"', f'"{told["suggested"]}"')


def test_extractions_of_copied_values_have_no_labels_to_judge(embedder: Embedder) -> None:
    pairs = [(text, json.dumps({"word": text.split()[-1]})) for text, _ in SHOP[:100]]
    outcome = run("label_error", data_of(pairs, task=Task.EXTRACTION, embedder=embedder))
    assert not outcome.findings
    assert "no field" in outcome.calibration["note"]


@given(st.sampled_from([None, 2, 4]), st.booleans())
def test_json_is_written_in_the_style_it_came_in(indent: int | None, ascii_only: bool) -> None:
    before, after = {"ort": "Köln", "n": [1, 2]}, {"ort": "Łódź", "n": [1, 2]}
    text = json.dumps(before, indent=indent, ensure_ascii=ascii_only)
    assert like_json(text, after) == json.dumps(after, indent=indent, ensure_ascii=ascii_only)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 12)), min_size=1, max_size=60), st.integers(0, 9))
def test_folds_keep_groups_whole_and_deal_classes_evenly(rows: list[tuple[int, int]], seed: int) -> None:
    labels, groups = (np.array(column) for column in zip(*rows, strict=True))
    fold = folds(labels, groups, seed)
    assert all(len(set(fold[groups == group])) == 1 for group in set(groups))
    single = np.arange(len(labels))
    counts = np.array([np.bincount(folds(labels, single, seed)[labels == k], minlength=FOLDS) for k in set(labels)])
    assert (counts.max(axis=1) - counts.min(axis=1) <= 1).all()


def test_no_row_and_no_copy_of_it_has_a_say_in_how_it_is_judged() -> None:
    random = np.random.default_rng(0)
    vectors = random.normal(size=(90, 12)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    number, groups = np.arange(90), np.arange(90) // 2 % 40
    models = Models(vectors, groups, nearest(vectors, vectors, 24, itself=True), number, 0)
    labels = random.integers(0, 3, 90)
    truth = np.eye(3, dtype=np.float32)[labels]
    own = groups == 7
    turned = truth.copy()
    turned[own] = np.eye(3, dtype=np.float32)[(labels[own] + 1) % 3]
    for judge in (models.regress, models.vote):
        assert np.allclose(judge(truth)[own], judge(turned)[own], atol=1e-4)
        assert not np.allclose(judge(truth)[~own], judge(turned)[~own], atol=1e-4)


# Of the 153 cases this one misses the bound, by .0006; drawn at random it would fail one run in twenty.
@example(29, 0.05).xfail(raises=AssertionError, reason="estimated .105 where .055 are wrong")
@settings(max_examples=8, deadline=None, derandomize=True)
@given(st.integers(0, 50), st.sampled_from([0.05, 0.15, 0.3]))
def test_the_share_of_wrong_labels_is_estimated_from_scores_alone(seed: int, share: float) -> None:
    random = np.random.default_rng(seed)
    scores = random.normal(size=(1_500, 6)) * 3
    chances = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    right = (chances.cumsum(axis=1) > random.random((1_500, 1))).argmax(axis=1)
    wrong = random.random(1_500) < share
    labels = np.where(wrong, (right + random.integers(1, 6, 1_500)) % 6, right)
    judged = doubt([scores.astype(np.float32)], labels)
    assert abs(judged.wrong.mean() - wrong.mean()) <= 0.05
    sure = judged.wrong > 0.8
    assert wrong[sure].mean() >= 0.7
