"""Inline Markdown to plain text, with offsets, in one pass.

markdown-it-py's inline tokens carry no positions, and a quotation needs them; so its block parser is used and inline
markup is cut here. Emphasis follows CommonMark's flanking rules without its rule of three; every step is linear.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_left
from collections.abc import Callable, Container
from typing import Final

from council.proposal.plain import Cut, Plain, cut_out, visible

_SPECIAL = re.compile(r"[\\`*_~<&\[\]]")
_RUN = re.compile(r"([`*_~])\1*")
_TARGET = re.compile(
    r"""\(\s*+(?:<[^<>\n]*>|[^\s()\\]*+(?:(?:\([^\s()]*\)|\\.)[^\s()\\]*+)*+)(?:\s++(?:"[^"]*"|'[^']*'|\([^()]*\)))?\s*+\)"""
)
_LABEL = re.compile(r"\[([^\[\]]{0,999})\]")
_FOOTNOTE = re.compile(r"\[\^[^\[\]\s]{1,100}\](?!:)")
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9-]*)(?:[\s/][^<>]*)?>")
_AUTOLINK = re.compile(r"<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*|[\w.+-]+@[\w.-]+)>")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_PUNCTUATION: Final = frozenset(r"""!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~""")
_CHECKBOX = re.compile(r"\s*\[[ xX]?\](?=\s|$)")
COMMENT = re.compile(r"<!--(.*?)(?:-->|\Z)", re.DOTALL)


def normalize_label(label: str) -> str:
    """A link label as CommonMark compares them; the case folding markdown-it-py uses."""
    return " ".join(label.split()).lower().upper()


def plain_markdown(source: str, labels: Container[str] = ()) -> Plain:
    """Cut the inline markup of Markdown.

    Args:
        source: the text of a block.
        labels: normalized labels of the document's link definitions; brackets around others stay.
    """
    return cut_out(source, _Scanner(source, labels).scan())


