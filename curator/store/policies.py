"""What PostgreSQL lets an account do that a project's owner let in (`curator.store.roles` gives it the rights).

The owner sees and may do everything. Every other account meets these policies: it writes in its own name, undoes what
it did itself, and while a round is open and blind it sees no votes but its own. They go by `current_user` and by what is
bound to it in `reviewers`, never by what a program says.

An account can read the texts as they were imported. Which item has a known answer, and what that answer is, it cannot
read; who compares a planted text with the imported one can tell it apart.
"""

from __future__ import annotations

_ME = "(SELECT me.id FROM reviewers me WHERE me.role = current_user)"
_NAME = "(SELECT me.name FROM reviewers me WHERE me.role = current_user)"
_ADJUDICATES = "coalesce((SELECT me.adjudicates FROM reviewers me WHERE me.role = current_user), false)"
_CONSENSUS = """(SELECT them.id FROM reviewers them WHERE them.name = '"(consensus)"')"""
_NOW = "extract(epoch FROM clock_timestamp())"
_VOTES = "('vote', 'withdrawal')"

POLICED = ("journal", "decisions", "revisions", "finding_verdicts", "round_slots", "round_answers")

# A function, for a policy of the journal cannot look into the journal itself. It runs with the rights of who asks.
_OWN_ENTRY = (
    "CREATE FUNCTION curator_own_entry(wanted integer) RETURNS boolean LANGUAGE sql STABLE "
    "SET search_path = pg_catalog, pg_temp "
    "RETURN EXISTS (SELECT FROM journal j WHERE j.id = wanted AND j.action IN ('decide', 'vote', 'judge') "
    f"AND j.actor = {_NAME})"
)
_OPEN_TO_ALL = tuple(
    f"CREATE POLICY {table}_are_read ON {table} FOR SELECT USING (true)"
    for table in ("journal", "revisions", "finding_verdicts", "round_slots")
)
_ENTRIES = (
    "CREATE POLICY journal_in_own_name ON journal FOR INSERT WITH CHECK ("
    f"actor = {_NAME} AND (action IN ('decide', 'vote', 'judge') AND entry IS NULL "
    "OR action IN ('undo', 'redo') AND curator_own_entry(entry)))"
)
_BLIND = (
    "CREATE POLICY decisions_are_read ON decisions FOR SELECT USING ("
    f"kind NOT IN {_VOTES} OR reviewer_id = {_ME} OR {_ADJUDICATES} "
    "OR round_id IN (SELECT r.id FROM rounds r WHERE r.closed OR NOT r.blind))"
)
_DECISIONS = (
    "CREATE POLICY decisions_in_own_name ON decisions FOR INSERT WITH CHECK (curator_own_entry(journal_id) AND ("
    f"kind = 'decision' AND reviewer_id = {_ME} "
    f"OR kind IN {_VOTES} AND reviewer_id = {_ME} "
    "AND EXISTS (SELECT FROM rounds r JOIN round_items i ON i.round_id = r.id "
    "WHERE r.id = decisions.round_id AND NOT r.closed AND i.example_id = decisions.example_id) "
    f"OR kind = 'adjudication' AND reviewer_id = {_ME} AND {_ADJUDICATES} "
    f"OR kind = 'consensus' AND reviewer_id = {_CONSENSUS} AND {_ADJUDICATES}))"
)
_REVISIONS = (
    "CREATE POLICY revisions_of_own_decisions ON revisions FOR INSERT WITH CHECK (EXISTS ("
    "SELECT FROM decisions d WHERE d.id = revisions.decision_id AND d.example_id = revisions.example_id "
    f"AND d.result = revisions.content_key AND d.kind NOT IN {_VOTES} AND curator_own_entry(d.journal_id)))"
)
_VERDICTS = (
    "CREATE POLICY finding_verdicts_in_own_name ON finding_verdicts FOR INSERT WITH CHECK ("
    f"reviewer_id = {_ME} AND curator_own_entry(journal_id))"
)
# Taken: what is free, held by oneself or no longer held. Left: held by oneself for a lease at most, for good once it is
# voted on, or free.
_CLAIMS = (
    "CREATE POLICY round_slots_are_claimed ON round_slots FOR UPDATE USING ("
    "round_id IN (SELECT r.id FROM rounds r WHERE r.claimed AND NOT r.closed) "
    f"AND (reviewer_id IS NULL OR until IS NOT NULL AND (reviewer_id = {_ME} OR until < {_NOW}))) "
    "WITH CHECK (reviewer_id IS NULL AND until IS NULL "
    f"OR reviewer_id = {_ME} AND until <= {_NOW} + (SELECT r.lease FROM rounds r WHERE r.id = round_slots.round_id) "
    f"OR reviewer_id = {_ME} AND until IS NULL AND EXISTS (SELECT FROM decisions d "
    "WHERE d.round_id = round_slots.round_id AND d.example_id = round_slots.example_id "
    f"AND d.reviewer_id = {_ME} AND d.kind IN {_VOTES}))"
)
_ANSWERS = (
    "CREATE POLICY round_answers_are_read ON round_answers FOR SELECT USING ("
    f"{_ADJUDICATES} OR round_id IN (SELECT r.id FROM rounds r WHERE r.closed))"
)

POLICIES = (
    _OWN_ENTRY,
    *(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY" for table in POLICED),
    *_OPEN_TO_ALL,
    _ENTRIES,
    _BLIND,
    _DECISIONS,
    _REVISIONS,
    _VERDICTS,
    _CLAIMS,
    _ANSWERS,
)
