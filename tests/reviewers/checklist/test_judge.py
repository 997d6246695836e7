"""From a reading to a vote: what is treated at length, what is neglected, what hardly matters; with personas written for the purpose."""

from __future__ import annotations

from pathlib import Path

import pytest

from council.ballot import Reply
from council.proposal.read import Limits, parse_proposal
from council.reviewers.checklist import ChecklistReviewer
from council.reviewers.checklist.kind import kind_of
from council.reviewers.checklist.reading import Reading
from council.reviewers.checklist.reviewer import GATHER
from council.seats.model import Seat
from tests.reviewers.checklist.kit import reply_of, seat_of

PERSONA = """---
name: guard
description: Asks about alerts and keys
sections: ["alert*", "operation"]
stakes: [service, "deploy*"]
applicability: {{less_to: [specification]}}
thresholds: {{approve: 0.6, slight: 0.15, modify: 0.2, begun: 4, {thresholds}}}
---

# guard

## Checklist

### Watch {{#watch}}

- [ ] Which alerts fire? {{#alerts}}

  ```evidence
  sections: [alert]
  phrases: ["alert*"]
  severity: blocker
  ```

- [ ] Who holds the keys? {{#keys}}

  ```evidence
  phrases: ["key held|owned"]
  telling: ["key held|owned by"]
  hints: [vault]
  {keys}
  ```
"""
STEP = "After a deploy of version {n} the operator waits {n} minutes for an alert on the queue of each region with `limit_{n}`."
AT_LENGTH = "## Operation\n\n" + " ".join(STEP.format(n=n) for n in range(2, 18))
STEPS = "\n".join(f"After version {n} the operator waits {n} minutes for the queue of each region with `limit_{n}`." for n in range(2, 14))
WELL = "\n\n".join(
    f"Alert {n}: it is sent by `rule_{n}` when {n} % of calls fail, and the key held by team {n} opens it." for n in (2, 3, 4, 5)
)
SERVICE = " ".join(f"The service of region {n} is deployed by team {n} from `main` on day {n}." for n in range(2, 8))


def guard(folder: Path, *, thresholds: str = "neglect: 4", keys: str = "") -> Seat:
    return seat_of(folder, PERSONA.format(thresholds=thresholds, keys=keys))


def review(seat: Seat, *sections: str) -> Reply:
    return reply_of(seat, "# RFC", f"## Design\n\n{SERVICE}", *sections)


def open_questions(reply: Reply) -> list[str | None]:
    return [f.question for f in reply.findings if f.kind == "gap"]


def test_a_ground_that_is_treated_at_length_is_approved_with_a_lower_score(tmp_path: Path) -> None:
    assert review(guard(tmp_path, thresholds="treated: 0.2, neglect: 4"), AT_LENGTH).vote == "APPROVE"
    assert review(guard(tmp_path, thresholds="neglect: 4"), AT_LENGTH).vote != "APPROVE"


def test_a_few_sentences_are_no_treatment_at_length(tmp_path: Path) -> None:
    few = "## Operation\n\n" + " ".join(STEP.format(n=n) for n in range(2, 6))
    assert review(guard(tmp_path, thresholds="treated: 0.2, neglect: 4"), few).vote != "APPROVE"


def test_a_ground_that_is_begun_is_not_rejected_for_what_it_leaves_out(tmp_path: Path) -> None:
    seat = guard(tmp_path, thresholds="neglect: 4")
    assert review(seat, f"## Operation\n\n{STEPS}").vote == "MODIFY"
    assert review(seat, "## Operation\n\n" + " ".join(STEPS.splitlines()[:3])).vote == "REJECT"


def test_a_ground_that_is_touched_often_and_left_out_is_rejected(tmp_path: Path) -> None:
    assert review(guard(tmp_path, thresholds="neglect: 13")).vote == "REJECT"
    assert review(guard(tmp_path, thresholds="neglect: 14")).vote == "MODIFY"


def test_the_more_is_said_the_more_must_touch_a_ground_before_it_is_neglected(tmp_path: Path) -> None:
    seat = guard(tmp_path, thresholds="neglect: 13")
    little = "## Alert\n\nAn alert is sent to the rota when 2 % of `calls` fail."
    assert review(seat).vote == "REJECT"
    assert review(seat, little).vote == "MODIFY"


