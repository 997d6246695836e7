"""What a seat tells while it works, and a cache that one seat warms for the others."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from council import Deadlines, Proposal, Reviewed, Roster, Seat
from council.reviewers.progress import first_token_awaited, reply_began, retrying


class Caching:
    """A model behind a prompt cache; notes who is called and whose reply begins, in order."""

    name = "test-model"

    def __init__(self, kit: SimpleNamespace, cache: str = "test:cache", *, log: list[str] | None = None) -> None:
        self.kit = kit
        self.prompt_cache = cache
        self.log: list[str] = [] if log is None else log

    async def review(self, proposal: Proposal, seat: Seat) -> Reviewed:
        self.log.append(f"{seat.name} called")
        await asyncio.sleep(0.02)
        await self.begin(seat)
        await asyncio.sleep(0.02)
        self.log.append(f"{seat.name} done")
        reviewed: Reviewed = await self.kit.Saying("APPROVE").review(proposal, seat)
        return reviewed

    async def begin(self, seat: Seat) -> None:
        self.log.append(f"{seat.name} began")
        reply_began()


def test_the_others_follow_when_the_first_reply_begins(small: Roster, kit: SimpleNamespace) -> None:
    reviewer = Caching(kit)
    kit.run(small, reviewer)
    assert reviewer.log[:5] == ["alpha called", "alpha began", "beta called", "gamma called", "delta called"]
    assert "alpha done" in reviewer.log[5:]


@pytest.mark.parametrize(("cache", "warm_first"), [("", True), ("test:cache", False)])
def test_all_are_called_at_once_where_nothing_is_gained_or_asked_for(
    cache: str, warm_first: bool, small: Roster, kit: SimpleNamespace
) -> None:
    reviewer = Caching(kit, cache)
    kit.run(small, reviewer, warm_first=warm_first)
    assert reviewer.log[:4] == [f"{name} called" for name in small.names]


def test_each_cache_is_warmed_by_a_seat_of_its_own(small: Roster, kit: SimpleNamespace) -> None:
    log: list[str] = []
    one, other = Caching(kit, "one", log=log), Caching(kit, "other", log=log)
    kit.run(small, {"alpha": one, "beta": one, "gamma": other, "delta": other})
    assert log[:2] == ["alpha called", "gamma called"]
    assert log.index("beta called") > log.index("alpha began")
    assert log.index("delta called") > log.index("gamma began")


def test_only_the_seat_that_others_wait_for_has_to_stream(small: Roster, kit: SimpleNamespace) -> None:
    class Streaming(Caching):
        async def begin(self, seat: Seat) -> None:
            if first_token_awaited():
                self.log.append(f"{seat.name} streams")
                await super().begin(seat)

    shared, alone = Streaming(kit), Streaming(kit, "another")
    kit.run(small, dict.fromkeys(small.names, shared) | {"delta": alone})
    assert [line for line in shared.log if line.endswith("streams")] == ["alpha streams"]
    assert not [line for line in alone.log if line.endswith("streams")]


def test_a_first_seat_that_fails_lets_the_others_go(small: Roster, kit: SimpleNamespace) -> None:
    class Failing(Caching):
        async def begin(self, seat: Seat) -> None:
            if seat.name == "alpha":
                raise OSError
            await super().begin(seat)

    verdict, _ = kit.run(small, Failing(kit))
    assert verdict.tally.approve == ("beta", "gamma", "delta")


def test_a_first_seat_that_is_late_lets_the_others_go_with_their_time_whole(small: Roster, kit: SimpleNamespace) -> None:
    class Hanging(Caching):
        async def begin(self, seat: Seat) -> None:
            if seat.name == "alpha":
                await asyncio.sleep(3600)

    verdict, events = kit.run(small, Hanging(kit), deadlines=Deadlines(seat=1.0))
    assert verdict.tally.approve == ("beta", "gamma", "delta")
    assert all(event.seconds < 1.0 for event in kit.named(events, "seat_finished") if event.seat != "alpha")


def test_nobody_waits_for_a_cold_cache_for_ever(small: Roster, kit: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("council.workflow.session.WARM_PATIENCE", 0.05)
    together = asyncio.Barrier(4)

    class Meeting(Caching):
        async def begin(self, seat: Seat) -> None:
            async with asyncio.timeout(10):
                await together.wait()

    verdict, _ = kit.run(small, Meeting(kit))
    assert verdict.tally.approve == small.names


def test_a_seat_that_waits_for_the_cache_is_late_with_the_review(small: Roster, kit: SimpleNamespace) -> None:
    class Hanging(Caching):
        async def begin(self, seat: Seat) -> None:
            await asyncio.sleep(3600)

    reviewer = Hanging(kit)
    verdict, events = kit.run(small, reviewer, deadlines=Deadlines(review=0.3))
    assert reviewer.log == ["alpha called"]
    assert {o.abstention.cause for o in verdict.opinions if o.abstention} == {"late"}
    assert [event.seat for event in kit.named(events, "seat_started")] == ["alpha"]
    assert {event.seat: event.seconds > 0 for event in kit.named(events, "seat_finished")} == {n: n == "alpha" for n in small.names}


def test_the_first_token_and_retries_are_told_of_the_right_seat(small: Roster, kit: SimpleNamespace) -> None:
    async def act(seat: Seat) -> None:
        async def attempt() -> None:  # in a task of its own, as a client may run it
            if seat.name == "beta":
                retrying("429", attempt=2)
            reply_began()
            reply_began()

        await asyncio.create_task(attempt())

    _, events = kit.run(small, kit.Doing(act))
    assert sorted(event.seat for event in kit.named(events, "first_token")) == sorted(small.names)
    assert [(event.seat, event.attempt, event.reason) for event in kit.named(events, "retry")] == [("beta", 2, "429")]
    told = [event.event for event in events if getattr(event, "seat", "") == "beta"]
    assert told == ["seat_started", "retry", "first_token", "seat_finished"]


def test_a_reason_is_one_short_line(small: Roster, kit: SimpleNamespace) -> None:
    async def act(seat: Seat) -> None:
        retrying("\x1b[31mx\n" + "y" * 1000, attempt=2)

    _, events = kit.run(small, kit.Doing(act))
    reasons: set[Any] = {event.reason for event in kit.named(events, "retry")}
    assert len(reasons) == 1
    (reason,) = reasons
    assert len(reason) <= 41 and reason.isprintable()


def test_outside_of_a_review_nobody_listens() -> None:
    assert not first_token_awaited()
    reply_began()
    retrying("429", attempt=2)
