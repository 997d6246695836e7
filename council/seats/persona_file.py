"""The character's half of a seat file: philosophy, style, when it approves, flags, lessons, relations."""

from __future__ import annotations

import re
from typing import Any

from pydantic import field_validator, model_validator

from council.seats.agent_file import bullets, whole
from council.seats.checklist_section import ChecklistReader, evidence_of
from council.seats.document import Block, Item, SeatDocument, Section
from council.seats.markup import label, plain, quoted, unquoted, without_icon
from council.seats.model import Applicability, Flag, FlagRules, Lesson, Part, Pattern, Relation, Style, Thresholds
from council.seats.parts import SectionReader
from council.seats.problems import Problems

PERSONA_PARTS = frozenset(
    {"focus", "philosophy", "thinking", "communication", "approves", "rejects", "modifies", "checklist"}
    | {"red_flags", "green_flags", "lessons", "related"}
)
_ARROW = re.compile(r"^(?:→|->|Lesson:)\s*", re.IGNORECASE)
_RELATED = re.compile(r"^\*\*([A-Za-z][A-Za-z0-9-]*)\s*([^*:]*):?\*\*:?\s*")


class PersonaHead(Part):
    """Front matter of a persona file."""

    name: str
    title: str = ""
    description: str = ""
    inspiration: str = ""
    role: str = ""
    motto: str = ""
    sections: tuple[str, ...] = ()
    stakes: tuple[str, ...] = ()
    applicability: Applicability = Applicability()
    thresholds: Thresholds = Thresholds()

    @field_validator("thresholds")
    @classmethod
    def _in_order(cls, value: Thresholds) -> Thresholds:
        if value.modify > value.approve:
            raise ValueError("modify is above approve, so that no score could lead to MODIFY")
        return value

    @model_validator(mode="after")
    def _on_its_ground(self) -> PersonaHead:
        limits = self.thresholds
        idle = [name for name in ("treated", "slight", "begun") if getattr(limits, name) is not None]
        idle += ["placed"] if limits.placed else []
        if idle and not self.sections:
            raise ValueError(f"thresholds: {idle[0]} needs sections, the headings of the persona's own ground")
        return self


class PersonaReader(SectionReader):
    """Reads the sections of a character.

    Args:
        name: the persona's name, first part of its questions' ids.
        strict: a group without questions is a problem; otherwise it is prose.
    """

    def __init__(self, document: SeatDocument, problems: Problems, *, name: str, strict: bool) -> None:
        super().__init__(document, problems)
        self._checklist = ChecklistReader(self, name=name, strict=strict)
        self.handlers = {
            "focus": lambda section: self._list("focus", section),
            "philosophy": self._philosophy,
            "thinking": self._thinking,
            "communication": self._communication,
            "approves": lambda section: self._list("approves", section),
            "rejects": lambda section: self._list("rejects", section),
            "modifies": lambda section: self._list("modifies", section),
            "checklist": self._checklist.read,
            "red_flags": lambda section: self._flags("red_flags", section),
            "green_flags": lambda section: self._flags("green_flags", section),
            "lessons": self._lessons,
            "related": self._related,
        }

    def take_remember(self) -> None:
        """Take the paragraphs `**Remember:** …` out of whatever section they stand in."""
        for section in self.document.root.walk():
            for block in [b for b in section.blocks if b.kind == "paragraph"]:
                named = label(block.text)
                if named and named[0] == "remember" and "remember" not in self.fields:
                    self.fields["remember"] = plain(named[1])
                    section.blocks.remove(block)
                    self.document.blank(block.first, block.last)

    def finish(self) -> dict[str, object]:
        """The fields, with the groups of all checklists."""
        return {**self.fields, "groups": self._checklist.groups()}

    def _list(self, name: str, section: Section) -> list[Section]:
        items, rest = bullets(section.blocks)
        self._extend(name, items)
        self.keep(section, rest)
        return section.children

    def _philosophy(self, section: Section) -> list[Section]:
        rest: list[Block] = []
        for block in section.blocks:
            if block.kind == "list" and rest and label(rest[-1].text) == ("my focus", ""):
                self._extend("focus", bullets([block])[0])
                rest.pop()
            else:
                rest.append(block)
        if rest and rest[0].kind == "paragraph" and unquoted(rest[0].text) != rest[0].text:
            self.fields.setdefault("motto", unquoted(plain(rest[0].text)))
        text = "\n\n".join(self.document.source(block.first, block.last) for block in rest)
        had = self.fields.get("philosophy")
        self.fields["philosophy"] = f"{had}\n\n{text}" if had else text
        self.keep(section, [])
        return section.children

    def _thinking(self, section: Section) -> list[Section]:
        self._extend("thinking", tuple(Pattern(title=child.title, text=self.text_of(child)) for child in section.children))
        self.keep(section, section.blocks)
        return []

    def _communication(self, section: Section) -> list[Section]:
        self._extend("communication", tuple(_style(child.title, self.text_of(child)) for child in section.children))
        self.keep(section, section.blocks)
        return []

    def _flags(self, name: str, section: Section) -> list[Section]:
        items = [item for block in section.blocks if block.kind == "list" for item in block.items]
        self._extend(name, tuple(self._flag(item, section) for item in items))
        self.keep(section, [block for block in section.blocks if block.kind != "list"])
        return section.children

    def _flag(self, item: Item, section: Section) -> Flag:
        evidence, rest = evidence_of(item, self.problems)
        if rest:
            self.keep(section, rest)
        data = self.problems.read_mapping(evidence.text, evidence.first + 1) if evidence else None
        rules = self.problems.validate(FlagRules, data) if data else None
        if data:
            self.problems.note_phrases(data, ("phrases",))
        text, why = _flag_text(plain(item.text))
        return Flag(text=text, why=why, rules=rules, line=item.first)

    def _lessons(self, section: Section) -> list[Section]:
        rest = []
        for block in section.blocks:
            if block.kind == "quote":
                self._extend("lessons", _sayings(block.text.split("\n")))
            elif block.kind == "list":
                for item in bullets([block])[0]:
                    self._extend("lessons", _sayings(item.replace("→", "\n→").split("\n")))
            else:
                rest.append(block)
        self.keep(section, rest)
        return section.children

    def _related(self, section: Section) -> list[Section]:
        rest = []
        for block in section.blocks:
            relations = _relations([whole(item) for item in block.items] or block.text.split("\n"))
            if relations is None:
                rest.append(block)
            else:
                self._extend("related", relations)
        self.keep(section, rest)
        return section.children

    def _extend(self, name: str, values: tuple[Any, ...]) -> None:
        had = self.fields.get(name, ())
        self.fields[name] = (*had, *values) if isinstance(had, tuple) else values


