from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from council.proposal import Limits, Proposal, parse_proposal
from council.proposal.model import BlockKind as K
from council.proposal.rst_inline import plain_rst

ANY = Limits(min_words=0)


def read(text: str) -> Proposal:
    return parse_proposal(text, format="rst", limits=ANY)


def places(text: str) -> list[tuple[K, int, int, str]]:
    return [(b.kind, b.first, b.last, b.text) for b in read(text).blocks]


def kinds(text: str) -> list[tuple[K, str]]:
    return [(s.kind, s.plain) for s in read(text).sentences]


def test_sections_levels_and_lines() -> None:
    proposal = read("Title\n=====\n\nWords\nhere.\n\nSub\n---\n\nMore.\n\nLast\n====\n\nEnd.\n")
    assert [(s.title, s.level, s.first, s.last, s.parent) for s in proposal.sections[1:]] == [
        ("Title", 1, 1, 6, None),
        ("Sub", 2, 7, 11, 1),
        ("Last", 1, 12, 15, None),
    ]
    assert (proposal.sentences[1].first, proposal.sentences[1].last) == (4, 5)


def test_an_overlined_and_numbered_title_reads_like_any() -> None:
    assert [s.title for s in read("=========\n1. Design\n=========\n\nWords.\n").sections] == ["", "Design"]


def test_the_header_of_a_pep_is_front_matter() -> None:
    text = "PEP: 9\nTitle: A\nAuthor: B,\n        C\n\nAbstract\n========\n\nWords.\n"
    assert places(text) == [
        (K.FRONT_MATTER, 1, 4, "PEP: 9\nTitle: A\nAuthor: B,\n        C"),
        (K.HEADING, 6, 6, "Abstract"),
        (K.PARAGRAPH, 9, 9, "Words."),
    ]


def test_lists_quotations_code_and_comments() -> None:
    text = (
        "As follows::\n\n  code here\n\n- one\n  goes on\n\n  - inner\n\nWords.\n\n  A quoted line.\n\n  -- Somebody\n\n"
        ".. a comment\n   of two lines\n\n>>> doctest()\n"
    )
    assert places(text) == [
        (K.PARAGRAPH, 1, 1, "As follows::"),
        (K.CODE, 3, 3, "code here"),
        (K.LIST_ITEM, 5, 6, "one\ngoes on"),
        (K.LIST_ITEM, 8, 8, "inner"),
        (K.PARAGRAPH, 10, 10, "Words."),
        (K.QUOTE, 12, 12, "A quoted line."),
        (K.QUOTE, 14, 14, "Somebody"),
        (K.COMMENT, 16, 17, "a comment\nof two lines"),
        (K.CODE, 19, 19, ">>> doctest()"),
    ]


def test_a_list_that_its_author_indented_is_no_quotation() -> None:
    assert kinds("Words:\n\n  * an item\n") == [(K.PARAGRAPH, "Words:"), (K.LIST_ITEM, "an item")]


def test_definitions_and_fields_are_items() -> None:
    assert [kind for kind, _ in kinds("Words.\n\nterm : kind\n  What it means.\n\n:field: Its value.\n")] == [K.PARAGRAPH] + [
        K.LIST_ITEM
    ] * 5


@pytest.mark.parametrize(
    "table",
    [
        "=====  =====\nname   does\n=====  =====\na      counts\n=====  =====\n",
        "+------+--------+\n| name | does   |\n+======+========+\n| a    | counts |\n+------+--------+\n",
        ".. list-table::\n\n   * - name\n     - does\n   * - a\n     - counts\n",
        ".. csv-table::\n\n   name,does\n   a,counts\n",
    ],
)
def test_every_kind_of_table_is_read_row_by_row(table: str) -> None:
    assert kinds(table) == [(K.TABLE_ROW, "name | does"), (K.TABLE_ROW, "a | counts")]


def test_a_row_over_several_lines_knows_them() -> None:
    row = read("+------+--------+\n| name | counts |\n|      | misses |\n+------+--------+\n").sentences[0]
    assert (row.plain, row.first, row.last) == ("name | counts misses", 2, 3)


def test_rows_that_begin_alike_keep_their_lines() -> None:
    text = ".. csv-table::\n\n   same,one\n   same,two\n   same,three\n"
    assert [(s.first, s.last) for s in read(text).sentences] == [(3, 3), (4, 4), (5, 5)]


def test_references_are_told_apart_and_inner_targets_are_not_shown() -> None:
    text = "Words [1]_ and [Smith]_.\n\n.. [1] A note.\n.. [Smith] A book.\n.. _site: http://x.org\n.. _inner:\n\nEnd.\n"
    assert [kind for kind, _ in kinds(text)] == [K.PARAGRAPH, K.REFERENCE, K.REFERENCE, K.REFERENCE, K.PARAGRAPH]


