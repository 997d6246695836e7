from __future__ import annotations

from collections.abc import Callable

import pytest

from council.evaluation import Review, Suite
from council.evaluation.panel import Distinctness, distinctness, stability
from council.evaluation.reviews import Key

Make = Callable[..., Review]
FILES = {"a": "1", "b": "2", "c": "3", "d": "4"}


@pytest.fixture
def four(suite: Callable[..., Suite]) -> Suite:
    return suite(*({"file": f"{name}.md", "expect": {"vote_in": ["APPROVE"]}} for name in FILES), **FILES)


@pytest.fixture
def distinct(four: Suite, review: Make) -> Callable[..., Distinctness | None]:
    """Of votes, seat by seat, on as many proposals as each has."""

    def measure(**votes: list[str]) -> Distinctness | None:
        made: dict[Key, Review] = {}
        for n, name in enumerate(FILES):
            mine = {seat: "ABSTAIN" if v[n] in ("failed", "not_applicable") else v[n] for seat, v in votes.items()}
            causes = {seat: v[n] for seat, v in votes.items() if v[n] in ("failed", "not_applicable")}
            each = review(four, f"{name}.md", mine, outcome="MODIFY", causes=causes)
            made[each.key] = each
        return distinctness(made)

    return measure


def test_seats_that_vote_alike_are_not_distinct(distinct: Callable[..., Distinctness]) -> None:
    same = ["APPROVE", "MODIFY", "REJECT", "REJECT"]
    found = distinct(tracer=same, operator=same)
    assert (found.unanimous, found.effective_votes, found.mean_kappa) == (1.0, pytest.approx(1.0), 1.0)
    assert found.unanimous_by_chance == pytest.approx(0.25**2 + 0.25**2 + 0.5**2)
    assert found.votes == {seat: {"APPROVE": 1, "MODIFY": 1, "REJECT": 2} for seat in ("tracer", "operator")}


def test_independent_seats_are_distinct(distinct: Callable[..., Distinctness]) -> None:
    found = distinct(tracer=["APPROVE", "APPROVE", "REJECT", "REJECT"], operator=["APPROVE", "REJECT", "APPROVE", "REJECT"])
    assert (found.unanimous, found.effective_votes, found.mean_kappa) == (0.5, pytest.approx(2.0), pytest.approx(0.0))
    assert [(pair.seats, pair.proposals, pair.agreement, pair.by_chance) for pair in found.pairs] == [(("tracer", "operator"), 4, 0.5, 0.5)]


def test_a_missing_vote_is_left_out_and_not_applicable_is_a_judgement(distinct: Callable[..., Distinctness]) -> None:
    found = distinct(tracer=["APPROVE", "failed", "REJECT", "REJECT"], operator=["APPROVE", "REJECT", "not_applicable", "REJECT"])
    (pair,) = found.pairs
    assert (pair.proposals, pair.agreement) == (3, pytest.approx(2 / 3))
    assert found.votes["operator"]["not_applicable"] == 1


def test_only_what_the_whole_council_reviewed_tells_of_the_panel(four: Suite, review: Make) -> None:
    each = review(four, "a.md", {"tracer": "APPROVE"})
    assert distinctness({each.key: each}) is None


def test_stability_compares_the_repeats(four: Suite, review: Make) -> None:
    told = {
        "a.md": [("APPROVE", 0.6, "APPROVE"), ("APPROVE", 0.6, "APPROVE")],
        "b.md": [("APPROVE", 0.5, "MODIFY"), ("MODIFY", 0.4, "REJECT")],
        "c.md": [("REJECT", 0.1, "REJECT")],
    }
    made = {}
    for file, repeats in told.items():
        for n, (vote, score, outcome) in enumerate(repeats):
            each = review(four, file, {"tracer": vote}, repeat=n, scores={"tracer": score}, outcome=outcome)
            made[each.key] = each
    found = stability(made)
    assert (found.seats, found.votes, found.steadfast, found.score_spread) == (2, 0.75, 0.5, pytest.approx(0.05))
    assert (found.verdicts, found.outcomes, found.steadfast_verdicts) == (2, 0.75, 0.5)
    assert (found.orders, found.same) == (25, 1.0)


def test_without_repeats_stability_is_not_claimed(four: Suite, review: Make) -> None:
    each = review(four, "a.md", {"tracer": "APPROVE"})
    found = stability({each.key: each})
    assert (found.seats, found.votes, found.steadfast, found.verdicts, found.same) == (0, None, None, 0, None)
