"""A part of a long proposal: the sections that somebody chose, on the lines on which they stand."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import get_close_matches

from council.errors import UsageError
from council.proposal.model import BlockKind, Proposal, Section
from council.proposal.read import Limits, parse_proposal

LEFT_OUT = "(left out)"

_ANY_SIZE = Limits(max_bytes=sys.maxsize, max_words=sys.maxsize, max_rst_lines=sys.maxsize)


def only_sections(proposal: Proposal, names: Sequence[str]) -> Proposal:
    """The proposal with these sections alone, what they hold and the headings above them; front matter stays.

    Every other section is a line "(left out)" and blank lines after it, so that all line numbers stay true. `left_out` has
    their titles, and the hash is that of what is left.

    Args:
        proposal: all of it.
        names: titles, or several of them with commas between; case and white space do not matter.

    Raises:
        UsageError: there is no such section.
        ProposalError: nothing is left to review.
    """
    chosen = {index for name in _titles(names, proposal) for index in _named(name, proposal)}
    sections = proposal.sections
    kept = {section.index for section in sections if chosen & {section.index, *_above(section, sections)}}
    above = {index for section in sections if section.index in kept for index in _above(section, sections)} - kept
    lines = list(proposal.lines)
    stays = set(_lines_that_stay(proposal, above))
    for section in sections:
        if section.index not in kept:
            gone = [number for number in range(section.first, section.last + 1) if number not in stays]
            for number in gone:
                lines[number - 1] = ""
            if len(gone) > 1 and section.index not in above:  # alone it would run into a title that is underlined
                lines[gone[0] - 1] = LEFT_OUT
    part = parse_proposal("\n".join(lines), source=proposal.source, format=proposal.format, limits=_ANY_SIZE)
    return replace(part, left_out=tuple(s.title for s in sections if s.title and s.index not in kept | above))


def _titles(names: Iterable[str], proposal: Proposal) -> list[str]:
    """The names one by one; a title may itself hold a comma."""
    known = {_folded(section.title) for section in proposal.sections}
    parts = [part for name in names for part in ([name] if _folded(name) in known else name.split(","))]
    return [part.strip() for part in parts if part.strip()]


def _named(name: str, proposal: Proposal) -> list[int]:
    """The sections of a title."""
    found = [section.index for section in proposal.sections if section.title and _folded(section.title) == _folded(name)]
    if not found:
        titles = list(dict.fromkeys(section.title for section in proposal.sections if section.title))
        close = get_close_matches(name, titles, n=1) or titles[:12]
        raise UsageError(f"{proposal.source} has no section {name!r:.80}", where="--sections", hint=f"it has {'; '.join(close)}"[:400])
    return found


def _above(section: Section, sections: Sequence[Section]) -> list[int]:
    """The sections that a section stands in."""
    found = []
    while section.parent is not None:
        found.append(section.parent)
        section = sections[section.parent]
    return found


def _lines_that_stay(proposal: Proposal, above: set[int]) -> Iterable[int]:
    for block in proposal.blocks:
        if block.kind is BlockKind.FRONT_MATTER or (block.kind is BlockKind.HEADING and block.section in above):
            around = int(block.kind is BlockKind.FRONT_MATTER)  # its fences, which the block leaves out
            yield from range(max(1, block.first - around), block.last + around + 1)


def _folded(title: str) -> str:
    return " ".join(title.casefold().split())
