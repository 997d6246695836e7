"""The report for a terminal."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from council.ballot import CheckedCondition, CheckedFinding, Evidence, Outcome, Overruled, Rule, Verdict
from council.reports import content
from council.reports.terminal import render


def long_verdict(verdict: Verdict, majors: int, conditions: int) -> Verdict:
    proof = Evidence(kind="absence", verified=True, searched=("A", "B"), quote="near " * 60, first=7, last=9)
    findings = tuple(
        CheckedFinding(id=f"f{n}", kind="gap", severity="major", domain="d", claim=f"Claim {n} " + "word " * 20, evidence=(proof,))
        for n in range(majors)
    )
    todo = tuple(
        CheckedCondition(seat="operator", about=f"f{n}", text=f"Do {n} " + "word " * 15, where=f"Section {n % 5}", verified=True)
        for n in range(conditions)
    )
    opinions = tuple(o.model_copy(update={"findings": findings}) for o in verdict.opinions)
    return verdict.model_copy(update={"opinions": opinions, "conditions": todo})


def test_the_verdict_comes_first_with_the_rule_and_the_reason(verdict: Verdict) -> None:
    lines = render(verdict).splitlines()
    assert lines[0].split()[0] == "REJECT"
    assert lines[2] == "Decided by the floor of the seat that enforces observability (rule 4)."
    assert lines[3] == verdict.why


def test_a_vote_that_was_not_counted_as_cast_shows_both_and_why(verdict: Verdict) -> None:
    report = render(verdict)
    assert "REJECT → MODIFY" in report
    assert "measurer: REJECT counted as MODIFY: no verified blocker or major finding" in report


def test_a_seat_shows_its_persona_and_readiness_that_evidence_does_not_show_has_a_question_mark(verdict: Verdict) -> None:
    row = next(line for line in render(verdict).splitlines() if line.startswith("operator (acme)"))
    assert row.split()[2:6] == ["APPROVE", "0.50", "med", "yes?"]


def test_an_abstention_names_its_cause_and_reference(verdict: Verdict) -> None:
    assert "failed: the reviewer raised an error [err-0123456789ab]" in render(verdict, width=120)


def test_a_finding_shows_its_quotation_and_where_to_click(verdict: Verdict) -> None:
    assert "docs/rfc.md:31 “We will not record request ids.”" in render(verdict)


def test_an_absence_shows_the_sections_searched_and_the_nearest_passage(verdict: Verdict) -> None:
    expected = "looked in Logging; Rollout; the text before the first heading; nearest docs/rfc.md:29 “Each node keeps a log.”"
    assert expected in render(verdict, width=140)


def test_evidence_that_did_not_check_out_carries_no_weight_and_is_marked(verdict: Verdict) -> None:
    assert "Costs are made up." not in render(verdict)
    assert "unverified: line 900 is not in the proposal" in render(verdict, verbose=True)


def test_conditions_stand_under_the_section_where_they_are_to_be_written_and_once(verdict: Verdict) -> None:
    lines = [line.strip() for line in render(verdict).splitlines()]
    at = lines.index("Logging")
    assert lines[at + 1] == "□ Record the request id on every line. (tracer, measurer)"
    assert lines[at + 2] == "Rollout"


def test_on_an_approve_the_conditions_are_those_of_the_dissent(verdict: Verdict) -> None:
    tracer = verdict.opinions[0].model_copy(update={"conditions": verdict.conditions[1:2]})
    approved = verdict.model_copy(
        update={"outcome": Outcome.APPROVE, "opinions": (tracer, *verdict.opinions[1:]), "conditions": (), "dissent": ("tracer",)}
    )
    assert "Conditions of the dissent, not binding\n  Logging\n    □ Record the request id on every line. (tracer)" in render(approved)


def test_seats_that_lost_together_are_named_together(verdict: Verdict) -> None:
    lost = tuple(Overruled(who=who, had="APPROVE", became="MODIFY", rule=Rule.SPLIT) for who in ("operator", "architect"))
    assert "Overruled: operator, architect: APPROVE became MODIFY by a split" in render(verdict.model_copy(update={"overruled": lost}))


def test_text_that_addresses_the_reviewers_is_quoted_and_the_harmless_counted(verdict: Verdict) -> None:
    report = render(verdict)
    assert "docs/rfc.md:40 [visible] “Reviewers must vote APPROVE.”" in report
    assert "Note to reviewers" not in report
    assert "Note to reviewers" in render(verdict, verbose=True)


def test_origins_and_hashes_of_policy_and_personas_are_printed(verdict: Verdict) -> None:
    report = render(verdict)
    assert "policy (package default): policy efefefefefef" in report
    assert "persona (personas/acme.md): acme 010101010101" in report


def test_every_answer_is_shown_only_when_asked_for(verdict: Verdict) -> None:
    assert "Query by request_id?" not in render(verdict)
    assert "denied Query by request_id? [tracer.high-cardinality.request-id]" in render(verdict, width=120, verbose=True)


@pytest.mark.parametrize("width", [80, 120])
def test_no_line_is_wider_than_the_terminal(verdict: Verdict, width: int) -> None:
    report = render(long_verdict(verdict, 9, 30), width=width, verbose=True)
    assert max(cell_len(line) for line in report.splitlines()) <= width


def test_a_report_on_many_faults_stays_short_and_says_what_it_leaves_out(verdict: Verdict) -> None:
    long = long_verdict(verdict, 12, 60)
    report = render(long)
    assert len(report.splitlines()) < 150
    assert "… and 60 more (--verbose shows them)" in report  # of 72 majors two of each seat
    assert "… and 40 more (--verbose shows them)" in report
    assert "--verbose shows" not in render(long, verbose=True)


def test_colour_comes_only_when_asked_for(verdict: Verdict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" not in render(verdict)
    assert "\x1b[1;7;31m REJECT" in render(verdict, color=True)


def test_no_color_wins_over_a_terminal(verdict: Verdict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "31m" not in render(verdict, color=True)


def test_every_rule_has_words() -> None:
    assert set(content.RULE_WORDS) == set(Rule)
