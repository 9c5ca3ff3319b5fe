"""Accounts of reviewers in PostgreSQL: which rights they have, and whose they are.

The owner of a project made its tables and may do everything. Another account has the rights given here, within what
`curator.store.policies` allows: it reads what the window shows and writes what its reviewer decides, nothing else.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import URL, Connection, make_url, select, text, update

from curator.errors import InputError
from curator.model import CONSENSUS_REVIEWER
from curator.store import journal, schema
from curator.store.database import Database
from curator.store.decisions import reviewer_ids
from curator.store.entries import Account
from curator.store.failures import owners_part
from curator.store.schema import reviewers

ADDED = {"journal": "id", "decisions": "seq", "revisions": "id", "finding_verdicts": "id"}
"""The tables that reviewers add to, and the column that the database fills in by itself."""
HIDDEN = ("identity", "release_contents")
"""The secret that signs packets; and what became of each example in a release, which tells what others voted."""
READ = tuple(name for name in schema.metadata.tables if name not in HIDDEN)
_CLAIMED = "reviewer_id, until"
_USABLE = re.compile(r"[^\W\d][\w.@-]*")
_RESERVED = {"public", "none", "current_user", "current_role", "session_user", "user"}
_PROJECT = text(
    "SELECT pg_has_role(c.relowner, 'USAGE') AS owned, current_user AS account, "
    "has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') AS readable "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass(:table) "
    # A schema that the account may not use is as if it were not there, but is on the search path.
    "OR c.relname = :table AND n.nspname IN (SELECT trim(both ' \"' FROM one) "
    "FROM unnest(string_to_array(current_setting('search_path'), ',')) one) "
    "ORDER BY c.oid = to_regclass(:table) DESC NULLS LAST LIMIT 1"
)
_ROLE = text(
    "SELECT r.rolcanlogin AS enters, r.rolsuper OR r.rolbypassrls AS above, "
    "pg_has_role(r.oid, c.relowner, 'MEMBER') AS owner, has_schema_privilege(r.oid, c.relnamespace, 'USAGE') AS uses, "
    "has_schema_privilege(r.oid, c.relnamespace, 'CREATE') AS makes, "
    "has_database_privilege(r.oid, current_database(), 'CONNECT') AS connects "
    "FROM pg_roles r, pg_class c WHERE r.rolname = :role AND c.oid = to_regclass(:table)"
)
_MAY_MAKE = text("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
_GIVEN_HERE = text(
    "SELECT count(*) FROM pg_namespace n, aclexplode(n.nspacl) a JOIN pg_roles r ON r.oid = a.grantee "
    "WHERE n.nspname = current_schema() AND r.rolname = :role"
)


@dataclass(frozen=True, slots=True)
class Granted:
    """A reviewer who was let in, and the address to open. `password`: one that was made up; it is kept nowhere."""

    account: Account
    address: str
    made: bool
    password: str | None


def owns(database: Database) -> bool:
    """Whether the project, if there is one, is this account's own: in SQLite always.

    Raises InputError where the account may not even read it.
    """
    if database.path is not None:
        return True
    with database.read() as connection:
        row = connection.execute(_PROJECT, {"table": schema.VERSION_TABLE}).first()
    if row is None or row.owned:
        return True
    if not row.readable:
        raise _stranger(row.account, database)
    return False


def account_of(database: Database) -> Account:
    """The account that is connected, in a project of another's. Raises InputError where no reviewer is bound to it."""
    with database.read() as connection:
        found = connection.execute(select(reviewers).where(text("role = current_user"))).first()
        if found is None:
            raise _stranger(str(connection.scalar(text("SELECT current_user"))), database)
    return Account(found.name, found.role, found.adjudicates)


def grant_again(connection: Connection) -> None:
    """Give all reviewers' accounts their rights once more: a migration may have made tables."""
    bound = connection.scalars(select(reviewers.c.role).where(reviewers.c.role.is_not(None)))
    for role in bound.all():
        if connection.execute(_ROLE, {"role": role, "table": schema.VERSION_TABLE}).first() is not None:
            _run(connection, _grants(connection, role))


