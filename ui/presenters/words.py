"""The words that the window has for what the engine names: checks, verdicts, tasks, scores. One word per thing.

Every text stands here as a literal of `tr`, so that the translations can be checked for gaps.
"""

from __future__ import annotations

from datetime import datetime

from curator.model import Round
from ui.i18n import tr
from ui.presenters.sides import label_titles


def _said(words: dict[str, str], name: str) -> str:
    """The word for a name; one that has none yet is shown as it is."""
    return words.get(str(name), str(name).replace("_", " "))


def check_title(name: str) -> str:
    """What a check is called."""
    return _said(
        {
            "structure": tr("Broken structure"),
            "schema": tr("Schema and values"),
            "length": tr("Length"),
            "personal_data": tr("Personal data and secrets"),
            "language": tr("Language"),
            "exact_duplicate": tr("Exact duplicates"),
            "near_duplicate": tr("Near-duplicates"),
            "conflict": tr("Contradictions"),
            "leakage": tr("Leaks into the eval set"),
            "outlier": tr("Outliers"),
            "mismatched_pair": tr("Mismatched pairs"),
            "label_error": tr("Wrong labels"),
        },
        name,
    )


def check_help(name: str) -> str:
    """What a check finds, in one line."""
    return _said(
        {
            "structure": tr("Missing or empty turns, refusals, outputs cut short, broken text, impossible tool calls."),
            "schema": tr(
                "Outputs that break the JSON structure of the others, and values that the input does not hold."
            ),
            "length": tr("Examples longer than the provider takes, and lengths far from all others."),
            "personal_data": tr("Keys and passwords, card and account numbers, e-mail addresses, telephone numbers."),
            "language": tr("Outputs in another language than their input, and examples in another than the rest."),
            "exact_duplicate": tr("The same pair twice, but for white space and the case of the input."),
            "near_duplicate": tr("The same pair in other words, where no number, name or negation differs."),
            "conflict": tr("The same or nearly the same input with outputs that disagree."),
            "leakage": tr("Candidates that repeat an eval example, word for word or in meaning."),
            "outlier": tr("Inputs unlike all the others."),
            "mismatched_pair": tr(
                "Outputs that seem to belong to another input, one by one or in blocks that slipped."
            ),
            "label_error": tr("Labels and fields that are likely wrong, with the likely right one."),
        },
        name,
    )


def check_advice(name: str) -> str:
    """What to do about the findings of a check, in one line."""
    return _said(
        {
            "structure": tr("Complete what is worth it with an edit, drop the rest."),
            "schema": tr("Correct the output where it is wrong; dismiss where the input says it in another way."),
            "length": tr(
                "Shorten or drop what is over the limit; look whether unusual ones are what you want to teach."
            ),
            "personal_data": tr("Replace what is real by made-up values; a model repeats what it has seen."),
            "language": tr("Drop what went astray; dismiss where two languages are meant to stand together."),
            "exact_duplicate": tr("Keep one of each group; accept them all at once."),
            "near_duplicate": tr("Keep the best of each group; dismiss groups whose small difference matters."),
            "conflict": tr("Decide which output is right, and drop or correct the others."),
            "leakage": tr("Drop it: an eval set that was trained on measures memory."),
            "outlier": tr("Drop what does not belong; keep the rare case that the model should know."),
            "mismatched_pair": tr("Drop the pair, or give it the output that belongs to it."),
            "label_error": tr(
                "Read the input first, then choose the label; accept the proposed one where it is right."
            ),
        },
        name,
    )


def status_title(status: str) -> str:
    """Where an example stands: the verdict in force, or "open" without one."""
    return _said(
        {
            "open": tr("Undecided"),
            "undecided": tr("Undecided"),
            "keep": tr("Kept"),
            "drop": tr("Dropped"),
            "relabel": tr("Relabelled"),
            "edit": tr("Edited"),
            "flag": tr("Flagged"),
            "skip": tr("Skipped"),
            "in": tr("Goes in"),
            "out": tr("Stays out"),
        },
        status,
    )


def round_title(round: Round) -> str:
    """What a round is called: its number, and its name if it has one."""
    if round.name:
        return tr("Round {number}: {name}", number=round.number, name=round.name)
    return tr("Round {number}", number=round.number)


def label_title(label: str) -> str:
    """A label as it is shown: that there is none is seen, too."""
    return label_titles().get(label, label) or tr("(empty)")


def moment(at: str) -> str:
    """A time as people say it, where they are; "" where there is none."""
    if not at:
        return ""
    then = datetime.fromisoformat(at).astimezone()
    if then.date() == datetime.now().astimezone().date():
        return then.strftime("%H:%M")
    return then.strftime("%Y-%m-%d %H:%M")


