"""Who has an account in a project in PostgreSQL: given, taken away, and refused where it could do more than review."""

import base64
import hashlib
import hmac
from pathlib import Path

import pytest
from account_material import Team, begin, sql
from sqlalchemy import make_url, text
from sqlalchemy.exc import ProgrammingError
from store_material import load

from curator.errors import EnvironmentFailure, InputError
from curator.model import CONSENSUS_REVIEWER, Decision, Kind, Verdict
from curator.store import Account, Project, migrate, schema


def test_an_account_that_was_revoked_is_shut_out_and_its_decisions_stay(team: Team) -> None:
    team.vote(team.bo, team.ids[0], "b")
    with Project.open(team.bo) as at_work, Project.open(team.owner) as project:
        assert at_work.ids() == team.ids
        role = make_url(team.bo).username
        assert project.accounts.revoke("Bo") == Account("Bo", role, False)
        with pytest.raises(InputError, match="its owner can"):
            at_work.log()
        with pytest.raises(InputError, match="Bo has no account in this project; Ann, Cy have"):
            project.accounts.revoke("Bo")
        assert [vote.reviewer for vote in project.rounds.votes()] == ["Bo"]
        assert [entry.action for entry in project.log(1)] == ["grant"]
    with pytest.raises(InputError, match=f"The account {role} has no part in the project"):
        Project.open(team.bo)
    with sql(team.bo) as connection:
        for table in schema.metadata.tables:
            with pytest.raises(ProgrammingError, match="permission denied"), connection.begin_nested():
                connection.execute(text(f"SELECT count(*) FROM {table}"))
    with Project.open(team.owner) as project:
        assert project.accounts.grant("Bo", role).address == team.bo
    team.vote(team.bo, team.ids[1], "b")


def test_one_name_has_one_account(team: Team, suffix: str) -> None:
    with Project.open(team.owner) as project:
        accounts = project.accounts
        with pytest.raises(InputError, match=f"Ann reviews as the account ann_{suffix}; take that away first"):
            accounts.grant("Ann", "other")
        with pytest.raises(InputError, match=f"The account ann_{suffix} is Ann's"):
            accounts.grant("Dee", f"ann_{suffix}")
        again = accounts.grant("Ann", adjudicates=True)
        assert (again.account, again.made, again.password) == (Account("Ann", f"ann_{suffix}", True), False, None)
        assert [(one.name, one.adjudicates) for one in accounts.all()] == [("Ann", True), ("Bo", False), ("Cy", True)]
    with Project.open(team.ann) as project:
        assert project.adjudicates


@pytest.mark.parametrize(
    ("name", "role", "said"),
    [
        ("", None, "is no name of a reviewer"),
        (CONSENSUS_REVIEWER, None, "is no name of a reviewer"),
        ("漢字", None, "No account can be named after 漢字"),
        ("Dee", "pg_dee", "cannot be the name of an account"),
        ("Dee", "public", "cannot be the name of an account"),
        ("Dee", 'dee"; DROP', "cannot be the name of an account"),
        ("Dee", "d" * 64, "cannot be the name of an account"),
        ("Dee", "postgres", "may do everything in this database"),
        ("Dee", "pg", "may do everything in this database"),
        ("Dee", "group", "is a group and cannot connect"),
        ("Dee", "maker", "may make tables in the schema public"),
    ],
)
def test_a_role_that_could_do_more_or_less_than_review_is_refused(
    owner: str, postgres_address: str, suffix: str, name: str, role: str | None, said: str
) -> None:
    if role in ("pg", "group", "maker"):
        role = f"{role}{suffix}"
        with sql(postgres_address) as connection:
            connection.execute(text(f"CREATE ROLE {role} {'NOLOGIN' if role.startswith('group') else 'LOGIN'}"))
            if role.startswith("pg"):
                connection.execute(text(f"GRANT {make_url(owner).username} TO {role}"))
            if role.startswith("maker"):
                connection.execute(text(f"GRANT CREATE ON SCHEMA public TO {role}"))
    with Project.create(owner) as project:
        before = len(project.log())
        with pytest.raises(InputError, match=said):
            project.accounts.grant(name, role)
        assert len(project.log()) == before
        assert project.accounts.all() == []


