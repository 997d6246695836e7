from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from council.evaluation import Review, Suite
from council.evaluation.judging import Ruled, rule
from council.evaluation.reviews import VerdictReview

Judge = Callable[..., Ruled]


@pytest.fixture
def judge(suite: Callable[..., Suite], review: Callable[..., Review]) -> Judge:
    """Rules a case of a.md, which may be compared with b.md, by the votes and scores of the tracer."""

    def run(expect: dict[str, Any], a: tuple[str, float], b: tuple[str, float] = ("MODIFY", 0.5), **of_seats: Any) -> Ruled:
        loaded = suite({"file": "a.md", "expect": expect}, a="x", b="y")
        made = []
        for name, (vote, score) in {"a.md": a, "b.md": b}.items():
            if name in loaded.hashes:
                made.append(review(loaded, name, {"tracer": vote}, scores={"tracer": score}, **of_seats))
        return rule(loaded.cases[0], loaded, {each.key: each for each in made})

    return run


@pytest.mark.parametrize(("vote", "state"), [("APPROVE", "passed"), ("MODIFY", "failed"), ("ABSTAIN", "failed")])
def test_vote_in(judge: Judge, vote: str, state: str) -> None:
    assert judge({"vote_in": ["APPROVE"]}, (vote, 0.5)).state == state


@pytest.mark.parametrize(("vote", "state"), [("APPROVE", "failed"), ("MODIFY", "passed"), ("ABSTAIN", "passed")])
def test_vote_not_in(judge: Judge, vote: str, state: str) -> None:
    assert judge({"vote_not_in": ["APPROVE"]}, (vote, 0.5)).state == state


@pytest.mark.parametrize(
    ("operator", "lower_vote", "lower_score", "same", "higher_score"),
    [
        ("worse_than", True, True, False, False),
        ("better_than", False, False, False, True),
        ("not_better_than", True, True, True, False),
        ("not_worse_than", False, True, True, True),
        ("same_as", False, True, True, True),
    ],
)
def test_comparisons_by_what_they_look_at_themselves(
    judge: Judge, operator: str, lower_vote: bool, lower_score: bool, same: bool, higher_score: bool
) -> None:
    """`not_worse_than` and `same_as` look at the vote alone, the others at the score too."""
    seen = [("REJECT", 0.9), ("MODIFY", 0.4), ("MODIFY", 0.5), ("MODIFY", 0.6)]
    states = [judge({operator: "b.md"}, a).state == "passed" for a in seen]
    assert states == [lower_vote, lower_score, same, higher_score]


@pytest.mark.parametrize(("by", "state"), [("vote", "passed"), ("score", "failed")])
def test_by_says_what_a_comparison_looks_at(judge: Judge, by: str, state: str) -> None:
    assert judge({"same_as": "b.md", "by": by}, ("MODIFY", 0.4)).state == state


@pytest.mark.parametrize(("a", "b"), [("ABSTAIN", "MODIFY"), ("MODIFY", "ABSTAIN")])
def test_an_abstention_ranks_with_modify(judge: Judge, a: str, b: str) -> None:
    assert judge({"same_as": "b.md"}, (a, 0.5), (b, 0.5)).state == "passed"


@pytest.mark.parametrize(("operator", "vote"), [("worse_than", "REJECT"), ("better_than", "APPROVE")])
def test_a_vote_that_cannot_move_further_is_set_aside(judge: Judge, operator: str, vote: str) -> None:
    ruled = judge({operator: "b.md", "by": "vote"}, (vote, 0.5), (vote, 0.5))
    assert (ruled.state, ruled.of) == ("set_aside", 0)
    assert ruled.why == f"b.md already has {vote}"


def test_a_score_can_always_move_further(judge: Judge) -> None:
    assert judge({"worse_than": "b.md"}, ("REJECT", 0.1), ("REJECT", 0.2)).state == "passed"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (("denied", True), ""),
        (("denied", False), "q: denied, but its evidence does not check out"),
        (("absent", True), "q: absent, not denied"),
        (None, "q: not answered by the reviewer"),
    ],
)
def test_must_find_wants_the_status_on_evidence_that_checked_out(judge: Judge, answer: Any, why: str) -> None:
    ruled = judge({"must_find": {"q": "denied"}}, ("MODIFY", 0.5), answers={"q": answer} if answer else {})
    assert (ruled.state == "passed", ruled.why) == (not why, why)


@pytest.mark.parametrize(
    ("quoted", "state"), [((4, 4), "passed"), ((3, 5), "passed"), ((6, 9), "passed"), ((1, 3), "failed"), ((7, 9), "failed")]
)
def test_must_quote_wants_a_quotation_that_touches_the_lines(judge: Judge, quoted: tuple[int, int], state: str) -> None:
    assert judge({"must_quote": [[4, 6]]}, ("MODIFY", 0.5), quotes=(quoted,)).state == state


