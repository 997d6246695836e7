"""An HTTP server on 127.0.0.1 that answers as OpenAI, Anthropic and Ollama do, as scripted.

It runs in a thread with a loop of its own, so that tests, command lines and subprocesses reach it alike. Standard
library only: what is tested is the clients, and a server framework would stand between them and a broken answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Any, Self

from tests.loopback import wire
from tests.loopback.behaviour import ANSWER, Behaviour, Request, Script, always
from tests.loopback.replies import HUGE_BYTES, text_for

_SEAT = re.compile(r"^# Your seat: ([a-z][a-z0-9-]*) ", re.MULTILINE)
_REPAIR = "could not be read"
_RULING = "# The dispute"
_REBUTTAL = "# The rebuttal"
_REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests", 500: "Internal Server Error"}


class Loopback:
    """The server.

    Attributes:
        script: how each request is answered; may be replaced at any time.
        requests: all that came in, in order.
        cancelled: requests whose client hung up before the answer was complete.
        sent: bytes of answers that were handed to the operating system.
        active, peak: requests being answered now, and at most.
        remembers: whether a prompt's beginning counts as cached once a first answer to it has begun.
    """

    def __init__(self, script: Script | None = None, *, remembers: bool = True) -> None:
        self.script = script or always(ANSWER)
        self.remembers = remembers
        self.requests: list[Request] = []
        self.cancelled = 0
        self.sent = 0
        self.active = 0
        self.peak = 0
        self.port = 0
        self._numbers: Counter[str] = Counter()
        self._begun: dict[str, str] = {}
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._thread = threading.Thread(target=self._run, name="loopback", daemon=True)
        self._ready = threading.Event()

    @property
    def url(self) -> str:
        """The root, for Ollama and Anthropic."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def openai_url(self) -> str:
        """The base URL of an OpenAI-compatible server."""
        return f"{self.url}/v1"

    def base_url(self, provider: str) -> str:
        """The base URL that the provider's client takes."""
        return self.openai_url if provider == "openai" else self.url

    @property
    def seats(self) -> list[str]:
        """The seats asked for, in order of arrival."""
        return [request.seat for request in self.requests]

    def wait_until(self, holds: Callable[[], bool], seconds: float = 5.0) -> None:
        """Wait for something to hold; an AssertionError if it does not in time."""
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, "the server did not get there in time"
            time.sleep(0.005)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10), "the loopback server did not start"
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._connection, "127.0.0.1", 0, limit=2**24, backlog=2048))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in self._tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*self._tasks, return_exceptions=True))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client, request after request, until it hangs up or an answer ends the connection."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while (request := await self._read(reader)) is not None and await self._answer(request, reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _read(self, reader: asyncio.StreamReader) -> Request | None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except asyncio.IncompleteReadError:
            return None
        first, *lines = head.rstrip("\r\n").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        raw = await reader.readexactly(int(headers.get("content-length", "0")))
        path = first.split(" ")[1]
        body = json.loads(raw) if raw else {}
        request = self._understand(path, headers, body, raw)
        self.requests.append(request)
        return request

    def _understand(self, path: str, headers: dict[str, str], body: dict[str, Any], raw: bytes) -> Request:
        prompt = wire.prompt_of(body)
        seat = found[1] if (found := _SEAT.search(prompt)) else ""
        last = "".join(wire.prompt_of({"messages": body.get("messages", [])[-1:]}))
        marks = {"ruling": _RULING in prompt, "repair": _REPAIR in last, "rebuttal": _REBUTTAL in prompt}
        purpose = next((purpose for purpose, found in marks.items() if found), "review")
        number = self._numbers[seat]
        self._numbers[seat] += 1
        provider = wire.provider_of(path)
        return Request(provider, path, headers, body, raw, prompt, seat, purpose, number, wire.wants_stream(provider, body))

    async def _answer(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer while watching for the client to hang up; whether the connection stays."""
        self.active += 1
        self.peak = max(self.peak, self.active)
        work = asyncio.ensure_future(self._write(request, self.script(request), self._cached(request), writer))
        hung_up = asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait({work, hung_up}, return_when=asyncio.FIRST_COMPLETED)
            if work.done() and not work.exception():
                return work.result()
            self.cancelled += 1
            return False
        finally:
            self.active -= 1
            for task in (work, hung_up):
                task.cancel()
            await asyncio.gather(work, hung_up, return_exceptions=True)

    async def _write(self, request: Request, behaviour: Behaviour, cached: int, writer: asyncio.StreamWriter) -> bool:
        await asyncio.sleep(behaviour.delay)
        if behaviour.ending == "reset":
            sock = writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close() then sends RST
            writer.transport.abort()
            return False
        if not request.provider or behaviour.status != 200:
            status = behaviour.status if request.provider else 404
            return await self._whole(writer, status, wire.error(request.provider, behaviour), behaviour)
        if behaviour.body == "huge":
            return await self._stream(writer, request, _huge(request))
        self._begun.setdefault(_cache_of(request), request.prompt)
        text = text_for(request, behaviour)
        tokens = wire.Tokens(len(request.prompt) // 4, cached, max(1, len(text) // 4))
        if request.stream:
            return await self._stream(writer, request, _paced(wire.pieces(request, behaviour, text, tokens), behaviour), behaviour.ending)
        return await self._whole(writer, 200, wire.whole(request, behaviour, text, tokens), behaviour)

    async def _whole(self, writer: asyncio.StreamWriter, status: int, content: dict[str, Any], behaviour: Behaviour) -> bool:
        body = json.dumps(content).encode()
        headers = {"content-type": "application/json", "content-length": str(len(body)), **behaviour.headers}
        sent = body[: len(body) // 2] if behaviour.ending == "truncated" else body
        await self._send(writer, _head(status, headers) + sent)
        return behaviour.ending == "whole"

    async def _stream(self, writer: asyncio.StreamWriter, request: Request, parts: AsyncIterator[bytes], ending: str = "whole") -> bool:
        kind = {"ollama": "application/x-ndjson"}.get(request.provider, "text/event-stream") if request.stream else "application/json"
        await self._send(writer, _head(200, {"content-type": kind, "transfer-encoding": "chunked"}))
        async for number, part in _enumerate(parts):
            if ending == "truncated" and number == 5:
                await self._send(writer, b"%x\r\n%s" % (len(part), part[: len(part) // 2]))
                return False
            await self._send(writer, b"%x\r\n%s\r\n" % (len(part), part))
        await self._send(writer, b"0\r\n\r\n")
        return True

    async def _send(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        writer.write(data)
        await writer.drain()
        self.sent += len(data)

    def _cached(self, request: Request) -> int:
        """Tokens of the beginning shared with the first prompt to the same model whose answer has begun."""
        before = self._begun.get(_cache_of(request), "") if self.remembers else ""
        low, high = 0, min(len(before), len(request.prompt))
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if before[:middle] == request.prompt[:middle] else (low, middle - 1)
        return low // 4


def _cache_of(request: Request) -> str:
    return f"{request.provider}:{request.body.get('model')}"


def _head(status: int, headers: dict[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Scripted')}", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


async def _paced(parts: Any, behaviour: Behaviour) -> AsyncIterator[bytes]:
    """Pieces, spread over the duration."""
    listed = list(parts)
    for part in listed:
        yield part
        if behaviour.duration:
            await asyncio.sleep(behaviour.duration / len(listed))


async def _huge(request: Request) -> AsyncIterator[bytes]:
    """An answer that begins well and goes on for ten megabytes."""
    if not request.stream:
        yield b'{"padding": "'
        for _ in range(HUGE_BYTES // 10_000):
            yield b"x" * 10_000
        yield b'"}'
        return
    behaviour = Behaviour()
    for part in wire.pieces(request, behaviour, "x" * HUGE_BYTES, wire.Tokens(1, 0, 1)):
        yield part


async def _enumerate(parts: AsyncIterator[bytes]) -> AsyncIterator[tuple[int, bytes]]:
    number = 0
    async for part in parts:
        yield number, part
        number += 1


def closed_port() -> int:
    """A port of this machine at which nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port
