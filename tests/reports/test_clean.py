"""Untrusted text made fit for a terminal and for Markdown."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from council.reports.clean import clean, clean_line, md_code, md_fence, md_inline, wrapped

NASTY = st.text(
    st.one_of(
        st.sampled_from(
            "\x00\x07\x08\x1b\x7f\x85\x9b\x9d\t\r\n\x0b\x0c\x1f\u200b\u202e\u2028\u2066\ufeff\u00ad\U000e0041\ufe0f\u3164\ud800"
        ),
        st.sampled_from("`*_[]()<>!|~#$@:/\\-+=.&1 aw"),
        st.characters(),
    ),
    max_size=60,
)
MD = MarkdownIt("gfm-like", {"linkify": False, "html": True})
UNSEEN = "\u200b\u200e\u202e\u2066\ufeff\U000e0041"
INLINE_TEXT = {"text", "code_inline", "inline", "paragraph_open", "paragraph_close"}


def tokens(markdown: str) -> list[str]:
    return [child.type for token in MD.parse(markdown) for child in [token, *(token.children or [])]]


def rendered(markdown: str) -> str:
    return "".join(child.content for token in MD.parse(markdown) for child in token.children or [])


def controls(text: str) -> list[str]:
    """Every character that is no line feed and either a control or a format character."""
    return [c for c in text if c != "\n" and unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}] + [c for c in text if c in UNSEEN]


@given(NASTY)
def test_nothing_that_controls_a_terminal_or_hides_is_left(text: str) -> None:
    assert controls(clean(text)) == []
    assert "\n" not in clean_line(text)


@given(st.text(st.characters(categories=["L", "N", "P", "Zs"], max_codepoint=0x10FF)))
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("given_text", "left"),
    [
        ("a\x1b[31mb", "a[31mb"),
        ("a\x9b2Jb", "a2Jb"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("a\tb", "a    b"),
        ("\u202eevil\u202c", "evil"),
        ("v\u200bi\U000e0076s", "vis"),
        ("\ud800", "\ufffd"),
        ("e" + "\u0301" * 40, "e" + "\u0301" * 4),
    ],
)
def test_what_becomes_of_a_control_character(given_text: str, left: str) -> None:
    assert clean(given_text) == left


def test_a_long_line_is_cut_between_words() -> None:
    assert clean_line("one two three four", 14) == "one two three…"


@given(NASTY, st.integers(2, 80))
def test_a_cut_line_is_never_longer_than_asked(text: str, limit: int) -> None:
    assert len(clean_line(text, limit)) <= limit


@given(NASTY)
@example("# heading")
@example("- item")
@example("1. item")
@example("===")
@example("***")
@example("> quote")
@example("<script>alert(1)</script>")
@example("![a](http://b)")
@example("[a]: http://b")
@example("a\n\n# b")
@example("@#1@`")
def test_inline_markdown_renders_as_the_text_it_was(text: str) -> None:
    escaped = md_inline(text)
    assert set(tokens(escaped)) <= INLINE_TEXT
    assert rendered(escaped) == clean_line(text)


@given(NASTY)
@example("@team")
@example("see #12 and !3 and GH-4, https://a.example, www.a.example, mailto:a@b.c")
def test_what_a_forge_would_link_or_notify_stands_in_code(text: str) -> None:
    prose = [c.content for t in MD.parse(md_inline(text)) for c in t.children or [] if c.type == "text"]
    assert not any(re.search(r"@|://|www\.|#\d|\bGH-\d", part, re.IGNORECASE) for part in prose)


@given(NASTY)
@example("a ``` b | c")
def test_a_table_row_keeps_its_cells(text: str) -> None:
    table = f"| a | b |\n|---|---|\n| {md_inline(text)} | {md_code(text)} |"
    kinds = [token.type for token in MD.parse(table)]
    assert (kinds.count("tr_open"), kinds.count("td_open"), kinds.count("table_open")) == (2, 2, 1)
    assert kinds[-1] == "table_close"


@given(NASTY)
@example("```\n# out\n````\n</pre>")
@example("~~~\n- x")
def test_a_fence_cannot_be_ended_from_inside(text: str) -> None:
    parsed = MD.parse(f"- item\n\n{md_fence(text, indent='  ')}\n\nafter")
    outermost = [t.type for t in parsed if t.level == 0]
    assert outermost == ["bullet_list_open", "bullet_list_close", "paragraph_open", "paragraph_close"]
    assert [t.type for t in parsed].count("fence") == 1


@given(NASTY, st.integers(5, 40))
def test_wrapped_lines_fit(text: str, width: int) -> None:
    assert all(len(line) <= width for line in wrapped(text, width))
