"""How the loopback server answers one request: whole, late, wrong, cut off."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Body = Literal["reply", "wrong_json", "wrong_schema", "plain_text", "fenced", "refusal", "cut_short", "huge"]
Ending = Literal["whole", "truncated", "reset"]


@dataclass(frozen=True)
class Request:
    """One request as it came in.

    Attributes:
        provider: by its path: openai, anthropic or ollama.
        seat: the seat asked for, read from the prompt; "" where there is none.
        purpose: review, repair, rebuttal or ruling.
        number: how many came before it from the same seat.
        stream: whether the answer is to be streamed.
        prompt: all text of the messages, in order.
        raw: the body's bytes.
    """

    provider: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any] = field(repr=False)
    raw: bytes = field(repr=False)
    prompt: str = field(repr=False)
    seat: str = ""
    purpose: str = "review"
    number: int = 0
    stream: bool = False


@dataclass(frozen=True)
class Behaviour:
    """What comes back; as it stands, a valid reply at once.

    Attributes:
        delay: seconds before the first byte.
        duration: seconds over which a streamed reply is spread.
        status: of HTTP; anything but 200 is an error in the provider's own shape.
        headers: further ones, such as retry-after.
        body: what stands where the reply belongs.
        ending: whether it ends as it should, in the middle, or before anything came (a TCP reset).
        vote: of the reply.
        fields: further fields of the reply to replace.
    """

    delay: float = 0.0
    duration: float = 0.0
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: Body = "reply"
    ending: Ending = "whole"
    vote: str = "APPROVE"
    fields: dict[str, Any] = field(default_factory=dict)


Script = Callable[[Request], Behaviour]

ANSWER = Behaviour()
HANG = Behaviour(delay=3600)
RESET = Behaviour(ending="reset")
TRUNCATED = Behaviour(ending="truncated")
SERVER_ERROR = Behaviour(status=500)
UNAUTHORIZED = Behaviour(status=401)
BAD_REQUEST = Behaviour(status=400)
WRONG_JSON = Behaviour(body="wrong_json")
WRONG_SCHEMA = Behaviour(body="wrong_schema")
PLAIN_TEXT = Behaviour(body="plain_text")
FENCED = Behaviour(body="fenced")
REFUSAL = Behaviour(body="refusal")
CUT_SHORT = Behaviour(body="cut_short")
HUGE = Behaviour(body="huge")


def rate_limited(retry_after: str = "0.01") -> Behaviour:
    """429 with the time to wait."""
    return Behaviour(status=429, headers={"retry-after": retry_after})


def always(behaviour: Behaviour) -> Script:
    """The same for every request."""
    return lambda _: behaviour


def faulty(fault: Behaviour, *, seats: Collection[str] | None = None, times: int | None = None, otherwise: Behaviour = ANSWER) -> Script:
    """A fault for some seats, or for the first `times` requests of each; the rest is answered."""

    def script(request: Request) -> Behaviour:
        hit = (seats is None or request.seat in seats) and (times is None or request.number < times)
        return fault if hit else otherwise

    return script


def in_turn(*behaviours: Behaviour) -> Script:
    """One after the other for each seat; the last one stays."""
    return lambda request: behaviours[min(request.number, len(behaviours) - 1)]


def voting(votes: dict[str, str], **fields: Any) -> Script:
    """Valid replies with these votes; the seats that are not named approve."""
    return lambda request: Behaviour(vote=votes.get(request.seat, "APPROVE"), fields=fields)


def long_tailed(median: float = 1.0, sigma: float = 0.5, *, seed: int = 0, script: Script | None = None) -> Script:
    """Delays drawn from a log-normal distribution, the same for the same seed, seat and number."""

    def delayed(request: Request) -> Behaviour:
        drawn = random.Random(f"{seed}:{request.seat}:{request.number}").lognormvariate(0, sigma)  # noqa: S311 - no secret depends on it
        return replace(script(request) if script else ANSWER, delay=median * drawn)

    return delayed
