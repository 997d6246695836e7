"""The table of seats while they work."""

from __future__ import annotations

import io

from rich.console import Console

from council.ballot import Vote
from council.events import FirstToken, Retrying, ReviewStarted, SeatFinished, SeatStarted
from council.reports.live import LiveSeats


def drawn(live: LiveSeats) -> list[list[str]]:
    console = Console(file=io.StringIO(), width=80)
    with console.capture() as capture:
        console.print(live.table())
    return [line.split() for line in capture.get().splitlines()]


def test_it_shows_who_waits_reads_and_has_voted() -> None:
    live = LiveSeats(("tracer", "measurer", "operator"), Console(file=io.StringIO(), force_terminal=True))
    live.on_event(ReviewStarted(review_id="r", proposal="p", proposal_sha256="", seats=("tracer",)))
    live.on_event(SeatStarted(review_id="r", seat="tracer", reviewer="checklist"))
    live.on_event(SeatStarted(review_id="r", seat="measurer", reviewer="a\x1b[31mb"))
    live.on_event(
        SeatFinished(review_id="r", seat="tracer", reviewer="checklist", cast="REJECT", vote=Vote.MODIFY, cause=None, score=0, seconds=1.26)
    )
    assert drawn(live) == [["tracer", "MODIFY", "1.3", "s"], ["measurer", "reads", "(a[31mb)", "0", "s"], ["operator", "waits"]]


def test_it_shows_who_writes_and_who_tries_again() -> None:
    live = LiveSeats(("tracer", "measurer"), Console(file=io.StringIO(), force_terminal=True))
    for seat in ("tracer", "measurer"):
        live.on_event(SeatStarted(review_id="r", seat=seat, reviewer="m"))
    live.on_event(FirstToken(review_id="r", seat="tracer", seconds=0.4))
    live.on_event(Retrying(review_id="r", seat="measurer", attempt=2, reason="429\x1b[2J"))
    assert drawn(live) == [["tracer", "writes", "0", "s"], ["measurer", "tries", "again,", "2", "(429[2J)", "0", "s"]]


def test_an_abstention_shows_its_cause() -> None:
    live = LiveSeats(("tracer",), Console(file=io.StringIO(), force_terminal=True))
    live.on_event(
        SeatFinished(review_id="r", seat="tracer", reviewer="m", cast="ABSTAIN", vote=Vote.ABSTAIN, cause="late", score=0, seconds=9)
    )
    assert drawn(live) == [["tracer", "too", "late", "9.0", "s"]]


def test_when_it_is_done_nothing_of_it_is_left() -> None:
    stream = io.StringIO()
    with LiveSeats(("tracer",), Console(file=stream, force_terminal=True, width=40)) as live:
        live.on_event(SeatStarted(review_id="r", seat="tracer", reviewer="checklist"))
    assert "tracer" in stream.getvalue()
    assert stream.getvalue().endswith("\x1b[2K")  # the line it stood on is erased
    assert stream.getvalue().count("\x1b[?25h") == 1  # and the cursor is back
