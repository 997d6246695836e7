"""Tokens, prices, and the limit that is refused before it is passed."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage

from council.errors import UsageError
from council.reviewers.chat.cost import Budget, Prices, Reservation, Tokens


def replied(**details: int) -> AIMessage:
    usage = {"input_tokens": 1000, "output_tokens": 100, "total_tokens": 1100, "input_token_details": details}
    return AIMessage(content="", usage_metadata=usage)


def test_tokens_from_the_cache_are_told_apart():
    assert Tokens.of(replied(cache_read=800)) == Tokens(input=1000, cached=800, output=100)


def test_tokens_written_to_the_cache_are_counted_once():
    assert Tokens.of(replied(cache_creation=0, ephemeral_5m_input_tokens=700)).written == 700
    assert Tokens.of(replied(cache_creation=700)).written == 700


def test_a_provider_that_reports_nothing():
    assert Tokens.of(AIMessage(content="")) is None


def test_what_came_from_the_cache_costs_less():
    prices = Prices("anthropic", "claude-haiku-4-5")
    fresh, cached = prices.cost(Tokens(input=10_000, output=100)), prices.cost(Tokens(input=10_000, cached=9_000, output=100))
    assert 0 < cached < fresh / 2


def test_a_model_without_a_price_has_none_and_costs_nothing_on_this_machine():
    assert Prices("openai", "somebodys-own-model").cost(Tokens(input=1)) is None
    assert Prices("openai", "somebodys-own-model", local=True).cost(Tokens(input=1)) == 0.0
    assert Prices("", "").cost(Tokens(input=1)) is None


def test_a_limit_in_money_needs_a_price():
    with pytest.raises(UsageError, match=r"max cost: no price is known for openai:somebodys-own-model \(limit tokens instead\)"):
        Budget(max_cost_usd=1.0).require_price(Prices("openai", "somebodys-own-model"))
    Budget(max_tokens=1).require_price(Prices("openai", "somebodys-own-model"))


def tokens(total: int) -> Tokens:
    return Tokens(input=total)


def reserved(budget: Budget, *totals: int) -> list[Reservation]:
    async def reserve() -> list[Reservation]:
        return [held for total in totals if isinstance(held := await budget.reserve(tokens(total), None), Reservation)]

    return asyncio.run(reserve())


def test_a_call_waits_for_those_in_flight_and_is_made_when_one_has_left_room():
    budget = Budget(max_tokens=250)

    async def calls() -> list[str]:
        one, _ = await budget.reserve(tokens(100), None), await budget.reserve(tokens(100), None)
        third = asyncio.create_task(budget.reserve(tokens(100), None))
        await asyncio.sleep(0.01)
        waited = not third.done()
        assert isinstance(one, Reservation)
        budget.settle(one, tokens(40), None)
        return [str(waited), type(await third).__name__]

    assert asyncio.run(calls()) == ["True", "Reservation"]


def test_a_call_is_refused_where_it_would_go_over_by_what_was_spent():
    budget = Budget(max_tokens=250)
    (one,) = reserved(budget, 200)
    budget.settle(one, tokens(200), None)
    refused = asyncio.run(budget.reserve(tokens(100), None))
    assert refused == "the call would take some 100 tokens; 200 of 250 are spent"


def test_an_estimate_is_set_right_by_the_dearest_call_before():
    budget = Budget(max_tokens=250)
    for took in (50, 60):
        (one,) = reserved(budget, 100)
        budget.settle(one, tokens(took), None)
    (held,) = reserved(budget, 100)
    assert (held.estimated_tokens, held.tokens) == (100, 60)
    assert len(reserved(budget, 130)) == 1  # 110 spent, 60 in flight, 78 expected


def test_a_call_that_came_to_nothing_gives_its_room_back():
    budget = Budget(max_tokens=250, max_cost_usd=1.0)
    (one,) = reserved(budget, 200)
    budget.settle(one, Tokens(), None)
    assert (budget.spent_tokens, len(reserved(budget, 250))) == (0, 1)


def test_money_is_a_limit_of_its_own():
    budget = Budget(max_cost_usd=1.0)

    async def calls() -> object:
        first = await budget.reserve(tokens(10), 0.9)
        assert isinstance(first, Reservation)
        budget.settle(first, tokens(10), 0.9)
        return await budget.reserve(tokens(10), 0.9)

    assert asyncio.run(calls()) == "the call would cost some $0.9000; $0.9000 of $1 are spent"


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 50)), max_size=30), st.integers(0, 200))
def test_what_is_spent_never_passes_the_limit_where_no_call_takes_more_than_was_reserved(calls: list[tuple[int, int]], limit: int):
    budget = Budget(max_tokens=limit)

    async def run() -> None:
        for estimate, took in calls:
            held = await budget.reserve(tokens(estimate), None)
            if isinstance(held, Reservation):
                budget.settle(held, tokens(min(took, held.tokens)), None)
            assert budget.spent_tokens <= limit

    asyncio.run(run())
