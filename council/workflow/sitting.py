"""The node of one seat: asks its reviewer, has the evidence checked, and never raises what a reviewer raised."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from langgraph.errors import GraphBubbleUp
from langgraph.runtime import Runtime

from council.ballot import Abstention, Opinion
from council.error_context import capture, log_error
from council.errors import CouncilError, JournalError
from council.events import Event, FirstToken, Retrying, SeatFinished, SeatStarted
from council.evidence import Chair, abstained, check
from council.proposal import Proposal
from council.redaction import clip
from council.reviewers.base import Reviewed, Reviewer
from council.reviewers.progress import heard_by
from council.reviewers.replies import answering, reviewed_once
from council.seats import Seat
from council.telemetry import record_opinion, seat_span
from council.workflow.session import CallEndedError, Session, Sessions
from council.workflow.state import CouncilContext, CouncilState, Summons, identity, replies_of, reviewed_proposal, same_council

STOPS = (GraphBubbleUp, JournalError)
"""What stops a review and is no seat's failure: an interrupt for a person, a reply that cannot be kept."""


class Sitting:
    """One seat and its reviewer.

    Args:
        seat: who sits there.
        reviewer: what it thinks with.
        sessions: of the council, for a review that is resumed.
        cache: a provider's cache that it shares with other seats, and that one of them is to warm first; or empty.
    """

    def __init__(self, seat: Seat, reviewer: Reviewer, sessions: Sessions, cache: str = "") -> None:
        self.seat = seat
        self.reviewer = reviewer
        self.chair = _chair(seat, reviewer)
        self._sessions = sessions
        self.cache = cache

    async def sit(self, state: Summons, runtime: Runtime[CouncilContext]) -> CouncilState:
        """The node: the summons in, one opinion out.

        Raises:
            UsageError: a review was resumed without its proposal, or by another council. That is no failure of the seat, and can be mended.
        """
        proposal, review_id = reviewed_proposal(state, runtime), state["docket"]["review_id"]
        same_council(state["docket"], {self.seat.name: identity(self.seat, self.chair.reviewer)}, parts=[self.seat.name])
        session = state.get("session") or self._sessions.reopen(review_id, proposal)
        call = _Call(self, review_id, session, runtime.stream_writer)
        with (
            seat_span(self.seat.name, self.reviewer, review_id=review_id, proposal_sha256=proposal.sha256) as span,
            heard_by(call),
            answering(replies_of(runtime), self.seat.name),
        ):
            opinion = await self._opinion(proposal, call)
            record_opinion(span, opinion)
        session.hear(opinion)
        call.finished(opinion)
        return {"opinions": [opinion]}

    async def _opinion(self, proposal: Proposal, call: _Call) -> Opinion:
        """What the seat says. An error in it is its abstention: raised, it would cancel the other seats."""
        try:
            return self._checked(await self._asked(proposal, call), proposal)
        except CallEndedError as ended:
            return abstained(self.chair, ended.abstention)
        except (Exception, asyncio.CancelledError) as exc:
            if is_stop(exc):
                raise
            about = f"proposal={proposal.sha256} words={proposal.words} reviewer={self.chair.reviewer}"
            context = capture(exc, operation=f"seat {self.seat.name}", input_summary=about, request_id=call.review_id)
            log_error(context)
            detail = context.message if isinstance(exc, CouncilError) else "The reviewer failed."
            return abstained(self.chair, Abstention(cause="failed", detail=detail, reference=context.error_id))

    async def _asked(self, proposal: Proposal, call: _Call) -> Reviewed:
        """The reviewer's word, unless the session ends the call."""
        session = call.session
        if self.cache:
            call.awaits_first_token = await session.hold(lambda: session.warm(self.cache))

        async def ask() -> Reviewed:
            call.started()
            return await reviewed_once(self.reviewer, proposal, self.seat)

        try:
            return await session.hold(ask, limit=session.deadlines.seat)
        finally:  # without a first token too, nobody is to wait for one
            session.warmed(self.cache)

    def _checked(self, reviewed: Reviewed, proposal: Proposal) -> Opinion:
        if reviewed.reply is not None:
            score, usage, notes = reviewed.score, reviewed.usage, reviewed.notes
            return check(reviewed.reply, proposal=proposal, chair=self.chair, score=score, usage=usage, notes=notes)
        abstention = reviewed.abstention
        if abstention is None:
            raise TypeError(f"the reviewer {self.chair.reviewer} gave neither a reply nor the cause why there is none")
        if not abstention.is_gap:  # rule 1: only evidence that was checked frees a seat from voting, and here is none
            abstention = abstention.model_copy(update={"cause": "unproved_not_applicable"})
        elif abstention.cause == "not_needed":  # that only the council knows
            abstention = abstention.model_copy(update={"cause": "refused"})
        return abstained(self.chair, abstention, usage=reviewed.usage, notes=reviewed.notes)


class _Call:
    """One seat's call, as the others get to know of it: events, and the cache that it warms."""

    def __init__(self, sitting: Sitting, review_id: str, session: Session, tell: Callable[[Event], None]) -> None:
        self.review_id = review_id
        self.session = session
        self.awaits_first_token = False
        self._sitting = sitting
        self._seat = sitting.seat.name
        self._tell = tell
        self._start: float | None = None
        self._began = False

    def started(self) -> None:
        self._start = time.perf_counter()
        self._tell(SeatStarted(review_id=self.review_id, seat=self._seat, reviewer=self._sitting.chair.reviewer))

    def reply_began(self) -> None:
        """The first token is there; of a retry it comes again, and is no news."""
        if not self._began:
            self._began = True
            self.session.warmed(self._sitting.cache)
            self._tell(FirstToken(review_id=self.review_id, seat=self._seat, seconds=self._seconds()))

    def retrying(self, reason: str, attempt: int) -> None:
        self._tell(Retrying(review_id=self.review_id, seat=self._seat, attempt=attempt, reason=clip(reason, 40)))

    def finished(self, opinion: Opinion) -> None:
        self._tell(
            SeatFinished(
                review_id=self.review_id,
                seat=self._seat,
                reviewer=opinion.reviewer,
                cast=opinion.cast,
                vote=opinion.counted,
                cause=opinion.abstention.cause if opinion.abstention else None,
                score=opinion.score,
                seconds=self._seconds(),
            )
        )

    def _seconds(self) -> float:
        """Since the call; of a seat that was never called, none."""
        return 0.0 if self._start is None else round(time.perf_counter() - self._start, 3)


def is_stop(exc: BaseException) -> bool:
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
