"""`Council`, `review` and `areview`: from any thread, inside any loop, and always the same."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from opentelemetry import trace
from typing_extensions import TypedDict

from council import Council, Event, Outcome, Proposal, Reply, Reviewed, Seat, Verdict, areview, parse_proposal, review
from council.error_context import context_of
from council.errors import MissingInputError, ProposalError, UsageError

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.md"))
TEXT = "# Limits\n\nEach request carries a request id, which every log line repeats.\n"


class Approving:
    """Approves; before that, does what a test asks for."""

    name = "test-model"

    def __init__(self, act: Callable[[], object] = lambda: None) -> None:
        self.act = act

    async def review(self, proposal: Proposal, seat: Seat) -> Reviewed:
        self.act()
        return Reviewed(reply=Reply(vote="APPROVE", rationale="As told."))


@pytest.fixture(scope="module")
def council() -> Council:
    return Council(reviewers=Approving())


# ---------------------------------------------------------------- what it takes


def test_a_str_is_the_text(council: Council) -> None:
    verdict = council.review(TEXT)
    assert (verdict.outcome, verdict.proposal, verdict.proposal_title) == (Outcome.APPROVE, "<text>", "Limits")


def test_a_path_is_a_file(council: Council, tmp_path: Path) -> None:
    path = tmp_path / "rfc.md"
    path.write_text(TEXT, encoding="utf-8")
    assert council.review(path).proposal == str(path)
    with pytest.raises(MissingInputError, match=r"missing\.md"):
        council.review(tmp_path / "missing.md")


def test_the_path_of_a_file_as_str_is_no_guess(council: Council, tmp_path: Path) -> None:
    path = tmp_path / "rfc.md"
    path.write_text(TEXT, encoding="utf-8")
    with pytest.raises(UsageError, match=r"give a pathlib\.Path"):
        council.review(str(path))


@pytest.mark.parametrize("text", ["", "\0", "x\0y"])
def test_text_that_is_no_proposal_is_refused(text: str, council: Council) -> None:
    with pytest.raises(ProposalError):
        council.review(text)


def test_a_proposal_is_taken_as_it_is(council: Council) -> None:
    proposal = parse_proposal(TEXT, source="from elsewhere")
    assert council.review(proposal).proposal == "from elsewhere"


# ---------------------------------------------------------------- where it can be called


def test_review_works_twice_in_a_row(council: Council) -> None:
    first, second = council.review(TEXT), council.review(TEXT)
    assert first.review_id != second.review_id


def test_review_works_inside_a_running_loop(council: Council) -> None:
    async def cell() -> Verdict:
        return council.review(TEXT)

    assert asyncio.run(cell()).outcome is Outcome.APPROVE


def test_review_works_from_many_threads_at_once(council: Council) -> None:
    proposals = [parse_proposal(TEXT, source=f"{n}.md") for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        assert [v.proposal for v in pool.map(council.review, proposals)] == [p.source for p in proposals]


def test_areview_holds_many_reviews_at_once(council: Council) -> None:
    async def together() -> list[Verdict]:
        return await asyncio.gather(*(council.areview(parse_proposal(TEXT, source=f"{n}.md")) for n in range(8)))

    assert [v.proposal for v in asyncio.run(together())] == [f"{n}.md" for n in range(8)]


def test_a_review_that_waits_for_a_review_is_refused_rather_than_stuck(council: Council) -> None:
    verdict = Council(reviewers=Approving(lambda: council.review(TEXT))).review(TEXT)
    assert {o.abstention.detail[:34] for o in verdict.opinions if o.abstention} == {"a review cannot wait for another o"}


def test_review_works_in_a_forked_child() -> None:
    code = (
        "import os, council; first = council.review('# A\\n\\nSome prose of a proposal.\\n'); child = os.fork()\n"
        "if not child: os._exit(0 if council.review('# A\\n\\nSome prose of a proposal.\\n').outcome is first.outcome else 1)\n"
        "assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@pytest.mark.parametrize("calls", [1, 2])
def test_areview_in_a_node_of_another_graph(calls: int, council: Council, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGGRAPH_STRICT_MSGPACK", "true")

    class Parent(TypedDict):
        outcomes: list[Outcome]

    async def ask(state: Parent) -> Parent:
        return {"outcomes": [(await council.areview(TEXT)).outcome for _ in range(calls)]}

    parent = StateGraph(Parent).add_node("ask", ask).add_edge(START, "ask").compile(checkpointer=InMemorySaver())
    output = asyncio.run(parent.ainvoke({"outcomes": []}, {"configurable": {"thread_id": "1"}}))
    assert output["outcomes"] == [Outcome.APPROVE] * calls


def test_review_in_a_node_of_another_graph_is_a_review_of_its_own(council: Council) -> None:
    class Parent(TypedDict):
        outcome: Outcome | None

    def ask(state: Parent) -> Parent:
        return {"outcome": council.review(TEXT).outcome}

    saver = InMemorySaver()
    parent = StateGraph(Parent).add_node("ask", ask).add_edge(START, "ask").compile(checkpointer=saver)
    assert parent.invoke({"outcome": None}, {"configurable": {"thread_id": "1"}})["outcome"] is Outcome.APPROVE
    assert set(saver.storage["1"]) == {""}  # no checkpoints of a subgraph


def test_the_callers_trace_goes_along(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise OSError

    span = trace.NonRecordingSpan(trace.SpanContext(trace_id=0xABC, span_id=0x1, is_remote=False))
    with trace.use_span(span):
        Council(reviewers=Approving(fail)).review(TEXT)
    assert {vars(record)["trace_id"] for record in caplog.records} == {f"{0xABC:032x}"}


# ---------------------------------------------------------------- events


def test_on_event_sees_things_as_they_happen(council: Council) -> None:
    seen: list[Event] = []
    verdict = council.review(TEXT, on_event=seen.append)
    assert [event.event for event in (seen[0], seen[-1])] == ["review_started", "verdict"]
    assert len(seen) == 2 + 2 * len(verdict.opinions)


def test_on_event_is_called_while_seats_still_work() -> None:
    async def watched() -> Verdict:
        told = asyncio.Event()

        class Waiting(Approving):
            async def review(self, proposal: Proposal, seat: Seat) -> Reviewed:
                async with asyncio.timeout(10):
                    await told.wait()
                return await super().review(proposal, seat)

        return await Council(reviewers=Waiting()).areview(
            TEXT, on_event=lambda event: told.set() if event.event == "seat_started" else None
        )

    assert asyncio.run(watched()).outcome is Outcome.APPROVE


def test_a_broken_display_does_not_cost_the_review(council: Council, caplog: pytest.LogCaptureFixture) -> None:
    calls: list[Event] = []

    def broken(event: Event) -> None:
        calls.append(event)
        raise BrokenPipeError("display gone")

    verdict = council.review(TEXT, on_event=broken)
    assert verdict.outcome is Outcome.APPROVE
    assert len(calls) == 1
    (record,) = [vars(record) for record in caplog.records if record.levelno == logging.ERROR]
    assert (record["operation"], record["request_id"]) == ("on_event", verdict.review_id)


# ---------------------------------------------------------------- faults


def test_a_fault_of_ours_is_logged_with_the_review_and_raised(
    council: Council, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **more: object) -> Verdict:
        raise ZeroDivisionError

    monkeypatch.setattr("council.workflow.house.reach", broken)
    proposal = parse_proposal(TEXT)
    with pytest.raises(ZeroDivisionError) as caught:
        council.review(proposal)
    (record,) = [vars(record) for record in caplog.records if record.levelno == logging.ERROR]
    context = context_of(caught.value)
    assert context is not None
    assert context.error_id == record["error_id"]
    assert context.request_id.startswith("rev-")
    assert context.input_summary == f"proposal={proposal.sha256} words={proposal.words}"


# ---------------------------------------------------------------- the package's own


def without_times(verdict: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in verdict.items() if key not in ("review_id", "created", "elapsed_seconds")}


def test_the_same_input_gives_the_same_verdict_under_every_hash_seed() -> None:
    code = "import sys, pathlib, council\nfor path in sys.argv[1:]: print(council.review(pathlib.Path(path)).model_dump_json())"

    def verdicts(seed: str) -> list[dict[str, Any]]:
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", code, *map(str, EXAMPLES)]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment, timeout=60)
        return [without_times(json.loads(line)) for line in done.stdout.splitlines()]

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(verdicts, ("0", "4242"))
    assert len(first) == len(EXAMPLES) > 0
    assert json.dumps(second) == json.dumps(first)


def test_review_and_areview_are_the_same_council() -> None:
    one, other = review(EXAMPLES[0]), asyncio.run(areview(EXAMPLES[0]))
    assert without_times(one.model_dump()) == without_times(other.model_dump())
    assert one.notes[0] == "A checklist, and no model, reviewed this."


def test_prose_that_is_not_english_is_not_judged() -> None:
    text = (
        "# Ratenbegrenzung\n\nJede Anfrage trägt eine Kennung, die in jeder Zeile des Protokolls steht. Wir führen den neuen "
        "Dienst in drei Stufen ein und messen dabei die Latenz. Wenn etwas schiefgeht, schalten wir zurück auf den alten Dienst, "
        "der noch vier Wochen läuft.\n"
    )
    verdict = review(text)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert {o.abstention.cause for o in verdict.opinions if o.abstention} == {"language"}
