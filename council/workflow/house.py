"""The nodes around the seats: convene, tally, tracer_ruling, verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from langgraph.runtime import Runtime
from langgraph.types import Command, Overwrite, Send

from council import __version__
from council.ballot import Opinion, Origin, Outcome, Verdict, summed
from council.errors import UsageError
from council.events import ReviewStarted, RulingMade, VerdictReached
from council.proposal import Proposal, parse_proposal
from council.redaction import one_line
from council.reviewers.base import CHECKLIST, Reviewer
from council.rulings import Authorities, Policy, dispute, overrule, reach, tally
from council.seats import Roster
from council.workflow.ruling import TieBreak
from council.workflow.session import Session, Sessions
from council.workflow.state import (
    CouncilContext,
    CouncilInput,
    CouncilState,
    Docket,
    Summons,
    brought,
    identity,
    new_review_id,
    reviewed_proposal,
    same_council,
)

_SHOWN = 10  # titles of sections that were left out


class House:
    """The nodes around the seats, and what they have to know of the council."""

    def __init__(
        self,
        roster: Roster,
        policy: Policy,
        policy_origin: str,
        reviewers: Mapping[str, Reviewer],
        sessions: Sessions,
        *,
        rebuttal: bool = False,
    ) -> None:
        """`reviewers` has each seat's; `rebuttal` says whether one may be held."""
        self.roster = roster
        self.sessions = sessions
        self.policy = policy
        self.authorities = authorities_of(roster)
        holder = self.authorities.breaks_ties
        self.tie_break = TieBreak(roster.seat(holder), reviewers[holder]) if holder else None
        self.origins = _origins(roster, policy, policy_origin)
        self.council = {"policy": policy.sha256} | {seat.name: identity(seat, reviewers[seat.name].name) for seat in roster.seats}
        if rebuttal:
            self.council["rebuttal"] = "on a split"

    async def convene(self, state: CouncilInput, runtime: Runtime[CouncilContext]) -> Command[Any]:
        """Reads the proposal, and calls the seats."""
        proposal = _given(state, runtime)
        docket = _docket(proposal, state.get("review_id") or new_review_id(), self.council)
        runtime.stream_writer(
            ReviewStarted(review_id=docket["review_id"], proposal=proposal.source, proposal_sha256=proposal.sha256, seats=self.roster.names)
        )
        summons: Summons = {"docket": docket, "session": self.sessions.open(proposal)}
        return Command(
            # Without Overwrite a second review on one thread would add its opinions to those of the first.
            update={**summons, "opinions": Overwrite([]), "decision": None},
            goto=[Send(name, summons) for name in self.roster.names],  # results come in this order
        )

    async def tally(self, state: CouncilState, runtime: Runtime[CouncilContext]) -> CouncilState:
        """Counts the votes, and looks for text that addresses the reviewers.

        Raises:
            UsageError: as `same_council` (LangGraph drops what a seat that is gone was to do) and `reviewed_proposal`.
        """
        same_council(state["docket"], self.council)
        return {"tally": tally(state["opinions"]), "addressed": list(self.session(state, runtime).addressed)}

    async def tracer_ruling(self, state: CouncilState, runtime: Runtime[CouncilContext]) -> CouncilState:
        """Has the tie-breaker rule where there is a readiness dispute (rule 3).

        Raises:
            UsageError: as `same_council`; another council's ruling would stay in the checkpoint.
        """
        same_council(state["docket"], self.council)
        opinions = state["opinions"]
        over = dispute(opinions)
        if over is None or self.tie_break is None:
            return {"ruling": None}
        ruling = await self.tie_break.rule(opinions, over, self.session(state, runtime), runtime)
        if ruling is not None:
            runtime.stream_writer(RulingMade(review_id=state["docket"]["review_id"], ruling=ruling))
        return {"ruling": ruling}

    def session(self, state: CouncilState, runtime: Runtime[CouncilContext]) -> Session:
        """What the seats of this review share; of a resumed one a new one."""
        session, docket = state.get("session"), state["docket"]
        return session or self.sessions.reopen(docket["review_id"], reviewed_proposal({"docket": docket}, runtime))

    async def verdict(self, state: CouncilState, runtime: Runtime[CouncilContext]) -> CouncilState:
        """What the council decides, or the person who was asked."""
        verdict = self.reached(state)
        if (decision := state.get("decision")) is not None:
            verdict = overrule(verdict, by=decision.by, outcome=Outcome(decision.outcome), reason=decision.reason)
        runtime.stream_writer(
            VerdictReached(
                review_id=verdict.review_id, outcome=verdict.outcome, decided_by=verdict.decided_by, seconds=verdict.elapsed_seconds
            )
        )
        return {"verdict": verdict}

    def reached(self, state: CouncilState) -> Verdict:
        """Applies the rules, and adds what they do not know: ids, times, the proposal, the origins."""
        docket, opinions = state["docket"], state["opinions"]
        same_council(docket, self.council)
        reached = reach(
            opinions, policy=self.policy, authorities=self.authorities, addressed=state["addressed"], ruling=state.get("ruling")
        )
        ruling = reached.ruling
        about_ruling = [f"On the ruling: {note}." for note in ruling.notes] if ruling else []
        elapsed = (datetime.now(UTC) - datetime.fromisoformat(docket["created"])).total_seconds()
        return reached.model_copy(
            update={
                "review_id": docket["review_id"],
                "created": docket["created"],
                "council_version": __version__,
                "proposal": docket["source"],
                "proposal_title": docket["title"],
                "proposal_sha256": docket["sha256"],
                "proposal_words": docket["words"],
                "origins": self.origins,
                "notes": (*_left_out(docket), *_reviewer_notes(opinions), *reached.notes, *about_ruling),
                "elapsed_seconds": max(0.0, round(elapsed, 3)),
                "usage": summed([*(opinion.usage for opinion in opinions), *([ruling.usage] if ruling else [])]),
            }
        )


