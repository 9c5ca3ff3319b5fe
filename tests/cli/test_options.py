"""What scripts depend on: the commands and their options, quick help, completion, and the configuration file."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer.main
from cli_material import made_rows, write_rows

from curator import __version__, cli

HEAVY = ("torch", "pandas", "numpy", "sqlalchemy", "sentence_transformers", "sklearn", "pyarrow", "rich.progress")

READING = {"--format", "--input-field", "--output-field", "--system-field", "--config"}
DATA = READING | {"--task", "--eval", "--project", "--encoder", "--seed"}
PROMISED = {
    "check": DATA | {"--only", "--skip", "--fail-on", "--json", "--report", "--junit", "--scores", "--quiet"},
    "export": DATA
    | {"--target", "--out", "--size", "--split", "--stratify", "--no-stratify", "--allow-below-minimum"}
    | {"--include", "--exclude", "--require", "--force", "--quiet"},
    "validate": {"--target"},
    "convert": READING | {"--to"},
    "ready": DATA,
    "compare": READING
    | {
        "--general",
        "--margin",
        "--epsilon",
        "--task",
        "--measure",
        "--by",
        "--id",
        "--prediction",
        "--schema",
        "--train",
    }
    | {"--encoder", "--resamples", "--json", "--report", "--flips", "--fail-on", "--seed", "--quiet"},
    "new": {"--task", "--encoder", "--seed"},
    "import": READING | {"--eval"},
    "status": set(),
    "log": set(),
    "undo": set(),
    "accept": {"--check", "--at-least", "--reviewer", "--note", "--yes", "--config"},
    "dismiss": {"--check", "--at-least", "--reviewer", "--note", "--yes", "--config"},
    "calibrate": {"--check", "--ask", "--answers", "--n", "--precision", "--forget", "--reviewer"}
    | {"--task", "--encoder", "--seed", "--config", "--quiet"},
    "agreement": {"--item", "--reviewer", "--label", "--method", "--json", "--consensus"},
    "demo": {"--out"},
    "doctor": set(),
}


@pytest.mark.parametrize("name", PROMISED)
def test_every_promised_option_is_there(curator: Callable, name: str) -> None:
    command = typer.main.get_command(cli.app).commands[name]  # type: ignore[attr-defined]
    there = {flag for option in command.params for flag in (*option.opts, *option.secondary_opts)}
    assert PROMISED[name] <= there
    helped = curator(name, "--help")
    assert helped.code == 0
    assert all(flag in helped.out for flag in PROMISED[name])


def test_every_option_and_command_says_what_it_is_for() -> None:
    for name, command in typer.main.get_command(cli.app).commands.items():  # type: ignore[attr-defined]
        assert command.help, name
        assert all(option.help for option in command.params if option.param_type_name == "option"), name


def test_curator_alone_shows_its_help(curator: Callable) -> None:
    alone = curator()
    assert (alone.code, alone.err) == (0, "")
    assert alone.out == curator("--help").out
    assert "130 interrupted" in " ".join(alone.out.split())
    assert curator("--version").out == f"curator {__version__}\n"


@pytest.mark.parametrize("arguments", [["--help"], ["check", "--help"], ["export", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\nfrom curator import cli\n"
        f"assert cli.run({arguments!r}) == 0\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stderr.strip() == "[]"


def test_the_installed_script_runs(tmp_path: Path) -> None:
    script = Path(sys.executable).with_name("curator.exe" if sys.platform == "win32" else "curator")
    done = subprocess.run([script, "check", "gone.csv"], capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("curator: gone.csv: there is no such file")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_the_completion_script_prints(curator: Callable, monkeypatch: pytest.MonkeyPatch, shell: str) -> None:
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    ran = curator("--show-completion", shell)
    assert ran.code == 0
    assert "_CURATOR_COMPLETE" in ran.out


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    return str(write_rows(Path("small.csv"), made_rows(40)))


def checked(curator: Callable, *arguments: str) -> dict:
    ran = curator("check", "-q", *arguments, "--json", "-")
    assert (ran.code, ran.err) == (0, "")
    return json.loads(ran.out)


def test_the_configuration_sets_defaults_and_the_command_line_wins(curator: Callable, small: str) -> None:
    text = 'seed = 3\ntask = "style"\nonly = ["structure"]\n[check]\nseed = 4\n[export]\nsize = "9"\n'
    Path("my.toml").write_text(text)
    usual = checked(curator, small, "--only", "length")
    assert (usual["seed"], list(usual["summary"])) == (0, ["length"])
    configured = checked(curator, small, "--config", "my.toml")
    assert (configured["seed"], configured["task"], list(configured["summary"])) == (4, "style", ["structure"])
    overruled = checked(curator, small, "--config", "my.toml", "--seed", "5", "--only", "length")
    assert (overruled["seed"], overruled["task"], list(overruled["summary"])) == (5, "style", ["length"])


def test_a_curator_toml_is_found_where_the_command_runs(curator: Callable, small: str) -> None:
    Path("curator.toml").write_text('only = "structure,length"\n[check]\neval = "small.csv"\n')
    report = checked(curator, small)
    assert list(report["summary"]) == ["structure", "length"]
    assert [source["role"] for source in report["sources"]] == ["candidate", "eval"]


@pytest.mark.parametrize("command", [name for name, options in PROMISED.items() if "--config" in options])
def test_every_option_has_a_key(curator: Callable, small: str, command: str) -> None:
    promised = {flag[2:] for flag in PROMISED[command] - {"--config", "--no-stratify"}}
    Path("my.toml").write_text(f"[{command}]\nnope = 1\n")
    ran = curator(command, small, "--config", "my.toml")
    keys = ran.sentence.rstrip(".").partition("its keys are ")[2].split(", ")
    assert promised <= set(keys)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[check]\nnope = 1\n", "my.toml: [check] has no key 'nope'; its keys are encoder"),
        ("[chekc]\nseed = 1\n", "my.toml: there is no command for the table [chekc]"),
        ("sed = 1\n", "my.toml: there is no key 'sed'"),
        ("check = 1\n", "my.toml: there is no key 'check'"),
        ("[check]\nno-stratify = true\n", "[check] has no key 'no-stratify'"),
        ("seed = 'x'\n", "my.toml: Invalid value for '--seed'"),
        ("seed = [1]\n", "my.toml: Invalid value for '--seed'"),
        ("task = 'nope'\n", "my.toml: Invalid value for '--task': 'nope' is not one of"),
        ("only = 'nope'\n", "there is no check named 'nope'"),
        ("seed = \n", "my.toml: cannot be read as TOML"),
    ],
)
def test_a_mistake_in_the_configuration_is_named(curator: Callable, small: str, text: str, said: str) -> None:
    Path("my.toml").write_text(text)
    ran = curator("check", small, "--config", "my.toml")
    assert ran.code == 2
    assert said in ran.sentence


def test_a_switch_can_be_turned_off_in_the_configuration(curator: Callable, small: str) -> None:
    Path("my.toml").write_text("[export]\nstratify = false\nallow-below-minimum = true\nout = 'release'\n")
    assert curator("export", "-q", small, "--config", "my.toml").code in (0, 1)
    assert json.loads(Path("release/manifest.json").read_text())["settings"]["stratify"] is False


def test_results_for_programs_are_alone_on_stdout(curator: Callable, small: str) -> None:
    ran = curator("check", small, "--only", "structure", "--json", "-")
    assert json.loads(ran.out)["schema"] == "curator/findings/1"
    assert "small.csv: 40 candidates (read as csv" in ran.err
    assert json.loads(curator("ready", "-q", small, "--json", "-").out)["schema"] == "curator/ready/1"
