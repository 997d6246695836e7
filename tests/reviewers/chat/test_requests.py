"""What a review sends: the schema as it was built, one beginning for all seats, a prompt that fits the model."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from council.ballot import Reply
from council.errors import ProposalError
from council.reviewers.chat import ChatReviewer, chat_model
from council.reviewers.chat.schema import grammar_schema, strict_schema
from tests.loopback.server import Loopback
from tests.reviewers.chat.samples import MODELS, proposal, reviewer, run, seat

pytestmark = pytest.mark.loopback

PROVIDERS = sorted(MODELS)


def schema_sent(provider: str, body: dict[str, Any]) -> Any:
    match provider:
        case "openai":
            assert body["response_format"]["json_schema"]["strict"] is True
            return body["response_format"]["json_schema"]["schema"]
        case "anthropic":
            assert body["tool_choice"]["name"] == body["tools"][0]["name"] == "reply"
            return body["tools"][0]["input_schema"]
        case _:
            return body["format"]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_schema_reaches_the_provider_as_it_was_built(loopback: Loopback, provider: str, stream: bool):
    run(reviewer(loopback, provider, stream=stream).review(proposal(), seat()))
    by_grammar = provider in ("openai", "ollama")  # a server of one's own
    assert schema_sent(provider, loopback.requests[0].body) == (grammar_schema if by_grammar else strict_schema)(Reply)


def test_a_providers_strict_mode_gets_no_limits():
    assert "maxItems" not in ChatReviewer(chat_model("openai:gpt-4o", api_key="none"))._binding.schema


@pytest.mark.parametrize("provider", PROVIDERS)
def test_seats_differ_only_in_the_end_of_the_prompt(loopback: Loopback, provider: str):
    async def six() -> None:
        shared = reviewer(loopback, provider)
        await asyncio.gather(*(shared.review(proposal(), seat(name)) for name in ("tracer", "operator", "sentinel")))

    run(six())
    rest = [{key: value for key, value in request.body.items() if key != "messages"} for request in loopback.requests]
    assert rest[0] == rest[1] == rest[2]
    beginnings = {request.prompt.split("# Your seat: ")[0] for request in loopback.requests}
    assert len(beginnings) == 1
    assert all(request.prompt.startswith("# The council") for request in loopback.requests)


def test_anthropics_cache_mark_stands_on_the_proposal_alone(loopback: Loopback):
    run(reviewer(loopback, "anthropic").review(proposal(), seat()))
    body = loopback.requests[0].body
    blocks = [block for message in body["messages"] for block in message["content"]]
    assert [("cache_control" in block, block["text"].startswith("# The proposal")) for block in blocks] == [(True, True), (False, False)]
    assert json.dumps(body).count("cache_control") == 1


@pytest.mark.parametrize("provider", ["openai", "ollama"])
def test_the_cache_mark_is_on_no_other_wire(loopback: Loopback, provider: str):
    run(reviewer(loopback, provider).review(proposal(), seat()))
    assert b"cache_control" not in loopback.requests[0].raw


def test_the_same_review_sends_the_same_bytes(loopback: Loopback):
    for _ in range(2):
        run(reviewer(loopback).review(proposal(), seat()))
    assert loopback.requests[0].raw == loopback.requests[1].raw


def test_ollama_gets_a_context_that_holds_the_prompt(loopback: Loopback):
    long = "# Plan\n\n" + "\n".join(f"Paragraph {n} says something of some length about the plan." for n in range(2500))
    run(reviewer(loopback, "ollama").review(proposal(long), seat()))
    request = loopback.requests[0]
    assert request.body["options"]["num_ctx"] > len(request.prompt) / 4 + 3000


def test_a_proposal_of_36000_tokens_simply_works(loopback: Loopback):
    long = "# Plan\n\n" + "\n\n".join(f"Paragraph {n} says something of some length about the plan and its rollback." for n in range(1900))
    assert len(long) > 36_000 * 4
    reviewed = run(reviewer(loopback).review(proposal(long), seat()))
    assert reviewed.reply is not None
    assert reviewed.usage.input_tokens > 36_000


def test_a_proposal_beyond_the_context_window_is_refused_before_the_call(loopback: Loopback):
    small = reviewer(loopback, limits={"context_window": 2000})
    with pytest.raises(ProposalError, match=r"retry-queue\.md: a prompt of some \d+ tokens, of which openai:gpt-4o reads at most 2000"):
        small.check_size(proposal(), seat())
    reviewed = run(small.review(proposal(), seat()))
    assert reviewed.abstention is not None
    assert "reads at most 2000" in reviewed.abstention.detail
    assert loopback.requests == []