class _Scanner:
    """One pass over a block's text that collects cuts."""

    def __init__(self, source: str, labels: Container[str]) -> None:
        self.source = source
        self.labels = labels
        self.cuts: list[Cut] = []
        self.brackets: list[int] = []
        self.last_bracket = -1
        self.openers: dict[str, list[list[int]]] = {"*": [], "_": [], "~": []}
        self.code_runs: dict[int, list[int]] | None = None
        self.no_comment_end = False
        self.on: dict[str, Callable[[int], int]] = {
            "\\": self._escape,
            "`": self._code,
            "*": self._emphasis,
            "_": self._emphasis,
            "~": self._emphasis,
            "<": self._angle,
            "&": self._entity,
            "[": self._open,
            "]": self._close,
        }

    def scan(self) -> list[Cut]:
        at = 0
        if box := _CHECKBOX.match(self.source):
            self.cuts.append(Cut(0, box.end()))
            at = box.end()
        while special := _SPECIAL.search(self.source, at):
            at = self.on[special[0]](special.start())
        return self.cuts

    def _escape(self, at: int) -> int:
        following = self.source[at + 1 : at + 2]
        if following in _PUNCTUATION or following == "\n":
            self.cuts.append(Cut(at, at + 1))
            return at + 2
        return at + 1

    def _code(self, at: int) -> int:
        if self.code_runs is None:
            self.code_runs = {}
            for run in re.finditer("`+", self.source):
                self.code_runs.setdefault(len(run[0]), []).append(run.start())
        size = _run_end(self.source, at) - at
        runs = self.code_runs.get(size, [])
        nearest = bisect_left(runs, at + size)
        if nearest == len(runs):
            return at + size
        close = runs[nearest]
        content = visible(" ".join(self.source[at + size : close].split()))
        self.cuts.append(Cut(at, close + size, f"`{content}`", opaque=True))
        return close + size

    def _emphasis(self, at: int) -> int:
        source, mark = self.source, self.source[at]
        end = _run_end(source, at)
        before, after = source[at - 1 : at] or " ", source[end : end + 1] or " "
        opens = not after.isspace() and (_is_word(after) or not _is_word(before))
        closes = not before.isspace() and (_is_word(before) or not _is_word(after))
        if mark == "_":
            opens, closes = opens and not (closes and _is_word(before)), closes and not (opens and _is_word(after))
        elif mark == "~":
            opens, closes = opens and end - at == 2, closes and end - at == 2
        left = self._pair(mark, at, end) if closes else at
        if opens and left < end:
            self.openers[mark].append([left, end])
        return end

    def _pair(self, mark: str, at: int, end: int) -> int:
        """Close what a run of marks can close; gives where its unused marks begin."""
        openers = self.openers[mark]
        while at < end and openers:
            opener = openers[-1]
            size = min(opener[1] - opener[0], end - at)
            if mark == "~":  # struck out: the author took it back, so it is not read at all
                self.cuts.append(Cut(opener[0], end))
            self.cuts += (Cut(opener[1] - size, opener[1]), Cut(at, at + size))
            opener[1] -= size
            at += size
            if opener[1] == opener[0]:
                openers.pop()
        return at

    def _angle(self, at: int) -> int:
        source = self.source
        if source.startswith("<!--", at) and not self.no_comment_end:
            end = source.find("-->", at + 4)
            self.no_comment_end = end < 0
            if end >= 0:
                self.cuts.append(Cut(at, end + 3))
                return end + 3
        elif link := _AUTOLINK.match(source, at):
            self.cuts += (Cut(at, at + 1), Cut(link.end() - 1, link.end()))
            return link.end()
        elif tag := _TAG.match(source, at):
            self.cuts.append(Cut(at, tag.end(), " " if tag[1].lower() in _SPACED else ""))
            return tag.end()
        return at + 1

    def _entity(self, at: int) -> int:
        if not (entity := _ENTITY.match(self.source, at)):
            return at + 1
        shown = visible(html.unescape(entity[0]))
        self.cuts.append(Cut(at, entity.end(), " " if shown.isspace() else shown))
        return entity.end()

    def _open(self, at: int) -> int:
        if note := _FOOTNOTE.match(self.source, at):
            self.cuts.append(Cut(at, note.end()))
            return note.end()
        self.brackets.append(at)
        self.last_bracket = at
        return at + 1

    def _close(self, at: int) -> int:
        if not self.brackets:
            return at + 1
        start = self.brackets.pop()
        simple = self.last_bracket == start
        self.last_bracket = at
        if (end := self._link_end(start, at, simple)) is None:
            return at + 1
        if start and self.source[start - 1] == "!":
            self.cuts.append(Cut(start - 1, end))
        else:
            self.cuts += (Cut(start, start + 1), Cut(at, end))
        return end

    def _link_end(self, start: int, at: int, simple: bool) -> int | None:
        """Where the link ends whose text is closed at `at`, or None if it is none; `simple`: without brackets inside."""
        following = self.source[at + 1 : at + 2]
        if following == "(" and (target := _TARGET.match(self.source, at + 1)):
            return target.end()
        label = _LABEL.match(self.source, at + 1) if following == "[" else None
        named = label[1] if label and label[1].strip() else self.source[start + 1 : at] if simple else ""
        if named and normalize_label(named) in self.labels:
            return label.end() if label else at + 1
        return None


_SPACED: Final = frozenset({"br", "p", "li", "td", "th", "tr", "div", "summary"})


def _run_end(source: str, at: int) -> int:
    run = _RUN.match(source, at)
    return run.end() if run else at + 1


def _is_word(char: str) -> bool:
    """Neither white space nor punctuation; symbols count as letters, as they read like them."""
    return not char.isspace() and char not in _PUNCTUATION and char not in "“”‘’«»–—…"


def images_of(source: str) -> tuple[str, ...] | None:
    """The alternative texts of a text that holds pictures only, links around them allowed; None if it holds more."""
    rest = _IMAGE.sub("", source)
    if rest == source or _LINKED.sub("", rest).strip():
        return None
    return tuple((m[1] or m[2] or "").strip() for m in _IMAGE.finditer(source))


_IMAGE = re.compile(
    r"""!\[([^\[\]]*)\](?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\[\]]*\])|<img\b(?:[^<>]*?\balt\s?=\s?["']([^"'<>]*)["'])?[^<>]*>""",
    re.IGNORECASE,
)
_LINKED = re.compile(r"\[\s*\](?:\([^()]*\)|\[[^\[\]]*\])|</?(?:a|p|div|picture|figure|center)\b[^<>]*>|<br\s*/?>", re.IGNORECASE)
