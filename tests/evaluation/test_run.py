from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import council
from council.errors import InputError, ProposalError
from council.evaluation import Candidate, Panel, Review, Suite, checklist, fingerprint, load_suite, plan, run
from council.evaluation.reviewing import _code
from council.evaluation.reviews import Key
from council.rulings import Policy
from council.seats import Roster, build_roster

ANY = {"vote_in": ["APPROVE"]}


@pytest.fixture(scope="module")
def roster() -> Roster:
    return build_roster()


@pytest.fixture
def reviewed(candidate: Candidate, roster: Roster) -> Callable[..., dict[Key, Review]]:
    """Makes the reviews that a suite needs."""

    def make(suite: Suite, repeats: int = 1) -> dict[Key, Review]:
        done: dict[Key, Review] = {}
        panel = Panel(roster, Policy(), "f")
        run(plan(suite, roster, repeats=repeats), panel, candidate, workers=3, on_review=lambda r: done.update({r.key: r}))
        return done

    return make


def test_a_proposal_is_reviewed_once_for_all_cases_and_only_by_the_seats_they_ask_for(
    suite: Callable[..., Suite], reviewed: Callable[..., Any], reviewer: SimpleNamespace
) -> None:
    loaded = suite(
        {"file": "a.md", "expect": ANY},
        {"file": "a.md", "expect": {"worse_than": "b.md"}},
        {"file": "b.md", "seat": "operator", "expect": ANY},
        a="REJECT",
        b="APPROVE",
    )
    reviewed(loaded)
    assert sorted(reviewer.made) == [("a.md", "tracer"), ("b.md", "operator"), ("b.md", "tracer")]


def test_repeats_are_separate_reviews(suite: Callable[..., Suite], reviewed: Callable[..., Any], reviewer: SimpleNamespace) -> None:
    loaded = suite({"file": "a.md", "repeats": 3, "expect": {"same_as": "b.md"}}, {"file": "c.md", "expect": ANY}, a="x", b="y", c="z")
    made = reviewed(loaded, repeats=2)
    assert sorted(file for file, _ in reviewer.made) == ["a.md"] * 3 + ["b.md"] * 3 + ["c.md"] * 2
    assert {key.repeat for key in made if key.file == "b.md"} == {0, 1, 2}


def test_a_reviewer_is_made_anew_for_each_review(suite: Callable[..., Suite], roster: Roster, reviewer: Any) -> None:
    makes: list[int] = []

    def make() -> Any:
        makes.append(1)
        return reviewer

    loaded = suite({"file": "a.md", "repeats": 2, "expect": ANY}, a="APPROVE")
    candidate = Candidate("counted", make, cpu_bound=False)
    run(plan(loaded, roster), Panel(roster, Policy(), "f"), candidate, workers=1, on_review=lambda _: None)
    assert len(makes) == 2


def test_each_seat_may_have_a_reviewer_of_its_own(suite: Callable[..., Suite], roster: Roster, reviewer: Any) -> None:
    others = {name: type(reviewer)() for name in roster.names}
    loaded = suite({"file": "a.md", "seat": "operator", "expect": ANY}, {"file": "a.md", "expect": ANY}, a="APPROVE")
    candidate = Candidate("several", lambda: others, cpu_bound=False)
    run(plan(loaded, roster), Panel(roster, Policy(), "f"), candidate, workers=1, on_review=lambda _: None)
    assert {name: len(each.made) for name, each in others.items()} == {name: int(name in ("tracer", "operator")) for name in roster.names}


def test_a_case_of_the_council_has_all_seats_review_and_a_verdict(suite: Callable[..., Suite], reviewed: Callable[..., Any]) -> None:
    loaded = suite({"file": "a.md", "seat": "council", "expect": ANY}, a="APPROVE operator=REJECT sentinel=MODIFY")
    (made,) = reviewed(loaded).values()
    votes = {seat.seat: seat.vote.value for seat in made.seats}
    assert votes == dict.fromkeys(("tracer", "measurer", "architect", "benchmarker"), "APPROVE") | {
        "operator": "REJECT",
        "sentinel": "MODIFY",
    }
    assert made.verdict.outcome.value == "APPROVE"
    assert (made.verdict.orders, made.verdict.same) == (5, 5)
    assert next(seat.quotes for seat in made.seats if seat.seat == "operator") == ((3, 3),)


