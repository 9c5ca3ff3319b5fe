"""The documents tell the truth: what they name exists, what exists is named, and the README runs as written."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

import curator
from curator import checks, cli, errors, formats, targets
from curator.cli import BUG_EXIT
from curator.resources import resource
from curator.splits import RULES
from curator.tasks import NEEDS

ROOT = Path(__file__).parent.parent
DOCUMENTS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")
TEXT = {name: (ROOT / name).read_text(encoding="utf-8") for name in DOCUMENTS}
README = TEXT["README.md"]
CODE = re.compile(r"```[a-z]*\n(.*?)```|(?:^|\n\n)((?: {4}.*\n)+)", re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
WIDTH = "100"


def code_in(text: str) -> list[str]:
    """Lines of the code blocks, fenced or indented, prompts taken off."""
    blocks = (fenced or indented for fenced, indented in CODE.findall(text))
    return [line.strip().removeprefix("- run: ").removeprefix("$ ") for block in blocks for line in block.splitlines()]


def inline_in(text: str) -> list[str]:
    return INLINE.findall(re.sub(r"```.*?```", "", text, flags=re.DOTALL))


def section(text: str, title: str) -> str:
    """What stands under a heading, its smaller headings included."""
    found = re.search(rf"^(#+) {re.escape(title)}\n(.*?)(?=^#{{1,2}} |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"there is no heading {title!r}"
    return found.group(2)


def first_column(text: str) -> list[str]:
    """The names in backticks that begin the rows of tables; a head in backticks is none."""
    return re.findall(r"^\| `([^`]+)` \|.*\n(?!\|---)", text, re.MULTILINE)


def options_of(command: str) -> set[str]:
    group = get_command(cli.app)
    parameters = group.commands[command].params if command else group.params  # type: ignore[attr-defined]
    return {flag for parameter in parameters for flag in (*parameter.opts, *parameter.secondary_opts)} | {
        "--help",
        "-h",
    }


EVERY_OPTION = set().union(*(options_of(name) for name in ("", *cli.COMMANDS)))
OTHERS = {"--constraint"}
"""Options of other programs that the documents name."""


def test_every_command_is_named_in_the_readme() -> None:
    named = {row.split()[1] for row in first_column(section(README, "Commands")) if row.startswith("curator ")}
    assert named == set(cli.COMMANDS)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_and_their_options_exist(name: str) -> None:
    for line in [*code_in(TEXT[name]), *inline_in(TEXT[name])]:
        words = line.split("  #")[0].split()
        if words[:1] != ["curator"] or len(words) == 1:
            continue
        command = "" if words[1].startswith("-") else words[1]
        assert not command or command in cli.COMMANDS, line
        assert {word for word in words if word.startswith("-")} <= options_of(command), line


@pytest.mark.parametrize("name", DOCUMENTS)
def test_options_named_in_the_text_exist(name: str) -> None:
    named = {option for code in inline_in(TEXT[name]) for option in re.findall(r"(?<!\S)--?[a-z][a-z-]*", code)}
    assert named <= EVERY_OPTION | OTHERS


def test_every_check_is_explained_in_order_of_the_registry_or_not_at_all() -> None:
    assert set(first_column(section(README, "Checks"))) == set(checks.CHECKS)
    assert set(first_column(section(TEXT["ARCHITECTURE.md"], "What each score is"))) == set(checks.CHECKS)


def test_every_check_can_keep_an_example_out_as_the_table_says() -> None:
    assert set(RULES) == set(checks.CHECKS)


def test_every_target_is_named() -> None:
    assert set(first_column(section(README, "What it reads and writes"))) == set(targets.names())


def test_every_format_that_convert_writes_is_named() -> None:
    line = next(text for text in section(README, "What it reads and writes").split("\n- ") if "convert --to" in text)
    assert set(inline_in(line.split("\n\n")[0])) - {"convert --to"} == set(formats.WRITE_FORMATS)


def test_the_task_table_is_the_one_that_is_used() -> None:
    rows = re.findall(r"^\| (.+?) \| `(\w+)` \| ([\d,]+) \| ([\d,]+) \|$", README, re.MULTILINE)
    assert rows == [(need.title, str(task), f"{need.minimum:,}", f"{need.ideal:,}") for task, need in NEEDS.items()]


def test_every_exit_code_is_explained() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.CuratorError)]
    explained = {int(code) for code in re.findall(r"^\| (\d+) \|", section(README, "Commands"), re.MULTILINE)}
    assert explained == {0, BUG_EXIT, *(kind.exit_code for kind in kinds)}


def test_make_targets_exist() -> None:
    rules = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    code = [line for text in TEXT.values() for line in [*code_in(text), *inline_in(text)]]
    named = {line.split()[1] for line in code if line.startswith("make ")}
    assert {"demo", "test", "lint"} <= named <= rules


@pytest.mark.parametrize("name", DOCUMENTS)
def test_files_and_links_named_exist(name: str) -> None:
    paths = [
        code for code in inline_in(TEXT[name]) if re.fullmatch(r"(curator|resources|tests|packaging)/[\w./-]*", code)
    ]
    links = re.findall(r"\]\(([^)#:]+)\)", TEXT[name])
    missing = [path for path in (*paths, *links) if "NAME" not in path and not (ROOT / path).exists()]
    assert not missing


def test_the_changelog_knows_this_version() -> None:
    assert re.search(rf"^## \[{re.escape(curator.__version__)}\] - ", TEXT["CHANGELOG.md"], re.MULTILINE)


def test_the_extras_that_are_named_exist() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {extra for found in re.findall(r"'\.\[([\w,]+)\]'", README) for extra in found.split(",")}
    assert named <= set(project["optional-dependencies"])


def masked(text: str) -> list[str]:
    """Lines with figures and spacing taken out, sorted: small figures may differ from machine to machine."""
    return sorted(
        re.sub(r"\s+", " ", re.sub(r"\d[\d,.]*", "N", line)).strip() for line in text.splitlines() if line.strip()
    )


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[str, str, str]]]:
    """The README's tour, run command by command: (command, what the README shows, what it printed)."""
    folder = tmp_path_factory.mktemp("tour")
    shutil.copytree(resource("samples"), folder / "resources" / "samples")
    shown = "".join(re.findall(r"```console\n(.*?)```", section(README, "A tour"), re.DOTALL))
    environment = {**os.environ, "COLUMNS": WIDTH, "NO_COLOR": "1"}
    # Threads that wait for each other make small work slow where other tests run at the same time.
    environment |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    steps = []
    for step in shown.split("$ curator ")[1:]:
        command, _, output = step.partition("\n")
        program = [sys.executable, "-c", "from curator.cli import main; main()", *shlex.split(command)]
        done = subprocess.run(program, cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=250)
        assert done.returncode == 0, f"curator {command}\n{done.stderr}"
        steps.append((command, output, done.stdout))
    return folder, steps


