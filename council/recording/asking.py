"""Who asks: each request belongs to a seat and a purpose, and carries them in the context of its task."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from council.ballot import Abstention, Opinion, Reply, Usage
from council.proposal import Proposal
from council.recording.model import Purpose
from council.recording.secrets import redacted
from council.reviewers.base import Reviewed, Reviewer
from council.rulings.votes import Split
from council.seats import Seat


@dataclass
class Asking:
    """A seat's turn, and what for; after an answer to a review it sends a repair."""

    seat: str
    what_for: Purpose = "review"
    answered: int = 0

    @property
    def purpose(self) -> Purpose:
        """Of the next request."""
        return "repair" if self.what_for == "review" and self.answered else self.what_for


_asking: ContextVar[Asking | None] = ContextVar("council_recording_asking", default=None)


def asking() -> Asking | None:
    """Whose turn it is here, or None outside of a review."""
    return _asking.get()


@contextmanager
def _turn(turn: Asking) -> Iterator[Asking]:
    token = _asking.set(turn)
    try:
        yield turn
    finally:
        _asking.reset(token)


class Observed:
    """A reviewer whose requests are known to be its seat's, and that never streams; it can do what the reviewer can.

    Attributes:
        replied: seats that gave a reply.
        incomplete: rebuttals and rulings of which not every request was answered, by seat and purpose.
    """

    def __init__(self, reviewer: Reviewer, replied: set[str], incomplete: set[tuple[str, Purpose]]) -> None:
        self.reviewer: Any = reviewer
        if hasattr(reviewer, "stream"):
            self.reviewer = copy.copy(reviewer)
            self.reviewer.stream = False  # a stream tears keys and answers to pieces
        self.replied = replied
        self.incomplete = incomplete
        if hasattr(reviewer, "tie_break"):
            self.tie_break = self._tie_break
        if hasattr(reviewer, "rebut"):
            self.rebut = self._rebut
        self.provider_name = str(getattr(reviewer, "provider_name", ""))
        self.model_name = str(getattr(reviewer, "model_name", ""))

    @property
    def name(self) -> str:
        """The reviewer's."""
        return str(self.reviewer.name)

    async def review(self, proposal: Proposal, seat: Seat) -> Reviewed:
        """The reviewer's word, without keys: evidence is checked on what is kept."""
        with _turn(Asking(seat.name)):
            reviewed: Reviewed = await self.reviewer.review(proposal, seat)
        if reviewed.reply is not None:
            self.replied.add(seat.name)
        return _without_keys(reviewed)

    async def _rebut(self, proposal: Proposal, seat: Seat, opinions: Sequence[Opinion], over: Split) -> Reviewed:
        with _turn(Asking(seat.name, "rebuttal")) as turn:
            reviewed: Reviewed = await self.reviewer.rebut(proposal, seat, opinions, over)
        self._note(turn, reviewed.usage)
        return _without_keys(reviewed)

    async def _tie_break(self, proposal: Proposal, seat: Seat, opinions: Sequence[Opinion], over: Split) -> Any:
        with _turn(Asking(seat.name, "ruling")) as turn:
            weighed = await self.reviewer.tie_break(proposal, seat, opinions, over)
        self._note(turn, weighed.usage)
        return weighed

    def _note(self, turn: Asking, usage: Usage) -> None:
        """Requests that stayed without an answer have no exchange: what was answered before them cannot be replayed alone."""
        if usage.calls - usage.retries > turn.answered:
            self.incomplete.add((turn.seat, turn.what_for))


class Absent:
    """A seat whose abstention was recorded: it says so, without a call."""

    def __init__(self, name: str, abstention: Abstention) -> None:
        self.name = name
        self._abstention = abstention

    async def review(self, proposal: Proposal, seat: Seat) -> Reviewed:  # noqa: ARG002 - the contract's names
        """The abstention."""
        return Reviewed(None, self._abstention)


def observed(
    reviewers: Mapping[str, Reviewer], replied: set[str] | None = None, incomplete: set[tuple[str, Purpose]] | None = None
) -> dict[str, Reviewer]:
    """Each seat's reviewer, observed."""
    sets = (set() if replied is None else replied, set() if incomplete is None else incomplete)
    return {name: Observed(reviewer, *sets) for name, reviewer in reviewers.items()}


def _without_keys(reviewed: Reviewed) -> Reviewed:
    if reviewed.reply is None:
        return reviewed
    plain = reviewed.reply.model_dump(mode="json")
    if (clean := redacted(plain)) == plain:
        return reviewed
    return replace(reviewed, reply=Reply.model_validate(clean))
