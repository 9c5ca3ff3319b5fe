"""`curator doctor`: what a bug report needs."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer

from curator import __version__
from curator.errors import CuratorError

LIBRARIES = (
    "cleanlab", "faiss-cpu", "numpy", "pandas", "pyarrow", "scikit-learn", "sentence-transformers", "sqlalchemy",
    "torch", "transformers", "typer", "PySide6-Essentials", "psycopg",
)  # fmt: skip


def doctor(
    encoder: Annotated[
        str | None, typer.Option("--encoder", metavar="NAME|FOLDER", help="The encoder to look at.")
    ] = None,
    project: Annotated[str | None, typer.Option("--project", metavar="PROJECT", help="A project to look at.")] = None,
) -> None:
    """Print what a bug report needs.

    Versions, and a test of the encoder, the cache, the database and the disk.
    """
    print(f"curator {__version__}, Python {platform.python_version()}, {platform.platform()}")
    print(f"processor: {os.cpu_count()} cores")
    for name in LIBRARIES:
        try:
            print(f"  {name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            print(f"  {name} (not installed)")
    failures = [text for text in (_encoder(encoder), _cache(), _store(), _project(project)) if text]
    free = shutil.disk_usage(tempfile.gettempdir()).free
    print(f"disk: {free / 1e9:.1f} GB free for temporary files in {tempfile.gettempdir()}")
    for text in failures:
        print(text, file=sys.stderr)
    if failures:
        raise typer.Exit(3)


def _encoder(name: str | None) -> str | None:
    from curator.embedding.encoder import Encoder

    try:
        chosen = Encoder(name)
        info = chosen.info
        vector = chosen.encode(["A text to try the encoder."])
    except CuratorError as error:
        return f"encoder: {error}"
    print(
        f"encoder: {info.name} {info.revision} sha256 {info.sha256[:12]}…, {info.precision}, {vector.shape[1]} dimensions: works"
    )
    return None


def _cache() -> str | None:
    from curator.embedding.cache import VectorCache, cache_folder

    folder = cache_folder()
    cache = VectorCache("doctor")
    problem = cache.problem
    cache.close()
    if problem:
        return f"cache: {problem}"
    cache.path.unlink(missing_ok=True)
    size = sum(p.stat().st_size for p in Path(folder).rglob("*") if p.is_file())
    print(f"cache: {folder}, {size / 1e6:.1f} MB")
    return None


def _store() -> str | None:
    from curator.store import Project

    try:
        with Project.temporary() as project:
            project.log()
    except CuratorError as error:
        return f"database: {error}"
    import sqlite3

    print(f"database: SQLite {sqlite3.sqlite_version} works")
    return None


def _project(where: str | None) -> str | None:
    if where is None:
        return None
    from curator.store import Project

    try:
        with Project.open(where) as project:
            counts = project.counts()
    except CuratorError as error:
        return f"project: {error}"
    print(f"project: {where}, {sum(counts.examples.values()):,} examples, {counts.decisions:,} decisions: works")
    return None
