"""The tie-breaker rules on a production-readiness dispute (rule 3): by its model, where its reviewer can weigh evidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, cast

from langgraph.runtime import Runtime

from council.ballot import Opinion, Ruling, Usage
from council.error_context import capture, log_error
from council.errors import CouncilError
from council.reviewers.base import Reviewer
from council.reviewers.replies import answering
from council.rulings import Split, model_free_ruling
from council.seats import Seat
from council.workflow.session import CallEndedError, Session
from council.workflow.sitting import is_stop
from council.workflow.state import CouncilContext, replies_of


class Weighed(Protocol):
    """What a reviewer's `tie_break` returns."""

    @property
    def ruling(self) -> Ruling:
        """The ruling, accepted or with its problem."""

    @property
    def usage(self) -> Usage:
        """What it took."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know of how it came about."""


class TieBreak:
    """The seat that breaks ties, and its reviewer.

    Args:
        seat: the holder of break-readiness-ties.
        reviewer: of that seat. One without `tie_break` is not asked: its seat's own vote then decides.
    """

    def __init__(self, seat: Seat, reviewer: Reviewer) -> None:
        self.seat = seat
        self.reviewer = reviewer

    async def rule(self, opinions: Sequence[Opinion], over: Split, session: Session, runtime: Runtime[CouncilContext]) -> Ruling | None:
        """The ruling on a dispute; None where the holder cast no vote. One that did not come says why.

        Raises:
            JournalError: a reply cannot be kept; and what LangGraph stops a review with.
        """
        own = model_free_ruling(opinions, over, self.seat.name)
        if own is None or not hasattr(self.reviewer, "tie_break"):
            return own
        try:
            with answering(replies_of(runtime), self.seat.name):
                weighed = await session.hold(lambda: self._weighed(opinions, over, session), limit=session.deadlines.seat)
        except CallEndedError as ended:
            return self._none(over, ended.abstention.detail)
        except BaseException as exc:
            if is_stop(exc) or not isinstance(exc, Exception):
                raise
            context = capture(exc, operation=f"ruling of {self.seat.name}", input_summary=f"reviewer={self.reviewer.name}")
            log_error(context)
            return self._none(over, f"{context.message if isinstance(exc, CouncilError) else 'the reviewer failed'} ({context.error_id})")
        return weighed.ruling.model_copy(update={"usage": weighed.usage, "notes": weighed.notes})

    async def _weighed(self, opinions: Sequence[Opinion], over: Split, session: Session) -> Weighed:
        reviewer = self.reviewer
        return cast("Weighed", await reviewer.tie_break(session.proposal, self.seat, opinions, over))  # type: ignore[attr-defined]  # asked for above

    def _none(self, over: Split, problem: str) -> Ruling:
        """No ruling: the more cautious side stands, and why."""
        ruling = Ruling(seat=self.seat.name, lower=over.lower, upper=over.upper, chosen=over.upper, text="", accepted=False)
        return ruling.model_copy(update={"problem": problem.rstrip(".")})
