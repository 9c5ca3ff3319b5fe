"""`curator grant` on a real PostgreSQL server."""

import io
import uuid
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from curator import cli
from curator.store import Project


@pytest.fixture
def role() -> str:
    return f"ann_{uuid.uuid4().hex[:8]}"


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    """What a command printed."""
    assert cli.run([*arguments]) == code
    printed = capsys.readouterr()
    return printed.out if code == 0 else printed.err


def test_a_reviewer_is_let_in_listed_and_taken_out(
    postgres_address: str, role: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Project.create(postgres_address, actor="boss").close()
    grant = ("grant", postgres_address)
    assert said(capsys, *grant) == "Nobody reviews in this project yet. Next: curator grant PROJECT NAME\n"
    first, password, opens = said(capsys, *grant, "Ann", "--role", role).splitlines()
    assert first == f"Ann reviews as the account {role}."
    assert password.startswith("Its password, shown this once: ")
    address = opens.removeprefix("Ann opens the project with: curator open '").removesuffix("'")
    assert make_url(address).username == role
    with Project.open(address) as project:
        assert project.me() == "Ann"
    again = said(capsys, *grant, "Ann", "--adjudicates").splitlines()
    assert again == [f"Ann reviews and adjudicates as the account {role}, which was there already.", opens]
    assert said(capsys, *grant) == f"Ann  reviews and adjudicates as {role}\n"
    assert said(capsys, "grant", address, "Bo", code=2) == (
        f"curator: This account ({role}) reviews in this project as Ann; its owner can let others review.\n"
    )
    assert said(capsys, *grant, "Ann", "--revoke").startswith(
        "Ann can no longer open the project; what they decided stays"
    )
    assert said(capsys, *grant) == "Ann  no account\n"
    assert "has no part in the project" in said(capsys, "status", address, code=2)
    assert password.split()[-1] not in said(capsys, "log", postgres_address)


def test_a_password_is_taken_from_standard_input(
    postgres_address: str, role: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Project.create(postgres_address).close()
    grant = ("grant", postgres_address, "Ann", "--role", role, "--password-stdin")
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert said(capsys, *grant, code=2) == "curator: there is no password on standard input.\n"
    monkeypatch.setattr("sys.stdin", io.StringIO("open, sesame\n"))
    assert "password" not in said(capsys, *grant)
    admin = create_engine(make_url(postgres_address).set(drivername="postgresql+psycopg"))
    with admin.connect() as connection:
        kept = connection.scalar(text("SELECT rolpassword FROM pg_authid WHERE rolname = :role"), {"role": role})
    admin.dispose()
    assert kept.startswith("SCRAM-SHA-256$")


@pytest.mark.parametrize("options", [["--revoke"], ["--adjudicates"], ["Ann", "--revoke", "--adjudicates"]])
def test_options_that_mean_nothing_together_are_refused(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["grant", "postgresql://owner@127.0.0.1:1/x", *options]) == 2
    assert "see curator grant" not in capsys.readouterr().err


@pytest.mark.parametrize("options", [[], ["Ann"], ["Ann", "--revoke"]])
def test_for_a_project_file_there_are_packets(
    options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.curator"
    Project.create(path).close()
    refused = said(capsys, "grant", str(path), *options, code=2)
    assert "packets (curator pack)" in refused
    assert "postgresql://" in refused
    assert refused.count("\n") == 1
