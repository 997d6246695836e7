"""How many calls at once share what: connection pools, and turns to send.

A council asks six seats at a time, and a service may hold hundreds of reviews: what costs nothing for one call is
counted here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

# A pool looks at every connection of its own for each request: many calls at once share several pools, few use one.
_POOLS = 16
_EACH = 8  # requests under way in one pool, before the next one is used
POOL_LIMITS = {"max_connections": 64, "max_keepalive_connections": 8}  # together those of the providers' clients
_LINGER = 5.0  # seconds that an idle pool keeps its connections, as long as httpx does
_TURNS = 128  # prompts that are being written out and sent at once; all others wait as what they are, a reference to shared text


class Pools:
    """Connection pools to use side by side. A request goes to the first that has room, so that few requests share few connections."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._pools: list[Any] = []
        self._busy: list[int] = []
        self._idle: dict[int, asyncio.TimerHandle] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def take(self) -> int:
        """The number of the pool for one more request, which is under way until `give_back`."""
        number = next((n for n, busy in enumerate(self._busy) if busy < _EACH), len(self._busy))
        if number == _POOLS:
            number = self._busy.index(min(self._busy))
        if number == len(self._pools):
            self._pools.append(self._make())
            self._busy.append(0)
        self._busy[number] += 1
        if timer := self._idle.pop(number, None):
            timer.cancel()
        return number

    def give_back(self, number: int) -> None:
        """The request is over. A pool that only a rush has opened is emptied when nobody uses it: by itself it does nothing."""
        self._busy[number] -= 1
        if number and not self._busy[number]:
            self._idle[number] = asyncio.get_running_loop().call_later(_LINGER, self._empty, number)

    def _empty(self, number: int) -> None:
        del self._idle[number]
        closing = asyncio.get_running_loop().create_task(self._close(number))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def _close(self, number: int) -> None:
        if not self._busy[number]:  # a request may have come before this task began
            await self._pools[number].aclose()

    async def send(self, number: int, request: Any) -> Any:
        """Send a request through a pool."""
        return await self._pools[number].handle_async_request(request)

    async def aclose(self) -> None:
        """Close every connection."""
        for timer in self._idle.values():
            timer.cancel()
        self._idle.clear()
        for pool in self._pools:
            await pool.aclose()


class _Turn:
    """One turn to send; it ends once."""

    def __init__(self, turns: asyncio.Semaphore) -> None:
        self._turns = turns
        self._has_begun = False

    async def begin(self) -> None:
        await self._turns.acquire()
        self._has_begun = True

    def end(self) -> None:
        if self._has_begun:
            self._has_begun = False
            self._turns.release()


_turns: dict[tuple[asyncio.AbstractEventLoop, str], asyncio.Semaphore] = {}
_turn: ContextVar[_Turn | None] = ContextVar("council_turn_to_send", default=None)


@asynccontextmanager
async def turn_to_send(host: str) -> AsyncIterator[None]:
    """Wait for a turn to write out and send one request. It ends when the request is `sent`, at the latest on leaving.

    Args:
        host: where it goes; one that does not answer keeps only its own callers waiting.
    """
    turn = _Turn(_turns_of(asyncio.get_running_loop(), host))
    await turn.begin()
    token = _turn.set(turn)
    try:
        yield
    finally:
        _turn.reset(token)
        turn.end()


def _turns_of(loop: asyncio.AbstractEventLoop, host: str) -> asyncio.Semaphore:
    if (loop, host) not in _turns:
        for old in [old for old in _turns if old[0].is_closed()]:  # a semaphore that was waited for holds its loop
            del _turns[old]
        _turns[loop, host] = asyncio.Semaphore(_TURNS)
    return _turns[loop, host]


def sent() -> None:
    """The request of this context is on its way: somebody else's turn."""
    if (turn := _turn.get()) is not None:
        turn.end()
