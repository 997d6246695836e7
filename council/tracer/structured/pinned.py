"""Messages that the project's own tests match: these stay as they are."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass, field
from pathlib import Path

from council.tracer.files import MAX_BYTES

SHORTEST = 4
TELLING = 12  # so many characters of a message say by themselves which it is
_FOLDERS = frozenset({"tests", "test", "testing"})
_OUTPUT = re.compile(r"(?i)log|output|stderr|stdout|getvalue|records?\b|messages?\b|captured|\bout\b|\berr\b")
_PROJECT = ("pyproject.toml", "setup.py", "setup.cfg", ".git")
_LEVELS = 3
_READS_OUTPUT = ("caplog", "assertLogs", "capsys", "capfd", "LogCapture", "getvalue", "redirect_std", "logger", "logging")


@dataclass(slots=True)
class Pinned:
    """The strings of the tests that look at output; `parts` are those that a message may hold."""

    texts: set[str] = field(default_factory=set)
    parts: set[str] = field(default_factory=set)

    def matches(self, words: list[str]) -> bool:
        """Whether a test names a message: one of its strings holds the message's words, or the message holds one of them."""
        said = " ".join(" ".join(words).split())
        chunks = [chunk for word in words if len(chunk := word.strip()) >= SHORTEST]
        telling = max(chunks, key=len, default="")
        if telling and any(telling in text for text in self.texts):
            return len(telling) >= TELLING or any(all(chunk in text for chunk in chunks) for text in self.texts)
        return any(part in said for part in self.parts)

    def learn(self, text: str) -> None:
        """Take in a test module."""
        for node in ast.walk(_parsed(text)):
            found = _string(node)
            if found:
                self.texts.add(found)
                if len(found) >= 2 * SHORTEST and " " in found:
                    self.parts.add(found)
            self.parts |= _looked_for(node)


def pinned_by_tests(root: Path) -> Pinned:
    """The strings in the tests below a directory, and in the project's test folders where it is a package inside of one."""
    found = Pinned()
    for folder in (root, *_folders_of_project(root)):
        for path in sorted(folder.rglob("*.py")):
            if _is_test(path, root) and (text := _read(path)) and any(word in text for word in _READS_OUTPUT):
                found.learn(text)
    return found


def _folders_of_project(root: Path) -> list[Path]:
    """The test folders of the project that a directory is a package of: `tests/` beside it, or beside its `src/`."""
    for above in root.parents[:_LEVELS]:
        if any((above / name).exists() for name in _PROJECT):
            folders = [above / name for name in sorted(_FOLDERS)]
            return [folder for folder in folders if folder.is_dir() and not folder.is_symlink() and not root.is_relative_to(folder)]
    return []


def _is_test(path: Path, root: Path) -> bool:
    if not path.is_relative_to(root):
        return True  # it stands in a test folder
    inside = path.relative_to(root)
    return path.name.startswith("test_") or path.name == "conftest.py" or not _FOLDERS.isdisjoint(inside.parts[:-1])


def _read(path: Path) -> str:
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_BYTES:
            return ""
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _parsed(text: str) -> ast.AST:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])


def _string(node: ast.AST) -> str:
    return node.value.strip() if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) >= SHORTEST else ""


def _looked_for(node: ast.AST) -> set[str]:
    """What a test looks for in something longer: `x in caplog.text`, `assertIn(x, output)`, `match=x`.

    A word alone counts only where that something is output by its name.
    """
    if isinstance(node, ast.Compare) and any(isinstance(operator, ast.In | ast.NotIn) for operator in node.ops):
        return {
            part for part in [_string(node.left)] if part and (not part.isidentifier() or _OUTPUT.search(ast.unparse(node.comparators[0])))
        }
    if not isinstance(node, ast.Call):
        return set()
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    sought = [keyword.value for keyword in node.keywords if keyword.arg == "match"]
    if name in {"assertIn", "assertNotIn", "assertRegex", "search", "match", "find"} and len(node.args) > 1:
        output = bool(_OUTPUT.search(ast.unparse(node.args[1]) + ast.unparse(node.args[0])))
        sought += [argument for argument in node.args[:2] if output or not _string(argument).isidentifier()]
    return {part for argument in sought if (part := _string(argument))}
