"""Telling phrases: what is quoted, what is refused, what is reported as open; with a persona written for the purpose."""

from __future__ import annotations

from pathlib import Path

import pytest

from council.ballot import Finding, Reply
from council.seats.model import Seat
from tests.reviewers.checklist.kit import reply_of, seat_of

PERSONA = """---
name: guard
description: Asks about alerts and keys
sections: ["alert*", "operation"]
stakes: [service, queue, "fail*", "deploy*"]
---

# guard

## Checklist

### Watch {#watch}

- [ ] Which alerts fire? {#alerts}

  ```evidence
  sections: [alert, "operation"]
  phrases: ["alert*", "page*"]
  telling: ["alert* .. when|if|above & {percent}|{duration}"]
  severity: blocker
  ask: Name the alerts.
  where: Operation
  ```

- [ ] Who holds the keys? {#keys}

  ```evidence
  phrases: ["key*"]
  telling: ["key .. held|owned by"]
  ```
"""

FILLER = "The service reads orders from the queue and writes them to the ledger in one transaction for each order."
RUNS = (
    "## Scope\n\nThe service is deployed twice a week. Before each deploy the queue of the service is drained. "
    "When the service fails, the queue grows."
)
TOLD = "An alert is sent when the error rate stays above 2 % for 10 min, because users notice at 5 %."
LOOSE = "The alert mechanism of the platform team is built on a well known product with 3 replicas in `eu`."


@pytest.fixture(scope="module")
def seat(tmp_path_factory: pytest.TempPathFactory) -> Seat:
    return seat_of(tmp_path_factory.mktemp("personas"), PERSONA)


def review(seat: Seat, *sections: str) -> Reply:
    return reply_of(seat, "# RFC", f"## Design\n\n{FILLER}", *sections)


def about(reply: Reply, question: str, *kinds: str) -> list[Finding]:
    return [f for f in reply.findings if f.question == f"guard.watch.{question}" and f.kind in kinds]


def test_the_sentence_that_answers_by_itself_is_quoted(seat: Seat) -> None:
    (praise,) = about(review(seat, f"## Operation\n\n{LOOSE} {TOLD}"), "alerts", "praise")
    assert praise.citations[0].quote == TOLD


@pytest.mark.parametrize("after", ["Its threshold is TBD.", "Is that enough?", "See the section below for others."])
def test_what_goes_on_without_saying_anything_is_not_quoted_with_it(seat: Seat, after: str) -> None:
    (praise,) = about(review(seat, f"## Operation\n\n{TOLD} {after}"), "alerts", "praise")
    assert praise.citations[0].quote == TOLD


def test_a_sentence_that_enlarges_on_it_is_quoted_with_it(seat: Seat) -> None:
    more = "It names the region and the queue."
    (praise,) = about(review(seat, f"## Operation\n\n{TOLD} {more}"), "alerts", "praise")
    assert praise.citations[0].quote == f"{TOLD} {more}"


@pytest.mark.parametrize(
    ("row", "praised"), [("the share of failed requests stays above 2 %", 1), ("the share of failed requests stays high", 0)]
)
def test_a_row_of_a_table_is_praised_for_a_figure_or_a_name_as_a_header_has_none(tmp_path: Path, row: str, *, praised: int) -> None:
    loose = seat_of(tmp_path, PERSONA.replace("alert* .. when|if|above & {percent}|{duration}", "alert* .. when"))
    table = f"| Alert is sent when | {row} |\n|---|---|\n| red | green |"
    assert len(about(review(loose, f"## Operation\n\n{TOLD.replace('when', 'as')}\n\n{table}"), "alerts", "praise")) == praised


def test_a_short_sentence_that_answers_by_itself_in_its_place_is_an_answer(tmp_path: Path) -> None:
    loose = seat_of(tmp_path, PERSONA.replace("alert* .. when|if|above & {percent}|{duration}", "alert* .. when"))
    answers = [review(loose, f"## {title}\n\nAn alert fires when the queue stops.").answers[0].status for title in ("Alert", "Scope")]
    assert answers == ["answered", "mentioned"]


def test_a_question_about_a_whole_is_answered_and_not_praised(seat: Seat, tmp_path: Path) -> None:
    whole = seat_of(tmp_path, PERSONA.replace("ask: Name the alerts.", "ask: Name the alerts.\n  quotable: false"))
    one, other = (review(each, f"## Operation\n\n{TOLD}") for each in (seat, whole))
    assert (one.answers[0].status, other.answers[0].status) == ("answered", "answered")
    assert about(one, "alerts", "praise")
    assert not about(other, "alerts", "praise")


SURE = "The alert on the ledger was chosen over a report, because a report of 24 h is read too late by `ops`."


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Seat:
    text = PERSONA.replace("ask: Name the alerts.", 'ask: Name the alerts.\n  decisive: ["alert .. chosen & because", "alert .. because"]')
    return seat_of(tmp_path_factory.mktemp("decided"), text.replace('[alert, "operation"]', '[alert, "operation", "alternative*"]'))


