"""Drafts to sections, blocks and sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from council.proposal.draft import Draft
from council.proposal.headings import title_of
from council.proposal.model import PROSE, Block, BlockKind, Section, SectionStatus, Sentence
from council.proposal.sentences import sentences_of

_PLACEHOLDER = re.compile(
    r"""[\W_]*+(?:
        (?:tbd|tba|todo|fixme|wip|xxx)\b(?:\W+[\w'-]+){0,12}   # TBD, and what is yet to be done
        |to\ be\ (?:determined|defined|decided|done|written|added|filled(?:\ (?:in|out))?|completed|discussed)(?:\ later)?
        |n/?a|n\.a\.?|not\ applicable|none|none\ (?:yet|so\ far|known|needed|required)|nothing(?:\ yet)?|nil|yes|no|nope|unknown
        |coming\ soon|work\ in\ progress|same(?:\ as\ above)?|(?:see|as)\ (?:above|below)|fill\ (?:me\ )?in|placeholder|empty
        |lorem\ ipsum.{0,200}
    )?[\W_]*""",
    re.IGNORECASE | re.VERBOSE,
)
_SAYS: Final = frozenset({BlockKind.CODE, BlockKind.REFERENCE})
# Markup that a reader does not see.
_DEFINITION = re.compile(r"\[[^\[\]]*\]:|\.\. _")
_WORD = re.compile(r"\w")


def count_words(plain: str) -> int:
    """Words with at least one letter or digit."""
    return sum(1 for word in plain.split() if _WORD.search(word))


def is_placeholder(plain: str) -> bool:
    """Whether a sentence only holds the place of one."""
    return len(plain) <= 250 and _PLACEHOLDER.fullmatch(plain) is not None


@dataclass(slots=True)
class _Open:
    """A section while its blocks are being gathered."""

    title: str
    level: int
    first: int
    path: tuple[str, ...]
    parent: int | None
    kinds: set[BlockKind] = field(default_factory=set)
    real: bool = True
    words: int = 0
    says: bool = False

    def status(self) -> SectionStatus:
        if self.says or self.kinds & _SAYS:
            return SectionStatus.FILLED
        if self.kinds & PROSE:
            return SectionStatus.PLACEHOLDER
        return SectionStatus.TEMPLATE if self.kinds - {BlockKind.HEADING} else SectionStatus.EMPTY


@dataclass(frozen=True, slots=True)
class Outline:
    """What a document is made of."""

    sections: tuple[Section, ...]
    blocks: tuple[Block, ...]
    sentences: tuple[Sentence, ...]


def outline(drafts: Sequence[Draft], last_line: int) -> Outline:
    """Put blocks into sections and sentences into blocks.

    Args:
        drafts: in order of the text.
        last_line: the number of the document's last line.
    """
    sections = [_Open("", 0, 1, (), None)]
    blocks: list[Block] = []
    sentences: list[Sentence] = []
    for draft in drafts:
        if draft.kind is BlockKind.HEADING:
            sections.append(_open(sections, draft))
        section, index = sections[-1], len(sections) - 1
        if not _DEFINITION.match(draft.text):
            section.kinds.add(draft.kind)
        for sentence in sentences_of(draft, len(blocks), index):
            sentences.append(sentence)
            if draft.kind in PROSE:
                section.words += count_words(sentence.plain)
                section.says = section.says or not is_placeholder(sentence.plain)
        blocks.append(Block(draft.kind, draft.first, draft.last, index, draft.text))
    ends = [following.first - 1 for following in sections[1:]] + [last_line]
    closed = tuple(
        Section(index, section.title, section.level, section.first, end, section.path, section.parent, section.words, section.status())
        for index, (section, end) in enumerate(zip(sections, ends, strict=True))
    )
    return Outline(closed, tuple(blocks), tuple(sentences))


def _open(sections: list[_Open], heading: Draft) -> _Open:
    """A section under a heading; one in bold stands under the last real heading and encloses nothing."""
    parent = len(sections) - 1 if sections[-1].real else sections[-1].parent
    while parent is not None and heading.level and sections[parent].level >= heading.level:
        parent = sections[parent].parent
    parent = parent or None
    title = title_of(heading.read)
    level = heading.level or 1 + (sections[parent].level if parent else 0)
    path = (*(sections[parent].path if parent else ()), title)
    return _Open(title, level, heading.first, path, parent, real=heading.level > 0)
