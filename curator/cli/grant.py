"""`curator grant`: let a reviewer in to a project in PostgreSQL, with an account of their own."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from curator.cli import common
from curator.errors import InputError

if TYPE_CHECKING:
    from curator.store import Account


def grant(
    project: Annotated[str, typer.Argument(metavar="PROJECT", help="The postgresql:// address of your project.")],
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="The reviewer [default: list all, with their accounts].")
    ] = None,
    role: Annotated[
        str | None,
        typer.Option(metavar="ROLE", help="The account in PostgreSQL [default: the name in small letters]."),
    ] = None,
    adjudicates: Annotated[
        bool, typer.Option("--adjudicates", help="They may settle votes, and see those of others at any time.")
    ] = False,
    password_stdin: Annotated[
        bool,
        typer.Option("--password-stdin", help="Read the account's password from standard input; else one is made."),
    ] = False,
    revoke: Annotated[bool, typer.Option("--revoke", help="Take the account out; its decisions stay.")] = False,
    config: common.Config = None,
) -> None:
    """Let a reviewer work in a project in PostgreSQL, in their own name and no other.

    The account is made if it is not there. It can write its own decisions only, and in a blind round read its own only.
    """
    from curator.store import Project

    if name is None and (role or adjudicates or password_stdin or revoke):
        raise InputError("name the reviewer whom these options are about")
    if revoke and (role or adjudicates or password_stdin):
        raise InputError("--revoke takes a reviewer's account out; leave the other options away")
    with Project.open(project) as opened:
        accounts = opened.accounts
        if name is None:
            _list(accounts.all())
        elif revoke:
            gone = accounts.revoke(name)
            stays = f"what they decided stays, and so does the account {gone.role}"
            print(f"{gone.name} can no longer open the project; {stays}.")
        else:
            password = _read_password() if password_stdin else None
            granted = accounts.grant(name, role, adjudicates=adjudicates, password=password)
            account = granted.account
            there = "" if granted.made else ", which was there already"
            print(f"{account.name} {_does(account)} as the account {account.role}{there}.")
            if granted.password is not None:
                print(f"Its password, shown this once: {granted.password}")
            print(f"{account.name} opens the project with: curator open '{granted.address}'")


def _does(account: Account) -> str:
    return "reviews and adjudicates" if account.adjudicates else "reviews"


def _list(listed: list[Account]) -> None:
    for one in listed:
        print(f"{one.name}  " + ("no account" if one.role is None else f"{_does(one)} as {one.role}"))
    if not listed:
        print("Nobody reviews in this project yet. Next: curator grant PROJECT NAME")


def _read_password() -> str:
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise InputError("there is no password on standard input")
    return password
