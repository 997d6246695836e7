"""A seat run by a chat model: real clients, real HTTP, and everything that goes wrong with them."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest
from langchain_core.language_models import FakeListChatModel
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from langchain_openai import ChatOpenAI

from council.ballot import Reply
from council.reviewers.chat import Budget, CallLimits, ChatReviewer, chat_model
from council.reviewers.chat.schema import strict_schema
from council.reviewers.progress import heard_by
from council.reviewers.replies import Request, answering
from tests.loopback import behaviour as do
from tests.loopback.behaviour import Behaviour
from tests.loopback.replies import HUGE_BYTES
from tests.loopback.server import Loopback, closed_port
from tests.reviewers.chat.samples import MODELS, opinion, proposal, reviewer, run, seat

pytestmark = pytest.mark.loopback

PROVIDERS = sorted(MODELS)
VALID = '{"vote": "MODIFY", "rationale": "Name an owner."}'

FAULTS = {
    "429": (do.rate_limited(), "failed", 3),
    "500": (do.SERVER_ERROR, "failed", 3),
    "reset": (do.RESET, "failed", 3),
    "truncated": (do.TRUNCATED, "failed", 3),
    "time-out": (do.HANG, "late", 2),
    "400": (do.BAD_REQUEST, "failed", 1),
    "401": (do.UNAUTHORIZED, "failed", 1),
    "404": (Behaviour(status=404), "failed", 1),
    "wrong JSON": (do.WRONG_JSON, "unusable", 2),
    "wrong schema": (do.WRONG_SCHEMA, "unusable", 2),
    "plain text": (do.PLAIN_TEXT, "unusable", 2),
    "cut short": (do.CUT_SHORT, "unusable", 2),
    "10 MB": (do.HUGE, "unusable", 1),
}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_reply_whose_evidence_holds(loopback: Loopback, provider: str, stream: bool):
    loopback.script = do.voting({"operator": "REJECT"})
    reviewed = run(reviewer(loopback, provider, stream=stream).review(proposal(), seat()))
    assert reviewed.reply is not None
    checked = opinion(reviewed.reply, of=seat(), about=proposal())
    assert checked.counted == "REJECT"
    assert [answer.question for answer in checked.answers] == [question.id for question in seat().persona.questions]
    assert checked.findings[0].verified
    assert loopback.requests[0].stream is stream


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_fault_ends_in_its_cause(loopback: Loopback, provider: str, fault: str, stream: bool):
    behaviour, cause, calls = FAULTS[fault]
    loopback.script = do.always(behaviour)
    limits = {"timeout": 0.15, "attempts": 2} if fault == "time-out" else {}
    reviewed = run(reviewer(loopback, provider, stream=stream, limits=limits).review(proposal(), seat()))
    assert reviewed.reply is None
    assert reviewed.abstention is not None
    assert (reviewed.abstention.cause, reviewed.usage.calls, len(loopback.requests)) == (cause, calls, calls)
    assert reviewed.abstention.detail.isprintable()
    assert len(reviewed.abstention.detail) < 3000
    assert reviewed.abstention.is_gap


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_server_that_nobody_runs(provider: str):
    model = chat_model(f"{provider}:{MODELS[provider]}", base_url=f"http://127.0.0.1:{closed_port()}", api_key="k")
    reviewed = run(ChatReviewer(model, limits=CallLimits(backoff=0.001)).review(proposal(), seat()))
    assert reviewed.abstention is not None
    assert reviewed.abstention.cause == "failed"
    assert "connection failed" in reviewed.abstention.detail
    assert reviewed.usage.retries == 2


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_a_refusal_is_told_from_a_reply_that_fails(loopback: Loopback, provider: str, stream: bool):
    loopback.script = do.always(do.REFUSAL)
    reviewed = run(reviewer(loopback, provider, stream=stream).review(proposal(), seat()))
    assert reviewed.abstention is not None
    assert reviewed.abstention.cause == "refused"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_reply_of_ten_megabytes_is_cut_off_on_the_wire(loopback: Loopback, provider: str, stream: bool):
    loopback.script = do.always(do.HUGE)
    reviewed = run(reviewer(loopback, provider, stream=stream).review(proposal(), seat()))
    assert reviewed.abstention is not None
    assert "was cut off" in reviewed.abstention.detail
    loopback.wait_until(lambda: loopback.cancelled == 1)
    assert loopback.sent < HUGE_BYTES


@pytest.mark.parametrize("fault", [do.rate_limited(), do.SERVER_ERROR, do.RESET, do.TRUNCATED])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_fault_that_passes_costs_a_retry_and_no_vote(loopback: Loopback, provider: str, fault: Behaviour):
    loopback.script = do.in_turn(fault, do.ANSWER)
    reviewed = run(reviewer(loopback, provider).review(proposal(), seat()))
    assert reviewed.reply is not None
    assert (reviewed.usage.calls, reviewed.usage.retries) == (2, 1)
    assert loopback.requests[0].raw == loopback.requests[1].raw


@pytest.mark.parametrize("fault", [do.WRONG_JSON, do.WRONG_SCHEMA, do.PLAIN_TEXT, do.CUT_SHORT])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_reply_that_fails_is_repaired_once(loopback: Loopback, provider: str, fault: Behaviour):
    loopback.script = do.in_turn(fault, do.ANSWER)
    reviewed = run(reviewer(loopback, provider).review(proposal(), seat()))
    assert reviewed.reply is not None
    assert (reviewed.usage.calls, reviewed.usage.retries) == (2, 0)
    first, second = loopback.requests
    assert second.purpose == "repair"
    assert second.prompt.startswith(first.prompt)
    assert reviewed.notes[0].startswith("the first reply could not be read: ")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_valid_reply_in_a_fence_is_not_asked_for_again(loopback: Loopback, provider: str):
    loopback.script = do.always(do.FENCED)
    reviewed = run(reviewer(loopback, provider).review(proposal(), seat()))
    assert reviewed.reply is not None
    assert reviewed.usage.calls == 1


def test_a_provider_that_asks_to_wait_too_long_is_not_waited_for(loopback: Loopback):
    loopback.script = do.always(do.rate_limited("3600"))
    start = time.monotonic()
    reviewed = run(reviewer(loopback).review(proposal(), seat()))
    assert reviewed.abstention is not None
    assert "rate limit" in reviewed.abstention.detail
    assert time.monotonic() - start < 3
    assert reviewed.usage.calls == 1


def test_a_failure_carries_the_reference_of_its_record(loopback: Loopback, caplog: pytest.LogCaptureFixture):
    loopback.script = do.always(do.UNAUTHORIZED)
    reviewed = run(reviewer(loopback).review(proposal(), seat()))
    assert reviewed.abstention is not None
    assert reviewed.abstention.reference.startswith("err-")
    record = next(record for record in caplog.records if getattr(record, "error_id", "") == reviewed.abstention.reference)
    assert record.operation == "seat operator"
    assert "Failed deliveries" not in record.getMessage() + record.input_summary + record.stack_trace


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_call_that_is_cancelled_is_cancelled_on_the_wire(loopback: Loopback, provider: str):
    loopback.script = do.always(do.HANG)

    async def cancelled() -> None:
        task = asyncio.ensure_future(reviewer(loopback, provider).review(proposal(), seat()))
        await asyncio.to_thread(loopback.wait_until, lambda: loopback.active == 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.to_thread(loopback.wait_until, lambda: loopback.cancelled == 1)

    run(cancelled())


# ---------------------------------------------------------------- what it takes


@pytest.mark.parametrize("provider", PROVIDERS)
def test_tokens_cached_tokens_and_cost_are_counted(loopback: Loopback, provider: str):
    async def twice() -> Any:
        shared = reviewer(loopback, provider)
        await shared.review(proposal(), seat("tracer"))
        return await shared.review(proposal(), seat("operator"))

    usage = run(twice()).usage
    assert usage.input_tokens > 1000
    assert usage.output_tokens > 10
    if provider == "ollama":
        assert (usage.cached_tokens, usage.cost_usd) == (0, 0.0)
    else:
        assert usage.input_tokens * 0.8 < usage.cached_tokens < usage.input_tokens
        assert usage.cost_usd is not None
        assert 0 < usage.cost_usd < 0.1


def test_both_calls_of_a_repair_are_paid_for(loopback: Loopback):
    once = run(reviewer(loopback).review(proposal(), seat())).usage
    loopback.script = do.in_turn(do.ANSWER, do.WRONG_SCHEMA, do.ANSWER)
    repaired = run(reviewer(loopback).review(proposal(), seat())).usage
    assert repaired.input_tokens > 2 * once.input_tokens


def test_calls_that_have_no_room_beside_others_wait_for_them(loopback: Loopback):
    budget = Budget(max_tokens=9_000)

    async def two() -> list[Any]:
        shared = reviewer(loopback, budget=budget)
        return await asyncio.gather(*(shared.review(proposal(), seat(name)) for name in ("tracer", "operator")))

    assert [reviewed.abstention for reviewed in run(two())] == [None, None]
    assert loopback.peak == 1
    assert budget.spent_tokens < 9_000


def test_a_call_that_would_go_over_the_limit_is_not_made(loopback: Loopback):
    budget = Budget(max_tokens=9_000)

    async def many() -> list[Any]:
        shared = reviewer(loopback, budget=budget)
        return await asyncio.gather(*(shared.review(proposal(), seat("tracer")) for _ in range(9)))

    causes = [reviewed.abstention and reviewed.abstention.cause for reviewed in run(many())]
    assert set(causes) == {None, "over_budget"}
    assert len(loopback.requests) == causes.count(None)
    assert budget.spent_tokens < 9_000


def test_a_limit_in_money_is_kept(loopback: Loopback):
    reviewed = run(reviewer(loopback, budget=Budget(max_cost_usd=0.001)).review(proposal(), seat()))
    assert reviewed.abstention is not None
    assert reviewed.abstention.cause == "over_budget"
    assert "$0.001" in reviewed.abstention.detail
    assert loopback.requests == []


# ---------------------------------------------------------------- what is told


class Listener:
    """Writes down what it is told, and when."""

    def __init__(self, *, awaits_first_token: bool = False) -> None:
        self.awaits_first_token = awaits_first_token
        self.heard: list[str] = []
        self.at: list[float] = []

    def reply_began(self) -> None:
        self.heard.append("began")
        self.at.append(time.monotonic())

    def retrying(self, reason: str, attempt: int) -> None:
        self.heard.append(f"{reason} {attempt}")


def test_who_listens_hears_of_retry_repair_and_the_beginning_of_the_reply(loopback: Loopback):
    loopback.script = do.in_turn(do.SERVER_ERROR, do.WRONG_SCHEMA, do.ANSWER)
    listener = Listener()
    with heard_by(listener):
        run(reviewer(loopback).review(proposal(), seat()))
    assert listener.heard == ["500 2", "began", "repair 3", "began"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_reply_whose_beginning_is_awaited_is_streamed(loopback: Loopback, provider: str):
    loopback.script = do.always(Behaviour(duration=0.4))
    listener = Listener(awaits_first_token=True)

    async def ended() -> float:
        await reviewer(loopback, provider).review(proposal(), seat())
        return time.monotonic()

    with heard_by(listener):
        end = run(ended())
    assert loopback.requests[0].stream
    assert end - listener.at[0] > 0.25


class Kept:
    """Replies in memory."""

    def __init__(self) -> None:
        self.replies: dict[Request, str] = {}

    def find(self, request: Request) -> str | None:
        return self.replies.get(request)

    async def keep(self, request: Request, reply: str) -> None:
        self.replies[request] = reply


def test_an_answer_that_is_kept_is_not_paid_for_again(loopback: Loopback):
    """The crash comes before the repair is answered: only that is asked for again."""
    kept = Kept()
    loopback.script = do.in_turn(do.WRONG_SCHEMA, do.UNAUTHORIZED, do.ANSWER)
    with answering(kept, "operator"):
        assert run(reviewer(loopback).review(proposal(), seat())).reply is None
        again = run(reviewer(loopback).review(proposal(), seat()))
    assert again.reply is not None
    assert [request.purpose for request in loopback.requests] == ["review", "repair", "repair"]
    assert again.usage.calls == 2
    assert again.usage.input_tokens == sum(len(loopback.requests[n].prompt) // 4 for n in (0, 2))
    assert {(request.purpose, request.attempt) for request in kept.replies} == {("review", 1), ("repair", 1)}


def test_another_model_or_proposal_is_another_request(loopback: Loopback):
    kept = Kept()
    with answering(kept, "operator"):
        run(reviewer(loopback).review(proposal(), seat()))
        run(reviewer(loopback, name="another").review(proposal(), seat()))
        run(reviewer(loopback).review(proposal("# Other\n\nAnother proposal altogether.\n"), seat()))
    assert len(kept.replies) == len(loopback.requests) == 3


# ---------------------------------------------------------------- what the council asks of a reviewer


def test_telemetry_gets_the_names_of_provider_and_model(loopback: Loopback):
    known = reviewer(loopback, "anthropic")
    assert (known.name, known.provider_name, known.model_name) == ("anthropic:claude-haiku-4-5", "anthropic", "claude-haiku-4-5")


@pytest.mark.parametrize("spec", ["anthropic:claude-haiku-4-5", "openai:gpt-4o"])
def test_seats_of_one_model_share_its_providers_cache(spec: str):
    shared = [ChatReviewer(chat_model(spec, api_key="k")).prompt_cache for _ in range(2)]
    assert shared[0] == shared[1] != ""
    assert ChatReviewer(chat_model(f"{spec}-mini", api_key="k")).prompt_cache not in ("", shared[0])


def test_there_is_nothing_to_gain_from_a_cache_of_this_machine(loopback: Loopback):
    assert reviewer(loopback).prompt_cache == ""
    assert ChatReviewer(FakeListChatModel(responses=["x"])).prompt_cache == ""


# ---------------------------------------------------------------- models of the caller's


def test_any_chat_model_of_the_callers(loopback: Loopback):
    own = ChatOpenAI(model="gpt-4o", base_url=loopback.openai_url, api_key="k", max_retries=5)
    loopback.script = do.always(do.SERVER_ERROR)
    reviewed = run(ChatReviewer(own, limits=CallLimits(backoff=0.001)).review(proposal(), seat()))
    assert len(loopback.requests) == reviewed.usage.calls == 3


def test_an_own_endless_reply_of_a_model_with_its_own_client_is_cut_off(loopback: Loopback):
    import httpx2

    loopback.script = do.always(do.HUGE)

    async def asked() -> Any:
        async with httpx2.AsyncClient() as client:
            own = ChatOpenAI(model="gpt-4o", base_url=loopback.openai_url, api_key="k", http_async_client=client)
            return await ChatReviewer(own).review(proposal(), seat())

    reviewed = run(asked())
    assert reviewed.abstention is not None
    assert reviewed.abstention.cause == "unusable"
    loopback.wait_until(lambda: loopback.cancelled == 1)


def test_a_model_without_tools_is_told_the_schema_in_the_prompt():
    asked: list[Any] = []

    class Remembering(FakeListChatModel):
        def _call(self, messages: Any, *args: Any, **kwargs: Any) -> str:
            asked.extend(messages)
            return super()._call(messages, *args, **kwargs)

    reviewed = run(ChatReviewer(Remembering(responses=[VALID]), stream=False).review(proposal(), seat()))
    assert reviewed.reply is not None
    assert reviewed.reply.vote == "MODIFY"
    assert json.dumps(strict_schema(Reply)) in asked[0].content


def test_a_streaming_model_of_any_kind():
    fake = GenericFakeChatModel(messages=iter([AIMessage(content=VALID)]))
    assert run(ChatReviewer(fake).review(proposal(), seat())).reply.vote == "MODIFY"


def test_a_model_that_raises_something_of_its_own():
    class Broken(FakeListChatModel):
        def _call(self, *args: Any, **kwargs: Any) -> str:
            raise RuntimeError("boom")

    reviewed = run(ChatReviewer(Broken(responses=["x"]), stream=False).review(proposal(), seat()))
    assert reviewed.abstention is not None
    assert (reviewed.abstention.cause, reviewed.abstention.detail) == ("failed", "RuntimeError: boom")