def test_a_made_up_password_is_shown_once_and_kept_as_a_hash(owner: str, postgres_address: str, suffix: str) -> None:
    with Project.create(owner) as project:
        made = project.accounts.grant("Ann Müller", f"ann_{suffix}")
        given = project.accounts.grant("Bo", f"bo_{suffix}", password="open, sesame")
        assert made.made
        assert made.password is not None
        assert given.password is None
        assert make_url(made.address).password is None
        passwords = {made.account.role: made.password, given.account.role: "open, sesame"}
    with sql(postgres_address) as connection:
        for role, password in passwords.items():
            kept = connection.scalar(text("SELECT rolpassword FROM pg_authid WHERE rolname = :role"), {"role": role})
            assert scram_takes(kept, password)
            assert not scram_takes(kept, password + "x")


def scram_takes(kept: str, password: str) -> bool:
    """Whether PostgreSQL would take this password, by RFC 5802."""
    method, salted, keys = kept.split("$")
    rounds, salt = salted.split(":")
    stored = base64.b64decode(keys.split(":")[0])
    assert method == "SCRAM-SHA-256"
    salted_password = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(salt), int(rounds))
    return hashlib.sha256(hmac.digest(salted_password, b"Client Key", "sha256")).digest() == stored


def test_an_owner_who_may_make_no_roles_is_told_who_can(postgres_address: str, owner: str, suffix: str) -> None:
    with sql(postgres_address) as connection:
        connection.execute(text(f"ALTER ROLE {make_url(owner).username} NOCREATEROLE"))
    with Project.create(owner) as project:
        with pytest.raises(InputError, match=f"administrator run CREATE ROLE ann_{suffix} LOGIN"):
            project.accounts.grant("Ann", f"ann_{suffix}")
        with sql(postgres_address) as connection:
            connection.execute(text(f"CREATE ROLE ann_{suffix} LOGIN"))
        granted = project.accounts.grant("Ann", f"ann_{suffix}")
        assert (granted.made, granted.password) == (False, None)
        with pytest.raises(InputError, match="may not set the password"):
            project.accounts.grant("Ann", password="x")
    with Project.open(granted.address) as project:
        assert project.me() == "Ann"


def test_a_project_may_lie_in_a_schema_of_its_own(owner: str, suffix: str) -> None:
    with sql(owner) as connection:
        connection.execute(text('CREATE SCHEMA "Of its own"'))
    apart = f"{owner}{'&' if '?' in owner else '?'}options=-csearch_path%3D%22Of%5C%20its%5C%20own%22"
    with Project.create(apart) as project:
        load(project)
        granted = project.accounts.grant("Ann", f"ann_{suffix}")
        round = begin(project)
        project.decide([Decision("", project.ids()[0], "", "Bo", Verdict.KEEP, kind=Kind.VOTE, round=round.id)])
    with Project.open(granted.address) as project:
        project.decide([Decision("", project.ids()[0], "", "Ann", Verdict.KEEP, kind=Kind.VOTE, round=round.id)])
        project.undo()
        project.redo()
        assert [vote.reviewer for vote in project.rounds.votes()] == ["Ann"]
    with Project.open(apart) as project:
        project.accounts.revoke("Ann")
    with pytest.raises(InputError, match="has no part in the project"):
        Project.open(granted.address)


def test_an_older_project_is_brought_up_to_date_by_its_owner(
    team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from test_migrations import with_next_format

    with_next_format(monkeypatch, tmp_path)
    with pytest.raises(InputError, match=r"is of an older format; its owner has to open it first"):
        Project.open(team.ann)
    with Project.open(team.owner) as project:
        backup = project.backup
    with Project.open(team.ann) as project:
        assert project.me() == "Ann"
        assert project.ids() == team.ids
    with sql(team.ann) as connection, pytest.raises(ProgrammingError, match="permission denied"):
        connection.execute(text(f'SELECT secret FROM "{backup}".identity'))


def test_a_project_file_has_no_accounts(tmp_path: Path) -> None:
    with Project.create(tmp_path / "x.curator") as project:
        assert (project.me(), project.adjudicates) == (None, True)
        for attempt in (
            project.accounts.all,
            lambda: project.accounts.grant("Ann"),
            lambda: project.accounts.revoke("Ann"),
        ):
            with pytest.raises(InputError, match=r"packets \(curator pack\).*postgresql://"):
                attempt()


def test_a_server_that_is_too_old_is_named() -> None:
    for version in (90624, 130014):
        with pytest.raises(
            EnvironmentFailure, match=rf"PostgreSQL {version // 10_000}; .* needs PostgreSQL 14 or newer"
        ):
            migrate.check_server(version, "postgresql://host/x")
    migrate.check_server(140000, "postgresql://host/x")
