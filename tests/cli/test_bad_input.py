"""Whatever is wrong with files and options is said in one sentence, with the exit code that scripts rely on."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_material import made_rows, write_rows

QUICK = ("--only", "structure,exact_duplicate")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with files of all kinds, where the commands run."""
    monkeypatch.chdir(tmp_path)
    write_rows(Path("small.csv"), made_rows(40))
    write_rows(Path("one.csv"), made_rows(1))
    write_rows(Path("two.csv"), made_rows(2))
    write_rows(Path("header.csv"), [])
    write_rows(Path("one_class.csv"), made_rows(40, labels=1))
    Path("folder").mkdir()
    Path("empty.csv").write_bytes(b"")
    Path("blank.csv").write_text("\n \n\n")
    Path("noise.csv").write_bytes(random.Random(1).randbytes(5_000))
    Path("zeros.csv").write_bytes(bytes(5_000))
    Path("picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    inputs = ({"prompt": text} for text, _ in made_rows(20))
    Path("no_outputs.jsonl").write_text("".join(json.dumps(record) + "\n" for record in inputs))
    Path("cut_off.jsonl").write_text("".join(f'{{"prompt": "a {n}", "completion": 3, \n' for n in range(20)))
    Path("numbers.jsonl").write_text("1\n2\n3\n")
    return tmp_path


UNREADABLE = {
    "gone.csv": "there is no such file",
    "folder": "a folder that is not a saved dataset; name the files in it",
    "empty.csv": "the file is empty",
    "blank.csv": "nothing but blanks",
    "noise.csv": "this is binary data",
    "zeros.csv": "this is binary data",
    "picture.csv": "this is a picture",
    "header.csv": "it has a header and no rows",
    "no_outputs.jsonl": "no outputs found: its fields are prompt; name one with --output-field",
    "cut_off.jsonl": "line 1: none of its records can be read",
}


@pytest.mark.parametrize("file", UNREADABLE)
def test_a_file_that_cannot_be_read_is_named_with_its_reason(curator: Callable, file: str) -> None:
    export = ("export", "-q", file, "--out", "out")
    for command in (("check", "-q", file), ("ready", "-q", file), export):
        ran = curator(*command)
        assert ran.code == 2
        assert ran.sentence.startswith(f"curator: {file}")
        assert UNREADABLE[file] in ran.sentence
        assert ran.out == ""
    assert not Path("out").exists()


@pytest.mark.parametrize("file", [name for name in UNREADABLE if name != "no_outputs.jsonl"])
def test_a_conversion_of_what_cannot_be_read_writes_nothing(curator: Callable, file: str) -> None:
    before = sorted(Path().iterdir())
    ran = curator("convert", "-q", file, "--to", "openai")
    assert ran.code == 2
    assert UNREADABLE[file] in ran.sentence
    assert sorted(Path().iterdir()) == before


@pytest.mark.parametrize("file", [*UNREADABLE, "small.csv", "numbers.jsonl"])
def test_a_file_that_is_no_jsonl_is_not_acceptable(curator: Callable, file: str) -> None:
    ran = curator("validate", file, "--target", "openai")
    assert ran.code == (2 if file in ("gone.csv", "folder") else 1)
    assert "Traceback" not in ran.err
    assert f"{file} is not acceptable to openai" in ran.out if ran.code == 1 else ran.sentence


def test_a_wrong_name_leaves_no_project_behind(curator: Callable) -> None:
    for wrong in (("gone.csv",), ("small.csv", "--eval", "gone.csv")):
        ran = curator("check", "-q", *wrong, "--project", "new.curator", *QUICK)
        assert ran.code == 2
        assert ran.sentence.startswith("curator: gone.csv: there is no such file")
        assert not Path("new.curator").exists()


def test_an_import_of_several_files_looks_at_all_before_the_first(curator: Callable) -> None:
    curator("new", "p.curator")
    ran = curator("import", "-q", "p.curator", "small.csv", "gone.csv")
    assert (ran.code, ran.out) == (2, "")
    assert "gone.csv: there is no such file" in ran.sentence
    assert "0 candidates" in curator("status", "p.curator").out


@pytest.mark.parametrize("file", ["one.csv", "two.csv", "one_class.csv"])
def test_very_little_data_is_checked_all_the_same(curator: Callable, file: str) -> None:
    ran = curator("check", "-q", file, "--json", "-")
    assert (ran.code, ran.err) == (0, "")
    report = json.loads(ran.out)
    assert report["sources"][0]["examples"] == len(Path(file).read_text().splitlines()) - 1
    assert curator("ready", "-q", file).code == 1
    ran = curator("export", "-q", file, "--out", "out")
    assert ran.code == 1
    assert "below the minimum" in ran.sentence
    assert not Path("out").exists()


def test_an_eval_file_with_the_same_rows_leaves_nothing_to_export(curator: Callable) -> None:
    ran = curator("check", "-q", "small.csv", "--eval", "small.csv", "--only", "leakage", "--json", "-")
    assert json.loads(ran.out)["summary"]["leakage"]["findings"] == 40
    for more in ((), ("--allow-below-minimum",)):
        ran = curator("export", "-q", "small.csv", "--eval", "small.csv", "--out", "out", *more)
        assert ran.code == 1
        assert "none of the 40 examples is left to export (left out: 40 by leakage)" in ran.sentence
        assert not Path("out").exists()


BAD_OPTIONS = [
    (["--only", "nope"], "there is no check named 'nope'; the checks are structure"),
    (["--skip", "nope"], "there is no check named 'nope'"),
    (["--only", "length", "--skip", "length"], "no check is left to run"),
    (["--fail-on", "nope"], "there is no check named 'nope'"),
    (["--fail-on", "outlier:x"], "such as outlier:5 or outlier:2%"),
    (["--fail-on", "outlier:-1"], "such as outlier:5"),
    (["--fail-on", "outlier:nan%"], "such as outlier:5"),
    (["--fail-on", "outlier", "--skip", "outlier"], "outlier does not run with these options"),
    (["--task", "nope"], "'nope' is not one of 'classification'"),
    (["--encoder", "nope"], "hf download nope"),
    (["--encoder", "folder"], "no .safetensors weights"),
    (["--format", "nope"], "there is no format nope"),
    (["--format", "parquet"], "not a Parquet file"),
    (["--input-field", "nope"], "no record has a field nope; its fields are text, intent"),
    (["--output-field", "nope"], "no record has a field nope"),
    (["--config", "gone.toml"], "gone.toml: there is no such file; --config names a curator.toml"),
    (["--config", "small.csv"], "small.csv: cannot be read as TOML"),
    (["--config", "folder"], "folder: cannot be read"),
    (["--seed", "x"], "--seed"),
    (["--schema", "gone.json"], "gone.json: there is no such file; --schema names a JSON Schema"),
    (["--schema", "small.csv"], "small.csv: cannot be read as JSON"),
    (["--target", "nope"], "choose one of"),
    (["--nope"], "No such option: --nope (see curator check --help)"),
    (["--eval", "gone.csv"], "gone.csv: there is no such file"),
    (["--project", "small.csv"], "small.csv is not a name for a project: it ends with .curator"),
    (["--project", "gone/x.curator"], "make it first"),
    (["--scores", "x.xls"], "x.xls: scores are written as .csv or .parquet"),
    (["--report", "folder"], "folder: is a folder; name a file to write"),
    (["--json", "folder"], "folder: is a folder; name a file to write"),
    (["--junit", "x", "--json", "./x"], "two results would go to this file"),
]


@pytest.mark.parametrize(("options", "said"), BAD_OPTIONS)
def test_a_bad_option_is_said_before_the_work(curator: Callable, options: list[str], said: str) -> None:
    before = sorted(Path().iterdir())
    ran = curator("check", "-q", "small.csv", *options)
    assert ran.code == 2
    assert said in ran.sentence
    assert ran.out == ""
    assert sorted(Path().iterdir()) == before


BAD_EXPORTS = [
    (["--split", "x"], "such as 90/10 or 80/10/10"),
    (["--split", "50/60"], "add up to 100"),
    (["--split", "0/100"], "such as 90/10"),
    (["--split", "nan/nan"], "such as 90/10"),
    (["--split", "110/-10"], "such as 90/10"),
    (["--size", "x"], "give minimum, ideal, all or a number above 0"),
    (["--size", "0"], "a number above 0"),
    (["--size", "²"], "a number above 0"),
    (["--size", "-1"], "a number above 0"),
    (["--target", "openai,nope"], "there is no target 'nope'"),
    (["--include", "nope"], "there is no rule named 'nope'; the rules are"),
    (["--include", "outlier", "--exclude", "outlier"], "'outlier' is both included and excluded"),
    (["--out", "small.csv"], "small.csv: is a file; choose another name for the folder"),
    (["--out", "small.csv/x"], "is a file, not a folder"),
    (["--out", "."], "cannot be replaced by a release; name a folder in it"),
]


@pytest.mark.parametrize(("options", "said"), BAD_EXPORTS)
def test_a_bad_option_of_export_is_said_before_anything_is_read(
    curator: Callable, options: list[str], said: str
) -> None:
    ran = curator("export", "-q", "gone.csv", "--out", "out", *options)
    assert ran.code == 2
    assert said in ran.sentence
    assert not Path("out").exists()


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["check"], "Missing argument 'DATA' (see curator check --help)"),
        (["export", "small.csv"], "Missing option '--out' (see curator export --help)"),
        (["convert", "small.csv"], "Missing option '--to'"),
        (["convert", "small.csv", "--to", "nope"], "there is no format nope to write; it is one of"),
        (["validate", "small.csv"], "Missing option '--target'"),
        (["validate", "small.csv", "--target", "nope"], "there is no target 'nope'"),
        (["validate", "small.csv", "--target", "openai", "--part", "nope"], "it is one of train, validation, test"),
        (["polish"], "No such command 'polish' (see curator --help)"),
        (["new", "small.csv"], "small.csv is not a name for a project: it ends with .curator"),
        (["new", "gone/x.curator"], "There is no folder"),
        (["import", "gone.curator", "small.csv"], "`curator new` makes one"),
        (["status", "gone.curator"], "gone.curator: There is no such project; `curator new` makes one"),
        (["log", "small.csv"], "small.csv: This file is not a Curator project"),
        (["check", "gone.curator"], "gone.curator: There is no such project"),
        (["check", "a.curator", "small.csv"], "a.curator is a project: name it alone"),
        (["check", "a.curator", "b.curator"], "a.curator is a project: name it alone"),
        (["demo", "--sample", "nope"], "there is no sample 'nope'; the samples are support"),
    ],
)
def test_bad_usage_is_said(curator: Callable, command: list[str], said: str) -> None:
    ran = curator(*command)
    assert ran.code == 2
    assert said in ran.sentence


