"""Pages, JSON, JUnit and scores say what was found, whatever the texts hold."""

from __future__ import annotations

import csv
import json
import math
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.embedding import EncoderInfo
from curator.errors import InputError
from curator.model import Example, Finding, Message, Ref, Rejected, Role, Severity, Source, Suggestion, Verdict
from curator.reports import charts, findings_json, html, junit, marking, scores
from curator.reports.data import (
    Certificate,
    CheckReport,
    CheckRun,
    Gate,
    LabelSplit,
    Lengths,
    Reason,
    ReleaseReport,
    Step,
    TargetFile,
)
from curator.tasks import NEEDS, Task

NASTY = '<script>alert("x")</script> & \x00\x1b \ud800 =1+1'


def example(id: int, question: str, answer: str, role: Role = Role.CANDIDATE) -> Example:
    ref = Ref("data/train.csv", id - 1, id + 1, role)
    return Example(ref, (Message("user", question), Message("assistant", answer)), id=id)


def check_report(text: str = "Where is my card?") -> CheckReport:
    examples = {
        1: example(1, text, "card_arrival"),
        2: example(2, "Where is my new card?", "card_arrival"),
        3: example(3, "What is the rate?", "exchange_rate"),
    }
    findings = (
        Finding(
            "near_duplicate",
            Severity.WARNING,
            0.97,
            (1, 2),
            "2 examples are near duplicates",
            {"keep": 1, "others": [{"example": 2, "cosine": 0.97, "only_in_other": ["new"]}]},
            Suggestion(Verdict.DROP, (2,)),
            "a1",
        ),
        Finding(
            "label_error",
            Severity.ERROR,
            0.9,
            (3,),
            text,
            {"neighbours": [{"example": 1, "label": text, "cosine": 0.8}]},
            Suggestion(Verdict.RELABEL, (3,), "fees"),
            "b2",
        ),
    )
    return CheckReport(
        version="0.1.0",
        task=Task.CLASSIFICATION,
        task_guessed=True,
        seed=7,
        sources=(Source("data/train.csv", "ab" * 32, "csv", Role.CANDIDATE, 4, 3, 1),),
        rejected=(Rejected(Ref("data/train.csv", 3, 5), "the row has 3 fields"),),
        checks=(
            CheckRun("near_duplicate", 1, 2),
            CheckRun("label_error", 1, 1),
            CheckRun("schema", 0, 0, skipped="no schema"),
        ),
        findings=findings,
        examples=examples,
        effective=2,
        encoder=EncoderInfo("all-MiniLM-L6-v2", "1110a243", "53aa51", "float32"),
        gates=(Gate("label_error:0", False, 1, "label_error"), Gate("effective:200", False, 2)),
        labels={"card_arrival": 2, text: 1},
        lengths=Lengths.of([4, 8, 15], "tokens, exact (o200k_base)"),
    )


def release_report() -> ReleaseReport:
    first, second = example(1, "Where is my card?", "a"), example(2, "Where is my new card?", "a")
    return ReleaseReport(
        version="0.1.0",
        task=Task.CLASSIFICATION,
        task_guessed=False,
        seed=7,
        size="ideal",
        sources=check_report().sources,
        steps=(Step("Read", 3000), Step("Chosen", 2000)),
        excluded=(Reason("repeats an eval example", 1000, (example(3, NASTY, "b"),)),),
        splits=(Step("train", 1800), Step("validation", 200)),
        certificate=Certificate(0.912, 40, 0, 7, (first, second)),
        files=(TargetFile("openai", "train", Path("out/openai/train.jsonl"), 1800, 350_000, "cd" * 32, tokens=9000),),
        labels=(LabelSplit("a", {"train": 1800, "validation": 200}),),
        settings={"stratify": True, "eval": None},
    )


