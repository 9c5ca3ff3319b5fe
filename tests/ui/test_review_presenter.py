"""The session of cards without the window: order of the cards, keys, the way back, pace, labels, guideline."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from curator.errors import InputError
from curator.model import Decision, Example, Finding, Message, Ref, Role, Severity, Suggestion, ToolCall, Verdict
from curator.progress import Silent
from curator.review import judging
from curator.review.queue import Wanted
from curator.store import Project
from ui.presenters import labels, review
from ui.presenters import review_evidence as showing
from ui.presenters.pace import Pace, Rest
from ui.presenters.review import Card, Deck

CANDIDATES = 12


def found(
    id: str,
    *examples: int,
    check: str = "label_error",
    severity: Severity = Severity.WARNING,
    score: float = 0.9,
    action: Verdict | None = Verdict.DROP,
    about: tuple[int, ...] | None = None,
    value: str | None = None,
) -> Finding:
    suggestion = None if action is None else Suggestion(action, about or examples[:1], value)
    return Finding(check, severity, score, examples, f"finding {id}", {}, suggestion, id)


FOUND = {
    "structure": [found("aaaa0001", 1, check="structure", severity=Severity.ERROR, score=1.0)],
    "near_duplicate": [found("bbbb0001", 2, 3, 4, check="near_duplicate", about=(3, 4))],
    "leakage": [found("cccc0001", 5, CANDIDATES + 1, check="leakage")],
    "label_error": [found("dddd0001", 6, action=Verdict.RELABEL, value="label 1")],
}


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """12 candidates with labels, an eval example, and a finished check that found four things."""
    with Project.create(tmp_path / "made.curator", actor="Ada", settings={"task": "classification"}) as made:
        for role, count in ((Role.CANDIDATE, CANDIDATES), (Role.EVAL, 1)):
            rows = (
                Example(
                    Ref(f"data/{role}.csv", n, n + 2, role),
                    (Message("user", f"question {n}"), Message("assistant", f"label {n % 3}")),
                )
                for n in range(count)
            )
            made.import_source(f"data/{role}.csv", f"sha {role}", "csv", role, {}, rows, Silent())
        run = made.begin_run("check", {"checks": list(FOUND)})
        for check, findings in FOUND.items():
            made.save_findings(run, check, findings)
        made.finish_run(run, {})
        yield made


def deck_of(project: Project, wanted: Wanted = Wanted(), reviewer: str = "Ada") -> Deck:  # noqa: B008
    return Deck(review.begin(project, reviewer, wanted))


def card_of(project: Project, deck: Deck, reviewer: str = "Ada") -> Card:
    assert deck.current is not None
    return review.load_cards(project, [deck.current], reviewer)[0]


def decide(project: Project, deck: Deck, verdict: Verdict, value: str | None = None) -> int:
    """Decide on the card that is shown, and go on: as the page does it."""
    card = card_of(project, deck)
    made = review.decision(card, "Ada", verdict, value)
    project.decide([made])
    deck.settle({card.id: made.verdict})
    deck.advance()
    return card.id


# Cards


def test_cards_come_in_the_order_of_the_queue_and_end_with_the_audit_sample(project: Project) -> None:
    deck = deck_of(project)
    shown = []
    while deck.current is not None:
        shown.append(decide(project, deck, Verdict.KEEP))
    assert shown[:3] == [3, 4, 1]  # a group of two, then the error
    assert sorted(shown[:5]) == [1, 3, 4, 5, 6]
    assert sorted(shown) == list(range(1, CANDIDATES + 1))
    assert deck.done
    assert deck_of(project).done


def test_a_card_has_what_its_findings_name_and_the_key_of_what_is_shown(project: Project) -> None:
    deck = deck_of(project, Wanted(check="leakage"))
    card = card_of(project, deck)
    assert card.id == 5
    assert card.others[CANDIDATES + 1].ref.role is Role.EVAL
    project.decide([review.decision(card, "Ada", Verdict.EDIT, review.edited(card.example, {1: "other"}))])
    again = card_of(project, deck)
    assert again.key != card.key
    assert again.mine is not None
    assert again.mine.seen == card.key


def test_moving_decides_nothing_and_stops_at_both_ends(project: Project) -> None:
    deck = deck_of(project)
    assert not deck.move(-1)
    first = deck.current
    for _ in range(len(deck) - 1):
        assert deck.move(1)
    assert not deck.move(1)
    assert not deck.done
    while deck.move(-1):
        pass
    assert deck.current == first
    assert deck.decided_here == 0


def test_after_a_look_back_one_goes_on_where_one_was(project: Project) -> None:
    deck = deck_of(project)
    for _ in range(3):
        decide(project, deck, Verdict.KEEP)
    there = deck.current
    deck.move(-2)
    decide(project, deck, Verdict.DROP)
    assert deck.current == there


def test_cards_that_were_passed_by_come_at_the_end(project: Project) -> None:
    deck = deck_of(project, Wanted(ids=(7, 8, 9)))
    deck.move(1)
    assert decide(project, deck, Verdict.KEEP) == 8
    assert decide(project, deck, Verdict.KEEP) == 9
    assert decide(project, deck, Verdict.KEEP) == 7
    assert deck.done


def test_what_comes_next_and_what_was_before_are_at_hand(project: Project) -> None:
    deck = deck_of(project)
    decide(project, deck, Verdict.KEEP)
    ahead = [item.example for item in deck.ahead(2)]
    assert ahead == [1, 6, 3]  # the next two, and the one before


@pytest.mark.parametrize(
    ("verdict", "value", "kept"),
    [
        (Verdict.KEEP, None, (Verdict.KEEP, None)),
        (Verdict.DROP, None, (Verdict.DROP, None)),
        (Verdict.FLAG, None, (Verdict.FLAG, None)),
        (Verdict.SKIP, None, (Verdict.SKIP, None)),
        (Verdict.RELABEL, "label 9", (Verdict.RELABEL, "label 9")),
        (Verdict.RELABEL, "label 2", (Verdict.KEEP, None)),  # the label that example 3 has already
    ],
)
def test_each_key_makes_its_decision_about_what_was_shown(
    project: Project, verdict: Verdict, value: str | None, kept: tuple[Verdict, str | None]
) -> None:
    card = card_of(project, deck_of(project))
    assert card.id == 3
    made = review.decision(card, "Ada", verdict, value, "  a note ")
    project.decide([made])
    (stored,) = project.decisions(card.id)
    assert (stored.verdict, stored.value) == kept
    assert (stored.seen, stored.note, stored.reviewer, stored.id) == (card.key, "a note", "Ada", made.id)


def test_an_edit_changes_the_turns_it_names_and_leaves_the_rest() -> None:
    call = ToolCall("look", "{}", "c1")
    example = Example(
        Ref("a", 0, 1),
        (Message("system", "be kind"), Message("user", "hi"), Message("assistant", None, (call,), extra={"x": 1})),
    )
    text = review.edited(example, {1: "hello", 2: "some"})
    assert text is not None
    assert [m["content"] for m in json.loads(text)] == ["be kind", "hello", "some"]
    assert json.loads(text)[2]["tool_calls"] == [{"id": "c1", "name": "look", "arguments": "{}"}]
    assert review.edited(example, {0: "be kind", 1: "hi", 2: ""}) is None


# The way back


def test_undo_walks_back_through_cards_newest_first(project: Project) -> None:
    deck = deck_of(project)
    decided = [decide(project, deck, verdict) for verdict in (Verdict.KEEP, Verdict.DROP, Verdict.FLAG)]
    for expected in reversed(decided):
        taken = review.take_back(project, "Ada")
        assert taken is not None
        assert taken.examples == (expected,)
        item = deck.reopen(taken.examples)
        assert item is not None
        assert item.example == expected
        assert card_of(project, deck).mine is None
    assert deck.decided_here == 0
    assert list(project.decisions()) == []


def test_undo_goes_on_beyond_this_sitting(project: Project) -> None:
    first = deck_of(project)
    earlier = [decide(project, first, Verdict.KEEP) for _ in range(2)]
    deck = deck_of(project)
    assert earlier[0] not in [item.example for item in deck.ahead(99)]
    here = deck.current
    taken = review.take_back(project, "Ada")
    assert taken is not None
    shown = deck.reopen(taken.examples)
    assert shown is not None
    assert shown.example == earlier[1]
    whole = review.with_findings(project, shown, deck.run)
    assert [f.id for f in whole.findings] == ["bbbb0001"]
    deck.add(whole)
    assert decide(project, deck, Verdict.DROP) == earlier[1]
    assert deck.current == here


def test_undo_shows_the_decision_before_the_one_that_was_taken_back(project: Project) -> None:
    project.decide([Decision("", 3, "", "Ada", Verdict.FLAG)])
    deck = deck_of(project, Wanted(flagged=True))
    assert decide(project, deck, Verdict.KEEP) == 3
    taken = review.take_back(project, "Ada")
    assert taken is not None
    deck.reopen(taken.examples)
    card = card_of(project, deck)
    assert card.mine is not None
    assert card.mine.verdict is Verdict.FLAG


def test_undo_takes_back_decisions_alone_and_ones_own_alone(project: Project) -> None:
    review.keep_guideline(project, "Be strict.")
    project.decide([Decision("", 7, "", "Ben", Verdict.DROP)])
    assert review.take_back(project, "Ada") is None
    assert review.take_back(project, "Ben") is not None
    assert project.settings()["guideline"] == "Be strict."


def test_a_group_that_was_decided_at_once_comes_back_at_once(project: Project) -> None:
    deck = deck_of(project)
    card = card_of(project, deck)
    assert card.proposing is not None
    review.accept(project, card.proposing, "Ada")
    deck.settle(review.settled_by(card.proposing))
    deck.advance()
    assert deck.current is not None
    assert deck.current.example == 1
    assert {d.example: d.verdict for d in project.decisions()} == {3: Verdict.DROP, 4: Verdict.DROP}
    assert [v.right for v in project.finding_verdicts("near_duplicate")] == [True]
    taken = review.take_back(project, "Ada")
    assert taken is not None
    assert taken.examples == (3, 4)
    assert deck.reopen(taken.examples) is not None
    assert deck.at == 0
    assert project.finding_verdicts("near_duplicate") == []


def test_redo_does_again_what_was_taken_back(project: Project) -> None:
    deck = deck_of(project)
    decided = decide(project, deck, Verdict.DROP)
    review.take_back(project, "Ada")
    assert review.do_again(project, "Ada").examples == (decided,)
    assert [d.verdict for d in project.decisions(decided)] == [Verdict.DROP]
    with pytest.raises(InputError, match="nothing to redo"):
        review.do_again(project, "Ada")


# What a decision means for findings


def test_a_keep_outweighs_findings_about_the_example_itself(project: Project) -> None:
    card = card_of(project, deck_of(project, Wanted(check="label_error")))
    standing = showing.standing(card)
    assert standing is not None
    assert standing.dismissible == ()
    assert "outweighs" in standing.text


@pytest.mark.parametrize("check", ["leakage", "near_duplicate"])
def test_a_leak_or_a_repetition_is_harmless_only_once_it_is_dismissed(project: Project, check: str) -> None:
    card = card_of(project, deck_of(project, Wanted(check=check)))
    standing = showing.standing(card)
    assert standing is not None
    assert [f.check for f in standing.dismissible] == [check]
    assert "dismiss" in standing.text
    review.dismiss(project, card.findings, "Ada")
    assert {d.example for d in project.decisions()} == set(review.dismissed_by(card))
    assert judging.dismissals(project.decisions()) == {f.id for f in card.findings}


def test_notes_keep_nothing_out() -> None:
    note = found("e", 1, check="length", severity=Severity.INFO, action=None)
    item = review.Item(1, 1.0, (note,))
    card = Card(item, Example(Ref("a", 0, 1), (Message("user", "q"), Message("assistant", "a"))), "k")
    standing = showing.standing(card)
    assert standing is not None
    assert "nothing out" in standing.text
    assert showing.standing(Card(review.Item(1), card.example, "k")) is None


@pytest.mark.parametrize(
    ("finding", "said"),
    [
        (FOUND["structure"][0], "Drop it"),
        (FOUND["near_duplicate"][0], "Drop 2 examples of the group"),
        (FOUND["label_error"][0], "Relabel as label 1"),
        (found("x", 1, 2, action=Verdict.DROP, about=(2,)), "Drop the other one"),
        (found("x", 1, action=Verdict.FLAG), "Flag it"),
        (found("x", 1, action=None), ""),
    ],
)
def test_what_a_finding_proposes_is_said_in_words(finding: Finding, said: str) -> None:
    assert showing.proposal(finding.suggestion, 1) == said


def test_the_other_example_is_shown_beside_with_the_words_that_differ(project: Project) -> None:
    card = card_of(project, deck_of(project, Wanted(check="leakage")))
    (one,) = showing.evidence(card)
    (line,) = one.lines
    assert line.title == "Eval example, eval.csv, line 2"
    assert [line.text[mark.start : mark.end] for mark in line.marks] == ["0"]
    assert one.title == "Leaks into the eval set"


def test_the_samples_findings_of_every_check_can_be_shown(support_project: Path) -> None:
    with Project.open(support_project) as project:
        run = project.latest_run("check")
        assert run is not None
        checks = {finding.check for finding in project.findings(run.id)}
        for check in checks:
            begun = review.begin(project, "Ada", Wanted(check=check))
            items = list(begun.queue.items)[:5]
            for card in review.load_cards(project, items, "Ada"):
                assert card.findings
                assert all(one.message for one in showing.evidence(card))
        assert {"leakage", "near_duplicate", "label_error", "conflict"} <= checks
        wrong = review.load_cards(project, [review.begin(project, "Ada", Wanted(check="label_error")).queue[0]], "Ada")
        neighbours = showing.evidence(wrong[0])[0].lines
        assert neighbours[0].title == "How likely"
        assert wrong[0].suggested in neighbours[0].text


# Progress, pace and breaks


def test_progress_is_told_for_the_findings_first_and_then_for_the_audit_sample(project: Project) -> None:
    deck = deck_of(project)
    assert (deck.progress.decided, deck.progress.left, deck.progress.audit) == (0, 5, False)
    for _ in range(2):
        decide(project, deck, Verdict.KEEP)
    assert (deck.progress.decided, deck.progress.left) == (2, 3)
    again = deck_of(project)
    assert (again.progress.decided, again.progress.total) == (2, 5)
    for _ in range(4):
        decide(project, again, Verdict.KEEP)
    assert (again.progress.decided, again.progress.total, again.progress.audit) == (1, CANDIDATES - 5, True)
    assert again.today == deck.today + 4 == 6


def test_the_day_begins_at_midnight_where_one_is() -> None:
    zone = timezone(timedelta(hours=2))
    now = datetime(2026, 3, 5, 9, 0, tzinfo=zone)
    times = ["2026-03-04T21:59:00+00:00", "2026-03-04T22:01:00+00:00", "2026-03-05T06:00:00+00:00"]
    made = [Decision(f"{n}", n, "", "Ada", Verdict.KEEP, at=at) for n, at in enumerate(times)]
    made.append(Decision("o", 9, "", "Ben", Verdict.KEEP, at=times[-1]))
    made.append(Decision("i", 8, "", "Ada", Verdict.KEEP, at=times[-1], imported=True))
    assert review.decided_today(made, "Ada", now) == {1, 2}
    assert review.decided_today(made, "Ada", now.astimezone(UTC)) == {2}


def test_pace_is_the_median_of_the_last_cards_without_pauses() -> None:
    pace = Pace()
    now = 0.0
    for took in (4.0, 6.0, 500.0, 5.0):
        assert pace.seconds is None
        pace.shown(now)
        now += took
        pace.decided(now)
    assert pace.seconds == 5.0
    assert pace.left(12) == 60.0
    for _ in range(20):
        pace.shown(now)
        now += 2.0
        pace.decided(now)
    assert pace.seconds == 2.0


def test_a_card_that_was_left_says_nothing_of_the_pace() -> None:
    pace = Pace()
    for second in range(3):
        pace.shown(second)
        pace.stopped()
        pace.decided(second + 1.0)
    assert pace.seconds is None


def test_a_break_is_due_after_so_many_minutes_of_work_and_a_pause_counts_as_one() -> None:
    rest = Rest(25)
    assert [minute for minute in range(60) if rest.worked(minute * 60.0)] == [25, 50]
    rest = Rest(25)
    assert not any(rest.worked(minute * 60.0) for minute in range(20))
    assert not any(rest.worked(minute * 60.0) for minute in range(30, 54))
    assert rest.worked(55 * 60.0)
    assert not any(Rest(0).worked(minute * 60.0) for minute in range(600))


# Labels


def test_used_and_suggested_labels_are_on_the_number_keys() -> None:
    counted = Counter({f"label {n:02}": 100 - n for n in range(12)})
    made = labels.choose(counted, {"rare one": 40, "label 03": 10})
    assert made.on_key(1).name == "rare one"  # type: ignore[union-attr]
    assert made.on_key(2).name == "label 03"  # type: ignore[union-attr]
    assert [label.key for label in made.listed] == [1, 2, 3, 4, 5, 6, 7, 8, 9, None, None, None, None]
    assert made.on_key(10) is None
    assert labels.choose(counted, {}).on_key(1).name == "label 00"  # type: ignore[union-attr]


def test_an_empty_output_is_no_label() -> None:
    assert [label.name for label in labels.choose({"": 50, " ": 3, "a": 1}, {}).listed] == ["a"]


def test_typing_finds_labels_by_the_beginning_of_a_word_and_by_letters() -> None:
    made = labels.choose({"return_item": 9, "refund_status": 8, "status": 7, "change-address": 6}, {})
    assert [label.name for label in made.matching("sta")] == ["status", "refund_status"]
    assert made.matching("refund_status")[0].name == "refund_status"
    assert [label.name for label in made.matching("chadd")] == ["change-address"]
    assert made.matching("STATUS")[0].name == "status"
    assert made.matching("zzz") == []
    assert len(made.matching("")) == 4


def test_labels_of_a_project_keep_their_keys_while_one_relabels(project: Project) -> None:
    suggested = labels.suggestions(f for some in FOUND.values() for f in some)
    assert suggested == {"label 1": 1}
    made = labels.load(project, suggested)
    assert [label.name for label in made.listed] == ["label 1", "label 0", "label 2"]
    assert made.named("label 2") == labels.Label("label 2", 4, 3)


def test_free_texts_are_no_labels(project: Project) -> None:
    project.set_settings(task="generation")
    assert not labels.load(project, {})
    project.set_settings(task=None)
    assert labels.load(project, {})  # three outputs, each of them four times
    turns = (Message("user", "q"), Message("assistant", "word " * 30))
    rows = [Example(Ref("b.csv", 0, 1), turns)]
    project.import_source("b.csv", "sha b", "csv", Role.CANDIDATE, {}, rows, Silent())
    assert not labels.load(project, {})


# The guideline


def test_the_guideline_is_kept_with_the_project_for_everybody(project: Project) -> None:
    assert review.begin(project, "Ada", Wanted()).guideline == ""
    review.keep_guideline(project, "# Refunds\n\nMoney *back* is a refund.\n")
    assert review.begin(project, "Ben", Wanted()).guideline == "# Refunds\n\nMoney *back* is a refund."
    review.keep_guideline(project, "  ")
    assert "guideline" not in project.settings()


def test_labels_stay_on_their_keys_when_they_are_counted_again():
    from ui.presenters import labels

    first = labels.choose({"refund": 5, "delivery": 4, "gone": 3}, {})
    again = labels.choose({"delivery": 9, "refund": 5, "new": 8}, {"new": 20}).as_before(first)
    assert [(label.name, label.key) for label in again.listed] == [("refund", 1), ("delivery", 2), ("new", 3)]
    assert again.on_key(2).examples == 9
