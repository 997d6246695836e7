"""When a rebuttal is held: on a split that the seats themselves could settle."""

from __future__ import annotations

import itertools

import pytest

from council.ballot import Abstention, AbstentionCause, Opinion, Outcome, Vote
from council.rulings import Authorities, Policy, decide, rebuttable, split

SEATS = ("tracer", "measurer", "operator", "architect", "benchmarker", "sentinel")
TRACER = Authorities(enforces_observability="tracer", breaks_ties="tracer")
VOTES = {"A": Vote.APPROVE, "M": Vote.MODIFY, "R": Vote.REJECT}


def opinion(seat: str, letter: str, cause: AbstentionCause = "failed", observability: str | None = None) -> Opinion:
    """A vote (A, M, R), or an abstention (-)."""
    vote = VOTES.get(letter, Vote.ABSTAIN)
    return Opinion(
        seat=seat,
        persona=seat,
        persona_hash="",
        persona_origin="",
        reviewer="model",
        cast=vote.value,
        counted=vote,
        abstention=Abstention(cause=cause) if vote is Vote.ABSTAIN else None,
        observability=observability,
    )


def council(letters: str, cause: AbstentionCause = "failed", observability: str | None = None) -> list[Opinion]:
    return [opinion(seat, letter, cause, observability if seat == "tracer" else None) for seat, letter in zip(SEATS, letters, strict=True)]


def held(opinions: list[Opinion]) -> bool:
    return rebuttable(opinions, policy=Policy(), authorities=TRACER) is not None


@pytest.mark.parametrize("letters", ["AAAMMM", "AAARRR", "AAMRRR", "MMMRRR"])
def test_on_a_split_there_is_one(letters: str) -> None:
    assert held(council(letters))


@pytest.mark.parametrize("letters", ["AAAAMM", "AAMMRR", "RRRRAA", "AAAAA-"])
def test_where_one_vote_is_the_median_there_is_none(letters: str) -> None:
    assert not held(council(letters))


def test_where_a_vote_is_missing_it_may_still_settle_the_split_of_the_others() -> None:
    assert held(council("AARR--", cause="not_applicable"))


def test_without_a_quorum_there_is_none() -> None:
    assert not held(council("AR----"))
    assert not held(council("-ARAR-"))  # the holder of enforce-observability is missing


def test_what_was_decided_early_is_settled() -> None:
    assert not held(council("AARR--", cause="not_needed"))


def test_a_floor_at_reject_settles_it() -> None:
    assert not held(council("AAARRR", observability="fail"))
    assert held(council("AAARRR", observability="conditional"))


def test_over_all_votes_it_is_held_only_on_a_split_and_then_always_unless_a_rule_settles_it() -> None:
    for letters in itertools.product("AMR-", repeat=6):
        opinions = council("".join(letters))
        now = decide(opinions, policy=Policy(), authorities=TRACER)
        assert held(opinions) == (split(opinions) is not None and now.quorum.met), letters
        if held(opinions):
            assert now.outcome is not Outcome.APPROVE
