"""Source text with its inline markup cut out, and the way back from each character to where it stood.

The scanners of `markdown_inline` and `rst_inline` say what to cut; here the cuts become text that reads alike
whatever the markup was, with white space collapsed and invisible characters gone.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

# Characters that show nothing or reorder what is shown: they never reach `Sentence.plain`. Joiners that some scripts
# need are among them, because the proposals read here are in English.
INVISIBLE = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff"
)
_BLANK = re.compile(rf"[{INVISIBLE}]+|\s{{2,}}|[^\S ]")
_GONE = re.compile(f"[{INVISIBLE}]+")


class Cut(NamedTuple):
    """A range of the source to replace.

    Attributes:
        start, end: the range.
        put: what is read instead.
        opaque: whether it is one thing that no sentence ends in, such as a code span.
    """

    start: int
    end: int
    put: str = ""
    opaque: bool = False


@dataclass(frozen=True, slots=True)
class Plain:
    """Text as it is read.

    Attributes:
        text: without inline markup, white space collapsed, no invisible characters.
        opaque: ranges of `text` in which no sentence ends.
        pieces: offset in `text`, start and end in the source, in order; what the two have in common.
    """

    text: str
    opaque: tuple[tuple[int, int], ...]
    pieces: tuple[tuple[int, int, int], ...]

    def source_offset(self, at: int) -> int:
        """Where the character at an offset of `text` stands in the source."""
        offset, start, end = self.pieces[bisect_right(self.pieces, at, key=lambda piece: piece[0]) - 1]
        return min(start + at - offset, end)


def visible(text: str) -> str:
    """Text without characters that show nothing."""
    return text if text.isascii() and text.isprintable() else _GONE.sub("", text)


def cut_out(source: str, cuts: Iterable[Cut]) -> Plain:
    """Apply cuts to a source; a cut that begins inside an earlier one is dropped."""
    blanks = (Cut(m.start(), m.end(), " " if m[0].isspace() else "") for m in _BLANK.finditer(source))
    out: list[str] = []
    pieces: list[tuple[int, int, int]] = []
    opaque: list[tuple[int, int]] = []
    length = done = 0
    space = True
    for cut in sorted([*cuts, *blanks, Cut(len(source), len(source))], key=lambda cut: (cut.start, -cut.end)):
        if cut.start < done:
            continue
        kept = source[done : cut.start]
        for text, start, end in ((kept, done, cut.start), (cut.put, cut.start, cut.end)):
            if space and text.startswith(" "):
                text, start = text[1:], start + (text is kept)
            if not text:
                continue
            pieces.append((length, start, end))
            if text is cut.put and cut.opaque:
                opaque.append((length, length + len(text)))
            out.append(text)
            length += len(text)
            space = text.endswith(" ")
        done = cut.end
    text = "".join(out).rstrip()
    return Plain(text, tuple(opaque), tuple(pieces))
