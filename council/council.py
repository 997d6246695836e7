"""The council, ready to use from Python: `Council`, and `review` and `areview` for the package's own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import suppress
from copy import copy
from functools import cache
from pathlib import Path
from typing import Any, Protocol, cast

from council import background
from council.ballot import PersonDecision, Verdict
from council.error_context import capture, error_context, log_error
from council.errors import CouncilError, MissingInputError, PendingError, UsageError
from council.events import Event, OnEvent
from council.proposal import Proposal, parse_proposal, read_proposal
from council.reviewers.base import Reviewer
from council.reviewers.replies import Replies
from council.rulings import Policy
from council.seats import Roster
from council.telemetry import record_verdict, review_span
from council.workflow import (
    STOPS,
    Checkpointer,
    CompiledCouncil,
    CouncilContext,
    Deadlines,
    answer,
    asked,
    build_council,
    compile_council,
    has_begun,
    in_parent_graph,
    is_asking,
    leave_parent_graph,
    new_review_id,
    parent_forgets,
    strict_msgpack,
    thread,
    warn_of_lenient_msgpack,
)


class Node(Protocol):
    """A node function of another graph: its state in, an update of it out."""

    async def __call__(self, state: Any) -> dict[str, Verdict]:
        """Review what the state holds."""


class Council:
    """A roster, its reviewers and a policy. It keeps nothing of a review, and may hold several at once.

    Attributes:
        graph: the compiled LangGraph graph.
    """

    def __init__(  # noqa: PLR0913 (those of build_council)
        self,
        roster: Roster | None = None,
        *,
        reviewers: Reviewer | Mapping[str, Reviewer] | None = None,
        policy: Policy | None = None,
        policy_origin: str = "",
        escalate: bool = False,
        rebuttal: bool = False,
        deadlines: Deadlines | None = None,
        decide_early: bool = False,
        warm_first: bool = True,
    ) -> None:
        """Build the graph; arguments and errors are those of `council.workflow.build_council`."""
        self._built = build_council(
            roster,
            reviewers=reviewers,
            policy=policy,
            policy_origin=policy_origin,
            escalate=escalate,
            rebuttal=rebuttal,
            deadlines=deadlines,
            decide_early=decide_early,
            warm_first=warm_first,
        )
        self._escalates = escalate
        self._checkpointer: Checkpointer | None = None
        self.graph: CompiledCouncil = compile_council(self._built)

    def with_checkpointer(self, checkpointer: Checkpointer) -> Council:
        """The same council, whose reviews can be resumed: each on a thread of its own, named like the review.

        Warns:
            CouncilWarning: once, where LANGGRAPH_STRICT_MSGPACK is unset.
        """
        twin = copy(self)
        twin._checkpointer = checkpointer
        twin.graph = compile_council(self._built, checkpointer)
        return twin

    async def areview(
        self,
        proposal: Proposal | str | Path,
        *,
        on_event: OnEvent | None = None,
        review_id: str | None = None,
        replies: Replies | None = None,
    ) -> Verdict:
        """Review a proposal.

        Args:
            proposal: a `Path` names a file; a `str` is the text itself, in Markdown (or a PEP).
            on_event: called with each event as it happens, in the order in which it happens. What it raises is logged,
                once, and ends the reporting, not the review.
            review_id: a name for the review, unlike any other; made up if not given.
            replies: where replies are kept, so that a crash loses none.

        Raises:
            ProposalError, MissingInputError: the proposal cannot be reviewed.
            UsageError: a `str` that is the path of a file; a person is to be asked, and there is no checkpointer.
            PendingError: a person is asked; `aresume` goes on.
        """
        parsed = _parsed(proposal)
        if in_parent_graph() and not parent_forgets() and not strict_msgpack():
            warn_of_lenient_msgpack()
        if self._escalates and (parent_forgets() if in_parent_graph() else self._checkpointer is None):
            hint = "call with_checkpointer(...) first; as a node, compile the parent with one"
            raise UsageError("a council that asks a person needs a checkpointer", hint=hint)
        review_id = review_id or new_review_id()
        return await self._walk({"review_id": review_id}, review_id, parsed, on_event, replies)

    async def aresume(
        self,
        review_id: str,
        proposal: Proposal,
        *,
        decision: PersonDecision | None = None,
        on_event: OnEvent | None = None,
        replies: Replies | None = None,
    ) -> Verdict:
        """Go on with a review that was interrupted, from its last checkpoint; a finished one gives its verdict again.

        Args:
            review_id: the name under which it began.
            proposal: the one that it began with.
            decision: the answer of the person whom it waits for.
            on_event, replies: as for `areview`.

        Raises:
            UsageError: there is no checkpointer; it is another proposal, or another council, than it began with; it waits
                for nobody, and there is a decision.
            MissingInputError: the checkpointer does not know the review.
            PendingError: a person is asked.
        """
        if self._checkpointer is None:
            raise UsageError("only a council with a checkpointer can resume a review", hint="call with_checkpointer(...) first")
        if not await has_begun(self.graph, review_id):
            raise MissingInputError("no such review in this checkpoint", where=f"review {review_id}", hint="check its name")
        if decision is not None and not await is_asking(self.graph, review_id):  # it would answer a question that nobody has seen
            raise UsageError("does not wait for a person", where=f"review {review_id}", hint="resume it without a decision")
        return await self._walk(answer(decision), review_id, proposal, on_event, replies)

    async def _walk(self, given: Any, review_id: str, proposal: Proposal, on_event: OnEvent | None, replies: Replies | None) -> Verdict:
        """Run the graph to its end, or to the point where it waits for a person."""
        report = _Reporter(on_event, review_id)
        own = self._checkpointer is not None and not in_parent_graph()
        stream = self.graph.astream(
            given,
            thread(review_id) if own else None,
            context=CouncilContext(proposal=proposal, replies=replies),
            stream_mode=["values"] if on_event is None else ["values", "custom"],
            output_keys=["verdict"],
            durability="sync" if own else None,
        )
        output: dict[str, Any] = {}
        about = f"proposal={proposal.sha256} words={proposal.words}"
        with (
            review_span(review_id, proposal.sha256, passing=STOPS) as span,
            error_context("review", input_summary=about, request_id=review_id, passing=(CouncilError, *STOPS)),
        ):
            async for mode, chunk in cast("AsyncIterator[tuple[str, Any]]", stream):
                if mode == "values":
                    output = chunk
                else:
                    report(chunk)
            if (question := asked(output)) is None:
                record_verdict(span, output["verdict"])
        if question is not None:
            raise PendingError(review_id, question)
        return cast("Verdict", output["verdict"])

    def review(self, proposal: Proposal | str | Path, *, on_event: OnEvent | None = None) -> Verdict:
        """`areview` for callers without a loop of their own, or inside a running one; `on_event` is called in another thread.

        Raises:
            UsageError: called from within a review.
        """
        return background.run(lambda: _alone(self.areview(proposal, on_event=on_event)))

    def as_node(self, read: str = "proposal", write: str = "verdict") -> Node:
        """A node function for another graph, of whatever state: it reads one key and writes another.

            parent.add_node("council", council.as_node(read="rfc", write="verdict"))

        It runs as a subgraph: the parent's checkpointer, its streaming (`subgraphs=True`) and its way to answer an
        interrupt (`Command(resume=...)`) hold for the review too, and nothing else of the parent's state or context enters
        it. Run the parent asynchronously.

        Args:
            read: the key or attribute of the state that holds the proposal, as `areview` takes it.
            write: the key under which the parent gets the `Verdict`. LangGraph drops what its state has no key for.

        Raises:
            UsageError: in the node, where the state holds no proposal under that key.
        """

        async def council(state: Any) -> dict[str, Verdict]:
            return {write: await self.areview(_read(state, read))}

        return council


def review(proposal: Proposal | str | Path, *, on_event: OnEvent | None = None) -> Verdict:
    """Review a proposal with the package's six seats and the offline checklist; see `Council.review`."""
    return _default().review(proposal, on_event=on_event)


async def areview(proposal: Proposal | str | Path, *, on_event: OnEvent | None = None) -> Verdict:
    """Review a proposal with the package's six seats and the offline checklist; see `Council.areview`."""
    return await _default().areview(proposal, on_event=on_event)


def _read(state: Any, key: str) -> Proposal | str | Path:
    """The proposal in the state of another graph: a dict, a dataclass or a pydantic model."""
    value = state.get(key) if isinstance(state, Mapping) else getattr(state, key, None)
    if not isinstance(value, Proposal | str | Path):
        what = "nothing" if value is None else type(value).__name__
        raise UsageError(f"the state holds {what} under {key!r:.60}", where="council.as_node", hint="read= names the key of the proposal")
    return value


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
