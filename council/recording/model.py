"""What a recording holds: a header that says what was reviewed by whom, and the HTTP exchanges."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field

from council.ballot import Abstention, CastVote, Outcome, Paper, Rule, Tally, Verdict, Vote
from council.rulings import Policy

Purpose = Literal["review", "repair", "rebuttal", "ruling"]


class Message(Paper):
    """One direction of an exchange.

    Attributes:
        headers: the few that are let through.
        body: its JSON.
        text: what it is instead, where it is no JSON.
    """

    headers: dict[str, str] = Field(default_factory=dict)
    body: Any = None
    text: str | None = None

    @cached_property
    def content(self) -> bytes:
        """The bytes, in one spelling for all that mean the same."""
        return (self.text if self.text is not None else json.dumps(self.body, sort_keys=True, separators=(",", ":"))).encode()


class SentRequest(Message):
    """A request."""

    method: str
    url: str

    @property
    def key(self) -> tuple[str, str, str, bytes]:
        """What requests are matched on: method, host, path and body."""
        parts = urlsplit(self.url)
        return self.method, parts.hostname or "", parts.path or "/", self.content


class GivenResponse(Message):
    """A response; only one that succeeded is kept."""

    status: int


class Exchange(Paper):
    """A request and its response.

    Attributes:
        seat: who asked; "" where it was asked outside of a review.
        purpose: for what.
    """

    seat: str
    purpose: Purpose = "review"
    request: SentRequest
    response: GivenResponse


class RecordedSeat(Paper):
    """One seat of the review.

    Attributes:
        persona, persona_sha256: who sat there.
        model: "checklist", or provider:model.
        base_url: where its requests went; "" for the checklist.
        temperature: that was asked for; None where the provider's own held.
        cast, counted: its vote.
        abstention: why there is none. One that came about without a complete answer is replayed without a call.
        replays: whether the abstention comes of the exchanges.
        failed_attempts: tries that came to nothing; they are counted here and not kept.
    """

    seat: str
    persona: str
    persona_sha256: str
    model: str
    base_url: str = ""
    temperature: float | None = None
    cast: CastVote
    counted: Vote
    abstention: Abstention | None = None
    replays: bool = True
    failed_attempts: int = 0


class RecordedProposal(Paper):
    """What was reviewed, whole, as it was sent; `left_out` are the sections that were not to be reviewed."""

    source: str
    format: Literal["markdown", "rst"]
    sha256: str
    left_out: tuple[str, ...] = ()
    text: str


class RecordedVerdict(Paper):
    """What a replay has to arrive at."""

    outcome: Outcome
    decided_by: Rule
    why: str
    tally: Tally

    @classmethod
    def of(cls, verdict: Verdict) -> RecordedVerdict:
        """The part of a verdict that is compared."""
        return cls(outcome=verdict.outcome, decided_by=verdict.decided_by, why=verdict.why, tally=verdict.tally)


class RecordedOptions(Paper):
    """What else `council review` was given, where the review is to be made again; paths as they were typed.

    Attributes:
        agents, personas: directories of seat files.
        config: the configuration that was named; `no_project_config` where none was to be read.
        redact: whether keys were taken out of the proposal.
        call_timeout: seconds for one call.
    """

    agents: tuple[str, ...] = ()
    personas: tuple[str, ...] = ()
    config: str = ""
    no_project_config: bool = False
    redact: bool = False
    call_timeout: float | None = None


class Recording(Paper):
    """A whole review.

    Attributes:
        council_recording: the version of the format.
        recorded: when, in UTC.
        council_version: of the package that recorded it.
        rebuttal: whether the council held one where the votes were split.
        options: with which the command recorded it; none where it was recorded from Python, or before they were kept.
    """

    council_recording: Literal[1] = 1
    recorded: str
    council_version: str
    proposal: RecordedProposal
    policy: Policy
    rebuttal: bool = False
    options: RecordedOptions = RecordedOptions()
    seats: tuple[RecordedSeat, ...]
    verdict: RecordedVerdict
    exchanges: tuple[Exchange, ...] = ()

    def seat(self, name: str) -> RecordedSeat | None:
        """The seat of that name, if it was there."""
        return next((seat for seat in self.seats if seat.seat == name), None)