def task_title(task: str) -> str:
    """What the fine-tuned model will do."""
    return _said(
        {
            "classification": tr("Classification"),
            "extraction": tr("Extraction"),
            "style": tr("Style or format"),
            "domain": tr("Domain knowledge"),
            "generation": tr("Open-ended generation"),
        },
        task,
    )


def task_help(task: str) -> str:
    """What such a task looks like, in one line."""
    return _said(
        {
            "classification": tr("A text goes in, one of a list of labels comes out."),
            "extraction": tr("A text goes in, its facts come out as fields, mostly JSON."),
            "style": tr("The answer is right already; its tone or its form is what you teach."),
            "domain": tr("The model learns the terms and habits of a field."),
            "generation": tr("Free texts, each of its own kind."),
        },
        task,
    )


def stage_title(stage: str) -> str:
    """What long work is at, as the engine names the stage."""
    kind, _, name = stage.partition(": ")
    if kind == "Checking":
        return tr("Checking: {name}", name=check_title(name))
    if kind.startswith("Importing "):
        return tr("Importing {name}", name=kind.removeprefix("Importing "))
    known = {
        "Reading examples": tr("Reading examples"),
        "Reading findings": tr("Reading findings"),
        "Counting tokens": tr("Counting tokens"),
        "Embedding texts": tr("Embedding texts"),
        "Comparing texts": tr("Comparing texts"),
        "Judging labels": tr("Judging labels"),
        "Judging fields": tr("Judging fields"),
        "Splitting": tr("Splitting"),
        "Writing": tr("Writing"),
        "Laying out the map": tr("Laying out the map"),
        "Reading the eval set": tr("Reading the eval set"),
        "Reading predictions": tr("Reading predictions"),
        "Comparing answers": tr("Comparing answers"),
        "Comparing words": tr("Comparing words"),
        "Drawing resamples": tr("Drawing resamples"),
    }
    return known.get(stage, stage)


def severity_title(severity: str) -> str:
    return _said({"error": tr("Error"), "warning": tr("Warning"), "info": tr("Note")}, severity)


def severity_tone(severity: str) -> str:
    """The tone in which the window shows it."""
    return {"error": "bad", "warning": "warn"}.get(str(severity), "")


def verdict_tone(verdict: str) -> str:
    """The tone in which the window shows what was decided."""
    tones = {"keep": "good", "relabel": "accent", "edit": "accent", "drop": "bad", "flag": "warn"}
    return tones.get(str(verdict), "")


def role_title(role: str) -> str:
    """One example of this role."""
    return _said({"candidate": tr("Candidate"), "eval": tr("Eval example")}, role)


def turn_title(role: str) -> str:
    """Who speaks in a turn."""
    return _said(
        {
            "system": tr("System"),
            "developer": tr("Developer"),
            "user": tr("User"),
            "assistant": tr("Assistant"),
            "tool": tr("Tool"),
        },
        role,
    )


def split_title(split: str) -> str:
    return _said({"train": tr("Training"), "validation": tr("Validation"), "test": tr("Test")}, split)


def rule_title(rule: str) -> str:
    """Why an example stays out of an export: a decision, the size, a provider (`target:NAME`), or the name of a check."""
    if rule.startswith("target:"):
        return tr("Refused by {target}", target=rule.removeprefix("target:"))
    others = {
        "decision": tr("Dropped or flagged by a reviewer"),
        "size": tr("More than the size asked for"),
        "disagreement": tr("Reviewers disagree"),
        "reviewed": tr("Nobody decided on it"),
        "votes": tr("Too few reviewers"),
        "consensus": tr("Consensus not sure enough"),
        "adjudicated": tr("Outvoted, not adjudicated"),
        "alpha": tr("Round with too little agreement"),
    }
    return others.get(rule) or check_title(rule)


def score_title(column: str) -> str:
    """The title of a column of scores."""
    return _said(
        {
            "duplicate_similarity": tr("Nearest other"),
            "duplicate_group": tr("Duplicate group"),
            "leakage": tr("Leak"),
            "leakage_example": tr("Nearest eval example"),
            "label_quality": tr("Label fits"),
            "suggested_label": tr("Suggested label"),
            "pair_quality": tr("Pair fits"),
            "outlier": tr("Unusual"),
        },
        column,
    )


def score_help(column: str) -> str:
    """What a score says, in one line."""
    return _said(
        {
            "duplicate_similarity": tr("Cosine of the input to the nearest other candidate: 1 is the same text."),
            "duplicate_group": tr("Examples with the same number say the same."),
            "leakage": tr("From .9 on it repeats an eval example: chance alone brings 1 in 1,000 so near."),
            "leakage_example": tr("The eval example that it comes nearest to."),
            "label_quality": tr("The chance that the label is right. Low is suspect."),
            "suggested_label": tr("The label that the rest of the data speaks for."),
            "pair_quality": tr("The chance that input and output belong together. Low is suspect."),
            "outlier": tr("How far the input lies from all others. From .5 on it is reported."),
        },
        column,
    )
