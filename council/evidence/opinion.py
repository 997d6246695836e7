"""Rule 0: what a seat's vote counts as, once its evidence has been checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from council.ballot import (
    Abstention,
    Answer,
    CheckedAnswer,
    CheckedCondition,
    CheckedFinding,
    Citation,
    Evidence,
    Finding,
    Observability,
    Opinion,
    Reply,
    Usage,
    Vote,
    summed,
)
from council.evidence.citations import Need, check_absence, check_citation
from council.evidence.source import Source, source_of
from council.proposal import Proposal

DOCUMENT_KIND = "document-kind"
"""Domain of the finding on which "not applicable" rests: what kind of document this is, quoted from it."""

ADVERSE = frozenset({"gap", "risk", "red_flag", "instructs_reviewers"})
GRAVE = frozenset({"blocker", "major"})
MENTIONED = 0.25  # of an answer, in a derived score

_ANSWER_NEEDS = {"answered": Need.STATEMENT, "denied": Need.OWN_WORDS, "mentioned": Need.ANYTHING}
_FINDING_NEEDS = {
    "gap": Need.ANYTHING,
    "risk": Need.OWN_WORDS,
    "red_flag": Need.OWN_WORDS,
    "praise": Need.STATEMENT,
    "instructs_reviewers": Need.ADDRESS,
}


@dataclass(frozen=True, slots=True)
class Chair:
    """What the check has to know of a seat.

    Attributes:
        seat, persona: who sits where.
        persona_hash, persona_origin: of the persona's file.
        reviewer: "checklist", or the model's name.
        questions: the checklist, id to text, in order.
        readiness: ids of the questions that bear on production readiness.
        enforces_observability: whether the seat holds that authority.
    """

    seat: str
    persona: str
    persona_hash: str
    persona_origin: str
    reviewer: str
    questions: Mapping[str, str]
    readiness: frozenset[str] = frozenset()
    enforces_observability: bool = False


class _Counted(NamedTuple):
    vote: Vote
    abstention: Abstention | None
    note: str


def check(
    reply: Reply, *, proposal: Proposal, chair: Chair, score: float | None = None, usage: Usage | None = None, notes: Sequence[str] = ()
) -> Opinion:
    """Check a reply against the proposal and count its vote.

    Args:
        reply: what the seat said; nothing in it is trusted.
        proposal: what it speaks of.
        chair: the seat.
        score: the reviewer's own, 0 to 1; without one it is derived from the answers.
        usage: what the reply took.
        notes: what the reviewer has to say of it.
    """
    source = source_of(proposal)
    answers, remarks = _answers(reply, source, chair)
    findings = tuple(_finding(f, source) for f in reply.findings)
    grave = [f for f in findings if f.verified and f.kind in ADVERSE and f.severity in GRAVE]
    counted = _count(reply, findings, supported=bool(grave))
    observability, enforced = _observability(reply, chair, supported=bool(grave))
    disagreement = _disagreement(reply, answers, findings, grave)
    return Opinion(
        seat=chair.seat,
        persona=chair.persona,
        persona_hash=chair.persona_hash,
        persona_origin=chair.persona_origin,
        reviewer=chair.reviewer,
        cast=reply.vote,
        counted=counted.vote,
        notes=tuple(note for note in (*notes, *remarks, counted.note, enforced, disagreement) if note),
        abstention=counted.abstention,
        answers=answers,
        findings=findings,
        conditions=_conditions(reply, chair, answers, findings),
        production_ready=reply.production_ready,
        readiness_verified=_readiness_verified(reply, chair, answers, findings),
        observability=observability,
        confidence=reply.confidence,
        rationale=reply.rationale,
        score=_score(answers, chair) if score is None else score,
        usage=usage or Usage(),
    )


def abstained(chair: Chair, abstention: Abstention, *, usage: Usage | None = None, notes: Sequence[str] = ()) -> Opinion:
    """The opinion of a seat that gave no reply.

    Args:
        chair: the seat.
        abstention: why, and the reference of the error's record where there is one.
        usage: what it took all the same.
        notes: what the reviewer has to say of it.
    """
    return Opinion(
        seat=chair.seat,
        persona=chair.persona,
        persona_hash=chair.persona_hash,
        persona_origin=chair.persona_origin,
        reviewer=chair.reviewer,
        cast="ABSTAIN",
        counted=Vote.ABSTAIN,
        notes=tuple(notes),
        abstention=abstention,
        usage=usage or Usage(),
    )


def revised(
    first: Opinion, reply: Reply, *, proposal: Proposal, chair: Chair, usage: Usage | None = None, notes: Sequence[str] = ()
) -> Opinion:
    """The opinion of a seat after the rebuttal: its first one, unless it changed its vote, on evidence that holds.

    A changed vote is counted like a first one (rule 0), and needs a verified finding in either direction. The answers and
    what was said of observability stand as they were given, and so does what rests on them: the conditions of an enforced
    observability (rule 4), and verified text that addresses the reviewers, which a seat may add and never take away (rule 7).

    Args:
        first: the opinion before.
        reply: what the seat says now; its answers are not read.
        proposal, chair: as for `check`.
        usage, notes: of the rebuttal.
    """
    source = source_of(proposal)
    found = tuple(_finding(f, source) for f in reply.findings)
    grave = [f for f in found if f.verified and f.kind in ADVERSE and f.severity in GRAVE]
    if reply.vote == "ABSTAIN":
        return stands(first, f"abstained in the rebuttal, and its vote stands: {reply.rationale}", usage=usage, notes=notes)
    counted = _count(reply, found, supported=bool(grave))
    if first.counted.value in (counted.vote.value, reply.vote):
        return stands(first, f"kept its vote in the rebuttal: {reply.rationale}", usage=usage, notes=notes)
    if not any(f.verified for f in found):
        what = f"said {reply.vote} in the rebuttal, without evidence that checks out, and its vote stands: {reply.rationale}"
        return stands(first, what, usage=usage, notes=notes)
    findings, conditions = _kept(first, found, _conditions(reply, chair, first.answers, found))
    said = (*notes, counted.note, _disagreement(reply, first.answers, found, grave))
    return first.model_copy(
        update={
            "cast": reply.vote,
            "counted": counted.vote,
            "notes": (*first.notes, f"changed its vote in the rebuttal: {first.counted} became {counted.vote}", *filter(None, said)),
            "findings": findings,
            "conditions": conditions,
            "production_ready": reply.production_ready,
            "readiness_verified": _readiness_verified(reply, chair, first.answers, found),
            "confidence": reply.confidence,
            "rationale": reply.rationale,
            "usage": summed([first.usage, *([usage] if usage else [])]),
            "first": first,
        }
    )


def _kept(
    first: Opinion, findings: tuple[CheckedFinding, ...], conditions: tuple[CheckedCondition, ...]
) -> tuple[tuple[CheckedFinding, ...], tuple[CheckedCondition, ...]]:
    """New findings and conditions, with those of the first opinion that no change of a vote takes away."""
    enforced = tuple(c for c in first.conditions if c.verified) if first.observability in ("conditional", "fail") else ()
    needed = {c.about for c in enforced}
    stay = [f for f in first.findings if f.verified and (f.kind == "instructs_reviewers" or f.id in needed)]
    return (*findings, *(f for f in stay if f not in findings)), (*conditions, *(c for c in enforced if c not in conditions))


def stands(first: Opinion, note: str, *, usage: Usage | None = None, notes: Sequence[str] = ()) -> Opinion:
    """A first opinion that the rebuttal did not change, with a note that says so, and what the rebuttal took."""
    return first.model_copy(update={"notes": (*first.notes, *notes, note), "usage": summed([first.usage, *([usage] if usage else [])])})


# ---------------------------------------------------------------- evidence


def _answers(reply: Reply, source: Source, chair: Chair) -> tuple[tuple[CheckedAnswer, ...], list[str]]:
    """The answers to the chair's own questions, checked, the first to each; and remarks on the rest."""
    first: dict[str, Answer] = {}
    for answer in reply.answers:
        first.setdefault(answer.question, answer)
    checked = tuple(_answer(answer, chair.questions[known], source) for known, answer in first.items() if known in chair.questions)
    remarks = []
    if strangers := len(first) - len(checked):
        remarks.append(f"dropped, answers to questions that are not on the checklist: {strangers}")
    if repeated := len(reply.answers) - len(first):
        remarks.append(f"dropped, second answers to one question: {repeated}")
    if unanswered := len(chair.questions) - len(checked):
        remarks.append(f"questions left without an answer: {unanswered} of {len(chair.questions)}")
    return checked, remarks


