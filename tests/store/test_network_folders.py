"""A project file on a network folder is refused wherever one comes from, and the two better ways are named."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from store_material import load

from curator import cli
from curator.errors import InputError
from curator.store import Project, places

WAYS = r"local disk.*packets \(curator pack\).*PostgreSQL \(postgresql://"


@pytest.fixture
def share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Path]:
    """A folder with a project; a network folder from the call on."""
    folder = tmp_path / "a share"
    folder.mkdir()
    with Project.create(folder / "made.curator") as project:
        load(project)

    def mount() -> Path:
        mounts = tmp_path / "mounts"
        named = str(folder).replace(" ", "\\040")
        mounts.write_text(f"/dev/sda / ext4 rw 0 0\nserver:/x {named} nfs4 rw 0 0\n")
        monkeypatch.setattr(places, "MOUNTS", mounts)
        return folder

    return mount


def test_the_better_ways_are_named(share: Callable[[], Path]) -> None:
    folder = share()
    before = (folder / "made.curator").read_bytes()
    for attempt in (
        lambda: Project.open(folder / "made.curator"),
        lambda: Project.open(str(folder / "made.curator")),
        lambda: Project.create(folder / "new.curator"),
    ):
        with pytest.raises(InputError, match=WAYS) as refused:
            attempt()
        assert "(nfs4)" in str(refused.value)
    assert [file.name for file in folder.iterdir()] == ["made.curator"]
    assert (folder / "made.curator").read_bytes() == before


def test_a_link_to_a_network_folder_is_no_way_around(share: Callable[[], Path], tmp_path: Path) -> None:
    folder = share()
    (tmp_path / "file.curator").symlink_to(folder / "made.curator")
    (tmp_path / "folder").symlink_to(folder)
    for path in (tmp_path / "file.curator", tmp_path / "folder" / "made.curator"):
        with pytest.raises(InputError, match=WAYS):
            Project.open(path)
    with pytest.raises(InputError, match=WAYS):
        Project.create(tmp_path / "folder" / "new.curator")


def test_a_temporary_project_is_not_made_there_either(
    share: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = share()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with pytest.raises(InputError, match=WAYS):
        Project.temporary()
    assert [file.name for file in folder.iterdir()] == ["made.curator"]


@pytest.mark.parametrize(
    "command",
    [
        "new NEW",
        "import MADE DATA",
        "status MADE",
        "log MADE",
        "undo MADE",
        "check MADE",
        "check DATA --project NEW",
        "export MADE --out OUT",
        "agreement MADE",
        "pack MADE --out OUT",
        "assign MADE",
        "adjudicate MADE",
        "grant MADE",
    ],
)
def test_every_command_refuses_it_in_one_sentence(
    share: Callable[[], Path], tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data.csv"
    data.write_text("text,label\nsome words,a\nother words,b\n")
    folder = share()
    named = {"MADE": folder / "made.curator", "NEW": folder / "new.curator", "DATA": data, "OUT": tmp_path / "out"}
    assert cli.run([str(named.get(word, word)) for word in command.split()]) == 2
    said = [line for line in capsys.readouterr().err.splitlines() if "…" not in line[-1:]]
    assert len(said) == 1
    assert "packets (curator pack) or in PostgreSQL (postgresql://" in said[0]
    assert [file.name for file in folder.iterdir()] == ["made.curator"]
