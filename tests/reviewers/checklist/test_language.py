"""Negation: what an author denies, and what only sounds like it."""

from __future__ import annotations

import pytest

from council.reviewers.checklist.language import is_question, is_term_list, negated, refused, supposed
from council.reviewers.checklist.phrases import PhraseIndex, tokenize


def denied(sentence: str, phrase: str) -> bool:
    index = PhraseIndex([tokenize(sentence)])
    matches = index.find(phrase)
    assert matches, f"{phrase!r} does not stand in {sentence!r}"
    return all(negated(index.sentences[0], m.first, m.last) for m in matches)


@pytest.mark.parametrize(
    ("sentence", "phrase"),
    [
        ("We will not record request ids.", "request id"),
        ("There is no feature flag and no canary.", "canary"),
        ("There are no timeouts, retries or circuit breakers.", "circuit breaker"),
        ("Rollback is not possible, because the migration drops the old columns.", "rollback"),
        ("Failure modes were not analysed.", "failure mode"),
        ("p50, p95 and p99 are undefined.", "p99"),
        ("TLS is disabled between services.", "tls"),
        ("Configuration isn't validated.", "configuration"),
        ("The service runs without alerts.", "alert"),
        ("No load test has been run.", "load test"),
    ],
)
def test_a_denial_is_read_as_one(sentence: str, phrase: str) -> None:
    assert denied(sentence, phrase)


@pytest.mark.parametrize(
    ("sentence", "phrase"),
    [
        ("Every request carries a request id.", "request id"),
        ("p99 is no more than 2 ms.", "p99"),
        ("There is no change in the error rate.", "error rate"),
        ("Not only averages but p99 is shown.", "p99"),
        ("The key is not logged; the request id is.", "request id"),
        ("It does not wait, because the alert fires first.", "alert"),
        ("If there is no key, the handler runs and the trace is kept.", "trace"),
    ],
)
def test_a_negation_of_something_else_denies_nothing(sentence: str, phrase: str) -> None:
    assert not denied(sentence, phrase)


@pytest.mark.parametrize("text", ["Is it safe?", "**Can it be disabled?**", "Why `x`?"])
def test_a_question_is_one_whatever_its_markup(text: str) -> None:
    assert is_question(text)


def test_a_list_of_bare_terms_is_told_from_a_sentence_with_a_list() -> None:
    assert is_term_list(tokenize("rollout, rollback, canary, blue-green, feature flag, on-call"))
    assert not is_term_list(tokenize("Alerts, dashboards, traces, logs and metrics carry `tenant_id` and page after 5 min."))
    assert not is_term_list(tokenize("We roll it out to 1 %, 10 %, 50 %, 75 %, 100 %."))


def refuses(sentence: str, phrase: str) -> bool:
    tokens = tokenize(sentence)
    return any(refused(tokens, m.first, m.last) for m in PhraseIndex([tokens]).find(phrase))


@pytest.mark.parametrize(
    ("sentence", "phrase"),
    [
        ("We will not record request ids.", "request id"),
        ("There is no threat model.", "threat model"),
        ("A rollback is not possible.", "rollback"),
        ("Audit logging should be disabled.", "audit logging"),
        ("There is no runbook; the old servers stay up during the migration.", "runbook"),
        ("We will not have an audit log, while the vault has one.", "audit log"),
    ],
)
def test_a_negation_beside_a_thing_refuses_it(sentence: str, phrase: str) -> None:
    assert refuses(sentence, phrase)


@pytest.mark.parametrize(
    ("sentence", "phrase"),
    [
        ("The feature is not used by pods but by the server, which writes a request id.", "request id"),
        ("In case the call does not return an error, the caller counts it.", "return* .. error"),
        ("To avoid an alert for each retry, they are counted.", "alert"),
        ("The default is unchanged, so there is no impact on backward compatibility.", "backward compatibility"),
        ("The migration is opt in and does not touch what runs.", "opt in"),
        ("The canary tool will not produce to a broker that is down.", "canary"),
        ("The feature must not require an opt in by the user.", "opt in"),
        ("A sender may not retry a delivery.", "retry"),
        ("An application must not retry on another connection.", "retry"),
        ("The key should not be logged by any handler.", "key"),
        ("The client must never retry a write.", "retry"),
        ("There is no cost in memory.", "cost .. memory"),
        ("We do not emit per pod spans while syncing at startup.", "per pod"),
        ("No request id is written during the first start.", "request id"),
    ],
)
def test_a_negation_of_something_else_or_under_a_condition_refuses_nothing(sentence: str, phrase: str) -> None:
    assert not refuses(sentence, phrase)


@pytest.mark.parametrize(
    ("sentence", "phrase", "expected"),
    [
        ("We could have the two services share a key.", "share a key", True),
        ("It would mean two stores, so we switch everything in one go.", "in one go", False),
        ("We switch everything in one go.", "in one go", False),
    ],
)
def test_what_may_or_would_be_is_no_plan(sentence: str, phrase: str, *, expected: bool) -> None:
    tokens = tokenize(sentence)
    (match,) = PhraseIndex([tokens]).find(phrase)
    assert supposed(tokens, match.first, frozenset(("could", "would"))) is expected


def test_the_month_of_may_is_no_modal() -> None:
    assert refuses("In May we decided that keys are not rotated.", "key")