def test_of_the_surest_answers_the_surest_is_praised_and_not_the_first(decided: Seat) -> None:
    sure = "An alert is needed, because users of 3 regions notice a delay before `ops` does."
    assert about(review(decided, f"## Operation\n\n{TOLD}\n\n{sure}"), "alerts", "praise")[0].citations[0].quote == sure
    (praise,) = about(review(decided, f"## Operation\n\n{TOLD}\n\n{sure}\n\n{SURE}"), "alerts", "praise")
    assert praise.citations[0].quote == SURE


def test_where_surest_answers_are_named_nothing_less_is_praised(decided: Seat, seat: Seat) -> None:
    less = TOLD.partition(",")[0] + "."
    assert about(review(seat, f"## Operation\n\n{less}"), "alerts", "praise")
    assert not about(review(decided, f"## Operation\n\n{less}"), "alerts", "praise")


@pytest.mark.parametrize(
    "text", [SURE.replace("The alert", "Today the alert"), SURE.replace("The alert on the ledger was", "No alert was")]
)
def test_what_is_told_of_today_or_denied_is_no_surest_answer(decided: Seat, text: str) -> None:
    assert not about(review(decided, f"## Operation\n\n{LOOSE}\n\n{text}"), "alerts", "praise")


@pytest.mark.parametrize(("title", "praised"), [("Alternatives considered", 1), ("Background", 0), ("Design", 0)])
def test_what_was_turned_down_is_praised_where_the_question_asks_for_it(decided: Seat, title: str, *, praised: int) -> None:
    (*about_it,) = about(review(decided, f"## Operation\n\n{LOOSE}", f"## {title}\n\n{SURE}"), "alerts", "praise")
    assert len(about_it) == praised


@pytest.mark.parametrize("start", ["Therefore an", "However, an"])
def test_a_sentence_that_leans_on_the_one_before_is_quoted_with_it(seat: Seat, start: str) -> None:
    before, leaning = "The rota of 3 people reads no reports.", TOLD.replace("An", start, 1)
    (praise,) = about(review(seat, f"## Operation\n\n{before} {leaning}"), "alerts", "praise")
    assert praise.citations[0].quote == f"{before} {leaning}"


def test_a_sentence_leans_on_nothing_in_another_paragraph(seat: Seat) -> None:
    leaning = TOLD.replace("An", "However, an", 1)
    (praise,) = about(review(seat, f"## Operation\n\nThe rota of 3 people reads no reports.\n\n{leaning}"), "alerts", "praise")
    assert praise.citations[0].quote == leaning


def test_a_step_of_a_test_is_not_praised(seat: Seat) -> None:
    assert about(review(seat, f"## Operation\n\n### Alert\n\n{TOLD}"), "alerts", "praise")
    assert not about(review(seat, f"## Test plan\n\n### Alert\n\n{TOLD}"), "alerts", "praise")


def test_a_sentence_that_only_speaks_of_the_subject_is_not_quoted(seat: Seat) -> None:
    assert not about(review(seat, f"## Operation\n\n{LOOSE} {LOOSE}"), "alerts", "praise")


@pytest.mark.parametrize(
    "text",
    [
        "See the section below for when an alert fires above 2 % of errors.",
        "Today an alert is sent when the error rate of the service is above 2 %.",
        "We may consider an alert when the error rate of the service is above 2 %.",
    ],
)
def test_what_points_away_tells_of_today_or_of_what_might_be_is_not_quoted(seat: Seat, text: str) -> None:
    assert not about(review(seat, f"## Operation\n\n{text}"), "alerts", "praise")


def test_a_question_that_is_told_elsewhere_is_not_reported_as_open(seat: Seat) -> None:
    assert about(review(seat, RUNS), "alerts", "gap")
    assert not about(review(seat, RUNS, f"## Motivation of the numbers\n\n{TOLD}"), "alerts", "gap")


def test_the_denial_of_a_loose_phrase_is_no_refusal(seat: Seat) -> None:
    loose = "The paging of users and the alert colours are not part of the product, which has 3 themes."
    assert not about(review(seat, f"## Operation\n\n{loose}"), "alerts", "risk")


def test_the_denial_of_a_telling_phrase_is_a_refusal(seat: Seat) -> None:
    plain = "We will not alert when the error rate is above 2 % in the service."
    assert about(review(seat, f"## Operation\n\n{plain}"), "alerts", "risk")


def test_only_what_names_the_question_is_shown_as_the_nearest_passage(seat: Seat) -> None:
    (far,) = about(review(seat, RUNS, "```\nalert_colour: red\n```"), "alerts", "gap")
    (near,) = about(review(seat, RUNS, "## Alert\n\nTBD."), "alerts", "gap")
    assert far.absence is not None
    assert far.absence.nearest is None
    assert "does not say" in far.claim
    assert near.absence is not None
    assert near.absence.nearest is not None
    assert near.absence.nearest.quote == "Alert"
    assert "only touches on it" in near.claim


def test_a_condition_points_to_the_plainest_heading_on_the_question(seat: Seat) -> None:
    conditions = review(seat, RUNS, "## Operation\n\nTBD.", "## Alert\n\nTBD.").conditions
    assert [c.where for c in conditions if c.text == "Name the alerts."] == ["Alert"]


