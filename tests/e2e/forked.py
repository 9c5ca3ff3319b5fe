"""Commands in processes of their own that can be killed, without paying seconds of imports for each.

A server process imports the heavy modules once, starts no thread, and forks a child for each command.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

PRELOADED = ["curator.pipeline", "curator.cli", "sentence_transformers", "faiss", "sklearn.linear_model", "alembic"]


def server() -> ForkServerContext:
    """The context whose processes are forked from the server."""
    # One thread: on a busy machine the threads of a dozen children would mostly wait for each other.
    os.environ["OMP_NUM_THREADS"] = "1"
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    first = context.Process(target=os.getpid)
    first.start()
    first.join()
    del os.environ["OMP_NUM_THREADS"]
    return context


def begin(context: ForkServerContext, folder: Path, cache: Path, *arguments: object) -> ForkServerProcess:
    """Start a command in `folder`; its stdout and stderr go to files `out` and `err` there."""
    process = context.Process(target=_run, args=(folder, cache, [str(argument) for argument in arguments]))
    process.start()
    return process


def finish(context: ForkServerContext, folder: Path, cache: Path, *arguments: object) -> str:
    """Run a command to its end and return its stdout; fails where its exit code is not 0."""
    process = begin(context, folder, cache, *arguments)
    process.join(120)
    assert process.exitcode == 0, (folder / "err").read_text()
    return (folder / "out").read_text()


def _run(folder: Path, cache: Path, arguments: list[str]) -> None:
    os.chdir(folder)
    os.environ["CURATOR_CACHE_DIR"] = str(cache)
    for name, number in (("out", 1), ("err", 2)):
        file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, number)
    sys.stdout, sys.stderr = os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", closefd=False)
    from curator import cli

    sys.exit(cli.run(arguments))
