"""What readers found in documents: for each question its status and the lines of the answer, for each seat a vote.

A file of labels has one tab-separated line each, without a header: file, question id (or `vote:SEAT`), status (or
vote), an alternative that a fair reader could give as well or "-", the best lines (`12-14,40`) or "-", a note.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

NEAR = 2  # lines by which a citation may miss the passage that a reader named


@dataclass(frozen=True, slots=True)
class Label:
    """What a reader said of one question or of one seat's vote.

    Attributes:
        statuses: the reader's own and, where given, the alternative.
        lines: the passages, first and last line of each, the best first.
    """

    statuses: tuple[str, ...]
    lines: tuple[tuple[int, int], ...] = ()
    note: str = ""

    def allows(self, *statuses: str) -> bool:
        """Whether the reader gave one of the statuses, or would accept it."""
        return any(status in statuses for status in self.statuses)

    def points_at(self, first: int, last: int) -> bool:
        """Whether a citation stands at one of the passages, or within `NEAR` lines of it."""
        return any(first - NEAR <= end and start - NEAR <= last for start, end in self.lines)


@dataclass
class Labelled:
    """The labels of one document: by question id, and the votes by seat."""

    name: str
    questions: dict[str, Label] = field(default_factory=dict)
    votes: dict[str, Label] = field(default_factory=dict)


def read_labels(paths: Iterable[Path]) -> dict[str, Labelled]:
    """The labels of every document that the files name, in their order."""
    documents: dict[str, Labelled] = {}
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.strip():
                continue
            name, what, status, other, where, note = (*line.split("\t"), "-", "-", "-")[:6]
            label = Label((status,) if other == "-" else (status, other), _spans(where), "" if note == "-" else note)
            document = documents.setdefault(name, Labelled(name))
            if what.startswith("vote:"):
                document.votes[what.removeprefix("vote:")] = label
            else:
                document.questions[what] = label
    return documents


def _spans(where: str) -> tuple[tuple[int, int], ...]:
    spans = []
    for part in where.replace(" ", "").split(","):
        first, _, last = part.partition("-")
        if first.isdigit():
            spans.append((int(first), int(last) if last.isdigit() else int(first)))
    return tuple(spans)


def find_document(name: str, folders: Iterable[Path]) -> Path | None:
    """Where a labelled document stands."""
    return next((folder / name for folder in folders if (folder / name).is_file()), None)