def test_where_the_ground_is_hardly_touched_the_seat_only_asks_whether_it_matters(seat: Seat) -> None:
    reply = review(seat)
    assert not reply.findings
    (condition,) = reply.conditions
    assert condition.about == "guard.watch.alerts"
    assert condition.text == "Say whether this matters here; if it does: Name the alerts."


def test_where_little_of_the_ground_is_touched_one_gap_asks_whether_it_matters(seat: Seat) -> None:
    reply = review(seat, "## Scope\n\nThe service is small. The service is written in Rust.")
    (gap,) = reply.findings
    assert gap.severity == "minor"
    assert "does not say whether this matters here" in gap.claim


def test_of_two_questions_of_one_group_the_gravest_is_reported(seat: Seat) -> None:
    assert [f.question for f in review(seat, RUNS).findings] == ["guard.watch.alerts"]


def test_a_long_proposal_is_shown_one_gap_as_its_words_may_be_others(seat: Seat) -> None:
    reply = review(seat, RUNS, *(f"## Part {n}\n\n{FILLER}" for n in range(100)))
    assert len([f for f in reply.findings if f.kind == "gap"]) <= 1


@pytest.mark.parametrize(
    "section",
    [
        f"## Other matters\n\n{TOLD}",
        "## Operation\n\nAn alert is sent to the team on duty if that is what it takes for a duration.",
        "## Operation\n\nThis section describes the alert that is sent when the error rate stays above 2 % for 10 min.",
    ],
)
def test_what_stands_off_its_heading_is_vague_or_introduces_is_not_praised(seat: Seat, section: str) -> None:
    assert not about(review(seat, RUNS, section), "alerts", "praise")


def test_a_ground_that_a_proposal_hardly_touches_is_no_reason_to_reject(seat: Seat) -> None:
    assert review(seat).vote == "MODIFY"


def test_a_ground_that_a_proposal_touches_on_every_side_and_leaves_out_is_rejected(seat: Seat) -> None:
    broad = (
        "The service is deployed twice a week. When it fails, the queue grows. A failed deploy leaves the service and the queue stopped."
    )
    assert review(seat, f"## Scope\n\n{broad} {broad}").vote == "REJECT"


def test_sections_on_the_ground_that_were_left_empty_are_neglect(seat: Seat) -> None:
    touched = "The service restarts by itself. The service keeps no state of its own at all."
    assert review(seat, f"## Scope\n\n{touched}", "## Operation\n\nTBD.").vote == "REJECT"


def test_labels_of_readers_are_read_with_their_alternatives_and_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[2] / "benchmarks"))
    from labels import read_labels  # type: ignore[import-not-found]  # benchmarks are no package

    lines = ["a.md\tguard.watch.alerts\tanswered\tmentioned\t12-14,40\t-", "a.md\tvote:guard\tMODIFY\t-\t-\tthin"]
    (tmp_path / "labels.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    document = read_labels([tmp_path / "labels.tsv"])["a.md"]
    label = document.questions["guard.watch.alerts"]
    assert label.allows("mentioned")
    assert label.points_at(16, 16)
    assert not label.points_at(17, 37)
    assert document.votes["guard"].statuses == ("MODIFY",)


def test_what_stands_in_code_refuses_nothing(seat: Seat) -> None:
    named = "The status `queue not drained` alerts when it lasts for more than 5 minutes in a region."
    assert not about(review(seat, f"## Operation\n\n{named}"), "alerts", "risk")


def test_a_short_sentence_is_quoted_with_the_one_that_goes_on_from_it(seat: Seat) -> None:
    onward = "Whoever is on call silences it in `alerts.yml`."
    (praise,) = about(review(seat, f"## Operation\n\n{TOLD}\n{onward}"), "alerts", "praise")
    assert praise.citations[0].quote == f"{TOLD} {onward}"


def test_no_more_than_two_gaps_are_reported(tmp_path: Path) -> None:
    groups = "".join(f"""
### Group {n} {{#g{n}}}

- [ ] What of matter {n}? {{#q{n}}}

  ```evidence
  phrases: ["matter{n}"]
  telling: ["matter{n} is"]
  severity: {"major" if n == 3 else "minor"}
  weight: {4 - n}
  ```
""" for n in range(4))  # fmt: skip
    keys = '  telling: ["key .. held|owned by"]'
    text = PERSONA.replace("severity: blocker", "severity: minor").replace(keys, f"{keys}\n  severity: minor")
    reply = review(seat_of(tmp_path, text + groups), RUNS)
    assert reply.vote == "REJECT"
    assert [f.severity for f in reply.findings if f.kind == "gap"] == ["major", "minor"]


def test_a_long_sentence_is_quoted_alone(seat: Seat) -> None:
    onward = f"Whoever is on call silences it in `alerts.yml`, {'and writes down what it was, ' * 12}at once."
    (praise,) = about(review(seat, f"## Operation\n\n{TOLD}\n{onward}"), "alerts", "praise")
    assert praise.citations[0].quote == TOLD
