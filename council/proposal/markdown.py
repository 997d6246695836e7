"""Markdown to blocks, as a CommonMark parser with tables sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from council.proposal.draft import Draft
from council.proposal.markdown_inline import COMMENT, images_of, plain_markdown
from council.proposal.model import BlockKind

_FENCE: Final = {"---": ("---", "..."), "+++": ("+++",)}
_KEY = re.compile(r"""["']?[\w. -]{1,100}["']?\s*[:=]|\s*#""")
_ADMONITION = re.compile(r"\[!(?:note|tip|important|warning|caution)\]", re.IGNORECASE)
_BOX = re.compile(r"\[([ xX]?)\](?=\s|$)")
_TAGS = re.compile(r"<[/!?A-Za-z][^<>]*>")
_HTML_HEADING = re.compile(r"\s*<h([1-6])\b[^<>]*>([^<>]*)</h\1>\s*", re.IGNORECASE)
_TOC_OPEN = re.compile(r"\s*(?:toc\b|start doctoc|toc start|tocstop)|\s*begin.{0,20}\btoc", re.IGNORECASE)
_TOC_CLOSE = re.compile(r"\s*(?:/toc|tocstop|end doctoc|toc end)|\s*end.{0,20}\btoc", re.IGNORECASE)


def markdown_blocks(text: str) -> list[Draft]:
    """The blocks of a Markdown document in order of their lines.

    Args:
        text: with LF line ends and without BOM.
    """
    front, body = _front_matter(text)
    environment: dict[str, Any] = {}
    tokens = _parser().parse(body, environment)
    references: Mapping[str, Mapping[str, Any]] = environment.get("references", {})
    drafts = [*front, *_Walk(text.split("\n"), references).blocks(tokens), *_definitions(text, environment)]
    drafts.sort(key=lambda draft: draft.first)
    return drafts


@cache
def _parser() -> MarkdownIt:
    """Blocks only: inline markup is cut by `markdown_inline`, which keeps offsets."""
    parser = MarkdownIt("commonmark", {"maxNesting": 100}).enable("table")
    parser.core.ruler.enableOnly(["block"])
    return parser


def _front_matter(text: str) -> tuple[list[Draft], str]:
    """Front matter in YAML or TOML at the very top, and the text with it blanked out."""
    lines = text.split("\n", 1000)
    ends = _FENCE.get(lines[0].rstrip())
    if not ends:
        return [], text
    close = next((n for n, line in enumerate(lines[1:1000], 1) if line.rstrip() in ends), 0)
    if close < 2 or not _KEY.match(next((line for line in lines[1:close] if line.strip()), "")):
        return [], text
    draft = Draft(BlockKind.FRONT_MATTER, 2, "\n".join(lines[1:close]))
    return [draft], "\n" * close + "\n".join(lines[close:])[len(lines[close]) :]


def _definitions(text: str, environment: Mapping[str, Any]) -> Iterator[Draft]:
    """Link definitions; one that links to nothing is the customary way to write a comment."""
    lines = text.split("\n")
    for found in [*environment.get("references", {}).values(), *environment.get("duplicate_refs", [])]:
        first, end = found["map"]
        source = "\n".join(lines[first:end])
        kind = BlockKind.COMMENT if found["href"] in ("#", "") else BlockKind.REFERENCE
        yield Draft(kind, first + 1, source, None if kind is BlockKind.COMMENT else plain_markdown(source))


class _Walk:
    """One walk over markdown-it's tokens."""

    def __init__(self, lines: Sequence[str], references: Mapping[str, Mapping[str, Any]]) -> None:
        self.lines = lines
        self.labels = frozenset(references)
        self.quotes: list[bool] = []
        self.depth = 0
        self.opens_item = False
        self.in_toc = False
        self.row: tuple[int, list[str]] = (0, [])

    def blocks(self, tokens: list[Token]) -> Iterator[Draft]:
        for at, token in enumerate(tokens):
            before = tokens[at - 1].type
            if token.type in ("fence", "code_block"):
                yield from self._code(token)
            elif token.type == "html_block":
                yield from self._html(token)
            elif token.type == "tr_close":
                yield from self._row()
            elif token.type == "inline" and before == "heading_open":
                yield from self._heading(token, int(tokens[at - 1].tag[1]))
            elif token.type == "inline" and before == "paragraph_open":
                yield from self._paragraph(token)
            else:
                self._enter_or_leave(tokens, at)

    def _enter_or_leave(self, tokens: list[Token], at: int) -> None:
        kind = tokens[at].type
        if kind == "blockquote_open":
            self.quotes.append(not _is_admonition(tokens, at))
        elif kind == "blockquote_close":
            self.quotes.pop()
        elif kind in ("bullet_list_open", "ordered_list_open"):
            self.depth += 1
        elif kind in ("bullet_list_close", "ordered_list_close"):
            self.depth -= 1
        elif kind in ("list_item_open", "list_item_close"):
            self.opens_item = kind == "list_item_open"
        elif kind == "tr_open":
            self.row = ((tokens[at].map or [0])[0] + 1, [])
        elif kind == "inline":
            self.row[1].append(tokens[at].content)

    def _draft(self, kind: BlockKind, first: int, text: str, level: int = 0) -> Draft:
        draft = Draft(kind, first, text, plain_markdown(text, self.labels), level, self.depth, self.opens_item)
        self.opens_item = False
        return draft

    def _first(self, token: Token) -> int:
        """The first line of a text; markdown-it strips lines of white space that it does not count as blank."""
        assert token.map
        first, end = token.map
        if token.content.count("\n") < end - first - 1:
            head = token.content.partition("\n")[0]
            first = next((n for n in range(first, end) if head in self.lines[n]), first)
        return first + 1

    def _code(self, token: Token) -> Iterator[Draft]:
        assert token.map
        text = token.content.rstrip("\n")
        if text.strip():
            yield Draft(BlockKind.CODE, token.map[0] + 1 + (token.type == "fence"), text, depth=self.depth)
        self.opens_item = False

    def _heading(self, token: Token, level: int) -> Iterator[Draft]:
        self.in_toc = False
        kind = BlockKind.QUOTE if any(self.quotes) else BlockKind.HEADING
        yield self._draft(kind, self._first(token), token.content, level)

    def _row(self) -> Iterator[Draft]:
        first, cells = self.row
        if any(cells):
            yield self._draft(BlockKind.QUOTE if any(self.quotes) else BlockKind.TABLE_ROW, first, " | ".join(cells))

    def _paragraph(self, token: Token) -> Iterator[Draft]:
        text, first = token.content, self._first(token)
        box = _BOX.match(text)
        draft = self._draft(self._kind_of(text), first, text)
        draft.checked = box[1].strip() != "" if box else None
        if draft.kind is BlockKind.IMAGE:
            draft.plain = plain_markdown(" ".join(filter(None, images_of(text) or ())))
        yield draft
        yield from _inline_comments(text, first)

    def _kind_of(self, text: str) -> BlockKind:
        if any(self.quotes):
            return BlockKind.QUOTE
        if images_of(text) is not None:
            return BlockKind.IMAGE
        if self.in_toc or text.strip().lower() in ("[toc]", "[[_toc_]]", "[[toc]]", "{:toc}"):
            return BlockKind.TOC
        return BlockKind.LIST_ITEM if self.depth else BlockKind.PARAGRAPH

    def _html(self, token: Token) -> Iterator[Draft]:
        """Comments, pictures and headings written in HTML, and what text stands between tags."""
        assert token.map
        text, line, done = token.content.rstrip("\n"), token.map[0] + 1, 0
        for found in COMMENT.finditer(text):
            between = text[done : found.start()]
            yield from self._markup(between, line)
            line += between.count("\n")
            yield Draft(BlockKind.COMMENT, line, found[1])
            self.in_toc = bool(_TOC_OPEN.match(found[1])) or (self.in_toc and not _TOC_CLOSE.match(found[1]))
            line += found[0].count("\n")
            done = found.end()
        yield from self._markup(text[done:], line)

    def _markup(self, text: str, first: int) -> Iterator[Draft]:
        first += text[: len(text) - len(text.lstrip())].count("\n")
        text = text.strip()
        if heading := _HTML_HEADING.fullmatch(text):
            yield self._draft(BlockKind.HEADING, first, text, int(heading[1]))
        elif re.match(r"<(?:pre|script|style)\b", text, re.IGNORECASE):
            yield Draft(BlockKind.CODE, first, text, depth=self.depth)
        elif (alts := images_of(text)) is not None:
            yield Draft(BlockKind.IMAGE, first, text, plain_markdown(" ".join(filter(None, alts))), depth=self.depth)
        elif _TAGS.sub("", text).strip():
            yield self._draft(self._kind_of(text), first, text)


def _inline_comments(text: str, line: int) -> Iterator[Draft]:
    """Comments within a paragraph that begins at a line."""
    done = 0
    for found in COMMENT.finditer(text):
        if not found[0].endswith("-->"):
            return
        line += text.count("\n", done, found.start())
        done = found.start()
        yield Draft(BlockKind.COMMENT, line, found[1])


def _is_admonition(tokens: list[Token], at: int) -> bool:
    """Whether a block quotation is the author's own note in disguise, as GitHub writes them."""
    return any(_ADMONITION.match(token.content) for token in tokens[at + 1 : at + 3] if token.type == "inline")
