"""Hashed eval sets: found like texts, readable by nobody."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from corpus_material import corpus, data_of, run

from curator import formats
from curator.checks import Corpus, Data
from curator.checks.private import hide
from curator.embedding import Embedder
from curator.errors import InputError
from curator.model import Example, Rejected, Role
from curator.tasks import Task

EVAL = [
    (
        "How long may I keep a library book before somebody asks for it?",
        "Four weeks from the day on which you took it.",
    ),
    ("Which bus goes from the old harbour to the museum on a Sunday morning?", "Line 8, every half an hour from ten."),
]
CANDIDATES = [
    ("Peel the potatoes and boil them in salted water.", "Done."),
    (
        "HOW long may I keep a library book before somebody asks for it?",
        "Four weeks from the day on which you took it.",
    ),
    ("Dear all, which bus goes from the old harbour to the museum on a Sunday morning? Thanks a lot, Ann", "None."),
    ("For how long can I keep a library book until someone wants it?", "A month."),
    ("My bicycle has a flat tyre again.", "Patch it."),
]
SALT = "00112233445566778899aabbccddeeff"


def hidden(path: Path, embedder: Embedder, salt: str | None = SALT) -> Path:
    formats.write(hide(corpus(EVAL, Role.EVAL).examples, embedder, salt), path, formats.HASHED)
    return path


def read(path: Path) -> list[Example]:
    found = list(formats.read(path, formats.detect(path, role=Role.EVAL), Role.EVAL))
    assert all(isinstance(record, Example) for record in found)
    return [record for record in found if isinstance(record, Example)]


def check(evals: Corpus, embedder: Embedder) -> dict[str, tuple[str, float, list[str]]]:
    """By candidate text: the exact and n-gram evidence, the score, and the cosine where meaning is evidence."""
    data = Data(corpus(CANDIDATES), evals, Task.GENERATION, embedder)
    names = {e.id: e for e in data.candidates.examples}
    return {
        names[f.examples[0]].input: (
            json.dumps([f.evidence.get("exact"), f.evidence.get("ngram")]),
            round(f.score, 4),
            [f.evidence["side"]],
        )
        for f in run("leakage", data).findings
        if {"exact", "ngram"} & f.evidence.keys()
    }


def test_words_are_found_as_with_the_texts(tmp_path: Path, embedder: Embedder) -> None:
    private = check(Corpus(read(hidden(tmp_path / "p.jsonl", embedder))), embedder)
    assert private == check(corpus(EVAL, Role.EVAL), embedder)
    assert set(private) == {CANDIDATES[1][0], CANDIDATES[2][0]}


def test_meaning_is_found_as_with_the_texts(tmp_path: Path, embedder: Embedder) -> None:
    private = Corpus(read(hidden(tmp_path / "p.jsonl", embedder)))
    scores = run("leakage", Data(corpus(CANDIDATES), private, Task.GENERATION, embedder)).scores["leakage"]
    open_scores = run("leakage", data_of(CANDIDATES, EVAL, embedder=embedder)).scores["leakage"]
    # A near duplicate by words needs the words; all else is the same but for the rounding of the vectors.
    assert list(scores) == pytest.approx([min(o, s) for o, s in zip(open_scores, scores, strict=True)], abs=1e-9)
    assert max(abs(o - s) for o, s in zip(open_scores, scores, strict=True) if o < 0.9) < 0.02


def test_the_file_holds_no_words_and_its_records_stand_for_themselves(tmp_path: Path, embedder: Embedder) -> None:
    path = hidden(tmp_path / "p.jsonl", embedder)
    text = path.read_text(encoding="utf-8").casefold()
    assert not any(word in text for word in ("library", "harbour", "museum", "weeks"))
    first, second = read(path)
    assert first.input.startswith("private eval example 1 ")
    assert (first.ref.record, second.ref.record, first.ref.line) == (0, 1, 2)
    other = hidden(tmp_path / "q.jsonl", embedder, salt=None)
    assert json.loads(path.read_text().splitlines()[1])["input"]["exact"] not in other.read_text()


def test_the_same_salt_gives_the_same_file(tmp_path: Path, embedder: Embedder) -> None:
    first, second = (hidden(tmp_path / name, embedder).read_bytes() for name in ("a.jsonl", "b.jsonl"))
    assert first == second


def test_vectors_of_the_eval_set_are_those_of_the_texts(tmp_path: Path, embedder: Embedder) -> None:
    private = Corpus(read(hidden(tmp_path / "p.jsonl", embedder)))
    data = Data(corpus(CANDIDATES), private, Task.GENERATION, embedder)
    by_record = [data.eval_vectors[[e.ref.record for e in private.examples].index(n)] for n in (0, 1)]
    expected = embedder.vectors([text for text, _ in EVAL])
    assert (by_record * expected).sum(axis=1) == pytest.approx([1, 1], abs=1e-3)
    assert data.eval_output_vectors.shape == expected.shape


def test_another_encoder_is_refused_in_one_sentence(tmp_path: Path, embedder: Embedder) -> None:
    path = hidden(tmp_path / "p.jsonl", embedder)
    path.write_text(path.read_text().replace(embedder.info.sha256, "0" * 64).replace(embedder.info.name, "other"))
    with pytest.raises(InputError, match="made with the encoder other, not"):
        run("leakage", Data(corpus(CANDIDATES), Corpus(read(path)), Task.GENERATION, embedder))


def test_damaged_records_are_rejected_and_counted(tmp_path: Path, embedder: Embedder) -> None:
    path = hidden(tmp_path / "p.jsonl", embedder)
    header, first, second = path.read_text().splitlines()
    broken = json.loads(second)
    broken["input"]["windows"] = broken["input"]["windows"][:7]
    path.write_text("\n".join([header, first, json.dumps(broken), '{"input": 3}', "nonsense"]) + "\n")
    found = list(formats.read(path, formats.detect(path, role=Role.EVAL), Role.EVAL))
    assert [isinstance(record, Rejected) for record in found] == [False, True, True, True]
    assert [record.ref.record for record in found] == [0, 1, 2, 3]


def test_the_command_makes_one_that_check_takes(tmp_path: Path, curator: Callable[..., object]) -> None:
    texts, private = tmp_path / "eval.jsonl", tmp_path / "private.jsonl"
    texts.write_text("".join(json.dumps({"prompt": q, "completion": a}) + "\n" for q, a in EVAL))
    pairs = tmp_path / "pairs.jsonl"
    pairs.write_text("".join(json.dumps({"prompt": q, "completion": a}) + "\n" for q, a in CANDIDATES))
    assert curator("convert", texts, "--to", "hashed", "--out", private, "-q").code == 0  # type: ignore[attr-defined]
    done = curator("check", pairs, "--eval", private, "--only", "leakage", "--json", "-", "-q")
    report = json.loads(done.out)  # type: ignore[attr-defined]
    assert {f["examples"][0]["record"] for f in report["findings"]} >= {1, 2}
    assert {f["examples"][1]["source"] for f in report["findings"]} == {str(private)}
    refused = curator("check", private, "-q")
    assert refused.code == 2  # type: ignore[attr-defined]
    assert "give it with --eval" in refused.sentence  # type: ignore[attr-defined]
    refused = curator("convert", private, "--to", "csv", "-q")
    assert "holds no texts to convert" in refused.sentence  # type: ignore[attr-defined]
    refused = curator("convert", texts, "--to", "hashed", "--salt", "xyz", "--force", "-q")
    assert "hex digits" in refused.sentence  # type: ignore[attr-defined]
