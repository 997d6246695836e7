"""The rebuttal's prompt: a seat's own word, and what the other side of a split found, without names."""

from __future__ import annotations

from collections.abc import Sequence

from langchain_core.messages import BaseMessage

from council.ballot import Opinion
from council.proposal import Proposal
from council.proposal.cleaned import cleaned_lines
from council.reviewers.chat.messages import marker, messages, proposal_block, seat_block, wording
from council.reviewers.chat.testimony import evidence_lines, testimonies
from council.rulings.votes import Split
from council.seats.model import Seat


def rebuttal_messages(
    system: str, proposal: Proposal, seat: Seat, opinions: Sequence[Opinion], over: Split, *, cache_control: bool = False
) -> list[BaseMessage]:
    """The prompt begins as that of the first vote did, so that what a provider has cached of it is used again.

    Args:
        system: the protocol, as it went out for the first vote.
        proposal: what is reviewed.
        seat: who is asked; it is on one side of the split.
        opinions: of the council, in roster order.
        over: the split.
        cache_control: as for `messages`.
    """
    own = next(opinion for opinion in opinions if opinion.seat == seat.name)
    is_lower = seat.name in over.lower_seats
    facing = over.upper_seats if is_lower else over.lower_seats
    evidence = testimonies(
        [opinion for opinion in opinions if opinion.seat in facing],
        proposal,
        purpose="rebuttal",
        says=lambda opinion: opinion.counted.value,
        favours=lambda _: not is_lower,
    )
    said = "\n".join(evidence_lines(own, cleaned_lines(proposal), favours=is_lower)) or "- nothing whose evidence held"
    asked = wording("rebuttal").substitute(
        lower=over.lower.value,
        upper=over.upper.value,
        vote=own.counted.value,
        own=said,
        own_marker=marker(said),
        marker=marker(evidence),
        evidence=evidence,
    )
    return messages(system, proposal_block(proposal), f"{seat_block(seat)}\n\n{asked}", cache_control=cache_control)
