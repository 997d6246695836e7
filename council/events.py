"""What happens during a review, in the order in which it happens.

The workflow writes these to LangGraph's custom stream; `Council` hands them to `on_event`. Each is one JSON object
under a key of its own, `event`, so that a stream of them is readable line by line. Whoever reads them has to pass over
events that it does not know: there will be more.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import Field

from council.ballot import AbstentionCause, CastVote, Outcome, Paper, Rule, Ruling, Vote


class ReviewStarted(Paper):
    """The proposal has been read, and the seats are called."""

    event: Literal["review_started"] = "review_started"
    review_id: str
    proposal: str
    proposal_sha256: str
    seats: tuple[str, ...]


class SeatStarted(Paper):
    """A seat begins to read."""

    event: Literal["seat_started"] = "seat_started"
    review_id: str
    seat: str
    reviewer: str


class FirstToken(Paper):
    """The reply of a seat has begun; one that does not stream begins when it is there."""

    event: Literal["first_token"] = "first_token"
    review_id: str
    seat: str
    seconds: float  # since the seat was called


class Retrying(Paper):
    """A call of a seat failed, and is made again."""

    event: Literal["retry"] = "retry"
    review_id: str
    seat: str
    attempt: int  # the one that comes now; the first retry is 2
    reason: str


class SeatFinished(Paper):
    """A seat has voted, or will not; one that was never called has not started."""

    event: Literal["seat_finished"] = "seat_finished"
    review_id: str
    seat: str
    reviewer: str
    cast: CastVote
    vote: Vote  # as counted
    cause: AbstentionCause | None  # set exactly where `vote` is ABSTAIN
    score: float
    seconds: float


class RebuttalStarted(Paper):
    """The votes are split, and these seats are asked once more."""

    event: Literal["rebuttal_started"] = "rebuttal_started"
    review_id: str
    lower: Vote
    upper: Vote
    seats: tuple[str, ...]


class SeatRebutted(Paper):
    """A seat has kept its vote in the rebuttal, or changed it."""

    event: Literal["seat_rebutted"] = "seat_rebutted"
    review_id: str
    seat: str
    was: Vote  # both as counted
    vote: Vote


class RulingMade(Paper):
    """The tie-breaker has ruled on a production-readiness dispute."""

    event: Literal["ruling"] = "ruling"
    review_id: str
    ruling: Ruling


class VerdictReached(Paper):
    """The council has decided."""

    event: Literal["verdict"] = "verdict"
    review_id: str
    outcome: Outcome
    decided_by: Rule
    seconds: float


Event = Annotated[
    ReviewStarted | SeatStarted | FirstToken | Retrying | SeatFinished | RebuttalStarted | SeatRebutted | RulingMade | VerdictReached,
    Field(discriminator="event"),
]

OnEvent = Callable[[Event], object]
"""Called with each event as it happens; what it returns is ignored."""


def ndjson(event: Event) -> str:
    """An event as one line of JSON, without its line end, in printable ASCII: nothing in it reaches a terminal as it is."""
    return json.dumps(event.model_dump(mode="json"), separators=(",", ":")).replace("\x7f", "\\u007f")