def test_the_tour_prints_what_the_readme_shows(tour: tuple[Path, list[tuple[str, str, str]]]) -> None:
    for command, shown, printed in tour[1]:
        assert masked(printed) == masked(shown), command


def test_the_tour_leaves_the_release_that_the_readme_shows(tour: tuple[Path, list[tuple[str, str, str]]]) -> None:
    release = tour[0] / "release"
    shown = set(re.findall(r"^ {6}([\w/]+\.\w+) ", section(README, "A release folder"), re.MULTILINE))
    written = {path.relative_to(release).as_posix() for path in release.rglob("*") if path.is_file()}
    assert written - {"trl/train.jsonl", "trl/validation.jsonl"} == shown - {"rejected.jsonl"}


def test_the_settings_file_in_the_readme_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "curator.toml").write_text(re.findall(r"```toml\n(.*?)```", README, re.DOTALL)[0], encoding="utf-8")
    shutil.copy(resource("samples/support/eval.csv"), tmp_path / "eval.csv")
    shutil.copy(resource("samples/support/pairs.csv"), tmp_path / "pairs.csv")
    command = ["check", "pairs.csv", "--only", "exact_duplicate", "--fail-on", "exact_duplicate:50%", "--quiet"]
    program = [sys.executable, "-c", "from curator.cli import main; main()", *command]
    done = subprocess.run(program, cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=100)
    assert (done.returncode, done.stderr) == (0, "")
    assert "160 eval examples, task classification (as given)" in done.stdout
