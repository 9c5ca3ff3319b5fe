"""A project in SQLite and one on a real PostgreSQL server, for the same tests."""

import getpass
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from account_material import owner, suffix, team  # noqa: F401
from postgres_server import postgres_address, postgres_server  # noqa: F401

from curator.store import Project


@pytest.fixture(params=["sqlite", "postgres"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a project can be made, in each kind of database."""
    if request.param == "sqlite":
        return str(tmp_path / "some.curator")
    return str(request.getfixturevalue("postgres_address"))


@pytest.fixture
def project(address: str) -> Iterator[Project]:
    """An empty project in each kind of database."""
    with Project.create(address, actor="tester") as made:
        yield made


@pytest.fixture
def reopened(address: str) -> Callable[[], Project]:
    """Opens the project of `project` once more, as another program would."""
    return lambda: Project.open(address, actor=getpass.getuser())
