"""A proposal as it goes out to a model: what a reader of the rendered document does not see stays behind.

The words of comments, alternative texts, link titles and hidden elements are blanked, invisible characters go, and a
line with look-alike or reversed letters reads as it looks. Line numbers stay true, so that what is cited is found.
What was left behind is in `Proposal.hidden`, and is reported from there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from council.proposal.disguise import SELECTOR_RUN, TAG_RUN, ZERO_WIDTH_RUN, reveal
from council.proposal.hidden import unseen_spans
from council.proposal.model import BlockKind, Proposal
from council.proposal.plain import visible

_DISGUISED = frozenset({"homoglyph", "bidi", "zero_width", "tag_characters"})
# What str.splitlines, terminals and tokenizers may take for the end of a line, and would thus shift the numbers.
_LINE_END = re.compile("[\x0b\x0c\x1c-\x1f\x85\u2028\u2029]")


def cleaned_lines(proposal: Proposal) -> tuple[str, ...]:
    """The lines of a proposal without hidden text; as many as it has, line n at index n - 1."""
    text = _blanked(proposal.text, unseen_spans(proposal.text, proposal.blocks))
    lines = text.split("\n")
    for block in proposal.blocks:
        if block.kind is BlockKind.COMMENT and "<!--" not in "\n".join(lines[block.first - 1 : block.last]):
            lines[block.first - 1 : block.last] = [""] * (block.last - block.first + 1)
    disguised = {hidden.line for hidden in proposal.hidden if hidden.how in _DISGUISED}
    return tuple(_cleaned(line, disguised=number in disguised) for number, line in enumerate(lines, 1))


def _blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text without what stands in the spans; line feeds stay."""
    kept, done = [], 0
    for start, end in sorted(spans):
        if end > done:
            kept += [text[done : max(start, done)], "\n" * text.count("\n", max(start, done), end)]
            done = end
    return "".join([*kept, text[done:]])


def _cleaned(line: str, *, disguised: bool) -> str:
    if line.isascii() and line.isprintable():
        return line
    line = _LINE_END.sub(" ", line)
    if disguised:
        for run in (TAG_RUN, SELECTOR_RUN, ZERO_WIDTH_RUN):
            line = run.sub("", line)
        line = reveal(line)
    return visible(line)
