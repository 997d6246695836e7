"""Deadlines, early decisions and warm caches with a real client and real HTTP: what is ended is ended at the server too."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from council import Council, Deadlines, Outcome, Verdict, build_roster, parse_proposal
from council.reviewers.chat import ChatReviewer, aclose, chat_model
from tests.loopback import behaviour as do
from tests.loopback.behaviour import ANSWER, HANG, Behaviour, Request
from tests.loopback.plugin import loopback  # noqa: F401 - the fixture
from tests.loopback.server import Loopback

pytestmark = pytest.mark.loopback

SEATS = build_roster().names
TEXT = "# Limits\n\nEach request carries a request id, which every log line repeats.\n"


def council(server: Loopback, cache: bool = False, **more: Any) -> Council:
    reviewer = ChatReviewer(chat_model("openai:test-model", base_url=server.openai_url, api_key="none"))

    class Cached:
        """The same reviewer at a provider whose cache pays, which a server on this machine is not taken for."""

        name, prompt_cache = reviewer.name, "test:cache"
        review = staticmethod(reviewer.review)

    return Council(reviewers=Cached() if cache else reviewer, **more)


def reviewed(made: Council) -> tuple[Verdict, float]:
    async def review() -> tuple[Verdict, float]:
        start = time.perf_counter()
        try:
            return await made.areview(parse_proposal(TEXT)), time.perf_counter() - start
        finally:
            await aclose()

    return asyncio.run(review())


def causes(verdict: Verdict) -> dict[str, str]:
    return {o.seat: o.abstention.cause for o in verdict.opinions if o.abstention}


@pytest.mark.parametrize("count", [0, 2, 3, 6])
def test_late_seats_hang_up_and_the_verdict_does_not_wait(count: int, loopback: Loopback) -> None:  # noqa: F811 - the fixture
    late = SEATS[-count:] if count else ()
    loopback.script = do.faulty(HANG, seats=late)
    verdict, seconds = reviewed(council(loopback, deadlines=Deadlines(seat=2.0)))
    assert causes(verdict) == dict.fromkeys(late, "late")
    assert verdict.outcome is (Outcome.APPROVE if count <= 2 else Outcome.INCONCLUSIVE)
    assert seconds < 5
    loopback.wait_until(lambda: loopback.cancelled == count)


def test_deciding_early_hangs_up_on_seats_that_are_not_needed(loopback: Loopback) -> None:  # noqa: F811 - the fixture
    loopback.script = do.faulty(HANG, seats=SEATS[-2:])
    verdict, seconds = reviewed(council(loopback, decide_early=True))
    assert (verdict.outcome, causes(verdict)) == (Outcome.APPROVE, dict.fromkeys(SEATS[-2:], "not_needed"))
    assert seconds < 5
    loopback.wait_until(lambda: loopback.cancelled == 2 and loopback.active == 0)


def test_five_seats_read_what_the_first_has_warmed(loopback: Loopback) -> None:  # noqa: F811 - the fixture
    others: list[bool] = []

    def script(request: Request) -> Behaviour:
        if request.seat == SEATS[0]:
            return Behaviour(delay=0.2, duration=2.0)
        others.append(loopback.sent > 0 and loopback.active > 1)  # the first reply has begun, and is not done
        return ANSWER

    loopback.script = script
    verdict, _ = reviewed(council(loopback, cache=True))
    assert verdict.tally.approve == SEATS
    assert others == [True] * 5
    cached = [o.usage.cached_tokens / o.usage.input_tokens for o in verdict.opinions]
    assert cached[0] == 0
    assert min(cached[1:]) > 0.5
    assert [request.stream for request in loopback.requests] == [True, *[False] * 5]
