"""The node of one seat: asks its reviewer, has the evidence checked, and never raises what a reviewer raised."""

from __future__ import annotations

import asyncio
import time

from langgraph.errors import GraphBubbleUp
from langgraph.runtime import Runtime

from council.ballot import Abstention, Opinion
from council.error_context import capture, log_error
from council.errors import CouncilError, JournalError, UsageError
from council.events import SeatFinished, SeatStarted
from council.evidence import Chair, abstained, check
from council.proposal import Proposal
from council.reviewers.base import Reviewed, Reviewer
from council.reviewers.replies import answering, reviewed_once
from council.seats import Seat
from council.workflow.state import CouncilContext, CouncilState, Summons, brought, replies_of

STOPS = (GraphBubbleUp, JournalError)
"""What stops a review and is no seat's failure: an interrupt for a person, a reply that cannot be kept."""


class Sitting:
    """One seat and its reviewer."""

    def __init__(self, seat: Seat, reviewer: Reviewer) -> None:
        self.seat = seat
        self.reviewer = reviewer
        self.chair = _chair(seat, reviewer)

    async def sit(self, state: Summons, runtime: Runtime[CouncilContext]) -> CouncilState:
        """The node: the summons in, one opinion out.

        Raises:
            UsageError: a review was resumed without its proposal. That is no failure of the seat, and can be mended.
        """
        proposal = state.get("proposal") or brought(runtime)
        review_id = state["docket"]["review_id"]
        if proposal is None or proposal.sha256 != state["docket"]["sha256"]:
            what = "its proposal is not at hand" if proposal is None else "this is not its proposal"
            raise UsageError(what, where=f"review {review_id}", hint="resume with context=CouncilContext(proposal=...)")
        runtime.stream_writer(SeatStarted(review_id=review_id, seat=self.seat.name, reviewer=self.chair.reviewer))
        start = time.perf_counter()
        with answering(replies_of(runtime), self.seat.name):
            opinion = await self._opinion(proposal, review_id)
        runtime.stream_writer(_finished(opinion, review_id, time.perf_counter() - start))
        return {"opinions": [opinion]}

    async def _opinion(self, proposal: Proposal, review_id: str) -> Opinion:
        """What the seat says. An error in it is its abstention: raised, it would cancel the other seats."""
        try:
            return self._checked(await reviewed_once(self.reviewer, proposal, self.seat), proposal)
        except (Exception, asyncio.CancelledError) as exc:
            if _is_stop(exc):
                raise
            about = f"proposal={proposal.sha256} words={proposal.words} reviewer={self.chair.reviewer}"
            context = capture(exc, operation=f"seat {self.seat.name}", input_summary=about, request_id=review_id)
            log_error(context)
            detail = context.message if isinstance(exc, CouncilError) else "The reviewer failed."
            return abstained(self.chair, Abstention(cause="failed", detail=detail, reference=context.error_id))

    def _checked(self, reviewed: Reviewed, proposal: Proposal) -> Opinion:
        if reviewed.reply is not None:
            score, usage, notes = reviewed.score, reviewed.usage, reviewed.notes
            return check(reviewed.reply, proposal=proposal, chair=self.chair, score=score, usage=usage, notes=notes)
        abstention = reviewed.abstention
        if abstention is None:
            raise TypeError(f"the reviewer {self.chair.reviewer} gave neither a reply nor the cause why there is none")
        if not abstention.is_gap:  # rule 1: only evidence that was checked frees a seat from voting, and here is none
            abstention = abstention.model_copy(update={"cause": "unproved_not_applicable"})
        return abstained(self.chair, abstention, usage=reviewed.usage, notes=reviewed.notes)


def _is_stop(exc: BaseException) -> bool:
    """Whether the review is to stop here: at LangGraph's word, or by a cancellation that somebody asked for.

    A cancellation that nobody asked of this seat's task was raised within the reviewer, and is a failure like any other.
    """
    task = asyncio.current_task()
    cancelled = isinstance(exc, asyncio.CancelledError) and task is not None and task.cancelling() > 0
    return cancelled or isinstance(exc, STOPS)


def _chair(seat: Seat, reviewer: Reviewer) -> Chair:
    """What the evidence check has to know of a seat."""
    persona = seat.persona
    return Chair(
        seat=seat.name,
        persona=persona.name,
        persona_hash=persona.sha256,
        persona_origin=persona.origin,
        reviewer=reviewer.name,
        questions={question.id: question.text for question in persona.questions},
        readiness=frozenset(question.id for question in persona.questions if "production_ready" in question.bears_on),
        enforces_observability="enforce-observability" in seat.agent.authority,
    )


def _finished(opinion: Opinion, review_id: str, seconds: float) -> SeatFinished:
    return SeatFinished(
        review_id=review_id,
        seat=opinion.seat,
        reviewer=opinion.reviewer,
        cast=opinion.cast,
        vote=opinion.counted,
        cause=opinion.abstention.cause if opinion.abstention else None,
        score=opinion.score,
        seconds=round(seconds, 3),
    )
