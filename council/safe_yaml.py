"""YAML that somebody else wrote, read without letting it run, grow or repeat itself.

A subset of YAML 1.1: mappings with text keys, lists, text, numbers, booleans, null. Refused: anchors and aliases (a few
hundred bytes expand to billions of values), explicit tags (they name types to construct), duplicate keys (the last would
win silently), merge keys, more than one document, deep nesting, and more than `max_bytes`. Dates stay text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

from council.errors import SeatFileError

try:  # libyaml is ten times faster; wheels of PyYAML carry it, a build from source may not
    from yaml import CSafeLoader as _Loader
except ImportError:  # pragma: no cover
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]  # same interface, in Python

MAX_BYTES = 64 * 1024
MAX_DEPTH = 20

Loc = tuple[str | int, ...]

_QUOTES = "text that holds ': ' or begins with one of { [ * & ! % @ needs quotes"
_DROPPED = {"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:merge", "tag:yaml.org,2002:value"}


class _Resolver(Resolver):
    """Plain scalars to types, without dates and merge keys."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML looks the table up on the class and declares it on the instance
        first: [(tag, pattern) for tag, pattern in rules if tag not in _DROPPED]
        for first, rules in Resolver.yaml_implicit_resolvers.items()
    }


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """A value and where its parts stand.

    Attributes:
        value: None, a scalar, a list, or a dict with text keys.
        lines: from the path of keys and indices to the line of the file.
    """

    value: Any
    lines: Mapping[Loc, int]

    def line(self, loc: Loc) -> int:
        """The line of a part, or of the nearest part around it that has one."""
        while loc and loc not in self.lines:
            loc = loc[:-1]
        return self.lines.get(loc, 0)


def load_yaml(text: str, *, path: str, first_line: int = 1, max_bytes: int = MAX_BYTES) -> Any:
    """Read one YAML document.

    Args:
        text: the document.
        path: the file it stands in, for messages.
        first_line: the line of that file at which `text` begins.
        max_bytes: the most it may have, in UTF-8.

    Returns:
        The value, or None for an empty document.

    Raises:
        SeatFileError: it is no YAML, or uses what is refused; names the file and the line.
    """
    return read_yaml(text, path=path, first_line=first_line, max_bytes=max_bytes).value


def read_yaml(text: str, *, path: str, first_line: int = 1, max_bytes: int = MAX_BYTES) -> YamlDocument:
    """As `load_yaml`, with the line of each part."""
    if len(text) > max_bytes or len(text.encode()) > max_bytes:
        raise SeatFileError(f"more than {max_bytes // 1024} KB of YAML", path=path, line=first_line, hint="shorten it")
    return _Builder(text, path, first_line).document()


class _Builder:
    """Builds values from the parser's events, so that what is refused is seen before anything is built from it."""

    def __init__(self, text: str, path: str, first_line: int) -> None:
        self._text = text
        self._path = path
        self._first = first_line
        self._last = text.rstrip().count("\n")  # what is never closed is missed after it
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=_Loader)
        self._resolver: Any = _Resolver()  # untyped in the stubs
        self._scalars = SafeConstructor()
        self._lines: dict[Loc, int] = {}

    def document(self) -> YamlDocument:
        try:
            return self._document()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise self._error(f"not valid YAML: {error.problem or error.context}", mark.line if mark else 0, _QUOTES) from None
        except yaml.reader.ReaderError as error:
            at = self._text.encode()[: error.position].count(b"\n")
            raise self._error("a character that YAML does not allow", at) from None

    def _document(self) -> YamlDocument:
        value: Any = None
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._error("more than one YAML document", _line(event))
                value = self._build(next(self._events), ())
        return YamlDocument(value, self._lines)

    def _build(self, event: yaml.Event, loc: Loc, depth: int = 0) -> Any:
        line = _line(event)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise self._error("anchors and aliases (&, *) are not allowed", line, "write the value out, or put it in quotes")
        tag: str | None = getattr(event, "tag", None)
        if tag is not None:
            raise self._error(f"explicit tags are not allowed: {tag!r:.60}", line, "remove it, or put the value in quotes")
        if depth > MAX_DEPTH:
            raise self._error(f"nested deeper than {MAX_DEPTH} levels", line)
        self._lines.setdefault(loc, self._line(line))
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(loc, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(loc, depth)
        return self._scalar(event)

    def _sequence(self, loc: Loc, depth: int) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._build(event, (*loc, len(items)), depth + 1))
        return items

    def _mapping(self, loc: Loc, depth: int) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            line = _line(event)
            key = self._build(event, (*loc, ""), depth + 1)
            del self._lines[(*loc, "")]
            if not isinstance(key, str):
                raise self._error(f"a key that is not text: {key!r:.60}", line, "put it in quotes")
            if key in mapping:
                raise self._error(f"key {key!r:.60} is given twice", line, "keep one")
            self._lines[(*loc, key)] = self._line(line)
            mapping[key] = self._build(next(self._events), (*loc, key), depth + 1)
        return mapping

    def _scalar(self, event: Any) -> Any:
        tag = self._resolver.resolve(yaml.ScalarNode, event.value, event.implicit)
        if tag == Resolver.DEFAULT_SCALAR_TAG:  # text, as most are
            return event.value
        try:
            return self._scalars.construct_object(yaml.ScalarNode(tag, event.value))
        except ValueError:  # such as a number of more digits than Python converts
            raise self._error(f"cannot be read: {event.value!r:.60}", _line(event), "put it in quotes") from None

    def _error(self, what: str, line: int, hint: str = "") -> SeatFileError:
        """The error at a 0-based line of the text."""
        return SeatFileError(what, path=self._path, line=self._line(line), hint=hint)

    def _line(self, line: int) -> int:
        """The line of the file for a 0-based line of the text."""
        return min(line, self._last) + self._first


def _line(event: yaml.Event) -> int:
    """The 0-based line at which an event begins."""
    return event.start_mark.line if event.start_mark else 0


def dump_readable_yaml(value: Any) -> str:
    """Write what `load_yaml` reads, for people: keys in the order given, text of several lines as it stands.

    Args:
        value: None, a scalar, a list, or a dict with text keys; text holds no lone surrogates.
    """
    written: str = yaml.dump(value, Dumper=_Writer, sort_keys=False, allow_unicode=True, width=120)
    return written


class _Writer(yaml.SafeDumper):
    """Blocks for long text; no anchors, which the reader refuses."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
        return True

    def represent_text(self, text: str) -> yaml.ScalarNode:
        style = None
        if not all(c.isprintable() or c == "\n" for c in text):
            style = '"'
        elif "\n" in text.rstrip("\n"):
            style = "|"
        elif len(text) > _LONG and " " in text and text.strip() == text:
            style = ">"
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_LONG = 100  # characters from which text is folded
_Writer.add_representer(str, _Writer.represent_text)
