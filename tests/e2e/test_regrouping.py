"""Near duplicates at export: grouped anew among what is left, so that nothing goes for being like what is gone."""

from __future__ import annotations

from curator import checks, release
from curator.embedding import Embedder
from curator.model import Decision, Example, Message, Ref, Verdict
from curator.splits import DEFAULT
from curator.tasks import Task

TWINS = (
    "My parcel was left at the neighbour's house, how do I get it?",
    "My parcel was left at a neighbour's house, how do I get it?",
    "My parcel was left at the neighbour's house, how can I get it?",
)


def corpus(texts: tuple[str, ...], system: tuple[str, ...] = ()) -> checks.Corpus:
    return checks.Corpus(
        [
            Example(
                Ref("pairs.jsonl", i, i + 1),
                (
                    *((Message("system", system[i]),) if system else ()),
                    Message("user", text),
                    Message("assistant", "delivery"),
                ),
                id=i + 1,
            )
            for i, text in enumerate(texts)
        ]
    )


def excluded(candidates: checks.Corpus, *decisions: Decision) -> set[int]:
    data = checks.Data(candidates, checks.Corpus([]), Task.CLASSIFICATION, Embedder())
    findings = [f for _, outcome in checks.run(data, ["near_duplicate"]) for f in outcome.findings]
    return set(release.exclusions(data, findings, {d.example: d for d in decisions}, DEFAULT))


def test_one_of_three_twins_stays_and_another_when_that_one_is_dropped() -> None:
    all_three = corpus(TWINS)
    gone = excluded(all_three)
    assert len(gone) == 2
    kept = ({1, 2, 3} - gone).pop()
    dropped = excluded(all_three, Decision("d1", kept, "", "ann", Verdict.DROP))
    assert kept in dropped
    assert len(dropped) == 2


def test_the_one_that_a_reviewer_approved_is_the_one_that_stays() -> None:
    for wanted in (1, 2, 3):
        assert wanted not in excluded(corpus(TWINS), Decision("d1", wanted, "", "ann", Verdict.KEEP))


def test_the_same_input_under_another_instruction_is_another_example() -> None:
    assert not excluded(corpus((TWINS[0], TWINS[0]), ("Name the topic.", "Name the department.")))