def test_an_empty_project_says_what_comes_next(curator: Callable) -> None:
    assert curator("new", "p.curator").code == 0
    assert "exists already" in curator("new", "p.curator").sentence
    assert "name the files to import" in curator("import", "p.curator").sentence
    assert "There is nothing to undo" in curator("undo", "p.curator").sentence
    assert "`curator log` lists them" in curator("undo", "p.curator", "99").sentence
    for command in (("check", "-q", "p.curator"), ("export", "-q", "p.curator", "--out", "out")):
        ran = curator(*command)
        assert ran.code == 2
        assert "p.curator holds no examples yet; import a file with `curator import`" in ran.sentence
    curator("import", "-q", "p.curator", "--eval", "small.csv")
    assert "holds eval examples but no candidates" in curator("check", "-q", "p.curator").sentence


def test_a_gate_that_is_not_met_is_exit_code_1(curator: Callable) -> None:
    write_rows(Path("twice.csv"), [*made_rows(20), *made_rows(1)])
    duplicates = ("check", "-q", "twice.csv", *QUICK, "--fail-on")
    assert curator(*duplicates, "exact_duplicate").code == 1
    assert curator(*duplicates, "exact_duplicate:1").code == 0
    assert curator(*duplicates, "exact_duplicate:10%").code == 0
    assert curator(*duplicates, "exact_duplicate:5%,structure").code == 1
    gates = json.loads(curator(*duplicates, "exact_duplicate,structure", "--json", "-").out)["gates"]
    assert [(gate["rule"], gate["met"]) for gate in gates] == [("exact_duplicate", False), ("structure", True)]


def test_a_conversion_that_loses_records_names_them(curator: Callable) -> None:
    lines = Path("cut_off.jsonl").read_text() + '{"prompt": "a", "completion": "b"}\n'
    Path("mixed.jsonl").write_text(lines)
    ran = curator("convert", "-q", "mixed.jsonl", "--to", "openai", "--out", "new.jsonl")
    assert ran.code == 1
    assert "mixed.jsonl, line 1: " in ran.err
    assert len(Path("new.jsonl").read_text().splitlines()) == 1
    assert "--force" in curator("convert", "-q", "small.csv", "--to", "openai", "--out", "new.jsonl").sentence