def test_without_a_case_of_the_council_there_is_no_verdict(suite: Callable[..., Suite], reviewed: Callable[..., Any]) -> None:
    (made,) = reviewed(suite({"file": "a.md", "expect": ANY}, a="APPROVE")).values()
    assert made.verdict is None
    assert [seat.seat for seat in made.seats] == ["tracer"]


def test_what_a_reviewer_raises_is_missing_and_ends_nothing(suite: Callable[..., Suite], reviewed: Callable[..., Any]) -> None:
    loaded = suite({"file": "a.md", "expect": ANY}, {"file": "b.md", "expect": ANY}, a="FAIL", b="APPROVE")
    made = {key.file: review for key, review in reviewed(loaded).items()}
    assert made["a.md"].missing.startswith("tracer failed: ")
    assert made["b.md"].missing == ""


def test_a_proposal_that_cannot_be_read_ends_the_run(suite: Callable[..., Suite], reviewed: Callable[..., Any]) -> None:
    folder = suite({"file": "a.md", "expect": ANY}, a="APPROVE").folder
    (folder / "a.md").write_bytes(b"\x00\x01")
    with pytest.raises(ProposalError, match=r"a\.md"):
        reviewed(load_suite(folder))


def test_a_proposal_that_changed_since_the_suite_was_loaded_ends_the_run(suite: Callable[..., Suite], reviewed: Callable[..., Any]) -> None:
    loaded = suite({"file": "a.md", "expect": ANY}, a="APPROVE")
    (loaded.folder / "a.md").write_text("# Another\n\nWith other words in it.\n", encoding="utf-8")
    with pytest.raises(InputError, match="changed since the suite was loaded"):
        reviewed(loaded)


def test_a_reviewer_that_computes_works_in_processes(suite: Callable[..., Suite], roster: Roster) -> None:
    """With the real checklist; a worker gets the panel and sends back reviews."""
    loaded = suite({"file": "a.md", "expect": ANY}, {"file": "b.md", "expect": ANY}, a="here", b="there")
    done: list[Review] = []
    run(plan(loaded, roster), Panel(roster, Policy(), "f"), checklist(), workers=2, on_review=done.append)
    assert sorted(review.file for review in done) == ["a.md", "b.md"]
    assert all(seat.answers for review in done for seat in review.seats)


def test_an_error_in_a_worker_is_the_one_that_was_raised(suite: Callable[..., Suite], roster: Roster) -> None:
    loaded = suite({"file": "a.md", "expect": ANY}, a="APPROVE")
    (loaded.folder / "a.md").write_text("# Another\n\nWith other words in it.\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        run(plan(loaded, roster), Panel(roster, Policy(), "f"), checklist(), workers=1, on_review=lambda _: None)
    assert str(caught.value).endswith("a.md: changed since the suite was loaded (run again)")


def test_the_fingerprint_follows_what_a_review_depends_on(roster: Roster) -> None:
    seat = roster.seats[0]
    other_persona = seat.model_copy(update={"persona": seat.persona.model_copy(update={"sha256": "0"})})
    made = [
        fingerprint(checklist(), roster, Policy()),
        fingerprint(Candidate("checklist", checklist().make, settings="other"), roster, Policy()),
        fingerprint(Candidate("another", checklist().make), roster, Policy()),
        fingerprint(checklist(), Roster(seats=(other_persona, *roster.seats[1:])), Policy()),
        fingerprint(checklist(), roster, Policy(quorum_of_roster="3/4")),
    ]
    assert len(set(made)) == len(made)
    assert made[0] == fingerprint(checklist(), build_roster(), Policy())


def test_the_fingerprint_follows_the_code_that_judges(roster: Roster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = tmp_path / "council"
    (package / "reviewers").mkdir(parents=True)
    (package / "ballot.py").write_text("", encoding="utf-8")
    (package / "__init__.py").write_text("", encoding="utf-8")
    monkeypatch.setattr(council, "__file__", str(package / "__init__.py"))
    seen = set()
    for text in ("a = 1\n", "a = 2\n"):
        (package / "reviewers" / "new.py").write_text(text, encoding="utf-8")
        _code.cache_clear()
        seen.add(_code())
    _code.cache_clear()
    assert len(seen) == 2