def _answer(answer: Answer, asked: str, source: Source) -> CheckedAnswer:
    """Something said needs citations; something absent the claim of its absence, which citations may illustrate."""
    if answer.status == "absent":
        missing = (
            check_absence(source, answer.absence)
            if answer.absence
            else Evidence(kind="absence", verified=False, problem="not said where it was looked for")
        )
        evidence = (missing, *_citations(answer.citations, source, Need.ANYTHING))
    else:
        evidence = _citations(answer.citations, source, _ANSWER_NEEDS[answer.status])
    return CheckedAnswer(question=answer.question, asked=asked, status=answer.status, evidence=evidence)


def _finding(finding: Finding, source: Source) -> CheckedFinding:
    """Only a gap or a risk can rest on something missing."""
    need = Need.OWN_WORDS if _is_document_kind(finding.domain) else _FINDING_NEEDS[finding.kind]
    evidence = _citations(finding.citations, source, need)
    if finding.absence is not None and finding.kind in ("gap", "risk"):
        evidence = (*evidence, check_absence(source, finding.absence))
    return CheckedFinding(
        id=finding.id,
        kind=finding.kind,
        severity=finding.severity,
        domain=finding.domain,
        question=finding.question,
        claim=finding.claim,
        evidence=evidence,
    )


def _citations(citations: Iterable[Citation], source: Source, need: Need) -> tuple[Evidence, ...]:
    return tuple(check_citation(source, citation, need) for citation in citations)