class Page(HTMLParser):
    """Collects tags, addresses and visible text, and checks that every tag is closed."""

    VOID = frozenset({"meta", "br"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for key, value in attrs if key in ("src", "href")]
        self.ids += [value or "" for key, value in attrs if key == "id"]
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.text += data


@pytest.mark.parametrize("page", [html.check_page(check_report(NASTY)), html.release_page(release_report())])
def test_a_page_is_complete_in_itself_and_runs_nothing(page: str) -> None:
    parsed = Page(page)
    assert "script" not in parsed.tags
    assert all(link.startswith("#") for link in parsed.links)
    assert "http" not in page.replace("http://www.w3.org", "")
    assert len(parsed.ids) == len(set(parsed.ids))
    assert "<script>alert" in parsed.text


def test_a_check_page_shows_the_evidence() -> None:
    page = html.check_page(check_report())
    text = " ".join(Page(page).text.split())
    assert "2 findings in 3 examples" in text
    assert "below the minimum" in text
    assert "fine-tuning will likely overfit" in text
    assert "<mark>new</mark>" in page
    assert "Given label exchange_rate Suggested label fees".replace(" ", "") in text.replace(" ", "")
    assert "not run: no schema" in text
    assert "data/train.csv, line 5 the row has 3 fields".replace(" ", "") in text.replace(" ", "")


def test_a_release_page_shows_the_certificate() -> None:
    text = " ".join(Page(html.release_page(release_report())).text.split())
    assert "2,000 examples in 2 splits" in text
    assert "No group of near duplicates lies in two splits" in text
    assert "0.912" in text
    assert "90.0%" in text


def test_pages_of_nothing_say_so() -> None:
    empty = replace(
        check_report(),
        findings=(),
        examples={},
        sources=(),
        rejected=(),
        checks=(),
        gates=(),
        effective=0,
        labels=None,
        lengths=None,
        encoder=None,
    )
    assert "Nothing to object to" in Page(html.check_page(empty)).text
    bare = replace(release_report(), steps=(), excluded=(), splits=(), files=(), labels=(), sources=())
    bare = replace(bare, certificate=Certificate(None, 0, 0, 7))
    assert "Nothing was left out" in Page(html.release_page(bare)).text


def test_a_page_with_half_a_character_can_be_written(tmp_path: Path) -> None:
    html.write_check(check_report(NASTY), tmp_path / "report.html")
    assert "card_arrival" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_the_document_names_examples_by_their_place() -> None:
    document = json.loads(findings_json.dumps(check_report()))
    assert document["schema"] == "curator/findings/1"
    assert document["summary"] == {
        "near_duplicate": {"findings": 1, "examples": 2},
        "label_error": {"findings": 1, "examples": 1},
    }
    second = {"source": "data/train.csv", "record": 1, "line": 3, "role": "candidate"}
    found = document["findings"][0]
    assert found["examples"][1] == second
    assert found["evidence"]["others"][0]["example"] == second
    assert found["suggestion"] == {"action": "drop", "examples": [second], "value": None}
    assert document["rejected"] == [
        {"source": "data/train.csv", "record": 3, "line": 5, "reason": "the row has 3 fields"}
    ]


def test_the_document_holds_no_nan_and_any_text(tmp_path: Path) -> None:
    report = check_report(NASTY)
    report = replace(report, findings=(*report.findings, replace(report.findings[0], score=math.nan)))
    findings_json.write(report, tmp_path / "findings.json")
    document = json.loads((tmp_path / "findings.json").read_bytes(), parse_constant=pytest.fail)
    assert document["findings"][2]["score"] is None


def test_junit_fails_the_checks_whose_gates_are_not_met() -> None:
    suite = ET.fromstring(junit.dumps(check_report(NASTY)))[0]
    assert {k: suite.get(k) for k in ("tests", "failures", "skipped")} == {
        "tests": "4",
        "failures": "2",
        "skipped": "1",
    }
    cases = {case.get("name"): case for case in suite.iter("testcase")}
    failure = cases["label_error"].find("failure")
    assert failure is not None
    assert failure.get("message") == "1 finding on 1 example; not met: label_error:0"
    assert "data/train.csv, line 4" in (failure.text or "")
    assert cases["near_duplicate"].find("failure") is None
    assert cases["effective:200"].find("failure") is not None


def test_scores_have_every_column_in_order_and_empty_cells(tmp_path: Path) -> None:
    columns = {
        "source": ["a.csv", "=cmd.csv"],
        "record": [0, 1],
        "line": [2, None],
        "role": ["candidate", "eval"],
        "leakage": [0.123456789, float("nan")],
        "suggested_label": ["+1 (555)", "-5"],
    }
    scores.write(columns, tmp_path / "scores.csv")
    with (tmp_path / "scores.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == scores.COLUMNS
    assert rows[0]["leakage"] == "0.123457"
    assert (rows[1]["leakage"], rows[1]["line"], rows[0]["line"]) == ("", "", "2")
    assert [row["source"] for row in rows] == ["a.csv", "'=cmd.csv"]
    assert [row["suggested_label"] for row in rows] == ["'+1 (555)", "-5"]


def test_scores_as_parquet_keep_texts_and_types(tmp_path: Path) -> None:
    scores.write(pd.DataFrame({"source": ["=a"], "record": [0], "outlier": [0.5]}), tmp_path / "scores.parquet")
    frame = pd.read_parquet(tmp_path / "scores.parquet")
    assert tuple(frame.columns) == scores.COLUMNS
    assert frame["source"].tolist() == ["=a"]
    assert frame["record"].tolist() == [0]
    assert frame["line"].isna().all()


def test_scores_in_another_format_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\.csv or \.parquet"):
        scores.write({"source": []}, tmp_path / "scores.xlsx")


@given(st.text(max_size=80), st.text(max_size=80))
def test_marks_never_change_a_text(text: str, other: str) -> None:
    assert "".join(piece.text for piece in marking.differing(text, other)) == text


def test_a_difference_far_into_a_long_text_is_shown() -> None:
    long = "the same words again and again " * 200
    pieces = marking.differing(long + "but seven", long + "but eight")
    assert [piece.text for piece in pieces if piece.marked] == ["seven"]
    assert sum(len(piece.text) for piece in pieces) < 800
    assert pieces[0].text == "… "


@settings(max_examples=50)
@given(st.lists(st.integers(0, 100_000), min_size=1))
def test_a_histogram_counts_every_value_once(values: list[int]) -> None:
    lengths = Lengths.of(values, "tokens")
    assert lengths is not None
    assert sum(b.count for b in lengths.bins) == len(values)
    assert len(lengths.bins) <= 21
    assert lengths.longest == max(values)
    plot = charts.histogram(lengths)
    assert all(0 <= bar.y <= charts.PLOT_HEIGHT for bar in plot.bars)


@given(st.sampled_from(list(NEEDS.values())), st.integers(0, 10**7), st.integers(0, 10**7))
def test_a_gauge_never_falls_with_more_examples(need: object, a: int, b: int) -> None:
    low, high = sorted((a, b))
    assert charts.gauge(low, need).at <= charts.gauge(high, need).at <= charts.GAUGE_WIDTH  # type: ignore[arg-type]


def test_a_gauge_meets_its_marks() -> None:
    need = NEEDS[Task.CLASSIFICATION]
    assert [charts.gauge(n, need).at for n in (0, 200, 2000, 20_000)] == [0, 240, 480, 720]
    assert [charts.gauge(n, need).zone for n in (199, 200, 1999, 2000)] == [0, 1, 1, 2]
