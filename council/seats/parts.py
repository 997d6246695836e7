"""Which heading means which part of a seat, and the walk that hands every section to its reader.

Nothing of a file is lost: what no reader takes is kept as prose under its heading.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from council.seats.document import Block, SeatDocument, Section
from council.seats.markup import without_icon, without_number
from council.seats.problems import Problems

# The first that matches decides. Titles are compared in lower case, without number, icon and {#id}.
_HEADINGS: tuple[tuple[str, str], ...] = (
    ("focus", r"my focus"),
    ("philosophy", r"core philosophy|philosophy"),
    ("capabilities", r"(hybrid )?capabilities"),
    ("review", r"review mode\b.*"),
    ("execution", r"execution mode\b.*"),
    ("template", r"(.* )?template"),
    ("success", r"success criteria"),
    ("error_context", r"error context\b.*"),
    ("thinking", r"thinking (style|patterns?)"),
    ("communication", r"communication style|communication"),
    ("modifies", r"when i (approve with modifications?|modify|approve with conditions)"),
    ("approves", r"when i approve"),
    ("rejects", r"when i reject"),
    ("checklist", r".*\bchecklist\b.*|analysis framework"),
    ("red_flags", r"red flags?\b.*"),
    ("green_flags", r"green flags?\b.*"),
    ("lessons", r".*\blessons?\b.*|.*philosophy \(inspiration\)"),
    ("related", r"related (agents|seats)"),
)
_PATTERNS = tuple((part, re.compile(pattern)) for part, pattern in _HEADINGS)

# Headings that say no more than the field they fill; any other is kept with the prose, even with no text of its own.
_PLAIN_HEADINGS = frozenset(
    {"my focus", "core philosophy", "capabilities", "hybrid capabilities", "review mode", "execution mode", "success criteria"}
    | {"error context standard", "thinking style", "communication style", "when i approve", "when i reject"}
    | {"when i approve with modifications", "checklist", "red flags", "green flags", "lessons", "related agents"}
)


def part_of(title: str) -> str | None:
    """The part that a heading announces, or None."""
    name = _normal(title)
    return next((part for part, pattern in _PATTERNS if pattern.fullmatch(name)), None)


def _normal(title: str) -> str:
    return without_number(without_icon(title)).replace("*", "").strip().rstrip(":").lower()


Handler = Callable[[Section], Iterable[Section]]


class SectionReader:
    """Base of the two readers: fields by name, prose by title.

    Attributes:
        handlers: for each part, what reads its section; it returns the children that it left for the walk.
        fields: what was read, ready for the model.
        prose: what has no field, title to text.
    """

    def __init__(self, document: SeatDocument, problems: Problems) -> None:
        self.document = document
        self.problems = problems
        self.handlers: dict[str, Handler] = {}
        self.fields: dict[str, object] = {}
        self.prose: dict[str, str] = {}

    def keep(self, section: Section, blocks: Iterable[Block]) -> None:
        """Keep blocks of a section that no field took, and its heading where that says something of its own."""
        self.keep_text(section.title, "\n\n".join(self.document.source(b.first, b.last) for b in blocks))

    def keep_text(self, title: str, text: str) -> None:
        """Keep a text under a title; what is there already stays before it."""
        if text or _normal(title) not in _PLAIN_HEADINGS:
            before = self.prose.get(title, "")
            self.prose[title] = f"{before}\n\n{text}" if before and text else before or text

    def keep_whole(self, section: Section) -> None:
        """Keep a section with all that is under it."""
        self.keep_text(section.title, self.text_of(section))

    def text_of(self, section: Section) -> str:
        """The source of a section without its heading."""
        lines = self.document.source(section.line + 1, section.last).split("\n")
        while lines and lines[-1].strip() in ("", "---", "***", "___"):  # the rule before the next section
            lines.pop()
        return "\n".join(lines)


def read_sections(sections: Iterable[Section], readers: Sequence[SectionReader]) -> None:
    """Hand every section to the reader of its part; the last reader keeps what nobody knows."""
    for section in sections:
        _visit(section, readers)


def _visit(section: Section, readers: Sequence[SectionReader]) -> None:
    handler = _handler(section, readers)
    if handler is not None:
        for child in handler(section):
            _visit(child, readers)
    elif any(_handler(child, readers) for child in section.walk()):
        readers[-1].keep(section, section.blocks)
        for child in section.children:
            _visit(child, readers)
    else:
        readers[-1].keep_whole(section)


def _handler(section: Section, readers: Sequence[SectionReader]) -> Handler | None:
    part = part_of(section.title)
    return next((reader.handlers[part] for reader in readers if part in reader.handlers), None) if part else None
