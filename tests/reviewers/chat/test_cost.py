"""Tokens, prices, and the limit that is refused before it is passed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage

from council.errors import UsageError
from council.reviewers.chat.cost import Budget, Prices, Tokens


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


def test_calls_in_flight_count_against_the_limit():
    budget = Budget(max_tokens=250)
    assert budget.reserve(Tokens(input=80, output=20), None) == ""
    assert budget.reserve(Tokens(input=80, output=20), None) == ""
    assert "200 of 250" in budget.reserve(Tokens(input=80, output=20), None)


def test_what_a_call_took_replaces_what_was_reserved():
    budget = Budget(max_tokens=250, max_cost_usd=1.0)
    budget.reserve(Tokens(input=200), 0.9)
    budget.settle(Tokens(input=200), 0.9, Tokens(input=50), 0.1)
    assert (budget.spent_tokens, budget.spent_usd) == (50, pytest.approx(0.1))
    assert budget.reserve(Tokens(input=200), 0.9) == ""


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=30), st.integers(0, 200))
def test_reservations_never_pass_the_limit(calls: list[tuple[int, int]], limit: int):
    budget = Budget(max_tokens=limit)
    for estimate, took in calls:
        if not budget.reserve(Tokens(input=estimate), None):
            assert budget.spent_tokens <= limit
            budget.settle(Tokens(input=estimate), None, Tokens(input=min(took, estimate)), None)
    assert budget.spent_tokens <= limit
