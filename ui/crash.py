"""What is left of a crash: a report in the user's folder, shown at the next start. It holds places in
the program; the message of an error may quote a piece of a text, so the person is asked to look before it is sent."""

from __future__ import annotations

import faulthandler
import platform
import sys
import threading
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TextIO

from curator import __version__

_FAULTS = "fault.txt"
KEPT = 5
"""Reports that are kept; older ones go."""


class Reports:
    """The crash reports of this user, in a folder."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._faults: TextIO | None = None

    def install(self, told: Callable[[str], None]) -> None:
        """Catch what nobody else caught, in every thread; `told` gets one sentence for the person at the window.

        A fault in native code leaves its stack in a file that `pending` reads.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self._faults = (self.folder / _FAULTS).open("w", encoding="utf-8")
        faulthandler.enable(self._faults)

        def caught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
            if issubclass(kind, KeyboardInterrupt):
                sys.__excepthook__(kind, error, trace)
                return
            told(str(self.save("".join(traceback.format_exception(kind, error, trace)))))

        sys.excepthook = caught
        threading.excepthook = lambda args: caught(args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback)

    def close(self) -> None:
        """The window ends as it should: there is nothing to tell at the next start."""
        sys.excepthook, threading.excepthook = sys.__excepthook__, threading.__excepthook__
        if self._faults is not None:
            faulthandler.disable()
            self._faults.close()
            (self.folder / _FAULTS).unlink(missing_ok=True)

    def save(self, trace: str) -> Path:
        """Keep a report; returns its file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        now = datetime.now(UTC)
        path = self.folder / f"crash-{now:%Y%m%d-%H%M%S-%f}.txt"
        head = f"Curator {__version__}, Python {platform.python_version()}, {platform.platform()}, {now:%Y-%m-%d %H:%M} UTC"
        path.write_text(f"{head}\n\n{trace}", encoding="utf-8")
        for old in sorted(self.folder.glob("crash-*.txt"))[:-KEPT]:
            old.unlink()
        print(trace, file=sys.stderr)
        return path

    def pending(self) -> str:
        """What earlier starts left, "" where nothing did; call it before `install`."""
        parts = [path.read_text(encoding="utf-8") for path in sorted(self.folder.glob("crash-*.txt"))]
        faults = self.folder / _FAULTS
        if faults.exists() and (text := faults.read_text(encoding="utf-8")):
            parts.append(f"Curator {__version__}, Python {platform.python_version()}, {platform.platform()}\n\n{text}")
        return "\n\n".join(parts)

    def forget(self) -> None:
        """They were seen: do not show them again."""
        for path in (*self.folder.glob("crash-*.txt"), self.folder / _FAULTS):
            path.unlink(missing_ok=True)
