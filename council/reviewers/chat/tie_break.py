"""The tie-breaker's ruling by model: the opposing evidence without names, and an answer within the allowed range (rule 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from langchain_core.messages import BaseMessage
from pydantic import Field

from council.ballot import Opinion, Paper, Ruling, Usage
from council.proposal import Proposal
from council.reviewers.chat.messages import marker, messages, with_schema, wording
from council.reviewers.chat.schema import strict_schema
from council.reviewers.chat.testimony import testimonies
from council.rulings.votes import Split, allowed_rulings
from council.seats.model import Seat


class RulingReply(Paper):
    """What the model answers: reasons first, so that the outcome follows from them."""

    reasons: str = Field(min_length=1, max_length=3000)
    outcome: Literal["APPROVE", "MODIFY", "REJECT"]


@dataclass(frozen=True, slots=True)
class Weighed:
    """A ruling, what it took, and what a reader should know of how it came about."""

    ruling: Ruling
    usage: Usage
    notes: tuple[str, ...] = ()


def ruling_schema(over: Split, schema: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The JSON schema of a ruling on this split: it offers only the allowed outcomes.

    Args:
        over: the split.
        schema: of a `RulingReply` in the provider's way; the strict one, if not given.
    """
    schema = schema or strict_schema(RulingReply)
    outcomes = {"type": "string", "enum": [vote.value for vote in allowed_rulings(over)]}
    return {**schema, "properties": {**schema["properties"], "outcome": outcomes}}


def dispute_messages(
    proposal: Proposal, seat: Seat, opinions: Sequence[Opinion], over: Split, *, schema: dict[str, Any] | None = None
) -> list[BaseMessage]:
    """The prompt: what the seats that dispute it found, anonymous, in an order drawn by the proposal's hash.

    Args:
        proposal: what is quoted.
        seat: who rules; its philosophy is the measure.
        opinions: of the council, in roster order.
        over: the split.
        schema: put into the prompt, where it cannot travel beside it.
    """
    parties = [opinion for opinion in opinions if opinion.seat in {*over.ready, *over.not_ready}]
    evidence = testimonies(parties, proposal, purpose="ruling", says=_readiness, favours=lambda opinion: opinion.production_ready == "yes")
    asked = wording("dispute").substitute(
        seat=seat.name,
        philosophy=seat.persona.philosophy.strip(),
        outcomes=", ".join(vote.value for vote in allowed_rulings(over)),
        marker=marker(evidence),
        evidence=evidence,
    )
    return messages(with_schema(wording("ruling").template, schema), asked)


def ruled(answer: RulingReply, seat: Seat, over: Split) -> Ruling:
    """The ruling that an answer stands for; outside the range it is void, and the more cautious side stands."""
    chosen = next((vote for vote in allowed_rulings(over) if vote.value == answer.outcome), None)
    if chosen is None:
        return refused_ruling(seat, over, f"{answer.outcome} lies outside {over.lower} to {over.upper}", text=answer.reasons)
    return Ruling(seat=seat.name, lower=over.lower, upper=over.upper, chosen=chosen, text=answer.reasons, accepted=True)


def refused_ruling(seat: Seat, over: Split, problem: str, *, text: str = "") -> Ruling:
    """No ruling: the more cautious outcome stands, and why."""
    return Ruling(seat=seat.name, lower=over.lower, upper=over.upper, chosen=over.upper, text=text, accepted=False, problem=problem)


def _readiness(opinion: Opinion) -> str:
    return "ready for production" if opinion.production_ready == "yes" else "not ready for production"
