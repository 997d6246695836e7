"""What goes into a review, through it and out of it.

The state holds what a checkpoint needs and no more: the proposal is there by its hash. Parsed, it travels in the
summons to the seats, under a key that LangGraph never checkpoints.
"""

from __future__ import annotations

import operator
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, NotRequired

from langgraph.channels import UntrackedValue
from langgraph.runtime import Runtime
from pydantic import GetPydanticSchema
from pydantic_core.core_schema import any_schema
from typing_extensions import TypedDict  # typing's own breaks the graph's JSON schemas before Python 3.12

from council.ballot import AddressedText, Opinion, PersonDecision, Ruling, Tally, Verdict
from council.errors import UsageError
from council.proposal import Proposal
from council.reviewers.replies import Replies
from council.seats import Seat
from council.workflow.session import Session

NO_JSON = GetPydanticSchema(lambda _source, _handler: any_schema())
"""For what is never given as JSON, so that a server can ask the graph for its schemas all the same."""


class CouncilInput(TypedDict, total=False):
    """What a review is asked for: the text of a proposal, unless the context brings it parsed.

    None of these outlives the call: a second one on the same thread starts from its own input alone.
    """

    proposal: Annotated[str, UntrackedValue]
    source: Annotated[str, UntrackedValue]
    format: Annotated[Literal["markdown", "rst"], UntrackedValue]
    review_id: Annotated[str, UntrackedValue]


@dataclass(frozen=True, slots=True)
class CouncilContext:
    """What a call brings along that is never checkpointed.

    Attributes:
        proposal: where it has been parsed already.
        replies: where replies are kept and looked for, so that none is asked for twice.
    """

    proposal: Annotated[Proposal | None, NO_JSON] = None
    replies: Annotated[Replies | None, NO_JSON] = None


class Docket(TypedDict):
    """A review, its proposal and its council, by name and hash."""

    review_id: str
    created: str
    source: str
    title: str
    sha256: str
    words: int
    left_out: NotRequired[list[str]]  # titles of sections that nobody reads
    council: dict[str, str]  # of each seat, and of the policy, what it was when the review began


class CouncilState(TypedDict, total=False):
    """What the nodes share."""

    session: Annotated[Session, NO_JSON, UntrackedValue]
    docket: Docket
    addressed: list[AddressedText]
    opinions: Annotated[list[Opinion], operator.add]
    tally: Tally
    ruling: Ruling | None
    decision: PersonDecision | None
    verdict: Verdict


class CouncilOutput(TypedDict):
    """What a review gives."""

    verdict: Verdict


class Summons(TypedDict):
    """What a seat is sent. A saved one comes back without its session, and the context has to bring the proposal then."""

    session: NotRequired[Annotated[Session, NO_JSON, UntrackedValue]]
    docket: Docket


def brought(runtime: Runtime[CouncilContext]) -> Proposal | None:
    """The proposal in the context. Inside another graph the context may be that graph's own, of any type."""
    context: object = runtime.context
    return context.proposal if isinstance(context, CouncilContext) else None


def reviewed_proposal(state: Summons, runtime: Runtime[CouncilContext]) -> Proposal:
    """The proposal of a review that has begun.

    Raises:
        UsageError: it was resumed without it, or with another.
    """
    session = state.get("session")
    proposal = session.proposal if session is not None else brought(runtime)
    if proposal is None or proposal.sha256 != state["docket"]["sha256"]:
        what = "its proposal is not at hand" if proposal is None else "this is not its proposal"
        raise UsageError(what, where=f"review {state['docket']['review_id']}", hint="resume with context=CouncilContext(proposal=...)")
    return proposal


def replies_of(runtime: Runtime[CouncilContext]) -> Replies | None:
    """Where the context says that replies are kept."""
    context: object = runtime.context
    return context.replies if isinstance(context, CouncilContext) else None


def identity(seat: Seat, reviewer: str) -> str:
    """What a seat is, as the docket has it: a review is finished by the council that began it, or not at all."""
    return f"{seat.agent.sha256} {seat.persona.sha256} {reviewer}"


def same_council(docket: Docket, council: Mapping[str, str], *, parts: Iterable[str] | None = None) -> None:
    """Compare a council with the one that began a review.

    Args:
        docket: of the review.
        council: what its parts are now.
        parts: the ones to compare; all that either has, if not given.

    Raises:
        UsageError: they differ.
    """
    begun = docket["council"]
    changed = [part for part in parts or sorted({*begun, *council}) if begun.get(part) != council.get(part)]
    if changed:
        what = f"the council has changed since: {', '.join(changed)}"
        raise UsageError(what, where=f"review {docket['review_id']}", hint="resume it with the one it began with")


def new_review_id() -> str:
    """A name for one review, unlike any other."""
    return f"rev-{secrets.token_hex(8)}"
