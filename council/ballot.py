"""The papers of a review: what a seat replies, what the council makes of it, and the verdict.

`Reply` is what a reviewer (checklist or model) returns; its JSON schema is one for every seat. `Opinion` is the
reply with what code adds. `Verdict` is the result. Nothing here opens a file, calls a model or decides anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

SCHEMA_VERSION = "1.0"


class Vote(StrEnum):
    """A vote that counts, or the abstention."""

    APPROVE = "APPROVE"
    MODIFY = "MODIFY"
    REJECT = "REJECT"
    ABSTAIN = "ABSTAIN"


class Outcome(StrEnum):
    """What the council decides."""

    APPROVE = "APPROVE"
    MODIFY = "MODIFY"
    REJECT = "REJECT"
    INCONCLUSIVE = "INCONCLUSIVE"


class Rule(StrEnum):
    """The rule of the verdict that decided; the numbers are the design's."""

    MEDIAN = "median"  # 2: the middle vote carries
    SPLIT = "split"  # 2, 3: the two middle votes differ; the more cautious one stands
    TRACER_RULING = "tracer_ruling"  # 3: the tie-breaker chose within a readiness dispute
    OBSERVABILITY = "observability"  # 4: the floor of the seat that enforces observability
    QUORUM = "quorum"  # 5: too few votes
    NOT_APPLICABLE = "not_applicable"  # 5: no seat of the roster applies
    MISSING_VOTES = "missing_votes"  # 6: a gap could have made it more cautious
    ADDRESSES_REVIEWERS = "addresses_reviewers"  # 7: text that speaks to the reviewers
    PERSON = "person"  # 8: overruled by a person


class Paper(BaseModel):
    """Base of everything here: unknown keys are refused, values are never changed after."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


AnswerStatus = Literal["answered", "mentioned", "denied", "absent"]
FindingKind = Literal["gap", "risk", "red_flag", "praise", "instructs_reviewers"]
Severity = Literal["blocker", "major", "minor"]
Readiness = Literal["yes", "no", "not_mine"]
Observability = Literal["pass", "conditional", "fail", "not_applicable"]
Confidence = Literal["low", "med", "high"]
CastVote = Literal["APPROVE", "MODIFY", "REJECT", "ABSTAIN"]

# ---------------------------------------------------------------- what a reviewer returns


class Citation(Paper):
    """Lines of the numbered proposal, and what guards against a wrong number.

    Give `anchor` (a few words that stand in those lines) or `quote` (a verbatim quotation); code checks either and
    takes the quotation from the proposal.
    """

    first: int = Field(ge=1, description="first cited line, 1-based")
    last: int = Field(ge=1, description="last cited line, inclusive")
    anchor: str = Field(default="", max_length=120, description="a few words copied from the cited lines")
    quote: str = Field(default="", max_length=2000, description="verbatim quotation; leave empty to cite by lines")


class Absence(Paper):
    """A claim that something is not in the proposal: where was looked, and the nearest thing found."""

    sections: tuple[str, ...] = Field(
        default=(), max_length=40, description="titles of the sections searched; empty means the whole document"
    )
    terms: tuple[str, ...] = Field(default=(), max_length=20, description="words looked for and not found")
    nearest: Citation | None = Field(default=None, description="the nearest passage, if any")


class Answer(Paper):
    """One question of the seat's checklist, answered from the proposal."""

    question: str = Field(max_length=120, description="the question's id")
    status: AnswerStatus
    citations: tuple[Citation, ...] = Field(default=(), max_length=5)
    absence: Absence | None = None


class Finding(Paper):
    """Something the seat found, with its evidence."""

    id: str = Field(max_length=40, description="short id, unique within the reply, such as f1")
    kind: FindingKind
    severity: Severity
    domain: str = Field(max_length=60, description="what it is about: observability, rollback, secrets, ...")
    question: str = Field(default="", max_length=120, description="id of the checklist question it belongs to, or empty")
    claim: str = Field(max_length=600, description="what is wrong or good, in one sentence")
    citations: tuple[Citation, ...] = Field(default=(), max_length=5)
    absence: Absence | None = None


