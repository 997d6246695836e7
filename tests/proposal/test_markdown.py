from __future__ import annotations

import pytest

from council.proposal import BlockKind, Limits, Proposal, parse_proposal
from council.proposal.model import BlockKind as K

ANY = Limits(min_words=0)


def read(text: str) -> Proposal:
    return parse_proposal(text, format="markdown", limits=ANY)


def kinds(text: str) -> list[tuple[BlockKind, str]]:
    return [(s.kind, s.plain) for s in read(text).sentences]


def places(text: str) -> list[tuple[BlockKind, int, int, str]]:
    return [(b.kind, b.first, b.last, b.text) for b in read(text).blocks]


def test_paragraphs_items_and_quotations_lose_their_markers() -> None:
    assert places("One\ntwo.\n\n- item\n  goes on\n  - inner\n\n> quoted\n> words\n") == [
        (K.PARAGRAPH, 1, 2, "One\ntwo."),
        (K.LIST_ITEM, 4, 5, "item\ngoes on"),
        (K.LIST_ITEM, 6, 6, "inner"),
        (K.QUOTE, 8, 9, "quoted\nwords"),
    ]


def test_an_item_of_several_paragraphs_is_one_block_each() -> None:
    assert places("1. first\n\n   second\n\n   - inner\n\n   third\n") == [
        (K.LIST_ITEM, 1, 1, "first"),
        (K.LIST_ITEM, 3, 3, "second"),
        (K.LIST_ITEM, 5, 5, "inner"),
        (K.LIST_ITEM, 7, 7, "third"),
    ]


def test_code_is_code_in_fences_by_indentation_in_quotes_and_in_items() -> None:
    text = "Words.\n\n    indented\n\n```yaml\nfenced: 1\n```\n\n> ```\n> quoted\n> ```\n\n- item\n  ```\n  inner\n  ```\n"
    assert [b for b in places(text) if b[0] is K.CODE] == [
        (K.CODE, 3, 3, "indented"),
        (K.CODE, 6, 6, "fenced: 1"),
        (K.CODE, 10, 10, "quoted"),
        (K.CODE, 15, 15, "inner"),
    ]


def test_a_heading_in_code_is_no_heading() -> None:
    assert [s.title for s in read("# A\n\n```\n# B\n```\n\n    # C\n").sections if s.title] == ["A"]


def test_everything_quoted_is_a_quotation() -> None:
    text = "> # Title\n>\n> - item\n>\n> | a | b |\n> |---|---|\n> | c | d |\n"
    assert {kind for kind, _ in kinds(text)} == {K.QUOTE}


def test_a_note_in_the_shape_of_a_quotation_is_the_authors_own() -> None:
    assert kinds("> [!NOTE]\n> We log each attempt.\n")[-1][0] is K.PARAGRAPH


def test_the_separator_of_a_table_is_dropped() -> None:
    assert places("| a | b |\n|---|---|\n| c | d |\n") == [(K.TABLE_ROW, 1, 1, "a | b"), (K.TABLE_ROW, 3, 3, "c | d")]


@pytest.mark.parametrize("fence", [("---", "---"), ("---", "..."), ("+++", "+++")])
def test_front_matter_at_the_very_top(fence: tuple[str, str]) -> None:
    key = "title = 'x'" if fence[0] == "+++" else "title: x"
    assert places(f"{fence[0]}\n{key}\n\nowner: y\n{fence[1]}\n# A\n") == [
        (K.FRONT_MATTER, 2, 4, f"{key}\n\nowner: y"),
        (K.HEADING, 6, 6, "A"),
    ]


@pytest.mark.parametrize("text", ["---\n\nWords here.\n\n---\n", "---\nNever closed: true\n\nWords.\n", "\n---\ntitle: x\n---\n"])
def test_rules_are_no_front_matter(text: str) -> None:
    assert K.FRONT_MATTER not in {kind for kind, _ in kinds(text)}


