"""Small seats, and reviewers that say what a test tells them to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from council import Event, Proposal, Reply, Reviewed, Roster, Seat, Verdict, build_council, parse_proposal
from council.ballot import Answer, Citation, Condition, Finding, Usage
from council.seats import Agent, Group, Persona, Question
from council.seats.model import Authority
from council.workflow import compile_council

TEXT = """# Rate limits

Each request carries a request id, which every log line repeats.

## Rollback

We will not keep the old limiter, so there is no way back.
"""
READY, NOT_READY = 3, 7  # lines


class Saying:
    """A reviewer that says the same to every seat: a vote with evidence for it."""

    def __init__(self, vote: str, *, name: str = "test-model", ready: str = "not_mine", usage: Usage | None = None) -> None:
        self.name = name
        self.vote = vote
        self.ready = ready
        self.usage = usage or Usage()

    async def review(self, proposal: Proposal, seat: Seat) -> Reviewed:
        return Reviewed(reply=self.reply(proposal, seat), usage=self.usage)

    def reply(self, proposal: Proposal, seat: Seat) -> Reply:
        question = seat.persona.questions[0].id
        good, bad = (Citation(first=line, last=line, quote=proposal.lines[line - 1]) for line in (READY, NOT_READY))
        against = self.vote in ("MODIFY", "REJECT")
        answer = Answer(question=question, status="denied" if against else "answered", citations=(bad if against else good,))
        finding = Finding(
            id="f1", kind="risk", severity="blocker", domain="rollback", question=question, claim="No way back.", citations=(bad,)
        )
        return Reply(
            answers=(answer,),
            findings=(finding,) if against else (),
            conditions=(Condition(about="f1", text="Describe the way back."),) if against else (),
            production_ready=self.ready,
            vote=self.vote,
            rationale="As told.",
        )


class Doing:
    """A reviewer that first does something, of its seat, and then approves."""

    name = "test-model"

    def __init__(self, act: Callable[[Seat], Awaitable[object]]) -> None:
        self.act = act

    async def review(self, proposal: Proposal, seat: Seat) -> Reviewed:
        await self.act(seat)
        return await Saying("APPROVE").review(proposal, seat)


def make_roster(*names: str, **authority: Authority) -> Roster:
    """Seats of these names; `tracer="break-readiness-ties"` gives one an authority."""
    seats = []
    for name in names:
        question = Question(id=f"{name}.all.one", text="Can it be undone?", bears_on=("production_ready",))
        persona = Persona(name=name, groups=(Group(id="all", title="All", questions=(question,)),), sha256="ab" * 32, origin="test")
        held = (authority[name],) if name in authority else ()
        seats.append(Seat(agent=Agent(name=name, authority=held, sha256="cd" * 32, origin="test"), persona=persona))
    return Roster(seats=tuple(seats))


def run(roster: Roster, reviewers: Any, text: str = TEXT, **more: Any) -> tuple[Verdict, list[Event]]:
    """A review through the graph itself, with its custom stream."""
    graph = compile_council(build_council(roster, reviewers=reviewers, **more))
    events: list[Event] = []

    async def review() -> Verdict:
        output: Mapping[str, Verdict] = {}
        async for mode, chunk in graph.astream({"proposal": text, "source": "rfc.md"}, stream_mode=["custom", "values"]):
            if mode == "custom":
                events.append(chunk)
            else:
                output = chunk
        return output["verdict"]

    return asyncio.run(review()), events


@pytest.fixture
def small() -> Roster:
    return make_roster("alpha", "beta", "gamma", "delta", alpha="enforce-observability")


@pytest.fixture
def proposal() -> Proposal:
    return parse_proposal(TEXT, source="rfc.md")


def named(events: Sequence[Event], kind: str) -> list[Any]:
    """The events of one kind."""
    return [event for event in events if event.event == kind]


@pytest.fixture(scope="session")
def kit() -> SimpleNamespace:
    """What is defined here: under importmode=importlib tests cannot import it."""
    return SimpleNamespace(Saying=Saying, Doing=Doing, roster=make_roster, run=run, named=named, text=TEXT)
