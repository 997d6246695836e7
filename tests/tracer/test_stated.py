"""Which sentences of a proposal say that its design can fail, and the plan that is made of them."""

from __future__ import annotations

import pytest

from council.ballot import CheckedAnswer, Opinion, Vote
from council.proposal import parse_proposal
from council.tracer.plan_proposal import MOST_NAMED, MOST_PROBES, plan_of_proposal
from council.tracer.stated import MOST_STATED, stated_failures


def stated(body: str, heading: str = "Failure modes") -> list[str]:
    text = f"# A queue for orders\n\nOrders wait in a queue.\n\n## {heading}\n\n{body}\n"
    proposal = parse_proposal(text, source="rfc.md")
    return [sentence.plain for sentence in stated_failures(proposal)]


@pytest.mark.parametrize(
    "body",
    [
        "If the broker is unreachable, orders wait in the outbox.",
        "The worker may crash between the charge and the receipt.",
        "- Risk: a consumer falls behind and the backlog grows.",
        "- The warehouse times out after 10 s and the order is retried.",
        "- Broker down: orders wait in the outbox.",
        "| Failure | Effect |\n|---|---|\n| Postgres down | writes wait |",
    ],
)
def test_a_failure_of_the_design_is_found(body: str) -> None:
    assert len(stated(body)) == 1


@pytest.mark.parametrize(
    "body",
    [
        "Today orders are lost when the broker is down.",
        "The nightly job has failed twice since March.",
        "No single point of failure remains.",
        "An order is never lost when a worker crashes.",
        "The full set of failures and their responses:",
        "What happens if the broker is unavailable?",
        "The suite fails the build when p99 regresses.",
        "Diagnostics: the logs show timeout errors.",
    ],
)
def test_what_is_no_failure_of_the_design_is_not(body: str) -> None:
    assert stated(body) == []


@pytest.mark.parametrize("heading", ["Motivation", "Background", "Alternatives considered", "Test plan", "Summary", "The problem today"])
def test_a_section_about_something_else_is_passed_over(heading: str) -> None:
    assert stated("If the broker is unreachable, orders are lost.", heading) == []


def test_outside_of_a_section_about_failures_it_takes_a_condition() -> None:
    assert stated("The store can be slow or stale.", "Design") == []
    assert stated("If the store is unavailable, the cache answers.", "Design")


def test_there_is_a_limit() -> None:
    assert len(stated("\n\n".join(f"If shard {n} is unavailable, its orders wait." for n in range(50)))) == MOST_STATED


def opinion(*gaps: str) -> Opinion:
    return Opinion(
        seat="tracer",
        persona="tracer",
        persona_hash="0",
        persona_origin="test",
        reviewer="checklist",
        cast="MODIFY",
        counted=Vote.MODIFY,
        observability="conditional",
        confidence="high",
        answers=tuple(CheckedAnswer(question=f"tracer.a.{name}", asked=name, status="absent") for name in gaps),
    )


def test_failures_of_one_section_are_one_probe() -> None:
    body = "\n\n".join(f"If shard {n} is unavailable, its orders wait." for n in range(MOST_NAMED + 2))
    plan = plan_of_proposal(parse_proposal(f"# Orders\n\n## Failure modes\n\n{body}\n", source="rfc.md"), opinion("errors"))
    (probe,) = plan.probes
    assert "If shard 0 is unavailable" in probe.expected_output
    assert probe.expected_output.endswith("and 2 more")


def test_a_plan_has_a_limit_and_says_what_it_left_out() -> None:
    sections = "\n".join(f"## Risk {n}\n\nIf part {n} is unavailable, its orders wait.\n" for n in range(8))
    gaps = opinion("user-id", "correlation", "errors", "probes", "runbooks", "overhead")
    plan = plan_of_proposal(parse_proposal(f"# Orders\n\n{sections}", source="rfc.md"), gaps)
    assert len(plan.probes) == MOST_PROBES
    assert "left out, as each shows less: 5 more at rfc.md:" in plan.verdict.plan


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("The controller reconciles each object; a reconciliation reads it.", "reconciliation"),
        ("Consumers read messages from the topic.", "message"),
        ("The CLI command runs nightly.", "run"),
        ("The endpoint answers HTTP requests.", "request"),
    ],
)
def test_a_span_is_of_what_the_design_does_again_and_again(text: str, unit: str) -> None:
    plan = plan_of_proposal(parse_proposal(f"# Orders\n\n## Design\n\n{text}\n"), opinion("user-id"))
    assert f"one span for each {unit}," in plan.probes[0].expected_output


def test_a_probe_stands_in_the_section_whose_heading_fits_best() -> None:
    text = "# Orders\n\n## Integration tests\n\nText.\n\n## Will it scale?\n\nText.\n\n## Proposal\n\nText.\n\n## Architecture\n\nText.\n"
    (probe,) = plan_of_proposal(parse_proposal(text, source="rfc.md"), opinion("correlation")).probes
    assert probe.location == "rfc.md:15 section “Architecture”"
