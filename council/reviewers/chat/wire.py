"""The HTTP client under the providers' own: bounded replies, no redirects, one pool for a process and loop.

Three things that the clients do not do by themselves. An answer is cut off on the wire once it is larger than any
reply can be. The proposal goes to the host that was named and is not carried on to another by a redirect. And a second
event loop in the process gets connections of its own, where the shared clients of LangChain break.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from functools import cache, partial
from importlib import import_module
from typing import Any, Literal
from urllib.request import getproxies, proxy_bypass

from council.reviewers.chat.traffic import POOL_LIMITS, Pools, sent

Kit = Literal["httpx", "httpx2"]

MAX_ANSWER = 1_500_000
"""Bytes of one HTTP answer: a reply of a megabyte and what JSON and the provider put around it."""

MAX_STREAM = 64_000_000
"""Bytes of a streamed answer, in which every few characters travel in an envelope of their own."""

_STREAMED = ("text/event-stream", "application/x-ndjson")


class AnswerTooLargeError(Exception):
    """An answer was cut off, because it is larger than any reply can be."""


class Transport:
    """What an httpx client sends with. Connections belong to the running loop; each loop has its own."""

    def __init__(self, kit: Kit) -> None:
        self._kit: Any = import_module(kit)
        self._pools: dict[tuple[asyncio.AbstractEventLoop, str, str], Pools] = {}
        self._bounded = type("Bounded", (_Bounded, self._kit.AsyncByteStream), {})
        self._passing = type("Passing", (_Passing, self._kit.AsyncByteStream), {})

    async def handle_async_request(self, request: Any) -> Any:
        """Send one request; the answer's body raises AnswerTooLargeError when it goes beyond the limit."""
        request.headers["accept-encoding"] = "identity"  # a small body that unfolds to a large one is no longer possible
        self._let_pass(request)
        pools = self._pools_for(request.url)
        number = pools.take()
        try:
            response = await pools.send(number, request)
        except BaseException:
            pools.give_back(number)
            raise
        body = response.stream = self._bounded(response.stream, partial(pools.give_back, number))
        limit = MAX_STREAM if response.headers.get("content-type", "").startswith(_STREAMED) else MAX_ANSWER
        encoded = response.headers.get("content-encoding", "identity") != "identity"
        if encoded or int(response.headers.get("content-length", 0)) > limit:
            await body.aclose()
            raise AnswerTooLargeError("a compressed answer, though none was asked for" if encoded else _too_large(limit))
        body.limit = limit
        return response

    async def aclose(self) -> None:
        """Close the connections of the running loop; those of other loops are not its to close."""
        loop = asyncio.get_running_loop()
        for key in [key for key in self._pools if key[0] is loop]:
            await self._pools.pop(key).aclose()

    async def __aenter__(self) -> Transport:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def _let_pass(self, request: Any) -> None:
        """Leave the body to the one who sends it; a local name for it where the answer is awaited would hold it too."""
        if isinstance(content := vars(request).pop("_content", None), bytes):
            request.stream = self._passing(content)

    def _pools_for(self, url: Any) -> Pools:
        loop = asyncio.get_running_loop()
        proxy = _proxy(url.scheme, url.host)
        key = (loop, url.scheme, proxy)
        if key not in self._pools:
            for old in [old for old in self._pools if old[0].is_closed()]:
                del self._pools[old]
            self._pools[key] = Pools(lambda: self._pool(url.scheme, proxy))
        return self._pools[key]

    def _pool(self, scheme: str, proxy: str) -> Any:
        return self._kit.AsyncHTTPTransport(
            verify=ssl_context(self._kit.__name__) if scheme == "https" or proxy.startswith("https") else False,
            limits=self._kit.Limits(**POOL_LIMITS),
            proxy=proxy or None,
            socket_options=_keepalive(),
        )


class _Passing:
    """The body of a request, once: a prompt that has been sent is not held while a model thinks. A retry builds a new one."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        content, self._content = self._content, b""
        yield content
        del content
        sent()


class _Bounded:
    """The body of an answer, up to a limit; `over` is called once, when its connection is free or closed."""

    def __init__(self, stream: Any, over: Callable[[], None]) -> None:
        self._stream, self._over = stream, over
        self.limit = MAX_ANSWER

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = self.limit
        async for part in self._stream:
            left -= len(part)
            if left < 0:
                raise AnswerTooLargeError(_too_large(self.limit))
            yield part

    async def aclose(self) -> None:
        try:
            await self._stream.aclose()
        finally:
            over, self._over = self._over, _nothing
            over()


def _nothing() -> None:
    """What is over is over."""


_transports: dict[Kit, Transport] = {}


def transport(kit: Kit) -> Transport:
    """The transport of this process."""
    if kit not in _transports:
        _transports[kit] = Transport(kit)
    return _transports[kit]


@cache
def client(kit: Kit) -> Any:
    """The client of this process: everything that goes out by httpx (Ollama) or httpx2 (OpenAI, Anthropic)."""
    return import_module(kit).AsyncClient(transport=transport(kit), follow_redirects=False)


@cache
def sync_client(kit: Kit, *, tls: bool) -> Any:
    """A client for LangChain's synchronous methods, which the council does not use; without TLS it can do none."""
    return import_module(kit).Client(verify=ssl_context(kit) if tls else False, follow_redirects=False)


async def aclose() -> None:
    """Close the connections of the running loop; call it before the loop ends, where warnings matter."""
    for made in list(_transports.values()):
        await made.aclose()


def _too_large(limit: int) -> str:
    return f"an answer of more than {limit / 1e6:g} MB was cut off"


@cache
def ssl_context(kit: str) -> Any:
    """The TLS context of this process; reading the certificates is the dearest part of making a client."""
    return import_module(kit).create_ssl_context()


@cache
def _proxy(scheme: str, host: str) -> str:
    """The proxy that the environment names for a host, or empty."""
    proxies = getproxies()
    return "" if not proxies or proxy_bypass(host) else proxies.get(scheme) or proxies.get("all") or ""


def _keepalive() -> list[tuple[int, int, int]]:
    """A model may think for minutes without a byte: keep what stands between from forgetting the connection."""
    options = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    if hasattr(socket, "TCP_KEEPIDLE"):
        options += [(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60), (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10)]
    return options
