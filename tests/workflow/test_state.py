"""What a checkpointer keeps, what a second call on one thread starts from, and the council inside another graph."""

from __future__ import annotations

import asyncio
import operator
from types import SimpleNamespace
from typing import Annotated, Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt
from typing_extensions import TypedDict

from council import CouncilContext, Proposal, Roster, Seat, Verdict, build_council, parse_proposal
from council.errors import ProposalError, UsageError
from council.workflow import compile_council

THREAD: Any = {"configurable": {"thread_id": "one"}, "recursion_limit": 12}


def saved(saver: InMemorySaver) -> bytes:
    """Every byte that a saver holds."""
    writes = [value for by_task in saver.writes.values() for _, _, (_, value), _ in by_task.values()]
    return b"".join([*(value for _, value in saver.blobs.values()), *writes])


def test_a_second_review_on_one_thread_starts_afresh(small: Roster, kit: SimpleNamespace) -> None:
    graph = build_council(small, reviewers=kit.Saying("APPROVE")).compile(checkpointer=InMemorySaver())

    async def twice() -> list[Verdict]:
        first = await graph.ainvoke({"proposal": kit.text, "source": "first.md", "review_id": "rev-1"}, THREAD)
        second = await graph.ainvoke({"proposal": "# Other\n\nAnother proposal altogether, in prose.\n"}, THREAD)
        return [first["verdict"], second["verdict"]]

    first, second = asyncio.run(twice())
    assert [o.seat for o in second.opinions] == list(small.names)
    assert (first.proposal, first.review_id) == ("first.md", "rev-1")
    assert (second.proposal, second.proposal_title) == ("<text>", "Other")
    assert second.review_id != "rev-1"


def test_checkpoints_hold_the_proposal_by_its_hash(small: Roster, kit: SimpleNamespace, proposal: Proposal) -> None:
    class Silent(kit.Saying):  # type: ignore[misc, name-defined]  # the kit is loaded by path, mypy does not see it
        async def review(self, proposal: Proposal, seat: Seat) -> Any:
            raise OSError

    saver = InMemorySaver()
    graph = build_council(small, reviewers=Silent("APPROVE")).compile(checkpointer=saver)
    asyncio.run(graph.ainvoke({"review_id": "rev-1"}, THREAD, context=CouncilContext(proposal=proposal)))
    everything = saved(saver)
    assert proposal.sha256.encode() in everything
    assert b"Each request carries" not in everything


def interrupted(small: Roster, kit: SimpleNamespace) -> Any:
    """A graph whose beta asks a person first."""

    async def ask(seat: Seat) -> None:
        if seat.name == "beta":
            interrupt("may I?")

    return build_council(small, reviewers=kit.Doing(ask)).compile(checkpointer=InMemorySaver())


def test_an_interrupted_review_resumes_with_its_proposal(small: Roster, kit: SimpleNamespace, proposal: Proposal) -> None:
    graph = interrupted(small, kit)

    async def review() -> Verdict:
        pending = await graph.ainvoke({"proposal": kit.text}, THREAD)
        assert [question.value for question in pending["__interrupt__"]] == ["may I?"]
        resumed = await graph.ainvoke(Command(resume="yes"), THREAD, context=CouncilContext(proposal=proposal))
        return resumed["verdict"]

    assert asyncio.run(review()).tally.approve == small.names


@pytest.mark.parametrize("text", [None, "# Another\n\nNot the one that was under review.\n"])
def test_without_its_own_proposal_it_stays_pending(text: str | None, small: Roster, kit: SimpleNamespace, proposal: Proposal) -> None:
    graph = interrupted(small, kit)
    other = None if text is None else parse_proposal(text)

    async def review() -> Verdict:
        await graph.ainvoke({"proposal": kit.text}, THREAD)
        with pytest.raises(UsageError, match=r"context=CouncilContext\(proposal=...\)"):
            await graph.ainvoke(Command(resume="yes"), THREAD, context=CouncilContext(proposal=other))
        resumed = await graph.ainvoke(Command(resume="yes"), THREAD, context=CouncilContext(proposal=proposal))
        return resumed["verdict"]

    assert asyncio.run(review()).tally.approve == small.names


@pytest.mark.parametrize(
    ("given", "context", "message"),
    [
        ({"review_id": "rev-1"}, False, "no proposal"),
        ({"proposal": "# A\n\nSome prose.\n"}, True, "two proposals"),
        ({"proposal": 5}, False, "no text but int"),
        ({"proposal": "# A\n\nSome prose.\n", "format": "pdf"}, False, "unknown format 'pdf'"),
    ],
)
def test_an_input_that_cannot_be_reviewed(
    given: Any, context: bool, message: str, small: Roster, kit: SimpleNamespace, proposal: Proposal
) -> None:
    graph = compile_council(build_council(small, reviewers=kit.Saying("APPROVE")))
    with pytest.raises(UsageError, match=message):
        asyncio.run(graph.ainvoke(given, context=CouncilContext(proposal=proposal) if context else None))


def test_a_proposal_without_prose_is_refused_as_such(small: Roster, kit: SimpleNamespace) -> None:
    graph = compile_council(build_council(small, reviewers=kit.Saying("APPROVE")))
    with pytest.raises(ProposalError):
        asyncio.run(graph.ainvoke({"proposal": ""}))


def test_the_compiled_council_is_a_node_of_another_graph(small: Roster, kit: SimpleNamespace) -> None:
    class Parent(TypedDict, total=False):
        proposal: str
        verdict: Verdict
        log: Annotated[list[str], operator.add]

    async def draft(state: Parent) -> Parent:
        return {"proposal": kit.text, "log": ["drafted"]}

    async def publish(state: Parent) -> Parent:
        return {"log": [state["verdict"].outcome.value]}

    parent = StateGraph(Parent, dict[str, str])
    parent.add_sequence(
        [("draft", draft), ("council", compile_council(build_council(small, reviewers=kit.Saying("REJECT")))), ("publish", publish)]
    )
    parent.add_edge(START, "draft")
    parent.add_edge("publish", END)
    graph = parent.compile(checkpointer=InMemorySaver())
    output = asyncio.run(graph.ainvoke({"log": ["begun"]}, THREAD, context={"the parent's": "own"}))
    assert output["log"] == ["begun", "drafted", "REJECT"]
    assert len(output["verdict"].opinions) == 4
