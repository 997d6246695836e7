"""The council, ready to use from Python: `Council`, and `review` and `areview` for the package's own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, cast

from council import background
from council.ballot import Verdict
from council.error_context import capture, error_context, log_error
from council.errors import CouncilError, UsageError
from council.events import Event, OnEvent
from council.proposal import Proposal, parse_proposal, read_proposal
from council.reviewers.base import Reviewer
from council.rulings import Policy
from council.seats import Roster
from council.workflow import STOPS, CompiledCouncil, CouncilContext, build_council, compile_council, leave_parent_graph, new_review_id


class Council:
    """A roster, its reviewers and a policy. It keeps nothing of a review, and may hold several at once.

    Attributes:
        graph: the compiled LangGraph graph, without a checkpointer.
    """

    def __init__(
        self,
        roster: Roster | None = None,
        *,
        reviewers: Reviewer | Mapping[str, Reviewer] | None = None,
        policy: Policy | None = None,
        policy_origin: str = "",
    ) -> None:
        """Build the graph; arguments and errors are those of `council.workflow.build_council`."""
        built = build_council(roster, reviewers=reviewers, policy=policy, policy_origin=policy_origin)
        self.graph: CompiledCouncil = compile_council(built)

    async def areview(self, proposal: Proposal | str | Path, *, on_event: OnEvent | None = None) -> Verdict:
        """Review a proposal.

        Args:
            proposal: a `Path` names a file; a `str` is the text itself, in Markdown (or a PEP).
            on_event: called with each event as it happens, in the order in which it happens. What it raises is logged,
                once, and ends the reporting, not the review.

        Raises:
            ProposalError, MissingInputError: the proposal cannot be reviewed.
            UsageError: a `str` that is the path of a file.
        """
        parsed = _parsed(proposal)
        review_id = new_review_id()
        report = _Reporter(on_event, review_id)
        stream = self.graph.astream(
            {"review_id": review_id},
            context=CouncilContext(proposal=parsed),
            stream_mode=["values"] if on_event is None else ["values", "custom"],
            output_keys=["verdict"],
        )
        output: dict[str, Verdict] = {}
        about = f"proposal={parsed.sha256} words={parsed.words}"
        with error_context("review", input_summary=about, request_id=review_id, passing=(CouncilError, *STOPS)):
            async for mode, chunk in cast("AsyncIterator[tuple[str, Any]]", stream):
                if mode == "values":
                    output = chunk
                else:
                    report(chunk)
        return output["verdict"]

    def review(self, proposal: Proposal | str | Path, *, on_event: OnEvent | None = None) -> Verdict:
        """`areview` for callers without a loop of their own, or inside a running one; `on_event` is called in another thread.

        Raises:
            UsageError: called from within a review.
        """
        return background.run(lambda: _alone(self.areview(proposal, on_event=on_event)))


def review(proposal: Proposal | str | Path, *, on_event: OnEvent | None = None) -> Verdict:
    """Review a proposal with the package's six seats and the offline checklist; see `Council.review`."""
    return _default().review(proposal, on_event=on_event)


async def areview(proposal: Proposal | str | Path, *, on_event: OnEvent | None = None) -> Verdict:
    """Review a proposal with the package's six seats and the offline checklist; see `Council.areview`."""
    return await _default().areview(proposal, on_event=on_event)


class _Reporter:
    """Hands events on until that fails: a broken display must not cost a review that is under way."""

    def __init__(self, on_event: OnEvent | None, review_id: str) -> None:
        self._on_event = on_event
        self._review_id = review_id

    def __call__(self, event: Event) -> None:
        if self._on_event is None:
            return
        try:
            self._on_event(event)
        except Exception as exc:  # noqa: BLE001 - whatever a display raises
            self._on_event = None
            log_error(capture(exc, operation="on_event", input_summary=event.event, request_id=self._review_id))


async def _alone(reviewing: Coroutine[Any, Any, Verdict]) -> Verdict:
    """A review of its own, even when a node of another graph asks for it: that graph's savers belong to another loop."""
    leave_parent_graph()
    return await reviewing


@cache
def _default() -> Council:
    return Council()


def _parsed(proposal: Proposal | str | Path) -> Proposal:
    if isinstance(proposal, Proposal):
        return proposal
    if isinstance(proposal, Path):
        return read_proposal(proposal)
    if "\n" not in proposal and len(proposal) < 1000:
        with suppress(OSError, ValueError):  # no text that a path could be
            if Path(proposal).is_file():
                raise UsageError(f"{proposal!r} is the path of a file, and a str is the text itself", hint="give a pathlib.Path")
    return parse_proposal(proposal)
