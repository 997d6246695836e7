"""reStructuredText to blocks, as docutils sees them.

Nothing is executed, fetched or printed: no file insertion, no raw markup, no highlighting; inline markup is left to
`rst_inline`. Directives that docutils does not know (Sphinx has many) are read for the text they hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.parsers.rst import Parser, states
from docutils.parsers.rst.languages.en import directives as known_directives
from docutils.utils import new_document

from council.proposal.draft import Draft
from council.proposal.model import BlockKind
from council.proposal.rst_inline import plain_rst

# docutils ends lines at these too; each becomes a blank, so that lines stay true.
_BREAKS: Final = str.maketrans(dict.fromkeys("\v\f\x1c\x1d\x1e\x85\u2028\u2029", " "))
_HEADER = re.compile(r"[A-Z][A-Za-z0-9-]{0,40}:(?:[ \t]|$)")
_DIRECTIVE = re.compile(r"([ \t]*\.\.[ \t]+)([A-Za-z][\w.+:-]{0,60}?)[ \t]?::(?=\s|$)")
_OPTION = re.compile(r"[ \t]+:[\w-]{1,60}:(?:\s|$)")
# Directives that show something else than their text, or nothing, or that change what follows.
_SOURCE: Final = frozenset(
    "raw include literalinclude mermaid graphviz digraph graph uml plantuml math productionlist code-block sourcecode code".split()
)
_UNSEEN: Final = frozenset("role default-role meta title class cssclass toctree index highlight tabularcolumns".split())
_UNDERLINED = re.compile(r"(?:([^\w\s])\1+\n)?[ \t]*(\S[^\n]*)\n([^\w\s])\3+\s*")
_LISTS: Final = (nodes.bullet_list, nodes.enumerated_list, nodes.definition_list, nodes.field_list, nodes.option_list)
_TITLES: Final = (nodes.title, nodes.subtitle, nodes.rubric)
_KINDS: Final = (
    ((nodes.literal_block, nodes.doctest_block, nodes.math_block), BlockKind.CODE),
    ((nodes.comment,), BlockKind.COMMENT),
    ((nodes.target, nodes.substitution_definition), BlockKind.REFERENCE),
)
_WINDOW = 400


def rst_blocks(text: str) -> list[Draft]:
    """The blocks of a reStructuredText document in order of their lines.

    Args:
        text: with LF line ends and without BOM.

    Raises:
        RecursionError: its blocks are nested too deeply for docutils.
    """
    lines = text.translate(_BREAKS).split("\n")
    header = _header_length(lines)
    front = [Draft(BlockKind.FRONT_MATTER, 1, "\n".join(lines[:header]))] if header else []
    body, readable = ["", *lines[header:]], ["", *(line.expandtabs(8) for line in _readable(lines[header:]))]
    drafts = [*front, *_Walk(body, readable, header - 1).blocks(_parse("\n".join(readable)))]
    drafts.sort(key=lambda draft: draft.first)
    return drafts


def _header_length(lines: list[str]) -> int:
    """Lines of the header in the style of mail that PEPs begin with."""
    end = next((n for n, line in enumerate(lines) if not line.strip()), len(lines))
    keys = [n for n in range(end) if _HEADER.match(lines[n])]
    alone = all(n in keys or lines[n][0].isspace() for n in range(end))
    return end if alone and len(keys) > 1 and keys[0] == 0 else 0


def _readable(lines: list[str]) -> Iterator[str]:
    """The lines with directives that docutils does not know, or must not run, as ones that it reads for their text.

    No line is added or taken away.
    """
    options = False
    for line in lines:
        directive = _DIRECTIVE.match(line)
        name = directive[2].lower() if directive else ""
        if directive and (name in _UNSEEN or name in _SOURCE or name not in known_directives):
            lead, rest = directive[1], line[directive.end() :]
            options = True
            if name in _UNSEEN:
                yield f"{lead}{name} {rest}"
            else:
                yield f"{lead}code::" if name in _SOURCE else f"{lead}note::{rest}"
        elif options and _OPTION.match(line):
            yield ""
        else:
            options = False
            yield line


class _NoInline(states.Inliner):
    """Leaves inline markup alone."""

    def init_customizations(self, settings: Any) -> None:
        """Nothing to prepare."""

    def adjust_uri(self, uri: str) -> str:
        """An address as it is."""
        return uri

    def parse(self, text: str, *_: Any) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """The text as it is."""
        return [nodes.Text(text)], []


@cache
def _defaults() -> dict[str, Any]:
    quiet = {"report_level": 5, "halt_level": 6, "warning_stream": False}
    closed = {"file_insertion_enabled": False, "raw_enabled": False, "syntax_highlight": "none"}
    return {**vars(get_default_settings(Parser)), **quiet, **closed}


def _parse(text: str) -> nodes.document:
    settings = get_default_settings()
    settings.__dict__.update(_defaults())
    document = new_document("proposal", settings)
    Parser(inliner=_NoInline()).parse(text, document)
    return document


class _Walk:
    """One walk over docutils' tree.

    docutils knows the lines of most nodes only, and of some not exactly; so each text is looked up in the source.

    Args:
        lines: the source; lines[n] is what docutils calls line n + 1.
        readable: the same lines as docutils was given them.
        offset: what to add to docutils' lines.
    """

    def __init__(self, lines: list[str], readable: list[str], offset: int) -> None:
        self.lines = lines
        self.readable = readable
        self.offset = offset
        self.cursor = 0
        self.level = 0
        self.depth = 0
        self.opens_item = False
        self.floor = 0  # in a table, rows do not overlap
        self.beside: tuple[int, ...] = ()  # in a row, where its first cell stands

    def blocks(self, node: nodes.Element, kind: BlockKind = BlockKind.PARAGRAPH) -> Iterator[Draft]:
        """The blocks below a node; `kind` is what a paragraph is there."""
        for child in node.children:
            if isinstance(child, nodes.Element):
                yield from self._block(child, kind)

    def _block(self, node: nodes.Element, kind: BlockKind) -> Iterator[Draft]:
        if isinstance(node, _LISTS):
            yield from self._list(node, kind)
        elif isinstance(node, nodes.system_message):
            yield from self._unparsed(node)
        elif isinstance(node, nodes.table):
            yield from self._table(node, kind)
        elif isinstance(node, nodes.image):
            yield from self._image(node)
        elif isinstance(node, nodes.TextElement):
            yield from self._text(node, kind)
        elif isinstance(node, nodes.topic) and "contents" in node["classes"]:
            yield from self._draft(node, BlockKind.TOC)
        else:
            self.level += isinstance(node, nodes.section)
            yield from self.blocks(node, _kind_within(node, kind))
            self.level -= isinstance(node, nodes.section)

    def _text(self, node: nodes.TextElement, kind: BlockKind) -> Iterator[Draft]:
        """An element that holds text rather than other blocks."""
        if isinstance(node, _TITLES):
            yield from self._draft(node, BlockKind.HEADING, self.level if isinstance(node.parent, nodes.section) else 0)
        elif isinstance(node, nodes.target) and "refuri" not in node:
            return  # a place in the document, not shown
        elif not isinstance(node, (nodes.label, nodes.option_string, nodes.option_argument)):
            yield from self._draft(node, next((as_ for types, as_ in _KINDS if isinstance(node, types)), kind))

    def _list(self, node: nodes.Element, kind: BlockKind) -> Iterator[Draft]:
        self.depth += 1
        for item in node.children:
            self.opens_item = True
            if isinstance(item, nodes.Element):
                yield from self.blocks(item, BlockKind.LIST_ITEM if kind is BlockKind.PARAGRAPH else kind)
        self.opens_item = False
        self.depth -= 1

    def _draft(self, node: nodes.Element, kind: BlockKind, level: int = 0) -> Iterator[Draft]:
        text = (node.rawsource or node.astext()).rstrip()
        if not text.strip():
            return
        source = text.split("\n")
        beside = (self.cursor - 1,) if isinstance(node, nodes.classifier) else self.beside
        at = self._find(source, node.line, beside)
        if at is None:
            at, held = max(1, min(node.line - 1 if node.line else self.cursor, len(self.lines) - len(source))), text
        else:
            lines = self.lines[at : at + len(source)]
            held = "\n".join(raw if raw in line else line.strip() for raw, line in zip(source, lines, strict=False))
        plain = None if kind in (BlockKind.CODE, BlockKind.COMMENT) else plain_rst(held)
        draft = Draft(kind, at + 1 + self.offset, held, plain, level, self.depth, self.opens_item)
        self.cursor = at + len(source)
        self.opens_item = False
        yield draft

    def _find(self, source: list[str], line: int | None, beside: tuple[int, ...]) -> int | None:
        """Where a text stands: beside another, at docutils' line or near it, or after what was found last; None if nowhere there."""
        near = [line - 1 + step for step in (0, -1, 1, -2, 2, -3, 3)] if line else []
        last = len(self.lines) - len(source)
        at: int
        for at in (*beside, *near, *range(self.cursor, min(self.cursor + _WINDOW, last + 1))):
            if self.floor <= at <= last and source[0] in self.readable[at] and source[-1] in self.readable[at + len(source) - 1]:
                return at
        return None

    def _image(self, node: nodes.Element) -> Iterator[Draft]:
        alt = str(node.get("alt", ""))
        for draft in self._draft(node, BlockKind.IMAGE):
            draft.plain = plain_rst(alt)
            yield draft

    def _table(self, table: nodes.Element, kind: BlockKind) -> Iterator[Draft]:
        """A block for each row; the lines of its cells are read one cell after the other."""
        row_kind = BlockKind.TABLE_ROW if kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM) else kind
        for row in table.findall(nodes.row):
            cells = [self._cell(entry) for entry in row.findall(nodes.entry)]
            drafts = [draft for cell in cells for draft in cell]
            self.beside = ()
            if drafts:
                text = " | ".join(" ".join(" ".join(draft.text.split()) for draft in cell) for cell in cells)
                first, last = min(draft.first for draft in drafts), max(draft.last for draft in drafts)
                self.floor = self.cursor = first - self.offset
                yield Draft(row_kind, first, text, plain_rst(text), depth=self.depth, last_line=last)
        self.floor = 0

    def _cell(self, entry: nodes.Element) -> list[Draft]:
        """The blocks of a cell; the next cell stands beside it."""
        drafts = list(self.blocks(entry))
        if drafts and not self.beside:
            self.beside = (drafts[0].first - 1 - self.offset,)
        return drafts

    def _unparsed(self, message: nodes.system_message) -> Iterator[Draft]:
        """Text that docutils could not make sense of, and hands back with a message."""
        if message["level"] < 3:
            return  # a warning: the text was parsed all the same
        for block in message.findall(nodes.literal_block):
            text = block.astext()
            if title := _UNDERLINED.fullmatch(text):
                yield from self._draft(nodes.title(title[2], title[2]), BlockKind.HEADING)
            else:
                yield from self._draft(block, BlockKind.CODE if text.startswith("..") else BlockKind.PARAGRAPH)


def _kind_within(node: nodes.Element, kind: BlockKind) -> BlockKind:
    """What a paragraph is in a node. A block quotation that begins with a list is a list its author has indented."""
    if isinstance(node, nodes.footnote | nodes.citation):
        return BlockKind.REFERENCE
    if isinstance(node, nodes.block_quote) and kind is BlockKind.PARAGRAPH and isinstance(node.children[0], nodes.paragraph):
        return BlockKind.QUOTE
    return kind
