"""Seat files: front matter and Markdown to `Agent` and `Persona`.

Three kinds of file. An *agent* file is a chair and names its persona; a *persona* file is a character; a *single* file
holds both, in any order, with sections missing or unknown: it is a seat with its own persona. Which one a file is follows
from its front matter and headings (`kind_of`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal

from council.errors import MissingInputError, SeatFileError
from council.safe_yaml import YamlDocument
from council.seats.agent_file import AGENT_PARTS, CLAUDE_CODE_KEYS, AgentHead, AgentReader
from council.seats.document import SeatDocument, Section, parse_document
from council.seats.markup import label, plain
from council.seats.model import Agent, Persona
from council.seats.parts import SectionReader, part_of, read_sections
from council.seats.persona_file import PERSONA_PARTS, PersonaHead, PersonaReader
from council.seats.problems import Problems, nearest

MAX_FILE_BYTES = 256 * 1024
MAX_NAME = 40
RESERVED_NAMES = frozenset({"convene", "tally", "rebuttal", "tracer_ruling", "person", "verdict", "report", "__start__", "__end__"})

Kind = Literal["agent", "persona", "single"]
Place = Literal["seats", "personas", "either"]

_NAME = re.compile(r"[a-z][a-z0-9-]*")
_TITLE_DASHES = " -\u2013\u2014:"
_COMMON_KEYS = frozenset({"name", "title", "description"})
_AGENT_KEYS = frozenset(AgentHead.model_fields)
_PERSONA_KEYS = frozenset(PersonaHead.model_fields)
_LABELS: dict[str, tuple[str, ...]] = {"agent": ("mode",), "persona": ("inspiration", "role", "motto")}


@dataclass(frozen=True, slots=True)
class SeatFile:
    """What a file holds: a chair, a character, or both."""

    agent: Agent | None
    persona: Persona | None


def load_agent(path: Path | Traversable, *, origin: str = "") -> Agent:
    """The chair in an agent file or single file.

    Raises:
        MissingInputError, SeatFileError: as `load_seat_file`; or the file holds only a persona.
    """
    agent = load_seat_file(path, origin=origin).agent
    if agent is None:
        raise SeatFileError("a persona file, where an agent file is needed", path=str(path), hint="give it with --personas")
    return agent


def load_persona(path: Path | Traversable, *, origin: str = "") -> Persona:
    """The character in a persona file or single file.

    Raises:
        MissingInputError, SeatFileError: as `load_seat_file`; or the file holds only a chair.
    """
    persona = load_seat_file(path, origin=origin, place="personas").persona
    if persona is None:
        raise SeatFileError("an agent file, where a persona file is needed", path=str(path), hint="give it with --agents")
    return persona


def load_seat_file(path: Path | Traversable, *, origin: str = "", place: Place = "either") -> SeatFile:
    """Read a seat file of any kind.

    Args:
        path: the file.
        origin: where it comes from, for people.
        place: what a file that could be either is taken for: among seats, a character brings a bare chair of its name.

    Raises:
        MissingInputError: there is no such file.
        SeatFileError: it cannot be read; names the first problem's line and counts the others.
    """
    return _read(read_bytes(path), str(path), origin, place)


@lru_cache(maxsize=64)
def _read(data: bytes, path: str, origin: str, place: Place) -> SeatFile:
    """The same bytes are parsed once in a process: the package's own seats are half of the time that a council takes to build."""
    problems = Problems(path)
    found = parse_seat_file(data, problems, origin=origin, place=place)
    if found is None or problems.found:
        raise problems.first()
    return found


