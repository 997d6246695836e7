"""Whether what a case expects holds in what was seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from council.ballot import AnswerStatus
from council.evaluation.reviews import AGAIN, Key, Review
from council.evaluation.suite import COMPARISONS, COUNCIL, Basis, Case, Expectation, Suite

State = Literal["passed", "failed", "set_aside", "unreviewed"]

RANK = {"REJECT": 0, "MODIFY": 1, "ABSTAIN": 1, "INCONCLUSIVE": 1, "APPROVE": 2}
"""From the most cautious to the least. What is neither for nor against ranks with MODIFY."""

LOWEST, HIGHEST = 0, 2

_FAILS = {
    "worse_than": "is not worse than",
    "better_than": "is not better than",
    "same_as": "is not the same as",
    "not_worse_than": "is worse than",
    "not_better_than": "is better than",
}
"""What is to be said where a comparison does not hold."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What a seat, or the council, made of a proposal in one review."""

    vote: str
    score: float
    answers: Mapping[str, tuple[AnswerStatus, bool]]
    quotes: tuple[tuple[int, int], ...]

    @property
    def rank(self) -> int:
        """Of the vote."""
        return RANK[self.vote]


@dataclass(frozen=True, slots=True)
class Ruled:
    """How a case came out.

    Attributes:
        state: passed, failed, set aside (nothing could be seen) or unreviewed.
        votes: one for each repeat, as far as there are reviews.
        held: repeats in which it held; of: repeats in which it could be judged.
        why: of the first repeat in which it did not hold, was set aside or not reviewed.
    """

    state: State
    votes: tuple[str, ...]
    held: int
    of: int
    why: str


def rule(case: Case, suite: Suite, reviews: Mapping[Key, Review], *, repeats: int = 1) -> Ruled:
    """Judge a case: it has to hold in every repeat. Repeats are compared one to one with those of the other proposal.

    Args:
        reviews: what was seen; a review that is not there, or missing a seat, leaves the case unreviewed.
        repeats: at least so many, where the case asks for fewer.
    """
    votes: list[str] = []
    problems: list[str] = []
    aside: list[str] = []
    held = 0
    times = max(repeats, case.repeats)
    for repeat in range(times):
        seen, missing = _sights(case, suite, reviews, repeat)
        if missing:
            return Ruled("unreviewed", tuple(votes), held, held + len(problems), missing)
        mine = seen[case.file]
        votes.append(mine.vote)
        if reason := next(_nothing_to_see(case.expect, seen), ""):
            aside.append(reason)
        elif problem := next(_problems(case.expect, mine, seen), ""):
            problems.append(problem)
        else:
            held += 1
    if problems:
        return Ruled("failed", tuple(votes), held, held + len(problems), problems[0])
    if not held:
        return Ruled("set_aside", tuple(votes), 0, 0, aside[0])
    return Ruled("passed", tuple(votes), held, held, "")


def _sights(case: Case, suite: Suite, reviews: Mapping[Key, Review], repeat: int) -> tuple[dict[str, Sight], str]:
    """What was made of each proposal of a case, or why that is not known."""
    seen: dict[str, Sight] = {}
    for file in case.files:
        review = reviews.get(Key(file, suite.hashes[file], repeat))
        if review is None:
            return {}, f"{file}: not reviewed"
        sight = _of_council(review) if case.seat == COUNCIL else _of_seat(review, case.seat)
        if sight is None:
            return {}, f"{file}: {review.missing or 'not reviewed by this seat'}"
        seen[file] = sight
    return seen, ""


def _of_seat(review: Review, name: str) -> Sight | None:
    seat = next((s for s in review.seats if s.seat == name), None)
    if seat is None or seat.cause in AGAIN:
        return None
    return Sight(seat.vote.value, seat.score, seat.answers, seat.quotes)


def _of_council(review: Review) -> Sight | None:
    """The outcome; the mean score of the seats that voted; the answers and quotations of all."""
    if review.verdict is None or review.missing:
        return None
    scores = [s.score for s in review.seats if not s.cause]
    answers = {question: answer for s in review.seats for question, answer in s.answers.items()}
    quotes = tuple({*review.verdict.addressed, *(lines for s in review.seats for lines in s.quotes)})
    return Sight(review.verdict.outcome.value, fmean(scores) if scores else 0.0, answers, quotes)


def _nothing_to_see(expect: Expectation, seen: Mapping[str, Sight]) -> Iterator[str]:
    """Comparisons that no reviewer could meet: a vote cannot fall below the lowest nor rise above the highest."""
    if expect.worse_than and _basis(expect, "worse_than") == "vote" and seen[expect.worse_than].rank == LOWEST:
        yield f"{expect.worse_than} already has {seen[expect.worse_than].vote}"
    if expect.better_than and _basis(expect, "better_than") == "vote" and seen[expect.better_than].rank == HIGHEST:
        yield f"{expect.better_than} already has {seen[expect.better_than].vote}"


def _basis(expect: Expectation, operator: str) -> Basis:
    return expect.by or COMPARISONS[operator]


def _problems(expect: Expectation, mine: Sight, seen: Mapping[str, Sight]) -> Iterator[str]:
    if expect.vote_in is not None and mine.vote not in expect.vote_in:
        yield f"{mine.vote} is not {' or '.join(expect.vote_in)}"
    if expect.vote_not_in is not None and mine.vote in expect.vote_not_in:
        yield f"{mine.vote} was ruled out"
    for operator, file in expect.others.items():
        basis = _basis(expect, operator)
        if not _holds(operator, _placed(mine, basis), _placed(seen[file], basis)):
            yield f"{_shown(mine, basis)} {_FAILS[operator]} {_shown(seen[file], basis)} of {file}"
    yield from _unfound(expect, mine)
    yield from _unquoted(expect, mine)


def _holds(operator: str, mine: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return {
        "worse_than": mine < other,
        "better_than": mine > other,
        "same_as": mine == other,
        "not_worse_than": mine >= other,
        "not_better_than": mine <= other,
    }[operator]


def _placed(sight: Sight, basis: Basis) -> tuple[float, ...]:
    return (sight.rank,) if basis == "vote" else (sight.rank, sight.score)


def _shown(sight: Sight, basis: Basis) -> str:
    return sight.vote if basis == "vote" else f"{sight.vote} {sight.score:.3f}"


def _unfound(expect: Expectation, mine: Sight) -> Iterator[str]:
    for question, wanted in expect.must_find.items():
        status, verified = mine.answers.get(question, (None, False))
        if status is None:
            yield f"{question}: not answered by the reviewer"
        elif status not in wanted:
            yield f"{question}: {status}, not {' or '.join(wanted)}"
        elif not verified:
            yield f"{question}: {status}, but its evidence does not check out"


def _unquoted(expect: Expectation, mine: Sight) -> Iterator[str]:
    for first, last in expect.must_quote:
        if not any(a <= last and b >= first for a, b in mine.quotes):
            yield f"no quotation from lines {first}-{last}"
