"""What is sealed of a round's items: its owner has it, and accounts of reviewers once the round is closed."""

from __future__ import annotations

import pytest
from account_material import sql
from sides_material import pairs, right
from sqlalchemy import text

from curator.comparison.sides import unseal
from curator.comparison.sides_preference import newest, preference
from curator.comparison.sides_round import SETTING, Wanted, begin_sides
from curator.errors import InputError
from curator.model import Decision, Kind, Verdict
from curator.store import Project
from curator.tasks import Task


def test_accounts_read_what_is_sealed_only_once_the_round_is_closed(owner: str, suffix: str) -> None:
    with Project.create(owner, task=Task.CLASSIFICATION, settings={SETTING: True}) as project:
        ann, cy = (
            project.accounts.grant(name, f"{name.lower()}_{suffix}", adjudicates=name == "Cy").address
            for name in ("Ann", "Cy")
        )
        made = begin_sides(project, pairs("ttbt"), Wanted("held-out.jsonl", "zebra.jsonl", "quokka.jsonl", ("Ann",), 1))
        assert all(unseal(item.sealed) for item in project.rounds.items(made.round.id))
    with Project.open(ann) as project:
        round = newest(project)
        assert all(item.sealed is None for item in project.rounds.items(round.id))
        for example in project.rounds.examples(round.id):
            vote = Decision("", example.id, "", "Ann", Verdict.RELABEL, right(example), kind=Kind.VOTE, round=round.id)
            project.decide([vote])
        with pytest.raises(InputError, match="kept from this account"):
            preference(project, round)
    with sql(ann) as connection:
        # Nor is there a table that names a system.
        tables = connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")).all()
        readable = [
            name for name in tables if connection.scalar(text(f"SELECT has_table_privilege('{name}', 'SELECT')"))
        ]
        assert "round_answers" in readable
        for name in readable:
            assert "zebra" not in str(connection.execute(text(f"SELECT * FROM {name}")).all()), name
            assert "quokka" not in str(connection.execute(text(f"SELECT * FROM {name}")).all()), name
    with Project.open(cy) as project:  # who adjudicates sees all that there is
        assert preference(project, newest(project)).wins == 3
    with Project.open(owner) as project:
        project.rounds.close(made.round.id)
    with Project.open(ann) as project:
        assert preference(project, newest(project)).wins == 3
