"""Which failures are tried again, how long after, and what is said of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import httpx2
import openai
import pytest

from council.reviewers.chat.retry import backoff, classify
from council.reviewers.chat.wire import AnswerTooLargeError

REQUEST = httpx2.Request("POST", "http://127.0.0.1/v1")


def status(code: int, headers: dict[str, str] | None = None) -> openai.APIStatusError:
    return openai.APIStatusError("said so", response=httpx2.Response(code, headers=headers, request=REQUEST), body=None)


@pytest.mark.parametrize("code", [408, 429, 500, 502, 503, 529])
def test_the_providers_own_faults_are_tried_again(code: int):
    assert classify(status(code)).again


@pytest.mark.parametrize("code", [400, 401, 403, 404, 413, 422])
def test_what_another_try_cannot_change_is_not(code: int):
    failure = classify(status(code))
    assert not failure.again
    assert failure.cause == "failed"
    assert f"HTTP {code}" in failure.detail


@pytest.mark.parametrize("error", [TimeoutError(), httpx.ReadTimeout(""), httpx2.ReadTimeout(""), openai.APITimeoutError(REQUEST)])
def test_a_time_out_is_late_and_tried_again(error: Exception):
    failure = classify(error)
    assert (failure.cause, failure.again) == ("late", True)


@pytest.mark.parametrize(
    "error", [ConnectionResetError("gone"), httpx.RemoteProtocolError("cut"), openai.APIConnectionError(request=REQUEST)]
)
def test_a_broken_connection_is_tried_again(error: Exception):
    failure = classify(error)
    assert (failure.cause, failure.again) == ("failed", True)


def test_an_answer_that_was_cut_off_is_unusable_and_not_asked_for_again():
    wrapped = openai.APIConnectionError(request=REQUEST)
    wrapped.__cause__ = AnswerTooLargeError("an answer of more than 1.5 MB was cut off")
    failure = classify(wrapped)
    assert (failure.cause, failure.again) == ("unusable", False)
    assert failure.detail == "an answer of more than 1.5 MB was cut off"


def test_a_fault_of_ours_is_not_tried_again():
    assert not classify(KeyError("x")).again


def test_a_key_in_the_providers_words_is_not_shown():
    error = openai.APIStatusError("Incorrect key sk-proj-abcdefghijklmnop", response=httpx2.Response(401, request=REQUEST), body=None)
    assert "abcdefghijklmnop" not in classify(error).detail


def test_causes_in_a_circle_end():
    first, second = ValueError("a"), ValueError("b")
    first.__cause__, second.__cause__ = second, first
    assert not classify(first).again


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "250"}, 0.25),
        ({}, None),
        ({"retry-after": "soon"}, None),
    ],
)
def test_the_time_that_a_provider_asks_for(headers: dict[str, str], seconds: float | None):
    assert classify(status(429, headers)).wait == seconds


def test_the_time_that_a_provider_asks_for_as_a_date():
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert classify(status(503, {"retry-after": later})).wait == pytest.approx(60, abs=5)
    past = format_datetime(datetime.now(UTC) - timedelta(seconds=60), usegmt=True)
    assert classify(status(503, {"retry-after": past})).wait == 0


def test_the_wait_doubles_and_is_partly_drawn_by_lot():
    for tried in (1, 2, 3):
        assert 0.25 * 2 ** (tried - 1) <= backoff(tried, None, base=0.5) <= 0.5 * 2 ** (tried - 1)


def test_never_less_than_the_provider_asks_for():
    assert 7 <= backoff(1, 7, base=0.5) <= 7.7
