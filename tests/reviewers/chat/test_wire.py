"""The client on the wire: what is too large is cut off, redirects are not followed, every loop has its own pool."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx
import pytest

from council.reviewers.chat import traffic, wire
from council.reviewers.chat.traffic import Pools, sent, turn_to_send
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


def test_many_calls_share_several_pools_and_few_use_one():
    made: list[object] = []

    async def rush() -> None:
        pools = Pools(lambda: made.append(object()) or made[-1])
        few = [pools.take() for _ in range(6)]
        assert set(few) == {0}
        many = [pools.take() for _ in range(1000)]
        assert len(set(many)) == len(made) > 8
        for number in few + many:
            pools.give_back(number)
        assert pools.take() == 0

    asyncio.run(rush())


def test_connections_that_only_a_rush_needed_are_closed_after_it(loopback: Loopback, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(traffic, "_LINGER", 0.05)

    async def rush() -> list[int]:
        await asyncio.gather(*(post(loopback) for _ in range(40)))
        here = asyncio.get_running_loop()
        (pools,) = (pools for (loop, *_), pools in wire.transport("httpx")._pools.items() if loop is here)
        await asyncio.sleep(0.5)
        return [len(pool._pool.connections) for pool in pools._pools]

    first, *others = run(rush())
    assert first
    assert others
    assert not any(others)


def test_a_host_that_does_not_answer_keeps_only_its_own_callers_waiting():
    async def take() -> bool:
        async def stuck() -> None:
            async with turn_to_send("silent"):
                await asyncio.sleep(10)

        waiting = [asyncio.create_task(stuck()) for _ in range(200)]
        await asyncio.sleep(0)
        async with asyncio.timeout(1), turn_to_send("other"):
            pass
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        async with asyncio.timeout(1), turn_to_send("silent"):
            return True

    assert asyncio.run(take())


def test_a_turn_to_send_ends_when_the_request_is_sent_and_once():
    async def take() -> int:
        under_way = 0
        most = 0

        async def call(number: int) -> None:
            nonlocal under_way, most
            async with turn_to_send("host"):
                under_way += 1
                most = max(most, under_way)
                await asyncio.sleep(0)
                under_way -= 1
                sent()
                if number % 2:
                    sent()
                await asyncio.sleep(0.01)

        await asyncio.gather(*(call(number) for number in range(1000)))
        return most

    started = time.perf_counter()
    assert 1 < asyncio.run(take()) <= 128
    assert time.perf_counter() - started < 5  # nobody waited for an answer of another


def test_a_body_is_let_go_once_it_is_sent(loopback: Loopback):
    """Who waits for an answer does not hold the prompt."""

    async def send() -> tuple[httpx.Request, Any]:
        client = wire.client("httpx")
        body = {"model": "m", "messages": [{"role": "user", "content": "a prompt like no other"}]}
        request = client.build_request("POST", f"{loopback.openai_url}/chat/completions", json=body)
        answer = await client.send(request)
        return request, answer.json()

    request, answer = run(send())
    assert answer["choices"]
    assert loopback.requests[0].prompt == "a prompt like no other"
    with pytest.raises(httpx.RequestNotRead):
        _ = request.content
