"""The table of seats while they work."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from council.ballot import Vote
from council.events import Event, FirstToken, RebuttalStarted, Retrying, SeatFinished, SeatRebutted, SeatStarted
from council.reports.clean import clean_line
from council.reports.content import CAUSE_WORDS
from council.reports.terminal import STYLES


class LiveSeats:
    """Draws which seat waits, reads, writes or has voted; what it drew is gone when the review is done.

    Use as a context manager and hand `on_event` to the review. Seats are named by files, so their names are cleaned.

    Args:
        seats: names of the seats, in roster order.
        console: where to draw; it must be a terminal.
    """

    def __init__(self, seats: tuple[str, ...], console: Console) -> None:
        self._seats = {seat: Text("waits", style="dim") for seat in seats}
        self._started: dict[str, float] = {}
        self._done: dict[str, float] = {}
        self._live = Live(get_renderable=self.table, console=console, transient=True, refresh_per_second=8)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._live.stop()

    def on_event(self, event: Event) -> None:
        """Note what a seat does; events about anything else are passed over."""
        if isinstance(event, SeatStarted):
            self._started[event.seat] = time.monotonic()
            self._seats[event.seat] = Text(f"reads ({clean_line(event.reviewer)})")
        elif isinstance(event, FirstToken):
            self._seats[event.seat] = Text("writes")
        elif isinstance(event, Retrying):
            self._seats[event.seat] = Text(f"tries again, {event.attempt} ({clean_line(event.reason)})")
        elif isinstance(event, RebuttalStarted):
            for seat in event.seats:
                self._seats[seat] = Text("answers the other side")
        elif isinstance(event, SeatRebutted):
            self._seats[event.seat] = Text(event.vote.value, style=STYLES[event.vote.value])
        elif isinstance(event, SeatFinished):
            self._done[event.seat] = event.seconds
            words = CAUSE_WORDS[event.cause] if event.vote is Vote.ABSTAIN and event.cause else event.vote.value
            self._seats[event.seat] = Text(words, style=STYLES[event.vote.value])

    def table(self) -> Table:
        """What there is to see now."""
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        for column in ("seat", "state", "seconds"):
            table.add_column(column, no_wrap=True)
        for seat, state in self._seats.items():
            table.add_row(Text(clean_line(seat)), state, Text(self._seconds(seat), style="dim"))
        return table

    def _seconds(self, seat: str) -> str:
        if seat in self._done:
            return f"{self._done[seat]:.1f} s"
        return f"{time.monotonic() - self._started[seat]:.0f} s" if seat in self._started else ""
