"""A review in a process of its own that is killed (SIGKILL) at a chosen moment; test_kill.py runs it and goes on with it.

    killed.py CHECKPOINT CALLS MOMENT N [DECISION]

CALLS is a file to which every call to a reviewer adds a line. MOMENT says where to die, the Nth time that it comes.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import Any

from council import Council, Proposal, Reply, Reviewed, Roster, Seat, parse_proposal
from council.ballot import Answer, Citation, Finding, PersonDecision, Usage
from council.errors import PendingError
from council.journal import Journal, Reviews
from council.journal.entries import Replied
from council.seats import Agent, Group, Persona, Question

REVIEW = "rev-1"
TEXT = "# Rate limits\n\nWe will not keep the old limiter, so there is no way back.\n"
VOTES = {"alpha": "REJECT", "beta": "APPROVE", "gamma": "REJECT", "delta": "REJECT", "epsilon": "APPROVE"}
SPLIT = {"alpha": "REJECT", "beta": "APPROVE", "gamma": "REJECT", "delta": "APPROVE"}


class Slow:
    """Takes its time, the later seats longer, and notes each call before it begins."""

    name = "slow-model"

    def __init__(self, votes: dict[str, str], calls: str) -> None:
        self.votes = votes
        self.calls = calls

    async def review(self, proposal: Proposal, seat: Seat) -> Reviewed:
        file = os.open(self.calls, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(file, f"{seat.name}\n".encode())
        os.close(file)
        await asyncio.sleep(0.03 * list(self.votes).index(seat.name))
        cited = (Citation(first=3, last=3, quote=proposal.lines[2]),)
        question = f"{seat.name}.all.one"
        finding = Finding(
            id="f1", kind="risk", severity="blocker", domain="rollback", question=question, claim="No way back.", citations=cited
        )
        reply = Reply(
            answers=(Answer(question=question, status="denied", citations=cited),),
            findings=(finding,) if self.votes[seat.name] == "REJECT" else (),
            vote=self.votes[seat.name],
            rationale="As told.",
        )
        return Reviewed(reply=reply, usage=Usage(calls=1))


def council_of(votes: dict[str, str], calls: str, *, escalate: bool = False) -> Council:
    seats = []
    for name in votes:
        questions = (Question(id=f"{name}.all.one", text="Can it be undone?"),)
        persona = Persona(name=name, groups=(Group(id="all", title="All", questions=questions),), sha256="ab" * 32, origin="test")
        seats.append(Seat(agent=Agent(name=name, sha256="cd" * 32, origin="test"), persona=persona))
    return Council(Roster(seats=tuple(seats)), reviewers=Slow(votes, calls), escalate=escalate)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_at(moment: str, nth: int) -> None:
    """Plug death into the saver or the journal."""
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    what, when = moment.split("-")
    home, method = {"checkpoint": (AsyncSqliteSaver, "aput"), "writes": (AsyncSqliteSaver, "aput_writes"), "entry": (Journal, "append")}[
        what
    ]
    real, seen = getattr(home, method), [0]

    def is_it(args: tuple[Any, ...]) -> bool:
        seen[0] += what != "entry" or isinstance(args[1], Replied)
        return seen[0] == nth and (what != "entry" or isinstance(args[1], Replied))

    async def in_saver(*args: Any, **named: Any) -> Any:
        dies = is_it(args)
        if dies and when == "before":
            die()
        done = await real(*args, **named)
        if dies:
            die()
        return done

    def in_journal(*args: Any) -> None:
        dies = is_it(args)
        if dies and when == "before":
            die()
        if dies and when == "torn":
            os.write(args[0]._file, b'{"check":"torn')
            die()
        real(*args)
        if dies:
            die()

    setattr(home, method, in_journal if what == "entry" else in_saver)


async def main(checkpoint: str, calls: str, moment: str, nth: str, decision: str = "") -> None:
    reviews = Reviews(checkpoint)
    if decision:
        council = council_of(SPLIT, calls, escalate=True)
        try:
            await reviews.areview(council, parse_proposal(TEXT), review_id=REVIEW)
        except PendingError:
            die_at(moment, int(nth))
            answer = PersonDecision.model_validate({"outcome": decision, "reason": "Decided.", "by": "Ann"})
            await reviews.aresume(council, REVIEW, decision=answer)
    else:
        die_at(moment, int(nth))
        await reviews.areview(council_of(VOTES, calls), parse_proposal(TEXT), review_id=REVIEW)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
