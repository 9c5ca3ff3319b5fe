"""Which formats take one example, and why the others refuse it. No Qt here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ui.i18n import tr
from ui.presenters.export_fixes import fix_title

if TYPE_CHECKING:
    from curator.model import Example


@dataclass(frozen=True, slots=True)
class Refused:
    """A format (title) that refuses the example, why, and the fix that would mend it, "" none."""

    title: str
    why: str
    mend: str


@dataclass(frozen=True, slots=True)
class OfProviders:
    """What formats say of the example `id`: the titles of those that take it, and the others. Formats of pairs are left out
    where it is none."""

    id: int
    takes: tuple[str, ...]
    refuses: tuple[Refused, ...]

    @property
    def line(self) -> str:
        """How many take it, in a line."""
        return tr("{n} of {total} formats take it", n=len(self.takes), total=len(self.takes) + len(self.refuses))


def of_providers(example: Example) -> OfProviders:
    """For the reading thread: it loads the engine."""
    from curator import targets
    from curator.model import Severity
    from curator.targets import fixes

    takes, refuses = [], []
    for name in targets.names():
        target = targets.get(name)
        if target.preference and not example.non_preferred:
            continue
        grave = [one for one in target.problems(example) if one.severity is Severity.ERROR]
        if not grave:
            takes.append(target.title)
            continue
        mends = [one.mend for one in grave if one.mend is not None]
        mended, applied = fixes.apply(example, mends, target)
        helps = applied and not any(one.severity is Severity.ERROR for one in target.problems(mended))
        said = ", ".join(fix_title(fix, fixes.FIXES[fix].title) for fix in applied) if helps else ""
        refuses.append(Refused(target.title, grave[0].message, said))
    return OfProviders(example.id, tuple(takes), tuple(refuses))
