"""The client on the wire: what is too large is cut off, redirects are not followed, every loop has its own pool."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from council.reviewers.chat import wire
from council.reviewers.chat.wire import AnswerTooLargeError
from tests.loopback.behaviour import HUGE, Behaviour, always
from tests.loopback.replies import HUGE_BYTES
from tests.loopback.server import Loopback
from tests.reviewers.chat.samples import run

pytestmark = pytest.mark.loopback


async def post(server: Loopback, **body: Any) -> httpx.Response:
    answer: httpx.Response = await wire.client("httpx").post(f"{server.openai_url}/chat/completions", json=body)
    return answer


@pytest.mark.parametrize("stream", [False, True])
def test_ten_megabytes_are_cut_off_while_they_come(loopback: Loopback, monkeypatch: pytest.MonkeyPatch, stream: bool):
    monkeypatch.setattr(wire, "MAX_STREAM", 2_000_000)
    loopback.script = always(HUGE)
    with pytest.raises(AnswerTooLargeError, match="was cut off"):
        run(post(loopback, stream=stream))
    loopback.wait_until(lambda: loopback.cancelled == 1)
    assert loopback.sent < HUGE_BYTES


def test_what_announces_itself_as_too_large_is_not_read(loopback: Loopback, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(wire, "MAX_ANSWER", 10)
    with pytest.raises(AnswerTooLargeError):
        run(post(loopback))


def test_a_body_that_unfolds_is_refused(loopback: Loopback):
    loopback.script = always(Behaviour(headers={"content-encoding": "gzip"}))
    with pytest.raises(AnswerTooLargeError, match="compressed"):
        run(post(loopback))
    assert loopback.requests[0].headers["accept-encoding"] == "identity"


def test_a_redirect_takes_the_text_nowhere(loopback: Loopback):
    loopback.script = always(Behaviour(status=307, headers={"location": f"{loopback.url}/v1/messages"}))
    assert run(post(loopback)).status_code == 307
    assert [request.provider for request in loopback.requests] == ["openai"]


def test_a_second_loop_gets_connections_of_its_own(loopback: Loopback):
    async def without_closing() -> int:
        return (await post(loopback)).status_code

    first = asyncio.new_event_loop()
    try:
        assert first.run_until_complete(without_closing()) == 200
        assert run(without_closing()) == 200
        assert first.run_until_complete(without_closing()) == 200
    finally:
        first.run_until_complete(wire.aclose())
        first.close()
    assert run(without_closing()) == 200


def test_a_proxy_that_the_environment_names_is_used(loopback: Loopback, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("http_proxy", loopback.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)

    async def posted() -> int:
        async with httpx.AsyncClient(transport=wire.Transport("httpx")) as client:  # another than the process's, which knows no proxy
            return (await client.post("http://models.example.org/v1/chat/completions", json={})).status_code

    assert run(posted()) == 200
    assert loopback.requests[0].headers["host"] == "models.example.org"
