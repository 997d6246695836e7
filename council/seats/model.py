"""What agent and persona files say, once they have been read.

An agent is a chair at the table: its domain, authority, executors and execution tasks. A persona is who sits in
it: how it thinks, its checklist and flags, and the evidence rules beside each question. `Seat` is a persona in a
chair; `Roster` the seats of a council, in order.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Authority = Literal["enforce-observability", "break-readiness-ties"]
Bearing = Literal["observability", "production_ready"]
DocumentKind = Literal["service", "library", "specification", "process", "unknown"]
Substance = Literal["number", "identifier", "command", "owner", "reason", "any", "none"]


class Part(BaseModel):
    """Base of everything here: unknown keys are refused, values are never changed after."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class EvidenceRules(Part):
    """How a checklist reader finds the answer to a question; data beside the question in the persona file.

    A phrase is words in order: `request id`. A word matches itself and its plain inflections (id, ids); `measur*`
    any word that begins so; `a|b` either; `..` up to five words between; `{number}`, `{percent}`, `{duration}`,
    `{size}`, `{code}` a figure or a name in code. `at_most|under` is a choice of several words. Hyphens, underscores and
    case do not matter in the text.

    Attributes:
        sections: phrases of headings whose sections are about this question.
        phrases: what an author writes who answers it.
        telling: phrases so particular to the question that a sentence with one of them answers it by itself; ` & ` joins
            phrases that must stand in one sentence, the first of which is what a negation would deny. Where there are
            any, only such a sentence is quoted as an answer, only its denial is a refusal, and a question that has one
            is not reported as open.
        hints: phrases that go some way to an answer, in other words: they do not weigh, but where one stands the question
            is not reported as open.
        elusive: whether it can be answered in so many ways that not to find the answer proves little; it is asked for, and
            reported as open only where a rejection rests on nothing surer.
        refusable: whether a negation of its phrases refuses it; false where "none" is an answer ("what does it cost?").
        decisive: the surest answers, the surest first: where there are any, only a sentence with one of them is praised,
            under a heading on the question; one on options that were turned down will do where the question is for them.
        quotable: whether a sentence may be praised for it; false for a question about a whole ("are probes placed at the
            key decision points?"), and for one whose quotations are as a rule beside the point.
        denials: what an author writes who refuses it, without a word of negation ("logs in with SSH").
        needs: the substance without which an assertion is a mere mention.
        weight: share in the seat's score.
        severity: of the gap, where the question is denied or absent.
        ask: the condition, one sentence the author can act on.
        where: the section in which the answer belongs, where the proposal has none on the topic.
        raised_by: phrases that raise the question; where the prose of a proposal holds none of them, nobody expects an
            answer, and its absence neither weighs nor is reported. Empty: every proposal raises it.
    """

    sections: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    telling: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    elusive: bool = False
    refusable: bool = True
    decisive: tuple[str, ...] = ()
    quotable: bool = True
    denials: tuple[str, ...] = ()
    needs: Substance = "any"
    weight: float = Field(default=1.0, gt=0, le=10)
    severity: Literal["blocker", "major", "minor"] = "major"
    ask: str = ""
    where: str = ""
    raised_by: tuple[str, ...] = ()


class FlagRules(Part):
    """How a checklist reader recognises a flag that the author endorses; phrases as in `EvidenceRules`."""

    phrases: tuple[str, ...] = ()
    severity: Literal["blocker", "major", "minor"] = "major"


class Question(Part):
    """One question of a checklist.

    Attributes:
        id: `<persona>.<group>.<question>`, stable.
        text: as a person reads it.
        bears_on: what the answer counts for besides the vote.
        rules: how to find its answer, or None: then from the words of the question.
        line: where it stands in the file.
    """

    id: str
    text: str
    bears_on: tuple[Bearing, ...] = ()
    rules: EvidenceRules | None = None
    line: int = 0


class Group(Part):
    """A named group of questions."""

    id: str
    title: str
    questions: tuple[Question, ...]


class Flag(Part):
    """A pattern that speaks for or against a proposal, and why."""

    text: str
    why: str = ""
    rules: FlagRules | None = None
    line: int = 0


class Pattern(Part):
    """A thinking pattern: what it is, and a worked example."""

    title: str
    text: str


class Style(Part):
    """A way of speaking: what it is, a bad and a good example."""

    title: str
    text: str
    bad: str = ""
    good: str = ""


class Lesson(Part):
    """A saying and what follows from it."""

    saying: str
    lesson: str


class Relation(Part):
    """How the persona stands to another seat."""

    seat: str
    text: str


class Applicability(Part):
    """When a checklist reader says that the persona does not apply.

    Attributes:
        not_to: kinds of document that the persona has nothing to say about.
        less_to: kinds of document in which a gap on this persona's ground may well not matter: nothing is rejected for it.
        unless: phrases by which such a document is of this persona's concern all the same.
    """

    not_to: tuple[DocumentKind, ...] = ()
    less_to: tuple[DocumentKind, ...] = ()
    unless: tuple[str, ...] = ()


