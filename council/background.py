"""One event loop for the process, in a thread of its own, for callers that have none or cannot leave theirs.

The clients of model providers keep connections that belong to a loop, so that a second `asyncio.run` breaks them; and
inside a running loop (Jupyter) `asyncio.run` refuses altogether.
"""

from __future__ import annotations

import asyncio
import atexit
import contextvars
import os
import sys
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from council.errors import UsageError

_T = TypeVar("_T")

GRACE = 5.0
"""Seconds that a coroutine has to end after its caller was interrupted."""


class _Loop:
    """A running loop and its thread."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="council", daemon=True)
        self.thread.start()

    def close(self) -> None:
        """Close the connections of chat models and stop the loop; what still runs in it is dropped."""
        if wire := sys.modules.get("council.reviewers.chat.wire"):  # a checklist needs none
            with suppress(Exception):  # the process ends either way
                asyncio.run_coroutine_threadsafe(wire.aclose(), self.loop).result(timeout=1)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(timeout=1)
        if not self.thread.is_alive():
            self.loop.close()


_lock = threading.Lock()
_running: _Loop | None = None


def run(start: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
    """Run a coroutine to its end on the background loop, in a copy of the caller's context, and give its result.

    Args:
        start: makes the coroutine; called on the loop.

    Raises:
        UsageError: called from the loop itself, which would wait for itself.
    """
    background = _background()
    if threading.current_thread() is background.thread:
        raise UsageError("a review cannot wait for another on the council's own loop", hint="await areview() instead of calling review()")
    context = contextvars.copy_context()
    ended = threading.Event()

    async def inside() -> _T:
        try:
            return await asyncio.get_running_loop().create_task(start(), context=context)
        finally:
            ended.set()

    future = asyncio.run_coroutine_threadsafe(inside(), background.loop)
    try:
        return future.result()
    except BaseException:  # an interrupt of the caller ends the review too; when the review failed, this does nothing
        future.cancel()
        ended.wait(GRACE)  # so that it leaves its files and connections as they should be
        raise


def _background() -> _Loop:
    global _running
    with _lock:
        if _running is None:
            _running = _Loop()
            atexit.register(_running.close)
        return _running


def _forget() -> None:
    """In a forked child the parent's thread does not run, and its lock may be held for good."""
    global _lock, _running
    if _running is not None:
        atexit.unregister(_running.close)
    _lock, _running = threading.Lock(), None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
