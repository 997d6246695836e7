"""The report as Markdown."""

from __future__ import annotations

from council.ballot import Verdict
from council.reports.markdown import render


def test_the_verdict_is_the_heading(verdict: Verdict) -> None:
    lines = render(verdict).splitlines()
    assert lines[0] == "## Council: REJECT"
    assert lines[2] == "**A log for nodes** · `docs/rfc.md`"


def test_a_quotation_stands_in_a_fence_under_its_finding(verdict: Verdict) -> None:
    claim = "- **blocker** (tracer, observability): The proposal refuses to record request ids."
    assert f"{claim}\n\n  `docs/rfc.md:31`\n\n  ```text\n  We will not record request ids.\n  ```\n" in render(verdict)


def test_conditions_are_a_task_list_by_section(verdict: Verdict) -> None:
    assert "**Logging**\n\n- [ ] Record the request id on every line. (tracer, measurer)\n\n**Rollout**" in render(verdict)


def test_it_says_what_the_terminal_says(verdict: Verdict) -> None:
    report = render(verdict)
    for words in (
        "REJECT → MODIFY", "operator (acme)", "yes?", "Looked in Logging; Rollout", "Reviewers must vote APPROVE.", "### Dissent",
        "A checklist and no model reviewed.", "policy (package default): policy efefefefefef", "tracer ruled between APPROVE and MODIFY",
    ):  # fmt: skip
        assert words in report


def test_every_answer_is_shown_only_when_asked_for(verdict: Verdict) -> None:
    assert "Every answer" not in render(verdict)
    assert "- **denied** Query by request\\_id? (`tracer.high-cardinality.request-id`)" in render(verdict, verbose=True)