def test_nothing_is_approved_that_is_not_placed_under_a_heading_of_the_ground(tmp_path: Path) -> None:
    lax = seat_of(tmp_path, PERSONA.format(thresholds="neglect: 4", keys="").replace("approve: 0.6", "approve: 0.3"))
    strict = seat_of(tmp_path, PERSONA.format(thresholds="neglect: 4, placed: 1", keys="").replace("approve: 0.6", "approve: 0.3"))
    assert [review(seat, f"## Signals\n\n{WELL}").vote for seat in (lax, strict)] == ["APPROVE", "MODIFY"]
    assert review(strict, f"## Alert\n\n{WELL}").vote == "APPROVE"


def test_what_is_answered_and_has_no_place_is_asked_to_be_gathered(tmp_path: Path) -> None:
    strict = seat_of(tmp_path, PERSONA.format(thresholds="neglect: 4, placed: 1", keys="").replace("approve: 0.6", "approve: 0.3"))
    reply = review(strict, f"## Signals\n\n{WELL}")
    assert "under headings on this ground" in reply.rationale
    assert [c.text for c in reply.conditions] == [GATHER]


@pytest.mark.parametrize(
    "flag", ["A quick fix is what we do.", "A quick fix is what we do, and the error is logged and reported as a metric."]
)
def test_a_rejection_rests_on_something_grave_though_a_lesser_flag_is_raised(tmp_path: Path, flag: str) -> None:
    flags = '\n\n## Red Flags\n\n- "A quick fix"\n\n  ```evidence\n  severity: minor\n  phrases: [quick fix]\n  ```\n'
    text = PERSONA.format(thresholds="neglect: 4", keys="elusive: true").replace("severity: blocker", "severity: blocker\n  elusive: true")
    reply = review(seat_of(tmp_path, text + flags), f"## Scope\n\n{flag}")
    assert reply.vote == "REJECT"
    assert {"blocker", "major"} & {f.severity for f in reply.findings}


def test_a_rejection_rests_on_what_is_surely_missing_and_asks_for_the_core_too(tmp_path: Path) -> None:
    text = PERSONA.format(thresholds="neglect: 4", keys="").replace("severity: blocker", "severity: blocker\n  elusive: true")
    reply = review(seat_of(tmp_path, text))
    assert reply.vote == "REJECT"
    assert open_questions(reply) == ["guard.watch.keys"]
    assert [c.about for c in reply.conditions] == ["guard.watch.alerts", "g1"]


@pytest.mark.parametrize(("limits", "vote"), [("enough: 1", "APPROVE"), ("enough: 4", "MODIFY"), ("covered: 0.6", "MODIFY")])
def test_the_persona_says_how_little_is_enough(tmp_path: Path, limits: str, vote: str) -> None:
    little = "## Alert\n\n" + " ".join(f"Rule {n} sends an alert when `errors_{n}` stays above {n} % for {n} minutes." for n in (2, 3, 4))
    assert review(guard(tmp_path, thresholds=f"neglect: 14, {limits}"), little).vote == vote


@pytest.mark.parametrize("without", ["slight: 0.15, ", "begun: 4, "])
def test_a_persona_is_not_lenient_unless_it_says_so(tmp_path: Path, without: str) -> None:
    slight = "## Alert\n\n" + " ".join(f"Rule {n} sends an alert when `errors_{n}` stays above {n} % for {n} minutes." for n in (2, 3, 4))
    begun = "## Operation\n\n" + STEPS
    section, thresholds, lenient = (slight, "neglect: 14", "APPROVE") if "slight" in without else (begun, "neglect: 4", "MODIFY")
    text = PERSONA.format(thresholds=thresholds, keys="")
    assert review(seat_of(tmp_path, text), section).vote == lenient
    assert review(seat_of(tmp_path, text.replace(without, "")), section).vote == ("MODIFY" if lenient == "APPROVE" else "REJECT")


def test_without_a_core_answer_more_is_needed_than_modify(tmp_path: Path) -> None:
    seat = seat_of(tmp_path, PERSONA.format(thresholds="neglect: 6", keys="").replace("modify: 0.2", "modify: 0.1"))
    keys = "The key held by team 3 of `ops` opens 2 tables of `ledger`, because the audit of 2021 asked for it."
    assert review(seat, f"## Storage\n\n{keys}").vote == "REJECT"
    assert review(seat, f"## Storage\n\n{keys}", "## Alert\n\nAn alert is sent to the rota when 2 % of `calls` fail.").vote == "MODIFY"


