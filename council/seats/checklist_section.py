"""A persona's checklist: groups of questions, their ids, and the evidence rules beside each."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from council.seats.document import Block, Item, Section, split_attribute
from council.seats.markup import bold_lead, plain, slug, without_number
from council.seats.model import Bearing, EvidenceRules, Group, Question
from council.seats.parts import SectionReader, part_of
from council.seats.problems import Problems

MAX_QUESTIONS = 60  # as many as a Reply has room for answers
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,34}")
_EVIDENCE = "evidence"


class _QuestionRules(EvidenceRules):
    """What may stand in the `evidence` block of a question."""

    bears_on: tuple[Bearing, ...] = ()


@dataclass(slots=True)
class _Group:
    """A group while it is read."""

    title: str
    id: str | None
    line: int
    items: list[Item] = field(default_factory=list)


class ChecklistReader:
    """Reads the sections that hold a checklist.

    Args:
        owner: keeps what is no question as prose.
        name: the persona's name, first part of the questions' ids.
        strict: a group without questions is a problem; otherwise it is prose.
    """

    def __init__(self, owner: SectionReader, *, name: str, strict: bool) -> None:
        self._owner = owner
        self._problems = owner.problems
        self._name = name
        self._strict = strict
        self._groups: list[_Group] = []

    def read(self, section: Section) -> list[Section]:
        """Read a section headed as a checklist; returns the children that are something else."""
        self._read_blocks(section, _Group(section.title, section.id, section.line))
        left = []
        for child in section.children:
            part = part_of(child.title)
            if part == "checklist":
                left += self.read(child)
            elif _has_questions(child):
                self._read_blocks(child, _Group(child.title, child.id, child.line))
                left += child.children
            elif part is not None:
                left.append(child)
            else:
                self._without_questions(child.line, child.title)
                self._owner.keep_whole(child)
        return left

    def _read_blocks(self, section: Section, group: _Group) -> None:
        """Questions of a section, in groups under bold lines, or in the group of its heading."""
        rest: list[Block] = []
        bold: list[_Group] = []
        own = group
        for block in section.blocks:
            title, id_ = split_attribute(block.text) if block.kind == "paragraph" else ("", None)
            tasks = [item for item in block.items if item.task]
            if title and bold_lead(title) is not None and title.count("**") == 2 and title.rstrip(":").endswith("**"):
                group = _Group(title.replace("**", "").rstrip(":"), id_, block.first)
                bold.append(group)
            elif tasks:
                if not group.items:
                    self._groups.append(group)
                group.items += tasks
                rest += [Block("other", item.first, item.last, item.text) for item in block.items if not item.task]
            else:
                if block.kind == "fence" and block.info == _EVIDENCE:
                    self._problems.add(block.first, "an evidence block that belongs to no question (indent it under its question)")
                rest.append(block)
        for empty in (found for found in bold if not found.items):
            self._without_questions(empty.line, empty.title)
            rest.append(Block("other", empty.line, empty.line, empty.title))
        if rest or not own.items:  # otherwise the section's title is kept with its group
            self._owner.keep(section, sorted(rest, key=lambda block: block.first))

    def _without_questions(self, line: int, title: str) -> None:
        if self._strict:
            self._problems.add(line, f"group {title!r:.60} has no questions (write each as `- [ ] …?`)")

    def groups(self) -> tuple[Group, ...]:
        """All groups that were read, their questions with ids and rules."""
        count = sum(len(group.items) for group in self._groups)
        if count > MAX_QUESTIONS:
            self._problems.add(self._groups[-1].line, f"{count} questions; a checklist has at most {MAX_QUESTIONS}")
            return ()
        used: set[str] = {group.id for group in self._groups if group.id}
        seen: set[str] = set()
        return tuple(self._group(group, used, seen) for group in self._groups)

    def _group(self, group: _Group, used: set[str], seen: set[str]) -> Group:
        title = without_number(group.title)
        group_id = self._id(group.id, title, 3, group.line, used, seen)
        own = {item.id for item in group.items if item.id}
        had: set[str] = set()
        questions = tuple(self._question(item, group, f"{self._name}.{group_id}.", own, had) for item in group.items)
        return Group(id=group_id, title=title, questions=questions)

    def _question(self, item: Item, group: _Group, prefix: str, used: set[str], seen: set[str]) -> Question:
        evidence, rest = evidence_of(item, self._problems)
        if rest:
            self._owner.keep_text(group.title, "\n\n".join(self._owner.document.source(b.first, b.last) for b in rest))
        rules, bears_on = self._rules(evidence) if evidence else (None, ())
        question_id = self._id(item.id, item.text, 4, item.first, used, seen)
        return Question(id=prefix + question_id, text=plain(item.text), bears_on=bears_on, rules=rules, line=item.first)

    def _rules(self, block: Block) -> tuple[EvidenceRules | None, tuple[Bearing, ...]]:
        data = self._problems.read_mapping(block.text, block.first + 1)
        if data is None:
            return None, ()
        self._problems.note_phrases(
            data, ("sections",), ("phrases",), ("telling",), ("hints",), ("decisive",), ("denials",), ("raised_by",)
        )
        found = self._problems.validate(_QuestionRules, data)
        if found is None:
            return None, ()
        return EvidenceRules(**{name: getattr(found, name) for name in EvidenceRules.model_fields}), found.bears_on

    def _id(self, given: str | None, text: str, words: int, line: int, used: set[str], seen: set[str]) -> str:
        """The id that was given, checked against those `seen`; else one from the words, made unique among those `used`."""
        if given is not None:
            if not _ID.fullmatch(given):
                self._problems.add(line, f"id {given!r:.60} is not of small letters, digits and hyphens, at most 35")
            elif given in seen:
                self._problems.add(line, f"id {given!r} is given twice")
            seen.add(given)
            return given
        stem = slug(text, words=words) or "item"
        candidate, number = stem, 2
        while candidate in used:
            candidate, number = f"{stem}-{number}", number + 1
        used.add(candidate)
        return candidate


def _has_questions(section: Section) -> bool:
    return any(item.task for block in section.blocks for item in block.items)


def evidence_of(item: Item, problems: Problems) -> tuple[Block | None, list[Block]]:
    """The `evidence` block in a list item, and the other blocks there."""
    found = [block for block in item.blocks if block.kind == "fence" and block.info == _EVIDENCE]
    for block in found[1:]:
        problems.add(block.first, "a second evidence block beside one question")
    return (found[0] if found else None), [block for block in item.blocks if block not in found]
