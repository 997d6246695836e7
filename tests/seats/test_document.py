from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from council.errors import SeatFileError
from council.seats.document import SeatDocument, parse_document

HEAD = "---\nname: x\n---\n"


def parse(body: str) -> SeatDocument:
    return parse_document(HEAD + body, path="x.md")


def test_sections_nest_by_level_and_know_their_lines() -> None:
    document = parse("# A\ntext\n## B\n### C\n## D\nmore\n")
    assert [(s.title, s.level, s.line) for s in document.root.walk()] == [("", 0, 0), ("A", 1, 4), ("B", 2, 6), ("C", 3, 7), ("D", 2, 8)]
    assert [child.title for child in document.root.children[0].children] == ["B", "D"]
    b = document.root.children[0].children[0]
    assert (b.line, b.last) == (6, 7)


def test_setext_headings_count_and_headings_in_code_do_not() -> None:
    document = parse("Title\n=====\n\n```\n# not a heading\n```\n")
    assert [s.title for s in document.root.children] == ["Title"]


def test_an_id_in_braces_is_taken_from_headings_and_items() -> None:
    document = parse("## High {#high}\n- [ ] Can we? {#can}\n")
    section = document.root.children[0]
    assert (section.title, section.id) == ("High", "high")
    item = section.blocks[0].items[0]
    assert (item.text, item.id, item.task, item.first) == ("Can we?", "can", True, 5)


def test_a_fence_in_an_item_belongs_to_the_item_with_its_line() -> None:
    document = parse("- [ ] One?\n\n  ```evidence\n  needs: any\n  ```\n- [ ] Two?\n")
    first, second = document.root.blocks[0].items
    assert [(b.kind, b.info, b.first, b.text) for b in first.blocks] == [("fence", "evidence", 6, "needs: any\n")]
    assert second.blocks == ()


def test_an_item_wrapped_over_lines_is_one_text() -> None:
    assert parse("- [ ] Can somebody\n  find it? {#find}\n").root.blocks[0].items[0].text == "Can somebody find it?"


@pytest.mark.parametrize("lead", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_and_a_byte_order_mark_make_no_difference(lead: str, end: str) -> None:
    text = HEAD + "# A\n\n- one\n- two\n\n> said\n"
    assert parse_document(lead + text.replace("\n", end), path="x.md") == parse_document(text, path="x.md")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "no front matter"),
        ("# Title\n", 1, "no front matter"),
        ("\n---\nname: x\n---\n", 1, "no front matter"),
        ("---\nname: x\n# Title\n", 1, "not closed"),
        ("---\n- name\n---\n", 2, "not a mapping"),
        ("---\n---\n", 2, "not a mapping"),
        ("---\nname: x\nname: y\n---\n", 3, "given twice"),
        ("---\nname: x\na: [\n---\n", 3, "not valid YAML"),
    ],
)
def test_broken_front_matter_is_named_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(SeatFileError) as caught:
        parse_document(text, path="seats/x.md")
    assert (caught.value.path, caught.value.line) == ("seats/x.md", line)
    assert words in caught.value.what


@given(
    st.lists(st.sampled_from(["# A", "## B", "- a", "  - b", "> q", "```", "---", "text", "", "    code", "1. [ ] x", "***"]), max_size=30)
)
def test_sections_share_out_the_lines_of_the_body(lines: list[str]) -> None:
    document = parse("\n".join(lines))
    headings = [s for s in document.root.walk() if s.line]
    starts = [s.line for s in headings]
    assert starts == sorted(set(starts))
    for section in document.root.walk():
        inside = [block for child in section.walk() for block in child.blocks]
        assert all(section.line < block.first <= block.last <= section.last for block in inside)
