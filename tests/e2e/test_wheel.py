"""The wheel carries everything that Curator reads: what runs in a checkout runs where it is installed."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOOK = """
from curator import formats, targets
from curator.pipeline import SAMPLES, sample
from curator.reports import html
from curator.resources import resource
from curator.store import Project
import curator
assert "installed" in curator.__file__, curator.__file__
for name in SAMPLES:
    assert all(path.stat().st_size for path in sample(name)[:2])
for name in targets.names():
    assert targets.get(name).rules.title
assert resource("templates/base.html").is_file()
with Project.temporary() as project:
    assert project.log()
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(build, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = out.glob("*.whl")
    return made


def test_the_wheel_holds_every_resource_and_migration(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = [path for path in (ROOT / "resources").rglob("*") if path.is_file()]
    assert wanted
    for path in wanted:
        assert f"curator/_resources/{path.relative_to(ROOT / 'resources').as_posix()}" in names
    for path in (ROOT / "curator" / "store" / "migrations").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            assert path.relative_to(ROOT).as_posix() in names
    assert not [name for name in names if name.startswith("tests/") or name.endswith(".pyc")]


def test_the_installed_wheel_finds_its_files(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "installed"
    install = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--target", str(target), str(wheel)]
    done = subprocess.run(install, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    environment = os.environ | {"PYTHONPATH": str(target)}
    looked = subprocess.run(
        [sys.executable, "-c", LOOK], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
    )
    assert looked.returncode == 0, looked.stderr
