"""Text that a reader of the rendered document does not see.

Nothing here judges what such text says; `council.addressed` does.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Literal

from council.proposal import disguise
from council.proposal.disguise import reveal
from council.proposal.model import Block, BlockKind, HiddenText

__all__ = ["find_hidden", "hidden_passages", "reveal", "unseen_spans"]

How = Literal[
    "zero_width", "bidi", "tag_characters", "homoglyph", "comment", "alt_text", "link_title", "front_matter", "encoded", "hidden_html"
]
Passage = tuple[How, int, str]
LONGEST = 500

_SUSPECT = re.compile("[^\x00-\u00ac\u00ae-\u024f]|\u00ad")
_CODE_SPAN = re.compile(r"(?<!`)(`{1,3})(?!`)[^`\n]+\1(?!`)")
_ALT = re.compile(r"!\[([^\[\]]{1,1000})\]")
_HTML_ATTRIBUTE = re.compile(
    r"""\b(alt|title|aria-label|content|value|placeholder|data-[a-z-]{1,40})\s{0,5}=\s{0,5}(?:"([^"<>]{1,1000})"|'([^'<>]{1,1000})')""",
    re.IGNORECASE,
)
_RST_ALT = re.compile(r"^[ \t]*:alt:[ \t]+(\S.*)$", re.MULTILINE)
_LINK_TITLE = re.compile(r"""\]\([ \t]*+[^\s()]*+[ \t\n]++(?:"([^"]{1,1000})"|'([^']{1,1000})'|\(([^()]{1,1000})\))[ \t]*\)""")
_DEFINITION = re.compile(
    r"""^ {0,3}\[([^\[\]\n]{1,200})\]:[ \t]*(\S+)(?:[ \t]*\n?[ \t]+(?:"([^"]{1,1000})"|'([^']{1,1000})'|\(([^()]{1,1000})\)))[ \t]*$""",
    re.MULTILINE,
)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]{0,30})((?:\s[^<>]{0,1000})?)>")
_UNSEEN_STYLE = re.compile(
    r"display\s{0,3}:\s{0,3}none|visibility\s{0,3}:\s{0,3}(?:hidden|collapse)|(?:font-size|opacity|max-height|height|width)\s{0,3}:\s{0,3}0(?![.\d]*[1-9])"
    r"|font-size\s{0,3}:\s{0,3}[01]px|(?<![-\w])color\s{0,3}:\s{0,3}(?:white|transparent|#fff(?:fff)?\b|rgba?\(\s*255\s*,\s*255\s*,\s*255)"
    r"|(?:left|top|text-indent)\s{0,3}:\s{0,3}-\d{3,}",
    re.IGNORECASE,
)
_UNSEEN_ATTRIBUTE = re.compile(
    r"""(?:^|\s)hidden(?:\s|=|/|$)|type\s{0,3}=\s{0,3}["']?hidden|\bcolor\s{0,3}=\s{0,3}["']?(?:white|#fff)""", re.IGNORECASE
)
_UNSEEN_ELEMENTS = frozenset({"script", "style", "template", "noscript", "head"})
_VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
_VALUE = re.compile(r"^[ \t]*(?:- +)?:?[\w. -]{1,60}:[ \t]+[\"']?(\S.*?)[\"']?$")


def find_hidden(text: str, blocks: Sequence[Block]) -> tuple[HiddenText, ...]:
    """Text that a reader of the rendered document does not see, in order of lines.

    Args:
        text: the proposal's text with LF line ends.
        blocks: its blocks, which tell comments, code and front matter apart.
    """
    found = {HiddenText(how, line, said[:LONGEST]): None for how, line, said in hidden_passages(text, blocks)}
    return tuple(sorted(found, key=lambda h: (h.line, h.how)))


def hidden_passages(text: str, blocks: Sequence[Block]) -> Iterator[Passage]:
    """The same at full length: how, line, and what it says, made visible."""
    yield from _disguised(text)
    starts = [0, *(m.end() for m in re.finditer("\n", text))]
    for offset, said in disguise.decoded(text):
        yield "encoded", bisect_right(starts, offset), said
    visible = _without_code(text, blocks)
    for how, offset, start, end in _in_markup(visible):
        yield how, bisect_right(starts, offset), _tidy(visible[start:end])
    for block in blocks:
        if block.kind is BlockKind.COMMENT and "<!--" not in text[starts[block.first - 1] : starts[block.last - 1] + 200]:
            yield "comment", block.first, _tidy(block.text)
        elif block.kind is BlockKind.FRONT_MATTER:
            yield from _front_matter(block)


def _disguised(text: str) -> Iterator[Passage]:
    """Lines with invisible, reversed, tag or look-alike characters."""
    if text.isascii():
        return
    for number, line in enumerate(text.split("\n"), 1):
        if line.isascii() or not _SUSPECT.search(line):
            continue
        yield from _disguises_of(number, line)


