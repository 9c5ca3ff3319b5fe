"""The inbox of findings, what is shown of each, what decisions make of them, and where a check reports from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from curator.errors import InputError
from curator.model import Decision, Example, Finding, Message, Ref, Role, Severity, Suggestion, Verdict
from curator.progress import Silent
from curator.review import judging
from curator.store import Project
from ui.presenters import findings_cut as cuts
from ui.presenters import findings_deciding as deciding
from ui.presenters.findings import Inbox, Standing, State, judge, next_open, said_of
from ui.presenters.findings_deciding import Who
from ui.presenters.findings_labels import Fields, Label, LabelSet, Slice
from ui.presenters.findings_views import (
    Conflict,
    Group,
    Leak,
    Mismatch,
    Plain,
    Shift,
    by_chance,
    evidence_of,
    shared,
    view_of,
)

ADA = Who("Ada")


@pytest.fixture
def project(support_project: Path) -> Iterator[Project]:
    with Project.open(support_project, actor="Ada") as opened:
        yield opened


def one(inbox: Inbox, check: str, at: int = 0) -> tuple:
    """Run and finding of the row at a place of a check."""
    line = inbox.line(check)
    assert line is not None
    row = line.rows[at]
    return inbox.about(row), row.finding


def state(project: Project, id: str) -> State:
    row = Inbox.load(project).find(id)
    assert row is not None
    return row.state


# The inbox


def test_the_inbox_has_every_check_worst_first_and_none_of_the_evidence(project: Project) -> None:
    inbox = Inbox.load(project)
    severities = [line.severity for line in inbox.lines]
    order = [*Severity, None]
    assert [order.index(s) for s in severities] == sorted(order.index(s) for s in severities)
    assert len(inbox.lines) == 12
    assert inbox.open == inbox.total == sum(len(line.rows) for line in inbox.lines) > 80
    labels = inbox.line("label_error")
    assert labels is not None
    scores = [row.finding.score for row in labels.rows]
    assert scores == sorted(scores, reverse=True)
    assert all(row.finding.evidence == {} for line in inbox.lines for row in line.rows)
    assert labels.rows[0].excerpt


def test_before_the_first_check_there_is_no_run(tmp_path: Path) -> None:
    with Project.create(tmp_path / "new.curator") as empty:
        inbox = Inbox.load(empty)
    assert (inbox.run, inbox.lines, inbox.total) == (None, (), 0)


def test_while_a_check_runs_what_is_done_is_new_and_the_rest_is_of_the_check_before(project: Project) -> None:
    before = Inbox.load(project)
    assert before.run is not None
    run = project.begin_run("check", before.run.settings)
    assert Inbox.load(project).run == before.run
    found = list(project.findings(before.run.id, "leakage"))
    project.save_findings(run, "leakage", found[:3])
    inbox = Inbox.load(project)
    leaks, labels = inbox.line("leakage"), inbox.line("label_error")
    assert leaks is not None
    assert labels is not None
    assert (len(leaks.rows), leaks.pending, labels.pending) == (3, False, True)
    assert len(labels.rows) == len(before.line("label_error").rows)  # type: ignore[union-attr]
    assert not inbox.finished
    assert {inbox.about(leaks.rows[0]).id, inbox.about(labels.rows[0]).id} == {run, before.run.id}


def test_the_state_of_a_finding_follows_decisions_and_undo(project: Project) -> None:
    inbox = Inbox.load(project)
    run, finding = one(inbox, "label_error")
    deciding.accept(run, finding, ADA)(project)
    assert state(project, finding.id) is State.ACCEPTED
    assert inbox.after(project, finding.examples).find(finding.id).state is State.ACCEPTED  # type: ignore[union-attr]
    project.undo()
    assert state(project, finding.id) is State.OPEN
    deciding.dismiss(run, finding, Who("Ada", "it is fine"))(project)
    row = Inbox.load(project).find(finding.id)
    assert row is not None
    assert (row.state, row.by, row.note) == (State.DISMISSED, "Ada", "it is fine")
    project.undo()
    project.decide([Decision("", finding.examples[0], "", "Ada", Verdict.DROP)])
    assert state(project, finding.id) is State.OVERTAKEN


def test_what_changes_for_some_examples_is_what_a_fresh_inbox_says(project: Project) -> None:
    inbox = Inbox.load(project)
    run, group = one(inbox, "exact_duplicate")
    _, label = one(inbox, "label_error", 3)
    deciding.dismiss(run, group, ADA)(project)
    inbox = inbox.after(project, group.examples)
    deciding.accept(run, label, ADA)(project)
    inbox = inbox.after(project, label.examples)
    project.decide([Decision("", group.examples[-1], "", "Ada", Verdict.DROP)])
    inbox = inbox.after(project, group.examples)
    fresh = Inbox.load(project)
    assert inbox.lines == fresh.lines


def test_keeping_a_leak_leaves_it_open_for_it_stays_out_of_an_export(project: Project) -> None:
    _, leak = one(Inbox.load(project), "leakage")
    project.decide([Decision("", leak.examples[0], "", "Ada", Verdict.KEEP)])
    assert state(project, leak.id) is State.OPEN
    project.decide([Decision("", leak.examples[0], "", "Ada", Verdict.DROP)])
    assert state(project, leak.id) is State.ACCEPTED


def test_annotations_that_came_with_a_file_decide_no_finding(project: Project) -> None:
    inbox = Inbox.load(project)
    _, finding = one(inbox, "label_error")
    kept = Decision("", finding.examples[0], "", "Bo", Verdict.KEEP, imported=True)
    assert judge(finding, Standing.of({kept.example: [kept]})) == (State.OPEN, None)


def test_the_next_open_finding_goes_round_to_the_first(project: Project) -> None:
    inbox = Inbox.load(project)
    line = inbox.line("near_duplicate")
    assert line is not None
    ids = [row.id for row in line.rows]
    assert next_open(line.rows, ids[0]).id == ids[1]  # type: ignore[union-attr]
    assert next_open(line.rows, ids[-1]).id == ids[0]  # type: ignore[union-attr]
    run, last = one(inbox, "near_duplicate", 1)
    deciding.accept(run, last, ADA)(project)
    line = inbox.after(project, last.examples).line("near_duplicate")
    assert line is not None
    assert next_open(line.rows, ids[0]).id == ids[2]  # type: ignore[union-attr]
    assert next_open(line.rows[:1], ids[0]) is None


# Deciding


def test_of_a_group_another_one_can_stay_and_one_undo_takes_it_back(project: Project) -> None:
    run, group = one(Inbox.load(project), "near_duplicate")
    suggested, other = group.examples[0], group.examples[1]
    entry = deciding.keep_one(run, group, other, ADA)(project)
    made = {d.example: d.verdict for d in project.decisions()}
    assert made == {suggested: Verdict.DROP}
    assert state(project, group.id) is State.ACCEPTED
    assert [v.right for v in project.finding_verdicts("near_duplicate")] == [True]
    assert project.log(1)[0].id == entry.id
    # A change of mind brings the one back that was dropped first.
    deciding.keep_one(run, group, suggested, ADA)(project)
    made = {d.example: d.verdict for d in project.decisions()}
    assert made == {suggested: Verdict.KEEP, other: Verdict.DROP}
    project.undo()
    project.undo()
    assert list(project.decisions()) == []
    assert state(project, group.id) is State.OPEN


def test_dismissing_a_group_after_another_keeper_was_chosen_brings_all_back(project: Project) -> None:
    run, group = one(Inbox.load(project), "exact_duplicate")
    deciding.keep_one(run, group, group.examples[1], ADA)(project)
    deciding.dismiss(run, group, ADA)(project)
    assert {d.verdict for d in project.decisions()} == {Verdict.KEEP}
    assert {d.example for d in project.decisions()} == set(group.examples)
    assert state(project, group.id) is State.DISMISSED


def test_a_settled_conflict_keeps_those_who_had_the_right_output_and_their_dismissals(project: Project) -> None:
    inbox = Inbox.load(project)
    run, conflict = one(inbox, "conflict")
    examples = project.get_examples(conflict.examples)
    winner = examples[0]
    noted = Finding("outlier", Severity.WARNING, 0.6, (winner.id,), "odd", {}, None, "feedfeedfeedfeed")
    judging.dismiss(project, judging.Chosen(run, (noted,)), "Ada")
    deciding.settle(run, conflict, winner.output, ADA)(project)
    assert len({e.output for e in project.get_examples(conflict.examples)}) == 1
    made = {d.example: d for d in project.decisions()}
    assert made[winner.id].verdict is Verdict.KEEP
    assert made[winner.id].value == "feedfeedfeedfeed"
    assert all(made[e.id].verdict is Verdict.RELABEL for e in examples if e.output != winner.output)
    assert state(project, conflict.id) is State.ACCEPTED


def test_another_label_than_the_suggested_one_says_the_finding_was_right(project: Project) -> None:
    run, finding = one(Inbox.load(project), "label_error")
    deciding.relabel(run, finding, {finding.examples[0]: "gift_card"}, ADA)(project)
    assert project.get_examples(finding.examples)[0].output == "gift_card"
    assert [(v.finding, v.right) for v in project.finding_verdicts("label_error")] == [(finding.id, True)]
    assert state(project, finding.id) is State.OVERTAKEN


def test_many_are_decided_from_a_score_on_without_those_that_are_decided_already(project: Project) -> None:
    inbox = Inbox.load(project)
    line = inbox.line("label_error")
    assert line is not None
    run, first = one(inbox, "label_error")
    deciding.dismiss(run, first, ADA)(project)
    inbox = inbox.after(project, first.examples)
    least = line.rows[19].finding.score
    bulk = deciding.bulk(inbox, deciding.of_check(project, "label_error", True), True, least)
    expected = sum(row.finding.score >= least for row in line.rows) - 1
    assert (len(bulk.findings), bulk.relabels, bulk.drops, bulk.problem) == (expected, expected, 0, "")
    assert bulk.sentences() == [
        f"Accepts {expected} findings.",
        f"Relabels {expected} examples.",
    ]  # the decided is no note
    bulk.deed(run, Who("Ada", "all of a kind"))(project)
    after = Inbox.load(project).line("label_error")
    assert after is not None
    assert after.open == len(line.rows) - expected - 1
    assert len(project.finding_verdicts("label_error")) == 1  # of the one that was looked at
    project.undo()
    assert Inbox.load(project).line("label_error").open == len(line.rows) - 1  # type: ignore[union-attr]


def test_many_notes_cannot_be_decided_at_once(project: Project) -> None:
    inbox = Inbox.load(project)
    bulk = deciding.bulk(inbox, deciding.of_check(project, "length", True), True, 0)
    assert bulk.findings == ()
    assert bulk.sentences() == ["No open finding is left to decide at this score."]


def test_remembered_reasons_come_newest_first_and_once() -> None:
    reasons: list[str] = []
    for said in ("typo", "template", " typo ", ""):
        reasons = deciding.remembered(reasons, said)
    assert reasons == ["typo", "template"]
    for number in range(20):
        reasons = deciding.remembered(reasons, f"reason {number}")
    assert len(reasons) == deciding.REASONS
    assert reasons[0] == "reason 19"


# What is shown


def seen(project: Project, check: str, at: int = 0) -> object:
    inbox = Inbox.load(project)
    run, finding = one(inbox, check, at)
    return view_of(project, evidence_of(project, run.id, finding))


def test_a_group_marks_what_differs_from_the_one_that_stays(project: Project) -> None:
    view = seen(project, "near_duplicate")
    assert isinstance(view, Group)
    kept, other = view.cards(view.keep)
    assert kept.id == view.keep
    assert {mark.kind for marks in kept.marks.values() for mark in marks} == {"added"}
    marks = other.marks[0]
    text = other.example.messages[0].content or ""
    assert {mark.kind for mark in marks} == {"removed"}
    assert 0 < sum(mark.end - mark.start for mark in marks) < len(text) / 2
    again = view.cards(other.id)
    assert {mark.kind for marks in again[1].marks.values() for mark in marks} == {"added"}


def test_a_leak_shows_shared_runs_in_both_and_its_evidence(project: Project) -> None:
    inbox = Inbox.load(project)
    line = inbox.line("leakage")
    assert line is not None
    for at in range(len(line.rows)):
        view = seen(project, "leakage", at)
        assert isinstance(view, Leak)
        assert view.candidate.example.ref.role is Role.CANDIDATE
        assert view.protected.example.ref.role is Role.EVAL
        shared = [m for card in (view.candidate, view.protected) for marks in card.marks.values() for m in marks]
        assert shared
        assert view.evidence
    exact = seen(project, "leakage")
    assert isinstance(exact, Leak)
    assert exact.evidence[0][0] == "Word for word"


def test_a_run_of_shared_words_is_one_mark() -> None:
    made = Example(Ref("a", 0, 1), (Message("user", "Oh well, do you sell red lamps in Leeds?"),))
    other = Example(Ref("b", 0, 1), (Message("user", "Do you sell red lamps or blue ones in Leeds?"),))
    (mark,) = shared(made, 0, other, [0], in_runs=True)
    assert "Oh well, do you sell red lamps in Leeds?"[mark.start : mark.end] == "do you sell red lamps"
    single = shared(made, 0, other, [0], in_runs=False)
    assert ["Oh well, do you sell red lamps in Leeds?"[m.start : m.end] for m in single] == ["sell", "lamps", "Leeds"]


def test_rates_of_leaks_read_as_the_scale_is_defined() -> None:
    assert by_chance(0.5).startswith("1 in 100 ")
    assert by_chance(0.9).startswith("1 in 1,000 ")
    assert by_chance(0.99999).startswith("fewer than 1 in 10,000 ")


def test_a_label_shows_its_bars_and_the_neighbours_against_it(project: Project) -> None:
    view = seen(project, "label_error")
    assert isinstance(view, Label)
    assert view.bars[0].label == view.suggested
    assert view.bars[0].suggested
    assert [bar.label for bar in view.bars if bar.given] == [view.given]
    assert all(neighbour.against == (neighbour.label != view.given) for neighbour in view.neighbours)
    assert view.agrees is True


def test_a_conflict_offers_each_output_once(project: Project) -> None:
    view = seen(project, "conflict")
    assert isinstance(view, Conflict)
    assert len(view.answers) == 2
    assert {id for answer in view.answers for id in answer.examples} == {card.id for card in view.cards}
    assert not any(answer.suggested for answer in view.answers)


def test_other_findings_show_their_example_and_outliers_the_nearest_one(project: Project) -> None:
    plain, outlier = seen(project, "structure"), seen(project, "outlier")
    assert isinstance(plain, Plain)
    assert isinstance(outlier, Plain)
    assert plain.beside is None
    assert outlier.beside is not None
    assert outlier.beside.id not in {card.id for card in outlier.cards}


@pytest.fixture
def orders(tmp_path: Path) -> Iterator[Project]:
    """Ten extractions with a priority each; their ids are 1 to 10."""
    with Project.create(tmp_path / "orders.curator", actor="Ada") as made:
        rows = (
            Example(
                Ref("orders.jsonl", n, n + 1),
                (Message("user", f"order {n}"), Message("assistant", f'{{"item": "lamp {n}", "priority": "low"}}')),
            )
            for n in range(10)
        )
        made.import_source("orders.jsonl", "sha", "jsonl", Role.CANDIDATE, {}, rows, Silent())
        yield made


def test_a_field_shows_the_mended_output_and_takes_another_value(orders: Project) -> None:
    field = {"field": "priority", "given": "low", "suggested": "high", "probabilities": {'"high"': 0.9, '"low"': 0.1}}
    value = '{"item": "lamp 0", "priority": "high"}'
    suggestion = Suggestion(Verdict.RELABEL, (1,), value)
    finding = Finding("label_error", Severity.WARNING, 0.9, (1,), "", {"fields": [field], "neighbours": []}, suggestion)
    view = view_of(orders, finding)
    assert isinstance(view, Fields)
    assert view.mended.output == value
    assert [(bar.label, bar.given, bar.suggested) for bar in view.fields[0].bars] == [
        ('"high"', False, True),
        ('"low"', True, False),
    ]
    assert deciding.field_value(view.card.example, "priority", '"medium"') == '{"item": "lamp 0", "priority": "medium"}'
    broken = view.card.example.with_output("no JSON")
    with pytest.raises(InputError, match="no JSON object"):
        deciding.field_value(broken, "priority", '"medium"')


def test_sets_slices_blocks_and_lone_pairs_have_views_of_their_own(orders: Project) -> None:
    sets = {"given": ["a", "b"], "suggested": ["a", "c"], "surplus": ["b"], "missing": ["c"], "neighbours": []}
    assert isinstance(view_of(orders, _finding("label_error", (1,), sets)), LabelSet)
    alike = {"given": "a", "suggested": "b", "inputs": [], "elsewhere": [{"example": 9, "text": "order 8"}]}
    slice_ = view_of(orders, _finding("label_error", (1, 2, 3), alike))
    assert isinstance(slice_, Slice)
    assert len(slice_.cards) == 3
    rows = [{"example": 1, "input": "order 0", "output": "x", "right_output": "y"}]
    slipped = {"shift": 1, "shown": rows, "right_output_missing": [4], "chance": 1e-6}
    block = view_of(orders, _finding("mismatched_pair", (1, 2, 3), slipped))
    assert isinstance(block, Shift)
    assert (len(block.rows), block.more, block.missing) == (1, 2, 1)
    better = {"pair_quality": 0.02, "better": {"example": 5, "fit": 0.99}}
    pair = view_of(orders, _finding("mismatched_pair", (1, 5), better))
    assert isinstance(pair, Mismatch)
    assert pair.fitting is not None
    assert pair.fitting.id == 5


def _finding(check: str, examples: tuple[int, ...], evidence: dict) -> Finding:
    return Finding(check, Severity.WARNING, 0.9, examples, "", evidence)


def test_of_json_outputs_a_conflict_tells_only_what_differs(orders: Project) -> None:
    evidence = {"fields": [{"field": "item", "values": []}], "same_input": True}
    view = view_of(orders, _finding("conflict", (1, 2), evidence))
    assert isinstance(view, Conflict)
    assert [answer.differs for answer in view.answers] == ['item: "lamp 0"', 'item: "lamp 1"']


def test_answers_that_say_something_else_altogether_are_not_marked(tmp_path: Path) -> None:
    long = ["It wants no light whatever, so a cupboard is best. Carry it down to the cellar today and close the door.",
            "Bright shade is half the secret with these. Try that spot for two weeks, then tell me how well it looks."]  # fmt: skip
    near = [long[0], long[0].replace("today", "tonight")]
    with Project.create(tmp_path / "two.curator") as made:
        rows = (
            Example(Ref("a.csv", n, n + 1), (Message("user", "Where does it go?"), Message("assistant", text)))
            for n, text in enumerate((*long, *near))
        )
        made.import_source("a.csv", "sha", "csv", Role.CANDIDATE, {}, rows, Silent())
        apart = view_of(made, _finding("conflict", (1, 2), {}))
        close = view_of(made, _finding("conflict", (3, 4), {}))
    assert isinstance(apart, Conflict)
    assert isinstance(close, Conflict)
    assert [1 in card.marks for card in apart.cards] == [False, False]
    assert [1 in card.marks for card in close.cards] == [True, True]


def test_a_huge_group_shows_its_first_members_and_counts_the_rest(tmp_path: Path) -> None:
    with Project.create(tmp_path / "huge.curator") as made:
        rows = (
            Example(Ref("a.csv", n, n + 1), (Message("user", "same"), Message("assistant", "x"))) for n in range(500)
        )
        made.import_source("a.csv", "sha", "csv", Role.CANDIDATE, {}, rows, Silent())
        ids = tuple(made.ids())
        view = view_of(made, Finding("exact_duplicate", Severity.ERROR, 1.0, ids, "", {"keep": ids[0]}))
    assert isinstance(view, Group)
    assert (len(view.examples), view.more) == (12, 488)


def test_messages_name_files_without_their_folders() -> None:
    leak = _finding("leakage", (1,), {})
    said = "repeats eval example data/my/eval.csv, line 95 in meaning"
    pair = "the output seems to belong to another input (a\\b.jsonl, line 4 has one that fits)"
    assert said_of(replace(leak, message=said)) == "Repeats eval example eval.csv, line 95 in meaning"
    assert said_of(replace(leak, message=pair)).endswith("another input (b.jsonl, line 4 has one that fits)")
    assert said_of(replace(leak, message="it is and/or that")) == "It is and/or that"


# The cut


def looked_for(project: Project, check: str, own_cut: float = 0.5) -> judging.Pool:
    """A pool of 60 findings from .99 down, of which those from `own_cut` on are reported."""
    ids = project.ids(Role.CANDIDATE)
    found = [
        Finding(check, Severity.WARNING, round(0.99 - 0.01 * n, 4), (ids[n],), f"number {n}", {"input": f"text {n}"},
                Suggestion(Verdict.DROP, (ids[n],)), f"{n:016x}")
        for n in range(60)
    ]  # fmt: skip
    run = project.begin_run("ask", {"check": check})
    project.save_findings(run, check, found)
    inbox = Inbox.load(project)
    assert inbox.run is not None
    encoder = inbox.run.summary["encoder"]
    reported = sum(f.score >= own_cut for f in found)
    summary = {"reported": reported, "cut": own_cut, "own_cut": own_cut, "encoder": encoder, "encoder_name": "a model"}
    project.finish_run(run, summary)
    return judging.asked(project, check)


def test_another_cut_is_told_against_the_one_in_force_with_what_lies_around_it(project: Project) -> None:
    looked_for(project, "outlier")
    held = cuts.threshold(project, Inbox.load(project), "outlier")
    assert (held.now, held.count(held.now)) == (0.5, 50)
    assert held.sentence(0.8) == "20 findings from 0.800 on; 30 fewer than now"
    assert held.sentence(0.45) == "55 findings from 0.450 on; 5 more than now"
    assert held.sentence(0.5) == "50 findings from 0.500 on; as many as now"
    above, below = held.near(0.8)
    assert [f.score for f in (*above, *below)] == [0.81, 0.8, 0.79, 0.78]
    assert held.excerpts[above[0].id].startswith("text")


def test_a_cut_set_by_hand_hides_what_lies_below_it_at_once_and_undo_shows_it(project: Project) -> None:
    looked_for(project, "outlier")
    inbox = Inbox.load(project)
    line = inbox.line("outlier")
    assert line is not None
    assert line.open == 9
    held = cuts.threshold(project, inbox, "outlier")
    cuts.set_cut(project, held, 0.6, "Ada")
    inbox = inbox.under_cuts(project)
    line = inbox.line("outlier")
    assert line is not None
    assert (line.open, line.below) == (4, 5)
    assert inbox.moved == {"outlier"}
    assert "set by hand" in cuts.kept_text(inbox.cuts["outlier"])
    assert Inbox.load(project).line("outlier").open == 4  # type: ignore[union-attr]
    project.undo()
    inbox = inbox.under_cuts(project)
    assert inbox.line("outlier").open == 9  # type: ignore[union-attr]
    assert inbox.moved == frozenset()


def test_without_looking_below_the_cut_none_can_be_kept(project: Project) -> None:
    held = cuts.threshold(project, Inbox.load(project), "outlier")
    assert held.pool is None
    assert len(held.findings) == 9
    assert all(held.excerpts[f.id] for f in held.findings if f.score > 0.6)
    with pytest.raises(InputError, match="Look below the cut first"):
        cuts.set_cut(project, held, 0.9, "Ada")


def test_thirty_verdicts_set_the_cut_and_say_how_sure_it_is(project: Project) -> None:
    pool = looked_for(project, "outlier")
    asking = cuts.ask(project, pool)
    assert len(asking.questions) == 30
    while (finding := asking.current) is not None:
        cuts.answer(project, pool, finding, finding.score > 0.75, "Ada")
        asking = asking.answered(finding.score > 0.75)
    assert asking.given == 30
    done = cuts.conclude(project, pool, "Ada")
    said = cuts.outcome(done)
    assert said[0].endswith("of 30 verdicts say right.")
    assert "the cut is set there" in " ".join(said)
    held = cuts.threshold(project, Inbox.load(project), "outlier")
    assert held.kept is not None
    assert 0.65 < held.now < 0.8
    assert held.verdicts == 30
    assert "are expected to be right" in cuts.kept_text(held.kept)


def test_a_few_verdicts_set_no_cut_and_say_how_many_are_missing(project: Project) -> None:
    pool = looked_for(project, "outlier")
    for finding in cuts.ask(project, pool).questions[:4]:
        cuts.answer(project, pool, finding, True, "Ada")
    assert cuts.outcome(cuts.conclude(project, pool, "Ada")) == ["4 verdicts so far.", "6 more set a cut."]
    assert project.calibrations() == []
