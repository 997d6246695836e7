"""From the answers and flags to a score and a vote."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from council.ballot import Confidence, Observability, Readiness, Vote
from council.reviewers.checklist.answers import Found, find_answers
from council.reviewers.checklist.flags import Raised, green_flags, red_flags
from council.reviewers.checklist.kind import Kind, kind_of
from council.reviewers.checklist.reading import Reading
from council.reviewers.checklist.voting import AT_STAKE, Basis, Reason, decide, stakes_of
from council.seats.model import Bearing, Persona

DENIED = 0.25  # what a denied question takes off, as a share of its weight
FLAG_COST = {"blocker": 0.25, "major": 0.15, "minor": 0.05}
PRAISE = 0.01  # what a substantiated green flag adds
AMOUNT = 0.03, 20.0  # what the mere amount that is said weighs in the score, and the substance that gives half of that
READY, UNREADY = 0.5, 0.25  # mean value of the bearing questions


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a persona makes of a reading.

    Attributes:
        vote: before the council counts it; ABSTAIN where the persona does not apply.
        score: 0 to 1.
        reason: the rule that the vote follows from.
        basis: what the rules were applied to.
        said: how much is said to the persona.
    """

    persona: Persona
    vote: Vote
    score: float
    confidence: Confidence
    answers: tuple[Found, ...]
    red: tuple[Raised, ...]
    green: tuple[Raised, ...]
    kind: Kind
    reason: Reason
    basis: Basis
    said: float

    @property
    def at_stake(self) -> bool:
        """Whether the proposal touches the persona's ground."""
        return self.basis.stakes.touched

    def readiness(self) -> Readiness:
        """Whether the proposal is ready for production, as far as the persona can say."""
        value = self._bearing("production_ready")
        if value is None or self.vote is Vote.ABSTAIN:
            return "not_mine"
        if self.vote is Vote.REJECT or (value < UNREADY and self.vote is not Vote.APPROVE):
            return "no"
        return "yes" if value >= (UNREADY if self.vote is Vote.APPROVE else READY) else "not_mine"

    def observability(self) -> Observability:
        """The observability verdict, of a persona that asks about it."""
        if self._bearing("observability") is None or self.vote is Vote.ABSTAIN:
            return "not_applicable"
        verdicts: dict[Vote, Literal["pass", "conditional", "fail"]] = {Vote.APPROVE: "pass", Vote.MODIFY: "conditional"}
        return verdicts.get(self.vote, "fail")

    def _bearing(self, bearing: Bearing) -> float | None:
        values = [found.value for found in self.answers if bearing in found.question.bears_on]
        return sum(values) / len(values) if values else None


def judge(reading: Reading, persona: Persona) -> Judgement:
    """Judge a proposal as a persona would from its checklist and flags."""
    answers = find_answers(reading, persona)
    red, green = red_flags(reading, persona), green_flags(reading, persona)
    own = own_sections(reading, persona)
    under_headings = _treatment(reading, own)
    said = _said(answers, under_headings)
    kind = kind_of(reading)
    basis = Basis(
        persona=persona,
        score=_score(answers, said, red, green),
        answers=answers,
        denied=_denied(answers),
        flagged=_flagged(red),
        treated=sum(under_headings.values()),
        stakes=stakes_of(reading, persona, own),
        excused=kind.kind in persona.applicability.less_to,
    )
    vote, reason = decide(basis)
    if not _applies(reading, persona, kind, answers, red):
        vote = Vote.ABSTAIN
    confidence = _confidence(persona, basis.score, vote)
    return Judgement(persona, vote, basis.score, confidence, answers, red, green, kind, reason, basis, said)


def vote_with(reading: Reading, judgement: Judgement, red: tuple[Raised, ...]) -> Vote:
    """The vote that a judgement would come to with other red flags."""
    answers = judgement.answers
    if not _applies(reading, judgement.persona, judgement.kind, answers, red):
        return Vote.ABSTAIN
    score = _score(answers, judgement.said, red, judgement.green)
    return decide(replace(judgement.basis, score=score, flagged=_flagged(red)))[0]


def own_sections(reading: Reading, persona: Persona) -> frozenset[int]:
    """The sections under headings on a persona's ground, and what they hold; none where it names no headings."""
    return reading.within(reading.titled(persona.sections))


def _treatment(reading: Reading, own: frozenset[int]) -> dict[int, float]:
    """The sentences in a persona's own sections, each with its substance."""
    return {n: reading.stance(n).substance for section in own for n in reading.by_section.get(section, ())}


def _said(answers: tuple[Found, ...], treated: dict[int, float]) -> float:
    """How much is said to a persona, under its headings or to one of its questions."""
    said = dict(treated)
    for found in answers:
        for support in found.support:
            said[support.sentence] = max(support.weight, said.get(support.sentence, 0.0))
    return sum(said.values())


def _score(answers: tuple[Found, ...], said: float, red: tuple[Raised, ...], green: tuple[Raised, ...]) -> float:
    due = [found for found in answers if found.counts]
    total = sum(found.rules.weight for found in due) or 1.0
    gained = sum(found.rules.weight * found.value for found in due)
    lost = sum(found.rules.weight * DENIED for found in due if found.status == "denied")
    lost += total * sum(FLAG_COST[raised.severity] for raised in red)
    gained += total * PRAISE * len(green)
    share, half = AMOUNT
    gained = (1 - share) * gained + share * total * said / (said + half)
    return round(min(1.0, max(0.0, (gained - lost) / total)), 4)


def _denied(answers: tuple[Found, ...]) -> bool:
    return any(found.status == "denied" and found.rules.severity != "minor" for found in answers)


def _flagged(red: tuple[Raised, ...]) -> bool:
    return any(raised.severity != "minor" for raised in red)


def _applies(reading: Reading, persona: Persona, kind: Kind, answers: tuple[Found, ...], red: tuple[Raised, ...]) -> bool:
    """Not applicable is a matter of the kind of document, unless the proposal enters the persona's ground all the same."""
    if kind.kind not in persona.applicability.not_to or kind.sentence is None or red:
        return True
    if any(found.status in ("answered", "denied") and any(s.on_ground for s in found.support) for found in answers):
        concerned = [n for n in reading.hits(persona.applicability.unless) if reading.stance(n).prose]
        return len(concerned) >= AT_STAKE
    return False


def _confidence(persona: Persona, score: float, vote: Vote) -> Confidence:
    if vote is Vote.ABSTAIN:
        return "med"
    margin = min(abs(score - persona.thresholds.approve), abs(score - persona.thresholds.modify))
    return "high" if margin >= 0.15 else "med" if margin >= 0.06 else "low"
