"""What every page is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ui.actions import Registry
    from ui.jobs import Jobs
    from ui.session import Session
    from ui.settings import Settings


@dataclass
class Context:
    """The window as its pages see it. `session` is None while no project is open.

    `go(name, **where)` shows a page, `tell(text, undo=False)` says something in passing, `trouble(text)` says an error
    that stays until it is closed, `open_project(address)` leaves this project for another.
    """

    settings: Settings
    jobs: Jobs
    registry: Registry
    session: Session | None
    go: Callable[..., None]
    tell: Callable[..., None]
    trouble: Callable[[str], None]
    open_project: Callable[[str], bool]
    rebuild: Callable[[], None]
    """Make the window anew, after a change of language, theme or scale."""

    def need_session(self) -> Session:
        """The session, where a page is only reached with one."""
        assert self.session is not None, "no project is open"
        return self.session

    @property
    def in_packet(self) -> bool:
        """Whether the open project was made from a packet: there is only a part of one round in it."""
        return "packet.answer" in self.registry

    def setting(self, name: str, default: Any = None) -> Any:
        return self.settings.get(name, default)
