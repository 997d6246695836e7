"""Messages that the project's own tests match: these stay as they are."""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass, field
from pathlib import Path

from council.tracer.files import MAX_BYTES

SHORTEST = 4
_FOLDERS = frozenset({"tests", "test", "testing"})
_READS_OUTPUT = ("caplog", "assertLogs", "capsys", "capfd", "LogCapture", "getvalue", "redirect_std", "logger", "logging")


@dataclass(slots=True)
class Pinned:
    """The strings of the tests that look at output."""

    whole: str = ""
    parts: set[str] = field(default_factory=set)

    def matches(self, words: list[str]) -> bool:
        """Whether a test names a message: it holds the message's words, or the message holds a string of the test."""
        said = " ".join(" ".join(words).split())
        chunks = [chunk.strip() for chunk in words if len(chunk.strip()) >= SHORTEST]
        return any(chunk in self.whole for chunk in chunks) or any(part in said for part in self.parts)


def pinned_by_tests(root: Path) -> Pinned:
    """The strings in the tests below a directory."""
    found = Pinned()
    texts: list[str] = []
    for path in sorted(root.rglob("*.py")):
        inside = path.relative_to(root)
        test = path.name.startswith("test_") or path.name == "conftest.py" or not _FOLDERS.isdisjoint(inside.parts[:-1])
        if not test or path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_BYTES:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if any(word in text for word in _READS_OUTPUT):
            texts += _strings(text)
    found.whole = "\n".join(texts)
    found.parts = {text for text in texts if len(text) >= 2 * SHORTEST and " " in text}
    return found


def _strings(text: str) -> list[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return [
        node.value.strip()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) >= SHORTEST
    ]
