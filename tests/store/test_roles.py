"""Accounts of reviewers in PostgreSQL, connected with their own login: what they may, and what the database itself refuses."""

import base64
import hashlib
import hmac
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from store_material import load, verdict

from curator.errors import InputError
from curator.model import (
    CONSENSUS_REVIEWER,
    Basis,
    Decision,
    Finding,
    ItemKind,
    Kind,
    Round,
    RoundItem,
    Severity,
    Slot,
    Verdict,
    as_json,
    content_key,
)
from curator.store import Account, FindingVerdict, Project, schema
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


def test_an_account_reads_whatever_the_window_shows(team: Team) -> None:
    with Project.open(team.owner) as project:
        run = project.begin_run("check", {})
        project.save_findings(run, "leakage", [Finding("ab", Severity.INFO, 0.5, (team.ids[0],), "x")])
        project.save_scores(run, {"outlier": [0.5]}, team.ids[:1])
        project.finish_run(run, {})
        project.add_release("out", {}, {"ab": "train"})
        project.decide([verdict(team.ids[5], Verdict.RELABEL, reviewer="boss", value="new")])
        said = everything(project, run)
        assert (project.me(), project.adjudicates) == (None, True)
    with Project.open(team.ann) as project:
        assert everything(project, run) == said
        assert (project.me(), project.adjudicates, project.actor) == ("Ann", False, "Ann")
    with Project.open(team.cy) as project:
        assert (project.me(), project.adjudicates) == ("Cy", True)


def everything(project: Project, run: int) -> list[Any]:
    mark, round, columns, some = project.mark(), project.rounds.get(1).id, project.columns(), project.ids()[:6]
    read = [
        columns.sources(),
        columns.first(5),
        columns.reviewers(),
        columns.release(),
        list(columns.imported()),
        columns.revised(),
        columns.rewritten(some),
        list(columns.said(some)),
        list(columns.splits(1)),
        columns.splits_of(1, some),
        columns.votes(),
        columns.votes(some),
        columns.checks(),
        columns.links(columns.checks(), set()),
        columns.links(columns.checks(), set(), some),
        columns.sharing(columns.checks(), some),
        columns.scored(),
        list(columns.scores(run)),
    ]
    return [
        *map(repr, read),
        project.settings(),
        project.log(),
        project.sources(),
        project.ids(),
        list(project.examples()),
        project.get_examples(project.ids()[:3]),
        list(project.outputs()),
        list(project.rejected()),
        project.runs(),
        project.latest_run("check"),
        list(project.findings(run)),
        {key: str(values) for key, values in project.scores(run).items()},
        list(project.decisions()),
        list(project.decisions(history=True)),
        project.rounds.all(),
        project.rounds.examples(round),
        [item.example for item in project.rounds.items(round)],
        project.rounds.slots(round),
        project.rounds.history(round),
        project.reviewers(),
        replace(project.counts(), size=0),
        (mark, project.changes_since(mark)),
        project.changes_since(replace(mark, journal=0)),
        list(project.search("question 3")),
        project.indexed(),
        project.calibrations(),
        project.finding_verdicts("leakage"),
        project.released_splits(),
        project.changed_since("2026-01-01T00:00:00+00:00"),
    ]


