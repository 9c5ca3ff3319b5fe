"""Heavy work in child processes, so that the window never waits and a crash there is only a message here.

Two lanes, each with one child that stays for the next job: `main` for checks, imports and exports, one after the other,
and `side` for short answers meanwhile. A job is stopped politely first; a child that does not stop is ended.
"""

from __future__ import annotations

import json
import sys
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from ui.i18n import tr
from ui.presenters.words import stage_title

PATIENCE_MS = 1_500
"""How long a stopped job may take to reach a safe point before its process is ended."""
KEPT_LINES = 40


class Job(QObject):
    """One piece of work. It ends in exactly one of `finished(dict)`, `failed(str)` or `cancelled()`."""

    progress = Signal(int, int, str)
    partial = Signal(object)
    finished = Signal(object)
    failed = Signal(str)
    cancelled = Signal()
    ended = Signal()

    def __init__(self, jobs: Jobs, id: int, kind: str, arguments: Mapping[str, Any], title: str, quiet: bool):
        super().__init__(jobs)
        self.id, self.kind, self.arguments, self.title, self.quiet = id, kind, dict(arguments), title, quiet
        self.running = True
        self.dropped = False
        """Nobody waits for it any more, but its process is to live on."""

    def cancel(self) -> None:
        """Stop it now: it ends as cancelled at once, whatever its process still does."""
        jobs = self.parent()
        assert isinstance(jobs, Jobs)
        jobs.cancel(self)

    def end(self, how: str, value: Any = None) -> None:
        if not self.running:
            return
        self.running = False
        if how == "cancelled" or self.dropped:
            self.cancelled.emit()
        else:
            getattr(self, how).emit(value)
        self.ended.emit()


class Jobs(QObject):
    """The jobs of one window. `changed()` whenever one starts, moves on or ends."""

    changed = Signal()
    trouble = Signal(str)
    crashed = Signal(str)
    """The last lines that a child wrote before it broke down, for a report."""

    def __init__(self, parent: QObject | None = None):
        super().__init__(parent)
        self.project: str | None = None
        self.actor = ""
        self._closed = False
        self._number = 0
        self._lanes = {name: _Lane(self, name) for name in ("main", "side")}

    def use_project(self, address: str | None, actor: str) -> None:
        """The project that jobs work on; children that hold another one are ended."""
        if address != self.project:
            self.stop()
        self.project, self.actor = address, actor

    def start(
        self,
        kind: str,
        arguments: Mapping[str, Any] | None = None,
        *,
        title: str = "",
        done: Callable[[Any], object] | None = None,
        failed: Callable[[str], object] | None = None,
        partial: Callable[[Any], object] | None = None,
        lane: str = "main",
        quiet: bool = False,
        replace: str = "",
    ) -> Job:
        """Begin a job, or put it behind those that run. `kind` is a module of `ui.worker`.

        `quiet`: not shown in the job bar. `replace`: an earlier job with the same word is let go.
        """
        self._number += 1
        job = Job(self, self._number, kind, arguments or {}, title, quiet)
        job.finished.connect(done) if done is not None else None
        job.partial.connect(partial) if partial is not None else None
        job.failed.connect(failed if failed is not None else self.trouble.emit)
        job.progress.connect(lambda *_: self.changed.emit())
        job.ended.connect(self.changed.emit)
        if self._closed:
            job.end("cancelled")
        else:
            self._lanes[lane].add(job, replace)
        self.changed.emit()
        return job

    def cancel(self, job: Job) -> None:
        for lane in self._lanes.values():
            lane.cancel(job)

    @property
    def shown(self) -> list[Job]:
        """The jobs that run or wait, those that are shown."""
        return [job for lane in self._lanes.values() for job in lane.jobs if job.running and not job.quiet]

    @property
    def busy(self) -> bool:
        return any(lane.jobs for lane in self._lanes.values())

    def close(self) -> None:
        """End everything for good: what a page still asks for while the window goes is not begun."""
        self._closed = True
        self.stop()

    def stop(self) -> None:
        """End everything."""
        for lane in self._lanes.values():
            lane.stop()


