"""A packet in the window: it becomes a project of its own, in which there is only the reviewer's part of one round."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog

from curator.errors import CuratorError
from curator.review.packets.file import SUFFIX
from curator.store import Project
from ui.actions import Action
from ui.i18n import tr, trn

if TYPE_CHECKING:
    from curator.review.packets.project import Answered, PacketInfo
    from ui.window import Window

PAGES = ("review", "guide")
"""What is of use to somebody who has only a part of one round."""


def is_packet(path: str) -> bool:
    """Whether a file is called a packet; what is in it shows when it is opened."""
    return path.casefold().endswith(SUFFIX)


def packet_of(project: Project) -> PacketInfo | None:
    """The packet that a project was made from."""
    if "packet" not in project.settings():
        return None
    from curator.review.packets import project as packet_project

    return packet_project.packet_of(project)


def open_packets(window: Window, files: Sequence[str]) -> None:
    """Open a packet that came from the owner of a project, or merge answers into the project that is open."""
    from curator.review.packets.project import open_packet

    try:
        if window.session is not None and window.packet is None and not all(map(_goes_out, files)):
            window.go("rounds", packets=list(files))
            return
        made = open_packet(files[0], _folder())
    except CuratorError as error:
        window.trouble(str(error))
        return
    window.open_project(str(made), "review")


def _goes_out(path: str) -> bool:
    """Whether this is a packet for a reviewer. What cannot be read is taken for an answer: merging says what is wrong with it,
    and the answers beside it count."""
    from curator.review.packets.content import head_of
    from curator.review.packets.file import read_members

    try:
        return not head_of(read_members(Path(path)), Path(path)).votes
    except CuratorError:
        return False


def _folder() -> Path:
    """Where the project of a packet goes if nothing can be kept beside it."""
    place = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation) or Path.home())
    place.mkdir(parents=True, exist_ok=True)
    return place


def actions(window: Window) -> list[Action]:
    """What can be done with a packet that is open."""
    return [
        Action("packet.answer", tr("Write the answer…"), lambda: ask_answer(window), ("Ctrl+Shift+S",), menu="project")
    ]


def ask_answer(window: Window) -> None:
    """Ask where the answer is to go, and write it."""
    from curator.review.packets.project import default_answer

    assert window.session is not None
    proposed = str(default_answer(window.session.project))
    chosen, _ = QFileDialog.getSaveFileName(window, tr("Write the answer"), proposed, tr("Packets") + f" (*{SUFFIX})")
    if chosen:
        write_answer(window, chosen)


def write_answer(window: Window, path: str) -> None:
    """Write what was voted so far into a file to send back."""
    from curator.review.packets.project import answer_packet

    assert window.session is not None
    window.session.write(lambda project: answer_packet(project, path), lambda done: _written(window, done))


def _written(window: Window, done: Answered) -> None:
    said = trn("Wrote {n} vote to {file}.", "Wrote {n} votes to {file}.", done.votes, file=done.path.name)
    if done.left:
        said += " " + trn(
            "{n} is left; send the answer again when it is done.",
            "{n} are left; send the answer again when they are done.",
            done.left,
        )
    else:
        said += " " + tr("Send it back to whoever gave you the packet.")
    window.tell(said)
