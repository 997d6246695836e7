"""Spans with the current names, one for the review and one for each seat, and nothing of what was written in them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry import trace

from council import Council, Deadlines, Proposal, Reply, Reviewed, Seat, parse_proposal
from council.ballot import Abstention, Usage
from council.errors import UsageError

export = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter", reason="needs opentelemetry-sdk")

SECRET = "zanzibar"  # stands in the proposal, in every reply and in every error
PROPOSAL = parse_proposal(f"# Limits of {SECRET}\n\nEach request to {SECRET} carries a request id.\n", source=f"{SECRET}.md")


class Model:
    """Replies at a price, or does what a test asks for."""

    name = "anthropic:claude-x"
    provider_name = "anthropic"
    model_name = "claude-x"

    def __init__(self, act: Any = None) -> None:
        self.act = act

    async def review(self, proposal: Proposal, seat: Seat) -> Reviewed:
        if self.act and (reviewed := await self.act(seat)) is not None:
            return reviewed  # type: ignore[no-any-return] - what a test gives
        usage = Usage(calls=2, retries=1, input_tokens=300, cached_tokens=200, output_tokens=50)
        return Reviewed(reply=Reply(vote="APPROVE", rationale=f"{SECRET} is fine"), usage=usage)


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An exporter that keeps what is ended in this test."""
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor

    exporter = export.InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr("council.telemetry._tracer", provider.get_tracer("council"))
    yield exporter
    provider.shutdown()


def by_name(exporter: Any) -> dict[str, Any]:
    return {span.name: span for span in exporter.get_finished_spans()}


def test_one_span_for_the_review_and_under_it_one_for_each_seat(spans: Any) -> None:
    council = Council(reviewers=Model())
    verdict = council.review(PROPOSAL)
    found = by_name(spans)
    assert set(found) == {"review", *(f"invoke_agent {o.seat}" for o in verdict.opinions)}
    review = found.pop("review")
    assert len(spans.get_finished_spans()) == 7
    assert {span.parent.span_id for span in found.values()} == {review.context.span_id}
    assert review.parent is None
    assert dict(review.attributes) == {
        "council.review_id": verdict.review_id,
        "council.proposal_sha256": PROPOSAL.sha256,
        "council.outcome": verdict.outcome,
        "council.decided_by": verdict.decided_by,
        "gen_ai.usage.input_tokens": 1800,
        "gen_ai.usage.output_tokens": 300,
    }


def test_a_seat_s_span_has_the_names_of_the_conventions(spans: Any) -> None:
    verdict = Council(reviewers=Model()).review(PROPOSAL)
    span = by_name(spans)["invoke_agent tracer"]
    assert dict(span.attributes) == {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": "tracer",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.request.model": "claude-x",
        "gen_ai.usage.input_tokens": 300,
        "gen_ai.usage.output_tokens": 50,
        "gen_ai.usage.cache_read.input_tokens": 200,
        "council.calls": 2,
        "council.retries": 1,
        "council.review_id": verdict.review_id,
        "council.proposal_sha256": PROPOSAL.sha256,
        "council.seat": "tracer",
        "council.reviewer": "anthropic:claude-x",
        "council.vote": "APPROVE",
    }
    assert span.status.is_unset


def test_the_names_are_those_of_opentelemetry_s_own_list(spans: Any) -> None:
    attributes = pytest.importorskip("opentelemetry.semconv._incubating.attributes.gen_ai_attributes", reason="needs the conventions")
    known = {value for name, value in vars(attributes).items() if name.startswith("GEN_AI_") and isinstance(value, str)}
    Council(reviewers=Model()).review(PROPOSAL)
    used = {name for span in spans.get_finished_spans() for name in span.attributes if name.startswith("gen_ai.")}
    assert used <= known
    assert len(used) >= 6


def test_a_checklist_names_no_provider(spans: Any) -> None:
    Council().review(PROPOSAL)
    attributes = by_name(spans)["invoke_agent tracer"].attributes
    assert attributes["council.reviewer"] == "checklist"
    assert not {"gen_ai.provider.name", "gen_ai.request.model", "gen_ai.usage.input_tokens"} & set(attributes)


