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
from weakref import WeakKeyDictionary

# A pool looks at every connection of its own for each request: many calls at once share several pools, few use one.
_POOLS = 16
_EACH = 8  # requests under way in one pool, before the next one is used
POOL_LIMITS = {"max_connections": 64, "max_keepalive_connections": 8}  # together those of the providers' clients
_TURNS = 128  # prompts that are being written out and sent at once; all others wait as what they are, a reference to shared text


class Pools:
    """Connection pools to use side by side. A request goes to the first that has room, so that few requests share few connections."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._pools: list[Any] = []
        self._busy: list[int] = []

    def take(self) -> int:
        """The number of the pool for one more request, which is under way until `give_back`."""
        number = next((n for n, busy in enumerate(self._busy) if busy < _EACH), len(self._busy))
        if number == _POOLS:
            number = self._busy.index(min(self._busy))
        if number == len(self._pools):
            self._pools.append(self._make())
            self._busy.append(0)
        self._busy[number] += 1
        return number

    def give_back(self, number: int) -> None:
        """The request is over."""
        self._busy[number] -= 1

    async def send(self, number: int, request: Any) -> Any:
        """Send a request through a pool."""
        return await self._pools[number].handle_async_request(request)

    async def aclose(self) -> None:
        """Close every connection."""
        for pool in self._pools:
            await pool.aclose()


class _Turn:
    """One turn to send; it ends once."""

    def __init__(self, turns: asyncio.Semaphore) -> None:
        self._turns: asyncio.Semaphore | None = turns

    def end(self) -> None:
        turns, self._turns = self._turns, None
        if turns is not None:
            turns.release()


_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()
_turn: ContextVar[_Turn | None] = ContextVar("council_turn_to_send", default=None)


@asynccontextmanager
async def turn_to_send() -> AsyncIterator[None]:
    """Wait for a turn to write out and send one request. It ends when the request is `sent`, at the latest on leaving."""
    turns = _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(_TURNS))
    await turns.acquire()
    turn = _Turn(turns)
    token = _turn.set(turn)
    try:
        yield
    finally:
        _turn.reset(token)
        turn.end()


def sent() -> None:
    """The request of this context is on its way: somebody else's turn."""
    if (turn := _turn.get()) is not None:
        turn.end()
