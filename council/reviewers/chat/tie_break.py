"""The tie-breaker's ruling by model: the opposing evidence without names, and an answer within the allowed range (rule 3)."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from langchain_core.messages import BaseMessage
from pydantic import Field

from council.ballot import Evidence, Opinion, Paper, Ruling, Usage
from council.proposal import Proposal
from council.proposal.cleaned import cleaned_lines
from council.redaction import one_line
from council.reviewers.chat.messages import marker, messages, with_schema, wording
from council.reviewers.chat.schema import strict_schema
from council.rulings.votes import Split, allowed_rulings
from council.seats.model import Seat

_MOST = 8  # pieces of evidence from each reviewer, the gravest first
_QUOTED = 400  # characters of a passage
_GRAVITY = {"blocker": 0, "major": 1, "minor": 2}


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


def ruling_schema(over: Split) -> dict[str, Any]:
    """The JSON schema of a ruling on this split: it offers only the allowed outcomes."""
    schema = strict_schema(RulingReply)
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
    lines = cleaned_lines(proposal)
    parties = [opinion for opinion in opinions if opinion.seat in {*over.ready, *over.not_ready}]
    seed = hashlib.sha256(f"{proposal.sha256}:ruling".encode()).hexdigest()
    random.Random(seed).shuffle(parties)  # noqa: S311 - the order has to be the same each time, not secret
    evidence = "\n\n".join(_testimony(f"Reviewer {chr(65 + n)}", opinion, lines) for n, opinion in enumerate(parties))
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


def _testimony(who: str, opinion: Opinion, lines: Sequence[str]) -> str:
    """What one reviewer found, without what tells who it is: no seat, no domain, no ids."""
    ready = "ready for production" if opinion.production_ready == "yes" else "not ready for production"
    found = list(_evidence(opinion, lines))[:_MOST]
    return "\n".join([f"## {who}: {ready}", "", *(f"- {each}" for each in found)])


def _evidence(opinion: Opinion, lines: Sequence[str]) -> Iterator[str]:
    """Verified findings by gravity, then verified answers that point the reviewer's way."""
    for finding in sorted((f for f in opinion.findings if f.verified), key=lambda f: _GRAVITY[f.severity]):
        yield f"{finding.severity} {finding.kind.replace('_', ' ')}: {one_line(finding.claim)} {_passage(finding.evidence[0], lines)}"
    answered = opinion.production_ready == "yes"
    for answer in opinion.answers:
        if answer.verified and (answer.status == "answered") is answered:
            yield f"{one_line(answer.asked)} {answer.status}: {_passage(answer.evidence[0], lines)}"


def _passage(evidence: Evidence, lines: Sequence[str]) -> str:
    """The lines themselves, as they went out to the reviewers."""
    if not evidence.first:
        return f"(searched: {'; '.join(map(one_line, evidence.searched)) or 'the whole document'})"
    text = one_line(" ".join(lines[evidence.first - 1 : evidence.last]))
    where = f"line {evidence.first}" if evidence.first == evidence.last else f"lines {evidence.first}-{evidence.last}"
    near = "nearest, " if evidence.kind == "absence" else ""
    return f'({near}{where}: "{text if len(text) <= _QUOTED else text[: _QUOTED - 1] + "…"}")'