def _conditions(
    reply: Reply, chair: Chair, answers: Sequence[CheckedAnswer], findings: Sequence[CheckedFinding]
) -> tuple[CheckedCondition, ...]:
    """A condition is verified where what it is about is; of two findings of one id, both have to be."""
    standing: dict[str, bool] = {}
    for about, verified in [*((a.question, a.verified) for a in answers), *((f.id, f.verified) for f in findings)]:
        standing[about] = standing.get(about, True) and verified
    return tuple(
        CheckedCondition(seat=chair.seat, about=c.about, text=c.text, where=c.where, verified=standing.get(c.about, False))
        for c in reply.conditions
    )


# ---------------------------------------------------------------- what counts


def _count(reply: Reply, findings: Sequence[CheckedFinding], *, supported: bool) -> _Counted:
    """The counted vote, the abstention where there is none, and why it differs from the vote cast."""
    if reply.vote == "ABSTAIN":
        return _not_applicable(findings)
    if reply.vote == "REJECT" and not supported:
        return _Counted(Vote.MODIFY, None, "unsupported: REJECT without a verified blocker or major finding counts as MODIFY")
    return _Counted(Vote(reply.vote), None, "")


def _not_applicable(findings: Sequence[CheckedFinding]) -> _Counted:
    """Rule 1: not applicable rests on a verified quotation that shows the kind of document, never on an absence."""
    for finding in findings:
        quoted = any(e.kind == "quotation" for e in finding.evidence)
        if _is_document_kind(finding.domain) and finding.verified and quoted:
            return _Counted(Vote.ABSTAIN, Abstention(cause="not_applicable", detail=finding.claim), "")
    abstention = Abstention(
        cause="unproved_not_applicable", detail="Nothing quoted shows a kind of document to which the seat does not apply."
    )
    return _Counted(
        Vote.ABSTAIN, abstention, "unproved: not applicable without verified evidence of the kind of document is a missing vote"
    )


def _is_document_kind(domain: str) -> bool:
    return "-".join(domain.casefold().replace("_", " ").replace("-", " ").split()) == DOCUMENT_KIND


def _observability(reply: Reply, chair: Chair, *, supported: bool) -> tuple[Observability | None, str]:
    """Kept only from the seat that enforces it; `fail` has to be supported like a REJECT."""
    if not chair.enforces_observability:
        return None, ""
    if reply.observability == "fail" and not supported:
        return "conditional", "unsupported: observability fail without a verified blocker or major finding enforces as conditional"
    return reply.observability, ""


def _readiness_verified(reply: Reply, chair: Chair, answers: Sequence[CheckedAnswer], findings: Sequence[CheckedFinding]) -> bool:
    """Whether what is said of production readiness rests on verified evidence that bears on it, and points that way."""
    if reply.production_ready == "not_mine":
        return False
    ready = reply.production_ready == "yes"
    answered = any(a.verified and (a.status == "answered") is ready for a in answers if a.question in chair.readiness)
    return answered or any(f.verified and (f.kind == "praise") is ready for f in findings if f.question in chair.readiness)


def _disagreement(
    reply: Reply, answers: Sequence[CheckedAnswer], findings: Sequence[CheckedFinding], grave: Sequence[CheckedFinding]
) -> str:
    """Rule 0: a vote that does not follow from the seat's own answers is flagged."""
    lacking = sum(a.status in ("denied", "absent") for a in answers)
    if reply.vote == "APPROVE" and grave:
        return f"disagrees with its own findings: APPROVE with a verified {grave[0].severity} finding ({grave[0].id})"
    if reply.vote == "APPROVE" and lacking * 2 > len(answers):
        return f"disagrees with its own answers: APPROVE with {lacking} of {len(answers)} questions denied or absent"
    if reply.vote == "APPROVE" and answers and not (any(a.verified for a in answers) or any(f.verified for f in findings)):
        return f"rests on nothing: APPROVE, and of {len(answers)} answers none has evidence that checks out"
    nothing_wrong = answers and all(a.status == "answered" for a in answers) and not any(f.kind in ADVERSE for f in findings)
    if reply.vote in ("MODIFY", "REJECT") and nothing_wrong:
        return f"disagrees with its own answers: {reply.vote} with every question answered and nothing found"
    return ""


def _score(answers: Sequence[CheckedAnswer], chair: Chair) -> float:
    """The share of the checklist that is answered on verified evidence; what is only mentioned counts a little."""
    worth = {"answered": 1.0, "mentioned": MENTIONED}
    total = sum(worth.get(a.status, 0.0) for a in answers if a.verified)
    return round(total / len(chair.questions), 4) if chair.questions else 0.0
