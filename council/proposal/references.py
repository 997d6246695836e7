"""What stands around the text of a proposal: tables of contents and lists of references."""

from __future__ import annotations

import re
from collections.abc import Iterable

from council.proposal.draft import Draft
from council.proposal.headings import title_of
from council.proposal.model import PROSE, BlockKind

_LOCAL_LINK = re.compile(r"\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\]\(#[^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)")
_FOOTNOTE = re.compile(r"\[\^[^\[\]\s]{1,100}\]:")
_TITLE = re.compile(
    r"(?:references?|(?:further|additional|recommended|related) (?:reading|links?|resources|references|material)|bibliography"
    r"|(?:useful |external |related )?links|see also|resources|citations|footnotes|sources|literature|reading list)"
    r"(?: (?:and|&) (?:\w+ ?){1,3})?",
    re.IGNORECASE,
)
_LINK = re.compile(r"https?://|\]\(|\]\[|<https?:|`_")
_LONGEST = 30


def mark_references(drafts: Iterable[Draft]) -> None:
    """Give entries of tables of contents and of lists of references their kinds; `drafts` are changed in place."""
    references = False
    for draft in drafts:
        if draft.kind is BlockKind.HEADING:
            references = _TITLE.fullmatch(title_of(draft.read)) is not None
        elif draft.kind is BlockKind.LIST_ITEM and _is_contents(draft.text):
            draft.kind = BlockKind.TOC
        elif draft.kind in PROSE and (_FOOTNOTE.match(draft.text) or (references and _is_entry(draft))):
            draft.kind = BlockKind.REFERENCE


def _is_contents(text: str) -> bool:
    """Whether an item holds nothing but links into its own document."""
    return "](#" in text and len(text) < 500 and not re.search(r"\w", _LOCAL_LINK.sub("", text))


def _is_entry(draft: Draft) -> bool:
    """Whether a block under a title such as "References" is an entry rather than prose."""
    words = len(draft.read.split())
    return words <= _LONGEST or (_LINK.search(draft.text) is not None and words <= 2 * _LONGEST)
