"""Blocks to sentences.

A sentence ends at a full stop, question or exclamation mark that white space and a beginning follow. The rules are few,
and err towards keeping together what an abbreviation might have parted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from council.proposal.draft import Draft
from council.proposal.model import BlockKind, Sentence
from council.proposal.plain import Plain, visible

_END = re.compile(r"""[.!?…]["')\]”’»*_]*(?= )|[。！？]""")
_BEFORE = re.compile(r"[^\s(\[\"'“‘`]*$")
_BEGINNING = re.compile(r"""["'(\[“‘«*_]*(?:[^\W\d_a-z]|\d|`|\w[\w-]*[-_/A-Z0-9][\w-]*)""")
_WORD = re.compile(r"[^\W\d_]{3,}\Z")
# Never the end of a sentence, whatever follows.
_ABBREVIATIONS: Final = frozenset("al approx ca cf cp dr eg esp fig figs ie incl jr mr mrs nb nos pp prof resp sr viz vs".split())
# Not the end before a number: No. 5, Feb. 2026.
_BEFORE_NUMBERS: Final = frozenset("no art ch chap eq ref refs sect vol vers jan feb mar apr jun jul aug sep sept oct nov dec".split())
_LINES: Final = frozenset({BlockKind.CODE, BlockKind.FRONT_MATTER, BlockKind.COMMENT})
_WHOLE: Final = frozenset({BlockKind.HEADING, BlockKind.TABLE_ROW, BlockKind.IMAGE, BlockKind.TOC, BlockKind.REFERENCE})


def sentences_of(draft: Draft, block: int, section: int) -> Iterator[Sentence]:
    """The sentences of a block; one for each line of code, one for a heading, a table row, a reference.

    Args:
        draft: the block.
        block: its index.
        section: the index of its section.
    """
    if draft.plain is None or draft.kind in _LINES:
        yield from _lines(draft, block, section)
        return
    text = draft.text
    bounds = [] if draft.kind in _WHOLE else split(draft.plain)
    line, counted, start, begin = draft.first, 0, 0, 0
    for bound in [*bounds, len(draft.plain.text)]:
        plain = draft.plain.text[begin:bound].strip()
        end = draft.plain.source_offset(bound) if bound < len(draft.plain.text) else len(text)
        begin = bound
        raw = text[start:end]
        lead = len(raw) - len(raw.lstrip())
        raw = raw.strip()
        line += text.count("\n", counted, start + lead)
        counted = start + lead
        start = end
        if plain or (draft.kind is BlockKind.IMAGE and raw):
            yield Sentence(raw, plain, line, draft.last_line or line + raw.count("\n"), section, draft.kind, block)


def _lines(draft: Draft, block: int, section: int) -> Iterator[Sentence]:
    for line, raw in enumerate(draft.text.split("\n"), draft.first):
        if stripped := raw.strip():
            yield Sentence(stripped, visible(" ".join(stripped.split())), line, line, section, draft.kind, block)


def split(plain: Plain) -> list[int]:
    """Offsets in the plain text at which a new sentence begins, the first one left out."""
    text, found = plain.text, []
    opaque = iter(plain.opaque)
    span = next(opaque, None)
    begin = 0
    for end in _END.finditer(text):
        while span and span[1] <= end.start():
            span = next(opaque, None)
        if span and span[0] <= end.start() < span[1]:
            continue
        at = end.end()
        if at < len(text) and (end[0][0] in "。！？" or _ends(text, begin, end.start(), at)):
            found.append(at)
            begin = at
    return found


def _ends(text: str, begin: int, mark: int, at: int) -> bool:
    """Whether the mark ends a sentence that began at `begin`; `at` is the space after it."""
    before = _BEFORE.search(text[max(begin, mark - 40) : mark].rstrip(")]\"'”’`"))
    word = before[0] if before else ""
    following = _BEGINNING.match(text[at + 1 : at + 60])
    if text[mark] != ".":
        return bool(following)
    if not following or word.lower() in _ABBREVIATIONS or (word.lower() in _BEFORE_NUMBERS and following[0][0].isdigit()):
        return False
    if "." in word and re.fullmatch(r"(?:[A-Za-z]\.)+[A-Za-z]", word):
        return False  # e.g., i.e., a.k.a., U.S.
    if len(word) == 1 and word.isupper() and word != "I":
        return False  # an initial
    if word.isdigit() and len(word) < 3 and not text[begin : mark - len(word)].strip():
        return False  # the number of a list item
    if following[0].lstrip("\"'([“‘«*_")[:1].islower():
        return bool(_WORD.match(word))  # a name such as kube-proxy after a whole word
    return True
