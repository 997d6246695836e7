"""The council as a node of somebody else's graph: whatever its state, its checkpointer, its streams and its people."""

from __future__ import annotations

import asyncio
import operator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, Send, interrupt
from pydantic import BaseModel
from typing_extensions import TypedDict

from council import Council, Outcome, Proposal, Reply, Reviewed, Seat, Verdict, parse_proposal
from council.errors import CouncilWarning, UsageError
from council.workflow.checkpoint import warn_of_lenient_msgpack

TEXT = "# Limits\n\nEach request carries a request id, which every log line repeats.\n"
OTHER = "# Other limits\n\nEach reply carries a request id, which no log line repeats.\n"
THREAD: Any = {"configurable": {"thread_id": "one"}}


@pytest.fixture(autouse=True)
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGGRAPH_STRICT_MSGPACK", "true")


class Saying:
    """Votes as told, and counts how often it was asked."""

    name = "test-model"

    def __init__(self, vote: str = "APPROVE", *, asks: bool = False) -> None:
        self.vote = vote
        self.asks = asks
        self.calls = 0

    async def review(self, proposal: Proposal, seat: Seat) -> Reviewed:
        self.calls += 1
        if self.asks and seat.name == "operator":
            return Reviewed(reply=Reply.model_validate({"vote": interrupt(f"{proposal.title}: ready?"), "rationale": "As told."}))
        return Reviewed(reply=Reply.model_validate({"vote": self.vote, "rationale": "As told."}))


class Parent(TypedDict, total=False):
    rfc: Any
    verdict: Verdict
    log: Annotated[list[str], operator.add]


async def publish(state: Parent) -> Parent:
    return {"log": [state["verdict"].outcome.value]}


def parent(node: Any, **more: Any) -> Any:
    """A graph that puts the council between two nodes of its own."""

    async def draft(state: Parent) -> Parent:
        return {"log": ["drafted"]}

    graph = StateGraph(Parent, **more).add_node("draft", draft).add_node("council", node).add_node("publish", publish)
    graph.add_edge(START, "draft").add_edge("draft", "council").add_edge("council", "publish").add_edge("publish", END)
    return graph


@pytest.fixture
def council() -> Council:
    return Council(reviewers=Saying())


# ---------------------------------------------------------------- state and context


@pytest.mark.parametrize("checkpointed", [False, True])
def test_it_reads_one_key_and_writes_another_and_nothing_is_doubled(checkpointed: bool, council: Council) -> None:
    graph = parent(council.as_node(read="rfc")).compile(checkpointer=InMemorySaver() if checkpointed else None)
    output = asyncio.run(graph.ainvoke({"rfc": TEXT, "log": ["begun"]}, THREAD))
    assert output["log"] == ["begun", "drafted", "APPROVE"]
    assert set(output) == {"rfc", "verdict", "log"}
    assert output["verdict"].proposal_title == "Limits"


@dataclass
class AsDataclass:
    rfc: str
    verdict: Verdict | None = None


class AsModel(BaseModel):
    rfc: str
    verdict: Verdict | None = None


@pytest.mark.parametrize("schema", [AsDataclass, AsModel])
def test_the_state_may_be_a_dataclass_or_a_pydantic_model(schema: Any, council: Council) -> None:
    graph = StateGraph(schema).add_node("council", council.as_node(read="rfc")).add_edge(START, "council").compile()
    assert asyncio.run(graph.ainvoke(schema(rfc=TEXT)))["verdict"].outcome is Outcome.APPROVE


def test_the_proposal_may_be_parsed_or_a_file(council: Council, tmp_path: Path) -> None:
    path = tmp_path / "rfc.md"
    path.write_text(TEXT, encoding="utf-8")
    graph = parent(council.as_node(read="rfc")).compile()
    for rfc in (parse_proposal(TEXT), path):
        assert asyncio.run(graph.ainvoke({"rfc": rfc}))["verdict"].proposal_title == "Limits"


@pytest.mark.parametrize(("state", "found"), [({}, "nothing"), ({"rfc": 5}, "int"), ({"rfc": None}, "nothing")])
def test_a_state_without_a_proposal_is_told_where(state: Any, found: str, council: Council) -> None:
    graph = parent(council.as_node(read="rfc")).compile()
    with pytest.raises(UsageError, match=f"the state holds {found} under 'rfc'"):
        asyncio.run(graph.ainvoke({"log": [], **state}))


class Context(TypedDict):
    user: str


@pytest.mark.parametrize("more", [{}, {"context": {"user": "ann"}}])
def test_the_parent_s_context_is_its_own_given_or_not(more: Any, council: Council) -> None:
    graph = parent(council.as_node(read="rfc"), context_schema=Context).compile()
    assert asyncio.run(graph.ainvoke({"rfc": TEXT}, **more))["verdict"].outcome is Outcome.APPROVE


