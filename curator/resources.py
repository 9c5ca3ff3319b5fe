"""Where the files that ship with Curator lie: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def resource(name: str) -> Path:
    """Path of a shipped file or folder, such as `resource("samples/support")`."""
    for base in (_PACKAGE / "_resources", _PACKAGE.parent / "resources"):
        path = base / name
        if path.exists():
            return path
    raise FileNotFoundError(f"Curator's own file {name} is missing; install it again")