def test_nothing_of_a_proposal_a_reply_or_an_error_is_in_a_span(spans: Any) -> None:
    async def act(seat: Seat) -> Reviewed | None:
        if seat.name == "operator":
            raise RuntimeError(f"{SECRET} broke")
        if seat.name == "architect":
            return Reviewed(reply=None, abstention=Abstention(cause="refused", detail=f"{SECRET}?"), notes=(SECRET,))
        return None

    Council(reviewers=Model(act)).review(PROPOSAL)
    for span in spans.get_finished_spans():
        assert SECRET not in span.to_json()
        assert not span.events


def test_an_error_is_a_log_record_that_the_span_refers_to(spans: Any, caplog: pytest.LogCaptureFixture) -> None:
    async def act(seat: Seat) -> None:
        if seat.name == "operator":
            raise ConnectionError("refused")

    Council(reviewers=Model(act)).review(PROPOSAL)
    span = by_name(spans)["invoke_agent operator"]
    (record,) = [vars(record) for record in caplog.records if record.levelno == logging.ERROR]
    assert span.attributes["council.error_id"] == record["error_id"]
    assert record["trace_id"] == trace.format_trace_id(span.context.trace_id)
    assert (span.attributes["error.type"], span.attributes["council.abstention"]) == ("failed", "failed")
    assert (span.status.status_code, span.status.description) == (trace.StatusCode.ERROR, None)


def test_a_late_seat_is_an_error_and_one_not_needed_is_none(spans: Any) -> None:
    async def act(seat: Seat) -> None:
        if seat.name == "measurer":
            await asyncio.sleep(3600)
        if seat.name == "sentinel":
            await asyncio.sleep(0.2)

    verdict = Council(reviewers=Model(act), deadlines=Deadlines(seat=0.05)).review(PROPOSAL)
    assert verdict.tally.gaps == ("measurer", "sentinel")
    late = by_name(spans)["invoke_agent measurer"]
    assert (late.attributes["error.type"], late.status.status_code) == ("late", trace.StatusCode.ERROR)
    spans.clear()
    Council(reviewers=Model(act), decide_early=True).review(PROPOSAL)
    unneeded = by_name(spans)["invoke_agent measurer"]
    assert unneeded.attributes["council.abstention"] == "not_needed"
    assert unneeded.status.is_unset and "error.type" not in unneeded.attributes


def test_a_fault_of_ours_is_the_review_s_error(spans: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **more: object) -> None:
        raise ZeroDivisionError(SECRET)

    monkeypatch.setattr("council.workflow.house.reach", broken)
    with pytest.raises(ZeroDivisionError):
        Council(reviewers=Model()).review(PROPOSAL)
    review = by_name(spans)["review"]
    assert review.attributes["error.type"] == "ZeroDivisionError"
    assert review.status.status_code is trace.StatusCode.ERROR
    assert SECRET not in review.to_json()


def test_a_client_s_own_spans_stand_under_the_seat_s(spans: Any) -> None:
    from council import telemetry

    async def act(seat: Seat) -> None:
        with telemetry._tracer.start_as_current_span(f"chat {seat.name}"):
            await asyncio.sleep(0)

    Council(reviewers=Model(act)).review(PROPOSAL)
    found = by_name(spans)
    assert found["chat tracer"].parent.span_id == found["invoke_agent tracer"].context.span_id


def test_the_review_stands_under_the_caller_s_span(spans: Any) -> None:
    from council import telemetry

    with telemetry._tracer.start_as_current_span("request") as outer:
        Council(reviewers=Model()).review(PROPOSAL)
    assert by_name(spans)["review"].parent.span_id == outer.get_span_context().span_id


def test_without_an_sdk_a_review_is_as_ever() -> None:
    assert Council(reviewers=Model()).review(PROPOSAL).tally.approve
    assert not trace.get_current_span().get_span_context().is_valid


def test_a_proposal_that_is_refused_has_no_span(spans: Any) -> None:
    with pytest.raises(UsageError):
        Council(reviewers={"nobody": Model()})
    assert not spans.get_finished_spans()
