"""From a score, and what it rests on, to a vote; the rules are tried in this order.

APPROVE, where nothing that is asked for is refused, and something of it is placed under the persona's headings: the score
is at `approve` with the whole core answered; the ground is treated at length; little else of the proposal touches it, and
enough is said. Then MODIFY at `modify`. REJECT for a red flag, and for a refusal on ground that the proposal touches.
MODIFY where the ground is begun, or where the persona brings no rules to find it by. REJECT where it is neglected. MODIFY
otherwise: it may not concern the proposal.

The limits are a persona's `Thresholds`; those that are fixed here hold for every persona.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from council.ballot import Vote
from council.reviewers.checklist.answers import Found
from council.reviewers.checklist.reading import Reading
from council.seats.model import Persona

AT_STAKE = 3  # sentences that must touch a persona's ground before its absence weighs
AT_LENGTH = 8.0  # substance, in full sentences, under a persona's headings from which its ground is treated at length
NO_CORE = 0.35  # score without which a proposal that answers no core question is not at `modify`
SILENT = 0.45  # share of `neglect` that is neglect already where nothing at all is said, though never fewer than AT_STAKE

Reason = Literal[
    "score", "at length", "enough", "begun", "by words", "refused", "unanswered", "left empty", "neglected", "excused", "not neglected",
    "not concerned", "not placed",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stakes:
    """How much a proposal touches a persona's ground.

    Attributes:
        touched: whether it does in as many sentences as make an absence weigh.
        elsewhere: sentences outside of the persona's own sections that do; None for a persona that names no stakes.
        left_empty: whether there are sections on the ground, and nothing was written in them.
    """

    touched: bool
    elsewhere: int | None
    left_empty: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a vote rests on.

    Attributes:
        denied: the author refuses something that is asked for. flagged: he stands behind a red flag. Minor matters are neither.
        treated: substance, in full sentences, under the persona's own headings.
        excused: the kind of document leaves the ground to others; nothing is neglected in it.
    """

    persona: Persona
    score: float
    answers: tuple[Found, ...]
    denied: bool
    flagged: bool
    treated: float
    stakes: Stakes
    excused: bool


def stakes_of(reading: Reading, persona: Persona, own: frozenset[int]) -> Stakes:
    """How much a proposal touches a persona's ground; `own` are the sections under the persona's headings."""
    if not persona.stakes:
        return Stakes(touched=True, elsewhere=None, left_empty=False)
    touched = {n for n in reading.hits(persona.stakes) if reading.speaks(n)}
    elsewhere = sum(1 for n in touched if reading.sentences[n].section not in own)
    at_stake = len(touched) >= AT_STAKE
    return Stakes(touched=at_stake, elsewhere=elsewhere, left_empty=at_stake and reading.left_empty(persona.sections))


def decide(basis: Basis) -> tuple[Vote, Reason]:
    """The vote, and the rule that it follows from."""
    persona, limits = basis.persona, basis.persona.thresholds
    open_core = share_open([found for found in basis.answers if found.rules.severity == "blocker"])
    neglected = _neglected(basis)
    if approved := _approval(basis, open_core, neglected=neglected):
        return (Vote.APPROVE, approved) if basis.treated >= limits.placed else (Vote.MODIFY, "not placed")
    if basis.score >= (max(NO_CORE, limits.modify) if open_core == 1 else limits.modify):
        return Vote.MODIFY, "score"
    if basis.flagged or (basis.denied and (neglected or basis.stakes.touched)):
        return Vote.REJECT, "refused"
    if limits.begun is not None and basis.treated >= limits.begun:
        return Vote.MODIFY, "begun"
    if _by_words(persona):
        return Vote.MODIFY, "by words"
    return (Vote.REJECT, _neglect(basis)) if neglected else (Vote.MODIFY, _pardon(basis))


def _approval(basis: Basis, open_core: float, *, neglected: bool) -> Reason | None:
    """The rule by which a proposal is approved, if something of it is placed where a reader looks for it."""
    limits = basis.persona.thresholds
    if basis.denied or basis.flagged:
        return None
    if basis.score >= limits.approve and not open_core:
        return "score"
    if limits.treated is not None and basis.score >= limits.treated and basis.treated >= AT_LENGTH:
        return "at length"
    if limits.slight is not None and not neglected and basis.score >= limits.slight and _enough(basis):
        return "enough"
    return None


def _neglect(basis: Basis) -> Reason:
    if basis.stakes.elsewhere is None:
        return "unanswered"
    return "left empty" if basis.stakes.left_empty else "neglected"


def _pardon(basis: Basis) -> Reason:
    if basis.excused:
        return "excused"
    return "not neglected" if basis.stakes.touched else "not concerned"


def share_open(questions: Sequence[Found]) -> float:
    """The share of the questions that count which are not answered; 0 where none counts."""
    due = [found for found in questions if found.counts]
    return 1 - sum(1 for found in due if found.status == "answered") / len(due) if due else 0.0


def _enough(basis: Basis) -> bool:
    limits = basis.persona.thresholds
    return basis.treated >= limits.enough and 1 - share_open(basis.answers) >= limits.covered


def _neglected(basis: Basis) -> bool:
    """Whether leaving the ground out is neglect: the less is said of it, the fewer sentences must touch it elsewhere."""
    if basis.excused:
        return False
    if basis.stakes.elsewhere is None or basis.stakes.left_empty:
        return True
    limits = basis.persona.thresholds
    said = min(1.0, basis.score / limits.modify) if limits.modify else 1.0
    return basis.stakes.elsewhere >= min(limits.neglect, max(AT_STAKE, limits.neglect * (SILENT + (1 - SILENT) * said)))


def _by_words(persona: Persona) -> bool:
    """Whether most of its questions bring no rules: what is not found by the words of a question may still be there."""
    questions = persona.questions
    return 2 * sum(1 for question in questions if question.rules is None) > len(questions)