def test_each_of_several_lines_has_to_be_quoted(judge: Judge) -> None:
    ruled = judge({"must_quote": [[4, 6], [9, 9]]}, ("MODIFY", 0.5), quotes=((5, 5),))
    assert ruled.why == "no quotation from lines 9-9"


def test_all_that_is_expected_has_to_hold(judge: Judge) -> None:
    assert judge({"vote_in": ["MODIFY"], "worse_than": "b.md"}, ("MODIFY", 0.5)).state == "failed"


def test_a_case_has_to_hold_in_every_repeat(suite: Callable[..., Suite], review: Callable[..., Review]) -> None:
    loaded = suite({"file": "a.md", "repeats": 3, "expect": {"vote_in": ["APPROVE"]}}, a="x")
    votes = ["APPROVE", "MODIFY", "APPROVE"]
    made = [review(loaded, "a.md", {"tracer": vote}, repeat=n) for n, vote in enumerate(votes)]
    ruled = rule(loaded.cases[0], loaded, {each.key: each for each in made})
    assert (ruled.state, ruled.votes, ruled.held, ruled.of) == ("failed", tuple(votes), 2, 3)


def test_repeats_are_compared_one_to_one(suite: Callable[..., Suite], review: Callable[..., Review]) -> None:
    loaded = suite({"file": "a.md", "expect": {"same_as": "b.md"}}, a="x", b="y")
    made = [review(loaded, f, {"tracer": v}, repeat=n) for f in ("a.md", "b.md") for n, v in enumerate(["APPROVE", "REJECT"])]
    ruled = rule(loaded.cases[0], loaded, {each.key: each for each in made}, repeats=2)
    assert (ruled.state, ruled.held) == ("passed", 2)


def test_without_a_review_there_is_no_pass(suite: Callable[..., Suite]) -> None:
    loaded = suite({"file": "a.md", "expect": {"vote_not_in": ["APPROVE"]}}, a="x")
    ruled = rule(loaded.cases[0], loaded, {})
    assert (ruled.state, ruled.why) == ("unreviewed", "a.md: not reviewed")


@pytest.mark.parametrize(
    ("cause", "state"), [("failed", "unreviewed"), ("late", "unreviewed"), ("refused", "failed"), ("not_applicable", "failed")]
)
def test_a_failure_is_no_judgement_and_a_refusal_is_one(
    suite: Callable[..., Suite], review: Callable[..., Review], cause: str, state: str
) -> None:
    loaded = suite({"file": "a.md", "expect": {"vote_in": ["APPROVE"]}}, a="x")
    made = review(loaded, "a.md", {"tracer": "ABSTAIN", "operator": "APPROVE"}, causes={"tracer": cause})
    assert rule(loaded.cases[0], loaded, {made.key: made}).state == state


def test_another_seat_s_failure_leaves_a_seat_s_case_standing(suite: Callable[..., Suite], review: Callable[..., Review]) -> None:
    loaded = suite({"file": "a.md", "expect": {"vote_in": ["APPROVE"]}}, a="x")
    made = review(loaded, "a.md", {"tracer": "APPROVE", "operator": "ABSTAIN"}, causes={"operator": "failed"})
    assert rule(loaded.cases[0], loaded, {made.key: made}).state == "passed"


def test_a_case_of_the_council_sees_the_outcome_and_the_evidence_of_all(suite: Callable[..., Suite], review: Callable[..., Review]) -> None:
    expect: Mapping[str, Any] = {"vote_in": ["REJECT"], "must_find": {"q": "absent"}, "must_quote": [[2, 2], [7, 7]]}
    loaded = suite({"file": "a.md", "seat": "council", "expect": expect}, a="x")
    made = review(loaded, "a.md", {"tracer": "APPROVE"}, outcome="REJECT", answers={"q": ("absent", True)}, quotes=((2, 2),))
    assert made.verdict is not None
    seen = made.model_copy(update={"verdict": VerdictReview(**{**made.verdict.model_dump(), "addressed": ((7, 7),)})})
    assert rule(loaded.cases[0], loaded, {seen.key: seen}).state == "passed"


def test_inconclusive_ranks_with_modify(suite: Callable[..., Suite], review: Callable[..., Review]) -> None:
    loaded = suite({"file": "a.md", "seat": "council", "expect": {"same_as": "b.md"}}, a="x", b="y")
    made = [review(loaded, f, {"tracer": "MODIFY"}, outcome=o) for f, o in (("a.md", "INCONCLUSIVE"), ("b.md", "MODIFY"))]
    assert rule(loaded.cases[0], loaded, {each.key: each for each in made}).state == "passed"
