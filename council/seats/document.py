"""A seat's file as Markdown: front matter, and a tree of sections with lists and fences at their lines.

Knows CommonMark and YAML, and nothing of what the sections mean. All lines are 1-based lines of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from council.errors import SeatFileError
from council.safe_yaml import YamlDocument, read_yaml

_TASK = re.compile(r"\[[ xX]\](?:\s+|$)")
_ATTRIBUTE = re.compile(r"\{#([^{}]*)\}$")
_QUOTE_MARK = re.compile(r"^ {0,3}> ?", re.MULTILINE)

BlockKind = Literal["paragraph", "list", "fence", "quote", "other"]


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a list.

    Attributes:
        first, last: its lines.
        text: its first paragraph on one line, without check box and `{#id}`.
        id: what stands in `{#…}` at the end of that paragraph, or None.
        task: whether it has a check box.
        blocks: what follows its first paragraph.
    """

    first: int
    last: int
    text: str
    id: str | None
    task: bool
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A block between two headings.

    Attributes:
        text: a paragraph's or fence's content, a quotation without its marks, else the source.
        info: the fence's info string.
        items: the list's items.
    """

    kind: BlockKind
    first: int
    last: int
    text: str
    info: str = ""
    items: tuple[Item, ...] = ()


@dataclass(slots=True)
class Section:
    """A heading, the blocks up to the next heading, and the sections of deeper level under it.

    Attributes:
        title: without `{#id}`; level and line are 0 for the text before the first heading.
        last: the last line of the section with all that is under it.
    """

    title: str
    id: str | None
    level: int
    line: int
    last: int = 0
    blocks: list[Block] = field(default_factory=list)
    children: list[Section] = field(default_factory=list)

    def walk(self) -> Iterator[Section]:
        """This section and all under it, in order of the text."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class SeatDocument:
    """A parsed file.

    Attributes:
        path: as the user named it.
        head: the front matter.
        root: the text before the first heading; its children are the outermost sections.
        lines: the file's lines; those that a reader took out of the text are blank.
    """

    path: str
    head: YamlDocument
    root: Section
    lines: list[str]

    def source(self, first: int, last: int) -> str:
        """The lines from first to last without blank lines around them."""
        return "\n".join(self.lines[first - 1 : last]).strip("\n").rstrip()

    def blank(self, first: int, last: int) -> None:
        """Take lines out of the text, so that no larger part repeats them."""
        self.lines[first - 1 : last] = [""] * (last - first + 1)


def parse_document(text: str, *, path: str) -> SeatDocument:
    """Read front matter and sections.

    Raises:
        SeatFileError: no front matter, it is not closed, not a mapping, or YAML that is refused.
    """
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    end = _front_matter_end(lines, path)
    head = read_yaml("\n".join(lines[1:end]), path=path, first_line=2)
    if not isinstance(head.value, dict):
        raise SeatFileError("the front matter is not a mapping of keys to values", path=path, line=2, hint="begin with `name: …`")
    body = "\n" * (end + 1) + "\n".join(lines[end + 1 :])
    root = Section("", None, 0, 0, len(lines))
    _sections(SyntaxTreeNode(_parser().parse(body)).children, root, lines)
    return SeatDocument(path, head, root, lines)


def _front_matter_end(lines: list[str], path: str) -> int:
    """Index of the line that closes the front matter."""
    if lines[0].rstrip() != "---":
        raise SeatFileError("no front matter", path=path, line=1, hint="the first line must be ---, then `name: …`, then ---")
    for index, line in enumerate(lines[1:], 1):
        if line.rstrip() == "---":
            return index
    raise SeatFileError("the front matter is not closed", path=path, line=1, hint="end it with a line ---")


@cache
def _parser() -> MarkdownIt:
    """CommonMark's blocks. Inline markup is left as it is written, so that no text is lost."""
    parser = MarkdownIt("commonmark").disable("reference")  # a link definition would vanish
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


def _sections(nodes: list[SyntaxTreeNode], root: Section, lines: list[str]) -> None:
    """Hang headings and blocks into the tree."""
    open_sections = [root]
    for node in nodes:
        if node.type == "heading":
            first, _ = _span(node)
            level = int(node.tag[1])
            while open_sections[-1].level >= level:
                open_sections.pop().last = first - 1
            title, id_ = split_attribute(_content(node))
            section = Section(title, id_, level, first, len(lines))
            open_sections[-1].children.append(section)
            open_sections.append(section)
        elif node.type != "hr":
            open_sections[-1].blocks.append(_block(node, lines))


def _block(node: SyntaxTreeNode, lines: list[str]) -> Block:
    first, last = _span(node)
    source = "\n".join(lines[first - 1 : last]).rstrip()
    if node.type == "paragraph":
        return Block("paragraph", first, last, _content(node))
    if node.type == "fence":
        return Block("fence", first, last, node.content, info=node.info.strip())
    if node.type == "blockquote":
        return Block("quote", first, last, _QUOTE_MARK.sub("", source))
    if node.type in ("bullet_list", "ordered_list"):
        return Block("list", first, last, source, items=tuple(_item(child, lines) for child in node.children))
    return Block("other", first, last, source)


def _item(node: SyntaxTreeNode, lines: list[str]) -> Item:
    first, last = _span(node)
    children = node.children
    text = ""
    if children and children[0].type == "paragraph":
        text = _content(children[0])
        children = children[1:]
    box = _TASK.match(text)
    text, id_ = split_attribute(text[box.end() :] if box else text)
    return Item(first, last, text, id_, box is not None, tuple(_block(child, lines) for child in children))


def split_attribute(text: str) -> tuple[str, str | None]:
    """Text on one line without a closing `{#id}`, and that id or None."""
    text = " ".join(text.split())
    found = _ATTRIBUTE.search(text)
    return (text[: found.start()].rstrip(), found[1].strip()) if found else (text, None)


def _content(node: SyntaxTreeNode) -> str:
    """The inline text of a heading or paragraph."""
    return node.children[0].content if node.children else ""


def _span(node: SyntaxTreeNode) -> tuple[int, int]:
    """First and last line."""
    start, end = node.map or (0, 0)
    return start + 1, max(start + 1, end)
