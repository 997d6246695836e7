"""A proposal laid out for checking: what stands in which lines, and what its sections say in prose."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from council.evidence.folding import fold_quotation, fold_words
from council.proposal import PROSE, Block, HiddenText, Proposal, Section, Sentence
from council.proposal.memo import memoized

UNSEEN = frozenset({"comment", "alt_text", "link_title", "hidden_html"})
"""Disguises whose text stands apart from what a reader sees; the others disguise what is seen."""

_REACH = 40  # lines that hidden text may run on from where it begins


@memoized
def source_of(proposal: Proposal) -> Source:
    """The source of a proposal, one for all seats: what is folded is folded once."""
    return Source(proposal)


class Source:
    """Answers questions about one proposal."""

    def __init__(self, proposal: Proposal) -> None:
        self.proposal = proposal
        self._quotations: dict[str, str] = {}
        self._words: dict[str, str] = {}

    def prepare(self) -> None:
        """Work out beforehand what the first reply would have to wait for."""
        _ = self._blocks_by_line, self._sentences_by_line, self._section_starts, self._hidden, self._unseen_by_line
        _ = self._sections_by_title, self._all_prose
        for line in range(1, len(self.proposal.lines) + 1):
            self.words(line, line)

    def holds(self, first: int, last: int) -> bool:
        """Whether these are lines of the proposal, in order."""
        return 1 <= first <= last <= len(self.proposal.lines)

    def text(self, first: int, last: int) -> str:
        """The lines as they stand."""
        return "\n".join(self.proposal.lines[first - 1 : last])

    def folded(self, text: str) -> str:
        """`fold_quotation` of a line, block, sentence or hidden text of this proposal."""
        if text not in self._quotations:
            self._quotations[text] = fold_quotation(text)
        return self._quotations[text]

    def folded_lines(self, first: int, last: int) -> str:
        """The lines, folded as a quotation."""
        return " ".join(filter(None, map(self.folded, self.proposal.lines[first - 1 : last])))

    def folded_sentences(self, first: int, last: int) -> str:
        """The sentences that lie in these lines as the parser reads them, without the markers of their block."""
        inside = (s for line in range(first, last + 1) for s in self._sentences_by_line.get(line, ()))
        return " ".join(self.folded(s.raw) for s in inside if s.last <= last)

    def words(self, first: int, last: int) -> str:
        """`fold_words` of the lines."""
        parts = []
        for line in self.proposal.lines[first - 1 : last]:
            if line not in self._words:
                self._words[line] = fold_words(line).strip()
            if self._words[line]:
                parts.append(self._words[line])
        return f" {' '.join(parts)} " if parts else ""

    def blocks(self, first: int, last: int) -> list[Block]:
        """The blocks with a line among these, in order of the text."""
        found = {index for line in range(first, last + 1) for index in self._blocks_by_line.get(line, ())}
        return [self.proposal.blocks[index] for index in sorted(found)]

    def section(self, line: int) -> Section:
        """The innermost section that holds a line."""
        return self.proposal.sections[max(bisect_right(self._section_starts, line) - 1, 0)]

    def hidden(self, first: int, last: int) -> list[HiddenText]:
        """Hidden text that stands, or may stand, in these lines."""
        begin = bisect_left(self._hidden, first - _REACH, key=lambda h: h.line)
        return self._hidden[begin : bisect_right(self._hidden, last, key=lambda h: h.line)]

    def is_unseen(self, words: str, first: int, last: int) -> bool:
        """Whether folded words stand in these lines only in text that a reader does not see."""
        said = self.words(first, last)
        unseen = sum(self._unseen_by_line[n].count(words) for n in range(first, last + 1) if n in self._unseen_by_line)
        if unseen and unseen >= said.count(words):
            return True
        # A hidden element may have begun in a line above; comments are blocks of their own there.
        return any(h.how == "hidden_html" and h.line < first and said in fold_words(h.text) for h in self.hidden(first, last))

    def locate(self, folded: str, near: int) -> tuple[int, int] | None:
        """Lines in which a folded quotation stands: the first place from line `near` on, else the first of all."""
        text, starts = self._whole
        begin = starts[min(max(near, 1), len(starts)) - 1]
        at = text.find(folded, begin)
        if at < 0:
            at = text.find(folded)
        if at < 0:
            return None
        return bisect_right(starts, at), bisect_right(starts, at + len(folded) - 1)

    def sections(self, title: str) -> list[Section]:
        """The sections of that title, as a reader writes it down: case, markup and numbering do not matter."""
        unnumbered = fold_words(title.lstrip(" #0123456789.)"))
        return self._sections_by_title.get(fold_words(title)) or self._sections_by_title.get(unnumbered) or []

    def within(self, sections: Iterable[Section]) -> list[int]:
        """Indexes of the sections and of all below them."""
        inside = {s.index for s in sections}
        for section in self.proposal.sections:
            if section.parent in inside:
                inside.add(section.index)
        return sorted(inside)

    def asserted(self, term: str, sections: Iterable[int] | None) -> int:
        """The first line of the sections' prose, None for all, in which a term stands; 0 where it does not."""
        wanted = fold_words(term)
        if not wanted or wanted not in self._all_prose:
            return 0
        for index in self._prose if sections is None else sections:
            for sentence, said in self._prose.get(index, ()):
                if wanted in said and not self.is_unseen(wanted, sentence.first, sentence.last):
                    return sentence.first
        return 0

    @cached_property
    def _blocks_by_line(self) -> dict[int, list[int]]:
        by_line = defaultdict(list)
        for index, block in enumerate(self.proposal.blocks):
            for line in range(block.first, block.last + 1):
                by_line[line].append(index)
        return dict(by_line)

    @cached_property
    def _sentences_by_line(self) -> dict[int, list[Sentence]]:
        by_line = defaultdict(list)
        for sentence in self.proposal.sentences:
            by_line[sentence.first].append(sentence)
        return dict(by_line)

    @cached_property
    def _section_starts(self) -> list[int]:
        return [s.first for s in self.proposal.sections]

    @cached_property
    def _hidden(self) -> list[HiddenText]:
        return sorted(self.proposal.hidden, key=lambda h: h.line)

    @cached_property
    def _unseen_by_line(self) -> dict[int, str]:
        by_line: dict[int, str] = defaultdict(str)
        for hidden in self.proposal.hidden:
            if hidden.how in UNSEEN:
                by_line[hidden.line] += f"{fold_words(hidden.text)}|"
        return dict(by_line)

    @cached_property
    def _whole(self) -> tuple[str, list[int]]:
        """The whole text folded, and where each line begins in it; an empty line begins where the next one does."""
        starts, parts, at = [], [], 0
        for line in self.proposal.lines:
            starts.append(at)
            if folded := self.folded(line):
                parts.append(folded)
                at += len(folded) + 1
        return " ".join(parts), starts

    @cached_property
    def _sections_by_title(self) -> dict[str, list[Section]]:
        by_title = defaultdict(list)
        for section in self.proposal.sections:
            by_title[fold_words(section.title)].append(section)
        return dict(by_title)

    @cached_property
    def _prose(self) -> dict[int, list[tuple[Sentence, str]]]:
        """What each section asserts: its sentences with their words. A question asserts nothing."""
        by_section = defaultdict(list)
        for sentence in self.proposal.sentences:
            if sentence.kind in PROSE and not sentence.plain.rstrip().endswith("?"):
                by_section[sentence.section].append((sentence, fold_words(sentence.plain)))
        return dict(by_section)

    @cached_property
    def _all_prose(self) -> str:
        return "|".join(said for sentences in self._prose.values() for _, said in sentences)
