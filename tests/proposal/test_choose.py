"""A part of a proposal: the chosen sections on their own lines, the others left out and named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from council.errors import UsageError
from council.proposal import Limits, Proposal, only_sections, parse_proposal
from council.proposal.choose import LEFT_OUT

TEXT = """\
---
title: A queue
---

Opening words of it all.

# The queue

What it is about.

## Summary, in short

Failed deliveries go to a queue.

## Rollback

One command, and this is how.

### Rehearsal

It was tried in March.

Monitoring
----------

Dashboards show the depth.
"""


def read(text: str = TEXT) -> Proposal:
    return parse_proposal(text, source="rfc.md", limits=Limits(min_words=0))


def prose(proposal: Proposal) -> dict[int, str]:
    return {number: line for number, line in enumerate(proposal.lines, 1) if line.strip() and line != LEFT_OUT}


def test_chosen_sections_stay_on_their_lines_with_what_they_hold() -> None:
    whole, part = read(), only_sections(read(), ["Rollback"])
    kept = prose(part)
    assert kept == {number: whole.lines[number - 1] for number in kept}
    assert list(kept.values())[3:] == [
        "# The queue",
        "## Rollback",
        "One command, and this is how.",
        "### Rehearsal",
        "It was tried in March.",
    ]
    assert len(part.lines) == len(whole.lines)


def test_the_others_are_marked_and_named() -> None:
    part = only_sections(read(), ["Rollback"])
    assert part.left_out == ("Summary, in short", "Monitoring")
    assert part.lines.count(LEFT_OUT) == 3  # and the words before the first heading
    assert (part.title, part.sha256 == read().sha256) == ("A queue", False)


@pytest.mark.parametrize(
    ("names", "titles"),
    [
        (["rollback, MONITORING"], ("Summary, in short",)),
        (["rollback", "  monitoring "], ("Summary, in short",)),
        (["Summary, in short"], ("Rollback", "Rehearsal", "Monitoring")),
        (["Rehearsal"], ("Summary, in short", "Monitoring")),
    ],
)
def test_names_are_titles_one_by_one_or_with_commas(names: list[str], titles: tuple[str, ...]) -> None:
    assert only_sections(read(), names).left_out == titles


def test_a_section_that_is_not_there_is_named_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"no section 'Rolback' \(it has Rollback\)"):
        only_sections(read(), ["Rolback"])


def test_restructured_text_too() -> None:
    text = "=====\nQueue\n=====\n\nAbout it.\n\nRollback\n========\n\nOne command.\n\nMonitoring\n==========\n\nDashboards.\n"
    part = only_sections(parse_proposal(text, format="rst", limits=Limits(min_words=0)), ["Monitoring"])
    assert [section.title for section in part.sections if section.title][-1] == "Monitoring"
    assert part.left_out[-1] == "Rollback"
    assert "One command." not in part.text


@given(st.lists(st.sampled_from(["# A", "## B", "### C", "word", "", "D\n---", "- item", "> said"]), min_size=1, max_size=20))
def test_lines_that_stay_are_never_changed_or_moved(pieces: list[str]) -> None:
    whole = parse_proposal("\n".join(["# Kept", "Some words.", *pieces]), limits=Limits(min_words=0), format="markdown")
    for title in {section.title for section in whole.sections if section.title and section.words}:
        part = only_sections(whole, [title])
        assert len(part.lines) == len(whole.lines)
        assert all(line == whole.lines[number - 1] for number, line in prose(part).items())
        assert title in [section.title for section in part.sections]
