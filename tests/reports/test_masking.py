"""No report shows a secret or personal data: whichever finding quotes the text, in whatever form, whole or cut."""

from __future__ import annotations

import csv
import json
import random
import string
from dataclasses import replace
from pathlib import Path

import pytest

from curator import pipeline
from curator.model import Example, Finding, Message, Ref, Rejected, Severity, Suggestion, ToolCall, Verdict
from curator.release import Wanted
from curator.reports import findings_json, html, junit
from curator.reports.data import CheckReport, CheckRun, Gate
from curator.reports.masking import masked
from curator.splits import Shares
from curator.tasks import Task

KEY = "ghp_" + "".join(random.Random(1).choices(string.ascii_letters + string.digits, k=36))
MAIL = "jane.roe@gmail.com"
TEXT = f"My key is {KEY}, write to {MAIL} about it."


def example(id: int, text: str, output: str = "ok") -> Example:
    return Example(Ref("a.jsonl", id - 1, id), (Message("user", text), Message("assistant", output)), id=id)


def report(*findings: Finding, examples: tuple[Example, ...]) -> CheckReport:
    return CheckReport(
        version="1",
        task=Task.GENERATION,
        task_guessed=False,
        seed=0,
        sources=(),
        rejected=(Rejected(Ref("a.jsonl", 9, 10), f"not JSON: {TEXT}"),),
        checks=(CheckRun("structure", len(findings), len(findings)),),
        findings=findings,
        examples={e.id: e for e in examples},
        effective=1,
        gates=(Gate("structure:0", False, 1, "structure"),),
        labels={MAIL: 1, "jane.doe@gmail.com": 2},
    )


def finding(**evidence: object) -> Finding:
    suggestion = Suggestion(Verdict.RELABEL, (1,), TEXT, (TEXT,))
    return Finding("structure", Severity.ERROR, 1.0, (1,), f"the input says {TEXT}", evidence, suggestion, "f1")


def everything(of: CheckReport) -> str:
    pages = html.check_page(of) + findings_json.dumps(of).decode() + junit.dumps(of).decode()
    return pages.replace("<mark>", "").replace("</mark>", "").replace("<wbr>", "")


@pytest.mark.parametrize(
    "evidence",
    [
        {"input": TEXT},
        {"others": [{"example": 2, "text": TEXT, "only_in_other": [KEY, MAIL]}]},
        {"input": TEXT.upper()},
        {"excerpt": TEXT[: TEXT.index(KEY) + 20] + "…"},
        {"excerpt": TEXT[TEXT.index(KEY) + 12 :]},
        {"words": [KEY[:30], MAIL.split("@")[0]]},
    ],
)
def test_evidence_in_any_form_shows_no_value(evidence: dict[str, object]) -> None:
    shown = everything(
        masked(report(finding(**evidence), examples=(example(1, TEXT), example(2, TEXT + " Now."))))
    ).casefold()
    for value in (KEY, MAIL):
        assert value.casefold() not in shown
    assert KEY[:20].casefold() not in shown
    assert KEY[-20:].casefold() not in shown
    assert "jane.roe" not in shown


def test_arguments_of_tool_calls_are_masked_too() -> None:
    call = Message("assistant", None, (ToolCall("send", json.dumps({"to": MAIL}), "c1"),))
    given = replace(example(1, "Send it."), messages=(Message("user", "Send it."), call))
    assert MAIL not in everything(masked(report(finding(input="Send it."), examples=(given,))))


def test_what_holds_nothing_is_the_same_object() -> None:
    plain = Finding("structure", Severity.ERROR, 1.0, (1,), "the output is empty", {"input": "How much?"}, None, "f1")
    given = report(plain, examples=(example(1, "How much?"),))
    same = masked(given)
    assert same.findings[0] is plain
    assert same.examples is given.examples
    assert sum((same.labels or {}).values()) == 3


def test_a_release_shows_values_in_the_files_for_providers_alone(tmp_path: Path, embedding_cache: Path) -> None:
    rows = [(f"How do I mend part {n} of the {thing}?", f"Take the {thing} apart and look at part {n}.")
            for n, thing in enumerate("lamp door chair table clock phone radio bike boat tent kite drum harp bell ring".split())]  # fmt: skip
    rows += [("Which key opens the shop?", f"It is {KEY}."), ("Who sells the old lamps here?", f"Write to {MAIL}.")]
    source = tmp_path / "pairs.csv"
    with source.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("input", "output"), *rows])
    wanted = Wanted(tmp_path / "out", shares=Shares(0.9, 0.1), allow_below_minimum=True)
    with pipeline.opened(pipeline.Inputs((str(source),))) as (project, _):
        checked, _ = pipeline.export(project, pipeline.Settings(task=Task.GENERATION), wanted)
    provided = "".join(path.read_text(encoding="utf-8") for path in wanted.out.glob("openai/*.jsonl"))
    beside = "".join(path.read_text(encoding="utf-8") for path in wanted.out.iterdir() if path.is_file())
    assert MAIL in provided
    assert KEY not in provided + beside
    assert MAIL not in beside + everything(checked.report)
    excluded = [json.loads(line) for line in (wanted.out / "excluded.jsonl").read_text(encoding="utf-8").splitlines()]
    (secret,) = (row for row in excluded if row["reason"] == "personal_data")
    assert secret["masked"]
    assert "ghp_…(40 characters)" in secret["message"]
    assert "ghp_…(40 characters)" in secret["output"]
