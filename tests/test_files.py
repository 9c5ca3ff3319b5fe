"""Files appear complete or not at all."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from curator.errors import EnvironmentFailure, InputError
from curator.files import replacing, write_bytes, write_text


def test_a_file_and_its_folders_are_made(tmp_path: Path) -> None:
    write_text(tmp_path / "new" / "a.txt", "grün\n")
    assert (tmp_path / "new" / "a.txt").read_bytes() == "grün\n".encode()


def test_half_characters_do_not_stop_a_text(tmp_path: Path) -> None:
    write_text(tmp_path / "a.txt", "a\ud800b")
    assert "a" in (tmp_path / "a.txt").read_text(encoding="utf-8")


def test_a_failure_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_bytes(path, b"old")
    with pytest.raises(TypeError), replacing(path) as file:
        file.writelines([b"new", 7])  # type: ignore[list-item]
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_no_space_becomes_a_failure_of_the_environment(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFailure, match="the disk is full"), replacing(tmp_path / "a.txt"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_cannot_be_written_as_a_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder"):
        write_bytes(tmp_path, b"")


def test_a_path_through_a_file_is_told(tmp_path: Path) -> None:
    write_bytes(tmp_path / "a", b"")
    with pytest.raises(EnvironmentFailure, match="could not be written"):
        write_bytes(tmp_path / "a" / "b.txt", b"")


def test_errors_of_other_files_are_not_blamed_on_this_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="other"), replacing(tmp_path / "a.txt"):
        (tmp_path / "other").read_bytes()
