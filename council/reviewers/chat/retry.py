"""Which failures of a call are worth another try, how long to wait, and what a person is told.

LangGraph's and LangChain's defaults retry a bad key and give up on a dropped connection; here it is the other way
round: too many requests, the provider's own faults, time-outs and broken connections are tried again, and what another
try cannot change is not.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

from council.redaction import clip
from council.reviewers.chat.wire import AnswerTooLargeError

_TRANSIENT_STATUS = frozenset({408, 409, 425, 429})
_DETAIL = 200  # characters of what the provider said
# Named rather than imported: which of these libraries is there depends on the extras.
_SDKS, _KITS = ("openai", "anthropic"), ("httpx", "httpx2")
_TIMEOUTS = (*((sdk, "APITimeoutError") for sdk in _SDKS), *((kit, "TimeoutException") for kit in _KITS))
_CONNECTION = (*((sdk, "APIConnectionError") for sdk in _SDKS), *((kit, "TransportError") for kit in _KITS))
_WORDS = {
    400: "the provider refused the request",
    401: "the provider refused the key",
    403: "the provider denied access",
    404: "the provider does not know the model",
    413: "the provider finds the request too large",
    429: "the provider's rate limit is reached",
    529: "the provider is overloaded",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """What became of a call that failed.

    Attributes:
        cause: of the abstention, if this was the last try.
        detail: for a person, on one line and without secrets.
        word: the same for an event, in a word of ours.
        again: whether another try may help.
        wait: seconds that the provider asks to wait, or None.
    """

    cause: Literal["failed", "late", "unusable"]
    detail: str
    word: str
    again: bool
    wait: float | None = None


def classify(error: BaseException) -> Failure:
    """What an exception of a call means."""
    chain = list(_chain(error))
    if large := next((each for each in chain if isinstance(each, AnswerTooLargeError)), None):
        return Failure("unusable", str(large), "too large", again=False)
    for each in chain:
        status = getattr(each, "status_code", None)
        if isinstance(status, int) and status > 0:
            words = _WORDS.get(status, "the provider failed" if status >= 500 else "the provider refused the request")
            again = status in _TRANSIENT_STATUS or status >= 500
            return Failure("failed", f"{words} (HTTP {status}): {clip(str(each), _DETAIL)}", str(status), again, _retry_after(each))
    if any(isinstance(each, (TimeoutError, *_loaded(_TIMEOUTS))) for each in chain):
        return Failure("late", "no reply came in time", "timeout", again=True)
    if any(isinstance(each, (ConnectionError, *_loaded(_CONNECTION))) for each in chain):
        return Failure(
            "failed", f"the connection failed: {clip(str(chain[-1]) or type(error).__name__, _DETAIL)}", "connection", again=True
        )
    return Failure("failed", clip(f"{type(error).__name__}: {error}", _DETAIL), type(error).__name__, again=False)


def backoff(tried: int, asked: float | None, *, base: float) -> float:
    """Seconds to wait after the nth try: what the provider asks for, else twice as long each time.

    A part of it is drawn by lot, so that six seats that were turned away together do not come back together.
    """
    lot = random.random()  # noqa: S311 - nothing depends on who can guess it
    if asked is not None:
        return asked * (1 + 0.1 * lot)
    return base * 2.0 ** (tried - 1) * (0.5 + 0.5 * lot)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and what it came from; clients wrap what the wire raised."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _loaded(named: tuple[tuple[str, str], ...]) -> tuple[type[BaseException], ...]:
    """The classes of the libraries that are imported; an exception of another cannot have come up."""
    return tuple(getattr(sys.modules[module], name) for module, name in named if module in sys.modules)


def _retry_after(error: BaseException) -> float | None:
    """RFC 9110, 10.2.3: seconds or a date; and OpenAI's milliseconds."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    try:
        if milliseconds := headers.get("retry-after-ms"):
            return max(0.0, float(milliseconds) / 1000)
        given = str(headers.get("retry-after", "")).strip()
        if not given:
            return None
        if given.replace(".", "", 1).isdigit():
            return float(given)
        return max(0.0, (parsedate_to_datetime(given) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None
