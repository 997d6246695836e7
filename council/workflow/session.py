"""What the seats of one review share while they work: the time, whether anything is left to decide, a warm cache.

Only code reads it: no seat learns from it what another has said. It travels with the summons and is never checkpointed;
a resumed review gets a new one, which knows less and therefore waits longer.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Protocol, TypeVar
from weakref import WeakValueDictionary

from council.ballot import Abstention, AddressedText, Opinion
from council.errors import UsageError
from council.evidence import source_of
from council.proposal import Proposal
from council.proposal.memo import memoized

GRACE = 0.2
"""Seconds that a cancelled call has to end, before the review goes on without it."""

WARM_PATIENCE = 20.0
"""Seconds that seats wait for the reply of the one that warms the cache; a cold cache then is cheaper than the time."""

LEISURE = 0.1
"""Seconds after which the proposal is searched for text that speaks to the reviewers, and laid out for the evidence check: the
calls are on their way by then."""

_T = TypeVar("_T")
_abandoned: set[asyncio.Task[Any]] = set()  # calls that ignored their cancellation; a loop itself keeps tasks only weakly


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds after which nobody waits any longer; None is no limit.

    Attributes:
        seat: from the first call of a seat to its reply, retries included.
        review: from the opening of the review to the last reply that counts.

    Raises:
        UsageError: a limit that is no positive, finite number.
    """

    seat: float | None = None
    review: float | None = None

    def __post_init__(self) -> None:
        for limit in fields(self):
            seconds = getattr(self, limit.name)
            if seconds is not None and not (seconds > 0 and math.isfinite(seconds)):
                raise UsageError(f"a deadline of {seconds} seconds for the {limit.name}", hint="give a positive number, or none")


class Undecided(Protocol):
    """Whether open seats could still change the outcome: `council.rulings.could_change` with a council's policy."""

    def __call__(self, opinions: Sequence[Opinion], open_seats: Collection[str], *, addressed: Sequence[AddressedText]) -> bool:
        """True as long as one of them could."""


class CallEndedError(Exception):
    """A seat's call was ended from outside; carries what its abstention says."""

    def __init__(self, abstention: Abstention) -> None:
        self.abstention = abstention
        super().__init__(abstention.detail)


@memoized
def _addressed(proposal: Proposal, seats: tuple[str, ...]) -> tuple[AddressedText, ...]:
    from council.addressed import find_addressed  # its rules are compiled when they are needed, while the calls are on their way

    return tuple(find_addressed(proposal, seats))


class Session:
    """One review, from its opening to the last seat's opinion. It belongs to the running loop.

    Args:
        proposal: what is reviewed.
        seats: all names of the roster.
        deadlines: when a seat is late.
        undecided: decides early where given.
    """

    def __init__(self, proposal: Proposal, seats: Sequence[str], deadlines: Deadlines, undecided: Undecided | None) -> None:
        self.proposal = proposal
        self.deadlines = deadlines
        self._undecided = undecided
        self._seats = tuple(seats)
        self._open = dict.fromkeys(seats)
        self._heard: list[Opinion] = []
        self._warming: dict[str, asyncio.Event] = {}
        loop = asyncio.get_running_loop()
        self._end = math.inf if deadlines.review is None else loop.time() + deadlines.review
        self._decided: asyncio.Future[None] = loop.create_future()
        loop.call_later(LEISURE, self._search_at_leisure)

    @cached_property
    def addressed(self) -> tuple[AddressedText, ...]:
        """Text found by code that speaks to the reviewers. It takes longer than all else before the first call, and is needed after it."""
        return _addressed(self.proposal, self._seats)

    @property
    def decided(self) -> bool:
        """Whether the outcome was settled before every seat was heard."""
        return self._decided.done()

    def _search_at_leisure(self) -> None:
        with suppress(Exception):  # raised again where it is needed
            _ = self.addressed
            source_of(self.proposal).prepare()

    def hear(self, opinion: Opinion) -> None:
        """Take note of an opinion; where it settles the outcome, the calls of all open seats end."""
        self._open.pop(opinion.seat, None)
        self._heard.append(opinion)
        if self._undecided is None or self._decided.done() or not self._open:
            return
        if not self._undecided(self._heard, list(self._open), addressed=self.addressed):
            self._decided.set_result(None)

    async def hold(self, start: Callable[[], Awaitable[_T]], *, limit: float | None = None) -> _T:
        """Await something in a task of its own, as long as the review waits for it.

        Args:
            start: called at once, or never where the review is over already.
            limit: seconds; the review's own deadline holds besides.

        Raises:
            CallEndedError: it was late, or no longer needed. It has been cancelled then.
        """
        loop = asyncio.get_running_loop()
        until = min(self._end, math.inf if limit is None else loop.time() + limit)

        async def work() -> _T:
            if self._decided.done() or loop.time() >= self._end:
                raise CallEndedError(self._ended(limit))
            return await start()

        task = loop.create_task(work())
        try:
            timeout = None if math.isinf(until) else max(0.0, until - loop.time())
            await asyncio.wait((task, self._decided), timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            await _cancel(task)
            raise
        if not task.done():
            ended = self._ended(limit)
            await _cancel(task)
            raise CallEndedError(ended)
        return task.result()

    async def warm(self, cache: str) -> bool:
        """Wait until a provider's cache is warm. True at once for the seat that asks first: it has to warm it."""
        warming = self._warming.get(cache)
        if warming is None:
            self._warming[cache] = asyncio.Event()
            return True
        try:
            async with asyncio.timeout(WARM_PATIENCE):
                await warming.wait()
        except TimeoutError:
            warming.set()  # nobody else waits on it either
        return False

    def warmed(self, cache: str) -> None:
        """The cache is warm, or will not be."""
        if cache in self._warming:
            self._warming[cache].set()

    def _ended(self, limit: float | None) -> Abstention:
        if self._decided.done():
            return Abstention(cause="not_needed", detail="No vote of the seats still out could change the outcome.")
        if asyncio.get_running_loop().time() >= self._end:
            return Abstention(cause="late", detail=f"The review's {self.deadlines.review:g} s were over.")
        return Abstention(cause="late", detail=f"No reply within {limit:g} s.")


class Sessions:
    """The sessions of one council's reviews, as long as somebody sits in them."""

    def __init__(self, seats: Sequence[str], deadlines: Deadlines, undecided: Undecided | None) -> None:
        self._seats = seats
        self._deadlines = deadlines
        self._undecided = undecided
        self._resumed: WeakValueDictionary[str, Session] = WeakValueDictionary()

    def open(self, proposal: Proposal) -> Session:
        """A new one; its time begins."""
        return Session(proposal, self._seats, self._deadlines, self._undecided)

    def reopen(self, review_id: str, proposal: Proposal) -> Session:
        """For what is left of a review that was interrupted: one for all of its seats.

        The opinions of seats that had finished are unknown here, so that they count as open, and a review is decided
        early only where that holds whatever they are.
        """
        session = self._resumed.get(review_id)
        if session is None:
            session = self._resumed[review_id] = self.open(proposal)
        return session


async def _cancel(task: asyncio.Task[Any]) -> None:
    """Cancel a call and see it end; one that will not is left behind."""
    task.cancel()
    await asyncio.wait((task,), timeout=GRACE)
    if not task.done():
        _abandoned.add(task)
    task.add_done_callback(_forget)


def _forget(task: asyncio.Task[Any]) -> None:
    _abandoned.discard(task)
    if not task.cancelled():
        task.exception()  # seen, so that the loop does not report it