def test_a_reviewer_decides_undoes_and_does_again_in_their_own_name(team: Team) -> None:
    with Project.open(team.ann, actor="somebody") as project:
        entry = project.decide([verdict(team.ids[6], Verdict.RELABEL, reviewer="Ann", value="new")])
        assert entry.actor == "Ann"
        assert project.get_examples([team.ids[6]])[0].output == "new"
        project.decide([verdict(team.ids[7], Verdict.DROP, reviewer="Ann")])
        team.vote(team.bo, team.ids[0], "a")
        assert project.undo().text.startswith("Undid: Dropped")
        assert project.undo(entry.id).in_force
        team.vote(team.bo, team.ids[1], "a")
        assert project.redo().text.startswith("Did again: Relabelled")
        assert project.get_examples([team.ids[6]])[0].output == "new"
        project.judge([FindingVerdict("leakage", "ab", 0.5, True, "Ann")])
        project.judge(
            [FindingVerdict("leakage", "cd", 0.5, True, "Ann")], [verdict(team.ids[8], Verdict.KEEP, reviewer="Ann")]
        )
        assert len(project.finding_verdicts("leakage")) == 2
        vote = Decision("", team.ids[0], "", "Ann", Verdict.KEEP, kind=Kind.VOTE, round=team.round.id)
        project.decide([vote])
        project.decide([replace(vote, verdict=Verdict.SKIP, kind=Kind.WITHDRAWAL)])
        assert project.rounds.votes() == []
        project.undo()
        assert [v.reviewer for v in project.rounds.votes()] == ["Ann"]


def test_votes_of_others_are_hidden_while_a_blind_round_is_open(team: Team) -> None:
    everyones = text("SELECT count(*), count(DISTINCT reviewer_id) FROM decisions WHERE kind = 'vote'")
    team.vote(team.ann, team.ids[0], "a")
    team.vote(team.bo, team.ids[0], "b")
    team.vote(team.bo, team.ids[1], "b")
    for address, seen in (
        (team.ann, {"Ann"}),
        (team.bo, {"Bo"}),
        (team.cy, {"Ann", "Bo"}),
        (team.owner, {"Ann", "Bo"}),
    ):
        with Project.open(address) as project:
            assert {vote.reviewer for vote in project.rounds.votes()} == seen
            assert {vote.reviewer for vote in project.rounds.history(team.round.id)} == seen
    with sql(team.ann) as connection:
        assert connection.execute(everyones).one() == (1, 1)
        assert connection.scalar(text("SELECT count(*) FROM decisions WHERE value LIKE '%b%'")) == 0
        # What somebody makes up of what the policies go by changes nothing.
        connection.execute(
            text("CREATE TEMP TABLE rounds AS SELECT id, true AS closed, false AS blind FROM public.rounds")
        )
        connection.execute(
            text("CREATE TEMP TABLE reviewers AS SELECT id, name, role, true AS adjudicates FROM public.reviewers")
        )
        connection.execute(text("SET search_path = pg_temp, public"))
        connection.execute(text("SET row_security = on"))
        assert connection.execute(everyones).one() == (1, 1)
    with sql(team.ann) as connection:
        connection.execute(text("SET row_security = off"))
        with pytest.raises(ProgrammingError, match="row-level security"):
            connection.execute(everyones)
    with Project.open(team.owner) as project:
        project.rounds.close(team.round.id)
    with Project.open(team.ann) as project:
        assert len(project.rounds.votes()) == 3
    with pytest.raises(InputError, match="closed"):
        team.vote(team.ann, team.ids[1], "a")


def test_votes_in_an_open_round_that_is_not_blind_are_read(team: Team) -> None:
    with Project.open(team.owner) as project:
        team.round = begin(project, blind=False)
    team.vote(team.bo, team.ids[0], "b")
    with Project.open(team.ann) as project:
        assert [vote.value for vote in project.rounds.votes()] == ["b"]


def test_which_items_are_gold_is_hidden_while_a_round_is_open(team: Team) -> None:
    known = text("SELECT count(*) FROM round_answers")
    with Project.open(team.ann) as project:
        items = project.rounds.items(team.round.id)
        assert [(item.kind, item.expected) for item in items] == [(ItemKind.ITEM, None)] * 4
        assert project.rounds.examples(team.round.id)[3].output == "planted"
    with sql(team.ann) as connection:
        assert connection.scalar(known) == 0
    for address in (team.cy, team.owner):
        with Project.open(address) as project:
            kinds = [item.kind for item in project.rounds.items(team.round.id)]
            assert kinds == [ItemKind.ITEM, ItemKind.ITEM, ItemKind.GOLD, ItemKind.ATTENTION]
    with Project.open(team.owner) as project:
        project.rounds.close(team.round.id)
    with sql(team.ann) as connection:
        assert connection.scalar(known) == 2


