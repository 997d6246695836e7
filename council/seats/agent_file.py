"""The chair's half of a seat file: what it can do, its template, its error-context standard."""

from __future__ import annotations

import json
from typing import Any

from pydantic import Field

from council.seats.document import Block, Item, SeatDocument, Section
from council.seats.markup import bold_lead, label, plain, unquoted
from council.seats.model import Authority, Part, Task
from council.seats.parts import SectionReader
from council.seats.problems import Problems

AGENT_PARTS = frozenset({"capabilities", "review", "execution", "template", "error_context"})

# Keys of Claude Code's agent files that are not ours too; kept in `Agent.extra`, never acted upon.
CLAUDE_CODE_KEYS = frozenset(
    {"model", "color", "tools", "disallowedTools", "permissionMode", "maxTurns", "skills", "mcpServers", "hooks", "memory"}
    | {"background", "effort", "isolation", "initialPrompt"}
)


class AgentHead(Part):
    """Front matter of an agent file, Claude Code's keys apart."""

    name: str
    title: str = ""
    description: str = ""
    domain: str = ""
    authority: tuple[Authority, ...] = ()
    persona: str = ""
    mode: str = ""
    genie: dict[str, Any] = Field(default_factory=dict)
    forge: dict[str, Any] = Field(default_factory=dict)


class AgentReader(SectionReader):
    """Reads the sections of a chair."""

    def __init__(self, document: SeatDocument, problems: Problems) -> None:
        super().__init__(document, problems)
        self.handlers = {
            "capabilities": self._capabilities,
            "review": self._review,
            "execution": self._execution,
            "template": self._template,
            "success": self._success,
            "error_context": self._error_context,
        }

    def _capabilities(self, section: Section) -> list[Section]:
        self.keep(section, section.blocks)
        return section.children

    def _review(self, section: Section) -> list[Section]:
        items, rest = bullets(section.blocks)
        self.fields["review"] = (*self._had("review"), *items)
        self.keep(section, rest)
        return section.children

    def _execution(self, section: Section) -> list[Section]:
        items = [item for block in section.blocks if block.kind == "list" for item in block.items]
        tasks = [Task(name=_task_name(item.text), text=plain(whole(item))) for item in items]
        self.fields["tasks"] = (*self._had("tasks"), *tasks)
        self.keep(section, [block for block in section.blocks if block.kind != "list"])
        return section.children

    def _template(self, section: Section) -> list[Section]:
        rest = []
        blocks = iter(section.blocks)
        for block in blocks:
            if block.kind == "fence" and "template" not in self.fields:
                self.fields["template"] = block.text.rstrip("\n")
            elif label(block.text) == ("success criteria", "") and (following := next(blocks, None)) is not None:
                rest += self._take_success([following])
            else:
                rest.append(block)
        self.keep(section, rest)
        return section.children

    def _success(self, section: Section) -> list[Section]:
        self.keep(section, self._take_success(section.blocks))
        return section.children

    def _take_success(self, blocks: list[Block]) -> list[Block]:
        items, rest = bullets(blocks)
        self.fields["success_criteria"] = (*self._had("success_criteria"), *items)
        return rest

    def _error_context(self, section: Section) -> list[Section]:
        rest = []
        for block in section.blocks:
            if block.kind == "fence" and block.info.split(" ")[0] == "json" and "error_context" not in self.fields:
                self.fields["error_context"] = self._json_fields(block)
            elif block.kind == "paragraph" and "user_facing" not in self.fields:
                rest += self._user_facing(block)
            else:
                rest.append(block)
        self.keep(section, rest)
        return section.children

    def _json_fields(self, block: Block) -> dict[str, str]:
        """The example record of an error-context standard, every value as text."""
        try:
            value = json.loads(block.text)
        except json.JSONDecodeError as error:
            self.problems.add(block.first + error.lineno, f"the error context is not valid JSON: {error.msg}")
            return {}
        except (ValueError, RecursionError):  # a number too long, or nesting too deep, for Python's reader
            self.problems.add(block.first, "the error context is not JSON that can be read")
            return {}
        if not isinstance(value, dict):
            self.problems.add(block.first, "the error context is not a JSON object of fields and example values")
            return {}
        return {key: entry if isinstance(entry, str) else json.dumps(entry, ensure_ascii=False) for key, entry in value.items()}

    def _user_facing(self, block: Block) -> list[Block]:
        """Take the line that a person sees; what stands beside it in the paragraph is left over."""
        lines = block.text.split("\n")
        rest = []
        for offset, line in enumerate(lines):
            name, colon, text = line.replace("**", "").partition(":")
            if colon and name.strip().lower() == "user-facing" and "user_facing" not in self.fields:
                self.fields["user_facing"] = unquoted(text)
            else:
                rest.append(Block("paragraph", block.first + offset, block.first + offset, line))
        return rest

    def _had(self, name: str) -> tuple[Any, ...]:
        had = self.fields.get(name, ())
        return had if isinstance(had, tuple) else ()


def bullets(blocks: list[Block]) -> tuple[tuple[str, ...], list[Block]]:
    """The items of the lists among blocks, each as one line, and the other blocks."""
    items = tuple(plain(whole(item)) for block in blocks if block.kind == "list" for item in block.items)
    return items, [block for block in blocks if block.kind != "list"]


def whole(item: Item) -> str:
    """All of an item's text on one line."""
    return " ".join(" ".join([item.text, *(block.text for block in item.blocks)]).split())


def _task_name(text: str) -> str:
    """The bold words a task begins with, else what stands before a colon or dash, else its first three words."""
    bold = bold_lead(text)
    if bold:
        return bold.rstrip(":")
    words = plain(text)
    for mark in (": ", " - ", " \u2013 ", " \u2014 "):
        head, found, _ = words.partition(mark)
        if found and len(head.split()) <= 6:
            return head
    return " ".join(words.split()[:3]).rstrip(".,;")