class Accounts:
    """Who may review in a project in PostgreSQL. `actor` is who the journal names."""

    def __init__(self, database: Database, actor: str):
        self._database = database
        self._actor = actor

    def all(self) -> list[Account]:
        """The reviewers by name, those without an account too."""
        self._refuse()
        with self._database.read() as connection:
            rows = connection.execute(select(reviewers).where(reviewers.c.name != CONSENSUS_REVIEWER)).all()
        return sorted((Account(row.name, row.role, row.adjudicates) for row in rows), key=lambda one: one.name)

    def grant(
        self, name: str, role: str | None = None, *, adjudicates: bool = False, password: str | None = None
    ) -> Granted:
        """Let `name` review as the database role `role`, which is made if it is not there, with a password.

        Raises InputError for a role that could do more than review, that is another's, or that cannot be made.
        """
        self._refuse()
        name = name.strip()
        if name in ("", CONSENSUS_REVIEWER):
            raise InputError(f"{name!r} is no name of a reviewer; name the person who reviews.")
        with self._database.write() as connection:
            role = _bound(connection, name, role) or _role_for(name, role)
            facts = connection.execute(_ROLE, {"role": role, "table": schema.VERSION_TABLE}).first()
            new = facts is None
            if new and password is None:
                password, shown = (made := secrets.token_urlsafe(12)), made
            else:
                shown = None
            if password is not None:
                _set_password(connection, role, password, new)
            _check(connection, role)
            ids = reviewer_ids(connection, [name, CONSENSUS_REVIEWER])
            bound = {"role": role, "adjudicates": adjudicates}
            connection.execute(update(reviewers).where(reviewers.c.id == ids[name]).values(bound))
            _run(connection, _grants(connection, role))
            more = ", and may settle votes" if adjudicates else ""
            journal.append(connection, self._actor, "grant", f"Let {name} review as the account {role}{more}")
        return Granted(Account(name, role, adjudicates), self._address(role), new, shown)

    def revoke(self, name: str) -> Account:
        """Take a reviewer's account out of the project; what they decided stays, and the account too.

        Raises InputError where the reviewer has none.
        """
        self._refuse()
        account = next((one for one in self.all() if one.name == name.strip()), None)
        if account is None or account.role is None:
            having = ", ".join(one.name for one in self.all() if one.role is not None)
            raise InputError(
                f"{name} has no account in this project; " + (f"{having} have." if having else "nobody has.")
            )
        with self._database.write() as connection:
            if connection.execute(_ROLE, {"role": account.role, "table": schema.VERSION_TABLE}).first() is not None:
                _run(connection, _revokes(connection, account.role))
            free = {"role": None, "adjudicates": False}
            connection.execute(update(reviewers).where(reviewers.c.name == account.name).values(free))
            said = f"Took the account {account.role} of {account.name} out of the project"
            journal.append(connection, self._actor, "grant", said)
        return account

    def _refuse(self) -> None:
        if self._database.path is not None:
            raise InputError(
                "A project file has no accounts: who can open it may do everything. Send reviewers packets "
                "(curator pack), or keep the project in PostgreSQL (postgresql://…)."
            )
        if self._database.account is not None:
            raise owners_part(self._database.account, "grant")

    def _address(self, role: str) -> str:
        url = make_url(self._database.address).difference_update_query(["password"])
        bare = URL.create("postgresql", role, None, url.host, url.port, url.database, url.query)
        return bare.render_as_string()


def _stranger(account: str, database: Database) -> InputError:
    return InputError(
        f"The account {account} has no part in the project {database.where}; its owner can let it review "
        f"(curator grant … NAME --role {account})."
    )


def _bound(connection: Connection, name: str, role: str | None) -> str | None:
    """The role that the reviewer has already. Raises InputError where they have another one, or the role is another's."""
    rows = connection.execute(select(reviewers).where(reviewers.c.role.is_not(None))).all()
    mine = next((str(row.role) for row in rows if row.name == name), None)
    if role is not None and mine not in (None, role):
        raise InputError(f"{name} reviews as the account {mine}; take that away first (curator grant … --revoke).")
    for row in rows:
        if role is not None and row.role == role and row.name != name:
            raise InputError(f"The account {role} is {row.name}'s; choose another one with --role.")
    return mine