@pytest.mark.parametrize(
    "directive",
    [
        ".. versionadded:: 3.4\n   ",
        ".. seealso::\n\n   ",
        ".. unknown-thing:: x\n   :option: y\n\n   ",
        ".. note::\n\n   ",
        ".. admonition:: Remark\n\n   ",
    ],
)
def test_directives_known_or_not_are_read_for_their_text(directive: str) -> None:
    assert "We count each miss." in [
        plain.removeprefix("3.4 ") for kind, plain in kinds(f"{directive}We count each miss.\n") if kind is K.PARAGRAPH
    ]


@pytest.mark.parametrize("name", ["code-block:: go\n   :caption: x", "mermaid::", "raw:: html", "literalinclude:: a.py", "math::"])
def test_directives_that_hold_source_are_code(name: str) -> None:
    assert (K.CODE, "func_a()") in kinds(f".. {name}\n\n   func_a()\n")


@pytest.mark.parametrize(
    "name",
    ["include:: /etc/passwd", "raw:: html\n   :file: /etc/passwd", "csv-table::\n   :file: /etc/passwd", "literalinclude:: /etc/passwd"],
)
def test_no_file_is_read(name: str) -> None:
    assert "root:" not in " ".join(b.text for b in read(f"Words.\n\n.. {name}\n\nMore.\n").blocks)


def test_a_role_of_one_document_is_unknown_to_the_next() -> None:
    from docutils.parsers.rst import roles

    before = dict(vars(roles)["_roles"])
    read(".. role:: shout(strong)\n\n.. default-role:: shout\n\n:shout:`Words`.\n")
    assert vars(roles)["_roles"] == before


def test_contents_are_a_table_of_contents() -> None:
    assert K.TOC in [kind for kind, *_ in places(".. contents::\n\nTitle\n=====\n\nWords.\n")]


def test_what_docutils_cannot_parse_is_kept() -> None:
    text = "One\n===\n\nWords.\n\nSub\n---\n\nDeep\n~~~~\n\nWords.\n\nTwo\n===\n\nSkips\n~~~~~\n\nThe rest.\n"
    assert [s.title for s in read(text).sections[1:]] == ["One", "Sub", "Deep", "Two", "Skips"]
    assert "The rest." in [plain for _, plain in kinds(text)]


def test_tabs_and_odd_line_separators_keep_lines_true() -> None:
    proposal = read("one\u2028two\x0cthree\n\n-\titem\n\n\x85\nlast\n")
    assert [(s.plain, s.first) for s in proposal.sentences if "last" in s.plain or "item" in s.plain] == [("item", 3), ("last", 6)]


def test_bold_questions_head_their_answers_as_in_markdown() -> None:
    assert read("Tests\n=====\n\n* **Are there any?** Yes, some.\n").sections[2].title == "Are there any?"


def test_nothing_is_printed_about_broken_text() -> None:
    code = (
        "from council.proposal import parse_proposal\n"
        "text = 'Title\\n==\\n\\n:nosuch:`x` `open |sub| [#]_\\n\\n.. nosuch::\\n\\n  a\\n b\\n\\n.. include:: x\\n'\n"
        "parse_proposal(text, format='rst')\n"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_docutils_is_imported_for_rst_only() -> None:
    code = "import sys\nfrom council.proposal import parse_proposal\nparse_proposal('Words.')\nprint('docutils' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("**bold** and *slanted* 2*3", "bold and slanted 2*3"),
        ("``a *b* <c>`` and `d`", "`a *b* <c>` and `d`"),
        (":func:`~a.b` and :ref:`the end <end>` and :pep:`8` and :py:class:`C`", "`a.b` and the end and PEP 8 and `C`"),
        ("`a link <http://x.org>`_ and `another`__ and word_ and snake_case", "a link and another and word and snake_case"),
        ("a note [1]_ and [#x]_ and [Smith]_ but [2] stays", "a note and and but [2] stays"),
        ("|name| and a|b|c", "name and a|b|c"),
        ("a \\*star\\* and join\\ ed", "a *star* and joined"),
        ("as follows::", "as follows:"),
        ("an _`inner target` here", "an `inner target` here"),
        ("an `open tick", "an `open tick"),
        ("x\u200by", "xy"),
    ],
)
def test_inline_markup_is_cut(source: str, plain: str) -> None:
    assert plain_rst(source).text == plain


@given(st.text(alphabet="ab *_`[]<>\\|:\n.-=~+\t#1>", max_size=80))
def test_any_text_is_read_with_true_lines(text: str) -> None:
    proposal = read("Start\n\n" + text)
    for sentence in proposal.sentences:
        assert 1 <= sentence.first <= sentence.last <= len(proposal.lines)
        assert sentence.raw in proposal.blocks[sentence.block].text
        source = "\n".join(proposal.lines[sentence.first - 1 : sentence.last])
        assert {c for c in sentence.raw if c in "ab1"} <= set(source)