def read_bytes(path: Path | Traversable) -> bytes:
    """The bytes of a seat file; never more than the limit is read.

    Raises:
        MissingInputError: there is no such file.
        SeatFileError: no regular file, not readable, or too large.
    """
    name = str(path)
    try:
        if not path.is_file():
            if path.is_dir() or (isinstance(path, Path) and path.exists()):
                raise SeatFileError("not a regular file", path=name, hint="name a Markdown file")
            raise MissingInputError("no such file", where=name)
        with path.open("rb") as stream:
            data: bytes = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise SeatFileError(f"cannot be read: {error.strerror or error}", path=name) from error
    if len(data) > MAX_FILE_BYTES:
        raise SeatFileError(f"larger than {MAX_FILE_BYTES // 1024} KB", path=name, hint="a seat file is a few pages of Markdown")
    return data


def parse_seat_file(data: bytes, problems: Problems, *, origin: str = "", place: Place = "either") -> SeatFile | None:
    """The content of a seat file, with every problem noted; None where a half of it has no usable front matter."""
    try:
        document = parse_document(_decoded(data, problems.path), path=problems.path)
    except SeatFileError as error:
        problems.adopt(error)
        return None
    about = {"sha256": hashlib.sha256(data).hexdigest(), "origin": origin, "path": problems.path}
    return _Parser(document, problems, kind_of(document, place)).parse(about)


def _decoded(data: bytes, path: str) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SeatFileError("not UTF-8", path=path, line=line, hint="save it as UTF-8") from None
    if "\0" in text:
        raise SeatFileError("a binary file", path=path, line=text.count("\n", 0, text.index("\0")) + 1)
    return text


def kind_of(document: SeatDocument, place: Place = "either") -> Kind:
    """What a file is.

    `persona:` without a checklist, or `domain:`/`authority:` without any section of a character: an agent. Otherwise,
    with keys or sections of a chair, a single file; without, a persona, or among seats a single file with a bare chair.
    """
    keys = frozenset(document.head.value)
    parts = {part_of(section.title) for section in document.root.walk()}
    if "persona" in keys and "checklist" not in parts:
        return "agent"
    if keys & {"domain", "authority"} and not parts & PERSONA_PARTS:
        return "agent"
    # A template alone makes no chair: characters, too, have templates to show.
    chair = keys & (_AGENT_KEYS | CLAUDE_CODE_KEYS) - _COMMON_KEYS or parts & (AGENT_PARTS - {"template"} if place != "personas" else set())
    return "single" if chair or place == "seats" else "persona"