def _role_for(name: str, role: str | None) -> str:
    """The role that was asked for, else one made from the name."""
    if role is None:
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
        role = re.sub("[^a-z0-9]+", "_", plain).strip("_")
        if not role:
            raise InputError(f"No account can be named after {name}; name one with --role.")
    if not _USABLE.fullmatch(role) or len(role.encode()) > 63 or role.startswith("pg_") or role in _RESERVED:
        raise InputError(
            f"{role!r} cannot be the name of an account; take letters, digits and _ . @ -, beginning with a letter."
        )
    return role


def _set_password(connection: Connection, role: str, password: str, new: bool) -> None:
    """Make the role, or give it this password; the server, and so its log, only sees a hash of it."""
    quoted = connection.dialect.identifier_preparer.quote(role)
    if not connection.scalar(_MAY_MAKE):
        raise InputError(
            f"This account may make no others; have the server's administrator run CREATE ROLE {quoted} LOGIN "
            "PASSWORD …, then grant again."
            if new
            else f"This account may not set the password of {role}; the server's administrator can."
        )
    raw = connection.connection.driver_connection
    assert raw is not None  # a connection that is in use is open
    hashed = raw.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    verb = "CREATE ROLE" if new else "ALTER ROLE"
    connection.exec_driver_sql(f"{verb} {quoted} LOGIN PASSWORD '{hashed}'")


def _check(connection: Connection, role: str) -> None:
    """Raises InputError for a role that could do more than review, or that cannot connect."""
    facts = connection.execute(_ROLE, {"role": role, "table": schema.VERSION_TABLE}).one()
    here = connection.scalar(text("SELECT current_schema()"))
    if facts.above or facts.owner:
        raise InputError(f"The account {role} may do everything in this database; choose another one with --role.")
    if not facts.enters:
        raise InputError(f"The role {role} is a group and cannot connect; choose another one with --role.")
    if facts.makes:
        raise InputError(
            f"The account {role} may make tables in the schema {here}, and so stand between others and the project; "
            f"have its owner run REVOKE CREATE ON SCHEMA {here} FROM PUBLIC, {role}, then grant again."
        )


def _grants(connection: Connection, role: str) -> Iterable[str]:
    quote = connection.dialect.identifier_preparer.quote
    account, here = quote(role), quote(str(connection.scalar(text("SELECT current_schema()"))))
    facts = connection.execute(_ROLE, {"role": role, "table": schema.VERSION_TABLE}).one()
    if not facts.connects:
        database = quote(str(connection.scalar(text("SELECT current_database()"))))
        yield f"GRANT CONNECT ON DATABASE {database} TO {account}"
    if not facts.uses:
        yield f"GRANT USAGE ON SCHEMA {here} TO {account}"
    yield f"GRANT SELECT ON {', '.join(map(quote, READ))} TO {account}"
    for table, own in ADDED.items():
        # Not the number: who gave a row a number could put it before or after those of others.
        columns = ", ".join(quote(one.name) for one in schema.metadata.tables[table].columns if one.name != own)
        yield f"GRANT INSERT ({columns}) ON {quote(table)} TO {account}"
        yield f"GRANT USAGE ON SEQUENCE {quote(f'{table}_{own}_seq')} TO {account}"
    yield f"GRANT UPDATE ({_CLAIMED}) ON round_slots TO {account}"
    yield f"GRANT EXECUTE ON FUNCTION curator_own_entry(integer) TO {account}"


def _revokes(connection: Connection, role: str) -> Iterable[str]:
    quote = connection.dialect.identifier_preparer.quote
    account, here = quote(role), quote(str(connection.scalar(text("SELECT current_schema()"))))
    yield f"REVOKE ALL ON {', '.join(map(quote, READ))} FROM {account}"
    for table, own in ADDED.items():
        yield f"REVOKE ALL ON SEQUENCE {quote(f'{table}_{own}_seq')} FROM {account}"
    yield f"REVOKE ALL ON FUNCTION curator_own_entry(integer) FROM {account}"
    if connection.scalar(_GIVEN_HERE, {"role": role}):
        yield f"REVOKE ALL ON SCHEMA {here} FROM {account}"


def _run(connection: Connection, statements: Iterable[str]) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement)
