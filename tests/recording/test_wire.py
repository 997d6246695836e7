"""What a server does to a recording on the wire: compressed answers, rate limits. The answers are synthetic."""

from __future__ import annotations

import asyncio
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from council.recording import load_recording
from tests.cli.conftest import Council
from tests.loopback import behaviour as do
from tests.loopback import wire
from tests.loopback.replies import text_for
from tests.loopback.server import Loopback

pytestmark = pytest.mark.loopback

MODELS = {"openai": "openai:gpt-4o", "anthropic": "anthropic:claude-haiku-4-5", "ollama": "ollama:llama3.2"}
FILE = Path("rfc.yaml")


def zstd(data: bytes) -> bytes:
    """A frame of RFC 8878 with one raw block: what a decoder takes, without a library for it."""
    assert len(data) < 128 * 1024
    block = (len(data) << 3 | 1).to_bytes(3, "little")  # the last one, raw
    return b"\x28\xb5\x2f\xfd\xa0" + len(data).to_bytes(4, "little") + block + data


COMPRESSIONS = {"gzip": gzip.compress, "zstd": zstd}


class Compressing(Loopback):
    """Compresses whatever is asked of it: for these seats, and for all others where they are none."""

    def __init__(self, encoding: str, seats: tuple[str, ...] = (), purpose: str = "review", script: do.Script | None = None) -> None:
        super().__init__(script)
        self.encoding, self.only, self.purpose = encoding, seats, purpose

    async def _write(self, request: do.Request, behaviour: do.Behaviour, cached: int, writer: asyncio.StreamWriter) -> bool:
        if (self.only and request.seat not in self.only) or request.purpose != self.purpose:
            return await super()._write(request, behaviour, cached, writer)
        content = wire.whole(request, behaviour, text_for(request, behaviour), wire.Tokens(1, 0, 1))
        body = COMPRESSIONS[self.encoding](json.dumps(content).encode())
        head = (
            f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: {self.encoding}\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        await self._send(writer, head.encode() + body)
        return True


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "test")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "test")


def record(council: Council, server: Loopback, provider: str = "openai") -> Any:
    base = server.base_url(provider)
    return council("review", "rfc.md", "--model", MODELS[provider], "--base-url", base, "--record", str(FILE), "--exit-zero")


@pytest.mark.parametrize("encoding", COMPRESSIONS)
@pytest.mark.parametrize("provider", MODELS)
def test_a_server_that_compresses_unasked_is_refused_and_leaves_no_file(
    provider: str, encoding: str, council: Council, project: Path
) -> None:
    before = sorted(project.rglob("*"))
    with Compressing(encoding) as server:
        result = record(council, server, provider)
    assert {request.headers["accept-encoding"] for request in server.requests} == {"identity"}
    assert result.exit_code == 69
    assert "not recorded: no seat was answered: a compressed answer, though none was asked for" in result.stderr
    assert "Traceback" not in result.stderr
    assert sorted(project.rglob("*")) == before


@pytest.mark.parametrize("encoding", COMPRESSIONS)
def test_a_recording_that_is_there_stays_as_it_was(encoding: str, council: Council) -> None:
    with Loopback() as server:
        record(council, server)
    text = FILE.read_text(encoding="utf-8")
    with Compressing(encoding) as server:
        assert record(council, server).exit_code == 69
    assert FILE.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("encoding", COMPRESSIONS)
def test_one_seat_whose_answer_is_compressed_abstains_and_is_replayed_so(encoding: str, council: Council) -> None:
    with Compressing(encoding, ("sentinel",)) as server:
        assert record(council, server).exit_code == 0
    recording = load_recording(FILE)
    seat = recording.seat("sentinel")
    assert seat is not None and seat.abstention is not None
    assert (seat.abstention.cause, seat.abstention.detail) == ("unusable", "a compressed answer, though none was asked for")
    assert "sentinel" not in {exchange.seat for exchange in recording.exchanges}
    assert council("replay", str(FILE)).exit_code == 0


def test_a_repair_that_is_compressed_takes_the_answer_before_it_along(council: Council) -> None:
    """What was answered before cannot be replayed alone: nobody would have recorded the repair."""
    with Compressing("gzip", ("sentinel",), "repair", do.faulty(do.PLAIN_TEXT, seats=["sentinel"])) as server:
        assert record(council, server).exit_code == 0
    assert "sentinel" not in {exchange.seat for exchange in load_recording(FILE).exchanges}
    assert council("replay", str(FILE)).exit_code == 0


def test_an_answer_without_end_is_not_kept(council: Council, loopback: Loopback) -> None:
    loopback.script = do.faulty(do.HUGE, seats=["sentinel"])
    assert record(council, loopback).exit_code == 0
    assert FILE.stat().st_size < 1_000_000
    assert council("replay", str(FILE)).exit_code == 0


def test_a_rate_limit_that_was_waited_for_is_not_waited_for_again(
    council: Council, loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    sleep = asyncio.sleep

    async def noted(seconds: float, *result: Any) -> Any:
        slept.append(seconds)
        return await sleep(seconds, *result)

    loopback.script = do.faulty(do.rate_limited("0.3"), times=1)
    with monkeypatch.context() as patched:
        patched.setattr(asyncio, "sleep", noted)
        assert record(council, loopback).exit_code == 0
        assert [seconds >= 0.3 for seconds in slept].count(True) == 6
        slept.clear()
        assert council("replay", str(FILE)).exit_code == 0
    assert all(seconds < 0.1 for seconds in slept)
    assert len(loopback.requests) == 12