class _Lane:
    """One child process and the jobs that wait for it."""

    def __init__(self, jobs: Jobs, name: str):
        self._all = jobs
        self._name = name
        self._waiting: deque[Job] = deque()
        self._words: dict[str, Job] = {}
        self._current: Job | None = None
        self._child: QProcess | None = None
        self._rest = b""
        self._said: deque[str] = deque(maxlen=KEPT_LINES)

    @property
    def jobs(self) -> list[Job]:
        return [*([self._current] if self._current is not None else []), *self._waiting]

    def add(self, job: Job, replace: str) -> None:
        if replace:
            earlier = self._words.get(replace)
            if earlier is not None and earlier.running:
                earlier.dropped = True
                if earlier in self._waiting:
                    self._waiting.remove(earlier)
                else:
                    self._send({"cancel": earlier.id})
                earlier.end("cancelled")
            self._words[replace] = job
        self._waiting.append(job)
        self._next()

    def cancel(self, job: Job) -> None:
        if job in self._waiting:
            self._waiting.remove(job)
            job.end("cancelled")
        elif job is self._current and job.running:
            self._send({"cancel": job.id})
            child = self._child
            QTimer.singleShot(PATIENCE_MS, self._all, lambda: self._end_child(job, child))
            job.end("cancelled")

    def stop(self) -> None:
        for job in self.jobs:
            job.end("cancelled")
        self._waiting.clear()
        self._current = None
        self._let_go()

    def _next(self) -> None:
        if self._current is not None or not self._waiting:
            return
        self._current = job = self._waiting.popleft()
        if self._child is None:
            self._begin()
        order = {"run": job.id, "kind": job.kind, "arguments": job.arguments}
        self._send(order | {"project": self._all.project, "actor": self._all.actor})

    def _begin(self) -> None:
        child = QProcess(self._all)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("PYTHONUNBUFFERED", "1")
        child.setProcessEnvironment(environment)
        child.readyReadStandardOutput.connect(self._hear)
        child.readyReadStandardError.connect(self._hear_errors)
        child.finished.connect(lambda *_: self._gone(child))
        child.errorOccurred.connect(lambda error: self._not_started(child, error))
        self._rest = b""
        self._said.clear()
        self._child = child
        program, *arguments = child_command()
        child.start(program, arguments)

    def _send(self, message: Mapping[str, Any]) -> None:
        if self._child is not None:
            self._child.write(json.dumps(message).encode() + b"\n")

    def _hear(self) -> None:
        if self._child is None:
            return
        *lines, self._rest = (self._rest + self._child.readAllStandardOutput().data()).split(b"\n")
        for line in lines:
            self._take(json.loads(line))

    def _take(self, said: Mapping[str, Any]) -> None:
        job = self._current
        if job is None or said["run"] != job.id:
            return
        what, value = said["is"], said.get("value")
        if what == "progress":
            if job.running:
                done, total, stage = value
                job.progress.emit(done, total, stage_title(stage))
        elif what == "partial":
            if job.running:
                job.partial.emit(value)
        else:
            self._current = None
            if what == "broke":
                if job.running:  # one that was stopped may break where it stood
                    self._all.crashed.emit(value)
                value = broke()
            job.end({"broke": "failed"}.get(what, what), value)
            self._next()

    def _hear_errors(self) -> None:
        if self._child is not None:
            text = self._child.readAllStandardError().data().decode("utf-8", "replace")
            self._said.extend(text.splitlines())

    def _gone(self, child: QProcess) -> None:
        """The child ended; while a job was running that is a crash, unless we ended it."""
        child.deleteLater()
        if child is not self._child:
            return
        self._hear_errors()
        self._child = None
        job, self._current = self._current, None
        if job is not None:
            if job.running:
                self._all.crashed.emit("\n".join(self._said))
            job.end("failed", broke())
        self._next()

    def _not_started(self, child: QProcess, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart and child is self._child:
            self._said.append(child.errorString())
            self._gone(child)

    def _end_child(self, job: Job, child: QProcess | None) -> None:
        if self._current is job and child is not None and child is self._child:
            self._current = None
            self._let_go()
            self._next()

    def _let_go(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.waitForFinished(2_000)


def window_command() -> list[str]:
    """How another window is started: by this Python, or by this program itself where it is a bundle."""
    return [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "ui"]


def child_command() -> list[str]:
    """How the child is started; in a bundle it is the program itself that works as one."""
    return [sys.executable, "--worker"] if getattr(sys, "frozen", False) else [sys.executable, "-m", "ui.worker"]


def broke() -> str:
    """What is said where a bug of ours ended some work."""
    return tr(
        "The work stopped because of a fault in Curator. Everything that was finished is kept; try again, and please "
        "report it if it happens twice."
    )
