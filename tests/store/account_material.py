"""Accounts on a project in PostgreSQL, for tests: an owner who is no superuser, reviewers, and a blind round of theirs."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, make_url, text
from store_material import load

from curator.model import Decision, ItemKind, Kind, Round, RoundItem, Slot, Verdict, as_json, content_key
from curator.store import Project
from curator.tasks import Task


def plain(address: str, **changed: Any) -> str:
    return make_url(address).set(**changed).render_as_string(hide_password=False)


@contextmanager
def sql(address: str) -> Iterator[Connection]:
    """A connection of somebody who knows SQL."""
    engine = create_engine(make_url(address).set(drivername="postgresql+psycopg"))
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


@pytest.fixture
def suffix() -> str:
    return uuid.uuid4().hex[:8]


@pytest.fixture
def owner(postgres_address: str, suffix: str) -> str:
    """Address of an empty database whose owner is no superuser, but may make roles."""
    name = f"owner_{suffix}"
    with sql(postgres_address) as connection:
        connection.execute(text(f"CREATE ROLE {name} LOGIN CREATEROLE"))
        connection.execute(text(f"ALTER DATABASE {make_url(postgres_address).database} OWNER TO {name}"))
    return plain(postgres_address, username=name)


@dataclass
class Team:
    """A project with a blind round of four items: the third is gold, in the fourth another answer is planted."""

    owner: str
    ann: str
    bo: str
    cy: str
    round: Round
    ids: list[int]

    def vote(self, address: str, example: int, says: str | None = None, **more: object) -> None:
        with Project.open(address) as project:
            assert project.me() is not None
            said = Verdict.KEEP if says is None else Verdict.RELABEL
            project.decide(
                [
                    replace(
                        Decision("", example, "", project.me(), said, says), kind=Kind.VOTE, round=self.round.id, **more
                    )
                ]
            )


def begin(project: Project, **changed: object) -> Round:
    chosen = project.get_examples(project.ids()[:4])
    planted = chosen[3].with_output("planted")
    items = [RoundItem(e.id, content_key(e), place) for place, e in enumerate(chosen)]
    items[2] = replace(items[2], kind=ItemKind.GOLD, expected="gold")
    items[3] = RoundItem(chosen[3].id, content_key(planted), 3, ItemKind.ATTENTION, "answer 3", as_json(planted))
    claimed = bool(changed.get("claimed"))
    slots = [
        Slot(item.example, slot, None if claimed else name, item.place)
        for item in items
        for slot, name in enumerate(("Ann", "Bo"))
    ]
    new = Round("", 0, "", "classification", ("a", "b"), "", 0, ("Ann", "Bo"), 2)
    return project.rounds.add(replace(new, **changed), items, slots)


@pytest.fixture
def team(owner: str, suffix: str) -> Team:
    with Project.create(owner, task=Task.CLASSIFICATION, actor="boss") as project:
        load(project)
        ids = project.ids()
        addresses = [
            project.accounts.grant(name, f"{name.lower()}_{suffix}", adjudicates=name == "Cy").address
            for name in ("Ann", "Bo", "Cy")
        ]
        return Team(owner, *addresses, begin(project), ids)
