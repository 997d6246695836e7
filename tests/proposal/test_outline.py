from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from council.proposal import Limits, SectionStatus, parse_proposal
from council.proposal.outline import is_placeholder

ANY = Limits(min_words=0)


def status_of(body: str) -> SectionStatus:
    return parse_proposal(f"# Title\n\n## Body\n\n{body}\n\n## Next\n\nWords.\n", limits=ANY).sections[2].status


@pytest.mark.parametrize(
    "text",
    [
        "TBD",
        "TBD.",
        "_TBD_",
        "[TBD]",
        "TODO: write this down",
        "N/A",
        "n/a.",
        "Not applicable.",
        "None.",
        "Yes.",
        "No",
        "...",
        "…",
        "See above.",
        "To be added later",
        "No. N/A.",
    ],
)
def test_what_only_holds_a_place(text: str) -> None:
    assert status_of(text) is SectionStatus.PLACEHOLDER


@pytest.mark.parametrize(
    "text",
    [
        "No, it does not.",
        "Yes, unit tests exist.",
        "None of the metrics change.",
        "No impact.",
        "See the section on metrics.",
        "42",
        "`foo_total`",
    ],
)
def test_a_short_answer_is_no_placeholder(text: str) -> None:
    assert status_of(text) is SectionStatus.FILLED


@pytest.mark.parametrize("text", ["```\ncode\n```", "| a | b |\n|---|---|\n| c | d |", "- one item", "Words.\n\nTBD"])
def test_what_says_something_fills_a_section(text: str) -> None:
    assert status_of(text) is SectionStatus.FILLED


@pytest.mark.parametrize(
    "text",
    [
        "<!-- describe it -->",
        "![picture](a.png)",
        "> Describe how this is rolled out.",
        "_This section must be completed when targeting beta to a release._",
    ],
)
def test_only_template_text_comments_or_pictures(text: str) -> None:
    assert status_of(text) is SectionStatus.TEMPLATE


@pytest.mark.parametrize("text", ["", "[a]: http://x.org", "---"])
def test_what_a_reader_does_not_see_leaves_a_section_empty(text: str) -> None:
    assert status_of(text) is SectionStatus.EMPTY


def test_a_section_above_subsections_is_empty_by_itself() -> None:
    proposal = parse_proposal("# A\n\n## B\n\nWords here.\n")
    assert [(s.title, s.status, s.words) for s in proposal.sections[1:]] == [("A", SectionStatus.EMPTY, 0), ("B", SectionStatus.FILLED, 2)]


def test_sections_know_their_place() -> None:
    proposal = parse_proposal("Before.\n\n# A\n\n### B\n\nb\n\n## C\n\n#### D\n\nd\n\n# E\n\ne\n")
    assert [(s.title, s.level, s.first, s.last, s.parent, s.path) for s in proposal.sections] == [
        ("", 0, 1, 2, None, ()),
        ("A", 1, 3, 4, None, ("A",)),
        ("B", 3, 5, 8, 1, ("A", "B")),
        ("C", 2, 9, 10, 1, ("A", "C")),
        ("D", 4, 11, 14, 3, ("A", "C", "D")),
        ("E", 1, 15, 17, None, ("E",)),
    ]


def test_words_are_those_of_the_authors_prose() -> None:
    proposal = parse_proposal(
        "# A title\n\nThree words - here.\n\n- one item\n\n> five words that are quoted\n\n```\ncode words\n```\n<!-- a comment -->\n"
    )
    assert proposal.words == 5


@given(st.integers(0, 4), st.lists(st.tuples(st.integers(1, 6), st.sampled_from(["", "Words.", "TBD"])), max_size=8))
def test_sections_cover_all_lines_in_order(blank: int, parts: list[tuple[int, str]]) -> None:
    text = "x\n" + "\n" * blank + "\n\n".join(f"{'#' * level} T{n}\n\n{body}" for n, (level, body) in enumerate(parts)) + "\n"
    proposal = parse_proposal(text, limits=ANY)
    covered = [line for s in proposal.sections for line in range(s.first, s.last + 1)]
    assert covered == list(range(1, len(text.splitlines()) + 1))
    assert all(proposal.section_at(s.first) is s for s in proposal.sections)


@given(st.text(alphabet="tbdTBD na/.-_*[]()…", max_size=300))
def test_deciding_on_a_placeholder_never_hangs(text: str) -> None:
    assert is_placeholder(text) in (True, False)
