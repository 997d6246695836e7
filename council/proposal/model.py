"""What a proposal is, once it has been read: lines, sections, blocks and sentences.

Plain frozen dataclasses: a proposal is made once and read by every seat. All line numbers are 1-based and
inclusive, and count the lines of `Proposal.text`: decoded, without BOM, with LF line ends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Literal


class BlockKind(StrEnum):
    """What a block of lines is for a reader. Only prose kinds carry the author's own assertions."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"  # one item's own text, nested lists are items of their own
    TABLE_ROW = "table_row"  # one row; cells joined by " | "; header rows too
    QUOTE = "quote"  # a block quotation
    CODE = "code"  # fenced, indented or literal
    COMMENT = "comment"  # HTML comment, RST comment, link-reference comment
    FRONT_MATTER = "front_matter"  # YAML front matter, RST field list at the top (PEP header)
    TOC = "toc"  # table of contents
    TEMPLATE = "template"  # text the template left: instructions to the author, an unanswered question
    IMAGE = "image"  # a picture alone; its alt text
    REFERENCE = "reference"  # link definitions, footnotes, bibliography entries


_FRONT_TITLE = re.compile(r"^title\s*[:=][ \t]*(\S[^\n]*)$", re.IGNORECASE | re.MULTILINE)
PROSE = frozenset({BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.TABLE_ROW})


class SectionStatus(StrEnum):
    """Whether a section says anything of its own."""

    FILLED = "filled"
    PLACEHOLDER = "placeholder"  # only "TBD.", "N/A", "None.", "Yes.", ellipses and the like
    TEMPLATE = "template"  # only template text, comments or pictures
    EMPTY = "empty"  # nothing at all, not counting subsections


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what follows until the next heading of any level.

    Attributes:
        index: position in `Proposal.sections`; 0 is the text before the first heading.
        title: the heading as plain text, without markup, numbering ("3.1 ", "IV.") or trailing hashes; "" for 0.
        level: 1 for the highest, 0 for the text before the first heading.
        first, last: the lines from the heading to the line before the next heading of any level.
        path: titles from the outermost enclosing section to this one.
        parent: index of the enclosing section, or None.
        words: words of the author's own prose in this section, subsections not counted.
        status: whether it says anything of its own.
    """

    index: int
    title: str
    level: int
    first: int
    last: int
    path: tuple[str, ...]
    parent: int | None
    words: int
    status: SectionStatus


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive lines of one kind.

    Attributes:
        kind: what it is for a reader.
        first, last: its lines.
        section: index of its section.
        text: its source text without list, quote and comment markers; inline markup is kept.
    """

    kind: BlockKind
    first: int
    last: int
    section: int
    text: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, list item, table row, heading or line of code.

    Attributes:
        raw: its text as the source has it, a verbatim slice of its block's text (may hold line feeds and markup).
        plain: the same for reading: inline markup removed, white space collapsed. Code spans keep their backticks,
            because what is named in them (a field, a metric, a command) is substance.
        first, last: its lines.
        section: index of its section.
        kind: the kind of its block.
        block: index of its block in `Proposal.blocks`.
    """

    raw: str
    plain: str
    first: int
    last: int
    section: int
    kind: BlockKind
    block: int


@dataclass(frozen=True, slots=True)
class HiddenText:
    """Text that a reader of the rendered document does not see.

    Attributes:
        how: the disguise.
        line: where it stands.
        text: what it says, made visible, at most 500 characters.
    """

    how: Literal[
        "zero_width", "bidi", "tag_characters", "homoglyph", "comment", "alt_text", "link_title", "front_matter", "encoded", "hidden_html"
    ]
    line: int
    text: str


@dataclass(frozen=True)
class Proposal:
    """A proposal as the council sees it.

    Attributes:
        source: where it came from, for people: a path or "<stdin>".
        format: how it was parsed.
        sha256: hex SHA-256 of the bytes that were given.
        text: the decoded text with LF line ends and without BOM.
        lines: `text` split at LF; `lines[n - 1]` is line n.
        sections, blocks, sentences: in order of the text.
        hidden: text that a reader of the rendered document does not see.
        english: share of the prose that reads as English, 0 to 1.
        left_out: titles of sections that were taken out before the review, because somebody chose others.
    """

    source: str
    format: Literal["markdown", "rst"]
    sha256: str
    text: str = field(repr=False)
    lines: tuple[str, ...] = field(repr=False)
    sections: tuple[Section, ...] = field(repr=False)
    blocks: tuple[Block, ...] = field(repr=False)
    sentences: tuple[Sentence, ...] = field(repr=False)
    hidden: tuple[HiddenText, ...] = field(default=(), repr=False)
    english: float = 1.0
    left_out: tuple[str, ...] = ()

    def __getstate__(self) -> dict[str, object]:
        """What another process gets: not what was worked out of it here (`council.proposal.memo`)."""
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}

    @cached_property
    def title(self) -> str:
        """The title: of the front matter where it names one, else the first heading, else the name of the source."""
        for block in self.blocks:
            if block.kind is BlockKind.FRONT_MATTER and (named := _FRONT_TITLE.search(block.text)):
                return named[1].strip().strip("\"'")
        return next((s.title for s in self.sections if s.title), self.source)

    @cached_property
    def words(self) -> int:
        """Words of the author's own prose."""
        return sum(s.words for s in self.sections)

    def section_at(self, line: int) -> Section:
        """The innermost section that holds a line."""
        found = self.sections[0]
        for section in self.sections:
            if section.first > line:
                break
            found = section
        return found