def _disguises_of(number: int, line: str) -> Iterator[Passage]:
    for run in disguise.TAG_RUN.finditer(line):
        said = disguise.tags_to_ascii(run[0])
        # A flag emoji is a black flag and five or six tag letters.
        if len(said) > 6 or line[run.start() - 1 : run.start()] != "\U0001f3f4":
            yield "tag_characters", number, _tidy(said)
    for run in disguise.SELECTOR_RUN.finditer(line):
        if selected := disguise.selectors_to_text(run[0]):
            yield "encoded", number, selected
    for run in disguise.ZERO_WIDTH_RUN.finditer(line):
        if bits := disguise.bits_to_text(run[0]):
            yield "encoded", number, bits
    if disguise.OVERRIDE.search(line) or (disguise.BIDI_CONTROL.search(line) and not disguise.RTL_LETTER.search(line)):
        yield "bidi", number, _tidy(reveal(line))
    if disguise.IN_LATIN_WORD.search(line):
        yield "zero_width", number, _tidy(reveal(line))
    if next(disguise.look_alikes(line), None):
        yield "homoglyph", number, _tidy(reveal(line))


def _without_code(text: str, blocks: Sequence[Block]) -> str:
    """The text with code blanked out, at the same offsets."""
    lines = text.split("\n")
    for block in blocks:
        if block.kind is BlockKind.CODE:
            for n in range(block.first - 1, min(block.last, len(lines))):
                lines[n] = " " * len(lines[n])
    return _CODE_SPAN.sub(lambda m: " " * len(m[0]), "\n".join(lines))


def unseen_spans(text: str, blocks: Sequence[Block]) -> Iterator[tuple[int, int]]:
    """Where the words of comments, alternative texts, link titles and hidden elements stand; code is left alone.

    What is to go out without hidden text blanks these; the marks around them stay, and spans may overlap.
    """
    for _, _, start, end in _in_markup(_without_code(text, blocks)):
        yield start, end


def _in_markup(text: str) -> Iterator[tuple[How, int, int, int]]:
    """Comments, alternative texts, link titles and hidden elements: the offset of the markup, start and end of its words."""
    yield from _comments(text)
    for match in _ALT.finditer(text):
        yield "alt_text", match.start(), *match.span(1)
    for match in _RST_ALT.finditer(text):
        yield "alt_text", match.start(), *match.span(1)
    if "](" in text:
        for match in _LINK_TITLE.finditer(text):
            yield "link_title", match.start(), *match.span(match.lastindex or 0)
    for match in _DEFINITION.finditer(text):
        unused = match[1].startswith(("/", "#", "comment", "_")) or match[2] in ("#", "<>", "/", "about:blank")
        yield "comment" if unused else "link_title", match.start(), *match.span(match.lastindex or 0)
    if "<" in text:
        yield from _elements(text)


def _comments(text: str) -> Iterator[tuple[How, int, int, int]]:
    start = text.find("<!--")
    while start >= 0:
        end = text.find("-->", start + 4)
        stop = end if end >= 0 else len(text)
        if text[start + 4 : stop].strip():
            yield "comment", start, start + 4, stop
        start = text.find("<!--", end + 3) if end >= 0 else -1


def _elements(text: str) -> Iterator[tuple[How, int, int, int]]:
    """Elements that are not shown, with what they hold, and attributes that are not shown."""
    open_name, depth, begin, start = "", 0, 0, 0
    for tag in _TAG.finditer(text):
        closing, name, attributes = tag[1], tag[2].lower(), tag[3]
        for found in _HTML_ATTRIBUTE.finditer(attributes):
            how: How = "alt_text" if found[1].lower() in ("alt", "aria-label") else "link_title"
            first, last = found.span(found.lastindex or 0)
            yield how, tag.start(), tag.start(3) + first, tag.start(3) + last
        if open_name:
            depth += (name == open_name) * (-1 if closing else 1)
            if depth == 0:
                yield "hidden_html", start, begin, tag.start()
                open_name = ""
        elif not closing and name not in _VOID and not attributes.endswith("/") and _unseen(name, attributes):
            open_name, depth, begin, start = name, 1, tag.end(), tag.start()
    if open_name and open_name not in _UNSEEN_ELEMENTS:
        # Never closed: what follows in its paragraph may still be meant. A `<script>` alone is spoken of, not used.
        end = text.find("\n\n", begin)
        yield "hidden_html", start, begin, end if end >= 0 else len(text)


def _unseen(name: str, attributes: str) -> bool:
    return name in _UNSEEN_ELEMENTS or bool(_UNSEEN_STYLE.search(attributes) or _UNSEEN_ATTRIBUTE.search(attributes))


def _front_matter(block: Block) -> Iterator[Passage]:
    """Values of front matter that are sentences rather than names."""
    for number, line in enumerate(block.text.split("\n"), block.first):
        match = _VALUE.match(line)
        if match and match[1].count(" ") > 1:
            yield "front_matter", number, match[1]


def _tidy(text: str) -> str:
    """On one line, without markup of its own."""
    return " ".join(reveal(text).split())