def authorities_of(roster: Roster) -> Authorities:
    """Who may do more than vote."""
    return Authorities(enforces_observability=roster.holder("enforce-observability"), breaks_ties=roster.holder("break-readiness-ties"))


def _given(state: CouncilInput, runtime: Runtime[CouncilContext]) -> Proposal:
    """The proposal, from the context or from the text of the input."""
    parsed, text = brought(runtime), state.get("proposal")
    if (parsed is None) == (text is None):
        what = "there is no proposal to review" if text is None else "there are two proposals, in the input and in the context"
        raise UsageError(what, hint='invoke with {"proposal": TEXT}, or with context=CouncilContext(proposal=...)')
    if parsed is not None:
        return parsed
    if not isinstance(text, str):
        raise UsageError(f"the proposal is no text but {type(text).__name__}", hint='invoke with {"proposal": TEXT}')
    form = state.get("format")
    if form not in (None, "markdown", "rst"):
        raise UsageError(f"unknown format {form!r:.60}", hint="it is markdown or rst, or left out")
    return parse_proposal(text, source=state.get("source") or "<text>", format=form)


def _docket(proposal: Proposal, review_id: str, council: dict[str, str]) -> Docket:
    return {
        "review_id": review_id,
        "created": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "source": proposal.source,
        "title": proposal.title,
        "sha256": proposal.sha256,
        "words": proposal.words,
        "left_out": list(proposal.left_out),
        "council": council,
    }


def _origins(roster: Roster, policy: Policy, policy_origin: str) -> tuple[Origin, ...]:
    """The policy, then every agent, then every persona, in roster order."""
    agents = [seat.agent for seat in roster.seats]
    personas = {seat.persona.name: seat.persona for seat in roster.seats}
    return (
        Origin(what="policy", name="policy", sha256=policy.sha256, origin=policy_origin),
        *(Origin(what="agent", name=agent.name, sha256=agent.sha256, origin=agent.origin) for agent in agents),
        *(Origin(what="persona", name=persona.name, sha256=persona.sha256, origin=persona.origin) for persona in personas.values()),
    )


def _left_out(docket: Docket) -> tuple[str, ...]:
    """Where a part was reviewed, the reader has to know of the rest."""
    titles = docket.get("left_out") or []
    shown = ", ".join(one_line(title) for title in titles[:_SHOWN]) + (", …" if len(titles) > _SHOWN else "")
    return (f"A part of the proposal was reviewed; {len(titles)} sections were left out: {shown}.",) if titles else ()


def _reviewer_notes(opinions: Sequence[Opinion]) -> tuple[str, ...]:
    """Where a checklist reviewed and no model, the reader has to know."""
    by_checklist = [opinion.seat for opinion in opinions if opinion.reviewer == CHECKLIST]
    if not by_checklist:
        return ()
    where = "" if len(by_checklist) == len(opinions) else f" in {', '.join(by_checklist)}"
    return (f"A checklist, and no model, reviewed this{where}.",)
