from __future__ import annotations

import pytest

from council.proposal import BlockKind, Limits, parse_proposal
from council.proposal.model import PROSE

ANY = Limits(min_words=0)
# Enough of the author's own words that a document does not count as a template as a whole.
OWN = "\n\n## More\n\n" + "The cache is written through and each miss is counted by the proxy. " * 12 + "\n"


def split(body: str, title: str = "Drawbacks") -> tuple[str, str]:
    """What of a section's body is the template's, and what the author's."""
    proposal = parse_proposal(f"# A\n\n## {title}\n\n{body}{OWN}", format="markdown", limits=ANY)
    own = [s for s in proposal.sentences if proposal.sections[s.section].title == title]
    return (
        " ".join(s.plain for s in own if s.kind is BlockKind.TEMPLATE),
        " ".join(s.plain for s in own if s.kind in PROSE),
    )


@pytest.mark.parametrize(
    "text",
    [
        "_This section must be completed when targeting beta graduation to a release._",
        "_For GA, this section is required: approvers should be able to confirm the previous answers._",
        "Why should we *not* do this? Please consider:",
        "Describe manual testing that was done and the outcomes.",
        "What are the goals? What problem will this solve?",
        "Explain the proposal as if it was already implemented and you were teaching it.",
        "Use this section if you need things from the project.",
        "This is the bulk of the RFC. Explain the design in enough detail for somebody to implement it.",
        "Optional, but suggested for first drafts.",
        "Brief explanation of the feature.",
        "Items marked with (R) are required prior to targeting to a milestone.",
        "[A short summary of the proposal.]",
        "`<date>`",
        "{describe the rollout}",
        "- [ ] Other",
        "- [Optional] Aggregation method:",
        "- Metric name:",
        "- Metric name: \n- Components exposing the metric:",
        "- Last updated: [YYYY-MM-DD]",
        "- Implemented in: <language, ...>",
        "- Start Date: (fill me in with today's date, YYYY-MM-DD)",
        "- Does this proposal change best practices? How will that be communicated?",
        "[ ] I understand that the owners may require updates to existing tests.",
    ],
)
def test_text_that_a_template_left(text: str) -> None:
    template, prose = split(text)
    assert template
    assert prose == ""


@pytest.mark.parametrize(
    "text",
    [
        "- [x] Metrics",
        "- Metric name: foo_total",
        "- Metric name:\n  - `foo_total`",
        "- Metric name:\n\n  ```\n  foo_total\n  ```",
        "- The rollout has two steps, each guarded by a flag that an operator can turn off again:",
        "- [Query timeout]\n  - Detection: an alert fires.",
        "Is it slower? Yes, by two percent.",
        "This section lists the fields that should be removed before graduation.",
        "Describe a data model for metrics and propose how to export them.",
        "Add unit tests that exercise the switch of the feature gate.",
        "If the kubelet is upgraded, you can read the volume with `repquota`.",
        "Consider rate limiting the endpoint if needed.",
        "- Is the ID present in `/etc/projects`?",
        "Describe the mechanism: the flag `x` is turned on by the operator.",
        "Please refer to the design of the cache.",
        "We should describe the failure modes to users.",
    ],
)
def test_text_of_the_author(text: str) -> None:
    assert split(text)[0] == ""


def test_a_tick_makes_the_box_the_authors() -> None:
    assert split("- [x] Metrics\n  - Metric name: foo_total\n- [ ] Other\n  - Details:\n") == (
        "Other Details:",
        "Metrics Metric name: foo_total",
    )


def test_examples_that_an_instruction_announces_are_its_own() -> None:
    assert split("Why should we not do this? Please consider:\n\n- the cost\n- the migration\n\nWe do it anyway.")[1] == "We do it anyway."


def test_an_answer_below_a_label_in_the_same_item_is_kept() -> None:
    assert (
        split("- Detection: How can it be detected? Stated another way: how can an operator see it?\n\n  An alert fires.")[1]
        == "An alert fires."
    )


@pytest.mark.parametrize("title", ["Open Questions", "Unresolved questions", "FAQ"])
def test_where_authors_ask_their_questions_are_kept(title: str) -> None:
    assert split("- Should the cache be shared by all tenants?", title)[0] == ""


def test_but_not_those_that_ask_the_author() -> None:
    assert split("- What parts of the design do you expect to resolve before this is merged?", "Unresolved questions")[1] == ""


@pytest.mark.parametrize(("title", "kept"), [("Action plan", True), ("Tasks", True), ("Release checklist", False), ("Test plan", False)])
def test_an_unticked_box_is_a_task_in_a_plan(title: str, kept: bool) -> None:
    assert bool(split("- [ ] Add the dashboard", title)[1]) is kept


UNFILLED = """# Title of the RFC

## Summary

Provide a brief explanation.

## Motivation

Why are we doing this? Who does it help?

## Design

The bulk of the RFC. Define new terminology.

## Rollout

List the phases. Clarify who owns them.

## Alternatives

Other designs that were considered.
"""


def test_a_document_that_is_a_template_throughout_has_no_prose_of_its_own() -> None:
    assert parse_proposal(UNFILLED, limits=ANY).words <= 5


def test_filling_a_section_of_it_makes_that_section_the_authors() -> None:
    answer = "We put a cache before the database. Each miss is counted and shown on a dashboard."
    text = UNFILLED.replace("Provide a brief explanation.", answer)
    assert answer in " ".join(s.plain for s in parse_proposal(text).sentences if s.kind in PROSE)


def test_instructions_in_a_quotation_are_the_templates() -> None:
    proposal = parse_proposal("# A\n\n> Describe use cases that are addressed by this feature.\n\n> It was the best of times.\n" + OWN)
    assert [s.kind for s in proposal.sentences[1:3]] == [BlockKind.TEMPLATE, BlockKind.QUOTE]
