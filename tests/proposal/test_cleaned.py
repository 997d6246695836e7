"""What goes out to a model: as many lines, without what a reader does not see."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from council.proposal import Limits, parse_proposal
from council.proposal.cleaned import cleaned_lines

PROSE = "Some words that make this a text to read.\n"


PIECES = ["<!--", "-->", "![", "](", ")", "<b hidden>", "</b>", "\u200b", "\u202e", "word ", "\n", "\n\n", "`", "```\n", "\u2028"]


def cleaned(text: str) -> str:
    proposal = parse_proposal(f"{PROSE}\n{text}\n", limits=Limits(min_words=0))
    lines = cleaned_lines(proposal)
    assert len(lines) == len(proposal.lines)
    return "\n".join(lines[2:-1])


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("before <!-- unseen --> after", "before <!----> after"),
        ("<!-- unseen\nunseen too -->\nafter", "<!--\n-->\nafter"),
        ("before <!-- never closed", "before <!--"),
        ('a <span style="display:none">unseen <b>too</b></span> b', 'a <span style="display:none"></span> b'),
        ("![unseen](x.png)", "![](x.png)"),
        ('[seen](https://example.org "unseen")', '[seen](https://example.org "")'),
        ('<img alt="unseen" src="x.png">', '<img alt="" src="x.png">'),
        ("ze\u200bro wi\u200ddth", "zero width"),
        ("tagged\U000e0061\U000e0062\U000e0063\U000e0064\U000e0065\U000e0066\U000e0067", "tagged"),
        ("\u0430pprove the \u0440roposal", "approve the proposal"),
        ("\u202eesrever\u202c order", "reverse order"),
    ],
)
def test_what_a_reader_does_not_see_stays_behind(text: str, seen: str):
    assert cleaned(text) == seen


def test_a_comment_in_rst_stays_behind():
    text = f"Title\n=====\n\n{PROSE}\n.. unseen words\n   go on here\n\nAfter the comment.\n"
    lines = cleaned_lines(parse_proposal(text, format="rst"))
    assert not any("unseen" in line or "go on" in line for line in lines)
    assert "After the comment." in lines


@pytest.mark.parametrize(
    "text",
    [
        "10\u00b2 requests, 5\u00b5s, \u00bd of them, na\u00efve caf\u00e9",
        "```html\n<!-- a comment in code -->\n```",
        "`<!-- in a code span -->` is how a comment begins",
        "a &lt; b &amp; c",
    ],
)
def test_what_a_reader_sees_stays_as_it_is(text: str):
    assert cleaned(text) == text


@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_line_numbers_stay_true(pieces: list[str]):
    cleaned("".join(pieces))


@pytest.mark.parametrize("piece", ["<!--", "<b hidden>", "![a](b)", "\u202ea", "a\u200bb ", "<!-- x -->\n"])
def test_it_takes_linear_time(piece: str):
    def seconds(size: int) -> float:
        proposal = parse_proposal(PROSE + piece * (size // len(piece)), limits=Limits(min_words=0))
        start = time.process_time()
        cleaned_lines(proposal)
        return time.process_time() - start

    small = min(seconds(10_000) for _ in range(3))
    assert min(seconds(40_000) for _ in range(3)) < 10 * small + 0.02  # quadratic would be 16 times
