from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from council.errors import InputError, UnavailableError
from council.evaluation import Review, ReviewLog, Suite

Make = Callable[..., Review]


@pytest.fixture
def one(suite: Callable[..., Suite], review: Make) -> Review:
    loaded = suite({"file": "a.md", "expect": {"vote_in": ["APPROVE"]}}, a="x")
    return review(loaded, "a.md", {"tracer": "APPROVE"}, outcome="APPROVE", answers={"q": ("absent", True)}, quotes=((1, 2),))


def test_what_was_kept_is_found_again(one: Review, tmp_path: Path) -> None:
    log = ReviewLog(tmp_path / "log", "f")
    other = one.model_copy(update={"repeat": 1})
    log.add(one)
    log.add(other)
    assert ReviewLog(tmp_path / "log", "f").load() == {one.key: one, other.key: other}


def test_a_review_by_something_else_is_passed_over_and_stays(one: Review, tmp_path: Path) -> None:
    log, changed = ReviewLog(tmp_path / "log", "f"), ReviewLog(tmp_path / "log", "g")
    log.add(one)
    assert changed.load() == {}
    changed.add(one.model_copy(update={"fingerprint": "g"}))
    assert len(changed.load()) == len(log.load()) == 1


def test_a_last_line_that_was_cut_off_is_taken_away(one: Review, tmp_path: Path) -> None:
    path = tmp_path / "log"
    log = ReviewLog(path, "f")
    log.add(one)
    whole = path.read_bytes()
    path.write_bytes(whole + whole[: len(whole) // 2])
    assert log.load() == {one.key: one}
    log.add(one.model_copy(update={"repeat": 1}))
    assert len(log.load()) == 2


@pytest.mark.parametrize("line", ["{}", "[]", "not json", '{"fingerprint": "f"}'])
def test_a_line_that_is_no_review_is_named(line: str, one: Review, tmp_path: Path) -> None:
    path = tmp_path / "log"
    ReviewLog(path, "f").add(one)
    with path.open("a", encoding="utf-8") as stream:
        stream.write(f"{line}\n")
    with pytest.raises(InputError, match="log:2: "):
        ReviewLog(path, "f").load()


@pytest.mark.parametrize("cause", ["failed", "late", "over_budget"])
def test_what_has_to_be_asked_again_is_not_kept(cause: str, suite: Callable[..., Suite], review: Make, tmp_path: Path) -> None:
    loaded = suite({"file": "a.md", "expect": {"vote_in": ["APPROVE"]}}, a="x")
    log = ReviewLog(tmp_path / "log", "f")
    log.add(review(loaded, "a.md", {"tracer": "APPROVE", "operator": "ABSTAIN"}, causes={"operator": cause}))
    assert log.load() == {}


def test_without_a_file_nothing_is_kept(one: Review) -> None:
    log = ReviewLog(None, "f")
    log.add(one)
    assert log.load() == {}


def test_a_file_that_cannot_be_written_is_named(one: Review, tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="cannot be written"):
        ReviewLog(tmp_path / "no" / "log", "f").add(one)


def test_a_review_covers_what_it_has(one: Review) -> None:
    assert one.covers(["tracer"], council=True)
    assert not one.covers(["tracer", "operator"], council=False)
    assert not one.model_copy(update={"verdict": None}).covers(["tracer"], council=True)