REFUSED = {
    "read the secret": "SELECT secret FROM identity",
    "an entry in another's name": "INSERT INTO journal (at, actor, action, text) VALUES ('', '\"Bo\"', 'vote', '\"\"')",
    "an entry of an action of the owner": "INSERT INTO journal (at, actor, action, text) VALUES ('', '\"Ann\"', 'round', '\"\"')",
    "an entry with a number": "INSERT INTO journal (id, at, actor, action, text) VALUES (999, '', '\"Ann\"', 'vote', '\"\"')",
    "undo another's entry": "INSERT INTO journal (at, actor, action, text, entry) SELECT '', '\"Ann\"', 'undo', '\"\"', max(id) "
    "FROM journal WHERE actor = '\"Bo\"'",
    "redo the owner's import": "INSERT INTO journal (at, actor, action, text, entry) SELECT '', '\"Ann\"', 'redo', '\"\"', id "
    "FROM journal WHERE action = 'import'",
    "undo one's own undo": "INSERT INTO journal (at, actor, action, text, entry) SELECT '', '\"Ann\"', 'undo', '\"\"', id "
    "FROM journal WHERE action = 'undo'",
    "a vote in another's name": "{decision} VALUES (gen_random_uuid(), :entry, :example, :bo, 'keep', '', '', '\"\"', '', 'vote', 1)",
    "a vote under another's entry": "{decision} SELECT gen_random_uuid(), max(id), :example, :ann, 'keep', '', '', '\"\"', '', 'vote', 1 "
    "FROM journal WHERE actor = '\"Bo\"'",
    "a vote on what is not in the round": "{decision} VALUES (gen_random_uuid(), :entry, :other, :ann, 'keep', '', '', '\"\"', '', 'vote', 1)",
    "a vote in no round": "{decision} VALUES (gen_random_uuid(), :entry, :example, :ann, 'keep', '', '', '\"\"', '', 'vote', NULL)",
    "a consensus": "{decision} VALUES (gen_random_uuid(), :entry, :example, :consensus, 'keep', '', '', '\"\"', '', 'consensus', 1)",
    "a consensus in one's own name": "{decision} VALUES (gen_random_uuid(), :entry, :example, :ann, 'keep', '', '', '\"\"', '', 'consensus', 1)",
    "an adjudication": "{decision} VALUES (gen_random_uuid(), :entry, :example, :ann, 'keep', '', '', '\"\"', '', 'adjudication', 1)",
    "a revision of another's decision": "INSERT INTO revisions (decision_id, example_id, content_key, content) "
    "SELECT id, example_id, result, '{{}}' FROM decisions WHERE kind = 'decision' AND reviewer_id = :bo",
    "a verdict in another's name": "INSERT INTO finding_verdicts (journal_id, reviewer_id, check_name, finding, score, encoder, "
    "says_right) VALUES (:entry, :bo, 'leakage', 'ab', 0.5, '', true)",
    "change a decision": "UPDATE decisions SET verdict = 'drop'",
    "delete a decision": "DELETE FROM decisions",
    "change who one is": "UPDATE reviewers SET role = current_user WHERE name = '\"Bo\"'",
    "let oneself adjudicate": "UPDATE reviewers SET adjudicates = true",
    "add a reviewer": "INSERT INTO reviewers (name) VALUES ('\"Dee\"')",
    "close a round": "UPDATE rounds SET closed = true",
    "open a round to all eyes": "UPDATE rounds SET blind = false",
    "change what is shown": "UPDATE round_items SET content = NULL",
    "plant an answer": "INSERT INTO round_answers VALUES (1, :example, 'gold', '\"a\"')",
    "change a text": "UPDATE examples SET content = '{{}}'",
    "move a slot": "UPDATE round_slots SET place = 0",
    "add a slot": "INSERT INTO round_slots VALUES (1, :example, 9, :ann, 0, false, NULL)",
    "drop a policy": "DROP POLICY decisions_are_read ON decisions",
    "be another": "SET SESSION AUTHORIZATION {owner}",
    "become the owner": "SET ROLE {owner}",
    "make a table": "CREATE TABLE public.mine (x integer)",
    "empty a table": "TRUNCATE journal",
}


