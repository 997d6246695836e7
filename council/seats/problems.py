"""What is wrong with a seat's file: collected while it is read, so that a person sees all of it at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from council.errors import SeatFileError
from council.safe_yaml import YamlDocument, read_yaml

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong: the file as the user named it, the line (0: the whole file), and what to do about it."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}" if self.line else f"{self.path}: {self.message}"


@dataclass(slots=True)
class Problems:
    """Collects the problems of one file, and the phrases in it that a later layer can check.

    Attributes:
        phrases: line and text of every phrase of a checklist reader (see `EvidenceRules`).
    """

    path: str
    phrases: list[tuple[int, str]] = field(default_factory=list)
    _seen: dict[Problem, None] = field(default_factory=dict)  # each once: both halves of a single file read its front matter

    @property
    def found(self) -> list[Problem]:
        """The problems, by line."""
        return sorted(self._seen)

    def add(self, line: int, message: str) -> None:
        """Note a problem at a line."""
        self._seen.setdefault(Problem(self.path, line, message))

    def adopt(self, error: SeatFileError) -> None:
        """Note what an error says."""
        self.add(error.line, f"{error.what} ({error.hint})" if error.hint else error.what)

    def read_mapping(self, text: str, first_line: int) -> YamlDocument | None:
        """A YAML block that must be a mapping, or None with the problem noted."""
        try:
            data = read_yaml(text, path=self.path, first_line=first_line)
        except SeatFileError as error:
            self.adopt(error)
            return None
        if not isinstance(data.value, dict):
            self.add(first_line, "not a mapping (write `key: value`, one a line)")
            return None
        return data

    def first(self) -> SeatFileError:
        """The first problem in order of the lines, as an error that says how many others there are."""
        first, *others = self.found
        more = len(others)
        hint = f"and {more} more: council seats check {self.path}" if more else ""
        return SeatFileError(first.message, path=self.path, line=first.line, hint=hint)

    def validate(self, model: type[M], data: YamlDocument) -> M | None:
        """Data as a model, or None with every problem noted at its line."""
        try:
            return model.model_validate(data.value)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                self.add(data.line(detail["loc"]), _in_words(detail, list(model.model_fields)))
            return None

    def note_phrases(self, data: YamlDocument, *keys: tuple[str, ...]) -> None:
        """Remember the phrases under these keys, with their lines."""
        for key in keys:
            value: Any = data.value
            for name in key:
                value = value.get(name) if isinstance(value, dict) else None
            for index, phrase in enumerate(value if isinstance(value, list) else ()):
                if isinstance(phrase, str):
                    self.phrases.append((data.line((*key, index)), phrase))


def nearest(name: str, names: Iterable[str]) -> str:
    """Words that point from an unknown name to the nearest known ones."""
    known = sorted(set(names))
    close = get_close_matches(name, known, n=2, cutoff=0.5)
    if close:
        return "did you mean " + " or ".join(close) + "?"
    return "known: " + (", ".join(known) or "none")


def _in_words(detail: ErrorDetails, names: list[str]) -> str:
    """A validation error as one line for a person."""
    where = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        key = str(detail["loc"][-1])
        return f"unknown key {key!r:.60}; {nearest(key, names)}" if len(detail["loc"]) == 1 else f"unknown key {where!r:.60}"
    if detail["type"] == "missing":
        return f"{where} is missing"
    message = detail["msg"].replace("tuple", "list").replace("Input should be", "should be").removeprefix("Value error, ")
    given = repr(detail["input"])
    return f"{where}: {message}, not {given:.60}" if where else message
