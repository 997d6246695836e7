from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from council.errors import InputError, MissingInputError
from council.evaluation import EvalResult, Review, Suite, changes, evaluate, load_result
from council.evaluation.table import render

Results = Callable[..., EvalResult]


@pytest.fixture
def result(suite: Callable[..., Suite], review: Callable[..., Review]) -> Results:
    """Of one case for each proposal, all expecting APPROVE, by what the tracer voted; "-" is no review."""

    def make(group: str = "good", **votes: str) -> EvalResult:
        cases = [{"id": name, "class": group, "file": f"{name}.md", "expect": {"vote_in": ["APPROVE"]}} for name in votes]
        loaded = suite(*cases, **{name: name for name in votes})
        made = [review(loaded, f"{name}.md", {"tracer": vote}) for name, vote in votes.items() if vote != "-"]
        return evaluate(loaded, {each.key: each for each in made}, reviewer="by hand", fingerprint="f", made=len(made), seconds=1.25)

    return make


def test_a_class_has_its_rate_with_its_interval(result: Results) -> None:
    (found,) = result(a="APPROVE", b="APPROVE", c="REJECT", d="APPROVE").classes
    assert (found.name, found.n, found.passed, found.rate) == ("good", 4, 3, 0.75)
    assert (found.low, found.high) == pytest.approx((0.3006, 0.9544), abs=1e-4)


def test_what_was_not_reviewed_counts_as_not_passed(result: Results) -> None:
    (found,) = result(a="APPROVE", b="-").classes
    assert (found.n, found.passed, found.rate, found.unreviewed) == (2, 1, 0.5, 1)


def test_what_could_not_be_seen_is_no_part_of_the_rate(suite: Callable[..., Suite], review: Callable[..., Review]) -> None:
    loaded = suite({"file": "a.md", "expect": {"worse_than": "b.md", "by": "vote"}}, a="x", b="y")
    made = [review(loaded, file, {"tracer": "REJECT"}) for file in ("a.md", "b.md")]
    (found,) = evaluate(loaded, {each.key: each for each in made}, reviewer="r", fingerprint="f").classes
    assert (found.n, found.set_aside, found.rate) == (0, 1, None)


def test_classes_come_in_the_order_of_the_cases(suite: Callable[..., Suite]) -> None:
    loaded = suite(*({"file": "a.md", "class": name, "expect": {"vote_in": ["APPROVE"]}} for name in ("z", "a", "z")), a="x")
    assert [found.name for found in evaluate(loaded, {}, reviewer="r", fingerprint="f").classes] == ["z", "a"]


def test_a_result_is_read_as_it_was_written(result: Results, tmp_path: Path) -> None:
    written = result(a="APPROVE", b="REJECT")
    path = tmp_path / "result.json"
    path.write_text(written.model_dump_json(by_alias=True), encoding="utf-8")
    assert load_result(path) == written
    assert '"class":"good"' in path.read_text(encoding="utf-8")


def test_another_file_is_no_baseline(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text('{"outcome": "APPROVE"}', encoding="utf-8")
    with pytest.raises(InputError, match=r"other\.json: is no result of council eval"):
        load_result(tmp_path / "other.json")
    with pytest.raises(MissingInputError, match=r"none\.json: no such file"):
        load_result(tmp_path / "none.json")


def test_the_baseline_shows_case_by_case_what_changed(result: Results) -> None:
    before = result(same="APPROVE", lost="APPROVE", won="REJECT", votes="MODIFY", gone="APPROVE")
    after = result(same="APPROVE", lost="MODIFY", won="APPROVE", votes="REJECT", new="APPROVE")
    found = {change.id: change for change in changes(before, after)}
    assert list(found) == ["lost", "won", "votes", "new", "gone"]
    assert [c.id for c in found.values() if c.lost] == ["lost"]
    assert [c.id for c in found.values() if c.won] == ["won"]
    assert (found["votes"].was, found["votes"].now, found["votes"].votes_were, found["votes"].votes_are) == (
        "failed", "failed", ("MODIFY",), ("REJECT",),
    )  # fmt: skip
    assert (found["new"].was, found["gone"].now) == (None, None)


def test_nothing_changed_against_itself(result: Results) -> None:
    one = result(a="APPROVE", b="REJECT")
    assert changes(one, one) == ()


def test_the_table_has_each_class_and_each_case_that_did_not_pass(result: Results) -> None:
    shown = render(result(a="APPROVE", b="REJECT", c="-"), width=100)
    assert "suite: 3 cases, by hand, 2 of 2 reviews made in 1.2 s" in shown
    row = next(line.split() for line in shown.splitlines() if line.startswith("good"))
    assert row == ["good", "3", "1", "33.3%", "6.1", "–", "79.2%", "1"]
    assert "  b [tracer]: REJECT is not APPROVE" in shown
    assert "  c [tracer]: c.md: not reviewed" in shown


def test_a_long_list_is_cut_unless_everything_is_asked_for(result: Results) -> None:
    wrong = result(**{f"case{n:02}": "REJECT" for n in range(25)})
    assert "and 5 more" in render(wrong)
    assert "case24" not in render(wrong)
    assert "case24" in render(wrong, verbose=True)


def test_the_table_names_what_was_lost_first(result: Results) -> None:
    before, after = result(won="REJECT", lost="APPROVE"), result(won="APPROVE", lost="MODIFY")
    lines = render(after, baseline=before).splitlines()
    at = lines.index("Against the baseline")
    assert lines[at + 1] == "  1 lost, 1 won, 0 otherwise changed or new or gone"
    assert lines[at + 2] == "  lost: passed → failed, APPROVE → MODIFY (MODIFY is not APPROVE)"
    assert lines[at + 3] == "  won: failed → passed, REJECT → APPROVE"


def test_the_table_says_when_the_baseline_had_other_cases(result: Results) -> None:
    before, after = result(a="APPROVE"), result(a="APPROVE", b="APPROVE")
    assert "The cases of the suite have changed since." in render(after, baseline=before)
    assert "have changed since" not in render(after, baseline=after)


def test_what_comes_from_a_suite_controls_no_terminal(result: Results) -> None:
    shown = render(result("[red]bad[/red]\x1b[31m", a="REJECT"), color=False)
    assert "\x1b" not in shown
    assert "[red]bad[/red]" in shown
