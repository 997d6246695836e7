"""Replies that outlive the process: a call that was answered once is not made again when its review goes on.

Whoever runs a review says where replies are kept (`answering`); whoever makes a call that costs something wraps it in
`once`. Where nobody keeps anything, `once` makes the call and that is all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import TypeAdapter

from council.ballot import Opinion
from council.proposal import Proposal
from council.reviewers.base import Reviewed, Reviewer
from council.rulings.votes import Split
from council.seats.model import Seat


@dataclass(frozen=True, slots=True)
class Request:
    """What a reply answers.

    Attributes:
        seat: who was asked.
        purpose: for what: "opinion", "second opinion" (all that came of asking a reviewer, first and in the rebuttal); a call of
            its own: "review", "rebuttal", either with "repair", "ruling".
        attempt: the first is 1.
        sha256: of everything that the reply depends on.
    """

    seat: str
    purpose: str
    attempt: int
    sha256: str


class Replies(Protocol):
    """The replies of one review, kept where a crash does not reach them."""

    def find(self, request: Request) -> str | None:
        """The reply to a request, if it came before."""

    async def keep(self, request: Request, reply: str) -> None:
        """Keep a reply. When this returns the reply is safe; raises where it is not."""


_desk: ContextVar[tuple[Replies, str] | None] = ContextVar("council_replies", default=None)
_REVIEWED = TypeAdapter(Reviewed)


@contextmanager
def answering(replies: Replies | None, seat: str) -> Iterator[None]:
    """What is asked inside, by `once`, is asked for this seat and kept in `replies`."""
    token = _desk.set(None if replies is None else (replies, seat))
    try:
        yield
    finally:
        _desk.reset(token)


async def once(purpose: str, attempt: int, depends_on: str, ask: Callable[[], Awaitable[str]]) -> str:
    """The reply to a request: the one that is kept, or else a new one, kept before it is returned.

    Args:
        purpose, attempt: as in `Request`.
        depends_on: everything that the reply depends on; only its hash is kept.
        ask: makes the call; what it raises is raised, and not kept.
    """
    desk = _desk.get()
    if desk is None:
        return await ask()
    replies, seat = desk
    request = Request(seat, purpose, attempt, hashlib.sha256(depends_on.encode("utf-8", "surrogatepass")).hexdigest())
    kept = replies.find(request)
    if kept is None:
        kept = await ask()
        await replies.keep(request, kept)
    return kept


async def reviewed_once(reviewer: Reviewer, proposal: Proposal, seat: Seat) -> Reviewed:
    """`reviewer.review(proposal, seat)`, or what came of it before."""
    if _desk.get() is None:
        return await reviewer.review(proposal, seat)
    return await _kept("opinion", reviewer, proposal, seat, "", lambda: reviewer.review(proposal, seat))


async def rebutted_once(reviewer: Any, proposal: Proposal, seat: Seat, opinions: Sequence[Opinion], over: Split) -> Reviewed:
    """`reviewer.rebut(proposal, seat, opinions, over)`, or what came of it before."""

    async def rebut() -> Reviewed:
        reviewed: Reviewed = await reviewer.rebut(proposal, seat, opinions, over)
        return reviewed

    if _desk.get() is None:
        return await rebut()
    heard = "".join(opinion.model_dump_json() for opinion in opinions)
    return await _kept("second opinion", reviewer, proposal, seat, heard, rebut)


async def _kept(
    purpose: str, reviewer: Reviewer, proposal: Proposal, seat: Seat, heard: str, ask: Callable[[], Awaitable[Reviewed]]
) -> Reviewed:
    async def asked() -> str:
        reviewed: object = await ask()
        if not isinstance(reviewed, Reviewed):  # what breaks the contract is not kept
            raise TypeError(f"the reviewer {reviewer.name} gave {type(reviewed).__name__}, which is no Reviewed")
        return _REVIEWED.dump_json(reviewed).decode()

    depends_on = " ".join((proposal.sha256, seat.agent.sha256, seat.persona.sha256, reviewer.name)) + heard
    return _REVIEWED.validate_json(await once(purpose, 1, depends_on, asked))
