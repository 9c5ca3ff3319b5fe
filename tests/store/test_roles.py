"""What an account of a reviewer may in PostgreSQL, connected with its own login, and what the database itself refuses it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from account_material import Team, begin, sql
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from store_material import load, verdict

from curator import pipeline
from curator.errors import InputError
from curator.model import CONSENSUS_REVIEWER, Basis, Decision, Finding, ItemKind, Kind, Severity, Verdict
from curator.store import FindingVerdict, Project


def test_an_account_reads_whatever_the_window_shows(team: Team) -> None:
    with Project.open(team.owner) as project:
        run = project.begin_run("check", {})
        project.save_findings(run, "leakage", [Finding("ab", Severity.INFO, 0.5, (team.ids[0],), "x")])
        project.save_scores(run, {"outlier": [0.5]}, team.ids[:1])
        project.finish_run(run, {})
        project.releases.add("out", {}, {"ab": "train"})
        project.decide([verdict(team.ids[5], Verdict.RELABEL, reviewer="boss", value="new")])
        said = everything(project, run)
        assert (project.me(), project.adjudicates) == (None, True)
    with Project.open(team.ann) as project:
        assert everything(project, run) == said
        assert (project.me(), project.adjudicates, project.actor) == ("Ann", False, "Ann")
    with Project.open(team.cy) as project:
        assert (project.me(), project.adjudicates) == ("Cy", True)


def test_a_reviewers_next_step_is_to_vote_and_not_to_check_or_settle(team: Team, curator) -> None:
    ran = curator("status", team.ann)
    assert "Next: vote: curator open" in ran.out
    assert "may not settle" in curator("adjudicate", team.ann, "--settle").sentence
    assert "may not settle" not in curator("adjudicate", team.cy, "--settle").err


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
        project.releases.splits(),
        project.releases.all(),
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


def entry(actor: str, action: str, about: str = "NULL", source: str = "") -> str:
    """A row for the journal; from the rows of `source`, where it is about one."""
    return f"INSERT INTO journal (at, actor, action, text, entry) SELECT '', '\"{actor}\"', '{action}', '\"\"', {about} {source}"


def said(kind: str, reviewer: str = ":ann", under: str = ":entry", example: str = ":example", round: str = "1") -> str:
    """A decision."""
    return (
        "INSERT INTO decisions (id, journal_id, example_id, reviewer_id, verdict, seen, result, note, at, kind, round_id) "
        f"VALUES (gen_random_uuid(), {under}, {example}, {reviewer}, 'keep', '', '', '\"\"', '', '{kind}', {round})"
    )


def verdict_of(reviewer: str) -> str:
    return (
        "INSERT INTO finding_verdicts (journal_id, reviewer_id, check_name, finding, score, encoder, says_right) "
        f"VALUES (:entry, {reviewer}, 'leakage', 'ab', 0.5, '', true)"
    )


ALLOWED = (entry("Ann", "vote"), entry("Ann", "undo", ":entry"), said("vote"), said("decision"), verdict_of(":ann"))
REFUSED = {
    "read the secret": "SELECT secret FROM identity",
    "an entry in another's name": entry("Bo", "vote"),
    "an entry of what the owner does": entry("Ann", "round"),
    "an entry with a number": "INSERT INTO journal (id, at, actor, action, text) VALUES (999, '', '\"Ann\"', 'vote', '\"\"')",
    "undo another's entry": entry("Ann", "undo", "max(id)", "FROM journal WHERE actor = '\"Bo\"'"),
    "redo the owner's import": entry("Ann", "redo", "id", "FROM journal WHERE action = 'import'"),
    "undo one's own undo": entry("Ann", "undo", "id", "FROM journal WHERE action = 'undo'"),
    "a vote about another entry": entry("Ann", "vote", ":entry"),
    "a vote in another's name": said("vote", ":bo"),
    "a decision in another's name": said("decision", ":bo"),
    "a vote under another's entry": said("vote", under="(SELECT max(id) FROM journal WHERE actor = '\"Bo\"')"),
    "a vote on what is not in the round": said("vote", example=":other"),
    "a vote in no round": said("vote", round="NULL"),
    "a consensus": said("consensus", ":consensus"),
    "a consensus in one's own name": said("consensus"),
    "an adjudication": said("adjudication"),
    "a revision of another's decision": "INSERT INTO revisions (decision_id, example_id, content_key, content) "
    "SELECT id, example_id, result, '' FROM decisions WHERE kind = 'decision' AND reviewer_id = :bo",
    "a verdict in another's name": verdict_of(":bo"),
    "change a decision": "UPDATE decisions SET verdict = 'drop'",
    "delete a decision": "DELETE FROM decisions",
    "change who one is": "UPDATE reviewers SET role = current_user WHERE name = '\"Bo\"'",
    "let oneself adjudicate": "UPDATE reviewers SET adjudicates = true",
    "add a reviewer": "INSERT INTO reviewers (name) VALUES ('\"Dee\"')",
    "close a round": "UPDATE rounds SET closed = true",
    "open a round to all eyes": "UPDATE rounds SET blind = false",
    "change what is shown": "UPDATE round_items SET content = NULL",
    "plant an answer": "INSERT INTO round_answers VALUES (1, :example, 'gold', '\"a\"')",
    "change a text": "UPDATE examples SET content = ''",
    "move a slot": "UPDATE round_slots SET place = 0",
    "add a slot": "INSERT INTO round_slots VALUES (1, :example, 9, :ann, 0, false, NULL)",
    "drop a policy": "DROP POLICY decisions_are_read ON decisions",
    "be another": "SET SESSION AUTHORIZATION {owner}",
    "become the owner": "SET ROLE {owner}",
    "make a table": "CREATE TABLE public.mine (x integer)",
    "empty a table": "TRUNCATE journal",
}
NOT_ALLOWED = "42501"


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
        mine = project.decide([verdict(team.ids[6], Verdict.KEEP, reviewer="Ann")]).id
    counted = text("SELECT (SELECT count(*) FROM journal), (SELECT count(*) FROM decisions)")
    with sql(team.owner) as connection:
        rows = connection.execute(text("SELECT name, id FROM reviewers"))
        values = {row.name.strip('"').strip("()").lower(): row.id for row in rows}
        before = connection.execute(counted).one()
    values |= {"entry": mine, "example": team.ids[0], "other": team.ids[7]}

    def refused(statement: str) -> str | None:
        filled = statement.format(owner=make_url(team.owner).username)
        return refusal(team.ann, filled, {key: value for key, value in values.items() if f":{key}" in filled})

    for what, statement in REFUSED.items():
        assert refused(statement) == NOT_ALLOWED, what
    with sql(team.owner) as connection:
        assert connection.execute(counted).one() == before
    # The same statements in one's own name are taken.
    assert [refused(statement) for statement in ALLOWED] == [None] * len(ALLOWED)


def test_what_the_owner_does_is_refused_in_one_sentence(team: Team) -> None:
    def of_consensus(project: Project) -> Decision:
        basis = Basis((), "majority", 1.0)
        return Decision("", team.ids[0], "", CONSENSUS_REVIEWER, Verdict.KEEP, kind=Kind.CONSENSUS, basis=basis)

    import_entry = 2
    tries: dict[str, Callable[[Project], object]] = {
        "import files": lambda project: load(project, "b.jsonl"),
        "run checks": lambda project: project.begin_run("check", {}),
        "change its settings": lambda project: project.set_settings(seed=1),
        "export it": lambda project: project.releases.add("out", {}, {}),
        "compare releases, and write them again": lambda project: project.releases.rows(1),
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


def test_what_settles_itself_is_left_to_who_may_settle(team: Team) -> None:
    team.vote(team.ann, team.ids[0])
    team.vote(team.bo, team.ids[0])
    with Project.open(team.owner) as project:  # all see that the two agree
        project.rounds.close(team.round.id)
    for address, settled in ((team.ann, 0), (team.cy, 1), (team.owner, 0)):
        with Project.open(address) as project:
            assert pipeline.settle(project) == settled
    with Project.open(team.ann) as project:
        assert [decision.reviewer for decision in project.decisions()] == [CONSENSUS_REVIEWER]


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
