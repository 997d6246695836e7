"""The checklist reviewer: deterministic, offline, from the evidence rules of a persona."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from council.ballot import Absence, Abstention, Answer, Citation, Condition, Finding, Reply, Severity, Vote
from council.proposal import Proposal
from council.reviewers.base import Reviewed
from council.reviewers.checklist.answers import Found
from council.reviewers.checklist.flags import Raised
from council.reviewers.checklist.judge import Judgement, judge, own_sections
from council.reviewers.checklist.reading import Reading
from council.reviewers.checklist.showing import best_passages, findings_of, leans_back, may_not_matter, praised, shown_flags, shown_gaps
from council.reviewers.checklist.voting import Reason
from council.seats.model import DocumentKind, Seat

ENGLISH = 0.5  # share of English prose below which nothing is judged
MOST_PRAISE = 2
MOST_QUOTED = 320  # characters of two sentences that are quoted together
MOST_TERMS = 5
KEPT_READINGS = 4
SUBJECTS: dict[DocumentKind, str] = {
    "library": "a library, a language or its tools, and not of a service that somebody runs",
    "process": "how people work together, and not of a service that somebody runs",
}
GATHER = "Gather what is said on this under a heading of its own, where a reader looks for it."
WHY: dict[Reason, str] = {
    "at length": "the ground is treated at length under its own headings",
    "enough": "enough is said, for a proposal that hardly touches this ground elsewhere",
    "begun": "the ground is begun under its own headings",
    "by words": "without evidence rules what is not found may still be there",
    "left empty": "the sections on this ground were left empty",
    "neglected": "the proposal touches this ground and leaves it out",
    "excused": "a document of this kind leaves this ground to others",
    "not neglected": "the proposal touches this ground too little to be rejected for it",
    "not placed": "hardly any of it stands under headings on this ground",
    "not concerned": "the proposal hardly touches this ground",
}


class ChecklistReviewer:
    """Reads a proposal for what a persona asks. The same proposal and persona always give the same reply."""

    name = "checklist"

    def __init__(self) -> None:
        self._readings: OrderedDict[tuple[str, str], Reading] = OrderedDict()

    async def review(self, proposal: Proposal, seat: Seat) -> Reviewed:
        """Review a proposal from a seat; no I/O, never waits."""
        return self.review_now(proposal, seat)

    def review_now(self, proposal: Proposal, seat: Seat) -> Reviewed:
        """The same without an event loop."""
        if proposal.english < ENGLISH:
            return Reviewed(
                reply=None,
                abstention=Abstention(
                    cause="language", detail="The prose is mostly not in English, which is all that the checklist reads."
                ),
                score=0.0,
            )
        reading = self._reading(proposal)
        judgement = judge(reading, seat.persona)
        return Reviewed(reply=_Writer(reading, judgement).reply(), score=judgement.score)

    def _reading(self, proposal: Proposal) -> Reading:
        """One reading serves all seats; a few are kept."""
        key = (proposal.sha256, proposal.format)
        reading = self._readings.get(key)
        if reading is None:
            reading = self._readings[key] = Reading(proposal)
            while len(self._readings) > KEPT_READINGS:
                self._readings.popitem(last=False)
        return reading


def missing_terms(reading: Reading, phrases: Iterable[str]) -> tuple[str, ...]:
    """Plain words of a question's phrases that stand nowhere in the proposal, at most five."""
    missing: dict[str, None] = {}
    for phrase in phrases:
        parts = phrase.split()
        barred = "*{." if len(parts) == 1 else "*{.|"  # one choice of several words need not make sense with the rest
        if len(parts) <= 3 and len(phrase) > 3 and not any(c in phrase for c in barred) and len(missing) < MOST_TERMS:
            term = " ".join(part.split("|")[0] for part in parts).replace("_", " ")
            if not reading.index.find(term):
                missing[term] = None
    return tuple(missing)


