from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from council.proposal import BlockKind, Limits, parse_proposal
from council.proposal.headings import title_of

ANY = Limits(min_words=0)
Outline = list[tuple[int, str, str]]


def outline(text: str) -> Outline:
    """Level, title and prose of each section."""
    proposal = parse_proposal(text, format="markdown", limits=ANY)
    return [
        (s.level, s.title, " ".join(t.plain for t in proposal.sentences if t.section == s.index and t.kind is not BlockKind.HEADING))
        for s in proposal.sections
        if s.title
    ]


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("3.1 Design", "Design"),
        ("1. KEP-3453: Smaller input", "KEP-3453: Smaller input"),
        ("2) Design", "Design"),
        ("3 Design", "Design"),
        ("IV. Design", "Design"),
        ("A. Design", "Design"),
        ("Related proposals:", "Related proposals"),
        ("3rd party controllers", "3rd party controllers"),
        ("99 percentile", "99 percentile"),
        ("v1.24 plan", "v1.24 plan"),
        ("RFC-0012 Artifacts", "RFC-0012 Artifacts"),
        ("Is it a breaking change?", "Is it a breaking change?"),
        ("2.", "2."),
    ],
)
def test_titles_lose_their_numbering(heading: str, title: str) -> None:
    assert title_of(heading) == title


@pytest.mark.parametrize(
    "heading",
    [
        "## Design",
        "## **Design**",
        "## __Design__ ##",
        "## 3. Design",
        "## 3.1 Design:",
        "Design\n------",
        "##   Design  ",
        "## [Design](#x)",
        "## *Design*",
    ],
)
def test_ways_to_write_a_heading_read_alike(heading: str) -> None:
    assert outline(f"# Top\n\n{heading}\n\nWords.\n") == [(1, "Top", ""), (2, "Design", "Words.")]


def test_the_sixth_level_is_a_heading_and_the_seventh_is_none() -> None:
    assert outline("###### Deep\n\n####### Deeper\n") == [(6, "Deep", "####### Deeper")]


@pytest.mark.parametrize("line", ["**Rollback**", "__Rollback__", "**Rollback:**", "**Rollback**:", "**3.2 Rollback**"])
def test_a_paragraph_of_one_bold_line_is_a_heading_below_the_current_one(line: str) -> None:
    assert outline(f"## Plan\n\n{line}\n\nWords.\n\n**Next**\n\nMore.\n\n### Real\n\nLast.\n") == [
        (2, "Plan", ""),
        (3, "Rollback", "Words."),
        (3, "Next", "More."),
        (3, "Real", "Last."),
    ]


@pytest.mark.parametrize(
    "line",
    ["**Note** that it fails.", "**It never fails.**", "**a** and **b**", "- **Rollback**", "> **Rollback**", "**Rollback**: by flag"],
)
def test_bold_text_that_is_no_heading(line: str) -> None:
    assert len(outline(f"## Plan\n\n{line}\n")) == 1


def test_a_bold_heading_encloses_no_real_one() -> None:
    proposal = parse_proposal("# A\n\n**B**\n\n### C\n\nWords.\n")
    assert [s.path for s in proposal.sections if s.title] == [("A",), ("A", "B"), ("A", "C")]


@pytest.mark.parametrize(
    "answered",
    [
        "* **Are there tests?** Yes, unit tests.\n",
        "* **Are there tests?**\n  Yes, unit tests.\n",
        "* **Are there tests?**\n\nYes, unit tests.\n",
        "**Are there tests?** Yes, unit tests.\n",
        "- [x] **Are there tests?** Yes, unit tests.\n",
        "###### Are there tests?\n\nYes, unit tests.\n",
        "**Are there tests?**\n\nYes, unit tests.\n",
    ],
)
def test_a_question_in_bold_heads_its_answer(answered: str) -> None:
    assert [section[1:] for section in outline(f"## Tests\n\n{answered}\n")] == [("Tests", ""), ("Are there tests?", "Yes, unit tests.")]


def test_a_question_over_two_lines_with_a_remark_is_one_heading() -> None:
    text = "## Rollout\n\n* **Will it need downtime\n  of a node? (Do not assume `x`).** No.\n* **What else?**\n  - This.\n"
    assert outline(text)[1:] == [(3, "Will it need downtime of a node? (Do not assume `x`).", "No."), (3, "What else?", "This.")]
    proposal = parse_proposal(text)
    assert [(s.first, s.last) for s in proposal.sections[2:]] == [(3, 4), (5, 6)]


TITLES = st.lists(st.from_regex(r"[A-Z][a-z]{2,8}( [a-z]{2,8})?", fullmatch=True), min_size=1, max_size=5, unique=True)


@given(TITLES, st.data())
def test_decorating_headings_changes_no_section_and_no_sentence(titles: list[str], data: st.DataObject) -> None:
    plain = "\n\n".join(f"## {title}\n\nWe say a thing about {title.lower()}." for title in titles)
    decorations = ("## **{}**", "## 1.2 {}", "## {} ##", "## {}  ", "{}\n---")

    def decorated(match: re.Match[str]) -> str:
        return data.draw(st.sampled_from(decorations)).format(match[1])

    assert outline(re.sub(r"## (.*)", decorated, plain)) == outline(plain)
