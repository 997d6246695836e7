"""The checklist reviewer on proposals written for the purpose, with a persona written for the purpose."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from council.ballot import Answer, Reply
from council.proposal.read import Limits, parse_proposal
from council.reviewers.checklist import ChecklistReviewer
from council.seats import build_roster
from council.seats.model import Seat
from tests.reviewers.checklist.kit import reply_of, seat_of

PERSONA = """---
name: keeper
description: Asks about rollback and alerts
sections: ["rollback", "operation", "alert*"]
---

# keeper

## Checklist

### Way back {#way-back}

- [ ] How is it rolled back? {#rollback}

  ```evidence
  sections: ["rollback"]
  phrases: ["rollback is|takes|by", "roll* .. back", "rollback"]
  denials: ["forward only"]
  severity: blocker
  ask: Describe the rollback.
  where: Rollback
  ```

- [ ] Which alerts fire? {#alerts}

  ```evidence
  phrases: ["alert*", "page* .. when"]
  needs: number
  ```

- [ ] How are keys rotated? {#rotation}

  ```evidence
  phrases: ["rotat*"]
  raised_by: ["secret", "private key"]
  ```

## Red Flags

- "Everybody at once" (no step to stop at)

  ```evidence
  phrases: ["everybody at once"]
  ```
"""

GOOD = "The rollback is the flag `mode` set to `off`, which takes effect within 15 s and leaves the rows in place."
ALERTS = "An alert pages the payments team when the error rate stays above 2 % for 10 min, because users notice at 5 %."
FILLER = "The service reads orders from the queue and writes them to the ledger in one transaction for each order."


@pytest.fixture(scope="module")
def seat(tmp_path_factory: pytest.TempPathFactory) -> Seat:
    return seat_of(tmp_path_factory.mktemp("personas"), PERSONA)


def answer(reply: Reply, question: str) -> Answer:
    return next(a for a in reply.answers if a.question == f"keeper.way-back.{question}")


def rfc(rollback: str = "", alerts: str = "", more: str = "") -> str:
    return f"# RFC\n\n## Design\n\n{FILLER}\n\n{more}\n\n## Rollback\n\n{rollback}\n\n## Operation\n\n{alerts}\n"


def test_a_question_answered_with_substance_is_answered_with_its_verbatim_quotation(seat: Seat) -> None:
    reply = reply_of(seat, rfc(GOOD, ALERTS))
    found = answer(reply, "rollback")
    assert found.status == "answered"
    assert found.citations[0].quote == GOOD
    assert reply.vote == "APPROVE"


@pytest.mark.parametrize(
    "text",
    ["Rollback.", "How is it rolled back?", "The rollback will be described later.", "rollback, alerts, canary, flags, runbook, on-call"],
)
def test_a_heading_a_question_a_promise_or_a_list_of_terms_only_mentions(seat: Seat, text: str) -> None:
    assert answer(reply_of(seat, rfc(text, ALERTS)), "rollback").status in ("mentioned", "absent")


def test_a_denial_is_denied_and_quoted(seat: Seat) -> None:
    found = answer(reply_of(seat, rfc("A rollback is not possible, because the old columns are dropped.", ALERTS)), "rollback")
    assert found.status == "denied"
    assert "not possible" in found.citations[0].quote


def test_an_absence_names_the_sections_searched(seat: Seat) -> None:
    found = answer(reply_of(seat, f"# RFC\n\n## Design\n\n{FILLER}\n"), "rollback")
    assert found.status == "absent"
    assert found.absence is not None
    assert "Design" in found.absence.sections


def test_code_comments_and_quotations_answer_nothing(seat: Seat) -> None:
    for wrapped in (f"```\n{GOOD}\n```", f"<!-- {GOOD} -->", f"> {GOOD}"):
        assert answer(reply_of(seat, rfc(wrapped, ALERTS)), "rollback").status != "answered"


def test_what_a_question_needs_must_stand_in_the_answer(seat: Seat) -> None:
    vague = "An alert tells the team about errors."
    assert answer(reply_of(seat, rfc(GOOD, vague)), "alerts").status != "answered"
    assert answer(reply_of(seat, rfc(GOOD, ALERTS)), "alerts").status == "answered"


def test_a_question_nobody_raises_is_not_held_against_the_proposal(seat: Seat) -> None:
    without = reply_of(seat, rfc(GOOD, ALERTS))
    raised = reply_of(seat, rfc(GOOD, ALERTS, "A secret signs each order. The secret is read at start. Each secret has an owner."))
    assert not [f for f in without.findings if f.question.endswith("rotation")]
    assert [f for f in raised.findings if f.question.endswith("rotation")]


def test_nothing_is_approved_with_a_core_question_open(seat: Seat) -> None:
    assert reply_of(seat, rfc("", ALERTS)).vote != "APPROVE"


def test_an_endorsed_red_flag_is_a_finding_and_bars_approval(seat: Seat) -> None:
    reply = reply_of(seat, rfc(GOOD, ALERTS, "We switch it on for everybody at once on Monday."))
    assert reply.findings[0].kind == "red_flag"
    assert reply.vote != "APPROVE"


@pytest.mark.parametrize(
    "text",
    [
        'We rejected switching "everybody at once", because nobody could stop it.',
        "We never switch everybody at once.",
        "> Everybody at once.\n\nWe do not accept this any more.",
        "Today the old service is switched for everybody at once.",
    ],
)
def test_a_red_flag_that_is_condemned_denied_or_told_of_today_is_none(seat: Seat, text: str) -> None:
    assert not [f for f in reply_of(seat, rfc(GOOD, ALERTS, text)).findings if f.kind == "red_flag"]


def test_a_red_flag_with_its_remedy_beside_it_is_shown_only_where_the_vote_rests_on_it(seat: Seat) -> None:
    flagged = "We switch it on for everybody at once. It stays behind a flag, and each error is logged with its reason."
    rests = reply_of(seat, rfc(GOOD, ALERTS, flagged))
    refused = reply_of(seat, rfc("A rollback is not possible, because the old columns are dropped.", "", flagged))
    assert rests.vote != "APPROVE"
    assert [f for f in rests.findings if f.kind == "red_flag"]
    assert refused.vote == "REJECT"
    assert [f.kind for f in refused.findings if f.kind in ("red_flag", "risk")] == ["risk"]


def test_a_condition_says_what_to_write_and_where(seat: Seat) -> None:
    condition = reply_of(seat, f"# RFC\n\n## Design\n\n{FILLER}\n").conditions[0]
    assert condition.text == "Describe the rollback."
    assert condition.where == "new section: Rollback"


def test_prose_in_another_language_is_not_judged(seat: Seat) -> None:
    german = "Der Dienst liest die Bestellungen aus der Warteschlange und schreibt sie mit einer Transaktion in das Hauptbuch. " * 5
    reviewed = ChecklistReviewer().review_now(parse_proposal(f"# RFC\n\n{german}"), seat)
    assert reviewed.reply is None
    assert reviewed.abstention is not None
    assert reviewed.abstention.cause == "language"


def test_the_same_proposal_gives_the_same_reply(seat: Seat) -> None:
    assert reply_of(seat, rfc(GOOD, ALERTS)) == reply_of(seat, rfc(GOOD, ALERTS))


def test_the_examples_are_judged_as_the_readme_says() -> None:
    examples = Path(__file__).resolve().parents[3] / "examples"
    reviewer = ChecklistReviewer()
    for name, vote in (("approve-rate-limits.md", "APPROVE"), ("reject-session-store.md", "REJECT")):
        proposal = parse_proposal((examples / name).read_bytes(), source=name)
        votes = set()
        for each in build_roster(entry_points=False).seats:
            reply = asyncio.run(reviewer.review(proposal, each)).reply
            votes.add(reply.vote if reply else None)
        assert votes == {vote}


def test_a_persona_without_rules_works_from_the_words_of_its_questions(tmp_path: Path) -> None:
    (tmp_path / "plain.md").write_text(
        "---\nname: plain\n---\n\n# plain\n\n## Checklist\n\n### A {#a}\n\n- [ ] Is the ledger reconciled at night? {#ledger}\n",
        encoding="utf-8",
    )
    plain = build_roster(personas_dirs=[tmp_path], seat={"architect": "plain"}, entry_points=False).seat("architect")
    said = "The ledger is reconciled by a nightly job at 02:00, which compares 40,000 rows with the acquirer's file."
    assert reply_of(plain, f"# RFC\n\n## Ledger\n\n{said}\n").answers[0].status == "answered"
    assert reply_of(plain, f"# RFC\n\n## Design\n\n{FILLER}\n").answers[0].status != "answered"


def test_a_persona_without_rules_rejects_only_what_is_denied_or_flagged(tmp_path: Path) -> None:
    (tmp_path / "plain.md").write_text(
        "---\nname: plain\n---\n\n# plain\n\n## Checklist\n\n### A {#a}\n\n- [ ] Is the ledger reconciled at night? {#ledger}\n\n"
        '## Red Flags\n\n- "nobody looks" (then why)\n',
        encoding="utf-8",
    )
    plain = build_roster(personas_dirs=[tmp_path], seat={"architect": "plain"}, entry_points=False).seat("architect")
    assert reply_of(plain, f"# RFC\n\n## Design\n\n{FILLER}\n").vote == "MODIFY"
    assert reply_of(plain, f"# RFC\n\n## Design\n\n{FILLER} Nobody looks at the reports.\n").vote == "REJECT"


@pytest.mark.parametrize(
    "hostile",
    [
        "a " * 60_000,
        "`" * 40_000,
        "no " * 40_000,
        "(" * 30_000 + ")",
        "request id " * 20_000,
        "|" * 20_000,
        "tls must not be used with tokens and " * 2_000,
    ],
)
def test_hostile_text_is_read_in_reasonable_time(seat: Seat, hostile: str) -> None:
    proposal = parse_proposal(f"# RFC\n\n{FILLER}\n\n{hostile}\n", limits=Limits(min_words=0))
    started = time.process_time()
    ChecklistReviewer().review_now(proposal, seat)
    assert time.process_time() - started < 20  # linear work takes well under a second; backtracking would take for ever


def test_one_sentence_of_a_hundred_thousand_words_is_read_in_reasonable_time() -> None:
    proposal = parse_proposal(f"# RFC\n\n{'the service writes no audit log to the queue ' * 16_000}.", limits=Limits(min_words=0))
    started = time.process_time()
    ChecklistReviewer().review_now(proposal, build_roster(entry_points=False).seat("sentinel"))
    assert time.process_time() - started < 20  # a second or two; four times as long a sentence once took sixteen times as long


@pytest.mark.parametrize("heading", ["Overview", "Summary", "Technical overview", "Security context"])
@pytest.mark.parametrize("sentence", ["The admin token is hard-coded.", "The admin token would be hard-coded in every service."])
def test_no_heading_and_no_would_hides_a_red_flag(heading: str, sentence: str) -> None:
    reply = reply_of(build_roster(entry_points=False).seat("sentinel"), f"# RFC\n\n## {heading}\n\n{sentence}")
    assert [f.claim for f in reply.findings if f.kind == "red_flag" and "Hard-coded" in f.claim]


@pytest.mark.parametrize(
    ("persona", "flag", "raising", "harmless"),
    [
        (
            "architect",
            "Clients will have to adapt",
            "Clients not only have to adapt, they wait 3 days.",
            "Clients will not need to adapt for 3 days.",
        ),
        ("sentinel", "Verification switched off", "insecureSkipVerify: true", "insecureSkipVerify: false"),
        ("tracer", "Average response time", "We rely on the average of all regions.", "Relying on defaults means latency of 3 ms."),
        (
            "benchmarker",
            "No load test",
            "No load test is needed for 2 replicas.",
            "No benchmark has been made yet, and one of 2 h is being written.",
        ),
    ],
)
def test_what_only_looks_like_a_red_flag_raises_none(persona: str, flag: str, raising: str, harmless: str) -> None:
    seat = build_roster(entry_points=False).seat(persona)
    raised = [
        [f.claim for f in reply_of(seat, f"# RFC\n\n## Design\n\n```\n{text}\n```\n\n{text}").findings] for text in (raising, harmless)
    ]
    assert [any(flag in claim for claim in claims) for claims in raised] == [True, False]


@pytest.mark.parametrize("heading", ["User Stories", "User story 1", "Use cases"])
def test_what_is_told_of_somebodys_day_raises_no_red_flag(heading: str) -> None:
    reply = reply_of(build_roster(entry_points=False).seat("sentinel"), f"# RFC\n\n## {heading}\n\nThe admin token is hard-coded.")
    assert not [f for f in reply.findings if f.kind == "red_flag"]
