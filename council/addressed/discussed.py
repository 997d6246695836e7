"""Whether the author speaks about such text rather than speaking it: quotations that are condemned or discussed."""

from __future__ import annotations

import re
from bisect import bisect_right

from council.addressed.lexicon import ATTACK, FRAME

_ATTACK = re.compile(rf"\b(?:{ATTACK})\b")
_FRAME = re.compile(rf"\b(?:{FRAME})\b")
_MIGHT_SAY = re.compile(
    r"\b(?:could|may|might|can|would|tr(?:y|ies) to|attempts? to|wants? to) (?:\w+ )?(?:tell|instruct|ask|say|contain|write|order"
    r"|trick|persuade|convince|get|make|cause)\b"
)
_QUOTED = re.compile(r"\"[^\"]{2,600}\"|`[^`]{2,600}`|(?<!\w)'[^'\n]{4,300}'(?!\w)|「[^」]{2,300}」|『[^』]{2,300}』")


class Context:
    """What surrounds what a passage says: its quotations, its paragraph, the paragraph and headings before it.

    Args:
        low: the passage, plain.
        around: what stands before it (the previous paragraph and the headings), plain.
        shows: whether the passage is code or a block quotation, which shows rather than says.
    """

    def __init__(self, low: str, around: str, shows: bool) -> None:
        self.low = low
        self.around = around
        self.shows = shows
        spans = [match.span() for match in _QUOTED.finditer(low)]
        self._starts = [start for start, _ in spans]
        self._ends = [end for _, end in spans]
        self._lines = [match.end() for match in re.finditer("\n", low)]

    def line_of(self, offset: int) -> int:
        """Lines of the passage before the one in which an offset stands."""
        return bisect_right(self._lines, offset)

    def is_quoted(self, start: int, end: int) -> bool:
        """Whether the text between two offsets stands in quotation marks or in code."""
        at = bisect_right(self._starts, start) - 1
        return at >= 0 and end <= self._ends[at] + 1

    def is_discussed(self, start: int, end: int) -> bool:
        """Whether the text between two offsets is quoted or framed as an attack that the author speaks about."""
        if self.is_quoted(start, end):
            at = bisect_right(self._starts, start) - 1
            # What stands in the quotation itself is the attacker's word, not the author's.
            own = self.low[max(0, self._starts[at] - 400) : self._starts[at]] + " " + self.low[self._ends[at] : self._ends[at] + 400]
            return bool(_ATTACK.search(own) or (_FRAME.search(own[-500:]) and _ATTACK.search(self.around)))
        if self.shows:
            return bool(_ATTACK.search(self.around) or _ATTACK.search(self.low[max(0, start - 300) : start]))
        before = re.sub(r"<[^<>]*>", "", re.split(r"[.!?]\s", self.low[max(0, start - 200) : start])[-1])
        if _FRAME.search(before) and _ATTACK.search(before):
            return True
        return bool(_MIGHT_SAY.search(before) and _ATTACK.search(self.around + self.low[max(0, start - 300) : start]))