def refusal(address: str, statement: str, values: dict[str, Any]) -> str | None:
    """The SQLSTATE with which the database refuses a statement, None where it takes it."""
    try:
        with sql(address) as connection:
            connection.execute(text(statement), values)
    except DBAPIError as error:
        return getattr(error.orig, "sqlstate", None)
    return None


def test_the_database_itself_refuses_what_is_not_the_accounts_own(team: Team) -> None:
    with Project.open(team.bo) as project:
        project.decide([verdict(team.ids[5], Verdict.RELABEL, reviewer="Bo", value="new")])
    with Project.open(team.ann) as project:
        project.decide([verdict(team.ids[6], Verdict.KEEP, reviewer="Ann")])
        project.undo()
        entry = project.decide([verdict(team.ids[6], Verdict.KEEP, reviewer="Ann")]).id
    with sql(team.owner) as connection:
        rows = connection.execute(text("SELECT name, id FROM reviewers"))
        named = {row.name.strip('"').strip("()").lower(): row.id for row in rows}
        before = connection.execute(text("SELECT count(*), max(id) FROM journal")).one()
    insert = "INSERT INTO decisions (id, journal_id, example_id, reviewer_id, verdict, seen, result, note, at, kind, round_id)"
    values = {**named, "entry": entry, "example": team.ids[0], "other": team.ids[7]}
    for what, statement in REFUSED.items():
        filled = statement.format(decision=insert, owner=make_url(team.owner).username)
        used = {key: value for key, value in values.items() if f":{key}" in filled}
        assert refusal(team.ann, filled, used) == "42501", what
    with sql(team.owner) as connection:
        assert connection.execute(text("SELECT count(*), max(id) FROM journal")).one() == before


def test_what_the_owner_does_is_refused_in_one_sentence(team: Team) -> None:
    def of_consensus(project: Project) -> Decision:
        basis = Basis((), "majority", 1.0)
        return Decision("", team.ids[0], "", CONSENSUS_REVIEWER, Verdict.KEEP, kind=Kind.CONSENSUS, basis=basis)

    import_entry = 2
    tries: dict[str, Callable[[Project], object]] = {
        "import files": lambda project: load(project, "b.jsonl"),
        "run checks": lambda project: project.begin_run("check", {}),
        "change its settings": lambda project: project.set_settings(seed=1),
        "export it": lambda project: project.add_release("out", {}, {}),
        "begin rounds": begin,
        "say who reviews what": lambda project: project.rounds.close(team.round.id),
        "make and merge packets": lambda project: project.identity(),
        "set from which score": lambda project: project.forget_calibration("leakage"),
        "let others review": lambda project: project.accounts.grant("Dee"),
        "undo what others did": lambda project: project.undo(import_entry),
        "settle votes": lambda project: project.decide([of_consensus(project)]),
        "merge packets": lambda project: project.rounds.merge(
            team.round.id, [Decision("", team.ids[0], "", "Bo", Verdict.KEEP, kind=Kind.VOTE, round=team.round.id)], "x"
        ),
    }
    with Project.open(team.ann) as project:
        role = make_url(team.ann).username
        for what, attempt in tries.items():
            said = rf"^This account \({role}\) reviews in this project as Ann; its owner can .*{what}.*\.$"
            with pytest.raises(InputError, match=said):
                attempt(project)
        with pytest.raises(InputError, match="reviews as Ann, and decides in no other name"):
            project.decide([verdict(team.ids[0], Verdict.KEEP, reviewer="Bo")])
        with pytest.raises(InputError, match="its owner can let others review"):
            project.decide([verdict(team.ids[0], Verdict.KEEP, reviewer="Dee")])
        assert [entry.actor for entry in project.log() if entry.actor == "Ann"] == []


