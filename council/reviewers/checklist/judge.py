"""From the answers and flags to a score and a vote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from council.ballot import Confidence, Observability, Readiness, Vote
from council.reviewers.checklist.answers import Found, find_answers
from council.reviewers.checklist.flags import Raised, green_flags, red_flags
from council.reviewers.checklist.kind import Kind, kind_of
from council.reviewers.checklist.reading import Reading
from council.seats.model import Bearing, Persona

DENIED = 0.25  # what a denied question takes off, as a share of its weight
FLAG_COST = {"blocker": 0.25, "major": 0.15, "minor": 0.05}
PRAISE = 0.01  # what a substantiated green flag adds
AT_STAKE = 3  # sentences that must touch a persona's ground before its absence weighs
TREATED = 8.0  # substance, in sentences, of the sections on a persona's ground from which the ground is treated at length
BEGUN = 4.0  # the same, from which nothing is rejected for what it leaves out
SLIGHT = 0.15, 2.0, 0.18  # score, substance and share of answers that are enough where the ground is not touched much elsewhere
AMOUNT = 0.03, 20.0  # what the mere amount that is said weighs in the score, and the substance that gives half of that
NO_CORE = 0.35  # score without which a proposal that answers no core question is rejected
READY, UNREADY = 0.5, 0.25  # mean value of the bearing questions


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a persona makes of a reading.

    Attributes:
        vote: before the council counts it; ABSTAIN where the persona does not apply.
        score: 0 to 1.
        at_stake: whether the proposal touches the persona's ground.
        grave: whether it touches so much of it that leaving it out is neglect, or left its own sections on it empty; never
            in a kind of document that leaves the ground to others (`less_to`).
        said: how much is said to the persona. treated: how much of it under its own headings.
    """

    persona: Persona
    vote: Vote
    score: float
    confidence: Confidence
    answers: tuple[Found, ...]
    red: tuple[Raised, ...]
    green: tuple[Raised, ...]
    kind: Kind
    at_stake: bool
    grave: bool
    said: float
    treated: float

    def readiness(self) -> Readiness:
        """Whether the proposal is ready for production, as far as the persona can say."""
        value = self._bearing("production_ready")
        if value is None or self.vote is Vote.ABSTAIN:
            return "not_mine"
        if self.vote is Vote.REJECT or value < UNREADY:
            return "no"
        return "yes" if self.vote is Vote.APPROVE or value >= READY else "not_mine"

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
    under_headings = _treatment(reading, persona)
    said, treated = _said(answers, under_headings), sum(under_headings.values())
    score = _score(answers, said, red, green)
    kind = kind_of(reading)
    at_stake, grave = _stakes(reading, persona)
    grave = grave and kind.kind not in persona.applicability.less_to
    vote = _vote(persona, score, answers, red, treated=treated, grave=grave)
    if not _applies(reading, persona, kind, answers, red):
        vote = Vote.ABSTAIN
    confidence = _confidence(persona, score, vote)
    return Judgement(persona, vote, score, confidence, answers, red, green, kind, at_stake, grave, said, treated)


def vote_with(reading: Reading, judgement: Judgement, red: tuple[Raised, ...]) -> Vote:
    """The vote that a judgement would come to with other red flags."""
    persona, answers = judgement.persona, judgement.answers
    if not _applies(reading, persona, judgement.kind, answers, red):
        return Vote.ABSTAIN
    score = _score(answers, judgement.said, red, judgement.green)
    return _vote(persona, score, answers, red, treated=judgement.treated, grave=judgement.grave)


def own_sections(reading: Reading, persona: Persona) -> frozenset[int]:
    """The sections under headings on a persona's ground, and what they hold; none where it names no headings."""
    return reading.within(reading.titled(persona.sections))


def _treatment(reading: Reading, persona: Persona) -> dict[int, float]:
    """The sentences under headings on a persona's ground, each with its substance."""
    return {n: reading.stance(n).substance for section in own_sections(reading, persona) for n in reading.by_section.get(section, ())}


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
    lost += total * sum(FLAG_COST[_severity(raised)] for raised in red)
    gained += total * PRAISE * len(green)
    share, half = AMOUNT
    gained = (1 - share) * gained + share * total * said / (said + half)
    return round(min(1.0, max(0.0, (gained - lost) / total)), 4)


def _severity(raised: Raised) -> str:
    return raised.flag.rules.severity if raised.flag.rules else "major"


def _vote(persona: Persona, score: float, answers: tuple[Found, ...], red: tuple[Raised, ...], *, treated: float, grave: bool) -> Vote:
    """By the score, and by the persona's core: the questions whose gap it calls a blocker.

    Nothing is approved against a refusal or an endorsed red flag, and with a core question open only where the
    persona's ground is treated at length, or at all where it hardly concerns the rest; with all of the core open the
    lower threshold is higher.
    """
    core = [found for found in answers if found.rules.severity == "blocker"]
    open_core = _share_open(core)
    refused = any(found.status == "denied" and found.rules.severity != "minor" for found in answers) or any(
        _severity(r) != "minor" for r in red
    )
    thresholds = persona.thresholds
    if not refused:
        least, slight, told = SLIGHT
        in_full = score >= thresholds.approve and not open_core
        at_length = thresholds.treated is not None and score >= thresholds.treated and treated >= TREATED
        enough = not grave and score >= least and treated >= slight and 1 - _share_open(answers) >= told
        if in_full or at_length or enough:
            return Vote.APPROVE
    if score >= (NO_CORE if open_core == 1 else thresholds.modify):
        return Vote.MODIFY
    if not refused and (treated >= BEGUN or _by_words(persona)):
        return Vote.MODIFY
    return Vote.REJECT if grave or refused else Vote.MODIFY


def _share_open(questions: Sequence[Found]) -> float:
    due = [found for found in questions if found.counts]
    return 1 - sum(1 for found in due if found.status == "answered") / len(due) if due else 0.0


def _by_words(persona: Persona) -> bool:
    """Whether most of its questions bring no rules: what is not found by the words of a question may still be there."""
    questions = persona.questions
    return 2 * sum(1 for question in questions if question.rules is None) > len(questions)


def _stakes(reading: Reading, persona: Persona) -> tuple[bool, bool]:
    """Whether a proposal touches the persona's ground, and whether it touches so much of it that leaving it out is neglect."""
    if not persona.stakes:
        return True, True
    touched = {n for n in reading.hits(persona.stakes) if reading.speaks(n)}
    own = own_sections(reading, persona)
    elsewhere = sum(1 for n in touched if reading.sentences[n].section not in own)
    at_stake = len(touched) >= AT_STAKE
    return at_stake, elsewhere >= persona.thresholds.neglect or (at_stake and reading.left_empty(persona.sections))


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
