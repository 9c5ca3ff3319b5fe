"""personal_data: what is found, what only looks like it, how bad it is, and that no finding shows it."""

from __future__ import annotations

import json
import random
import string
from dataclasses import replace
from itertools import pairwise

import pytest
from corpus_material import data_of, pair, run
from hypothesis import given
from hypothesis import strategies as st

from curator import sensitive
from curator.checks import Corpus, Outcome
from curator.checks.findings import shorten
from curator.embedding import Embedder
from curator.model import Example, Message, Severity, Verdict
from curator.sensitive.identity import luhn, mod97
from curator.splits import DEFAULT, decide, rules

LETTERS = string.ascii_letters + string.digits


def made(alphabet: str, length: int, seed: int = 1) -> str:
    """A random string: keys are put together here, so that no scanner takes this file for a leak."""
    return "".join(random.Random(seed).choices(alphabet, k=length))


SECRETS = {
    "AWS access key id": "AKIA" + made("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16),
    "GitHub token": "ghp_" + made(LETTERS, 36),
    "OpenAI key": "sk-proj-" + made(LETTERS + "_-", 90) + "x",
    "Anthropic key": "sk-ant-api03-" + made(LETTERS, 90),
    "Stripe key": "sk_live_" + made(LETTERS, 24),
    "Google API key": "AIza" + made(LETTERS, 35),
    "Slack token": "xoxb-" + made("0123456789", 12, 2) + "-" + made(LETTERS, 24),
    "private key": f"-----BEGIN RSA PRIVATE KEY-----\n{made(LETTERS, 64)}\n{made(LETTERS, 64)}\n-----END RSA PRIVATE KEY-----",
    "JSON Web Token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI5OTg3NyJ9." + made(LETTERS, 43),
    "password": "Tr0ub4dor&3",
}
SAID = {"password": "My password is {}.", "private key": "Use this:\n{}\nIt is mine."}


@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_is_an_error_and_never_shown(kind: str, embedder: Embedder) -> None:
    value = SECRETS[kind]
    text = SAID.get(kind, "Take {} for the test server.").format(value)
    (finding,) = run("personal_data", data_of([("Which key?", text)], embedder=embedder)).findings
    assert finding.severity is Severity.ERROR
    assert finding.evidence["found"][0]["kind"] == kind
    assert finding.suggestion is not None
    assert finding.suggestion.action is Verdict.DROP
    assert value not in finding.message + json.dumps(finding.evidence)


def test_the_output_that_is_not_preferred_is_looked_at_too(embedder: Embedder) -> None:
    said = Message("assistant", f"Take {SECRETS['OpenAI key']}.")
    example = replace(pair("Which key?", "I cannot tell you.", 0), non_preferred=(said,))
    (finding,) = run("personal_data", data_of(Corpus([example]), embedder=embedder)).findings
    assert finding.message.startswith("the output that is not preferred holds an OpenAI key")
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize(
    ("text", "kind", "severity"),
    [
        ("Write to jane.roe@gmail.com today.", "e-mail address", Severity.WARNING),
        ("Call (415) 867-5309 now.", "telephone number", Severity.WARNING),
        ("My mobile is 07911 123456 x", "telephone number", Severity.WARNING),
        ("Reach us on +49 30 901820.", "telephone number", Severity.WARNING),
        ("téléphone 06 12 34 97 78", "telephone number", Severity.WARNING),
        ("Logged in from 81.2.69.142 twice.", "IP address", Severity.WARNING),
        ("Charge 4539 1488 0343 6467 please.", "card number", Severity.ERROR),
        ("My visa is 4539148803436467.", "card number", Severity.ERROR),
        ("Send it to DE44 5001 0517 5407 3249 31 soon.", "IBAN", Severity.ERROR),
        ("My SSN is 536-22-1234.", "US social security number", Severity.ERROR),
        ("CPF 529.982.247-25", "Brazilian CPF", Severity.ERROR),
        ("Codice fiscale RSSMRA85T10A562S", "Italian tax code", Severity.ERROR),
        ("Pay with 4111 1111 1111 1111.", "card number", Severity.INFO),
        ("Use AKIAIOSFODNN7EXAMPLE here.", "AWS access key id", Severity.INFO),
        ("postgres://app:Kx82hhz1@db.prod.corp.io/shop", "password in an address", Severity.ERROR),
    ],
)
def test_values_are_found_with_their_gravity(text: str, kind: str, severity: Severity, embedder: Embedder) -> None:
    (finding,) = run("personal_data", data_of([(text, "Fine.")], embedder=embedder)).findings
    assert [found["kind"] for found in finding.evidence["found"]] == [kind]
    assert finding.severity is severity


@pytest.mark.parametrize(
    "text",
    [
        "Update from version 4.35.6.7 to v81.2.69.142, build 10.0.19041.1.",
        "Order 4539148803436467 has shipped.",
        "It was 2024-05-01 12:30:00, order 100-200-3000, 1.250,50 in all.",
        "Write to user@example.com or support@shop.com.",
        "git clone git@github.com:a/b.git && npm i @types/node@18.11.9",
        "At commit 3f786850e387550fdab836ed7e6dc881de23001b, id 123e4567-e89b-12d3-a456-426614174000.",
        "ISBN 978-3-16-148410-0",
        "Ping 192.168.1.1, 127.0.0.1 or 8.8.8.8.",
        "Your password is incorrect; a password must have 8 characters. password: your_password_here",
        "postgres://user:password@localhost/db",
        "data:image/png;base64," + made(LETTERS + "+/", 400),
        "call 20 people in 2024 2025 2026, reach me on 24 12 2023",
        "She sold the phone for $300-$255=300-255.",
        "from sk-learn-contrib import something_long_enough; token = get_token(user_id_from_session)",
        "The header of a key file is -----BEGIN PRIVATE KEY-----.",
        "IBAN DE44 5001 0517 5407 3249 32, card 4539 1488 0343 6468",
    ],
)
def test_what_only_looks_like_it_is_left_alone(text: str) -> None:
    assert sensitive.find(text) == ()
    assert sensitive.mask(text) is text


def test_contacts_that_are_usual_are_one_finding(embedder: Embedder) -> None:
    people = [(f"Who is customer {n}?", f"It is person{n}.roe{n}@gmail.com.") for n in range(20)]
    rest = [(f"What does item {n} cost?", "Ten.") for n in range(30)]
    outcome = run("personal_data", data_of([*people, *rest], embedder=embedder))
    (finding,) = outcome.findings
    assert len(finding.examples) == 20
    assert finding.evidence["usual"]
    assert outcome.calibration["usual_here"] == ["e-mail address"]
    few = run("personal_data", data_of([*people[:3], *rest], embedder=embedder))
    assert len(few.findings) == 3


def test_a_key_in_every_system_text_is_one_error(embedder: Embedder) -> None:
    key = SECRETS["GitHub token"]
    rows = []
    for n in range(20):
        plain = pair(f"Question {n}?", f"Answer {n}.", n)
        rows.append(Example(plain.ref, (Message("system", f"Use {key}."), *plain.messages), id=plain.id))
    (finding,) = run("personal_data", data_of(Corpus(rows), embedder=embedder)).findings
    assert finding.severity is Severity.ERROR
    assert len(finding.examples) == 20


def found_by_id(outcome: Outcome) -> dict[int, Severity]:
    return {finding.examples[0]: finding.severity for finding in outcome.findings}


def test_an_export_leaves_keys_out_and_contacts_only_when_told(embedder: Embedder) -> None:
    rows = [
        ("Key?", SECRETS["OpenAI key"]),
        ("Mail?", "jane.roe@gmail.com"),
        ("Card?", "4111 1111 1111 1111"),
        ("Else?", "No."),
    ]
    outcome = run("personal_data", data_of(rows, embedder=embedder))
    assert found_by_id(outcome) == {1: Severity.ERROR, 2: Severity.WARNING, 3: Severity.INFO}
    assert set(decide([1, 2, 3, 4], outcome.findings, {}, DEFAULT)) == {1}
    assert set(decide([1, 2, 3, 4], outcome.findings, {}, rules(exclude=["personal_data"]))) == {1, 2}
    assert not decide([1, 2, 3, 4], outcome.findings, {}, rules(include=["personal_data"]))


@given(st.text(max_size=60), st.sampled_from(sorted(SECRETS)), st.text(max_size=60))
def test_a_masked_text_holds_no_value_that_was_found(before: str, kind: str, after: str) -> None:
    text = f"{before} {SAID.get(kind, '{}').format(SECRETS[kind])} {after}"
    masked = sensitive.mask(text)
    assert all(hit.value not in masked for hit in sensitive.find(text))
    assert SECRETS[kind] not in masked


@given(st.text(max_size=300))
def test_values_are_apart_and_where_they_say(text: str) -> None:
    hits = sensitive.find(text)
    assert all(text[hit.start : hit.end] == hit.value for hit in hits)
    assert all(a.end <= b.start for a, b in pairwise(hits))


def test_long_texts_are_searched_to_their_end() -> None:
    text = "word " * 12_000 + SECRETS["GitHub token"] + " word" * 100
    assert [hit.value for hit in sensitive.find(text)] == [SECRETS["GitHub token"]]


@given(st.integers(10**14, 10**15 - 1), st.integers(0, 14), st.integers(1, 9))
def test_one_wrong_digit_breaks_the_check_digit_of_a_card(number: int, place: int, by: int) -> None:
    whole = next(f"{number}{digit}" for digit in range(10) if luhn(f"{number}{digit}"))
    wrong = whole[:place] + str((int(whole[place]) + by) % 10) + whole[place + 1 :]
    assert not luhn(wrong)


@given(st.integers(0, 10**18 - 1), st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_breaks_the_check_digits_of_an_iban(number: int, place: int, by: int) -> None:
    account = f"{number:018d}"
    check = 98 - int(f"{account}131400") % 97
    assert mod97(f"DE{check:02d}{account}")
    wrong = account[:place] + str((int(account[place]) + by) % 10) + account[place + 1 :]
    assert not mod97(f"DE{check:02d}{wrong}")


def test_excerpts_in_the_evidence_are_masked_before_they_are_cut(embedder: Embedder) -> None:
    text = "x" * 225 + " " + SECRETS["GitHub token"]
    (finding,) = run("personal_data", data_of([(text, "Fine.")], embedder=embedder)).findings
    assert SECRETS["GitHub token"][:12] not in finding.evidence["input"]
    assert SECRETS["GitHub token"][:12] in shorten(text)