def test_the_node_is_named_council_unless_the_parent_names_it(council: Council) -> None:
    assert "council" in StateGraph(Parent).add_node(council.as_node()).nodes


# ---------------------------------------------------------------- streams


def test_events_reach_the_parent_s_custom_stream(council: Council) -> None:
    graph = parent(council.as_node(read="rfc")).compile()

    async def watched() -> list[Any]:
        return [chunk async for chunk in graph.astream({"rfc": TEXT}, stream_mode=["custom", "updates"], subgraphs=True)]

    chunks = asyncio.run(watched())
    events = [(namespace, event.event) for namespace, mode, event in chunks if mode == "custom"]
    assert events[0][1] == "review_started"
    assert events[-1][1] == "verdict"
    assert all(len(namespace) == 1 and namespace[0].startswith("council:") for namespace, _ in events)
    inner = [name for namespace, mode, update in chunks if mode == "updates" and namespace for name in update]
    assert {"convene", "tracer", "tally", "verdict"} <= set(inner)
    outer = [name for namespace, mode, update in chunks if mode == "updates" and not namespace for name in update]
    assert outer == ["draft", "council", "publish"]


# ---------------------------------------------------------------- interrupts


def test_an_interrupt_within_reaches_the_parent_and_its_answer_comes_back() -> None:
    reviewer = Saying(asks=True)
    graph = parent(Council(reviewers=reviewer).as_node(read="rfc")).compile(checkpointer=InMemorySaver())

    async def asked_and_answered() -> Any:
        pending = await graph.ainvoke({"rfc": TEXT, "log": ["begun"]}, THREAD)
        assert [question.value for question in pending["__interrupt__"]] == ["Limits: ready?"]
        assert "verdict" not in pending
        assert reviewer.calls == 6
        return await graph.ainvoke(Command(resume="APPROVE"), THREAD)

    output = asyncio.run(asked_and_answered())
    assert output["log"] == ["begun", "drafted", "APPROVE"]
    assert reviewer.calls == 7  # the seats that had voted are not asked again
    assert [o.seat for o in output["verdict"].opinions if o.counted == "APPROVE"] == list(output["verdict"].tally.approve)
    assert len(output["verdict"].tally.approve) == 6


def test_a_council_that_asks_a_person_asks_through_the_parent() -> None:
    """`escalate`: nobody votes, so a person is asked."""

    class Failing(Saying):
        async def review(self, proposal: Proposal, seat: Seat) -> Reviewed:
            raise OSError

    graph = parent(Council(reviewers=Failing(), escalate=True).as_node(read="rfc")).compile(checkpointer=InMemorySaver())

    async def asked_and_answered() -> Any:
        pending = await graph.ainvoke({"rfc": TEXT}, THREAD)
        assert len(pending["__interrupt__"]) == 1
        return await graph.ainvoke(Command(resume={"outcome": "REJECT", "by": "ann", "reason": "Not now."}), THREAD)

    verdict = asyncio.run(asked_and_answered())["verdict"]
    assert (verdict.outcome, verdict.council_said) == (Outcome.REJECT, Outcome.INCONCLUSIVE)


def test_a_council_that_asks_a_person_needs_a_parent_that_remembers(council: Council) -> None:
    graph = parent(Council(reviewers=Saying(), escalate=True).as_node(read="rfc")).compile()
    with pytest.raises(UsageError, match="compile the parent with one"):
        asyncio.run(graph.ainvoke({"rfc": TEXT}))


# ---------------------------------------------------------------- more than one


class Many(TypedDict, total=False):
    rfcs: list[str]
    one: Verdict
    other: Verdict
    verdicts: Annotated[list[Verdict], operator.add]


@pytest.mark.parametrize("checkpointed", [False, True])
@pytest.mark.parametrize("together", [False, True])
def test_two_councils_in_one_node(together: bool, checkpointed: bool) -> None:
    first = Council(reviewers=Saying("APPROVE")).as_node(read="rfc", write="one")
    second = Council(reviewers=Saying("MODIFY")).as_node(read="rfc", write="other")

    async def both(state: Many) -> Any:
        given = [{"rfc": rfc} for rfc in state["rfcs"]]
        if together:
            one, other = await asyncio.gather(first(given[0]), second(given[1]))
            return one | other
        return await first(given[0]) | await second(given[1])

    graph = StateGraph(Many).add_node("both", both).add_edge(START, "both")
    compiled = graph.compile(checkpointer=InMemorySaver() if checkpointed else None)
    output = asyncio.run(compiled.ainvoke({"rfcs": [TEXT, OTHER]}, THREAD))
    assert [(output[key].proposal_title, output[key].outcome.value) for key in ("one", "other")] == [
        ("Limits", "APPROVE"),
        ("Other limits", "MODIFY"),
    ]
    assert all(len(output[key].opinions) == 6 for key in ("one", "other"))


