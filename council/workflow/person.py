"""A person in the loop: asked where the council does not agree, or cannot decide."""

from __future__ import annotations

from typing import Any

from langgraph.types import Command, interrupt

from council.ballot import Outcome, PersonDecision
from council.rulings import split
from council.workflow.house import House
from council.workflow.state import CouncilState

INTERRUPT = "__interrupt__"


class Person:
    """The node that asks, between the council's rulings and the verdict."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def ask(self, state: CouncilState) -> CouncilState:
        """Interrupts where the votes are split or give no verdict, and takes a `PersonDecision`.

        The value of the interrupt is JSON: `review_id`, `why` in one sentence, and the `verdict` as it would be.
        """
        verdict = self.house.reached(state)
        if verdict.outcome is not Outcome.INCONCLUSIVE and split(state["opinions"]) is None:
            return {"decision": None}
        question = {"review_id": verdict.review_id, "why": verdict.why, "verdict": verdict.model_dump(mode="json")}
        return {"decision": interrupt(question, response_schema=PersonDecision)}


def answer(decision: PersonDecision | None) -> Command[Any] | None:
    """The input that resumes a review: with a person's decision, or as it stopped."""
    return None if decision is None else Command(resume=decision.model_dump())


def asked(chunk: dict[str, Any]) -> object | None:
    """What a person is asked, where a chunk of the stream says that the review waits for one."""
    interrupts = chunk.get(INTERRUPT)
    return interrupts[0].value if interrupts else None