class _Writer:
    """Puts a judgement into words: a `Reply` with its citations."""

    def __init__(self, reading: Reading, judgement: Judgement) -> None:
        self.reading = reading
        self.judgement = judgement
        self.thin = may_not_matter(reading, judgement)

    def reply(self) -> Reply:
        judgement = self.judgement
        open_questions = shown_gaps(self.reading, judgement)
        due = findings_of(self.reading, judgement, open_questions)
        gaps = [self._gap(found, f"g{n}") for n, found in enumerate(due, 1)]
        findings = [*self._kind(), *self._red(), *gaps, *self._praise()]
        wanted = judgement.vote in (Vote.MODIFY, Vote.REJECT)
        return Reply(
            answers=tuple(self._answer(found) for found in judgement.answers),
            findings=tuple(findings),
            conditions=tuple(self._conditions(open_questions, gaps)) if wanted else (),
            production_ready=judgement.readiness(),
            observability=judgement.observability(),
            confidence=judgement.confidence,
            vote=judgement.vote.value,
            rationale=self._rationale(),
        )

    # ------------------------------------------------------------ evidence

    def _cite(self, number: int) -> Citation:
        sentence = self.reading.sentences[number]
        return Citation(first=sentence.first, last=sentence.last, quote=sentence.raw[:2000])

    def _cite_passage(self, number: int) -> Citation:
        """A sentence with the one that it leans on, or that goes on from it, where both are short: often the other half of the answer."""
        sentences = self.reading.sentences
        if leans_back(self.reading, number):
            before = sentences[number - 1]
            joined = f"{before.raw} {sentences[number].raw}"
            if len(joined) <= MOST_QUOTED:
                return Citation(first=before.first, last=sentences[number].last, quote=joined)
        here, after = sentences[number], sentences[min(number + 1, len(sentences) - 1)]
        joined = f"{here.raw} {after.raw}"
        if after is here or after.block != here.block or after.kind is not here.kind or len(joined) > MOST_QUOTED:
            return self._cite(number)
        stance = self.reading.stance(number + 1)
        if not self.reading.speaks(number + 1) or stance.deferred or stance.hedged or stance.points_away:
            return self._cite(number)
        return Citation(first=here.first, last=after.last, quote=joined)

    def _absence(self, found: Found) -> Absence:
        sections = self.reading.proposal.sections
        rest = () if found.searched and found.near else tuple(s.index for s in sections)
        searched = (*found.searched, *rest)  # where one would look first, then all of it
        return Absence(
            sections=tuple(dict.fromkeys(sections[n].title for n in searched if sections[n].title))[:40],
            terms=missing_terms(self.reading, found.rules.phrases),
            nearest=self._cite(found.near[0]) if found.near else None,
        )

    def _answer(self, found: Found) -> Answer:
        status = found.status
        citations: tuple[Citation, ...] = ()
        if status == "answered":
            citations = tuple(self._cite(s.sentence) for s in best_passages(self.reading, found)[:2])
        elif status == "denied":
            citations = tuple(self._cite(n) for n in found.denials[:2])
        elif status == "mentioned":
            first = found.support[0].sentence if found.support else found.mentions[0]
            citations = (self._cite(first),)
        return Answer(
            question=found.question.id, status=status, citations=citations, absence=self._absence(found) if status == "absent" else None
        )

    # ------------------------------------------------------------ findings

    def _kind(self) -> list[Finding]:
        kind = self.judgement.kind
        if self.judgement.vote is not Vote.ABSTAIN or kind.sentence is None:
            return []
        name = self.judgement.persona.name
        subject = SUBJECTS.get(kind.kind, f"a {kind.kind}")
        claim = f"This speaks of {subject}; what the {name} asks about does not arise in it."
        return [
            Finding(id="kind", kind="praise", severity="minor", domain="document-kind", claim=claim, citations=(self._cite(kind.sentence),))
        ]

    def _red(self) -> list[Finding]:
        return [self._flagged(raised, f"r{n}") for n, raised in enumerate(shown_flags(self.reading, self.judgement), 1)]

    def _flagged(self, raised: Raised, identifier: str) -> Finding:
        why = f": {raised.flag.why}" if raised.flag.why else ""
        return Finding(
            id=identifier,
            kind="red_flag",
            severity=raised.severity,
            domain="red flag",
            claim=f"Red flag, {raised.flag.text}{why}.",
            citations=(self._cite(raised.sentence),),
        )

    def _gap(self, found: Found, identifier: str) -> Finding:
        weighs = self.judgement.vote is not Vote.APPROVE and (self.judgement.at_stake or found.status == "denied")
        denied = found.status == "denied"
        thin = self.thin and not denied
        severity: Severity = found.rules.severity if weighs and not thin else "minor"
        if severity == "blocker" and not denied and self.judgement.vote is not Vote.REJECT:
            severity = "major"  # what is asked for can be written; nothing is blocked
        said = "The proposal does not say"
        if denied:
            said = "The proposal says no"
        elif thin:
            said = "The proposal does not say whether this matters here"
        elif found.near:
            said = "The proposal only touches on it"
        elif found.rules.elusive:
            said = "No clear statement was found"
        return Finding(
            id=identifier,
            kind="risk" if denied else "gap",
            severity=severity,
            domain=found.question.id.split(".")[1] if "." in found.question.id else self.judgement.persona.name,
            question=found.question.id,
            claim=f"{said}: {found.question.text}",
            citations=tuple(self._cite(n) for n in found.denials[:2]) if denied else (),
            absence=None if denied else self._absence(found),
        )

    def _praise(self) -> list[Finding]:
        """Each for a passage of its own."""
        if self.judgement.vote is Vote.ABSTAIN:
            return []
        persona = self.judgement.persona
        ground = own_sections(self.reading, persona) if persona.sections else None
        passages: dict[int, Found] = {}
        for found in sorted(self.judgement.answers, key=lambda f: -f.value):
            passage = praised(self.reading, found, ground)
            if passage is not None:
                passages.setdefault(passage.sentence, found)
        return [
            Finding(
                id=f"p{n}", kind="praise", severity="minor", domain=found.question.id.split(".")[1], question=found.question.id,
                claim=f"Answered: {found.question.text}", citations=(self._cite_passage(number),),
            )
            for n, (number, found) in enumerate(list(passages.items())[:MOST_PRAISE], 1)
        ]  # fmt: skip

    # ------------------------------------------------------------ words

    def _conditions(self, open_questions: list[Found], gaps: list[Finding]) -> list[Condition]:
        """One for each gap; where none is shown as a finding, it is about the question itself."""
        shown = {finding.question: finding.id for finding in gaps}
        conditions = []
        for found in open_questions:
            text = found.rules.ask or f"State it with its figures, names or steps: {found.question.text}"
            if self.thin and found.status != "denied":
                text = f"Say whether this matters here; if it does: {text}"
            conditions.append(Condition(about=shown.get(found.question.id, found.question.id), text=text, where=self._where(found)))
        if not conditions and self.judgement.reason == "not placed":
            first = self.judgement.answers[0]
            conditions.append(
                Condition(about=first.question.id, text=GATHER, where=f"new section: {first.rules.where}" if first.rules.where else "")
            )
        return conditions

    def _where(self, found: Found) -> str:
        """The section on the question, or the one to add, or where it is touched upon."""
        sections = self.reading.proposal.sections
        for phrase in found.rules.sections:  # the plainest first
            if own := self.reading.titled((phrase,)):
                return sections[min(own)].title
        if found.rules.where:
            return f"new section: {found.rules.where}"
        return sections[self.reading.sentences[found.support[0].sentence].section].title if found.support else ""

    def _rationale(self) -> str:
        judgement = self.judgement
        answered = sum(1 for f in judgement.answers if f.status == "answered")
        denied = sum(1 for f in judgement.answers if f.status == "denied")
        due = sum(1 for f in judgement.answers if f.counts)
        parts = [f"{answered} of {due} questions answered"]
        if denied:
            parts.append(f"{denied} denied")
        if judgement.red:
            parts.append(f"{len(judgement.red)} red flag{'s' if len(judgement.red) > 1 else ''}")
        if judgement.vote is Vote.ABSTAIN:
            return f"Not applicable: the proposal of a {judgement.kind.kind}."
        if judgement.reason in WHY:
            parts.append(WHY[judgement.reason])
        return "; ".join(parts) + "."