def test_comments_alone_within_a_line_and_unclosed() -> None:
    text = "<!-- one\ntwo -->\n\nWords <!-- inner --> go on.\n\n<!-- never closed\nat all\n"
    assert [b for b in places(text) if b[0] is K.COMMENT] == [
        (K.COMMENT, 1, 2, " one\ntwo "),
        (K.COMMENT, 4, 4, " inner "),
        (K.COMMENT, 6, 7, " never closed\nat all"),
    ]
    assert (K.PARAGRAPH, "Words go on.") in kinds(text)


def test_text_beside_a_comment_in_a_block_of_html_is_read() -> None:
    assert places("<!-- a\nb --> seen\n<!-- c --> and <!-- d -->\n") == [
        (K.COMMENT, 1, 2, " a\nb "),
        (K.PARAGRAPH, 2, 2, "seen"),
        (K.COMMENT, 3, 3, " c "),
        (K.PARAGRAPH, 3, 3, "and"),
        (K.COMMENT, 3, 3, " d "),
    ]


@pytest.mark.parametrize("text", ["[//]: # (a comment)", "[comment]: # (a comment)", "[//]: # 'a comment'"])
def test_a_link_definition_to_nothing_is_a_comment(text: str) -> None:
    assert [kind for kind, _ in kinds(f"Words.\n\n{text}\n")] == [K.PARAGRAPH, K.COMMENT]


def test_link_definitions_are_references_and_make_links() -> None:
    assert kinds("See [the guide] and [that][2].\n\n[the guide]: http://x.org\n[2]: http://y.org 'title'\n[2]: http://z.org\n") == [
        (K.PARAGRAPH, "See the guide and that."),
        (K.REFERENCE, "[the guide]: http://x.org"),
        (K.REFERENCE, "[2]: http://y.org 'title'"),
        (K.REFERENCE, "[2]: http://z.org"),
    ]


def test_pictures_alone_are_images_with_their_alt_text() -> None:
    assert kinds("![flow](a.png)\n\n<img alt='rollout' src='b.png'>\n\nSee ![this](c.png) there.\n") == [
        (K.IMAGE, "flow"),
        (K.IMAGE, "rollout"),
        (K.PARAGRAPH, "See there."),
    ]


def test_text_in_html_is_read_and_tags_are_not() -> None:
    assert kinds("<details>\n<summary>More</summary>\n\nWords here.\n\n</details>\n") == [
        (K.PARAGRAPH, "More"),
        (K.PARAGRAPH, "Words here."),
    ]


def test_a_heading_in_html_is_a_heading() -> None:
    section = read('<h2 align="center">Design</h2>\n\nWords.\n').sections[1]
    assert (section.title, section.level) == ("Design", 2)


def test_a_table_of_contents_by_its_marks_and_by_its_links() -> None:
    marked = "<!-- toc -->\n- Summary\n- [Design](#design)\n<!-- /toc -->\n\n- an item\n"
    assert [kind for kind, _ in kinds(marked)] == [K.COMMENT, K.TOC, K.TOC, K.COMMENT, K.LIST_ITEM]
    unmarked = "- [Summary](#summary)\n  - [The `x` [y]](#the-x)\n- [Elsewhere](http://x.org)\n"
    assert [kind for kind, _ in kinds(unmarked)] == [K.TOC, K.TOC, K.LIST_ITEM]


def test_an_unclosed_table_of_contents_ends_at_the_next_heading() -> None:
    assert kinds("<!-- toc -->\n- Summary\n\n# Summary\n\nWords.\n")[-1] == (K.PARAGRAPH, "Words.")


def test_lists_are_read_to_any_depth_that_people_write() -> None:
    text = "".join("  " * depth + f"- level {depth}\n" for depth in range(30))
    assert [plain for _, plain in kinds(text)] == [f"level {depth}" for depth in range(30)]


def test_lines_of_odd_white_space_do_not_shift_line_numbers() -> None:
    assert places("# A\n\x0c\nwords\n\u00a0\nmore\n") == [(K.HEADING, 1, 1, "A"), (K.PARAGRAPH, 3, 5, "words\n\u00a0\nmore")]


def test_line_separators_within_a_line_are_no_line_ends() -> None:
    proposal = read("one\u2028two\x85three\x0bfour\n\nfive\n")
    assert [(s.plain, s.first) for s in proposal.sentences] == [("one two three four", 1), ("five", 3)]