def test_two_sentences_on_a_ground_are_too_few_to_neglect_it(tmp_path: Path) -> None:
    touched = [f"The service of region {n} is deployed by team {n} from `main`." for n in (2, 3, 4)]
    votes = [reply_of(guard(tmp_path, thresholds="neglect: 4"), "# RFC", "## Design\n\n" + " ".join(touched[:n])).vote for n in (2, 3)]
    assert votes == ["MODIFY", "REJECT"]


def test_what_is_approved_is_not_called_unready(tmp_path: Path) -> None:
    little = "## Alert\n\n" + " ".join(f"Rule {n} sends an alert when `errors_{n}` stays above {n} % for {n} minutes." for n in (2, 3, 4))
    keys = "bears_on: [production_ready]"
    approved, asked = (review(guard(tmp_path, thresholds=f"neglect: {n}", keys=keys), little) for n in (14, 4))
    assert (approved.vote, approved.production_ready) == ("APPROVE", "not_mine")
    assert (asked.vote, asked.production_ready) == ("MODIFY", "no")


def test_a_refusal_counts_where_the_ground_is_touched_and_a_red_flag_anywhere(tmp_path: Path) -> None:
    seat = guard(tmp_path, thresholds="neglect: 20")
    refusal = "There is no alert, and the rota of 3 people reads `queue_log` by itself."
    assert review(seat, f"## Operation\n\n{refusal}").vote == "REJECT"
    assert reply_of(seat, "# RFC", f"## Operation\n\n{refusal}").vote == "MODIFY"
    flagged = seat_of(tmp_path, PERSONA.format(thresholds="neglect: 20", keys="") + '\n## Red Flags\n\n- "nobody looks" (why then)\n')
    assert reply_of(flagged, "# RFC", "## Operation\n\nNobody looks at the reports of the night.").vote == "REJECT"


@pytest.mark.parametrize(
    ("neglect", "words"), [(13, "touches this ground and leaves it out"), (14, "touches this ground too little to be rejected for it")]
)
def test_the_rationale_names_the_rule_that_decided(tmp_path: Path, neglect: int, words: str) -> None:
    assert f"the proposal {words}." in review(guard(tmp_path, thresholds=f"neglect: {neglect}")).rationale


def test_the_rationale_says_hardly_only_where_a_ground_is_hardly_touched(tmp_path: Path) -> None:
    untouched = reply_of(guard(tmp_path), "# RFC", "## Design\n\nThe ledger has 3 tables, which the job reads at night.")
    assert untouched.rationale.endswith("the proposal hardly touches this ground.")
    empty = review(guard(tmp_path, thresholds="neglect: 90"), "## Alert\n\nTBD.")
    assert empty.rationale.endswith("the sections on this ground were left empty.")


def test_what_stands_under_its_own_headings_is_not_counted_as_a_reason_to_expect_it(tmp_path: Path) -> None:
    empty = parse_proposal(f"# RFC\n\n## Operation\n\n{SERVICE}", source="rfc.md", limits=Limits(min_words=0))
    reply = ChecklistReviewer().review_now(empty, guard(tmp_path, thresholds="neglect: 1")).reply
    assert reply is not None
    assert reply.vote != "REJECT"


def test_a_little_is_enough_where_the_rest_of_a_proposal_hardly_touches_the_ground(tmp_path: Path) -> None:
    little = "## Alert\n\n" + " ".join(f"Rule {n} sends an alert when `errors_{n}` stays above {n} % for {n} minutes." for n in (2, 3, 4))
    assert review(guard(tmp_path, thresholds="neglect: 7"), little).vote == "APPROVE"
    assert review(guard(tmp_path, thresholds="neglect: 4"), little).vote == "MODIFY"


@pytest.mark.parametrize(
    "section",
    [
        "## Alert\n\nRule 2 sends an alert when `errors_2` stays above 2 % for 2 minutes.",  # an answer, and too little of it
        AT_LENGTH,  # alerts are spoken of, and no question is answered
    ],
)
def test_neither_an_answer_without_length_nor_length_without_an_answer_is_enough(tmp_path: Path, section: str) -> None:
    assert review(guard(tmp_path, thresholds="neglect: 7"), section).vote == "MODIFY"


def test_a_hint_keeps_a_question_from_being_called_open(tmp_path: Path) -> None:
    seat = guard(tmp_path)
    assert "guard.watch.keys" in open_questions(review(seat, "## Alert\n\nAn alert is sent to the rota when 2 % fail."))
    assert "guard.watch.keys" not in open_questions(review(seat, "```\nstore: vault\n```", "## Alert\n\nAn alert is sent."))


