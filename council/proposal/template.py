"""What a template left in a proposal: instructions to the author, questions nobody answered, fields nobody filled.

The author's own text asks and commands as well, so a block counts as the template's only where a good part of its
words do, and an unsure one only in a document that is a template for the most part.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from council.proposal.draft import Draft
from council.proposal.instructions import announces_examples, is_hole, is_instruction, is_question, opens_like_a_template, value_of
from council.proposal.model import PROSE, BlockKind
from council.proposal.outline import is_placeholder
from council.proposal.sentences import split

# Sections in which authors ask questions of their own, or keep lists of what is to be done.
_OPEN_QUESTIONS = re.compile(
    r"question|unresolved|discussion|open (?:issues|items|points|topics)|faq|unknowns|q ?& ?a|follow.?up", re.IGNORECASE
)
_PLAN = re.compile(
    r"\b(?:plan|tasks?|to.?dos?|actions?|milestones?|road ?map|work|steps?|phases?|rollout|next|implementation|progress)\b", re.IGNORECASE
)
_NO_PLAN = re.compile(r"\b(?:test|checklist|history)\b", re.IGNORECASE)
_BLOCK_SHARE = 0.4
# Of a whole document, and of a section in it.
_DOCUMENT_SHARES = ((0.5, 0.1), (0.3, 0.3))
# Sections of a document that open as a template's do, before it counts as one, and how long such a section may be.
_OPENED = 0.6
_LONGEST = 120


def mark_template(drafts: Sequence[Draft]) -> None:
    """Give what a template left its kind; `drafts` are changed in place."""
    title, listing = "", False
    for at, draft in enumerate(drafts):
        if draft.kind is BlockKind.HEADING:
            title, listing = draft.read, False
        elif draft.kind in PROSE or draft.kind is BlockKind.QUOTE:
            listing = listing and draft.depth > 0
            if listing or _is_template(draft, title, drafts[at + 1 : at + 3]):
                draft.kind = BlockKind.TEMPLATE
                listing = listing or announces_examples(draft.read)
    _mark_unsure(drafts)


def _mark_unsure(drafts: Iterable[Draft]) -> None:
    """In a document that is a template for the most part, what stands beside template text is its text too."""
    sections: list[list[Draft]] = [[]]
    for draft in drafts:
        if draft.kind is BlockKind.HEADING:
            sections.append([])
        elif draft.kind in PROSE or draft.kind is BlockKind.TEMPLATE:
            sections[-1].append(draft)
    filled = [section for section in sections if section]
    opened = [_opens_like_a_template(section) for section in filled]
    overall = _template_share(draft for section in filled for draft in section)
    least = next((local for whole, local in _DOCUMENT_SHARES if overall >= whole), 2.0)
    template = len(filled) > 2 and sum(opened) >= _OPENED * len(filled)
    for section, opens in zip(filled, opened, strict=True):
        words = sum(len(draft.read.split()) for draft in section)
        if _template_share(section) >= least or (template and opens and words <= _LONGEST):
            for draft in section:
                draft.kind = BlockKind.TEMPLATE


def _opens_like_a_template(section: Sequence[Draft]) -> bool:
    if any(draft.checked for draft in section):
        return False
    first = section[0]
    return first.checked is None and (first.kind is BlockKind.TEMPLATE or opens_like_a_template(first.read))


def _template_share(drafts: Iterable[Draft]) -> float:
    sizes = [(len(draft.read.split()), draft.kind is BlockKind.TEMPLATE) for draft in drafts]
    return sum(size for size, template in sizes if template) / max(1, sum(size for size, _ in sizes))


def _is_template(draft: Draft, title: str, following: Sequence[Draft]) -> bool:
    text = draft.read
    if draft.checked is False:
        return draft.kind is not BlockKind.LIST_ITEM or not _PLAN.search(title) or _NO_PLAN.search(title) is not None
    if draft.checked or is_placeholder(text):
        return False
    if draft.kind is BlockKind.LIST_ITEM and text.endswith(":") and len(text.split()) <= 10:
        return draft.opens_item and not _is_filled(draft, following)
    if is_hole(text):
        return not (draft.kind is BlockKind.LIST_ITEM and _is_filled(draft, following))
    value = value_of(text)
    bounds = [0, *split(draft.plain), len(text)] if draft.plain else []
    sentences = [value] if value else [text[start:end].strip() for start, end in pairwise(bounds)]
    return _share(sentences, asking=not _OPEN_QUESTIONS.search(title)) >= _BLOCK_SHARE


def _is_filled(field: Draft, following: Iterable[Draft]) -> bool:
    """Whether a field's value stands in the blocks after it: further in, or in the same item."""
    for draft in following:
        if draft.kind is BlockKind.COMMENT:
            continue
        return draft.kind in (BlockKind.CODE, BlockKind.QUOTE, BlockKind.TABLE_ROW, BlockKind.IMAGE) or (
            draft.depth > field.depth or (draft.depth == field.depth > 0 and not draft.opens_item)
        )
    return False


def _share(sentences: Sequence[str], *, asking: bool) -> float:
    """The share of words in sentences that speak to the author.

    Questions count beside an instruction, and where there are only questions; `asking` is False where authors ask some themselves.
    """
    sizes = [len(sentence.split()) for sentence in sentences]
    told = [is_instruction(sentence) for sentence in sentences]
    asked = [is_question(sentence, of_author=not asking) for sentence in sentences]
    if any(told) or all(asked):
        return sum(size for size, a, t in zip(sizes, asked, told, strict=True) if a or t) / max(1, sum(sizes))
    return 0.0
