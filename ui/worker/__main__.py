"""The child process: takes orders as lines of JSON on standard input and answers with lines of JSON.

In: `{"run": id, "kind": …, "project": address or null, "actor": …, "arguments": {…}}` and `{"cancel": id}`. Out:
`{"run": id, "is": progress | partial | finished | failed | cancelled | broke, "value": …}`. When the window goes, so
does the child: whatever it had committed to the project stays.
"""

from __future__ import annotations

import json
import os
import queue
import re
import sys
import threading
import time
import traceback
from importlib import import_module
from typing import Any, BinaryIO

from curator.errors import Cancelled, CuratorError

NICENESS = 5
"""The window comes first where both want the processor."""
EVERY = 0.05
"""Seconds between two reports of progress."""


class Line:
    """The way back to the window; what libraries print goes to standard error instead."""

    def __init__(self) -> None:
        self._out: BinaryIO = os.fdopen(os.dup(1), "wb", buffering=0)
        os.dup2(2, 1)
        self._lock = threading.Lock()

    def say(self, run: int, what: str, value: Any = None) -> None:
        line = json.dumps({"run": run, "is": what, "value": value}, default=_plain).encode() + b"\n"
        with self._lock:
            self._out.write(line)


class Watched:
    """Progress of one job, told now and then."""

    def __init__(self, line: Line, run: int):
        self._line, self._run = line, run
        self._told, self._stage = 0.0, ""
        self.stopped = False

    def report(self, done: int, total: int | None, text: str) -> None:
        now = time.monotonic()
        if text != self._stage or now - self._told >= EVERY or done == total:
            self._told, self._stage = now, text
            self._line.say(self._run, "progress", [done, -1 if total is None else total, text])

    def cancelled(self) -> bool:
        return self.stopped

    def partial(self, value: Any) -> None:
        self._line.say(self._run, "partial", value)


def main() -> None:
    """Serve until the window closes the line."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    line = Line()
    orders: queue.Queue[dict[str, Any]] = queue.Queue()
    watched: dict[int, Watched] = {}
    threading.Thread(target=_listen, args=(line, orders, watched), daemon=True).start()
    from ui.worker.state import State

    state: State | None = None
    while True:
        order = orders.get()
        run, progress = order["run"], watched[order["run"]]
        try:
            if state is None or state.address != order["project"]:
                if state is not None:
                    state.close()
                state = State(order["project"], order["actor"])
            state.actor = order["actor"]
            state.partial = progress.partial
            value = _job(order["kind"]).run(state, order["arguments"], progress)
        except Cancelled:
            line.say(run, "cancelled")
        except CuratorError as error:
            line.say(run, "failed", _sentence(error))
        except Exception:
            line.say(run, "broke", traceback.format_exc())
        else:
            line.say(run, "finished", value)
        del watched[run]


def _job(kind: str) -> Any:
    if not re.fullmatch("[a-z_]+", kind):
        raise ValueError(f"no such job: {kind}")
    return import_module(f"ui.worker.{kind}")


def _listen(line: Line, orders: queue.Queue[dict[str, Any]], watched: dict[int, Watched]) -> None:
    for raw in sys.stdin.buffer:
        order = json.loads(raw)
        if "cancel" in order:
            if (progress := watched.get(order["cancel"])) is not None:
                progress.stopped = True
        else:
            watched[order["run"]] = Watched(line, order["run"])
            orders.put(order)
    os._exit(0)  # the window is gone, and nobody is left to hear an answer


def _sentence(error: CuratorError) -> str:
    text = str(error)
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _plain(value: Any) -> Any:
    """Numbers of numpy and paths as JSON takes them."""
    return value.item() if hasattr(value, "item") else str(value)


if __name__ == "__main__":
    main()
