"""What a reviewer tells of a call that is under way.

The workflow listens for each seat that it asks; where nobody listens these do nothing. A reviewer need not call them.
They may be called from any task that the reviewer starts, not from threads of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol


class Listener(Protocol):
    """Whoever asked the reviewer.

    Attributes:
        awaits_first_token: whether other seats wait for this one's reply to begin.
    """

    awaits_first_token: bool

    def reply_began(self) -> None:
        """The first token of the reply is there; called once or more."""

    def retrying(self, reason: str, attempt: int) -> None:
        """A call failed and is made again: why, in a word or two of ours, and which attempt comes now (from 2)."""


_listener: ContextVar[Listener | None] = ContextVar("council_progress", default=None)


def first_token_awaited() -> bool:
    """Whether somebody waits for the reply to begin: a reviewer that streams only where it has to does so then."""
    listener = _listener.get()
    return listener is not None and listener.awaits_first_token


def reply_began() -> None:
    """Say that the reply has begun: its provider has read the prompt, and a cache of it can be used from now on."""
    if listener := _listener.get():
        listener.reply_began()


def retrying(reason: str, *, attempt: int) -> None:
    """Say that a call is made again.

    Args:
        reason: why, in a word or two: "429", "timeout", "repair". Never text of the reply, which is untrusted.
        attempt: which one comes now; the first retry is 2.
    """
    if listener := _listener.get():
        listener.retrying(reason, attempt)


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """What is told inside, and in tasks started inside, goes to this listener."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