class Condition(Paper):
    """What the author must do before the seat would approve."""

    about: str = Field(max_length=120, description="id of the checklist question or of the finding it answers")
    text: str = Field(max_length=600, description="what to write or change, in one sentence")
    where: str = Field(default="", max_length=200, description="section of the proposal where it belongs")


class Reply(Paper):
    """What a seat returns. Answers and findings come before the vote, so that the vote follows from them."""

    answers: tuple[Answer, ...] = Field(default=(), max_length=60)
    findings: tuple[Finding, ...] = Field(default=(), max_length=40)
    conditions: tuple[Condition, ...] = Field(default=(), max_length=40)
    production_ready: Readiness = "not_mine"
    observability: Observability = "not_applicable"
    confidence: Confidence = "low"
    vote: CastVote
    rationale: str = Field(max_length=1500)


# ---------------------------------------------------------------- what code adds


class Evidence(Paper):
    """A citation or an absence after the check.

    Attributes:
        kind: quotation (something stands there) or absence (something does not).
        verified: whether the check held.
        quote: the text at the cited lines, taken from the proposal; for an absence the nearest passage.
        section: title of the section that holds the quotation.
        first, last: its lines; 0 where there are none.
        searched: for an absence, the titles of the sections searched.
        problem: why it did not check out, or empty.
    """

    kind: Literal["quotation", "absence"]
    verified: bool
    quote: str = ""
    section: str = ""
    first: int = 0
    last: int = 0
    searched: tuple[str, ...] = ()
    problem: str = ""


class CheckedAnswer(Paper):
    """An answer with its checked evidence; `asked` is the question's text."""

    question: str
    asked: str
    status: AnswerStatus
    evidence: tuple[Evidence, ...] = ()

    @property
    def verified(self) -> bool:
        """Whether it carries weight: it has evidence and all of it checks out."""
        return bool(self.evidence) and all(e.verified for e in self.evidence)


class CheckedFinding(Paper):
    """A finding with its checked evidence."""

    id: str
    kind: FindingKind
    severity: Severity
    domain: str
    question: str = ""
    claim: str
    evidence: tuple[Evidence, ...] = ()

    @property
    def verified(self) -> bool:
        """Whether it carries weight: it has evidence and all of it checks out."""
        return bool(self.evidence) and all(e.verified for e in self.evidence)


class CheckedCondition(Paper):
    """A condition; it binds only where what it answers is verified."""

    seat: str
    about: str
    text: str
    where: str = ""
    verified: bool


AbstentionCause = Literal[
    "not_applicable",  # verified evidence of the kind of document: not a vote, and not a gap
    "language",  # the prose is not in a language this reviewer reads
    "unproved_not_applicable",  # said not applicable, without evidence that checks out
    "failed",
    "late",
    "refused",
    "unusable",  # no valid reply, even after the repair
    "not_needed",  # decided early; never a gap by construction
    "redacted",
    "over_budget",
]


class Abstention(Paper):
    """Why a seat cast no vote. Every cause but `not_applicable` is a gap."""

    cause: AbstentionCause
    detail: str = ""
    reference: str = ""  # error_id of the error-context record, where there is one

    @property
    def is_gap(self) -> bool:
        """Whether the vote is missing, rather than not due."""
        return self.cause != "not_applicable"


class Usage(Paper):
    """What a seat's calls took; zeros for the checklist."""

    calls: int = 0
    retries: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = None


def summed(usages: Iterable[Usage]) -> Usage:
    """All usage; the cost is known only where everybody who made calls knows theirs."""
    every = list(usages)
    paid = [usage.cost_usd for usage in every if usage.calls or usage.cost_usd is not None]
    return Usage(
        calls=sum(usage.calls for usage in every),
        retries=sum(usage.retries for usage in every),
        input_tokens=sum(usage.input_tokens for usage in every),
        cached_tokens=sum(usage.cached_tokens for usage in every),
        output_tokens=sum(usage.output_tokens for usage in every),
        cost_usd=None if not paid or None in paid else sum(filter(None, paid)),
    )


