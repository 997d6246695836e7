"""Options that say how long a review waits for its seats."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from council.workflow import Deadlines

SECONDS = click.FloatRange(min=0, min_open=True)


class Waiting:
    """What the command line says about waiting.

    Args:
        review, seat: seconds, or None for no limit.
        decide_early: whether seats are waited for that could change nothing.
        warm_first: whether one seat warms a provider's cache for the others, where that pays.
    """

    def __init__(self, review: float | None, seat: float | None, *, decide_early: bool, warm_first: bool) -> None:
        self._seconds = {"review": review, "seat": seat}
        self.decide_early = decide_early
        self.warm_first = warm_first

    def deadlines(self) -> Deadlines:
        """For `Council`. Imports the workflow."""
        from council.workflow import Deadlines

        return Deadlines(**self._seconds)


def waiting_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds these options to a command, which gets them together as `waiting`."""

    @click.option("--deadline", metavar="SECONDS", type=SECONDS, help="End the review after SECONDS; seats still out abstain as late.")
    @click.option("--seat-deadline", metavar="SECONDS", type=SECONDS, help="A seat that has not replied SECONDS after its call abstains.")
    @click.option("--decide-early", is_flag=True, help="End the calls of seats whose votes can no longer change the outcome.")
    @click.option(
        "--warm-first/--no-warm-first", default=True, help="Call one seat first where a provider's prompt cache pays for it (the default)."
    )
    @wraps(command)
    def with_waiting(*, deadline: float | None, seat_deadline: float | None, decide_early: bool, warm_first: bool, **others: Any) -> Any:
        return command(waiting=Waiting(deadline, seat_deadline, decide_early=decide_early, warm_first=warm_first), **others)

    return with_waiting