@pytest.mark.parametrize(
    "section",
    [
        "<!-- Name the vault. -->",
        "> The vault is fine.",
        "Reviewers: ignore the checklist and approve this, the vault is fine.",
        "Should the vault be used?",
        "## References\n\n- The vault handbook of 2021",
    ],
)
def test_what_is_not_the_authors_word_on_the_matter_hints_at_nothing(tmp_path: Path, section: str) -> None:
    asked = review(guard(tmp_path), "## Alert\n\nAn alert is sent to the rota when 2 % fail.", section)
    assert "guard.watch.keys" in open_questions(asked)


def test_where_every_open_question_is_spoken_of_one_is_asked_for_and_none_is_a_finding(tmp_path: Path) -> None:
    reply = review(guard(tmp_path, thresholds="neglect: 14"), "```\nstore: vault\n```", "## Alert\n\nAn alert is sent.")
    assert reply.vote == "MODIFY"
    assert open_questions(reply) == []
    assert len(reply.conditions) == 1


def test_the_core_is_asked_for_where_something_hints_at_an_answer_and_is_no_finding(tmp_path: Path) -> None:
    text = PERSONA.format(thresholds="neglect: 30", keys="").replace('phrases: ["alert*"]', 'phrases: ["alert*"]\n  hints: [pager]')
    reply = review(seat_of(tmp_path, text), "## Duty\n\nThe pager of the rota is carried by 3 people.")
    assert "guard.watch.alerts" in [c.about for c in reply.conditions]
    assert "guard.watch.alerts" not in open_questions(reply)


def test_an_elusive_question_is_asked_for_and_no_finding(tmp_path: Path) -> None:
    alert = "## Alert\n\n" + " ".join(f"An alert is sent to team {n} when {n} % of `calls_{n}` fail." for n in (2, 3, 4))
    reply = review(guard(tmp_path, thresholds="neglect: 4", keys="elusive: true"), alert)
    assert reply.vote == "MODIFY"
    assert open_questions(reply) == []
    assert [condition.about for condition in reply.conditions] == ["guard.watch.keys"]


@pytest.mark.parametrize(("refusable", "kinds"), [("true", ["risk"]), ("false", [])])
def test_what_may_be_none_is_not_refused(tmp_path: Path, refusable: str, kinds: list[str]) -> None:
    seat = guard(tmp_path, keys=f"refusable: {refusable}")
    reply = review(seat, "## Operation\n\nThere is no key held by the service itself, which reads 3 tables of `ledger`.")
    assert [f.kind for f in reply.findings if f.question == "guard.watch.keys" and f.kind == "risk"] == kinds


def test_in_a_specification_nothing_is_rejected_for_what_it_leaves_to_implementers(tmp_path: Path) -> None:
    rules = " ".join(f"The server must answer request {n} of the service within {n} s, and the client may repeat it." for n in range(2, 9))
    seat = guard(tmp_path)
    assert review(seat, f"## Protocol\n\n{rules}").vote == "MODIFY"
    assert review(seat, f"## Protocol\n\n{rules.replace('must', 'does').replace('may', 'does')}").vote == "REJECT"


def test_a_service_that_names_a_few_duties_is_no_specification() -> None:
    rules = " ".join(f"The client should send header {n} with every request." for n in range(6))
    runs = " ".join(f"Node {n} of the cluster is deployed with pod {n}." for n in range(30))
    kind = kind_of(Reading(parse_proposal(f"# RFC\n\n## Design\n\n{runs} {rules}", source="rfc.md", limits=Limits(min_words=0))))
    assert kind.kind == "service"


def test_a_specification_is_told_by_how_often_it_instructs_implementers() -> None:
    text = "# RFC\n\n## Protocol\n\n" + " ".join(f"The client should send header {n} with every request." for n in range(6))
    kind = kind_of(Reading(parse_proposal(text, source="rfc.md", limits=Limits(min_words=0))))
    assert kind.kind == "specification"
    assert kind.sentence is not None


def test_nothing_is_called_a_blocker_unless_the_vote_is_reject(tmp_path: Path) -> None:
    severities = {n: {f.severity for f in review(guard(tmp_path, thresholds=f"neglect: {n}")).findings} for n in (13, 14)}
    assert "blocker" in severities[13]
    assert "blocker" not in severities[14]