def _style(title: str, source: str) -> Style:
    """A way of speaking: what stands before the first example, and the examples."""
    parts: dict[str, list[str]] = {"text": [], "bad": [], "good": []}
    current = "text"
    for line in source.split("\n"):
        named = label(line.strip().removeprefix("- "))
        if named and named[0] in ("bad", "good"):
            current, line = named
        parts[current].append(line)
    return Style(title=title, **{name: "\n".join(lines).strip() for name, lines in parts.items()})


def _flag_text(text: str) -> tuple[str, str]:
    """What a flag says and why it is one: `"quoted" (why)`, or `plain words (why)`."""
    found = quoted(text)
    if found:
        said, rest = found
        why = rest.lstrip("\u2014\u2013-: ")
        if rest != why or not rest or rest.startswith("("):
            return said, why[1:-1] if why.startswith("(") and why.endswith(")") else why
    head, opened, why = text.rpartition(" (")
    return (head, why[:-1]) if opened and text.endswith(")") else (text, "")


def _sayings(lines: list[str]) -> tuple[Lesson, ...]:
    """Sayings, each followed by a line `→ Lesson: …`."""
    pairs: list[tuple[list[str], list[str]]] = []
    for line in filter(None, (line.strip() for line in lines)):
        arrow = _ARROW.match(line)
        if arrow:
            pairs = pairs or [([], [])]
            pairs[-1][1].append(_ARROW.sub("", line[arrow.end() :]))
        elif not pairs or (pairs[-1][1] and line[:1] in '"“«'):
            pairs.append(([line], []))
        else:
            pairs[-1][1 if pairs[-1][1] else 0].append(line)
    return tuple(Lesson(saying=unquoted(" ".join(saying)), lesson=" ".join(lesson)) for saying, lesson in pairs)


def _relations(lines: list[str]) -> tuple[Relation, ...] | None:
    """Relations written `**name (what it does):** text`, or None where the text begins otherwise."""
    found: list[tuple[str, list[str]]] = []
    for line in lines:
        start = _RELATED.match(without_icon(line.strip()))
        if start:
            found.append((start[1].lower(), [start[2].strip(), line.strip()[start.end() :]]))
        elif found:
            found[-1][1].append(line)
        else:
            return None
    return tuple(Relation(seat=name, text=plain(" ".join(words))) for name, words in found)