class Opinion(Paper):
    """A seat's reply and what code adds to it.

    Attributes:
        seat, persona: who sat where.
        persona_hash, persona_origin: hex SHA-256 of the persona's file and where it came from.
        reviewer: "checklist", or the model's name.
        cast: the vote as given; never changed.
        counted: the vote as counted after rule 0; ABSTAIN where there is none.
        notes: why the counted vote differs from the cast one, disagreements with its own answers.
        abstention: set exactly where `counted` is ABSTAIN.
        production_ready: as given; `readiness_verified` says whether it rests on verified evidence.
        observability: only from the seat that enforces it; None elsewhere. After rule 0.
        score: 0 to 1, how much of what the seat asks for the proposal answers.
        first: the opinion before the rebuttal, whole, where the seat changed its vote in one.
    """

    seat: str
    persona: str
    persona_hash: str
    persona_origin: str
    reviewer: str
    cast: CastVote
    counted: Vote
    notes: tuple[str, ...] = ()
    abstention: Abstention | None = None
    answers: tuple[CheckedAnswer, ...] = ()
    findings: tuple[CheckedFinding, ...] = ()
    conditions: tuple[CheckedCondition, ...] = ()
    production_ready: Readiness = "not_mine"
    readiness_verified: bool = False
    observability: Observability | None = None
    confidence: Confidence = "low"
    rationale: str = ""
    score: float = 0.0
    usage: Usage = Usage()
    first: Opinion | None = None


class AddressedText(Paper):
    """Text in the proposal that speaks to its reviewers or to an automated reader (rule 7).

    `bars` is False for notes: template comments, code, and quotations that the author condemns or discusses.
    """

    line: int
    text: str
    how: str
    bars: bool


class Tally(Paper):
    """The counted votes, and who is missing; `not_needed` are the seats that the council, decided early, did not wait for."""

    approve: tuple[str, ...] = ()
    modify: tuple[str, ...] = ()
    reject: tuple[str, ...] = ()
    not_applicable: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    not_needed: tuple[str, ...] = ()


class Ruling(Paper):
    """The tie-breaker's ruling on a production-readiness dispute.

    Attributes:
        accepted, problem: whether it stands, and why not.
        usage, notes: what a model's ruling took, and what a reader should know of how it came about.
    """

    seat: str
    lower: Vote
    upper: Vote
    chosen: Vote
    text: str
    accepted: bool
    problem: str = ""
    usage: Usage = Usage()
    notes: tuple[str, ...] = ()


class PersonDecision(Paper):
    """What a person decides, asked during a review or overruling one (rule 8)."""

    outcome: Literal["APPROVE", "MODIFY", "REJECT"]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1500)]
    by: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]


class Overruled(Paper):
    """A seat or outcome that a rule put aside."""

    who: str
    had: str
    became: str
    rule: Rule


class Origin(Paper):
    """What was used and where it came from: a policy, an agent, a persona."""

    what: str
    name: str
    sha256: str
    origin: str


class Verdict(Paper):
    """The result of a review.

    Attributes:
        outcome: what the council decides; after a person's overruling, the person's.
        decided_by: the rule that fixed the outcome.
        why: one sentence for a person.
        tally: the counted votes.
        opinions: every seat's, in roster order.
        conditions: the binding ones: verified, of seats counted MODIFY or REJECT; on an APPROVE they are dissent.
        dissent: seats whose counted vote differs from the outcome.
        overruled: who was overruled by which rule.
        addressed: text that speaks to the reviewers.
        notes: what a reader should know: a rule that has no holder, that a checklist and no model reviewed.
    """

    schema_version: str = SCHEMA_VERSION
    review_id: str = ""
    created: str = ""
    council_version: str = ""
    proposal: str = ""
    proposal_title: str = ""
    proposal_sha256: str = ""
    proposal_words: int = 0
    outcome: Outcome
    decided_by: Rule
    why: str
    tally: Tally
    opinions: tuple[Opinion, ...] = ()
    conditions: tuple[CheckedCondition, ...] = ()
    dissent: tuple[str, ...] = ()
    overruled: tuple[Overruled, ...] = ()
    ruling: Ruling | None = None
    addressed: tuple[AddressedText, ...] = ()
    origins: tuple[Origin, ...] = ()
    notes: tuple[str, ...] = ()
    council_said: Outcome | None = None  # what the council had said, where a person overruled it
    elapsed_seconds: float = 0.0
    usage: Usage = Usage()
