"""Inline reStructuredText to plain text, with offsets, in one pass.

docutils' inline nodes carry no positions, and fail on roles that only Sphinx knows; here every role is understood for
what it shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from council.proposal.plain import Cut, Plain, cut_out, visible

_SPECIAL = re.compile(r"[\\`*_|\[]")
_ROLE = re.compile(r":([A-Za-z0-9][\w.+:-]{0,60}):\Z")
_ROLE_AFTER = re.compile(r":[A-Za-z0-9][\w.+-]{0,60}:")
_TARGET = re.compile(r"(?<!\s)\s*+<[^<>]*>\s*+\Z")
_NOTE = re.compile(r"\[(?:\d+|#[\w.-]{0,60}|\*|[A-Za-z][\w.-]{0,60})\]_(?!\w)")
_SUBSTITUTION = re.compile(r"\|(?=\S)([^|\n]{1,100})\|(?:__?)?(?!\w)")
# Roles whose text is words; any other (a function, a file, an option) names something, and reads as code.
_WORDS: Final = frozenset(
    "ref doc term abbr emphasis strong sub sup subscript superscript title t title-reference pep rfc gh issue bpo".split()
)
_PREFIX: Final = {"pep": "PEP ", "rfc": "RFC "}


def plain_rst(source: str) -> Plain:
    """Cut the inline markup of reStructuredText from the text of a block."""
    return cut_out(source, _Scanner(source).scan())


class _Scanner:
    """One pass over a block's text that collects cuts."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.cuts: list[Cut] = []
        self.openers: dict[int, list[int]] = {1: [], 2: []}
        self.unclosed: set[str] = set()
        self.on: dict[str, Callable[[int], int]] = {
            "\\": self._escape,
            "`": self._quoted,
            "*": self._emphasis,
            "_": self._reference,
            "|": self._substitution,
            "[": self._note,
        }

    def scan(self) -> list[Cut]:
        at = 0
        while special := _SPECIAL.search(self.source, at):
            at = self.on[special[0]](special.start())
        if self.source.endswith("::"):  # a literal block follows
            self.cuts.append(Cut(len(self.source) - 1, len(self.source)))
        return self.cuts

    def _escape(self, at: int) -> int:
        self.cuts.append(Cut(at, at + (2 if self.source[at + 1 : at + 2].isspace() else 1)))
        return at + 2

    def _find(self, mark: str, at: int) -> int:
        """The next mark, or -1; what was once not found is not looked for again."""
        found = -1 if mark in self.unclosed else self.source.find(mark, at)
        if found < 0:
            self.unclosed.add(mark)
        return found

    def _quoted(self, at: int) -> int:
        """A literal, interpreted text with its role, or the text of a link."""
        mark = "``" if self.source.startswith("``", at) else "`"
        close = self._find(mark, at + len(mark))
        if close < 0 or close == at + 1:
            return at + len(mark)
        end = close + len(mark)
        if mark == "``":
            content = visible(" ".join(self.source[at + 2 : close].split()))
            self.cuts.append(Cut(at, end, f"`{content}`", opaque=True))
            return end
        if self.source.startswith("_", end):
            return self._words(at, at + 1, close, end + 1 + self.source.startswith("__", end))
        role = _ROLE.search(self.source, max(0, at - 64), at)
        after = None if role else _ROLE_AFTER.match(self.source, end)
        name = (role[1] if role else after[0].strip(":") if after else "").lower().rpartition(":")[2]
        start, end = role.start() if role else at, after.end() if after else end
        return self._words(start, at + 1, close, end, _PREFIX.get(name, "")) if name in _WORDS else self._name(start, at + 1, close, end)

    def _words(self, start: int, first: int, last: int, end: int, prefix: str = "") -> int:
        """Keep what stands between two offsets, without a link's target, and drop the rest."""
        target = _TARGET.search(self.source, first, last)
        if target and target.start() > first:
            last = target.start()
        self.cuts += (Cut(start, first, prefix), Cut(last, end))
        return end

    def _name(self, start: int, first: int, last: int, end: int) -> int:
        """Keep what stands between two offsets as code, without a link's target and the marks of a short form."""
        content = visible(" ".join(self.source[first:last].split()))
        self.cuts.append(Cut(start, end, f"`{_TARGET.sub('', content).lstrip('~!') or content}`", opaque=True))
        return end

    def _emphasis(self, at: int) -> int:
        source = self.source
        size = 2 if source.startswith("**", at) else 1
        end = at + size
        before, after = source[at - 1 : at] or " ", source[end : end + 1] or " "
        openers = self.openers[size]
        if openers and not before.isspace() and not after.isalnum():
            start = openers.pop()
            self.cuts += (Cut(start, start + size), Cut(at, end))
        elif not after.isspace() and not before.isalnum():
            openers.append(at)
        return end

    def _reference(self, at: int) -> int:
        """The underscores that make a word or a quoted text a link, or a target."""
        end = at + 1 + self.source.startswith("__", at)
        before, after = self.source[at - 1 : at], self.source[end : end + 1]
        if (before.isalnum() and not (after.isalnum() or after == "_")) or (after == "`" and not before.isalnum()):
            self.cuts.append(Cut(at, end))
        return end

    def _substitution(self, at: int) -> int:
        found = _SUBSTITUTION.match(self.source, at)
        if not found or self.source[at - 1 : at].isalnum() or found[1].endswith(" "):
            return at + 1
        self.cuts += (Cut(at, at + 1), Cut(found.end(1), found.end()))
        return found.end()

    def _note(self, at: int) -> int:
        if not (note := _NOTE.match(self.source, at)):
            return at + 1
        self.cuts.append(Cut(at, note.end()))
        return note.end()