class Thresholds(Part):
    """From the score (0 to 1) to a checklist reader's vote: APPROVE at or above `approve`, REJECT below `modify`.

    Attributes:
        approve: nothing is approved below it, or with a question open whose severity is "blocker", but by the next two.
        treated: score from which a ground that is treated at length under the persona's headings is approved, whatever
            is left open; None: never.
        slight: score from which a little under its headings is approved, where the rest of the proposal hardly touches
            the ground; None: never. enough, covered: how little: substance, in full sentences, and the share of its
            questions that must be answered.
        placed: substance, in full sentences, under its headings without which nothing is approved, however well it is
            answered elsewhere.
        modify: below it a proposal is rejected for a red flag, for a refusal on ground that it touches, and for neglect of
            the ground; else the vote is MODIFY.
        begun: substance, in full sentences, under its headings from which nothing is rejected for what is missing;
            None: any proposal may be.
        neglect: sentences outside of its sections that touch the persona's `stakes`, from which leaving the ground out
            is neglect; the less is said, the fewer: 45% of them where nothing is, though never fewer than three.
    """

    approve: float = Field(default=0.6, ge=0, le=1)
    modify: float = Field(default=0.3, ge=0, le=1)
    treated: float | None = Field(default=None, ge=0, le=1)
    slight: float | None = Field(default=None, ge=0, le=1)
    enough: float = Field(default=2.0, ge=0)
    covered: float = Field(default=0.15, ge=0, le=1)
    placed: float = Field(default=0.0, ge=0)
    begun: float | None = Field(default=None, ge=0)
    neglect: int = Field(default=8, ge=0)


class Persona(Part):
    """Who sits in a chair.

    Attributes:
        sections: phrases of headings that are this persona's own ground; a question without sections uses them.
        stakes: phrases that show that the proposal touches this persona's ground (secrets, a claim of speed).
        prose: sections that have no meaning of their own here, kept as they are, title to text.
        sha256: hex SHA-256 of the file's bytes; origin: where it came from, for people; path: the file.
    """

    name: str
    title: str = ""
    description: str = ""
    inspiration: str = ""
    role: str = ""
    motto: str = ""
    philosophy: str = ""
    focus: tuple[str, ...] = ()
    thinking: tuple[Pattern, ...] = ()
    communication: tuple[Style, ...] = ()
    approves: tuple[str, ...] = ()
    rejects: tuple[str, ...] = ()
    modifies: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ()
    red_flags: tuple[Flag, ...] = ()
    green_flags: tuple[Flag, ...] = ()
    lessons: tuple[Lesson, ...] = ()
    related: tuple[Relation, ...] = ()
    remember: str = ""
    prose: dict[str, str] = Field(default_factory=dict)
    sections: tuple[str, ...] = ()
    stakes: tuple[str, ...] = ()
    applicability: Applicability = Applicability()
    thresholds: Thresholds = Thresholds()
    sha256: str = ""
    origin: str = ""
    path: str = ""

    @property
    def questions(self) -> tuple[Question, ...]:
        """All questions of all groups, in order."""
        return tuple(q for g in self.groups for q in g.questions)


class Task(Part):
    """Something the agent can execute."""

    name: str
    text: str


class Agent(Part):
    """A chair at the table.

    Attributes:
        domain: what it answers for, one or two words.
        authority: what it may do beyond voting; each held by at most one seat of a roster.
        persona: name of the default persona.
        genie, forge: executors, background and models; shown, never acted upon while untrusted text is reviewed.
        review: what it does in review; tasks: what it can execute.
        template: the template of its main task, verbatim; success_criteria: when that is done well.
        error_context: the fields of its error-context standard, in order, with the example's values.
        user_facing: the line a person sees of an error.
    """

    name: str
    title: str = ""
    description: str = ""
    domain: str = ""
    authority: tuple[Authority, ...] = ()
    persona: str = ""
    mode: str = ""
    genie: dict[str, Any] = Field(default_factory=dict)
    forge: dict[str, Any] = Field(default_factory=dict)
    extra: dict[str, Any] = Field(default_factory=dict)  # keys of Claude Code's agent files, kept
    review: tuple[str, ...] = ()
    tasks: tuple[Task, ...] = ()
    template: str = ""
    success_criteria: tuple[str, ...] = ()
    error_context: dict[str, str] = Field(default_factory=dict)
    user_facing: str = ""
    prose: dict[str, str] = Field(default_factory=dict)
    sha256: str = ""
    origin: str = ""
    path: str = ""


class Seat(Part):
    """A persona in a chair; named after the chair."""

    agent: Agent
    persona: Persona

    @property
    def name(self) -> str:
        """The seat's name: the agent's."""
        return self.agent.name


class Roster(Part):
    """The seats of a council, in order."""

    seats: tuple[Seat, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the seats, in order."""
        return tuple(s.name for s in self.seats)

    def holder(self, authority: Authority) -> str | None:
        """Name of the seat that holds an authority, or None."""
        return next((s.name for s in self.seats if authority in s.agent.authority), None)

    def seat(self, name: str) -> Seat:
        """The seat of that name.

        Raises:
            KeyError: there is none.
        """
        for seat in self.seats:
            if seat.name == name:
                return seat
        raise KeyError(name)
