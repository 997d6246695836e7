"""The rebuttal: on a split, each seat that a model reviews is asked once more, with what the other side found.

First votes are sealed, and stay in the opinion where one changes. A rebuttal that fails, or is late, changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, cast

from langgraph.runtime import Runtime
from langgraph.types import Overwrite

from council.ballot import Abstention, Opinion
from council.error_context import capture, log_error
from council.errors import CouncilError, UsageError
from council.events import RebuttalStarted, SeatRebutted
from council.evidence import revised, stands
from council.reviewers.base import Reviewed
from council.reviewers.replies import answering, rebutted_once
from council.rulings import Split, rebuttable, tally
from council.telemetry import record_opinion, seat_span
from council.workflow.house import House
from council.workflow.session import CallEndedError, Session
from council.workflow.sitting import Sitting, is_stop
from council.workflow.state import CouncilContext, CouncilState, replies_of, same_council


class Rebuttal:
    """The node between the tally and the ruling.

    Args:
        house: whose rules say whether there is a rebuttal.
        sittings: each seat's, by name.

    Raises:
        UsageError: no reviewer can be asked a second time.
    """

    def __init__(self, house: House, sittings: Mapping[str, Sitting]) -> None:
        self._house = house
        self._asked = {name: sitting for name, sitting in sittings.items() if hasattr(sitting.reviewer, "rebut")}
        if not self._asked:
            raise UsageError("a rebuttal needs a chat model in a seat: a checklist has said all that it has to say", hint="leave it out")

    async def hold(self, state: CouncilState, runtime: Runtime[CouncilContext]) -> CouncilState:
        """Asks the seats on both sides of a split, and counts the votes again; nothing where there is none to settle.

        Raises:
            UsageError: as `same_council`.
            JournalError: a reply cannot be kept; and what LangGraph stops a review with.
        """
        house, opinions = self._house, state["opinions"]
        same_council(state["docket"], house.council)
        session = house.session(state, runtime)
        if session.decided:
            return {}
        over = rebuttable(opinions, policy=house.policy, authorities=house.authorities, addressed=state["addressed"])
        if over is None:
            return {}
        review_id = state["docket"]["review_id"]
        seats = tuple(name for name in self._asked if name in {*over.lower_seats, *over.upper_seats})
        runtime.stream_writer(RebuttalStarted(review_id=review_id, lower=over.lower, upper=over.upper, seats=seats))

        async def turn(opinion: Opinion) -> Opinion:
            if opinion.seat not in seats:
                return opinion
            again = await self._again(self._asked[opinion.seat], opinion, opinions, over, session, runtime, review_id)
            runtime.stream_writer(SeatRebutted(review_id=review_id, seat=opinion.seat, was=opinion.counted, vote=again.counted))
            return again

        try:
            async with asyncio.TaskGroup() as group:
                turns = [group.create_task(turn(opinion)) for opinion in opinions]
        except BaseExceptionGroup as stopped:  # a turn raises only what stops a review
            raise stopped.exceptions[0] from None
        heard = [each.result() for each in turns]
        return cast("CouncilState", {"opinions": Overwrite(heard), "tally": tally(heard)})

    async def _again(
        self,
        sitting: Sitting,
        first: Opinion,
        opinions: Sequence[Opinion],
        over: Split,
        session: Session,
        runtime: Runtime[CouncilContext],
        review_id: str,
    ) -> Opinion:
        """One seat's opinion after it was asked once more. Whatever its reviewer raises leaves the first one standing."""
        reviewer: Any = sitting.reviewer
        proposal, seat = session.proposal, sitting.seat

        async def ask() -> Reviewed:
            return await rebutted_once(reviewer, proposal, seat, opinions, over)

        try:
            with (
                seat_span(seat.name, reviewer, review_id=review_id, proposal_sha256=proposal.sha256) as span,
                answering(replies_of(runtime), seat.name),
            ):
                said = await session.hold(ask, limit=session.deadlines.seat)
                opinion = self._heard(said, sitting, first, session)
                record_opinion(span, opinion)
        except CallEndedError as ended:
            return _unchanged(first, ended.abstention)
        except (Exception, asyncio.CancelledError) as exc:
            if is_stop(exc):
                raise
            context = capture(exc, operation=f"rebuttal of {seat.name}", input_summary=f"reviewer={reviewer.name}", request_id=review_id)
            log_error(context)
            detail = context.message if isinstance(exc, CouncilError) else "the reviewer failed"
            return _unchanged(first, Abstention(cause="failed", detail=detail, reference=context.error_id))
        return opinion

    def _heard(self, said: Reviewed, sitting: Sitting, first: Opinion, session: Session) -> Opinion:
        if said.reply is not None:
            return revised(first, said.reply, proposal=session.proposal, chair=sitting.chair, usage=said.usage, notes=said.notes)
        none = said.abstention or Abstention(cause="failed", detail="neither a reply nor a cause")
        return stands(first, _why(none), usage=said.usage, notes=said.notes)


def _unchanged(first: Opinion, abstention: Abstention) -> Opinion:
    return stands(first, _why(abstention))


def _why(abstention: Abstention) -> str:
    reference = f" ({abstention.reference})" if abstention.reference else ""
    return f"gave no rebuttal, and its vote stands: {(abstention.detail or abstention.cause).rstrip('.')}{reference}"
