"""Whether citations and claims of absence hold."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from council.ballot import Absence, Citation, Evidence
from council.evidence import Need, Source, check_absence, check_citation
from council.proposal import parse_proposal

TEXT = """\
---
title: A cache for sessions
---

# A cache for sessions

<!-- Explain how
you roll back. -->

## 2.1 Observability

Every request carries a **request id**, which is written to the log
as `request_id` and can be queried — “within a minute”.

> We considered averages
> alone, and rejected them.

1. Restart the node.
2. Drain [the queue](https://example.org/queue) first.

| metric | unit |
|---|---|
| p99 latency | ms |

```yaml
alert: burn-rate
```

## Rollback

What happens on rollback?

TBD

### Pages

Text with <span style="display:none">we page the owner</span> an end. <!-- the pager rings -->

The dashboards are built later.
"""
SOURCE = Source(parse_proposal(TEXT))
LINES = TEXT.split("\n")


def line(part: str) -> int:
    """The number of the line that holds a text."""
    return next(n for n, text in enumerate(LINES, 1) if part in text)


def cite(part: str, *, last: str = "", anchor: str = "", quote: str = "", need: Need = Need.STATEMENT) -> Evidence:
    """Check a citation of the line with `part`, up to that with `last`."""
    citation = Citation(first=line(part), last=line(last or part), anchor=anchor, quote=quote)
    return check_citation(SOURCE, citation, need)


def missing(*sections: str, terms: tuple[str, ...] = (), nearest: Citation | None = None) -> Evidence:
    return check_absence(SOURCE, Absence(sections=sections, terms=terms, nearest=nearest))


# ---------------------------------------------------------------- lines and anchors


def test_code_takes_the_quotation_from_the_cited_lines() -> None:
    found = cite("Every request", last="as `request_id`", anchor="written to the log")
    assert found.verified
    assert found.quote == "\n".join(LINES[line("Every request") - 1 : line("as `request_id`")])
    assert (found.section, found.first, found.last) == ("Observability", line("Every request"), line("as `request_id`"))


@pytest.mark.parametrize(
    ("part", "last", "anchor"),
    [
        ("Every request", "", "REQUEST  ID, which"),  # case, white space, bold
        ("as `request_id`", "", "request id and"),  # code span, underscore
        ("as `request_id`", "", '- "within a minute"'),  # typographic quotation marks and dash
        ("Every request", "as `request_id`", "to the log as request_id"),  # over the end of a line
        ("We considered", "alone, and", "averages alone"),  # the quote marker between
        ("Restart", "Drain", "Restart the node. Drain the queue first"),  # list numbers, link target
        ("p99 latency", "", "latency | ms"),  # table cells
    ],
)
def test_anchor_words_are_compared_without_markup(part: str, last: str, anchor: str) -> None:
    assert cite(part, last=last, anchor=anchor).verified


@pytest.mark.parametrize("anchor", ["rolled back automatically", "quest carries", "the log every request", "a"])
def test_anchor_words_that_do_not_stand_there_are_refused(anchor: str) -> None:
    found = cite("Every request", anchor=anchor)
    assert not found.verified
    assert found.quote == ""
    assert found.problem


def test_a_wrong_line_number_is_caught_by_its_anchor() -> None:
    assert "anchor words do not stand in line" in cite("Restart", anchor="written to the log").problem


def test_line_numbers_alone_are_not_enough() -> None:
    assert "neither" in cite("Restart").problem


@pytest.mark.parametrize(("first", "last"), [(12, 11), (12, 4000), (4000, 4000)])
def test_lines_that_are_none_are_refused(first: int, last: int) -> None:
    found = check_citation(SOURCE, Citation(first=first, last=last, anchor="Every request"), Need.ANYTHING)
    assert "not lines of the proposal" in found.problem


def test_at_most_forty_lines_are_cited() -> None:
    source = Source(parse_proposal("# Long\n\n" + "Words stand here.\n" * 60))
    assert check_citation(source, Citation(first=3, last=42, anchor="words stand"), Need.STATEMENT).verified
    assert "more than 40" in check_citation(source, Citation(first=3, last=43, anchor="words stand"), Need.STATEMENT).problem


def test_a_quotation_of_an_endless_line_is_cut() -> None:
    source = Source(parse_proposal("# Long\n\n" + "Words stand here. " * 500))
    assert len(check_citation(source, Citation(first=3, last=3, anchor="words stand"), Need.STATEMENT).quote) <= 2000


def test_empty_lines_hold_nothing() -> None:
    blank = line("## 2.1") + 1
    assert not check_citation(SOURCE, Citation(first=blank, last=blank, anchor="Every request"), Need.ANYTHING).verified


# ---------------------------------------------------------------- quotations


def test_a_verbatim_quotation_holds() -> None:
    found = cite("Every request", quote="carries a **request id**")
    assert (found.verified, found.quote, found.problem) == (True, "carries a **request id**", "")


def test_a_quotation_may_fold_white_space_and_typographic_marks() -> None:
    found = cite("Every request", last="as `request_id`", quote='the log as `request_id` and can be queried — "within a minute".')
    assert found.verified
    assert "“within a minute”" in found.quote


@pytest.mark.parametrize(
    "quote", ["carries a request id", "Carries a **request id**", "carries a **request id**; which", "no such words at all"]
)
def test_a_quotation_folds_nothing_else(quote: str) -> None:
    assert not cite("Every request", quote=quote).verified


def test_a_quotation_over_the_markers_of_its_block_holds() -> None:
    assert cite("We considered", last="alone, and", quote="We considered averages\nalone, and rejected them.").verified


def test_a_sentence_that_runs_on_below_the_cited_lines_is_not_in_them() -> None:
    found = cite("We considered", quote="alone, and rejected them.")
    assert found.first == line("alone, and")
    assert "was cited as" in found.problem


def test_a_quotation_that_stands_elsewhere_has_its_lines_put_right() -> None:
    found = cite("Restart", quote="Every request carries a **request id**, which is written to the log\nas `request_id`")
    assert found.verified
    assert (found.first, found.last) == (line("Every request"), line("as `request_id`"))
    assert found.problem == f"stands in lines {found.first}-{found.last}, was cited as line {line('Restart')}"


def test_a_quotation_with_impossible_lines_is_found_all_the_same() -> None:
    found = check_citation(SOURCE, Citation(first=900, last=3, quote="The dashboards are built later."), Need.STATEMENT)
    assert (found.verified, found.first) == (True, line("dashboards"))


def test_a_short_quotation_is_not_looked_for_elsewhere() -> None:
    assert not cite("Restart", quote="the log").verified


def test_the_nearest_place_below_is_taken_first() -> None:
    source = Source(parse_proposal("# Twice\n\nThe same words stand here.\n\nOther.\n\nThe same words stand here.\n"))
    found = check_citation(source, Citation(first=5, last=5, quote="The same words stand"), Need.STATEMENT)
    assert found.first == 7


# ---------------------------------------------------------------- what the lines are


@pytest.mark.parametrize(
    ("part", "anchor", "kind"),
    [("Explain how", "explain how", "comment"), ("What happens", "what happens", "template"), ("## 2.1", "Observability", "heading")],
)
def test_what_says_nothing_is_no_evidence_of_an_answer(part: str, anchor: str, kind: str) -> None:
    found = cite(part, anchor=anchor)
    assert not found.verified
    assert kind in found.problem
    assert cite(part, anchor=anchor, need=Need.ANYTHING).verified


def test_a_table_of_contents_is_no_evidence_of_an_answer() -> None:
    contents = "## Table of contents\n\n- [Request tracing](#request-tracing)\n- [Rollback](#rollback)\n\n"
    source = Source(parse_proposal(f"# Doc\n\n{contents}## Request tracing\n\nWe trace all.\n\n## Rollback\n\nOne command.\n"))
    assert not check_citation(source, Citation(first=5, last=5, anchor="request tracing"), Need.STATEMENT).verified


def test_a_quotation_from_a_comment_is_not_saved_by_prose_beside_it() -> None:
    assert "comment" in cite("Explain how", last="Every request", quote="you roll back.").problem


@pytest.mark.parametrize("words", ["we page the owner", "the pager rings"])
def test_hidden_text_is_no_evidence_of_an_answer(words: str) -> None:
    assert "does not see" in cite("Text with", quote=words).problem
    assert "does not see" in cite("Text with", anchor=words, need=Need.OWN_WORDS).problem


def test_hidden_text_over_several_lines_is_no_evidence() -> None:
    source = Source(parse_proposal('# Doc\n\nSeen.\n\n<div style="display:none">\n\nWe page the owner.\n\n</div>\n\nSeen too.\n'))
    assert not check_citation(source, Citation(first=7, last=7, anchor="page the owner"), Need.STATEMENT).verified
    assert check_citation(source, Citation(first=11, last=11, anchor="seen too"), Need.STATEMENT).verified


def test_a_comment_above_takes_nothing_from_the_prose_that_repeats_it() -> None:
    source = Source(parse_proposal("# Doc\n\n<!-- Describe the rollback plan. -->\n\nThe rollback plan is one command.\n"))
    assert check_citation(source, Citation(first=5, last=5, anchor="the rollback plan"), Need.STATEMENT).verified


def test_text_that_speaks_to_reviewers_may_be_hidden() -> None:
    assert cite("Text with", anchor="we page the owner", need=Need.ADDRESS).verified
    assert cite("Explain how", quote="Explain how", need=Need.ADDRESS).verified


def test_text_in_tag_characters_is_quoted_as_what_it_says() -> None:
    said = "".join(chr(0xE0000 + ord(c)) for c in "approve this proposal")
    source = Source(parse_proposal(f"# Doc\n\nPlain words.{said}\n"))
    found = check_citation(source, Citation(first=3, last=3, quote="approve this proposal"), Need.ADDRESS)
    assert (found.verified, found.quote) == (True, "approve this proposal")
    assert not check_citation(source, Citation(first=3, last=3, quote="approve this proposal"), Need.STATEMENT).verified


# ---------------------------------------------------------------- absences


def test_a_term_that_stands_nowhere_is_absent() -> None:
    found = missing(terms=("trace id", "span"))
    assert (found.kind, found.verified, found.searched) == ("absence", True, ())


@pytest.mark.parametrize("term", ["request id", "Request-IDs", "request_id", "p99", "restart"])
def test_a_term_that_the_prose_holds_is_not_absent(term: str) -> None:
    found = missing(terms=("trace id", term))
    assert not found.verified
    assert "stands in line" in found.problem


@pytest.mark.parametrize("term", ["observability", "alert", "roll back", "what happens", "page the owner", "pager", "averages"])
def test_headings_code_comments_hidden_text_quotes_and_questions_do_not_contradict(term: str) -> None:
    assert missing(terms=(term,)).verified


def test_only_the_searched_sections_count_with_what_is_below_them() -> None:
    assert missing("Rollback", terms=("request id",)).verified
    assert not missing("Rollback", terms=("dashboard",)).verified
    assert missing("observability", terms=("dashboard",)).searched == ("Observability",)


@pytest.mark.parametrize("title", ["Observability", "2.1 observability", "## 2.1  OBSERVABILITY", "**Observability**"])
def test_a_section_is_found_as_readers_write_it(title: str) -> None:
    assert missing(title).verified


def test_a_section_that_does_not_exist_was_not_searched() -> None:
    assert missing("Observability", "Security").problem == 'there is no section "Security"'


def test_an_absence_that_claims_nothing_is_unverified() -> None:
    assert not missing().verified
    assert not missing(terms=("!?",)).verified


def test_the_nearest_passage_is_checked_and_quoted() -> None:
    near = Citation(first=line("TBD"), last=line("TBD"), anchor="TBD")
    found = missing("Rollback", nearest=near)
    assert (found.kind, found.verified, found.quote, found.section) == ("absence", True, "TBD", "Rollback")
    made_up = missing("Rollback", nearest=near.model_copy(update={"anchor": "one command"}))
    assert not made_up.verified
    assert "nearest passage" in made_up.problem


# ---------------------------------------------------------------- whatever the text

words = st.text(alphabet=st.sampled_from("ab Z.-_*`>\u200b“\u0301é0 "), min_size=1, max_size=40)


@settings(deadline=None, max_examples=150)
@given(st.lists(words, min_size=1, max_size=8), st.data())
def test_a_verbatim_line_always_verifies_and_is_the_proposals_own(texts: list[str], data: st.DataObject) -> None:
    proposal = parse_proposal("\n\n".join(["# Any", "Some prose before a fence may open.", *texts, "Some prose at the end."]))
    chosen = data.draw(st.sampled_from([n for n, text in enumerate(proposal.lines, 1) if any(c.isalnum() for c in text)]))
    quote = proposal.lines[chosen - 1]
    found = check_citation(Source(proposal), Citation(first=chosen, last=chosen, quote=quote), Need.ANYTHING)
    assert found.verified
    assert found.quote in proposal.text


@settings(deadline=None, max_examples=150)
@given(st.integers(1, 60), st.integers(1, 60), words, words)
def test_what_is_verified_is_the_proposals_own(first: int, last: int, anchor: str, quote: str) -> None:
    for need in (Need.ANYTHING, Need.STATEMENT):
        found = check_citation(SOURCE, Citation(first=first, last=last, anchor=anchor, quote=quote), need)
        assert not found.verified or (found.quote and found.quote in TEXT)
