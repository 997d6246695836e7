"""Headings, real ones and those that authors write in bold, and what they are called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from council.proposal.draft import Draft
from council.proposal.markdown_inline import plain_markdown
from council.proposal.model import BlockKind

# "3.1 ", "3.", "2)", "IV.", "A." before a title. A bare number counts only before a capital: "99 percentile" has none.
_NUMBERING = re.compile(r"(?:\d{1,3}(?:\.\d{1,3})+[.)]?|\d{1,3}[.):]|\d{1,2}(?= +[A-Z])|[IVXLC]{1,7}[.)]|[A-Z][.)])\s+(?=\S)")
_BOLD_LINE = re.compile(r"(?:\*\*|__)([^*\n]{1,200}?)(?:\*\*|__)\s*:?\s*")
_BOLD_QUESTION = re.compile(
    r"(?:\[[ xX]?\]\s+)?(\*\*|__)(?!\s)((?:[^*_]|(?<=\w)_(?=\w)){1,400}?\?(?:\s*\([^()*]{1,200}\)[.?]?)?)\s*\1:?(?:\s+|$)"
)


def title_of(plain: str) -> str:
    """A heading's plain text without numbering, trailing colon and hashes."""
    title = plain.strip().rstrip("#").strip()
    if numbering := _NUMBERING.match(title):
        title = title[numbering.end() :]
    return title.rstrip(": ").strip()


def with_bold_headings(drafts: Iterable[Draft]) -> Iterator[Draft]:
    """Turn bold text that acts as a heading into one.

    That is a paragraph of one bold line, and a question in bold at the start of a paragraph or a list item, with
    the answer after it. Their level stays 0: one below the heading they stand under.
    """
    for draft in drafts:
        if draft.kind not in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM) or not draft.text.lstrip("[ xX]").startswith(("**", "__")):
            yield draft
        elif question := _BOLD_QUESTION.match(draft.text):
            yield _heading(draft, question[2])
            yield from _rest(draft, question.end())
        elif draft.kind is BlockKind.PARAGRAPH and (bold := _BOLD_LINE.fullmatch(draft.text)) and bold[1].rstrip()[-1:] not in ".,;":
            yield _heading(draft, bold[1])
        else:
            yield draft


def _heading(draft: Draft, text: str) -> Draft:
    return Draft(BlockKind.HEADING, draft.first, text, plain_markdown(text))


def _rest(draft: Draft, at: int) -> Iterator[Draft]:
    """What follows a question in its own block."""
    text = draft.text[at:]
    if text.strip():
        first = draft.first + draft.text.count("\n", 0, at)
        yield Draft(draft.kind, first, text, plain_markdown(text), depth=draft.depth, opens_item=draft.opens_item, checked=draft.checked)
