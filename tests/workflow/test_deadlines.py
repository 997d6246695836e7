"""A seat that is late abstains, says so, and holds nobody up; its call is really cancelled."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from council import Deadlines, Outcome, Proposal, Reviewed, Roster, Rule, Seat, build_roster
from council.ballot import Abstention
from council.errors import UsageError
from council.workflow import build_council, compile_council
from council.workflow.session import GRACE

SEATS = build_roster().names
FOREVER = 3600


class Waiting:
    """Some seats never come back; the cancelled ones are noted."""

    name = "test-model"

    def __init__(self, kit: SimpleNamespace, *seats: str) -> None:
        self.kit = kit
        self.seats = seats
        self.cancelled: list[str] = []

    async def review(self, proposal: Proposal, seat: Seat) -> Reviewed:
        if seat.name in self.seats:
            try:
                await asyncio.sleep(FOREVER)
            except asyncio.CancelledError:
                self.cancelled.append(seat.name)
                raise
        reviewed: Reviewed = await self.kit.Saying("APPROVE").review(proposal, seat)
        return reviewed


def test_a_seat_that_is_late_abstains_and_its_call_is_cancelled(small: Roster, kit: SimpleNamespace) -> None:
    reviewer = Waiting(kit, "beta")
    verdict, events = kit.run(small, reviewer, deadlines=Deadlines(seat=0.05))
    assert verdict.tally.approve == ("alpha", "gamma", "delta")
    assert verdict.opinions[1].abstention == Abstention(cause="late", detail="No reply within 0.05 s.")
    assert reviewer.cancelled == ["beta"]
    (late,) = [event for event in kit.named(events, "seat_finished") if event.seat == "beta"]
    assert late.cause == "late"
    assert 0.04 <= late.seconds < 1  # the call began a moment after its time


def test_the_review_has_a_deadline_of_its_own(small: Roster, kit: SimpleNamespace) -> None:
    reviewer = Waiting(kit, "gamma", "delta")
    verdict, _ = kit.run(small, reviewer, deadlines=Deadlines(seat=FOREVER, review=0.3))
    assert (verdict.outcome, verdict.decided_by) == (Outcome.INCONCLUSIVE, Rule.QUORUM)
    assert {o.seat: o.abstention.detail for o in verdict.opinions if o.abstention} == dict.fromkeys(
        ("gamma", "delta"), "The review's 0.3 s were over."
    )
    assert sorted(reviewer.cancelled) == ["delta", "gamma"]


def test_a_call_that_will_not_be_cancelled_is_left_behind(small: Roster, kit: SimpleNamespace) -> None:
    ended: list[str] = []

    async def stubborn(seat: Seat) -> None:
        until = time.monotonic() + (3 * GRACE if seat.name == "beta" else 0)
        while time.monotonic() < until:
            try:
                await asyncio.sleep(until - time.monotonic())
            except asyncio.CancelledError:
                ended.append("cancelled")
        ended.append(seat.name)

    async def review() -> None:
        graph = compile_council(build_council(small, reviewers=kit.Doing(stubborn), deadlines=Deadlines(seat=0.02)))
        output = await graph.ainvoke({"proposal": kit.text})
        assert output["verdict"].tally.gaps == ("beta",)
        assert ended[-1] == "cancelled"
        await asyncio.sleep(3 * GRACE)
        assert ended[-1] == "beta"  # and nobody reports an exception that was never retrieved

    asyncio.run(review())


def test_a_reviewer_s_own_timeout_is_a_failure_not_a_late_seat(small: Roster, kit: SimpleNamespace) -> None:
    async def own(seat: Seat) -> None:
        if seat.name == "beta":
            async with asyncio.timeout(0.01):
                await asyncio.sleep(FOREVER)

    verdict, _ = kit.run(small, kit.Doing(own), deadlines=Deadlines(seat=5))
    assert [o.abstention.cause for o in verdict.opinions if o.abstention] == ["failed"]


def test_a_seat_whose_turn_comes_after_the_deadline_is_not_called(small: Roster, kit: SimpleNamespace) -> None:
    called: list[str] = []

    async def slow_to_start(seat: Seat) -> None:
        called.append(seat.name)
        time.sleep(0.5)  # noqa: ASYNC251 - it has to hold up the loop

    verdict, _ = kit.run(small, kit.Doing(slow_to_start), deadlines=Deadlines(review=0.4))
    assert called == ["alpha"]
    assert (verdict.tally.approve, verdict.tally.gaps) == (("alpha",), ("beta", "gamma", "delta"))


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf")])
@pytest.mark.parametrize("which", ["seat", "review"])
def test_a_deadline_is_a_positive_number(which: str, seconds: float) -> None:
    with pytest.raises(UsageError, match=f"for the {which}"):
        Deadlines(**{which: seconds})


class Faulty:
    """Each seat as it was told: no vote for a cause, or APPROVE."""

    name = "test-model"

    def __init__(self, kit: SimpleNamespace, faults: dict[str, str]) -> None:
        self.kit = kit
        self.faults = faults

    async def review(self, proposal: Proposal, seat: Seat) -> Reviewed:
        cause = self.faults.get(seat.name)
        if cause == "late":
            await asyncio.sleep(FOREVER)
        if cause == "failed":
            raise OSError("connection refused")
        if cause is not None:
            return Reviewed(reply=None, abstention=Abstention.model_validate({"cause": cause}))
        reviewed: Reviewed = await self.kit.Saying("APPROVE").review(proposal, seat)
        return reviewed


CAUSES = st.sampled_from(["late", "failed", "refused", "unusable", "over_budget"])


@pytest.mark.parametrize("count", range(7))
@settings(max_examples=6)
@given(data=st.data())
def test_whoever_fails_there_is_no_approval_below_quorum_and_each_cause_is_told(
    count: int, data: st.DataObject, kit: SimpleNamespace
) -> None:
    seats = data.draw(st.permutations(SEATS))[:count]
    faults = {seat: data.draw(CAUSES) for seat in seats}
    verdict, events = kit.run(build_roster(), Faulty(kit, faults), deadlines=Deadlines(seat=0.03))
    assert {o.seat: o.abstention.cause for o in verdict.opinions if o.abstention} == faults
    assert {event.seat: event.cause for event in kit.named(events, "seat_finished") if event.cause} == faults
    approves = count <= 2 and "tracer" not in faults  # two thirds of six, with the seat that enforces observability
    assert verdict.outcome is (Outcome.APPROVE if approves else Outcome.INCONCLUSIVE)
