"""The opinion of the seat that enforces observability, from the offline checklist; what a proposal's plan starts from."""

from __future__ import annotations

from council.ballot import Abstention, Opinion
from council.errors import RosterError
from council.evidence import Chair, abstained, check
from council.proposal import Proposal
from council.reviewers.checklist import ChecklistReviewer
from council.seats import Roster, Seat, build_roster


def tracer_seat(roster: Roster) -> Seat:
    """The seat that holds `enforce-observability`.

    Raises:
        RosterError: no seat holds it.
    """
    name = roster.holder("enforce-observability")
    if name is None:
        raise RosterError("no seat of this roster enforces observability", hint="seat the tracer, or give a seat that authority")
    return next(seat for seat in roster.seats if seat.name == name)


def tracer_opinion(proposal: Proposal, roster: Roster | None = None) -> Opinion:
    """What the tracer finds in a proposal, with its evidence checked; no model, no network.

    Raises:
        RosterError: no seat holds the authority.
    """
    seat = tracer_seat(roster or build_roster())
    persona = seat.persona
    chair = Chair(
        seat=seat.name,
        persona=persona.name,
        persona_hash=persona.sha256,
        persona_origin=persona.origin,
        reviewer=ChecklistReviewer.name,
        questions={question.id: question.text for question in persona.questions},
        readiness=frozenset(question.id for question in persona.questions if "production_ready" in question.bears_on),
        enforces_observability=True,
    )
    reviewed = ChecklistReviewer().review_now(proposal, seat)
    if reviewed.reply is None:
        return abstained(chair, reviewed.abstention or Abstention(cause="failed"))
    return check(reviewed.reply, proposal=proposal, chair=chair, score=reviewed.score, notes=reviewed.notes)
