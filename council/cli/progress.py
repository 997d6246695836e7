"""What a person or a program sees of a review while it runs; always on standard error, for the report has the other."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from council.events import Event, OnEvent


@dataclass(frozen=True, slots=True)
class Progress:
    """What the command line says about progress."""

    quiet: bool = False
    events: str | None = None

    @contextmanager
    def watching(self, seats: tuple[str, ...]) -> Iterator[OnEvent | None]:
        """What is to be told of each event: a line of JSON, a live table where somebody watches, or nothing.

        Args:
            seats: names of the seats, in roster order.
        """
        if sys.stderr is None or self.quiet:
            yield None
        elif self.events == "ndjson":
            yield _write_line
        elif sys.stderr.isatty():
            from rich.console import Console

            from council.reports.live import LiveSeats

            with LiveSeats(seats, Console(stderr=True)) as live:
                yield live.on_event
        else:
            yield None


def progress_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--quiet` and `--events` to a command, which gets them together as `progress`."""

    @click.option("--quiet", is_flag=True, help="Show no progress.")
    @click.option("--events", type=click.Choice(["ndjson"]), help="Write each event to standard error, one JSON object on a line.")
    @wraps(command)
    def with_progress(*, quiet: bool, events: str | None, **others: Any) -> Any:
        if quiet and events:
            raise click.UsageError("--quiet and --events contradict each other")
        return command(progress=Progress(quiet, events), **others)

    return with_progress


def _write_line(event: Event) -> None:
    from council.events import ndjson

    sys.stderr.write(ndjson(event) + "\n")
    sys.stderr.flush()
