"""Projects in PostgreSQL, as the window opens them: by an address, with a password that is asked for and never kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QProcess, QProcessEnvironment
from PySide6.QtWidgets import QInputDialog, QLineEdit

from curator.errors import CuratorError
from ui.i18n import tr

if TYPE_CHECKING:
    from curator.store import Project
    from ui.window import Window

_NEEDS_PASSWORD = ("no password supplied", "password authentication failed")
"""What PostgreSQL says where a password is missing or wrong."""


def open_project(window: Window, address: str) -> Project | None:
    """Open a project, asking for a password where its database wants one; None where the person gives up.

    Raises what `Project.open` raises.
    """
    from curator.store import Project, with_password

    while True:
        try:
            return Project.open(address)
        except CuratorError as error:
            if "://" not in address or not any(said in str(error) for said in _NEEDS_PASSWORD):
                raise
        plain, _ = kept(address)
        text = tr("Password for {address}", address=plain)
        password, sure = QInputDialog.getText(window, tr("Open a database"), text, QLineEdit.EchoMode.Password)
        if not sure:
            return None
        address = with_password(plain, password)


def ask_address(window: Window) -> None:
    """Ask for the address of a database, and open the project in it."""
    text = tr("Address of the project, such as postgresql://ann@host/database")
    address, sure = QInputDialog.getText(window, tr("Open a database"), text)
    if sure and address.strip():
        window.open_project(address.strip())


def kept(address: str) -> tuple[str, str | None]:
    """The address of a project as it may be remembered, and its password."""
    from curator.store import without_password

    return without_password(address) if "://" in address else (address, None)


def start(program: str, arguments: list[str], address: str) -> None:
    """Start another window on a project ("": none) in a process of its own."""
    plain, password = kept(address)
    started = QProcess()
    started.setProgram(program)
    started.setArguments([*arguments, *([plain] if plain else [])])
    if password is not None:
        # Not among the arguments: those every user of the machine can read.
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("PGPASSWORD", password)
        started.setProcessEnvironment(environment)
    started.startDetached()
