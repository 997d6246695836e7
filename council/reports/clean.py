"""Untrusted text made fit for a terminal and for Markdown.

Whatever comes from a proposal, a persona file or a model goes through here before a report shows it. Rich lets most
terminal control sequences through, even in `Text`, so they are taken out before; and what a reader cannot see
(bidirectional controls, zero-width and tag characters) is taken out too, because a report is read for what it says.
The JSON report does not use this module: it keeps text as it is and escapes it.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from itertools import groupby

MARKS_IN_A_ROW = 4  # more combining marks on one letter than any orthography needs only paint over other lines

# Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt), which holds all bidirectional controls, zero-width
# and tag characters and the variation selectors; C0 and C1 without tab and line ends; and the interlinear marks.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_SURROGATES = re.compile("[\ud800-\udfff]")

# Characters that mean something in the middle of a line of GitHub or GitLab Markdown, HTML and mathematics included.
_MD_SPECIAL = re.compile(r"[\\`*_\[\]<>&|~$#]")
_MD_LINE_START = re.compile(r"(?:\d{1,9}(?=[.)](?:\s|$)))|(?=[-+=:])")  # a list, a rule, an underline: what to put a backslash after
# What a forge turns into links or notifications after it has rendered, escaped or not; inside code it does not.
_MD_LINKED = re.compile(r"(?:@|://|www\.|\b(?:mailto|xmpp):|#(?=\d)|\bGH-(?=\d)|!(?=\d))+", re.IGNORECASE)


def clean(text: str) -> str:
    """Text without anything that controls a terminal or hides from a reader; lines stay lines, a tab is four spaces."""
    text = _LINE_ENDS.sub("\n", text)
    if text.isascii() and text.isprintable():
        return text
    text = _SURROGATES.sub("\ufffd", _INVISIBLE.sub("", text))
    return _thin_marks(text.replace("\x1f", " ").replace("\t", "    "))


def clean_line(text: str, limit: int = 0) -> str:
    """`clean` on one line with white space collapsed; with a limit, cut between words and ended with an ellipsis."""
    line = " ".join(clean(text).split())
    if not limit or len(line) <= limit:
        return line
    head = line[: limit - 1]
    at = head.rfind(" ")
    return (head[:at] if at > limit // 2 else head).rstrip(" ,;:") + "…"


def md_inline(text: str, limit: int = 0) -> str:
    """One line of untrusted text as Markdown that renders as just that text.

    No emphasis, HTML, image, link, table cell or mathematics comes of it. `@`, `://`, `#1` and their like stand in code
    spans of their own, since forges link and notify after rendering, when a backslash is gone.
    """
    line = clean_line(text, limit)
    parts: list[str] = []
    at = 0
    for match in _MD_LINKED.finditer(line):
        parts += [_md_escape(line[at : match.start()]), f"`{match.group()}`"]
        at = match.end()
    parts.append(_md_escape(line[at:]))
    escaped = "".join(parts)
    start = _MD_LINE_START.match(escaped)
    if start is None:
        return escaped
    return f"{escaped[: start.end()]}\\{escaped[start.end() :]}"


def md_code(text: str, limit: int = 0) -> str:
    """One line of untrusted text as a code span that it cannot end, safe in a table cell."""
    line = clean_line(text, limit).replace("|", "¦")  # a pipe ends a table cell even inside a code span
    ticks = "`" * (_longest_run(line, "`") + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{ticks}{pad}{line}{pad}{ticks}" if line else ""


def md_fence(text: str, *, width: int = 100, indent: str = "") -> str:
    """Untrusted lines as a fenced block that they cannot end, wrapped at `width`; every line begins with `indent`."""
    lines = wrapped(text, width)
    fence = "`" * max(3, _longest_run(text, "`") + 1)
    return "\n".join(indent + line for line in (f"{fence}text", *lines, fence))


def wrapped(text: str, width: int) -> list[str]:
    """The cleaned lines of a text, without blank ones, each wrapped at `width` and none wider."""
    return [
        part
        for line in clean(text).split("\n")
        for part in textwrap.wrap(line, width, replace_whitespace=False, drop_whitespace=True)
        if part.strip()
    ]


def _md_escape(text: str) -> str:
    return _MD_SPECIAL.sub(r"\\\g<0>", text)


def _longest_run(text: str, char: str) -> int:
    return max((sum(1 for _ in run) for what, run in groupby(text) if what == char), default=0)


def _thin_marks(text: str) -> str:
    """At most `MARKS_IN_A_ROW` combining marks in a row: stacked ones are drawn over the lines above and below."""
    if text.isascii():
        return text
    kept: list[str] = []
    row = 0
    for char in text:
        row = row + 1 if unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me"} else 0
        if row <= MARKS_IN_A_ROW:
            kept.append(char)
    return "".join(kept)