class _Parser:
    """Reads one document as one kind of file."""

    def __init__(self, document: SeatDocument, problems: Problems, kind: Kind) -> None:
        self._document = document
        self._problems = problems
        self._kind = kind
        self._name = self._checked_name()

    def parse(self, about: dict[str, str]) -> SeatFile | None:
        self._refuse_unknown_keys()
        agent = AgentReader(self._document, self._problems) if self._kind != "persona" else None
        persona = None
        if self._kind != "agent":
            persona = PersonaReader(self._document, self._problems, name=self._name, strict=self._kind == "persona")
            persona.take_remember()
        readers: list[SectionReader] = [reader for reader in (agent, persona) if reader is not None]
        read_sections(self._opening(readers), readers)
        made_agent = self._agent(agent, about) if agent else None
        made_persona = self._persona(persona, about) if persona else None
        if (agent and not made_agent) or (persona and not made_persona):
            return None
        return SeatFile(made_agent, made_persona)

    def _checked_name(self) -> str:
        head = self._document.head
        name = head.value.get("name")
        if not isinstance(name, str):
            return "unnamed"  # the model of the front matter says what is wrong
        if name in RESERVED_NAMES:
            self._problems.add(head.line(("name",)), f"the name {name!r} is taken by a step of the review")
        elif not _NAME.fullmatch(name) or len(name) > MAX_NAME:
            rule = f"must begin with a letter and hold small letters, digits and hyphens, at most {MAX_NAME}"
            self._problems.add(head.line(("name",)), f"name {name!r:.60} {rule}")
        return name

    def _known_keys(self) -> frozenset[str]:
        chair = _AGENT_KEYS | CLAUDE_CODE_KEYS
        return {"agent": chair, "persona": _PERSONA_KEYS, "single": chair | _PERSONA_KEYS}[self._kind]

    def _refuse_unknown_keys(self) -> None:
        head = self._document.head
        for key in head.value:
            if key not in self._known_keys():
                whose = " is a persona's" if key in _PERSONA_KEYS else " is an agent's" if key in _AGENT_KEYS else ""
                message = f"key {key!r}{whose} and this is {'an agent' if self._kind == 'agent' else 'a persona'} file" if whose else ""
                self._problems.add(head.line((key,)), message or f"unknown key {key!r:.60}; {nearest(key, self._known_keys())}")

    def _opening(self, readers: list[SectionReader]) -> Iterable[Section]:
        """Read the title and the labels under it; returns the sections that follow."""
        root = self._document.root
        sections, blocks, title = root.children, list(root.blocks), ""
        if sections and sections[0].level == 1 and part_of(sections[0].title) is None:
            first, *others = sections
            title, blocks, sections = first.title, [*blocks, *first.blocks], [*first.children, *others]
        head, _, words = title.partition(" ")
        own_name = head.rstrip(_TITLE_DASHES).lower() == self._name
        rest = [line for block in blocks for line in self._unlabelled(self._document.source(block.first, block.last), readers)]
        called = words.lstrip(_TITLE_DASHES) if own_name else title
        for reader in readers:
            reader.fields["title"] = called
        text = "\n".join(rest).strip()
        if text or self._document.head.value.get("title") not in (None, "", called):
            readers[-1].keep_text(title, text)
        return sections

    def _unlabelled(self, source: str, readers: list[SectionReader]) -> list[str]:
        """Give the lines `**Role:** …` to their fields; returns the others, with an empty line after."""
        rest = []
        for line in source.split("\n"):
            named = label(line)
            if not named or not any(self._take_label(reader, named[0], plain(named[1])) for reader in readers):
                rest.append(line)
        return [*rest, ""]

    def _take_label(self, reader: SectionReader, name: str, value: str) -> bool:
        """Give a label's value to its field, unless something else is there already."""
        known = _LABELS["agent" if isinstance(reader, AgentReader) else "persona"]
        if name not in known or name in reader.fields or self._document.head.value.get(name) not in (None, "", value):
            return False
        reader.fields[name] = value
        return True

    def _half(self, keys: frozenset[str]) -> YamlDocument:
        """The part of the front matter that has these keys."""
        head = self._document.head
        return YamlDocument({key: value for key, value in head.value.items() if key in keys}, head.lines)

    def _agent(self, reader: AgentReader, about: dict[str, str]) -> Agent | None:
        head = self._problems.validate(AgentHead, self._half(_AGENT_KEYS))
        if head is None:
            return None
        if self._kind == "single" and head.persona not in ("", head.name):
            line = self._document.head.line(("persona",))
            self._problems.add(line, f"names the persona {head.persona!r:.60} and holds a checklist of its own (keep one of the two)")
        fields = _merged(reader.fields, dict(head))
        fields |= {"persona": head.persona or head.name, "extra": self._half(CLAUDE_CODE_KEYS).value, "prose": reader.prose, **about}
        return Agent.model_validate(fields)

    def _persona(self, reader: PersonaReader, about: dict[str, str]) -> Persona | None:
        half = self._half(_PERSONA_KEYS)
        head = self._problems.validate(PersonaHead, half)
        self._problems.note_phrases(half, ("sections",), ("stakes",), ("applicability", "unless"))
        fields = reader.finish()
        return Persona.model_validate({**_merged(fields, dict(head)), "prose": reader.prose, **about}) if head else None


def _merged(body: dict[str, Any], head: dict[str, Any]) -> dict[str, Any]:
    """Front matter before body, wherever it says something."""
    return {**head, **{key: value for key, value in body.items() if not head.get(key)}}
