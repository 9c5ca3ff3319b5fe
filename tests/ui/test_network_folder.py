"""The window refuses a project file on a network folder, and names the two better ways."""

from pathlib import Path

import pytest

from curator.store import places


def test_the_window_says_why_it_does_not_open_a_project_there(
    window, support_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda / ext4 rw 0 0\nserver:/x {support_project.parent} cifs rw 0 0\n")
    monkeypatch.setattr(places, "MOUNTS", mounts)
    opened = window()
    assert not opened.open_project(str(support_project))
    assert opened.session is None
    assert "packets (curator pack) or in PostgreSQL (postgresql://" in opened.troubles.text.text()
