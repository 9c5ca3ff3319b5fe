"""What the window remembers between two starts, in one ini file of the user's."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings

RECENT = 10
DEFAULTS: dict[str, Any] = {
    "language": "",
    "theme": "system",
    "scale": 1.0,
    "reviewer": "",
    "keys.preset": "curator",
    "keys.own": {},
    "recent": [],
    "review.break_minutes": 0,
}
"""An empty language is the system's; an empty reviewer the user's name; a break of 0 minutes is none."""


def state_folder() -> Path:
    """Where settings and crash reports of this user lie (or CURATOR_STATE_DIR)."""
    given = os.environ.get("CURATOR_STATE_DIR")
    if given:
        return Path(given).expanduser()
    import platformdirs

    return Path(platformdirs.user_config_dir("curator", appauthor=False))


class Settings:
    """Values by name, kept as JSON, so that each comes back with the type it had."""

    def __init__(self, folder: Path | None = None):
        self.folder = folder or state_folder()
        self._store = QSettings(str(self.folder / "window.ini"), QSettings.Format.IniFormat)

    def get(self, name: str, default: Any = None) -> Any:
        """The value that was set, else `default`, else the one in DEFAULTS."""
        kept = self._store.value(name)
        fallback = DEFAULTS.get(name) if default is None else default
        if not isinstance(kept, str):
            return fallback
        try:
            return json.loads(kept)
        except ValueError:  # edited by hand
            return fallback

    def set(self, name: str, value: Any) -> None:
        self._store.setValue(name, json.dumps(value))

    def remember_project(self, address: str) -> None:
        """Put a project on top of the recent ones."""
        others = [one for one in self.get("recent") if one != address]
        self.set("recent", [address, *others][:RECENT])

    def forget_project(self, address: str) -> None:
        self.set("recent", [one for one in self.get("recent") if one != address])

    def save(self) -> None:
        """Write to disk now."""
        self._store.sync()
