"""A seat with a persona written for a test, and what the checklist replies from it."""

from __future__ import annotations

from pathlib import Path

from council.ballot import Reply
from council.proposal.read import Limits, parse_proposal
from council.reviewers.checklist import ChecklistReviewer
from council.seats import build_roster
from council.seats.model import Seat


def seat_of(folder: Path, persona: str) -> Seat:
    """The architect's chair with a persona of this text, whose name stands in its second line."""
    name = persona.splitlines()[1].removeprefix("name: ")
    (folder / f"{name}.md").write_text(persona, encoding="utf-8")
    return build_roster(personas_dirs=[folder], seat={"architect": name}, entry_points=False).seat("architect")


def reply_of(seat: Seat, *parts: str) -> Reply:
    """What the checklist says of a proposal in parts, of any length."""
    proposal = parse_proposal("\n\n".join(parts), source="rfc.md", limits=Limits(min_words=0))
    reply = ChecklistReviewer().review_now(proposal, seat).reply
    assert reply is not None
    return reply