@pytest.mark.parametrize("checkpointed", [False, True])
def test_several_proposals_by_send(checkpointed: bool, council: Council) -> None:
    node = council.as_node(read="rfc", write="verdict")

    async def review(state: Any) -> Any:
        return {"verdicts": [(await node(state))["verdict"]]}

    graph = StateGraph(Many).add_node("review", review)
    graph.add_conditional_edges(START, lambda state: [Send("review", {"rfc": rfc}) for rfc in state["rfcs"]], ["review"])
    compiled = graph.compile(checkpointer=InMemorySaver() if checkpointed else None)
    output = asyncio.run(compiled.ainvoke({"rfcs": [TEXT, OTHER, TEXT]}, THREAD))
    assert [verdict.proposal_title for verdict in output["verdicts"]] == ["Limits", "Other limits", "Limits"]
    assert len({verdict.review_id for verdict in output["verdicts"]}) == 3


def test_send_to_the_node_itself_with_an_interrupt_each() -> None:
    reviewer = Saying(asks=True)

    class Each(TypedDict, total=False):
        rfcs: list[str]
        verdicts: Annotated[list[Verdict], operator.add]

    node = Council(reviewers=reviewer).as_node(read="rfc", write="verdicts")

    async def review(state: Any) -> Any:
        return {"verdicts": [(await node(state))["verdicts"]]}

    graph = StateGraph(Each).add_node("review", review)
    graph.add_conditional_edges(START, lambda state: [Send("review", {"rfc": rfc}) for rfc in state["rfcs"]], ["review"])
    compiled = graph.compile(checkpointer=InMemorySaver())

    async def asked_and_answered() -> Any:
        pending = await compiled.ainvoke({"rfcs": [TEXT, OTHER]}, THREAD)
        answers = {question.id: "REJECT" if question.value.startswith("Other") else "APPROVE" for question in pending["__interrupt__"]}
        assert len(answers) == 2
        return await compiled.ainvoke(Command(resume=answers), THREAD)

    verdicts = asyncio.run(asked_and_answered())["verdicts"]
    cast = [next(o.cast for o in verdict.opinions if o.seat == "operator") for verdict in verdicts]
    assert cast == ["APPROVE", "REJECT"]
    assert reviewer.calls == 14


def test_a_second_round_on_the_same_thread_reviews_the_new_proposal(council: Council) -> None:
    graph = parent(council.as_node(read="rfc")).compile(checkpointer=InMemorySaver())

    async def twice() -> list[Any]:
        return [(await graph.ainvoke({"rfc": text}, THREAD))["verdict"] for text in (TEXT, OTHER)]

    first, second = asyncio.run(twice())
    assert (first.proposal_title, second.proposal_title) == ("Limits", "Other limits")
    assert len(second.opinions) == 6


def test_a_loop_in_the_parent_reviews_each_round(council: Council) -> None:
    class Rounds(TypedDict, total=False):
        rfc: str
        verdict: Verdict
        titles: Annotated[list[str], operator.add]

    async def revise(state: Rounds) -> Rounds:
        return {"rfc": OTHER, "titles": [state["verdict"].proposal_title]}

    graph = StateGraph(Rounds).add_node("council", council.as_node(read="rfc")).add_node("revise", revise)
    graph.add_edge(START, "council").add_edge("council", "revise")
    graph.add_conditional_edges("revise", lambda state: "council" if len(state["titles"]) < 2 else END, ["council", END])
    output = asyncio.run(graph.compile(checkpointer=InMemorySaver()).ainvoke({"rfc": TEXT}, THREAD))
    assert output["titles"] == ["Limits", "Other limits"]


def test_a_parent_that_reads_checkpoints_leniently_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LANGGRAPH_STRICT_MSGPACK")
    warn_of_lenient_msgpack.cache_clear()
    graph = parent(Council(reviewers=Saying()).as_node(read="rfc"))
    with pytest.warns(CouncilWarning, match="LANGGRAPH_STRICT_MSGPACK=true"):
        asyncio.run(graph.compile(checkpointer=InMemorySaver()).ainvoke({"rfc": TEXT}, THREAD))
    warn_of_lenient_msgpack.cache_clear()
    asyncio.run(graph.compile().ainvoke({"rfc": TEXT}))  # without a checkpointer nothing is read
