"""A seat never raises what its reviewer raised: it abstains, says why, and leaves a record."""

from __future__ import annotations

import asyncio
import logging
from types import SimpleNamespace

import pytest

from council import Outcome, Proposal, Reviewed, Roster, Rule, Seat, Vote
from council.ballot import Abstention
from council.errors import UnavailableError
from council.workflow import build_council, compile_council


class Abstaining:
    name = "test-model"

    def __init__(self, cause: str) -> None:
        self.cause = cause

    async def review(self, proposal: Proposal, seat: Seat) -> Reviewed:
        return Reviewed(reply=None, abstention=Abstention.model_validate({"cause": self.cause}), notes=("noted",))


class Returning:
    name = "test-model"

    def __init__(self, value: object) -> None:
        self.value = value

    async def review(self, proposal: Proposal, seat: Seat) -> object:
        return self.value


def failing(kit: SimpleNamespace, error: BaseException, *seats: str) -> object:
    async def fail(seat: Seat) -> None:
        await asyncio.sleep(0)
        if seat.name in seats:
            raise error

    return kit.Doing(fail)


def test_an_error_in_one_seat_is_its_abstention_and_nobody_elses(small: Roster, kit: SimpleNamespace) -> None:
    verdict, events = kit.run(small, failing(kit, RuntimeError("password=hunter2"), "beta"))
    assert verdict.tally.approve == ("alpha", "gamma", "delta")
    assert verdict.tally.gaps == ("beta",)
    beta = verdict.opinions[1]
    assert (beta.cast, beta.counted) == ("ABSTAIN", Vote.ABSTAIN)
    assert beta.abstention is not None
    assert (beta.abstention.cause, beta.abstention.detail) == ("failed", "The reviewer failed.")
    assert [event.cause for event in kit.named(events, "seat_finished") if event.seat == "beta"] == ["failed"]


def test_the_abstention_refers_to_the_record(small: Roster, kit: SimpleNamespace, caplog: pytest.LogCaptureFixture) -> None:
    verdict, _ = kit.run(small, failing(kit, RuntimeError("boom"), "beta"))
    (record,) = [vars(record) for record in caplog.records if record.levelno == logging.ERROR]
    assert verdict.opinions[1].abstention is not None
    assert record["error_id"] == verdict.opinions[1].abstention.reference
    assert (record["operation"], record["request_id"], record["error_message"]) == ("seat beta", verdict.review_id, "boom")
    assert record["input_summary"].startswith(f"proposal={verdict.proposal_sha256} words=24")


def test_an_error_of_ours_is_in_words_for_a_person(small: Roster, kit: SimpleNamespace) -> None:
    verdict, _ = kit.run(small, failing(kit, UnavailableError("no answer", where="model x", hint="try again"), "beta"))
    assert verdict.opinions[1].abstention is not None
    assert verdict.opinions[1].abstention.detail == "model x: no answer (try again)"


def test_all_seats_failing_decides_nothing(small: Roster, kit: SimpleNamespace) -> None:
    verdict, _ = kit.run(small, failing(kit, ValueError("boom"), *small.names))
    assert (verdict.outcome, verdict.decided_by) == (Outcome.INCONCLUSIVE, Rule.QUORUM)
    assert verdict.tally.gaps == small.names


@pytest.mark.parametrize("count", range(5))
def test_gaps_never_help(count: int, small: Roster, kit: SimpleNamespace) -> None:
    verdict, _ = kit.run(small, failing(kit, TimeoutError(), *small.names[:count]))
    assert verdict.outcome is (Outcome.APPROVE if count == 0 else Outcome.INCONCLUSIVE)  # alpha enforces observability


@pytest.mark.parametrize("value", [None, "APPROVE", Reviewed(reply=None)])
def test_a_reviewer_that_breaks_its_contract_has_failed(value: object, small: Roster, kit: SimpleNamespace) -> None:
    verdict, _ = kit.run(small, Returning(value))
    assert {o.abstention.cause for o in verdict.opinions if o.abstention} == {"failed"}


@pytest.mark.parametrize("cause", ["language", "late", "refused", "unusable"])
def test_a_reviewers_own_cause_is_kept(cause: str, small: Roster, kit: SimpleNamespace) -> None:
    verdict, _ = kit.run(small, Abstaining(cause))
    assert [o.abstention.cause for o in verdict.opinions if o.abstention] == [cause] * 4
    assert verdict.opinions[0].notes == ("noted",)


def test_not_applicable_without_a_reply_is_unproved(small: Roster, kit: SimpleNamespace) -> None:
    verdict, _ = kit.run(small, Abstaining("not_applicable"))
    assert verdict.tally.gaps == small.names
    assert {o.abstention.cause for o in verdict.opinions if o.abstention} == {"unproved_not_applicable"}


def test_no_reviewer_says_that_it_is_not_needed(small: Roster, kit: SimpleNamespace) -> None:
    verdict, _ = kit.run(small, Abstaining("not_needed"))
    assert (verdict.tally.gaps, verdict.tally.not_needed) == (small.names, ())


def test_an_interrupt_of_the_process_passes_through(small: Roster, kit: SimpleNamespace) -> None:
    with pytest.raises(KeyboardInterrupt):
        kit.run(small, failing(kit, KeyboardInterrupt(), "beta"))


def test_a_cancelled_review_cancels_its_seats(small: Roster, kit: SimpleNamespace) -> None:
    begun, cancelled = asyncio.Barrier(5), []

    async def wait(seat: Seat) -> None:
        await begun.wait()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(seat.name)
            raise

    async def cancel() -> None:
        graph = compile_council(build_council(small, reviewers=kit.Doing(wait)))
        review = asyncio.create_task(graph.ainvoke({"proposal": kit.text}))
        await begun.wait()
        review.cancel()
        await review

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancel())
    assert sorted(cancelled) == sorted(small.names)


def test_a_cancellation_that_nobody_asked_for_is_a_failure(small: Roster, kit: SimpleNamespace) -> None:
    verdict, _ = kit.run(small, failing(kit, asyncio.CancelledError(), "beta"))
    assert verdict.tally.approve == ("alpha", "gamma", "delta")
    assert verdict.tally.gaps == ("beta",)