def test_an_account_that_adjudicates_settles_votes(team: Team) -> None:
    team.vote(team.ann, team.ids[0], "a")
    with Project.open(team.cy) as project:
        basis = Basis((project.rounds.votes()[0].id,), "majority", 1.0)
        settled = Decision("", team.ids[0], "", CONSENSUS_REVIEWER, Verdict.RELABEL, "a", kind=Kind.CONSENSUS)
        entry = project.decide([replace(settled, basis=basis, round=team.round.id)])
        assert entry.actor == "Cy"
        assert project.get_examples(team.ids[:1])[0].output == "a"
        project.undo(entry.id)
        ruled = replace(settled, kind=Kind.ADJUDICATION, reviewer="Cy", value="b", round=team.round.id, basis=basis)
        project.decide([ruled])
        assert project.get_examples(team.ids[:1])[0].output == "b"


def test_accounts_claim_work_and_hold_no_more_than_that(team: Team) -> None:
    with Project.open(team.owner) as project:
        team.round = begin(project, claimed=True, lease=600)
    with Project.open(team.ann) as ann, Project.open(team.bo) as bo:
        mine = ann.rounds.claim(team.round.id, "Ann", 2)
        assert [slot.example for slot in mine] == team.ids[:2]
        assert [slot.slot for slot in bo.rounds.claim(team.round.id, "Bo", 2)] == [1, 1]
        team.vote(team.ann, mine[0].example)
        assert ann.rounds.release(team.round.id, "Ann") == 1
        assert [slot.until for slot in ann.rounds.slots(team.round.id, "Ann")] == [None]
        assert len(ann.rounds.claim(team.round.id, "Ann", 9)) == 3
        with pytest.raises(InputError, match="its owner can"):
            ann.rounds.claim(team.round.id, "Bo", 9)
    hers = "reviewer_id = (SELECT id FROM reviewers WHERE name = '\"Ann\"')"
    epoch = "extract(epoch FROM clock_timestamp())"
    with sql(team.ann) as connection:  # the slots of others, those of lists, and what was voted on stay as they are
        free = f"UPDATE round_slots SET reviewer_id = NULL, until = NULL WHERE NOT ({hers} AND until IS NOT NULL)"
        assert connection.execute(text(free + " AND reviewer_id IS NOT NULL")).rowcount == 0
    for beyond in (
        f"until = {epoch} + 700 WHERE {hers} AND until IS NOT NULL",  # longer than the lease
        f"until = NULL WHERE {hers} AND until IS NOT NULL",  # for good, without a vote
        f"reviewer_id = (SELECT id FROM reviewers WHERE name = '\"Bo\"') WHERE {hers} AND until IS NOT NULL",
    ):
        with pytest.raises(ProgrammingError, match="row-level security"), sql(team.ann) as connection:
            connection.execute(text(f"UPDATE round_slots SET {beyond}"))
    with sql(team.owner) as connection:
        connection.execute(text("UPDATE round_slots SET until = 5 WHERE until IS NOT NULL"))
    with Project.open(team.bo) as bo:  # what ran out is anybody's
        assert len(bo.rounds.claim(team.round.id, "Bo", 9)) == 4


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
    team: Team, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
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


def test_a_project_file_has_no_accounts(tmp_path: Any) -> None:
    with Project.create(tmp_path / "x.curator") as project:
        assert (project.me(), project.adjudicates) == (None, True)
        for attempt in (
            project.accounts.all,
            lambda: project.accounts.grant("Ann"),
            lambda: project.accounts.revoke("Ann"),
        ):
            with pytest.raises(InputError, match=r"packets \(curator pack\).*postgresql://"):
                attempt()
