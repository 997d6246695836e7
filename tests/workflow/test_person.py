"""A person in the loop: asked where the council is split or cannot decide, and only there."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.errors import is_invalid_resume
from langgraph.graph import START, StateGraph
from langgraph.types import Command
from pydantic import ValidationError
from typing_extensions import TypedDict

from council import Council, CouncilContext, Outcome, Proposal, Roster, Verdict, build_council
from council.ballot import PersonDecision
from council.errors import MissingInputError, PendingError, UsageError
from council.workflow import open_saver

THREAD: Any = {"configurable": {"thread_id": "one"}, "recursion_limit": 12}
APPROVED = {"outcome": "APPROVE", "reason": "The limiter is behind a flag.", "by": "Ann"}


@pytest.fixture(autouse=True)
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGGRAPH_STRICT_MSGPACK", "true")


def voting(kit: SimpleNamespace, small: Roster, *votes: str) -> Mapping[str, Any]:
    return {name: kit.Saying(vote) for name, vote in zip(small.names, votes, strict=True)}


@pytest.fixture
def split(small: Roster, kit: SimpleNamespace) -> Any:
    return build_council(small, reviewers=voting(kit, small, "APPROVE", "APPROVE", "MODIFY", "REJECT"), escalate=True)


def test_asked_on_a_split_with_the_verdict_as_it_would_be(split: Any, kit: SimpleNamespace, proposal: Proposal) -> None:
    graph = split.compile(checkpointer=InMemorySaver())

    async def review() -> Verdict:
        (question,) = (await graph.ainvoke({"proposal": kit.text}, THREAD))["__interrupt__"]
        assert (
            question.value["why"]
            == "The votes (2 APPROVE, 1 MODIFY, 1 REJECT) are split between APPROVE and MODIFY; the more cautious side stands."
        )
        assert Verdict.model_validate(question.value["verdict"]).outcome is Outcome.MODIFY
        assert set(question.response_schema["required"]) == {"outcome", "reason", "by"}
        return (await graph.ainvoke(Command(resume=APPROVED), THREAD, context=CouncilContext(proposal=proposal)))["verdict"]

    verdict = asyncio.run(review())
    assert (verdict.outcome, verdict.council_said) == (Outcome.APPROVE, Outcome.MODIFY)
    assert verdict.why == "Ann overruled MODIFY with APPROVE: The limiter is behind a flag."


def test_asked_where_there_is_no_verdict(small: Roster, kit: SimpleNamespace) -> None:
    class Silent(kit.Saying):  # type: ignore[misc, name-defined]  # the kit is loaded by path, mypy does not see it
        async def review(self, *_: Any) -> Any:
            raise OSError

    graph = build_council(small, reviewers=Silent("APPROVE"), escalate=True).compile(checkpointer=InMemorySaver())
    (question,) = asyncio.run(graph.ainvoke({"proposal": kit.text}, THREAD))["__interrupt__"]
    assert question.value["verdict"]["outcome"] == "INCONCLUSIVE"


@pytest.mark.parametrize("votes", [("APPROVE",) * 4, ("REJECT",) * 4, ("APPROVE", "MODIFY", "MODIFY", "REJECT")])
def test_not_asked_where_the_council_agrees(votes: tuple[str, ...], small: Roster, kit: SimpleNamespace) -> None:
    graph = build_council(small, reviewers=voting(kit, small, *votes), escalate=True).compile(checkpointer=InMemorySaver())
    output = asyncio.run(graph.ainvoke({"proposal": kit.text}, THREAD))
    assert output["verdict"].outcome == votes[1]
    assert output["verdict"].council_said is None


def test_without_escalate_nobody_is_asked(small: Roster, kit: SimpleNamespace) -> None:
    verdict, _ = kit.run(small, voting(kit, small, "APPROVE", "APPROVE", "MODIFY", "REJECT"))
    assert verdict.outcome is Outcome.MODIFY


@pytest.mark.parametrize("bad", [{"outcome": "INCONCLUSIVE"}, {"reason": "  "}, {"by": ""}, {"outcome": "approve"}, {"more": 1}])
def test_a_bad_answer_leaves_it_waiting(bad: dict[str, Any], split: Any, kit: SimpleNamespace) -> None:
    graph = split.compile(checkpointer=InMemorySaver())

    async def review() -> Verdict:
        await graph.ainvoke({"proposal": kit.text}, THREAD)
        with pytest.raises(ValidationError) as raised:
            await graph.ainvoke(Command(resume=APPROVED | bad), THREAD)
        assert is_invalid_resume(raised.value)
        return (await graph.ainvoke(Command(resume=APPROVED), THREAD))["verdict"]

    assert asyncio.run(review()).outcome is Outcome.APPROVE


def test_a_decision_is_of_one_review_only(small: Roster, kit: SimpleNamespace, split: Any) -> None:
    saver = InMemorySaver()
    graph = split.compile(checkpointer=saver)
    other = build_council(small, reviewers=kit.Saying("REJECT"), escalate=True).compile(checkpointer=saver)

    async def twice() -> Verdict:
        await graph.ainvoke({"proposal": kit.text}, THREAD)
        await graph.ainvoke(Command(resume=APPROVED), THREAD)
        return (await other.ainvoke({"proposal": kit.text}, THREAD))["verdict"]

    assert asyncio.run(twice()).outcome is Outcome.REJECT


def test_a_council_asks_and_goes_on(small: Roster, kit: SimpleNamespace, proposal: Proposal) -> None:
    council = Council(small, reviewers=voting(kit, small, "APPROVE", "APPROVE", "MODIFY", "REJECT"), escalate=True)
    with pytest.raises(UsageError, match="needs a checkpointer"):
        council.review(proposal)

    async def review() -> Verdict:
        kept = council.with_checkpointer(InMemorySaver())
        with pytest.raises(PendingError, match="review rev-1: waits for a person"):
            await kept.areview(proposal, review_id="rev-1")
        with pytest.raises(MissingInputError, match="review rev-2: no such review"):
            await kept.aresume("rev-2", proposal)
        return await kept.aresume("rev-1", proposal, decision=PersonDecision(**APPROVED))

    assert asyncio.run(review()).outcome is Outcome.APPROVE


def test_a_question_that_nobody_has_seen_cannot_be_answered(small: Roster, kit: SimpleNamespace, proposal: Proposal) -> None:
    """LangGraph would keep the answer for the next question that comes."""
    failing = [True]

    class Once(kit.Saying):  # type: ignore[misc, name-defined]  # the kit is loaded by path, mypy does not see it
        async def review(self, *args: Any) -> Any:
            if failing[0]:
                raise KeyboardInterrupt
            return await super().review(*args)

    reviewers = {**voting(kit, small, "APPROVE", "APPROVE", "MODIFY", "REJECT"), "delta": Once("REJECT")}
    council = Council(small, reviewers=reviewers, escalate=True).with_checkpointer(InMemorySaver())
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(council.areview(proposal, review_id="rev-1"))
    failing[0] = False

    async def go_on() -> None:
        with pytest.raises(UsageError, match="review rev-1: does not wait for a person"):
            await council.aresume("rev-1", proposal, decision=PersonDecision(**APPROVED))
        with pytest.raises(PendingError):
            await council.aresume("rev-1", proposal)

    asyncio.run(go_on())


@pytest.mark.parametrize("changed", ["reviewer", "seat"])
def test_only_the_council_that_began_it_goes_on(changed: str, small: Roster, kit: SimpleNamespace, proposal: Proposal) -> None:
    reviewers = dict(voting(kit, small, "APPROVE", "APPROVE", "MODIFY", "REJECT"))
    saver = InMemorySaver()
    begun = Council(small, reviewers=reviewers, escalate=True).with_checkpointer(saver)
    if changed == "reviewer":
        reviewers["delta"] = kit.Saying("REJECT", name="another-model")
        other = Council(small, reviewers=reviewers, escalate=True)
    else:
        del reviewers["delta"]
        other = Council(kit.roster("alpha", "beta", "gamma", alpha="enforce-observability"), reviewers=reviewers, escalate=True)

    async def review() -> None:
        with pytest.raises(PendingError):
            await begun.areview(proposal, review_id="rev-1")
        await other.with_checkpointer(saver).aresume("rev-1", proposal, decision=PersonDecision(**APPROVED))

    with pytest.raises(UsageError, match=r"the council has changed since: delta \(resume it with the one it began with\)"):
        asyncio.run(review())


def test_a_council_in_a_graph_with_sqlite_resumes_through_its_interrupt(
    small: Roster, kit: SimpleNamespace, tmp_path: Path, proposal: Proposal
) -> None:
    pytest.importorskip("langgraph.checkpoint.sqlite.aio", reason="the extra `sqlite` is not installed")
    asked: list[str] = []

    class Counting(kit.Saying):  # type: ignore[misc, name-defined]  # the kit is loaded by path, mypy does not see it
        async def review(self, proposal: Proposal, seat: Any) -> Any:
            asked.append(seat.name)
            return await super().review(proposal, seat)

    votes = zip(small.names, ("APPROVE", "APPROVE", "MODIFY", "REJECT"), strict=True)
    council = Council(small, reviewers={name: Counting(vote) for name, vote in votes}, escalate=True)

    class Parent(TypedDict, total=False):
        rfc: str
        verdict: Verdict

    parent = StateGraph(Parent).add_node("council", council.as_node(read="rfc", write="verdict")).add_edge(START, "council")

    async def begin() -> None:
        async with open_saver(str(tmp_path / "parent.sqlite")) as saver:
            output = await parent.compile(checkpointer=saver).ainvoke({"rfc": kit.text}, THREAD)
            assert [question.value["verdict"]["outcome"] for question in output["__interrupt__"]] == ["MODIFY"]

    async def go_on() -> Verdict:
        async with open_saver(str(tmp_path / "parent.sqlite"), create=False) as saver:
            return (await parent.compile(checkpointer=saver).ainvoke(Command(resume=APPROVED), THREAD))["verdict"]

    asyncio.run(begin())
    assert asyncio.run(go_on()).outcome is Outcome.APPROVE
    assert sorted(asked) == sorted(small.names)
