"""What the graph costs beside a bare gather, and what deciding early saves: `python tests/benchmarks/waiting.py`.

The first with reviewers that do nothing, so that only the council's own work is measured. The second with a real client
against the loopback server, whose answers come after log-normal delays: five of six seats agree, and one, drawn for each
review, does not. Ends with 1 where deciding early saves less than a fifth of the mean time.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from council import Council, Deadlines, Proposal, Reply, Reviewed, Seat, build_roster, read_proposal  # noqa: E402 - the path first
from council.reviewers.chat import ChatReviewer, aclose, chat_model  # noqa: E402 - the path first
from tests.loopback.behaviour import long_tailed, voting  # noqa: E402 - the path first
from tests.loopback.server import Loopback  # noqa: E402 - the path first

LEAST_SAVING = 0.20
SEATS = build_roster().seats


class Idle:
    """Approves at once."""

    name = "idle"

    async def review(self, proposal: Proposal, seat: Seat) -> Reviewed:
        return Reviewed(reply=Reply(vote="APPROVE", rationale="Idle."))


async def median(call: Callable[[], Awaitable[object]], runs: int) -> float:
    """Milliseconds."""
    times = []
    for _ in range(runs + 5):
        start = time.perf_counter()
        await call()
        times.append(time.perf_counter() - start)
    return statistics.median(times[5:]) * 1000


async def overhead(proposal: Proposal, runs: int) -> None:
    """Print what six idle seats take, bare and in the graph."""
    idle = Idle()
    plain = Council(reviewers=idle)
    waiting = Council(reviewers=idle, deadlines=Deadlines(seat=60, review=60), decide_early=True)
    calls: dict[str, Callable[[], Awaitable[object]]] = {
        "asyncio.gather": lambda: asyncio.gather(*(idle.review(proposal, seat) for seat in SEATS)),
        "Council": lambda: plain.areview(proposal),
        "Council with deadlines, deciding early": lambda: waiting.areview(proposal),
        "the same with events": lambda: waiting.areview(proposal, on_event=lambda _: None),
    }
    for what, call in calls.items():
        print(f"{what:40} {await median(call, runs):7.2f} ms")


async def mean(server: Loopback, proposal: Proposal, reviews: int, *, decide_early: bool) -> float:
    """Seconds of a review, one after the other."""
    council = Council(
        reviewers=ChatReviewer(chat_model("openai:test", base_url=server.openai_url, api_key="none")), decide_early=decide_early
    )
    times = []
    for number in range(reviews + 1):
        dissenter = random.Random(number).choice(SEATS).name  # noqa: S311 - no secret depends on it
        server.script = long_tailed(0.4, 0.6, seed=number, script=voting({dissenter: "MODIFY"}))
        server._numbers.clear()  # so that the same delays are drawn for both
        start = time.perf_counter()
        await council.areview(proposal)
        times.append(time.perf_counter() - start)
    await aclose()
    return statistics.mean(times[1:])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100, help="reviews by idle seats (100)")
    parser.add_argument("--reviews", type=int, default=30, help="reviews by a model, each way (30)")
    options = parser.parse_args()
    proposal = read_proposal(ROOT / "examples" / "approve-rate-limits.md")
    asyncio.run(overhead(proposal, options.runs))
    with Loopback() as server:
        whole, early = (asyncio.run(mean(server, proposal, options.reviews, decide_early=way)) for way in (False, True))
    saved = 1 - early / whole
    print(f"mean of {options.reviews} reviews: {whole:.2f} s, deciding early {early:.2f} s: {saved:.0%} less (at least {LEAST_SAVING:.0%})")
    return 0 if saved >= LEAST_SAVING else 1


if __name__ == "__main__":
    sys.exit(main())
