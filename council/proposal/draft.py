"""What the parsers hand over: blocks in order, before sections and sentences are made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from council.proposal.model import BlockKind
from council.proposal.plain import Plain

Format = Literal["markdown", "rst"]


@dataclass(slots=True)
class Draft:
    """A block as a parser found it; later steps may change its kind.

    Attributes:
        kind: what it is for a reader.
        first: its first line; each line of `text` is one line of the document.
        text: source text without markers of lists, quotations and comments.
        plain: the text as it is read; None for code, front matter and comments.
        level: of a heading, from 1; 0 for other blocks and for headings that take theirs from what encloses them.
        depth: how many lists it stands in.
        opens_item: whether a list item begins with it.
        checked: of an item with a box, whether the box is ticked.
        last_line: its last line where that is not told by `text`, as for a table's row over several lines; else 0.
    """

    kind: BlockKind
    first: int
    text: str
    plain: Plain | None = None
    level: int = 0
    depth: int = 0
    opens_item: bool = False
    checked: bool | None = None
    last_line: int = 0

    @property
    def last(self) -> int:
        """Its last line."""
        return self.last_line or self.first + self.text.count("\n")

    @property
    def read(self) -> str:
        """The text as it is read; the source where nothing is read."""
        return self.plain.text if self.plain else self.text
