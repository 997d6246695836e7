from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from council.evaluation.figures import cohens_kappa, effective_votes, modal_share, unanimous_by_chance, wilson

COUNTS = st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
VOTES = st.sampled_from(["APPROVE", "MODIFY", "REJECT"])


@pytest.mark.parametrize(
    ("passed", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_s_interval_has_the_values_that_newcombe_published(passed: int, of: int, low: float, high: float) -> None:
    """R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), method 3."""
    assert wilson(passed, of) == pytest.approx((low, high), abs=5e-5)


@given(COUNTS)
def test_the_interval_lies_within_0_and_1_around_the_share(counts: tuple[int, int]) -> None:
    passed, of = counts
    low, high = wilson(passed, of)
    assert 0 <= low <= passed / of <= high <= 1
    assert low < high


@given(COUNTS)
def test_the_interval_s_ends_solve_the_score_equation(counts: tuple[int, int]) -> None:
    """What defines it: a share at either end would make the observed one just significant."""
    passed, of = counts
    z = 1.959963984540054
    for end in wilson(passed, of):
        if 0 < end < 1:
            assert abs(passed / of - end) == pytest.approx(z * math.sqrt(end * (1 - end) / of), rel=1e-6, abs=1e-9)


@given(COUNTS)
def test_failures_have_the_mirrored_interval(counts: tuple[int, int]) -> None:
    passed, of = counts
    low, high = wilson(passed, of)
    assert wilson(of - passed, of) == pytest.approx((1 - high, 1 - low))


@given(COUNTS, st.integers(2, 20))
def test_more_cases_of_the_same_rate_narrow_it(counts: tuple[int, int], times: int) -> None:
    passed, of = counts
    few, many = wilson(passed, of), wilson(passed * times, of * times)
    assert many.high - many.low < few.high - few.low


def test_of_nothing_nothing_is_known() -> None:
    assert wilson(0, 0) == (0, 1)


@pytest.mark.parametrize(("passed", "of"), [(2, 1), (-1, 3), (0, -1)])
def test_counts_that_cannot_be_are_refused(passed: int, of: int) -> None:
    with pytest.raises(ValueError, match="of"):
        wilson(passed, of)


def test_kappa_of_a_worked_table() -> None:
    """Both yes 20, only the first 5, only the second 10, both no 15: 70% agree, 50% would by chance."""
    pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    found = cohens_kappa(pairs)
    assert (found.of, found.agreement, found.expected) == (50, 0.7, pytest.approx(0.5))
    assert found.kappa == pytest.approx(0.4)


def test_kappa_is_not_defined_where_both_always_say_the_same() -> None:
    assert cohens_kappa([("y", "y")] * 4).kappa is None


@given(st.lists(st.tuples(VOTES, VOTES), min_size=1, max_size=60))
def test_kappa_is_one_only_for_full_agreement_and_does_not_depend_on_order(pairs: Sequence[tuple[str, str]]) -> None:
    found = cohens_kappa(pairs)
    swapped = cohens_kappa([(b, a) for a, b in pairs])
    assert swapped == pytest.approx(found)
    if found.kappa is not None:
        assert -1 <= found.kappa <= 1 + 1e-9
        assert (found.kappa == pytest.approx(1)) == (found.agreement == 1)


def test_unanimity_by_chance_is_the_product_of_the_habits() -> None:
    assert unanimous_by_chance([["A", "A", "R", "R"], ["A", "R"], ["A", "A", "A", "R"]]) == pytest.approx(
        0.5 * 0.5 * 0.75 + 0.5 * 0.5 * 0.25
    )


def test_seats_that_always_vote_alike_are_worth_one_vote() -> None:
    votes = [{"a": v, "b": v, "c": v} for v in (0.0, 1.0, 2.0, 1.0)]
    assert effective_votes(votes) == pytest.approx((1.0, 3, 1.0))


def test_uncorrelated_seats_are_worth_their_number() -> None:
    votes = [{"a": float(x), "b": float(y)} for x in (0, 2) for y in (0, 2)]
    assert effective_votes(votes) == pytest.approx((2.0, 2, 0.0))


def test_three_seats_correlated_by_a_half_are_worth_one_and_a_half() -> None:
    """3 / (1 + 2 · 0.5); from the eight corners of a cube each seat sees two of three coordinates."""
    corners = [(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)]
    votes = [{"a": float(x + y), "b": float(y + z), "c": float(z + x)} for x, y, z in corners]
    assert effective_votes(votes) == pytest.approx((1.5, 3, 0.5))


def test_a_seat_that_never_varies_adds_nothing() -> None:
    votes = [{"a": float(x), "b": float(y), "c": 1.0} for x in (0, 2) for y in (0, 2)]
    assert effective_votes(votes).raters == 2


def test_with_fewer_than_two_seats_that_vary_no_number_of_votes_is_known() -> None:
    assert effective_votes([{"a": 0.0, "b": 1.0}, {"a": 1.0, "b": 1.0}]).votes is None
    assert effective_votes([]).votes is None


@given(st.lists(st.fixed_dictionaries({n: st.sampled_from([0.0, 1.0, 2.0]) for n in "abcd"}), min_size=2, max_size=30))
def test_the_worth_lies_between_one_vote_and_all_of_them(votes: list[dict[str, float]]) -> None:
    found = effective_votes(votes)
    if found.votes is not None:
        assert 1 - 1e-9 <= found.votes <= found.raters


def test_the_modal_share_is_that_of_the_most_frequent_value() -> None:
    assert modal_share(["A", "M", "A", "A"]) == 0.75
    with pytest.raises(ValueError, match="no values"):
        modal_share([])
